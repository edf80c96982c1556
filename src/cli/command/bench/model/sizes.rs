//! How much is measured.

use std::ops::RangeInclusive;

/// Sizes of all parts, in tokens where nothing else is said.
#[derive(Debug, Clone)]
pub(super) struct Sizes {
    /// A prompt whose reading is timed.
    pub(super) prompt: usize,
    /// Tokens of a single stream.
    pub(super) new: usize,
    /// Tokens of one step: a stream is written by calls of so many.
    pub(super) step: usize,
    /// Prompt of each sequence of a batch.
    pub(super) batch_prompt: usize,
    /// Tokens that each sequence of a batch writes.
    pub(super) batch_new: usize,
    /// Sequences at once.
    pub(super) sequences: [usize; 4],
    /// Prompt that candidates share.
    pub(super) shared_prompt: usize,
    /// Candidates of one prompt.
    pub(super) candidates: usize,
    /// Tokens of each candidate: those that the bars are about, then those that are reported.
    pub(super) candidate_new: [usize; 2],
    /// The search tree.
    pub(super) tree: TreeSizes,
    /// Requests that come at once.
    pub(super) requests: usize,
    /// Their prompts.
    pub(super) request_prompt: RangeInclusive<usize>,
    /// What they write.
    pub(super) request_new: RangeInclusive<usize>,
}

/// A search tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct TreeSizes {
    /// Nodes without the root.
    pub(super) nodes: usize,
    /// Steps from the root to the deepest node.
    pub(super) depth: usize,
    /// Children of an expanded node.
    pub(super) branching: usize,
    /// Tokens of the root's prompt.
    pub(super) root: usize,
    /// Tokens of one node.
    pub(super) step: usize,
}

impl Sizes {
    /// What the bars are about.
    pub(super) fn full() -> Sizes {
        Sizes {
            prompt: 512,
            new: 128,
            step: 48,
            batch_prompt: 128,
            batch_new: 128,
            sequences: [1, 2, 4, 8],
            shared_prompt: 500,
            candidates: 8,
            candidate_new: [64, 256],
            tree: TreeSizes { nodes: 200, depth: 8, branching: 4, root: 256, step: 48 },
            requests: 32,
            request_prompt: 32..=512,
            request_new: 32..=128,
        }
    }

    /// Enough to see that everything works.
    pub(super) fn quick() -> Sizes {
        Sizes {
            prompt: 64,
            new: 16,
            step: 6,
            batch_prompt: 16,
            batch_new: 12,
            sequences: [1, 2, 4, 8],
            shared_prompt: 64,
            candidates: 8,
            candidate_new: [6, 12],
            tree: TreeSizes { nodes: 16, depth: 3, branching: 4, root: 64, step: 6 },
            requests: 8,
            request_prompt: 4..=48,
            request_new: 4..=12,
        }
    }
}
