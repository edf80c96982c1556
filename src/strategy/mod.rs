//! Strategies: a complete recipe, statement and budget in, trace and candidate out.
//!
//! A strategy is named wiring of proposer and search, built from a [`StrategySpec`]. It never holds a gold answer: what
//! it is given is a [`Statement`].

mod build;
mod spec;

pub use build::{load, names};
pub use spec::{CotSpec, EntropySetting, Parameters, StepwiseSpec, StrategySpec};

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
        let candidate = (!answer.trim().is_empty()).then_some(Candidate { text: answer, truncated });
        Solution { trace: Trace { steps: found.prefix.steps, outcome: found.outcome }, candidate }
    }

    fn start(&self, statement: &Statement, session: &Session) -> Result<Prefix, String> {
        let model = session.models.get(Role::Main).map_err(|error| format!("could not {error}"))?;
        let (steps, examples) = match &self.spec.parameters {
            Parameters::Cot(cot) => (false, cot.examples),
            Parameters::Stepwise(step) => (true, step.examples),
        };
        let style = PromptStyle {
            chat: model.capabilities().chat,
            steps,
            examples: usize::try_from(examples).unwrap_or(usize::MAX),
        };
        let asked = self.template.ask(statement, style).map_err(|error: PromptError| format!("could not {error}"))?;
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
            },
            one_step: matches!(self.spec.parameters, Parameters::Stepwise(_)),
            entropy: self.entropy(),
        };
        let chain = match &self.spec.parameters {
            Parameters::Cot(_) => Chain { max_steps: u32::MAX, stop_at_answer: false },
            Parameters::Stepwise(step) => Chain { max_steps: step.max_steps, stop_at_answer: step.stop_at_answer },
        };
        chain.search(start, &proposer, session).await
    }

    fn entropy(&self) -> EntropyWanted {
        match &self.spec.parameters {
            Parameters::Cot(cot) => cot.entropy.into(),
            Parameters::Stepwise(step) => step.entropy.into(),
        }
    }
}

fn failed(sentence: String) -> Solution {
    Solution { trace: Trace { steps: Vec::new(), outcome: Outcome::Failed(sentence) }, candidate: None }
}

#[cfg(test)]
mod tests;
