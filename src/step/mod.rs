//! A step of reasoning and where a text is cut into steps.
//!
//! Joining text and separator of all steps gives back the exact output.

mod boundary;

pub use boundary::{Cut, StepCutter, cut};

use crate::token::TokenRun;
use crate::trace::Role;

/// The part of an output that a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Inside the think tags of a thinking model.
    Think,
    /// The visible answer.
    Answer,
}

impl Phase {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Phase::Think => "think",
            Phase::Answer => "answer",
        }
    }
}

/// Why a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepEnd {
    /// A boundary in the text (blank line, `Step k:` line, tag).
    Boundary,
    /// The model ended its output.
    EndOfText,
    /// A token limit.
    Length,
    /// A stop word of the request.
    StopWord,
    /// The entropy gate closed.
    Gate,
}

impl StepEnd {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            StepEnd::Boundary => "boundary",
            StepEnd::EndOfText => "end_of_text",
            StepEnd::Length => "length",
            StepEnd::StopWord => "stop_word",
            StepEnd::Gate => "gate",
        }
    }
}

/// Who wrote a step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Writer {
    /// The role that the model was called in.
    pub role: Role,
    /// The model's name.
    pub model: String,
}

/// One accepted piece of reasoning.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Thinking or answer.
    pub phase: Phase,
    /// Who wrote it.
    pub writer: Writer,
    /// The text without its separator.
    pub text: String,
    /// What parts it from the next step, such as a blank line; empty at the end of the output.
    pub separator: String,
    /// The step's tokens, if they stand for exactly text and separator.
    pub tokens: Option<TokenRun>,
    /// How many completion tokens the accepted text cost.
    pub token_count: u32,
    /// Entropy in nats of the step's first token, where asked for.
    pub first_entropy_nats: Option<f32>,
    /// Why it ended.
    pub end: StepEnd,
}
