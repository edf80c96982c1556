set_option genSizeOf false
set_option genInjectivity false
set_option genCtorIdx false
universe u v

inductive Chain (α : Type u) where
  | stop : Chain α
  | more : α → Chain α → Chain α

def big : Nat := 1267650600228229401496703205376000000000000000001

def step : Nat → Nat := fun n => let m := n + 1; m

def word (_ : Nat) : Prop := "wörd" = "wörd"

theorem swap (p q : Prop) : p ∧ q → q ∧ p := fun h => And.intro h.2 h.1

theorem swap_again (a b : Prop) (h : a ∧ b) : b ∧ a := swap a b h

theorem classical (p : Prop) : p ∨ ¬p := Classical.em p

axiom cheat : False

theorem cheated (p : Prop) : p := False.elim cheat

theorem open_end (p : Prop) : p := sorry

theorem poly (α : Type u) (β : Type v) (x : α) (_ : β) : x = x := rfl

theorem poly_renamed.{a, b} (γ : Type a) (δ : Type b) (y : γ) (_ : δ) : y = y := Eq.refl y

theorem poly_swapped (α : Type v) (β : Type u) (x : α) (_ : β) : x = x := rfl

theorem poly_same (α : Type u) (β : Type u) (x : α) (_ : β) : x = x := rfl

theorem «odd.name\n» : True := True.intro

set_option debug.skipKernelTC true in
unsafe def loop : Nat := loop
