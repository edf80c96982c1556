//! Proofs that grow line by line.

use std::time::Duration;

use stepproof::problem::FormalStatement;
use tokio_util::sync::CancellationToken;

use super::judge;

const LONG: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn goals_after_some_lines_are_known() {
    let Some(judge) = judge(LONG).await else { return };
    let statement = FormalStatement {
        header: "import Init\n".to_owned(),
        theorem: "theorem t (p q : Prop) : p ∧ q → q ∧ p := by sorry".to_owned(),
    };
    let mut prefix = judge.open_prefix(&statement).await.unwrap();
    let never = CancellationToken::new();
    let mut check = async |lines: &[&str], goals: &[&str], finished: bool, error: Option<(u32, u32, &str)>| {
        let state = prefix.after(lines, LONG, &never).await.unwrap();
        let found = state.first_error.as_ref();
        let found = found.map(|one| (one.start.line, one.start.column, one.message.lines().next().unwrap()));
        assert_eq!(
            (&state.goals[..], state.finished, found),
            (&goals.iter().map(|goal| (*goal).to_owned()).collect::<Vec<_>>()[..], finished, error),
            "{lines:?}"
        );
    };
    let left = "case left\np q : Prop\nh : p ∧ q\n⊢ q";
    let right = "case right\np q : Prop\nh : p ∧ q\n⊢ p";
    check(&[], &["p q : Prop\n⊢ p ∧ q → q ∧ p"], false, None).await;
    check(&["intro h"], &["p q : Prop\nh : p ∧ q\n⊢ q ∧ p"], false, None).await;
    check(&["intro h", "constructor"], &[left, right], false, None).await;
    check(&["intro h", "constructor", "· exact h.2"], &[right], false, None).await;
    check(&["intro h", "constructor", "· exact h.2", "· exact h.1"], &[], true, None).await;
    check(&["intro h", "", "exact ⟨h.2, h.1⟩"], &[], true, None).await;
    check(&["intro h", "have k : q := by", "  skip"], &["p q : Prop\nh : p ∧ q\nk : q\n⊢ q ∧ p"], false, None).await;
    check(&["intro h", "refine ⟨?_, h.1⟩", "· skip"], &["p q : Prop\nh : p ∧ q\n⊢ q"], false, None).await;
    check(&["sorry"], &[], false, None).await;
    check(&["intro h", "axiom a : False"], &[], false, Some((1, 0, "a proof must not use axiom"))).await;
    let state = prefix.after(&["intro h", "exact nope"], LONG, &never).await.unwrap();
    let error = state.first_error.unwrap();
    assert_eq!((error.start.line, error.start.column, state.finished), (1, 6, false));
    let state = prefix.after(&["intro h", "exact ⟨h.2, h.1⟩"], LONG, &never).await.unwrap();
    assert!(state.finished);
}
