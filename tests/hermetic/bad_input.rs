//! Bad input to the main job: each ends in one clear sentence with its exit code, never in a panic, and nothing that was
//! stored before is lost.

use std::path::Path;

use assert_cmd::Command;

const SCRIPT: &str = "[[reply]]\ntext = 'So \\boxed{7}.'\n";
const SUITE: &str = "name = 'lab'\nform = 'integer'\nfile = 'lab.jsonl'\n";
const GOOD: &str = "{\"id\": \"a\", \"problem\": \"What is 3 + 4?\", \"answer\": 7}\n";

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), bytes).unwrap();
}

fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    write(place.path(), "s.toml", SCRIPT);
    write(place.path(), "lab.toml", SUITE);
    write(place.path(), "lab.jsonl", GOOD);
    place
}

fn stepproof(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    command.env_clear().current_dir(folder).args(line.split_whitespace());
    command
}

/// Runs a command line and compares exit code and a part of the first line of standard error that is an error.
#[track_caller]
fn check(folder: &Path, line: &str, code: i32, part: &str) {
    let output = stepproof(folder, line).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{line}: {stderr}");
    assert!(stderr.contains(part), "{line}: {part:?} is not in {stderr:?}");
    assert!(!stderr.contains("panicked") && !stderr.contains("a defect in stepproof"), "{line}: {stderr}");
    if code != 0 && code != 5 {
        let errors = stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(errors, 1, "one sentence: {stderr}");
    }
}

#[test]
fn command_lines_and_names() {
    let place = place();
    let folder = place.path();
    let model = "--model script:s.toml";
    for (line, code, part) in [
        ("eval", 2, "choose a suite"),
        ("eval lab.toml", 2, "choose a model: none is given"),
        (&format!("eval gsm8 {model}"), 2, "did you mean gsm8k"),
        (&format!("eval gsm8k {model}"), 3, "looked for data/math/gsm8k_test.jsonl; get it from"),
        (&format!("eval gsm8k {model} --data elsewhere"), 3, "looked for elsewhere/math/gsm8k_test.jsonl"),
        (&format!("eval none.toml {model}"), 3, "looked for none.toml"),
        (&format!("eval lab.toml {model} --strategy stepwize"), 2, "did you mean stepwise?"),
        (&format!("eval lab.toml {model} --set max_tokns=3"), 2, "did you mean max_tokens?"),
        (&format!("eval lab.toml {model} --set max_tokens=0"), 2, "max_tokens = 0 leaves nothing to write"),
        (&format!("eval lab.toml {model} --temperature -1"), 2, "--temperature"),
        (&format!("eval lab.toml {model} --budget-tokens 0"), 2, "--budget-tokens"),
        (&format!("eval lab.toml {model} --budget-calls 0"), 2, "--budget-calls"),
        (&format!("eval lab.toml {model} --budget-seconds 0"), 2, "--budget-seconds"),
        (&format!("eval lab.toml {model} --samples 0"), 2, "--samples"),
        (&format!("eval lab.toml {model} --prompts nowhere"), 0, ""),
        ("eval lab.toml --model nothing", 2, "find the model \"nothing\" in the settings"),
        ("eval lab.toml --model bog=script:s.toml", 2, "bog"),
        ("eval lab.toml --model script:none.toml", 2, "follow the script none.toml"),
        ("eval lab.toml --model script:lab.jsonl", 2, "line 1"),
        ("eval lab.toml --model openai:m@http://127.0.0.1:9/v1", 3, "reach model m at http://127.0.0.1:9/v1"),
        ("eval lab.toml --model openai:m@ftp://host", 2, "write openai:SERVED@http"),
        ("eval --replay 01234567", 2, "find a run \"01234567\""),
        ("solve --model script:none.toml x", 2, "follow the script none.toml"),
    ] {
        check(folder, line, code, part);
    }
}

#[cfg(feature = "local")]
#[test]
fn model_files() {
    let place = place();
    let folder = place.path();
    write(folder, "empty.gguf", "");
    write(folder, "text.gguf", "this is no model");
    write(folder, "cut.gguf", b"GGUF\x03\0\0\0\x10\0\0\0\0\0\0\0\x20\0\0\0\0\0\0\0");
    write(folder, "huge.gguf", b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    std::fs::create_dir(folder.join("folder.gguf")).unwrap();
    for name in ["none", "empty", "text", "cut", "huge", "folder"] {
        check(
            folder,
            &format!("eval lab.toml --model local:{name}.gguf"),
            3,
            &format!("load the model file {name}.gguf"),
        );
    }
}

#[test]
fn data_files() {
    let place = place();
    let folder = place.path();
    let eval = "eval lab.toml --model script:s.toml --progress none";
    let second = "{\"id\": \"b\", \"problem\": \"What is 3 + 5?\", \"answer\": 8}\n";
    let bad: [(&[u8], &str); 8] = [
        (b"{\"id\": \"a\", \n", "lab.jsonl, line 1: broken JSON at column"),
        (b"[1]\n", "lab.jsonl, line 1"),
        (b"{\"id\": \"a\", \"problem\": \"x\"}\n", "lab.jsonl, line 1"),
        (b"{\"id\": \"a\", \"problem\": 3, \"answer\": [1]}\n", "lab.jsonl, line 1"),
        (b"{\"id\": \"a\", \"problem\": \"caf\xe9\", \"answer\": 1}\n", "lab.jsonl, line 1"),
        (b"", "lab.jsonl"),
        (b"\n\n", "lab.jsonl"),
        (b"\xff\xfe{\0}\0", "lab.jsonl, line 1"),
    ];
    for (bytes, part) in bad {
        write(folder, "lab.jsonl", bytes);
        check(folder, eval, 2, part);
    }
    write(folder, "lab.jsonl", format!("{GOOD}{second}{GOOD}"));
    check(folder, eval, 2, "lab.jsonl, line 3");
    std::fs::remove_file(folder.join("lab.jsonl")).unwrap();
    check(folder, eval, 3, "looked for");
    // A byte order mark, Windows line ends and a last line without an end are no faults.
    write(folder, "lab.jsonl", format!("\u{feff}{}", format!("{GOOD}{second}").replace('\n', "\r\n").trim_end()));
    check(folder, eval, 0, "");
    // A gold answer that cannot be used is no reason to stop, and is shown with every result.
    write(folder, "lab.jsonl", "{\"id\": \"a\", \"problem\": \"x\", \"answer\": \"a few\"}\n");
    let output = stepproof(folder, &format!("{eval} --format json")).output().unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(summary["notes"].to_string().contains("a few"), "{summary}");
    write(folder, "lab.jsonl", GOOD);
    write(folder, "lab.toml", format!("{SUITE}colour = 'red'\n"));
    check(folder, eval, 2, "lab.toml, line 4");
    write(folder, "lab.toml", SUITE.replace("integer", "integre"));
    check(folder, eval, 2, "lab.toml, line 2");
}

#[test]
fn settings_files() {
    let place = place();
    let folder = place.path();
    let eval = "eval lab.toml --model script:s.toml --progress none";
    for (text, part) in [
        ("sampels = 3\n", "stepproof.toml line 1"),
        ("samples = 'many'\n", "stepproof.toml line 1"),
        ("samples = \n", "stepproof.toml line 1"),
        (
            "[models.m]\nkind = 'openai'\nurl = 'http://h/v1'\nserved = 'm'\nkey = 'sk-123'\n",
            "keys come from the environment only",
        ),
    ] {
        write(folder, "stepproof.toml", text);
        check(folder, eval, 2, part);
    }
    write(
        folder,
        "stepproof.toml",
        "[models.m]\nkind = 'openai'\nurl = 'http://h/v1'\nserved = 'm'\nkey_env = 'NO_KEY'\n",
    );
    check(folder, "eval lab.toml --model m", 3, "the environment variable NO_KEY is not set");
}

#[test]
fn databases() {
    let place = place();
    let folder = place.path();
    let eval = |database: &str| format!("eval lab.toml --model script:s.toml --progress none --db {database}");
    check(folder, &eval("good.db"), 0, "");
    write(folder, "text.db", "this is no database, whatever its name says; it is long enough to be looked at as one");
    check(folder, &eval("text.db"), 2, "open the database text.db: the file is not an SQLite database");
    check(folder, &eval("none/there.db"), 3, "create the database none/there.db: its folder does not exist");
    check(folder, &eval("."), 2, "it is not a file");
    // Nothing of the failures above touched what was there.
    let text = std::fs::read_to_string(folder.join("text.db")).unwrap();
    assert!(text.starts_with("this is no database"));
    check(folder, "eval --replay last --progress none --db good.db", 0, "");
}

#[test]
fn attempts_that_cannot_be_made_are_failures_and_not_wrong_answers() {
    let place = place();
    let folder = place.path();
    write(folder, "short.toml", format!("context = 5\n{SCRIPT}"));
    let eval = "eval lab.toml --progress none --model script:";
    check(folder, &format!("{eval}short.toml"), 5, "could not fit the prompt: ");
    write(folder, "dead.toml", "[[reply]]\nfail = 'no route to host'\n");
    check(folder, &format!("{eval}dead.toml"), 5, "a: could not finish the completion: no route to host".split_at(3).1);
    let json = stepproof(folder, &format!("{eval}dead.toml --format json")).output().unwrap();
    let summary: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((summary["failed"].as_u64(), summary["rejected"].as_u64()), (Some(1), Some(0)));
}

#[test]
fn verdicts_can_decide_the_exit_code() {
    let place = place();
    let folder = place.path();
    write(folder, "wrong.toml", SCRIPT.replace('7', "8"));
    let eval = "eval lab.toml --progress none --model script:";
    check(folder, &format!("{eval}s.toml --fail-on rejected,unknown"), 0, "");
    check(folder, &format!("{eval}wrong.toml"), 0, "");
    let refused = stepproof(folder, &format!("{eval}wrong.toml --fail-on rejected")).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
}
