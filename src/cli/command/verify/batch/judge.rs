//! What a batch asks of its judge.

use async_trait::async_trait;
use stepproof::verify::VerifyError;
use stepproof::verify::lean::{CandidateKind, Judged, JudgedDocument, LeanJudgement, LeanReport};
use tokio_util::sync::CancellationToken;

use super::line::Proof;

/// A proof whose second look is pending.
pub(super) struct Look<'a> {
    /// What the first verdict was reached on.
    pub(super) document: &'a mut Option<JudgedDocument>,
    /// Made final by the look.
    pub(super) judgement: &'a mut LeanJudgement,
}

/// Judges proofs one by one, and looks again at accepted ones many at a time.
#[async_trait]
pub(super) trait Judge: Send + Sync + 'static {
    /// Names the judge of such candidates, and its version.
    fn version(&self, kind: CandidateKind) -> String;

    /// Gives a report of a judgement that was not reached.
    fn blank(&self) -> LeanReport;

    /// Judges a proof. The second look may be left pending.
    ///
    /// # Errors
    /// No judgement was reached; another try may reach one.
    async fn judge(&self, proof: &Proof, cancel: &CancellationToken) -> Result<Judged, VerifyError>;

    /// Takes second looks. One that is cancelled stays pending.
    async fn settle(&self, looks: Vec<Look<'_>>, cancel: &CancellationToken);
}
