//! Constants of an environment, as the kernel knows them.

use super::name::Name;
use super::term::ExprId;

/// Whether a definition may be used in proofs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safety {
    /// Checked in full.
    Safe,
    /// Not checked for soundness.
    Unsafe,
    /// Recursion that is not shown to end; only compiled code may use it.
    Partial,
}

/// How eagerly a definition is unfolded; of no weight for soundness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hints {
    /// Never.
    Opaque,
    /// Always.
    Abbreviation,
    /// By height.
    Regular(u32),
}

/// The four constants that make quotient types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuotientPart {
    /// The type.
    Type,
    /// The constructor.
    Constructor,
    /// The recursor into types.
    Lift,
    /// The recursor into propositions.
    Induction,
}

/// One computation rule of a recursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The constructor that it is for.
    pub constructor: Name,
    /// The constructor's number of fields.
    pub fields: u64,
    /// What the recursor gives.
    pub result: ExprId,
}

/// What kind of constant it is, with what belongs to that kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Assumed without proof.
    Axiom {
        /// Only compiled code may use it.
        is_unsafe: bool,
    },
    /// A name for a value.
    Definition {
        /// The value.
        value: ExprId,
        /// How eagerly it is unfolded.
        hints: Hints,
        /// Whether proofs may use it.
        safety: Safety,
        /// The names of its mutual block.
        all: Vec<Name>,
    },
    /// A proved proposition.
    Theorem {
        /// The proof.
        value: ExprId,
        /// The names of its mutual block.
        all: Vec<Name>,
    },
    /// A value that is never unfolded.
    Opaque {
        /// The value.
        value: ExprId,
        /// Only compiled code may use it.
        is_unsafe: bool,
        /// The names of its mutual block.
        all: Vec<Name>,
    },
    /// A part of quotient types.
    Quotient(QuotientPart),
    /// An inductive type.
    Inductive {
        /// Number of parameters.
        parameters: u64,
        /// Number of indices.
        indices: u64,
        /// The types of its mutual block.
        all: Vec<Name>,
        /// Its constructors.
        constructors: Vec<Name>,
        /// Number of auxiliary types made for nested ones; `None` in old files, which do not write it.
        nested: Option<u64>,
        /// It occurs in its own constructors.
        is_recursive: bool,
        /// Only compiled code may use it.
        is_unsafe: bool,
        /// It occurs in its constructors as the result of a function.
        is_reflexive: bool,
    },
    /// A constructor of an inductive type.
    Constructor {
        /// The type.
        inductive: Name,
        /// Its number among the type's constructors.
        index: u64,
        /// The type's number of parameters.
        parameters: u64,
        /// Number of fields.
        fields: u64,
        /// Only compiled code may use it.
        is_unsafe: bool,
    },
    /// The recursor of an inductive type.
    Recursor {
        /// The types of the mutual block.
        all: Vec<Name>,
        /// Number of parameters.
        parameters: u64,
        /// Number of indices.
        indices: u64,
        /// Number of motives.
        motives: u64,
        /// Number of minor premises.
        minors: u64,
        /// Computation rules.
        rules: Vec<Rule>,
        /// It computes without looking at the major premise.
        k: bool,
        /// Only compiled code may use it.
        is_unsafe: bool,
    },
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    /// Its full name.
    pub name: Name,
    /// Its universe parameters.
    pub level_parameters: Vec<Name>,
    /// Its type.
    pub ty: ExprId,
    /// Its kind.
    pub kind: Kind,
}

/// The kind alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KindTag {
    /// Assumed without proof.
    Axiom,
    /// A name for a value.
    Definition,
    /// A proved proposition.
    Theorem,
    /// A value that is never unfolded.
    Opaque,
    /// A part of quotient types.
    Quotient,
    /// An inductive type.
    Inductive,
    /// A constructor of an inductive type.
    Constructor,
    /// The recursor of an inductive type.
    Recursor,
}

impl KindTag {
    /// Every kind in the order of their numbers in files.
    pub(crate) const ALL: [KindTag; 8] = [
        KindTag::Axiom,
        KindTag::Definition,
        KindTag::Theorem,
        KindTag::Opaque,
        KindTag::Quotient,
        KindTag::Inductive,
        KindTag::Constructor,
        KindTag::Recursor,
    ];
}
