//! Search over prefixes: what grows them under a budget. It never looks at text formats.

mod chain;

pub use chain::Chain;

use async_trait::async_trait;

use crate::model::Session;
use crate::propose::{Prefix, Proposer};
use crate::trace::Outcome;

/// Where a search ended.
#[derive(Debug, Clone)]
pub struct Found {
    /// The chosen prefix.
    pub prefix: Prefix,
    /// How the search stopped.
    pub outcome: Outcome,
}

/// Grows prefixes from a start. Failures of the infrastructure are outcomes, so that what was written is kept.
#[async_trait]
pub trait Search: Send + Sync {
    /// Searches from `start`.
    async fn search(&self, start: Prefix, proposer: &dyn Proposer, session: &Session) -> Found;
}
