//! The commands, one file each: its arguments, and `run`.
//!
//! To wire a command: give its file a `run`, add its variant to `args::Command`, and its arms to [`layer`] and
//! [`dispatch`]. JSON that it writes goes into `schema::SCHEMAS`.

pub(crate) mod bench;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod export;
pub(crate) mod grade;
pub(crate) mod lean;
pub(crate) mod man;
pub(crate) mod models;
pub(crate) mod regrade;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod solve;
pub(crate) mod sql;
pub(crate) mod traces;
pub(crate) mod verify;

use std::future::Future;
use std::path::Path;

use crate::cli::args::{Cli, ColorMode, Command};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, Output};
use crate::cli::progress::{ProgressMode, Stderr};
use crate::cli::settings::Settings;

/// What a command works with.
pub(crate) struct Session {
    /// All layers of settings.
    pub(crate) settings: Settings,
    /// Standard output.
    pub(crate) output: Output,
    /// Standard error.
    pub(crate) stderr: Stderr,
}

impl Session {
    fn new(settings: Settings, stderr: Stderr) -> Session {
        let format = settings.format.as_ref().map_or(Format::Table, |format| format.value);
        Session { settings, output: Output::new(format, columns()), stderr }
    }

    /// Gives how progress is to be shown.
    pub(crate) fn progress(&self) -> ProgressMode {
        self.settings.progress.as_ref().map_or(ProgressMode::Auto, |progress| progress.value)
    }

    /// Runs the asynchronous part of a command.
    ///
    /// # Errors
    /// The system gives no threads, or the part's own.
    pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| CliError::new(Exit::Missing, "start threads").because(error))?;
        runtime.block_on(future)
    }
}

/// The width that a user sets for tables; shells do not export it by themselves.
fn columns() -> Option<u16> {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok())
}

/// Gives a command's flags as a layer, and its run file.
fn layer(command: &Command) -> Result<(Settings, Option<&Path>), CliError> {
    Ok(match command {
        Command::Eval(eval) => (eval.layer()?, eval.config.as_deref()),
        Command::Solve(solve) => (solve.layer()?, None),
        Command::Bench(bench) => (bench.layer()?, None),
        Command::Verify(verify) => (verify.layer(), None),
        Command::Grade(grade) => (grade.layer(), None),
        Command::Regrade(regrade) => (regrade.layer(), None),
        Command::Runs(runs) => (runs.layer(), None),
        Command::Show(show) => (show.layer(), None),
        Command::Traces(traces) => (traces.layer(), None),
        Command::Sql(sql) => (sql.layer(), None),
        Command::Export(export) => (export.layer(), None),
        Command::Models(models) => (models.layer(), None),
        Command::Lean(lean) => (lean.layer(), None),
        Command::Doctor(doctor) => (doctor.layer(), None),
        Command::Schema(schema) => (schema.layer(), None),
        Command::Completions(_) | Command::Man(_) => (Settings::default(), None),
    })
}

/// Runs the command of a command line.
pub(crate) fn run(cli: Cli, stderr: Stderr) -> Result<Exit, CliError> {
    if let Some(color) = cli.common.color {
        super::set_color(color);
    }
    let (flags, run_file) = layer(&cli.command)?;
    let flags = flags.over(cli.common.layer());
    let settings =
        Settings::load(cli.common.settings.as_deref(), run_file, |name| std::env::var_os(name), flags.clone());
    let (settings, trouble) = match (settings, &cli.command) {
        (Ok(settings), _) => (settings, None),
        // These help to mend the settings, so they work without.
        (Err(error), Command::Doctor(_) | Command::Schema(_) | Command::Completions(_) | Command::Man(_)) => {
            (flags.over(Settings::defaults()), Some(error))
        }
        (Err(error), _) => return Err(error),
    };
    super::set_color(settings.color.as_ref().map_or(ColorMode::Auto, |color| color.value));
    dispatch(cli.command, Session::new(settings, stderr), trouble.as_ref())
}

fn dispatch(command: Command, mut session: Session, trouble: Option<&CliError>) -> Result<Exit, CliError> {
    match command {
        Command::Eval(eval) => eval::run(&eval, &mut session),
        Command::Solve(solve) => solve::run(&solve, &mut session),
        Command::Bench(bench) => bench::run(&bench, &mut session),
        Command::Verify(verify) => verify::run(&verify, &mut session),
        Command::Grade(grade) => grade::run(&grade, &mut session),
        Command::Regrade(regrade) => regrade::run(&regrade, &mut session),
        Command::Runs(runs) => runs::run(&runs, &mut session),
        Command::Show(show) => show::run(&show, &mut session),
        Command::Traces(traces) => traces::run(&traces, &mut session),
        Command::Sql(sql) => sql::run(&sql, &mut session),
        Command::Export(export) => export::run(&export, &mut session),
        Command::Models(models) => models::run(&models, &mut session),
        Command::Lean(lean) => lean::run(&lean, &mut session),
        Command::Schema(schema) => schema::run(&schema, &mut session),
        Command::Doctor(_) => doctor::run(&mut session, trouble),
        Command::Completions(completions) => completions::run(&completions, &mut session),
        Command::Man(man) => man::run(&man, &mut session),
    }
}
