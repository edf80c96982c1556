//! The client of Lean's server with a real Lean: the one that STEPPROOF_TEST_LEAN names, with at least the small core.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "helpers of tests; skips are said loudly")]

mod checks;
mod faults;
mod leases;
mod processes;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use stepproof::lean::{CheckEnd, Checked, Document, Pool, PoolSettings, Severity, Toolchain};
use stepproof::sandbox::{Sandbox, Wanted};
use tokio_util::sync::CancellationToken;

/// Longer than any honest check takes on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Gives the Lean to test with, or `None` after saying loudly that the test is skipped.
pub(crate) fn lean_program() -> Option<PathBuf> {
    // `make test` says so where there is no small Lean for the machine.
    if std::env::var_os("STEPPROOF_TEST_LEAN").is_some_and(|path| path == "none") {
        eprintln!("SKIPPED: there is no Lean for this machine");
        return None;
    }
    if let Some(path) = std::env::var_os("STEPPROOF_TEST_LEAN").map(PathBuf::from).filter(|path| path.exists()) {
        return Some(path);
    }
    let missing = "no Lean: set STEPPROOF_TEST_LEAN to the program";
    assert!(std::env::var_os("STEPPROOF_REQUIRE_REAL").is_none_or(|value| value != "1"), "{missing}");
    eprintln!("SKIPPED: {missing}");
    None
}

/// Gives settings for some workers, confined as well as this machine can.
pub(crate) async fn settings(workers: usize) -> PoolSettings {
    PoolSettings::new(workers, Sandbox::detect(Wanted::Best).await.expect("a sandbox"))
}

pub(crate) async fn start(lean: &Path, settings: PoolSettings) -> Pool {
    let toolchain = Toolchain::open(lean, None, &[]).await.expect("Lean answers");
    Pool::start(toolchain, settings).await.expect("the server starts")
}

pub(crate) fn document(header: &str, body: &str) -> Document {
    Document { header: header.to_owned(), body: body.to_owned() }
}

pub(crate) async fn check(pool: &Pool, document: &Document, deadline: Duration) -> Checked {
    pool.check(document, deadline, &CancellationToken::new()).await.expect("checked")
}

/// Tells whether a check went through without an error and without `sorry`.
pub(crate) fn is_clean(checked: &Checked) -> bool {
    let graver = |severity| severity != Severity::Information;
    checked.end == CheckEnd::Finished && !checked.diagnostics.iter().any(|message| graver(message.severity))
}

/// A proof that goes through, and one that does not, of each of the given texts' kind.
#[derive(Debug, Clone)]
pub(crate) struct Honest {
    pub(crate) name: String,
    pub(crate) good: Document,
    pub(crate) bad: Document,
}

/// Some honest texts that need nothing but `Init`.
pub(crate) fn honest() -> Vec<Honest> {
    let rows = include_str!("lean/honest.jsonl").lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let text = |row: &Value, member: &str| row[member].as_str().expect("a text").to_owned();
    let honest = rows.map(|row| {
        let (header, statement) = (text(&row, "header"), text(&row, "statement"));
        let with = |proof: &str| document(&header, &format!("{statement} := by\n  {proof}\n"));
        Honest { name: text(&row, "name"), good: with(&text(&row, "good")), bad: with(&text(&row, "bad")) }
    });
    honest.collect()
}
