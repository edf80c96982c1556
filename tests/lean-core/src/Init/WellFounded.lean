prelude
import Init.Nat
/-! Accessibility, well-founded recursion, sizes: what `termination_by` compiles to. -/
set_option autoImplicit false
set_option linter.unusedVariables false
set_option linter.defProp false
universe u v w

inductive Acc {α : Sort u} (r : α → α → Prop) : α → Prop where
  | intro (x : α) (h : (y : α) → r y x → Acc r y) : Acc r x
theorem Acc.inv {α : Sort u} {r : α → α → Prop} {x y : α} (h₁ : Acc r x) (h₂ : r y x) : Acc r y := match h₁ with
  | .intro _ h => h y h₂
inductive WellFounded {α : Sort u} (r : α → α → Prop) : Prop where
  | intro (h : ∀ a, Acc r a) : WellFounded r
class WellFoundedRelation (α : Sort u) where
  rel : α → α → Prop
  wf : WellFounded rel
namespace WellFounded
theorem apply {α : Sort u} {r : α → α → Prop} (wf : WellFounded r) (a : α) : Acc r a := match wf with
  | .intro h => h a
section
variable {α : Sort u} {C : α → Sort v} {r : α → α → Prop}
noncomputable def fixF (F : (x : α) → ((y : α) → r y x → C y) → C x) (x : α) (a : Acc r x) : C x :=
  @Acc.rec α r (fun x _ => C x) (fun x _ ih => F x ih) x a
theorem fixF_eq (F : (x : α) → ((y : α) → r y x → C y) → C x) (x : α) (a : Acc r x) :
    fixF F x a = F x fun y h => fixF F y (Acc.inv a h) := by
  cases a with
  | intro _ h => rfl
noncomputable def fix (wf : WellFounded r) (F : (x : α) → ((y : α) → r y x → C y) → C x) (x : α) : C x := fixF F x (wf.apply x)
theorem fix_eq (wf : WellFounded r) (F : (x : α) → ((y : α) → r y x → C y) → C x) (x : α) :
    wf.fix F x = F x fun y _ => wf.fix F y := fixF_eq F x (wf.apply x)
theorem induction {C : α → Prop} (wf : WellFounded r) (a : α) (h : ∀ x, (∀ y, r y x → C y) → C x) : C a :=
  fixF (C := C) h a (wf.apply a)
end
end WellFounded

def InvImage {α : Sort u} {β : Sort v} (r : β → β → Prop) (f : α → β) : α → α → Prop := fun a b => r (f a) (f b)
theorem InvImage.accessible {α : Sort u} {β : Sort v} {r : β → β → Prop} (f : α → β) (b : β) (h : Acc r b) :
    ∀ a, f a = b → Acc (InvImage r f) a := by
  induction h with
  | intro b _ ih =>
    intro a e
    subst e
    exact .intro a fun y hy => ih (f y) hy y rfl
theorem InvImage.wf {α : Sort u} {β : Sort v} {r : β → β → Prop} (f : α → β) (h : WellFounded r) : WellFounded (InvImage r f) :=
  ⟨fun a => InvImage.accessible f (f a) (h.apply (f a)) a rfl⟩
@[reducible] def invImage {α : Sort u} {β : Sort v} (f : α → β) (h : WellFoundedRelation β) : WellFoundedRelation α where
  rel := InvImage h.rel f
  wf := InvImage.wf f h.wf

theorem Nat.lt_acc (n : Nat) : Acc (fun a b : Nat => a < b) n := by
  induction n with
  | zero => exact .intro 0 fun y h => absurd h (Nat.not_succ_le_zero y)
  | succ n ih =>
    refine .intro (n + 1) fun y h => ?_
    cases Nat.lt_succ_iff_lt_or_eq.1 h with
    | inl k => exact ih.inv k
    | inr e => subst e; exact ih
@[instance_reducible] def Nat.lt_wfRel : WellFoundedRelation Nat where
  rel a b := a < b
  wf := ⟨Nat.lt_acc⟩
protected theorem Nat.strongRecOn {C : Nat → Prop} (n : Nat) (h : ∀ n, (∀ m, m < n → C m) → C n) : C n := Nat.lt_wfRel.wf.induction n h
protected theorem Nat.strong_induction_on {p : Nat → Prop} (n : Nat) (h : ∀ n, (∀ m, m < n → p m) → p n) : p n := Nat.strongRecOn n h

class SizeOf (α : Sort u) where
  sizeOf : α → Nat
export SizeOf (sizeOf)
protected def default.sizeOf (α : Sort u) : α → Nat := fun _ => 0
instance (priority := low) instSizeOfDefault (α : Sort u) : SizeOf α := ⟨default.sizeOf α⟩
instance instSizeOfNat : SizeOf Nat := ⟨fun n => n⟩
@[simp] theorem sizeOf_default {α : Sort u} (a : α) : @sizeOf α (instSizeOfDefault α) a = 0 := rfl
@[simp] theorem sizeOf_nat (n : Nat) : sizeOf n = n := rfl
instance (priority := low) sizeOfWFRel {α : Sort u} [SizeOf α] : WellFoundedRelation α := invImage sizeOf Nat.lt_wfRel

abbrev measure {α : Sort u} (f : α → Nat) : WellFoundedRelation α := invImage f Nat.lt_wfRel

-- Lexicographic order on pairs, and the sums that mutual definitions are packed into.
inductive PSum (α : Sort u) (β : Sort v) where
  | inl (val : α) : PSum α β
  | inr (val : β) : PSum α β
protected inductive Prod.Lex {α : Type u} {β : Type v} (ra : α → α → Prop) (rb : β → β → Prop) : Prod α β → Prod α β → Prop where
  | left {a₁ : α} (b₁ : β) {a₂ : α} (b₂ : β) (h : ra a₁ a₂) : Prod.Lex ra rb (a₁, b₁) (a₂, b₂)
  | right (a : α) {b₁ b₂ : β} (h : rb b₁ b₂) : Prod.Lex ra rb (a, b₁) (a, b₂)
theorem Prod.lexAccessible {α : Type u} {β : Type v} {ra : α → α → Prop} {rb : β → β → Prop} {a : α} (ha : Acc ra a) (hb : ∀ b, Acc rb b) :
    ∀ b, Acc (Prod.Lex ra rb) (a, b) := by
  induction ha with
  | intro a _ iha =>
    intro b
    have h := hb b
    induction h with
    | intro b _ ihb =>
      refine .intro _ fun y hy => ?_
      cases hy with
      | left b₁ _ h => exact iha _ h b₁
      | right _ h => exact ihb _ h
@[reducible] def Prod.lex {α : Type u} {β : Type v} (ha : WellFoundedRelation α) (hb : WellFoundedRelation β) : WellFoundedRelation (Prod α β) where
  rel := Prod.Lex ha.rel hb.rel
  wf := ⟨fun p => match p with | (a, b) => Prod.lexAccessible (ha.wf.apply a) (hb.wf.apply) b⟩
instance (priority := high) Prod.instWellFoundedRelation {α : Type u} {β : Type v} [ha : WellFoundedRelation α] [hb : WellFoundedRelation β] : WellFoundedRelation (Prod α β) := Prod.lex ha hb
theorem Prod.lex_def {α : Type u} {β : Type v} {r : α → α → Prop} {s : β → β → Prop} {p q : Prod α β} :
    Prod.Lex r s p q ↔ r p.1 q.1 ∨ p.1 = q.1 ∧ s p.2 q.2 := by
  constructor
  · intro h
    cases h with
    | left _ _ h => exact .inl h
    | right _ h => exact .inr ⟨rfl, h⟩
  · intro h
    cases p with
    | mk a b => cases q with
      | mk c d =>
        rcases h with h | ⟨e, h⟩
        · exact .left _ _ h
        · cases e; exact .right _ h
@[reducible] def wfParam {α : Sort u} (a : α) : α := a
-- What the compiler of recursion names: recursion on a measure, and a mark that keeps it from being unfolded.
noncomputable def WellFounded.Nat.fix {α : Sort u} {motive : α → Sort v} (h : α → Nat)
    (F : (x : α) → ((y : α) → InvImage (· < ·) h y x → motive y) → motive x) (x : α) : motive x :=
  (invImage h Nat.lt_wfRel).wf.fix F x
theorem WellFounded.Nat.fix_eq {α : Sort u} {motive : α → Sort v} (h : α → Nat)
    (F : (x : α) → ((y : α) → InvImage (· < ·) h y x → motive y) → motive x) (x : α) :
    WellFounded.Nat.fix h F x = F x fun y _ => WellFounded.Nat.fix h F y := (invImage h Nat.lt_wfRel).wf.fix_eq F x
instance {α : Sort u} [Inhabited α] : Inhabited ((x : α) → α) := ⟨fun x => x⟩
noncomputable opaque Lean.opaqueId {α : Sort u} (x : α) : α := x
-- The macros that prove calls smaller.
@[tactic_parser 1000, extern "x"] opaque tacticClean_wf : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque tacticSimp_wf : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque tacticDecreasing_trivial : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque tacticDecreasing_trivial_pre_omega : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque tacticDecreasing_with_ : Lean.ParserDescr
@[tactic_parser 1000, extern "x"] opaque tacticDecreasing_tactic : Lean.ParserDescr
@[macro tacticClean_wf, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticClean_wf_1 : Lean.Macro
@[macro tacticSimp_wf, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticSimp_wf_1 : Lean.Macro
@[macro tacticDecreasing_trivial, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticDecreasing_trivial_1 : Lean.Macro
@[macro tacticDecreasing_trivial, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticDecreasing_trivial_2 : Lean.Macro
@[macro tacticDecreasing_trivial, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticDecreasing_trivial_3 : Lean.Macro
@[macro tacticDecreasing_trivial_pre_omega, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticDecreasing_trivial_pre_omega_1 : Lean.Macro
@[macro tacticDecreasing_trivial_pre_omega, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticDecreasing_trivial_pre_omega_2 : Lean.Macro
@[macro tacticDecreasing_trivial_pre_omega, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticDecreasing_trivial_pre_omega_3 : Lean.Macro
@[macro tacticDecreasing_with_, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticDecreasing_with__1 : Lean.Macro
@[macro tacticDecreasing_tactic, extern "x"] opaque _aux_Init_WFTactics___macroRules_tacticDecreasing_tactic_1 : Lean.Macro
