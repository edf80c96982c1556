//! The commands that look at stored runs, on a database that the library made: every format, wrong names, text from
//! models that steers terminals, closed pipes.

mod grade;
mod models;
mod runs;
mod show;

use serde_json::Value;
use stepproof::store::{OpenMode, Store, VerdictRow};

use super::command::Place;
use super::lab::Lab;

/// Six items: one whose line is dead, one whose answer steers the terminal and cannot be judged, one that is answered
/// wrong, three that are answered right.
const SCRIPT: &str = r#"
[[reply]]
match = "flaky"
fail = "the line went dead"
[[reply]]
match = "What is 1 -"
text = "Look \u001b[2J\u009b31m here.\n\nSo \\boxed{6\u001b]0;x}."
[[reply]]
match = "What is 2 -"
text = "So \\boxed{6}."
[[reply]]
text = "First take modulo seven.\n\nThen think.\n\nSo \\boxed{5}."
[[reply.distribution]]
after = ""
tokens = { First = 0.5, Second = 0.5 }
"#;

/// A run of six items with two samples each, in `stepproof.db`.
struct Filled {
    place: Place,
    run: String,
}

impl Filled {
    fn new() -> Filled {
        let place = Place::new();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let run = runtime.block_on(async {
            let lab = Lab::open(&place.path().join("stepproof.db"), SCRIPT).await;
            let (run, executed) = lab.run(6, 2).await;
            assert_eq!((executed.committed, executed.failed), (12, 2));
            lab.store.close().await;
            run.run_id
        });
        Filled { place, run }
    }

    /// Leaves the first attempt with a verdict that an older grader might have given.
    fn judge_as_an_older_grader(&self) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let store = Store::open(self.place.path().join("stepproof.db"), OpenMode::ReadWrite).await.unwrap();
            let run = store.find_run(&self.run).await.unwrap();
            let candidates = store.candidates(run.key, None, 12).await.unwrap();
            let first = candidates.iter().find(|row| row.item.item_id == "item-000").unwrap();
            let verdict = VerdictRow {
                judged_us: 1,
                verifier: "answer-0".to_owned(),
                verdict: "unknown".to_owned(),
                class: "undecided".to_owned(),
                decided_by: None,
                extracted: None,
                lenient: false,
                check_ms: None,
                limit_hit: None,
                recheck: None,
                detail: None,
            };
            assert_eq!(store.add_verdicts(&[(first.attempt, verdict)]).await.unwrap(), 1);
            store.close().await;
        });
    }

    /// Runs a command line and gives its exit code, standard output and standard error.
    fn said(&self, line: &str) -> (i32, String, String) {
        said(&self.place, line)
    }

    fn json(&self, line: &str) -> Value {
        self.place.json(&format!("{line} --format json"))
    }

    fn lines(&self, line: &str) -> Vec<Value> {
        let (_, stdout, stderr) = self.said(&format!("{line} --format jsonl"));
        stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}: {stderr}")))
            .collect()
    }

    /// Counts the rows of a table.
    fn count(&self, sql: &str) -> i64 {
        let mut command = self.place.stepproof("sql --format jsonl");
        let output = command.arg(format!("SELECT count(*) AS n FROM {sql}")).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["n"].as_i64().unwrap()
    }
}

fn said(place: &Place, line: &str) -> (i32, String, String) {
    let output = place.stepproof(line).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Every command that reads the database.
const READERS: [&str; 9] = [
    "runs",
    "show last",
    "show last item-001",
    "traces",
    "traces --steps --text boxed",
    "traces --steps --min-entropy 0.1",
    "sql --views",
    "regrade last",
    "export last",
];

#[test]
fn tables_are_harmless_and_fit() {
    let filled = Filled::new();
    for line in READERS.iter().filter(|line| !line.starts_with("export")) {
        let (code, stdout, stderr) = filled.said(line);
        assert_eq!(code, 0, "{line}: {stderr}");
        assert!(!stdout.chars().any(|letter| letter.is_control() && letter != '\n'), "{line}: {stdout:?}");
        let below_rule = stdout.lines().skip_while(|line| !line.starts_with('─'));
        let widest = below_rule.map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= 80, "{line} is {widest} wide:\n{stdout}");
    }
    let (_, stdout, _) = filled.said("show last item-001");
    assert!(stdout.contains("Look \\u{1b}[2J\\u{9b}31m here."), "{stdout}");
}

#[test]
fn json_says_its_version_and_keeps_to_its_schema() {
    let filled = Filled::new();
    filled.place.write("grade.jsonl", "{\"id\": 1, \"gold\": \"5\", \"answer\": \"5\"}\n");
    filled.place.write("script.toml", "[[reply]]\ntext = 'x'\n");
    let cases = [
        ("runs", "runs"),
        ("show last", "show-run"),
        ("show last item-001", "show-item"),
        ("traces", "traces"),
        ("traces --steps", "traces-steps"),
        ("sql --views", "sql-views"),
        ("regrade last", "regrade"),
        ("grade grade.jsonl", "grade-out"),
        ("models inspect script:script.toml", "models-inspect"),
        ("models check script:script.toml", "models-check"),
        ("doctor", "doctor"),
    ];
    for (line, name) in cases {
        let written = filled.lines(line);
        assert!(!written.is_empty(), "{line} writes something");
        let document = filled.json(line);
        let listed = document.as_array().map_or(1, Vec::len);
        assert_eq!(listed, written.len(), "{line}: an array of what is a line each");
        check_schema(&filled.place, name, &written);
    }
    let (_, exported, _) = filled.said("export last");
    let exported: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exported.len(), 12);
    check_schema(&filled.place, "export", &exported);
}

/// Compares the keys of objects with those that their schema promises.
fn check_schema(place: &Place, name: &str, objects: &[Value]) {
    let schema = place.json(&format!("schema {name}"));
    let properties = schema["properties"].as_object().unwrap();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for object in objects {
        let object = object.as_object().unwrap();
        assert_eq!(object["schema"], 1, "{name}");
        let stranger = object.keys().find(|key| !properties.contains_key(*key));
        assert_eq!(stranger, None, "{name}: the schema does not know it");
        let missing = required.iter().find(|key| !object.contains_key(key.as_str().unwrap()));
        assert_eq!(missing, None, "{name}: the schema promises it");
    }
}

#[test]
fn a_reader_that_leaves_ends_the_command_quietly() {
    let filled = Filled::new();
    filled.place.write("grade.jsonl", "{\"gold\": \"5\", \"answer\": \"6\"}\n".repeat(9));
    let formats = ["", " --format json", " --format jsonl"];
    for line in READERS.iter().chain(&["grade grade.jsonl"]) {
        for format in formats.iter().filter(|format| !line.starts_with("export") || format.is_empty()) {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let output = std::process::Command::new(assert_cmd::cargo::cargo_bin("stepproof"))
                .args(format!("{line}{format}").split_whitespace())
                .env_clear()
                .current_dir(filled.place.path())
                .stdout(writer)
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{line}{format}: {stderr}");
            assert!(!stderr.contains("error") && !stderr.contains("graded"), "{line}{format}: {stderr}");
        }
    }
}

#[test]
fn a_missing_or_foreign_database_is_said_and_never_made() {
    let place = Place::new();
    place.write("text.db", "hello, I am no database at all");
    let lines =
        ["runs", "runs delete last", "runs copy last --to b.db", "show last", "traces", "regrade last", "export last"];
    for line in lines.iter().copied().chain(["sql VALUES(1)"]) {
        let (code, stdout, stderr) = said(&place, &format!("{line} --db none.db"));
        assert_eq!((code, stdout.as_str()), (3, ""), "{line}: {stderr}");
        let error = "error: could not open the database none.db: there is no such file\nhint: ";
        assert!(stderr.starts_with(error), "{line}: {stderr}");
        assert!(!place.path().join("none.db").exists(), "{line} makes no database");
        let (code, _, stderr) = said(&place, &format!("{line} --db text.db"));
        assert_eq!(code, 2, "{line}: {stderr}");
        assert!(stderr.contains("is not an SQLite database"), "{line}: {stderr}");
    }
}
