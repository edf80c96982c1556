//! Judging stored attempts again: candidates out, verdicts in beside the old ones.

use sqlx::FromRow;

use super::row::{AttemptId, CandidateRow, RunKey, VerdictRow};
use super::statement::{CANDIDATES, PROOFS, VERDICT_INSERT, VERDICT_SUPERSEDE};
use super::{Store, StoreError};

/// A stored attempt at a proof with its current verdict, or an item that has no attempt yet.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ProofRow {
    /// Id of the item.
    pub item_id: String,
    /// Lean text before the statement.
    pub header: String,
    /// The statement in Lean.
    pub formal_statement: Option<String>,
    /// Which attempt at the item; none where there is none.
    pub sample: Option<u32>,
    /// What was judged.
    pub candidate: Option<String>,
    /// What its text is.
    pub candidate_kind: Option<String>,
    /// The verdict.
    pub verdict: Option<String>,
    /// Its class.
    pub class: Option<String>,
    /// What it rests on, JSON text.
    pub detail: Option<String>,
}

impl Store {
    /// Gives what a run holds of proofs: its items of these ids, each with its attempts and their current verdicts. An
    /// item without attempts is one row.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn proofs(&self, run: RunKey, item_ids: &[String]) -> Result<Vec<ProofRow>, StoreError> {
        sqlx::query_as(PROOFS)
            .bind(run.0)
            .bind(serde_json::json!(item_ids).to_string())
            .fetch_all(self.readers())
            .await
            .map_err(|error| self.error(error))
    }

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
