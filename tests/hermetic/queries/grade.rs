//! `grade`: lines in, verdicts out.

use serde_json::{Value, json};

use super::said;
use crate::command::Place;

/// Grades a text from standard input.
fn grade(input: &str, flags: &str) -> (i32, String, String) {
    let place = Place::new();
    let output = place.stepproof(&format!("grade {flags}")).write_stdin(input.to_owned()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const RIGHT: &str = "{\"id\": \"a\", \"gold\": \"3/4\", \"answer\": \"0.75\"}\n";
const WRONG: &str = "{\"id\": 7, \"gold\": 5, \"answer\": 6}\n";
const NOTHING: &str = "{\"gold\": \"5\", \"output\": \"I do not know.\"}\n";
const UNDECIDED: &str = "{\"id\": null, \"gold\": \"9^{9^{9^9}}\", \"answer\": \"9^{9^9}\"}\n";

#[test]
fn verdicts_come_in_the_order_of_lines_and_decide_the_exit() {
    let cases = [
        (RIGHT.to_owned(), 0, "graded 1: 1 accepted, 0 rejected, 0 unknown\n"),
        (format!("\u{feff}{RIGHT}\r\n\n{RIGHT}"), 0, "graded 2: 2 accepted, 0 rejected, 0 unknown\n"),
        (format!("{RIGHT}{WRONG}"), 1, "graded 2: 1 accepted, 1 rejected, 0 unknown\n"),
        (format!("{RIGHT}{NOTHING}"), 1, "graded 2: 1 accepted, 1 rejected, 0 unknown\n"),
        (format!("{UNDECIDED}{RIGHT}"), 1, "graded 2: 1 accepted, 0 rejected, 1 unknown\n"),
        (RIGHT.trim_end().to_owned(), 0, "graded 1: 1 accepted, 0 rejected, 0 unknown\n"),
        (String::new(), 4, "graded 0: 0 accepted, 0 rejected, 0 unknown\n"),
    ];
    for (input, code, counts) in &cases {
        for flags in ["", "--format json", "--format jsonl"] {
            let (found, _, stderr) = grade(input, flags);
            assert_eq!((found, stderr.as_str()), (*code, *counts), "{input:?} {flags}");
        }
    }
    let (_, stdout, _) = grade(&format!("{RIGHT}{WRONG}{NOTHING}{UNDECIDED}"), "--format json");
    let expected = json!([
        { "schema": 1, "id": "a", "verdict": "accepted", "class": "equal", "decided_by": "exact", "extracted": "0.75", "source": null },
        { "schema": 1, "id": 7, "verdict": "rejected", "class": "different", "decided_by": "exact", "extracted": "6", "source": null },
        { "schema": 1, "id": null, "verdict": "rejected", "class": "no_answer", "decided_by": null, "extracted": null, "source": "nothing" },
        { "schema": 1, "id": null, "verdict": "unknown", "class": "undecided", "decided_by": null, "extracted": "9^{9^9}", "source": null },
    ]);
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap(), expected);
    assert_eq!(grade("", "--format json").1, "[]\n");
    assert_eq!(grade("", "--format jsonl").1, "");
}

#[test]
fn filters_choose_what_is_shown_and_not_how_it_ends() {
    let all = format!("{RIGHT}{WRONG}{NOTHING}{UNDECIDED}");
    let cases = [
        ("", 4),
        ("--verdict accepted", 1),
        ("--verdict rejected,unknown", 3),
        ("--class no_answer", 1),
        ("--verdict accepted --class different", 0),
    ];
    for (flags, shown) in cases {
        let (code, stdout, stderr) = grade(&all, &format!("--format jsonl {flags}"));
        assert_eq!((code, stdout.lines().count()), (1, shown), "{flags}");
        assert_eq!(stderr, "graded 4: 1 accepted, 2 rejected, 1 unknown\n");
    }
    let (code, stdout, stderr) = grade(&all, "--verdict rejcted");
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert_eq!(stderr, "error: could not find the verdict \"rejcted\"\nhint: did you mean \"rejected\"?\n");
    assert_eq!(grade(&all, "--class nonsense").0, 2);
}

#[test]
fn a_broken_line_ends_it_after_what_was_judged_or_is_left_out() {
    let place = Place::new();
    let broken: [(&[u8], &str); 6] = [
        (b"nonsense", "line 2, column 2: it is no grade line in JSON\ncause: expected ident\n"),
        (b"{\"gold\": \"5\"}", "line 2: answer or output is missing\n"),
        (b"{\"gold\": \"5\", \"answer\": [5]}", "line 2: answer must be a string or a number\n"),
        (b"{\"gold\": \"5\", \"answer\": \"5\", \"form\": \"poem\"}", "line 2: form \"poem\" is none of "),
        (b"\xff\xfe", "line 2: it is no UTF-8\n"),
        (b"\"text\"", "line 2, column "),
    ];
    for (line, reason) in broken {
        let bytes = [RIGHT.as_bytes(), line, b"\n", WRONG.as_bytes()].concat();
        place.write("in.jsonl", bytes);
        for flags in ["--format jsonl", "--format json"] {
            let (code, stdout, stderr) = said(&place, &format!("grade in.jsonl {flags}"));
            assert_eq!((code, stdout.matches("\"schema\"").count()), (2, 1), "{stdout}");
            let (counts, error) = stderr.split_once('\n').unwrap();
            assert_eq!(counts, "graded 1: 1 accepted, 0 rejected, 0 unknown");
            assert!(error.starts_with(&format!("error: could not read in.jsonl {reason}")), "{error}");
            assert!(error.ends_with("hint: --keep-going leaves such lines out\n"), "{error}");
            let (code, stdout, stderr) = said(&place, &format!("grade in.jsonl --keep-going {flags}"));
            assert_eq!((code, stdout.matches("\"schema\"").count()), (2, 2), "{stdout}");
            assert!(stderr.starts_with("could not read in.jsonl line 2"), "{stderr}");
            assert!(stderr.ends_with("graded 2: 1 accepted, 1 rejected, 0 unknown, 1 lines left out\n"), "{stderr}");
        }
        let (_, stdout, _) = said(&place, "grade in.jsonl --format json");
        assert!(serde_json::from_str::<Value>(&stdout).is_ok(), "the array is closed: {stdout}");
    }
    let (code, _, stderr) = said(&place, "grade none.jsonl");
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: could not read none.jsonl\ncause: "), "{stderr}");
    assert_eq!(said(&place, "grade .").0, 2);
}

#[test]
fn a_line_without_end_is_refused_and_the_next_is_read() {
    let place = Place::new();
    let long = format!("{{\"gold\": \"1\", \"answer\": \"{}\"}}\n{RIGHT}", "9".repeat(17 << 20));
    place.write("long.jsonl", long);
    let (code, stdout, stderr) = said(&place, "grade long.jsonl --keep-going --format jsonl");
    assert_eq!((code, stdout.lines().count()), (2, 1));
    assert!(stderr.starts_with("could not read long.jsonl line 1: it is longer than 16 MiB\n"), "{stderr}");
}

#[test]
fn a_table_has_a_row_a_line_whatever_the_text() {
    let hostile = "{\"id\": \"\\u001b[2J\", \"gold\": \"5\", \"answer\": \"6\\u001b]0;title\\u0007\\nforged\"}\n";
    let (code, stdout, _) = grade(&format!("{RIGHT}{hostile}{}", WRONG.replace('6', &"8".repeat(200))), "");
    assert_eq!(code, 1);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], "id                verdict   class         decided by     answer");
    assert_eq!(lines[1], "a                 accepted  equal         exact          0.75");
    assert!(lines[2].starts_with("\\u{1b}[2J") && lines[2].contains("6\\u{1b}]0;title"), "{stdout}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{stdout}");
    assert!(!stdout.contains('\u{1b}') && !stdout.contains('\u{7}'));
}

#[test]
fn who_writes_line_by_line_gets_verdicts_line_by_line() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};

    let mut child = Command::new(assert_cmd::cargo::cargo_bin("stepproof"))
        .args(["grade", "--format", "jsonl"])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for _ in 0..3 {
        input.write_all(RIGHT.as_bytes()).unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.contains("\"accepted\""), "{line}");
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
