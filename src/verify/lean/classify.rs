//! Makes a verdict of what Lean said of a judged document.

use super::document::{Assembled, Owner};
use super::sentinel;
use crate::lean::{CheckEnd, Checked, Diagnostic, LimitHit, Place, Severity};
use crate::verdict::{Cause, Evidence, Rejection, Verdict};

/// The axiom that stands for a proof not given.
const OPEN_PROOF: &str = "sorryAx";

/// A verdict with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Classified {
    pub(crate) verdict: Verdict,
    /// Axioms that the sentinel rests on, where Lean reported them.
    pub(crate) axioms: Vec<String>,
    /// Messages on the candidate, in its own lines.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Goals left where it first fails.
    pub(crate) goals: Vec<String>,
    /// The limit that ended the check.
    pub(crate) limit_hit: Option<LimitHit>,
}

/// Judges a finished check; `permitted` are the full names of the axioms that a proof may rest on.
///
/// Nothing but a complete check without any error, whose sentinel stands in its place and rests on permitted axioms, is
/// accepted. An error on a trusted line is the statement's fault, any other the candidate's.
pub(crate) fn classify(checked: &Checked, assembled: &Assembled, permitted: &[String]) -> Classified {
    let diagnostics = in_candidate(checked, assembled);
    let goals = goals(&diagnostics);
    let limit_hit = match checked.end {
        CheckEnd::Limit(limit) => Some(limit),
        CheckEnd::Finished | CheckEnd::HeaderFailed | CheckEnd::Crashed | CheckEnd::Cancelled => None,
    };
    let (verdict, axioms) = match &checked.end {
        CheckEnd::Finished => finished(checked, assembled, permitted),
        CheckEnd::HeaderFailed => {
            let message =
                first_error(checked, |_| true).map_or("the imports could not be loaded", |error| &error.message);
            (Verdict::Unknown(Cause::HeaderError(message.to_owned())), Vec::new())
        }
        CheckEnd::Limit(LimitHit::WallTime) => (Verdict::Unknown(Cause::Timeout), Vec::new()),
        CheckEnd::Limit(limit) => (Verdict::Unknown(Cause::ResourceLimit(limit.name().to_owned())), Vec::new()),
        CheckEnd::Crashed => (Verdict::Unknown(Cause::WorkerCrash), Vec::new()),
        CheckEnd::Cancelled => {
            (Verdict::Unknown(Cause::Infrastructure("the check was cancelled".to_owned())), Vec::new())
        }
    };
    Classified { verdict, axioms, diagnostics, goals, limit_hit }
}

fn finished(checked: &Checked, assembled: &Assembled, permitted: &[String]) -> (Verdict, Vec<String>) {
    let error = |owner: Owner| first_error(checked, |line| assembled.owner(line) == owner);
    let reports: Vec<Vec<String>> = checked
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Information)
        .filter(|diagnostic| diagnostic.start == Place { line: assembled.report, column: 0 })
        .filter_map(|diagnostic| sentinel::axioms(&diagnostic.message, &assembled.judged.check_name))
        .collect();
    let axioms = match reports.as_slice() {
        [axioms] => axioms.clone(),
        _ => Vec::new(),
    };
    let rejected = Verdict::Rejected;
    let verdict = if let Some(error) = error(Owner::Trusted) {
        Verdict::Unknown(Cause::HeaderError(error.message.clone()))
    } else if error(Owner::Candidate).or(error(Owner::Guard)).is_some() {
        rejected(Rejection::Failed)
    } else if error(Owner::Check).is_some() {
        rejected(Rejection::StatementChanged)
    } else if let Some(error) = error(Owner::Report) {
        rejected(Rejection::Tampered(format!("the report of axioms failed: {}", error.message)))
    } else if reports.len() != 1 {
        let seen = format!("the report of axioms was seen {} times in its place", reports.len());
        rejected(Rejection::Tampered(seen))
    } else if axioms.iter().any(|axiom| axiom == OPEN_PROOF) {
        rejected(Rejection::Incomplete)
    } else {
        let forbidden: Vec<String> = axioms.iter().filter(|axiom| !permitted.contains(axiom)).cloned().collect();
        if forbidden.is_empty() {
            Verdict::Accepted(Evidence::Proved(axioms.clone()))
        } else {
            rejected(Rejection::ForbiddenAxiom(forbidden))
        }
    };
    (verdict, axioms)
}

fn first_error(checked: &Checked, on: impl Fn(u32) -> bool) -> Option<&Diagnostic> {
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error && on(diagnostic.start.line);
    checked.diagnostics.iter().find(is_error)
}

/// Gives the messages on the candidate's lines in its own lines; an error where its section is closed belongs to its end.
fn in_candidate(checked: &Checked, assembled: &Assembled) -> Vec<Diagnostic> {
    let kept = checked.diagnostics.iter().filter(|diagnostic| match assembled.owner(diagnostic.start.line) {
        Owner::Candidate => true,
        Owner::Guard => diagnostic.severity == Severity::Error,
        Owner::Trusted | Owner::Check | Owner::Report => false,
    });
    let mut kept: Vec<Diagnostic> = kept.map(|diagnostic| assembled.returned(diagnostic)).collect();
    kept.sort_by_key(|diagnostic| (diagnostic.start, diagnostic.end));
    kept
}

/// Gives the goals in the first error that shows any.
pub(crate) fn goals(diagnostics: &[Diagnostic]) -> Vec<String> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let shows = |message: &str| message.lines().any(|line| line.starts_with('⊢'));
    let Some(error) = errors.into_iter().find(|error| shows(&error.message)) else { return Vec::new() };
    let message = error.message.strip_prefix("unsolved goals\n").unwrap_or(&error.message);
    let goals = message.split("\n\n").filter(|part| shows(part));
    goals.map(|goal| goal.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests;
