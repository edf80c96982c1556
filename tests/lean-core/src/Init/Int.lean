prelude
import Init.Order
/-! Integers: a commutative ring with an order, decidable. Every integer is a difference of two naturals; the laws are
shown on differences. -/
set_option autoImplicit false
set_option linter.unusedVariables false
set_option linter.defProp false
set_option linter.unusedSimpArgs false
universe u v w

class Neg (α : Type u) where
  neg : α → α
-- The compiler represents integers natively; what it would compile by cases is native too.
set_option genCtorIdx false in
inductive Int : Type where
  | ofNat (n : Nat) : Int
  | negSucc (n : Nat) : Int
@[reducible] protected noncomputable def Int.ctorIdx (i : Int) : Nat := @Int.casesOn (fun _ => Nat) i (fun _ => 0) fun _ => 1
namespace Int
def subNatNat (m n : Nat) : Int := match n - m with
  | 0 => ofNat (m - n)
  | k + 1 => negSucc k
def negOfNat : Nat → Int
  | 0 => ofNat 0
  | n + 1 => negSucc n
@[extern "lean_int_neg"] protected def neg : Int → Int
  | ofNat n => negOfNat n
  | negSucc n => ofNat (n + 1)
@[extern "lean_int_add"] protected def add : Int → Int → Int
  | ofNat m, ofNat n => ofNat (m + n)
  | ofNat m, negSucc n => subNatNat m (n + 1)
  | negSucc m, ofNat n => subNatNat n (m + 1)
  | negSucc m, negSucc n => negSucc (m + n + 1)
@[extern "lean_int_mul"] protected def mul : Int → Int → Int
  | ofNat m, ofNat n => ofNat (m * n)
  | ofNat m, negSucc n => negOfNat (m * (n + 1))
  | negSucc m, ofNat n => negOfNat ((m + 1) * n)
  | negSucc m, negSucc n => ofNat ((m + 1) * (n + 1))
@[extern "lean_nat_abs"] def natAbs : Int → Nat
  | ofNat n => n
  | negSucc n => n + 1
inductive NonNeg : Int → Prop where
  | mk (n : Nat) : NonNeg (ofNat n)
end Int
instance instOfNat {n : Nat} : OfNat Int n := ⟨Int.ofNat n⟩
instance Int.instNegInt : Neg Int := ⟨Int.neg⟩
instance Int.instAddInt : Add Int := ⟨Int.add⟩
instance Int.instMulInt : Mul Int := ⟨Int.mul⟩
@[extern "lean_int_sub"] protected def Int.sub (a b : Int) : Int := a + -b
instance Int.instSubInt : Sub Int := ⟨Int.sub⟩
instance Int.instLEInt : LE Int := ⟨fun a b => Int.NonNeg (b - a)⟩
instance Int.instLTInt : LT Int := ⟨fun a b => a + 1 ≤ b⟩
instance : Inhabited Int := ⟨Int.ofNat 0⟩
@[extern "lean_int_dec_eq"] instance instDecidableEqInt : DecidableEq Int
  | .ofNat m, .ofNat n => match decEq m n with
    | isTrue h => isTrue (h ▸ rfl)
    | isFalse h => isFalse fun e => h (by injection e)
  | .ofNat _, .negSucc _ => isFalse fun h => nomatch h
  | .negSucc _, .ofNat _ => isFalse fun h => nomatch h
  | .negSucc m, .negSucc n => match decEq m n with
    | isTrue h => isTrue (h ▸ rfl)
    | isFalse h => isFalse fun e => h (by injection e)
@[extern "lean_int_dec_nonneg"] instance Int.decNonneg : (n : Int) → Decidable (Int.NonNeg n)
  | .ofNat n => isTrue (.mk n)
  | .negSucc _ => isFalse fun h => nomatch h
@[extern "lean_int_dec_le"] instance Int.decLe (a b : Int) : Decidable (a ≤ b) := Int.decNonneg (b - a)
@[extern "lean_int_dec_lt"] instance Int.decLt (a b : Int) : Decidable (a < b) := Int.decNonneg (b - (a + 1))

namespace Int
theorem subNatNat_zero (n : Nat) : subNatNat n 0 = ofNat n := by
  unfold subNatNat; rw [Nat.zero_sub, Nat.sub_zero]
theorem subNatNat_zero_left (n : Nat) : subNatNat 0 n = negOfNat n := by
  cases n <;> rfl
theorem subNatNat_succ (m n : Nat) : subNatNat (m + 1) (n + 1) = subNatNat m n := by
  unfold subNatNat; rw [Nat.add_sub_add_right, Nat.add_sub_add_right]
theorem subNatNat_add_right (m n k : Nat) : subNatNat (m + k) (n + k) = subNatNat m n := by
  induction k with
  | zero => rfl
  | succ k ih => exact (subNatNat_succ _ _).trans ih
theorem subNatNat_congr {a b c d : Nat} (h : a + d = c + b) : subNatNat a b = subNatNat c d := by
  rw [← subNatNat_add_right a b d, h, Nat.add_comm b d, subNatNat_add_right]
/-- Every integer is a difference. -/
theorem elim_diff (x : Int) : ∃ a b, x = subNatNat a b := match x with
  | ofNat n => ⟨n, 0, (subNatNat_zero n).symm⟩
  | negSucc n => ⟨0, n + 1, rfl⟩
/-- A difference is a natural number or the opposite of one. -/
theorem diff_cases (a b : Nat) : (∃ k, a = b + k ∧ subNatNat a b = ofNat k) ∨ ∃ k, b = a + (k + 1) ∧ subNatNat a b = negSucc k := by
  rcases Nat.lt_or_ge a b with h | h
  · obtain ⟨k, rfl⟩ := Nat.exists_eq_add_of_le h
    refine .inr ⟨k, Nat.succ_add a k, ?_⟩
    refine (subNatNat_congr (c := 0) (d := k + 1) ?_).trans rfl
    rw [Nat.zero_add]; exact (Nat.succ_add a k).symm
  · obtain ⟨k, rfl⟩ := Nat.exists_eq_add_of_le h
    refine .inl ⟨k, rfl, ?_⟩
    refine (subNatNat_congr (c := k) (d := 0) ?_).trans (subNatNat_zero k)
    exact Nat.add_comm b k
theorem neg_diff (a b : Nat) : -(subNatNat a b) = subNatNat b a := by
  rcases diff_cases a b with ⟨k, rfl, e⟩ | ⟨k, rfl, e⟩
  · rw [e, subNatNat_congr (a := b) (b := b + k) (c := 0) (d := k) (by rw [Nat.zero_add]), subNatNat_zero_left]; rfl
  · rw [e, subNatNat_congr (a := a + (k + 1)) (b := a) (c := k + 1) (d := 0) (by rw [Nat.add_zero, Nat.add_comm]), subNatNat_zero]; rfl
theorem add_diff (a b c d : Nat) : subNatNat a b + subNatNat c d = subNatNat (a + c) (b + d) := by
  rcases diff_cases a b with ⟨j, rfl, e⟩ | ⟨j, rfl, e⟩ <;> rcases diff_cases c d with ⟨k, rfl, f⟩ | ⟨k, rfl, f⟩ <;> rw [e, f]
  · show ofNat (j + k) = _
    rw [← subNatNat_zero]; apply subNatNat_congr
    simp [Nat.add_comm, Nat.add_left_comm]
  · show subNatNat j (k + 1) = _
    apply subNatNat_congr
    simp only [Nat.add_comm, Nat.add_left_comm, Nat.add_assoc]
  · show subNatNat k (j + 1) = _
    apply subNatNat_congr
    simp only [Nat.add_comm, Nat.add_left_comm, Nat.add_assoc]
  · show negSucc (j + k + 1) = _
    refine Eq.trans (b := subNatNat 0 (j + k + 1 + 1)) rfl (subNatNat_congr ?_)
    simp only [Nat.add_comm, Nat.add_left_comm, Nat.add_assoc, Nat.zero_add]
theorem mul_diff (a b c d : Nat) : subNatNat a b * subNatNat c d = subNatNat (a * c + b * d) (a * d + b * c) := by
  rcases diff_cases a b with ⟨j, rfl, e⟩ | ⟨j, rfl, e⟩ <;> rcases diff_cases c d with ⟨k, rfl, f⟩ | ⟨k, rfl, f⟩ <;> rw [e, f]
  · show ofNat (j * k) = _
    rw [← subNatNat_zero]; apply subNatNat_congr
    simp only [Nat.add_zero, Nat.mul_add, Nat.add_mul, Nat.add_comm, Nat.add_left_comm, Nat.add_assoc, Nat.zero_add]
  · show negOfNat (j * (k + 1)) = _
    rw [← subNatNat_zero_left]; apply subNatNat_congr
    simp only [Nat.mul_add, Nat.add_mul, Nat.add_comm, Nat.add_left_comm, Nat.add_assoc, Nat.zero_add]
  · show negOfNat ((j + 1) * k) = _
    rw [← subNatNat_zero_left]; apply subNatNat_congr
    simp only [Nat.mul_add, Nat.add_mul, Nat.add_comm, Nat.add_left_comm, Nat.add_assoc, Nat.zero_add]
  · show ofNat ((j + 1) * (k + 1)) = _
    rw [← subNatNat_zero]; apply subNatNat_congr
    simp only [Nat.add_zero, Nat.mul_add, Nat.add_mul, Nat.add_comm, Nat.add_left_comm, Nat.add_assoc, Nat.zero_add]
theorem nonNeg_diff {a b : Nat} : NonNeg (subNatNat a b) ↔ b ≤ a := by
  rcases diff_cases a b with ⟨k, rfl, e⟩ | ⟨k, rfl, e⟩ <;> rw [e]
  · exact ⟨fun _ => Nat.le_add_right b k, fun _ => .mk k⟩
  · exact ⟨fun h => (nomatch h), fun h => absurd h (Nat.not_le_of_gt (Nat.lt_of_lt_of_le (Nat.lt_succ_self a) (Nat.succ_le_succ (Nat.le_add_right a k))))⟩
theorem ofNat_diff (n : Nat) : (OfNat.ofNat n : Int) = subNatNat n 0 := (subNatNat_zero n).symm

protected theorem add_comm (x y : Int) : x + y = y + x := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  rw [add_diff, add_diff, Nat.add_comm a c, Nat.add_comm b d]
protected theorem add_assoc (x y z : Int) : x + y + z = x + (y + z) := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  obtain ⟨e, f, rfl⟩ := elim_diff z
  rw [add_diff, add_diff, add_diff, add_diff, Nat.add_assoc, Nat.add_assoc]
protected theorem add_left_comm (x y z : Int) : x + (y + z) = y + (x + z) := by
  rw [← Int.add_assoc, Int.add_comm x y, Int.add_assoc]
@[simp] protected theorem add_zero (x : Int) : x + 0 = x := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  rw [ofNat_diff, add_diff]; rfl
@[simp] protected theorem zero_add (x : Int) : 0 + x = x := by rw [Int.add_comm, Int.add_zero]
@[simp] protected theorem add_right_neg (x : Int) : x + -x = 0 := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  rw [neg_diff, add_diff, ofNat_diff, Nat.add_comm b a]; exact subNatNat_congr (by rw [Nat.add_zero, Nat.zero_add])
@[simp] protected theorem add_left_neg (x : Int) : -x + x = 0 := by rw [Int.add_comm, Int.add_right_neg]
@[simp] protected theorem neg_neg (x : Int) : - -x = x := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  rw [neg_diff, neg_diff]
@[simp] protected theorem neg_zero : -(0 : Int) = 0 := rfl
protected theorem neg_add (x y : Int) : -(x + y) = -x + -y := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  rw [add_diff, neg_diff, neg_diff, neg_diff, add_diff]
protected theorem sub_eq_add_neg {x y : Int} : x - y = x + -y := rfl
@[simp] protected theorem sub_self (x : Int) : x - x = 0 := Int.add_right_neg x
@[simp] protected theorem sub_zero (x : Int) : x - 0 = x := Int.add_zero x
@[simp] protected theorem add_sub_cancel (x y : Int) : x + y - y = x := by
  rw [Int.sub_eq_add_neg, Int.add_assoc, Int.add_right_neg, Int.add_zero]
@[simp] protected theorem sub_add_cancel (x y : Int) : x - y + y = x := by
  rw [Int.sub_eq_add_neg, Int.add_assoc, Int.add_left_neg, Int.add_zero]
protected theorem add_left_cancel {x y z : Int} (h : x + y = x + z) : y = z := by
  have k := congrArg (fun t => -x + t) h
  simp only [← Int.add_assoc, Int.add_left_neg, Int.zero_add] at k
  exact k
protected theorem mul_comm (x y : Int) : x * y = y * x := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  rw [mul_diff, mul_diff]; apply subNatNat_congr
  simp only [Nat.mul_comm, Nat.add_comm, Nat.add_left_comm, Nat.add_assoc]
protected theorem mul_assoc (x y z : Int) : x * y * z = x * (y * z) := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  obtain ⟨e, f, rfl⟩ := elim_diff z
  rw [mul_diff, mul_diff, mul_diff, mul_diff]; apply subNatNat_congr
  simp only [Nat.mul_add, Nat.add_mul, Nat.mul_assoc, Nat.add_comm, Nat.add_left_comm, Nat.add_assoc]
protected theorem mul_add (x y z : Int) : x * (y + z) = x * y + x * z := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  obtain ⟨e, f, rfl⟩ := elim_diff z
  rw [add_diff, mul_diff, mul_diff, mul_diff, add_diff]; apply subNatNat_congr
  simp only [Nat.mul_add, Nat.add_comm, Nat.add_left_comm, Nat.add_assoc]
protected theorem add_mul (x y z : Int) : (x + y) * z = x * z + y * z := by
  rw [Int.mul_comm, Int.mul_add, Int.mul_comm z x, Int.mul_comm z y]
protected theorem mul_left_comm (x y z : Int) : x * (y * z) = y * (x * z) := by
  rw [← Int.mul_assoc, Int.mul_comm x y, Int.mul_assoc]
@[simp] protected theorem mul_one (x : Int) : x * 1 = x := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  rw [ofNat_diff, mul_diff]; simp
@[simp] protected theorem one_mul (x : Int) : 1 * x = x := by rw [Int.mul_comm, Int.mul_one]
@[simp] protected theorem mul_zero (x : Int) : x * 0 = 0 := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  rw [ofNat_diff, mul_diff]; rfl
@[simp] protected theorem zero_mul (x : Int) : 0 * x = 0 := by rw [Int.mul_comm, Int.mul_zero]
protected theorem neg_mul (x y : Int) : -x * y = -(x * y) := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  rw [neg_diff, mul_diff, mul_diff, neg_diff]; apply subNatNat_congr
  simp only [Nat.add_comm, Nat.add_left_comm, Nat.add_assoc]
protected theorem mul_neg (x y : Int) : x * -y = -(x * y) := by rw [Int.mul_comm, Int.neg_mul, Int.mul_comm]
@[simp] protected theorem neg_mul_neg (x y : Int) : -x * -y = x * y := by rw [Int.neg_mul, Int.mul_neg, Int.neg_neg]
theorem ofNat_add (m n : Nat) : ofNat (m + n) = ofNat m + ofNat n := rfl
theorem ofNat_mul (m n : Nat) : ofNat (m * n) = ofNat m * ofNat n := rfl

-- order
protected theorem le_def {x y : Int} : x ≤ y ↔ NonNeg (y - x) := Iff.rfl
protected theorem lt_iff_add_one_le {x y : Int} : x < y ↔ x + 1 ≤ y := Iff.rfl
theorem le_diff {a b c d : Nat} : subNatNat a b ≤ subNatNat c d ↔ a + d ≤ c + b := by
  rw [Int.le_def, Int.sub_eq_add_neg, neg_diff, add_diff, nonNeg_diff, Nat.add_comm d a]
@[simp, refl] protected theorem le_refl (x : Int) : x ≤ x := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  rw [le_diff]
protected theorem le_trans {x y z : Int} (h : x ≤ y) (k : y ≤ z) : x ≤ z := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  obtain ⟨e, f, rfl⟩ := elim_diff z
  rw [le_diff] at h k ⊢
  apply Nat.le_of_add_le_add_right (c := c + d)
  have s := Nat.add_le_add h k
  rw [show a + f + (c + d) = a + d + (c + f) by simp only [Nat.add_comm, Nat.add_left_comm, Nat.add_assoc],
    show e + b + (c + d) = c + b + (e + d) by simp only [Nat.add_comm, Nat.add_left_comm, Nat.add_assoc]]
  exact s
protected theorem le_antisymm {x y : Int} (h : x ≤ y) (k : y ≤ x) : x = y := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  rw [le_diff] at h k
  exact subNatNat_congr (Nat.le_antisymm h k)
protected theorem le_total (x y : Int) : x ≤ y ∨ y ≤ x := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  rw [le_diff, le_diff]; exact Nat.le_total _ _
protected theorem add_le_add_left {x y : Int} (h : x ≤ y) (z : Int) : z + x ≤ z + y := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  obtain ⟨c, d, rfl⟩ := elim_diff y
  obtain ⟨e, f, rfl⟩ := elim_diff z
  rw [le_diff] at h
  rw [add_diff, add_diff, le_diff]
  have s := Nat.add_le_add_left h (e + f)
  simp only [Nat.add_comm, Nat.add_left_comm, Nat.add_assoc] at s ⊢
  exact s
protected theorem add_le_add_right {x y : Int} (h : x ≤ y) (z : Int) : x + z ≤ y + z := by
  rw [Int.add_comm x z, Int.add_comm y z]; exact Int.add_le_add_left h z
protected theorem add_le_add {w x y z : Int} (h : w ≤ x) (k : y ≤ z) : w + y ≤ x + z :=
  Int.le_trans (Int.add_le_add_right h y) (Int.add_le_add_left k x)
protected theorem lt_irrefl (x : Int) : ¬ x < x := by
  obtain ⟨a, b, rfl⟩ := elim_diff x
  rw [Int.lt_iff_add_one_le, ofNat_diff, add_diff, le_diff, Nat.add_right_comm]
  exact Nat.not_succ_le_self _
protected theorem le_of_lt {x y : Int} (h : x < y) : x ≤ y := by
  refine Int.le_trans ?_ h
  have k := Int.add_le_add_left (x := 0) (y := 1) (.mk 1) x
  rw [Int.add_zero] at k; exact k
protected theorem lt_of_lt_of_le {x y z : Int} (h : x < y) (k : y ≤ z) : x < z := Int.le_trans h k
protected theorem lt_of_le_of_lt {x y z : Int} (h : x ≤ y) (k : y < z) : x < z := Int.le_trans (Int.add_le_add_right h 1) k
protected theorem lt_trans {x y z : Int} (h : x < y) (k : y < z) : x < z := Int.lt_of_lt_of_le h (Int.le_of_lt k)
theorem mul_self_nonneg (x : Int) : 0 ≤ x * x := by
  rw [Int.le_def, Int.sub_zero]
  match x with
  | ofNat n => exact .mk (n * n)
  | negSucc n => exact .mk ((n + 1) * (n + 1))
end Int
instance : Trans (α := Int) (· ≤ ·) (· ≤ ·) (· ≤ ·) := ⟨Int.le_trans⟩
instance : Trans (α := Int) (· < ·) (· < ·) (· < ·) := ⟨Int.lt_trans⟩
instance : Trans (α := Int) (· < ·) (· ≤ ·) (· < ·) := ⟨Int.lt_of_lt_of_le⟩
instance : Trans (α := Int) (· ≤ ·) (· < ·) (· < ·) := ⟨Int.lt_of_le_of_lt⟩
@[app_unexpander Neg.neg, extern "x"] opaque _aux_Init_Notation___unexpand_Neg_neg_1 : Lean.PrettyPrinter.Unexpander
