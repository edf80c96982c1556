//! A judgement of Lean as JSON: what `verify` prints and what the store keeps of it.
//!
//! Lines count from 1 and columns from 0 in characters, as the `lean` program prints them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Audit, LeanReport, Recheck};
use crate::lean::{Diagnostic, Place};
use crate::verdict::{Cause, Evidence, Rejection, Verdict};

/// One message of Lean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiagnosticJson {
    /// Line of the text, from 1.
    pub line: u32,
    /// Characters of the line before the place.
    pub column: u32,
    /// `error`, `warning` or `information`.
    pub severity: String,
    /// What Lean says.
    pub message: String,
}

/// What a second look at an accepted proof gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondLookJson {
    /// `not_done`, `pending` (recheck only), `confirmed`, `refuted` or `unavailable`.
    pub status: String,
    /// Why it was refuted or could not be done; the second kernel's name and version where it confirmed.
    pub detail: Option<String>,
}

/// Everything that a verdict of Lean rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReportJson {
    /// What the class leaves open: the banned construct with its line, what was tampered with, the header's error.
    pub reason: Option<String>,
    /// Full names of the axioms that the theorem rests on, where they are known.
    pub axioms: Vec<String>,
    /// Lean's messages in the candidate's own lines, the first ones.
    pub diagnostics: Vec<DiagnosticJson>,
    /// Messages that are left out because there are too many, or they are too long.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub diagnostics_left_out: u64,
    /// Goals left where the proof first fails.
    pub goals: Vec<String>,
    /// The limit that ended the check: `wall_time`, `memory`, `cpu` or `output`.
    pub limit_hit: Option<String>,
    /// The second look at the compiled file, in a fresh process.
    pub recheck: SecondLookJson,
    /// The independent kernel's word.
    pub audit: SecondLookJson,
    /// Milliseconds of the check, waiting for a worker left out.
    pub check_ms: f64,
    /// Version of Lean.
    pub lean_version: String,
    /// Flags that decide what Lean accepts.
    pub flags: Vec<String>,
    /// Confinement of the workers: `strict`, `native` or `none`.
    pub sandbox: String,
}

impl ReportJson {
    /// Writes a verdict and its report down; `text` is the candidate as it was handed in.
    #[must_use]
    pub fn new(verdict: &Verdict, report: &LeanReport, text: &str) -> ReportJson {
        let shown = diagnostics(&report.diagnostics, text);
        ReportJson {
            reason: reason(verdict),
            axioms: report.axioms.clone(),
            diagnostics_left_out: left_out(report.diagnostics.len(), shown.len()),
            diagnostics: shown,
            goals: goals(&report.goals),
            limit_hit: report.limit_hit.map(|limit| limit.name().to_owned()),
            recheck: SecondLookJson::of_recheck(&report.recheck),
            audit: SecondLookJson::of_audit(&report.audit),
            check_ms: if report.check_ms.is_finite() { report.check_ms } else { 0.0 },
            lean_version: report.lean_version.clone(),
            flags: report.flags.clone(),
            sandbox: report.sandbox.clone(),
        }
    }
}

impl SecondLookJson {
    fn of_recheck(recheck: &Recheck) -> SecondLookJson {
        let detail = match recheck {
            Recheck::NotDone | Recheck::Pending | Recheck::Confirmed => None,
            Recheck::Refuted(why) | Recheck::Unavailable(why) => Some(why.clone()),
        };
        SecondLookJson { status: recheck.name().to_owned(), detail }
    }

    fn of_audit(audit: &Audit) -> SecondLookJson {
        let detail = match audit {
            Audit::NotDone => None,
            Audit::Confirmed(detail) | Audit::Refuted(detail) | Audit::Unavailable(detail) => Some(detail.clone()),
        };
        SecondLookJson { status: audit.name().to_owned(), detail }
    }
}

/// Most messages that are kept of one check.
const MOST_DIAGNOSTICS: usize = 200;
/// Most bytes that are kept of the messages of one check, and of its goals.
const MOST_BYTES: usize = 128 << 10;

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Gives how many of `all` messages are not among the `shown` ones.
#[must_use]
pub fn left_out(all: usize, shown: usize) -> u64 {
    u64::try_from(all.saturating_sub(shown)).unwrap_or(u64::MAX)
}

/// Keeps texts while there is room for them; the first one that does not fit is cut.
struct Room(usize);

impl Room {
    fn keep(&mut self, text: &str) -> Option<String> {
        if self.0 == 0 {
            return None;
        }
        let kept = text.get(..text.floor_char_boundary(self.0)).unwrap_or_default();
        self.0 -= kept.len().max(1).min(self.0);
        Some(if kept.len() < text.len() { format!("{kept}…") } else { kept.to_owned() })
    }
}

fn goals(goals: &[String]) -> Vec<String> {
    let mut room = Room(MOST_BYTES);
    goals.iter().map_while(|goal| room.keep(goal)).collect()
}

/// Writes messages down with their places in `text`: the first 200 at most, and no more than 128 KiB of them.
#[must_use]
pub fn diagnostics(diagnostics: &[Diagnostic], text: &str) -> Vec<DiagnosticJson> {
    let (mut places, mut room) = (Places::new(text), Room(MOST_BYTES));
    diagnostics
        .iter()
        .take(MOST_DIAGNOSTICS)
        .map_while(|diagnostic| {
            let (line, column) = places.of(diagnostic.start);
            let severity = diagnostic.severity.name().to_owned();
            Some(DiagnosticJson { line, column, severity, message: room.keep(&diagnostic.message)? })
        })
        .collect()
}

/// Turns places of a text into lines from 1 and columns in characters. Places in their order cost one walk over the
/// text; an earlier one begins it anew.
#[derive(Debug)]
pub struct Places<'a> {
    text: &'a str,
    lines: std::str::Split<'a, char>,
    line: &'a str,
    at: u32,
}

impl<'a> Places<'a> {
    /// Begins at the text's first line.
    #[must_use]
    pub fn new(text: &'a str) -> Places<'a> {
        let mut lines = text.split('\n');
        let line = lines.next().unwrap_or_default();
        Places { text, lines, line, at: 0 }
    }

    /// Gives line and column of a place.
    pub fn of(&mut self, place: Place) -> (u32, u32) {
        if place.line < self.at {
            *self = Places::new(self.text);
        }
        while self.at < place.line {
            let Some(line) = self.lines.next() else {
                // Behind the text's end every line is empty.
                (self.line, self.at) = ("", place.line);
                break;
            };
            self.line = line;
            self.at += 1;
        }
        (place.line.saturating_add(1), characters(self.line, place.column))
    }
}

/// Counts the characters of a line before a column in bytes.
fn characters(line: &str, column: u32) -> u32 {
    let column = usize::try_from(column).unwrap_or(usize::MAX);
    let count = line.char_indices().take_while(|(at, _)| *at < column).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn reason(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Accepted(Evidence::Equal(_) | Evidence::Proved(_)) => None,
        Verdict::Rejected(rejection) => match rejection {
            Rejection::Banned { construct, line } => Some(format!("{construct} in line {line}")),
            Rejection::Tampered(seen) => Some(seen.clone()),
            Rejection::ForbiddenAxiom(axioms) => Some(axioms.join(", ")),
            Rejection::Different(_)
            | Rejection::NoAnswer
            | Rejection::Failed
            | Rejection::Incomplete
            | Rejection::StatementChanged
            | Rejection::NoCandidate => None,
        },
        Verdict::Unknown(cause) => match cause {
            Cause::Infrastructure(reason) | Cause::ResourceLimit(reason) | Cause::HeaderError(reason) => {
                Some(reason.clone())
            }
            Cause::Undecided | Cause::NoReference | Cause::Timeout | Cause::WorkerCrash => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lean::Severity;

    fn at(line: u32, column: u32) -> Diagnostic {
        let start = Place { line, column };
        Diagnostic { severity: Severity::Error, start, end: start, message: "m".to_owned(), unsolved_goals: false }
    }

    #[test]
    fn places_count_characters_in_any_order() {
        let text = "ab\n𝔸𝔸x\r\n\nlast";
        let cases = [
            (at(0, 1), (1, 1)),
            (at(1, 8), (2, 2)),
            (at(1, 4), (2, 1)),
            (at(3, 2), (4, 2)),
            (at(0, 0), (1, 0)),
            (at(9, 7), (10, 0)),
            (at(1, 999), (2, 4)),
        ];
        let given: Vec<Diagnostic> = cases.iter().map(|(diagnostic, _)| diagnostic.clone()).collect();
        let places: Vec<(u32, u32)> = diagnostics(&given, text).iter().map(|seen| (seen.line, seen.column)).collect();
        assert_eq!(places, cases.iter().map(|(_, place)| *place).collect::<Vec<_>>());
    }

    #[test]
    fn a_flood_of_messages_is_cut() {
        let flood = vec![Diagnostic { message: "é".repeat(1000), ..at(0, 0) }; 70_000];
        let shown = diagnostics(&flood, "x");
        assert_eq!((shown.len(), left_out(flood.len(), shown.len())), (66, 69_934));
        assert!(shown.last().is_some_and(|cut| cut.message.ends_with('…') && cut.message.len() < 2000));
        assert_eq!(diagnostics(&vec![at(0, 0); 300], "").len(), 200);
        assert_eq!(goals(&["⊢ a".to_owned(), "⊢".repeat(100_000), "⊢ b".to_owned()]).len(), 2);
    }
}
