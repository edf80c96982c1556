//! The form of a script file: TOML with a few settings and a list of replies.

use serde::Deserialize;

/// A script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptFile {
    /// Name of the model; the file's stem by default.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// `chat` (default), `base` or `thinking`.
    #[serde(default)]
    pub(super) style: Style,
    /// Context length in tokens (words, in a script).
    #[serde(default = "default_context")]
    pub(super) context: u32,
    /// Milliseconds that each token takes.
    #[serde(default)]
    pub(super) token_ms: u64,
    /// What the model answers; the first that fits is taken, or one of several that fit equally, by the seed.
    pub(super) reply: Vec<Reply>,
}

fn default_context() -> u32 {
    8192
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Style {
    Base,
    #[default]
    Chat,
    Thinking,
}

/// One scripted answer, whole: a stepwise strategy is given it piece by piece.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    /// A text that the prompt must contain; left out, the reply fits every prompt.
    #[serde(default, rename = "match")]
    pub(super) needle: Option<String>,
    /// Everything that the model writes, think tags included.
    #[serde(default)]
    pub(super) text: String,
    /// Fails with this sentence instead of answering.
    #[serde(default)]
    pub(super) fail: Option<String>,
    /// How often it fails before it answers; for ever where left out.
    #[serde(default)]
    pub(super) fail_times: Option<u32>,
    /// Distributions at some places of the text; elsewhere the scripted token is certain.
    #[serde(default)]
    pub(super) distribution: Vec<ScriptedDistribution>,
}

/// The distribution of the token that follows a piece of text.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScriptedDistribution {
    /// The text before the token ends with this; empty means the beginning of the reply.
    pub(super) after: String,
    /// Tokens with their probabilities.
    pub(super) tokens: std::collections::BTreeMap<String, f32>,
}
