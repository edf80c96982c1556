use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::Part;
use super::measures::{Measures, OURS, PER_SECOND};
use super::search::SCHEDULE;
use super::sizes::{Sizes, TreeSizes};
use super::tree::{Schedule, Step, grow};

#[test]
fn speeds_of_peers_are_followed_by_ours_over_them() {
    let mut measures = Measures::default();
    for (way, what, unit, figure) in [
        (OURS, "speed", PER_SECOND, 6.0),
        ("peer", "speed", PER_SECOND, 4.0),
        (OURS, "share", "share", 0.5),
        ("peer", "share", "share", 0.25),
        ("peer", "speed", PER_SECOND, 2.0),
        (OURS, "speed", PER_SECOND, 8.0),
        ("peer", "alone", PER_SECOND, 1.0),
    ] {
        measures.push(Part::Speed, what, way, unit, figure);
    }
    let report = serde_json::to_value(measures.report()).unwrap();
    let told = |row: &serde_json::Value| {
        format!("{} {} {} {} {}", row["what"], row["way"], row["median"], row["least"], row["greatest"])
            .replace('"', "")
    };
    let told: Vec<String> = report.as_array().unwrap().iter().map(told).collect();
    let expected = [
        "speed stepproof 7.0 6.0 8.0",
        "speed peer 3.0 2.0 4.0",
        "speed stepproof over peer 2.75 1.5 4.0",
        "share stepproof 0.5 0.5 0.5",
        "share peer 0.25 0.25 0.25",
        "alone peer 1.0 1.0 1.0",
    ];
    assert_eq!(told, expected);
}

fn depths(schedule: &Schedule) -> Vec<usize> {
    let mut depths = vec![0];
    for (parent, count) in &schedule.expansions {
        let depth = depths[*parent] + 1;
        depths.extend(std::iter::repeat_n(depth, *count));
    }
    depths
}

#[test]
fn the_tree_of_the_bars_is_the_one_that_the_bars_name() {
    let schedule = Schedule::plan(Sizes::full().tree, SCHEDULE);
    assert_eq!(schedule.depth, 8);
    assert_eq!(schedule.expansions.len(), 50);
    assert!(schedule.expansions.iter().all(|(_, count)| *count == 4));
    assert_eq!(depths(&schedule).len(), 201);
}

proptest! {
    #[test]
    fn a_schedule_grows_from_nodes_that_are_there(
        nodes in 0usize..60, depth in 1usize..9, branching in 1usize..6, seed: u64,
    ) {
        let schedule = Schedule::plan(TreeSizes { nodes, depth, branching, root: 1, step: 1 }, seed);
        let mut known = 1;
        let mut parents = Vec::new();
        for (parent, count) in &schedule.expansions {
            prop_assert!(*parent < known && *count >= 1 && *count <= branching);
            known += count;
            parents.push(*parent);
        }
        prop_assert!(known <= nodes + 1);
        let deepest = depths(&schedule).into_iter().max();
        prop_assert_eq!(deepest, Some(schedule.depth));
        prop_assert!(schedule.depth <= depth);
        parents.sort_unstable();
        parents.dedup();
        prop_assert_eq!(parents.len(), schedule.expansions.len(), "a node is expanded once");
    }
}

#[tokio::test]
async fn growing_writes_every_node_after_its_parent_and_keeps_to_the_calls() {
    let schedule = Schedule::plan(TreeSizes { nodes: 40, depth: 5, branching: 4, root: 3, step: 1 }, 1);
    for most in [1, 4, 8] {
        let (running, widest) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let texts = Mutex::new(vec![vec![-1, -2, -3]]);
        texts.lock().unwrap().resize(41, Vec::new());
        let write = async |prompt: Vec<i32>, node: u64| {
            let running_now = running.fetch_add(1, Ordering::SeqCst) + 1;
            widest.fetch_max(running_now, Ordering::SeqCst);
            tokio::task::yield_now().await;
            running.fetch_sub(1, Ordering::SeqCst);
            let id = i32::try_from(node).unwrap();
            let text = [prompt.clone(), vec![id]].concat();
            texts.lock().unwrap()[usize::try_from(node).unwrap()] = text;
            Ok(Step { ids: vec![id], prompt: prompt.len() as u64, cached: 1 })
        };
        let grown = grow(&schedule, &[-1, -2, -3], most, write).await.unwrap();
        assert_eq!((grown.written, grown.cached, widest.into_inner()), (40, 40, most));
        let texts = texts.into_inner().unwrap();
        let mut child = 1;
        let mut prompt = 0;
        for (parent, count) in &schedule.expansions {
            for node in child..child + count {
                let (own, before) = texts[node].split_last().unwrap();
                assert_eq!((usize::try_from(*own).unwrap(), before), (node, texts[*parent].as_slice()));
                prompt += before.len() as u64;
            }
            child += count;
        }
        assert_eq!(grown.prompt, prompt);
    }
}
