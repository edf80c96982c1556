//! Judging stored attempts again: candidates out, verdicts in beside the old ones.

use super::row::{AttemptId, CandidateRow, RunKey, VerdictRow};
use super::statement::{CANDIDATES, VERDICT_INSERT, VERDICT_SUPERSEDE};
use super::{Store, StoreError};

impl Store {
    /// Gives up to `limit` attempts of a run after the attempt `after`, in the order in which they were stored.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn candidates(
        &self,
        run: RunKey,
        after: Option<AttemptId>,
        limit: u32,
    ) -> Result<Vec<CandidateRow>, StoreError> {
        sqlx::query_as(CANDIDATES)
            .bind(run.0)
            .bind(after.map_or(0, |attempt| attempt.0))
            .bind(limit)
            .fetch_all(self.readers())
            .await
            .map_err(|error| self.error(error))
    }

    /// Adds verdicts in one transaction; each becomes the current one of its attempt, the older ones stay. Verdicts on
    /// attempts that were deleted meanwhile are dropped. Gives how many were stored.
    ///
    /// # Errors
    /// The database cannot be written to; then none is stored.
    pub async fn add_verdicts(&self, verdicts: &[(AttemptId, VerdictRow)]) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let mut stored = 0;
        for (attempt, verdict) in verdicts {
            sqlx::query(VERDICT_SUPERSEDE)
                .bind(attempt)
                .execute(&mut *transaction)
                .await
                .map_err(|error| self.error(error))?;
            let done = sqlx::query(VERDICT_INSERT)
                .bind(attempt)
                .bind(verdict.judged_us)
                .bind(&verdict.verifier)
                .bind(&verdict.verdict)
                .bind(&verdict.class)
                .bind(&verdict.decided_by)
                .bind(&verdict.extracted)
                .bind(verdict.lenient)
                .bind(verdict.check_ms.filter(|milliseconds| milliseconds.is_finite()))
                .bind(&verdict.limit_hit)
                .bind(&verdict.recheck)
                .bind(&verdict.detail)
                .execute(&mut *transaction)
                .await
                .map_err(|error| self.error(error))?;
            stored += done.rows_affected();
        }
        self.commit(transaction).await?;
        Ok(stored)
    }
}
