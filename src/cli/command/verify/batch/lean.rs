//! Lean as the judge of a batch.

use async_trait::async_trait;
use stepproof::verify::VerifyError;
use stepproof::verify::lean::{LeanJudgement, LeanReport};
use tokio_util::sync::CancellationToken;

use super::judge::Judge;
use super::line::Proof;
use crate::cli::checker::Checker;

/// Lean.
pub(super) struct BatchJudge;

impl BatchJudge {
    pub(super) fn new(_checker: &Checker) -> BatchJudge {
        BatchJudge
    }
}

#[async_trait]
impl Judge for BatchJudge {
    fn version(&self) -> String {
        String::new()
    }

    fn blank(&self) -> LeanReport {
        unreachable!()
    }

    async fn judge(&self, _proof: &Proof, _cancel: &CancellationToken) -> Result<LeanJudgement, VerifyError> {
        unreachable!()
    }

    async fn settle(&self, _proofs: Vec<(&Proof, &mut LeanJudgement)>, _cancel: &CancellationToken) {}
}
