/-! Tactics beyond the plain ones. -/
set_option autoImplicit false

theorem search (p q r : Prop) (hp : p) (f : p → q) (g : q → r) : r := by solve_by_elim
theorem applied (p q : Prop) (hp : p) (f : p → q) : q := by apply_assumption; exact hp
theorem replaced (p q : Prop) (h : p ∧ q) : q := by
  replace h := h.2
  exact h
theorem iterated (p : Prop) (hp : p) : p ∧ p ∧ p := by
  iterate 2 (refine ⟨hp, ?_⟩)
  exact hp
theorem shown (a b : Nat) (h : a = b) : b = a := by
  show b = a
  exact h ▸ rfl
theorem split_if (c : Prop) [Decidable c] (n : Nat) (h : 0 < n) : (if c then n else n + 1) ≠ 0 := by
  split
  · exact Nat.ne_of_gt h
  · exact Nat.succ_ne_zero n
theorem prioritised : (fun x : Nat => x + 0) = id := by funext x; rfl
instance (priority := low) weak : Inhabited Nat := ⟨0⟩
theorem normalised (a b c : Nat) (h : a + b = c) : b + a = c := by
  rw [Nat.add_comm]
  assumption
