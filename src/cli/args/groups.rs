//! Groups of flags that several commands share, each with its layer of settings.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use stepproof::model::RoleSpec;
use toml::de::DeValue;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::progress::ProgressMode;
use crate::cli::settings::{Resolved, Seconds, Settings, Temperature, TopP, scalar};

/// Where results are stored.
#[derive(Debug, Args)]
pub(crate) struct DbArg {
    /// Use the database FILE [default: stepproof.db] [env: STEPPROOF_DB]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// Where data sets lie.
#[derive(Debug, Args)]
pub(crate) struct DataArg {
    /// Read data sets from DIR [default: data] [env: STEPPROOF_DATA]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// How results are written.
#[derive(Debug, Args)]
pub(crate) struct FormatArg {
    /// Write results in this form [default: table]
    #[arg(long, value_name = "FORM")]
    format: Option<Format>,
}

/// How progress is shown.
#[derive(Debug, Args)]
pub(crate) struct ProgressArg {
    /// Show progress on standard error [default: auto, a bar on a terminal, else lines]
    #[arg(long, value_name = "HOW")]
    progress: Option<ProgressMode>,
}

/// Which models play which part.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// Use a model: local:PATH, openai:SERVED@URL, script:FILE or a name from the settings; with ROLE= for a role other
    /// than main (small, large, critic, embedder, prover, judge)
    #[arg(long = "model", value_name = "[ROLE=]SPEC")]
    models: Vec<RoleSpec>,
}

/// Which strategy writes, and its parameters.
#[derive(Debug, Args)]
pub(crate) struct StrategyArgs {
    /// Write answers with this strategy [default: cot]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Set a parameter of the strategy; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE")]
    parameters: Vec<Parameter>,
    /// Take prompt templates from DIR before those that are built in [default: built in only]
    #[arg(long, value_name = "DIR")]
    prompts: Option<PathBuf>,
}

/// How tokens are chosen.
#[derive(Debug, Args)]
pub(crate) struct SamplingArgs {
    /// Derive all random choices from this seed [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Sample at this temperature, 0 takes the likeliest token [default: the strategy's]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    temperature: Option<Temperature>,
    /// Sample from the smallest set of tokens with this probability mass [default: the strategy's]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    top_p: Option<TopP>,
    /// Let one call write at most N tokens [default: the strategy's]
    #[arg(long, value_name = "N")]
    max_tokens: Option<NonZeroU32>,
}

/// Limits of an attempt.
#[derive(Debug, Args)]
pub(crate) struct BudgetArgs {
    /// Let an attempt write at most N tokens, all models together [default: no limit]
    #[arg(long, value_name = "N")]
    budget_tokens: Option<NonZeroU64>,
    /// Let an attempt make at most N model calls [default: no limit]
    #[arg(long, value_name = "N")]
    budget_calls: Option<NonZeroU64>,
    /// Let an attempt take at most this many seconds [default: no limit]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    budget_seconds: Option<Seconds>,
}

/// A parameter of a strategy.
#[derive(Debug, Clone, PartialEq)]
struct Parameter {
    key: String,
    value: toml::Value,
}

impl FromStr for Parameter {
    type Err = String;

    /// Reads `key=value`. A value that is a number, `true` or `false` is one, anything else is text.
    fn from_str(text: &str) -> Result<Parameter, String> {
        let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
        if key.is_empty() || !key.chars().all(plain) {
            return Err(format!("{key:?} is no name of a parameter; write KEY=VALUE"));
        }
        let typed = DeValue::parse(value).ok().and_then(|typed| scalar(typed.get_ref()));
        let value = typed.unwrap_or_else(|| toml::Value::String(value.to_owned()));
        Ok(Parameter { key: key.to_owned(), value })
    }
}

impl DbArg {
    /// Lays the flag into a layer of settings.
    pub(crate) fn lay(&self, layer: &mut Settings) {
        layer.db = self.db.clone().map(Resolved::flag);
    }
}

impl DataArg {
    /// Lays the flag into a layer of settings.
    pub(crate) fn lay(&self, layer: &mut Settings) {
        layer.data = self.data.clone().map(Resolved::flag);
    }
}

impl FormatArg {
    /// Lays the flag into a layer of settings.
    pub(crate) fn lay(&self, layer: &mut Settings) {
        layer.format = self.format.map(Resolved::flag);
    }
}

impl ProgressArg {
    /// Lays the flag into a layer of settings.
    pub(crate) fn lay(&self, layer: &mut Settings) {
        layer.progress = self.progress.map(Resolved::flag);
    }
}

impl ModelArgs {
    /// Lays the flags into a layer of settings.
    ///
    /// # Errors
    /// A role that is given two models.
    pub(crate) fn lay(&self, layer: &mut Settings) -> Result<(), CliError> {
        for RoleSpec { role, spec } in &self.models {
            if let Some(first) = layer.roles.insert(*role, Resolved::flag(spec.clone())) {
                let (role, first) = (role.name(), first.value);
                return Err(CliError::new(
                    Exit::BadInput,
                    format!("give the role {role} two models: {first} and {spec}"),
                ));
            }
        }
        Ok(())
    }
}

impl StrategyArgs {
    /// Lays the flags into a layer of settings.
    ///
    /// # Errors
    /// A parameter that is set twice.
    pub(crate) fn lay(&self, layer: &mut Settings) -> Result<(), CliError> {
        layer.strategy = self.strategy.clone().map(Resolved::flag);
        layer.prompts = self.prompts.clone().map(Resolved::flag);
        for Parameter { key, value } in &self.parameters {
            if layer.parameters.insert(key.clone(), Resolved::flag(value.clone())).is_some() {
                return Err(CliError::new(Exit::BadInput, format!("set the parameter {key} twice")));
            }
        }
        Ok(())
    }
}

impl SamplingArgs {
    /// Lays the flags into a layer of settings.
    pub(crate) fn lay(&self, layer: &mut Settings) {
        layer.seed = self.seed.map(Resolved::flag);
        layer.temperature = self.temperature.map(Resolved::flag);
        layer.top_p = self.top_p.map(Resolved::flag);
        layer.max_tokens = self.max_tokens.map(Resolved::flag);
    }
}

impl BudgetArgs {
    /// Lays the flags into a layer of settings.
    pub(crate) fn lay(&self, layer: &mut Settings) {
        layer.budget_tokens = self.budget_tokens.map(Resolved::flag);
        layer.budget_calls = self.budget_calls.map(Resolved::flag);
        layer.budget_seconds = self.budget_seconds.map(Resolved::flag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_kinds() {
        let cases = [
            ("steps=12", toml::Value::Integer(12)),
            ("share=0.5", toml::Value::Float(0.5)),
            ("think=false", toml::Value::Boolean(false)),
            ("text=a=b c", toml::Value::String("a=b c".into())),
            ("quoted=\"12\"", toml::Value::String("12".into())),
            ("odd=nan", toml::Value::String("nan".into())),
            ("list=[1]", toml::Value::String("[1]".into())),
            ("empty=", toml::Value::String(String::new())),
        ];
        for (text, value) in cases {
            assert_eq!(text.parse::<Parameter>().map(|parameter| parameter.value), Ok(value), "{text}");
        }
        assert!("steps".parse::<Parameter>().is_err());
        assert!("=1".parse::<Parameter>().is_err());
        assert!("a b=1".parse::<Parameter>().is_err());
    }
}
