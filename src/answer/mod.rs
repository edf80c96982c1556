//! Mathematical answers: found in a model's output, compared with the gold answer, grouped for a vote.
//!
//! Public functions: [`extract`] finds the answer that an output states, [`equal`] compares two answers, [`explain`]
//! says why, [`cluster`] groups answers that are equal. [`last_number`] is the lenient figure and never part of a
//! verdict. `grade_line` in [`json`] joins them for files of pairs, [`judge`] for a verifier.
//!
//! An answer is read as tokens (`token`), and these as numbers, letters or words (`parsed`) or as a structure of
//! values (`parse`, `meaning`, `expression`). Structures compare by their parts (`compare`), values by exact normal
//! forms (`algebra`): quotients of polynomials over variables, roots of any index and depth, π, e, i, logarithms,
//! cosines of parts of a turn, factorials and powers with variables. No float decides anything.
//!
//! Equal needs a proof: a difference whose normal form is zero, where algebraic numbers are proved to be zero by a
//! separation bound. Different needs one as well: a normal form that cannot be zero, or certified bounds (`interval`,
//! `sample`) that keep the two apart at a point where both are defined. What has neither is
//! [`Equality::Undecided`], and so is whatever has two readings (`1/2x`, `\log 2` beside `\ln 2`), cannot be read, or
//! costs more than its budget (`work`). Every bound makes an answer undecided, never wrong.

mod algebra;
mod clean;
mod cluster;
mod compare;
mod equal;
mod error;
mod explain;
mod expression;
mod extract;
mod interval;
pub mod json;
mod latex;
mod letter;
mod meaning;
mod nesting;
mod number;
mod parse;
mod parsed;
mod sample;
#[cfg(test)]
mod tests;
mod token;
mod unit;
mod words;
mod work;

pub use cluster::{Class, cluster};
pub use equal::{Equality, equal, equal_without_identity, gold_fault, judge};
pub use error::GradeError;
pub use explain::{Explanation, explain};
pub use extract::{Extraction, Source, extract, last_number, states_boxed};

/// Version of extraction and equality; part of a run's hash. It changes whenever a verdict could.
pub const VERSION: &str = "answer-3";

/// Longest answer in bytes that is looked into; a longer one is compared as it stands.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// Most digits of a number that is computed with.
const MAX_DIGITS: usize = 2_000;
