//! The simplest search: one step after the other.

use async_trait::async_trait;

use super::{Found, Search};
use crate::answer;
use crate::model::{CallError, ModelError, Session};
use crate::propose::{End, Prefix, Proposer};
use crate::step::{Phase, Step};
use crate::trace::{Event, Limit, Outcome, Stuck};

/// Takes each proposed step.
#[derive(Debug, Clone, Copy)]
pub struct Chain {
    /// Steps at most.
    pub max_steps: u32,
    /// Ends behind a step of the answer phase that states a boxed answer, instead of waiting for the model's own end.
    pub stop_at_answer: bool,
}

#[async_trait]
impl Search for Chain {
    async fn search(&self, start: Prefix, proposer: &dyn Proposer, session: &Session) -> Found {
        let mut prefix = start;
        let outcome = loop {
            if prefix.steps.len() >= usize::try_from(self.max_steps).unwrap_or(usize::MAX) {
                break Outcome::Exhausted(Limit::Steps);
            }
            let proposal = match proposer.propose(&prefix, session).await {
                Ok(proposal) => proposal,
                Err(CallError::Limit(limit)) => break Outcome::Exhausted(limit),
                Err(CallError::Model(ModelError::PromptTooLong { .. })) if !prefix.steps.is_empty() => {
                    break Outcome::Exhausted(Limit::Context);
                }
                Err(CallError::Model(error)) => break Outcome::Failed(format!("could not {error}")),
            };
            let mut answered = false;
            for step in proposal.steps {
                answered |= step.phase == Phase::Answer && self.stop_at_answer && answer::states_boxed(&step.text);
                session.recorder.record(Event::Step(Box::new(step.clone())));
                prefix.steps.push(step);
            }
            match proposal.end {
                Some(End::Finished) => break Outcome::Answered,
                Some(End::Exhausted(limit)) => break Outcome::Exhausted(limit),
                Some(End::Stuck(stuck)) => break Outcome::Stuck(stuck),
                Some(End::Cancelled) => break Outcome::Cancelled,
                None if answered => break Outcome::Answered,
                None => {}
            }
            if let Some(stuck) = standstill(&prefix.steps) {
                break Outcome::Stuck(stuck);
            }
        };
        Found { prefix, outcome }
    }
}

/// Finds a chain that repeats itself: its last step again, or its last two steps in turn.
fn standstill(steps: &[Step]) -> Option<Stuck> {
    let text = |back: usize| steps.len().checked_sub(back).and_then(|at| steps.get(at)).map(|step| step.text.trim());
    let last = text(1)?;
    if text(2) == Some(last) {
        return Some(Stuck::Duplicate);
    }
    let alternates = text(3) == Some(last) && text(4).is_some() && text(2) == text(4);
    alternates.then_some(Stuck::Alternating)
}
