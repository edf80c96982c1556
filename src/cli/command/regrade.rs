//! `regrade`: the arguments of judging stored candidates again.

use clap::Args;

use crate::cli::args::{DataArg, DbArg, FormatArg, ProgressArg};
use crate::cli::settings::Settings;

/// Judge the stored answers of a run again with the present grader, and store the verdicts beside the old ones
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof regrade 0197c1")]
pub(crate) struct RegradeArgs {
    /// The run: its id or the beginning of it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    progress: ProgressArg,
}

impl RegradeArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.data.lay(&mut layer);
        self.format.lay(&mut layer);
        self.progress.lay(&mut layer);
        layer
    }
}
