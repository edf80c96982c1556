//! The command line: reads arguments and settings, runs one command, writes its result, ends with its exit code.
//!
//! The only part that reads the environment, knows clap, and writes to standard output and standard error. Commands
//! stand in `command/`, one file each, and use the library's public API.

mod args;
mod checker;
mod command;
mod error;
mod exit;
mod guard;
mod interrupt;
mod judge;
mod lines;
mod open;
mod output;
mod progress;
mod recipe;
mod render;
mod settings;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use args::{Cli, ColorMode};
use error::CliError;
use exit::Exit;
use output::{Format, Output};
use progress::Stderr;

/// Runs the command that the process was started with.
pub(crate) fn main() -> ExitCode {
    let exit = guard::run(|| match start() {
        Ok(exit) => exit,
        Err(error) => {
            error.print();
            error.exit
        }
    });
    ExitCode::from(exit.code())
}

fn start() -> Result<Exit, CliError> {
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return show_clap(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return show_clap(&error.format(&mut Cli::command())),
    };
    let stderr = Stderr::new();
    start_log(cli.common.log.as_deref(), &stderr)?;
    command::run(cli, stderr)
}

/// Shows help and version on standard output, a wrong command line on standard error.
fn show_clap(error: &clap::Error) -> Result<Exit, CliError> {
    if error.use_stderr() {
        // A standard error that is gone is nothing to fail over.
        let _ = error.print();
        return Ok(Exit::BadInput);
    }
    let text = error.render();
    let styled = Output::is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let text = if styled { text.ansi().to_string() } else { text.to_string() };
    Output::new(Format::Table, None).text(&text)?;
    Ok(Exit::Done)
}

/// Sets colour for all of standard error.
fn set_color(mode: ColorMode) {
    match mode {
        // anstream looks at NO_COLOR and at the terminal itself.
        ColorMode::Auto => anstream::ColorChoice::Auto,
        ColorMode::Always => anstream::ColorChoice::Always,
        ColorMode::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// Sends log messages to standard error, past a progress bar.
fn start_log(filter: Option<&str>, stderr: &Stderr) -> Result<(), CliError> {
    let text = filter.unwrap_or("warn");
    let filter = tracing_subscriber::EnvFilter::try_new(text).map_err(|error| {
        CliError::new(Exit::BadInput, format!("use the log filter {text:?}"))
            .because(error)
            .hint("write a level such as debug, or part=level such as stepproof=trace")
    })?;
    let stderr = stderr.clone();
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .without_time()
        .with_writer(move || stderr.clone())
        .try_init();
    Ok(())
}
