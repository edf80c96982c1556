//! Questions about runs and attempts.

use sqlx::FromRow;
use sqlx::sqlite::SqliteRow;

use super::row::{
    AttemptId, AttemptRow, CallRow, GradedAttemptRow, ItemRow, ModelUsageRow, RunKey, RunSummaryRow, StepRow,
    VerdictRow,
};
use super::statement::{
    ATTEMPTS_OF_ITEM, CALLS_OF_ATTEMPT, GRADED_ATTEMPTS, ITEM, ITEMS, RUN_SUMMARIES, STEPS_OF_ATTEMPT, USAGE_BY_MODEL,
    VERDICTS_OF_ATTEMPT,
};
use super::{Store, StoreError};

/// Which runs to list; `None` is any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunFilter {
    /// Name of the suite.
    pub suite: Option<String>,
    /// Name of the strategy.
    pub strategy: Option<String>,
    /// Hash of the spec.
    pub spec_hash: Option<String>,
    /// Only this run.
    pub run: Option<RunKey>,
    /// How many, newest first.
    pub limit: Option<u32>,
}

/// An item of a run with all its attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemDetail {
    /// The item.
    pub item: ItemRow,
    /// Its attempts in the order of samples.
    pub attempts: Vec<AttemptDetail>,
}

/// An attempt with everything that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptDetail {
    /// The attempt.
    pub attempt: AttemptRow,
    /// Its steps in order.
    pub steps: Vec<StepRow>,
    /// Its calls in order.
    pub calls: Vec<CallRow>,
    /// Its verdicts from the first to the current one.
    pub verdicts: Vec<VerdictRow>,
}

/// An attempt and its key.
#[derive(FromRow)]
pub(super) struct KeyedAttempt {
    #[sqlx(rename = "attempt_id")]
    pub(super) id: AttemptId,
    #[sqlx(flatten)]
    pub(super) attempt: AttemptRow,
}

impl Store {
    /// Lists runs with their counts, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn runs(&self, filter: &RunFilter) -> Result<Vec<RunSummaryRow>, StoreError> {
        sqlx::query_as(RUN_SUMMARIES)
            .bind(&filter.suite)
            .bind(&filter.strategy)
            .bind(&filter.spec_hash)
            .bind(filter.run.map(|run| run.0))
            // A negative limit is none.
            .bind(filter.limit.map_or(-1, i64::from))
            .fetch_all(self.readers())
            .await
            .map_err(|error| self.error(error))
    }

    /// Gives the items of a run in their order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn items(&self, run: RunKey) -> Result<Vec<ItemRow>, StoreError> {
        self.list(ITEMS, run).await
    }

    /// Gives every attempt of a run with its grade and cost, in the order of items and samples.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn graded_attempts(&self, run: RunKey) -> Result<Vec<GradedAttemptRow>, StoreError> {
        self.list(GRADED_ATTEMPTS, run).await
    }

    /// Gives what each model cost in a run, by role.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn usage_by_model(&self, run: RunKey) -> Result<Vec<ModelUsageRow>, StoreError> {
        self.list(USAGE_BY_MODEL, run).await
    }

    /// Gives an item with all its attempts, steps, calls and verdicts.
    ///
    /// # Errors
    /// The run has no such item, or the database cannot be read.
    pub async fn item_detail(&self, run: RunKey, item_id: &str) -> Result<ItemDetail, StoreError> {
        // One transaction, so that all parts are of one moment.
        let mut transaction = self.readers().begin().await.map_err(|error| self.error(error))?;
        let item: Option<ItemRow> = sqlx::query_as(ITEM)
            .bind(run.0)
            .bind(item_id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(|error| self.error(error))?;
        let item = item.ok_or_else(|| self.no_such_item(item_id))?;
        let keyed: Vec<KeyedAttempt> = sqlx::query_as(ATTEMPTS_OF_ITEM)
            .bind(run.0)
            .bind(item_id)
            .fetch_all(&mut *transaction)
            .await
            .map_err(|error| self.error(error))?;
        let mut attempts = Vec::with_capacity(keyed.len());
        for attempt in keyed {
            let detail = attempt_detail(&mut transaction, attempt).await;
            attempts.push(detail.map_err(|error| self.error(error))?);
        }
        Ok(ItemDetail { item, attempts })
    }

    async fn list<T>(&self, statement: &'static str, run: RunKey) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        sqlx::query_as(statement).bind(run.0).fetch_all(self.readers()).await.map_err(|error| self.error(error))
    }
}

/// Reads what belongs to an attempt.
pub(super) async fn attempt_detail(
    connection: &mut sqlx::SqliteConnection,
    KeyedAttempt { id, attempt }: KeyedAttempt,
) -> Result<AttemptDetail, sqlx::Error> {
    Ok(AttemptDetail {
        attempt,
        steps: sqlx::query_as(STEPS_OF_ATTEMPT).bind(id).fetch_all(&mut *connection).await?,
        calls: sqlx::query_as(CALLS_OF_ATTEMPT).bind(id).fetch_all(&mut *connection).await?,
        verdicts: sqlx::query_as(VERDICTS_OF_ATTEMPT).bind(id).fetch_all(&mut *connection).await?,
    })
}
