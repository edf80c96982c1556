//! From settings to what a run or an attempt is made of: strategy, limits, machine.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stepproof::budget::BudgetLimits;
use stepproof::prompt::PromptTemplate;
use stepproof::strategy::{Parameters, Strategy, StrategySpec, load};
use stepproof::suite::{Suite, VerifierKind};

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::{Origin, Resolved, SettingValue, Settings};

/// The file of a prompt folder with the sentences that provers were trained to be asked with.
const TRIGGERS: &str = "triggers.toml";

/// Settles a strategy's parameters: the preset's, then the sampling settings, then `--set`. Where nobody chose a
/// strategy, what judges the candidates of `suite` decides which one is taken, and the suite how much it may write.
///
/// # Errors
/// Unknown strategy or parameter, or a value out of range.
pub(crate) fn strategy_spec(settings: &Settings, suite: Option<&Suite>) -> Result<StrategySpec, CliError> {
    let usual = match suite.map_or(VerifierKind::Answer, |suite| suite.verifier) {
        VerifierKind::Answer => "cot",
        VerifierKind::Lean => "whole-proof",
    };
    let chosen = settings.strategy.as_ref().filter(|strategy| strategy.origin != Origin::Default);
    let name = chosen.map_or(usual, |strategy| &strategy.value);
    let plain = load(name, &[])?;
    let length = match plain.parameters {
        Parameters::Cot(_) | Parameters::WholeProof(_) => "max_tokens",
        Parameters::Stepwise(_) => "max_step_tokens",
    };
    fn change<T: SettingValue>(key: &str, setting: Option<&Resolved<T>>) -> Option<(String, String)> {
        setting.map(|setting| (key.to_owned(), setting.value.show()))
    }
    let enough = suite.and_then(|suite| suite.max_tokens).filter(|_| chosen.is_none());
    let mut changes: Vec<(String, String)> = [
        enough.map(|tokens| (length.to_owned(), tokens.to_string())),
        change("temperature", settings.temperature.as_ref()),
        change("top_p", settings.top_p.as_ref()),
        change(length, settings.max_tokens.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let (Some(_), Some(folder)) = (plain.prover(), &settings.prompts) {
        let triggers = folder.value.join(TRIGGERS);
        if triggers.is_file() {
            changes.push(("triggers".to_owned(), toml::Value::String(triggers.display().to_string()).to_string()));
        }
    }
    changes.extend(settings.parameters.iter().map(|(key, value)| (key.clone(), value.value.to_string())));
    Ok(load(name, &changes)?)
}

/// Refuses a strategy that a suite's problems are nothing for.
///
/// # Errors
/// Whole proofs are wanted of problems that are no theorems.
pub(crate) fn fits(spec: &StrategySpec, suite: &Suite) -> Result<(), CliError> {
    if matches!(spec.parameters, Parameters::WholeProof(_)) && suite.verifier != VerifierKind::Lean {
        let message = format!("run {} on {}: its problems are no theorems of Lean", spec.name, suite.name);
        return Err(
            CliError::new(Exit::BadInput, message).hint("stepproof eval minif2f and core-theorems ask for proofs")
        );
    }
    Ok(())
}

/// Wires a strategy with a prompt template.
///
/// # Errors
/// The template is unknown or broken.
pub(crate) fn strategy(settings: &Settings, spec: StrategySpec, prompt: &str) -> Result<Strategy, CliError> {
    let folder: Option<&Path> = settings.prompts.as_ref().map(|folder| folder.value.as_path());
    Ok(Strategy::new(spec, Arc::new(PromptTemplate::load(prompt, folder)?)))
}

/// Gives the limits of an attempt.
pub(crate) fn limits(settings: &Settings) -> BudgetLimits {
    BudgetLimits {
        completion_tokens: settings.budget_tokens.as_ref().map(|tokens| tokens.value.get()),
        calls: settings.budget_calls.as_ref().map(|calls| calls.value.get()),
        time: settings.budget_seconds.as_ref().and_then(|seconds| Duration::try_from_secs_f64(seconds.value.0).ok()),
    }
}

/// Gives how many tokens an attempt may write at most, as far as strategy and limits say.
pub(crate) fn most_tokens(spec: &StrategySpec, limits: BudgetLimits) -> u64 {
    let own = match &spec.parameters {
        Parameters::Cot(cot) => u64::from(cot.max_tokens),
        Parameters::WholeProof(proof) => u64::from(proof.max_tokens),
        Parameters::Stepwise(step) => u64::from(step.max_step_tokens).saturating_mul(u64::from(step.max_steps)),
    };
    own.min(limits.completion_tokens.unwrap_or(u64::MAX))
}

/// Describes this machine and build for the store: what may explain a difference in speed or in last digits, and is no
/// part of a run's hash.
pub(crate) fn machine() -> serde_json::Value {
    let features: Vec<&str> = [
        (cfg!(feature = "local"), "local"),
        (cfg!(feature = "cuda"), "cuda"),
        (cfg!(feature = "vulkan"), "vulkan"),
        (cfg!(feature = "metal"), "metal"),
        (cfg!(feature = "dynamic-backends"), "dynamic-backends"),
    ]
    .into_iter()
    .filter_map(|(on, name)| on.then_some(name))
    .collect();
    #[cfg(feature = "local")]
    let llama = serde_json::Value::String(stepproof::model::local::system_info());
    #[cfg(not(feature = "local"))]
    let llama = serde_json::Value::Null;
    serde_json::json!({
        "os": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "cores": std::thread::available_parallelism().map(usize::from).ok(),
        "features": features,
        "optimised": !cfg!(debug_assertions),
        "llama_cpp": llama,
    })
}
