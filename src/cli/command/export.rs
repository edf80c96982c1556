//! `export`: the arguments of writing a run to a file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::DbArg;
use crate::cli::settings::Settings;

/// Write all attempts of a run as JSON lines or CSV
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof export 0197c1 --to run.jsonl.zst")]
pub(crate) struct ExportArgs {
    /// The run: its id or the beginning of it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// Write to FILE; a name in .jsonl, .jsonl.gz, .jsonl.zst, .csv, .csv.gz or .csv.zst tells the form [default:
    /// standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) to: Option<PathBuf>,
    /// Write in this form [default: the file's, jsonl for standard output]
    #[arg(long = "as", value_name = "FORM")]
    pub(crate) form: Option<ExportForm>,
    /// Replace FILE if it is there
    #[arg(long, requires = "to")]
    pub(crate) force: bool,
    #[command(flatten)]
    db: DbArg,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    /// One JSON object an attempt, with its steps.
    Jsonl,
    /// One row an attempt.
    Csv,
}

impl ExportArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        layer
    }
}
