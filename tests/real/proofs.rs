//! `eval` on suites of proofs with a real Lean (`STEPPROOF_TEST_LEAN`): scripted provers that are right, wrong and
//! cheating, runs that are killed, and a real model on the small theorems.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on panics; figures are shown")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::lean::lean_program;

fn command(folder: &Path, line: &str) -> Option<Command> {
    let lean = lean_program()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    // What confines Lean is a program that is looked for.
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("STEPPROOF_LEAN", lean);
    command.args(line.split_whitespace()).arg("--allow-unsandboxed");
    Some(command)
}

fn run(folder: &Path, line: &str) -> Option<Output> {
    Some(command(folder, line)?.output().unwrap())
}

#[track_caller]
fn json(folder: &Path, line: &str) -> Option<(Value, String)> {
    let output = run(folder, line)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{line}: {said}");
    Some((serde_json::from_slice(&output.stdout).unwrap(), said))
}

fn sql(folder: &Path, question: &str) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_stepproof"))
        .current_dir(folder)
        .env_clear()
        .args(["sql", question, "--format", "jsonl"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn block(code: &str) -> String {
    format!("Here it is.\n\n```lean4\n{code}\n```\n")
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A theorem that nobody is told how to prove, what is replied, and the class that this deserves.
fn cases() -> Vec<(&'static str, &'static str, Vec<String>, &'static str)> {
    let t = |name: &str, proof: &str| block(&format!("theorem {name} (p q : Prop) (h : p ∧ q) : q ∧ p := {proof}"));
    let statement = "(p q : Prop) (h : p ∧ q) : q ∧ p";
    let header = "import Init\nset_option autoImplicit false\n";
    vec![
        ("right", statement, vec![t("right", "by\n  exact ⟨h.2, h.1⟩")], "proved"),
        ("tactics", statement, vec![block("exact ⟨h.2, h.1⟩")], "proved"),
        (
            "whole_file",
            statement,
            vec![block(&format!(
                "{header}\ntheorem helper (a b : Prop) (k : a ∧ b) : b := k.2\n\n\
                 theorem whole_file (p q : Prop) (h : p ∧ q) : q ∧ p := by\n  exact ⟨helper p q h, h.1⟩"
            ))],
            "proved",
        ),
        (
            "last_block",
            statement,
            vec![format!("{}But better:\n{}", t("last_block", "by sorry"), t("last_block", "⟨h.2, h.1⟩"))],
            "proved",
        ),
        ("wrong", statement, vec![t("wrong", "by\n  exact h")], "failed"),
        ("open", statement, vec![t("open", "by\n  sorry")], "incomplete"),
        ("weaker", statement, vec![block("theorem weaker (p q : Prop) (h : p ∧ q) : q := h.2")], "statement_changed"),
        (
            "axiom_cheat",
            statement,
            vec![block("axiom c : False\ntheorem axiom_cheat (p q : Prop) (h : p ∧ q) : q ∧ p := c.elim")],
            "banned",
        ),
        (
            "macro_cheat",
            statement,
            vec![block(
                "macro_rules | `(tactic| rfl) => `(tactic| sorry)\ntheorem macro_cheat (p q : Prop) (h : p ∧ q) : q ∧ p := by rfl",
            )],
            "banned",
        ),
        ("no_block", statement, vec!["I cannot do this one.".to_owned()], "no_candidate"),
        ("silent", statement, vec![String::new()], "no_candidate"),
        (
            "cut",
            statement,
            vec!["```lean4\ntheorem cut (p q : Prop) (h : p ∧ q) : q ∧ p := by\n  exact ⟨h.2".to_owned()],
            "failed",
        ),
        ("often", statement, vec![t("often", "⟨h.2, h.1⟩"), t("often", "h"), t("often", "⟨h.2, h.1⟩")], "proved"),
    ]
}

/// Writes a suite of our own with its script; one statement of it does not compile.
fn prepare(folder: &Path, token_ms: u64) {
    std::fs::write(folder.join("lab.toml"), "name = 'lab'\nform = 'proof'\n").unwrap();
    let (mut problems, mut script) = (String::new(), format!("token_ms = {token_ms}\n"));
    let cases = cases();
    let broken = ("broken", ": notThere = 1", vec![block("theorem broken : True := trivial")], "");
    for (name, statement, replies, _) in cases.iter().chain([&broken]) {
        let line = serde_json::json!({
            "id": name, "header": "import Init\nset_option autoImplicit false\n",
            "formal_statement": format!("theorem {name} {statement} := by sorry"), "proofs": ["the secret"],
        });
        problems.push_str(&format!("{line}\n"));
        for reply in replies {
            script.push_str(&format!(
                "[[reply]]\nmatch = {}\ntext = {}\n",
                quoted(&format!("theorem {name} ")),
                quoted(reply)
            ));
        }
    }
    std::fs::write(folder.join("lab.jsonl"), problems).unwrap();
    std::fs::write(folder.join("s.toml"), script).unwrap();
}

#[test]
fn right_wrong_and_cheating_proofs_get_their_classes_and_count_as_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder, 0);
    let eval = "eval lab.toml --model script:s.toml --format json --progress none";
    let Some((summary, said)) = json(folder, &format!("{eval} --samples 4")) else { return };
    assert!(said.contains("14 statements were checked by Lean, 1 do not compile"), "{said}");
    assert!(said.contains("broken does not compile and is left out: "), "{said}");
    assert_eq!(summary["skipped_statements"], serde_json::json!({ "count": 1, "ids": ["broken"] }));
    assert_eq!((summary["items"].as_u64(), summary["attempts"].as_u64()), (Some(13), Some(52)));
    let rows = sql(folder, "SELECT item_id, class, recheck, count(*) AS n FROM attempts_flat GROUP BY 1, 2, 3");
    let mut proved: BTreeMap<&str, f64> = cases().iter().map(|(name, ..)| (*name, 0.0)).collect();
    for row in &rows {
        let (item, class) = (row["item_id"].as_str().unwrap(), row["class"].as_str().unwrap());
        let (name, _, replies, expected) =
            cases().into_iter().find(|(name, ..)| *name == item).unwrap_or_else(|| panic!("{item} was asked"));
        assert!(class == expected || (replies.len() > 1 && class == "failed"), "{name}: {class}");
        assert_eq!(row["recheck"] == "confirmed", class == "proved", "{row}");
        if class == "proved" {
            proved.insert(name, row["n"].as_f64().unwrap());
        }
    }
    let items = proved.len() as f64;
    let mean = |of: &dyn Fn(f64) -> f64| proved.values().map(|right| of(*right)).sum::<f64>() / items;
    let at = |k: &str| summary["pass_at"][k].as_f64().unwrap();
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    close(at("1"), mean(&|right| right / 4.0));
    // One minus the chance that both of two samples out of four are wrong.
    close(at("2"), mean(&|right| 1.0 - (4.0 - right) * (3.0 - right) / 12.0));
    close(at("4"), mean(&|right| f64::from(right > 0.0)));
    assert_eq!(summary["accepted"].as_f64(), Some(proved.values().sum::<f64>()));
    assert_eq!(summary["lean"]["confirmed"], summary["accepted"]);
    let text = std::fs::read(folder.join("stepproof.db")).unwrap();
    assert!(!text.windows(10).any(|part| part == b"the secret"), "worked proofs never get into a run");

    // The same command has nothing left to do; a replay and a second grading say the same.
    let (again, said) = json(folder, &format!("{eval} --samples 4")).unwrap();
    assert!(said.contains("going on: 52 of 52 attempts are there") && !said.contains("were checked"), "{said}");
    assert_eq!(again["classes"], summary["classes"]);
    let run = summary["run_id"].as_str().unwrap();
    let (replayed, _) = json(folder, &format!("eval --replay {run} --format json --progress none")).unwrap();
    for key in ["spec_hash", "attempts", "classes", "accepted", "pass_at", "skipped_statements", "lean", "tokens"] {
        assert_eq!(replayed[key], summary[key], "{key}");
    }
    let (regraded, _) = json(folder, &format!("regrade {run} --format json --progress none")).unwrap();
    assert_eq!((regraded["judged"].as_u64(), regraded["confirmed"].as_f64()), (Some(52), summary["accepted"].as_f64()));
    // A verdict goes through its first form: all proofs are pending between the two looks.
    assert_eq!(regraded["changed"].as_array().map(Vec::len), Some(0), "{regraded}");
    let left = sql(folder, "SELECT count(*) AS n FROM attempts_flat WHERE recheck = 'pending'");
    assert_eq!(left[0]["n"], 0);
}

#[test]
fn the_second_look_can_be_taken_at_once_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder, 0);
    let eval = "eval lab.toml --model script:s.toml --format json --progress none --limit 5";
    let Some((each, _)) = json(folder, &format!("{eval} --recheck each")) else { return };
    let (off, _) = json(folder, &format!("{eval} --recheck off")).unwrap();
    assert_eq!((&each["lean"]["recheck"], each["lean"]["confirmed"].as_u64()), (&"each".into(), Some(4)));
    assert_eq!((&off["lean"]["recheck"], off["lean"]["confirmed"].as_u64()), (&"off".into(), Some(0)));
    assert_eq!((each["accepted"].as_u64(), off["accepted"].as_u64()), (Some(4), Some(4)));
    assert_ne!(each["spec_hash"], off["spec_hash"]);
    let verdicts = sql(folder, "SELECT count(*) AS n FROM verdict");
    assert_eq!(verdicts[0]["n"], 10, "one verdict an attempt");
}

#[test]
fn every_small_theorem_has_a_proof_that_lean_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let proofs = include_str!("../data/core_sample_proofs.jsonl");
    let script: String = proofs
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let (id, proof) = (row["id"].as_str().unwrap(), row["proof"].as_str().unwrap());
            format!("[[reply]]\nmatch = {}\ntext = {}\n", quoted(&format!("theorem {id} ")), quoted(&block(proof)))
        })
        .collect();
    std::fs::write(folder.join("s.toml"), script).unwrap();
    let eval = "eval core-theorems --model script:s.toml --format json --progress none";
    let Some((summary, _)) = json(folder, eval) else { return };
    let missed = sql(folder, "SELECT item_id, class, detail FROM attempts_flat WHERE class <> 'proved'");
    assert_eq!((summary["accepted"].as_u64(), summary["attempts"].as_u64()), (Some(42), Some(42)), "{missed:?}");
    assert_eq!(summary["skipped_statements"]["count"], 0);
}

#[test]
fn a_killed_run_goes_on_and_has_every_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder, 5);
    let line = "eval lab.toml --model script:s.toml --format json --progress none --samples 6 --concurrency 3";
    let Some(mut first) = command(folder, line) else { return };
    let attempts = || match folder.join("stepproof.db").exists() {
        true => sql(folder, "SELECT count(*) AS n FROM attempt")[0]["n"].as_u64().unwrap(),
        false => 0,
    };
    for kill in 1..=4 {
        let mut child = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The last kill falls into the second looks or right before them, as far as time can tell.
        while child.try_wait().unwrap().is_none() && attempts() < 15 * kill {
            std::thread::sleep(Duration::from_millis(30));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let before = attempts();
    let (summary, _) = json(folder, line).unwrap();
    assert_eq!(summary["attempts"].as_u64(), Some(13 * 6), "{before} were there");
    assert_eq!(
        (&summary["unknown"], &summary["failed"], &summary["lean"]["pending"]),
        (&0.into(), &0.into(), &0.into())
    );
    assert_eq!(summary["lean"]["confirmed"], summary["accepted"]);
    let current = sql(folder, "SELECT count(*) AS n FROM verdict WHERE current = 1");
    assert_eq!(current[0]["n"].as_u64(), Some(13 * 6));
}

#[test]
fn without_mathlib_nothing_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("lab.toml"), "name = 'lab'\nform = 'proof'\n").unwrap();
    let line = serde_json::json!({
        "id": "a", "header": "import Mathlib\n\nopen Real\n", "formal_statement": "theorem a : True := by sorry",
    });
    std::fs::write(folder.join("lab.jsonl"), line.to_string()).unwrap();
    std::fs::write(folder.join("s.toml"), "[[reply]]\ntext = 'x'\n").unwrap();
    let Some(output) = run(folder, "eval lab.toml --model script:s.toml --progress none") else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("its statements import Mathlib, which Lean ") && said.contains("--lean-project DIR"),
        "{said}"
    );
    assert!(!folder.join("stepproof.db").exists());
}

#[cfg(feature = "local")]
#[test]
fn a_real_model_is_judged_by_a_real_server() {
    let Some(model) = crate::local::model_file() else { return };
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        "eval core-theorems --model local:{} --set form=base --temperature 0.4 --max-tokens 48 --samples 2 --limit 12 \
         --format json --progress none",
        model.display()
    );
    let Some((summary, said)) = json(folder.path(), &line) else { return };
    assert_eq!((summary["attempts"].as_u64(), summary["failed"].as_u64()), (Some(24), Some(0)), "{said}");
    assert_eq!(summary["lean"]["pending"], 0);
    assert!(summary["tokens"]["completion"].as_u64() > Some(0));
    let judged: u64 = summary["classes"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(judged, 24);
    eprintln!("classes {}, pass@k {}", summary["classes"], summary["pass_at"]);
}
