//! Language models: one trait, four drivers (local llama.cpp, remote OpenAI-compatible server, scripted file, recorded
//! log).
//!
//! Callers send whole prompts; prefix reuse is the driver's business, so there are no session handles and a strategy
//! runs unchanged on every driver. Dropping a completion's stream cancels it. Everything that waits ends at the
//! request's deadline and on its cancellation.

pub mod chat_template;
mod completion;
pub mod convert;
mod entropy;
mod error;
pub mod gguf;
pub mod json;
#[cfg(feature = "local")]
pub mod local;
mod recorded;
pub mod remote;
mod request;
mod scripted;
mod session;
mod spec;
pub mod stop;
pub mod think;
#[cfg_attr(not(feature = "local"), expect(dead_code, reason = "only the local driver draws tokens"))]
mod vector;

pub use completion::{Completion, CompletionEvent, CompletionStream, Finish, collect};
pub use entropy::{Distribution, log_softmax_entropy};
pub use error::ModelError;
pub use recorded::{CompletionLog, RecordedModel};
pub use request::{EntropyKind, EntropyWanted, Gate, Grammar, Message, Prompt, Request, Sampling, Segment, Speaker};
pub use spec::{ModelSpec, RoleSpec};

pub use scripted::ScriptedModel;
pub use session::{CallError, Called, Models, Place, Session, attempt_seed, call_seed};

use async_trait::async_trait;

use crate::token::TokenizerHash;

/// Which driver serves a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModelKind {
    /// llama.cpp in this process.
    Local,
    /// An OpenAI-compatible server.
    Remote,
    /// A script file.
    Scripted,
    /// A completion log.
    Recorded,
}

impl ModelKind {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ModelKind::Local => "local",
            ModelKind::Remote => "remote",
            ModelKind::Scripted => "scripted",
            ModelKind::Recorded => "recorded",
        }
    }
}

/// What a model is, as far as it decides results: part of the run's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelIdentity {
    /// Short name for people, such as the file's stem or the served name.
    pub name: String,
    /// The driver.
    pub kind: ModelKind,
    /// BLAKE3 of the weights or the script; `served name @ URL` of a remote model.
    pub source: String,
    /// Context length in tokens, where known.
    pub context: Option<u32>,
    /// BLAKE3 of the chat template, where there is one and it is known.
    pub chat_template: Option<String>,
    /// The tokenizer, where known.
    pub tokenizer: Option<TokenizerHash>,
}

/// How a model takes part in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChatStyle {
    /// No chat template: prompts are plain text.
    Base,
    /// A chat template without think tags.
    Chat,
    /// A chat template whose answers begin with a thinking part.
    Thinking,
}

impl ChatStyle {
    /// Gives the name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ChatStyle::Base => "base",
            ChatStyle::Chat => "chat",
            ChatStyle::Thinking => "thinking",
        }
    }
}

/// What a model can do. A strategy that needs what is not there fails at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Base, chat or thinking.
    pub chat: ChatStyle,
    /// Can go on from a started answer (prefill).
    pub continuation: bool,
    /// Gives log-probabilities of the likeliest tokens: how many at most (0 = none).
    pub top_logprobs: u32,
    /// Gives entropies over the full vocabulary.
    pub full_entropy: bool,
    /// Gives the log-likelihood of a continuation.
    pub log_likelihood: bool,
    /// Obeys grammars or JSON schemas.
    pub grammar: bool,
    /// Gives embeddings.
    pub embeddings: bool,
    /// Obeys seeds: the same request gives the same text.
    pub seeded: bool,
}

/// A language model behind any driver.
#[async_trait]
pub trait LanguageModel: Send + Sync + std::fmt::Debug {
    /// Says what the model is.
    fn identity(&self) -> &ModelIdentity;

    /// Says what the model can do.
    fn capabilities(&self) -> &Capabilities;

    /// Writes on from a prompt. The stream gives deltas and ends with [`CompletionEvent::Done`] or an error; dropping
    /// it cancels.
    ///
    /// # Errors
    /// The request cannot be served: prompt longer than the context, unknown grammar, server not there.
    async fn complete(&self, request: Request) -> Result<CompletionStream, ModelError>;

    /// Gives the distribution of the first content token after a prompt; costs no generated text.
    ///
    /// # Errors
    /// As for `complete`, or the model gives no distributions.
    async fn next_token(&self, prompt: &Prompt, kind: EntropyKind) -> Result<Distribution, ModelError>;

    /// Gives the natural-log likelihood of every token of `continuation` after a prompt.
    ///
    /// # Errors
    /// As for `complete`, or the model gives no likelihoods.
    async fn log_likelihood(&self, prompt: &Prompt, continuation: &str) -> Result<Vec<f32>, ModelError> {
        let _ = (prompt, continuation);
        Err(ModelError::Unsupported { model: self.identity().name.clone(), what: "log-likelihoods" })
    }

    /// Embeds texts, one unit vector each.
    ///
    /// # Errors
    /// As for `complete`, or the model gives no embeddings.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        let _ = texts;
        Err(ModelError::Unsupported { model: self.identity().name.clone(), what: "embeddings" })
    }

    /// Warms a prefix in idle time; does nothing where the driver cannot.
    fn prefetch(&self, prompt: &Prompt) {
        let _ = prompt;
    }
}
