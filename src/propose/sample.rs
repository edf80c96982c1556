//! Samples the next step from one model: up to the next boundary, or the whole rest of the output in one call.

use async_trait::async_trait;

use super::{End, Prefix, Proposal, Proposer, Writing, push_written, steps_of};
use crate::model::{CallError, ChatStyle, EntropyKind, EntropyWanted, Finish, Place, Request, Sampling, Session};
use crate::step::{Phase, StepCutter, StepEnd, Writer};
use crate::trace::{Limit, Role, Stuck};

/// What ends a step at the model; the step cutter has the last word.
const BLANK_LINE: &str = "\n\n";

/// So many calls may go into one step: blank lines inside blocks, and empty beginnings.
const MAX_CALLS: u32 = 16;

/// Samples from the model of one role.
#[derive(Debug, Clone)]
pub struct SampleProposer {
    /// Who writes.
    pub role: Role,
    /// How tokens are chosen; the seed comes from the session.
    pub sampling: Sampling,
    /// New tokens of one call at most.
    pub max_tokens: u32,
    /// Ends at the next step boundary; otherwise one call writes all that is left.
    pub one_step: bool,
    /// Which entropies to ask for.
    pub entropy: EntropyWanted,
    /// Asks again, with another seed, where a model ended without a word: the same as forbidding it to end there.
    pub again_when_empty: bool,
}

impl SampleProposer {
    fn request(&self, prefix: &Prefix, writing: &Writing, kind: EntropyKind) -> Request {
        let mut prompt = prefix.prompt();
        push_written(&mut prompt.continuation, &[&writing.text]);
        let mut request = Request::new(prompt, self.sampling, self.max_tokens);
        request.stops.clone_from(&prefix.asked.stops);
        if self.one_step {
            request.stops.insert(0, BLANK_LINE.to_owned());
        }
        request.entropy = if writing.text.is_empty() { self.entropy } else { EntropyWanted::None };
        request.entropy_kind = kind;
        request
    }
}

#[async_trait]
impl Proposer for SampleProposer {
    async fn propose(&self, prefix: &Prefix, session: &Session) -> Result<Proposal, CallError> {
        let model = session.models.get(self.role)?;
        let kind = if model.capabilities().full_entropy { EntropyKind::Full } else { EntropyKind::Top20 };
        let writer = Writer { role: self.role, model: model.identity().name.clone() };
        let thinks = model.capabilities().chat == ChatStyle::Thinking;
        let step = u32::try_from(prefix.steps.len()).unwrap_or(u32::MAX);
        let mut begins = prefix.phase();
        let mut writing = Writing::default();
        for ordinal in 0..MAX_CALLS {
            let place = Place { role: self.role, step, ordinal };
            let mut watched = StepCutter::default();
            let request = self.request(prefix, &writing, kind);
            let one_step = self.one_step;
            let called = session
                .call(place, request, |phase, text| {
                    if writing.text.is_empty() && step == 0 && thinks && phase == Phase::Think {
                        begins = Phase::Think;
                    }
                    one_step && watched.push(text).is_some()
                })
                .await?;
            let finish = called.completion.finish.clone();
            let stop = if finish == Finish::Stop(BLANK_LINE.to_owned()) { BLANK_LINE } else { "" };
            writing.add(&called.completion, stop);
            // The prompt of some templates opens the think block: then the output begins inside it.
            if called.completion.open_reasoning && step == 0 && ordinal == 0 {
                begins = Phase::Think;
            }
            if called.cut {
                return Ok(first_step(&writing, begins, &writer));
            }
            let (end, reason) = match finish {
                Finish::Stop(stop) if self.one_step && stop == BLANK_LINE => {
                    if whole_step(&writing.text) {
                        return Ok(Proposal {
                            steps: steps_of(&writing, begins, &writer, StepEnd::Boundary),
                            end: None,
                        });
                    }
                    continue;
                }
                Finish::Stop(_) | Finish::End
                    if self.again_when_empty && writing.text.trim().is_empty() && ordinal + 1 < MAX_CALLS =>
                {
                    writing = Writing::default();
                    continue;
                }
                Finish::Stop(_) => (StepEnd::StopWord, Some(End::Finished)),
                Finish::End => (StepEnd::EndOfText, Some(End::Finished)),
                Finish::Length if called.clamped => (StepEnd::Length, Some(End::Exhausted(Limit::Tokens))),
                Finish::Length if self.one_step => (StepEnd::Length, None),
                Finish::Length => (StepEnd::Length, Some(End::Exhausted(Limit::Tokens))),
                Finish::Gate => (StepEnd::Gate, None),
                Finish::Cancelled => (StepEnd::Length, Some(End::Cancelled)),
                Finish::Deadline => (StepEnd::Length, Some(End::Exhausted(Limit::Seconds))),
            };
            let mut steps = steps_of(&writing, begins, &writer, end);
            steps.retain(|step| !step.text.is_empty() || !step.separator.is_empty());
            let nothing = steps.is_empty() && reason.is_none();
            return Ok(Proposal { steps, end: if nothing { Some(End::Stuck(Stuck::Empty)) } else { reason } });
        }
        Ok(Proposal {
            steps: steps_of(&writing, begins, &writer, StepEnd::Boundary),
            end: Some(End::Stuck(Stuck::Empty)),
        })
    }
}

/// Tells whether a text that ends in a blank line is a step: it says something and no block is open.
fn whole_step(text: &str) -> bool {
    let bare = text.trim();
    // A closing tag alone is a boundary of its own, an opening one is not.
    !bare.is_empty() && bare != "<think>" && StepCutter::default().push(text).is_some()
}

/// Keeps the first step of a call that ran over a boundary; what follows is written anew.
fn first_step(writing: &Writing, begins: Phase, writer: &Writer) -> Proposal {
    let mut steps = steps_of(writing, begins, writer, StepEnd::Boundary);
    let kept = steps.iter().position(|step| step.text.trim() != "<think>").unwrap_or(0) + 1;
    steps.truncate(kept);
    if let Some(last) = steps.last_mut() {
        last.end = StepEnd::Boundary;
    }
    Proposal { steps, end: None }
}
