//! Lean as the verifier of a suite: the judge's verdict, and the second look that makes it final.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::recheck::Rechecker;
use super::{CandidateKind, Judged, LeanJudge, LeanJudgement, Recheck, RecheckWhen};
use crate::lean::{CheckEnd, Severity};
use crate::problem::{FormalStatement, Reference, Statement};
use crate::trace::Candidate;
use crate::verdict::{Rejection, Verdict};
use crate::verify::{Accepted, Judgement, Verifier, VerifyError};

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

    async fn judged(&self, candidate: Option<&Candidate>, formal: &FormalStatement) -> Result<Judged, VerifyError> {
        match candidate {
            Some(candidate) => self.judge.judge_keeping(formal, &candidate.text, self.kind, &self.cancel).await,
            None => {
                let judgement = self.judge.without_lean(Verdict::Rejected(Rejection::NoCandidate));
                Ok(Judged { judgement, document: None })
            }
        }
    }

    /// Takes the second look at every judgement that wants one, many together. A look that was told to stop says nothing.
    async fn look_again(&self, judged: Vec<&mut Judged>) -> Result<(), VerifyError> {
        let Some(rechecker) = &self.rechecker else { return Ok(()) };
        let (mut judgements, mut documents) = (Vec::new(), Vec::new());
        for Judged { judgement, document } in judged {
            if judgement.report.recheck == Recheck::Pending
                && let Some(document) = document.take()
            {
                judgements.push(judgement);
                documents.push(document);
            }
        }
        let looks = rechecker.recheck_many(&documents, &self.cancel).await;
        if self.cancel.is_cancelled() {
            return Err(infrastructure("the second look was cancelled"));
        }
        for (judgement, look) in judgements.into_iter().zip(looks) {
            look.apply(judgement);
        }
        Ok(())
    }
}

fn infrastructure(reason: impl Into<String>) -> VerifyError {
    VerifyError::Infrastructure { reason: reason.into() }
}

fn judgement(judged: LeanJudgement) -> Judgement {
    Judgement { verdict: judged.verdict, extracted: None, lenient: false, lean: Some(Box::new(judged.report)) }
}

fn formal(statement: &Statement) -> Result<&FormalStatement, VerifyError> {
    statement.formal.as_ref().ok_or_else(|| infrastructure(format!("{} has no formal statement", statement.id)))
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
        let mut judged = self.judged(candidate, formal(statement)?).await?;
        if self.judge.settings().recheck == RecheckWhen::Each {
            self.look_again(vec![&mut judged]).await?;
        }
        Ok(judgement(judged.judgement))
    }

    async fn statement_fault(&self, statement: &Statement) -> Result<Option<String>, VerifyError> {
        self.judge.statement_compiles(formal(statement)?, &self.cancel).await
    }

    /// Judges each candidate once more, under a fresh nonce, and looks at what it is compiled to. What gives no judgement
    /// this time may give one the next time, and is an error.
    async fn confirm(&self, accepted: &[Accepted]) -> Vec<Result<Judgement, VerifyError>> {
        let mut judging: Vec<BoxFuture<'_, Result<Judged, VerifyError>>> = Vec::with_capacity(accepted.len());
        for Accepted { candidate, statement } in accepted {
            judging.push(Box::pin(async move { self.judged(Some(candidate), formal(statement)?).await }));
        }
        let mut judged = futures_util::future::join_all(judging).await;
        let looked = self.look_again(judged.iter_mut().flatten().collect()).await;
        let last = |judged: Result<Judged, VerifyError>| {
            let judged = judged?.judgement;
            match (&looked, &judged.verdict, &judged.report.recheck) {
                (Err(VerifyError::Infrastructure { reason }), ..) | (_, _, Recheck::Unavailable(reason)) => {
                    Err(infrastructure(reason.clone()))
                }
                (_, Verdict::Unknown(cause), _) => Err(infrastructure(format!("no second judgement: {cause:?}"))),
                (_, _, Recheck::Pending) => Err(infrastructure("nothing here takes second looks")),
                _ => Ok(judgement(judged)),
            }
        };
        judged.into_iter().map(last).collect()
    }
}
