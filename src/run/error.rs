//! What can stop a run.

use thiserror::Error;

use crate::store::StoreError;

/// A run that could not be begun or gone on with. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum RunError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored description of a run cannot be used by this program.
    #[error("replay or judge the run {run_id}: {reason}")]
    Stored {
        /// The run.
        run_id: String,
        /// What is wrong.
        reason: String,
    },
}
