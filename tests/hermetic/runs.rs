//! Runs on scripted models and real databases: resume, extend, retry, replay, judge again, share, cancel.

use stepproof::run::{Execution, RunEvent, Selection, recording, regrade, select};
use stepproof::verify::AnswerVerifier;
use tokio::sync::mpsc;

use super::lab::{Lab, SCRIPT, execute, problems};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_spec_goes_on_and_more_samples_extend_it() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::open(&folder.path().join("a.db"), SCRIPT).await;
    let (run, first) = lab.run(10, 1).await;
    assert_eq!((first.committed, first.failed, first.missing, first.doubled), (10, 1, 0, 0));
    let before = lab.contents(&run, 10).await;
    let (again, second) = lab.run(10, 1).await;
    assert_eq!((again.run_id, second.committed), (run.run_id.clone(), 0));
    let (_, third) = lab.run(20, 2).await;
    assert_eq!((third.committed, third.missing), (30, 0));
    let after = lab.contents(&run, 20).await;
    assert_eq!(after.len(), 40);
    assert!(before.iter().all(|(key, text)| after.get(key) == Some(text)), "what was there stays as it was");
    let fresh = lab.begin(&problems(10), true).await;
    assert_ne!(fresh.run_id, run.run_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_arrival_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    for (name, concurrency, samples) in [("one.db", 1, vec![1, 3]), ("many.db", 16, vec![3])] {
        let lab = Lab::open(&folder.path().join(name), &SCRIPT.replace("fail_times = 1", "fail_times = 0")).await;
        let run = lab.begin(&problems(12), false).await;
        for samples in samples {
            let execution = Execution { concurrency, ..lab.execution(&run, problems(12), samples) };
            execute(execution).await;
        }
        seen.push(lab.contents(&run, 12).await);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_attempts_are_done_until_they_are_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::open(&folder.path().join("a.db"), SCRIPT).await;
    let (run, first) = lab.run(5, 1).await;
    assert_eq!((first.committed, first.failed), (5, 1));
    let row =
        |rows: Vec<stepproof::store::GradedAttemptRow>| rows.into_iter().find(|row| row.item_id == "item-003").unwrap();
    let failed = row(lab.store.graded_attempts(run.key).await.unwrap());
    assert_eq!((failed.outcome.as_str(), failed.verdict), ("failed", None));
    assert_eq!(failed.outcome_detail.unwrap(), "could not finish the completion: the line went dead");
    let execution = Execution { retry_failed: true, ..lab.execution(&run, problems(5), 1) };
    let retried = execute(execution).await;
    assert_eq!((retried.committed, retried.failed, retried.doubled), (1, 0, 0));
    let mended = row(lab.store.graded_attempts(run.key).await.unwrap());
    assert_eq!((mended.outcome.as_str(), mended.verdict.as_deref()), ("answered", Some("accepted")));
    assert_eq!(lab.store.graded_attempts(run.key).await.unwrap().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_needs_no_model_and_gives_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::open(&folder.path().join("a.db"), &SCRIPT.replace("fail_times = 1", "fail_times = 0")).await;
    let (run, _) = lab.run(12, 2).await;
    let recording = recording(&lab.store, &run).await.unwrap();
    assert_eq!((recording.spec.hash(), recording.samples), (run.spec_hash.clone(), 2));
    assert_eq!(recording.problems, problems(12));
    let replayed = lab.begin(&problems(12), true).await;
    let execution = Execution {
        models: recording.models,
        replay: true,
        ..lab.execution(&replayed, recording.problems, recording.samples)
    };
    let executed = execute(execution).await;
    assert_eq!((executed.committed, executed.failed), (24, 0));
    assert_eq!(lab.contents(&replayed, 12).await, lab.contents(&run, 12).await);
    let usage = lab.store.usage_by_model(run.key).await.unwrap();
    assert_eq!(lab.store.usage_by_model(replayed.key).await.unwrap(), usage);
}

#[tokio::test(flavor = "multi_thread")]
async fn judging_again_keeps_the_old_verdicts() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::open(&folder.path().join("a.db"), SCRIPT).await;
    let (run, _) = lab.run(6, 1).await;
    let before = lab.store.graded_attempts(run.key).await.unwrap();
    let regraded = regrade(&lab.store, &run, &AnswerVerifier, 1, |_| {}).await.unwrap();
    assert_eq!((regraded.judged, regraded.skipped, regraded.changed.len()), (5, 1, 0));
    assert_eq!(lab.store.graded_attempts(run.key).await.unwrap(), before);
    let detail = lab.store.item_detail(run.key, "item-000").await.unwrap();
    assert_eq!(detail.attempts[0].verdicts.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_handles_share_a_run_without_a_doubled_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let script = format!("token_ms = 1\n{SCRIPT}");
    let (one, two) = (Lab::open(&path, &script).await, Lab::open(&path, &script).await);
    let run = one.begin(&problems(40), false).await;
    let joined = two.begin(&problems(40), false).await;
    assert_eq!(run.run_id, joined.run_id);
    let (first, second) =
        tokio::join!(execute(one.execution(&run, problems(40), 2)), execute(two.execution(&joined, problems(40), 2)));
    assert_eq!(first.committed + second.committed, 80);
    assert_eq!((first.doubled, second.doubled, first.missing, second.missing), (0, 0, 0, 0));
    assert!(first.committed > 0 && second.committed > 0, "both took part");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_keeps_whole_attempts_only_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let lab = Lab::open(&folder.path().join("a.db"), &format!("token_ms = 2\n{SCRIPT}")).await;
    let run = lab.begin(&problems(30), false).await;
    let execution = lab.execution(&run, problems(30), 1);
    let cancel = execution.cancel.clone();
    let (events, mut seen) = mpsc::unbounded_channel();
    let running = tokio::spawn(execution.execute(events));
    while let Some(event) = seen.recv().await {
        if matches!(event, RunEvent::Ended { .. }) {
            cancel.cancel();
        }
    }
    let executed = running.await.unwrap().unwrap();
    assert!(executed.cancelled && executed.committed >= 1 && executed.missing > 0, "{executed:?}");
    let there = lab.store.graded_attempts(run.key).await.unwrap();
    assert!(there.iter().all(|row| row.outcome != "cancelled"));
    let rest = execute(lab.execution(&run, problems(30), 1)).await;
    assert_eq!((rest.committed, rest.missing), (executed.missing, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_gives_up_when_nothing_works_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let dead = "[[reply]]\nfail = 'no route to host'\n";
    let lab = Lab::open(&folder.path().join("a.db"), dead).await;
    let (_, executed) = lab.run(500, 1).await;
    assert_eq!(executed.gave_up.as_deref(), Some("could not finish the completion: no route to host"));
    assert!(executed.committed < 100 && executed.missing > 400, "{executed:?}");
}

#[test]
fn a_selection_is_stable() {
    let selection = Selection { limit: Some(3), shuffle_seed: Some(1), samples: 1 };
    assert_eq!(select(problems(9), selection), select(problems(9), selection));
}
