//! Reads the files that Lean compiles modules to, away from Lean: imports, constants, types, proofs, axioms.
//!
//! What is printed in a candidate's own process can be bent by the candidate; what is in the compiled file is what the
//! next module would import. The layout is that of the objects in the memory of a running Lean; it is not documented by
//! Lean, and was learnt from its sources and from files. Files of Lean 4 with headers of form 1 and 2 are read.
//!
//! The bytes are hostile: every read is within bounds, nothing recurses on them, and all work is paid from an allowance
//! that grows with the file's size, so a file that unfolds to more is refused.

mod constant;
mod decode;
mod error;
mod export;
mod library;
mod module;
mod name;
mod region;
mod term;

pub use constant::{Constant, Hints, Kind, KindTag, QuotientPart, Rule, Safety};
pub use decode::Renaming;
pub use error::OleanError;
pub use export::export;
pub use library::{Axioms, Closure, Library, Scope, closure};
pub use module::{Module, ModuleReader};
pub use name::{Name, Part};
pub use term::{Expr, ExprId, Level, LevelId, Terms};
