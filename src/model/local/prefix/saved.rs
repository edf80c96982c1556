//! The second tier: sequences that were evicted from the memory, kept outside it within a budget of bytes.
//!
//! Bringing back 500 tokens of a model of 135 million weights costs 0.6 ms, decoding them again 1 s.

use super::tree::{TokenId, common};

/// No single sequence takes more than this share of the budget.
const LARGEST_SHARE: usize = 4;

/// A sequence outside the memory.
#[derive(Debug)]
pub(super) struct Entry<S> {
    pub(super) tokens: Vec<TokenId>,
    pub(super) state: S,
    pub(super) bytes: usize,
}

/// Sequences outside the memory, the longest unused first.
#[derive(Debug)]
pub(super) struct Saved<S> {
    entries: Vec<Entry<S>>,
    bytes: usize,
    budget: usize,
}

impl<S> Saved<S> {
    pub(super) fn new(budget: usize) -> Saved<S> {
        Saved { entries: Vec::new(), bytes: 0, budget }
    }

    pub(super) fn budget(&self) -> usize {
        self.budget
    }

    /// Keeps a sequence instead of all that are beginnings of it; others go, the longest unused first, where there is
    /// no room.
    pub(super) fn put(&mut self, entry: Entry<S>) {
        if entry.bytes > self.budget / LARGEST_SHARE {
            return;
        }
        self.entries.retain(|known| !entry.tokens.starts_with(&known.tokens));
        self.entries.push(entry);
        self.bytes = self.entries.iter().map(|entry| entry.bytes).sum();
        while self.bytes > self.budget {
            self.bytes -= self.entries.remove(0).bytes;
        }
    }

    /// Takes out the sequence with the longest common beginning of at least `least` tokens.
    pub(super) fn take_best(&mut self, tokens: &[TokenId], least: usize) -> Option<Entry<S>> {
        let lengths = self.entries.iter().map(|entry| common(&entry.tokens, tokens)).enumerate();
        let (index, _) = lengths.max_by_key(|(_, length)| *length).filter(|(_, length)| *length >= least)?;
        let entry = self.entries.remove(index);
        self.bytes -= entry.bytes;
        Some(entry)
    }
}
