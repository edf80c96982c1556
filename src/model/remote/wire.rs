//! The OpenAI-compatible protocol as types: what is sent, and the many dialects of what comes back.
//!
//! Servers send more or less than the protocol says, so every field that is read may be missing or null.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of a call to `/chat/completions` (with messages) or `/completions` (with a prompt).
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Body<'a> {
    pub(super) model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) messages: Option<Vec<Turn<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prompt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_completion_tokens: Option<u32>,
    pub(super) temperature: f32,
    pub(super) top_p: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_k: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) min_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stop: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) include_stop_str_in_output: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logprobs: Option<LogprobsWanted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) add_generation_prompt: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) continue_final_message: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) grammar: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) echo: Option<bool>,
    pub(super) stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stream_options: Option<StreamOptions>,
}

/// `logprobs` is a switch for chats and a count for raw completions.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum LogprobsWanted {
    Switch(bool),
    Count(u32),
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Turn<'a> {
    pub(super) role: &'static str,
    pub(super) content: &'a str,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct EmbeddingsBody<'a> {
    pub(super) model: &'a str,
    pub(super) input: &'a [String],
}

/// One event of a stream, or a whole answer that was not streamed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    pub(super) choices: Option<Vec<Choice>>,
    #[serde(default)]
    pub(super) usage: Option<WireUsage>,
    #[serde(default)]
    pub(super) timings: Option<Timings>,
    #[serde(default)]
    pub(super) error: Option<Value>,
    /// Older servers say `{"object": "error", "message": …}`.
    #[serde(default)]
    pub(super) object: Option<String>,
    #[serde(default)]
    pub(super) message: Option<Value>,
    /// llama-server's own form of log-probabilities.
    #[serde(default)]
    pub(super) completion_probabilities: Option<Vec<TokenLogprob>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub(super) delta: Option<Delta>,
    /// Instead of `delta` where the server does not stream.
    #[serde(default)]
    pub(super) message: Option<Delta>,
    /// Instead of `delta` in raw completions.
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
    /// vLLM: the stop text that ended the call, or the id of the end token.
    #[serde(default)]
    pub(super) stop_reason: Option<Value>,
    #[serde(default)]
    pub(super) logprobs: Option<Logprobs>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Delta {
    #[serde(default)]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) reasoning_content: Option<String>,
    #[serde(default)]
    pub(super) reasoning: Option<String>,
}

/// Log-probabilities in the form of chats (`content`) or of raw completions (the lists).
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Logprobs {
    #[serde(default)]
    pub(super) content: Option<Vec<TokenLogprob>>,
    #[serde(default)]
    pub(super) tokens: Option<Vec<String>>,
    #[serde(default)]
    pub(super) token_logprobs: Option<Vec<Option<f64>>>,
    #[serde(default)]
    pub(super) top_logprobs: Option<Vec<Option<HashMap<String, f64>>>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct TokenLogprob {
    #[serde(default)]
    pub(super) id: Option<i64>,
    #[serde(default)]
    pub(super) token: Option<String>,
    #[serde(default)]
    pub(super) bytes: Option<Vec<u8>>,
    #[serde(default)]
    pub(super) logprob: Option<f64>,
    #[serde(default)]
    pub(super) top_logprobs: Option<Vec<TokenLogprob>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct WireUsage {
    #[serde(default)]
    pub(super) prompt_tokens: Option<u64>,
    #[serde(default)]
    pub(super) completion_tokens: Option<u64>,
    #[serde(default)]
    pub(super) prompt_tokens_details: Option<PromptDetails>,
    #[serde(default)]
    pub(super) completion_tokens_details: Option<CompletionDetails>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct PromptDetails {
    #[serde(default)]
    pub(super) cached_tokens: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct CompletionDetails {
    #[serde(default)]
    pub(super) reasoning_tokens: Option<u64>,
}

/// llama-server's clock; `prompt_n` leaves out the `cache_n` cached tokens.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Timings {
    #[serde(default)]
    pub(super) cache_n: Option<u64>,
    #[serde(default)]
    pub(super) prompt_n: Option<u64>,
    #[serde(default)]
    pub(super) prompt_ms: Option<f64>,
    #[serde(default)]
    pub(super) predicted_n: Option<u64>,
    #[serde(default)]
    pub(super) predicted_ms: Option<f64>,
}

/// The answer of `/models`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ModelList {
    #[serde(default)]
    pub(super) data: Vec<ModelEntry>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ModelEntry {
    #[serde(default)]
    pub(super) id: Option<String>,
    /// vLLM's context length.
    #[serde(default)]
    pub(super) max_model_len: Option<u64>,
    #[serde(default)]
    pub(super) meta: Option<ModelMeta>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ModelMeta {
    /// llama-server's context length.
    #[serde(default)]
    pub(super) n_ctx: Option<u64>,
}

/// The answer of `/embeddings`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Embeddings {
    #[serde(default)]
    pub(super) data: Vec<Embedding>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Embedding {
    #[serde(default)]
    pub(super) index: Option<usize>,
    #[serde(default)]
    pub(super) embedding: Vec<f32>,
}
