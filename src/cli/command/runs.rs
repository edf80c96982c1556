//! `runs`: lists, deletes and copies runs.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::store::{OpenMode, RunFilter, RunRow, RunSummaryRow, Store};

use super::Session;
use crate::cli::args::{DbArg, FormatArg};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::open;
use crate::cli::render::moment;
use crate::cli::render::table::{Column, Tabular, names, numbers, words};
use crate::cli::settings::Settings;

/// List the runs in the database, newest first; delete or copy one
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Example:\n  stepproof runs --suite aime-2024\n\n\
                  In the table, a/r/u/f are accepted, rejected, unknown and failed attempts; times are UTC. Ends with\n\
                  exit code 4 if no run fits the filters."
)]
pub(crate) struct RunsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<RunsCommand>,
    /// Show only runs on this suite [default: all]
    #[arg(long, value_name = "SUITE")]
    pub(crate) suite: Option<String>,
    /// Show only runs of this strategy [default: all]
    #[arg(long, value_name = "NAME")]
    pub(crate) strategy: Option<String>,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
}

/// What to do with one run.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    Delete(DeleteArgs),
    Copy(CopyArgs),
}

/// Delete a run with all its attempts
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof runs delete 0197c1")]
pub(crate) struct DeleteArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    #[command(flatten)]
    db: DbArg,
}

/// Copy a run with all its attempts into another database
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof runs copy 0197c1 --to shared.db")]
pub(crate) struct CopyArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Copy into the database FILE, which is made if it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    #[command(flatten)]
    db: DbArg,
}

impl RunsArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        match &self.command {
            None => {
                self.db.lay(&mut layer);
                self.format.lay(&mut layer);
            }
            Some(RunsCommand::Delete(delete)) => delete.db.lay(&mut layer),
            Some(RunsCommand::Copy(copy)) => copy.db.lay(&mut layer),
        }
        layer
    }
}

/// A run in the list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListedRun {
    /// Version of this form.
    schema: u32,
    /// The shortest beginning of the id that names the run in this database.
    short_id: String,
    #[serde(flatten)]
    summary: Figures,
    /// Mean over items of the share of accepted attempts; null without attempts.
    accuracy: Option<f64>,
}

/// What a run is and how its attempts ended. The last four counts add up to `attempts`.
#[derive(Debug, Serialize, JsonSchema)]
struct Figures {
    /// The run's id.
    run_id: String,
    /// Hash of its description.
    spec_hash: String,
    /// Name of the suite.
    suite: String,
    /// Name of the strategy.
    strategy: String,
    /// Models by role, for people.
    models: String,
    /// Version of the program that began it.
    program_version: String,
    /// When it began, in microseconds since 1970.
    created_us: i64,
    /// Start of the newest attempt in microseconds since 1970.
    last_attempt_us: Option<i64>,
    /// Items planned so far.
    items: u64,
    /// Committed attempts.
    attempts: u64,
    /// Attempts that were accepted.
    accepted: u64,
    /// Attempts that were rejected.
    rejected: u64,
    /// Attempts without a judgement.
    unknown: u64,
    /// Attempts that infrastructure ended.
    failed: u64,
}

impl From<RunSummaryRow> for Figures {
    fn from(row: RunSummaryRow) -> Figures {
        Figures {
            run_id: row.run.run_id,
            spec_hash: row.run.spec_hash,
            suite: row.run.suite,
            strategy: row.run.strategy,
            models: row.run.models,
            program_version: row.run.program_version,
            created_us: row.run.created_us,
            last_attempt_us: row.last_attempt_us,
            items: row.items,
            attempts: row.attempts,
            accepted: row.accepted,
            rejected: row.rejected,
            unknown: row.unknown,
            failed: row.failed,
        }
    }
}

impl Tabular for ListedRun {
    const COLUMNS: &'static [Column] = &[
        names("run"),
        words("begun"),
        words("suite, strategy"),
        words("models"),
        numbers("items"),
        numbers("tries"),
        numbers("a/r/u/f"),
        numbers("%"),
    ];

    fn cells(&self) -> Vec<String> {
        let Figures { accepted, rejected, unknown, failed, .. } = &self.summary;
        // The role is plain where there is one model only.
        let models = match self.summary.models.strip_prefix("main=") {
            Some(model) if !model.contains(' ') => model,
            _ => &self.summary.models,
        };
        vec![
            self.short_id.clone(),
            moment(self.summary.created_us),
            format!("{}, {}", self.summary.suite, self.summary.strategy),
            models.to_owned(),
            self.summary.items.to_string(),
            self.summary.attempts.to_string(),
            format!("{accepted}/{rejected}/{unknown}/{failed}"),
            self.accuracy.map_or(String::new(), |accuracy| format!("{:.1}", 100.0 * accuracy)),
        ]
    }
}

/// Runs the command.
pub(super) fn run(args: &RunsArgs, session: &mut Session) -> Result<Exit, CliError> {
    match &args.command {
        None => list(args, session),
        Some(RunsCommand::Delete(args)) => delete(args, session),
        Some(RunsCommand::Copy(args)) => copy(args, session),
    }
}

fn list(args: &RunsArgs, session: &mut Session) -> Result<Exit, CliError> {
    let filter = RunFilter { suite: args.suite.clone(), strategy: args.strategy.clone(), ..RunFilter::default() };
    let (rows, short, accuracies) = open::with_store(&session.settings, OpenMode::ReadOnly, async |store| {
        Ok((store.runs(&filter).await?, open::short_ids(store).await?, accuracies(store).await?))
    })?;
    let found = !rows.is_empty();
    session.output.records(rows.into_iter().map(|row| ListedRun {
        schema: 1,
        short_id: short.short(&row.run.run_id).to_owned(),
        accuracy: accuracies.get(&row.run.run_id).copied(),
        summary: row.into(),
    }))?;
    if found {
        return Ok(Exit::Done);
    }
    if args.suite.is_none() && args.strategy.is_none() {
        session.stderr.line("the database holds no runs");
        return Ok(Exit::Done);
    }
    session.stderr.line("no run fits; stepproof runs lists all");
    Ok(Exit::NothingSelected)
}

async fn accuracies(store: &Store) -> Result<HashMap<String, f64>, CliError> {
    let rows = open::own_sql(store, "SELECT run_id, avg(accuracy) FROM accuracy_by_item GROUP BY run_id").await?;
    let pair = |row: Vec<serde_json::Value>| match row.as_slice() {
        [run, accuracy] => Some((run.as_str()?.to_owned(), accuracy.as_f64()?)),
        _ => None,
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

fn delete(args: &DeleteArgs, session: &mut Session) -> Result<Exit, CliError> {
    let what = open::with_store(&session.settings, OpenMode::ReadWrite, async |store| {
        let run = store.find_run(&args.run).await?;
        let what = describe(store, &run).await?;
        store.delete_run(run.key).await?;
        Ok(what)
    })?;
    session.stderr.line(&format!("deleted {what}"));
    Ok(Exit::Done)
}

fn copy(args: &CopyArgs, session: &mut Session) -> Result<Exit, CliError> {
    let what = open::with_store(&session.settings, OpenMode::ReadOnly, async |store| {
        let run = store.find_run(&args.run).await?;
        store.copy_run(&run, &args.to).await?;
        describe(store, &run).await
    })?;
    session.stderr.line(&format!("copied {what} to {}", args.to.display()));
    Ok(Exit::Done)
}

/// Says in one line what a run is.
async fn describe(store: &Store, run: &RunRow) -> Result<String, CliError> {
    let rows = store.runs(&RunFilter { run: Some(run.key), ..RunFilter::default() }).await?;
    let (items, attempts) = rows.first().map_or((0, 0), |row| (row.items, row.attempts));
    let (id, suite, strategy) = (&run.run_id, &run.suite, &run.strategy);
    Ok(format!("run {id} ({suite}, {strategy}): {attempts} attempts at {items} items"))
}
