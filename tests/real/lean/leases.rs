//! A worker kept for a search: goals, siblings, cancelling.

use std::time::Duration;

use stepproof::lean::{CheckEnd, LeanError, LimitHit, Place, probe};
use tokio_util::sync::CancellationToken;

use super::{LONG, check, honest, is_clean, lean_program, settings, start};

#[tokio::test(flavor = "multi_thread")]
async fn goals_are_given_at_a_place() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let mut lease = pool.lease("import Init\n").await.expect("a worker");
    let place = |line, column| Place { line, column };
    assert!(matches!(lease.goals(place(0, 0)).await, Err(LeanError::NoText { .. })));
    let never = CancellationToken::new();
    let body = "theorem t (𝔸 q : Prop) (h1 : 𝔸) (h2 : q) : 𝔸 ∧ q := by\n  constructor\n  · exact h1\n  · exact h2\n";
    let checked = lease.check(body, LONG, &never).await.expect("checked");
    assert!(is_clean(&checked), "{checked:?}");
    let goals = lease.goals(place(2, 13)).await.expect("asked").expect("inside a proof");
    assert!(goals.len() == 2 && goals[0].contains("⊢ 𝔸") && goals[1].contains("⊢ q"), "{goals:?}");
    assert_eq!(lease.goals(place(4, 15)).await.expect("asked"), Some(Vec::new()));
    assert_eq!(lease.goals(place(0, 0)).await.expect("asked"), None);
    let term = lease.term_goal(place(3, 11)).await.expect("asked");
    assert!(term.as_ref().is_some_and(|goal| goal.contains("⊢ 𝔸")), "{term:?}");
    let widget = lease.call("Lean.Widget.getInteractiveGoals", place(2, 13)).await.expect("called");
    assert_eq!(widget["goals"].as_array().map(Vec::len), Some(2), "{widget}");
    assert!(matches!(lease.call("No.such.procedure", place(2, 13)).await, Err(LeanError::Answer { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_at_the_end_of_its_share_still_tells_its_goals() {
    let Some(lean) = lean_program() else { return };
    let mut settings = settings(1).await;
    settings.checks_before_recycling = 1;
    let pool = start(&lean, settings).await;
    let mut lease = pool.lease("import Init\n").await.expect("a worker");
    for _ in 0..3 {
        let body = "theorem t (p : Prop) (h : p) : p := by\n  skip\n  exact h\n";
        assert!(is_clean(&lease.check(body, LONG, &CancellationToken::new()).await.expect("checked")));
        let goals = lease.goals(Place { line: 2, column: 6 }).await.expect("asked").expect("inside a proof");
        assert_eq!(goals.len(), 1, "{goals:?}");
    }
    drop(lease);
    assert_eq!(pool.stats().workers_started, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn siblings_share_their_prefix() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let mut lease = pool.lease("import Init\n").await.expect("a worker");
    let never = CancellationToken::new();
    // The prefix costs a second, and costs it once.
    let prefix = "theorem slow : True := by\n  sleep 1000\n  trivial\ntheorem t (p : Prop) (h : p) : p := by\n";
    for number in 0..12 {
        let is_good = number % 3 == 0;
        let tactic = if is_good { "exact h" } else { "exact missing" };
        let checked = lease.check(&format!("{prefix}  {tactic} -- {number}\n"), LONG, &never).await.expect("checked");
        assert_eq!(is_clean(&checked), is_good, "{number}: {checked:?}");
        assert!(number == 0 || checked.wall < Duration::from_secs(1), "{number}: {:?}", checked.wall);
    }
    drop(lease);
    assert!(is_clean(&check(&pool, &honest()[0].good, LONG).await));
    assert_eq!(pool.stats().workers_started, 1, "the worker came back");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_on_what_is_not_worked_on_again_come_again() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(2).await).await;
    let mut lease = pool.lease("import Init\n").await.expect("a worker");
    let never = CancellationToken::new();
    let wrong = "theorem wrong : False := missing\n#print axioms wrong\n";
    let slow = "theorem slow : True := by\n  sleep 200\n  exact absent\n";
    let last = "theorem t (p : Prop) (h : p) : p := by\n  have g := h\n  exact missing\n";
    for (number, body) in [
        format!("{wrong}{slow}{last}"),
        format!("{wrong}{slow}{}", last.replace("exact missing", "exact h")),
        format!("{wrong}{slow}{last}{wrong}"),
        format!("{wrong}{slow}"),
        format!("{wrong}\n{slow}{last}"),
        format!("{wrong}\n{slow}{last}"),
        String::new(),
        format!("{wrong}{slow}{last}"),
    ]
    .iter()
    .enumerate()
    {
        let warm = lease.check(body, LONG, &never).await.expect("checked");
        // A worker that has seen nothing.
        let fresh = start(&lean, settings(1).await).await;
        let cold = check(&fresh, &super::document("import Init\n", body), LONG).await;
        assert_eq!((warm.end, warm.diagnostics), (cold.end, cold.diagnostics), "{number}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_outlives_a_hanging_text() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let mut lease = pool.lease("import Init\n").await.expect("a worker");
    let never = CancellationToken::new();
    let hang = "theorem t : True := by\n  sleep 60000\n  trivial\n";
    for _ in 0..2 {
        let checked = lease.check(hang, Duration::from_millis(500), &never).await.expect("checked");
        assert_eq!(checked.end, CheckEnd::Limit(LimitHit::WallTime));
        let checked = lease.check("theorem t : True := trivial\n", LONG, &never).await.expect("checked");
        assert!(is_clean(&checked), "{checked:?}");
    }
    let checked = lease.check(hang, Duration::from_millis(500), &never).await.expect("checked");
    assert_eq!(checked.end, CheckEnd::Limit(LimitHit::WallTime));
    drop(lease);
    assert!(is_clean(&check(&pool, &honest()[0].good, LONG).await), "the place went back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lean_can_be_measured() {
    let Some(lean) = lean_program() else { return };
    let settings = settings(1).await;
    let pool = start(&lean, settings.clone()).await;
    let toolchain = pool.toolchain().clone();
    pool.close().await;
    let found = probe(toolchain.clone(), settings.clone(), "import Init\n").await.expect("measured");
    assert_eq!((found.header.end, found.warm_check.is_some()), (CheckEnd::Finished, true));
    let memory = found.memory.expect("Linux");
    assert!(memory.resident > memory.own && memory.own > 1 << 20, "{memory:?}");
    let found = probe(toolchain, settings, "import Nope\n").await.expect("measured");
    assert_eq!((found.header.end, found.warm_check), (CheckEnd::HeaderFailed, None));
}
