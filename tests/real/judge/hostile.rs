//! Candidates that try to cheat.

use std::time::Duration;

use serde_json::Value;

use super::{Case, fixtures, judge, judge_all, kind, statements, text};

fn cases(rows: &[Value]) -> Option<Vec<Case>> {
    let statements = statements(&fixtures("core_theorems.jsonl")?);
    let case = |row: &Value| {
        let mut candidate = text(row, "candidate");
        for step in row["expand"].as_array().into_iter().flatten() {
            let (mark, piece) = (step[0].as_str().expect("a mark"), step[1].as_str().expect("a text"));
            let count = usize::try_from(step[2].as_u64().expect("a count")).expect("small");
            candidate = candidate.replace(mark, &piece.repeat(count));
        }
        let statement = statements[&text(row, "theorem_id")].clone();
        Case { name: text(row, "id"), statement, candidate, kind: kind(&text(row, "kind")) }
    };
    Some(rows.iter().map(case).collect())
}

fn accepted_classes(row: &Value) -> Vec<String> {
    let alternatives = row["alternatives"].as_array().into_iter().flatten();
    let alternatives = alternatives.map(|class| class.as_str().expect("a class").to_owned());
    [text(row, "expected")].into_iter().chain(alternatives).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_hostile_candidate_gets_its_class() {
    let Some(judge) = judge(Duration::from_secs(6)).await else { return };
    let Some(rows) = fixtures("hostile_candidates.jsonl") else { return };
    let Some(cases) = cases(&rows) else { return };
    let judgements = judge_all(&judge, &cases).await;
    let mut wrong = Vec::new();
    for (row, judgement) in rows.iter().zip(&judgements) {
        let classes = accepted_classes(row);
        if !classes.iter().any(|class| class == judgement.verdict.class()) {
            wrong.push(format!("{}: wanted {classes:?}, got {:?}", text(row, "id"), judgement.verdict));
        }
    }
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

/// Rows that the frame around the candidate cannot see: the ban list and the second look at the compiled file are there
/// for them.
const ONLY_BANNED: [&str; 0] = [];

#[tokio::test(flavor = "multi_thread")]
async fn without_the_ban_list_the_frame_holds_but_for_known_rows() {
    let Some(judge) = judge(Duration::from_secs(6)).await else { return };
    let judge = judge.without_ban_list();
    let Some(rows) = fixtures("hostile_candidates.jsonl") else { return };
    let Some(cases) = cases(&rows) else { return };
    let judgements = judge_all(&judge, &cases).await;
    let mut passed = Vec::new();
    for (row, judgement) in rows.iter().zip(&judgements) {
        if judgement.verdict.is_accepted() && !accepted_classes(row).iter().any(|class| class == "proved") {
            passed.push(text(row, "id"));
        }
    }
    assert_eq!(passed, ONLY_BANNED);
}
