//! A model that follows a script: deterministic, for tests, dry runs and demonstrations.
//!
//! A reply is the whole answer to a prompt; a request that comes with a continuation is answered from where the
//! continuation ends. Tokens are words with the white space after them. Of several replies that fit, the seed picks
//! one: the same request always gives the same text.

mod spec;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::mpsc;

use super::stop::StopMatcher;
use super::think::ThinkSplitter;
use super::{
    Capabilities, ChatStyle, Completion, CompletionEvent, CompletionStream, Distribution, EntropyKind, EntropyWanted,
    Finish, LanguageModel, ModelError, ModelIdentity, ModelKind, Prompt, Request,
};
use crate::budget::Usage;
use crate::step::Phase;
use crate::token::{Alternative, Token, TokenizerHash};
use spec::{Reply, ScriptFile, Style};

/// The largest script file that is read.
const MAX_BYTES: u64 = 64 << 20;

/// A model that follows a script file.
#[derive(Debug, Clone)]
pub struct ScriptedModel(Arc<Script>);

#[derive(Debug)]
struct Script {
    path: String,
    file: ScriptFile,
    /// For each reply, how often it has failed so far.
    failures: Vec<AtomicU32>,
    identity: ModelIdentity,
    capabilities: Capabilities,
}

impl ScriptedModel {
    /// Reads a script file.
    ///
    /// # Errors
    /// The file is missing, too large, or no script; the message names the line.
    pub fn open(path: &Path) -> Result<ScriptedModel, ModelError> {
        let fail = |reason: String| ModelError::Script { path: path.display().to_string(), reason };
        let size = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
        if size > MAX_BYTES {
            return Err(fail(format!("{size} bytes, at most {MAX_BYTES} are read")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let stem = path.file_stem().map_or_else(|| "script".to_owned(), |stem| stem.to_string_lossy().into_owned());
        ScriptedModel::parse(&text, &stem, &path.display().to_string())
    }

    /// Reads a script from its text; `origin` stands for the file in messages.
    ///
    /// # Errors
    /// The text is no script.
    pub fn parse(text: &str, stem: &str, origin: &str) -> Result<ScriptedModel, ModelError> {
        let file: ScriptFile = toml::from_str(text)
            .map_err(|error| ModelError::Script { path: origin.to_owned(), reason: error.to_string() })?;
        let chat = match file.style {
            Style::Base => ChatStyle::Base,
            Style::Chat => ChatStyle::Chat,
            Style::Thinking => ChatStyle::Thinking,
        };
        Ok(ScriptedModel(Arc::new(Script {
            path: origin.to_owned(),
            failures: file.reply.iter().map(|_| AtomicU32::new(0)).collect(),
            identity: ModelIdentity {
                name: file.name.clone().unwrap_or_else(|| stem.to_owned()),
                kind: ModelKind::Scripted,
                source: blake3::hash(text.as_bytes()).to_hex().to_string(),
                context: Some(file.context),
                chat_template: None,
                tokenizer: Some(TokenizerHash("words".into())),
            },
            capabilities: Capabilities {
                chat,
                continuation: true,
                top_logprobs: u32::try_from(Distribution::TOP).unwrap_or(20),
                full_entropy: true,
                log_likelihood: false,
                grammar: false,
                embeddings: false,
                seeded: true,
            },
            file,
        })))
    }

    /// Counts the replies.
    #[must_use]
    pub fn replies(&self) -> usize {
        self.0.file.reply.len()
    }
}

impl Script {
    /// Finds the reply for a prompt and what of it is still to be written.
    fn reply(&self, prompt: &Prompt, seed: u64) -> Result<(usize, &Reply, usize), ModelError> {
        let fail = |reason: String| ModelError::Script { path: self.path.clone(), reason };
        let so_far = prompt.continuation_text();
        // The raw prompt of a base model is a question; what a stepwise strategy adds to it cannot be told apart, so
        // the longest end of it that begins the reply counts as written.
        let asked = |needle: &str| {
            prompt.messages.iter().any(|message| message.content.contains(needle))
                || (prompt.messages.is_empty() && so_far.contains(needle))
        };
        let written = |reply: &Reply| {
            if prompt.messages.is_empty() {
                let starts = so_far.char_indices().map(|(at, _)| at).chain([so_far.len()]);
                starts.map(|at| &so_far[at..]).find(|end| reply.text.starts_with(end)).map(str::len)
            } else {
                reply.text.starts_with(&so_far).then_some(so_far.len())
            }
        };
        let mut fitting: Vec<(usize, &Reply, usize)> = Vec::new();
        for (index, reply) in self.file.reply.iter().enumerate() {
            let specific = reply.needle.is_some();
            let first_is_specific = fitting.first().is_some_and(|(_, first, _)| first.needle.is_some());
            if reply.needle.as_deref().is_none_or(asked)
                && (fitting.is_empty() || specific == first_is_specific)
                && let Some(length) = written(reply)
            {
                fitting.push((index, reply, length));
            }
        }
        let count = u64::try_from(fitting.len()).unwrap_or(u64::MAX);
        let pick = usize::try_from(seed.checked_rem(count).unwrap_or(0)).unwrap_or(0);
        fitting.get(pick).copied().ok_or_else(|| {
            let question = prompt.messages.last().map_or(so_far.as_str(), |message| message.content.as_str());
            let start: String = question.chars().take(60).collect();
            fail(format!("no reply fits the prompt that begins {start:?}"))
        })
    }

    fn distribution(&self, reply: &Reply, written: usize, next: &str) -> Distribution {
        let before = reply.text.get(..written).unwrap_or_default();
        let found = reply
            .distribution
            .iter()
            .find(|place| if place.after.is_empty() { written == 0 } else { before.ends_with(&place.after) });
        let alternative = |text: &str, probability: f32| Alternative {
            id: None,
            bytes: text.as_bytes().to_vec(),
            logprob: probability.max(f32::MIN_POSITIVE).ln(),
        };
        let top = match found {
            Some(place) => place.tokens.iter().map(|(text, probability)| alternative(text, *probability)).collect(),
            None => vec![alternative(next, 1.0)],
        };
        // A script's tokens are its whole vocabulary.
        Distribution { kind: EntropyKind::Full, ..Distribution::from_top(top) }
    }

    fn fails(&self, index: usize, reply: &Reply) -> Option<String> {
        let sentence = reply.fail.as_ref()?;
        let before = self.failures.get(index).map_or(0, |count| count.fetch_add(1, Ordering::Relaxed));
        reply.fail_times.is_none_or(|times| before < times).then(|| sentence.clone())
    }

    fn prompt_tokens(&self, prompt: &Prompt) -> Result<u64, ModelError> {
        let messages: usize = prompt.messages.iter().map(|message| words(&message.content).count()).sum();
        let tokens = messages + words(&prompt.continuation_text()).count();
        if tokens >= usize::try_from(self.file.context).unwrap_or(usize::MAX) {
            return Err(ModelError::PromptTooLong {
                model: self.identity.name.clone(),
                tokens,
                context: self.file.context,
            });
        }
        Ok(u64::try_from(tokens).unwrap_or(u64::MAX))
    }
}

/// Cuts a text into words, each with the white space after it, so that a step's end is a token's end.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let letters = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let tail = rest.get(letters..).unwrap_or_default();
        let (word, after) = rest.split_at(letters + tail.len() - tail.trim_start().len());
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

/// One call on its way: everything that the loop over the words needs.
struct Writing {
    stops: StopMatcher,
    thinking: ThinkSplitter,
    completion: Completion,
    started: Instant,
}

impl Writing {
    /// Takes text that is past the stop matcher; gives its deltas.
    fn take(&mut self, text: &str) -> Vec<(Phase, String)> {
        self.completion.raw.push_str(text);
        let pieces = self.thinking.push(text);
        self.keep(pieces)
    }

    fn keep(&mut self, pieces: Vec<(Phase, String)>) -> Vec<(Phase, String)> {
        for (phase, text) in &pieces {
            match phase {
                Phase::Think => self.completion.reasoning.push_str(text),
                Phase::Answer => self.completion.text.push_str(text),
            }
        }
        pieces
    }

    fn finish(mut self, finish: Finish) -> (Vec<(Phase, String)>, Completion) {
        let stops = std::mem::replace(&mut self.stops, StopMatcher::new(Vec::new()));
        // What a found stop text held back is dropped with it.
        let rest = if matches!(finish, Finish::Stop(_)) { String::new() } else { stops.finish() };
        let mut deltas = self.take(&rest);
        let end = std::mem::replace(&mut self.thinking, ThinkSplitter::new(false)).finish();
        deltas.extend(self.keep(end.rest));
        self.completion.open_reasoning = end.open_reasoning;
        self.completion.finish = finish;
        self.completion.usage.decode_ms = self.started.elapsed().as_secs_f64() * 1e3;
        (deltas, self.completion)
    }
}

#[async_trait]
impl LanguageModel for ScriptedModel {
    fn identity(&self) -> &ModelIdentity {
        &self.0.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    async fn complete(&self, request: Request) -> Result<CompletionStream, ModelError> {
        let script = Arc::clone(&self.0);
        let prompt_tokens = script.prompt_tokens(&request.prompt)?;
        let (index, reply, written) = script.reply(&request.prompt, request.sampling.seed)?;
        if let Some(sentence) = script.fails(index, reply) {
            return Err(ModelError::Broken { what: sentence });
        }
        if script.file.token_ms == 0 {
            // No pause, no task: a scripted benchmark measures everything but this.
            let (deltas, completion) = script.write(reply, written, prompt_tokens, &request);
            let events = deltas.into_iter().map(|(phase, text)| CompletionEvent::Delta { phase, text });
            let events = events.chain([CompletionEvent::Done(Box::new(completion))]).map(Ok).collect::<Vec<_>>();
            return Ok(stream::iter(events).boxed());
        }
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(async move { script.write_slowly(index, written, prompt_tokens, &request, &sender).await });
        Ok(tokio_stream::wrappers::ReceiverStream::new(receiver).boxed())
    }

    async fn next_token(&self, prompt: &Prompt, kind: EntropyKind) -> Result<Distribution, ModelError> {
        self.0.prompt_tokens(prompt)?;
        let (_, reply, written) = self.0.reply(prompt, 0)?;
        let next = words(reply.text.get(written..).unwrap_or_default()).next().unwrap_or_default();
        Ok(Distribution { kind, ..self.0.distribution(reply, written, next) })
    }
}

impl Script {
    fn begin(&self, reply: &Reply, written: usize, prompt_tokens: u64, request: &Request) -> Writing {
        let before = reply.text.get(..written).unwrap_or_default();
        let next = words(reply.text.get(written..).unwrap_or_default()).next().unwrap_or_default();
        let wanted = request.entropy != EntropyWanted::None || request.gate.is_some();
        Writing {
            stops: StopMatcher::new(request.stops.clone()),
            thinking: ThinkSplitter::resume(false, before),
            completion: Completion {
                reasoning: String::new(),
                text: String::new(),
                raw: String::new(),
                tokens: Vec::new(),
                tokenizer: self.identity.tokenizer.clone(),
                finish: Finish::End,
                open_reasoning: false,
                first: wanted
                    .then(|| Distribution { kind: request.entropy_kind, ..self.distribution(reply, written, next) }),
                usage: Usage { calls: 1, prompt_tokens, ..Usage::default() },
            },
            started: Instant::now(),
        }
    }

    /// Writes one word; gives its deltas and the finish where it is the last.
    fn write_word(
        &self,
        writing: &mut Writing,
        word: &str,
        request: &Request,
    ) -> (Vec<(Phase, String)>, Option<Finish>) {
        let first = writing.completion.tokens.is_empty();
        let wanted = request.entropy == EntropyWanted::Every || (first && request.entropy == EntropyWanted::First);
        let entropy = writing.completion.first.as_ref().filter(|_| first).map_or(0.0, |first| first.entropy_nats);
        writing.completion.tokens.push(Token {
            id: None,
            bytes: word.as_bytes().to_vec(),
            logprob: None,
            entropy_nats: wanted.then_some(entropy),
            top: Vec::new(),
        });
        writing.completion.usage.completion_tokens += 1;
        if writing.thinking.phase() == Phase::Think {
            writing.completion.usage.reasoning_tokens += 1;
        }
        let step = writing.stops.push(word);
        let deltas = writing.take(&step.emit);
        let finish = if let Some(stop) = step.stopped {
            Some(Finish::Stop(stop))
        } else if first && request.gate.is_some_and(|gate| entropy >= gate.threshold_nats) {
            Some(Finish::Gate)
        } else if request.cancel.is_cancelled() {
            Some(Finish::Cancelled)
        } else if request.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Some(Finish::Deadline)
        } else if writing.completion.usage.completion_tokens >= u64::from(request.max_tokens) {
            Some(Finish::Length)
        } else {
            None
        };
        (deltas, finish)
    }

    fn write(
        &self,
        reply: &Reply,
        written: usize,
        prompt_tokens: u64,
        request: &Request,
    ) -> (Vec<(Phase, String)>, Completion) {
        let mut writing = self.begin(reply, written, prompt_tokens, request);
        let mut all = Vec::new();
        let mut finish = (request.max_tokens == 0).then_some(Finish::Length);
        for word in words(reply.text.get(written..).unwrap_or_default()) {
            if finish.is_some() {
                break;
            }
            let (deltas, ended) = self.write_word(&mut writing, word, request);
            all.extend(deltas);
            finish = ended;
        }
        let (deltas, completion) = writing.finish(finish.unwrap_or(Finish::End));
        all.extend(deltas);
        (all, completion)
    }

    async fn write_slowly(
        &self,
        index: usize,
        written: usize,
        prompt_tokens: u64,
        request: &Request,
        sender: &mpsc::Sender<Result<CompletionEvent, ModelError>>,
    ) {
        let Some(reply) = self.file.reply.get(index) else {
            return;
        };
        let mut writing = self.begin(reply, written, prompt_tokens, request);
        let mut finish = (request.max_tokens == 0).then_some(Finish::Length);
        for word in words(reply.text.get(written..).unwrap_or_default()) {
            if finish.is_some() {
                break;
            }
            let pause = tokio::time::sleep(Duration::from_millis(self.file.token_ms));
            let deadline = request.deadline.map(tokio::time::Instant::from_std);
            tokio::select! {
                () = pause => {}
                () = request.cancel.cancelled() => { finish = Some(Finish::Cancelled); break; }
                () = async { match deadline { Some(at) => tokio::time::sleep_until(at).await, None => std::future::pending().await } } => {
                    finish = Some(Finish::Deadline);
                    break;
                }
            }
            let (deltas, ended) = self.write_word(&mut writing, word, request);
            finish = ended;
            for (phase, text) in deltas {
                if sender.send(Ok(CompletionEvent::Delta { phase, text })).await.is_err() {
                    return; // The stream was dropped: that is a cancellation.
                }
            }
        }
        let (deltas, completion) = writing.finish(finish.unwrap_or(Finish::End));
        for (phase, text) in deltas {
            let _ = sender.send(Ok(CompletionEvent::Delta { phase, text })).await;
        }
        let _ = sender.send(Ok(CompletionEvent::Done(Box::new(completion)))).await;
    }
}

#[cfg(test)]
mod tests;
