//! Our side: prompts of random tokens, and texts of a given length written by calls of a model.
//!
//! Prompts are token runs, so that their length is exact and no two share a beginning by accident. A model may end a
//! text early; the writing then goes on in a further call with a token in the place of the end, so that every text has
//! its length, and every token of it was computed.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use stepproof::budget::Usage;
use stepproof::model::gguf::read_header;
use stepproof::model::{
    CompletionEvent, EntropyWanted, Grammar, LanguageModel, ModelError, Prompt, Request, Sampling, Segment,
};
use stepproof::token::{TokenRun, TokenizerHash};

use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// How candidates are drawn, here and by llama-server. The 40 likeliest tokens are that server's own default, and
/// quicker for it than the whole vocabulary.
pub(super) const DRAWN: Sampling = Sampling { temperature: 0.8, top_k: Some(40), top_p: 1.0, min_p: 0.0, seed: 0 };

/// The model with what is needed to write prompts for it.
pub(super) struct Ours {
    model: Arc<dyn LanguageModel>,
    tokenizer: TokenizerHash,
    /// Ids of ordinary tokens.
    ids: Range<i32>,
}

/// What is asked beside the text.
#[derive(Debug, Clone)]
pub(super) struct How {
    pub(super) sampling: Sampling,
    pub(super) entropy: EntropyWanted,
    pub(super) grammar: Option<&'static str>,
}

impl How {
    /// Takes the likeliest tokens.
    pub(super) fn greedy(entropy: EntropyWanted) -> How {
        How { sampling: Sampling::greedy(), entropy, grammar: None }
    }

    /// Draws tokens.
    pub(super) fn drawn(seed: u64) -> How {
        How { sampling: Sampling { seed, ..DRAWN }, entropy: EntropyWanted::First, grammar: None }
    }
}

/// A text and how it came.
#[derive(Debug)]
pub(super) struct Written {
    /// Its tokens.
    pub(super) ids: Vec<i32>,
    /// Cost of the first call: prompt tokens, and those of them that were there already.
    pub(super) first: Usage,
    /// Cost of all calls together.
    pub(super) usage: Usage,
    /// When pieces of it arrived.
    pub(super) arrivals: Vec<Instant>,
}

/// Gives the stream of random numbers of a round, the same in every run.
pub(super) fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

impl Ours {
    /// Takes a model and the file that it was loaded from.
    ///
    /// # Errors
    /// The file cannot be read or its vocabulary is too small to draw from.
    pub(super) fn new(model: Arc<dyn LanguageModel>, file: &Path) -> Result<Ours, CliError> {
        let info = read_header(file)?;
        let size = i32::try_from(info.vocabulary_size).unwrap_or(i32::MAX);
        // Special tokens stand at the beginning or the end of vocabularies.
        let ids = size / 16..size - size / 4;
        if ids.len() < 64 {
            let what = format!("measure {}: a vocabulary of {size} tokens is too small", file.display());
            return Err(CliError::new(Exit::BadInput, what));
        }
        Ok(Ours { model, tokenizer: info.tokenizer_hash, ids })
    }

    /// Draws a prompt.
    pub(super) fn fresh(&self, random: &mut ChaCha8Rng, count: usize) -> Vec<i32> {
        (0..count).map(|_| random.random_range(self.ids.clone())).collect()
    }

    /// Writes `count` tokens after a prompt.
    ///
    /// # Errors
    /// The model's own.
    pub(super) async fn write(&self, prompt: &[i32], count: usize, how: &How) -> Result<Written, CliError> {
        let mut written =
            Written { ids: Vec::new(), first: Usage::default(), usage: Usage::default(), arrivals: Vec::new() };
        while written.ids.len() < count {
            let begins = written.usage.calls == 0;
            let usage = self.call(prompt, count, how, &mut written).await?;
            written.usage += usage;
            if begins {
                written.first = usage;
            }
            if how.grammar.is_some() {
                break;
            }
        }
        Ok(written)
    }

    /// Makes one call that goes on with what is written.
    async fn call(&self, prompt: &[i32], count: usize, how: &How, written: &mut Written) -> Result<Usage, ModelError> {
        let missing = count - written.ids.len();
        let ids = [prompt, &written.ids].concat();
        // The ids are taken, as they are this model's own; the bytes are for models that do not know them.
        let run = TokenRun { tokenizer: self.tokenizer.clone(), ids, bytes: Vec::new() };
        let prompt = Prompt { messages: Vec::new(), continuation: vec![Segment::Tokens(run)] };
        let mut request = Request::new(prompt, how.sampling, u32::try_from(missing).unwrap_or(u32::MAX));
        request.entropy = how.entropy;
        request.grammar = how.grammar.map(|grammar| Grammar::Gbnf(grammar.to_owned()));
        let mut stream = self.model.complete(request).await?;
        while let Some(event) = stream.next().await {
            // The end brings what was held back, if nothing else.
            written.arrivals.push(Instant::now());
            let completion = match event? {
                CompletionEvent::Delta { .. } => continue,
                CompletionEvent::Done(completion) => completion,
            };
            let before = written.ids.len();
            written.ids.extend(completion.tokens.iter().filter_map(|token| token.id));
            let computed = usize::try_from(completion.usage.completion_tokens).unwrap_or(usize::MAX);
            // The end of the text was computed too; an ordinary token takes its place.
            if how.grammar.is_none() && written.ids.len() < before + computed.clamp(1, missing) {
                written.ids.push(self.ids.start);
            }
            return Ok(completion.usage);
        }
        Err(ModelError::Broken { what: "the stream ended without a completion".to_owned() })
    }
}
