//! What a pool does when texts hang, crash, grow and flood, and when processes are killed.

use std::time::{Duration, Instant};

use stepproof::lean::{CheckEnd, LimitHit, PoolSettings};
use tokio_util::sync::CancellationToken;

use super::{LONG, check, document, honest, is_clean, lean_program, start};

const HANG: &str = "theorem t : True := by\n  sleep 60000\n  trivial\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_hangs_meets_its_deadline() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, PoolSettings::new(1)).await;
    let spin = "theorem t : True := by\n  repeat skip\n  trivial\n";
    for body in [HANG, spin] {
        let begun = Instant::now();
        let checked = check(&pool, &document("import Init\n", body), Duration::from_secs(1)).await;
        assert_eq!(checked.end, CheckEnd::Limit(LimitHit::WallTime), "{body}");
        eprintln!("hang answered after {:?}", begun.elapsed());
        let begun = Instant::now();
        let next = check(&pool, &honest()[0].good, LONG).await;
        assert!(is_clean(&next), "{next:?}");
        eprintln!("next after {:?} {:?}: {:?}", begun.elapsed(), next, pool.stats());
    }
    pool.close().await;
}
