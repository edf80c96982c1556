//! Thousands of checks with hanging, crashing and greedy candidates among them: every honest one is right, no bad one is
//! proved, no process and no file is left. `STEPPROOF_SOAK=10000` makes it long.

#![expect(clippy::print_stderr, reason = "its figures, and skips that are said loudly")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use stepproof::lean::PoolStats;
use stepproof::problem::FormalStatement;
use stepproof::sandbox::{Sandbox, Wanted};
use stepproof::verdict::Verdict;
use stepproof::verify::lean::{CandidateKind, JudgeSettings, LeanJudge};
use tokio_util::sync::CancellationToken;

use crate::lean::{lean_program, settings, start};

/// Checks of a run without `STEPPROOF_SOAK`.
const FEW: usize = 200;
/// A bad candidate comes once in so many checks.
const BAD_EVERY: usize = 20;
/// A bad candidate that hangs is waited for so long.
const DEADLINE: Duration = Duration::from_secs(5);
/// An honest check has so long, also while bad ones hold the machine.
const PATIENCE: Duration = Duration::from_secs(120);

const HEADER: &str = "import Init\nset_option autoImplicit false\n";

/// Statements with a proof and with a text that is none.
const HONEST: [(&str, &str, &str); 6] = [
    ("theorem swap (p q : Prop) : p ∧ q → q ∧ p", "intro h\nexact ⟨h.2, h.1⟩", "intro h\nexact h"),
    ("theorem chain (p q r : Prop) (f : p → q) (g : q → r) : p → r", "exact fun h => g (f h)", "exact fun h => f h"),
    ("theorem zero (n : Nat) : n + 0 = n", "rfl", "exact Nat.succ n"),
    ("theorem symmetric (a b : Nat) (h : a = b) : b = a", "rw [h]", "rfl"),
    (
        "theorem or_swap (p q : Prop) : p ∨ q → q ∨ p",
        "rintro (h | h)\n· exact Or.inr h\n· exact Or.inl h",
        "intro h\nsorry",
    ),
    (
        "theorem double (n : Nat) : n + n = 2 * n",
        "induction n with\n| zero => rfl\n| succ n _ => rw [Nat.two_mul]",
        "simp_all",
    ),
];

/// Statement, candidate, and what is put in place of `@A@` and `@B@`, so many times.
const BAD: [(&str, &str, &str, &str, usize); 6] = [
    ("theorem swap (p q : Prop) : p ∧ q → q ∧ p", "repeat (intro h; revert h)", "", "", 0),
    ("theorem truth : True", "sleep 60000\ntrivial", "", "", 0),
    ("theorem swap (p q : Prop) : p ∧ q → q ∧ p", "intro h\nexact @A@⟨h.2, h.1⟩@B@", "(", ")", 20_000),
    ("theorem swap (p q : Prop) : p ∧ q → q ∧ p", "intro h\nexact @A@⟨h.2, h.1⟩@B@", "(", ")", 200_000),
    (
        "theorem truth : True",
        "have h : (Nat.rec (motive := fun _ => Nat) 0 (fun _ r => Nat.succ r) 100000000 : Nat) = 100000000 := rfl\ntrivial",
        "",
        "",
        0,
    ),
    // Memory without end: a term that doubles with each step.
    (
        "theorem grows (f : Nat → Nat → Nat) : ∃ x, x = f 0 0",
        "refine ⟨?_, ?_⟩\nrepeat (refine f ?_ ?_)\nall_goals trivial",
        "",
        "",
        0,
    ),
];

fn statement(theorem: &str) -> FormalStatement {
    FormalStatement { header: HEADER.to_owned(), theorem: format!("{theorem} := by sorry") }
}

/// Runs the soak in a process of its own with a temporary folder of its own, where whatever is left can be seen.
#[test]
fn bad_candidates_harm_no_honest_one_and_leave_nothing() {
    if lean_program().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["soak::inner", "--exact", "--ignored", "--nocapture"]).env("TMPDIR", folder.path());
    let mut child = command.spawn().unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(workers_of(child.id()), Vec::<String>::new(), "no process is left");
    let left: Vec<PathBuf> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, Vec::<PathBuf>::new(), "no file is left");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the test above"]
async fn inner() {
    let Some(lean) = lean_program() else { return };
    let count = std::env::var("STEPPROOF_SOAK").ok().map_or(FEW, |count| count.parse().unwrap());
    let mut settings = settings(2).await;
    settings.sandbox = Sandbox::detect(Wanted::Best).await.unwrap();
    settings.options = vec![("maxHeartbeats".to_owned(), "200000".to_owned())];
    settings.stack_kilobytes = 32768;
    settings.worker_memory = 1 << 30;
    settings.total_memory = 2 << 30;
    let level = settings.sandbox.level();
    let pool = start(&lean, settings).await;
    let server = pool.server_process().await.unwrap();
    let hasty = LeanJudge::new(pool.clone(), JudgeSettings::new(DEADLINE, level));
    let patient = LeanJudge::new(pool.clone(), JudgeSettings::new(PATIENCE, level));
    let began = Instant::now();
    let checks = futures_util::stream::iter(0..count).map(|number| {
        let (hasty, patient) = (&hasty, &patient);
        async move {
            let never = CancellationToken::new();
            let is_bad = number % BAD_EVERY == BAD_EVERY / 2;
            let (judge, theorem, text, good) = if is_bad {
                let (theorem, text, left, right, times) = BAD[number / BAD_EVERY % BAD.len()];
                (hasty, theorem, text.replace("@A@", &left.repeat(times)).replace("@B@", &right.repeat(times)), false)
            } else {
                let (theorem, right, wrong) = HONEST[number % HONEST.len()];
                let good = number % 4 != 3;
                (patient, theorem, (if good { right } else { wrong }).to_owned(), good)
            };
            let judged = judge.judge(&statement(theorem), &text, CandidateKind::Tactics, &never).await.unwrap();
            let class = judged.verdict.class();
            // A wrong proof is told to be one; what a bad candidate comes to depends on the machine.
            let right = if good { class == "proved" } else { class != "proved" };
            let right = right && (is_bad || good || matches!(judged.verdict, Verdict::Rejected(_)));
            assert!(right, "check {number}: {class} for {:.80}: {:?}", text, judged.report.diagnostics.first());
            (if is_bad { "bad" } else { "honest" }, class)
        }
    });
    let classes: Vec<(&str, &str)> = checks.buffer_unordered(3).collect().await;
    let wall = began.elapsed();
    let stats = pool.stats();
    pool.close().await;
    drop((hasty, patient, pool));
    let mut by_class: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for class in classes {
        *by_class.entry(class).or_default() += 1;
    }
    report(count, wall, &by_class, &stats);
    for _ in 0..200 {
        if !Path::new(&format!("/proc/{server}")).exists() && workers_of(std::process::id()).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("processes are left: {:?}", workers_of(std::process::id()));
}

fn report(count: usize, wall: Duration, by_class: &BTreeMap<(&str, &str), usize>, stats: &PoolStats) {
    let rate = count as f64 / wall.as_secs_f64();
    eprintln!("soak: {count} checks in {:.0} s, {rate:.1} a second", wall.as_secs_f64());
    for ((kind, class), number) in by_class {
        eprintln!("soak: {number} {kind}: {class}");
    }
    eprintln!("soak: {stats:?}, peak {} MB", stats.peak_memory >> 20);
}

/// Gives the Lean workers of a process's servers that still live, wherever their parents went.
fn workers_of(process: u32) -> Vec<String> {
    let mark = format!("file:///stepproof/check/{process}/");
    let lines = std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(&mark)).collect()
}
