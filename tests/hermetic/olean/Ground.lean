prelude
set_option genSizeOf false
set_option genInjectivity false
set_option genCtorIdx false
set_option bootstrap.inductiveCheckResultingUniverse false

axiom hidden : ∀ (p : Prop), p

inductive Same {α : Sort u} (a : α) : α → Prop where
  | refl : Same a a

theorem honest (α : Sort u) (a : α) : Same a a := Same.refl

theorem leaning (α : Sort u) (a b : α) : Same a b := hidden (Same a b)

theorem far (α : Sort u) (a b : α) : Same a b := leaning α a b
