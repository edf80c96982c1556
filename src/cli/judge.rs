//! What judges candidates, opened as the settings say: the grader of answers, or Lean.

use std::collections::BTreeSet;
use std::sync::Arc;

use stepproof::lean::imports;
use stepproof::problem::Problem;
use stepproof::run::LeanPart;
use stepproof::suite::VerifierKind;
use stepproof::verify::lean::{CandidateKind, LeanVerifier};
use stepproof::verify::{AnswerVerifier, Verifier};
use tokio_util::sync::CancellationToken;

use crate::cli::checker::{self, Checker};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::Stderr;
use crate::cli::settings::Settings;

/// Something that judges.
pub(crate) enum Judge {
    /// Compares answers.
    Answers,
    /// Has Lean check proofs.
    Lean {
        /// Lean, open.
        checker: Box<Checker>,
        /// The judge over it.
        verifier: Arc<LeanVerifier>,
        /// What of it decides verdicts.
        part: LeanPart,
    },
}

impl Judge {
    /// Opens what judges this kind of suite. `cancel` ends checks early.
    ///
    /// # Errors
    /// There is no usable Lean, or it cannot be confined.
    pub(crate) async fn open(
        kind: VerifierKind,
        settings: &Settings,
        stderr: &Stderr,
        cancel: &CancellationToken,
    ) -> Result<Judge, CliError> {
        if kind == VerifierKind::Answer {
            return Ok(Judge::Answers);
        }
        let checker = Box::new(checker::open(settings, stderr).await?);
        let judge = checker.judge();
        let toolchain = checker.pool.toolchain();
        let part = LeanPart {
            version: toolchain.version.number.clone(),
            commit: toolchain.version.commit.clone().unwrap_or_default(),
            flags: checker.pool.flags(),
            project: toolchain.project.as_ref().map(|project| project.display().to_string()),
            recheck: settings.recheck.as_ref().map_or_else(String::new, |recheck| recheck.value.name().to_owned()),
            permitted_axioms: judge.settings().permitted_axioms.clone(),
            check_seconds: judge.settings().deadline.as_secs_f64(),
            audit: checker.audit().map(|kernel| kernel.display().to_string()),
        };
        let verifier = LeanVerifier::new(judge, CandidateKind::Reply).with(checker.rechecker(), cancel.clone());
        Ok(Judge::Lean { checker, verifier: Arc::new(verifier), part })
    }

    /// Gives the verifier.
    pub(crate) fn verifier(&self) -> Arc<dyn Verifier> {
        match self {
            Judge::Answers => Arc::new(AnswerVerifier),
            Judge::Lean { verifier, .. } => Arc::clone(verifier) as Arc<dyn Verifier>,
        }
    }

    /// Tells whether Lean judges.
    pub(crate) fn is_lean(&self) -> bool {
        matches!(self, Judge::Lean { .. })
    }

    /// Describes Lean for a run's description.
    pub(crate) fn part(&self) -> Option<LeanPart> {
        match self {
            Judge::Answers => None,
            Judge::Lean { part, .. } => Some(part.clone()),
        }
    }

    /// Gives how many candidates are judged at once; grading answers takes no time.
    pub(crate) fn workers(&self) -> usize {
        match self {
            Judge::Answers => 0,
            Judge::Lean { checker, .. } => checker.workers(),
        }
    }

    /// Makes sure that what the statements import is there, before anything is asked of a model.
    ///
    /// # Errors
    /// Names what is missing, and the setting that mends it.
    pub(crate) async fn require_imports(&self, suite: &str, problems: &[Problem]) -> Result<(), CliError> {
        let Judge::Lean { verifier, part, .. } = self else { return Ok(()) };
        // One statement for each set of imports: the rest of a header belongs to its statement.
        let formal = problems.iter().filter_map(|problem| problem.statement.formal.as_ref());
        let headers: BTreeSet<&str> = formal.map(|formal| imports(&formal.header)).collect();
        for header in headers {
            let Some(message) = verifier.import_fault(header).await? else { continue };
            let modules = imported(header);
            let said = message.lines().next().unwrap_or_default().to_owned();
            let missing = modules.iter().find(|module| {
                let prefix = module.split('.').next().unwrap_or(module);
                message.contains(&format!("'{module}'")) || message.contains(&format!("'{prefix}'"))
            });
            let missing = missing.or(modules.first()).copied().unwrap_or("its imports");
            let place = part.project.as_ref().map_or_else(
                || format!("Lean {} without a project", part.version),
                |project| format!("the project {project}"),
            );
            let message = format!("judge proofs of {suite}: its statements import {missing}, which {place} has not");
            return Err(CliError::new(Exit::Missing, message)
                .because(said)
                .hint(format!("--lean-project DIR names a Lean project in which {missing} is built")));
        }
        Ok(())
    }

    /// Ends Lean's processes.
    pub(crate) async fn close(self) {
        if let Judge::Lean { checker, .. } = self {
            checker.close().await;
        }
    }
}

/// Gives the modules that a header imports, in their order.
fn imported(header: &str) -> Vec<&str> {
    let lines = header.lines().map(str::trim);
    lines.filter_map(|line| line.strip_prefix("import ")).flat_map(str::split_whitespace).collect()
}
