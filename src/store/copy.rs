//! Copies a run into another database file.

use std::fmt::Write as _;
use std::path::Path;

use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};

use super::row::RunRow;
use super::statement::BEGIN;
use super::statement::copy::{
    ATTACH, COPY_ATTEMPTS, COPY_CALLS, COPY_COMPLETIONS, COPY_ITEMS, COPY_OFFSETS, COPY_RUN, COPY_STATEMENT_CHECKS,
    COPY_STEPS, COPY_VERDICTS, RUN_ID_EXISTS,
};
use super::{OpenMode, Store, StoreError, open};

impl Store {
    /// Copies a run with everything in it into the database `target`, which is created or brought up to date where
    /// needed. The run keeps its id; the copy happens whole or not at all.
    ///
    /// # Errors
    /// The target is no database of this program, is this one, or holds the run already; the run is gone; or a file
    /// cannot be read or written.
    pub async fn copy_run(&self, run: &RunRow, target: &Path) -> Result<(), StoreError> {
        // Opened and closed: this makes all the checks and brings the schema up to date.
        let other = Store::open_with(target, OpenMode::ReadWrite, self.0.options).await?;
        other.close().await;
        let same = std::fs::canonicalize(self.path()).ok() == std::fs::canonicalize(target).ok();
        if same {
            return Err(StoreError::CopyOntoItself { path: target.to_path_buf() });
        }
        let options = open::writer_options(target, self.0.options)?;
        let mut connection = options.connect().await.map_err(|error| other.error(error))?;
        let copied = self.copy_over(&mut connection, run, &other).await;
        let closed = connection.close().await.map_err(|error| other.error(error));
        copied.and(closed)
    }

    async fn copy_over(
        &self,
        connection: &mut SqliteConnection,
        run: &RunRow,
        other: &Store,
    ) -> Result<(), StoreError> {
        let source = self.source_uri()?;
        sqlx::query(ATTACH).bind(source).execute(&mut *connection).await.map_err(|error| self.error(error))?;
        let mut transaction = connection.begin_with(BEGIN).await.map_err(|error| other.error(error))?;
        let there: Option<i64> = sqlx::query_scalar(RUN_ID_EXISTS)
            .bind(&run.run_id)
            .fetch_optional(&mut *transaction)
            .await
            .map_err(|error| other.error(error))?;
        if there.is_some() {
            return Err(StoreError::CopyExists { path: other.path().to_path_buf(), run_id: run.run_id.clone() });
        }
        // Keys of the copy are the old ones, moved past all that the target has ever given out.
        let (runs, items, attempts, steps): (i64, i64, i64, i64) =
            sqlx::query_as(COPY_OFFSETS).fetch_one(&mut *transaction).await.map_err(|error| other.error(error))?;
        let statements = [
            (COPY_RUN, runs, 0),
            (COPY_ITEMS, items, runs),
            (COPY_STATEMENT_CHECKS, items, 0),
            (COPY_ATTEMPTS, attempts, items),
            (COPY_STEPS, steps, attempts),
            (COPY_CALLS, attempts, 0),
            (COPY_VERDICTS, attempts, 0),
            (COPY_COMPLETIONS, runs, 0),
        ];
        for (statement, own, parent) in statements {
            let done = sqlx::query(statement)
                .bind(run.key.0)
                .bind(own)
                .bind(parent)
                .execute(&mut *transaction)
                .await
                .map_err(|error| other.error(error))?;
            if statement == COPY_RUN && done.rows_affected() == 0 {
                return Err(StoreError::RunGone { path: self.path().to_path_buf() });
            }
        }
        other.commit(transaction).await
    }

    /// Gives a URI that opens this database for reading only.
    fn source_uri(&self) -> Result<String, StoreError> {
        let path = std::path::absolute(self.path()).map_err(|error| open::cannot_open(self.path(), &error))?;
        let mut uri = "file:".to_owned();
        for byte in path.as_os_str().as_encoded_bytes() {
            if byte.is_ascii_alphanumeric() || *byte == b'/' {
                uri.push(char::from(*byte));
            } else {
                // Writing into a text cannot fail.
                let _ = write!(uri, "%{byte:02x}");
            }
        }
        uri.push_str("?mode=ro");
        Ok(uri)
    }
}
