//! Requests and completions as JSON: canonical for hashes, compact for the completion log.
//!
//! A request's hash is the key of the completion log: BLAKE3 over the model's source, the conversation, the text of the
//! continuation and every setting that decides the output. Deadlines and cancellation are not part of it.

use serde::{Deserialize, Serialize};

use super::{Completion, Distribution, EntropyKind, EntropyWanted, Finish, Grammar, Message, ModelIdentity, Request};
use crate::budget::Usage;
use crate::token::{Alternative, Token, TokenizerHash};

/// Gives the messages of a conversation as JSON text, as the store keeps them.
#[must_use]
pub fn messages_json(messages: &[Message], continuation: &str) -> String {
    let mut turns: Vec<serde_json::Value> = messages
        .iter()
        .map(|message| serde_json::json!({"role": message.speaker.name(), "content": message.content}))
        .collect();
    if !continuation.is_empty() {
        let role = if messages.is_empty() { "raw" } else { "assistant" };
        turns.push(serde_json::json!({"role": role, "content": continuation}));
    }
    serde_json::Value::Array(turns).to_string()
}

/// Gives the key of a request in the completion log.
#[must_use]
pub fn request_hash(model: &ModelIdentity, request: &Request) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut field = |bytes: &[u8]| {
        // Lengths before contents: no two requests spell the same bytes.
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(model.source.as_bytes());
    for message in &request.prompt.messages {
        field(message.speaker.name().as_bytes());
        field(message.content.as_bytes());
    }
    field(b"continuation");
    for segment in &request.prompt.continuation {
        field(segment.text().as_bytes());
    }
    field(b"settings");
    for stop in &request.stops {
        field(stop.as_bytes());
    }
    let sampling = request.sampling;
    field(
        format!(
            "{} {:?} {} {} {} {} {} {:?} {}",
            sampling.temperature,
            sampling.top_k,
            sampling.top_p,
            sampling.min_p,
            sampling.seed,
            request.max_tokens,
            request.top_logprobs,
            request.entropy,
            request.entropy_kind.name(),
        )
        .as_bytes(),
    );
    match &request.grammar {
        None => field(b"free"),
        Some(Grammar::Gbnf(text) | Grammar::JsonSchema(text)) => field(text.as_bytes()),
    }
    if let Some(gate) = request.gate {
        field(format!("{} {}", gate.kind.name(), gate.threshold_nats).as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

#[derive(Serialize, Deserialize)]
struct StoredCompletion {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reasoning: String,
    text: String,
    /// Left out where it equals `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
    finish: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stop: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    open_reasoning: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokenizer: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<StoredToken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<StoredDistribution>,
    usage: StoredUsage,
}

/// `[id, text or hexadecimal bytes, logprob, entropy]`: a tuple, for completions hold thousands.
type StoredToken = (Option<i32>, StoredBytes, Option<f32>, Option<f32>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredBytes {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Vec<u8>> for StoredBytes {
    fn from(bytes: Vec<u8>) -> StoredBytes {
        match String::from_utf8(bytes) {
            Ok(text) => StoredBytes::Text(text),
            Err(error) => StoredBytes::Bytes(error.into_bytes()),
        }
    }
}

impl From<StoredBytes> for Vec<u8> {
    fn from(stored: StoredBytes) -> Vec<u8> {
        match stored {
            StoredBytes::Text(text) => text.into_bytes(),
            StoredBytes::Bytes(bytes) => bytes,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredDistribution {
    kind: String,
    entropy_nats: f32,
    top: Vec<(Option<i32>, StoredBytes, f32)>,
}

#[derive(Serialize, Deserialize)]
struct StoredUsage {
    prompt_tokens: u64,
    cached_tokens: u64,
    completion_tokens: u64,
    reasoning_tokens: u64,
    queue_ms: f64,
    prefill_ms: f64,
    decode_ms: f64,
    retries: u64,
    estimated: bool,
}

/// Gives a completion as JSON text for the completion log. Alternatives of single tokens are not kept.
#[must_use]
pub fn completion_json(completion: &Completion) -> String {
    let usage = completion.usage;
    let stored = StoredCompletion {
        reasoning: completion.reasoning.clone(),
        text: completion.text.clone(),
        raw: (completion.raw != completion.text).then(|| completion.raw.clone()),
        finish: completion.finish.name().to_owned(),
        stop: match &completion.finish {
            Finish::Stop(text) => Some(text.clone()),
            _ => None,
        },
        open_reasoning: completion.open_reasoning,
        tokenizer: completion.tokenizer.as_ref().map(|hash| hash.0.to_string()),
        tokens: completion
            .tokens
            .iter()
            .map(|token| (token.id, token.bytes.clone().into(), token.logprob, token.entropy_nats))
            .collect(),
        first: completion.first.as_ref().map(|first| StoredDistribution {
            kind: first.kind.name().to_owned(),
            entropy_nats: first.entropy_nats,
            top: first.top.iter().map(|token| (token.id, token.bytes.clone().into(), token.logprob)).collect(),
        }),
        usage: StoredUsage {
            prompt_tokens: usage.prompt_tokens,
            cached_tokens: usage.cached_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            queue_ms: usage.queue_ms,
            prefill_ms: usage.prefill_ms,
            decode_ms: usage.decode_ms,
            retries: usage.retries,
            estimated: usage.estimated,
        },
    };
    // Plain structs of numbers and strings; serialisation has no failing case.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// Reads a completion out of the completion log.
///
/// # Errors
/// The text is no completion; the message is serde's.
pub fn completion_from_json(text: &str) -> Result<Completion, serde_json::Error> {
    use serde::de::Error;
    let stored: StoredCompletion = serde_json::from_str(text)?;
    let finish = match (stored.finish.as_str(), stored.stop) {
        ("stop", stop) => Finish::Stop(stop.unwrap_or_default()),
        ("end", _) => Finish::End,
        ("length", _) => Finish::Length,
        ("gate", _) => Finish::Gate,
        ("cancelled", _) => Finish::Cancelled,
        ("deadline", _) => Finish::Deadline,
        (other, _) => return Err(serde_json::Error::custom(format!("unknown finish {other:?}"))),
    };
    let first = match stored.first {
        None => None,
        Some(first) => Some(Distribution {
            kind: match first.kind.as_str() {
                "full" => EntropyKind::Full,
                "top20" => EntropyKind::Top20,
                other => return Err(serde_json::Error::custom(format!("unknown entropy kind {other:?}"))),
            },
            entropy_nats: first.entropy_nats,
            top: first
                .top
                .into_iter()
                .map(|(id, bytes, logprob)| Alternative { id, bytes: bytes.into(), logprob })
                .collect(),
        }),
    };
    let usage = stored.usage;
    Ok(Completion {
        raw: stored.raw.unwrap_or_else(|| stored.text.clone()),
        reasoning: stored.reasoning,
        text: stored.text,
        tokens: stored
            .tokens
            .into_iter()
            .map(|(id, bytes, logprob, entropy_nats)| Token {
                id,
                bytes: bytes.into(),
                logprob,
                entropy_nats,
                top: Vec::new(),
            })
            .collect(),
        tokenizer: stored.tokenizer.map(|hash| TokenizerHash(hash.into())),
        finish,
        open_reasoning: stored.open_reasoning,
        first,
        usage: Usage {
            calls: 1,
            prompt_tokens: usage.prompt_tokens,
            cached_tokens: usage.cached_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            queue_ms: usage.queue_ms,
            prefill_ms: usage.prefill_ms,
            decode_ms: usage.decode_ms,
            retries: usage.retries,
            estimated: usage.estimated,
        },
    })
}

/// Names what entropies a request wants; part of strategy settings.
impl EntropyWanted {
    /// Gives the name used in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EntropyWanted::None => "none",
            EntropyWanted::First => "first",
            EntropyWanted::Every => "every",
        }
    }
}
