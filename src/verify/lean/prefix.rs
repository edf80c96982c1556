//! Proofs that grow line by line: the goals after some lines of tactics, for proof search.
//!
//! One worker is kept for one statement, and the text begins the same each time, so lines that two prefixes share are
//! worked on once. What is found here guides a search; a finished proof is then judged like any other candidate.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::LeanJudge;
use super::ban::Room;
use super::classify::goals;
use super::document::{Admitted, Nonce, assemble};
use super::judge::{infrastructure, line_of};
use super::lexer::TokenKind;
use super::statement::TrustedStatement;
use crate::lean::{CheckEnd, Diagnostic, Lease, Place, Severity};
use crate::problem::FormalStatement;
use crate::verify::VerifyError;

/// Words that leave a proof open, whatever Lean says of the rest.
const OPEN: [&str; 4] = ["sorry", "admit", "stop", "sorryAx"];

/// A statement with a worker of its own.
#[derive(Debug)]
pub struct ProofPrefix {
    lease: Lease,
    statement: TrustedStatement,
    /// Kept over all prefixes: a fresh one would make Lean begin anew each time.
    nonce: Nonce,
}

/// Where a proof stands after some lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixState {
    /// How the check ended; only [`CheckEnd::Finished`] says anything of the lines.
    pub end: CheckEnd,
    /// Goals left after the last line, as Lean prints them; none where a line is wrong, for nothing can be built on it.
    pub goals: Vec<String>,
    /// Whether nothing is left to prove and nothing is wrong.
    pub finished: bool,
    /// The first message, in the lines' own places, that says more than that goals are left; also for what a proof must
    /// not use.
    pub first_error: Option<Diagnostic>,
}

impl LeanJudge {
    /// Waits for a worker and keeps it for proofs of one statement.
    ///
    /// # Errors
    /// There is no Lean to ask, or the statement cannot be read.
    pub async fn open_prefix(&self, statement: &FormalStatement) -> Result<ProofPrefix, VerifyError> {
        let statement = TrustedStatement::read(statement).map_err(|reason| VerifyError::Infrastructure { reason })?;
        let lease = self.pool().lease(&statement.header).await.map_err(infrastructure)?;
        Ok(ProofPrefix { lease, statement, nonce: Nonce::draw() })
    }
}

impl ProofPrefix {
    /// Gives the state after these lines of tactics, which stand in the first column.
    ///
    /// # Errors
    /// There is no Lean to ask. What the lines bring about is a state.
    pub async fn after(
        &mut self,
        lines: &[&str],
        deadline: Duration,
        cancel: &CancellationToken,
    ) -> Result<PrefixState, VerifyError> {
        // Goals can be asked for only where a tactic stands.
        let text = if lines.iter().all(|line| line.trim().is_empty()) { "skip".to_owned() } else { lines.join("\n") };
        let admitted = match Admitted::read(&self.statement, &text, Room::Tactics, true) {
            Ok(admitted) => admitted,
            Err(ban) => {
                let place = Place { line: line_of(&text, ban.offset), column: 0 };
                let message = format!("a proof must not use {}", ban.construct);
                let severity = Severity::Error;
                let first_error = Diagnostic { severity, start: place, end: place, message, unsolved_goals: false };
                let (end, goals) = (CheckEnd::Finished, Vec::new());
                return Ok(PrefixState { end, goals, finished: false, first_error: Some(first_error) });
            }
        };
        let open = admitted.words(TokenKind::Word).any(|word| OPEN.contains(&word));
        let assembled = assemble(&self.statement, &admitted, &self.nonce);
        let body = assembled.proof_only();
        let checked = self.lease.check(&body, deadline, cancel).await.map_err(infrastructure)?;
        let errors = checked.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        let (at_end, within): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            errors.partition(|error| error.unsolved_goals && assembled.is_left_at_end(error));
        let returned = |errors: Vec<&Diagnostic>| -> Vec<Diagnostic> {
            errors.into_iter().map(|error| assembled.returned(error)).collect()
        };
        let (at_end, within) = (returned(at_end), returned(within));
        // Lean says itself what is left at the end. Asking takes a quarter as long as a whole check of 200 lines, and is
        // left to where only a block inside is open: the last one is where the proof goes on.
        let mut left = goals(&at_end);
        let block_open = !within.is_empty() && within.iter().all(|error| error.unsolved_goals);
        if checked.end == CheckEnd::Finished && left.is_empty() && block_open {
            let asked = self.lease.goals(assembled.end_of_proof()).await.map_err(infrastructure)?;
            left = asked.filter(|goals| !goals.is_empty()).unwrap_or_else(|| goals(&within));
        }
        let sound = at_end.is_empty() && within.is_empty();
        let finished = checked.end == CheckEnd::Finished && sound && !open;
        let first_error = within.into_iter().find(|error| !error.unsolved_goals);
        Ok(PrefixState { end: checked.end, goals: left, finished, first_error })
    }
}
