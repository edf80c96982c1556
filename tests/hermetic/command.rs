//! The command in an empty environment and an empty folder.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};
use tempfile::TempDir;

/// A folder of its own for each test.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Place {
        Place(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Place {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    /// Prepares the command with an empty environment.
    pub(crate) fn stepproof(&self, line: &str) -> Command {
        let mut command = Command::cargo_bin("stepproof").unwrap();
        command.env_clear().current_dir(self.path()).args(line.split_whitespace());
        command
    }

    pub(crate) fn json(&self, line: &str) -> serde_json::Value {
        let output = self.stepproof(line).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{line}: {error}: {output:?}"))
    }
}

#[test]
fn help_goes_to_standard_output_and_mistakes_to_standard_error() {
    let place = Place::new();
    place.stepproof("--help").assert().code(0).stdout(contains("Usage: stepproof")).stderr(is_empty());
    place.stepproof("--version").assert().code(0).stdout(starts_with("stepproof ")).stderr(is_empty());
    place.stepproof("").assert().code(2).stdout(is_empty()).stderr(contains("Usage: stepproof"));
    let mistakes =
        ["nonsense", "doctor --nonsense", "doctor --format xml", "schema", "completions tcsh", "doctor --db"];
    for line in mistakes {
        place.stepproof(line).assert().code(2).stdout(is_empty()).stderr(starts_with("error: "));
    }
}

#[test]
fn every_listed_command_has_help_with_an_example() {
    let place = Place::new();
    let help = place.stepproof("--help").output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let names: Vec<&str> = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    assert!(names.contains(&"doctor"), "{names:?}");
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        place.stepproof(&format!("{name} --help")).assert().code(0).stdout(contains("Example:\n  "));
    }
}

#[test]
fn completions_and_man_pages_are_made_of_the_command_line() {
    let place = Place::new();
    for (shell, part) in
        [("bash", "complete -F _stepproof"), ("zsh", "#compdef stepproof"), ("fish", "complete -c stepproof")]
    {
        place.stepproof(&format!("completions {shell}")).assert().code(0).stdout(contains(part)).stderr(is_empty());
    }
    place.stepproof("man").assert().code(0).stdout(contains(".TH stepproof"));
    place.stepproof("man models list").assert().code(0).stdout(contains("stepproof\\-models\\-list"));
    place.stepproof("man nonsense").assert().code(2).stderr(contains("could not find the command \"nonsense\""));
}

#[test]
fn schemas_are_listed_and_printed() {
    let place = Place::new();
    let names = place.json("schema --list --format json");
    for name in names.as_array().unwrap().iter().map(|listed| listed["name"].as_str().unwrap()) {
        let schema = place.json(&format!("schema {name}"));
        // What comes in is written by others and carries no version.
        assert!(schema["properties"]["schema"].is_object() || name.ends_with("-in"), "{name} carries its version");
    }
    let mistake = place.stepproof("schema docter").assert().code(2);
    mistake.stderr("error: could not find the schema \"docter\"\nhint: did you mean \"doctor\"?\n");
}

#[test]
fn doctor_reports_what_is_there_and_what_mends_the_rest() {
    let place = Place::new();
    let report = place.json("doctor --format json");
    assert_eq!(report["schema"], 1);
    assert!(report["cores"].as_u64().unwrap() >= 1);
    for check in report["checks"].as_array().unwrap() {
        let mended = check["mend"].is_string();
        assert_eq!(check["state"] != "ok", mended, "{check}");
    }
    place.stepproof("doctor").assert().code(0).stdout(contains("stepproof.db will be made by the first run"));

    place.write("no.db", "not a database at all");
    place.stepproof("doctor --db no.db").assert().code(3).stdout(contains("no.db is no SQLite database"));
    place.stepproof("doctor --db no/where.db").assert().code(3).stdout(contains("mkdir -p no"));
    place.stepproof("doctor --db .").assert().code(3).stdout(contains(". is a folder"));
    place.stepproof("doctor --data nowhere").assert().code(3).stdout(contains("nowhere is not there"));
    place.stepproof("doctor").env("STEPPROOF_DB", "no.db").assert().code(3).stdout(contains("no.db is no SQLite"));
    // Settings that cannot be read are reported and do not stop the rest of the report.
    place.write("stepproof.toml", "samlpes = 3");
    place.stepproof("doctor").assert().code(3).stdout(contains("unknown key `samlpes`").and(contains("database")));
}

#[test]
fn wrong_settings_name_file_and_line() {
    let place = Place::new();
    place.write("stepproof.toml", "seed = 1\nformt = \"json\"\n");
    let error = "error: could not read stepproof.toml line 2: unknown key `formt`\nhint: did you mean `format`?\n";
    place.stepproof("models list").assert().code(2).stdout(is_empty()).stderr(error);

    place.write("other.toml", "\n[models.a]\nurl = \"http://h/v1\"\nserved = \"m\"\nkey = \"sk-1\"\n");
    let refused = place.stepproof("models list --settings other.toml").assert().code(2);
    refused.stderr(contains("other.toml line 5").and(contains("key_env")).and(contains("sk-1").not()));

    place
        .stepproof("models list --settings missing.toml")
        .assert()
        .code(2)
        .stderr(contains("could not read missing.toml"));
    place.stepproof("models list --settings .").assert().code(2).stderr(contains("it is a folder"));
    place.write("latin.toml", b"seed = 1\n# \xe9\n");
    place
        .stepproof("models list --settings latin.toml")
        .assert()
        .code(2)
        .stderr(contains("latin.toml line 2: the text is no UTF-8"));
}

#[test]
fn flags_win_over_the_settings_file() {
    let place = Place::new();
    place.write("stepproof.toml", "format = \"json\"\n");
    assert_eq!(place.json("models list"), serde_json::json!([]));
    place.stepproof("models list --format table").assert().code(0).stdout(contains("--model"));
}

#[test]
fn models_are_listed_with_what_is_wrong_with_them() {
    let place = Place::new();
    place.stepproof("models list").assert().code(0).stderr(contains("no model files in ./models"));
    place
        .write("models/right.gguf", b"GGUF\x03\0\0\0")
        .write("models/text.gguf", "hello")
        .write("models/cut.gguf", "GG");
    place.write("models/\u{1b}[2Jevil.gguf", "hello").write("models/notes.txt", "");
    place.write(
        "stepproof.toml",
        "[models.qwen]\nurl = \"http://localhost:8080/v1\"\nserved = \"q\"\nkey_env = \"QWEN_KEY\"\n[models.gone]\npath = \"gone.gguf\"\n",
    );
    let models = place.json("models list --format json");
    let problem = |spec: &str| {
        let models = models.as_array().unwrap();
        let model = models.iter().find(|model| model["spec"] == spec).unwrap_or_else(|| panic!("{spec} in {models:?}"));
        model["problem"].as_str().unwrap_or("").to_owned()
    };
    assert_eq!(models.as_array().unwrap().len(), 6);
    let right = if cfg!(feature = "local") { "" } else { "this build is without local models (feature local)" };
    assert_eq!(problem("local:models/right.gguf"), right);
    assert_eq!(problem("local:models/text.gguf"), "the file is no GGUF file");
    assert_eq!(problem("local:models/cut.gguf"), "the file is cut short");
    assert_eq!(problem("qwen"), "the environment variable QWEN_KEY is not set");
    assert!(problem("gone").contains("gone.gguf"));
    let table = place.stepproof("models list").assert().code(0);
    table.stdout(contains("\u{1b}").not().and(contains("stepproof.toml:1")));
}

#[test]
fn tables_fit_the_width_they_are_given() {
    let place = Place::new();
    place.write(&format!("models/{}.gguf", "long-".repeat(20)), "hello");
    for (columns, width) in [("60", 60), ("nonsense", 80)] {
        let output = place.stepproof("models list").env("COLUMNS", columns).output().unwrap();
        let table = String::from_utf8(output.stdout).unwrap();
        let widest = table.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= width && widest > 40, "{widest} columns of {width}:\n{table}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let place = Place::new();
    place.write("models/some.gguf", "hello");
    for line in ["completions bash", "man", "--help", "schema doctor", "schema --list", "doctor", "models list"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = std::process::Command::new(assert_cmd::cargo::cargo_bin("stepproof"))
            .args(line.split(' '))
            .env_clear()
            .current_dir(place.path())
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""), "{line}");
    }
}

#[test]
fn a_wrong_log_filter_says_what_to_write() {
    let place = Place::new();
    place
        .stepproof("--log a=b=c schema --list")
        .assert()
        .code(2)
        .stderr(contains("log filter").and(contains("hint: ")));
}
