/-! Natural numbers and integers: literals, rings, orders, `ac_rfl`, `calc`. -/
set_option autoImplicit false

theorem reorder (a b c d : Nat) : a + b + (c + d) = d + (c + (b + a)) := by ac_rfl
theorem reorder_product (a b c : Nat) : a * b * c * 1 = c * (b * a) := by ac_rfl
theorem reorder_integers (a b c : Int) : a + b + c + 0 = c + b + a := by ac_rfl
theorem reorder_propositions (p q r : Prop) : (p ∧ q ∧ r ∧ p) = (r ∧ q ∧ p) := by ac_rfl

theorem negative_product : (-3 : Int) * -5 = 15 := by decide
theorem integer_order : (-7 : Int) < 3 ∧ ¬ (3 : Int) ≤ -7 := by decide
theorem square_of_sum (a b : Int) : (a + b) * (a + b) = a * a + 2 * (a * b) + b * b := by
  rw [Int.mul_add, Int.add_mul, Int.add_mul, Int.mul_comm b a, show (2 : Int) = 1 + 1 from rfl, Int.add_mul, Int.one_mul]
  ac_rfl
theorem cancel (a b : Int) : a + b - b = a := by simp
theorem square_is_not_negative (x : Int) : 0 ≤ x * x := Int.mul_self_nonneg x

theorem chain (a b c d : Nat) (h : a < b) (k : b ≤ c) (e : c = d) : a < d := by
  calc a < b := h
    _ ≤ c := k
    _ = d := e
theorem between (a b : Nat) (h : a ≤ b) (k : b < a + 1) : a = b :=
  Nat.le_antisymm h (Nat.le_of_lt_succ k)
theorem product_is_zero (a b : Nat) (h : a * b = 0) (k : a ≠ 0) : b = 0 := by
  simp at h
  exact h.elim (fun e => absurd e k) id
theorem trichotomy (a b : Nat) : a < b ∨ a = b ∨ b < a := Nat.lt_trichotomy a b
theorem powers : 2 ^ 10 = 1024 := by decide
theorem quotient : 17 / 5 = 3 ∧ 17 % 5 = 2 := by decide
theorem larger (a b : Nat) : a ≤ max a b := Nat.le_max_left a b
theorem divides (a b c : Nat) (h : a ∣ b) : a ∣ b * c := Nat.dvd_trans h (Nat.dvd_mul_right b c)
