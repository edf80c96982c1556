//! A proof in an item's view: its text, and what Lean's verdict on it rests on.

use std::fmt::Write as _;

use stepproof::store::{AttemptRow, VerdictRow};
use stepproof::verify::lean::json::ReportJson;

use crate::cli::render::{escape_line, escape_text};

/// Gives the lines for people; none where Lean did not judge.
pub(super) fn lines(attempt: &AttemptRow, verdict: Option<&VerdictRow>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    if let (Some(kind), Some(candidate)) = (&attempt.candidate_kind, &attempt.candidate) {
        let _ = writeln!(text, "\nproof ({})\n{}", escape_line(kind), escape_text(candidate.trim_end()));
    }
    // A report of another version stays out of the way.
    let report = verdict.and_then(|verdict| verdict.detail.as_deref());
    if let Some(report) = report.and_then(|detail| serde_json::from_str::<ReportJson>(detail).ok()) {
        report_lines(&report, &mut text);
    }
    text
}

fn report_lines(report: &ReportJson, text: &mut String) {
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<8} {}", escape_line(value));
    };
    let look = |status: &str, detail: &Option<String>| match detail {
        Some(detail) => format!("{}: {detail}", status.replace('_', " ")),
        None => status.replace('_', " "),
    };
    if let Some(reason) = &report.reason {
        fact("reason", reason);
    }
    if let Some(limit) = &report.limit_hit {
        fact("limit", limit);
    }
    fact("axioms", &if report.axioms.is_empty() { "none".to_owned() } else { report.axioms.join(", ") });
    fact("recheck", &look(&report.recheck.status, &report.recheck.detail));
    fact("audit", &look(&report.audit.status, &report.audit.detail));
    fact("lean", &format!("{}, {:.1} ms, sandbox {}", report.lean_version, report.check_ms, report.sandbox));
    for message in &report.diagnostics {
        let place = format!("{}:{}: {}:", message.line, message.column, message.severity);
        let _ = writeln!(text, "{} {}", escape_line(&place), escape_text(&message.message));
    }
    for goal in &report.goals {
        let _ = writeln!(text, "goal left:\n{}", escape_text(goal));
    }
}
