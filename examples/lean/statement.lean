import Init

/-- The square of a sum. `make demo` has a proof of it judged, and a text that only pretends to be one. -/
theorem square_of_sum (a b : Nat) : (a + b) * (a + b) = a * a + 2 * (a * b) + b * b := by sorry
