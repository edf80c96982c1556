//! Distributions over the next token and their entropy, in nats at temperature 1.

use super::EntropyKind;
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

/// Gives log-sum-exp and entropy in nats of unnormalised logits; summed in f64.
///
/// Entries of minus infinity have probability 0. No entries give entropy 0.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "f32 holds an entropy below 20 nats to 6 digits")]
pub fn log_softmax_entropy(logits: &[f32]) -> (f64, f32) {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !max.is_finite() {
        return (f64::from(max), 0.0);
    }
    // With d = logit - max: H = ln Z - (sum d e^d) / Z, one exponential an entry.
    let (mut total, mut weighted) = (0.0f64, 0.0f64);
    for &logit in logits {
        let shifted = logit - max;
        if shifted.is_finite() {
            let weight = f64::from(shifted.exp());
            total += weight;
            weighted += weight * f64::from(shifted);
        }
    }
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
    fn top_is_renormalised_over_twenty() {
        let alternative = |logprob| Alternative { id: None, bytes: Vec::new(), logprob };
        let distribution = Distribution::from_top((0..30).map(|_| alternative(-5.0)).collect());
        assert_eq!(distribution.top.len(), 20);
        assert!((distribution.entropy_nats - 20f32.ln()).abs() < 1e-5);
    }
}
