//! Lean as the judge: a proof counts only when Lean says so and nothing in the candidate could have bent the question.

pub mod audit;
mod ban;
mod classify;
mod document;
pub mod json;
mod judge;
mod lexer;
mod prefix;
pub mod recheck;
mod repeat;
mod reply;
mod scope;
mod sentinel;
mod statement;
mod survey;
mod verifier;

pub use document::JudgedDocument;
pub use judge::{JudgeSettings, Judged, LeanJudge, USUAL_AXIOMS};
pub use prefix::{PrefixState, ProofPrefix};
pub use survey::{Declaration, Survey};
pub use verifier::LeanVerifier;

use crate::lean::{Diagnostic, LimitHit};
use crate::verdict::Verdict;

/// What a candidate's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CandidateKind {
    /// A block of tactics, to stand under the trusted theorem's `:= by`.
    Tactics,
    /// A whole file: helper lemmas and a theorem with the trusted statement's name and type.
    File,
    /// A model's reply: prose with the proof in a code block.
    Reply,
}

impl CandidateKind {
    /// Every kind with its name in JSON and on the command line.
    pub const NAMES: [(&'static str, CandidateKind); 3] =
        [("tactics", CandidateKind::Tactics), ("file", CandidateKind::File), ("reply", CandidateKind::Reply)];

    /// Finds the kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<CandidateKind> {
        CandidateKind::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Gives the kind's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CandidateKind::Tactics => "tactics",
            CandidateKind::File => "file",
            CandidateKind::Reply => "reply",
        }
    }
}

/// When accepted proofs are judged again in a fresh process, from the compiled file alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecheckWhen {
    /// When the batch ends, grouped by header.
    End,
    /// Before each verdict is given.
    Each,
    /// Never.
    Off,
}

impl RecheckWhen {
    /// Gives the name used in settings, JSON and runs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RecheckWhen::End => "end",
            RecheckWhen::Each => "each",
            RecheckWhen::Off => "off",
        }
    }
}

/// What the second look at the compiled file gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recheck {
    /// It was not wanted, or the proof was not accepted in the first place.
    NotDone,
    /// It is still to come, when the batch ends.
    Pending,
    /// The compiled file holds exactly the trusted statement, proved from permitted axioms.
    Confirmed,
    /// It does not; why. The verdict is rejected or unknown accordingly.
    Refuted(String),
    /// It could not be done; why.
    Unavailable(String),
}

impl Recheck {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Recheck::NotDone => "not_done",
            Recheck::Pending => "pending",
            Recheck::Confirmed => "confirmed",
            Recheck::Refuted(_) => "refuted",
            Recheck::Unavailable(_) => "unavailable",
        }
    }
}

/// What an independent kernel said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audit {
    /// It was not wanted.
    NotDone,
    /// The kernel of this name and version accepts the exported proof.
    Confirmed(String),
    /// It does not; why.
    Refuted(String),
    /// There is no second kernel, or it could not be run; why.
    Unavailable(String),
}

impl Audit {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Audit::NotDone => "not_done",
            Audit::Confirmed(_) => "confirmed",
            Audit::Refuted(_) => "refuted",
            Audit::Unavailable(_) => "unavailable",
        }
    }
}

/// Everything that Lean's judgement rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct LeanReport {
    /// Lean's messages in the candidate's own lines (of its text as it was handed in); messages on the judge's own lines
    /// are left out.
    pub diagnostics: Vec<Diagnostic>,
    /// Goals left where the proof first fails, as Lean prints them.
    pub goals: Vec<String>,
    /// Full names of the axioms that the theorem rests on, where they are known.
    pub axioms: Vec<String>,
    /// The limit that ended the check.
    pub limit_hit: Option<LimitHit>,
    /// The second look at the compiled file.
    pub recheck: Recheck,
    /// The independent kernel's word.
    pub audit: Audit,
    /// Milliseconds of the check, waiting for a worker left out.
    pub check_ms: f64,
    /// Version of Lean.
    pub lean_version: String,
    /// Flags that decide what Lean accepts.
    pub flags: Vec<String>,
    /// Confinement of the workers (`strict`, `native`, `none`).
    pub sandbox: String,
}

/// A verdict with its report.
#[derive(Debug, Clone, PartialEq)]
pub struct LeanJudgement {
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on.
    pub report: LeanReport,
}
