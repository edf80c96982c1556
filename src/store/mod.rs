//! The database of all runs: one SQLite file that keeps everything and answers questions about it.
//!
//! Owns the schema (`migrations/`), the only writer of results, and read-only queries. It knows rows ([`row`]) and
//! nothing of models, strategies or suites: `run` turns words into rows.
//!
//! A [`Store`] has one connection that writes and four that only read, so a lock can only come from another process.
//! Attempts go in whole, many to a transaction, through an [`AttemptWriter`]; several processes share a run by leases
//! (`worker`). The file is in WAL mode and needs a local disk. After a power failure the last commits may be missing,
//! never half an attempt; a killed process loses nothing that was acknowledged.

mod copy;
mod error;
mod export;
mod insert;
mod open;
mod process;
mod query;
pub mod row;
mod run;
mod sql;
mod statement;
mod statement_check;
#[cfg(test)]
mod tests;
mod trace;
mod verdict;
mod view;
mod worker;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::Transaction;
use sqlx::sqlite::{Sqlite, SqlitePool};

pub use error::{DatabaseError, StoreError};
pub use export::{ExportFormat, ExportRow};
pub use query::{AttemptDetail, ItemDetail, RunFilter};
pub use row::{
    AttemptBundle, AttemptId, AttemptKey, AttemptRow, CallRow, CandidateRow, CompletionRow, GradedAttemptRow, ItemRow,
    ModelUsageRow, RunKey, RunRow, RunSummaryRow, StepRow, VerdictRow,
};
pub use run::{BegunRun, NewRun};
pub use sql::{SqlLimits, SqlRows};
pub use statement_check::StatementCheckRow;
pub use trace::{TextSearch, TraceFilter, TraceRow, TracedAttemptRow};
pub use verdict::ProofRow;
pub use view::{ViewDoc, views};
pub use worker::{HEARTBEAT_LIMIT, WorkerId};
pub use write::{AttemptWriter, CommitResult, Committed, WriterOptions, WriterStats};

/// What a database is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// Reading and writing; the file is created or brought up to date where needed.
    ReadWrite,
    /// Reading; the file must be there and up to date.
    ReadOnly,
}

/// Settings of an open database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// How long another process's lock is waited for.
    pub busy_timeout: Duration,
    /// The file may not grow past this many pages of 4,096 bytes; a file that would is a full disk.
    pub max_pages: Option<u32>,
}

impl StoreOptions {
    /// What the program uses: 10 s, no limit of size.
    pub const STANDARD: StoreOptions = StoreOptions { busy_timeout: Duration::from_secs(10), max_pages: None };
}

/// Shared handle on an open database.
#[derive(Debug, Clone)]
pub struct Store(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    options: StoreOptions,
    readers: SqlitePool,
    writer: Option<SqlitePool>,
}

impl Store {
    /// Opens a database with the usual settings.
    ///
    /// # Errors
    /// Names the file and what is wrong with it: not there, no database, of another program, of a newer version,
    /// locked, read-only, damaged. A file that is refused is not changed.
    pub async fn open(path: impl AsRef<Path>, mode: OpenMode) -> Result<Store, StoreError> {
        Store::open_with(path, mode, StoreOptions::STANDARD).await
    }

    /// Opens a database with settings of one's own.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(path: impl AsRef<Path>, mode: OpenMode, options: StoreOptions) -> Result<Store, StoreError> {
        let path = path.as_ref().to_path_buf();
        let (writer, readers) = open::open(&path, mode, options).await?;
        Ok(Store(Arc::new(Shared { path, options, readers, writer })))
    }

    /// Gives the file's path as it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Closes all connections, so that no side file (`-wal`, `-shm`) is left if no other process has it open.
    pub async fn close(&self) {
        self.0.readers.close().await;
        if let Some(writer) = &self.0.writer {
            writer.close().await;
        }
    }

    fn readers(&self) -> &SqlitePool {
        &self.0.readers
    }

    /// Begins a transaction that holds the write lock from its start, so that what it reads stays true.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        let writer = self.0.writer.as_ref().ok_or_else(|| StoreError::OpenedReadOnly { path: self.0.path.clone() })?;
        writer.begin_with(statement::BEGIN).await.map_err(|error| self.error(error))
    }

    async fn commit(&self, transaction: Transaction<'_, Sqlite>) -> Result<(), StoreError> {
        transaction.commit().await.map_err(|error| self.error(error))
    }

    fn error(&self, error: sqlx::Error) -> StoreError {
        StoreError::from_sqlx(&self.0.path, self.0.options.busy_timeout, error)
    }
}

/// Gives the time in microseconds since 1970.
fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
