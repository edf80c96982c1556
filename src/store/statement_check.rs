//! What Lean said of a run's statements before anything was asked of them.

use sqlx::FromRow;

use super::row::{AttemptId, CandidateRow, RunKey};
use super::statement::{PENDING_RECHECKS, STATEMENT_CHECK_INSERT, STATEMENT_CHECKS};
use super::{Store, StoreError};

/// What Lean said of an item's statement before anything was asked of it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StatementCheckRow {
    /// Id of the item.
    pub item_id: String,
    /// Lean's first message; none where the statement compiles with `sorry`.
    pub fault: Option<String>,
}

impl Store {
    /// Gives what is known of a run's statements, in the order of its items.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn statement_checks(&self, run: RunKey) -> Result<Vec<StatementCheckRow>, StoreError> {
        sqlx::query_as(STATEMENT_CHECKS).bind(run.0).fetch_all(self.readers()).await.map_err(|error| self.error(error))
    }

    /// Adds what was found of statements of a run in one transaction; what was known of them before is replaced.
    ///
    /// # Errors
    /// The database cannot be written to; then nothing is added.
    pub async fn add_statement_checks(&self, run: RunKey, checks: &[StatementCheckRow]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for check in checks {
            sqlx::query(STATEMENT_CHECK_INSERT)
                .bind(run.0)
                .bind(&check.item_id)
                .bind(&check.fault)
                .execute(&mut *transaction)
                .await
                .map_err(|error| self.error(error))?;
        }
        self.commit(transaction).await
    }

    /// Gives up to `limit` accepted attempts of a run after the attempt `after` whose second look is still to come, in
    /// the order in which they were stored.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn pending_rechecks(
        &self,
        run: RunKey,
        after: Option<AttemptId>,
        limit: u32,
    ) -> Result<Vec<CandidateRow>, StoreError> {
        sqlx::query_as(PENDING_RECHECKS)
            .bind(run.0)
            .bind(after.map_or(0, |attempt| attempt.0))
            .bind(limit)
            .fetch_all(self.readers())
            .await
            .map_err(|error| self.error(error))
    }
}
