prelude
import Init.Data
/-! Natural numbers, continued: order, subtraction, products, powers, divisibility, minimum and maximum. -/
set_option autoImplicit false
set_option linter.unusedVariables false
set_option linter.defProp false
universe u v w

attribute [simp] Nat.lt_irrefl Nat.lt_succ_self Nat.succ_eq_add_one Nat.le_add_right Nat.le_add_left
namespace Nat
@[simp] theorem lt_add_one (n : Nat) : n < n + 1 := lt_succ_self n
@[simp] theorem zero_lt_succ (n : Nat) : 0 < n + 1 := succ_pos n
@[simp] theorem succ_ne_zero (n : Nat) : n + 1 ≠ 0 := fun h => nomatch h
@[simp] theorem add_one_ne_zero (n : Nat) : n + 1 ≠ 0 := fun h => nomatch h
theorem zero_ne_add_one (n : Nat) : 0 ≠ n + 1 := fun h => nomatch h
@[simp] theorem not_lt_zero (n : Nat) : ¬ n < 0 := not_succ_le_zero n
theorem lt_succ_of_le {a b : Nat} (h : a ≤ b) : a < succ b := succ_le_succ h
theorem le_of_lt_succ {a b : Nat} (h : a < succ b) : a ≤ b := le_of_succ_le_succ h
theorem lt_succ_iff {a b : Nat} : a < succ b ↔ a ≤ b := ⟨le_of_lt_succ, lt_succ_of_le⟩
theorem lt_add_one_iff {a b : Nat} : a < b + 1 ↔ a ≤ b := lt_succ_iff
theorem succ_le_of_lt {a b : Nat} (h : a < b) : succ a ≤ b := h
theorem lt_of_succ_le {a b : Nat} (h : succ a ≤ b) : a < b := h
theorem succ_le_iff {a b : Nat} : succ a ≤ b ↔ a < b := Iff.rfl
theorem succ_lt_succ {a b : Nat} (h : a < b) : succ a < succ b := succ_le_succ h
theorem le_succ_of_le {a b : Nat} (h : a ≤ b) : a ≤ succ b := .step h
theorem lt_succ_of_lt {a b : Nat} (h : a < b) : a < succ b := .step h
theorem succ_le_succ_iff {a b : Nat} : succ a ≤ succ b ↔ a ≤ b := ⟨le_of_succ_le_succ, succ_le_succ⟩
@[simp] theorem add_le_add_iff_right {a b c : Nat} : a + c ≤ b + c ↔ a ≤ b := by
  refine ⟨fun h => ?_, fun h => Nat.add_le_add_right h c⟩
  induction c with
  | zero => exact h
  | succ c ih => exact ih (le_of_succ_le_succ h)
@[simp] theorem add_le_add_iff_left {a b c : Nat} : c + a ≤ c + b ↔ a ≤ b := by
  rw [Nat.add_comm c a, Nat.add_comm c b]; exact add_le_add_iff_right
@[simp] theorem add_lt_add_iff_right {a b c : Nat} : a + c < b + c ↔ a < b := by
  show succ (a + c) ≤ b + c ↔ succ a ≤ b
  rw [← succ_add]; exact add_le_add_iff_right
@[simp] theorem add_lt_add_iff_left {a b c : Nat} : c + a < c + b ↔ a < b := by
  rw [Nat.add_comm c a, Nat.add_comm c b]; exact add_lt_add_iff_right
protected theorem add_lt_add_right {a b : Nat} (h : a < b) (c : Nat) : a + c < b + c := add_lt_add_iff_right.2 h
protected theorem add_lt_add_left {a b : Nat} (h : a < b) (c : Nat) : c + a < c + b := add_lt_add_iff_left.2 h
protected theorem add_lt_add {a b c d : Nat} (h : a < b) (k : c < d) : a + c < b + d :=
  Nat.lt_trans (Nat.add_lt_add_right h c) (Nat.add_lt_add_left k b)
protected theorem add_lt_add_of_lt_of_le {a b c d : Nat} (h : a < b) (k : c ≤ d) : a + c < b + d :=
  Nat.lt_of_lt_of_le (Nat.add_lt_add_right h c) (Nat.add_le_add_left k b)
protected theorem le_of_add_le_add_right {a b c : Nat} (h : a + c ≤ b + c) : a ≤ b := add_le_add_iff_right.1 h
protected theorem le_of_add_le_add_left {a b c : Nat} (h : c + a ≤ c + b) : a ≤ b := add_le_add_iff_left.1 h
protected theorem le_of_eq {a b : Nat} (h : a = b) : a ≤ b := h ▸ Nat.le_refl a
protected theorem ne_of_lt {a b : Nat} (h : a < b) : a ≠ b := fun e => Nat.lt_irrefl b (e ▸ h)
protected theorem ne_of_gt {a b : Nat} (h : b < a) : a ≠ b := fun e => Nat.lt_irrefl b (e ▸ h)
protected theorem lt_asymm {a b : Nat} (h : a < b) : ¬ b < a := fun k => Nat.lt_irrefl a (Nat.lt_trans h k)
protected theorem not_le_of_gt {a b : Nat} (h : b < a) : ¬ a ≤ b := fun k => Nat.lt_irrefl b (Nat.lt_of_lt_of_le h k)
protected theorem not_lt_of_ge {a b : Nat} (h : b ≤ a) : ¬ a < b := fun k => Nat.lt_irrefl a (Nat.lt_of_lt_of_le k h)
protected theorem not_le_of_lt {a b : Nat} (h : b < a) : ¬ a ≤ b := Nat.not_le_of_gt h
protected theorem not_lt_of_le {a b : Nat} (h : b ≤ a) : ¬ a < b := Nat.not_lt_of_ge h
protected theorem lt_of_not_ge {a b : Nat} (h : ¬ b ≤ a) : a < b := (Nat.lt_or_ge a b).elim id fun k => (h k).elim
protected theorem le_of_not_gt {a b : Nat} (h : ¬ b < a) : a ≤ b := (Nat.lt_or_ge b a).elim (fun k => (h k).elim) id
protected theorem lt_of_not_le {a b : Nat} (h : ¬ b ≤ a) : a < b := Nat.lt_of_not_ge h
protected theorem le_of_not_lt {a b : Nat} (h : ¬ b < a) : a ≤ b := Nat.le_of_not_gt h
@[simp] protected theorem not_le {a b : Nat} : ¬ a ≤ b ↔ b < a := ⟨Nat.lt_of_not_ge, Nat.not_le_of_gt⟩
@[simp] protected theorem not_lt {a b : Nat} : ¬ a < b ↔ b ≤ a := ⟨Nat.le_of_not_gt, Nat.not_lt_of_ge⟩
protected theorem lt_or_eq_of_le {a b : Nat} (h : a ≤ b) : a < b ∨ a = b := lt_succ_iff_lt_or_eq.1 (lt_succ_of_le h)
protected theorem eq_or_lt_of_le {a b : Nat} (h : a ≤ b) : a = b ∨ a < b := (Nat.lt_or_eq_of_le h).symm
protected theorem lt_of_le_of_ne {a b : Nat} (h : a ≤ b) (k : a ≠ b) : a < b := (Nat.lt_or_eq_of_le h).elim id fun e => (k e).elim
protected theorem lt_or_gt_of_ne {a b : Nat} (h : a ≠ b) : a < b ∨ a > b :=
  (Nat.lt_or_ge a b).imp id fun k => Nat.lt_of_le_of_ne k fun e => h e.symm
protected theorem lt_trichotomy (a b : Nat) : a < b ∨ a = b ∨ b < a := (Nat.lt_or_ge a b).imp id fun k => (Nat.eq_or_lt_of_le k).imp Eq.symm id
protected theorem pos_of_ne_zero {n : Nat} (h : n ≠ 0) : 0 < n := Nat.lt_of_le_of_ne (zero_le n) fun e => h e.symm
protected theorem pos_iff_ne_zero {n : Nat} : 0 < n ↔ n ≠ 0 := ⟨Nat.ne_of_gt, Nat.pos_of_ne_zero⟩
theorem eq_zero_of_le_zero {n : Nat} (h : n ≤ 0) : n = 0 := Nat.le_antisymm h (zero_le n)
@[simp] protected theorem le_zero_eq (n : Nat) : (n ≤ 0) = (n = 0) := propext ⟨eq_zero_of_le_zero, fun h => h ▸ Nat.le_refl n⟩
theorem eq_zero_or_pos (n : Nat) : n = 0 ∨ 0 < n := (Nat.eq_or_lt_of_le (zero_le n)).imp Eq.symm id
theorem exists_eq_succ_of_ne_zero {n : Nat} (h : n ≠ 0) : ∃ k, n = succ k := match n, h with
  | 0, h => (h rfl).elim
  | k + 1, _ => ⟨k, rfl⟩
theorem exists_eq_add_of_le {a b : Nat} (h : a ≤ b) : ∃ k, b = a + k := by
  induction h with
  | refl => exact ⟨0, rfl⟩
  | step _ ih => obtain ⟨k, e⟩ := ih; exact ⟨k + 1, congrArg succ e⟩
@[simp] protected theorem add_eq_zero_iff {a b : Nat} : a + b = 0 ↔ a = 0 ∧ b = 0 := by
  cases b with
  | zero => exact ⟨fun h => ⟨h, rfl⟩, fun h => h.1⟩
  | succ b => exact ⟨fun h => (succ_ne_zero (a + b) h).elim, fun h => (succ_ne_zero b h.2).elim⟩

-- products and powers
protected theorem left_distrib (a b c : Nat) : a * (b + c) = a * b + a * c := Nat.mul_add a b c
protected theorem right_distrib (a b c : Nat) : (a + b) * c = a * c + b * c := Nat.add_mul a b c
protected theorem mul_left_comm (a b c : Nat) : a * (b * c) = b * (a * c) := by rw [← Nat.mul_assoc, Nat.mul_comm a b, Nat.mul_assoc]
protected theorem mul_right_comm (a b c : Nat) : a * b * c = a * c * b := by rw [Nat.mul_assoc, Nat.mul_comm b c, Nat.mul_assoc]
protected theorem two_mul (n : Nat) : 2 * n = n + n := by rw [show (2 : Nat) = 1 + 1 from rfl, Nat.add_mul, Nat.one_mul]
protected theorem mul_two (n : Nat) : n * 2 = n + n := by rw [Nat.mul_comm, Nat.two_mul]
protected theorem mul_le_mul_left {a b : Nat} (c : Nat) (h : a ≤ b) : c * a ≤ c * b := by
  induction h with
  | refl => exact Nat.le_refl _
  | step _ ih => exact Nat.le_trans ih (le_add_right _ _)
protected theorem mul_le_mul_right {a b : Nat} (c : Nat) (h : a ≤ b) : a * c ≤ b * c := by
  rw [Nat.mul_comm a c, Nat.mul_comm b c]; exact Nat.mul_le_mul_left c h
protected theorem mul_le_mul {a b c d : Nat} (h : a ≤ b) (k : c ≤ d) : a * c ≤ b * d :=
  Nat.le_trans (Nat.mul_le_mul_right c h) (Nat.mul_le_mul_left b k)
protected theorem mul_pos {a b : Nat} (ha : 0 < a) (hb : 0 < b) : 0 < a * b := by
  cases b with
  | zero => exact absurd hb (not_lt_zero 0)
  | succ b => exact Nat.lt_of_lt_of_le ha (le_add_left _ _)
@[simp] protected theorem mul_eq_zero {a b : Nat} : a * b = 0 ↔ a = 0 ∨ b = 0 := by
  constructor
  · intro h
    rcases eq_zero_or_pos a with ha | ha
    · exact .inl ha
    · rcases eq_zero_or_pos b with hb | hb
      · exact .inr hb
      · exact absurd h (Nat.ne_of_gt (Nat.mul_pos ha hb))
  · rintro (rfl | rfl)
    · exact Nat.zero_mul b
    · rfl
attribute [simp] pow_zero
@[simp] protected theorem pow_one (n : Nat) : n ^ 1 = n := Nat.one_mul n
@[simp] protected theorem one_pow (n : Nat) : 1 ^ n = 1 := by
  induction n with
  | zero => rfl
  | succ n ih => rw [← succ_eq_add_one, pow_succ, ih]
protected theorem pow_two (n : Nat) : n ^ 2 = n * n := by rw [show (2 : Nat) = succ 1 from rfl, pow_succ, Nat.pow_one]
protected theorem pow_add (a m n : Nat) : a ^ (m + n) = a ^ m * a ^ n := by
  induction n with
  | zero => exact (Nat.mul_one _).symm
  | succ n ih => rw [← succ_eq_add_one, add_succ, pow_succ, pow_succ, ih, Nat.mul_assoc]
theorem pow_pos {a n : Nat} (h : 0 < a) : 0 < a ^ n := by
  induction n with
  | zero => exact succ_pos 0
  | succ n ih => exact Nat.mul_pos ih h

-- subtraction
@[simp] protected theorem sub_zero (n : Nat) : n - 0 = n := rfl
theorem sub_succ (n m : Nat) : n - succ m = pred (n - m) := rfl
@[simp] theorem succ_sub_succ (n m : Nat) : succ n - succ m = n - m := by
  induction m with
  | zero => rfl
  | succ m ih => exact congrArg pred ih
@[simp] theorem add_sub_add_right (n k m : Nat) : n + k - (m + k) = n - m := by
  induction k with
  | zero => rfl
  | succ k ih => exact (succ_sub_succ _ _).trans ih
@[simp] protected theorem sub_self (n : Nat) : n - n = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => exact (succ_sub_succ n n).trans ih
@[simp] protected theorem zero_sub (n : Nat) : 0 - n = 0 := by
  induction n with
  | zero => rfl
  | succ n ih => exact (congrArg pred ih : pred (0 - n) = pred 0)
@[simp] protected theorem add_sub_cancel (n m : Nat) : n + m - m = n := by
  have h := add_sub_add_right n m 0
  rw [Nat.zero_add] at h; exact h
@[simp] protected theorem add_sub_cancel_left (n m : Nat) : n + m - n = m := by rw [Nat.add_comm]; exact Nat.add_sub_cancel m n
protected theorem sub_add_cancel {n m : Nat} (h : m ≤ n) : n - m + m = n := by
  obtain ⟨k, rfl⟩ := exists_eq_add_of_le h
  rw [Nat.add_sub_cancel_left, Nat.add_comm]
protected theorem add_sub_of_le {n m : Nat} (h : m ≤ n) : m + (n - m) = n := by rw [Nat.add_comm]; exact Nat.sub_add_cancel h
theorem sub_le (n m : Nat) : n - m ≤ n := by
  induction m with
  | zero => exact Nat.le_refl n
  | succ m ih =>
    rw [← succ_eq_add_one, sub_succ]
    cases h : n - m with
    | zero => exact zero_le n
    | succ k => rw [h] at ih; exact Nat.le_trans (le_succ k) ih
theorem sub_lt {n m : Nat} (hn : 0 < n) (hm : 0 < m) : n - m < n := by
  cases n with
  | zero => exact absurd hn (not_lt_zero 0)
  | succ n => cases m with
    | zero => exact absurd hm (not_lt_zero 0)
    | succ m => rw [← succ_eq_add_one, ← succ_eq_add_one, succ_sub_succ]; exact lt_succ_of_le (sub_le n m)
protected theorem sub_eq_zero_of_le {n m : Nat} (h : n ≤ m) : n - m = 0 := by
  obtain ⟨k, rfl⟩ := exists_eq_add_of_le h
  clear h
  induction n with
  | zero => exact Nat.zero_sub _
  | succ n ih => rw [← succ_eq_add_one, succ_add, succ_sub_succ]; exact ih

-- divisibility
protected theorem dvd_refl (n : Nat) : n ∣ n := ⟨1, (Nat.mul_one n).symm⟩
protected theorem dvd_zero (n : Nat) : n ∣ 0 := ⟨0, rfl⟩
protected theorem one_dvd (n : Nat) : 1 ∣ n := ⟨n, (Nat.one_mul n).symm⟩
protected theorem dvd_mul_right (a b : Nat) : a ∣ a * b := ⟨b, rfl⟩
protected theorem dvd_mul_left (a b : Nat) : a ∣ b * a := ⟨b, Nat.mul_comm b a⟩
protected theorem dvd_trans {a b c : Nat} (h : a ∣ b) (k : b ∣ c) : a ∣ c := by
  obtain ⟨x, rfl⟩ := h
  obtain ⟨y, rfl⟩ := k
  exact ⟨x * y, Nat.mul_assoc a x y⟩
protected theorem dvd_add {a b c : Nat} (h : a ∣ b) (k : a ∣ c) : a ∣ b + c := by
  obtain ⟨x, rfl⟩ := h
  obtain ⟨y, rfl⟩ := k
  exact ⟨x + y, (Nat.mul_add a x y).symm⟩
theorem le_of_dvd {a b : Nat} (hb : 0 < b) (h : a ∣ b) : a ≤ b := by
  obtain ⟨x, rfl⟩ := h
  cases x with
  | zero => exact absurd hb (Nat.lt_irrefl 0)
  | succ x => exact le_add_left _ _
end Nat
instance : Trans (α := Nat) (· ∣ ·) (· ∣ ·) (· ∣ ·) := ⟨Nat.dvd_trans⟩

-- minimum and maximum
class Min (α : Type u) where
  min : α → α → α
class Max (α : Type u) where
  max : α → α → α
export Min (min)
export Max (max)
instance Nat.instMin : Min Nat := ⟨fun a b => if a ≤ b then a else b⟩
instance Nat.instMax : Max Nat := ⟨fun a b => if a ≤ b then b else a⟩
namespace Nat
protected theorem min_def {a b : Nat} : min a b = if a ≤ b then a else b := rfl
protected theorem max_def {a b : Nat} : max a b = if a ≤ b then b else a := rfl
protected theorem min_le_left (a b : Nat) : min a b ≤ a := by
  rw [Nat.min_def]; by_cases h : a ≤ b
  · rw [if_pos h]
  · rw [if_neg h]; exact Nat.le_of_lt (Nat.lt_of_not_ge h)
protected theorem min_le_right (a b : Nat) : min a b ≤ b := by
  rw [Nat.min_def]; by_cases h : a ≤ b
  · rw [if_pos h]; exact h
  · rw [if_neg h]
protected theorem le_max_left (a b : Nat) : a ≤ max a b := by
  rw [Nat.max_def]; by_cases h : a ≤ b
  · rw [if_pos h]; exact h
  · rw [if_neg h]
protected theorem le_max_right (a b : Nat) : b ≤ max a b := by
  rw [Nat.max_def]; by_cases h : a ≤ b
  · rw [if_pos h]
  · rw [if_neg h]; exact Nat.le_of_lt (Nat.lt_of_not_ge h)
@[simp] protected theorem min_self (a : Nat) : min a a = a := by rw [Nat.min_def, if_pos (Nat.le_refl a)]
@[simp] protected theorem max_self (a : Nat) : max a a = a := by rw [Nat.max_def, if_pos (Nat.le_refl a)]
end Nat
