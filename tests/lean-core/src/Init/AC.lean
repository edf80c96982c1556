prelude
import Init.Int
/-! Associative and commutative operations: the reflection behind `ac_rfl`. An expression becomes the list of its atoms,
put into a normal form; equal lists mean equal values. -/
set_option autoImplicit false
set_option linter.unusedVariables false
set_option linter.defProp false
universe u v w

structure PLift (α : Sort u) : Type u where
  up ::
  down : α
namespace Std
class Associative {α : Sort u} (op : α → α → α) : Prop where
  assoc : (a b c : α) → op (op a b) c = op a (op b c)
class Commutative {α : Sort u} (op : α → α → α) : Prop where
  comm : (a b : α) → op a b = op b a
class IdempotentOp {α : Sort u} (op : α → α → α) : Prop where
  idempotent : (x : α) → op x x = x
class LawfulIdentity {α : Sort u} (op : α → α → α) (o : outParam α) : Prop where
  left_id : (a : α) → op o a = a
  right_id : (a : α) → op a o = a
end Std
open Std

namespace Lean.Data.AC
inductive Expr where
  | var (x : Nat)
  | op (lhs rhs : Expr)
structure Variable {α : Sort u} (op : α → α → α) : Type u where
  value : α
  neutral : Option (PLift (LawfulIdentity op value))
structure Context (α : Sort u) where
  op : α → α → α
  assoc : Associative op
  comm : Option (PLift (Commutative op))
  idem : Option (PLift (IdempotentOp op))
  vars : List (Variable op)
  arbitrary : α
variable {α : Sort u}
def nth {β : Type u} : List β → Nat → β → β
  | [], _, b => b
  | x :: _, 0, _ => x
  | _ :: xs, n + 1, b => nth xs n b
def Context.var (ctx : Context α) (i : Nat) : Variable ctx.op := nth ctx.vars i ⟨ctx.arbitrary, none⟩
def eval (α : Sort u) (ctx : Context α) : Expr → α
  | .var i => (ctx.var i).value
  | .op l r => ctx.op (eval α ctx l) (eval α ctx r)
def evalList (α : Sort u) (ctx : Context α) : List Nat → α
  | [] => ctx.arbitrary
  | [i] => (ctx.var i).value
  | i :: j :: is => ctx.op (ctx.var i).value (evalList α ctx (j :: is))
def Expr.toList : Expr → List Nat
  | .var i => [i]
  | .op l r => l.toList ++ r.toList
def insert (i : Nat) : List Nat → List Nat
  | [] => [i]
  | j :: js => cond (Nat.ble i j) (i :: j :: js) (j :: insert i js)
def sort : List Nat → List Nat
  | [] => []
  | i :: is => insert i (sort is)
def mergeOne (i : Nat) : List Nat → List Nat
  | [] => [i]
  | j :: js => cond (Nat.beq i j) (j :: js) (i :: j :: js)
def mergeIdem : List Nat → List Nat
  | [] => []
  | i :: is => mergeOne i (mergeIdem is)
def Context.isNeutral (ctx : Context α) (i : Nat) : Bool := (ctx.var i).neutral.isSome
def dropOne (ctx : Context α) (i : Nat) : List Nat → List Nat
  | [] => [i]
  | [j] => cond (ctx.isNeutral i) [j] (cond (ctx.isNeutral j) [i] [i, j])
  | j :: k :: ks => cond (ctx.isNeutral i) (j :: k :: ks) (i :: j :: k :: ks)
def removeNeutrals (ctx : Context α) : List Nat → List Nat
  | [] => []
  | i :: is => dropOne ctx i (removeNeutrals ctx is)
def norm (ctx : Context α) (e : Expr) : List Nat :=
  let is := match ctx.comm with
    | some _ => sort e.toList
    | none => e.toList
  let is := removeNeutrals ctx is
  match ctx.idem with
  | some _ => mergeIdem is
  | none => is

/-- Both are empty or neither is, and they have the same value. -/
def Same (ctx : Context α) (is js : List Nat) : Prop := (is = [] ↔ js = []) ∧ evalList α ctx is = evalList α ctx js
theorem cons_iff {i j : Nat} {is js : List Nat} : i :: is = [] ↔ j :: js = [] := ⟨fun e => (nomatch e), fun e => (nomatch e)⟩
theorem Same.refl (ctx : Context α) (is : List Nat) : Same ctx is is := ⟨Iff.rfl, rfl⟩
theorem Same.trans {ctx : Context α} {is js ks : List Nat} (h : Same ctx is js) (k : Same ctx js ks) : Same ctx is ks :=
  ⟨h.1.trans k.1, h.2.trans k.2⟩
theorem Same.cons {ctx : Context α} {is js : List Nat} (i : Nat) (h : Same ctx is js) : Same ctx (i :: is) (i :: js) := by
  refine ⟨cons_iff, ?_⟩
  cases is with
  | nil => cases h.1.1 rfl; rfl
  | cons a is => cases js with
    | nil => exact absurd (h.1.2 rfl) (fun e => nomatch e)
    | cons b js => exact congrArg (ctx.op (ctx.var i).value) h.2
theorem evalList_append (ctx : Context α) (i j : Nat) (is js : List Nat) :
    evalList α ctx (i :: is ++ j :: js) = ctx.op (evalList α ctx (i :: is)) (evalList α ctx (j :: js)) := by
  induction is generalizing i with
  | nil => rfl
  | cons k ks ih => exact (congrArg (ctx.op (ctx.var i).value) (ih k)).trans (ctx.assoc.assoc _ _ _).symm
theorem evalList_toList (ctx : Context α) (e : Expr) : e.toList ≠ [] ∧ evalList α ctx e.toList = eval α ctx e := by
  induction e with
  | var i => exact ⟨fun h => (nomatch h), rfl⟩
  | op l r hl hr =>
    unfold Expr.toList eval
    rw [← hl.2, ← hr.2]
    revert hl hr
    cases l.toList with
    | nil => exact fun h => absurd rfl h.1
    | cons i is => cases r.toList with
      | nil => exact fun _ h => absurd rfl h.1
      | cons j js => exact fun _ _ => ⟨fun h => (nomatch h), evalList_append ctx i j is js⟩
theorem same_insert (ctx : Context α) (h : Commutative ctx.op) (i : Nat) (is : List Nat) : Same ctx (insert i is) (i :: is) := by
  induction is with
  | nil => exact Same.refl ctx _
  | cons j js ih =>
    unfold insert
    cases Nat.ble i j with
    | true => exact Same.refl ctx _
    | false =>
      refine Same.trans (Same.cons j ih) ⟨cons_iff, ?_⟩
      cases js with
      | nil => exact h.comm _ _
      | cons k ks =>
        show ctx.op _ (ctx.op _ _) = ctx.op _ (ctx.op _ _)
        rw [← ctx.assoc.assoc, h.comm (ctx.var j).value, ctx.assoc.assoc]
theorem same_sort (ctx : Context α) (h : Commutative ctx.op) (is : List Nat) : Same ctx (sort is) is := by
  induction is with
  | nil => exact Same.refl ctx _
  | cons i is ih => exact Same.trans (same_insert ctx h i _) (Same.cons i ih)
theorem same_mergeOne (ctx : Context α) (h : IdempotentOp ctx.op) (i : Nat) (is : List Nat) : Same ctx (mergeOne i is) (i :: is) := by
  cases is with
  | nil => exact Same.refl ctx _
  | cons j js =>
    show Same ctx (cond (Nat.beq i j) (j :: js) (i :: j :: js)) _
    rcases (Nat.beq i j).eq_false_or_eq_true with e | e
    · rw [e]
      cases Nat.eq_of_beq_eq_true i j e
      refine ⟨cons_iff, ?_⟩
      cases js with
      | nil => exact (h.idempotent _).symm
      | cons k ks =>
        show ctx.op _ _ = ctx.op _ (ctx.op _ _)
        rw [← ctx.assoc.assoc, h.idempotent]
    · rw [e]; exact Same.refl ctx _
theorem same_mergeIdem (ctx : Context α) (h : IdempotentOp ctx.op) (is : List Nat) : Same ctx (mergeIdem is) is := by
  induction is with
  | nil => exact Same.refl ctx _
  | cons i is ih => exact Same.trans (same_mergeOne ctx h i _) (Same.cons i ih)
theorem neutral_of_isNeutral {ctx : Context α} {i : Nat} (h : ctx.isNeutral i = true) : LawfulIdentity ctx.op (ctx.var i).value := by
  unfold Context.isNeutral at h
  cases e : (ctx.var i).neutral with
  | none => rw [e] at h; exact nomatch h
  | some l => exact l.down
theorem same_dropOne (ctx : Context α) (i : Nat) (is : List Nat) : Same ctx (dropOne ctx i is) (i :: is) := by
  match is with
  | [] => exact Same.refl ctx _
  | [j] =>
    show Same ctx (cond (ctx.isNeutral i) [j] (cond (ctx.isNeutral j) [i] [i, j])) _
    rcases (ctx.isNeutral i).eq_false_or_eq_true with hi | hi
    · rw [hi]; exact ⟨cons_iff, ((neutral_of_isNeutral hi).left_id _).symm⟩
    · rcases (ctx.isNeutral j).eq_false_or_eq_true with hj | hj
      · rw [hi, hj]; exact ⟨cons_iff, ((neutral_of_isNeutral hj).right_id _).symm⟩
      · rw [hi, hj]; exact Same.refl ctx _
  | j :: k :: ks =>
    show Same ctx (cond (ctx.isNeutral i) (j :: k :: ks) (i :: j :: k :: ks)) _
    rcases (ctx.isNeutral i).eq_false_or_eq_true with hi | hi
    · rw [hi]; exact ⟨cons_iff, ((neutral_of_isNeutral hi).left_id _).symm⟩
    · rw [hi]; exact Same.refl ctx _
theorem same_removeNeutrals (ctx : Context α) (is : List Nat) : Same ctx (removeNeutrals ctx is) is := by
  induction is with
  | nil => exact Same.refl ctx _
  | cons i is ih => exact Same.trans (same_dropOne ctx i _) (Same.cons i ih)
theorem evalList_norm (ctx : Context α) (e : Expr) : evalList α ctx (norm ctx e) = eval α ctx e := by
  rw [← (evalList_toList ctx e).2]
  unfold norm
  have h : Same ctx (match ctx.comm with | some _ => sort e.toList | none => e.toList) e.toList := by
    cases ctx.comm with
    | none => exact Same.refl ctx _
    | some c => exact same_sort ctx c.down _
  revert h
  generalize (match ctx.comm with | some _ => sort e.toList | none => e.toList) = is
  intro h
  cases ctx.idem with
  | none => exact (Same.trans (same_removeNeutrals ctx is) h).2
  | some c => exact (Same.trans (same_mergeIdem ctx c.down _) (Same.trans (same_removeNeutrals ctx is) h)).2
theorem Context.eq_of_norm (ctx : Context α) (a b : Expr) (h : (norm ctx a == norm ctx b) = true) : eval α ctx a = eval α ctx b := by
  rw [← evalList_norm ctx a, ← evalList_norm ctx b, of_decide_eq_true h]
end Lean.Data.AC

instance : Associative (α := Nat) (· + ·) := ⟨Nat.add_assoc⟩
instance : Commutative (α := Nat) (· + ·) := ⟨Nat.add_comm⟩
instance : LawfulIdentity (α := Nat) (· + ·) 0 := ⟨Nat.zero_add, Nat.add_zero⟩
instance : Associative (α := Nat) (· * ·) := ⟨Nat.mul_assoc⟩
instance : Commutative (α := Nat) (· * ·) := ⟨Nat.mul_comm⟩
instance : LawfulIdentity (α := Nat) (· * ·) 1 := ⟨Nat.one_mul, Nat.mul_one⟩
instance : Associative (α := Int) (· + ·) := ⟨Int.add_assoc⟩
instance : Commutative (α := Int) (· + ·) := ⟨Int.add_comm⟩
instance : LawfulIdentity (α := Int) (· + ·) 0 := ⟨Int.zero_add, Int.add_zero⟩
instance : Associative (α := Int) (· * ·) := ⟨Int.mul_assoc⟩
instance : Commutative (α := Int) (· * ·) := ⟨Int.mul_comm⟩
instance : LawfulIdentity (α := Int) (· * ·) 1 := ⟨Int.one_mul, Int.mul_one⟩
instance : Associative And := ⟨fun _ _ _ => propext and_assoc⟩
instance : Commutative And := ⟨fun _ _ => propext and_comm⟩
instance : IdempotentOp And := ⟨and_self⟩
instance : Associative Or := ⟨fun _ _ _ => propext or_assoc⟩
instance : Commutative Or := ⟨fun _ _ => propext or_comm⟩
instance : IdempotentOp Or := ⟨or_self⟩
instance : Associative Bool.and := ⟨Bool.and_assoc⟩
instance : Commutative Bool.and := ⟨Bool.and_comm⟩
instance : Associative Bool.or := ⟨Bool.or_assoc⟩
instance : Commutative Bool.or := ⟨Bool.or_comm⟩
