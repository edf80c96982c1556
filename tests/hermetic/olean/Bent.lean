prelude
import Ground
set_option genSizeOf false

def Helper (p : Prop) : Prop := Same p p

theorem Stated_secret (α : Sort u) (a b : α) (h : Helper (Same a b)) : Helper (Same a b) := h

theorem target (β : Sort v) (a b : β) (h : Helper (Same a b)) : Helper (Same a b) := h

theorem Check (γ : Sort w) (x y : γ) (h : Helper (Same x y)) : Helper (Same x y) := target γ x y h


theorem Check_weaker (γ : Sort w) (x : γ) (h : Helper (Same x x)) : Helper (Same x x) := h


theorem Check_circular (γ : Sort w) (x y : γ) (h : Helper (Same x y)) : Helper (Same x y) := Stated_secret γ x y h

def Check_definition (γ : Sort w) (x y : γ) (h : Helper (Same x y)) : Helper (Same x y) := h

axiom Check_axiom (γ : Sort w) (x y : γ) (h : Helper (Same x y)) : Helper (Same x y)
