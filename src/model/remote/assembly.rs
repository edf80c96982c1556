//! Puts a completion together from a stream's chunks. Pure: it does not know where they come from.
//!
//! Everything that is written passes one pipe: stop texts are looked for, then think tags. A server that sends its
//! reasoning apart is led through the same pipe with tags set around it.

use serde_json::Value;

use super::dialect::{Dialect, Outgoing};
use super::first::FirstContent;
use super::refusal::message;
use super::tokens::{count_kept, tokens};
use super::wire::{Choice, Chunk, Timings, WireUsage};
use crate::budget::Usage;
use crate::model::stop::StopMatcher;
use crate::model::think::ThinkSplitter;
use crate::model::{Completion, Distribution, EntropyWanted, Finish, Gate, Request};
use crate::step::Phase;
use crate::token::Token;

/// No call has more tokens: a server that says so would overflow the sums over calls.
const MOST_TOKENS: u64 = 1 << 32;

/// What is wrong with a chunk.
#[derive(Debug)]
pub(super) struct Fault(pub(super) String);

/// What a stream showed about its server, for the probe.
#[derive(Debug, Clone, Default)]
pub(super) struct Observed {
    pub(super) streamed: bool,
    pub(super) usage: Option<u64>,
    pub(super) most_alternatives: usize,
    pub(super) reasoning_apart: bool,
    pub(super) stop_reason: Option<String>,
}

/// A piece of text with the part of the answer that it belongs to.
pub(super) type Delta = (Phase, String);

#[derive(Debug)]
pub(super) struct Assembly {
    matcher: Option<StopMatcher>,
    stops: Vec<String>,
    splitter: Option<ThinkSplitter>,
    gate: Option<Gate>,
    entropy: EntropyWanted,
    logprobs_wanted: bool,
    top_logprobs: usize,
    first_content: FirstContent,
    first: Option<Distribution>,
    completion: Completion,
    /// Tags were set around reasoning that came apart: opened, closed.
    apart: (bool, bool),
    /// Pieces with text that have come, and those of them with reasoning.
    pieces: (u64, u64),
    wire_usage: Option<WireUsage>,
    timings: Option<Timings>,
    prompt_bytes: usize,
    /// The end that was found here: a stop text, or the gate.
    cut: Option<Finish>,
    /// The end that the server gave.
    ended: Option<Finish>,
    pub(super) observed: Observed,
}

impl Assembly {
    pub(super) fn new(request: &Request, dialect: &Dialect, outgoing: &Outgoing) -> Assembly {
        let stops = if dialect.enforce_stops { request.stops.clone() } else { Vec::new() };
        Assembly {
            matcher: Some(StopMatcher::new(stops)),
            stops: request.stops.clone(),
            splitter: Some(ThinkSplitter::new(outgoing.starts_inside)),
            gate: request.gate,
            entropy: request.entropy,
            logprobs_wanted: request.gate.is_some() || request.entropy != EntropyWanted::None,
            top_logprobs: request.top_logprobs as usize,
            first_content: FirstContent::new(dialect.thinking || outgoing.starts_inside),
            first: None,
            completion: Completion {
                reasoning: String::new(),
                text: String::new(),
                raw: String::new(),
                tokens: Vec::new(),
                tokenizer: None,
                finish: Finish::End,
                open_reasoning: false,
                first: None,
                usage: Usage::default(),
            },
            apart: (false, false),
            pieces: (0, 0),
            wire_usage: None,
            timings: None,
            prompt_bytes: outgoing.prompt_bytes,
            cut: None,
            ended: None,
            observed: Observed::default(),
        }
    }

    /// Tells whether the end was found here, at a stop text or the gate.
    pub(super) fn is_cut(&self) -> Option<&Finish> {
        self.cut.as_ref()
    }

    /// Tells whether the server has said why it ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    pub(super) fn has_usage(&self) -> bool {
        self.wire_usage.is_some()
    }

    /// Gives how many pieces with text have come.
    pub(super) fn pieces(&self) -> u64 {
        self.pieces.0
    }

    /// Takes a chunk; gives the text that is certain now.
    pub(super) fn push(&mut self, chunk: Chunk) -> Result<Vec<Delta>, Fault> {
        if let Some(error) = &chunk.error
            && !error.is_null()
        {
            return Err(Fault(reported(&serde_json::json!({ "error": error }))));
        }
        if chunk.object.as_deref() == Some("error") {
            return Err(Fault(reported(&serde_json::json!({ "message": chunk.message }))));
        }
        if let Some(usage) = chunk.usage
            && usage.completion_tokens.is_some()
        {
            // Some servers count on with each chunk: the last one holds.
            self.observed.usage = usage.completion_tokens;
            self.wire_usage = Some(usage);
        }
        if chunk.timings.is_some() {
            self.timings = chunk.timings;
        }
        let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() else {
            return Ok(Vec::new());
        };
        let mut deltas = Vec::new();
        if self.ended.is_none() {
            let probabilities = chunk.completion_probabilities.unwrap_or_default();
            self.take(choice, probabilities, &mut deltas)?;
        }
        Ok(deltas)
    }

    fn take(
        &mut self,
        choice: Choice,
        probabilities: Vec<super::wire::TokenLogprob>,
        deltas: &mut Vec<Delta>,
    ) -> Result<(), Fault> {
        self.observed.streamed |= choice.message.is_none();
        let delta = choice.delta.or(choice.message).unwrap_or_default();
        let reasoning = delta.reasoning_content.or(delta.reasoning).unwrap_or_default();
        let mut content = delta.content.or(choice.text).unwrap_or_default();
        if self.cut.is_none() {
            let gated = self.take_tokens(tokens(choice.logprobs, probabilities));
            if let Some(kept) = gated {
                // Text of tokens after the gate's came in the same piece.
                if content.is_char_boundary(kept) {
                    content.truncate(kept);
                }
            }
            self.take_text(&reasoning, &content, deltas);
            if gated.is_some() && self.cut.is_none() {
                self.cut = Some(Finish::Gate);
            }
        }
        if let Some(reason) = choice.finish_reason {
            self.observed.stop_reason = choice.stop_reason.as_ref().and_then(Value::as_str).map(str::to_owned);
            self.ended = Some(self.finish_of(&reason)?);
        }
        Ok(())
    }

    fn finish_of(&self, reason: &str) -> Result<Finish, Fault> {
        match reason {
            "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" => {
                let told = self.observed.stop_reason.as_ref().filter(|stop| self.stops.contains(stop));
                Ok(told.map_or(Finish::End, |stop| Finish::Stop(stop.clone())))
            }
            "length" | "max_tokens" | "model_length" => Ok(Finish::Length),
            "content_filter" => Err(Fault("the server's content filter cut it".to_owned())),
            other => {
                let other: String = other.chars().take(40).flat_map(char::escape_default).collect();
                Err(Fault(format!("it ended for the reason `{other}`, which is no end of a text")))
            }
        }
    }

    /// Takes a chunk's tokens. Where the gate closes gives how many bytes of this chunk are kept.
    fn take_tokens(&mut self, tokens: Vec<Token>) -> Option<usize> {
        let mut kept = 0;
        for mut token in tokens {
            let index = self.completion.tokens.len();
            kept += token.bytes.len();
            self.observed.most_alternatives = self.observed.most_alternatives.max(token.top.len());
            let found = self.first_content.push(index, &token.bytes);
            if self.logprobs_wanted && !token.top.is_empty() {
                let distribution = Distribution::from_top(token.top.clone());
                if self.entropy == EntropyWanted::Every {
                    token.entropy_nats = Some(distribution.entropy_nats);
                }
            }
            self.completion.tokens.push(token);
            if let Some(found) = found
                && self.set_first(found)
            {
                return Some(kept);
            }
        }
        None
    }

    /// Notes the first content token's distribution; tells whether the gate closes.
    fn set_first(&mut self, index: usize) -> bool {
        let Some(token) = self.completion.tokens.get_mut(index) else {
            return false;
        };
        if !self.logprobs_wanted || token.top.is_empty() {
            return false;
        }
        let distribution = Distribution::from_top(token.top.clone());
        token.entropy_nats = Some(distribution.entropy_nats);
        let closes = self.gate.is_some_and(|gate| distribution.entropy_nats >= gate.threshold_nats);
        self.first = Some(distribution);
        closes
    }

    fn take_text(&mut self, reasoning: &str, content: &str, deltas: &mut Vec<Delta>) {
        if !reasoning.is_empty() {
            self.observed.reasoning_apart = true;
            self.pieces.0 += 1;
            self.pieces.1 += 1;
            if !self.apart.0 {
                self.apart.0 = true;
                self.feed("<think>", deltas);
            }
            if self.apart.1 {
                // Reasoning between parts of the answer: it keeps its phase, the pipe's order is over.
                self.completion.raw.push_str(reasoning);
                self.completion.reasoning.push_str(reasoning);
                deltas.push((Phase::Think, reasoning.to_owned()));
            } else {
                self.feed(reasoning, deltas);
            }
        }
        if !content.is_empty() {
            self.pieces.0 += 1;
            if self.apart.0 && !self.apart.1 {
                self.apart.1 = true;
                self.feed("</think>", deltas);
            }
            self.feed(content, deltas);
            let inside = self.splitter.as_ref().is_some_and(|splitter| splitter.phase() == Phase::Think);
            if inside {
                self.pieces.1 += 1;
            }
        }
    }

    fn feed(&mut self, text: &str, deltas: &mut Vec<Delta>) {
        if self.cut.is_some() {
            return;
        }
        let Some(matcher) = &mut self.matcher else { return };
        let step = matcher.push(text);
        self.emit(&step.emit, deltas);
        if let Some(stop) = step.stopped {
            if !self.apart.0 {
                // Text and tokens run side by side: tokens wholly behind the stop text go.
                let kept = count_kept(&self.completion.tokens, self.completion.raw.len() + stop.len());
                self.completion.tokens.truncate(kept);
            }
            self.matcher = None;
            self.cut = Some(Finish::Stop(stop));
        }
    }

    fn emit(&mut self, text: &str, deltas: &mut Vec<Delta>) {
        self.completion.raw.push_str(text);
        if let Some(splitter) = &mut self.splitter {
            for (phase, text) in splitter.push(text) {
                self.deliver(phase, text, deltas);
            }
        }
    }

    fn deliver(&mut self, phase: Phase, text: String, deltas: &mut Vec<Delta>) {
        match phase {
            Phase::Think => self.completion.reasoning.push_str(&text),
            Phase::Answer => self.completion.text.push_str(&text),
        }
        deltas.push((phase, text));
    }

    /// Ends the completion; `outer` where something from outside ended it. Gives the text that was held back.
    pub(super) fn finish(mut self, outer: Option<Finish>) -> Result<(Vec<Delta>, Completion, Observed), Fault> {
        let mut deltas = Vec::new();
        if let Some(matcher) = self.matcher.take() {
            self.emit(&matcher.finish(), &mut deltas);
        }
        if let Some(index) = self.first_content.finish() {
            // Too late for the gate: there is nothing left to save.
            self.set_first(index);
        }
        if let Some(splitter) = self.splitter.take() {
            let end = splitter.finish();
            self.completion.open_reasoning = end.open_reasoning;
            for (phase, text) in end.rest {
                self.deliver(phase, text, &mut deltas);
            }
        }
        let written = !(self.completion.raw.trim().is_empty());
        if self.logprobs_wanted && self.first.is_none() && written && outer.is_none() && self.cut.is_none() {
            return Err(Fault("it has no log-probabilities, though they were asked for".to_owned()));
        }
        let exact = self.ended.is_some() && self.has_usage();
        self.completion.finish = outer.or(self.cut.take()).or(self.ended.take()).unwrap_or(Finish::End);
        if self.completion.open_reasoning && self.completion.finish == Finish::End {
            self.completion.finish = Finish::Length;
        }
        if self.top_logprobs < Distribution::TOP {
            for token in &mut self.completion.tokens {
                token.top.truncate(self.top_logprobs);
            }
        }
        self.completion.first = self.first.take();
        self.completion.usage = self.usage(exact);
        Ok((deltas, self.completion, self.observed))
    }

    fn usage(&self, exact: bool) -> Usage {
        let counted = match self.completion.tokens.len() as u64 {
            0 => self.pieces.0,
            tokens => tokens,
        };
        let wire = self.wire_usage.unwrap_or_default();
        let timings = self.timings.unwrap_or_default();
        let cached = wire.prompt_tokens_details.and_then(|details| details.cached_tokens).or(timings.cache_n);
        // Four letters a token: the usual measure where a server does not say.
        let guessed_prompt = || self.prompt_bytes.div_ceil(4) as u64;
        let of_timings = timings.prompt_n.map(|prompt| prompt.saturating_add(timings.cache_n.unwrap_or(0)));
        let told_prompt = wire.prompt_tokens.or(of_timings);
        let prompt_tokens = told_prompt.unwrap_or_else(guessed_prompt).min(MOST_TOKENS);
        let completion_tokens = if exact { wire.completion_tokens } else { timings.predicted_n }.unwrap_or(counted);
        let completion_tokens = completion_tokens.min(MOST_TOKENS);
        let told = wire.completion_tokens_details.and_then(|details| details.reasoning_tokens);
        let clock = |ms: Option<f64>| ms.filter(|ms| ms.is_finite() && *ms >= 0.0).unwrap_or(0.0);
        Usage {
            calls: 1,
            prompt_tokens,
            cached_tokens: cached.unwrap_or(0).min(prompt_tokens),
            completion_tokens,
            reasoning_tokens: told.unwrap_or(self.pieces.1).min(completion_tokens),
            queue_ms: 0.0,
            prefill_ms: clock(timings.prompt_ms),
            decode_ms: clock(timings.predicted_ms),
            retries: 0,
            estimated: !exact || told_prompt.is_none(),
        }
    }
}

fn reported(document: &Value) -> String {
    match message(document) {
        Some(words) => format!("the server reports an error in it: {words}"),
        None => format!("the server reports an error in it: {document}"),
    }
}
