//! `traces`: the arguments of a search over stored attempts.

use std::num::NonZeroU32;

use clap::Args;

use crate::cli::args::{DbArg, FormatArg};
use crate::cli::settings::Settings;

/// Find stored attempts by run, suite, item, verdict, writer, entropy or words
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  stepproof traces --suite aime-2024 --verdict accepted --text modulo --format jsonl"
)]
pub(crate) struct TracesArgs {
    /// Only this run: its id or the beginning of it [default: all]
    #[arg(long, value_name = "RUN")]
    pub(crate) run: Option<String>,
    /// Only this suite [default: all]
    #[arg(long, value_name = "SUITE")]
    pub(crate) suite: Option<String>,
    /// Only this item [default: all]
    #[arg(long, value_name = "ITEM")]
    pub(crate) item: Option<String>,
    /// Only this verdict: accepted, rejected or unknown [default: all]
    #[arg(long, value_name = "VERDICT")]
    pub(crate) verdict: Option<String>,
    /// Only this class, such as equal, different, no_answer or undecided [default: all]
    #[arg(long, value_name = "CLASS")]
    pub(crate) class: Option<String>,
    /// Only this strategy [default: all]
    #[arg(long, value_name = "NAME")]
    pub(crate) strategy: Option<String>,
    /// Only attempts with a step by this writer, a role or a model's name [default: all]
    #[arg(long, value_name = "WRITER")]
    pub(crate) writer: Option<String>,
    /// Only attempts with a step whose first token has at least this entropy, in nats [default: any]
    #[arg(long, value_name = "NATS")]
    pub(crate) min_entropy: Option<f64>,
    /// Only attempts with a step whose first token has at most this entropy, in nats [default: any]
    #[arg(long, value_name = "NATS")]
    pub(crate) max_entropy: Option<f64>,
    /// Only attempts with a step that matches, in SQLite's full-text query form [default: any]
    #[arg(long, value_name = "QUERY")]
    pub(crate) text: Option<String>,
    /// Show at most N attempts [default: 100]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroU32>,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
}

impl TracesArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.format.lay(&mut layer);
        layer
    }
}
