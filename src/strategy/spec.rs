//! The form of a strategy: a preset's TOML with the user's changes, frozen into the run's hash.

use serde::{Deserialize, Serialize};

use super::prover::ProverSpec;
use crate::model::{EntropyWanted, Sampling};

/// A preset file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetFile {
    pub(super) kind: String,
    pub(super) version: u32,
    #[serde(default)]
    pub(super) parameters: toml::Table,
}

/// Which entropies are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntropySetting {
    /// None.
    None,
    /// Of the first token of a call.
    First,
    /// Of every token.
    Every,
}

impl From<EntropySetting> for EntropyWanted {
    fn from(setting: EntropySetting) -> EntropyWanted {
        match setting {
            EntropySetting::None => EntropyWanted::None,
            EntropySetting::First => EntropyWanted::First,
            EntropySetting::Every => EntropyWanted::Every,
        }
    }
}

/// Parameters of `cot`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CotSpec {
    /// 0 takes the likeliest token.
    pub temperature: f32,
    /// Probability mass kept.
    pub top_p: f32,
    /// Tokens kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// Least share of the likeliest token's probability.
    pub min_p: f32,
    /// New tokens at most.
    pub max_tokens: u32,
    /// Worked examples for base models.
    pub examples: u32,
    /// Which entropies are recorded.
    pub entropy: EntropySetting,
}

/// Parameters of `stepwise`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepwiseSpec {
    /// 0 takes the likeliest token.
    pub temperature: f32,
    /// Probability mass kept.
    pub top_p: f32,
    /// Tokens kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// Least share of the likeliest token's probability.
    pub min_p: f32,
    /// New tokens of one step at most.
    pub max_step_tokens: u32,
    /// Steps at most.
    pub max_steps: u32,
    /// Ends behind a step with a boxed answer.
    pub stop_at_answer: bool,
    /// Worked examples for base models.
    pub examples: u32,
    /// Which entropies are recorded.
    pub entropy: EntropySetting,
}

/// How a model is asked for a whole proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProofForm {
    /// By what the model is.
    Auto,
    /// As a question.
    Chat,
    /// As code that it goes on from.
    Base,
}

/// Parameters of `whole-proof`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WholeProofSpec {
    /// 0 takes the likeliest token.
    pub temperature: f32,
    /// Probability mass kept.
    pub top_p: f32,
    /// Tokens kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// Least share of the likeliest token's probability.
    pub min_p: f32,
    /// New tokens at most.
    pub max_tokens: u32,
    /// Worked examples for base models.
    pub examples: u32,
    /// How a model is asked, where no prover's form says it.
    pub form: ProofForm,
    /// Which entropies are recorded.
    pub entropy: EntropySetting,
    /// The form of an open prover; without it the suite's prompt is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prover: Option<ProverSpec>,
}

/// The parameters of any strategy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "parameters", rename_all = "lowercase")]
pub enum Parameters {
    /// Chain of thought in one completion.
    Cot(CotSpec),
    /// One step a call.
    Stepwise(StepwiseSpec),
    /// A whole proof in one completion.
    #[serde(rename = "whole-proof")]
    WholeProof(WholeProofSpec),
}

/// A strategy with every parameter settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrategySpec {
    /// The preset's name, or the stem of the user's file.
    pub name: String,
    /// The preset's version.
    pub version: u32,
    /// The parameters.
    #[serde(flatten)]
    pub parameters: Parameters,
}

impl StrategySpec {
    /// Gives the form of an open prover, where the strategy asks in one.
    #[must_use]
    pub fn prover(&self) -> Option<&ProverSpec> {
        match &self.parameters {
            Parameters::WholeProof(proof) => proof.prover.as_ref(),
            Parameters::Cot(_) | Parameters::Stepwise(_) => None,
        }
    }
}

impl Parameters {
    /// Gives how tokens are chosen; the seed is the session's business.
    #[must_use]
    pub fn sampling(&self) -> Sampling {
        let (temperature, top_p, top_k, min_p) = match self {
            Parameters::Cot(cot) => (cot.temperature, cot.top_p, cot.top_k, cot.min_p),
            Parameters::Stepwise(step) => (step.temperature, step.top_p, step.top_k, step.min_p),
            Parameters::WholeProof(proof) => (proof.temperature, proof.top_p, proof.top_k, proof.min_p),
        };
        Sampling { temperature, top_k, top_p, min_p, seed: 0 }
    }

    /// Finds the first parameter that is out of its range, as a sentence.
    pub(super) fn fault(&self) -> Option<String> {
        let sampling = self.sampling();
        if !(0.0..=100.0).contains(&sampling.temperature) {
            return Some(format!("temperature = {} is not between 0 and 100", sampling.temperature));
        }
        if !(sampling.top_p > 0.0 && sampling.top_p <= 1.0) {
            return Some(format!("top_p = {} is not above 0 and at most 1", sampling.top_p));
        }
        if !(0.0..=1.0).contains(&sampling.min_p) {
            return Some(format!("min_p = {} is not between 0 and 1", sampling.min_p));
        }
        let mut positive = match self {
            Parameters::Cot(cot) => vec![("max_tokens", cot.max_tokens)],
            Parameters::WholeProof(proof) => vec![("max_tokens", proof.max_tokens)],
            Parameters::Stepwise(step) => {
                vec![("max_step_tokens", step.max_step_tokens), ("max_steps", step.max_steps)]
            }
        };
        positive.extend(sampling.top_k.map(|k| ("top_k", k)));
        if let Parameters::WholeProof(WholeProofSpec { form, prover: Some(prover), .. }) = self {
            if *form != ProofForm::Auto {
                return Some("form is the prover's own and cannot be set".to_owned());
            }
            if let Some(fault) = prover.fault() {
                return Some(fault);
            }
        }
        let zero = positive.iter().find(|(_, value)| *value == 0);
        zero.map(|(name, _)| format!("{name} = 0 leaves nothing to write"))
    }
}
