prelude
import Init.WellFounded
/-! Pairs, sums, options, lists, finite numbers, booleans: the types' usual functions and first lemmas. -/
set_option autoImplicit false
set_option linter.unusedVariables false
set_option linter.defProp false
universe u v w

-- Extensionality, as `ext` looks it up.
attribute [ext] funext propext

def decEq {α : Sort u} [inst : DecidableEq α] (a b : α) : Decidable (a = b) := inst a b

-- Bool
namespace Bool
@[simp] theorem not_not (b : Bool) : (!!b) = b := by cases b <;> rfl
@[simp] theorem and_true (b : Bool) : (b && true) = b := by cases b <;> rfl
@[simp] theorem true_and (b : Bool) : (true && b) = b := rfl
@[simp] theorem and_false (b : Bool) : (b && false) = false := by cases b <;> rfl
@[simp] theorem false_and (b : Bool) : (false && b) = false := rfl
@[simp] theorem or_true (b : Bool) : (b || true) = true := by cases b <;> rfl
@[simp] theorem true_or (b : Bool) : (true || b) = true := rfl
@[simp] theorem or_false (b : Bool) : (b || false) = b := by cases b <;> rfl
@[simp] theorem false_or (b : Bool) : (false || b) = b := rfl
@[simp] theorem and_self (b : Bool) : (b && b) = b := by cases b <;> rfl
@[simp] theorem or_self (b : Bool) : (b || b) = b := by cases b <;> rfl
@[simp] theorem not_true : (!true) = false := rfl
@[simp] theorem not_false : (!false) = true := rfl
theorem and_comm (a b : Bool) : (a && b) = (b && a) := by cases a <;> cases b <;> rfl
theorem or_comm (a b : Bool) : (a || b) = (b || a) := by cases a <;> cases b <;> rfl
theorem and_assoc (a b c : Bool) : (a && b && c) = (a && (b && c)) := by cases a <;> rfl
theorem or_assoc (a b c : Bool) : (a || b || c) = (a || (b || c)) := by cases a <;> rfl
theorem not_and (a b : Bool) : (!(a && b)) = (!a || !b) := by cases a <;> rfl
theorem not_or (a b : Bool) : (!(a || b)) = (!a && !b) := by cases a <;> rfl
theorem eq_false_or_eq_true : (b : Bool) → b = true ∨ b = false
  | true => .inl rfl
  | false => .inr rfl
end Bool
@[simp] theorem Bool.false_eq_true : (false = true) = False := eq_false fun h => nomatch h
@[simp] theorem Bool.true_eq_false : (true = false) = False := eq_false fun h => nomatch h

-- Pairs and sums
@[simp] theorem Prod.mk.eta {α : Type u} {β : Type v} (p : α × β) : (p.1, p.2) = p := rfl
@[ext] protected theorem Prod.ext {α : Type u} {β : Type v} {p q : α × β} (h₁ : p.1 = q.1) (h₂ : p.2 = q.2) : p = q := by
  cases p; cases q; cases h₁; cases h₂; rfl
def Prod.map {α α' : Type u} {β β' : Type v} (f : α → α') (g : β → β') (p : α × β) : α' × β' := (f p.1, g p.2)
def Prod.swap {α : Type u} {β : Type v} (p : α × β) : β × α := (p.2, p.1)
@[simp] theorem Prod.swap_swap {α : Type u} {β : Type v} (p : α × β) : p.swap.swap = p := rfl
inductive Sum (α : Type u) (β : Type v) where
  | inl (val : α) : Sum α β
  | inr (val : β) : Sum α β
protected def Sum.elim {α : Type u} {β : Type v} {γ : Sort w} (f : α → γ) (g : β → γ) : α ⊕ β → γ
  | .inl a => f a
  | .inr b => g b
structure Sigma {α : Type u} (β : α → Type v) where
  fst : α
  snd : β fst
@[ext] protected theorem Subtype.ext {α : Sort u} {p : α → Prop} {a b : { x // p x }} (h : a.val = b.val) : a = b := by
  cases a; cases b; cases h; rfl

-- Options
instance {α : Type u} : Inhabited (Option α) := ⟨.none⟩
export Option (none some)
namespace Option
def map {α : Type u} {β : Type v} (f : α → β) : Option α → Option β
  | none => none
  | some a => some (f a)
def bind {α : Type u} {β : Type v} : Option α → (α → Option β) → Option β
  | none, _ => none
  | some a, f => f a
def getD {α : Type u} : Option α → α → α
  | none, d => d
  | some a, _ => a
def isSome {α : Type u} : Option α → Bool
  | none => false
  | some _ => true
def isNone {α : Type u} : Option α → Bool
  | none => true
  | some _ => false
section
variable {α : Type u} {β : Type v} {γ : Type w}
@[simp] theorem map_none (f : α → β) : map f none = none := rfl
@[simp] theorem map_some (f : α → β) (a : α) : map f (some a) = some (f a) := rfl
@[simp] theorem map_id (o : Option α) : map id o = o := by cases o <;> rfl
@[simp] theorem map_map (f : α → β) (g : β → γ) (o : Option α) : map g (map f o) = map (g ∘ f) o := by cases o <;> rfl
@[simp] theorem getD_none (d : α) : getD none d = d := rfl
@[simp] theorem getD_some (a d : α) : getD (some a) d = a := rfl
@[simp] theorem bind_none (f : α → Option β) : bind none f = none := rfl
@[simp] theorem bind_some (a : α) (f : α → Option β) : bind (some a) f = f a := rfl
@[simp] theorem some_inj {a b : α} : some a = some b ↔ a = b := ⟨fun h => by injection h, fun h => h ▸ rfl⟩
@[simp] theorem some_ne_none (a : α) : some a ≠ none := fun h => nomatch h
end
end Option
@[simp] theorem reduceCtorEq_none {α : Type u} (a : α) : (none = some a) = False := eq_false fun h => nomatch h

-- Lists
namespace List
variable {α : Type u} {β : Type v} {γ : Type w}
instance : Inhabited (List α) := ⟨[]⟩
protected def append : List α → List α → List α
  | [], ys => ys
  | x :: xs, ys => x :: List.append xs ys
instance instAppend : Append (List α) := ⟨List.append⟩
def length : List α → Nat
  | [] => 0
  | _ :: xs => length xs + 1
def map (f : α → β) : List α → List β
  | [] => []
  | x :: xs => f x :: map f xs
def reverse : List α → List α
  | [] => []
  | x :: xs => reverse xs ++ [x]
def filter (p : α → Bool) : List α → List α
  | [] => []
  | x :: xs => if p x = true then x :: filter p xs else filter p xs
def foldr {β : Type v} (f : α → β → β) (b : β) : List α → β
  | [] => b
  | x :: xs => f x (foldr f b xs)
def foldl {β : Type v} (f : β → α → β) : β → List α → β
  | b, [] => b
  | b, x :: xs => foldl f (f b x) xs
def head? : List α → Option α
  | [] => none
  | x :: _ => some x
def tail : List α → List α
  | [] => []
  | _ :: xs => xs
def replicate (n : Nat) (a : α) : List α := match n with
  | 0 => []
  | n + 1 => a :: replicate n a
def sum : List Nat → Nat
  | [] => 0
  | x :: xs => x + sum xs
def zip {β : Type v} : List α → List β → List (α × β)
  | x :: xs, y :: ys => (x, y) :: zip xs ys
  | _, _ => []
inductive Mem (a : α) : List α → Prop where
  | head (xs : List α) : Mem a (a :: xs)
  | tail (b : α) {xs : List α} (h : Mem a xs) : Mem a (b :: xs)
instance : Membership α (List α) := ⟨fun xs a => Mem a xs⟩

@[simp] theorem nil_append (xs : List α) : [] ++ xs = xs := rfl
@[simp] theorem cons_append (x : α) (xs ys : List α) : x :: xs ++ ys = x :: (xs ++ ys) := rfl
@[simp] theorem append_nil (xs : List α) : xs ++ [] = xs := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [cons_append, ih]
@[simp] theorem append_assoc (xs ys zs : List α) : xs ++ ys ++ zs = xs ++ (ys ++ zs) := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [cons_append, cons_append, cons_append, ih]
@[simp] theorem length_nil : length ([] : List α) = 0 := rfl
@[simp] theorem length_cons (x : α) (xs : List α) : length (x :: xs) = length xs + 1 := rfl
@[simp] theorem length_append (xs ys : List α) : length (xs ++ ys) = length xs + length ys := by
  induction xs with
  | nil => exact (Nat.zero_add _).symm
  | cons x xs ih => rw [cons_append, length_cons, length_cons, ih, Nat.add_right_comm]
@[simp] theorem map_nil (f : α → β) : map f [] = [] := rfl
@[simp] theorem map_cons (f : α → β) (x : α) (xs : List α) : map f (x :: xs) = f x :: map f xs := rfl
@[simp] theorem length_map (f : α → β) (xs : List α) : length (map f xs) = length xs := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [map_cons, length_cons, length_cons, ih]
@[simp] theorem map_append (f : α → β) (xs ys : List α) : map f (xs ++ ys) = map f xs ++ map f ys := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [cons_append, map_cons, map_cons, cons_append, ih]
@[simp] theorem map_map (g : β → γ) (f : α → β) (xs : List α) : map g (map f xs) = map (g ∘ f) xs := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [map_cons, map_cons, map_cons, ih]; rfl
@[simp] theorem map_id (xs : List α) : map id xs = xs := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [map_cons, ih]; rfl
@[simp] theorem reverse_nil : reverse ([] : List α) = [] := rfl
@[simp] theorem reverse_cons (x : α) (xs : List α) : reverse (x :: xs) = reverse xs ++ [x] := rfl
@[simp] theorem reverse_append (xs ys : List α) : reverse (xs ++ ys) = reverse ys ++ reverse xs := by
  induction xs with
  | nil => exact (append_nil _).symm
  | cons x xs ih => rw [cons_append, reverse_cons, reverse_cons, ih, append_assoc]
@[simp] theorem reverse_reverse (xs : List α) : reverse (reverse xs) = xs := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [reverse_cons, reverse_append, ih]; rfl
@[simp] theorem length_reverse (xs : List α) : length (reverse xs) = length xs := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [reverse_cons, length_append, ih]; rfl
@[simp] theorem map_reverse (f : α → β) (xs : List α) : map f (reverse xs) = reverse (map f xs) := by
  induction xs with
  | nil => rfl
  | cons x xs ih => rw [reverse_cons, map_append, ih]; rfl
@[simp] theorem not_mem_nil (a : α) : ¬ a ∈ ([] : List α) := fun h => nomatch h
@[simp] theorem mem_cons {a b : α} {xs : List α} : a ∈ b :: xs ↔ a = b ∨ a ∈ xs := by
  constructor
  · intro h
    cases h with
    | head => exact .inl rfl
    | tail _ h => exact .inr h
  · rintro (rfl | h)
    · exact .head _
    · exact .tail _ h
theorem mem_append {a : α} {xs ys : List α} : a ∈ xs ++ ys ↔ a ∈ xs ∨ a ∈ ys := by
  induction xs with
  | nil => exact ⟨.inr, fun h => h.elim (fun k => nomatch k) id⟩
  | cons x xs ih => rw [cons_append, mem_cons, mem_cons, ih, or_assoc]
@[simp] theorem foldr_nil (f : α → β → β) (b : β) : foldr f b [] = b := rfl
@[simp] theorem foldr_cons (f : α → β → β) (b : β) (x : α) (xs : List α) : foldr f b (x :: xs) = f x (foldr f b xs) := rfl
@[simp] theorem foldl_nil (f : β → α → β) (b : β) : foldl f b [] = b := rfl
@[simp] theorem foldl_cons (f : β → α → β) (b : β) (x : α) (xs : List α) : foldl f b (x :: xs) = foldl f (f b x) xs := rfl
@[simp] theorem sum_nil : sum [] = 0 := rfl
@[simp] theorem sum_cons (n : Nat) (ns : List Nat) : sum (n :: ns) = n + sum ns := rfl
theorem sum_append (ms ns : List Nat) : sum (ms ++ ns) = sum ms + sum ns := by
  induction ms with
  | nil => exact (Nat.zero_add _).symm
  | cons m ms ih => rw [cons_append, sum_cons, sum_cons, ih, Nat.add_assoc]
@[simp] theorem length_replicate (n : Nat) (a : α) : length (replicate n a) = n := by
  induction n with
  | zero => rfl
  | succ n ih => exact congrArg Nat.succ ih
theorem cons_inj {x y : α} {xs ys : List α} (h : x :: xs = y :: ys) : x = y ∧ xs = ys := by injection h with a b; exact ⟨a, b⟩
end List
instance instDecidableEqList {α : Type u} [DecidableEq α] : DecidableEq (List α)
  | [], [] => isTrue rfl
  | [], _ :: _ => isFalse fun h => nomatch h
  | _ :: _, [] => isFalse fun h => nomatch h
  | x :: xs, y :: ys => match decEq x y, instDecidableEqList xs ys with
    | isTrue h, isTrue k => isTrue (h ▸ k ▸ rfl)
    | isFalse h, _ => isFalse fun e => h (List.cons_inj e).1
    | _, isFalse k => isFalse fun e => k (List.cons_inj e).2
instance instDecidableEqOption {α : Type u} [DecidableEq α] : DecidableEq (Option α)
  | none, none => isTrue rfl
  | none, some _ => isFalse fun h => nomatch h
  | some _, none => isFalse fun h => nomatch h
  | some a, some b => match decEq a b with
    | isTrue h => isTrue (h ▸ rfl)
    | isFalse h => isFalse fun e => h (Option.some_inj.1 e)
instance instDecidableEqProd {α : Type u} {β : Type v} [DecidableEq α] [DecidableEq β] : DecidableEq (α × β) :=
  fun p q => match decEq p.1 q.1, decEq p.2 q.2 with
    | isTrue h, isTrue k => isTrue (Prod.ext h k)
    | isFalse h, _ => isFalse fun e => h (e ▸ rfl)
    | _, isFalse k => isFalse fun e => k (e ▸ rfl)

-- Finite numbers
structure Fin (n : Nat) where
  mk ::
  val : Nat
  isLt : val < n
attribute [coe] Fin.val
@[ext] protected theorem Fin.ext {n : Nat} {a b : Fin n} (h : a.val = b.val) : a = b := by
  cases a; cases b; cases h; rfl
theorem Fin.eq_of_val_eq {n : Nat} {a b : Fin n} (h : a.val = b.val) : a = b := Fin.ext h
theorem Fin.val_eq_of_eq {n : Nat} {a b : Fin n} (h : a = b) : a.val = b.val := h ▸ rfl
instance Fin.instLT {n : Nat} : LT (Fin n) := ⟨fun a b => a.val < b.val⟩
instance Fin.instLE {n : Nat} : LE (Fin n) := ⟨fun a b => a.val ≤ b.val⟩
instance instDecidableEqFin (n : Nat) : DecidableEq (Fin n) := fun a b => match decEq a.val b.val with
  | isTrue h => isTrue (Fin.ext h)
  | isFalse h => isFalse fun e => h (Fin.val_eq_of_eq e)
def Fin.elim0 {α : Sort u} (a : Fin 0) : α := absurd a.isLt (Nat.not_succ_le_zero _)
@[app_unexpander Subtype, extern "x"] opaque unexpandSubtype : Lean.PrettyPrinter.Unexpander
@[app_unexpander Sum, extern "x"] opaque _aux_Init_Core___unexpand_Sum_1 : Lean.PrettyPrinter.Unexpander
