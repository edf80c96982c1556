//! Chooses tokens from logits: temperature, then top_k, top_p and min_p, then a draw from a seeded stream.
//!
//! Our own arithmetic instead of llama.cpp's: the same logits and seed give the same token on every machine, whatever
//! else runs beside it.

use std::cmp::Ordering;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::model::Sampling;
use crate::model::vector::{BLOCK, Scale, highest, weigh};

/// Weights below which candidates are looked for, one after the other, until those found are enough: the likeliest
/// tokens are few, and sorting a whole vocabulary costs more than decoding with a small model.
const LEAST_WEIGHTS: [f32; 3] = [1e-3, 1e-6, 0.0];

/// Chooses the tokens of one completion.
#[derive(Debug)]
pub(super) struct Sampler {
    sampling: Sampling,
    stream: ChaCha8Rng,
    /// The weight of each token, the likeliest having 1, and the sum of each block of them.
    weights: Vec<f32>,
    sums: Vec<f64>,
}

/// The logits hold no choice: not a number, or nothing is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoChoice;

#[derive(Debug, Clone, Copy)]
struct Candidate {
    id: usize,
    weight: f32,
}

impl Sampler {
    pub(super) fn new(sampling: Sampling) -> Sampler {
        let stream = ChaCha8Rng::seed_from_u64(sampling.seed);
        Sampler { sampling, stream, weights: Vec::new(), sums: Vec::new() }
    }

    /// Chooses one token. Draws once from the stream unless the temperature is 0.
    pub(super) fn choose(&mut self, logits: &[f32]) -> Result<usize, NoChoice> {
        let max = highest(logits).filter(|max| max.is_finite()).ok_or(NoChoice)?;
        let likeliest = || logits.iter().position(|logit| *logit >= max).ok_or(NoChoice);
        let Sampling { temperature, top_k, top_p, min_p, .. } = self.sampling;
        if temperature == 0.0 {
            return likeliest();
        }
        // Drawn in any case, so that the stream does not depend on the logits.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit into a double")]
        let share = (self.stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let scale = Scale { max, temperature };
        let candidates = if let Some(count) = top_k {
            self.of_the_likeliest(logits, scale, usize::try_from(count).unwrap_or(usize::MAX))
        } else {
            weigh(logits, scale, &mut self.weights, &mut self.sums);
            if top_p >= 1.0 && min_p <= 0.0 {
                return self.draw_of_all(share).map_or_else(likeliest, Ok);
            }
            self.of_all()
        };
        let mut left = share * candidates.iter().map(|candidate| f64::from(candidate.weight)).sum::<f64>();
        for candidate in &candidates {
            left -= f64::from(candidate.weight);
            if left < 0.0 {
                return Ok(candidate.id);
            }
        }
        // Rounding can leave a crumb over.
        candidates.last().map_or_else(likeliest, |candidate| Ok(candidate.id))
    }

    /// Draws from the whole vocabulary: finds the block, then the token in it.
    fn draw_of_all(&self, share: f64) -> Option<usize> {
        let mut left = share * self.sums.iter().sum::<f64>();
        for (block, sum) in self.sums.iter().enumerate() {
            if left >= *sum {
                left -= sum;
                continue;
            }
            let start = block * BLOCK;
            let weights = self.weights.iter().enumerate().skip(start).take(BLOCK);
            let mut last = None;
            for (id, weight) in weights.filter(|(_, weight)| **weight > 0.0) {
                left -= f64::from(*weight);
                last = Some(id);
                if left < 0.0 {
                    break;
                }
            }
            return last;
        }
        None
    }

    /// Gives those of the `count` likeliest tokens that may be drawn, likeliest first. Weighs no others.
    fn of_the_likeliest(&mut self, logits: &[f32], scale: Scale, count: usize) -> Vec<Candidate> {
        let mut found: Vec<Candidate> = Vec::new();
        for least in LEAST_WEIGHTS {
            // 0 for the last gives minus infinity: all.
            let lowest = scale.max + scale.temperature * least.ln();
            let ids = at_least(logits, lowest);
            let some: Vec<f32> = ids.iter().filter_map(|id| logits.get(*id).copied()).collect();
            weigh(&some, scale, &mut self.weights, &mut self.sums);
            let weighed = ids.into_iter().zip(&self.weights).filter(|(_, weight)| **weight > 0.0);
            found = weighed.map(|(id, weight)| Candidate { id, weight: *weight }).collect();
            if found.len() >= count {
                break;
            }
        }
        found.sort_unstable_by(likelier_first);
        found.truncate(count);
        let whole: f64 = found.iter().map(|candidate| f64::from(candidate.weight)).sum();
        if let Some(last) = reaching(&found, f64::from(self.sampling.top_p) * whole) {
            found.truncate(last + 1);
        }
        found.retain(|candidate| candidate.weight >= self.sampling.min_p);
        found
    }

    /// Gives the tokens that may be drawn, likeliest first, where no number of them is given. The weights are there.
    fn of_all(&self) -> Vec<Candidate> {
        let Sampling { top_p, min_p, .. } = self.sampling;
        let candidates = |least| {
            let ids = at_least(&self.weights, least);
            let weighed = ids.into_iter().filter_map(|id| Some(Candidate { id, weight: *self.weights.get(id)? }));
            let mut found: Vec<Candidate> = weighed.filter(|candidate| candidate.weight > 0.0).collect();
            found.sort_unstable_by(likelier_first);
            found
        };
        if top_p >= 1.0 {
            return candidates(min_p);
        }
        let wanted = f64::from(top_p) * self.sums.iter().sum::<f64>();
        let mut found = Vec::new();
        for least in LEAST_WEIGHTS {
            found = candidates(least);
            if let Some(last) = reaching(&found, wanted) {
                found.truncate(last + 1);
                break;
            }
        }
        found.retain(|candidate| candidate.weight >= min_p);
        found
    }
}

/// The likeliest first, the lower id first of equal ones.
fn likelier_first(left: &Candidate, right: &Candidate) -> Ordering {
    right.weight.total_cmp(&left.weight).then(left.id.cmp(&right.id))
}

/// Finds the candidate with which the sum of weights reaches `wanted`.
fn reaching(candidates: &[Candidate], wanted: f64) -> Option<usize> {
    let mut seen = 0.0;
    candidates.iter().position(|candidate| {
        seen += f64::from(candidate.weight);
        seen >= wanted
    })
}

/// Gives the places of all numbers that are at least `least`.
fn at_least(numbers: &[f32], least: f32) -> Vec<usize> {
    let mut found = Vec::new();
    for (block, numbers) in numbers.chunks(BLOCK).enumerate() {
        // Most blocks hold nothing likely.
        if numbers.iter().fold(false, |any, number| any | (*number >= least)) {
            let places = numbers.iter().enumerate().filter(|(_, number)| **number >= least);
            found.extend(places.map(|(place, _)| block * BLOCK + place));
        }
    }
    found
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
        let mut sampler = Sampler::new(sampling);
        sampler.choose(logits).expect("a choice");
        let scale = Scale { max: highest(logits).expect("numbers"), temperature: sampling.temperature };
        let candidates = match sampling.top_k {
            Some(count) => sampler.of_the_likeliest(logits, scale, count as usize),
            None => sampler.of_all(),
        };
        let mut ids: Vec<usize> = candidates.iter().map(|candidate| candidate.id).collect();
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
