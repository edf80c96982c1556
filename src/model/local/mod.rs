//! Models in this process, through llama.cpp.
//!
//! One thread a model owns weights and context (`engine`) and writes for all requests at once (`schedule`): each decode
//! takes a token of every stream and pieces of the prompts that wait (`plan`). What was decoded once is not decoded
//! again (`prefix`). What llama.cpp would end the process on is refused before: a file that is no whole GGUF file, a
//! prompt longer than the context, foreign token ids, bottomless grammars.
//!
//! Sampling is our own (`sample`): the same logits and seed give the same token, whatever sequence or order. The logits
//! themselves differ a little with what is decoded beside what; [`LocalSettings::deterministic`] rules that out, so that
//! the same request gives the same text as long as build, machine and number of threads stay.

mod backend;
mod context;
mod deltas;
mod embed;
mod engine;
mod generate;
mod grammar;
mod permit;
mod plan;
mod prefix;
mod sample;
mod schedule;
mod score;
mod settings;
#[cfg(test)]
mod tests;
mod utf8;
mod vocabulary;

pub use backend::{devices, system_info};
pub use embed::LocalEmbedder;
pub use settings::LocalSettings;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tokio::sync::{mpsc, oneshot};

use engine::{Command, Handle};
use generate::Job;
use score::ScoreJob;

use super::chat_template::ChatTemplate;
use super::gguf::{GgufInfo, check_header, read_header};
use super::think::ThinkSplitter;
use super::{
    Capabilities, ChatStyle, CompletionStream, Distribution, EntropyKind, Gate, LanguageModel, ModelError,
    ModelIdentity, ModelKind, Prompt, Request, Sampling, Segment, collect,
};

const MOST_ALTERNATIVES: u32 = 1000;
/// Tokens until a thinking model has written its opening tag and a first word.
const TOKENS_TO_CONTENT: u32 = 8;
/// Kinds of models that write no text.
const OTHER_ARCHITECTURES: [&str; 8] =
    ["bert", "nomic-bert", "modern-bert", "jina-bert-v2", "t5", "t5encoder", "clip", "wavtokenizer-dec"];

/// A model in this process. Dropping the last handle and stream frees it, after the decode in hand.
#[derive(Debug)]
pub struct LocalModel {
    identity: ModelIdentity,
    capabilities: Capabilities,
    info: GgufInfo,
    template: Option<ChatTemplate>,
    handle: Arc<Handle>,
}

/// Loads a model that writes text, or an embedder: what the file is. Blocks for as long as reading it takes.
///
/// # Errors
/// As for [`LocalModel::open`] and [`LocalEmbedder::open`].
pub fn open(settings: LocalSettings) -> Result<Arc<dyn LanguageModel>, ModelError> {
    let info = read_header(&settings.path)?;
    Ok(match embed::ARCHITECTURES.contains(&info.architecture.as_str()) {
        true => Arc::new(LocalEmbedder::open(&settings)?),
        false => Arc::new(LocalModel::open(settings)?),
    })
}

impl LocalModel {
    /// Loads a model. Blocks for as long as reading the file takes: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`ModelError::Load`] where the file is missing, damaged, cut short or no model that writes text, or a setting is
    /// out of range; [`ModelError::Template`] where its chat template is broken.
    pub fn open(settings: LocalSettings) -> Result<LocalModel, ModelError> {
        let load = |reason: String| ModelError::Load { path: settings.path.display().to_string(), reason };
        let info = check_header(&settings.path)?;
        if !info.causal || OTHER_ARCHITECTURES.contains(&info.architecture.as_str()) {
            return Err(load(format!("a model of the kind {} writes no text", info.architecture)));
        }
        let context = settings.check(&info).map_err(&load)?;
        let stem = settings.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = settings.name.clone().or(stem).unwrap_or_else(|| info.architecture.clone());
        let source = hash_file(&settings.path).map_err(|error| load(error.to_string()))?;
        let (handle, loaded) = engine::spawn(&settings, &name, context, &info)?;
        let (bos, eos) = &loaded.bounds;
        let compile = |source: &String| ChatTemplate::compile(&name, source, bos, eos);
        let source_of_template = settings.chat_template.as_ref().or(info.chat_template.as_ref());
        let template = source_of_template.map(compile).transpose()?;
        let identity = ModelIdentity {
            name,
            kind: ModelKind::Local,
            source,
            context: Some(context),
            chat_template: template.as_ref().map(|template| template.hash().to_owned()),
            tokenizer: Some(info.tokenizer_hash.clone()),
        };
        let capabilities = Capabilities {
            chat: template.as_ref().map_or(ChatStyle::Base, ChatTemplate::style),
            continuation: true,
            top_logprobs: MOST_ALTERNATIVES,
            full_entropy: true,
            log_likelihood: true,
            grammar: true,
            embeddings: false,
            seeded: true,
        };
        Ok(LocalModel { identity, capabilities, info, template, handle: Arc::new(handle) })
    }

    /// Gives what the file says about itself.
    #[must_use]
    pub fn info(&self) -> &GgufInfo {
        &self.info
    }

    fn bad_request(&self, rule: impl Into<String>) -> ModelError {
        ModelError::BadRequest { model: self.identity.name.clone(), rule: rule.into() }
    }

    /// Renders a prompt, and says where in a turn with think tags it ends.
    fn segments(&self, prompt: &Prompt) -> Result<(Vec<Segment>, ThinkSplitter), ModelError> {
        let written = prompt.continuation_text();
        let thinks = self.capabilities.chat == ChatStyle::Thinking;
        if prompt.messages.is_empty() {
            let think = if thinks && written.trim_end().ends_with("<think>") {
                ThinkSplitter::new(true)
            } else if thinks {
                ThinkSplitter::new(false)
            } else {
                ThinkSplitter::answer_only()
            };
            return Ok((prompt.continuation.clone(), think));
        }
        let Some(template) = &self.template else {
            let rule = "it has no chat template: write its prompts as plain text, without messages";
            return Err(self.bad_request(rule));
        };
        let rendered = template.render(&prompt.messages)?;
        let think = match thinks {
            true => ThinkSplitter::resume(rendered.opens_thinking, &written),
            false => ThinkSplitter::answer_only(),
        };
        let mut segments = rendered.segments;
        segments.extend(prompt.continuation.iter().cloned());
        Ok((segments, think))
    }

    fn check(&self, request: &Request) -> Result<(), ModelError> {
        let Sampling { temperature, top_k, top_p, min_p, .. } = request.sampling;
        let rules = [
            (request.max_tokens > 0, "max_tokens must be at least 1"),
            (temperature.is_finite() && temperature >= 0.0, "temperature must be 0 or more"),
            (top_k != Some(0), "top_k must be at least 1"),
            (top_p > 0.0 && top_p <= 1.0, "top_p must be above 0 and at most 1"),
            ((0.0..=1.0).contains(&min_p), "min_p must be 0 to 1"),
            (request.top_logprobs <= MOST_ALTERNATIVES, "top_logprobs must be at most 1000"),
            (request.gate.is_none_or(|gate| !gate.threshold_nats.is_nan()), "the gate's threshold must be a number"),
        ];
        match rules.iter().find(|(kept, _)| !kept) {
            Some((_, rule)) => Err(self.bad_request(*rule)),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl LanguageModel for LocalModel {
    fn identity(&self) -> &ModelIdentity {
        &self.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn complete(&self, mut request: Request) -> Result<CompletionStream, ModelError> {
        let submitted = Instant::now();
        self.check(&request)?;
        let (segments, think) = self.segments(&std::mem::take(&mut request.prompt))?;
        let (events, receiver) = mpsc::unbounded_channel();
        self.handle.send(Command::Complete(Box::new(Job { segments, think, request, events, submitted })));
        // The stream keeps the model alive; a channel that closes early means that the thread died.
        let state = Some((receiver, Arc::clone(&self.handle)));
        let read = |state: Option<(mpsc::UnboundedReceiver<_>, Arc<Handle>)>| async {
            let (mut receiver, handle) = state?;
            match receiver.recv().await {
                Some(event @ Ok(super::CompletionEvent::Delta { .. })) => Some((event, Some((receiver, handle)))),
                Some(last) => Some((last, None)),
                None => Some((Err(stopped()), None)),
            }
        };
        Ok(stream::unfold(state, read).boxed())
    }

    async fn next_token(&self, prompt: &Prompt, kind: EntropyKind) -> Result<Distribution, ModelError> {
        let mut request = Request::new(prompt.clone(), Sampling::greedy(), TOKENS_TO_CONTENT);
        // Always closes: the call ends with its first content token.
        request.gate = Some(Gate { kind, threshold_nats: f32::NEG_INFINITY });
        let completion = collect(self.complete(request).await?).await?;
        completion.first.ok_or_else(|| ModelError::Broken { what: "the model wrote think tags only".to_owned() })
    }

    async fn log_likelihood(&self, prompt: &Prompt, continuation: &str) -> Result<Vec<f32>, ModelError> {
        let (segments, _) = self.segments(prompt)?;
        let (reply, answer) = oneshot::channel();
        let continuation = continuation.to_owned();
        self.handle.send(Command::Score(Box::new(ScoreJob { segments, continuation, reply })));
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    fn prefetch(&self, prompt: &Prompt) {
        if let Ok((segments, _)) = self.segments(prompt) {
            self.handle.send(Command::Prefetch(segments));
        }
    }
}

fn stopped() -> ModelError {
    ModelError::Broken { what: "the local engine stopped".to_owned() }
}

fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hasher.finalize().to_hex().to_string());
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
    }
}
