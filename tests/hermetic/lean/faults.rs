//! Every fault of a server: the check ends as it should, the next one is right, and no process is left.

use std::time::Duration;

use futures_util::StreamExt;
use stepproof::lean::{
    CheckEnd, Checked, Document, LeanError, LimitHit, Place, Pool, PoolSettings, Severity, Toolchain,
};
use stepproof::sandbox::{Level, Sandbox, Wanted};
use tokio_util::sync::CancellationToken;

use super::lab::FakeLean;

/// Longer than any test needs, so that what hangs is found.
const PATIENCE: Duration = Duration::from_secs(120);

async fn settings() -> PoolSettings {
    let mut settings = plain(2).await;
    settings.start_patience = Duration::from_secs(5);
    settings.cleaning_patience = Duration::from_millis(300);
    settings
}

/// Gives settings without a sandbox: nothing of the fake server reads untrusted text.
pub(super) async fn plain(workers: usize) -> PoolSettings {
    PoolSettings::new(workers, Sandbox::detect(Wanted::Exactly(Level::None)).await.unwrap())
}

pub(super) async fn start(fake: &FakeLean, settings: PoolSettings) -> Result<Pool, LeanError> {
    let toolchain = Toolchain::open(&fake.lean(), None, &[]).await?;
    tokio::time::timeout(PATIENCE, Pool::start(toolchain, settings)).await.expect("the start ends")
}

pub(super) async fn check(pool: &Pool, body: &str, limit: Duration) -> Result<Checked, LeanError> {
    let document = Document { header: "import Init\n".to_owned(), body: body.to_owned() };
    let cancel = CancellationToken::new();
    let checked = pool.check(&document, limit, &cancel);
    tokio::time::timeout(PATIENCE, checked).await.expect("a check ends")
}

/// Checks an honest text, which must come out right.
pub(super) async fn assert_right(pool: &Pool, context: &str) {
    let checked = check(pool, "theorem a : True := trivial\n#print axioms a\n", Duration::from_secs(30)).await;
    let checked = checked.unwrap_or_else(|error| panic!("{context}: {error}"));
    assert_eq!(checked.end, CheckEnd::Finished, "{context}");
    let found: Vec<_> =
        checked.diagnostics.iter().map(|found| (found.severity, found.start.line, &*found.message)).collect();
    assert_eq!(found, [(Severity::Information, 2, "'a' does not depend on any axioms")], "{context}");
}

/// What a fault may come to.
#[derive(Debug, Clone, Copy)]
enum Expected {
    /// The check is finished; so many messages, so many of them errors.
    Finished(usize, usize),
    WallTime,
    Output,
    Crashed,
    HeaderFailed,
    /// It is not finished, in whatever way: the server is broken.
    NoVerdict,
}

fn meets(outcome: &Result<Checked, LeanError>, expected: Expected) -> bool {
    let end = outcome.as_ref().map(|checked| checked.end.clone()).ok();
    let finished = end == Some(CheckEnd::Finished);
    match expected {
        Expected::Finished(messages, errors) => {
            finished
                && outcome.as_ref().is_ok_and(|checked| {
                    let found = &checked.diagnostics;
                    let wrong = found.iter().filter(|found| found.severity == Severity::Error).count();
                    found.len() == messages && wrong == errors
                })
        }
        Expected::WallTime => end == Some(CheckEnd::Limit(LimitHit::WallTime)),
        Expected::Output => end == Some(CheckEnd::Limit(LimitHit::Output)),
        Expected::Crashed => end == Some(CheckEnd::Crashed),
        Expected::HeaderFailed => end == Some(CheckEnd::HeaderFailed),
        Expected::NoVerdict => !finished,
    }
}

const FAULTS: &[(&str, Expected)] = &[
    ("late 300", Expected::Finished(1, 1)),
    ("collide", Expected::Finished(1, 1)),
    ("twice", Expected::Finished(1, 1)),
    ("old-publish", Expected::Finished(1, 1)),
    ("stderr 5000000", Expected::Finished(1, 1)),
    ("far-positions", Expected::Finished(5, 5)),
    ("many 1000", Expected::Finished(1001, 1001)),
    ("big 1000000", Expected::Finished(2, 1)),
    ("hang", Expected::WallTime),
    ("deaf", Expected::WallTime),
    ("stuck", Expected::WallTime),
    ("mute", Expected::WallTime),
    ("half-frame-hang", Expected::WallTime),
    ("crash", Expected::Crashed),
    ("crash-early", Expected::Crashed),
    ("modified", Expected::NoVerdict),
    ("refused -32902", Expected::Crashed),
    ("refused -32601", Expected::NoVerdict),
    ("header-fails", Expected::HeaderFailed),
    ("big 12000000", Expected::Output),
    ("many 65536", Expected::Output),
    ("flood", Expected::Output),
    ("dead-stdout", Expected::NoVerdict),
    ("exit 0", Expected::NoVerdict),
    ("exit 1", Expected::NoVerdict),
    ("half-frame", Expected::NoVerdict),
    ("broken-json", Expected::NoVerdict),
    ("not-utf8", Expected::NoVerdict),
    ("deep-json", Expected::NoVerdict),
    ("long-length", Expected::NoVerdict),
    ("short-length", Expected::NoVerdict),
    ("huge-length", Expected::NoVerdict),
    ("no-length", Expected::NoVerdict),
    ("huge-header", Expected::NoVerdict),
    ("deaf-stdin", Expected::WallTime),
    ("odd-json", Expected::NoVerdict),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_seen_for_what_it_is_and_the_next_check_is_right() {
    let rows = futures_util::stream::iter(FAULTS).map(|(marks, expected)| async move {
        let fake = FakeLean::new("orphan");
        let pool = start(&fake, settings().await).await.unwrap();
        let body = format!("theorem a : True := trivial -- fake: {marks}\n\u{1d538}∀ -- fake: error wrong\n");
        // Only what hangs is to be ended by its deadline, also on a busy machine.
        let limit = if matches!(expected, Expected::WallTime) { 1 } else { 60 };
        let outcome = check(&pool, &body, Duration::from_secs(limit)).await;
        let shown = outcome.as_ref().map(|checked| (&checked.end, checked.diagnostics.len()));
        let trouble = (!meets(&outcome, *expected)).then(|| format!("{marks}: {expected:?}, not {shown:?}"));
        for _ in 0..3 {
            assert_right(&pool, marks).await;
        }
        tokio::time::timeout(PATIENCE, pool.close()).await.expect("the end ends");
        fake.assert_no_process_is_left().await;
        trouble
    });
    let troubles: Vec<Option<String>> = rows.buffer_unordered(6).collect().await;
    let troubles: Vec<String> = troubles.into_iter().flatten().collect();
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}

#[tokio::test]
async fn places_are_given_in_bytes() {
    let fake = FakeLean::new("pieces");
    let pool = start(&fake, settings().await).await.unwrap();
    let line = "\u{1d538}∀ -- fake: error wrong";
    let checked = check(&pool, &format!("-- first\n{line}\n"), Duration::from_secs(30)).await.unwrap();
    let [found] = &checked.diagnostics[..] else { panic!("{checked:?}") };
    let end = u32::try_from(line.len()).unwrap();
    assert_eq!((found.start, found.end), (Place { line: 2, column: 8 }, Place { line: 2, column: end }));
    assert_eq!(found.message, "wrong");
    pool.close().await;
}

#[tokio::test]
async fn servers_that_do_not_come_up_are_an_error() {
    for script in ["start-exits", "initialize-mute", "initialize-exits", "initialize-fails", "greets"] {
        let fake = FakeLean::new(script);
        let mut settings = settings().await;
        settings.start_patience = Duration::from_millis(700);
        // Whether the pool starts its server at once or at the first check is its own business.
        let error = match start(&fake, settings).await {
            Err(error) => error,
            Ok(pool) => {
                let checked = check(&pool, "theorem a : True := trivial\n", Duration::from_secs(20)).await;
                tokio::time::timeout(PATIENCE, pool.close()).await.expect("the end ends");
                checked.expect_err(script)
            }
        };
        assert!(error.to_string().contains("server"), "{script}: {error}");
        fake.assert_no_process_is_left().await;
    }
}

#[tokio::test]
async fn a_server_that_does_not_want_to_end_is_ended() {
    let fake = FakeLean::new("shutdown-ignored orphan");
    let pool = start(&fake, settings().await).await.unwrap();
    assert_right(&pool, "before").await;
    tokio::time::timeout(PATIENCE, pool.close()).await.expect("the end ends");
    fake.assert_no_process_is_left().await;
}

#[tokio::test]
async fn a_dropped_pool_leaves_no_process() {
    let fake = FakeLean::new("shutdown-ignored orphan");
    let pool = start(&fake, settings().await).await.unwrap();
    assert_right(&pool, "before").await;
    drop(pool);
    fake.assert_no_process_is_left().await;
}

#[tokio::test]
async fn a_cancelled_check_ends_and_the_next_one_is_right() {
    for marks in ["hang", "deaf", "stuck", "deaf-stdin", "half-frame-hang", "flood"] {
        let fake = FakeLean::new("");
        let pool = start(&fake, settings().await).await.unwrap();
        let document = Document {
            header: "import Init\n".to_owned(),
            body: format!("theorem a : True := trivial -- fake: {marks}\n"),
        };
        let cancel = CancellationToken::new();
        let later = cancel.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            later.cancel();
        });
        let checked = tokio::time::timeout(PATIENCE, pool.check(&document, Duration::from_secs(60), &cancel)).await;
        let end = checked.expect("it ends").map(|checked| checked.end);
        let flooded = marks == "flood" && matches!(end, Ok(CheckEnd::Limit(LimitHit::Output)));
        assert!(flooded || matches!(end, Ok(CheckEnd::Cancelled)), "{marks}: {end:?}");
        assert_right(&pool, marks).await;
        pool.close().await;
        fake.assert_no_process_is_left().await;
    }
}

#[tokio::test]
async fn a_text_longer_than_a_pipe_does_no_harm() {
    let fake = FakeLean::new("");
    let pool = start(&fake, settings().await).await.unwrap();
    let filler = "-- \u{1d538}∀x\n".repeat(400_000);
    let checked = check(&pool, &format!("{filler}x -- fake: error wrong\n"), Duration::from_secs(60)).await.unwrap();
    assert_eq!((checked.end, checked.diagnostics.len()), (CheckEnd::Finished, 1));
    assert_eq!(checked.diagnostics[0].start.line, 400_001);
    // This one is never read.
    let checked = check(&pool, &format!("x -- fake: deaf-stdin\n{filler}"), Duration::from_secs(2)).await;
    assert!(matches!(&checked, Ok(checked) if checked.end == CheckEnd::Limit(LimitHit::WallTime)), "{checked:?}");
    let checked = check(&pool, &filler, Duration::from_secs(60)).await.unwrap();
    assert_eq!((checked.end, checked.diagnostics.len()), (CheckEnd::Finished, 0));
    pool.close().await;
    fake.assert_no_process_is_left().await;
}
