//! `eval`: the arguments of a run of a strategy on a suite.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::{BudgetArgs, DataArg, DbArg, FormatArg, ModelArgs, ProgressArg, SamplingArgs, StrategyArgs};
use crate::cli::error::CliError;
use crate::cli::settings::{Resolved, Settings};

/// Run a strategy on a suite, judge every answer and store every trace; the same command goes on after a stop
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  stepproof eval sample --model local:models/SmolLM2-135M-Instruct-Q4_1.gguf --limit 5"
)]
pub(crate) struct EvalArgs {
    /// The suite: a name, or the TOML file of a suite of your own [default: the run file's]
    #[arg(value_name = "SUITE")]
    suite: Option<String>,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    strategy: StrategyArgs,
    /// Make N attempts at each item [default: 1]
    #[arg(long, value_name = "N")]
    samples: Option<NonZeroU32>,
    /// Take at most N items [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU32>,
    /// Take the items in an order shuffled by this seed [default: the suite's order]
    #[arg(long, value_name = "N")]
    shuffle_seed: Option<u64>,
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    budget: BudgetArgs,
    /// Make up to N attempts at once [default: as many as the models take]
    #[arg(long, value_name = "N")]
    concurrency: Option<NonZeroU32>,
    /// Read the run's settings from a TOML file [default: none]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Start another run, even if the database holds one of the same description
    #[arg(long, conflicts_with_all = ["retry", "replay"])]
    pub(crate) fresh: bool,
    /// Make these attempts again [default: none]
    #[arg(long, value_name = "WHICH")]
    pub(crate) retry: Option<Retry>,
    /// Take completions from the completion log only
    #[arg(long)]
    pub(crate) replay: bool,
    /// Run one sequence at a time with fixed chunks, so that the same build writes the same tokens
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Show all settings with their origin, and what the run would do; run nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// End with exit code 1 if an attempt has one of these verdicts [default: none]
    #[arg(long, value_name = "VERDICT", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    progress: ProgressArg,
}

/// Attempts to be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Retry {
    /// Those that failed for infrastructure reasons.
    Failed,
}

/// Verdicts that make a finished run end with exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A wrong or missing answer.
    Rejected,
    /// An answer that could not be judged.
    Unknown,
}

impl EvalArgs {
    /// Gives the flags as a layer of settings.
    ///
    /// # Errors
    /// A role or a parameter that is given twice.
    pub(crate) fn layer(&self) -> Result<Settings, CliError> {
        let mut layer = Settings {
            suite: self.suite.clone().map(Resolved::flag),
            samples: self.samples.map(Resolved::flag),
            limit: self.limit.map(Resolved::flag),
            shuffle_seed: self.shuffle_seed.map(Resolved::flag),
            concurrency: self.concurrency.map(Resolved::flag),
            ..Settings::default()
        };
        self.models.lay(&mut layer)?;
        self.strategy.lay(&mut layer)?;
        self.sampling.lay(&mut layer);
        self.budget.lay(&mut layer);
        self.db.lay(&mut layer);
        self.data.lay(&mut layer);
        self.format.lay(&mut layer);
        self.progress.lay(&mut layer);
        Ok(layer)
    }
}
