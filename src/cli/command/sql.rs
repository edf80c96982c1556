//! `sql`: a query of the user's own, on a connection that can only read.

use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stepproof::store::{OpenMode, SqlLimits, SqlRows, Store, StoreError, views};

use super::Session;
use crate::cli::args::{DbArg, FormatArg};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::open;
use crate::cli::output::{Format, Output};
use crate::cli::render::table::{Column, Tabular, names, words};
use crate::cli::settings::{Seconds, Settings};

/// Query the database with SQL; nothing can be changed this way
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
                        stepproof sql 'SELECT item_id, accuracy FROM accuracy_by_item' --format json\n\n\
                        The views of --views make queries short; any table can be read too. JSON lines are written as\n\
                        they come, in constant memory.")]
pub(crate) struct SqlArgs {
    /// The query: one SELECT, WITH, VALUES or EXPLAIN of these
    #[arg(value_name = "SELECT", required_unless_present = "views")]
    query: Option<String>,
    /// List the documented views with their columns
    #[arg(long, conflicts_with = "query")]
    views: bool,
    /// Give at most N rows [default: 10000, with jsonl all]
    #[arg(long, value_name = "N")]
    rows: Option<usize>,
    /// End a query that takes longer [default: 60, with jsonl no limit]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    timeout: Option<Seconds>,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
}

/// Rows of a document, which is in memory whole.
const ROWS: usize = 10_000;
const TIME: Duration = Duration::from_secs(60);

impl SqlArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.format.lay(&mut layer);
        layer
    }
}

/// A documented view.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListedView {
    /// Version of this form.
    schema: u32,
    /// Its name in SQL.
    name: String,
    /// What one row is.
    about: String,
    /// Its columns in order.
    columns: Vec<ListedColumn>,
}

/// A column of a view.
#[derive(Debug, Serialize, JsonSchema)]
struct ListedColumn {
    /// Its name in SQL.
    name: String,
    /// What it holds.
    about: String,
}

/// A line of the table of columns.
#[derive(Serialize)]
struct ColumnLine(String, String);

impl Tabular for ColumnLine {
    const COLUMNS: &'static [Column] = &[names("column"), words("what it holds")];

    fn cells(&self) -> Vec<String> {
        vec![self.0.clone(), self.1.clone()]
    }
}

/// Runs the command.
pub(super) fn run(args: &SqlArgs, session: &mut Session) -> Result<Exit, CliError> {
    let Some(query) = args.query.as_ref().filter(|_| !args.views) else {
        list_views(&mut session.output)?;
        return Ok(Exit::Done);
    };
    let streams = session.output.format() == Format::Jsonl;
    let time = args.timeout.map(|seconds| Duration::try_from_secs_f64(seconds.0).unwrap_or(Duration::MAX));
    let limits = SqlLimits {
        time: time.unwrap_or(if streams { Duration::MAX } else { TIME }),
        rows: args.rows.unwrap_or(if streams { usize::MAX } else { ROWS }),
    };
    let output = &mut session.output;
    let cut = open::with_store(&session.settings, OpenMode::ReadOnly, async |store| {
        let mut rows = ask(store, query, limits).await?;
        let columns = distinct(std::mem::take(&mut rows.columns));
        if streams {
            stream(output, &columns, &mut rows).await?;
        } else {
            let mut all = Vec::new();
            while let Some(row) = rows.next().await {
                all.push(row.map_err(timed_out)?);
            }
            output.grid(&columns, all.into_iter())?;
        }
        Ok(rows.truncated())
    })?;
    if cut {
        session.stderr.line(&format!("the first {} rows are shown, there are more; --rows N shows N", limits.rows));
    }
    Ok(Exit::Done)
}

async fn ask(store: &Store, query: &str, limits: SqlLimits) -> Result<SqlRows, CliError> {
    store.sql(query, limits).await.map_err(|error| {
        let hint = matches!(error, StoreError::SqlFailed { .. })
            .then(|| "stepproof sql --views lists the views and their columns".to_owned());
        CliError::from(error).hint_if(hint)
    })
}

fn timed_out(error: StoreError) -> CliError {
    let hint = matches!(error, StoreError::SqlTimeout { .. }).then(|| "--timeout SECONDS gives it more".to_owned());
    CliError::from(error).hint_if(hint)
}

/// Writes rows as they come. What was written before an error stays written: whole lines.
async fn stream(output: &mut Output, columns: &[String], rows: &mut SqlRows) -> Result<(), CliError> {
    let mut count = 0;
    while let Some(row) = rows.next().await {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                output.end_stream(count)?;
                return Err(timed_out(error));
            }
        };
        let object: serde_json::Map<String, Value> = columns.iter().cloned().zip(row).collect();
        output.stream(count, &object, |_| String::new())?;
        count += 1;
    }
    output.end_stream(count)
}

/// Numbers columns of one name, for the keys of an object are distinct: `a`, `a:1`, as SQLite does in subqueries.
fn distinct(columns: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.clone();
        let mut number = 0;
        while names.contains(&name) {
            number += 1;
            name = format!("{column}:{number}");
        }
        names.push(name);
    }
    names
}

fn list_views(output: &mut Output) -> Result<(), CliError> {
    let views = views();
    if output.format() == Format::Table {
        for (number, view) in views.into_iter().enumerate() {
            let gap = if number == 0 { "" } else { "\n" };
            output.text(&format!("{gap}{}: {}\n", view.name, view.about))?;
            output.records(view.columns.into_iter().map(|(name, about)| ColumnLine(name, about)))?;
        }
        return Ok(());
    }
    let listed = views.into_iter().map(|view| ListedView {
        schema: 1,
        name: view.name,
        about: view.about,
        columns: view.columns.into_iter().map(|(name, about)| ListedColumn { name, about }).collect(),
    });
    let mut count = 0;
    for view in listed {
        output.stream(count, &view, |_| String::new())?;
        count += 1;
    }
    output.end_stream(count)
}

#[cfg(test)]
mod tests {
    use super::distinct;

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let check = |given: &[&str], expected: &[&str]| {
            assert_eq!(distinct(given.iter().map(|name| (*name).to_owned()).collect()), expected);
        };
        check(&["a", "b", "a", "a"], &["a", "b", "a:1", "a:2"]);
        check(&["a", "a:1", "a"], &["a", "a:1", "a:2"]);
    }
}
