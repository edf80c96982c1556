//! Strategies: a complete recipe, statement and budget in, trace and candidate out.
//!
//! A strategy is named wiring of proposer and search, built from a [`StrategySpec`]. It never holds a gold answer: what
//! it is given is a [`Statement`].

mod build;
mod prover;
mod spec;

pub use build::{load, names};
pub use prover::{DocPolicy, ExtractRule, HeaderPolicy, ProverForm, ProverSpec, RequestText, StatementTail};
pub use spec::{CotSpec, EntropySetting, Parameters, ProofForm, StepwiseSpec, StrategySpec, WholeProofSpec};

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::model::json::messages_json;
use crate::model::{ChatStyle, EntropyWanted, ModelError, Models, Session};
use crate::problem::Statement;
use crate::prompt::{PromptError, PromptStyle, PromptTemplate};
use crate::propose::{Prefix, SampleProposer};
use crate::search::{Chain, Found, Search};
use crate::step::{Phase, StepEnd};
use crate::trace::{Candidate, Event, Limit, Outcome, Role, Trace};

/// A strategy that cannot be used. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum StrategyError {
    /// No preset has this name.
    #[error("find a strategy named {name:?}: known are {known}{nearest}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
        /// The nearest name as a question, or nothing.
        nearest: String,
    },
    /// A user's strategy file cannot be read.
    #[error("read the strategy file {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A parameter is unknown, of the wrong type or out of range.
    #[error("set up the strategy {name}: {reason}")]
    Parameters {
        /// The strategy.
        name: String,
        /// What is wrong, with what is possible.
        reason: String,
    },
    /// The strategy needs what a model does not offer.
    #[error("run the strategy {name} on {model}: it needs {what}, which this model or its server does not offer")]
    Needs {
        /// The strategy.
        name: String,
        /// The model.
        model: String,
        /// What is needed.
        what: &'static str,
    },
    /// A role has no model.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// What an attempt led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The record.
    pub trace: Trace,
    /// What is to be judged; none where nothing visible was written.
    pub candidate: Option<Candidate>,
}

/// A strategy that is ready to solve.
#[derive(Debug, Clone)]
pub struct Strategy {
    spec: StrategySpec,
    template: Arc<PromptTemplate>,
}

impl Strategy {
    /// Wires a strategy for the prompts of one suite.
    #[must_use]
    pub fn new(spec: StrategySpec, template: Arc<PromptTemplate>) -> Strategy {
        Strategy { spec, template }
    }

    /// Gives the settled parameters.
    #[must_use]
    pub fn spec(&self) -> &StrategySpec {
        &self.spec
    }

    /// Gives the prompt template.
    #[must_use]
    pub fn template(&self) -> &PromptTemplate {
        &self.template
    }

    /// Says at the start what the models lack.
    ///
    /// # Errors
    /// The sentence for the user.
    pub fn check(&self, models: &Models) -> Result<(), StrategyError> {
        let model = models.get(Role::Main)?;
        let capabilities = model.capabilities();
        let needs = |what| {
            Err(StrategyError::Needs { name: self.spec.name.clone(), model: model.identity().name.clone(), what })
        };
        let entropy = self.entropy();
        if let Some(prover) = self.spec.prover() {
            if prover.form == ProverForm::Chat && capabilities.chat == ChatStyle::Base {
                return needs("a chat template");
            }
            if prover.prefill.is_some() && !capabilities.continuation {
                return needs("to go on from a started answer (continuation)");
            }
        }
        if let Parameters::WholeProof(WholeProofSpec { form: ProofForm::Chat, .. }) = self.spec.parameters
            && capabilities.chat == ChatStyle::Base
        {
            return needs("a chat template");
        }
        if matches!(self.spec.parameters, Parameters::Stepwise(_))
            && !capabilities.continuation
            && capabilities.chat != ChatStyle::Base
        {
            return needs("to go on from a started answer (continuation)");
        }
        if entropy != EntropyWanted::None && !capabilities.full_entropy && capabilities.top_logprobs == 0 {
            return needs("log-probabilities for its entropies (or set entropy=none)");
        }
        Ok(())
    }

    /// Solves one problem. Failures of the infrastructure are an outcome of the trace, so that what was written and
    /// spent is kept.
    pub async fn solve(&self, statement: &Statement, session: &Session) -> Solution {
        let found = match self.start(statement, session) {
            Ok(start) => self.search(start, session).await,
            Err(sentence) => return failed(sentence),
        };
        let answer: String = found
            .prefix
            .steps
            .iter()
            .filter(|step| step.phase == Phase::Answer)
            .flat_map(|step| [step.text.as_str(), step.separator.as_str()])
            .collect();
        let cut = found.prefix.steps.last().is_some_and(|step| step.end == StepEnd::Length);
        let truncated = matches!(
            found.outcome,
            Outcome::Exhausted(Limit::Tokens | Limit::Context | Limit::Steps | Limit::Seconds | Limit::Calls)
        ) || (cut && found.outcome != Outcome::Answered);
        let text = if self.goes_on(session) { prover::continued(statement, &answer, truncated) } else { Some(answer) };
        let text = text.filter(|text| !text.trim().is_empty());
        let candidate = text.map(|text| Candidate { text, truncated });
        Solution { trace: Trace { steps: found.prefix.steps, outcome: found.outcome }, candidate }
    }

    fn start(&self, statement: &Statement, session: &Session) -> Result<Prefix, String> {
        let model = session.models.get(Role::Main).map_err(|error| format!("could not {error}"))?;
        let (steps, examples) = match &self.spec.parameters {
            Parameters::Cot(cot) => (false, cot.examples),
            Parameters::Stepwise(step) => (true, step.examples),
            Parameters::WholeProof(proof) => (false, proof.examples),
        };
        let style = PromptStyle {
            chat: self.proof_style(model.capabilities().chat),
            steps,
            examples: usize::try_from(examples).unwrap_or(usize::MAX),
        };
        let asked = match self.spec.prover() {
            Some(prover) => prover.ask(&self.spec.name, statement),
            None => self.template.ask(statement, style),
        };
        let asked = asked.map_err(|error: PromptError| format!("could not {error}"))?;
        let prompt = &asked.prompt;
        session.recorder.record(Event::Prompt(messages_json(&prompt.messages, &prompt.continuation_text())));
        Ok(Prefix::new(Arc::new(asked)))
    }

    async fn search(&self, start: Prefix, session: &Session) -> Found {
        let proposer = SampleProposer {
            role: Role::Main,
            sampling: self.spec.parameters.sampling(),
            max_tokens: match &self.spec.parameters {
                Parameters::Cot(cot) => cot.max_tokens,
                Parameters::Stepwise(step) => step.max_step_tokens,
                Parameters::WholeProof(proof) => proof.max_tokens,
            },
            one_step: matches!(self.spec.parameters, Parameters::Stepwise(_)),
            entropy: self.entropy(),
            again_when_empty: self.spec.prover().is_some_and(|prover| prover.min_tokens > 0),
        };
        let chain = match &self.spec.parameters {
            Parameters::Cot(_) | Parameters::WholeProof(_) => Chain { max_steps: u32::MAX, stop_at_answer: false },
            Parameters::Stepwise(step) => Chain { max_steps: step.max_steps, stop_at_answer: step.stop_at_answer },
        };
        chain.search(start, &proposer, session).await
    }

    fn entropy(&self) -> EntropyWanted {
        match &self.spec.parameters {
            Parameters::Cot(cot) => cot.entropy.into(),
            Parameters::Stepwise(step) => step.entropy.into(),
            Parameters::WholeProof(proof) => proof.entropy.into(),
        }
    }

    /// Gives how a model is asked: as it wants to be, unless a whole proof is asked for in another way.
    fn proof_style(&self, own: ChatStyle) -> ChatStyle {
        match &self.spec.parameters {
            Parameters::WholeProof(WholeProofSpec { form: ProofForm::Base, .. }) => ChatStyle::Base,
            _ => own,
        }
    }

    /// Tells whether what the model writes goes on from the theorem's opening.
    fn goes_on(&self, session: &Session) -> bool {
        match &self.spec.parameters {
            Parameters::WholeProof(WholeProofSpec { prover: Some(prover), .. }) => {
                prover.extract == ExtractRule::Continuation
            }
            Parameters::WholeProof(_) => session
                .models
                .get(Role::Main)
                .is_ok_and(|model| self.proof_style(model.capabilities().chat) == ChatStyle::Base),
            Parameters::Cot(_) | Parameters::Stepwise(_) => false,
        }
    }
}

fn failed(sentence: String) -> Solution {
    Solution { trace: Trace { steps: Vec::new(), outcome: Outcome::Failed(sentence) }, candidate: None }
}

#[cfg(test)]
mod tests;
