//! One completion, a token at a time.
//!
//! The first content token is the first generated token that is no think tag (a single token whose text is `<think>` or
//! `</think>`) and no white space right after one. A token that ends the output counts: a model that wants to say
//! nothing is as sure or as doubtful about it as about a word.

use std::time::Instant;

use llama_cpp_2::token::LlamaToken;
use tokio::sync::mpsc::UnboundedSender;

use super::deltas::Deltas;
use super::engine::Parts;
use super::grammar::GrammarGuard;
use super::prefix::TokenId;
use super::sample::{Sampler, top};
use super::utf8::Utf8Carry;
use crate::budget::Usage;
use crate::model::stop::StopMatcher;
use crate::model::think::ThinkSplitter;
use crate::model::{
    Completion, CompletionEvent, Distribution, EntropyKind, EntropyWanted, Finish, ModelError, Request, Segment,
    log_softmax_entropy,
};
use crate::step::Phase;
use crate::token::{Alternative, Token};

/// Where a completion's events go. A closed one means that nobody waits any more.
pub(super) type Events = UnboundedSender<Result<CompletionEvent, ModelError>>;

/// A completion that waits for its turn.
#[derive(Debug)]
pub(super) struct Job {
    /// The whole prompt, template rendered.
    pub(super) segments: Vec<Segment>,
    /// Stands where the prompt ends.
    pub(super) think: ThinkSplitter,
    /// Everything else; its prompt is empty.
    pub(super) request: Request,
    pub(super) events: Events,
    pub(super) submitted: Instant,
}

impl Job {
    /// Says whether there is no use in going on.
    fn over(&self, now: Instant) -> Option<Finish> {
        if self.events.is_closed() || self.request.cancel.is_cancelled() {
            return Some(Finish::Cancelled);
        }
        self.request.deadline.filter(|deadline| now >= *deadline).map(|_| Finish::Deadline)
    }
}

/// A completion that is being written.
#[derive(Debug)]
pub(super) struct Generation {
    job: Job,
    deltas: Deltas,
    sampler: Sampler,
    grammar: Option<GrammarGuard>,
    utf8: Utf8Carry,
    stops: StopMatcher,
    after_tag: bool,
    first_seen: bool,
    written: Completion,
    began: Option<Instant>,
    prefilled: Option<Instant>,
}

/// How a completion goes on after a token.
#[derive(Debug)]
pub(super) enum Step {
    /// This token is to be decoded.
    More(TokenId),
    /// It has ended.
    Done(Finish),
}

/// What was measured about a token, as far as asked for.
#[derive(Debug, Default)]
struct Measure {
    logprob: Option<f32>,
    entropy_nats: Option<f32>,
    top: Vec<Alternative>,
    first: Option<Distribution>,
}

impl Generation {
    /// Prepares a completion; gives the tokens of its prompt.
    pub(super) fn start(mut job: Job, parts: &Parts<'_>) -> Result<(Generation, Vec<TokenId>), (Events, ModelError)> {
        let segments = std::mem::take(&mut job.segments);
        let prepared = parts.prompt(&segments).and_then(|prompt| {
            let grammar = job.request.grammar.as_ref().map(|grammar| GrammarGuard::new(parts.model, grammar));
            Ok((prompt, grammar.transpose().map_err(|rule| parts.bad_request(rule))?))
        });
        let (prompt, grammar) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Err((job.events, error)),
        };
        let written = Completion {
            reasoning: String::new(),
            text: String::new(),
            raw: String::new(),
            tokens: Vec::new(),
            tokenizer: Some(parts.tokenizer.clone()),
            finish: Finish::End,
            open_reasoning: false,
            first: None,
            usage: Usage { calls: 1, ..Usage::default() },
        };
        let deltas = Deltas::new(job.events.clone());
        let generation = Generation {
            sampler: Sampler::new(job.request.sampling),
            stops: StopMatcher::new(std::mem::take(&mut job.request.stops)),
            utf8: Utf8Carry::default(),
            job,
            deltas,
            grammar,
            after_tag: false,
            first_seen: false,
            written,
            began: None,
            prefilled: None,
        };
        Ok((generation, prompt))
    }

    /// Notes that its turn has come, with how long the prompt is and how much of it was there. Only the first time
    /// counts: what had to make room for others goes on where it was.
    pub(super) fn admit(&mut self, prompt: usize, cached: usize) {
        if self.began.is_none() {
            let now = Instant::now();
            self.began = Some(now);
            self.written.usage.prompt_tokens = prompt as u64;
            self.written.usage.cached_tokens = cached as u64;
            self.written.usage.queue_ms = milliseconds(self.job.submitted, now);
        }
    }

    /// Says whether there is no use in going on.
    pub(super) fn over(&self, now: Instant) -> Option<Finish> {
        self.job.over(now)
    }

    /// When it must have ended.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.job.request.deadline
    }

    /// How many tokens it may still write.
    pub(super) fn left(&self) -> usize {
        let left = u64::from(self.job.request.max_tokens).saturating_sub(self.written.usage.completion_tokens);
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// Ends without a completion.
    pub(super) fn fail(self, error: ModelError) {
        let _ = self.job.events.send(Err(error));
    }

    /// Chooses the next token and writes it; `length` is how many tokens stand before it.
    pub(super) fn row(&mut self, parts: &Parts<'_>, logits: &[f32], length: usize) -> Result<Step, ModelError> {
        self.prefilled.get_or_insert_with(Instant::now);
        let token = self.choose(logits)?;
        let is_first = self.is_first_content(parts, token);
        let measure = self.measure(parts, logits, token, is_first);
        self.first_seen |= is_first;
        self.written.usage.completion_tokens += 1;
        let gate = self.job.request.gate.filter(|_| is_first);
        let closed = gate.zip(measure.first.as_ref());
        let closed = closed.is_some_and(|(gate, first)| first.entropy_nats >= gate.threshold_nats);
        if measure.first.is_some() {
            self.written.first = measure.first;
        }
        if parts.vocabulary.is_end(token) {
            return Ok(Step::Done(if closed { Finish::Gate } else { Finish::End }));
        }
        if let Some(grammar) = &mut self.grammar {
            grammar.accept(token).map_err(|what| ModelError::Broken { what })?;
        }
        let bytes = parts.vocabulary.output(token);
        let stopped = self.write(&bytes);
        self.written.tokens.push(Token {
            id: Some(token.0),
            bytes,
            logprob: measure.logprob,
            entropy_nats: measure.entropy_nats,
            top: measure.top,
        });
        if closed {
            return Ok(Step::Done(Finish::Gate));
        }
        if let Some(stop) = stopped {
            return Ok(Step::Done(Finish::Stop(stop)));
        }
        let most = u64::from(self.job.request.max_tokens);
        if self.written.usage.completion_tokens >= most || length >= parts.context {
            return Ok(Step::Done(Finish::Length));
        }
        Ok(Step::More(token.0))
    }

    fn choose(&mut self, logits: &[f32]) -> Result<LlamaToken, ModelError> {
        let no_numbers = |_| ModelError::Broken { what: "the model computed no usable probabilities".to_owned() };
        let token = as_token(self.sampler.choose(logits).map_err(no_numbers)?);
        let Some(grammar) = &mut self.grammar else {
            return Ok(token);
        };
        if grammar.allows(token) {
            return Ok(token);
        }
        let stuck = |_| ModelError::Broken { what: "the grammar allows no further token".to_owned() };
        self.sampler.choose(&grammar.mask(logits)).map(as_token).map_err(stuck)
    }

    fn is_first_content(&mut self, parts: &Parts<'_>, token: LlamaToken) -> bool {
        if self.first_seen {
            return false;
        }
        if parts.vocabulary.is_tag(token) {
            self.after_tag = true;
            return false;
        }
        let blank = self.after_tag && !parts.vocabulary.is_end(token);
        !(blank && parts.vocabulary.output(token).trim_ascii().is_empty())
    }

    /// Looks at the distribution that the token came from, once and only where asked.
    fn measure(&self, parts: &Parts<'_>, logits: &[f32], token: LlamaToken, is_first: bool) -> Measure {
        let request = &self.job.request;
        let every = request.entropy == EntropyWanted::Every;
        let wants_first = is_first && (request.entropy != EntropyWanted::None || request.gate.is_some());
        if !every && !wants_first && request.top_logprobs == 0 {
            return Measure::default();
        }
        let (log_sum, full) = log_softmax_entropy(logits);
        let wanted = usize::try_from(request.top_logprobs).unwrap_or(usize::MAX);
        let shown = if every || wants_first { wanted.max(Distribution::TOP) } else { wanted };
        let mut best = parts.alternatives(logits, log_sum, shown);
        let distribution = |kind| match kind {
            EntropyKind::Full => Distribution { kind, entropy_nats: full, top: best.clone() },
            EntropyKind::Top20 => Distribution::from_top(best.clone()),
        };
        let entropy_nats = every.then(|| distribution(request.entropy_kind).entropy_nats);
        let first = wants_first.then(|| distribution(request.gate.map_or(request.entropy_kind, |gate| gate.kind)));
        best.truncate(wanted);
        let logit = usize::try_from(token.0).ok().and_then(|id| logits.get(id));
        let logprob = logit.map(|logit| logprob(*logit, log_sum));
        Measure { logprob, entropy_nats, top: best, first }
    }

    /// Adds bytes to the output; gives the stop text that they complete.
    fn write(&mut self, bytes: &[u8]) -> Option<String> {
        let before = self.job.think.phase();
        let text = self.utf8.push(bytes);
        let step = self.stops.push(&text);
        self.deliver(&step.emit);
        if before == Phase::Think || self.job.think.phase() == Phase::Think {
            self.written.usage.reasoning_tokens += 1;
        }
        step.stopped
    }

    fn deliver(&mut self, text: &str) {
        self.written.raw.push_str(text);
        let pieces = self.job.think.push(text);
        self.send(pieces);
    }

    fn send(&mut self, pieces: Vec<(Phase, String)>) {
        for (phase, text) in pieces {
            match phase {
                Phase::Think => self.written.reasoning.push_str(&text),
                Phase::Answer => self.written.text.push_str(&text),
            }
            self.deltas.push(phase, text);
        }
    }

    /// Sends what was held back, and the completion.
    pub(super) fn finish(mut self, finish: Finish) {
        self.written.finish = finish;
        if !matches!(self.written.finish, Finish::Stop(_)) {
            let last = self.stops.push(std::mem::take(&mut self.utf8).finish());
            self.deliver(&last.emit);
            let held = std::mem::replace(&mut self.stops, StopMatcher::new(Vec::new())).finish();
            self.deliver(&held);
        }
        let think = std::mem::replace(&mut self.job.think, ThinkSplitter::answer_only());
        let end = think.finish();
        self.send(end.rest);
        self.deltas.flush();
        self.written.open_reasoning = end.open_reasoning;
        let now = Instant::now();
        let prefilled = self.prefilled.unwrap_or(now);
        let began = self.began.unwrap_or_else(|| {
            self.written.usage.queue_ms = milliseconds(self.job.submitted, now);
            now
        });
        self.written.usage.prefill_ms = milliseconds(began, prefilled);
        self.written.usage.decode_ms = milliseconds(prefilled, now);
        let _ = self.job.events.send(Ok(CompletionEvent::Done(Box::new(self.written))));
    }
}

fn as_token(id: usize) -> LlamaToken {
    LlamaToken(i32::try_from(id).unwrap_or(i32::MAX))
}

/// Gives the log-probability of a logit under the distribution with this log-sum-exp.
#[expect(clippy::cast_possible_truncation, reason = "f32 holds a log-probability to 6 digits")]
pub(super) fn logprob(logit: f32, log_sum: f64) -> f32 {
    (f64::from(logit) - log_sum) as f32
}

/// Gives the likeliest tokens as alternatives.
pub(super) fn alternatives(
    logits: &[f32],
    log_sum: f64,
    count: usize,
    text: impl Fn(LlamaToken) -> Vec<u8>,
) -> Vec<Alternative> {
    let alternative = |(id, logit)| {
        let token = as_token(id);
        Alternative { id: Some(token.0), bytes: text(token), logprob: logprob(logit, log_sum) }
    };
    top(logits, count).into_iter().map(alternative).collect()
}

fn milliseconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1000.0
}
