//! Questions about runs and attempts.

use std::collections::HashMap;

use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{FromRow, Row};

use super::row::{
    AttemptId, AttemptRow, CallRow, GradedAttemptRow, ItemRow, ModelUsageRow, RunKey, RunSummaryRow, StepRow,
    VerdictRow,
};
use super::statement::{
    ATTEMPTS_OF_ITEM, CALLS_OF_ATTEMPTS, GRADED_ATTEMPTS, ITEM, ITEMS, RUN_SUMMARIES, STEPS_OF_ATTEMPTS,
    USAGE_BY_MODEL, VERDICTS_OF_ATTEMPTS,
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
        let attempts = attempt_details(&mut transaction, keyed).await.map_err(|error| self.error(error))?;
        Ok(ItemDetail { item, attempts })
    }

    async fn list<T>(&self, statement: &'static str, run: RunKey) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        sqlx::query_as(statement).bind(run.0).fetch_all(self.readers()).await.map_err(|error| self.error(error))
    }
}

/// Reads what belongs to some attempts, three statements for all of them; gives them in their order.
pub(super) async fn attempt_details(
    connection: &mut SqliteConnection,
    attempts: Vec<KeyedAttempt>,
) -> Result<Vec<AttemptDetail>, sqlx::Error> {
    let keys = serde_json::json!(attempts.iter().map(|attempt| attempt.id.0).collect::<Vec<_>>()).to_string();
    let mut steps = belongings(connection, STEPS_OF_ATTEMPTS, &keys).await?;
    let mut calls = belongings(connection, CALLS_OF_ATTEMPTS, &keys).await?;
    let mut verdicts = belongings(connection, VERDICTS_OF_ATTEMPTS, &keys).await?;
    let detail = |KeyedAttempt { id, attempt }: KeyedAttempt| AttemptDetail {
        attempt,
        steps: steps.remove(&id.0).unwrap_or_default(),
        calls: calls.remove(&id.0).unwrap_or_default(),
        verdicts: verdicts.remove(&id.0).unwrap_or_default(),
    };
    Ok(attempts.into_iter().map(detail).collect())
}

/// Reads rows that name their attempt in the column `attempt`, by attempt.
async fn belongings<T>(
    connection: &mut SqliteConnection,
    statement: &'static str,
    keys: &str,
) -> Result<HashMap<i64, Vec<T>>, sqlx::Error>
where
    T: for<'r> FromRow<'r, SqliteRow>,
{
    let mut belongings: HashMap<i64, Vec<T>> = HashMap::new();
    for row in sqlx::query(statement).bind(keys).fetch_all(connection).await? {
        belongings.entry(row.try_get("attempt")?).or_default().push(T::from_row(&row)?);
    }
    Ok(belongings)
}
