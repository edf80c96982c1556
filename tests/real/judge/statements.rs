//! Statements in every form, and what the report says.

use std::time::Duration;

use stepproof::problem::FormalStatement;
use stepproof::verify::lean::CandidateKind::{self, File, Reply, Tactics};
use tokio_util::sync::CancellationToken;

use super::{Case, judge, judge_all};

const SWAP: &str = "theorem t (p q : Prop) : p ∧ q → q ∧ p := by sorry";

fn formal(header: &str, theorem: &str) -> FormalStatement {
    FormalStatement { header: header.to_owned(), theorem: theorem.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_every_form_are_judged() {
    let Some(judge) = judge(Duration::from_secs(60)).await else { return };
    let cases: &[(&str, &str, CandidateKind, &str, &str)] = &[
        ("", SWAP, Tactics, "exact fun h => ⟨h.2, h.1⟩", "proved"),
        ("", "theorem t (p : Prop) :\n    p → p :=\n  by\n  sorry", Tactics, "exact id", "proved"),
        ("", "theorem t (p : Prop) : -- why\n p → p -- by\n := sorry", Tactics, "exact id", "proved"),
        ("", "/-- d -/\n@[simp] private lemma t : True := by sorry", Tactics, "trivial", "proved"),
        ("", "theorem A.t : True := by sorry", File, "theorem A.t : True := trivial", "proved"),
        ("", "theorem A.t : True := by sorry", File, "namespace A\ntheorem t : True := trivial\nend A", "proved"),
        ("", "theorem «a b».«c.d» : True := by sorry", Tactics, "trivial", "proved"),
        ("", "theorem _root_.t : True := by sorry", Tactics, "trivial", "proved"),
        ("namespace A\ndef T := True", "theorem t : T := by sorry", Tactics, "trivial", "proved"),
        ("namespace A\ndef T := True", "theorem t : T := by sorry", File, "theorem t : T := trivial\nend A", "proved"),
        (
            "namespace A\ndef T := True",
            "theorem t : T := by sorry",
            File,
            "namespace A\ndef T := True\ntheorem t : T := trivial\nend A",
            "proved",
        ),
        ("namespace A\ndef T := True\nend A", "theorem A.t : T := by sorry", Tactics, "trivial", "proved"),
        (
            "namespace A\ndef T := True\nend A",
            "theorem A.t : T := by sorry",
            File,
            "namespace A\ntheorem h : T := trivial\ntheorem t : T := h\nend A",
            "proved",
        ),
        ("universe u", "theorem t (α : Type u) (a : α) : a = a := by sorry", Tactics, "rfl", "proved"),
        ("", "theorem t.{v} (α : Sort v) (a : α) : a = a := by sorry", Tactics, "rfl", "proved"),
        (
            "",
            "theorem t.{v} (α : Sort v) (a : α) : a = a := by sorry",
            File,
            "theorem t (α : Type) (a : α) : a = a := rfl",
            "statement_changed",
        ),
        (
            "",
            "theorem t (α : Type) (a : α) : a = a := by sorry",
            File,
            "theorem t.{v} (α : Sort v) (a : α) : a = a := rfl",
            "proved",
        ),
        ("variable (p : Prop)", "theorem t : p → p := by sorry", Tactics, "exact id", "proved"),
        ("variable (p : Prop) (hp : p)\ninclude hp", "theorem t : p := by sorry", Tactics, "exact hp", "proved"),
        (
            "open Classical\nset_option pp.all true",
            "theorem t (p : Prop) : p ∨ ¬ p := by sorry",
            Tactics,
            "exact em p",
            "proved",
        ),
        ("section\nopen Classical", "theorem t (p : Prop) : p ∨ ¬ p := by sorry", Tactics, "exact em p", "proved"),
        ("def f := 1", "theorem t : f = 1 := by sorry", File, "def f := 1\ntheorem t : f = 1 := rfl", "proved"),
        (
            "set_option maxHeartbeats 0",
            SWAP,
            File,
            "set_option maxHeartbeats 0\nlemma t (p q : Prop) : p ∧ q → q ∧ p := fun h => ⟨h.2, h.1⟩",
            "failed",
        ),
        ("axiom a : False", "theorem t : False := by sorry", Tactics, "exact a", "forbidden_axiom"),
        ("", "theorem t : Nope := by sorry", Tactics, "trivial", "header_error"),
        ("", "theorem t : True → := by sorry", Tactics, "trivial", "header_error"),
        ("", "theorem t : 1 := by sorry", Tactics, "trivial", "header_error"),
        ("", "theorem t : Nat := by sorry", Tactics, "exact 0", "header_error"),
        ("", "theorem t : True", Tactics, "trivial", "header_error"),
        ("import Nope", SWAP, Tactics, "exact fun h => ⟨h.2, h.1⟩", "header_error"),
        ("def f : Nat := x", SWAP, Tactics, "exact fun h => ⟨h.2, h.1⟩", "header_error"),
        ("/-", SWAP, Tactics, "exact fun h => ⟨h.2, h.1⟩", "header_error"),
        ("", SWAP, File, "-- nothing", "no_candidate"),
        ("", SWAP, Reply, "I cannot prove this theorem.", "no_candidate"),
        ("", SWAP, File, "theorem u : True := trivial", "statement_changed"),
        ("", SWAP, File, "theorem t (p q : Prop) : q ∧ p → p ∧ q := fun h => ⟨h.2, h.1⟩\nend", "failed"),
    ];
    let case = |(header, theorem, kind, candidate, expected): &(&str, &str, CandidateKind, &str, &str)| Case {
        name: (*expected).to_owned(),
        statement: formal(header, theorem),
        candidate: (*candidate).to_owned(),
        kind: *kind,
    };
    let cases: Vec<Case> = cases.iter().map(case).collect();
    let judgements = judge_all(&judge, &cases).await;
    for (case, judgement) in cases.iter().zip(&judgements) {
        let (statement, candidate) = (&case.statement, &case.candidate);
        assert_eq!(judgement.verdict.class(), case.name, "{statement:?} {candidate:?} {judgement:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_speak_of_the_candidates_own_lines() {
    let Some(judge) = judge(Duration::from_secs(60)).await else { return };
    let header = "import Init\nset_option autoImplicit false\n";
    let statement = formal(header, SWAP);
    let check = async |kind, candidate: &str, line: u32, column: u32, goals: &[&str]| {
        let judgement = judge.judge(&statement, candidate, kind, &CancellationToken::new()).await.unwrap();
        let said = judgement.report.diagnostics.first().unwrap();
        assert_eq!((said.start.line, said.start.column), (line, column), "{candidate:?} {judgement:?}");
        assert_eq!(judgement.report.goals, goals, "{candidate:?}");
        assert_eq!(judgement.verdict.class(), "failed", "{candidate:?}");
    };
    let end = "p q : Prop\nh : p ∧ q\n⊢ q ∧ p";
    check(Tactics, "intro h", 0, 0, &[end]).await;
    check(Tactics, "-- 𝔸\r\nintro h\r\nexact /- é -/ nope", 2, 15, &[]).await;
    let theorem = "theorem t (p q : Prop) : p ∧ q → q ∧ p := by";
    check(File, &format!("{header}\n{theorem}\n  intro h\n  constructor\n  · exact h.2\n  · exact nope"), 7, 11, &[])
        .await;
    check(File, &format!("{theorem}\n  intro h"), 0, 48, &[end]).await;
    check(Reply, "Proof:\n\n```lean4\nintro h\nexact nope\n```", 4, 6, &[]).await;
    let two = ["case left\np q : Prop\nh : p ∧ q\n⊢ q", "case right\np q : Prop\nh : p ∧ q\n⊢ p"];
    check(Tactics, "intro h\nconstructor", 0, 0, &two).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_checked_and_files_are_surveyed() {
    let Some(judge) = judge(Duration::from_secs(60)).await else { return };
    let never = CancellationToken::new();
    assert_eq!(judge.statement_compiles(&formal("", SWAP), &never).await.unwrap(), None);
    for (header, theorem) in [("", "theorem t : Nope := by sorry"), ("import Nope", SWAP), ("", "theorem")] {
        assert!(judge.statement_compiles(&formal(header, theorem), &never).await.unwrap().is_some());
    }
    let file = "import Init\nopen Classical\nnamespace A\ntheorem a (p : Prop) : p ∨ ¬ p := em p\n\
        theorem b : True := by sorry\ntheorem c : False := trivial\ndef d := 1\nend A\nprivate theorem e : True := trivial";
    let survey = judge.survey(file, &never).await.unwrap();
    let seen: Vec<(&str, bool, Option<String>)> = survey
        .declarations
        .iter()
        .map(|one| (one.name.as_deref().unwrap(), one.compiles, one.axioms.as_ref().map(|axioms| axioms.join(" "))))
        .collect();
    let some = |text: &str| Some(text.to_owned());
    let usual = survey.declarations.first().and_then(|one| one.axioms.clone()).unwrap().join(" ");
    assert!(usual.contains("Classical.choice"), "{usual}");
    let expected = [
        ("A.a", true, Some(usual)),
        ("A.b", true, some("sorryAx")),
        ("A.c", false, None),
        ("A.d", true, None),
        ("e", true, some("")),
    ];
    assert_eq!(seen, expected);
    assert!(!survey.compiles());
    for broken in ["", "not Lean", "/-", "\0", "theorem"] {
        let survey = judge.survey(broken, &never).await.unwrap();
        assert!(survey.declarations.iter().all(|one| !one.compiles), "{broken:?}");
    }
}
