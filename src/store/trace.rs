//! Finds steps and attempts in all runs: by run, item, verdict, writer, entropy, and by the words in them.

mod row;

use sqlx::QueryBuilder;
use sqlx::sqlite::Sqlite;

use super::row::RunKey;
use super::{DatabaseError, Store, StoreError};
pub use row::{TraceRow, TracedAttemptRow};

/// What to look for in the text of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextSearch {
    /// All of these words, in any order; any character is allowed. A word that is a formula (`\frac{1}{2}`) is found
    /// by the letters and digits in it, side by side.
    Words(String),
    /// A query in the syntax of SQLite's FTS5: `"a phrase" OR prefix*`.
    Query(String),
}

/// Which steps or attempts to find; `None` is any, all conditions must hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TraceFilter {
    /// The run.
    pub run: Option<RunKey>,
    /// Suite of the run.
    pub suite: Option<String>,
    /// Strategy of the run.
    pub strategy: Option<String>,
    /// Id of the item.
    pub item: Option<String>,
    /// Which attempt at the item.
    pub sample: Option<u32>,
    /// Current verdict on the attempt.
    pub verdict: Option<String>,
    /// Class of the verdict.
    pub class: Option<String>,
    /// How the attempt stopped.
    pub outcome: Option<String>,
    /// Role or model of the step's writer.
    pub writer: Option<String>,
    /// Thinking or answer.
    pub phase: Option<String>,
    /// Least entropy of the step's first token in nats; steps without one are left out.
    pub entropy_min_nats: Option<f64>,
    /// Largest entropy of the step's first token in nats; steps without one are left out.
    pub entropy_max_nats: Option<f64>,
    /// What the text must hold.
    pub text: Option<TextSearch>,
    /// How many to give.
    pub limit: Option<u32>,
    /// How many to leave out before them.
    pub offset: u32,
}

const COLUMNS: &str = "SELECT run.run_id, run.suite, run.strategy, item.item_id, attempt.sample, step.idx, step.phase,
    step.role, step.model, step.token_count, step.first_entropy_nats, step.end_reason, attempt.outcome,
    verdict.verdict, verdict.class, ";
const JOINS: &str = " JOIN attempt ON attempt.id = step.attempt
    JOIN item ON item.id = attempt.item
    JOIN run ON run.id = item.run
    LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1
    WHERE 1";
const MATCHED_TEXT: &str = "snippet(step_text, 0, '[', ']', '…', 24) AS snippet
    FROM step_text JOIN step ON step.id = step_text.rowid";
const PLAIN_TEXT: &str = "substr(step.text, 1, 200) AS snippet FROM step";
const ATTEMPTS: &str = "SELECT run.run_id, run.suite, run.strategy, item.item_id, attempt.sample, attempt.outcome,
    attempt.outcome_detail, verdict.verdict, verdict.class, verdict.extracted,
    (SELECT count(*) FROM step WHERE step.attempt = attempt.id) AS steps, attempt.completion_tokens, attempt.wall_ms,
    substr(attempt.candidate, 1, 200) AS snippet
    FROM attempt JOIN item ON item.id = attempt.item
    JOIN run ON run.id = item.run
    LEFT JOIN verdict ON verdict.attempt = attempt.id AND verdict.current = 1
    WHERE 1";
const ATTEMPT_ORDER: &str = "run.id DESC, item.position, item.id, attempt.sample";
const STEP_ORDER: &str = "run.id DESC, item.position, item.id, attempt.sample, step.idx";

impl TraceFilter {
    fn looks_at_steps(&self) -> bool {
        let numbers = self.entropy_min_nats.or(self.entropy_max_nats);
        let text = !matches!(text_conditions(self), (None, None));
        text || numbers.is_some() || self.writer.is_some() || self.phase.is_some()
    }
}

impl Store {
    /// Finds steps. Where text is searched for, the best matches come first; else the newest run's, in reading order.
    ///
    /// # Errors
    /// A text query in FTS5 syntax is not well formed, or the database cannot be read.
    pub async fn traces(&self, filter: &TraceFilter) -> Result<Vec<TraceRow>, StoreError> {
        let found = query(filter).build_query_as().fetch_all(self.readers()).await;
        found.map_err(|error| self.trace_error(filter, error))
    }

    /// Finds attempts: those that fit, and, where something is asked of steps, have at least one step that fits. The
    /// newest run's come first, in the order of items and samples.
    ///
    /// # Errors
    /// As [`Store::traces`].
    pub async fn traced_attempts(&self, filter: &TraceFilter) -> Result<Vec<TracedAttemptRow>, StoreError> {
        let found = attempt_query(filter).build_query_as().fetch_all(self.readers()).await;
        found.map_err(|error| self.trace_error(filter, error))
    }

    fn trace_error(&self, filter: &TraceFilter, error: sqlx::Error) -> StoreError {
        match (&filter.text, DatabaseError::from(&error)) {
            // Code 1 is a general error; the rest of the statement is ours and tested.
            (Some(TextSearch::Query(text)), source) if source.code == Some(1) => {
                StoreError::TextQuery { text: text.clone(), source }
            }
            _ => self.error(error),
        }
    }
}

pub(super) fn query(filter: &TraceFilter) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(COLUMNS);
    let (matched, held) = text_conditions(filter);
    let by_match = matched.is_some();
    query.push(if by_match { MATCHED_TEXT } else { PLAIN_TEXT }).push(JOINS);
    if let Some(matched) = matched {
        query.push(" AND step_text MATCH ").push_bind(matched);
    }
    push_step_conditions(&mut query, filter, held);
    push_attempt_conditions(&mut query, filter);
    query.push(if by_match { " ORDER BY step_text.rank, " } else { " ORDER BY " }).push(STEP_ORDER);
    push_limits(&mut query, filter);
    query
}

pub(super) fn attempt_query(filter: &TraceFilter) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(ATTEMPTS);
    push_attempt_conditions(&mut query, filter);
    let (matched, held) = text_conditions(filter);
    if filter.looks_at_steps() {
        query.push(" AND EXISTS (SELECT 1 FROM step WHERE step.attempt = attempt.id");
        push_step_conditions(&mut query, filter, held);
        if let Some(matched) = matched {
            query
                .push(" AND step.id IN (SELECT rowid FROM step_text WHERE step_text MATCH ")
                .push_bind(matched)
                .push(")");
        }
        query.push(")");
    }
    query.push(" ORDER BY ").push(ATTEMPT_ORDER);
    push_limits(&mut query, filter);
    query
}

/// Gives a query for the index, or a text that must be held as it is.
fn text_conditions(filter: &TraceFilter) -> (Option<String>, Option<String>) {
    match &filter.text {
        None => (None, None),
        Some(TextSearch::Query(text)) => (Some(text.replace('\0', " ")), None),
        Some(TextSearch::Words(text)) => words(text),
    }
}

fn push_step_conditions(query: &mut QueryBuilder<Sqlite>, filter: &TraceFilter, held: Option<String>) {
    if let Some(held) = held {
        query.push(" AND instr(step.text, ").push_bind(held).push(") > 0");
    }
    if let Some(phase) = &filter.phase {
        query.push(" AND step.phase = ").push_bind(phase.clone());
    }
    if let Some(writer) = &filter.writer {
        query.push(" AND (step.role = ").push_bind(writer.clone());
        query.push(" OR step.model = ").push_bind(writer.clone()).push(")");
    }
    if let Some(least) = filter.entropy_min_nats {
        query.push(" AND step.first_entropy_nats >= ").push_bind(least);
    }
    if let Some(largest) = filter.entropy_max_nats {
        query.push(" AND step.first_entropy_nats <= ").push_bind(largest);
    }
}

fn push_attempt_conditions(query: &mut QueryBuilder<Sqlite>, filter: &TraceFilter) {
    if let Some(run) = filter.run {
        query.push(" AND run.id = ").push_bind(run.0);
    }
    let texts = [
        (" AND run.suite = ", &filter.suite),
        (" AND run.strategy = ", &filter.strategy),
        (" AND item.item_id = ", &filter.item),
        (" AND verdict.verdict = ", &filter.verdict),
        (" AND verdict.class = ", &filter.class),
        (" AND attempt.outcome = ", &filter.outcome),
    ];
    for (condition, value) in texts {
        if let Some(value) = value {
            query.push(condition).push_bind(value.clone());
        }
    }
    if let Some(sample) = filter.sample {
        query.push(" AND attempt.sample = ").push_bind(sample);
    }
}

fn push_limits(query: &mut QueryBuilder<Sqlite>, filter: &TraceFilter) {
    // A negative limit is none.
    query.push(" LIMIT ").push_bind(filter.limit.map_or(-1, i64::from));
    query.push(" OFFSET ").push_bind(filter.offset);
}

/// Turns words into an FTS5 query that holds no syntax of the user's. Where no word holds a letter or digit the index
/// knows nothing of it, and the text itself is searched for the whole.
fn words(text: &str) -> (Option<String>, Option<String>) {
    let text = text.replace('\0', " ");
    if text.trim().is_empty() {
        return (None, None);
    }
    if !text.chars().any(char::is_alphanumeric) {
        return (None, Some(text.trim().to_owned()));
    }
    let quoted: Vec<String> = text
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    (Some(quoted.join(" ")), None)
}
