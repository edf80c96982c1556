//! `runs`: the arguments of listing, deleting and copying runs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::{DbArg, FormatArg};
use crate::cli::settings::Settings;

/// List the runs in the database, newest first; delete or copy one
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = "Example:\n  stepproof runs --suite aime-2024")]
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
    /// The run: its id or the beginning of it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    #[command(flatten)]
    db: DbArg,
}

/// Copy a run with all its attempts into another database
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof runs copy 0197c1 --to shared.db")]
pub(crate) struct CopyArgs {
    /// The run: its id or the beginning of it
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
