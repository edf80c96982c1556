//! Runs and their items: begin, join, find, extend, delete.

use std::collections::HashMap;

use sqlx::sqlite::SqliteConnection;

use super::insert::{self, ITEM};
use super::row::{AttemptKey, ItemRow, RunKey, RunRow};
use super::statement::{
    ATTEMPT_KEYS, COMPLETION, COMPLETIONS, ITEM_KEYS, RUN_COUNT, RUN_DELETE, RUN_INSERT, RUN_NEWEST, RUNS_BY_PREFIX,
    RUNS_WITH_SPEC,
};
use super::{Store, StoreError};

/// Shortest beginning of an id that names a run.
const PREFIX_LENGTH: usize = 4;
/// How many candidates an error names.
const CANDIDATES: usize = 10;

/// A run to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// The id it gets, a UUID v7 as text.
    pub run_id: String,
    /// Hash of the spec: runs with the same one are continued.
    pub spec_hash: String,
    /// The frozen spec, JSON text.
    pub spec: String,
    /// Name of the suite.
    pub suite: String,
    /// Name of the strategy.
    pub strategy: String,
    /// Models by role, for people: `main=smollm2-135m`.
    pub models: String,
    /// Version of the program.
    pub program_version: String,
    /// What it runs on, JSON text.
    pub machine: String,
    /// Now, in microseconds since 1970.
    pub created_us: i64,
}

/// The run to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BegunRun {
    /// The run.
    pub run: RunRow,
    /// Whether it was there before; then its id is not the one that was offered.
    pub joined: bool,
}

impl Store {
    /// Joins the newest run with this spec, or begins one if there is none or `fresh` asks for another.
    ///
    /// Two processes that begin the same spec at the same moment end on one run. Items that a joined run does not have
    /// are added to it.
    ///
    /// # Errors
    /// The database cannot be written to.
    pub async fn begin_or_join_run(
        &self,
        new: &NewRun,
        items: &[ItemRow],
        fresh: bool,
    ) -> Result<BegunRun, StoreError> {
        let mut transaction = self.begin().await?;
        let found: Option<RunRow> = if fresh {
            None
        } else {
            sqlx::query_as(RUNS_WITH_SPEC)
                .bind(&new.spec_hash)
                .fetch_optional(&mut *transaction)
                .await
                .map_err(|error| self.error(error))?
        };
        let joined = found.is_some();
        let run: RunRow = match found {
            Some(run) => run,
            None => sqlx::query_as(RUN_INSERT)
                .bind(&new.run_id)
                .bind(&new.spec_hash)
                .bind(&new.spec)
                .bind(&new.suite)
                .bind(&new.strategy)
                .bind(&new.models)
                .bind(&new.program_version)
                .bind(&new.machine)
                .bind(new.created_us)
                .fetch_one(&mut *transaction)
                .await
                .map_err(|error| self.error(error))?,
        };
        self.insert_items(&mut transaction, run.key, items).await?;
        self.commit(transaction).await?;
        Ok(BegunRun { run, joined })
    }

    /// Adds items to a run; those that it has already stay as they are.
    ///
    /// # Errors
    /// The run is gone, or the database cannot be written to.
    pub async fn add_items(&self, run: RunKey, items: &[ItemRow]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.check_run(&mut transaction, run).await?;
        self.insert_items(&mut transaction, run, items).await?;
        self.commit(transaction).await
    }

    /// Gives the runs with this spec, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn runs_with_spec(&self, spec_hash: &str) -> Result<Vec<RunRow>, StoreError> {
        sqlx::query_as(RUNS_WITH_SPEC)
            .bind(spec_hash)
            .fetch_all(self.readers())
            .await
            .map_err(|error| self.error(error))
    }

    /// Finds a run by its id, by at least four characters of its beginning, or the newest one by `last`.
    ///
    /// # Errors
    /// None or several are called so; the error names the candidates.
    pub async fn find_run(&self, text: &str) -> Result<RunRow, StoreError> {
        if text == "last" {
            let newest: Option<RunRow> =
                sqlx::query_as(RUN_NEWEST).fetch_optional(self.readers()).await.map_err(|error| self.error(error))?;
            return match newest {
                Some(run) => Ok(run),
                None => self.no_such_run(text).await,
            };
        }
        if text.chars().count() < PREFIX_LENGTH {
            return Err(StoreError::RunPrefixTooShort { text: text.to_owned() });
        }
        // Ids are lower case; what is typed may not be.
        let mut runs: Vec<RunRow> = sqlx::query_as(RUNS_BY_PREFIX)
            .bind(text.to_ascii_lowercase())
            .fetch_all(self.readers())
            .await
            .map_err(|error| self.error(error))?;
        match (runs.pop(), runs.is_empty()) {
            (Some(run), true) => Ok(run),
            (Some(run), false) => {
                runs.push(run);
                let candidates = runs.into_iter().map(|run| run.run_id).take(CANDIDATES).collect();
                Err(StoreError::AmbiguousRun { text: text.to_owned(), candidates })
            }
            (None, _) => self.no_such_run(text).await,
        }
    }

    /// Gives the keys of all committed attempts, in the order of items and samples.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn attempt_keys(&self, run: RunKey) -> Result<Vec<AttemptKey>, StoreError> {
        sqlx::query_as(ATTEMPT_KEYS).bind(run.0).fetch_all(self.readers()).await.map_err(|error| self.error(error))
    }

    /// Gives the logged completion of a request.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn completion(&self, run: RunKey, request_hash: &str) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar(COMPLETION)
            .bind(run.0)
            .bind(request_hash)
            .fetch_optional(self.readers())
            .await
            .map_err(|error| self.error(error))
    }

    /// Gives the whole completion log of a run, by request hash.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn completions(&self, run: RunKey) -> Result<HashMap<String, String>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(COMPLETIONS)
            .bind(run.0)
            .fetch_all(self.readers())
            .await
            .map_err(|error| self.error(error))?;
        Ok(rows.into_iter().collect())
    }

    /// Deletes a run with everything in it.
    ///
    /// # Errors
    /// The run is gone already, or the database cannot be written to.
    pub async fn delete_run(&self, run: RunKey) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        self.check_run(&mut transaction, run).await?;
        sqlx::query(RUN_DELETE).bind(run.0).execute(&mut *transaction).await.map_err(|error| self.error(error))?;
        self.commit(transaction).await
    }

    /// Gives the keys of those of a run's items that have one of these ids.
    pub(super) async fn item_keys(
        &self,
        connection: &mut SqliteConnection,
        run: RunKey,
        item_ids: &[&str],
    ) -> Result<Vec<(String, i64)>, StoreError> {
        sqlx::query_as(ITEM_KEYS)
            .bind(run.0)
            .bind(serde_json::json!(item_ids).to_string())
            .fetch_all(connection)
            .await
            .map_err(|error| self.error(error))
    }

    pub(super) fn no_such_item(&self, item_id: &str) -> StoreError {
        StoreError::NoSuchItem { path: self.path().to_path_buf(), item_id: item_id.to_owned() }
    }

    pub(super) async fn insert_items(
        &self,
        connection: &mut SqliteConnection,
        run: RunKey,
        items: &[ItemRow],
    ) -> Result<(), StoreError> {
        let rows = items.iter().map(|item| (run, item)).collect();
        insert::rows(connection, &ITEM, rows, insert::bind_item).await.map_err(|error| self.error(error))?;
        Ok(())
    }

    async fn no_such_run(&self, text: &str) -> Result<RunRow, StoreError> {
        let runs = sqlx::query_scalar(RUN_COUNT).fetch_one(self.readers()).await.map_err(|error| self.error(error))?;
        Err(StoreError::NoSuchRun { path: self.path().to_path_buf(), text: text.to_owned(), runs })
    }
}
