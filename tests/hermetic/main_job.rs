//! `eval` and `solve` from the command line on a scripted model: the public forms of contracts and help.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const SCRIPT: &str = "[[reply]]\nmatch = 'even'\ntext = \"Halve it.\\n\\nSo \\\\boxed{4}.\"\n\
                      [[reply]]\ntext = \"No idea.\"\n";
const PROBLEMS: &str = "{\"id\": \"a\", \"problem\": \"Half of the even number 8?\", \"answer\": 4}\n\
                        {\"id\": \"b\", \"problem\": \"An odd one?\", \"answer\": 5}\n";

fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("s.toml"), SCRIPT).unwrap();
    std::fs::write(place.path().join("lab.toml"), "name = 'lab'\nform = 'integer'\nnotes = ['made up']\n").unwrap();
    std::fs::write(place.path().join("lab.jsonl"), PROBLEMS).unwrap();
    place
}

fn stepproof(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    command.env_clear().current_dir(folder).args(line.split_whitespace());
    command
}

#[track_caller]
fn json(folder: &Path, line: &str) -> Value {
    let output = stepproof(folder, line).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_summary_has_the_keys_that_are_promised() {
    let place = place();
    let summary = json(place.path(), "eval lab.toml --model script:s.toml --samples 2 --format json");
    let keys = "schema run_id spec_hash suite strategy items attempts accepted rejected unknown failed accuracy stderr \
                ci95 pass_at maj_at lenient_accuracy truncated tokens by_model cost wall_ms";
    for key in keys.split_whitespace() {
        assert!(summary.get(key).is_some(), "{key} is missing: {summary}");
    }
    assert_eq!(summary["accuracy"], 0.5);
    assert_eq!((&summary["pass_at"]["2"], &summary["maj_at"]["2"]), (&0.5.into(), &0.5.into()));
    assert_eq!((summary["accepted"].as_u64(), summary["classes"]["no_answer"].as_u64()), (Some(2), Some(2)));
    assert_eq!(summary["notes"][0], "made up");
}

#[test]
fn settings_run_files_and_flags_stack_and_a_dry_run_shows_where_each_is_from() {
    let place = place();
    let folder = place.path();
    std::fs::write(folder.join("stepproof.toml"), "samples = 3\nstrategy = 'stepwise'\n").unwrap();
    std::fs::write(folder.join("run.toml"), "suite = 'lab.toml'\nmodel = 'script:s.toml'\nsamples = 4\n").unwrap();
    let dry = json(folder, "eval --config run.toml --samples 5 --set max_steps=7 --dry-run --format json");
    assert_eq!((dry["items"].as_u64(), dry["attempts"].as_u64()), (Some(2), Some(10)));
    assert_eq!(dry["most_completion_tokens"].as_u64(), Some(10 * 7 * 512));
    let origin = |setting: &str| {
        let rows = dry["settings"].as_array().unwrap();
        rows.iter().find(|row| row["setting"] == setting).map(|row| row["origin"].as_str().unwrap().to_owned()).unwrap()
    };
    assert_eq!(origin("samples"), "command line");
    assert_eq!(origin("strategy"), "stepproof.toml:2");
    assert!(origin("suite").ends_with("run.toml:1"));
    assert_eq!(origin("seed"), "default");
    assert!(!folder.join("stepproof.db").exists(), "nothing is run");
}

#[test]
fn a_problem_is_solved_in_every_form() {
    let place = place();
    let folder = place.path();
    let solve = "solve --model script:s.toml --strategy stepwise";
    let text = stepproof(folder, solve).arg("Is 8 even?").output().unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with("Halve it.\n\nSo \\boxed{4}.\n\nanswer   4\n"), "{text}");
    let whole = stepproof(folder, &format!("{solve} --format json")).write_stdin("Is 8 even?").output().unwrap();
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!((&whole["answer"], &whole["outcome"]), (&"4".into(), &"answered".into()));
    assert_eq!(whole["steps"].as_array().unwrap().len(), 2);
    let lines = stepproof(folder, &format!("{solve} --format jsonl")).write_stdin("Is 8 even?").output().unwrap();
    let lines = String::from_utf8(lines.stdout).unwrap();
    assert_eq!(lines.lines().count(), 3, "two steps and the result: {lines}");
    stepproof(folder, solve).write_stdin(b"caf\xe9".to_vec()).assert().code(2);
}

#[test]
fn one_attempt_at_a_time_gives_the_same_as_many() {
    let place = place();
    let folder = place.path();
    let eval = "eval lab.toml --model script:s.toml --samples 8 --format json --progress none";
    let one = json(folder, &format!("{eval} --deterministic --db one.db"));
    let many = json(folder, &format!("{eval} --concurrency 8 --db many.db"));
    for key in ["spec_hash", "accepted", "classes", "tokens", "pass_at", "maj_at"] {
        assert_eq!(one[key], many[key], "{key}");
    }
}
