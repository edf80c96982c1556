//! The store on real SQLite files: opening, writing, sharing, asking, exporting.
#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]

mod claim;
mod export;
mod open;
mod query;
mod sql;
mod write;

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use stepproof::store::{
    AttemptBundle, AttemptRow, AttemptWriter, BegunRun, CallRow, Committed, CompletionRow, ItemRow, NewRun, OpenMode,
    RunRow, StepRow, Store, VerdictRow, WriterOptions, WriterStats,
};
use tempfile::TempDir;

/// A folder and a database in it.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    (folder, path)
}

async fn open(path: &Path) -> Store {
    Store::open(path, OpenMode::ReadWrite).await.unwrap()
}

fn new_run(number: u32) -> NewRun {
    NewRun {
        run_id: format!("0198a000-0000-7000-8000-{number:012}"),
        spec_hash: "spec".into(),
        spec: r#"{"suite":"sample"}"#.into(),
        suite: "sample".into(),
        strategy: "cot".into(),
        models: "main=scripted".into(),
        program_version: "0.1.0".into(),
        machine: "{}".into(),
        created_us: 1_700_000_000_000_000 + i64::from(number),
    }
}

fn item(position: u32) -> ItemRow {
    ItemRow {
        position,
        item_id: format!("item-{position}"),
        statement: format!("What is {position} + 1?"),
        options: vec!["a \"quoted\" one".into(), "b".into()],
        form: "integer".into(),
        gold: (position % 10 != 9).then(|| (position + 1).to_string()),
        header: (position % 2 == 1).then(|| "import Init\n".into()),
        formal_statement: (position % 2 == 1).then(|| format!("theorem t{position} : True := by sorry")),
    }
}

fn items(count: u32) -> Vec<ItemRow> {
    (0..count).map(item).collect()
}

async fn begin(store: &Store, number: u32, count: u32) -> RunRow {
    let BegunRun { run, joined } = store.begin_or_join_run(&new_run(number), &items(count), true).await.unwrap();
    assert!(!joined);
    run
}

fn verdict(name: &str, class: &str) -> VerdictRow {
    VerdictRow {
        judged_us: 1_700_000_000_000_001,
        verifier: "answer-1".into(),
        verdict: name.into(),
        class: class.into(),
        decided_by: Some("exact".into()),
        extracted: Some("42".into()),
        lenient: false,
        check_ms: Some(1.5),
        limit_hit: None,
        recheck: Some("confirmed".into()),
        detail: Some(r#"{"axioms":[]}"#.into()),
    }
}

fn step(text: &str, entropy: Option<f64>) -> StepRow {
    StepRow {
        phase: "answer".into(),
        role: "main".into(),
        model: "scripted".into(),
        text: text.into(),
        separator: "\n\n".into(),
        token_count: 12,
        first_entropy_nats: entropy,
        end_reason: "boundary".into(),
    }
}

fn call(index: u32) -> CallRow {
    CallRow {
        role: "main".into(),
        model: "scripted".into(),
        step: index,
        ordinal: 0,
        seed: u64::MAX - u64::from(index),
        request_hash: format!("{index:064x}"),
        finish: "stop".into(),
        error: None,
        started_ms: 1.5 * f64::from(index),
        wall_ms: 1.25,
        prompt_tokens: 100,
        cached_tokens: 60,
        completion_tokens: 12,
        reasoning_tokens: 2,
        queue_ms: 0.1,
        prefill_ms: 0.5,
        decode_ms: 0.7,
        retries: 0,
        estimated: false,
        first_entropy_nats: Some(0.25),
        wasted: index == 1,
    }
}

/// An accepted attempt of `steps` steps and as many calls and completions.
fn bundle(item_id: &str, sample: u32, steps: u32) -> AttemptBundle {
    AttemptBundle {
        attempt: AttemptRow {
            item_id: item_id.into(),
            sample,
            seed: u64::MAX,
            outcome: "answered".into(),
            outcome_detail: None,
            candidate: Some("The answer is \\boxed{42}.".into()),
            candidate_kind: Some("reply".into()),
            truncated: false,
            prompt: r#"[{"role":"user","content":"What?"}]"#.into(),
            started_us: 1_700_000_000_000_000,
            wall_ms: 12.5,
            calls: u64::from(steps),
            prompt_tokens: 100 * u64::from(steps),
            cached_tokens: 60 * u64::from(steps),
            completion_tokens: 12 * u64::from(steps),
            reasoning_tokens: 0,
            wasted_tokens: 0,
            worker: Some("here:1".into()),
        },
        steps: (0..steps)
            .map(|index| step(&format!("Step {index} of {item_id}: we add the numbers."), Some(f64::from(index) / 2.0)))
            .collect(),
        calls: (0..steps).map(call).collect(),
        completions: (0..steps)
            .map(|index| CompletionRow {
                request_hash: format!("{item_id}-{sample}-{index}"),
                completion: r#"{"text":"we add the numbers"}"#.into(),
            })
            .collect(),
        verdict: Some(verdict("accepted", "equal")),
        replace_failed: false,
    }
}

fn failed(item_id: &str, sample: u32) -> AttemptBundle {
    let mut bundle = bundle(item_id, sample, 1);
    bundle.attempt.outcome = "failed".into();
    bundle.attempt.outcome_detail = Some("the server went away".into());
    bundle.attempt.candidate = None;
    bundle.verdict = None;
    bundle
}

/// Writes bundles and waits until they are stored.
async fn write(store: &Store, run: &RunRow, bundles: Vec<AttemptBundle>) -> (WriterStats, Vec<Committed>) {
    let (writer, mut acknowledgements) = AttemptWriter::start(store, run.key, WriterOptions::STANDARD);
    for bundle in bundles {
        writer.submit(bundle).await.unwrap();
    }
    let stats = writer.close().await.unwrap();
    let mut acknowledged = Vec::new();
    while let Some(committed) = acknowledgements.recv().await {
        acknowledged.push(committed);
    }
    (stats, acknowledged)
}

/// A connection past the store, to look and to break things.
async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.unwrap()
}

async fn execute(path: &Path, statement: &str) {
    let mut connection = raw(path).await;
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn count(path: &Path, table: &str) -> i64 {
    let mut connection = raw(path).await;
    let text = format!("SELECT count(*) FROM {table}");
    let count = sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

/// Counts of all tables that hold parts of runs.
async fn counts(path: &Path) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in ["run", "item", "attempt", "step", "model_call", "verdict", "completion_log", "worker", "lease"] {
        counts.push(count(path, table).await);
    }
    counts
}

/// Compares the full-text index with the texts, and checks the file.
async fn check_file(path: &Path) {
    let mut connection = raw(path).await;
    let state: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(state, "ok");
    let index = sqlx::query("INSERT INTO step_text (step_text, rank) VALUES ('integrity-check', 1)");
    index.execute(&mut connection).await.unwrap();
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(broken.is_empty());
    connection.close().await.unwrap();
}
