//! What a pool says of texts, good, bad and broken.

use std::sync::Arc;

use stepproof::lean::{CheckEnd, Place, PoolSettings, Severity};

use super::{LONG, check, document, honest, is_clean, lean_program, settings, start};

#[tokio::test(flavor = "multi_thread")]
async fn good_and_bad_texts_are_told_apart() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(2).await).await;
    for honest in honest() {
        let good = check(&pool, &honest.good, LONG).await;
        assert!(is_clean(&good), "{}: {good:?}", honest.name);
        let bad = check(&pool, &honest.bad, LONG).await;
        assert_eq!(bad.end, CheckEnd::Finished, "{}: {bad:?}", honest.name);
        assert!(bad.diagnostics.iter().any(|message| message.severity == Severity::Error), "{}: {bad:?}", honest.name);
    }
    assert_eq!(pool.stats().checks, 2 * honest().len() as u64);
    assert_eq!((pool.stats().crashed, pool.stats().repeated, pool.stats().servers_started), (0, 0, 1));
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_stand_where_they_belong() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let text =
        document("import Init\n", "theorem 𝔸𝔸 : True := 𝔹\n#print axioms 𝔸𝔸\ntheorem t (p : Prop) : p := by\n  skip\n");
    let checked = check(&pool, &text, LONG).await;
    let place = |line, column| Place { line, column };
    let said: Vec<_> = checked.diagnostics.iter().map(|one| (one.severity, one.start, one.unsolved_goals)).collect();
    assert_eq!(said[0], (Severity::Error, place(1, 27), false), "{checked:?}");
    assert!(checked.diagnostics[0].message.contains("𝔹") && checked.diagnostics[0].end == place(1, 31), "{checked:?}");
    assert_eq!((said[1].0, said[1].1.line), (Severity::Information, 2), "{checked:?}");
    assert!(said.contains(&(Severity::Error, place(3, 28), true)), "{checked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_cannot_be_loaded_is_told_apart() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let unknown = document("import Nope.Nothing\n", "theorem t : True := trivial\n");
    for _ in 0..2 {
        let checked = check(&pool, &unknown, LONG).await;
        assert_eq!(checked.end, CheckEnd::HeaderFailed);
        assert!(checked.diagnostics.iter().any(|message| message.message.contains("Nope")), "{checked:?}");
        assert!(is_clean(&check(&pool, &honest()[0].good, LONG).await));
    }
    let warmed = pool.warm("import Nope.Nothing\n", 1).await.expect("tried");
    assert_eq!(warmed.end, CheckEnd::HeaderFailed);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_texts_are_checked() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(1).await).await;
    let long = format!("/- {} -/ theorem t : True := trivial\n", "x".repeat(2 << 20));
    for (body, clean) in [
        ("", true),
        ("\n\n", true),
        ("\u{0}", false),
        ("theorem t : True := trivial\r\n\r\n", true),
        ("/- never closed", false),
        ("theorem t : True := trivial\ntheorem t : True := trivial\n", false),
        ("\u{feff}\u{202e}", false),
        (long.as_str(), true),
    ] {
        let checked = check(&pool, &document("import Init\n", body), LONG).await;
        assert_eq!(is_clean(&checked), clean, "{:?}: {checked:?}", body.get(..30));
        assert_eq!(checked.end, CheckEnd::Finished, "{:?}", body.get(..30));
    }
    assert!(is_clean(&check(&pool, &document("", ""), LONG).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn four_workers_are_right_about_two_hundred_texts() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, PoolSettings { checks_before_recycling: 20, ..settings(4).await }).await;
    let texts = Arc::new(honest());
    let mut running = tokio::task::JoinSet::new();
    for number in 0..200 {
        let (pool, texts) = (pool.clone(), Arc::clone(&texts));
        running.spawn(async move {
            let honest = &texts[number / 2 % texts.len()];
            let is_good = number % 2 == 0;
            let checked = check(&pool, if is_good { &honest.good } else { &honest.bad }, LONG).await;
            assert_eq!(is_clean(&checked), is_good, "{}: {checked:?}", honest.name);
            assert_eq!(checked.end, CheckEnd::Finished, "{}", honest.name);
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    let stats = pool.stats();
    assert!(stats.checks == 200 && stats.crashed == 0 && stats.recycled_by_count >= 2, "{stats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_headers_share_few_workers() {
    let Some(lean) = lean_program() else { return };
    let pool = start(&lean, settings(2).await).await;
    // Imports that differ cannot share a worker.
    let headers: Vec<String> = (1..=4).map(|count| "import Init\n".repeat(count)).collect();
    for _ in 0..3 {
        for header in &headers {
            assert!(is_clean(&check(&pool, &document(header, "theorem t : True := trivial\n"), LONG).await));
        }
    }
    let stats = pool.stats();
    assert!(stats.evicted >= 8 && stats.workers_started >= 10 && stats.workers <= 2, "{stats:?}");
    let before = stats.workers_started;
    for _ in 0..5 {
        let header = format!("{}open Nat\n", headers[3]);
        assert!(is_clean(&check(&pool, &document(&header, "theorem t : True := trivial\n"), LONG).await));
    }
    assert_eq!(pool.stats().workers_started, before, "equal imports share a worker");
}
