//! Several workers on one run: every attempt is handed to one living worker at a time.

use std::collections::{BTreeSet, HashMap, VecDeque};

use proptest::prelude::*;
use stepproof::store::{OpenMode, RunRow, Store, StoreError, WorkerId};

use super::{begin, bundle, count, execute, failed, items, new_run, open, place, write};

type Key = (String, u32);

fn keys(items: u32, samples: u32) -> VecDeque<Key> {
    (0..items).flat_map(|item| (1..=samples).map(move |sample| (format!("item-{item}"), sample))).collect()
}

fn bundles(keys: &[Key]) -> Vec<stepproof::store::AttemptBundle> {
    keys.iter().map(|(item_id, sample)| bundle(item_id, *sample, 1)).collect()
}

#[tokio::test]
async fn claims_end_with_their_commit_and_what_remains_is_others() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 3).await;
    let (one, two) = (store.register_worker(run.key).await.unwrap(), store.register_worker(run.key).await.unwrap());
    assert!(one.name().ends_with(&format!(":{}", std::process::id())), "{}", one.name());
    let (mut ones, mut twos) = (keys(3, 2), keys(3, 2));
    let claimed = store.claim(&one, &mut ones, 4, false).await.unwrap();
    assert_eq!(keys(2, 2), claimed);
    assert_eq!(ones.len(), 2);
    assert_eq!(store.claim(&two, &mut twos, 4, false).await.unwrap(), [("item-2".into(), 1), ("item-2".into(), 2)]);
    assert_eq!(twos, keys(2, 2), "held by the other");
    write(&store, &run, bundles(&claimed[..3])).await;
    assert!(store.claim(&two, &mut twos, 4, false).await.unwrap().is_empty());
    assert_eq!(twos, claimed[3..].to_vec(), "committed ones are gone from the list");
    store.give_back(&one, &claimed[3..]).await.unwrap();
    assert_eq!(store.claim(&two, &mut twos, 4, false).await.unwrap(), claimed[3..]);
    assert!(twos.is_empty());
    store.release(&two).await.unwrap();
    assert_eq!(store.claim(&one, &mut ones, 9, false).await.unwrap(), [("item-2".into(), 1), ("item-2".into(), 2)]);
    assert_eq!((count(&path, "worker").await, count(&path, "lease").await), (1, 2));
}

#[tokio::test]
async fn failed_attempts_are_claimed_again_only_when_asked() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 2).await;
    write(&store, &run, vec![failed("item-0", 1), bundle("item-1", 1, 1)]).await;
    let worker = store.register_worker(run.key).await.unwrap();
    assert!(store.claim(&worker, &mut keys(2, 1), 9, false).await.unwrap().is_empty());
    assert_eq!(store.claim(&worker, &mut keys(2, 1), 9, true).await.unwrap(), [("item-0".into(), 1)]);
    let states: Vec<_> = store.attempt_keys(run.key).await.unwrap().into_iter().map(|key| key.failed).collect();
    assert_eq!(states, [true, false]);
}

#[tokio::test]
async fn leases_of_the_dead_are_free_and_of_the_living_are_not() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 4).await;
    // (what happened to the worker, whether its claim is free then)
    let cases = [
        ("pid = pid", false),
        ("heartbeat_us = heartbeat_us - 59000000", false),
        ("heartbeat_us = heartbeat_us - 61000000", true),
        ("heartbeat_us = heartbeat_us + 99000000000", true),
        ("pid = 1073741824", true),
        ("process_start = '1'", true),
        ("pid = 1073741824, scope = 'another machine'", false),
        ("process_start = '1', scope = ''", false),
    ];
    let other = store.register_worker(run.key).await.unwrap();
    for (change, free) in cases {
        if cfg!(not(target_os = "linux")) && !change.contains("heartbeat") {
            continue;
        }
        let worker = store.register_worker(run.key).await.unwrap();
        assert_eq!(store.claim(&worker, &mut keys(1, 1), 1, false).await.unwrap().len(), 1);
        execute(&path, &format!("UPDATE worker SET {change} WHERE id = (SELECT max(id) FROM worker)")).await;
        let claimed = store.claim(&other, &mut keys(1, 1), 1, false).await.unwrap();
        assert_eq!(!claimed.is_empty(), free, "{change}");
        store.give_back(&other, &claimed).await.unwrap();
        store.release(&worker).await.unwrap();
    }
}

#[tokio::test]
async fn a_worker_thought_dead_comes_back() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 1).await;
    let (one, two) = (store.register_worker(run.key).await.unwrap(), store.register_worker(run.key).await.unwrap());
    store.claim(&one, &mut keys(1, 1), 1, false).await.unwrap();
    execute(&path, "UPDATE worker SET heartbeat_us = 0 WHERE id = 1").await;
    assert_eq!(store.claim(&two, &mut keys(1, 1), 1, false).await.unwrap().len(), 1);
    assert_eq!(count(&path, "worker").await, 1);
    store.heartbeat(&one).await.unwrap();
    assert_eq!(count(&path, "worker").await, 2);
    assert!(store.claim(&one, &mut keys(1, 1), 1, false).await.unwrap().is_empty(), "the lease is the other's now");
    store.delete_run(run.key).await.unwrap();
    assert!(matches!(store.heartbeat(&one).await, Err(StoreError::RunGone { .. })));
    assert!(matches!(store.claim(&one, &mut keys(1, 1), 1, false).await, Err(StoreError::RunGone { .. })));
}

#[tokio::test]
async fn a_claim_of_something_else_fails_and_one_twice_in_the_list_is_claimed_once() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 600).await;
    let worker = store.register_worker(run.key).await.unwrap();
    let mut wanted = VecDeque::from([("item-0".to_owned(), 1), ("nonsense".to_owned(), 1)]);
    let error = store.claim(&worker, &mut wanted, 5, false).await.err().unwrap();
    assert!(matches!(error, StoreError::NoSuchItem { item_id, .. } if item_id == "nonsense"));
    assert_eq!((wanted.len(), count(&path, "lease").await), (2, 0));
    let mut doubled = VecDeque::from([("item-0".to_owned(), 1), ("item-0".to_owned(), 1)]);
    assert_eq!(store.claim(&worker, &mut doubled, 5, false).await.unwrap().len(), 1);
    assert!(store.claim(&worker, &mut keys(600, 1), 0, false).await.unwrap().is_empty());
    // More than one look is needed past those that are leased.
    let mut all = keys(600, 1);
    assert_eq!(store.claim(&worker, &mut all, 590, false).await.unwrap().len(), 590);
    assert_eq!(store.claim(&worker, &mut keys(600, 1), 590, false).await.unwrap().len(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_a_run_without_a_doubled_attempt() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 40).await;
    let handed = |worker: u32| {
        let (path, run) = (path.clone(), run.clone());
        tokio::spawn(async move {
            let store = open(&path).await;
            let me = store.register_worker(run.key).await.unwrap();
            let (mut wanted, mut mine) = (keys(40, 3), Vec::new());
            while !wanted.is_empty() {
                let claimed = store.claim(&me, &mut wanted, 1 + worker as usize, false).await.unwrap();
                let (stats, _) = write(&store, &run, bundles(&claimed)).await;
                assert_eq!(stats.doubled, 0);
                mine.extend(claimed);
            }
            store.release(&me).await.unwrap();
            mine
        })
    };
    let tasks: Vec<_> = (0..4).map(handed).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    let distinct: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!((all.len(), distinct.len()), (120, 120));
    assert_eq!(super::counts(&path).await, [1, 40, 120, 120, 120, 120, 120, 0, 0]);
}

#[derive(Debug, Clone)]
enum Move {
    Claim { worker: usize, at_most: usize },
    Commit { worker: usize },
    GiveBack { worker: usize },
    Release { worker: usize },
    Expire { worker: usize },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let worker = 0..3_usize;
    let one = prop_oneof![
        4 => (worker.clone(), 1..4_usize).prop_map(|(worker, at_most)| Move::Claim { worker, at_most }),
        3 => worker.clone().prop_map(|worker| Move::Commit { worker }),
        1 => worker.clone().prop_map(|worker| Move::GiveBack { worker }),
        1 => worker.clone().prop_map(|worker| Move::Release { worker }),
        1 => worker.prop_map(|worker| Move::Expire { worker }),
    ];
    prop::collection::vec(one, 1..40)
}

/// Plays moves and checks every claim against who holds what.
async fn play(moves: Vec<Move>) {
    let (_folder, path) = place();
    let stores = [open(&path).await, open(&path).await];
    let run: RunRow = begin(&stores[0], 1, 4).await;
    let mut workers: Vec<WorkerId> = Vec::new();
    for _ in 0..3 {
        workers.push(stores[0].register_worker(run.key).await.unwrap());
    }
    let mut held: HashMap<usize, BTreeSet<Key>> = HashMap::new();
    let mut expired: BTreeSet<usize> = BTreeSet::new();
    let mut committed: BTreeSet<Key> = BTreeSet::new();
    for step in moves {
        match step {
            Move::Claim { worker, at_most } => {
                // Claiming is a sign of life, and buries the expired ones among the others.
                expired.remove(&worker);
                for dead in std::mem::take(&mut expired) {
                    held.remove(&dead);
                }
                let claimed =
                    stores[worker % 2].claim(&workers[worker], &mut keys(4, 2), at_most, false).await.unwrap();
                let taken: BTreeSet<Key> = held.values().flatten().chain(&committed).cloned().collect();
                let free: Vec<Key> = keys(4, 2).into_iter().filter(|key| !taken.contains(key)).take(at_most).collect();
                assert_eq!(claimed, free);
                held.entry(worker).or_default().extend(claimed);
            }
            Move::Commit { worker } => {
                let Some(key) = held.get_mut(&worker).and_then(BTreeSet::pop_first) else {
                    continue;
                };
                let (stats, _) = write(&stores[worker % 2], &run, bundles(std::slice::from_ref(&key))).await;
                assert_eq!(stats.attempts, 1);
                committed.insert(key);
            }
            Move::GiveBack { worker } => {
                let Some(key) = held.get_mut(&worker).and_then(BTreeSet::pop_last) else {
                    continue;
                };
                stores[0].give_back(&workers[worker], &[key]).await.unwrap();
            }
            Move::Release { worker } => {
                stores[1].release(&workers[worker]).await.unwrap();
                held.remove(&worker);
                expired.remove(&worker);
                workers[worker] = stores[1].register_worker(run.key).await.unwrap();
            }
            Move::Expire { worker } => {
                // Its heartbeat is the only one of this worker's: ids of workers are given out in order.
                stores[0].heartbeat(&workers[worker]).await.unwrap();
                let id = format!("{:?}", workers[worker]);
                let id: String =
                    id.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
                execute(&path, &format!("UPDATE worker SET heartbeat_us = 0 WHERE id = {id}")).await;
                expired.insert(worker);
            }
        }
        let leases: usize = held.values().map(BTreeSet::len).sum();
        assert_eq!(usize::try_from(count(&path, "lease").await).unwrap(), leases);
        assert_eq!(usize::try_from(count(&path, "attempt").await).unwrap(), committed.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_attempt_is_handed_to_two_living_workers(moves in moves()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(moves));
    }
}

#[tokio::test]
async fn runs_are_joined_extended_and_found() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let missing = store.find_run("last").await.err().unwrap();
    assert!(missing.to_string().ends_with("it holds no runs"), "{missing}");
    let first = begin(&store, 1, 2).await;
    let joined = store.begin_or_join_run(&new_run(2), &items(5), false).await.unwrap();
    assert_eq!((joined.run.clone(), joined.joined), (first.clone(), true));
    assert_eq!(store.items(first.key).await.unwrap(), items(5));
    store.add_items(first.key, &items(6)).await.unwrap();
    assert_eq!(store.items(first.key).await.unwrap().len(), 6);
    let fresh = begin(&store, 3, 2).await;
    let found = store.runs_with_spec("spec").await.unwrap();
    assert_eq!(found, [fresh.clone(), first.clone()]);
    assert_eq!(store.begin_or_join_run(&new_run(4), &[], false).await.unwrap().run, fresh);
    assert_eq!(store.find_run("last").await.unwrap(), fresh);
    assert_eq!(store.find_run(&first.run_id).await.unwrap(), first);
    assert_eq!(store.find_run(&first.run_id.to_uppercase()).await.unwrap(), first);
    match store.find_run("0198").await {
        Err(StoreError::AmbiguousRun { candidates, .. }) => assert_eq!(candidates, [fresh.run_id, first.run_id]),
        other => panic!("{other:?}"),
    }
    assert!(matches!(store.find_run("019").await, Err(StoreError::RunPrefixTooShort { .. })));
    assert!(matches!(store.find_run("%___").await, Err(StoreError::NoSuchRun { runs: 2, .. })));
    let reader = Store::open(&path, OpenMode::ReadOnly).await.unwrap();
    assert_eq!(reader.attempt_keys(found[0].key).await.unwrap(), []);
}
