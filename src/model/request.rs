//! What is asked of a model.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::token::TokenRun;

/// Who speaks in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// Instructions.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
}

impl Speaker {
    /// Gives the role name of chat templates and of OpenAI-compatible servers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Speaker::System => "system",
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        }
    }
}

/// One turn of a conversation. Its content is untrusted text: it is never parsed for special tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said.
    pub content: String,
}

/// A piece of text that follows the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Text of our own templates; may hold special tokens.
    Template(String),
    /// Text from a data set, a user or a model; never parsed for special tokens.
    Untrusted(String),
    /// Generated tokens. A model with the same tokenizer takes the ids, any other the bytes as untrusted text.
    Tokens(TokenRun),
}

impl Segment {
    /// Gives the segment's text; bytes of a token run that are no UTF-8 become U+FFFD.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Segment::Template(text) | Segment::Untrusted(text) => text.as_str().into(),
            Segment::Tokens(run) => String::from_utf8_lossy(&run.bytes),
        }
    }
}

/// Everything that stands before the text to be written.
///
/// A chat model gets the messages through its chat template, opened for the assistant's turn, then the continuation. A
/// prompt without messages is raw text: the continuation alone, as base models want it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prompt {
    /// The conversation up to the assistant's turn.
    pub messages: Vec<Message>,
    /// What the assistant has written of its turn so far; for raw prompts the whole prompt.
    pub continuation: Vec<Segment>,
}

impl Prompt {
    /// Makes a raw prompt.
    #[must_use]
    pub fn raw(text: impl Into<String>) -> Prompt {
        Prompt { messages: Vec::new(), continuation: vec![Segment::Untrusted(text.into())] }
    }

    /// Gives the continuation as one text.
    #[must_use]
    pub fn continuation_text(&self) -> String {
        self.continuation.iter().map(|segment| segment.text().into_owned()).collect()
    }
}

/// How the next token is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// 0 takes the likeliest token.
    pub temperature: f32,
    /// Keeps the k likeliest tokens; `None` keeps all.
    pub top_k: Option<u32>,
    /// Keeps the smallest set of tokens with this probability mass; 1 keeps all.
    pub top_p: f32,
    /// Drops tokens less likely than this share of the likeliest; 0 keeps all.
    pub min_p: f32,
    /// Seed of the sampler.
    pub seed: u64,
}

impl Sampling {
    /// Takes the likeliest token each time.
    #[must_use]
    pub fn greedy() -> Sampling {
        Sampling { temperature: 0.0, top_k: None, top_p: 1.0, min_p: 0.0, seed: 0 }
    }
}

/// Which entropy is meant. Thresholds of one kind say nothing about the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntropyKind {
    /// Over the whole vocabulary.
    Full,
    /// Over the 20 likeliest tokens, renormalised, as remote servers give them.
    Top20,
}

impl EntropyKind {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            EntropyKind::Full => "full",
            EntropyKind::Top20 => "top20",
        }
    }
}

/// For which tokens entropies are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EntropyWanted {
    /// None.
    #[default]
    None,
    /// The first content token only.
    First,
    /// Every token.
    Every,
}

/// Ends the call after its first content token when the entropy there is at or above the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    /// Which entropy is compared.
    pub kind: EntropyKind,
    /// In nats.
    pub threshold_nats: f32,
}

/// Constrains what may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grammar {
    /// llama.cpp's grammar form; the root rule is `root`.
    Gbnf(String),
    /// A JSON schema as JSON text.
    JsonSchema(String),
}

/// One call.
#[derive(Debug, Clone)]
pub struct Request {
    /// What stands before the text.
    pub prompt: Prompt,
    /// How tokens are chosen.
    pub sampling: Sampling,
    /// Texts that end the call; they are left out of the completion's text.
    pub stops: Vec<String>,
    /// How many new tokens at most.
    pub max_tokens: u32,
    /// How many likeliest tokens to report at each place.
    pub top_logprobs: u32,
    /// Which entropies to report.
    pub entropy: EntropyWanted,
    /// The kind of entropy to report.
    pub entropy_kind: EntropyKind,
    /// Constrains the text.
    pub grammar: Option<Grammar>,
    /// Ends the call after a doubtful first token.
    pub gate: Option<Gate>,
    /// When the call must have ended.
    pub deadline: Option<Instant>,
    /// Ends the call early.
    pub cancel: CancellationToken,
}

impl Request {
    /// Makes a request for `max_tokens` new tokens and nothing beside the text.
    #[must_use]
    pub fn new(prompt: Prompt, sampling: Sampling, max_tokens: u32) -> Request {
        Request {
            prompt,
            sampling,
            stops: Vec::new(),
            max_tokens,
            top_logprobs: 0,
            entropy: EntropyWanted::None,
            entropy_kind: EntropyKind::Full,
            grammar: None,
            gate: None,
            deadline: None,
            cancel: CancellationToken::new(),
        }
    }
}
