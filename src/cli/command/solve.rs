//! `solve`: the arguments of an attempt at one problem of the user's.

use clap::Args;

use crate::cli::args::{BudgetArgs, FormatArg, ModelArgs, SamplingArgs, StrategyArgs};
use crate::cli::error::CliError;
use crate::cli::settings::Settings;

/// Solve one problem and show the steps as they come
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  stepproof solve 'What is 7 * 8?' --model local:models/SmolLM2-135M-Instruct-Q4_1.gguf"
)]
pub(crate) struct SolveArgs {
    /// The problem [default: read from standard input]
    #[arg(value_name = "PROBLEM")]
    pub(crate) problem: Option<String>,
    /// Ask for an answer of this form: integer, number, expression, letter or text [default: expression]
    #[arg(long, value_name = "FORM", value_parser = answer_form)]
    pub(crate) form: Option<stepproof::problem::AnswerForm>,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    strategy: StrategyArgs,
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    budget: BudgetArgs,
    #[command(flatten)]
    format: FormatArg,
}

fn answer_form(text: &str) -> Result<stepproof::problem::AnswerForm, String> {
    use stepproof::problem::AnswerForm;
    AnswerForm::from_name(text).ok_or_else(|| {
        let names = AnswerForm::NAMES.map(|(name, _)| name);
        format!("the forms are {}", names.join(", "))
    })
}

impl SolveArgs {
    /// Gives the flags as a layer of settings.
    ///
    /// # Errors
    /// A role or a parameter that is given twice.
    pub(crate) fn layer(&self) -> Result<Settings, CliError> {
        let mut layer = Settings::default();
        self.models.lay(&mut layer)?;
        self.strategy.lay(&mut layer)?;
        self.sampling.lay(&mut layer);
        self.budget.lay(&mut layer);
        self.format.lay(&mut layer);
        Ok(layer)
    }
}
