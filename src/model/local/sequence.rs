//! The one sequence of tokens that the context holds: what of it can be used again, and how it grows.
//!
//! Logits depend a little on how tokens are grouped into decodes. So that the same request gives the same text whatever
//! was asked before, a prompt is always decoded in the same groups: [`CHUNK`] tokens from positions that are multiples
//! of it, and only whole groups that were decoded so are used again.

use std::fmt;

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::token::LlamaToken;

use super::backend::decode_permit;

/// Tokens of one decode. Cancellation and deadlines are seen between decodes; 32 tokens take 65 ms with 135 million
/// weights and 190 ms with 1.5 billion on two cores.
pub(super) const CHUNK: usize = 32;
const SEQUENCE: i32 = 0;

/// The tokens in the context.
pub(super) struct Sequence<'model> {
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    tokens: Vec<LlamaToken>,
    /// How many tokens at the beginning were decoded in whole groups.
    whole: usize,
}

/// llama.cpp refused a decode; the sequence is empty now.
#[derive(Debug)]
pub(super) struct DecodeFault(String);

impl fmt::Display for DecodeFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "llama.cpp could not decode: {}", self.0)
    }
}

impl<'model> Sequence<'model> {
    pub(super) fn new(context: LlamaContext<'model>) -> Sequence<'model> {
        Sequence { context, batch: LlamaBatch::new(CHUNK, 1), tokens: Vec::new(), whole: 0 }
    }

    /// Gives the number of tokens in the context.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Keeps what `tokens` can use again, at most `most` tokens, and drops the rest; gives how many are kept.
    pub(super) fn begin(&mut self, tokens: &[LlamaToken], most: usize) -> usize {
        let common = self.tokens.iter().zip(tokens).take_while(|(there, wanted)| there == wanted).count();
        let kept = common.min(most).min(self.whole) / CHUNK * CHUNK;
        if kept < self.tokens.len() {
            let position = u32::try_from(kept).ok().filter(|_| kept > 0);
            let cut = position.map(|position| self.context.clear_kv_cache_seq(Some(0), Some(position), None));
            // Recurrent and hybrid models cannot forget their last tokens alone.
            if !matches!(cut, Some(Ok(true))) {
                self.clear();
                return 0;
            }
            self.tokens.truncate(kept);
            self.whole = kept;
        }
        kept
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        self.tokens.clear();
        self.whole = 0;
        self.batch.clear();
        self.context.clear_kv_cache();
    }

    /// Decodes the next group of `tokens`, which go on what is there. Logits are computed for the tokens from place
    /// `wanted` on; gives the places of this group.
    pub(super) fn prefill(
        &mut self,
        tokens: &[LlamaToken],
        wanted: usize,
    ) -> Result<std::ops::Range<usize>, DecodeFault> {
        let start = self.tokens.len();
        let end = (start / CHUNK * CHUNK + CHUNK).min(tokens.len());
        let group = tokens.get(start..end).unwrap_or_default();
        self.decode(group, wanted.saturating_sub(start))?;
        if self.whole == start && end - start == CHUNK {
            self.whole = end;
        }
        Ok(start..end)
    }

    /// Decodes one generated token.
    pub(super) fn push(&mut self, token: LlamaToken) -> Result<(), DecodeFault> {
        self.decode(&[token], 0)
    }

    /// Gives the logits after the token at `place` of the last decode, counted from its first token.
    pub(super) fn logits(&self, place: usize) -> &[f32] {
        self.context.get_logits_ith(i32::try_from(place).unwrap_or(i32::MAX))
    }

    fn decode(&mut self, group: &[LlamaToken], wanted: usize) -> Result<(), DecodeFault> {
        let decoded = self.try_decode(group, wanted);
        match &decoded {
            Ok(()) => self.tokens.extend_from_slice(group),
            // Some of the group may be in; what is there is no longer known.
            Err(_) => self.clear(),
        }
        decoded
    }

    fn try_decode(&mut self, group: &[LlamaToken], wanted: usize) -> Result<(), DecodeFault> {
        let fault = |error: &dyn fmt::Display| DecodeFault(error.to_string());
        let context = usize::try_from(self.context.n_ctx()).unwrap_or(usize::MAX);
        // llama.cpp ends the process on some of these.
        if group.is_empty() || group.len() > CHUNK || self.tokens.len() + group.len() > context {
            return Err(DecodeFault(format!("{} tokens after {}", group.len(), self.tokens.len())));
        }
        self.batch.clear();
        for (place, token) in group.iter().enumerate() {
            let position = i32::try_from(self.tokens.len() + place).map_err(|error| fault(&error))?;
            self.batch.add(*token, position, &[SEQUENCE], place >= wanted).map_err(|error| fault(&error))?;
        }
        let _permit = decode_permit();
        self.context.decode(&mut self.batch).map_err(|error| fault(&error))
    }
}
