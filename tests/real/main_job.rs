//! The main job on real weights: `stepproof eval` from the command line, resumed and replayed.

#![cfg(feature = "local")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::process::{Command, Output};

use serde_json::Value;

use crate::local::model_file;

fn stepproof(folder: &std::path::Path, line: &str, model: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    command.current_dir(folder).env_clear().args(line.split_whitespace());
    if !model.is_empty() {
        command.args(["--model", model]);
    }
    command.output().unwrap()
}

fn json(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

#[test]
fn a_suite_is_run_stopped_extended_and_replayed_on_real_weights() {
    let Some(model) = model_file() else { return };
    let model = format!("local:{}", model.display());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for strategy in ["cot", "stepwise"] {
        let eval = format!("eval sample-words --strategy {strategy} --max-tokens 60 --format json --progress none");
        let eval = if strategy == "stepwise" { format!("{eval} --set max_steps=4") } else { eval };
        let first = stepproof(folder, &format!("{eval} --limit 2"), &model);
        assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
        let first = json(&first);
        assert_eq!((first["attempts"].as_u64(), first["failed"].as_u64()), (Some(2), Some(0)));
        assert!(first["tokens"]["completion"].as_u64() > Some(0), "{first}");
        let longer = json(&stepproof(folder, &format!("{eval} --limit 3 --samples 2"), &model));
        assert_eq!((&longer["run_id"], longer["attempts"].as_u64()), (&first["run_id"], Some(6)));
        let run = longer["run_id"].as_str().unwrap();
        let replayed = stepproof(folder, &format!("eval --replay {run} --format json --progress none"), "");
        assert_eq!(replayed.status.code(), Some(0), "{}", String::from_utf8_lossy(&replayed.stderr));
        let replayed = json(&replayed);
        assert_ne!(replayed["run_id"], longer["run_id"]);
        for key in
            ["spec_hash", "attempts", "classes", "accuracy", "tokens", "truncated", "lenient_accuracy", "by_model"]
        {
            assert_eq!(replayed[key], longer[key], "{key}");
        }
    }
}

#[test]
fn one_problem_is_solved_with_its_steps() {
    let Some(model) = model_file() else { return };
    let model = format!("local:{}", model.display());
    let folder = tempfile::tempdir().unwrap();
    let line = "solve --strategy stepwise --temperature 0 --max-tokens 40 --set max_steps=3 --format jsonl 7*8?";
    let output = stepproof(folder.path(), line, &model);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (result, steps) = lines.split_last().unwrap();
    assert!(!steps.is_empty() && steps.iter().all(|step| step["first_entropy_nats"].as_f64() > Some(0.0)), "{steps:?}");
    assert_eq!(result["schema"], 1);
}
