//! Proposers: what stands next in a prefix.

mod pieces;
mod sample;

pub use pieces::{Writing, steps_of};
pub use sample::SampleProposer;

use std::sync::Arc;

use async_trait::async_trait;

use crate::model::{CallError, Prompt, Segment, Session};
use crate::prompt::Asked;
use crate::step::{Phase, Step};
use crate::trace::{Limit, Stuck};

/// The steps so far and what they answer.
#[derive(Debug, Clone)]
pub struct Prefix {
    /// What the model was asked.
    pub asked: Arc<Asked>,
    /// The accepted steps.
    pub steps: Vec<Step>,
}

impl Prefix {
    /// Starts before the first step.
    #[must_use]
    pub fn new(asked: Arc<Asked>) -> Prefix {
        Prefix { asked, steps: Vec::new() }
    }

    /// Makes the prompt from which the model goes on, with the tokens of steps that have them.
    #[must_use]
    pub fn prompt(&self) -> Prompt {
        let mut prompt = self.asked.prompt.clone();
        for step in &self.steps {
            match &step.tokens {
                Some(run) => prompt.continuation.push(Segment::Tokens(run.clone())),
                None => push_written(&mut prompt.continuation, &[&step.text, &step.separator]),
            }
        }
        prompt
    }

    /// Gives the part of the model's output that a strategy is in at the end of the prefix.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let closed = self.steps.last().is_some_and(|step| step.separator.contains("</think>"));
        match self.steps.last() {
            Some(step) if step.phase == Phase::Think && !closed => Phase::Think,
            _ => Phase::Answer,
        }
    }
}

/// Adds text that a model wrote. Its think tags are the only special tokens that it may bring back.
pub(crate) fn push_written(continuation: &mut Vec<Segment>, texts: &[&str]) {
    let text = texts.concat();
    let mut rest = text.as_str();
    while let Some((at, tag)) =
        ["<think>", "</think>"].iter().filter_map(|tag| rest.find(tag).map(|at| (at, *tag))).min()
    {
        if at > 0 {
            continuation.push(Segment::Untrusted(rest[..at].to_owned()));
        }
        continuation.push(Segment::Template(tag.to_owned()));
        rest = &rest[at + tag.len()..];
    }
    if !rest.is_empty() {
        continuation.push(Segment::Untrusted(rest.to_owned()));
    }
}

/// Why nothing follows a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The model ended its output, or wrote a stop word.
    Finished,
    /// A limit.
    Exhausted(Limit),
    /// No progress.
    Stuck(Stuck),
    /// Cancelled.
    Cancelled,
}

/// What was proposed: mostly one step; more where thinking closes in the middle, none where nothing was written.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// Why the output ends here, if it does.
    pub end: Option<End>,
}

/// Writes the next step of a prefix.
#[async_trait]
pub trait Proposer: Send + Sync {
    /// Proposes what stands next.
    ///
    /// # Errors
    /// The model failed, or a limit stood before its call.
    async fn propose(&self, prefix: &Prefix, session: &Session) -> Result<Proposal, CallError>;
}
