prelude
import Ground
set_option genSizeOf false

axiom own : ∀ (p : Prop), p

theorem clean (α : Sort u) (a : α) : Same a a := honest α a

theorem leans_on_import (α : Sort u) (a b : α) : Same a b := far α a b

theorem leans_on_both (p : Prop) : Same (own p) (own p) := far p (own p) (own p)
