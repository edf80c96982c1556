//! A completion on its way: reads events until the end, the gate, a stop text, the deadline or cancellation.
//!
//! Dropping it closes the connection, which is how a server is told to stop.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::assembly::{Assembly, Delta, Fault, Observed};
use super::dialect::StopForm;
use super::events::{Events, document, events};
use super::server::{Limits, Opened, Server, Waited, sleep_until};
use super::wire::Chunk;
use crate::budget::Usage;
use crate::model::{Completion, CompletionEvent, CompletionStream, Finish, ModelError};

/// How long to wait for the usage after the end of the text, and for the server to see a stop text itself.
const CLOSING: Duration = Duration::from_secs(2);
/// How long to wait for the connection's end after `[DONE]`; a connection read to its end can be used again.
const AFTER_DONE: Duration = Duration::from_millis(50);
/// Events taken after a stop text from a server that should have seen it.
const EXCESS: u32 = 8;

/// A piece of a call.
#[derive(Debug)]
pub(super) enum Piece {
    Deltas(Vec<Delta>),
    End(Vec<Delta>, Box<Completion>, Observed),
}

pub(super) struct Reader {
    server: Arc<Server>,
    events: Events,
    /// Gone when the call has ended.
    assembly: Option<Assembly>,
    limits: Limits,
    ends: Option<Instant>,
    waited: Waited,
    sent: Instant,
    first_text: Option<Instant>,
    stops: StopForm,
    closing: Option<Instant>,
    excess: u32,
    /// The beginning of the last event, for messages.
    last: String,
    slot: Option<OwnedSemaphorePermit>,
}

impl Reader {
    /// Reads on from the first byte.
    pub(super) fn new(
        server: Arc<Server>,
        opened: Opened,
        assembly: Assembly,
        limits: Limits,
        stops: StopForm,
    ) -> Reader {
        let Opened { response, first, is_json, waited, sent, ends, slot } = opened;
        let idle = server.timeouts.idle;
        let events = if is_json { document(first, response, idle) } else { events(first, response, idle) };
        Reader {
            server,
            events,
            assembly: Some(assembly),
            limits,
            ends,
            waited,
            sent,
            first_text: None,
            stops,
            closing: None,
            excess: 0,
            last: String::new(),
            slot: Some(slot),
        }
    }

    /// Gives the call as a stream.
    pub(super) fn into_stream(self) -> CompletionStream {
        let ready: VecDeque<CompletionEvent> = VecDeque::new();
        Box::pin(stream::unfold((self, ready, false), |(mut reader, mut ready, mut over)| async move {
            loop {
                if let Some(event) = ready.pop_front() {
                    return Some((Ok(event), (reader, ready, over)));
                }
                if over {
                    return None;
                }
                match reader.piece().await {
                    Ok(Piece::Deltas(deltas)) => ready.extend(deltas.into_iter().map(event)),
                    Ok(Piece::End(deltas, completion, _)) => {
                        over = true;
                        ready.extend(deltas.into_iter().map(event));
                        ready.push_back(CompletionEvent::Done(completion));
                    }
                    Err(error) => return Some((Err(error), (reader, ready, true))),
                }
            }
        }))
    }

    /// Waits for the call's end.
    pub(super) async fn drain(mut self) -> Result<(Completion, Observed), ModelError> {
        loop {
            if let Piece::End(_, completion, observed) = self.piece().await? {
                return Ok((*completion, observed));
            }
        }
    }

    async fn piece(&mut self) -> Result<Piece, ModelError> {
        loop {
            let event = tokio::select! {
                biased;
                finish = self.limits.over() => return self.end(Some(finish)),
                () = sleep_until(self.ends) => return Err(self.server.too_long()),
                () = sleep_until(self.closing) => return self.end(None),
                event = self.events.next() => event,
            };
            let Some(assembly) = &mut self.assembly else {
                return Err(ModelError::Broken { what: "it was read past its end".to_owned() });
            };
            // What goes wrong after the end of the text does not touch the text.
            let complete = assembly.has_ended() || assembly.is_cut().is_some();
            let data = match event {
                Some(Ok(data)) => data,
                _ if complete => return self.end(None),
                None => return Err(self.cut_off()),
                Some(Err(fault)) => return Err(self.server.protocol(self.with_last(&fault.to_string()))),
            };
            let data = data.trim();
            if data.is_empty() {
                continue;
            }
            if data == "[DONE]" {
                if !complete {
                    return Err(self.cut_off());
                }
                self.closing = Some(Instant::now() + AFTER_DONE);
                continue;
            }
            let deltas = match serde_json::from_str::<Chunk>(data) {
                Ok(chunk) => assembly.push(chunk),
                Err(error) => Err(Fault(format!("an event is no JSON of the protocol ({error})"))),
            };
            self.last = data.chars().take(1_000).collect();
            let deltas = match deltas {
                Ok(deltas) => deltas,
                Err(_) if complete => return self.end(None),
                Err(Fault(reason)) => return Err(self.server.protocol(self.with_last(&reason))),
            };
            let Some(assembly) = &self.assembly else { continue };
            if self.first_text.is_none() && assembly.pieces() > 0 {
                self.first_text = Some(Instant::now());
            }
            if let Some(cut) = assembly.is_cut() {
                let wait = self.stops == StopForm::Told && *cut != Finish::Gate && self.excess < EXCESS;
                if !wait && !assembly.has_ended() {
                    return self.end_with(deltas, None);
                }
                self.excess += 1;
            }
            if self.closing.is_none() && (assembly.is_cut().is_some() || assembly.has_ended()) {
                self.closing = Some(Instant::now() + CLOSING);
            }
            if !deltas.is_empty() {
                return Ok(Piece::Deltas(deltas));
            }
        }
    }

    fn end(&mut self, outer: Option<Finish>) -> Result<Piece, ModelError> {
        self.end_with(Vec::new(), outer)
    }

    fn end_with(&mut self, mut deltas: Vec<Delta>, outer: Option<Finish>) -> Result<Piece, ModelError> {
        let Some(assembly) = self.assembly.take() else {
            return Err(ModelError::Broken { what: "it was ended twice".to_owned() });
        };
        // Who keeps the stream after its end holds neither the connection nor the place.
        self.events = Box::pin(stream::empty());
        self.slot = None;
        // A text that is whole is not made less so by a deadline while we wait for its usage.
        let whole = assembly.has_ended() || assembly.is_cut().is_some();
        let outer = if whole { None } else { outer };
        let (rest, mut completion, observed) =
            assembly.finish(outer).map_err(|Fault(reason)| self.server.protocol(reason))?;
        deltas.extend(rest);
        let usage = &mut completion.usage;
        usage.retries = self.waited.retries;
        usage.queue_ms = milliseconds(self.waited.queue);
        if usage.prefill_ms == 0.0 && usage.decode_ms == 0.0 {
            let now = Instant::now();
            let first_text = self.first_text.unwrap_or(now);
            usage.prefill_ms = milliseconds(first_text - self.sent);
            usage.decode_ms = milliseconds(now - first_text);
        }
        Ok(Piece::End(deltas, Box::new(completion), observed))
    }

    fn cut_off(&self) -> ModelError {
        self.server.protocol(self.with_last("the stream was cut before its end"))
    }

    /// Adds the beginning of the last event to a reason.
    fn with_last(&self, reason: &str) -> String {
        let reason = self.server.redactor.excerpt(reason);
        match self.server.redactor.excerpt(&self.last) {
            empty if empty.is_empty() => reason,
            last => format!("{reason}; last came: {last}"),
        }
    }
}

fn event((phase, text): Delta) -> CompletionEvent {
    CompletionEvent::Delta { phase, text }
}

/// Gives the empty completion of a call that ended before its first byte.
pub(super) fn nothing(finish: Finish, waited: Waited) -> Completion {
    Completion {
        reasoning: String::new(),
        text: String::new(),
        raw: String::new(),
        tokens: Vec::new(),
        tokenizer: None,
        finish,
        open_reasoning: false,
        first: None,
        usage: Usage {
            calls: 1,
            queue_ms: milliseconds(waited.queue),
            retries: waited.retries,
            estimated: true,
            ..Usage::default()
        },
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
