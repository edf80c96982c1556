//! `verify` and `lean` with a real Lean (`STEPPROOF_TEST_LEAN`): proofs, files, goals, and batches that are killed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::lean::lean_program;

fn command(folder: &Path, line: &str) -> Option<Command> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    // What confines Lean is a program that is looked for.
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("STEPPROOF_LEAN", lean_program()?);
    command.args(line.split_whitespace());
    if !["traces", "sql", "show"].contains(&line.split(' ').next().unwrap_or_default()) {
        command.arg("--allow-unsandboxed");
    }
    Some(command)
}

#[track_caller]
fn said(folder: &Path, line: &str, code: i32) -> Option<(String, String)> {
    let Output { status, stdout, stderr } = command(folder, line)?.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(stdout), text(stderr));
    assert_eq!(status.code(), Some(code), "{line}: {stdout}{stderr}");
    Some((stdout, stderr))
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).unwrap();
}

const STATEMENT: &str = "theorem swap (p q : Prop) (h : p ∧ q) : q ∧ p := by sorry\n";

#[test]
fn one_proof_is_verified_and_one_rejected() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    write(folder, "S.lean", STATEMENT);
    let whole = |proof: &str| STATEMENT.replace("by sorry", proof);
    let cases = [
        ("file", whole("⟨h.2, h.1⟩"), 0, "proved"),
        ("tactics", "exact ⟨h.2, h.1⟩".to_owned(), 0, "proved"),
        ("reply", format!("So:\n```lean\n{}```\n", whole("by exact ⟨h.2, h.1⟩")), 0, "proved"),
        ("file", whole("h"), 1, "failed"),
        ("file", whole("by sorry"), 1, "incomplete"),
        ("tactics", "exact h".to_owned(), 1, "failed"),
        ("reply", "I cannot.".to_owned(), 1, "no_candidate"),
        ("file", format!("axiom cheat : False\n{}", whole("cheat.elim")), 1, "banned"),
    ];
    for (kind, proof, code, class) in cases {
        write(folder, "P.lean", &proof);
        let line = format!("verify --statement S.lean --proof P.lean --kind {kind} --format json");
        let Some((stdout, _)) = said(folder, &line, code) else { return };
        let report: Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(report["class"], class, "{proof}: {report}");
        let confirmed = report["recheck"]["status"] == "confirmed";
        assert_eq!(confirmed, class == "proved", "{report}");
    }
    // The place is one of the proof's own file.
    write(folder, "P.lean", &format!("-- a comment\n\n{}", whole("h")));
    let (stdout, _) = said(folder, "verify --statement S.lean --proof P.lean", 1).unwrap();
    assert!(stdout.starts_with("rejected: failed\n") && stdout.contains("P.lean:3:"), "{stdout}");
    write(folder, "S.lean", "theorem swap : NoSuchThing := by sorry\n");
    let (stdout, _) = said(folder, "verify --statement S.lean --proof P.lean", 2).unwrap();
    assert!(stdout.contains("unknown: header_error"), "{stdout}");
}

#[test]
fn files_and_goals_are_told_with_their_places() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    write(folder, "good.lean", "theorem a : 1 = 1 := rfl\ntheorem b (p : Prop) : p ∨ ¬p := Classical.em p\n");
    write(folder, "bad.lean", "theorem a : True := trivial\n\n  theorem ä : 1 = 2 := rfl\n");
    write(folder, "import.lean", "import No.Such.Library\ntheorem a : True := trivial\n");
    let Some((stdout, _)) = said(folder, "verify good.lean --format jsonl", 0) else { return };
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&report["class"], &report["declarations"][0]["axioms"]), (&json!("compiles"), &json!([])));
    let (stdout, _) = said(folder, "verify good.lean bad.lean", 1).unwrap();
    assert!(stdout.contains("bad.lean:3:2: theorem ä DOES NOT COMPILE") && !stdout.contains("proved"), "{stdout}");
    let (stdout, stderr) = said(folder, "verify import.lean good.lean", 3).unwrap();
    assert!(stdout.contains("its imports cannot be loaded") && stdout.contains("good.lean: compiles"), "{stdout}");
    assert!(stderr.contains("hint: --lean-project"), "{stderr}");
    write(
        folder,
        "goals.lean",
        "theorem t (p q : Prop) (h : p ∧ q) : q ∧ p := by\n  constructor\n  exact h.2\n  exact h.1\n",
    );
    let goals = |line: &str, code| {
        let (stdout, _) = said(folder, &format!("lean goals goals.lean {line} --format json"), code).unwrap();
        serde_json::from_str::<Value>(&stdout).unwrap()["goals"].clone()
    };
    assert_eq!(goals("--line 2 --column 2", 0), json!(["p q : Prop\nh : p ∧ q\n⊢ q ∧ p"]));
    assert_eq!(goals("--line 2", 0).as_array().unwrap().len(), 2);
    assert_eq!(goals("--line 4", 0), json!([]));
    write(folder, "goals.lean", "def d := 1\n");
    assert_eq!(goals("--line 1 --column 0", 4), Value::Null);
}

/// A proof with the class that it deserves.
fn line(number: usize) -> (Value, &'static str) {
    let (candidate, class) = match number % 4 {
        0 => ("exact ⟨h.2, h.1⟩", "proved"),
        1 => ("exact h", "failed"),
        2 => ("constructor\n· exact h.2\n· exact h.1", "proved"),
        _ => ("sorry", "incomplete"),
    };
    let statement = STATEMENT.replace("swap", &format!("swap_{number}"));
    let line = json!({ "id": format!("p{number:03}"), "formal_statement": statement, "candidate": candidate, "kind": "tactics" });
    (line, class)
}

/// Writes a batch with a chain in it; gives `id class` of each line.
fn batch(folder: &Path, count: usize) -> Vec<String> {
    let (mut lines, mut expected): (Vec<Value>, Vec<String>) = (0..count)
        .map(|number| {
            let (line, class) = line(number);
            (line, format!("p{number:03} {class}"))
        })
        .unzip();
    let chain = |id: &str, numbers: [usize; 3]| json!({ "id": id, "steps": numbers.map(|number| line(number).0) });
    lines.insert(count / 2, chain("good", [0, 2, 4]));
    expected.insert(count / 2, "good proved".to_owned());
    lines.insert(count / 3, chain("bad", [0, 1, 3]));
    expected.insert(count / 3, "bad failed".to_owned());
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    write(folder, "B.jsonl", &lines.join("\n"));
    expected
}

/// `id class` of each line of the file of verdicts that is whole.
fn written(folder: &Path) -> Vec<String> {
    let text = std::fs::read(folder.join("O.jsonl")).unwrap_or_default();
    let text = String::from_utf8(text).unwrap();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            format!("{} {}", line["id"].as_str().unwrap(), line["class"].as_str().unwrap())
        })
        .collect()
}

fn count(folder: &Path, what: &str) -> i64 {
    let mut command = command(folder, "sql").unwrap();
    command.arg(format!("SELECT count(*) AS n FROM {what}")).args(["--format", "jsonl"]);
    serde_json::from_slice::<Value>(&command.output().unwrap().stdout).unwrap()["n"].as_i64().unwrap()
}

const BATCH: &str = "verify --batch B.jsonl --out O.jsonl --progress none";

#[test]
fn a_batch_of_a_hundred_with_chains_is_answered_and_stored() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let mut expected = batch(folder, 100);
    let mut lines = std::fs::read_to_string(folder.join("B.jsonl")).unwrap();
    let slow = json!({ "id": "slow", "formal_statement": STATEMENT, "candidate": "sleep 100000\nexact ⟨h.2, h.1⟩", "kind": "tactics" });
    lines.push_str(&format!("\n{slow}"));
    write(folder, "B.jsonl", &lines);
    expected.push("slow timeout".to_owned());
    if said(folder, &format!("{BATCH} --deadline 5"), 1).is_none() {
        return;
    }
    assert_eq!(written(folder), expected);
    let out = std::fs::read_to_string(folder.join("O.jsonl")).unwrap();
    let out: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(out.iter().filter(|line| line["class"] == "proved").all(|line| {
        let looks: Vec<&Value> = match line["steps"].as_array() {
            Some(steps) => steps.iter().map(|step| &step["recheck"]["status"]).collect(),
            None => vec![&line["recheck"]["status"]],
        };
        looks.iter().all(|look| **look == "confirmed")
    }));
    let (found, _) = said(folder, "traces --class timeout --format jsonl", 0).unwrap();
    assert!(found.lines().count() == 1 && found.contains("\"item_id\":\"slow\""), "{found}");
    assert_eq!(count(folder, "attempts_flat WHERE limit_hit = 'wall_time' AND check_ms >= 5000"), 1);
    assert_eq!(count(folder, "attempts_flat WHERE class = 'proved' AND recheck = 'confirmed'"), 50 + 3 + 1);
    let (shown, _) = said(folder, "show last p001", 0).unwrap();
    assert!(shown.contains("Type mismatch") || shown.contains("type mismatch"), "{shown}");
}

#[test]
fn a_batch_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let expected = batch(folder, 150);
    let mut random: u64 = 0x2545_f491_4f6c_dd1d;
    for _ in 0..10 {
        let Some(mut command) = command(folder, BATCH) else { return };
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(300 + (random >> 33) % 1500));
        child.kill().unwrap();
        child.wait().unwrap();
        let told = written(folder);
        assert_eq!(told[..], expected[..told.len()], "a prefix at any time");
    }
    said(folder, BATCH, 1).unwrap();
    assert_eq!(written(folder), expected);
    let items: BTreeSet<&String> = expected.iter().collect();
    assert_eq!(items.len(), 152);
    // Every proof of a chain is an attempt of its own.
    assert_eq!(count(folder, "attempt"), 156);
    assert_eq!(count(folder, "(SELECT item FROM attempt GROUP BY item HAVING count(*) > 1)"), 0);
    assert_eq!(count(folder, "run"), 1);
    assert_eq!(count(folder, "attempts_flat WHERE verdict IS NULL"), 0);
}

#[cfg(unix)]
#[test]
fn an_interrupted_batch_says_how_to_go_on() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let expected = batch(folder, 800);
    let Some(mut command) = command(folder, BATCH) else { return };
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = std::time::Instant::now();
    while written(folder).is_empty() && begun.elapsed() < Duration::from_secs(100) {
        std::thread::sleep(Duration::from_millis(20));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("lines are left; the same command goes on"), "{stderr}");
    let told = written(folder);
    assert!(!told.is_empty() && told.len() < expected.len(), "{}", told.len());
    said(folder, BATCH, 1).unwrap();
    assert_eq!(written(folder), expected);
}
