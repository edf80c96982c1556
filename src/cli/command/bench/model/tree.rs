//! The search tree: a fixed schedule of expansions, carried out by whatever writes steps.
//!
//! The schedule is the same for every way of writing. Half of the expansions go on from a child of the one before, as a
//! search does that follows what looks best, the others go back to some earlier node. The children of a node are
//! written at once; how many calls may run is the way's own setting.

use std::time::Instant;

use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use rand::RngExt;
use tokio::sync::{OnceCell, Semaphore};

use super::ours::random;
use super::sizes::TreeSizes;
use crate::cli::error::CliError;

/// Which nodes are expanded, in order. Nodes are numbered in the order of their expansions, the root is 0.
#[derive(Debug)]
pub(super) struct Schedule {
    /// Parents and the number of their children.
    pub(super) expansions: Vec<(usize, usize)>,
    /// Steps from the root to the deepest node.
    pub(super) depth: usize,
}

impl Schedule {
    /// Plans a tree.
    pub(super) fn plan(sizes: TreeSizes, seed: u64) -> Schedule {
        let mut random = random(seed);
        // Depth of each node, and those that may be expanded.
        let (mut depths, mut open) = (vec![0], vec![0]);
        let mut expansions = Vec::new();
        let mut latest: Vec<usize> = Vec::new();
        while depths.len() <= sizes.nodes {
            let follow: Vec<usize> = latest.iter().copied().filter(|node| open.contains(node)).collect();
            let among = if !follow.is_empty() && random.random_bool(0.5) { &follow } else { &open };
            if among.is_empty() {
                break;
            }
            let Some(parent) = among.get(random.random_range(0..among.len())).copied() else { break };
            open.retain(|node| *node != parent);
            let depth = depths.get(parent).copied().unwrap_or(0) + 1;
            let count = sizes.branching.min(sizes.nodes + 1 - depths.len());
            latest = (depths.len()..depths.len() + count).collect();
            depths.extend(std::iter::repeat_n(depth, count));
            if depth < sizes.depth {
                open.extend(&latest);
            }
            expansions.push((parent, count));
        }
        Schedule { expansions, depth: depths.into_iter().max().unwrap_or(0) }
    }
}

/// What growing a tree gave.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Grown {
    /// Seconds from the first call to the end of the last.
    pub(super) seconds: f64,
    /// Tokens written.
    pub(super) written: u64,
    /// Tokens of all prompts.
    pub(super) prompt: u64,
    /// Those of them that were there already.
    pub(super) cached: u64,
}

/// One step as a way of writing gives it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) ids: Vec<i32>,
    pub(super) prompt: u64,
    pub(super) cached: u64,
}

/// Grows the tree from a root, with at most `calls` calls at once; `write` gets the prompt and a seed.
pub(super) async fn grow(
    schedule: &Schedule,
    root: &[i32],
    calls: usize,
    write: impl AsyncFn(Vec<i32>, u64) -> Result<Step, CliError>,
) -> Result<Grown, CliError> {
    let branching = schedule.expansions.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let calling = Semaphore::new(calls);
    let nodes = schedule.expansions.iter().map(|(_, count)| count).sum::<usize>() + 1;
    let texts: Vec<Node> = (0..nodes).map(|_| Node::default()).collect();
    if let Some(node) = texts.first() {
        node.put(root.to_vec());
    }
    let began = Instant::now();
    let mut first_child = 1;
    let expansions = schedule.expansions.iter().map(|(parent, count)| {
        let children = first_child..first_child + count;
        first_child += count;
        let (texts, write, calling) = (&texts, &write, &calling);
        async move {
            let Some(parent) = texts.get(*parent) else { return Ok(Vec::new()) };
            let prompt = parent.text().await;
            try_join_all(children.map(|child| async move {
                let _calls = calling.acquire().await;
                let step = write(prompt.to_vec(), child as u64).await?;
                if let Some(node) = texts.get(child) {
                    node.put([prompt, &step.ids].concat());
                }
                Ok::<Step, CliError>(step)
            }))
            .await
        }
    });
    // Begun in their order: a parent that is waited for is always on its way.
    let running = stream::iter(expansions).buffer_unordered(calls.div_ceil(branching.max(1)));
    let steps: Vec<Vec<Step>> = running.try_collect().await?;
    let mut grown = Grown { seconds: began.elapsed().as_secs_f64(), ..Grown::default() };
    for step in steps.into_iter().flatten() {
        grown.written += step.ids.len() as u64;
        grown.prompt += step.prompt;
        grown.cached += step.cached;
    }
    Ok(grown)
}

/// The text up to a node, once it is there.
#[derive(Debug, Default)]
struct Node {
    text: OnceCell<Vec<i32>>,
    there: tokio::sync::Notify,
}

impl Node {
    fn put(&self, text: Vec<i32>) {
        // Nobody writes a node twice.
        let _ = self.text.set(text);
        self.there.notify_waiters();
    }

    async fn text(&self) -> &[i32] {
        loop {
            let there = self.there.notified();
            if let Some(text) = self.text.get() {
                return text;
            }
            there.await;
        }
    }
}
