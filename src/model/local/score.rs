//! The log-likelihood of a given continuation.

use tokio::sync::oneshot;

use super::engine::Parts;
use super::generate::logprob;
use super::prefix::TokenId;
use crate::model::{ModelError, Segment, log_softmax_entropy};

/// A continuation that waits for its turn.
#[derive(Debug)]
pub(super) struct ScoreJob {
    pub(super) segments: Vec<Segment>,
    pub(super) continuation: String,
    pub(super) reply: oneshot::Sender<Result<Vec<f32>, ModelError>>,
}

/// A continuation that is being scored.
#[derive(Debug)]
pub(super) struct Scoring {
    reply: oneshot::Sender<Result<Vec<f32>, ModelError>>,
    /// The tokens of the continuation.
    targets: Vec<TokenId>,
    likelihoods: Vec<f32>,
}

impl Scoring {
    /// Prepares a continuation; gives the tokens to decode, all but the last, which nothing follows, and the place of
    /// the first one whose logits are needed. What needs no decoding is answered at once.
    pub(super) fn start(job: ScoreJob, parts: &Parts<'_>) -> Option<(Scoring, Vec<TokenId>, usize)> {
        let prepared = parts.prompt(&job.segments).and_then(|prompt| {
            let mut tokens = prompt.clone();
            // Apart from the prompt, so that the border between the two lies between tokens.
            parts.append(&mut tokens, &job.continuation)?;
            Ok((prompt.len(), tokens))
        });
        let (prompt_length, mut tokens) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                let _ = job.reply.send(Err(error));
                return None;
            }
        };
        let targets = tokens.get(prompt_length..).unwrap_or_default().to_vec();
        if targets.is_empty() {
            let _ = job.reply.send(Ok(Vec::new()));
            return None;
        }
        tokens.pop();
        let scoring = Scoring { reply: job.reply, targets, likelihoods: Vec::new() };
        Some((scoring, tokens, prompt_length - 1))
    }

    /// Nobody waits any more.
    pub(super) fn over(&self) -> bool {
        self.reply.is_closed()
    }

    /// Takes the next logits; says whether they were the last.
    pub(super) fn row(&mut self, logits: &[f32]) -> Result<bool, ModelError> {
        let target = self.targets.get(self.likelihoods.len());
        let logit = target.and_then(|target| logits.get(usize::try_from(*target).ok()?));
        let likelihood = logit.map(|logit| logprob(*logit, log_softmax_entropy(logits).0));
        match likelihood.filter(|likelihood| !likelihood.is_nan()) {
            Some(likelihood) => self.likelihoods.push(likelihood),
            None => return Err(ModelError::Broken { what: "the model computed no usable probabilities".to_owned() }),
        }
        Ok(self.likelihoods.len() == self.targets.len())
    }

    pub(super) fn finish(self) {
        let _ = self.reply.send(Ok(self.likelihoods));
    }

    pub(super) fn fail(self, error: ModelError) {
        let _ = self.reply.send(Err(error));
    }
}
