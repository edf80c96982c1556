prelude
import Ground
set_option genSizeOf false

def Helper (p : Prop) : Prop := p

theorem Stated_secret (α : Sort u) (a b : α) (h : Helper (Same a b)) : Helper (Same a b) := h
