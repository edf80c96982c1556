//! What a verifier says of a candidate: accepted, rejected, or unknown, each with its class.
//!
//! Unknown counts as unsolved and is shown apart; a wrong answer is a verdict and never an error.

/// Which rule reached an answer verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DecidedBy {
    /// Equal texts after cleaning of dress.
    Identity,
    /// Exact arithmetic on numbers.
    Exact,
    /// Equal or different exact normal forms of expressions.
    Symbolic,
    /// A numeric difference that exact arithmetic confirmed.
    NumericExact,
    /// An option letter, or the option's text.
    Letter,
    /// Words compared without case.
    Words,
}

impl DecidedBy {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DecidedBy::Identity => "identity",
            DecidedBy::Exact => "exact",
            DecidedBy::Symbolic => "symbolic",
            DecidedBy::NumericExact => "numeric+exact",
            DecidedBy::Letter => "letter",
            DecidedBy::Words => "words",
        }
    }
}

/// Why a candidate was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The answer equals the gold answer.
    Equal(DecidedBy),
    /// Lean accepts the proof of exactly the trusted statement; the full names of the axioms that it rests on.
    Proved(Vec<String>),
}

/// Why a candidate was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The answer differs from the gold answer.
    Different(DecidedBy),
    /// The output states no answer.
    NoAnswer,
    /// Lean reports an error in the proof.
    Failed,
    /// The proof is left open somewhere (`sorry`).
    Incomplete,
    /// What was proved is not the trusted statement.
    StatementChanged,
    /// The proof rests on axioms outside the permitted ones; their full names.
    ForbiddenAxiom(Vec<String>),
    /// The text uses what a candidate must not use.
    Banned {
        /// The construct, as the text has it.
        construct: String,
        /// Line of the candidate's text, from 1.
        line: u32,
    },
    /// The lines that the judge put behind the candidate are missing, doubled or displaced; what was seen.
    Tampered(String),
    /// The output holds no proof.
    NoCandidate,
}

/// Why no judgement was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Neither equality nor difference could be shown.
    Undecided,
    /// The gold answer itself is missing or cannot be used.
    NoReference,
    /// The verifier failed for reasons of its surroundings.
    Infrastructure(String),
    /// The check did not end in time.
    Timeout,
    /// The check hit a limit of memory, processor time or output; which one.
    ResourceLimit(String),
    /// The Lean worker died during the check.
    WorkerCrash,
    /// The trusted header or statement itself does not compile; Lean's first message.
    HeaderError(String),
}

/// The judgement of one candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Right.
    Accepted(Evidence),
    /// Wrong.
    Rejected(Rejection),
    /// Not judged; counts as unsolved.
    Unknown(Cause),
}

impl Verdict {
    /// Every name of a verdict.
    pub const NAMES: [&'static str; 3] = ["accepted", "rejected", "unknown"];

    /// Every class of a verdict.
    pub const CLASSES: [&'static str; 18] = [
        "equal",
        "proved",
        "different",
        "no_answer",
        "failed",
        "incomplete",
        "statement_changed",
        "forbidden_axiom",
        "banned",
        "tampered",
        "no_candidate",
        "undecided",
        "no_reference",
        "infrastructure",
        "timeout",
        "resource_limit",
        "worker_crash",
        "header_error",
    ];

    /// Gives `accepted`, `rejected` or `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Accepted(_) => "accepted",
            Verdict::Rejected(_) => "rejected",
            Verdict::Unknown(_) => "unknown",
        }
    }

    /// Gives the class (`equal`, `different`, `no_answer`, `undecided`, …), as JSON and SQL have it.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Verdict::Accepted(Evidence::Equal(_)) => "equal",
            Verdict::Accepted(Evidence::Proved(_)) => "proved",
            Verdict::Rejected(Rejection::Different(_)) => "different",
            Verdict::Rejected(Rejection::NoAnswer) => "no_answer",
            Verdict::Rejected(Rejection::Failed) => "failed",
            Verdict::Rejected(Rejection::Incomplete) => "incomplete",
            Verdict::Rejected(Rejection::StatementChanged) => "statement_changed",
            Verdict::Rejected(Rejection::ForbiddenAxiom(_)) => "forbidden_axiom",
            Verdict::Rejected(Rejection::Banned { .. }) => "banned",
            Verdict::Rejected(Rejection::Tampered(_)) => "tampered",
            Verdict::Rejected(Rejection::NoCandidate) => "no_candidate",
            Verdict::Unknown(Cause::Undecided) => "undecided",
            Verdict::Unknown(Cause::NoReference) => "no_reference",
            Verdict::Unknown(Cause::Infrastructure(_)) => "infrastructure",
            Verdict::Unknown(Cause::Timeout) => "timeout",
            Verdict::Unknown(Cause::ResourceLimit(_)) => "resource_limit",
            Verdict::Unknown(Cause::WorkerCrash) => "worker_crash",
            Verdict::Unknown(Cause::HeaderError(_)) => "header_error",
        }
    }

    /// Gives the rule that decided, where one did.
    #[must_use]
    pub fn decided_by(&self) -> Option<DecidedBy> {
        match self {
            Verdict::Accepted(Evidence::Equal(rule)) | Verdict::Rejected(Rejection::Different(rule)) => Some(*rule),
            Verdict::Accepted(Evidence::Proved(_)) | Verdict::Rejected(_) | Verdict::Unknown(_) => None,
        }
    }

    /// Tells whether the candidate counts as solved.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Verdict::Accepted(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_hold_every_verdict() {
        let all = [
            Verdict::Accepted(Evidence::Equal(DecidedBy::Exact)),
            Verdict::Accepted(Evidence::Proved(Vec::new())),
            Verdict::Rejected(Rejection::Different(DecidedBy::Exact)),
            Verdict::Rejected(Rejection::NoAnswer),
            Verdict::Rejected(Rejection::Failed),
            Verdict::Rejected(Rejection::Incomplete),
            Verdict::Rejected(Rejection::StatementChanged),
            Verdict::Rejected(Rejection::ForbiddenAxiom(Vec::new())),
            Verdict::Rejected(Rejection::Banned { construct: String::new(), line: 1 }),
            Verdict::Rejected(Rejection::Tampered(String::new())),
            Verdict::Rejected(Rejection::NoCandidate),
            Verdict::Unknown(Cause::Undecided),
            Verdict::Unknown(Cause::NoReference),
            Verdict::Unknown(Cause::Infrastructure(String::new())),
            Verdict::Unknown(Cause::Timeout),
            Verdict::Unknown(Cause::ResourceLimit(String::new())),
            Verdict::Unknown(Cause::WorkerCrash),
            Verdict::Unknown(Cause::HeaderError(String::new())),
        ];
        assert_eq!(all.each_ref().map(Verdict::class), Verdict::CLASSES);
        assert!(all.iter().all(|verdict| Verdict::NAMES.contains(&verdict.name())));
    }
}
