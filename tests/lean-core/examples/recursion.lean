/-! Structural, mutual and well-founded recursion. -/
set_option autoImplicit false

def halve (n : Nat) : Nat := if h : n = 0 then 0 else halve (n - 2) + 1
termination_by n
theorem halve_zero : halve 0 = 0 := by rw [halve]; rfl

def ackermann : Nat → Nat → Nat
  | 0, n => n + 1
  | m + 1, 0 => ackermann m 1
  | m + 1, n + 1 => ackermann m (ackermann (m + 1) n)
termination_by m n => (m, n)
theorem ackermann_zero (n : Nat) : ackermann 0 n = n + 1 := by rw [ackermann]

mutual
def even : Nat → Bool
  | 0 => true
  | n + 1 => odd n
def odd : Nat → Bool
  | 0 => false
  | n + 1 => even n
end
theorem four_is_even : even 4 = true := rfl

theorem by_strong_induction (P : Nat → Prop) (h : ∀ n, (∀ m, m < n → P m) → P n) (n : Nat) : P n := by
  induction n using Nat.strongRecOn with
  | _ n ih => exact h n ih
