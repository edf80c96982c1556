//! Chooses tokens from logits: temperature, then top_k, top_p and min_p, then a draw from a seeded stream.
//!
//! Our own arithmetic instead of llama.cpp's: the same logits and seed give the same token on every machine, whatever
//! else runs beside it.

use std::cmp::Ordering;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::model::Sampling;

/// How many candidates are sorted at first when looking for a probability mass.
const FIRST_GUESS: usize = 128;

/// Chooses the tokens of one completion.
#[derive(Debug)]
pub(super) struct Sampler {
    sampling: Sampling,
    stream: ChaCha8Rng,
}

/// The logits hold no choice: not a number, or nothing is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoChoice;

#[derive(Debug, Clone, Copy)]
struct Candidate {
    id: usize,
    weight: f64,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling) -> Sampler {
        Sampler { sampling, stream: ChaCha8Rng::seed_from_u64(sampling.seed) }
    }

    /// Chooses one token. Draws once from the stream unless the temperature is 0.
    pub(super) fn choose(&mut self, logits: &[f32]) -> Result<usize, NoChoice> {
        if self.sampling.temperature == 0.0 {
            return likeliest(logits);
        }
        let candidates = self.candidates(logits)?;
        let total: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
        // 53 bits: every double in [0, 1) that a uniform draw can give.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit into a double")]
        let share = (self.stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let mut left = share * total;
        for candidate in &candidates {
            left -= candidate.weight;
            if left < 0.0 {
                return Ok(candidate.id);
            }
        }
        // Rounding can leave a crumb over.
        candidates.iter().rev().find(|candidate| candidate.weight > 0.0).map(|candidate| candidate.id).ok_or(NoChoice)
    }

    /// Gives the tokens that may be drawn with their unnormalised probabilities, in an order that the logits decide.
    fn candidates(&self, logits: &[f32]) -> Result<Vec<Candidate>, NoChoice> {
        let best = likeliest(logits)?;
        let highest = logits.get(best).copied().map(f64::from).ok_or(NoChoice)?;
        let temperature = f64::from(self.sampling.temperature);
        let weigh = |(id, logit): (usize, &f32)| {
            // 0/0 and the like cannot happen: the likeliest has exactly 0 above.
            Candidate { id, weight: ((f64::from(*logit) - highest) / temperature).exp() }
        };
        let mut candidates: Vec<Candidate> =
            logits.iter().enumerate().filter(|(_, logit)| **logit > f32::NEG_INFINITY).map(weigh).collect();
        if let Some(count) = self.sampling.top_k {
            keep_first(&mut candidates, usize::try_from(count).unwrap_or(usize::MAX));
        }
        if self.sampling.top_p < 1.0 {
            keep_mass(&mut candidates, f64::from(self.sampling.top_p));
        }
        let least = f64::from(self.sampling.min_p);
        candidates.retain(|candidate| candidate.weight >= least);
        Ok(candidates)
    }
}

/// Gives the token with the highest logit, the lowest id of equal ones.
fn likeliest(logits: &[f32]) -> Result<usize, NoChoice> {
    let mut best: Option<(usize, f32)> = None;
    for (id, &logit) in logits.iter().enumerate() {
        if logit.is_nan() || logit == f32::INFINITY {
            return Err(NoChoice);
        }
        if best.is_none_or(|(_, highest)| logit > highest) {
            best = Some((id, logit));
        }
    }
    best.filter(|(_, logit)| *logit > f32::NEG_INFINITY).map(|(id, _)| id).ok_or(NoChoice)
}

fn likelier_first(left: &Candidate, right: &Candidate) -> Ordering {
    right.weight.total_cmp(&left.weight).then(left.id.cmp(&right.id))
}

/// Keeps the `count` likeliest candidates, sorted.
fn keep_first(candidates: &mut Vec<Candidate>, count: usize) {
    if count < candidates.len() {
        candidates.select_nth_unstable_by(count, likelier_first);
        candidates.truncate(count);
    }
    candidates.sort_unstable_by(likelier_first);
}

/// Keeps the smallest set of likeliest candidates that holds the share `mass` of all their probability, sorted.
fn keep_mass(candidates: &mut Vec<Candidate>, mass: f64) {
    let wanted = mass * candidates.iter().map(|candidate| candidate.weight).sum::<f64>();
    let mut sorted = FIRST_GUESS;
    loop {
        // Sorting a whole vocabulary costs more than decoding with a small model; the mass lies in few tokens.
        if sorted < candidates.len() {
            candidates.select_nth_unstable_by(sorted, likelier_first);
        }
        let end = sorted.min(candidates.len());
        let Some(head) = candidates.get_mut(..end) else { return };
        head.sort_unstable_by(likelier_first);
        let mut seen = 0.0;
        let reached = head.iter().position(|candidate| {
            seen += candidate.weight;
            seen >= wanted
        });
        if let Some(last) = reached {
            candidates.truncate(last + 1);
            return;
        }
        if end == candidates.len() {
            return;
        }
        sorted *= 8;
    }
}

/// Gives ids and logits of the `count` likeliest tokens, likeliest first, the lower id first of equal ones.
pub(super) fn top(logits: &[f32], count: usize) -> Vec<(usize, f32)> {
    let mut best: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
    for (id, &logit) in logits.iter().enumerate() {
        let full = best.len() >= count;
        if full && best.last().is_none_or(|(_, lowest)| logit <= *lowest) {
            continue;
        }
        let place = best.partition_point(|(_, higher)| *higher >= logit);
        best.insert(place, (id, logit));
        best.truncate(count);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sampling(temperature: f32, top_k: Option<u32>, top_p: f32, min_p: f32) -> Sampling {
        Sampling { temperature, top_k, top_p, min_p, seed: 7 }
    }

    fn kept(sampling: Sampling, logits: &[f32]) -> Vec<usize> {
        let mut ids: Vec<usize> =
            Sampler::new(sampling).candidates(logits).expect("a choice").iter().map(|c| c.id).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn temperature_zero_takes_the_likeliest_and_the_lowest_id_of_equals() {
        let mut sampler = Sampler::new(Sampling::greedy());
        assert_eq!(sampler.choose(&[0.0, 3.0, 3.0, -1.0]), Ok(1));
        assert_eq!(sampler.choose(&[f32::NEG_INFINITY, -9.0]), Ok(1));
    }

    #[test]
    fn logits_without_a_choice_are_refused() {
        for temperature in [0.0, 1.0] {
            let mut sampler = Sampler::new(sampling(temperature, None, 1.0, 0.0));
            for logits in [&[][..], &[f32::NAN, 1.0], &[1.0, f32::NAN], &[f32::NEG_INFINITY; 3], &[f32::INFINITY]] {
                assert_eq!(sampler.choose(logits), Err(NoChoice), "{logits:?}");
            }
        }
    }

    #[test]
    fn filters_keep_what_they_should() {
        // Probabilities 0.5, 0.25, 0.15, 0.1.
        let logits = [0.1f32.ln(), 0.5f32.ln(), 0.25f32.ln(), 0.15f32.ln()];
        let check = |sampling, expected: &[usize]| assert_eq!(kept(sampling, &logits), expected, "{sampling:?}");
        check(sampling(1.0, None, 1.0, 0.0), &[0, 1, 2, 3]);
        check(sampling(1.0, Some(2), 1.0, 0.0), &[1, 2]);
        check(sampling(1.0, Some(9), 1.0, 0.0), &[0, 1, 2, 3]);
        check(sampling(1.0, None, 0.45, 0.0), &[1]);
        check(sampling(1.0, None, 0.7, 0.0), &[1, 2]);
        check(sampling(1.0, None, 0.8, 0.0), &[1, 2, 3]);
        check(sampling(1.0, None, 1.0, 0.25), &[1, 2, 3]);
        check(sampling(1.0, Some(2), 0.6, 0.0), &[1]);
        // Half the temperature squares the probabilities: 0.25, 0.0625, 0.0225, 0.01 of 0.345.
        check(sampling(0.5, None, 0.7, 0.0), &[1]);
        check(sampling(1e-30, None, 0.999, 0.0), &[1]);
    }

    #[test]
    fn draws_follow_the_probabilities_and_the_seed() {
        let logits = [0.2f32.ln(), 0.7f32.ln(), 0.1f32.ln()];
        let draw = |seed| {
            let mut sampler = Sampler::new(Sampling { seed, ..sampling(1.0, None, 1.0, 0.0) });
            (0..4000).map(|_| sampler.choose(&logits).expect("a choice")).collect::<Vec<_>>()
        };
        let drawn = draw(3);
        for (id, share) in [(0, 0.2), (1, 0.7), (2, 0.1)] {
            let count = drawn.iter().filter(|drawn| **drawn == id).count();
            assert!((count as f64 / 4000.0 - share).abs() < 0.03, "{id}: {count}");
        }
        assert_eq!(drawn, draw(3));
        assert_ne!(drawn, draw(4));
    }

    proptest! {
        #[test]
        fn a_mass_is_found_as_by_sorting_everything(logits in prop::collection::vec(-4.0f32..4.0, 1..600), top_p in 0.01f32..0.999) {
            let mut order: Vec<usize> = (0..logits.len()).collect();
            order.sort_by(|left, right| logits[*right].total_cmp(&logits[*left]).then(left.cmp(right)));
            let weight = |id: &usize| (f64::from(logits[*id]) - f64::from(logits[order[0]])).exp();
            let wanted = f64::from(top_p) * order.iter().map(weight).sum::<f64>();
            let ids = kept(sampling(1.0, None, top_p, 0.0), &logits);
            let mass = |ids: &[usize]| ids.iter().map(weight).sum::<f64>();
            prop_assert!(mass(&ids) >= wanted - 1e-9);
            let mut smaller = order[..ids.len() - 1].to_vec();
            prop_assert!(mass(&smaller) < wanted + 1e-9);
            smaller.push(order[ids.len() - 1]);
            smaller.sort_unstable();
            prop_assert_eq!(smaller, ids);
        }

        #[test]
        fn the_likeliest_are_those_of_a_full_sort(logits in prop::collection::vec(-3i8..3, 0..80), count in 0usize..30) {
            let logits: Vec<f32> = logits.into_iter().map(f32::from).collect();
            let mut order: Vec<(usize, f32)> = logits.iter().copied().enumerate().collect();
            order.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
            order.truncate(count);
            prop_assert_eq!(top(&logits, count), order);
        }
    }
}
