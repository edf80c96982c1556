//! Who gets which worker: a bounded number of places, idle workers kept by header, callers served in their order.
//!
//! A caller whose imports an idle worker has may pass one that would need a new worker, but not for long.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::slot::Slot;

/// How often a caller is passed at most.
const MOST_PASSED: u32 = 32;

/// What a caller gets: a place among the workers, with an idle worker where one fits.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) slot: Option<Slot>,
    /// An idle worker that must go first.
    pub(super) evicted: Option<Slot>,
}

#[derive(Debug)]
struct Waiter {
    header: String,
    passed: u32,
    sender: oneshot::Sender<Grant>,
}

/// How well an idle worker fits a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    None,
    Imports,
    Header,
}

/// The places and who waits for them.
#[derive(Debug)]
pub(super) struct Queue {
    places: usize,
    taken: usize,
    idle: Vec<Slot>,
    waiting: VecDeque<Waiter>,
    closed: bool,
}

/// The answer to who asks for a place.
#[derive(Debug)]
pub(super) enum Asked {
    Granted(Box<Grant>),
    Waiting(oneshot::Receiver<Grant>),
    Closed,
}

impl Queue {
    pub(super) fn new(places: usize) -> Queue {
        Queue { places, taken: 0, idle: Vec::new(), waiting: VecDeque::new(), closed: false }
    }

    /// Asks for a place for texts with `header`.
    pub(super) fn ask(&mut self, header: &str) -> Asked {
        if self.closed {
            return Asked::Closed;
        }
        if self.taken < self.places {
            self.taken += 1;
            return Asked::Granted(Box::new(self.grant(header)));
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.push_back(Waiter { header: header.to_owned(), passed: 0, sender });
        Asked::Waiting(receiver)
    }

    /// Takes a place if one is free; with a worker of its own rather than an idle one.
    pub(super) fn ask_for_new(&mut self) -> Option<Grant> {
        if self.closed || self.taken >= self.places {
            return None;
        }
        self.taken += 1;
        Some(Grant { slot: None, evicted: self.make_room() })
    }

    /// Takes a place back, with its worker if it can be used again, and gives it to who is next. Gives slots that are
    /// to be closed.
    pub(super) fn give_back(&mut self, slot: Option<Slot>) -> Vec<Slot> {
        let mut closing = Vec::new();
        self.taken = self.taken.saturating_sub(1);
        match slot {
            Some(slot) if !self.closed => self.idle.push(slot),
            slot => closing.extend(slot),
        }
        while self.taken < self.places {
            let Some(waiter) = self.next_waiter() else { break };
            self.taken += 1;
            let grant = self.grant(&waiter.header);
            // Who gave up waiting leaves the place to the next.
            if let Err(grant) = waiter.sender.send(grant) {
                self.taken -= 1;
                self.idle.extend(grant.slot);
                closing.extend(grant.evicted);
            }
        }
        closing
    }

    fn next_waiter(&mut self) -> Option<Waiter> {
        self.waiting.retain(|waiter| !waiter.sender.is_closed());
        let first = self.waiting.front()?;
        let mut chosen = 0;
        if first.passed < MOST_PASSED && self.best(&first.header).1 == Fit::None {
            let fitting = self.waiting.iter().position(|waiter| self.best(&waiter.header).1 > Fit::None);
            chosen = fitting.unwrap_or(0);
        }
        for passed in self.waiting.iter_mut().take(chosen) {
            passed.passed += 1;
        }
        self.waiting.remove(chosen)
    }

    /// Gives the idle worker that fits best, the latest used among equals.
    fn best(&self, header: &str) -> (usize, Fit) {
        let fits = self.idle.iter().enumerate().map(|(at, slot)| {
            let fit = if slot.header == header {
                Fit::Header
            } else if slot.fits(header) {
                Fit::Imports
            } else {
                Fit::None
            };
            (at, fit, slot.last_used)
        });
        fits.max_by_key(|(_, fit, used)| (*fit, *used)).map_or((0, Fit::None), |(at, fit, _)| (at, fit))
    }

    fn grant(&mut self, header: &str) -> Grant {
        self.idle.retain(Slot::is_usable);
        match self.best(header) {
            (_, Fit::None) => Grant { slot: None, evicted: self.make_room() },
            (at, _) => Grant { slot: Some(self.idle.swap_remove(at)), evicted: None },
        }
    }

    /// Takes the idle worker that was used the longest ago where there is no room for one more.
    fn make_room(&mut self) -> Option<Slot> {
        if self.taken + self.idle.len() <= self.places { None } else { self.take_oldest() }
    }

    /// Takes the idle worker that was used the longest ago.
    pub(super) fn take_oldest(&mut self) -> Option<Slot> {
        let oldest = self.idle.iter().enumerate().min_by_key(|(_, slot)| slot.last_used).map(|(at, _)| at)?;
        Some(self.idle.swap_remove(oldest))
    }

    /// Counts idle workers with this very header.
    pub(super) fn idle_with(&self, header: &str) -> usize {
        self.idle.iter().filter(|slot| slot.header == header && slot.is_usable()).count()
    }

    pub(super) fn has_idle(&self) -> bool {
        !self.idle.is_empty()
    }

    /// Sends everybody away and gives the idle workers.
    pub(super) fn close(&mut self) -> Vec<Slot> {
        self.closed = true;
        self.waiting.clear();
        std::mem::take(&mut self.idle)
    }
}
