//! What can stop a run.

use thiserror::Error;

use crate::prompt::PromptError;
use crate::store::StoreError;
use crate::strategy::StrategyError;

/// A run that could not be begun or gone on with. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum RunError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The strategy, or what it needs of a model.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// The prompt.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// Limit, filter or samples leave nothing to do.
    #[error("plan the run: {reason}")]
    NothingSelected {
        /// Why nothing is left.
        reason: String,
    },
    /// The stored description of a run cannot be used by this program.
    #[error("replay or judge the run {run_id}: {reason}")]
    Stored {
        /// The run.
        run_id: String,
        /// What is wrong.
        reason: String,
    },
}
