//! The judge on a real Lean: the one that STEPPROOF_TEST_LEAN names, with at least the small core, and the fixtures that
//! STEPPROOF_TEST_LEAN_FIXTURES names (by default the folder `shared/lean` beside the project's).

#![expect(clippy::expect_used, clippy::print_stderr, reason = "helpers of tests; skips are said loudly")]

mod honest;
mod hostile;
mod prefixes;
mod statements;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use stepproof::problem::FormalStatement;
use stepproof::verify::lean::{CandidateKind, JudgeSettings, LeanJudge, LeanJudgement};
use tokio_util::sync::CancellationToken;

use crate::lean::{lean_program, settings, start};

/// Makes a judge with two workers, or says loudly that the test is skipped.
pub(crate) async fn judge(deadline: Duration) -> Option<LeanJudge> {
    let lean = lean_program()?;
    let mut settings = settings(2).await;
    settings.options = vec![("maxHeartbeats".to_owned(), "200000".to_owned())];
    let level = settings.sandbox.level();
    let pool = start(&lean, settings).await;
    Some(LeanJudge::new(pool, JudgeSettings::new(deadline, level)))
}

/// Reads a file of fixtures, or says loudly that the test is skipped.
pub(crate) fn fixtures(name: &str) -> Option<Vec<Value>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/lean");
    let folder = std::env::var_os("STEPPROOF_TEST_LEAN_FIXTURES").map_or_else(|| beside.into(), PathBuf::from);
    let file = folder.join(name);
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: {} is not there: set STEPPROOF_TEST_LEAN_FIXTURES to its folder", file.display());
        return None;
    };
    Some(text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

pub(crate) fn text(row: &Value, member: &str) -> String {
    row[member].as_str().expect("a text").to_owned()
}

pub(crate) fn statement(row: &Value) -> FormalStatement {
    FormalStatement { header: text(row, "header"), theorem: text(row, "formal_statement") }
}

pub(crate) fn statements(rows: &[Value]) -> HashMap<String, FormalStatement> {
    rows.iter().map(|row| (text(row, "id"), statement(row))).collect()
}

/// A candidate to be judged.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) statement: FormalStatement,
    pub(crate) candidate: String,
    pub(crate) kind: CandidateKind,
}

/// Judges cases in their order, two at a time.
pub(crate) async fn judge_all(judge: &LeanJudge, cases: &[Case]) -> Vec<LeanJudgement> {
    let never = CancellationToken::new();
    let judge_one = |case: &'_ Case| {
        let (statement, candidate, kind) = (case.statement.clone(), case.candidate.clone(), case.kind);
        let (judge, never) = (judge.clone(), never.clone());
        async move { judge.judge(&statement, &candidate, kind, &never).await.expect("judged") }
    };
    futures_util::stream::iter(cases).map(judge_one).buffered(2).collect().await
}

pub(crate) fn kind(name: &str) -> CandidateKind {
    let found = CandidateKind::NAMES.iter().find(|(known, _)| *known == name);
    found.expect("a kind").1
}
