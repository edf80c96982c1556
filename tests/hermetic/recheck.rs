//! The second kernel's word, with scripts in its place.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use stepproof::sandbox::{Level, Limits, Sandbox, Wanted};
use stepproof::verify::lean::Audit;
use stepproof::verify::lean::audit::Auditor;
use tokio_util::sync::CancellationToken;

/// A kernel of a kind: it accepts what has no axiom and no proof of the false probe's shape.
const HONEST: &str = r#"
[ "$1" = --help ] && { echo 'fake_kernel 0.1.2'; exit 0; }
grep -q '"permitted_axioms":\["propext","Classical.choice","Quot.sound"\]' "$1" || exit 2
grep -q '"axiom"' export.ndjson && { echo 'declaration not found, cheat' >&2; exit 101; }
grep -q '"value":5' export.ndjson && exit 101
grep -q '^declines' export.ndjson && { echo 'Declined: too much' >&2; exit 2; }
grep -q '^panics' export.ndjson && { printf "\nthread 'main' panicked at src/tc.rs:1:\nnot equal\n" >&2; exit 101; }
echo 'checked 1 declaration'
"#;

fn script(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("kernel");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

async fn auditor(body: &str) -> (tempfile::TempDir, Auditor) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = script(folder.path(), body);
    let sandbox = Sandbox::detect(Wanted::Exactly(Level::None)).await.unwrap();
    let auditor = Auditor::open(&program, &sandbox, Duration::from_secs(60), Limits::default()).await;
    (folder, auditor)
}

#[tokio::test]
async fn a_kernel_that_tells_true_from_false_has_its_word() {
    let (_folder, auditor) = auditor(HONEST).await;
    assert_eq!(auditor.name(), Ok("fake_kernel 0.1.2"));
    let cancel = CancellationToken::new();
    let confirmed = auditor.audit("{\"thm\":{\"value\":6}}\n", &cancel).await;
    assert_eq!(confirmed, Audit::Confirmed("fake_kernel 0.1.2".to_owned()));
    let refuted = auditor.audit("{\"axiom\":{}}\n", &cancel).await;
    assert!(matches!(&refuted, Audit::Refuted(reason) if reason.contains("declaration not found")), "{refuted:?}");
    let panicked = auditor.audit("panics\n", &cancel).await;
    assert!(
        matches!(&panicked, Audit::Refuted(reason) if reason.ends_with("at src/tc.rs:1: not equal")),
        "{panicked:?}"
    );
    let declined = auditor.audit("declines\n", &cancel).await;
    assert!(matches!(&declined, Audit::Unavailable(reason) if reason.contains("too much")), "{declined:?}");
    cancel.cancel();
    assert!(matches!(auditor.audit("", &cancel).await, Audit::Unavailable(_)));
}

#[tokio::test]
async fn a_kernel_that_is_none_never_confirms() {
    let killed = HONEST.replace("exit 101", "kill -9 $$");
    let cases = [
        ("accepts all", "exit 0", "accepts a false"),
        ("refuses all", "exit 1", "refuses a true"),
        ("floods", "exec cat /dev/zero", "no answer"),
        (
            "blind to axioms",
            "grep -q '\"value\":5' export.ndjson && ! grep -q '\"axiom\"' export.ndjson && exit 1; exit 0",
            "an unproved",
        ),
        ("dies", killed.as_str(), ""),
    ];
    for (case, body, expected) in cases {
        let (_folder, auditor) = auditor(body).await;
        let audit = auditor.audit("{\"axiom\":{}}\n", &CancellationToken::new()).await;
        assert!(matches!(&audit, Audit::Unavailable(reason) if reason.contains(expected)), "{case}: {audit:?}");
    }
    let sandbox = Sandbox::detect(Wanted::Exactly(Level::None)).await.unwrap();
    let missing = Auditor::open(Path::new("/nonexistent/kernel"), &sandbox, Duration::from_secs(5), Limits::default());
    assert!(missing.await.name().is_err());
}
