//! The writer: whole attempts, once each, or a clear end.

use std::time::{Duration, Instant};

use stepproof::store::{
    AttemptWriter, CommitResult, OpenMode, Store, StoreError, StoreOptions, WriterOptions, WriterStats,
};

use super::{begin, bundle, check_file, count, counts, execute, failed, open, place, verdict, write};

#[tokio::test]
async fn attempts_come_back_as_they_went_in() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 2).await;
    let mut sent = bundle("item-1", 2, 3);
    sent.steps[1].text = "NUL \0, quote ' \" and é".into();
    sent.steps[2].first_entropy_nats = None;
    sent.calls[0].error = Some("503".into());
    sent.attempt.prompt_tokens = u64::MAX;
    let (stats, acknowledged) = write(&store, &run, vec![sent.clone()]).await;
    assert!(matches!(acknowledged[0].result, CommitResult::Stored(_)));
    assert_eq!((acknowledged[0].item_id.as_str(), acknowledged[0].sample), ("item-1", 2));
    assert_eq!((stats.attempts, stats.doubled, stats.rows, stats.transactions), (1, 0, 11, 1));
    let detail = store.item_detail(run.key, "item-1").await.unwrap();
    assert_eq!(detail.item, super::item(1));
    let stored = &detail.attempts[0];
    // SQLite's integers are signed.
    sent.attempt.prompt_tokens = u64::try_from(i64::MAX).unwrap();
    assert_eq!(stored.attempt, sent.attempt);
    assert_eq!(stored.steps, sent.steps);
    assert_eq!(stored.calls, sent.calls);
    assert_eq!(stored.verdicts, [sent.verdict.unwrap()]);
    assert_eq!(
        store.completion(run.key, "item-1-2-0").await.unwrap().as_deref(),
        Some(sent.completions[0].completion.as_str())
    );
    assert_eq!(store.completions(run.key).await.unwrap().len(), 3);
    assert_eq!(store.completion(run.key, "other").await.unwrap(), None);
}

#[tokio::test]
async fn many_attempts_share_a_transaction_and_odd_numbers_of_rows_lose_none() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 700).await;
    let bundles = (0..700).map(|index| bundle(&format!("item-{index}"), 1, index % 4)).collect();
    let (stats, acknowledged) = write(&store, &run, bundles).await;
    let children = 3 * (0..700_i64).map(|index| index % 4).sum::<i64>();
    assert_eq!(stats.attempts, 700);
    assert_eq!(stats.rows, 1400 + u64::try_from(children).unwrap());
    assert!(stats.transactions < 100, "{stats:?}");
    assert_eq!(acknowledged.len(), 700);
    assert_eq!(counts(&path).await, [1, 700, 700, children / 3, children / 3, 700, children / 3, 0, 0]);
    for position in [0, 1, 511, 512, 699] {
        let detail = store.item_detail(run.key, &format!("item-{position}")).await.unwrap();
        let steps = usize::try_from(position % 4).unwrap();
        let attempt = &detail.attempts[0];
        assert_eq!((attempt.steps.len(), attempt.calls.len()), (steps, steps));
        assert!(attempt.steps.iter().all(|step| step.text.contains(&format!("of item-{position}:"))));
    }
    check_file(&path).await;
}

#[tokio::test]
async fn an_attempt_that_two_made_is_stored_once() {
    let (_folder, path) = place();
    let (one, two) = (open(&path).await, open(&path).await);
    let run = begin(&one, 1, 60).await;
    let bundles = || (0..60).map(|index| bundle(&format!("item-{index}"), 1, 2)).collect::<Vec<_>>();
    let mut twice = bundles();
    twice.extend(bundles());
    let (first, second) = tokio::join!(write(&one, &run, twice), write(&two, &run, bundles()));
    assert_eq!(first.0.attempts + second.0.attempts, 60);
    assert_eq!(first.0.doubled + second.0.doubled, 120);
    let acknowledged = first.1.iter().chain(&second.1);
    assert_eq!(acknowledged.filter(|committed| committed.result == CommitResult::Doubled).count(), 120);
    assert_eq!(counts(&path).await, [1, 60, 60, 120, 120, 60, 120, 0, 0]);
    check_file(&path).await;
}

#[tokio::test]
async fn only_a_failed_attempt_is_replaced_and_only_when_asked() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 2).await;
    write(&store, &run, vec![failed("item-0", 1), bundle("item-1", 1, 2)]).await;
    let (stats, _) = write(&store, &run, vec![bundle("item-0", 1, 2)]).await;
    assert_eq!((stats.attempts, stats.doubled), (0, 1));
    let replacing = ["item-0", "item-1"].map(|item_id| {
        let mut bundle = bundle(item_id, 1, 3);
        bundle.replace_failed = true;
        bundle
    });
    let (stats, _) = write(&store, &run, replacing.to_vec()).await;
    assert_eq!((stats.attempts, stats.doubled), (1, 1));
    let graded = store.graded_attempts(run.key).await.unwrap();
    assert_eq!(graded.iter().map(|row| row.calls).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(count(&path, "step").await, 5);
    check_file(&path).await;
}

#[tokio::test]
async fn a_closed_writer_says_so_and_a_dropped_one_stores() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 2).await;
    let (writer, _) = AttemptWriter::start(&store, run.key, WriterOptions::STANDARD);
    assert_eq!(writer.close().await.unwrap(), WriterStats::default());
    assert!(matches!(writer.submit(bundle("item-0", 1, 1)).await, Err(StoreError::WriterClosed)));
    assert!(matches!(writer.close().await, Err(StoreError::WriterClosed)));

    let (writer, mut acknowledgements) = AttemptWriter::start(&store, run.key, WriterOptions::STANDARD);
    writer.submit(bundle("item-0", 1, 1)).await.unwrap();
    drop(writer);
    assert!(acknowledgements.recv().await.is_some());
    assert_eq!(count(&path, "attempt").await, 1);
}

#[tokio::test]
async fn an_item_or_run_that_is_not_there_stops_the_writer() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 1).await;
    let (writer, _) = AttemptWriter::start(&store, run.key, WriterOptions::STANDARD);
    writer.submit(bundle("item-0", 1, 1)).await.unwrap();
    writer.submit(bundle("item-7", 1, 1)).await.unwrap();
    let error = writer.close().await.err().unwrap();
    assert!(matches!(&error, StoreError::NoSuchItem { item_id, .. } if item_id == "item-7"), "{error:?}");
    assert_eq!(count(&path, "attempt").await, 0, "one of the batch fails, none is stored");

    let (writer, mut acknowledgements) = AttemptWriter::start(&store, run.key, WriterOptions::STANDARD);
    writer.submit(bundle("item-0", 1, 1)).await.unwrap();
    acknowledgements.recv().await.unwrap();
    store.delete_run(run.key).await.unwrap();
    writer.submit(bundle("item-0", 2, 1)).await.unwrap();
    assert!(matches!(writer.close().await, Err(StoreError::RunGone { .. })));
    assert_eq!(counts(&path).await, [0; 9]);
}

#[tokio::test]
async fn a_full_disk_ends_the_writer_with_whole_attempts_only() {
    let (_folder, path) = place();
    open(&path).await.close().await;
    let options = StoreOptions { max_pages: Some(400), ..StoreOptions::STANDARD };
    let store = Store::open_with(&path, OpenMode::ReadWrite, options).await.unwrap();
    let run = begin(&store, 1, 2000).await;
    let small = WriterOptions { rows: 100, ..WriterOptions::STANDARD };
    let (writer, mut acknowledgements) = AttemptWriter::start(&store, run.key, small);
    let mut refused = None;
    for index in 0..2000 {
        if let Err(error) = writer.submit(bundle(&format!("item-{index}"), 1, 5)).await {
            refused = Some(error);
            break;
        }
    }
    assert!(matches!(refused, Some(StoreError::Full { .. })), "{refused:?}");
    assert!(matches!(writer.submit(bundle("item-0", 1, 1)).await, Err(StoreError::Full { .. })), "and stays so");
    assert!(matches!(writer.close().await, Err(StoreError::Full { .. })));
    let mut acknowledged = 0;
    while acknowledgements.recv().await.is_some() {
        acknowledged += 1;
    }
    assert!(acknowledged > 0);
    assert_eq!(
        counts(&path).await,
        [1, 2000, acknowledged, 5 * acknowledged, 5 * acknowledged, acknowledged, 5 * acknowledged, 0, 0]
    );
    store.close().await;
    check_file(&path).await;
    let store = open(&path).await;
    let (stats, _) = write(&store, &run, vec![bundle("item-1999", 1, 5)]).await;
    assert_eq!(stats.attempts, 1, "with room again, it goes on");
}

#[tokio::test]
async fn another_process_may_delete_rows_by_hand_and_the_index_stays_exact() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 3).await;
    write(&store, &run, (0..3).map(|index| bundle(&format!("item-{index}"), 1, 4)).collect()).await;
    execute(&path, "UPDATE step SET text = 'changed words' WHERE idx = 2").await;
    execute(&path, "DELETE FROM attempt WHERE id = (SELECT min(id) FROM attempt)").await;
    execute(&path, "DELETE FROM step WHERE idx = 3").await;
    check_file(&path).await;
    assert_eq!(count(&path, "step").await, 6);
    assert_eq!(count(&path, "step_text WHERE step_text MATCH 'changed'").await, 2);
    assert_eq!(count(&path, "verdict").await, 2);
}

#[tokio::test]
async fn verdicts_are_kept_and_the_newest_counts() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 5).await;
    let mut bundles: Vec<_> = (0..5).map(|index| bundle(&format!("item-{index}"), 1, 1)).collect();
    bundles[4].verdict = None;
    write(&store, &run, bundles).await;
    let first = store.candidates(run.key, None, 3).await.unwrap();
    let rest = store.candidates(run.key, first.last().map(|row| row.attempt), 3).await.unwrap();
    assert_eq!((first.len(), rest.len()), (3, 2));
    assert_eq!(first[0].item, super::item(0));
    assert_eq!((first[0].verdict.as_deref(), rest[1].verdict.as_deref()), (Some("accepted"), None));
    let again: Vec<_> = first.iter().chain(&rest).map(|row| (row.attempt, verdict("rejected", "different"))).collect();
    assert_eq!(store.add_verdicts(&again).await.unwrap(), 5);
    assert_eq!(store.add_verdicts(&again[..1]).await.unwrap(), 1);
    let detail = store.item_detail(run.key, "item-0").await.unwrap();
    let names: Vec<_> = detail.attempts[0].verdicts.iter().map(|row| row.verdict.as_str()).collect();
    assert_eq!(names, ["accepted", "rejected", "rejected"]);
    let graded = store.graded_attempts(run.key).await.unwrap();
    assert!(graded.iter().all(|row| row.verdict.as_deref() == Some("rejected")));
    store.delete_run(run.key).await.unwrap();
    assert_eq!(store.add_verdicts(&again).await.unwrap(), 0, "their attempts are gone");
}

const KILLED_DATABASE: &str = "STEPPROOF_TEST_KILLED_DATABASE";

/// What the test below kills; alone it does nothing.
#[tokio::test]
#[ignore = "a part of a_killed_writer_leaves_whole_attempts"]
async fn a_writer_to_be_killed() {
    let Some(path) = std::env::var_os(KILLED_DATABASE) else {
        return;
    };
    let store = open(std::path::Path::new(&path)).await;
    let run = store.find_run("last").await.unwrap();
    let small = WriterOptions { rows: 50, ..WriterOptions::STANDARD };
    let (writer, _) = AttemptWriter::start(&store, run.key, small);
    let worker = store.register_worker(run.key).await.unwrap();
    let mut wanted = (0..5000).map(|index| (format!("item-{index}"), 1)).collect();
    loop {
        for (item_id, sample) in store.claim(&worker, &mut wanted, 20, false).await.unwrap() {
            writer.submit(bundle(&item_id, sample, 5)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_killed_writer_leaves_whole_attempts() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 5000).await;
    let mut last = 0;
    for round in 0..6_u64 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "store::write::a_writer_to_be_killed"])
            .env(KILLED_DATABASE, &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while store.attempt_keys(run.key).await.unwrap().len() == last {
            assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(3 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        last = store.attempt_keys(run.key).await.unwrap().len();
        let stored = i64::try_from(last).unwrap();
        let found = counts(&path).await;
        assert_eq!(found[2..7], [stored, 5 * stored, 5 * stored, stored, 5 * stored]);
        check_file(&path).await;
    }
    // Its leases are free at once, and a run goes on to its end.
    let worker = store.register_worker(run.key).await.unwrap();
    let mut wanted = (0..5000).map(|index| (format!("item-{index}"), 1)).collect();
    let claimed = store.claim(&worker, &mut wanted, 5000, false).await.unwrap();
    let free = if cfg!(target_os = "linux") { 5000 - last } else { claimed.len() };
    assert_eq!((claimed.len(), wanted.len()), (free, 5000 - last - free));
}

/// Prints the writer's speed: `cargo test --test hermetic -- --ignored --nocapture writer_speed`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn writer_speed() {
    const COUNT: u32 = 20_000;
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, COUNT).await;
    let bundles: Vec<_> = (0..COUNT).map(|index| bundle(&format!("item-{index}"), 1, 5)).collect();
    let start = Instant::now();
    let (stats, _) = write(&store, &run, bundles).await;
    let wall = start.elapsed();
    let size = std::fs::metadata(&path).unwrap().len();
    println!(
        "{COUNT} attempts of 5 steps, calls and completions: {:.0} attempts/s, {:.0} ms in {} transactions, {:.2} us a row, file {} MB",
        f64::from(COUNT) / wall.as_secs_f64(),
        stats.busy_ms,
        stats.transactions,
        stats.busy_ms * 1000.0 / f64::from(u32::try_from(stats.rows).unwrap()),
        size >> 20,
    );
    let start = Instant::now();
    store.delete_run(run.key).await.unwrap();
    println!("deleted in {:.1?}", start.elapsed());
    assert!(wall < Duration::from_secs(600));
}
