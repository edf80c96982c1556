//! Judges a stated answer against the gold answer.

use async_trait::async_trait;

use super::{Judgement, Verifier, VerifyError};
use crate::answer::{self, Source};
use crate::problem::{Reference, Statement};
use crate::trace::Candidate;

/// Compares the answer that a candidate states with the reference.
///
/// A complete answer counts in a truncated output too (truncation is reported apart, by the candidate); a stated answer
/// that runs up to the place of the cut does not, for more of it may have come. The lenient rule looks at the last
/// number, and only where nothing is stated; so the lenient figure is never below the strict one.
#[derive(Debug, Clone, Copy, Default)]
pub struct AnswerVerifier;

impl AnswerVerifier {
    /// Judges without waiting for anything; what [`Verifier::verify`] does.
    #[must_use]
    pub fn judge(
        &self,
        candidate: Option<&Candidate>,
        statement: &Statement,
        reference: Option<&Reference>,
    ) -> Judgement {
        let gold = reference.map(|reference| reference.answer.as_str());
        let judge = |given: Option<&str>| answer::judge(gold, given, statement.form, &statement.options);
        let Some(candidate) = candidate else {
            return Judgement { verdict: judge(None), extracted: None, lenient: false, lean: None };
        };
        let found = answer::extract(&candidate.text, statement.form, &statement.options);
        let cut = candidate.truncated && found.open_ended;
        let extracted = found.answer.filter(|_| !cut);
        let verdict = judge(extracted.as_deref());
        let lenient = match found.source {
            Source::Nothing | Source::Cut => {
                answer::last_number(&candidate.text).is_some_and(|number| judge(Some(&number)).is_accepted())
            }
            Source::Box | Source::Stated => verdict.is_accepted(),
        };
        Judgement { verdict, extracted, lenient, lean: None }
    }
}

#[async_trait]
impl Verifier for AnswerVerifier {
    fn version(&self) -> String {
        answer::VERSION.to_owned()
    }

    async fn verify(
        &self,
        candidate: Option<&Candidate>,
        statement: &Statement,
        reference: Option<&Reference>,
    ) -> Result<Judgement, VerifyError> {
        Ok(self.judge(candidate, statement, reference))
    }
}
