//! One read-only statement of the user's.
//!
//! Three walls: only a single statement that begins with SELECT, WITH, VALUES or EXPLAIN of these is taken (so no
//! ATTACH and no PRAGMA, which could undo the others); the connection's file is open for reading only; and
//! `query_only` is on. A time limit ends what would run for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde_json::Value;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{Sqlite, SqliteRow, SqliteValueRef};
use sqlx::{AssertSqlSafe, Column, Decode, Executor, Row, SqlSafeStr, Statement, TypeInfo, ValueRef};
use tokio::sync::mpsc;

use super::{DatabaseError, Store, StoreError};

/// Instructions of SQLite's machine between two looks at the clock; under a millisecond.
const LOOK_EVERY: i32 = 10_000;
/// SQLite's code for a statement that was interrupted.
const INTERRUPTED: i32 = 9;

/// How far a statement may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Time for all of it.
    pub time: Duration,
    /// Rows; what comes after them is left out.
    pub rows: usize,
}

/// The answer to a statement, row by row. Dropping it ends the statement.
#[derive(Debug)]
pub struct SqlRows {
    /// Names of the columns.
    pub columns: Vec<String>,
    rows: mpsc::Receiver<Result<Vec<Value>, StoreError>>,
    cut: Arc<AtomicBool>,
    dropped: Arc<AtomicBool>,
}

impl SqlRows {
    /// Gives the next row, its values in the order of the columns. Blobs are hexadecimal text.
    ///
    /// # Errors
    /// The statement failed or ran too long; nothing comes after.
    pub async fn next(&mut self) -> Option<Result<Vec<Value>, StoreError>> {
        self.rows.recv().await
    }

    /// Tells, after the last row, whether there would have been more.
    #[must_use]
    pub fn truncated(&self) -> bool {
        self.cut.load(Ordering::Acquire)
    }
}

impl Drop for SqlRows {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Release);
    }
}

impl Store {
    /// Runs one statement that only reads.
    ///
    /// # Errors
    /// The statement is not a single SELECT, WITH, VALUES or EXPLAIN, or SQLite refuses it. Errors that come up on the
    /// way are given by [`SqlRows::next`].
    pub async fn sql(&self, text: &str, limits: SqlLimits) -> Result<SqlRows, StoreError> {
        check(text)?;
        let mut connection = self.readers().acquire().await.map_err(|error| self.error(error))?;
        let statement = (&mut *connection)
            .prepare(AssertSqlSafe(text.to_owned()).into_sql_str())
            .await
            .map_err(|error| StoreError::SqlFailed { source: DatabaseError::from(&error) })?;
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        drop(statement);
        let (sender, rows) = mpsc::channel(64);
        let (cut, dropped) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let work = Work { text: text.to_owned(), limits, sender, cut: Arc::clone(&cut), dropped: Arc::clone(&dropped) };
        // A task of its own: whatever becomes of the reader, the connection's clock is taken off again.
        tokio::spawn(work.run(connection));
        Ok(SqlRows { columns, rows, cut, dropped })
    }
}

struct Work {
    text: String,
    limits: SqlLimits,
    sender: mpsc::Sender<Result<Vec<Value>, StoreError>>,
    cut: Arc<AtomicBool>,
    dropped: Arc<AtomicBool>,
}

impl Work {
    async fn run(self, mut connection: PoolConnection<Sqlite>) {
        if let Err(error) = self.answer(&mut connection).await {
            let source = DatabaseError::from(&error);
            let error = match source.code {
                Some(INTERRUPTED) => StoreError::SqlTimeout { limit: self.limits.time },
                _ => StoreError::SqlFailed { source },
            };
            // The reader may have gone.
            let _ = self.sender.send(Err(error)).await;
        }
        let cleared = connection.lock_handle().await.map(|mut handle| handle.remove_progress_handler()).is_ok();
        if !cleared {
            // Its thread is gone: it must not go back to the pool.
            drop(connection.detach());
        }
    }

    async fn answer(&self, connection: &mut PoolConnection<Sqlite>) -> Result<(), sqlx::Error> {
        let end = Instant::now().checked_add(self.limits.time);
        let dropped = Arc::clone(&self.dropped);
        connection.lock_handle().await?.set_progress_handler(LOOK_EVERY, move || {
            !dropped.load(Ordering::Acquire) && end.is_none_or(|end| Instant::now() < end)
        });
        let mut stream = sqlx::raw_sql(AssertSqlSafe(self.text.clone())).fetch(&mut **connection);
        let mut count = 0;
        while let Some(row) = stream.next().await {
            let row = values(&row?);
            if count == self.limits.rows {
                self.cut.store(true, Ordering::Release);
                break;
            }
            count += 1;
            if self.sender.send(Ok(row)).await.is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Gives the values of a row by their own types, which in SQLite need not be the columns'.
pub(super) fn values(row: &SqliteRow) -> Vec<Value> {
    (0..row.len()).map(|column| row.try_get_raw(column).map_or(Value::Null, value)).collect()
}

fn value(raw: SqliteValueRef<'_>) -> Value {
    if raw.is_null() {
        return Value::Null;
    }
    match raw.type_info().name() {
        "INTEGER" => <i64 as Decode<Sqlite>>::decode(raw).map_or(Value::Null, Value::from),
        "REAL" => <f64 as Decode<Sqlite>>::decode(raw).map_or(Value::Null, real),
        "BLOB" => <&[u8] as Decode<Sqlite>>::decode(raw).map_or(Value::Null, |bytes| Value::from(hexadecimal(bytes))),
        // Text need not be UTF-8 in SQLite.
        _ => <&[u8] as Decode<Sqlite>>::decode(raw)
            .map_or(Value::Null, |bytes| Value::from(String::from_utf8_lossy(bytes))),
    }
}

/// JSON has no infinity.
fn real(number: f64) -> Value {
    serde_json::Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses what is not one statement that reads.
fn check(text: &str) -> Result<(), StoreError> {
    let refuse = |reason| Err(StoreError::SqlRefused { reason });
    if text.contains('\0') {
        return refuse("it holds a NUL character");
    }
    let (words, rest) = first_statement(text);
    if words.is_empty() {
        return refuse("there is none");
    }
    if !rest.is_empty() {
        return refuse("there is more than one");
    }
    let mut words = words.iter().map(String::as_str);
    let mut first = words.next();
    // SQLite carries out some pragmas while it only explains them.
    if first == Some("EXPLAIN") {
        first = words.next();
        if first == Some("QUERY") {
            first = words.nth(1);
        }
    }
    match first {
        Some("SELECT" | "WITH" | "VALUES") => Ok(()),
        _ => refuse("only SELECT, WITH, VALUES and EXPLAIN of these are run here"),
    }
}

/// Gives the first four words of the first statement in upper case, and what stands after it, comments left out.
fn first_statement(text: &str) -> (Vec<String>, String) {
    let mut words: Vec<String> = Vec::new();
    let mut rest = String::new();
    let mut ended = false;
    let mut text = text;
    while let Some(character) = text.chars().next() {
        let length = match character {
            '-' if text.starts_with("--") => text.find('\n').unwrap_or(text.len()),
            '/' if text.starts_with("/*") => {
                text.get(2..).and_then(|body| body.find("*/")).map_or(text.len(), |at| at + 4)
            }
            '\'' | '"' | '`' => quoted(text, character),
            '[' => text.find(']').map_or(text.len(), |at| at + 1),
            _ if character.is_ascii_alphanumeric() || character == '_' => {
                text.find(|other: char| !other.is_ascii_alphanumeric() && other != '_').unwrap_or(text.len())
            }
            _ => character.len_utf8(),
        };
        let (token, after) = text.split_at_checked(length).unwrap_or((text, ""));
        let is_blank = token.starts_with("--") || token.starts_with("/*") || token.trim().is_empty() || token == ";";
        if ended && !is_blank {
            rest.push_str(token);
        } else if token == ";" {
            ended = !words.is_empty();
        } else if !is_blank && words.len() < 4 {
            words.push(token.to_ascii_uppercase());
        }
        text = after;
    }
    (words, rest)
}

/// Length of a quoted token; a doubled quote stands for itself, which two tokens in a row say as well.
fn quoted(text: &str, quote: char) -> usize {
    text.get(1..).and_then(|body| body.find(quote)).map_or(text.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_reading_statement_is_taken() {
        let check = |text: &str, taken: bool| assert_eq!(check(text).is_ok(), taken, "{text}");
        check("select 1", true);
        check("  -- a note\n /* ; drop */ SELECT ';' ; -- after\n", true);
        check("WITH a AS (SELECT 1) SELECT * FROM a;;", true);
        check("values (1)", true);
        check("explain select 1", true);
        check("EXPLAIN QUERY PLAN SELECT 1", true);
        check("SELECT ';it''s' AS [a;b], \"c;\"\"d\", `e;`", true);
        check("SELECT 'open", true);
        check(";SELECT 1", true);
        check("", false);
        check(" ; -- nothing", false);
        check("SELECT 1; SELECT 2", false);
        check("SELECT 1;ATTACH 'x' AS y", false);
        check("SELECT 1; /* */ PRAGMA query_only = 0", false);
        check("EXPLAIN PRAGMA query_only = 0", false);
        check("EXPLAIN QUERY PLAN DELETE FROM run", false);
        check("ATTACH 'x' AS y", false);
        check("PRAGMA user_version", false);
        check("DELETE FROM run", false);
        check("VACUUM INTO 'x'", false);
        check("'select'", false);
        check("(SELECT 1)", false);
        check("SELECT 1\0", false);
        check("é; SELECT 1", false);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_at_without_a_panic(text in "(?s).{0,80}") {
            let _ = check(&text);
        }
    }
}
