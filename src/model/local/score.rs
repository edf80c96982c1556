//! The log-likelihood of a given continuation, a group of tokens at a time.

use llama_cpp_2::token::LlamaToken;
use tokio::sync::oneshot;

use super::engine::Parts;
use super::generate::logprob;
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
    /// Prompt and continuation, without the last token, which nothing follows.
    tokens: Vec<LlamaToken>,
    /// The tokens after each place from `first` on.
    targets: Vec<LlamaToken>,
    first: usize,
    likelihoods: Vec<f32>,
}

impl Scoring {
    pub(super) fn start(job: ScoreJob, parts: &mut Parts<'_>) -> Option<Scoring> {
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
        let targets = tokens.split_off(prompt_length);
        if targets.is_empty() {
            let _ = job.reply.send(Ok(Vec::new()));
            return None;
        }
        tokens.extend_from_slice(targets.get(..targets.len() - 1).unwrap_or_default());
        parts.sequence.begin(&tokens, prompt_length - 1);
        Some(Scoring { reply: job.reply, tokens, targets, first: prompt_length - 1, likelihoods: Vec::new() })
    }

    /// Nobody waits any more.
    pub(super) fn over(&self) -> bool {
        self.reply.is_closed()
    }

    /// Does one decode; says whether it was the last.
    pub(super) fn advance(&mut self, parts: &mut Parts<'_>) -> Result<bool, ModelError> {
        let group = parts.sequence.prefill(&self.tokens, self.first);
        let group = group.map_err(|fault| ModelError::Broken { what: fault.to_string() })?;
        for place in group.clone().filter(|place| *place >= self.first) {
            let logits = parts.sequence.logits(place - group.start);
            let target = self.targets.get(place - self.first);
            let logit = target.and_then(|target| logits.get(usize::try_from(target.0).ok()?));
            let likelihood = logit.map(|logit| logprob(*logit, log_softmax_entropy(logits).0));
            match likelihood.filter(|likelihood| !likelihood.is_nan()) {
                Some(likelihood) => self.likelihoods.push(likelihood),
                None => {
                    let what = "the model computed no usable probabilities".to_owned();
                    return Err(ModelError::Broken { what });
                }
            }
        }
        Ok(group.end == self.tokens.len())
    }

    pub(super) fn finish(self) {
        let _ = self.reply.send(Ok(self.likelihoods));
    }

    pub(super) fn fail(self, error: ModelError) {
        let _ = self.reply.send(Err(error));
    }
}
