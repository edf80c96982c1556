//! One prompt, one stream, and streams side by side: against llama-bench and llama-batched-bench; what comes of a
//! prefix that is there, of entropies and of a grammar.

use std::time::Instant;

use futures_util::future::try_join_all;
use stepproof::model::EntropyWanted;

use super::measures::{OURS, PER_SECOND};
use super::ours::{How, Written, random};
use super::peers::{llama_batched_bench, llama_bench};
use super::{Bench, Part, ours_in_turn};
use crate::cli::error::CliError;

pub(super) const LLAMA_BENCH: &str = "llama-bench";
pub(super) const BATCHED_BENCH: &str = "llama-batched-bench";
pub(super) const PROMPT: &str = "prompt";
pub(super) const STREAM: &str = "one stream";
/// Tokens before a text whose writing is timed by itself.
const SHORT: usize = 8;
/// More items than any text here has room for, so that the grammar never allows the end.
const GRAMMAR: &str = "root ::= item{60}\n\
                       item ::= \"{\\\"name\\\": \\\"\" [a-z ]* \"\\\", \\\"value\\\": \" [0-9]+ \"}\\n\"\n";

/// Names a number of sequences.
pub(super) fn sequences(count: usize) -> String {
    if count == 1 { "1 sequence".to_owned() } else { format!("{count} sequences") }
}

impl Bench<'_> {
    /// A prompt, and a stream that is written step by step.
    pub(super) async fn speed(&mut self, round: u32) -> Result<(), CliError> {
        for ours in ours_in_turn(round) {
            if ours {
                self.own_speed(round).await?;
            } else if let Some(program) = self.peers.bench.program().map(std::path::Path::to_path_buf) {
                match llama_bench(&self.setup, &program, self.sizes.prompt, self.sizes.new).await {
                    Ok(single) => {
                        self.measures.push(Part::Speed, PROMPT, LLAMA_BENCH, PER_SECOND, single.prompt);
                        self.measures.push(Part::Speed, STREAM, LLAMA_BENCH, PER_SECOND, single.new);
                        self.peers.bench.version = Some(single.build);
                    }
                    Err(error) => self.peers.bench.fails(&error),
                }
            }
        }
        Ok(())
    }

    async fn own_speed(&mut self, round: u32) -> Result<(), CliError> {
        let mut random = random(u64::from(round));
        let how = How::greedy(EntropyWanted::First);
        let prompt = self.ours.fresh(&mut random, self.sizes.prompt);
        let read = self.ours.write(&prompt, 1, &how).await?.first;
        let computed = read.prompt_tokens.saturating_sub(read.cached_tokens) as f64;
        self.measures.push(Part::Speed, PROMPT, OURS, PER_SECOND, computed * 1e3 / read.prefill_ms);

        let mut text = self.ours.fresh(&mut random, 1);
        let whole = text.len() + self.sizes.new;
        let began = Instant::now();
        while text.len() < whole {
            let step = self.ours.write(&text, self.sizes.step.min(whole - text.len()), &how).await?;
            text.extend(step.ids);
        }
        let speed = self.sizes.new as f64 / began.elapsed().as_secs_f64();
        self.measures.push(Part::Speed, STREAM, OURS, PER_SECOND, speed);
        Ok(())
    }

    /// Streams side by side.
    pub(super) async fn batch(&mut self, round: u32) -> Result<(), CliError> {
        for ours in ours_in_turn(round) {
            if ours {
                for count in self.sizes.sequences {
                    self.own_batch(round, count).await?;
                }
            } else if let Some(program) = self.peers.batched.program().map(std::path::Path::to_path_buf) {
                let (prompt, new) = (self.sizes.batch_prompt, self.sizes.batch_new);
                match llama_batched_bench(&self.setup, &program, prompt, new, &self.sizes.sequences).await {
                    Ok(batches) => {
                        for batch in batches {
                            let what = sequences(batch.sequences);
                            self.measures.push(Part::Batch, &what, BATCHED_BENCH, PER_SECOND, batch.new);
                            let what = prompts(batch.sequences);
                            self.measures.push(Part::Batch, &what, BATCHED_BENCH, PER_SECOND, batch.prompt);
                        }
                    }
                    Err(error) => self.peers.batched.fails(&error),
                }
            }
        }
        Ok(())
    }

    async fn own_batch(&mut self, round: u32, count: usize) -> Result<(), CliError> {
        // A stream of its own: other parts draw from the round's number.
        let mut random = random(0xba7c << 32 | u64::from(round) << 8 | count as u64);
        let how = How::greedy(EntropyWanted::First);
        let prompts: Vec<Vec<i32>> =
            (0..count).map(|_| self.ours.fresh(&mut random, self.sizes.batch_prompt)).collect();
        // The prompts are read before the clock of the texts starts, as the peer does it.
        let began = Instant::now();
        try_join_all(prompts.iter().map(|prompt| self.ours.write(prompt, 1, &how))).await?;
        let speed = (count * self.sizes.batch_prompt) as f64 / began.elapsed().as_secs_f64();
        self.measures.push(Part::Batch, &self::prompts(count), OURS, PER_SECOND, speed);
        let began = Instant::now();
        let texts = prompts.iter().map(|prompt| self.ours.write(prompt, self.sizes.batch_new, &how));
        let texts: Vec<Written> = try_join_all(texts).await?;
        let speed = written(&texts) / began.elapsed().as_secs_f64();
        self.measures.push(Part::Batch, &sequences(count), OURS, PER_SECOND, speed);
        let what = format!("prompts that were there, {}", sequences(count));
        self.measures.push(Part::Batch, &what, OURS, "share", cached_share(&texts));
        Ok(())
    }

    /// A prefix that comes a second time.
    pub(super) async fn reuse(&mut self, round: u32) -> Result<(), CliError> {
        let how = How::greedy(EntropyWanted::First);
        // A stream of its own, as for batches.
        let prompt = self.ours.fresh(&mut random(0x5eed << 32 | u64::from(round)), self.sizes.shared_prompt);
        let mut times = [0.0; 2];
        for time in &mut times {
            let began = Instant::now();
            self.ours.write(&prompt, 1, &how).await?;
            *time = began.elapsed().as_secs_f64() * 1e3;
        }
        let [first, second] = times;
        self.measures.push(Part::Reuse, "first token, the first time", OURS, "ms", first);
        self.measures.push(Part::Reuse, "first token, the second time", OURS, "ms", second);
        self.measures.push(Part::Reuse, "the first time over the second", OURS, "ratio", first / second);
        Ok(())
    }

    /// What entropies and a grammar add to each token.
    pub(super) async fn cost(&mut self, round: u32) -> Result<(), CliError> {
        let plain = How::greedy(EntropyWanted::None);
        let ways = [
            ("nothing", plain.clone()),
            ("entropy of every token", How::greedy(EntropyWanted::Every)),
            ("a grammar", How { grammar: Some(GRAMMAR), ..plain }),
        ];
        let mut random = random(u64::from(round));
        let mut bare = None;
        for (what, how) in ways {
            let prompt = self.ours.fresh(&mut random, SHORT);
            let usage = self.ours.write(&prompt, self.sizes.new, &how).await?.usage;
            let each = usage.decode_ms / usage.completion_tokens.saturating_sub(1).max(1) as f64;
            self.measures.push(Part::Cost, &format!("a token with {what}"), OURS, "ms", each);
            match bare {
                None => bare = Some(each),
                Some(bare) => {
                    self.measures.push(Part::Cost, &format!("{what} over nothing"), OURS, "ratio", each / bare)
                }
            }
        }
        Ok(())
    }
}

/// Names the prompts of a number of sequences.
fn prompts(count: usize) -> String {
    if count == 1 { "1 prompt".to_owned() } else { format!("{count} prompts") }
}

/// Counts the tokens of texts.
pub(super) fn written(texts: &[Written]) -> f64 {
    texts.iter().map(|text| text.ids.len()).sum::<usize>() as f64
}

/// Gives the share of the prompts of texts that was there when they came.
pub(super) fn cached_share(texts: &[Written]) -> f64 {
    let sum = |part: fn(&Written) -> u64| texts.iter().map(part).sum::<u64>() as f64;
    sum(|text| text.first.cached_tokens) / sum(|text| text.first.prompt_tokens)
}
