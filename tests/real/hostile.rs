//! The project's own table of Lean candidates, `tests/hostile/lean.jsonl`, judged by a real Lean. (The fixtures beside
//! the project have their test in `judge`.)

#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::Value;
use stepproof::verdict::Verdict;

use crate::judge::{Case, judge, judge_all, kind, statement, text};

fn rows() -> Vec<Value> {
    let table = include_str!("../hostile/lean.jsonl");
    table.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

/// Gives the candidate with its marks replaced: `expand` holds a mark, a text and how often the text stands there.
fn candidate(row: &Value) -> String {
    let steps = row["expand"].as_array().into_iter().flatten();
    steps.fold(text(row, "candidate"), |candidate, step| {
        let count = usize::try_from(step[2].as_u64().expect("a count")).expect("a small count");
        let piece = step[1].as_str().expect("a text").repeat(count);
        candidate.replace(step[0].as_str().expect("a mark"), &piece)
    })
}

/// Gives the class that is expected and those that are as good.
fn classes(row: &Value) -> Vec<String> {
    let others = row["alternatives"].as_array().expect("a list").iter();
    let others = others.map(|class| class.as_str().expect("a class").to_owned());
    [text(row, "expected")].into_iter().chain(others).collect()
}

#[test]
fn the_table_is_whole() {
    let rows = rows();
    let different = |member: &str| rows.iter().map(|row| text(row, member)).collect::<HashSet<_>>().len();
    assert_eq!(different("id"), rows.len(), "an id stands twice");
    assert!(rows.len() >= 300 && different("kind_of_trick") >= 30);
    assert!(rows.iter().filter(|row| text(row, "expected") == "proved").count() >= 70);
    for row in &rows {
        let id = text(row, "id");
        kind(&text(row, "kind"));
        assert!(classes(row).iter().all(|class| Verdict::CLASSES.contains(&class.as_str())), "{id}");
        assert!(text(row, "formal_statement").ends_with(":= by sorry"), "{id}");
        assert!(!text(row, "why").is_empty(), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_candidate_of_the_table_gets_its_class() {
    // Long enough for the slowest honest row on a busy machine; the few rows that hang take it all.
    let Some(judge) = judge(Duration::from_secs(5)).await else { return };
    let rows = rows();
    let case = |row: &Value| Case {
        name: text(row, "id"),
        statement: statement(row),
        candidate: candidate(row),
        kind: kind(&text(row, "kind")),
    };
    let cases: Vec<Case> = rows.iter().map(case).collect();
    let start = Instant::now();
    let judgements = judge_all(&judge, &cases).await;
    let mut wrong = Vec::new();
    for (row, judgement) in rows.iter().zip(&judgements) {
        let classes = classes(row);
        if !classes.iter().any(|class| class == judgement.verdict.class()) {
            let message = judgement.report.diagnostics.first().and_then(|first| first.message.lines().next());
            wrong.push(format!("{}: expected {classes:?}, got {:?} {message:?}", text(row, "id"), judgement.verdict));
        }
    }
    let seconds = start.elapsed().as_secs();
    assert!(wrong.is_empty(), "{} of {} rows, {seconds} s:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}
