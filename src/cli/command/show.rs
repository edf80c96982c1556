//! `show`: the arguments of looking at one run or one item of it.

use clap::Args;

use crate::cli::args::{DbArg, FormatArg};
use crate::cli::settings::Settings;

/// Show a run's summary, or the attempts at one of its items step by step
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof show 0197c1 2024_AIME_I_1")]
pub(crate) struct ShowArgs {
    /// The run: its id or the beginning of it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
    /// The item [default: the run as a whole]
    #[arg(value_name = "ITEM")]
    pub(crate) item: Option<String>,
    /// Show only this sample, from 1 [default: all]
    #[arg(long, value_name = "K", requires = "item")]
    pub(crate) sample: Option<std::num::NonZeroU32>,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
}

impl ShowArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.format.lay(&mut layer);
        layer
    }
}
