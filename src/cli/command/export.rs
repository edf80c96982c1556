//! `export`: writes a run to a file or to standard output.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use stepproof::store::{ExportFormat, OpenMode};

use super::Session;
use crate::cli::args::DbArg;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::open;
use crate::cli::output::Output;
use crate::cli::render::bytes;
use crate::cli::settings::Settings;

/// Write all attempts of a run as JSON lines or CSV
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof export last --to run.jsonl.zst\n\n\
                        JSON lines hold steps, calls and the current verdict of each attempt; CSV has the columns of the\n\
                        view attempts_flat. A file appears under its name only when it is whole.")]
pub(crate) struct ExportArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    run: String,
    /// Write to FILE; a name in .jsonl, .jsonl.gz, .jsonl.zst, .csv, .csv.gz or .csv.zst tells the form [default:
    /// standard output]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Write in this form [default: the file's, jsonl for standard output]
    #[arg(long = "as", value_name = "FORM")]
    form: Option<ExportForm>,
    /// Replace FILE if it is there
    #[arg(long, requires = "to")]
    force: bool,
    #[command(flatten)]
    db: DbArg,
}

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportForm {
    /// One JSON object an attempt, with its steps.
    Jsonl,
    /// One row an attempt.
    Csv,
}

impl From<ExportForm> for ExportFormat {
    fn from(form: ExportForm) -> ExportFormat {
        match form {
            ExportForm::Jsonl => ExportFormat::Jsonl,
            ExportForm::Csv => ExportFormat::Csv,
        }
    }
}

impl ExportArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        layer
    }

    fn format(&self) -> Result<ExportFormat, CliError> {
        match (self.form, &self.to) {
            (Some(form), _) => Ok(form.into()),
            (None, None) => Ok(ExportFormat::Jsonl),
            (None, Some(path)) => ExportFormat::from_path(path).ok_or_else(|| {
                let message = format!("tell the form of an export from the name {}", path.display());
                CliError::new(Exit::BadInput, message).hint("name it .jsonl or .csv, or add --as jsonl or --as csv")
            }),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &ExportArgs, session: &mut Session) -> Result<Exit, CliError> {
    let format = args.format()?;
    if let Some(path) = args.to.as_deref().filter(|path| !args.force && path.exists()) {
        let error = CliError::new(Exit::BadInput, format!("write {}: it is there already", path.display()));
        return Err(error.hint("--force replaces it"));
    }
    let (count, run_id) = open::with_store(&session.settings, OpenMode::ReadOnly, async |store| {
        let run = store.find_run(&args.run).await?;
        let count = match &args.to {
            Some(path) => store.export_to_file(&run, format, path).await?,
            None => store.export(&run, format, Output::raw()).await?,
        };
        Ok((count, run.run_id))
    })?;
    let target = args.to.as_deref().map_or(String::new(), |path| format!(" to {} ({})", path.display(), size(path)));
    session.stderr.line(&format!("wrote {count} attempts of run {run_id}{target}"));
    Ok(if count == 0 { Exit::NothingSelected } else { Exit::Done })
}

fn size(path: &Path) -> String {
    std::fs::metadata(path).map_or_else(|_| "size unknown".to_owned(), |data| bytes(data.len()))
}
