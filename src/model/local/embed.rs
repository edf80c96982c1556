//! Embedders: models that turn texts into unit vectors, each in a thread of its own.
//!
//! Texts are packed into one pass as far as they fit, each a sequence of its own that sees no other. A pass is never
//! larger than the context was made for: llama.cpp ends the process on a larger one. How the vectors of a text's tokens
//! become one (mean, first, last) is what the file says, the mean where it says nothing.

use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use async_trait::async_trait;
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;
use tokio::sync::oneshot;

use super::permit::{EngineId, decode_permit};
use super::{LocalSettings, backend, hash_file, stopped};
use crate::model::gguf::{GgufInfo, check_header};
use crate::model::{
    Capabilities, ChatStyle, CompletionStream, Distribution, EntropyKind, LanguageModel, ModelError, ModelIdentity,
    ModelKind, Prompt, Request,
};

/// Kinds of models that llama.cpp embeds with.
pub(super) const ARCHITECTURES: [&str; 4] = ["bert", "nomic-bert", "jina-bert-v2", "modern-bert"];
/// Context where the settings name none: memory grows with its square.
const DEFAULT_CONTEXT: u32 = 2048;
/// Tokens of one pass, where the context is not longer.
const LEAST_PASS: u32 = 512;
/// Texts of one pass.
const MOST_TEXTS: usize = 64;
/// A word of any length can be one unknown token, so a text's length in bytes needs a limit of its own.
const LONGEST_TEXT: usize = 1 << 20;

/// An embedder in this process. It writes no text. Dropping the last handle frees it, after the pass in hand.
#[derive(Debug)]
pub struct LocalEmbedder {
    identity: ModelIdentity,
    capabilities: Capabilities,
    info: GgufInfo,
    commands: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

type Embedded = Result<Vec<Vec<f32>>, ModelError>;
type Reply = oneshot::Sender<Embedded>;

/// Texts to embed, and who waits for the vectors.
struct Job {
    texts: Vec<String>,
    reply: Reply,
}

impl LocalEmbedder {
    /// Loads an embedder. Blocks for as long as reading the file takes: call it where blocking is allowed.
    ///
    /// # Errors
    /// [`ModelError::Load`] where the file is missing, damaged, cut short or no embedder, or a setting is out of range.
    pub fn open(settings: &LocalSettings) -> Result<LocalEmbedder, ModelError> {
        let load = |reason: String| ModelError::Load { path: settings.path.display().to_string(), reason };
        let info = check_header(&settings.path)?;
        if info.causal || !ARCHITECTURES.contains(&info.architecture.as_str()) {
            return Err(load(format!("a model of the kind {} is no embedder", info.architecture)));
        }
        if info.pooling.is_some_and(|pooling| pooling > 3) {
            return Err(load("it ranks pairs of texts and embeds none".to_owned()));
        }
        let wanted = LocalSettings {
            context: settings.context.or_else(|| {
                let trained = info.context_length.and_then(|length| u32::try_from(length).ok());
                trained.filter(|length| *length > 0).map(|length| length.min(DEFAULT_CONTEXT))
            }),
            ..settings.clone()
        };
        let context = wanted.check(&info).map_err(&load)?;
        let stem = settings.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = settings.name.clone().or(stem).unwrap_or_else(|| info.architecture.clone());
        let identity = ModelIdentity {
            name: name.clone(),
            kind: ModelKind::Local,
            source: hash_file(&settings.path).map_err(|error| load(error.to_string()))?,
            context: Some(context),
            chat_template: None,
            tokenizer: Some(info.tokenizer_hash.clone()),
        };
        let capabilities = Capabilities {
            chat: ChatStyle::Base,
            continuation: false,
            top_logprobs: 0,
            full_entropy: false,
            log_likelihood: false,
            grammar: false,
            embeddings: true,
            seeded: true,
        };
        let (commands, receiver) = channel();
        let (ready, loaded) = channel();
        let plan = Plan { settings: wanted, name, context, has_pooling: matches!(info.pooling, Some(1..=3)) };
        let body = move || serve(&plan, &receiver, &ready);
        let thread = std::thread::Builder::new().name("embedder".to_owned()).spawn(body);
        let thread = thread.map_err(|error| load(format!("no thread for it: {error}")))?;
        let embedder = LocalEmbedder { identity, capabilities, info, commands: Some(commands), thread: Some(thread) };
        loaded.recv().map_err(|_| load("loading it stopped in the middle".to_owned()))?.map_err(load)?;
        Ok(embedder)
    }

    /// Gives what the file says about itself.
    #[must_use]
    pub fn info(&self) -> &GgufInfo {
        &self.info
    }

    fn unsupported<T>(&self, what: &'static str) -> Result<T, ModelError> {
        Err(ModelError::Unsupported { model: self.identity.name.clone(), what })
    }
}

impl Drop for LocalEmbedder {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[async_trait]
impl LanguageModel for LocalEmbedder {
    fn identity(&self) -> &ModelIdentity {
        &self.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn complete(&self, _request: Request) -> Result<CompletionStream, ModelError> {
        self.unsupported("texts")
    }

    async fn next_token(&self, _prompt: &Prompt, _kind: EntropyKind) -> Result<Distribution, ModelError> {
        self.unsupported("distributions")
    }

    /// Embeds texts, one unit vector each. Dropping the future gives up, after the pass in hand.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        let job = Job { texts: texts.to_vec(), reply };
        let sent = self.commands.as_ref().is_some_and(|commands| commands.send(job).is_ok());
        if !sent {
            return Err(stopped());
        }
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

/// What the thread opens.
struct Plan {
    settings: LocalSettings,
    name: String,
    context: u32,
    /// The file says how to pool.
    has_pooling: bool,
}

fn serve(plan: &Plan, receiver: &Receiver<Job>, ready: &Sender<Result<(), String>>) {
    if plan.settings.path.to_str().is_none() {
        let reason = "llama.cpp opens no file whose path is not UTF-8".to_owned();
        return drop(ready.send(Err(reason)));
    }
    let params = LlamaModelParams::default().with_n_gpu_layers(plan.settings.gpu_layers);
    let model = match backend::load(&plan.settings.path, &params) {
        Ok(model) => model,
        Err(reason) => return drop(ready.send(Err(reason))),
    };
    let engine = match Engine::open(&model, plan) {
        Ok(engine) => engine,
        Err(reason) => return drop(ready.send(Err(reason))),
    };
    if ready.send(Ok(())).is_ok() {
        engine.run(receiver);
    }
}

struct Engine<'model> {
    model: &'model LlamaModel,
    context: LlamaContext<'model>,
    batch: LlamaBatch<'static>,
    engine: EngineId,
    name: &'model str,
    /// Tokens of one text, and of one pass.
    longest: usize,
    pass: usize,
}

impl<'model> Engine<'model> {
    fn open(model: &'model LlamaModel, plan: &'model Plan) -> Result<Engine<'model>, String> {
        let threads = i32::try_from(plan.settings.threads()).unwrap_or(1);
        let pass = plan.context.max(LEAST_PASS);
        let mut params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(pass))
            .with_n_batch(pass)
            .with_n_ubatch(pass)
            .with_n_seq_max(u32::try_from(MOST_TEXTS).unwrap_or(1))
            .with_kv_unified(true)
            .with_embeddings(true)
            .with_n_threads(threads)
            .with_n_threads_batch(threads);
        if !plan.has_pooling {
            params = params.with_pooling_type(LlamaPoolingType::Mean);
        }
        let context = model.new_context(backend::backend()?, params);
        let context = context
            .map_err(|_| format!("llama.cpp makes no context of {} tokens: too little memory?", plan.context))?;
        let usize = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        // What it was really made with, should llama.cpp have rounded.
        let pass = usize(pass.min(context.n_ubatch()).min(context.n_batch()));
        let batch = LlamaBatch::new(pass, 1);
        let (engine, longest) = (EngineId::new(), usize(plan.context).min(pass));
        Ok(Engine { model, context, batch, engine, name: &plan.name, longest, pass })
    }

    /// Works until the embedder is dropped.
    fn run(mut self, receiver: &Receiver<Job>) {
        while let Ok(Job { texts, reply }) = receiver.recv() {
            let embedded = catch_unwind(AssertUnwindSafe(|| self.embed(&texts, &reply)));
            let defect = |_| Some(Err(ModelError::Broken { what: "a defect in the local embedder".to_owned() }));
            if let Some(answer) = embedded.unwrap_or_else(defect) {
                let _ = reply.send(answer);
            }
        }
    }

    /// Embeds all texts; `None` where nobody waits any more.
    fn embed(&mut self, texts: &[String], reply: &Reply) -> Option<Embedded> {
        let mut vectors = Vec::with_capacity(texts.len());
        let mut waiting: Vec<Vec<LlamaToken>> = Vec::new();
        let mut filled = 0;
        for (index, text) in texts.iter().enumerate() {
            if reply.is_closed() {
                return None;
            }
            let tokens = match self.tokens(index, text) {
                Ok(tokens) => tokens,
                Err(error) => return Some(Err(error)),
            };
            if waiting.len() == MOST_TEXTS || filled + tokens.len() > self.pass {
                if let Err(error) = self.pass(&waiting, &mut vectors) {
                    return Some(Err(error));
                }
                waiting.clear();
                filled = 0;
            }
            filled += tokens.len();
            waiting.push(tokens);
        }
        Some(self.pass(&waiting, &mut vectors).map(|()| vectors))
    }

    fn tokens(&self, index: usize, text: &str) -> Result<Vec<LlamaToken>, ModelError> {
        if text.len() > LONGEST_TEXT {
            let rule = format!("text {index} has {} bytes, at most {LONGEST_TEXT} can be embedded", text.len());
            return Err(ModelError::BadRequest { model: self.name.to_owned(), rule });
        }
        let tokens = self.model.vocab().tokenize(text.as_bytes(), true, false);
        let size = self.model.n_vocab();
        if tokens.is_empty() || tokens.iter().any(|token| !(0..size).contains(&token.0)) {
            let rule = format!("text {index} gives no tokens in its vocabulary");
            return Err(ModelError::BadRequest { model: self.name.to_owned(), rule });
        }
        if tokens.len() > self.longest {
            return Err(ModelError::TextTooLong {
                model: self.name.to_owned(),
                index,
                tokens: tokens.len(),
                context: u32::try_from(self.longest).unwrap_or(u32::MAX),
            });
        }
        Ok(tokens)
    }

    /// Embeds texts that fit into one pass.
    fn pass(&mut self, texts: &[Vec<LlamaToken>], vectors: &mut Vec<Vec<f32>>) -> Result<(), ModelError> {
        let broken = |what: String| ModelError::Broken { what };
        self.batch.clear();
        for (sequence, tokens) in (0..).zip(texts) {
            let added = self.batch.add_sequence(tokens, sequence, true);
            added.map_err(|error| broken(format!("llama.cpp takes no such batch: {error}")))?;
        }
        {
            let _permit = decode_permit(self.engine);
            let encoded = self.context.encode(&mut self.batch);
            encoded.map_err(|error| broken(format!("llama.cpp does not embed: {error}")))?;
            self.context.synchronize();
        }
        for (sequence, _) in (0..).zip(texts) {
            let vector = self.context.embeddings_seq_ith(sequence);
            let vector = vector.map_err(|error| broken(format!("llama.cpp gives no vector: {error}")))?;
            vectors.push(unit(vector).ok_or_else(|| broken("a vector has no direction".to_owned()))?);
        }
        Ok(())
    }
}

/// Gives the vector of length 1 in the same direction.
fn unit(vector: &[f32]) -> Option<Vec<f32>> {
    let length = vector.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "a component of a unit vector")]
    let scaled = |number: &f32| (f64::from(*number) / length) as f32;
    (length.is_finite() && length > 0.0).then(|| vector.iter().map(scaled).collect())
}

#[cfg(test)]
mod tests {
    use super::unit;

    #[test]
    fn vectors_get_length_one() {
        assert_eq!(unit(&[3.0, -4.0]), Some(vec![0.6, -0.8]));
        assert_eq!(unit(&[1e30, 0.0]), Some(vec![1.0, 0.0]));
        assert_eq!((unit(&[0.0, 0.0]), unit(&[f32::NAN]), unit(&[f32::INFINITY])), (None, None, None));
    }
}
