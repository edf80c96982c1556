//! The command grades a stream of any length in the same memory.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::command::Place;

/// Lines without `STEPPROOF_GRADE_LINES`.
const FEW: usize = 20_000;

/// Growth of the peak that a few lines more may cost, in KiB: what an allocator keeps back.
const MOST_GROWTH: u64 = 4096;

const LINES: [&str; 6] = [
    r#"{"id": 1, "gold": "\\frac{3}{4}", "answer": "0.75"}"#,
    r#"{"id": 2, "gold": "x^2 - 1", "output": "so $\\boxed{(x-1)(x+1)}$ and that is it"}"#,
    r#"{"id": 3, "gold": "\\left(3, \\frac{\\pi}{2}\\right)", "answer": "(3, \\pi/2)"}"#,
    r#"{"id": 4, "gold": "C", "answer": "15", "options": ["12", "13", "15"]}"#,
    r#"{"id": 5, "gold": "9^{9^{9^9}}", "answer": "9^9^9"}"#,
    r#"{"id": 6, "gold": "12", "output": "no answer here"}"#,
];

/// Reads the peak of a process's memory in KiB; nothing where the system does not tell.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn grading_a_long_stream_takes_the_memory_of_a_short_one() {
    let count = std::env::var("STEPPROOF_GRADE_LINES").map_or(FEW, |count| count.parse().unwrap());
    let place = Place::new();
    let mut grade = Command::new(assert_cmd::cargo::cargo_bin("stepproof"))
        .args(["grade", "--format", "jsonl"])
        .env_clear()
        .current_dir(place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut input, output) = (grade.stdin.take().unwrap(), grade.stdout.take().unwrap());
    let writer = std::thread::spawn(move || {
        for number in 0..count {
            writeln!(input, "{}", LINES[number % LINES.len()]).unwrap();
        }
        input
    });
    let (mut verdicts, mut early) = (0, None);
    for line in BufReader::new(output).lines().take(count) {
        assert!(line.unwrap().contains("\"verdict\""));
        verdicts += 1;
        if verdicts == count / 10 {
            early = peak(grade.id());
        }
    }
    let late = peak(grade.id());
    drop(writer.join().unwrap());
    assert_eq!(grade.wait().unwrap().code(), Some(1), "some answers are wrong");
    assert_eq!(verdicts, count);
    match (early, late) {
        (Some(early), Some(late)) => {
            eprintln!("grade: {count} lines, peak {early} KiB after a tenth of them, {late} KiB after all");
            assert!(late <= early + MOST_GROWTH, "{late} KiB at the end, {early} KiB after a tenth");
        }
        _ => eprintln!("skipped: this system does not tell the memory of a process"),
    }
}
