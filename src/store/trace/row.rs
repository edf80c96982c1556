//! What a search for traces finds.

use schemars::JsonSchema;
use serde::Serialize;
use sqlx::FromRow;

/// A step that a search for traces found.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, JsonSchema)]
pub struct TraceRow {
    /// The run's id.
    pub run_id: String,
    /// Suite of the run.
    pub suite: String,
    /// Strategy of the run.
    pub strategy: String,
    /// Id of the item.
    pub item_id: String,
    /// Which attempt at the item.
    pub sample: u32,
    /// Index of the step.
    pub idx: u32,
    /// Thinking or answer.
    pub phase: String,
    /// Role of its writer.
    pub role: String,
    /// Model of its writer.
    pub model: String,
    /// Completion tokens.
    pub token_count: u32,
    /// Entropy of its first token in nats.
    pub first_entropy_nats: Option<f64>,
    /// Why it ended.
    pub end_reason: String,
    /// How the attempt stopped.
    pub outcome: String,
    /// Current verdict on the attempt.
    pub verdict: Option<String>,
    /// Class of the verdict.
    pub class: Option<String>,
    /// The part of the text that matches, found words between `[` and `]`; the text's beginning where no text was
    /// searched for.
    pub snippet: String,
}

/// An attempt that a search for traces found.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, JsonSchema)]
pub struct TracedAttemptRow {
    /// The run's id.
    pub run_id: String,
    /// Suite of the run.
    pub suite: String,
    /// Strategy of the run.
    pub strategy: String,
    /// Id of the item.
    pub item_id: String,
    /// Which attempt at the item.
    pub sample: u32,
    /// How it stopped.
    pub outcome: String,
    /// The limit, standstill or failure.
    pub outcome_detail: Option<String>,
    /// Current verdict.
    pub verdict: Option<String>,
    /// Class of the verdict.
    pub class: Option<String>,
    /// The answer found.
    pub extracted: Option<String>,
    /// Number of its steps.
    pub steps: u32,
    /// Generated tokens.
    pub completion_tokens: u64,
    /// Duration in milliseconds.
    pub wall_ms: f64,
    /// The candidate's beginning.
    pub snippet: Option<String>,
}
