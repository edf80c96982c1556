//! Mathematical answers: found in a model's output, compared with the gold answer, grouped for a vote.
//!
//! Three public functions carry the meaning. [`extract`] finds the answer that an output states, [`equal`] compares two
//! answers, [`cluster`] groups answers that are equal. [`last_number`] is the lenient figure and never part of a
//! verdict. `grade_line` in [`json`] joins them for files of pairs, [`judge`] for a verifier.
//!
//! Decided exactly: integers, decimals, fractions, mixed numbers, percents, option letters and words. Any other two
//! expressions are equal when they are the same text after cleaning, and [`Equality::Undecided`] otherwise: nothing is
//! guessed, and nothing is compared in floating point. Every bound below makes an answer undecided, never wrong.

mod clean;
mod cluster;
mod equal;
mod error;
mod extract;
pub mod json;
mod latex;
mod letter;
mod number;
mod parsed;
#[cfg(test)]
mod tests;
mod token;
mod words;

pub use cluster::{Class, cluster};
pub use equal::{Equality, equal, equal_without_identity, gold_fault, judge};
pub use error::GradeError;
pub use extract::{Extraction, Source, extract, last_number, states_boxed};

/// Version of extraction and equality; part of a run's hash. It changes whenever a verdict could.
pub const VERSION: &str = "answer-1";

/// Longest answer in bytes that is looked into; a longer one is compared as it stands.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// Most digits of a number that is computed with.
const MAX_DIGITS: usize = 2_000;
