//! The frozen description of a run and its hash: everything that decides results, and nothing else.
//!
//! Not in it: number of samples, limit, concurrency, machine, database. Two runs with equal hashes may be continued by
//! one another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::budget::BudgetLimits;
use crate::model::{Capabilities, ChatStyle, ModelIdentity, ModelKind, Models};
use crate::strategy::StrategySpec;
use crate::token::TokenizerHash;
use crate::trace::Role;

/// The description of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    /// The problems.
    pub suite: SuitePart,
    /// The recipe with every parameter.
    pub strategy: StrategySpec,
    /// The models by role.
    pub models: BTreeMap<String, ModelPart>,
    /// The prompt template.
    pub prompt: PromptPart,
    /// Verifier, extractor and their versions.
    pub verifier: String,
    /// Limits of an attempt.
    pub budget: BudgetPart,
    /// The base seed.
    pub seed: u64,
    /// What Lean judges with, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lean: Option<LeanPart>,
}

/// Lean as far as it decides results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeanPart {
    /// Its version, such as `4.24.0`.
    pub version: String,
    /// The commit that it was built from.
    pub commit: String,
    /// Flags that decide what it accepts.
    pub flags: Vec<String>,
    /// The project whose modules are there, as it was named; none without one.
    pub project: Option<String>,
    /// When accepted proofs are judged again: `end`, `each` or `off`.
    pub recheck: String,
    /// Axioms that a proof may rest on.
    pub permitted_axioms: Vec<String>,
    /// Seconds that a check may take.
    pub check_seconds: f64,
    /// The second kernel that accepted proofs are shown to, where one is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<String>,
}

/// Which problems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuitePart {
    /// The suite's name.
    pub name: String,
    /// Version of its definition.
    pub version: String,
    /// BLAKE3 of its problem file.
    pub data_hash: String,
    /// Its split.
    pub split: String,
    /// The wording of its statements, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_set: Option<String>,
    /// What was done about faults of the data, to be shown with every result.
    pub notes: Vec<String>,
}

/// Which prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptPart {
    /// The template's name.
    pub name: String,
    /// Name and version.
    pub version: String,
    /// BLAKE3 of the template and its examples.
    pub hash: String,
}

/// Limits of an attempt; `null` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BudgetPart {
    /// Completion tokens of all roles.
    pub completion_tokens: Option<u64>,
    /// Model calls.
    pub calls: Option<u64>,
    /// Seconds.
    pub seconds: Option<f64>,
}

impl From<BudgetLimits> for BudgetPart {
    fn from(limits: BudgetLimits) -> BudgetPart {
        BudgetPart {
            completion_tokens: limits.completion_tokens,
            calls: limits.calls,
            seconds: limits.time.map(|time| time.as_secs_f64()),
        }
    }
}

impl From<BudgetPart> for BudgetLimits {
    fn from(part: BudgetPart) -> BudgetLimits {
        BudgetLimits {
            completion_tokens: part.completion_tokens,
            calls: part.calls,
            time: part.seconds.and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok()),
        }
    }
}

/// A model as far as it decides results, with what a replay must know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelPart {
    /// Short name.
    pub name: String,
    /// `local`, `remote` or `scripted`.
    pub kind: String,
    /// BLAKE3 of weights or script; served name and URL of a remote model.
    pub source: String,
    /// Context length in tokens.
    pub context: Option<u32>,
    /// BLAKE3 of the chat template.
    pub chat_template: Option<String>,
    /// Hash of the tokenizer.
    pub tokenizer: Option<String>,
    /// `base`, `chat` or `thinking`.
    pub chat: String,
    /// Goes on from a started answer.
    pub continuation: bool,
    /// Log-probabilities at most.
    pub top_logprobs: u32,
    /// Entropies over the full vocabulary.
    pub full_entropy: bool,
    /// Obeys seeds.
    pub seeded: bool,
}

impl ModelPart {
    fn of(identity: &ModelIdentity, capabilities: &Capabilities) -> ModelPart {
        ModelPart {
            name: identity.name.clone(),
            kind: identity.kind.name().to_owned(),
            source: identity.source.clone(),
            context: identity.context,
            chat_template: identity.chat_template.clone(),
            tokenizer: identity.tokenizer.as_ref().map(|hash| hash.0.to_string()),
            chat: capabilities.chat.name().to_owned(),
            continuation: capabilities.continuation,
            top_logprobs: capabilities.top_logprobs,
            full_entropy: capabilities.full_entropy,
            seeded: capabilities.seeded,
        }
    }

    /// Gives back identity and capabilities, for the stand-in of a replay. The kind is that of the stand-in: it is no
    /// part of a request's hash.
    #[must_use]
    pub fn stand_in(&self) -> (ModelIdentity, Capabilities) {
        let identity = ModelIdentity {
            name: self.name.clone(),
            kind: ModelKind::Recorded,
            source: self.source.clone(),
            context: self.context,
            chat_template: self.chat_template.clone(),
            tokenizer: self.tokenizer.as_deref().map(|hash| TokenizerHash(hash.into())),
        };
        let capabilities = Capabilities {
            chat: match self.chat.as_str() {
                "base" => ChatStyle::Base,
                "thinking" => ChatStyle::Thinking,
                _ => ChatStyle::Chat,
            },
            continuation: self.continuation,
            top_logprobs: self.top_logprobs,
            full_entropy: self.full_entropy,
            log_likelihood: false,
            grammar: false,
            embeddings: false,
            seeded: self.seeded,
        };
        (identity, capabilities)
    }
}

/// Describes models for a spec.
#[must_use]
pub fn model_parts(models: &Models) -> BTreeMap<String, ModelPart> {
    let part = |(role, model): (Role, &std::sync::Arc<dyn crate::model::LanguageModel>)| {
        (role.name().to_owned(), ModelPart::of(model.identity(), model.capabilities()))
    };
    models.iter().map(part).collect()
}

impl RunSpec {
    /// Gives the canonical JSON: keys sorted, no spaces.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        // Structs of strings and finite numbers; serialisation has no failing case.
        serde_json::to_value(self).map(sorted).unwrap_or_default().to_string()
    }

    /// Gives BLAKE3 of the canonical JSON.
    #[must_use]
    pub fn hash(&self) -> String {
        blake3::hash(self.canonical_json().as_bytes()).to_hex().to_string()
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let ordered: BTreeMap<String, Value> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(ordered.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> RunSpec {
        RunSpec {
            suite: SuitePart {
                name: "s".to_owned(),
                version: "1".to_owned(),
                data_hash: "d".to_owned(),
                split: "test".to_owned(),
                statement_set: None,
                notes: Vec::new(),
            },
            strategy: crate::strategy::load("cot", &[]).unwrap(),
            models: BTreeMap::new(),
            prompt: PromptPart { name: "p".to_owned(), version: "p-1".to_owned(), hash: "h".to_owned() },
            verifier: "answer-1".to_owned(),
            budget: BudgetLimits::default().into(),
            seed: 0,
            lean: None,
        }
    }

    fn lean() -> LeanPart {
        LeanPart {
            version: "4.24.0".to_owned(),
            commit: "c".to_owned(),
            flags: vec!["-DautoImplicit=false".to_owned()],
            project: None,
            recheck: "end".to_owned(),
            permitted_axioms: vec!["propext".to_owned()],
            check_seconds: 60.0,
            audit: None,
        }
    }

    #[test]
    fn the_hash_sees_every_part_and_survives_the_store() {
        let base = spec();
        let read: RunSpec = serde_json::from_str(&base.canonical_json()).unwrap();
        assert_eq!((read.clone(), read.hash()), (base.clone(), base.hash()));
        let changed = [
            RunSpec { seed: 1, ..spec() },
            RunSpec { verifier: "answer-2".to_owned(), ..spec() },
            RunSpec {
                strategy: crate::strategy::load("cot", &[("top_p".to_owned(), "0.9".to_owned())]).unwrap(),
                ..spec()
            },
            RunSpec { suite: SuitePart { statement_set: Some("dsp".to_owned()), ..spec().suite }, ..spec() },
            RunSpec { lean: Some(lean()), ..spec() },
            RunSpec { budget: BudgetPart { completion_tokens: Some(1), calls: None, seconds: None }, ..spec() },
        ];
        assert!(changed.iter().all(|changed| changed.hash() != base.hash()));
        let with_lean = RunSpec { lean: Some(lean()), ..spec() };
        let read: RunSpec = serde_json::from_str(&with_lean.canonical_json()).unwrap();
        assert_eq!(read, with_lean);
        let other = [
            LeanPart { version: "4.25.0".to_owned(), ..lean() },
            LeanPart { flags: Vec::new(), ..lean() },
            LeanPart { project: Some("p".to_owned()), ..lean() },
            LeanPart { recheck: "off".to_owned(), ..lean() },
            LeanPart { permitted_axioms: Vec::new(), ..lean() },
        ];
        assert!(other.into_iter().all(|lean| RunSpec { lean: Some(lean), ..spec() }.hash() != with_lean.hash()));
    }

    #[test]
    fn a_run_of_answers_keeps_the_hash_that_it_had_before_lean() {
        let text = spec().canonical_json();
        assert_eq!(
            text,
            "{\"budget\":{\"calls\":null,\"completion_tokens\":null,\"seconds\":null},\"models\":{},\
             \"prompt\":{\"hash\":\"h\",\"name\":\"p\",\"version\":\"p-1\"},\"seed\":0,\
             \"strategy\":{\"kind\":\"cot\",\"name\":\"cot\",\"parameters\":{\"entropy\":\"first\",\"examples\":3,\
             \"max_tokens\":2048,\"min_p\":0.0,\"temperature\":0.6000000238418579,\"top_p\":0.949999988079071},\
             \"version\":1},\"suite\":{\"data_hash\":\"d\",\"name\":\"s\",\"notes\":[],\"split\":\"test\",\
             \"version\":\"1\"},\"verifier\":\"answer-1\"}"
        );
    }

    #[test]
    fn canonical_json_is_sorted() {
        assert!(spec().canonical_json().starts_with(r#"{"budget":{"calls":null,"completion_tokens":null"#));
    }
}
