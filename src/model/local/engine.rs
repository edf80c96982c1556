//! The thread that owns a model: weights, context and everything that is written with them.
//!
//! Callers send a [`Command`] and get events back through the job's own channel, so that what runs beside what is
//! `schedule`'s business alone.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;

use super::backend;
use super::context::Context;
use super::generate::{Job, alternatives};
use super::permit::EngineId;
use super::prefix::{Bounds, Cache, Reuse, SequenceId, TokenId};
use super::schedule::{Rules, Schedule};
use super::score::ScoreJob;
use super::settings::{KEPT_SEQUENCES, LocalSettings, MOST_SEQUENCES};
use super::vocabulary::{TokenizeFault, Vocabulary};
use crate::model::gguf::GgufInfo;
use crate::model::{ModelError, Segment};
use crate::token::{Alternative, TokenizerHash};

/// What the thread can be asked to do.
#[derive(Debug)]
pub(super) enum Command {
    Complete(Box<Job>),
    Score(Box<ScoreJob>),
    /// Decodes a prompt in idle time.
    Prefetch(Vec<Segment>),
}

impl Command {
    /// Gives a way to answer it once it is gone.
    pub(super) fn failing(&self) -> Box<dyn FnOnce(ModelError)> {
        match self {
            Command::Complete(job) => {
                let events = job.events.clone();
                Box::new(move |error| drop(events.send(Err(error))))
            }
            // Its reply is dropped with it, which says the same.
            Command::Score(_) | Command::Prefetch(_) => Box::new(|_| {}),
        }
    }
}

/// What the thread says once the model is loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Texts of the tokens that begin and end a text.
    pub(super) bounds: (String, String),
}

/// Grammars and regular expressions call themselves in llama.cpp; memory is only taken as it is touched.
const STACK: usize = 64 << 20;

/// A running thread; dropping the last handle ends it, after the decode in hand.
#[derive(Debug)]
pub(super) struct Handle {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    /// Sends a job; its channel closes without an answer if the thread is gone.
    pub(super) fn send(&self, command: Command) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command);
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // Who drops it may be a job's own receiver inside the thread; nobody can wait for itself.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// Starts a thread and loads the model in it.
pub(super) fn spawn(
    settings: &LocalSettings,
    name: &str,
    context: u32,
    info: &GgufInfo,
) -> Result<(Handle, Loaded), ModelError> {
    let load = |reason: String| ModelError::Load { path: settings.path.display().to_string(), reason };
    let (commands, receiver) = channel();
    let (ready, loaded) = channel();
    let (settings_there, name, info) = (settings.clone(), name.to_owned(), info.clone());
    let body = move || serve(&settings_there, name, context, &info, &receiver, &ready);
    let thread = std::thread::Builder::new().name("llama".to_owned()).stack_size(STACK).spawn(body);
    let thread = thread.map_err(|error| load(format!("no thread for it: {error}")))?;
    let handle = Handle { commands: Some(commands), thread: Some(thread) };
    let loaded = loaded.recv().map_err(|_| load("loading it stopped in the middle".to_owned()))?;
    Ok((handle, loaded.map_err(load)?))
}

fn serve(
    settings: &LocalSettings,
    name: String,
    context: u32,
    info: &GgufInfo,
    receiver: &Receiver<Command>,
    ready: &Sender<Result<Loaded, String>>,
) {
    let model = match load(&settings.path, settings.gpu_layers) {
        Ok(model) => model,
        Err(reason) => return drop(ready.send(Err(reason))),
    };
    let (cache, rules) = match open_context(&model, settings, context, info) {
        Ok(opened) => opened,
        Err(reason) => return drop(ready.send(Err(reason))),
    };
    let vocabulary = Vocabulary::new(&model, info);
    if ready.send(Ok(Loaded { bounds: vocabulary.bounds() })).is_err() {
        return;
    }
    let parts = Parts {
        model: &model,
        vocabulary,
        name,
        context: usize::try_from(context).unwrap_or(usize::MAX),
        tokenizer: info.tokenizer_hash.clone(),
    };
    Schedule::new(parts, cache, rules).run(receiver);
}

pub(super) fn load(path: &Path, gpu_layers: u32) -> Result<LlamaModel, String> {
    if path.to_str().is_none() {
        return Err("llama.cpp opens no file whose path is not UTF-8".to_owned());
    }
    backend::load(path, &LlamaModelParams::default().with_n_gpu_layers(gpu_layers))
}

/// Tokens that one decode takes at most; more gain no speed.
const BATCH: u32 = 512;
/// On a CPU 1,000 cells that are not free cost a prompt of 512 tokens 10 % of its time with 135 million weights, and 8
/// streams 2 %; fetching as many from outside costs 1.2 ms.
const IDLE_CELLS: usize = 0;
/// Recurrent models keep a whole state for each sequence.
const KEPT_STATES: u32 = 4;
/// Cells beyond those of one context, where they take no more memory than this.
const MOST_SPARE_BYTES: u64 = 512 << 20;

pub(super) fn open_context<'model>(
    model: &'model LlamaModel,
    settings: &LocalSettings,
    context: u32,
    info: &GgufInfo,
) -> Result<(Cache<Context<'model>>, Rules), String> {
    let reuse = reuse(model, info);
    let live = if settings.deterministic { 1 } else { settings.sequences() };
    let kept = match (settings.deterministic, reuse) {
        (true, _) => 0,
        (false, Reuse::Prefixes) => KEPT_SEQUENCES,
        (false, Reuse::Whole) => KEPT_STATES,
    };
    let sequences = (live + kept).min(MOST_SEQUENCES - 1);
    let cells = settings.cells.unwrap_or_else(|| context.saturating_add(spare_cells(model, context)));
    let batch = BATCH.min(cells);
    let threads = i32::try_from(settings.threads()).unwrap_or(1);
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(cells))
        .with_n_batch(batch)
        .with_n_ubatch(batch)
        .with_n_seq_max(sequences + 1)
        .with_kv_unified(true)
        .with_swa_full(true)
        .with_n_threads(threads)
        .with_n_threads_batch(threads);
    let opened = model.new_context(backend::backend()?, params);
    let opened = opened.map_err(|_| format!("llama.cpp makes no context of {cells} tokens: too little memory?"))?;
    let engine = EngineId::new();
    let sequences = SequenceId::try_from(sequences).unwrap_or(1);
    let memory = Context::new(opened, sequences, (settings.gpu_layers == 0).then_some(engine));
    let bounds = Bounds {
        sequences,
        cells: memory.cells(),
        idle: if settings.gpu_layers == 0 { IDLE_CELLS } else { usize::MAX },
        outside: settings.outside(),
    };
    let rules = Rules {
        live: usize::try_from(live).unwrap_or(1),
        is_deterministic: settings.deterministic,
        mixes: settings.gpu_layers > 0,
        engine,
    };
    Ok((Cache::new(memory, bounds, reuse), rules))
}

/// Says what can be used again: a beginning only where a sequence can be cut back to any of its tokens.
fn reuse(model: &LlamaModel, info: &GgufInfo) -> Reuse {
    let window = model.meta_val_str(&format!("{}.attention.sliding_window", info.architecture));
    let has_window = window.is_ok_and(|window| window.trim() != "0");
    if model.is_recurrent() || model.is_hybrid() || has_window { Reuse::Whole } else { Reuse::Prefixes }
}

/// As many cells again as a context has, for what others write and what may be used again, unless that takes much
/// memory.
fn spare_cells(model: &LlamaModel, context: u32) -> u32 {
    let (heads, key_heads) = (u64::from(model.n_head()).max(1), u64::from(model.n_head_kv()).max(1));
    let width = u64::try_from(model.n_embd()).unwrap_or(0) * key_heads / heads;
    // A key and a value for each layer, 2 bytes a number.
    let bytes = (u64::from(model.n_layer()) * width * 4).max(1);
    context.min(u32::try_from(MOST_SPARE_BYTES / bytes).unwrap_or(u32::MAX))
}

/// What jobs work with.
pub(super) struct Parts<'model> {
    pub(super) model: &'model LlamaModel,
    pub(super) vocabulary: Vocabulary<'model>,
    pub(super) tokenizer: TokenizerHash,
    /// Tokens that fit in.
    pub(super) context: usize,
    name: String,
}

impl Parts<'_> {
    pub(super) fn bad_request(&self, rule: String) -> ModelError {
        ModelError::BadRequest { model: self.name.clone(), rule }
    }

    /// Gives the tokens of a prompt that leaves room for at least one more.
    pub(super) fn prompt(&self, segments: &[Segment]) -> Result<Vec<TokenId>, ModelError> {
        let tokenized = self.vocabulary.tokenize(segments, self.context);
        let mut tokens = tokenized.map_err(|fault| self.refuse(&fault))?;
        if tokens.is_empty() {
            return Err(self.bad_request("the prompt is empty".to_owned()));
        }
        self.vocabulary.begin(&mut tokens);
        if tokens.len() >= self.context {
            return Err(self.refuse(&TokenizeFault::TooLong(tokens.len())));
        }
        Ok(tokens.into_iter().map(|token| token.0).collect())
    }

    /// Appends untrusted text to a prompt.
    pub(super) fn append(&self, tokens: &mut Vec<TokenId>, text: &str) -> Result<(), ModelError> {
        let mut all: Vec<LlamaToken> = tokens.iter().copied().map(LlamaToken).collect();
        let appended = self.vocabulary.append(&mut all, text.as_bytes(), false, self.context);
        appended.map_err(|fault| self.refuse(&fault))?;
        tokens.extend(all.iter().skip(tokens.len()).map(|token| token.0));
        if tokens.len() > self.context {
            return Err(self.refuse(&TokenizeFault::TooLong(tokens.len())));
        }
        Ok(())
    }

    fn refuse(&self, fault: &TokenizeFault) -> ModelError {
        match fault {
            TokenizeFault::TooLong(tokens) => ModelError::PromptTooLong {
                model: self.name.clone(),
                tokens: *tokens,
                context: u32::try_from(self.context).unwrap_or(u32::MAX),
            },
            TokenizeFault::ForeignId(id) => self.bad_request(format!("token id {id} is not in the vocabulary")),
        }
    }

    pub(super) fn alternatives(&self, logits: &[f32], log_sum: f64, count: usize) -> Vec<Alternative> {
        alternatives(logits, log_sum, count, |token| self.vocabulary.text(token))
    }
}
