//! One piece of work of a schedule: tokens to decode, and what becomes of the logits after some of them.

use std::time::Instant;

use crate::model::local::engine::Parts;
use crate::model::local::generate::{Generation, Job, Step};
use crate::model::local::prefix::TokenId;
use crate::model::local::score::{ScoreJob, Scoring};
use crate::model::{Finish, ModelError};

/// Why a stream ends.
#[derive(Debug)]
pub(super) enum End {
    /// As its request wants it.
    Finished(Finish),
    /// Without an answer.
    Error(ModelError),
}

#[derive(Debug)]
enum Work {
    Write(Box<Generation>),
    Score(Box<Scoring>),
    /// Nothing is wanted but that the tokens lie in the memory.
    Warm,
}

/// Tokens to decode for one request.
#[derive(Debug)]
pub(super) struct Stream {
    work: Work,
    /// Those of the prompt, then those that were written.
    pub(super) tokens: Vec<TokenId>,
    /// Logits are wanted after every token from this place on.
    pub(super) wanted_from: usize,
    prompt: usize,
    end: Option<End>,
}

impl Stream {
    /// Prepares a completion; one that cannot begin is answered.
    pub(super) fn write(job: Job, parts: &Parts<'_>) -> Option<Stream> {
        match Generation::start(job, parts) {
            Ok((generation, tokens)) => {
                let wanted_from = tokens.len() - 1;
                Some(Stream::new(Work::Write(Box::new(generation)), tokens, wanted_from))
            }
            Err((events, error)) => {
                let _ = events.send(Err(error));
                None
            }
        }
    }

    /// Prepares a likelihood; one that cannot begin is answered.
    pub(super) fn score(job: ScoreJob, parts: &Parts<'_>) -> Option<Stream> {
        let (scoring, tokens, wanted_from) = Scoring::start(job, parts)?;
        Some(Stream::new(Work::Score(Box::new(scoring)), tokens, wanted_from))
    }

    pub(super) fn warm(tokens: Vec<TokenId>) -> Stream {
        Stream::new(Work::Warm, tokens, usize::MAX)
    }

    fn new(work: Work, tokens: Vec<TokenId>, wanted_from: usize) -> Stream {
        let prompt = tokens.len();
        Stream { work, tokens, wanted_from, prompt, end: None }
    }

    pub(super) fn is_warm(&self) -> bool {
        matches!(self.work, Work::Warm)
    }

    /// Tokens that were there from the beginning.
    pub(super) fn prompt(&self) -> usize {
        self.prompt
    }

    /// The tokens that need not be decoded where they are known: no logits after them are wanted.
    pub(super) fn reusable(&self) -> &[TokenId] {
        self.tokens.get(..self.wanted_from.min(self.tokens.len())).unwrap_or_default()
    }

    /// How many tokens it may still write.
    pub(super) fn left(&self) -> usize {
        match &self.work {
            Work::Write(generation) => generation.left(),
            Work::Score(_) | Work::Warm => 0,
        }
    }

    /// Says whether there is no use in going on.
    pub(super) fn over(&self, now: Instant) -> Option<End> {
        match &self.work {
            Work::Write(generation) => generation.over(now).map(End::Finished),
            Work::Score(scoring) => scoring.over().then_some(End::Finished(Finish::Cancelled)),
            Work::Warm => None,
        }
    }

    /// When it must have ended.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.work {
            Work::Write(generation) => generation.deadline(),
            Work::Score(_) | Work::Warm => None,
        }
    }

    /// Notes that it has got a sequence that holds its first `known` tokens.
    pub(super) fn admit(&mut self, known: usize) {
        if let Work::Write(generation) = &mut self.work {
            generation.admit(self.prompt, known);
        }
    }

    /// Takes the logits after the token before `length`.
    pub(super) fn row(&mut self, parts: &Parts<'_>, logits: &[f32], length: usize) {
        if self.end.is_some() {
            return;
        }
        let end = match &mut self.work {
            Work::Write(generation) => match generation.row(parts, logits, length) {
                Ok(Step::More(token)) => {
                    self.tokens.push(token);
                    None
                }
                Ok(Step::Done(finish)) => Some(End::Finished(finish)),
                Err(error) => Some(End::Error(error)),
            },
            Work::Score(scoring) => match scoring.row(logits) {
                Ok(true) => Some(End::Finished(Finish::End)),
                Ok(false) => None,
                Err(error) => Some(End::Error(error)),
            },
            Work::Warm => None,
        };
        self.end = end;
    }

    pub(super) fn fail(&mut self, error: ModelError) {
        self.end = Some(End::Error(error));
    }

    /// Gives why it ends, if it does, with its first `done` tokens decoded.
    pub(super) fn take_end(&mut self, done: usize) -> Option<End> {
        let is_warmed = self.is_warm() && done == self.tokens.len();
        self.end.take().or(is_warmed.then_some(End::Finished(Finish::End)))
    }

    /// Answers.
    pub(super) fn end(self, end: End) {
        match (self.work, end) {
            (Work::Write(generation), End::Finished(finish)) => generation.finish(finish),
            (Work::Write(generation), End::Error(error)) => generation.fail(error),
            (Work::Score(_), End::Finished(Finish::Cancelled)) | (Work::Warm, _) => {}
            (Work::Score(scoring), End::Finished(_)) => scoring.finish(),
            (Work::Score(scoring), End::Error(error)) => scoring.fail(error),
        }
    }
}
