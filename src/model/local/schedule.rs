//! What is written when: continuous batching over one context.
//!
//! Every decode takes one token of each stream that writes, or pieces of the prompts that wait, or both (`plan`). A
//! request is
//! admitted in the order of arrival as soon as a sequence and cells are free for it; one whose prompt begins like a
//! prompt that is just being decoded waits for that instead of decoding it again. Where cells run out, the newest
//! stream makes room and goes on later from what is left of it. Cancellation and deadlines are seen between decodes.
//!
//! A panic in here, which would be a defect, fails the stream in hand and no other.

mod stream;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::context::{Context, DecodeFault, Row};
use super::engine::{Command, Parts};
use super::permit::{EngineId, quiet_for};
use super::plan::{Ask, Pace, Room, plan};
use super::prefix::{Cache, SequenceId, TokenId, common};
use crate::model::ModelError;
use stream::{End, Stream};

/// Tokens of one decode of a prompt where the same groups are wanted each time.
const GROUP: usize = 32;
/// Rows of logits in one decode: 64 cost 39 MB with a vocabulary of 151,936.
const MOST_LOGITS: usize = 64;
/// How long a decode may take while others write, and while nobody does: longer pieces are a little faster, and what
/// comes meanwhile waits for them.
const PIECE_BESIDE_WRITERS: Duration = Duration::from_millis(250);
const PIECE_ALONE: Duration = Duration::from_millis(1200);
const PIECE_IN_IDLE_TIME: Duration = Duration::from_millis(30);
/// How long nothing must have been asked before prompts are decoded in advance.
const IDLE: Duration = Duration::from_millis(10);
const MOST_PREFETCHES: usize = 16;
/// Tokens that a stream is sure to find room for when it is admitted, as far as it writes that many.
const HEADROOM: usize = 64;
/// Tokens that two prompts must have in common beyond what is there for the second to wait for the first.
const WORTH_WAITING: usize = 8;
/// Waiting requests that are looked at between two decodes.
const LOOK_AHEAD: usize = 64;
/// Commands that are taken between two decodes while something is written: each may hold a long text to tokenize.
const COMMANDS: usize = 16;

/// How a schedule is run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Streams at once.
    pub(super) live: usize,
    /// The same groups of tokens for the same request, whatever ran before.
    pub(super) is_deterministic: bool,
    /// Prompts and writers share a decode. A CPU computes attention for 64 rows at once, over whatever any of them looks
    /// at: there each has decodes of its own.
    pub(super) mixes: bool,
    pub(super) engine: EngineId,
}

/// A stream that has a sequence.
#[derive(Debug)]
struct Live {
    stream: Stream,
    sequence: SequenceId,
    /// Tokens of the stream that are decoded.
    done: usize,
}

impl Live {
    fn ask(&self) -> Ask {
        let pending = self.stream.tokens.len() - self.done;
        Ask { pending, silent: self.stream.wanted_from.saturating_sub(self.done).min(pending) }
    }
}

/// Everything that one model writes.
pub(super) struct Schedule<'model> {
    parts: Parts<'model>,
    cache: Cache<Context<'model>>,
    rules: Rules,
    /// In the order of admission.
    live: Vec<Live>,
    waiting: VecDeque<Stream>,
    prefetches: VecDeque<Vec<TokenId>>,
    pace: Pace,
    /// The last decode was of prompts while others wrote.
    writers_next: bool,
}

impl<'model> Schedule<'model> {
    pub(super) fn new(parts: Parts<'model>, cache: Cache<Context<'model>>, rules: Rules) -> Schedule<'model> {
        let (live, waiting, prefetches) = (Vec::new(), VecDeque::new(), VecDeque::new());
        Schedule { parts, cache, rules, live, waiting, prefetches, pace: Pace::new(), writers_next: false }
    }

    /// Works until every handle is dropped and every request answered.
    pub(super) fn run(mut self, receiver: &Receiver<Command>) {
        loop {
            if self.live.is_empty() && self.waiting.is_empty() {
                match self.wait(receiver) {
                    Ok(Some(command)) => self.take(command),
                    Ok(None) => {}
                    Err(Gone) => return,
                }
            }
            for command in receiver.try_iter().take(COMMANDS) {
                self.take(command);
            }
            let worked = catch_unwind(AssertUnwindSafe(|| {
                self.sweep();
                self.admit();
                self.decode();
            }));
            if worked.is_err() {
                self.fail(|| ModelError::Broken { what: "a defect in the local engine".to_owned() });
            }
        }
    }

    /// Waits for a command; gives none where a prompt is to be decoded in advance.
    fn wait(&mut self, receiver: &Receiver<Command>) -> Result<Option<Command>, Gone> {
        while let Some(tokens) = self.prefetches.front() {
            match receiver.recv_timeout(IDLE) {
                Ok(command) => return Ok(Some(command)),
                Err(RecvTimeoutError::Disconnected) => return Err(Gone),
                Err(RecvTimeoutError::Timeout) if quiet_for(self.rules.engine) < IDLE => {}
                Err(RecvTimeoutError::Timeout) => {
                    let stream = Stream::warm(tokens.clone());
                    self.prefetches.pop_front();
                    let _ = self.start(stream);
                    return Ok(None);
                }
            }
        }
        receiver.recv().map(Some).map_err(|_| Gone)
    }

    /// Makes a stream of a command; what cannot begin is answered.
    fn take(&mut self, command: Command) {
        let parts = &self.parts;
        let failing = command.failing();
        let prepared = catch_unwind(AssertUnwindSafe(|| match command {
            Command::Complete(job) => Stream::write(*job, parts),
            Command::Score(job) => Stream::score(*job, parts),
            Command::Prefetch(segments) => parts.prompt(&segments).ok().map(Stream::warm),
        }));
        match prepared {
            Ok(Some(stream)) if stream.is_warm() => self.prefetch(stream.tokens),
            Ok(Some(stream)) => self.waiting.push_back(stream),
            Ok(None) => {}
            Err(_) => failing(ModelError::Broken { what: "a defect in the local engine".to_owned() }),
        }
    }

    fn prefetch(&mut self, tokens: Vec<TokenId>) {
        self.prefetches.retain(|known| !tokens.starts_with(known));
        self.prefetches.push_back(tokens);
        if self.prefetches.len() > MOST_PREFETCHES {
            self.prefetches.pop_front();
        }
    }

    /// Ends streams whose time is over, and what is decoded in advance once there is something else to do.
    fn sweep(&mut self) {
        let now = Instant::now();
        let over = |stream: &Stream| stream.over(now);
        if self.waiting.iter().any(|stream| over(stream).is_some()) {
            for stream in std::mem::take(&mut self.waiting) {
                match over(&stream) {
                    Some(end) => stream.end(end),
                    None => self.waiting.push_back(stream),
                }
            }
        }
        let is_needed = !self.waiting.is_empty() || quiet_for(self.rules.engine) < IDLE;
        for index in (0..self.live.len()).rev() {
            let Some(live) = self.live.get(index) else { continue };
            if live.stream.is_warm() && is_needed {
                self.prefetches.push_front(live.stream.tokens.clone());
                self.close(index);
            } else if let Some(end) = over(&live.stream) {
                self.close(index).end(end);
            }
        }
    }

    /// Gives sequences to waiting streams, in the order of arrival.
    fn admit(&mut self) {
        let mut index = 0;
        while self.live.len() < self.rules.live && index < self.waiting.len().min(LOOK_AHEAD) {
            let Some(stream) = self.waiting.get(index) else { return };
            if self.is_on_its_way(stream) {
                index += 1;
                continue;
            }
            // None may overtake one that waits for cells: it would wait for ever.
            if !self.fits(stream) {
                return;
            }
            let Some(stream) = self.waiting.remove(index) else { return };
            if !self.start(stream) {
                return;
            }
        }
    }

    /// Says whether much of what a stream begins with is just being decoded for another one.
    fn is_on_its_way(&self, stream: &Stream) -> bool {
        let wanted = stream.reusable();
        self.live.iter().any(|live| {
            let planned = live.stream.tokens.get(live.done..).unwrap_or_default();
            let shared = wanted.get(live.done..).map_or(0, |wanted| common(planned, wanted));
            planned.len() > 1
                && shared >= WORTH_WAITING
                && common(&live.stream.tokens, wanted) >= live.done + WORTH_WAITING
        })
    }

    /// Says whether there are cells for a stream beside what is promised to those at work.
    fn fits(&self, stream: &Stream) -> bool {
        let shared = |live: &Live| common(live.stream.tokens.get(..live.done).unwrap_or_default(), stream.reusable());
        let shared = self.live.iter().map(shared).max().unwrap_or(0);
        let promised = |live: &Live| live.stream.tokens.len() - live.done + live.stream.left().min(HEADROOM);
        let promised: usize = self.live.iter().map(promised).sum();
        let needed = stream.tokens.len() - shared + stream.left().min(HEADROOM);
        self.live.is_empty() || self.cache.held() + promised + needed <= self.cache.capacity()
    }

    /// Gives a stream a sequence; false where every one is at work.
    fn start(&mut self, mut stream: Stream) -> bool {
        let step = if self.rules.is_deterministic { GROUP } else { 1 };
        match self.cache.open(stream.reusable(), step) {
            Some((sequence, done)) => {
                stream.admit(done);
                self.live.push(Live { stream, sequence, done });
                true
            }
            None => {
                self.waiting.push_front(stream);
                false
            }
        }
    }

    /// Computes the next batch and hands out what came of it.
    fn decode(&mut self) {
        let Some(taken) = self.room_for_plan() else { return };
        let mut rows = Vec::with_capacity(taken.iter().sum());
        for (live, count) in self.live.iter().zip(&taken) {
            for place in live.done..live.done + count {
                let Some(token) = live.stream.tokens.get(place).copied() else { continue };
                let logits = place >= live.stream.wanted_from;
                rows.push(Row { sequence: live.sequence, position: place, token, logits });
            }
        }
        if rows.is_empty() {
            // Nothing is left to decode of what is in hand: prompts that were there already.
            return self.close_finished();
        }
        self.cache.tidy(rows.len());
        match self.cache.memory_mut().decode(&rows) {
            Ok(time) => {
                let (live, waiting, held) = (self.live.len(), self.waiting.len(), self.cache.held());
                tracing::debug!(tokens = rows.len(), ?time, live, waiting, held, "decoded");
                self.pace.note(rows.len(), time);
            }
            Err(fault) => return self.fail_decode(&fault),
        }
        let mut row = 0;
        for (live, count) in self.live.iter_mut().zip(&taken) {
            let decoded = live.stream.tokens.get(live.done..live.done + count).unwrap_or_default();
            self.cache.grow(live.sequence, decoded);
            for place in live.done..live.done + count {
                if let Some(logits) = self.cache.memory().logits(row) {
                    let (parts, stream) = (&self.parts, &mut live.stream);
                    if catch_unwind(AssertUnwindSafe(|| stream.row(parts, logits, place + 1))).is_err() {
                        stream.fail(ModelError::Broken { what: "a defect in the local engine".to_owned() });
                    }
                }
                row += 1;
            }
            live.done += count;
        }
        self.close_finished();
    }

    /// Plans the next batch and frees the cells that it needs; the newest stream goes back to wait where none are left.
    fn room_for_plan(&mut self) -> Option<Vec<usize>> {
        loop {
            if self.live.is_empty() {
                return None;
            }
            let taken = self.plan();
            if self.cache.make_room(taken.iter().sum()) {
                return Some(taken);
            }
            if self.live.len() == 1 {
                self.fail_decode(&DecodeFault::no_room(self.cache.capacity()));
                return None;
            }
            let newest = self.close(self.live.len() - 1);
            self.waiting.push_front(newest);
        }
    }

    fn plan(&mut self) -> Vec<usize> {
        let mut asks: Vec<Ask> = self.live.iter().map(Live::ask).collect();
        if self.rules.is_deterministic {
            let group = |(live, ask): (&Live, &Ask)| ask.pending.min(GROUP - live.done % GROUP);
            return self.live.iter().zip(&asks).map(group).collect();
        }
        let batch = self.cache.memory().batch_size();
        let writes = |ask: &Ask| ask.pending == 1;
        let (writers, prompts) = (asks.iter().any(writes), asks.iter().any(|ask| ask.pending > 1));
        if writers && prompts && !self.rules.mixes {
            for ask in asks.iter_mut().filter(|ask| writes(ask) != self.writers_next) {
                ask.pending = 0;
            }
            self.writers_next = !self.writers_next;
        }
        let piece = if self.live.iter().all(|live| live.stream.is_warm()) {
            PIECE_IN_IDLE_TIME
        } else if writers {
            PIECE_BESIDE_WRITERS
        } else {
            let deadlines = self.live.iter().filter_map(|live| live.stream.deadline());
            let left = deadlines.min().map(|deadline| deadline.saturating_duration_since(Instant::now()));
            left.map_or(PIECE_ALONE, |left| left.min(PIECE_ALONE))
        };
        // Every stream that writes gets its row.
        let logits = MOST_LOGITS.max(asks.len());
        plan(&asks, Room { tokens: batch, prompts: self.pace.tokens_in(piece, batch), logits })
    }

    /// Takes a stream off its sequence, whose tokens stay for later use.
    fn close(&mut self, index: usize) -> Stream {
        let Live { mut stream, sequence, done } = self.live.remove(index);
        if self.rules.is_deterministic {
            // Only what was decoded in whole groups: logits depend a little on the grouping.
            self.cache.cut(sequence, done.min(stream.prompt()) / GROUP * GROUP);
        }
        stream.wanted_from = stream.wanted_from.max(done);
        self.cache.close(sequence);
        stream
    }

    fn close_finished(&mut self) {
        for index in (0..self.live.len()).rev() {
            let Some(live) = self.live.get_mut(index) else { continue };
            if let Some(end) = live.stream.take_end(live.done) {
                self.close(index).end(end);
            }
        }
    }

    /// After a decode that failed, what lies in the memory is no longer known.
    fn fail_decode(&mut self, fault: &DecodeFault) {
        self.fail(|| ModelError::Broken { what: fault.to_string() });
    }

    fn fail(&mut self, error: impl Fn() -> ModelError) {
        for live in std::mem::take(&mut self.live) {
            live.stream.end(End::Error(error()));
        }
        self.cache.clear();
    }
}

/// Every handle is dropped.
struct Gone;
