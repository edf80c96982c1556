//! Whose turn it is to compute on the cores: one decode at a time in the whole process.
//!
//! Two decodes at once, each with a thread for every core, spin against each other and are 20 to 40 times slower. Turns
//! are taken in the order of asking, so that no model starves another.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// An engine, as the permit tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EngineId(u64);

impl EngineId {
    pub(super) fn new() -> EngineId {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        EngineId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

struct Turns {
    /// The number that the next one to ask gets.
    next: u64,
    /// The number whose turn it is.
    serving: u64,
    /// Who decoded last, and the last one but it, with the times.
    last: [Option<(EngineId, Instant)>; 2],
}

static TURNS: Mutex<Turns> = Mutex::new(Turns { next: 0, serving: 0, last: [None; 2] });
static DONE: Condvar = Condvar::new();

fn turns() -> MutexGuard<'static, Turns> {
    TURNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right to decode; dropping it passes it on.
pub(super) struct Permit(EngineId);

/// Waits until it is this engine's turn.
pub(super) fn decode_permit(engine: EngineId) -> Permit {
    let mut turns = turns();
    let mine = turns.next;
    turns.next += 1;
    while turns.serving != mine {
        turns = DONE.wait(turns).unwrap_or_else(PoisonError::into_inner);
    }
    turns.note(engine);
    Permit(engine)
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut turns = turns();
        turns.serving += 1;
        turns.note(self.0);
        drop(turns);
        DONE.notify_all();
    }
}

impl Turns {
    fn note(&mut self, engine: EngineId) {
        if self.last[0].is_none_or(|(last, _)| last != engine) {
            self.last[1] = self.last[0];
        }
        self.last[0] = Some((engine, Instant::now()));
    }
}

/// How long no other engine has decoded or waited for its turn; asked by an engine that does neither.
pub(super) fn quiet_for(engine: EngineId) -> Duration {
    let turns = turns();
    if turns.next != turns.serving {
        return Duration::ZERO;
    }
    let other = turns.last.iter().flatten().find(|(last, _)| *last != engine);
    other.map_or(Duration::MAX, |(_, when)| when.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_the_order_of_asking() {
        let order = Mutex::new(Vec::new());
        let first = decode_permit(EngineId::new());
        std::thread::scope(|scope| {
            for engine in 0..4 {
                let before = turns().next;
                let order = &order;
                scope.spawn(move || {
                    let _permit = decode_permit(EngineId::new());
                    order.lock().unwrap().push(engine);
                });
                while turns().next == before {
                    std::thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
    }
}
