//! Why a line of a grading file could not be read.

use thiserror::Error;

/// A line of a grading file that is no pair of answers. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum GradeError {
    /// The line is no JSON object of the right form.
    #[error("read line {line}: no grade line in JSON, column {column}")]
    Json {
        /// Line number, from 1.
        line: u64,
        /// Column of the fault in bytes, from 1.
        column: usize,
        /// What the parser says.
        #[source]
        source: serde_json::Error,
    },
    /// A field has a value that cannot be used.
    #[error("read line {line}: {reason}")]
    Field {
        /// Line number, from 1.
        line: u64,
        /// Field and rule.
        reason: String,
    },
}
