//! Lean as the verifier of a suite: the judge's verdict, and the second look that makes it final.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::recheck::{Rechecked, Rechecker};
use super::{Audit, CandidateKind, Judged, LeanJudge, LeanJudgement, Recheck, RecheckWhen};
use crate::lean::{CheckEnd, Severity};
use crate::problem::{FormalStatement, Reference, Statement};
use crate::trace::Candidate;
use crate::verdict::{Cause, Evidence, Rejection, Verdict};
use crate::verify::{Accepted, Judgement, Verifier, VerifyError};

/// Makes a judgement final by what the second look gave. A look that could not be taken leaves nothing to count on.
pub fn settle(judgement: &mut LeanJudgement, look: Rechecked) {
    match &look.recheck {
        Recheck::Confirmed => {
            judgement.verdict = Verdict::Accepted(Evidence::Proved(look.axioms.clone()));
            judgement.report.axioms = look.axioms;
        }
        Recheck::Refuted(reason) => judgement.verdict = Verdict::Rejected(Rejection::Tampered(reason.clone())),
        Recheck::Unavailable(reason) => {
            judgement.verdict = Verdict::Unknown(Cause::Infrastructure(format!("no second look: {reason}")));
        }
        Recheck::NotDone | Recheck::Pending => {}
    }
    if let Audit::Refuted(reason) = &look.audit {
        judgement.verdict = Verdict::Rejected(Rejection::Tampered(format!("the second kernel refuses it: {reason}")));
    }
    judgement.report.recheck = look.recheck;
    judgement.report.audit = look.audit;
}

/// Judges the proof in a candidate's text with Lean.
#[derive(Debug, Clone)]
pub struct LeanVerifier {
    judge: LeanJudge,
    kind: CandidateKind,
    rechecker: Option<Arc<Rechecker>>,
    cancel: CancellationToken,
}

impl LeanVerifier {
    /// Version of the judge's own rules: documents, ban list, classes.
    const RULES: u32 = 1;

    /// Makes a verifier that takes candidates for what `kind` says, models' replies as a rule.
    #[must_use]
    pub fn new(judge: LeanJudge, kind: CandidateKind) -> LeanVerifier {
        LeanVerifier { judge, kind, rechecker: None, cancel: CancellationToken::new() }
    }

    /// Gives the same verifier with what takes second looks, and with what ends its checks early.
    #[must_use]
    pub fn with(self, rechecker: Arc<Rechecker>, cancel: CancellationToken) -> LeanVerifier {
        LeanVerifier { rechecker: Some(rechecker), cancel, ..self }
    }

    /// Says why a header's imports cannot be loaded; nothing where they can.
    ///
    /// # Errors
    /// There is no Lean to ask.
    pub async fn import_fault(&self, header: &str) -> Result<Option<String>, VerifyError> {
        let checked = self.judge.pool().warm(header, 1).await.map_err(super::judge::infrastructure)?;
        let error = checked.diagnostics.into_iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        let message = error.map_or_else(|| "the imports could not be loaded".to_owned(), |error| error.message);
        Ok((checked.end == CheckEnd::HeaderFailed).then_some(message))
    }

    async fn judged(
        &self,
        candidate: Option<&Candidate>,
        formal: &FormalStatement,
        each: bool,
    ) -> Result<LeanJudgement, VerifyError> {
        let Some(candidate) = candidate else {
            return Ok(self.judge.without_lean(Verdict::Rejected(Rejection::NoCandidate)));
        };
        let Judged { mut judgement, document } =
            self.judge.judge_keeping(formal, &candidate.text, self.kind, &self.cancel).await?;
        if let (true, Recheck::Pending, Some(rechecker), Some(document)) =
            (each, &judgement.report.recheck, &self.rechecker, document)
        {
            let look = rechecker.recheck(&document, &self.cancel).await;
            if self.cancel.is_cancelled() {
                return Err(VerifyError::Infrastructure { reason: "the second look was cancelled".to_owned() });
            }
            settle(&mut judgement, look);
        }
        Ok(judgement)
    }
}

fn judgement(judged: LeanJudgement) -> Judgement {
    Judgement { verdict: judged.verdict, extracted: None, lenient: false, lean: Some(Box::new(judged.report)) }
}

fn formal(statement: &Statement) -> Result<&FormalStatement, VerifyError> {
    let missing = || VerifyError::Infrastructure { reason: format!("{} has no formal statement", statement.id) };
    statement.formal.as_ref().ok_or_else(missing)
}

#[async_trait]
impl Verifier for LeanVerifier {
    fn version(&self) -> String {
        let toolchain = self.judge.pool().toolchain();
        format!("lean-{}-{}-{}", LeanVerifier::RULES, self.kind.name(), toolchain.version.number)
    }

    async fn verify(
        &self,
        candidate: Option<&Candidate>,
        statement: &Statement,
        _reference: Option<&Reference>,
    ) -> Result<Judgement, VerifyError> {
        let each = self.judge.settings().recheck == RecheckWhen::Each;
        Ok(judgement(self.judged(candidate, formal(statement)?, each).await?))
    }

    async fn statement_fault(&self, statement: &Statement) -> Result<Option<String>, VerifyError> {
        self.judge.statement_compiles(formal(statement)?, &self.cancel).await
    }

    /// Judges each candidate once more, under a fresh nonce, and looks at what it is compiled to.
    async fn confirm(&self, accepted: &[Accepted]) -> Vec<Result<Judgement, VerifyError>> {
        let looks = accepted.iter().map(async |accepted| {
            let judged = self.judged(Some(&accepted.candidate), formal(&accepted.statement)?, true).await?;
            match &judged.report.recheck {
                // It may be possible another time; till then it stays pending.
                Recheck::Unavailable(reason) => Err(VerifyError::Infrastructure { reason: reason.clone() }),
                _ => Ok(judgement(judged)),
            }
        });
        futures_util::future::join_all(looks).await
    }
}
