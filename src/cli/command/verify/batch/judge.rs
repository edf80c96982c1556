//! What a batch asks of its judge.

use async_trait::async_trait;
use stepproof::verify::VerifyError;
use stepproof::verify::lean::{LeanJudgement, LeanReport};
use tokio_util::sync::CancellationToken;

use super::line::Proof;

/// Judges proofs one by one, and looks again at accepted ones many at a time.
#[async_trait]
pub(super) trait Judge: Send + Sync + 'static {
    /// Names the judge and its version.
    fn version(&self) -> String;

    /// Gives a report of a judgement that was not reached.
    fn blank(&self) -> LeanReport;

    /// Judges a proof. The second look may be left pending.
    ///
    /// # Errors
    /// No judgement was reached; another try may reach one.
    async fn judge(&self, proof: &Proof, cancel: &CancellationToken) -> Result<LeanJudgement, VerifyError>;

    /// Takes the second look at proofs whose look is pending.
    async fn settle(&self, proofs: Vec<(&Proof, &mut LeanJudgement)>, cancel: &CancellationToken);
}
