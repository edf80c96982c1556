//! Lean as the judge of a batch.

use std::sync::Arc;

use async_trait::async_trait;
use stepproof::lean::Pool;
use stepproof::verify::lean::recheck::Rechecker;
use stepproof::verify::lean::{
    Audit, CandidateKind, Judged, LeanJudge, LeanReport, LeanVerifier, Recheck, RecheckWhen,
};
use stepproof::verify::{Verifier, VerifyError};
use tokio_util::sync::CancellationToken;

use super::judge::{Judge, Look};
use super::line::Proof;
use crate::cli::checker::Checker;

/// Lean with its second look.
pub(super) struct BatchJudge {
    judge: LeanJudge,
    rechecker: Arc<Rechecker>,
}

impl BatchJudge {
    pub(super) fn new(checker: &Checker) -> BatchJudge {
        BatchJudge { judge: checker.judge(), rechecker: checker.rechecker() }
    }
}

#[async_trait]
impl Judge for BatchJudge {
    fn version(&self, kind: CandidateKind) -> String {
        LeanVerifier::new(self.judge.clone(), kind).version()
    }

    fn blank(&self) -> LeanReport {
        let pool: &Pool = self.judge.pool();
        LeanReport {
            diagnostics: Vec::new(),
            goals: Vec::new(),
            axioms: Vec::new(),
            limit_hit: None,
            recheck: Recheck::NotDone,
            audit: Audit::NotDone,
            check_ms: 0.0,
            lean_version: pool.toolchain().version.number.clone(),
            flags: pool.flags(),
            sandbox: self.judge.settings().sandbox.name().to_owned(),
        }
    }

    async fn judge(&self, proof: &Proof, cancel: &CancellationToken) -> Result<Judged, VerifyError> {
        let Proof { statement, candidate, kind, .. } = proof;
        let mut judged = self.judge.judge_keeping(statement, candidate, *kind, cancel).await?;
        let pending = judged.judgement.report.recheck == Recheck::Pending;
        if pending && self.judge.settings().recheck == RecheckWhen::Each {
            let Judged { judgement, document } = &mut judged;
            self.settle(vec![Look { document, judgement }], cancel).await;
        }
        if judged.judgement.report.recheck != Recheck::Pending {
            // Nobody will look at it again, and it holds the candidate once more.
            judged.document = None;
        }
        Ok(judged)
    }

    async fn settle(&self, looks: Vec<Look<'_>>, cancel: &CancellationToken) {
        let (mut judgements, mut documents) = (Vec::new(), Vec::new());
        for look in looks {
            if let Some(document) = look.document.take() {
                judgements.push(look.judgement);
                documents.push(document);
            }
        }
        let looked = self.rechecker.recheck_many(&documents, cancel).await;
        for (judgement, looked) in judgements.into_iter().zip(looked) {
            // A look that was told to stop says nothing of the proof.
            if !(cancel.is_cancelled() && matches!(looked.recheck, Recheck::Unavailable(_))) {
                looked.apply(judgement);
            }
        }
    }
}
