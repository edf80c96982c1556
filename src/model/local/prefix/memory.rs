//! What the prefix cache needs of a memory of keys and values: llama.cpp's unified one, or a double in tests.
//!
//! A memory holds cells. A cell keeps one position's keys and values for every sequence that has it; copying a range
//! from one sequence to another only marks cells.

use std::ops::Range;

/// A sequence of the context: from 0, below the number that the context was opened with.
pub(in super::super) type SequenceId = u16;

/// A memory of keys and values that sequences share cells of.
pub(in super::super) trait Memory {
    /// A piece of a sequence kept outside the memory.
    type Saved;

    /// Lets `to` have the cells of `from` at these positions.
    fn share(&mut self, from: SequenceId, to: SequenceId, positions: Range<usize>);

    /// Takes these positions from a sequence; cells that no sequence has any more are free.
    fn take(&mut self, sequence: SequenceId, positions: Range<usize>);

    /// Forgets everything.
    fn clear(&mut self);

    /// Copies what a sequence has at these positions out of the memory; `None` where that fails.
    fn save(&mut self, sequence: SequenceId, positions: Range<usize>) -> Option<Self::Saved>;

    /// Puts what was saved into cells of its own, at the same positions of a sequence that has nothing; false where
    /// that fails, and the sequence still has nothing.
    fn restore(&mut self, saved: &Self::Saved, sequence: SequenceId) -> bool;

    /// How many bytes this takes.
    fn saved_bytes(saved: &Self::Saved) -> usize;
}
