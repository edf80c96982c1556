//! Distributions over the next token and their entropy, in nats at temperature 1.

use super::EntropyKind;
use super::vector::{exponential_sums, highest};
use crate::token::Alternative;

/// The distribution of one token.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Which entropy `entropy_nats` is.
    pub kind: EntropyKind,
    /// Shannon entropy in nats.
    pub entropy_nats: f32,
    /// The likeliest tokens, likeliest first, with log-probabilities over the full vocabulary.
    pub top: Vec<Alternative>,
}

impl Distribution {
    /// How many of the likeliest tokens the `top20` kind looks at.
    pub const TOP: usize = 20;

    /// Makes the `top20` distribution from the likeliest tokens.
    #[must_use]
    pub fn from_top(mut top: Vec<Alternative>) -> Distribution {
        top.sort_by(|left, right| right.logprob.total_cmp(&left.logprob));
        top.truncate(Self::TOP);
        let logprobs: Vec<f32> = top.iter().map(|alternative| alternative.logprob).collect();
        Distribution { kind: EntropyKind::Top20, entropy_nats: log_softmax_entropy(&logprobs).1, top }
    }
}

/// Gives log-sum-exp and entropy in nats of unnormalised logits, in one pass.
///
/// Entries of minus infinity have probability 0. No entries give entropy 0.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "f32 holds an entropy below 20 nats to 6 digits")]
pub fn log_softmax_entropy(logits: &[f32]) -> (f64, f32) {
    let max = highest(logits).unwrap_or(f32::NAN);
    if !max.is_finite() {
        return (f64::from(max), 0.0);
    }
    // With d = logit - max: H = ln Z - (sum d e^d) / Z, one exponential an entry.
    let (total, weighted) = exponential_sums(logits, max);
    let entropy = total.ln() - weighted / total;
    (f64::from(max) + total.ln(), entropy.max(0.0) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(logits: &[f32], expected: f32) {
        let (_, entropy) = log_softmax_entropy(logits);
        assert!((entropy - expected).abs() < 1e-5, "{logits:?}: {entropy} instead of {expected}");
    }

    #[test]
    fn entropies_worked_out_by_hand() {
        check(&[3.0, 3.0], std::f32::consts::LN_2);
        check(&[0.0; 8], 2.079_442);
        check(&[5.0], 0.0);
        check(&[], 0.0);
        // p = 0.9, 0.1
        check(&[0.9f32.ln(), 0.1f32.ln()], 0.325_083);
        check(&[7.0, f32::NEG_INFINITY, 7.0], std::f32::consts::LN_2);
        check(&[1000.0, -1000.0], 0.0);
    }

    #[test]
    fn no_finite_logit_has_no_entropy() {
        assert_eq!(log_softmax_entropy(&[f32::NEG_INFINITY; 3]).1, 0.0);
        assert_eq!(log_softmax_entropy(&[f32::NAN, 1.0]).1, 0.0);
        assert_eq!(log_softmax_entropy(&[f32::INFINITY, 1.0]).1, 0.0);
    }

    #[test]
    fn a_whole_vocabulary_is_summed_to_the_sixth_digit() {
        for (size, spread) in [(49_152, 8.0f32), (151_936, 1.0), (262_144, 0.0), (300, 30.0)] {
            let logits: Vec<f32> = (0..size).map(|id| ((id * 7919 % 1013) as f32 / 1013.0 - 0.5) * spread).collect();
            let total: f64 = logits.iter().map(|logit| f64::from(*logit).exp()).sum();
            let mean: f64 = logits.iter().map(|logit| f64::from(*logit) * f64::from(*logit).exp()).sum::<f64>() / total;
            let (log_sum, entropy) = log_softmax_entropy(&logits);
            assert!((log_sum - total.ln()).abs() < 2e-6, "{size}: {log_sum} instead of {}", total.ln());
            let expected = total.ln() - mean;
            assert!((f64::from(entropy) - expected).abs() < 5e-6, "{size}: {entropy} instead of {expected}");
        }
    }

    #[test]
    fn top_is_renormalised_over_twenty() {
        let alternative = |logprob| Alternative { id: None, bytes: Vec::new(), logprob };
        let distribution = Distribution::from_top((0..30).map(|_| alternative(-5.0)).collect());
        assert_eq!(distribution.top.len(), 20);
        assert!((distribution.entropy_nats - 20f32.ln()).abs() < 1e-5);
    }
}
