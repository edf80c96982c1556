//! Tokens and their log-probabilities out of the forms that servers give them in.

use super::wire::{Logprobs, TokenLogprob};
use crate::token::{Alternative, Token};

/// Gives a chunk's tokens; `probabilities` is llama-server's own form.
pub(super) fn tokens(logprobs: Option<Logprobs>, probabilities: Vec<TokenLogprob>) -> Vec<Token> {
    let logprobs = logprobs.unwrap_or_default();
    if let Some(content) = logprobs.content.or((!probabilities.is_empty()).then_some(probabilities)) {
        return content.into_iter().map(token).collect();
    }
    // Raw completions: lists side by side, the shorter ones filled up with nothing.
    let mut numbers = logprobs.token_logprobs.unwrap_or_default().into_iter();
    let mut tops = logprobs.top_logprobs.unwrap_or_default().into_iter();
    let texts = logprobs.tokens.unwrap_or_default().into_iter();
    let parts = texts.map(|text| {
        let top = tops.next().flatten().unwrap_or_default().into_iter();
        let top = top.filter_map(|(text, logprob)| alternative(None, text.into_bytes(), logprob)).collect();
        Token {
            id: None,
            bytes: text.into_bytes(),
            logprob: numbers.next().flatten().and_then(narrow),
            entropy_nats: None,
            top: sorted(top),
        }
    });
    parts.collect()
}

/// Gives how many tokens begin before this many bytes.
pub(super) fn count_kept(tokens: &[Token], bytes: usize) -> usize {
    let mut begin = 0;
    tokens
        .iter()
        .take_while(|token| {
            let kept = begin < bytes;
            begin += token.bytes.len();
            kept
        })
        .count()
}

fn token(wire: TokenLogprob) -> Token {
    let top = wire.top_logprobs.unwrap_or_default().into_iter();
    let top = top.filter_map(|wire| {
        let bytes = wire.bytes.unwrap_or_else(|| wire.token.unwrap_or_default().into_bytes());
        alternative(wire.id, bytes, wire.logprob?)
    });
    Token {
        id: wire.id.and_then(|id| i32::try_from(id).ok()),
        top: sorted(top.collect()),
        bytes: wire.bytes.unwrap_or_else(|| wire.token.unwrap_or_default().into_bytes()),
        logprob: wire.logprob.and_then(narrow),
        entropy_nats: None,
    }
}

fn alternative(id: Option<i64>, bytes: Vec<u8>, logprob: f64) -> Option<Alternative> {
    Some(Alternative { id: id.and_then(|id| i32::try_from(id).ok()), bytes, logprob: narrow(logprob)? })
}

/// Likeliest first; of equal ones the smaller bytes, so that a map's order does not show.
fn sorted(mut top: Vec<Alternative>) -> Vec<Alternative> {
    top.sort_by(|left, right| right.logprob.total_cmp(&left.logprob).then_with(|| left.bytes.cmp(&right.bytes)));
    top
}

/// Takes log-probabilities only: numbers up to 0, with a hair of rounding.
#[expect(clippy::cast_possible_truncation, reason = "a log-probability needs no more than 7 digits")]
pub(super) fn narrow(logprob: f64) -> Option<f32> {
    (logprob.is_finite() && logprob < 1e-3).then_some(logprob.min(0.0) as f32)
}
