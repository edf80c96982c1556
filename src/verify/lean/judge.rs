//! Judges candidates against trusted statements with Lean.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::ban::{Ban, Room};
use super::classify::{Classified, classify};
use super::document::{Admitted, JudgedDocument, Nonce, assemble};
use super::reply;
use super::statement::TrustedStatement;
use super::{Audit, CandidateKind, LeanJudgement, LeanReport, Recheck, RecheckWhen};
use crate::lean::{CheckEnd, Diagnostic, Document, LeanError, Pool, Severity};
use crate::problem::FormalStatement;
use crate::sandbox::Level;
use crate::verdict::{Cause, Rejection, Verdict};
use crate::verify::VerifyError;

/// Axioms of Lean's usual mathematics.
pub const USUAL_AXIOMS: [&str; 3] = ["propext", "Classical.choice", "Quot.sound"];

/// How a judge works.
#[derive(Debug, Clone)]
pub struct JudgeSettings {
    /// Time for one check, waiting for a worker left out.
    pub deadline: Duration,
    /// Full names of the axioms that a proof may rest on.
    pub permitted_axioms: Vec<String>,
    /// Longest candidate that is shown to Lean, in bytes.
    pub most_bytes: usize,
    /// When accepted proofs are looked at again; the judge itself marks them as pending or not done.
    pub recheck: RecheckWhen,
    /// Confinement of the workers, for the report.
    pub sandbox: Level,
}

impl JudgeSettings {
    /// Gives settings with Lean's usual axioms, candidates of up to 4 MiB, and no second look.
    #[must_use]
    pub fn new(deadline: Duration, sandbox: Level) -> JudgeSettings {
        let permitted_axioms = USUAL_AXIOMS.map(str::to_owned).to_vec();
        JudgeSettings { deadline, permitted_axioms, most_bytes: 4 << 20, recheck: RecheckWhen::Off, sandbox }
    }
}

/// A judgement with the document that it was reached on.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The judgement.
    pub judgement: LeanJudgement,
    /// The document, where Lean was asked at all; a second look starts from it.
    pub document: Option<JudgedDocument>,
}

/// Lean as the judge of proofs. Clones share the pool of workers.
#[derive(Debug, Clone)]
pub struct LeanJudge {
    pool: Pool,
    settings: Arc<JudgeSettings>,
    ban_list: bool,
}

impl LeanJudge {
    /// Makes a judge that checks in this pool.
    #[must_use]
    pub fn new(pool: Pool, settings: JudgeSettings) -> LeanJudge {
        LeanJudge { pool, settings: Arc::new(settings), ban_list: true }
    }

    /// Gives the same judge without its ban list, to show what its other layers hold. Never for verdicts that count.
    #[doc(hidden)]
    #[must_use]
    pub fn without_ban_list(self) -> LeanJudge {
        LeanJudge { ban_list: false, ..self }
    }

    /// Gives the pool of workers.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Gives the settings.
    #[must_use]
    pub fn settings(&self) -> &JudgeSettings {
        &self.settings
    }

    /// Judges one candidate.
    ///
    /// # Errors
    /// No judgement was reached: there is no Lean to ask, or the caller cancelled. Everything that the candidate can
    /// bring about is a verdict.
    pub async fn judge(
        &self,
        statement: &FormalStatement,
        candidate: &str,
        kind: CandidateKind,
        cancel: &CancellationToken,
    ) -> Result<LeanJudgement, VerifyError> {
        Ok(self.judge_keeping(statement, candidate, kind, cancel).await?.judgement)
    }

    /// Judges one candidate and keeps the document, for a second look.
    ///
    /// # Errors
    /// As [`LeanJudge::judge`].
    pub async fn judge_keeping(
        &self,
        statement: &FormalStatement,
        candidate: &str,
        kind: CandidateKind,
        cancel: &CancellationToken,
    ) -> Result<Judged, VerifyError> {
        let without_lean = |verdict| Ok(Judged { judgement: self.without_lean(verdict), document: None });
        if candidate.len() > self.settings.most_bytes {
            let limit = format!("candidate of {} bytes, at most {}", candidate.len(), self.settings.most_bytes);
            return without_lean(Verdict::Unknown(Cause::ResourceLimit(limit)));
        }
        let trusted = match TrustedStatement::read(statement) {
            Ok(trusted) => trusted,
            Err(message) => return without_lean(Verdict::Unknown(Cause::HeaderError(message))),
        };
        let (text, room, first_line) = match kind {
            CandidateKind::Tactics => (candidate, Room::Tactics, 0),
            CandidateKind::File => (candidate, Room::File, 0),
            CandidateKind::Reply => match reply::take(candidate) {
                Some(taken) => (taken.text, if taken.is_file { Room::File } else { Room::Tactics }, taken.line),
                None => return without_lean(Verdict::Rejected(Rejection::NoCandidate)),
            },
        };
        let admitted = match Admitted::read(&trusted, text, room, self.ban_list) {
            Ok(admitted) => admitted,
            Err(Ban { construct, offset }) => {
                let line = first_line + 1 + line_of(text, offset);
                return without_lean(Verdict::Rejected(Rejection::Banned { construct, line }));
            }
        };
        if room == Room::File && admitted.is_empty() {
            return without_lean(Verdict::Rejected(Rejection::NoCandidate));
        }
        let assembled = assemble(&trusted, &admitted, &Nonce::draw());
        let document = assembled.judged.document();
        let checked = self.pool.check(&document, self.settings.deadline, cancel).await.map_err(infrastructure)?;
        if checked.end == CheckEnd::Cancelled {
            return Err(VerifyError::Infrastructure { reason: "the check was cancelled".to_owned() });
        }
        let mut classified = classify(&checked, &assembled, &self.settings.permitted_axioms);
        for diagnostic in &mut classified.diagnostics {
            diagnostic.start.line += first_line;
            diagnostic.end.line += first_line;
        }
        let check_ms = checked.wall.as_secs_f64() * 1000.0;
        Ok(Judged { judgement: self.report(classified, check_ms), document: Some(assembled.judged) })
    }

    /// Tells whether a statement compiles with `sorry` for its proof; gives Lean's first error where it does not.
    ///
    /// # Errors
    /// As [`LeanJudge::judge`].
    pub async fn statement_compiles(
        &self,
        statement: &FormalStatement,
        cancel: &CancellationToken,
    ) -> Result<Option<String>, VerifyError> {
        let trusted = match TrustedStatement::read(statement) {
            Ok(trusted) => trusted,
            Err(message) => return Ok(Some(message)),
        };
        let body = trusted.declare(&Nonce::draw().stated());
        let document = Document { header: trusted.header, body };
        let checked = self.pool.check(&document, self.settings.deadline, cancel).await.map_err(infrastructure)?;
        let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
        let error = checked.diagnostics.iter().find(is_error).map(|error| error.message.clone());
        match checked.end {
            CheckEnd::Finished => Ok(error),
            CheckEnd::HeaderFailed => Ok(Some(error.unwrap_or_else(|| "the imports could not be loaded".to_owned()))),
            CheckEnd::Limit(limit) => Ok(Some(format!("the statement hits a limit: {}", limit.name()))),
            CheckEnd::Crashed => Ok(Some("the statement crashes the Lean worker".to_owned())),
            CheckEnd::Cancelled => Err(VerifyError::Infrastructure { reason: "the check was cancelled".to_owned() }),
        }
    }

    pub(super) fn without_lean(&self, verdict: Verdict) -> LeanJudgement {
        let (axioms, diagnostics, goals) = (Vec::new(), Vec::new(), Vec::new());
        self.report(Classified { verdict, axioms, diagnostics, goals, limit_hit: None }, 0.0)
    }

    fn report(&self, classified: Classified, check_ms: f64) -> LeanJudgement {
        let Classified { verdict, axioms, diagnostics, goals, limit_hit } = classified;
        let again = verdict.is_accepted() && self.settings.recheck != RecheckWhen::Off;
        let report = LeanReport {
            diagnostics,
            goals,
            axioms,
            limit_hit,
            recheck: if again { Recheck::Pending } else { Recheck::NotDone },
            audit: Audit::NotDone,
            check_ms,
            lean_version: self.pool.toolchain().version.number.clone(),
            flags: self.pool.flags(),
            sandbox: self.settings.sandbox.name().to_owned(),
        };
        LeanJudgement { verdict, report }
    }
}

/// Gives the line, from 0, of a byte of a text whose line ends were made `\n`.
pub(super) fn line_of(text: &str, offset: usize) -> u32 {
    let text = super::document::newlines(text.strip_prefix('\u{feff}').unwrap_or(text));
    let before = text.get(..offset).unwrap_or(&text);
    u32::try_from(before.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

pub(super) fn infrastructure(error: LeanError) -> VerifyError {
    use std::error::Error;
    let mut reason = format!("could not {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    VerifyError::Infrastructure { reason }
}
