//! The command line: every command that is wired, and the groups of flags that commands share.
//!
//! Flags carry no defaults of their own: an absent flag leaves its value to the layers below (`settings`), and its help
//! names the default. The arguments of one command stand beside its code in `command/`.

mod groups;
mod lean;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use groups::{BudgetArgs, DataArg, DbArg, FormatArg, ModelArgs, ProgressArg, SamplingArgs, StrategyArgs};
pub(crate) use lean::LeanArgs;

use crate::cli::command;
use crate::cli::settings::{Resolved, Settings};

/// Whether output has colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorMode {
    /// Colour on a terminal, unless NO_COLOR is set.
    Auto,
    /// Colour.
    Always,
    /// No colour.
    Never,
}

/// Answer problems step by step with language models, have every answer checked, and keep every trace
#[derive(Debug, Parser)]
#[command(
    name = "stepproof",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    propagate_version = false,
    after_help = "Results go to standard output, everything else to standard error.\n\
                  Environment: STEPPROOF_DB, STEPPROOF_DATA, STEPPROOF_LEAN and STEPPROOF_LEAN_PROJECT stand for --db,\n\
                  --data, --lean and --lean-project; NO_COLOR turns colour off."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct CommonArgs {
    /// Read settings from FILE [default: stepproof.toml in the working folder, where there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Use colour [default: auto, that is on a terminal unless NO_COLOR is set]
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = false)]
    pub(crate) color: Option<ColorMode>,
    /// Show log messages on standard error, such as debug or stepproof=trace [default: warn]
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
}

impl CommonArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        Settings { color: self.color.map(Resolved::flag), ..Settings::default() }
    }
}

/// The commands. A command stands here once it does its work, not before.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Eval(Box<command::eval::EvalArgs>),
    Solve(Box<command::solve::SolveArgs>),
    Verify(Box<command::verify::VerifyArgs>),
    Grade(command::grade::GradeArgs),
    Regrade(command::regrade::RegradeArgs),
    Runs(command::runs::RunsArgs),
    Show(command::show::ShowArgs),
    Traces(command::traces::TracesArgs),
    Sql(command::sql::SqlArgs),
    Export(command::export::ExportArgs),
    #[command(subcommand)]
    Models(command::models::ModelsCommand),
    #[command(subcommand)]
    Lean(Box<command::lean::LeanCommand>),
    Schema(command::schema::SchemaArgs),
    Doctor(command::doctor::DoctorArgs),
    #[command(subcommand)]
    Bench(command::bench::BenchCommand),
    Completions(command::completions::CompletionsArgs),
    Man(command::man::ManArgs),
}

#[cfg(test)]
mod tests;
