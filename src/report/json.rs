//! The eval summary as JSON.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::budget::Usage;

/// Version of [`EvalSummary`].
pub(super) const SCHEMA: u32 = 1;

/// The figures of a run. Unknown and failed attempts count as unsolved in all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvalSummary {
    /// Version of this form.
    pub schema: u32,
    /// Id of the run.
    pub run_id: String,
    /// Hash of the run's description.
    pub spec_hash: String,
    /// Name of the suite.
    pub suite: String,
    /// The part of the suite; absent where the run does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// The wording of the statements; absent where the suite has one only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_set: Option<String>,
    /// Name of the strategy.
    pub strategy: String,
    /// Items with at least one attempt.
    pub items: u64,
    /// Attempts in all.
    pub attempts: u64,
    /// Most attempts at one item.
    pub samples: u64,
    /// Attempts that solved their item.
    pub accepted: u64,
    /// Attempts that were judged wrong or gave no answer.
    pub rejected: u64,
    /// Attempts that no judgement was reached on.
    pub unknown: u64,
    /// Attempts that failed for reasons of their surroundings.
    pub failed: u64,
    /// Attempts by class of their verdict.
    pub classes: BTreeMap<String, u64>,
    /// Mean over items of the share of accepted attempts; null without attempts.
    pub accuracy: Option<f64>,
    /// Its standard error, clustered by item; null for a single item.
    pub stderr: Option<f64>,
    /// Its 95% interval: Wilson's for one attempt an item, clustered by item for more.
    pub ci95: Option<[f64; 2]>,
    /// Unbiased pass@k by k, for each k that every item has attempts for.
    pub pass_at: BTreeMap<u64, f64>,
    /// Share of items whose majority among the first k attempts is right, by k.
    pub maj_at: BTreeMap<u64, f64>,
    /// Accuracy where the last number counts when no answer is stated.
    pub lenient_accuracy: Option<f64>,
    /// Attempts whose output was cut by a length limit.
    pub truncated: u64,
    /// Tokens of all models.
    pub tokens: TokenCounts,
    /// What each model did.
    pub by_model: BTreeMap<String, ModelUsage>,
    /// What the run cost.
    pub cost: Cost,
    /// Milliseconds that the run took.
    pub wall_ms: f64,
    /// What Lean judged with, and what of it; absent where it did not judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lean: Option<LeanSummary>,
    /// Statements that do not compile with `sorry`: they were not asked and count in no figure; absent where Lean did not
    /// judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped_statements: Option<SkippedStatements>,
    /// What was done about faults of the data.
    pub notes: Vec<String>,
}

/// Statements that were left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SkippedStatements {
    /// How many.
    pub count: u64,
    /// Ids of their items.
    pub ids: Vec<String>,
}

/// What Lean judged with, and how its second looks went. A proof counts when its second look confirmed it, or when the
/// run takes none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct LeanSummary {
    /// Its version.
    pub version: String,
    /// The commit that it was built from.
    pub commit: String,
    /// The project whose modules are there; null without one.
    pub project: Option<String>,
    /// Flags that decide what it accepts.
    pub flags: Vec<String>,
    /// Axioms that a proof may rest on.
    pub permitted_axioms: Vec<String>,
    /// When accepted proofs are judged again: `end`, `each` or `off`.
    pub recheck: String,
    /// Accepted proofs that the second look confirmed.
    pub confirmed: u64,
    /// Proofs that it refuted.
    pub refuted: u64,
    /// Proofs whose second look is still to come; they count as unknown.
    pub pending: u64,
    /// Proofs whose second look could not be taken; they count as unknown.
    pub unavailable: u64,
}

/// Tokens by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct TokenCounts {
    /// Prompt tokens.
    pub prompt: u64,
    /// Prompt tokens that were cached; part of `prompt`.
    pub cached: u64,
    /// Generated tokens.
    pub completion: u64,
}

/// What one model did in a run.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ModelUsage {
    /// Calls made.
    pub calls: u64,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Prompt tokens that were cached; part of `prompt_tokens`.
    pub cached_tokens: u64,
    /// Generated tokens.
    pub completion_tokens: u64,
    /// Generated tokens inside the think tags; part of `completion_tokens`.
    pub reasoning_tokens: u64,
    /// Milliseconds spent waiting for the model.
    pub queue_ms: f64,
    /// Milliseconds spent on prompts.
    pub prefill_ms: f64,
    /// Milliseconds spent on generation.
    pub decode_ms: f64,
    /// Repeated tries.
    pub retries: u64,
    /// Whether some counts were estimated.
    pub estimated: bool,
}

impl From<Usage> for ModelUsage {
    fn from(usage: Usage) -> Self {
        ModelUsage {
            calls: usage.calls,
            prompt_tokens: usage.prompt_tokens,
            cached_tokens: usage.cached_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            queue_ms: usage.queue_ms,
            prefill_ms: usage.prefill_ms,
            decode_ms: usage.decode_ms,
            retries: usage.retries,
            estimated: usage.estimated,
        }
    }
}

/// Money; useful and wasted together are the whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Spent on what became part of an attempt.
    pub useful: f64,
    /// Spent on retries and rejected drafts.
    pub wasted: f64,
    /// The prices' currency; null where nothing has a price.
    pub currency: Option<String>,
}
