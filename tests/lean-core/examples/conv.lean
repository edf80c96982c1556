/-! `conv` blocks. -/
set_option autoImplicit false

theorem rewrite_left (a b c : Nat) (h : a = b) : a + c = b + c := by
  conv =>
    lhs
    rw [h]

theorem rewrite_argument (a b c : Nat) : a * (b + c) = a * (c + b) := by
  conv in b + c => rw [Nat.add_comm]

theorem under_binder (f : Nat → Nat) (h : ∀ x, f x = x) : (fun x => f x + 0) = fun x => x := by
  conv =>
    lhs
    intro x
    rw [Nat.add_zero, h]

theorem enter_path (a b c : Nat) (h : b = c) : a + b * b = a + c * b := by
  conv => enter [1, 2, 1]; rw [h]

theorem one_then_other (p q : Prop) (h : p = q) : (p ∧ q) = (q ∧ q) := by
  conv => lhs; arg 1; rw [h]

theorem simplified (p : Prop) : (p ∧ True) = p := by
  conv => lhs; simp
