//! A model whose completions come out of a completion log only: `--replay`.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream;

use super::json::{completion_from_json, request_hash};
use super::{
    Capabilities, CompletionEvent, CompletionStream, Distribution, EntropyKind, LanguageModel, ModelError,
    ModelIdentity, Prompt, Request,
};
use crate::step::Phase;

/// Where completions of an earlier run are looked up; `run` implements it over the store. New completions are not
/// appended here: they are committed with their attempt, or a killed run would leave some behind.
pub trait CompletionLog: Send + Sync + std::fmt::Debug {
    /// Finds a completion, as `json::completion_json` wrote it, by its request's hash.
    fn look_up(&self, request_hash: &str) -> Option<String>;
}

/// Stands in for a model of an earlier run: same identity, same capabilities, completions out of the log.
#[derive(Debug)]
pub struct RecordedModel {
    identity: ModelIdentity,
    capabilities: Capabilities,
    log: Arc<dyn CompletionLog>,
}

impl RecordedModel {
    /// Makes the stand-in of the model with this identity.
    #[must_use]
    pub fn new(identity: ModelIdentity, capabilities: Capabilities, log: Arc<dyn CompletionLog>) -> RecordedModel {
        RecordedModel { identity, capabilities, log }
    }
}

#[async_trait]
impl LanguageModel for RecordedModel {
    fn identity(&self) -> &ModelIdentity {
        &self.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn complete(&self, request: Request) -> Result<CompletionStream, ModelError> {
        let hash = request_hash(&self.identity, &request);
        let stored = self.log.look_up(&hash).ok_or_else(|| ModelError::NotRecorded { hash: hash.clone() })?;
        let completion = completion_from_json(&stored)
            .map_err(|error| ModelError::Broken { what: format!("the log's entry {hash} is damaged: {error}") })?;
        let mut events = Vec::new();
        for (phase, text) in [(Phase::Think, &completion.reasoning), (Phase::Answer, &completion.text)] {
            if !text.is_empty() {
                events.push(Ok(CompletionEvent::Delta { phase, text: text.clone() }));
            }
        }
        events.push(Ok(CompletionEvent::Done(Box::new(completion))));
        Ok(stream::iter(events).boxed())
    }

    async fn next_token(&self, _prompt: &Prompt, _kind: EntropyKind) -> Result<Distribution, ModelError> {
        Err(ModelError::Unsupported { model: self.identity.name.clone(), what: "distributions out of a replay" })
    }
}
