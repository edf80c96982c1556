//! Candidates that try to cheat.

use std::time::Duration;

use serde_json::Value;
use stepproof::problem::FormalStatement;
use stepproof::verify::lean::CandidateKind;
use tokio_util::sync::CancellationToken;

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

/// Rows of the table that the frame around the candidate alone accepts wrongly: none.
const PASSED: [&str; 0] = [];

#[tokio::test(flavor = "multi_thread")]
async fn without_the_ban_list_the_frame_holds_the_table() {
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
    assert_eq!(passed, PASSED);
}

/// Candidates that aim at this very frame. Whoever can rewrite commands passes it; the ban list keeps such candidates
/// out, and the second look at the compiled file is there should one get by.
#[tokio::test(flavor = "multi_thread")]
async fn what_rewrites_the_frame_is_for_the_ban_list() {
    let Some(judge) = judge(Duration::from_secs(60)).await else { return };
    let statement = FormalStatement {
        header: "import Init\n".to_owned(),
        theorem: "theorem t (p q : Prop) : p ∧ q → q := by sorry".to_owned(),
    };
    let trivial = "theorem t : True := trivial\n";
    let cases = [
        (
            "macro_rules | `(command| theorem $i:declId : type_of% $a := $b) => `(command| theorem $i:declId : True := trivial)",
            "proved",
        ),
        ("macro_rules | `(type_of% $a) => `(True)", "proved"),
        ("macro_rules | `(command| #print axioms $x:ident) => `(command| #print axioms trivial)", "statement_changed"),
        ("macro_rules | `(command| #print axioms $x:ident) => `(command| #check True)", "statement_changed"),
        ("variable (h : type_of% @t)\ninclude h", "failed"),
        ("instance : CoeDep True trivial (∀ p q : Prop, p ∧ q → q) := ⟨sorry⟩", "failed"),
    ];
    for (trick, frame_alone) in cases {
        let candidate = format!("{trivial}{trick}\n");
        for (judge, expected) in [(judge.clone().without_ban_list(), frame_alone), (judge.clone(), "")] {
            let judgement = judge.judge(&statement, &candidate, CandidateKind::File, &CancellationToken::new()).await;
            let verdict = judgement.expect("judged").verdict;
            assert!(expected.is_empty() || verdict.class() == expected, "{trick}: {verdict:?}");
            assert!(!expected.is_empty() || !verdict.is_accepted(), "{trick}: {verdict:?}");
        }
    }
}
