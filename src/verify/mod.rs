//! Verifiers: is the candidate right?
//!
//! A wrong candidate is a [`Verdict`]; an error means that no judgement was reached. Only `run` and the command hand a
//! [`Reference`] to a verifier.

mod answer;
pub mod lean;

pub use answer::AnswerVerifier;

use async_trait::async_trait;
use thiserror::Error;

use crate::problem::{Reference, Statement};
use crate::trace::Candidate;
use crate::verdict::Verdict;

/// A verdict with what it was reached on.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The answer found in the candidate, where one was.
    pub extracted: Option<String>,
    /// Whether the lenient rule (last number of the output where no answer is stated) would accept; never part of the
    /// verdict, reported apart.
    pub lenient: bool,
    /// What Lean said, where Lean judged.
    pub lean: Option<Box<lean::LeanReport>>,
}

/// No judgement was reached. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The verifier's surroundings failed.
    #[error("judge the candidate: {reason}")]
    Infrastructure {
        /// What happened.
        reason: String,
    },
}

/// An accepted candidate whose second look is still to come.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// What was accepted.
    pub candidate: Candidate,
    /// What it proves.
    pub statement: Statement,
}

/// Judges candidates.
#[async_trait]
pub trait Verifier: Send + Sync {
    /// Names the verifier and its version; part of the run's hash.
    fn version(&self) -> String;

    /// Judges one candidate.
    ///
    /// # Errors
    /// No judgement was reached; a wrong candidate is no error.
    async fn verify(
        &self,
        candidate: Option<&Candidate>,
        statement: &Statement,
        reference: Option<&Reference>,
    ) -> Result<Judgement, VerifyError>;

    /// Says what is wrong with a statement, before anything is asked of it; nothing where it can be asked.
    ///
    /// # Errors
    /// It could not be found out.
    async fn statement_fault(&self, statement: &Statement) -> Result<Option<String>, VerifyError> {
        let _ = statement;
        Ok(None)
    }

    /// Takes the second look at accepted candidates, away from their texts: one result for each, in order. Where it
    /// cannot be taken now, an error; a later call may succeed.
    async fn confirm(&self, accepted: &[Accepted]) -> Vec<Result<Judgement, VerifyError>> {
        let none = || VerifyError::Infrastructure { reason: "this verifier takes no second look".to_owned() };
        accepted.iter().map(|_| Err(none())).collect()
    }
}
