/-! Connectives, quantifiers, equality. -/
set_option autoImplicit false

theorem and_swap (p q : Prop) (h : p ∧ q) : q ∧ p := by
  obtain ⟨left, right⟩ := h
  exact ⟨right, left⟩

theorem curry (p q r : Prop) : (p ∧ q → r) ↔ (p → q → r) := by
  constructor
  · intro f hp hq
    exact f ⟨hp, hq⟩
  · rintro f ⟨hp, hq⟩
    exact f hp hq
