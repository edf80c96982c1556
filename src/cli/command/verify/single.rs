//! `verify --statement S --proof P`: one proof of one trusted statement.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use stepproof::problem::FormalStatement;
use stepproof::verdict::{Cause, Verdict};
use stepproof::verify::lean::json::{ReportJson, SecondLookJson};
use stepproof::verify::lean::{CandidateKind, Judged, LeanJudgement, Recheck};
use tokio_util::sync::CancellationToken;

use super::{Kind, statement, text};
use crate::cli::checker::{self, Checker};
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::interrupt;
use crate::cli::output::Format;
use crate::cli::render::{escape_line, escape_text};

/// The verdict on one proof.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProofReport {
    /// Version of this form.
    schema: u32,
    /// The file with the trusted statement.
    statement: String,
    /// The file with the proof.
    proof: String,
    /// What the proof's text is: tactics, file or reply.
    kind: String,
    /// accepted, rejected or unknown.
    verdict: String,
    /// Its class, such as proved, failed, banned, timeout.
    class: String,
    #[serde(flatten)]
    report: ReportJson,
}

/// Runs the command.
pub(super) fn run(formal: &Path, proof: &Path, kind: Kind, session: &mut Session) -> Result<Exit, CliError> {
    let stated = text::read(formal)?;
    let stated = statement::split("", &stated)
        .map_err(|reason| CliError::new(Exit::BadInput, format!("use {}: it {reason}", formal.display())))?;
    let candidate = text::read(proof)?;
    let judgement = Session::block_on(async {
        let cancel = interrupt::watch(&session.stderr)?;
        let checker = checker::open(&session.settings, &session.stderr).await?;
        let judged = judge(&checker, &stated, &candidate, kind.of(), &cancel).await;
        checker.close().await;
        if cancel.is_cancelled() {
            return Err(CliError::new(Exit::Interrupted, "reach a verdict: interrupted"));
        }
        judged
    })?;
    let verdict = judgement.verdict;
    let report = ProofReport {
        schema: 1,
        statement: formal.display().to_string(),
        proof: proof.display().to_string(),
        kind: CandidateKind::name(kind.of()).to_owned(),
        verdict: verdict.name().to_owned(),
        class: verdict.class().to_owned(),
        report: ReportJson::new(&verdict, &judgement.report, &candidate),
    };
    match session.output.format() {
        Format::Table => session.output.text(&shown(&report))?,
        Format::Json | Format::Jsonl => session.output.record(&report, &[])?,
    }
    Ok(exit(&verdict))
}

/// Judges a proof and takes the second look at once.
async fn judge(
    checker: &Checker,
    stated: &FormalStatement,
    candidate: &str,
    kind: CandidateKind,
    cancel: &CancellationToken,
) -> Result<LeanJudgement, CliError> {
    let Judged { mut judgement, document } = checker.judge().judge_keeping(stated, candidate, kind, cancel).await?;
    if let (Recheck::Pending, Some(document)) = (&judgement.report.recheck, document) {
        checker.rechecker().recheck(&document, cancel).await.apply(&mut judgement);
    }
    Ok(judgement)
}

fn exit(verdict: &Verdict) -> Exit {
    match verdict {
        Verdict::Accepted(_) => Exit::Done,
        // The trusted statement is an input file of ours.
        Verdict::Unknown(Cause::HeaderError(_)) => Exit::BadInput,
        Verdict::Unknown(Cause::Infrastructure(_)) => Exit::SomeFailed,
        Verdict::Rejected(_) | Verdict::Unknown(_) => Exit::No,
    }
}

fn shown(report: &ProofReport) -> String {
    let ReportJson { reason, axioms, diagnostics, goals, limit_hit, recheck, audit, .. } = &report.report;
    let mut lines = vec![format!("{}: {}", report.verdict, report.class)];
    let mut fact = |name: &str, value: &str| lines.push(format!("{name:<9} {}", escape_line(value)));
    if let Some(reason) = reason {
        fact("reason", reason);
    }
    if let Some(limit) = limit_hit {
        fact("limit", limit);
    }
    if report.verdict == "accepted" {
        fact("axioms", &if axioms.is_empty() { "none".to_owned() } else { axioms.join(", ") });
    }
    fact("recheck", &second(recheck));
    fact("audit", &second(audit));
    fact("time", &format!("{:.1} ms", report.report.check_ms));
    fact("lean", &format!("{} {}", report.report.lean_version, report.report.flags.join(" ")));
    fact("sandbox", &report.report.sandbox);
    for diagnostic in diagnostics {
        let place = format!("{}:{}:{}", report.proof, diagnostic.line, diagnostic.column);
        lines.push(format!("{}: {}: {}", escape_line(&place), diagnostic.severity, escape_text(&diagnostic.message)));
    }
    if report.report.diagnostics_left_out > 0 {
        lines.push(format!("{} more messages are left out", report.report.diagnostics_left_out));
    }
    for goal in goals {
        lines.push(format!("goal left:\n{}", escape_text(goal)));
    }
    lines.join("\n") + "\n"
}

fn second(look: &SecondLookJson) -> String {
    match &look.detail {
        Some(detail) => format!("{}: {detail}", look.status),
        None => look.status.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lean_says_cannot_steer_a_terminal() {
        let evil = "\u{1b}[2J\u{9b}31m\r";
        let look = SecondLookJson { status: "unavailable".to_owned(), detail: Some(evil.to_owned()) };
        let diagnostic = stepproof::verify::lean::json::DiagnosticJson {
            line: 2,
            column: 3,
            severity: "error".to_owned(),
            message: format!("bad\n{evil}"),
        };
        let report = ProofReport {
            schema: 1,
            statement: "S.lean".to_owned(),
            proof: evil.to_owned(),
            kind: "file".to_owned(),
            verdict: "accepted".to_owned(),
            class: "proved".to_owned(),
            report: ReportJson {
                reason: Some(evil.to_owned()),
                axioms: vec![evil.to_owned()],
                diagnostics: vec![diagnostic],
                diagnostics_left_out: 3,
                goals: vec![evil.to_owned()],
                limit_hit: None,
                recheck: look.clone(),
                audit: look,
                check_ms: 1.0,
                lean_version: evil.to_owned(),
                flags: vec![evil.to_owned()],
                sandbox: "none".to_owned(),
            },
        };
        let text = shown(&report);
        assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "{text:?}");
        assert!(text.contains(":2:3: error: bad\n") && text.contains("3 more messages are left out"), "{text}");
    }
}
