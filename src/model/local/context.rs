//! llama.cpp's context: a batch of tokens of several sequences in, logits out; and its memory of keys and values.
//!
//! What llama.cpp would end the process on is refused before it is asked: too many tokens, sequences it has not,
//! positions that leave a gap, logits that were not computed.

use std::fmt;
use std::ops::Range;
use std::time::{Duration, Instant};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::session::{LlamaStateSeqFlags, SeqState};
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::permit::{EngineId, decode_permit};
use super::prefix::{Memory, SequenceId, TokenId};

/// One token of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) sequence: SequenceId,
    pub(super) position: usize,
    pub(super) token: TokenId,
    /// Logits are wanted after it. Each such row costs one float per entry of the vocabulary.
    pub(super) logits: bool,
}

/// llama.cpp refused a decode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DecodeFault(String);

impl DecodeFault {
    pub(super) fn no_room(cells: usize) -> DecodeFault {
        DecodeFault(format!("{cells} cells are too few for one stream"))
    }
}

impl fmt::Display for DecodeFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "llama.cpp could not decode: {}", self.0)
    }
}

/// A context, and the batch that goes into it.
pub(super) struct Context<'model> {
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    /// Those that others may use; llama.cpp has one more.
    sequences: SequenceId,
    /// Which rows of the last batch that was decoded have logits.
    with_logits: Vec<bool>,
    /// Set where it computes on the cores that other engines of the process use as well.
    engine: Option<EngineId>,
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").field("sequences", &self.sequences).finish_non_exhaustive()
    }
}

impl<'model> Context<'model> {
    /// Takes a context of one sequence more than `sequences`.
    pub(super) fn new(
        context: LlamaContext<'model>,
        sequences: SequenceId,
        engine: Option<EngineId>,
    ) -> Context<'model> {
        let most = usize::try_from(context.n_batch()).unwrap_or(usize::MAX);
        Context { context, batch: LlamaBatch::new(most, 1), sequences, with_logits: Vec::new(), engine }
    }

    /// Tokens that one decode takes.
    pub(super) fn batch_size(&self) -> usize {
        usize::try_from(self.context.n_batch().min(self.context.n_ubatch())).unwrap_or(usize::MAX)
    }

    /// Cells of the memory.
    pub(super) fn cells(&self) -> usize {
        usize::try_from(self.context.n_ctx()).unwrap_or(usize::MAX)
    }

    /// The number of tokens that llama.cpp has of a sequence.
    #[cfg(test)]
    pub(super) fn length(&self, sequence: SequenceId) -> usize {
        usize::try_from(self.context.kv_cache_seq_pos_max(i32::from(sequence)) + 1).unwrap_or_default()
    }

    /// Decodes a batch; gives how long that took, without the time until its turn came.
    pub(super) fn decode(&mut self, rows: &[Row]) -> Result<Duration, DecodeFault> {
        let fault = |error: &dyn fmt::Display| DecodeFault(error.to_string());
        if rows.is_empty() || rows.len() > self.batch_size() {
            return Err(DecodeFault(format!("a batch of {} tokens", rows.len())));
        }
        self.with_logits.clear();
        self.batch.clear();
        for row in rows {
            if row.sequence >= self.sequences {
                return Err(DecodeFault(format!("sequence {} of {}", row.sequence, self.sequences)));
            }
            let position = i32::try_from(row.position).map_err(|error| fault(&error))?;
            let sequence = [i32::from(row.sequence)];
            let added = self.batch.add(LlamaToken(row.token), position, &sequence, row.logits);
            added.map_err(|error| fault(&error))?;
        }
        let _permit = self.engine.map(decode_permit);
        let began = Instant::now();
        self.context.decode(&mut self.batch).map_err(|error| fault(&error))?;
        // Only now are the logits there: decoding on a GPU goes on behind its back.
        self.context.synchronize();
        self.with_logits.extend(rows.iter().map(|row| row.logits));
        Ok(began.elapsed())
    }

    /// Gives the logits after the row with this index of the last batch, where it has asked for them.
    pub(super) fn logits(&self, row: usize) -> Option<&[f32]> {
        let row = i32::try_from(row).ok().filter(|_| self.with_logits.get(row) == Some(&true))?;
        Some(self.context.get_logits_ith(row))
    }
}

impl Memory for Context<'_> {
    type Saved = SeqState;

    fn share(&mut self, from: SequenceId, to: SequenceId, positions: Range<usize>) {
        let (Some((first, end)), true) = (bounds(&positions), self.has(from) && self.has(to)) else { return };
        let _ = self.context.copy_kv_cache_seq(i32::from(from), i32::from(to), Some(first), Some(end));
    }

    fn take(&mut self, sequence: SequenceId, positions: Range<usize>) {
        let (Some((first, end)), true) = (bounds(&positions), self.has(sequence)) else { return };
        let last = self.context.kv_cache_seq_pos_max(i32::from(sequence));
        // The state of recurrent models goes only as a whole.
        let is_whole = first == 0 && i64::from(end) > i64::from(last);
        let range = if is_whole { (None, None) } else { (Some(first), Some(end)) };
        let _ = self.context.clear_kv_cache_seq(Some(u32::from(sequence)), range.0, range.1);
    }

    fn clear(&mut self) {
        for sequence in 0..self.sequences {
            let _ = self.context.clear_kv_cache_seq(Some(u32::from(sequence)), None, None);
        }
    }

    fn save(&mut self, sequence: SequenceId, positions: Range<usize>) -> Option<SeqState> {
        // llama.cpp saves whole sequences: one that has nothing but the piece stands in.
        let piece = self.sequences;
        let (first, end) = bounds(&positions).filter(|_| self.has(sequence))?;
        let (from, to) = (i32::from(sequence), i32::from(piece));
        self.context.copy_kv_cache_seq(from, to, Some(first), Some(end)).ok()?;
        let saved = self.context.state_seq_get(to, LlamaStateSeqFlags::empty()).ok();
        let _ = self.context.clear_kv_cache_seq(Some(u32::from(piece)), None, None);
        saved
    }

    fn restore(&mut self, saved: &SeqState, sequence: SequenceId) -> bool {
        let restored = self.has(sequence) && self.context.state_seq_set(saved, i32::from(sequence)).is_ok();
        if !restored {
            let _ = self.context.clear_kv_cache_seq(Some(u32::from(sequence)), None, None);
        }
        restored
    }

    fn saved_bytes(saved: &SeqState) -> usize {
        saved.byte_len()
    }
}

impl Context<'_> {
    fn has(&self, sequence: SequenceId) -> bool {
        sequence < self.sequences
    }
}

fn bounds(positions: &Range<usize>) -> Option<(u32, u32)> {
    let bounds = (u32::try_from(positions.start).ok()?, u32::try_from(positions.end).ok()?);
    (bounds.0 < bounds.1).then_some(bounds)
}
