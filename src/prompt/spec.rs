//! The form of the files in `prompts/`.

use serde::Deserialize;

/// One prompt: what a chat model is asked, and what a base model goes on from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PromptFile {
    pub(super) version: u32,
    /// Name of the worked examples that base models are shown.
    pub(super) examples: String,
    pub(super) chat: ChatPart,
    pub(super) base: BasePart,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChatPart {
    #[serde(default)]
    pub(super) system: Option<String>,
    pub(super) user: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BasePart {
    pub(super) text: String,
    #[serde(default)]
    pub(super) stops: Vec<String>,
}

/// Worked examples.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExampleFile {
    pub(super) example: Vec<Example>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    pub(super) problem: String,
    #[serde(default)]
    pub(super) options: Vec<String>,
    pub(super) solution: String,
    /// Empty where the solution is the answer, as a proof is.
    #[serde(default)]
    pub(super) answer: String,
}
