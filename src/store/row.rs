//! Plain rows, as they go into the database and come out of it. `run` turns words into them.
//!
//! Keys are text ids (`item_id`, `run_id`); the database's integer keys stay inside, except where a verdict must name its
//! attempt. Names are those of the columns, so a row's JSON says what SQL says. Seeds are unsigned 64-bit numbers; the
//! database and JSON hold them as decimal text, because neither SQLite's integers nor JSON readers can hold them.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use sqlx::FromRow;

/// A run inside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RunKey(pub(super) i64);

/// An attempt inside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, sqlx::Type)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct AttemptId(pub(super) i64);

/// A stored run.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize, JsonSchema)]
pub struct RunRow {
    /// Key inside the database.
    #[sqlx(try_from = "i64")]
    #[serde(skip)]
    pub key: RunKey,
    /// The run's id.
    pub run_id: String,
    /// Hash of the spec.
    pub spec_hash: String,
    /// The frozen spec, JSON text.
    #[serde(serialize_with = "as_json")]
    #[schemars(with = "serde_json::Value")]
    pub spec: String,
    /// Name of the suite.
    pub suite: String,
    /// Name of the strategy.
    pub strategy: String,
    /// Models by role, for people.
    pub models: String,
    /// Version of the program that began it.
    pub program_version: String,
    /// What it began on, JSON text.
    #[serde(serialize_with = "as_json")]
    #[schemars(with = "serde_json::Value")]
    pub machine: String,
    /// When it began, in microseconds since 1970.
    pub created_us: i64,
}

impl From<i64> for RunKey {
    fn from(key: i64) -> RunKey {
        RunKey(key)
    }
}

/// A run with its counts. The last four counts add up to `attempts`.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize, JsonSchema)]
pub struct RunSummaryRow {
    /// The run.
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub run: RunRow,
    /// Items planned so far.
    pub items: u64,
    /// Committed attempts.
    pub attempts: u64,
    /// Attempts whose current verdict is accepted.
    pub accepted: u64,
    /// Attempts whose current verdict is rejected.
    pub rejected: u64,
    /// Attempts without a judgement, or judged unknown.
    pub unknown: u64,
    /// Attempts that infrastructure ended, whatever their verdict.
    pub failed: u64,
    /// Start of the newest attempt in microseconds since 1970.
    pub last_attempt_us: Option<i64>,
}

/// An item of a run.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize, JsonSchema)]
pub struct ItemRow {
    /// Place in the run, from 0.
    pub position: u32,
    /// Id of the item in its suite.
    pub item_id: String,
    /// The question.
    pub statement: String,
    /// Options of a multiple-choice question.
    #[sqlx(try_from = "JsonList")]
    pub options: Vec<String>,
    /// Form of the wanted answer (`AnswerForm::name`).
    pub form: String,
    /// The gold answer, where there is one.
    pub gold: Option<String>,
    /// Lean text before the formal statement: imports, options, opens, definitions.
    pub header: Option<String>,
    /// The statement in Lean, where a proof is wanted; `header` goes with it.
    pub formal_statement: Option<String>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, JsonSchema)]
pub struct AttemptRow {
    /// Id of the item; it must be one of the run's.
    pub item_id: String,
    /// Which attempt at the item, from 1.
    pub sample: u32,
    /// Seed of the attempt.
    #[sqlx(try_from = "Decimal")]
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub seed: u64,
    /// `Outcome::name`.
    pub outcome: String,
    /// `Outcome::detail`.
    pub outcome_detail: Option<String>,
    /// What is judged; none where nothing was written.
    pub candidate: Option<String>,
    /// What a Lean candidate's text is (`CandidateKind::name`).
    pub candidate_kind: Option<String>,
    /// Whether the output was cut by a length limit.
    pub truncated: bool,
    /// The conversation it started from, JSON text of its messages.
    #[serde(serialize_with = "as_json")]
    #[schemars(with = "serde_json::Value")]
    pub prompt: String,
    /// Start in microseconds since 1970.
    pub started_us: i64,
    /// Duration in milliseconds.
    pub wall_ms: f64,
    /// Model calls.
    pub calls: u64,
    /// Prompt tokens of all models.
    pub prompt_tokens: u64,
    /// Prompt tokens that needed no work; part of `prompt_tokens`.
    pub cached_tokens: u64,
    /// Generated tokens of all models.
    pub completion_tokens: u64,
    /// Generated tokens inside think tags; part of `completion_tokens`.
    pub reasoning_tokens: u64,
    /// Generated tokens that were thrown away; part of `completion_tokens`.
    pub wasted_tokens: u64,
    /// Who made it (`WorkerId::name`), for people.
    pub worker: Option<String>,
}

/// One accepted step; its place in the list is its index.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, JsonSchema)]
pub struct StepRow {
    /// `Phase::name`.
    pub phase: String,
    /// Role of the writer.
    pub role: String,
    /// Model of the writer.
    pub model: String,
    /// Text without the separator.
    pub text: String,
    /// What parts it from the next step.
    pub separator: String,
    /// Completion tokens of the accepted text.
    pub token_count: u32,
    /// Entropy of its first token in nats, where asked for.
    pub first_entropy_nats: Option<f64>,
    /// `StepEnd::name`.
    pub end_reason: String,
}

/// One model call; its place in the list is its index.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, JsonSchema)]
pub struct CallRow {
    /// Role of the model.
    pub role: String,
    /// Name of the model.
    pub model: String,
    /// Index of the step that it wrote or looked ahead of.
    pub step: u32,
    /// Ordinal of the call in its step.
    pub ordinal: u32,
    /// Seed of its sampler.
    #[sqlx(try_from = "Decimal")]
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub seed: u64,
    /// Key of the completion log.
    pub request_hash: String,
    /// A finish name, or `error`.
    pub finish: String,
    /// The error's sentence.
    pub error: Option<String>,
    /// Milliseconds from the attempt's start to the call's start.
    pub started_ms: f64,
    /// Milliseconds from start to end.
    pub wall_ms: f64,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Prompt tokens that needed no work.
    pub cached_tokens: u64,
    /// Generated tokens.
    pub completion_tokens: u64,
    /// Generated tokens inside think tags.
    pub reasoning_tokens: u64,
    /// Milliseconds of waiting for the model.
    pub queue_ms: f64,
    /// Milliseconds spent on the prompt.
    pub prefill_ms: f64,
    /// Milliseconds spent on generation.
    pub decode_ms: f64,
    /// Repeated tries.
    pub retries: u64,
    /// Whether token counts were counted here because the server did not say.
    pub estimated: bool,
    /// Entropy of the first content token in nats, where asked for.
    pub first_entropy_nats: Option<f64>,
    /// Whether its output was thrown away.
    pub wasted: bool,
}

/// One judgement of an attempt.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, JsonSchema)]
pub struct VerdictRow {
    /// When it was reached, in microseconds since 1970.
    pub judged_us: i64,
    /// Verifier and its version.
    pub verifier: String,
    /// `Verdict::name`.
    pub verdict: String,
    /// `Verdict::class`.
    pub class: String,
    /// Name of the rule that decided.
    pub decided_by: Option<String>,
    /// The answer found in the candidate.
    pub extracted: Option<String>,
    /// Whether the lenient rule would accept.
    pub lenient: bool,
    /// Milliseconds of Lean's check, waiting left out.
    pub check_ms: Option<f64>,
    /// The limit that ended Lean's check (`LimitHit::name`).
    pub limit_hit: Option<String>,
    /// The second look at an accepted proof (`Recheck::name`).
    pub recheck: Option<String>,
    /// What Lean's verdict rests on, JSON text.
    #[serde(serialize_with = "as_optional_json")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub detail: Option<String>,
}

/// One entry of the completion log, what `--replay` answers from.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct CompletionRow {
    /// Hash of the request.
    pub request_hash: String,
    /// The completion, text of the caller's making.
    pub completion: String,
}

/// One whole attempt, committed in one piece.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptBundle {
    /// The attempt.
    pub attempt: AttemptRow,
    /// Its steps in order.
    pub steps: Vec<StepRow>,
    /// Its calls in order.
    pub calls: Vec<CallRow>,
    /// New entries of the run's completion log; an older entry of the same hash is replaced.
    pub completions: Vec<CompletionRow>,
    /// The judgement, where one was reached.
    pub verdict: Option<VerdictRow>,
    /// Whether an older attempt of the same key goes if its outcome is `failed`.
    pub replace_failed: bool,
}

/// An attempt that is in the database.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct AttemptKey {
    /// Id of the item.
    pub item_id: String,
    /// Which attempt at the item.
    pub sample: u32,
    /// Whether its outcome is `failed`.
    pub failed: bool,
}

/// What is needed to judge a stored attempt again.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct CandidateRow {
    /// The attempt, for [`super::Store::add_verdicts`].
    pub attempt: AttemptId,
    /// Which attempt at the item.
    pub sample: u32,
    /// How the attempt stopped.
    pub outcome: String,
    /// What is judged.
    pub candidate: Option<String>,
    /// What a Lean candidate's text is.
    pub candidate_kind: Option<String>,
    /// Whether it was cut.
    pub truncated: bool,
    /// The item with its gold answer.
    #[sqlx(flatten)]
    pub item: ItemRow,
    /// The current verdict, where there is one.
    pub verdict: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// The rule that decided it.
    pub decided_by: Option<String>,
    /// The answer found.
    pub extracted: Option<String>,
    /// Whether the lenient rule accepted.
    pub lenient: Option<bool>,
    /// The verifier that judged.
    pub verifier: Option<String>,
}

/// An attempt with its grade and cost, what metrics are computed from.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, JsonSchema)]
pub struct GradedAttemptRow {
    /// Id of the item.
    pub item_id: String,
    /// Place of the item in the run.
    pub position: u32,
    /// Which attempt at the item.
    pub sample: u32,
    /// How it stopped.
    pub outcome: String,
    /// The limit, standstill or failure.
    pub outcome_detail: Option<String>,
    /// Whether the output was cut.
    pub truncated: bool,
    /// The current verdict.
    pub verdict: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// The answer found.
    pub extracted: Option<String>,
    /// Whether the lenient rule accepted; false where there is no verdict.
    pub lenient: bool,
    /// The second look at an accepted proof (`Recheck::name`).
    pub recheck: Option<String>,
    /// Model calls.
    pub calls: u64,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Prompt tokens that needed no work.
    pub cached_tokens: u64,
    /// Generated tokens.
    pub completion_tokens: u64,
    /// Generated tokens inside think tags.
    pub reasoning_tokens: u64,
    /// Generated tokens that were thrown away.
    pub wasted_tokens: u64,
    /// Start in microseconds since 1970.
    pub started_us: i64,
    /// Duration in milliseconds.
    pub wall_ms: f64,
}

/// What one model cost in a run, by role.
#[derive(Debug, Clone, PartialEq, FromRow, Serialize, JsonSchema)]
pub struct ModelUsageRow {
    /// Role of the model.
    pub role: String,
    /// Name of the model.
    pub model: String,
    /// Calls made.
    pub calls: u64,
    /// Calls that ended in an error.
    pub failed_calls: u64,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Prompt tokens that needed no work.
    pub cached_tokens: u64,
    /// Generated tokens.
    pub completion_tokens: u64,
    /// Generated tokens inside think tags.
    pub reasoning_tokens: u64,
    /// Generated tokens that were thrown away.
    pub wasted_tokens: u64,
    /// Milliseconds of waiting for the model.
    pub queue_ms: f64,
    /// Milliseconds spent on prompts.
    pub prefill_ms: f64,
    /// Milliseconds spent on generation.
    pub decode_ms: f64,
    /// Milliseconds from start to end, summed over calls.
    pub wall_ms: f64,
    /// Repeated tries.
    pub retries: u64,
    /// Whether any token count was counted here.
    pub estimated: bool,
}

/// Decimal text of an unsigned number.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(super) struct Decimal(String);

impl TryFrom<Decimal> for u64 {
    type Error = std::num::ParseIntError;

    fn try_from(text: Decimal) -> Result<u64, Self::Error> {
        text.0.parse()
    }
}

/// JSON text of a list of texts.
#[derive(sqlx::Type)]
#[sqlx(transparent)]
pub(super) struct JsonList(String);

impl TryFrom<JsonList> for Vec<String> {
    type Error = serde_json::Error;

    fn try_from(text: JsonList) -> Result<Vec<String>, Self::Error> {
        serde_json::from_str(&text.0)
    }
}

/// Writes JSON text as what it stands for, and other text as text.
fn as_json<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => value.serialize(serializer),
        Err(_) => serializer.serialize_str(text),
    }
}

fn as_optional_json<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => as_json(text, serializer),
        None => serializer.serialize_none(),
    }
}

fn as_text<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}
