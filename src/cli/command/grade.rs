//! `grade`: the arguments of judging answers that were written elsewhere.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::FormatArg;
use crate::cli::settings::Settings;

/// Judge answers: JSON lines with id, gold, and answer or output
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
                        echo '{\"id\": \"1\", \"gold\": \"3/4\", \"answer\": \"0.75\"}' | stepproof grade --format jsonl")]
pub(crate) struct GradeArgs {
    /// The file [default: standard input]
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Show only answers with these verdicts: accepted, rejected, unknown [default: all]
    #[arg(long, value_name = "VERDICT", value_delimiter = ',')]
    pub(crate) verdict: Vec<String>,
    /// Show only answers of these classes: equal, different, no_answer, undecided [default: all]
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    pub(crate) class: Vec<String>,
    #[command(flatten)]
    format: FormatArg,
}

impl GradeArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.format.lay(&mut layer);
        layer
    }
}
