//! Programs that are no Lean, or none that answers.

use std::path::Path;
use std::time::Duration;

use stepproof::lean::{LeanError, Toolchain};

use super::lab::FakeLean;

async fn open(lean: &Path) -> Result<Toolchain, LeanError> {
    let opened = Toolchain::open_within(lean, None, &[], Duration::from_secs(2));
    tokio::time::timeout(Duration::from_secs(60), opened).await.expect("it ends by itself")
}

#[tokio::test]
async fn a_program_that_answers_like_lean_is_taken() {
    let fake = FakeLean::new("");
    assert_eq!(open(&fake.lean()).await.unwrap().version.number, "4.35.0");
}

#[tokio::test]
async fn what_is_no_lean_is_named_and_leaves_no_process() {
    for (script, expected) in [
        ("version-is-another", "it says \"bash, version"),
        ("version-exits", "ended with"),
        ("version-hangs", "within 2 s"),
        ("version-floods", "longer than"),
    ] {
        let fake = FakeLean::new(script);
        let error = open(&fake.lean()).await.expect_err(script).to_string();
        assert!(error.contains(expected) && error.contains("bin/lean"), "{script}: {error}");
        fake.assert_no_process_is_left().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lean");
    for content in [None, Some("not a program")] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let error = open(&file).await.expect_err("no program").to_string();
        assert!(error.starts_with("start ") && error.ends_with("/lean"), "{error}");
    }
}
