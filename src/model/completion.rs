//! What a model gives back.

use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::{Distribution, ModelError};
use crate::budget::Usage;
use crate::step::Phase;
use crate::token::{Token, TokenizerHash};

/// Why a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Finish {
    /// One of the request's stop texts; it is left out of the text.
    Stop(String),
    /// The model ended its output.
    End,
    /// `max_tokens` or the context was reached.
    Length,
    /// The gate closed after the first content token.
    Gate,
    /// Cancelled.
    Cancelled,
    /// The deadline passed.
    Deadline,
}

impl Finish {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Finish::Stop(_) => "stop",
            Finish::End => "end",
            Finish::Length => "length",
            Finish::Gate => "gate",
            Finish::Cancelled => "cancelled",
            Finish::Deadline => "deadline",
        }
    }
}

/// A finished call.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// What was written inside the think tags, or in a server's `reasoning_content`; tags left out.
    pub reasoning: String,
    /// What was written after them.
    pub text: String,
    /// Everything that was written, think tags included, stop text left out. For a server that sends reasoning apart,
    /// reasoning and text are joined with the tags `<think>` and `</think>`.
    pub raw: String,
    /// The tokens of `raw` in order, as far as the driver knows them. The last one may reach into a stop text.
    pub tokens: Vec<Token>,
    /// The tokenizer of the ids in `tokens`.
    pub tokenizer: Option<TokenizerHash>,
    /// Why it ended.
    pub finish: Finish,
    /// A think block was opened and not closed.
    pub open_reasoning: bool,
    /// Distribution of the first content token, where asked for (entropy or gate).
    pub first: Option<Distribution>,
    /// What it cost.
    pub usage: Usage,
}

/// A piece of a completion on its way.
#[derive(Debug, Clone, PartialEq)]
pub enum CompletionEvent {
    /// New text, valid UTF-8, never part of a stop text. Deltas of both phases join to reasoning and text.
    Delta {
        /// Thinking or answer.
        phase: Phase,
        /// The new text.
        text: String,
    },
    /// The end.
    Done(Box<Completion>),
}

/// A completion on its way; dropping it cancels.
pub type CompletionStream = BoxStream<'static, Result<CompletionEvent, ModelError>>;

/// Waits for a stream's end.
///
/// # Errors
/// The stream's error, or [`ModelError::Broken`] when it ends without a completion.
pub async fn collect(mut stream: CompletionStream) -> Result<Completion, ModelError> {
    while let Some(event) = stream.next().await {
        if let CompletionEvent::Done(completion) = event? {
            return Ok(*completion);
        }
    }
    Err(ModelError::Broken { what: "the stream ended without a completion".to_owned() })
}
