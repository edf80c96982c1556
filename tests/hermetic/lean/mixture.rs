//! Honest and bad texts side by side on one pool: what a bad one breaks is mended before an honest one suffers.

use std::time::Duration;

use futures_util::StreamExt;
use stepproof::lean::CheckEnd;

use super::faults::{assert_right, check, plain, start};
use super::lab::FakeLean;

/// Texts that take the whole server with them, or their worker, or only their time.
const BAD: [&str; 12] = [
    "exit 1",
    "hang",
    "crash",
    "stuck",
    "half-frame",
    "deaf",
    "broken-json",
    "crash-early",
    "dead-stdout",
    "many 20000",
    "deaf-stdin",
    "mute",
];

#[tokio::test(flavor = "multi_thread")]
async fn honest_texts_are_right_beside_bad_ones() {
    let fake = FakeLean::new("orphan");
    let mut settings = plain(3).await;
    settings.cleaning_patience = Duration::from_millis(200);
    settings.checks_before_recycling = 7;
    let pool = start(&fake, settings).await.unwrap();
    let checks = futures_util::stream::iter(0..120_usize).map(|number| {
        let pool = &pool;
        async move {
            if number % 5 != 2 {
                return assert_right(pool, &format!("check {number}")).await;
            }
            let marks = BAD[number / 5 % BAD.len()];
            let body = format!("theorem a : True := trivial -- fake: {marks}\n");
            let outcome = check(pool, &body, Duration::from_millis(400)).await;
            let finished = outcome.is_ok_and(|checked| checked.end == CheckEnd::Finished);
            assert!(!finished, "check {number}: {marks}");
        }
    });
    checks.buffer_unordered(6).collect::<Vec<()>>().await;
    pool.close().await;
    fake.assert_no_process_is_left().await;
}

#[tokio::test]
async fn a_server_that_fails_by_the_count_is_started_again() {
    for script in ["second-crashes", "third-exits"] {
        let fake = FakeLean::new(script);
        let pool = start(&fake, plain(1).await).await.unwrap();
        let mut right = 0;
        for _ in 0..12 {
            let outcome = check(&pool, "theorem a : True := trivial\n#print axioms a\n", Duration::from_secs(20)).await;
            if let Ok(checked) = &outcome
                && checked.end == CheckEnd::Finished
            {
                right += 1;
                assert_eq!(checked.diagnostics.len(), 1, "{script}");
            }
        }
        assert!(right >= 6, "{script}: {right} of 12");
        pool.close().await;
        fake.assert_no_process_is_left().await;
    }
}
