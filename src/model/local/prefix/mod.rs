//! The prefix cache: tokens that were decoded once are not decoded again, whoever asks.
//!
//! `tree` knows which sequence has which tokens, `memory` is what holds their keys and values, `saved` keeps pieces of
//! sequences outside the memory once they are evicted from it. This module keeps the three in step: after every call,
//! each sequence of the tree has exactly its tokens' positions in the memory, and the tree's count of cells is the
//! memory's.

mod memory;
mod saved;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use memory::{Memory, SequenceId};
use saved::{Piece, Saved};
use tree::Tree;
pub(super) use tree::{TokenId, common};

/// Who goes on from a sequence mostly does so at once; after this many rows of others there is no haste.
const ROWS_UNUSED: u64 = 128;
/// A decode of fewer rows counts as this many.
const LEAST_ROWS: u64 = 16;

/// What may be used again of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reuse {
    /// Any beginning of it.
    Prefixes,
    /// Only the whole of it: the state of recurrent and hybrid models cannot be cut back, and models with a sliding
    /// window have forgotten what lies before it.
    Whole,
}

/// Tokens that a piece must have to be kept outside, and must bring beyond those that lie in the memory to be fetched.
const WORTH_SAVING: usize = 16;

/// A memory of keys and values, and what is known about it.
#[derive(Debug)]
pub(super) struct Cache<M: Memory> {
    memory: M,
    tree: Tree,
    saved: Saved<M::Saved>,
    reuse: Reuse,
    capacity: usize,
    /// Cells that only kept sequences may hold, at most.
    idle: usize,
}

/// What a cache may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Sequences of the memory.
    pub(super) sequences: SequenceId,
    /// Cells of the memory.
    pub(super) cells: usize,
    /// Cells that only kept sequences hold, once nobody has asked for them in a while: on a CPU, every cell that is not
    /// free costs each decode a little, whoever has it.
    pub(super) idle: usize,
    /// Bytes kept outside the memory.
    pub(super) outside: usize,
}

impl<M: Memory> Cache<M> {
    /// Takes an empty memory.
    pub(super) fn new(memory: M, bounds: Bounds, reuse: Reuse) -> Cache<M> {
        let Bounds { sequences, cells, idle, outside } = bounds;
        Cache { memory, tree: Tree::new(sequences), saved: Saved::new(outside), reuse, capacity: cells, idle }
    }

    pub(super) fn memory(&self) -> &M {
        &self.memory
    }

    pub(super) fn memory_mut(&mut self) -> &mut M {
        &mut self.memory
    }

    /// Cells that live sequences hold.
    pub(super) fn held(&self) -> usize {
        self.tree.cells() - self.tree.idle_cells()
    }

    /// Cells that hold something.
    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        self.tree.cells()
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// The number of tokens that a sequence has.
    #[cfg(test)]
    pub(super) fn length(&self, sequence: SequenceId) -> usize {
        self.tree.length(sequence)
    }

    /// Opens a live sequence for `tokens` with as much of their beginning as can be used again, a multiple of `step`
    /// tokens; gives it with how many it has. `None`: every sequence is live.
    pub(super) fn open(&mut self, tokens: &[TokenId], step: usize) -> Option<(SequenceId, usize)> {
        if self.reuse == Reuse::Prefixes {
            self.fetch(tokens);
        }
        loop {
            let found = self.tree.matched(tokens);
            let known = tokens.get(..found / step * step).unwrap_or_default();
            if let Some(heir) = self.tree.heir(known).filter(|_| !known.is_empty()) {
                self.tree.revive(heir);
                return Some((heir, known.len()));
            }
            let known = if self.reuse == Reuse::Prefixes { known } else { &[] };
            self.tree.touch(known);
            if let Some(sequence) = self.tree.free_sequence() {
                if let Some(shared) = self.tree.branch(sequence, known) {
                    self.memory.share(shared.from, sequence, shared.positions);
                }
                return Some((sequence, known.len()));
            }
            let oldest = self.tree.oldest()?;
            if !known.is_empty() && self.tree.tokens(oldest).starts_with(known) {
                self.tree.revive(oldest);
                self.cut(oldest, known.len());
                return Some((oldest, known.len()));
            }
            self.evict(oldest);
        }
    }

    /// Notes that a live sequence has been decoded this much further.
    pub(super) fn grow(&mut self, sequence: SequenceId, tokens: &[TokenId]) {
        self.tree.grow(sequence, tokens);
    }

    /// Cuts a live sequence back to its first `length` tokens, or to nothing where it cannot be cut.
    pub(super) fn cut(&mut self, sequence: SequenceId, length: usize) {
        let is_cut = length < self.tree.length(sequence);
        let length = if is_cut && self.reuse == Reuse::Whole { 0 } else { length };
        let lost = self.tree.cut(sequence, length);
        if !lost.is_empty() {
            self.memory.take(sequence, lost);
        }
    }

    /// Ends a live sequence; its tokens stay for later use while there is room.
    pub(super) fn close(&mut self, sequence: SequenceId) {
        let length = self.tree.length(sequence);
        let kept = match self.reuse {
            Reuse::Prefixes => self.tree.keep(sequence),
            Reuse::Whole => self.tree.keep_alone(sequence),
        };
        match kept {
            Some(shared) => {
                for shared in shared {
                    self.memory.take(sequence, shared.positions.clone());
                    self.memory.share(shared.from, sequence, shared.positions);
                }
            }
            None => self.memory.take(sequence, 0..length),
        }
    }

    /// Takes out of the memory what nobody will have asked for in a while after a decode of so many rows, where it is
    /// much.
    pub(super) fn tidy(&mut self, rows: usize) {
        self.tree.count((rows as u64).max(LEAST_ROWS));
        while self.tree.idle_cells() > self.idle {
            match self.tree.oldest() {
                Some(oldest) if self.tree.age(oldest) >= ROWS_UNUSED => self.evict(oldest),
                _ => return,
            }
        }
    }

    /// Ends a live sequence and forgets what is its own.
    pub(super) fn discard(&mut self, sequence: SequenceId) {
        let length = self.tree.length(sequence);
        self.tree.detach(sequence);
        self.memory.take(sequence, 0..length);
    }

    /// Frees cells until `cells` are free; false where live sequences hold too many.
    pub(super) fn make_room(&mut self, cells: usize) -> bool {
        while self.capacity - self.tree.cells().min(self.capacity) < cells {
            let Some(oldest) = self.tree.oldest() else { return false };
            self.evict(oldest);
        }
        true
    }

    /// Forgets everything that lies in the memory.
    pub(super) fn clear(&mut self) {
        self.tree.clear();
        self.memory.clear();
    }

    /// Takes a kept sequence out of the memory; what is its own is kept outside where that is worth it.
    fn evict(&mut self, sequence: SequenceId) {
        let (own, length) = (self.tree.own(sequence), self.tree.length(sequence));
        if self.reuse == Reuse::Prefixes && own >= WORTH_SAVING && self.saved.budget() > 0 {
            let start = length - own;
            if let Some(state) = self.memory.save(sequence, start..length) {
                let bytes = M::saved_bytes(&state);
                self.saved.put(Piece { tokens: self.tree.tokens(sequence), start, state, bytes });
            }
        }
        self.discard(sequence);
    }

    /// Brings back pieces from outside, one after the other, while they go on what is there.
    fn fetch(&mut self, tokens: &[TokenId]) {
        loop {
            let here = self.tree.matched(tokens);
            // Taken out first: making room may bring others in.
            let Some(piece) = self.saved.take_best(tokens, here, WORTH_SAVING) else { return };
            self.tree.touch(tokens);
            let Some(sequence) = self.room_for(piece.tokens.len() - piece.start) else {
                return self.saved.put(piece);
            };
            // Making room may have taken what it goes on.
            let before = piece.tokens.get(..piece.start).unwrap_or_default();
            if self.tree.matched(before) < piece.start {
                return self.saved.put(piece);
            }
            if !self.memory.restore(&piece.state, sequence) {
                return;
            }
            if let Some(shared) = self.tree.branch(sequence, before) {
                self.memory.share(shared.from, sequence, shared.positions);
            }
            self.tree.grow(sequence, piece.tokens.get(piece.start..).unwrap_or_default());
            self.close(sequence);
        }
    }

    /// Frees cells and a sequence.
    fn room_for(&mut self, cells: usize) -> Option<SequenceId> {
        if !self.make_room(cells) {
            return None;
        }
        loop {
            match self.tree.free_sequence() {
                Some(free) => return Some(free),
                None => {
                    let oldest = self.tree.oldest()?;
                    self.evict(oldest);
                }
            }
        }
    }
}
