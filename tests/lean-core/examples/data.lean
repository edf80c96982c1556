/-! Lists, options, pairs, sums, finite numbers; derived decidable equality; `ext`. -/
set_option autoImplicit false
variable {α β : Type}

theorem length_both (xs ys : List α) : (xs ++ ys).length = ys.length + xs.length := by simp [Nat.add_comm]
theorem reverse_both (xs ys : List α) : (xs ++ ys).reverse = ys.reverse ++ xs.reverse := by simp
theorem map_both (f : α → β) (xs ys : List α) : (xs ++ ys).map f = xs.map f ++ ys.map f := by
  induction xs with
  | nil => rfl
  | cons x xs ih => simp
theorem membership (a : α) (xs ys : List α) (h : a ∈ xs) : a ∈ xs ++ ys := List.mem_append.2 (.inl h)
theorem computed : [1, 2, 3].map (· + 1) = [2, 3, 4] ∧ [3, 1].reverse = [1, 3] := by decide
theorem nested (o : Option Nat) : (o.map (· + 1)).isSome = o.isSome := by cases o <;> rfl
theorem unpaired (p : α × β) : (p.1, p.2) = p := rfl
theorem swapped (p : α × β) : p.swap.swap = p := by
  ext
  · rfl
  · rfl
theorem either (s : α ⊕ β) : (∃ a, s = .inl a) ∨ ∃ b, s = .inr b := by
  cases s with
  | inl a => exact .inl ⟨a, rfl⟩
  | inr b => exact .inr ⟨b, rfl⟩
theorem no_element (i : Fin 0) : False := i.elim0
theorem equal_functions (f g : α → β) (h : ∀ x, f x = g x) : f = g := by ext x; exact h x
theorem positive (n : { n : Nat // 0 < n }) : n.val ≠ 0 := Nat.ne_of_gt n.property

inductive Tree where
  | leaf
  | node (left right : Tree)
deriving DecidableEq
theorem different : Tree.leaf ≠ .node .leaf .leaf := by decide

inductive Direction where
  | up | down
deriving DecidableEq
def Direction.flip : Direction → Direction
  | up => down
  | down => up
theorem flip_flip (d : Direction) : d.flip.flip = d := by cases d <;> rfl
