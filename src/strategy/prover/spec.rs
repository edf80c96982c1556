//! The form in which an open prover is asked: a part of a preset's TOML, frozen into the run's hash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How a prover takes its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProverForm {
    /// As plain text that it goes on from.
    Raw,
    /// As a conversation through its chat template.
    Chat,
}

/// What of the item's header a prover is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HeaderPolicy {
    /// All of it.
    Whole,
    /// All of it, its empty lines left out.
    Dense,
}

/// How the statement ends in the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementTail {
    /// With `:= by`.
    By,
    /// With `:= by`, and `sorry` on a line of its own.
    BySorry,
}

/// What becomes of the statement in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DocPolicy {
    /// It is left out.
    None,
    /// It is a comment of Lean before the statement (`doc` in the template).
    Comment,
    /// It stands where the template names it (`informal`).
    Field,
}

/// Where the proof is in what a prover writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtractRule {
    /// All of it, up to the closing fence, goes on from the statement.
    Continuation,
    /// The last block of Lean behind the thinking part.
    LastBlock,
}

/// A sentence that a prover is asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestText {
    /// The sentence.
    pub text: String,
    /// Whether it is the one that the model was trained with; else it is our own wording of the same request.
    pub trained: bool,
}

/// The form in which a prover is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProverSpec {
    /// Plain text or conversation.
    pub form: ProverForm,
    /// System message, a template as `user` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The question: a template with the places `header`, `doc`, `statement`, `informal` and the names of `requests`.
    pub user: String,
    /// What the answer is made to begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<String>,
    /// What of the header is shown.
    pub header: HeaderPolicy,
    /// How the statement ends.
    pub tail: StatementTail,
    /// What becomes of the statement in words.
    pub doc: DocPolicy,
    /// What ends the output.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Where the proof is.
    pub extract: ExtractRule,
    /// Tokens that an answer has at least: with 1, an empty one is asked for again.
    #[serde(default)]
    pub min_tokens: u32,
    /// Where the form was seen.
    pub source: String,
    /// The sentences that the templates name.
    #[serde(default)]
    pub requests: BTreeMap<String, RequestText>,
}

/// What is known of a sentence that models were trained with, and our own wording of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownRequest {
    /// Bytes of the trained sentence.
    pub(super) bytes: usize,
    /// The first 12 hexadecimal digits of its SHA-256.
    pub(super) sha256: String,
    /// Our wording.
    pub(super) own: String,
}
