//! What the prefix cache needs of a memory of keys and values: llama.cpp's unified one, or a double in tests.
//!
//! A memory holds cells. A cell keeps one position's keys and values for every sequence that has it; copying a range
//! from one sequence to another only marks cells.

use std::ops::Range;

/// A sequence of the context: from 0, below the number that the context was opened with.
pub(in super::super) type SequenceId = u16;

/// A memory of keys and values that sequences share cells of.
pub(in super::super) trait Memory {
    /// A sequence kept outside the memory.
    type Saved;

    /// Lets `to` have the cells of `from` at these positions.
    fn share(&mut self, from: SequenceId, to: SequenceId, positions: Range<usize>);

    /// Takes these positions from a sequence; cells that no sequence has any more are free.
    fn take(&mut self, sequence: SequenceId, positions: Range<usize>);

    /// Forgets everything.
    fn clear(&mut self);

    /// Copies a whole sequence out of the memory; `None` where that fails.
    fn save(&self, sequence: SequenceId) -> Option<Self::Saved>;

    /// Puts a saved sequence into cells of its own, for a sequence that has none; false where that fails.
    fn restore(&mut self, saved: &Self::Saved, sequence: SequenceId) -> bool;

    /// How many bytes a saved sequence takes.
    fn saved_bytes(saved: &Self::Saved) -> usize;
}
