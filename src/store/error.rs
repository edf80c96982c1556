//! What can go wrong with a database. Messages complete "could not …".

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

/// What SQLite said. It can be copied, so that a writer that stopped can give its error to every later caller.
#[derive(Debug, Clone, Error)]
#[error("{message}")]
pub struct DatabaseError {
    /// SQLite's (extended) result code, where it gave one.
    pub code: Option<i32>,
    /// SQLite's sentence.
    pub message: String,
}

/// A store operation failed. Messages complete "could not …".
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// Read-only access to a file that is not there.
    #[error("open the database {}: there is no such file", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The path is a folder or a device.
    #[error("open the database {}: it is not a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The folder that the file would be in is not there.
    #[error("create the database {}: its folder does not exist", path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
    },
    /// A file of another kind.
    #[error("open the database {}: the file is not an SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A database that another program made.
    #[error("open the database {}: it belongs to another program (it has tables, and none of stepproof)", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A file without tables, opened to read.
    #[error("open the database {}: it is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A database that a newer stepproof made.
    #[error("open the database {}: it has schema version {found}, this program knows versions up to {known}; use a newer stepproof", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// A database of an older stepproof, opened to read.
    #[error("read the database {}: it has schema version {found}, this program needs {needed}; open it once for writing, as `eval` does, to bring it up to date", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The version needed.
        needed: i64,
    },
    /// A database whose schema was changed by hand or by a development version.
    #[error("open the database {}: its schema version {version} differs from the one this program knows", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// The version that differs.
        version: i64,
    },
    /// Another process holds the lock.
    #[error("use the database {}: another process has kept it locked for {} s", path.display(), waited.as_secs_f64())]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// No space left.
    #[error("write to the database {}: the disk is full", path.display())]
    Full {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: DatabaseError,
    },
    /// File or folder cannot be written to.
    #[error("write to the database {}: the file or its folder is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// A database that was not closed cleanly, in a folder where its log cannot be read in.
    #[error("read the database {}: it was not closed cleanly and its folder is read-only; copy it together with its -wal file to a folder that can be written to", path.display())]
    NeedsRecovery {
        /// The file.
        path: PathBuf,
    },
    /// The file may not be opened, for example for want of permission.
    #[error("open the database {}", path.display())]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: DatabaseError,
    },
    /// The file is damaged.
    #[error("use the database {}: the file is damaged", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: DatabaseError,
    },
    /// Anything else that SQLite refuses.
    #[error("use the database {}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: DatabaseError,
    },
    /// A write was asked of a store that was opened to read.
    #[error("write to the database {}: it was opened for reading only", path.display())]
    OpenedReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// No run is called this.
    #[error("find a run {text:?} in {}: {}", path.display(), if *runs == 0 { "it holds no runs" } else { "no run's id begins so" })]
    NoSuchRun {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        text: String,
        /// How many runs there are.
        runs: u64,
    },
    /// The text is too short to name a run.
    #[error("find a run {text:?}: give at least 4 characters of its id, or `last`")]
    RunPrefixTooShort {
        /// What was asked for.
        text: String,
    },
    /// Several runs begin with this text.
    #[error("find the run {text:?}: {} runs begin so: {}", candidates.len(), candidates.join(", "))]
    AmbiguousRun {
        /// What was asked for.
        text: String,
        /// Ids of the runs that begin so, newest first.
        candidates: Vec<String>,
    },
    /// The run has no such item.
    #[error("find the item {item_id:?} in the run (database {})", path.display())]
    NoSuchItem {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        item_id: String,
    },
    /// The run was deleted meanwhile.
    #[error("use a run of {}: it was deleted meanwhile", path.display())]
    RunGone {
        /// The file.
        path: PathBuf,
    },
    /// The target of a copy holds the run already.
    #[error("copy run {run_id} to {}: it holds that run already", path.display())]
    CopyExists {
        /// The target.
        path: PathBuf,
        /// The run.
        run_id: String,
    },
    /// The target of a copy is the source.
    #[error("copy a run to {}: it is the database that the run is in", path.display())]
    CopyOntoItself {
        /// The target.
        path: PathBuf,
    },
    /// A statement that `sql` does not run.
    #[error("run the statement: {reason}")]
    SqlRefused {
        /// Why.
        reason: &'static str,
    },
    /// A statement that SQLite refuses.
    #[error("run the statement")]
    SqlFailed {
        /// What SQLite said.
        source: DatabaseError,
    },
    /// A statement ran too long.
    #[error("finish the statement within {} s", limit.as_secs_f64())]
    SqlTimeout {
        /// The limit.
        limit: Duration,
    },
    /// A full-text query in raw syntax that FTS5 refuses.
    #[error("search for {text:?}: it is no full-text query")]
    TextQuery {
        /// The query.
        text: String,
        /// What SQLite said.
        source: DatabaseError,
    },
    /// The file of an export cannot be written.
    #[error("write the export {}", path.display())]
    Export {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Arc<std::io::Error>,
    },
    /// The output of an export takes no more.
    #[error("write the export")]
    Output {
        /// The cause; its kind is `BrokenPipe` where the reader has left.
        source: Arc<std::io::Error>,
    },
    /// The writer was closed before.
    #[error("store an attempt: the writer is closed")]
    WriterClosed,
}

impl StoreError {
    /// Sorts what sqlx says into the kinds that a user can do something about.
    pub(super) fn from_sqlx(path: &Path, waited: Duration, error: sqlx::Error) -> StoreError {
        let path = path.to_path_buf();
        let source = DatabaseError::from(&error);
        // The low byte is the primary code, the rest says more: https://www.sqlite.org/rescode.html
        match source.code.map(|code| code & 0xff) {
            Some(5 | 6) => StoreError::Busy { path, waited },
            Some(8) => StoreError::ReadOnly { path },
            Some(11) => StoreError::Corrupt { path, source },
            Some(13) => StoreError::Full { path, source },
            Some(14) => StoreError::CannotOpen { path, source },
            Some(26) => StoreError::NotADatabase { path },
            _ if matches!(error, sqlx::Error::PoolTimedOut) => StoreError::Busy { path, waited },
            _ => StoreError::Database { path, source },
        }
    }
}

impl From<&sqlx::Error> for DatabaseError {
    fn from(error: &sqlx::Error) -> DatabaseError {
        match error {
            sqlx::Error::Database(error) => DatabaseError {
                code: error.code().and_then(|code| code.parse().ok()),
                message: error.message().to_owned(),
            },
            other => DatabaseError { code: None, message: other.to_string() },
        }
    }
}
