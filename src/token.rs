//! Token ids with their bytes and the tokenizer that made them, so that generated text keeps its ids on its way back
//! into a prompt and crosses between models that share a tokenizer.

use std::sync::Arc;

/// Hash of a tokenizer (token texts, merges and types); equal hashes mean interchangeable ids.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenizerHash(pub Arc<str>);

/// A run of tokens with the bytes that they stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRun {
    /// The tokenizer that the ids belong to.
    pub tokenizer: TokenizerHash,
    /// Token ids in order.
    pub ids: Vec<i32>,
    /// The bytes of all tokens joined; not always valid UTF-8 at its ends.
    pub bytes: Vec<u8>,
}

/// One token of a completion.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Id in the model's vocabulary; unknown for most remote servers.
    pub id: Option<i32>,
    /// The bytes of this token.
    pub bytes: Vec<u8>,
    /// Natural logarithm of the probability under the raw distribution at temperature 1, where asked for.
    pub logprob: Option<f32>,
    /// Entropy in nats of the distribution that the token was drawn from, where asked for.
    pub entropy_nats: Option<f32>,
    /// The likeliest tokens at this place with their log-probabilities, likeliest first, where asked for.
    pub top: Vec<Alternative>,
}

/// One of the likeliest tokens at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// Id in the model's vocabulary, where known.
    pub id: Option<i32>,
    /// The bytes of the token.
    pub bytes: Vec<u8>,
    /// Natural logarithm of its probability under the raw distribution at temperature 1.
    pub logprob: f32,
}
