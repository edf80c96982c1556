//! The thread that owns a model: it takes jobs in order, works on one at a time, and looks up between decodes.
//!
//! Callers send a [`Command`] and get events back through the job's own channel, so that what runs beside what is this
//! module's business alone. A panic in here, which would be a defect, fails the job in hand and no other.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;

use super::generate::{Generation, Job, alternatives};
use super::score::{ScoreJob, Scoring};
use super::sequence::{CHUNK, Sequence};
use super::vocabulary::{TokenizeFault, Vocabulary};
use super::{LocalSettings, backend};
use crate::model::gguf::GgufInfo;
use crate::model::{ModelError, Segment};
use crate::token::{Alternative, TokenizerHash};

/// What the thread can be asked to do.
#[derive(Debug)]
pub(super) enum Command {
    Complete(Box<Job>),
    Score(Box<ScoreJob>),
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
    let sequence = match open_context(&model, settings, context) {
        Ok(sequence) => sequence,
        Err(reason) => return drop(ready.send(Err(reason))),
    };
    let vocabulary = Vocabulary::new(&model, info);
    if ready.send(Ok(Loaded { bounds: vocabulary.bounds() })).is_err() {
        return;
    }
    let parts = Parts {
        model: &model,
        vocabulary,
        sequence,
        name,
        context: usize::try_from(context).unwrap_or(usize::MAX),
        tokenizer: info.tokenizer_hash.clone(),
    };
    Engine { parts, queue: VecDeque::new(), active: None }.run(receiver);
}

fn load(path: &Path, gpu_layers: u32) -> Result<LlamaModel, String> {
    if path.to_str().is_none() {
        return Err("llama.cpp opens no file whose path is not UTF-8".to_owned());
    }
    backend::load(path, &LlamaModelParams::default().with_n_gpu_layers(gpu_layers))
}

fn open_context<'model>(
    model: &'model LlamaModel,
    settings: &LocalSettings,
    context: u32,
) -> Result<Sequence<'model>, String> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    let threads = i32::try_from(settings.threads.unwrap_or(cores)).unwrap_or(1);
    // llama.cpp rounds small batches up to 64.
    let batch = u32::try_from(CHUNK * 2).unwrap_or(64);
    let params = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(context))
        .with_n_batch(batch)
        .with_n_ubatch(batch)
        .with_n_seq_max(1)
        .with_swa_full(true)
        .with_n_threads(threads)
        .with_n_threads_batch(threads);
    let backend = backend::backend()?;
    let opened = model.new_context(backend, params);
    opened.map(Sequence::new).map_err(|_| format!("llama.cpp makes no context of {context} tokens: too little memory?"))
}

/// What jobs work with.
pub(super) struct Parts<'model> {
    pub(super) model: &'model LlamaModel,
    pub(super) vocabulary: Vocabulary<'model>,
    pub(super) sequence: Sequence<'model>,
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
    pub(super) fn prompt(&self, segments: &[Segment]) -> Result<Vec<LlamaToken>, ModelError> {
        let tokenized = self.vocabulary.tokenize(segments, self.context);
        let mut tokens = tokenized.map_err(|fault| self.refuse(&fault))?;
        if tokens.is_empty() {
            return Err(self.bad_request("the prompt is empty".to_owned()));
        }
        self.vocabulary.begin(&mut tokens);
        if tokens.len() >= self.context {
            return Err(self.refuse(&TokenizeFault::TooLong(tokens.len())));
        }
        Ok(tokens)
    }

    /// Appends untrusted text to a prompt.
    pub(super) fn append(&self, tokens: &mut Vec<LlamaToken>, text: &str) -> Result<(), ModelError> {
        let appended = self.vocabulary.append(tokens, text.as_bytes(), false, self.context);
        appended.map_err(|fault| self.refuse(&fault))?;
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

enum Active {
    Generation(Box<Generation>),
    Scoring(Box<Scoring>),
}

struct Engine<'model> {
    parts: Parts<'model>,
    queue: VecDeque<Command>,
    active: Option<Active>,
}

impl Engine<'_> {
    /// Works until every handle is dropped and every job done.
    fn run(mut self, receiver: &Receiver<Command>) {
        loop {
            if self.active.is_none() && self.queue.is_empty() {
                match receiver.recv() {
                    Ok(command) => self.queue.push_back(command),
                    Err(_) => return,
                }
            }
            while let Ok(command) = receiver.try_recv() {
                self.queue.push_back(command);
            }
            self.sweep();
            self.step();
        }
    }

    /// Answers waiting jobs whose time is over.
    fn sweep(&mut self) {
        let is_over = |command: &Command| match command {
            Command::Complete(job) => job.over().is_some(),
            Command::Score(job) => job.reply.is_closed(),
        };
        if !self.queue.iter().any(is_over) {
            return;
        }
        for command in std::mem::take(&mut self.queue) {
            match command {
                Command::Complete(job) => match job.over() {
                    Some(finish) => job.end(finish),
                    None => self.queue.push_back(Command::Complete(job)),
                },
                Command::Score(job) if job.reply.is_closed() => {}
                Command::Score(job) => self.queue.push_back(Command::Score(job)),
            }
        }
    }

    /// Begins the next job, or takes the one in hand a decode further.
    fn step(&mut self) {
        let parts = &mut self.parts;
        match self.active.take() {
            None => {
                let Some(command) = self.queue.pop_front() else { return };
                self.active = start(command, parts);
            }
            Some(Active::Generation(mut generation)) => {
                let events = generation.events();
                match guard(parts, |parts| generation.advance(parts)) {
                    Ok(None) => self.active = Some(Active::Generation(generation)),
                    Ok(Some(finish)) => generation.finish(finish),
                    Err(error) => drop(events.send(Err(error))),
                }
            }
            Some(Active::Scoring(scoring)) if scoring.over() => {}
            Some(Active::Scoring(mut scoring)) => match guard(parts, |parts| scoring.advance(parts)) {
                Ok(false) => self.active = Some(Active::Scoring(scoring)),
                Ok(true) => scoring.finish(),
                Err(error) => scoring.fail(error),
            },
        }
    }
}

/// Begins a job; what it cannot begin it answers.
fn start(command: Command, parts: &mut Parts<'_>) -> Option<Active> {
    match command {
        Command::Complete(job) => {
            let events = job.events.clone();
            match guard(parts, |parts| Ok(Generation::start(*job, parts))) {
                Ok(Ok(generation)) => return Some(Active::Generation(Box::new(generation))),
                Ok(Err((events, error))) => drop(events.send(Err(error))),
                Err(error) => drop(events.send(Err(error))),
            }
            None
        }
        Command::Score(job) => {
            let started = guard(parts, |parts| Ok(Scoring::start(*job, parts)));
            started.ok().flatten().map(|scoring| Active::Scoring(Box::new(scoring)))
        }
    }
}

/// Turns a panic into an error, and forgets a sequence that may be half written.
fn guard<'model, T>(
    parts: &mut Parts<'model>,
    work: impl FnOnce(&mut Parts<'model>) -> Result<T, ModelError>,
) -> Result<T, ModelError> {
    let worked = catch_unwind(AssertUnwindSafe(|| work(&mut *parts)));
    worked.unwrap_or_else(|_| {
        parts.sequence.clear();
        Err(ModelError::Broken { what: "a defect in the local engine".to_owned() })
    })
}
