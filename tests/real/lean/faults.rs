//! What a pool does when texts hang, crash, grow and flood, and when processes are killed.

use std::time::Duration;

use stepproof::lean::{CheckEnd, Document, LeanError, LimitHit, Pool, PoolSettings};
use tokio_util::sync::CancellationToken;

use super::processes::{descendants, kill, settled_number};
use super::{LONG, check, document, honest, is_clean, lean_program, settings, start};

const SECOND: Duration = Duration::from_secs(1);

/// A tactic that nothing interrupts, one that computes without end, one that repeats without end.
fn hanging() -> [Document; 3] {
    let unfolding = "set_option maxRecDepth 1000000\n\
                     theorem t : Nat.rec (motive := fun _ => Nat) 0 (fun _ n => Nat.succ n) 100000000 = 1 := by\n  rfl\n";
    let bodies =
        ["theorem t : True := by\n  sleep 60000\n  trivial\n", unfolding, "theorem t : True := by\n  repeat sleep 1\n"];
    bodies.map(|body| document("import Init\n", body))
}

async fn assert_works(pool: &Pool, after: &str) {
    for honest in honest() {
        assert!(is_clean(&check(pool, &honest.good, LONG).await), "{} after {after}", honest.name);
        let bad = check(pool, &honest.bad, LONG).await;
        assert!(!is_clean(&bad) && bad.end == CheckEnd::Finished, "{} after {after}: {bad:?}", honest.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_hangs_meets_its_deadline() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    for (number, text) in hanging().iter().enumerate() {
        let checked = check(&pool, text, SECOND).await;
        assert_eq!(checked.end, CheckEnd::Limit(LimitHit::WallTime), "{number}: {checked:?}");
        assert!(checked.wall >= SECOND);
        assert_works(&pool, &format!("hanging text {number}")).await;
    }
    let stats = pool.stats();
    assert_eq!((stats.timed_out, stats.soft_cancels + stats.hard_cancels, stats.kills), (3, 3, 0), "{stats:?}");
    assert!(stats.hard_cancels >= 1, "a sleeping tactic does not give up: {stats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_can_cancel_at_any_moment() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let [hang, ..] = hanging();
    let cancel = CancellationToken::new();
    let running = tokio::spawn({
        let (pool, cancel, hang) = (pool.clone(), cancel.clone(), hang.clone());
        async move { pool.check(&hang, LONG, &cancel).await.expect("ended") }
    });
    let waiting = tokio::spawn({
        let (pool, cancel, hang) = (pool.clone(), cancel.clone(), hang.clone());
        async move { pool.check(&hang, LONG, &cancel).await.expect("ended") }
    });
    tokio::time::sleep(SECOND).await;
    cancel.cancel();
    assert_eq!(running.await.unwrap().end, CheckEnd::Cancelled);
    assert_eq!(waiting.await.unwrap().end, CheckEnd::Cancelled);
    let before = pool.check(&honest()[0].good, LONG, &cancel).await.expect("ended");
    assert_eq!(before.end, CheckEnd::Cancelled, "cancelled from the start");
    assert_works(&pool, "cancelling").await;
    // A future that is dropped is a check that is cancelled.
    let dropped = tokio::time::timeout(SECOND, check(&pool, &hang, LONG)).await;
    assert!(dropped.is_err());
    assert_works(&pool, "dropping").await;
    assert!(pool.stats().workers <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_kills_its_worker_is_a_crash() {
    let Some(lean) = lean_program() else { return };
    // A small stack makes deep terms overflow it.
    let pool = start(&lean, PoolSettings { stack_kilobytes: 2048, ..settings(1).await }).await;
    let deep = format!("theorem t : True := {}trivial{}\n", "(".repeat(20_000), ")".repeat(20_000));
    let deep = document("import Init\n", &deep);
    assert_works(&pool, "nothing").await;
    assert_eq!(check(&pool, &deep, LONG).await.end, CheckEnd::Crashed);
    let stats = pool.stats();
    assert_eq!((stats.crashed, stats.repeated), (2, 1), "tried again in a fresh worker: {stats:?}");
    assert_works(&pool, "the crash").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_does_no_harm() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let slow = document("import Init\n", "theorem t : True := by\n  sleep 1500\n  trivial\n");
    for is_busy in [true, false] {
        assert!(is_clean(&check(&pool, &honest()[0].good, LONG).await));
        let running = tokio::spawn({
            let (pool, slow) = (pool.clone(), slow.clone());
            async move {
                if is_busy { check(&pool, &slow, LONG).await } else { check(&pool, &document("", ""), LONG).await }
            }
        });
        tokio::time::sleep(Duration::from_millis(700)).await;
        for worker in descendants(pool.server_process().await.expect("it runs")) {
            kill(worker);
        }
        assert!(is_clean(&running.await.unwrap()), "busy: {is_busy}");
        assert_works(&pool, "killing a worker").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_grows_is_ended() {
    let Some(lean) = lean_program() else { return };
    let limited = PoolSettings { worker_memory: 400 << 20, ..settings(1).await };
    let pool = start(&lean, limited).await;
    let hog = "theorem t : Nat.rec (motive := fun _ => Nat) 0 (fun _ n => Nat.succ n) 100000000 = 1 := by\n  rfl\n";
    let hog = document("import Init\nset_option maxRecDepth 1000000\n", hog);
    let checked = check(&pool, &hog, LONG).await;
    assert_eq!(checked.end, CheckEnd::Limit(LimitHit::Memory), "{checked:?} {:?}", pool.stats());
    assert!(pool.stats().peak_memory > 400 << 20);
    assert_works(&pool, "the hog").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processor_time_is_bounded() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, PoolSettings { check_cpu: Some(SECOND), ..settings(1).await }).await;
    let hog = "theorem t : Nat.rec (motive := fun _ => Nat) 0 (fun _ n => Nat.succ n) 100000000 = 1 := by\n  rfl\n";
    let hog = document("import Init\nset_option maxRecDepth 1000000\n", hog);
    assert_eq!(check(&pool, &hog, LONG).await.end, CheckEnd::Limit(LimitHit::Cpu));
    assert_works(&pool, "the hog").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_messages_is_cut() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let lines = |count: usize| document("import Init\n", &"#check missing\n".repeat(count));
    let many = check(&pool, &lines(6000), LONG).await;
    assert_eq!((many.end, many.diagnostics.len()), (CheckEnd::Limit(LimitHit::Output), 5000));
    assert_works(&pool, "many messages").await;
    // One message that is longer than a frame may be.
    let long = format!("theorem t (p : Prop) : p := by\n  trace \"{}\"\n  skip\n", "x".repeat(9 << 20));
    let long = check(&pool, &document("import Init\n", &long), LONG).await;
    assert_eq!(long.end, CheckEnd::Limit(LimitHit::Output), "{:?}", long.diagnostics.len());
    assert_works(&pool, "a long message").await;
    assert_eq!(pool.stats().servers_started, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_is_replaced_and_nothing_lost() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(2).await).await;
    let mut running = tokio::task::JoinSet::new();
    for number in 0..120 {
        let pool = pool.clone();
        running.spawn(async move {
            let honest = &honest()[number / 2 % 7];
            let is_good = number % 2 == 0;
            let checked = check(&pool, if is_good { &honest.good } else { &honest.bad }, LONG).await;
            assert_eq!((is_clean(&checked), &checked.end), (is_good, &CheckEnd::Finished), "{}", honest.name);
        });
    }
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        if let Some(server) = pool.server_process().await {
            kill(server);
        }
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    let stats = pool.stats();
    assert!(stats.servers_started >= 2 && stats.checks == 120 && stats.crashed == 0, "{stats:?}");
    assert_works(&pool, "killing the server").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_when_a_pool_ends() {
    let Some(lean) = lean_program() else { return };
    for is_closed in [true, false] {
        let pool = start(&lean, settings(2).await).await;
        let [hang, ..] = hanging();
        let busy = tokio::spawn({
            let (pool, hang) = (pool.clone(), hang.clone());
            async move { pool.check(&hang, LONG, &CancellationToken::new()).await }
        });
        assert!(is_clean(&check(&pool, &honest()[0].good, LONG).await));
        tokio::time::sleep(SECOND).await;
        let server = pool.server_process().await.expect("it runs");
        let mut family = descendants(server);
        family.push(server);
        assert!(family.len() >= 3, "a server and two workers: {family:?}");
        if is_closed {
            pool.close().await;
            let busy = busy.await.unwrap();
            assert!(matches!(busy, Err(LeanError::Closed)), "{busy:?}");
            let again = pool.check(&hang, LONG, &CancellationToken::new()).await;
            assert!(matches!(again, Err(LeanError::Closed)));
        } else {
            busy.abort();
            let _ = busy.await;
            drop(pool);
        }
        assert_eq!(settled_number(&family), 0, "closed: {is_closed}");
    }
}
