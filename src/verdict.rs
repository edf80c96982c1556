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
}

/// Why a candidate was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The answer differs from the gold answer.
    Different(DecidedBy),
    /// The output states no answer.
    NoAnswer,
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
    pub const CLASSES: [&'static str; 6] =
        ["equal", "different", "no_answer", "undecided", "no_reference", "infrastructure"];

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
            Verdict::Rejected(Rejection::Different(_)) => "different",
            Verdict::Rejected(Rejection::NoAnswer) => "no_answer",
            Verdict::Unknown(Cause::Undecided) => "undecided",
            Verdict::Unknown(Cause::NoReference) => "no_reference",
            Verdict::Unknown(Cause::Infrastructure(_)) => "infrastructure",
        }
    }

    /// Gives the rule that decided, where one did.
    #[must_use]
    pub fn decided_by(&self) -> Option<DecidedBy> {
        match self {
            Verdict::Accepted(Evidence::Equal(rule)) | Verdict::Rejected(Rejection::Different(rule)) => Some(*rule),
            Verdict::Rejected(Rejection::NoAnswer) | Verdict::Unknown(_) => None,
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
            Verdict::Rejected(Rejection::Different(DecidedBy::Exact)),
            Verdict::Rejected(Rejection::NoAnswer),
            Verdict::Unknown(Cause::Undecided),
            Verdict::Unknown(Cause::NoReference),
            Verdict::Unknown(Cause::Infrastructure(String::new())),
        ];
        assert_eq!(all.each_ref().map(Verdict::class), Verdict::CLASSES);
        assert!(all.iter().all(|verdict| Verdict::NAMES.contains(&verdict.name())));
    }
}
