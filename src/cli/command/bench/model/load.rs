//! Many requests of mixed length at once: how long each waits, and how much is done in all.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use rand::RngExt;
use stepproof::model::EntropyWanted;

use super::measures::{OURS, PER_SECOND};
use super::ours::{How, Written, random};
use super::peers::llama_batched_bench;
use super::speed::BATCHED_BENCH;
use super::{Bench, Part, ours_in_turn};
use crate::cli::command::bench::figures::Rounds;
use crate::cli::error::CliError;

pub(super) const THROUGHPUT: &str = "prompts and texts of all requests";
pub(super) const GAP: &str = "longest wait of a stream for its next piece";
/// Sequences of the peer.
const SEQUENCES: usize = 8;

impl Bench<'_> {
    /// One round of mixed requests.
    pub(super) async fn load(&mut self, round: u32) -> Result<(), CliError> {
        let mix = self.mix();
        for ours in ours_in_turn(round) {
            if ours {
                self.own_load(round, &mix).await?;
            } else if let Some(program) = self.peers.batched.program().map(std::path::Path::to_path_buf) {
                let mean = |length: fn(&(usize, usize)) -> usize| mix.iter().map(length).sum::<usize>() / mix.len();
                let (prompt, new) = (mean(|(prompt, _)| *prompt), mean(|(_, new)| *new));
                match llama_batched_bench(&self.setup, &program, prompt, new, &[SEQUENCES]).await {
                    Ok(batches) => {
                        for batch in batches {
                            self.measures.push(Part::Load, THROUGHPUT, BATCHED_BENCH, PER_SECOND, batch.all);
                        }
                    }
                    Err(error) => self.peers.batched.fails(&error),
                }
            }
        }
        Ok(())
    }

    /// Gives the lengths of prompts and texts, the same in all rounds.
    fn mix(&self) -> Vec<(usize, usize)> {
        let mut random = random(32);
        let mut draw = || {
            let prompt = random.random_range(self.sizes.request_prompt.clone());
            (prompt, random.random_range(self.sizes.request_new.clone()))
        };
        (0..self.sizes.requests).map(|_| draw()).collect()
    }

    async fn own_load(&mut self, round: u32, mix: &[(usize, usize)]) -> Result<(), CliError> {
        let mut random = random(u64::from(round));
        let how = How::greedy(EntropyWanted::First);
        let prompts: Vec<Vec<i32>> = mix.iter().map(|(prompt, _)| self.ours.fresh(&mut random, *prompt)).collect();
        let began = Instant::now();
        let texts = prompts.iter().zip(mix).map(|(prompt, (_, new))| self.ours.write(prompt, *new, &how));
        let texts: Vec<Written> = try_join_all(texts).await?;
        let seconds = began.elapsed().as_secs_f64();
        let tokens = texts.iter().zip(mix).map(|(text, (prompt, _))| prompt + text.ids.len()).sum::<usize>();
        self.measures.push(Part::Load, THROUGHPUT, OURS, PER_SECOND, tokens as f64 / seconds);

        let (mut first, mut gap) = (Rounds::default(), Duration::ZERO);
        for text in &texts {
            if let Some(arrival) = text.arrivals.first() {
                first.push(arrival.duration_since(began).as_secs_f64());
            }
            let waits = text.arrivals.iter().zip(text.arrivals.iter().skip(1));
            gap = waits.map(|(one, next)| next.duration_since(*one)).fold(gap, Duration::max);
        }
        for (what, figure) in [
            ("time to the first piece, the median request", first.median()),
            ("time to the first piece, the last request", first.greatest()),
            (GAP, Some(gap.as_secs_f64())),
        ] {
            if let Some(figure) = figure {
                self.measures.push(Part::Load, what, OURS, "s", figure);
            }
        }
        Ok(())
    }
}
