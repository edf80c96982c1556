//! Inserts many rows with few statements.
//!
//! A row costs 2 us in a statement of 500 and 50 us alone, nearly all of it for sending and starting the statement. The
//! text of a statement depends on its number of rows, so only a few numbers are used and each statement is prepared
//! once.

use std::sync::{Arc, LazyLock};

use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe};

use super::row::{AttemptRow, CallRow, CompletionRow, ItemRow, RunKey, StepRow, VerdictRow};

/// Rows of one statement. The largest keeps 24 columns under SQLite's limit of 32,766 parameters.
const SIZES: [usize; 5] = [512, 128, 32, 8, 1];

/// An insert into one table, its text for each of `SIZES`.
pub(super) struct Insert([Arc<str>; SIZES.len()]);

impl Insert {
    fn new(table: &str, columns: &str, conflict: &str) -> Insert {
        let places = vec!["?"; columns.split(',').count()].join(",");
        Insert(SIZES.map(|size| {
            let rows = vec![format!("({places})"); size].join(",");
            format!("INSERT INTO {table} ({columns}) VALUES {rows} {conflict}").into()
        }))
    }

    /// The text for one row.
    #[cfg(test)]
    pub(super) fn single(&self) -> &str {
        self.0.last().map_or("", |text| text)
    }
}

pub(super) static ITEM: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "item",
        "run, position, item_id, statement, options, form, gold, header, formal_statement",
        "ON CONFLICT (run, item_id) DO NOTHING",
    )
});

pub(super) static ATTEMPT: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "attempt",
        "id, item, sample, seed, outcome, outcome_detail, candidate, candidate_kind, truncated, prompt, started_us, \
         wall_ms, calls, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, wasted_tokens, worker",
        "ON CONFLICT (item, sample) DO NOTHING",
    )
});

pub(super) static STEP: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "step",
        "attempt, idx, phase, role, model, text, separator, token_count, first_entropy_nats, end_reason",
        "",
    )
});

pub(super) static CALL: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "model_call",
        "attempt, idx, role, model, step, ordinal, seed, request_hash, finish, error, started_ms, wall_ms, \
         prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, queue_ms, prefill_ms, decode_ms, retries, \
         estimated, first_entropy_nats, wasted",
        "",
    )
});

pub(super) static VERDICT: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "verdict",
        "attempt, ordinal, current, judged_us, verifier, verdict, class, decided_by, extracted, lenient, check_ms, \
         limit_hit, recheck, detail",
        "",
    )
});

pub(super) static COMPLETION: LazyLock<Insert> = LazyLock::new(|| {
    Insert::new(
        "completion_log",
        "run, request_hash, completion",
        "ON CONFLICT (run, request_hash) DO UPDATE SET completion = excluded.completion",
    )
});

pub(super) static LEASE: LazyLock<Insert> = LazyLock::new(|| Insert::new("lease", "item, sample, worker", ""));

/// Inserts `rows` in order and gives how many were changed.
pub(super) async fn rows<T: Send>(
    connection: &mut SqliteConnection,
    insert: &Insert,
    rows: Vec<T>,
    bind: fn(&mut Binder, T),
) -> Result<u64, sqlx::Error> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    let mut changed = 0;
    for (size, text) in SIZES.iter().zip(&insert.0) {
        while left >= *size {
            let mut binder = Binder::default();
            for row in rows.by_ref().take(*size) {
                bind(&mut binder, row);
            }
            left -= *size;
            changed += binder.execute(connection, text).await?;
        }
    }
    Ok(changed)
}

/// The parameters of a statement on their way.
#[derive(Default)]
pub(super) struct Binder {
    arguments: SqliteArguments,
    failure: Option<sqlx::error::BoxDynError>,
}

impl Binder {
    fn add<'q, T>(&mut self, value: T)
    where
        T: sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    {
        if let Err(error) = self.arguments.add(value) {
            self.failure.get_or_insert(error);
        }
    }

    /// Adds a count; SQLite's integers are signed.
    fn count(&mut self, count: u64) {
        self.add(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Adds a duration. SQLite would take "not a number" for null, and one such value would refuse a whole batch.
    fn milliseconds(&mut self, milliseconds: f64) {
        self.add(if milliseconds.is_nan() { 0.0 } else { milliseconds });
    }

    async fn execute(self, connection: &mut SqliteConnection, text: &Arc<str>) -> Result<u64, sqlx::Error> {
        if let Some(error) = self.failure {
            return Err(sqlx::Error::Encode(error));
        }
        let done = sqlx::query_with(AssertSqlSafe(Arc::clone(text)), self.arguments).execute(connection).await?;
        Ok(done.rows_affected())
    }
}

pub(super) fn bind_item(binder: &mut Binder, (run, item): (RunKey, &ItemRow)) {
    binder.add(run.0);
    binder.add(item.position);
    binder.add(item.item_id.clone());
    binder.add(item.statement.clone());
    binder.add(serde_json::Value::from(item.options.clone()).to_string());
    binder.add(item.form.clone());
    binder.add(item.gold.clone());
    binder.add(item.header.clone());
    binder.add(item.formal_statement.clone());
}

pub(super) fn bind_attempt(binder: &mut Binder, (id, item, attempt): (i64, i64, AttemptRow)) {
    binder.add(id);
    binder.add(item);
    binder.add(attempt.sample);
    binder.add(attempt.seed.to_string());
    binder.add(attempt.outcome);
    binder.add(attempt.outcome_detail);
    binder.add(attempt.candidate);
    binder.add(attempt.candidate_kind);
    binder.add(attempt.truncated);
    binder.add(attempt.prompt);
    binder.add(attempt.started_us);
    binder.milliseconds(attempt.wall_ms);
    binder.count(attempt.calls);
    binder.count(attempt.prompt_tokens);
    binder.count(attempt.cached_tokens);
    binder.count(attempt.completion_tokens);
    binder.count(attempt.reasoning_tokens);
    binder.count(attempt.wasted_tokens);
    binder.add(attempt.worker);
}

pub(super) fn bind_step(binder: &mut Binder, (attempt, index, step): (i64, u32, StepRow)) {
    binder.add(attempt);
    binder.add(index);
    binder.add(step.phase);
    binder.add(step.role);
    binder.add(step.model);
    binder.add(step.text);
    binder.add(step.separator);
    binder.add(step.token_count);
    binder.add(step.first_entropy_nats);
    binder.add(step.end_reason);
}

pub(super) fn bind_call(binder: &mut Binder, (attempt, index, call): (i64, u32, CallRow)) {
    binder.add(attempt);
    binder.add(index);
    binder.add(call.role);
    binder.add(call.model);
    binder.add(call.step);
    binder.add(call.ordinal);
    binder.add(call.seed.to_string());
    binder.add(call.request_hash);
    binder.add(call.finish);
    binder.add(call.error);
    binder.milliseconds(call.started_ms);
    binder.milliseconds(call.wall_ms);
    binder.count(call.prompt_tokens);
    binder.count(call.cached_tokens);
    binder.count(call.completion_tokens);
    binder.count(call.reasoning_tokens);
    binder.milliseconds(call.queue_ms);
    binder.milliseconds(call.prefill_ms);
    binder.milliseconds(call.decode_ms);
    binder.count(call.retries);
    binder.add(call.estimated);
    binder.add(call.first_entropy_nats);
    binder.add(call.wasted);
}

/// Binds the first verdict of a new attempt.
pub(super) fn bind_verdict(binder: &mut Binder, (attempt, verdict): (i64, VerdictRow)) {
    binder.add(attempt);
    binder.add(0);
    binder.add(true);
    binder.add(verdict.judged_us);
    binder.add(verdict.verifier);
    binder.add(verdict.verdict);
    binder.add(verdict.class);
    binder.add(verdict.decided_by);
    binder.add(verdict.extracted);
    binder.add(verdict.lenient);
    binder.add(verdict.check_ms.filter(|milliseconds| milliseconds.is_finite()));
    binder.add(verdict.limit_hit);
    binder.add(verdict.recheck);
    binder.add(verdict.detail);
}

pub(super) fn bind_completion(binder: &mut Binder, (run, completion): (RunKey, CompletionRow)) {
    binder.add(run.0);
    binder.add(completion.request_hash);
    binder.add(completion.completion);
}

pub(super) fn bind_lease(binder: &mut Binder, (item, sample, worker): (i64, u32, i64)) {
    binder.add(item);
    binder.add(sample);
    binder.add(worker);
}
