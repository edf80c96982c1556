//! Limits of an attempt and what was spent: reserved before a call, settled after it.
//!
//! A [`Budget`] is one shared handle: concurrent branches of a search draw on the same limits. Completion tokens count
//! for all roles together, rejected drafts and glimpses included. A replayed attempt counts the recorded durations of
//! its calls instead of the clock's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::trace::Limit;

/// What model calls cost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// Calls made.
    pub calls: u64,
    /// Prompt tokens.
    pub prompt_tokens: u64,
    /// Prompt tokens whose KV was already there when the request came; part of `prompt_tokens`.
    pub cached_tokens: u64,
    /// Generated tokens.
    pub completion_tokens: u64,
    /// Generated tokens inside the think tags; part of `completion_tokens`.
    pub reasoning_tokens: u64,
    /// Milliseconds spent waiting for the model.
    pub queue_ms: f64,
    /// Milliseconds spent on the prompt.
    pub prefill_ms: f64,
    /// Milliseconds spent on generation.
    pub decode_ms: f64,
    /// Repeated tries.
    pub retries: u64,
    /// Whether token counts were counted here because the server did not say.
    pub estimated: bool,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Usage) {
        self.calls += other.calls;
        self.prompt_tokens += other.prompt_tokens;
        self.cached_tokens += other.cached_tokens;
        self.completion_tokens += other.completion_tokens;
        self.reasoning_tokens += other.reasoning_tokens;
        self.queue_ms += other.queue_ms;
        self.prefill_ms += other.prefill_ms;
        self.decode_ms += other.decode_ms;
        self.retries += other.retries;
        self.estimated |= other.estimated;
    }
}

/// Limits of one attempt; `None` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BudgetLimits {
    /// Completion tokens of all roles together.
    pub completion_tokens: Option<u64>,
    /// Model calls.
    pub calls: Option<u64>,
    /// Wall time.
    pub time: Option<Duration>,
}

#[derive(Debug, Default)]
struct Spent {
    completion_tokens: u64,
    reserved_tokens: u64,
    calls: u64,
    call_time: Duration,
}

#[derive(Debug)]
struct Shared {
    limits: BudgetLimits,
    started: Instant,
    recorded: bool,
    spent: Mutex<Spent>,
}

/// Shared handle on what is left of an attempt's limits.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Shared>);

impl Budget {
    /// Starts a budget now.
    #[must_use]
    pub fn start(limits: BudgetLimits) -> Budget {
        Budget::with_clock(limits, false)
    }

    /// Starts a budget whose time passes by the recorded durations of its calls only.
    #[must_use]
    pub fn replay(limits: BudgetLimits) -> Budget {
        Budget::with_clock(limits, true)
    }

    fn with_clock(limits: BudgetLimits, recorded: bool) -> Budget {
        Budget(Arc::new(Shared { limits, started: Instant::now(), recorded, spent: Mutex::default() }))
    }

    /// Gives the moment at which the attempt must end; a replay has none.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let time = self.0.limits.time.filter(|_| !self.0.recorded)?;
        self.0.started.checked_add(time)
    }

    /// Gives the time that has passed since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        if self.0.recorded { self.lock().call_time } else { self.0.started.elapsed() }
    }

    /// Reserves one call of at most `max_tokens` new tokens, fewer if fewer are left.
    ///
    /// # Errors
    /// The limit that is already reached.
    pub fn reserve(&self, max_tokens: u64) -> Result<Reservation, Limit> {
        let limits = self.0.limits;
        if limits.time.is_some_and(|time| self.elapsed() >= time) {
            return Err(Limit::Seconds);
        }
        let mut spent = self.lock();
        if limits.calls.is_some_and(|calls| spent.calls >= calls) {
            return Err(Limit::Calls);
        }
        let granted = match limits.completion_tokens {
            Some(limit) => {
                let left = limit.saturating_sub(spent.completion_tokens + spent.reserved_tokens);
                if left == 0 {
                    return Err(Limit::Tokens);
                }
                left.min(max_tokens)
            }
            None => max_tokens,
        };
        spent.calls += 1;
        spent.reserved_tokens += granted;
        Ok(Reservation { budget: self.clone(), granted })
    }

    /// Gives the completion tokens settled so far.
    #[must_use]
    pub fn completion_tokens(&self) -> u64 {
        self.lock().completion_tokens
    }

    fn lock(&self) -> MutexGuard<'_, Spent> {
        // Sums only: a panic elsewhere cannot leave them half written.
        self.0.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's share of the budget; dropping it unsettled gives its tokens back.
#[derive(Debug)]
pub struct Reservation {
    budget: Budget,
    granted: u64,
}

impl Reservation {
    /// Gives how many new tokens the call may write.
    #[must_use]
    pub fn granted(&self) -> u64 {
        self.granted
    }

    /// Books what the call really wrote and how long it took.
    pub fn settle(self, completion_tokens: u64, time: Duration) {
        let mut spent = self.budget.lock();
        spent.completion_tokens += completion_tokens;
        spent.call_time += time;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.lock().reserved_tokens -= self.granted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_call_is_clamped_to_what_is_left_and_the_next_one_refused() {
        let budget = Budget::start(BudgetLimits { completion_tokens: Some(10), ..BudgetLimits::default() });
        let first = budget.reserve(8).expect("10 left");
        let second = budget.reserve(8).expect("2 left");
        assert_eq!((first.granted(), second.granted()), (8, 2));
        assert_eq!(budget.reserve(1).err(), Some(Limit::Tokens));
        first.settle(3, Duration::ZERO);
        assert_eq!(budget.reserve(9).expect("5 unused came back").granted(), 5);
    }

    #[test]
    fn a_replay_counts_recorded_time_only() {
        let limits = BudgetLimits { time: Some(Duration::from_secs(60)), ..BudgetLimits::default() };
        let budget = Budget::replay(limits);
        assert_eq!(budget.deadline(), None);
        budget.reserve(1).expect("no time has passed").settle(1, Duration::from_secs(59));
        budget.reserve(1).expect("one second is left").settle(1, Duration::from_secs(1));
        assert_eq!(budget.reserve(1).err(), Some(Limit::Seconds));
    }

    #[test]
    fn zero_limits_refuse_the_first_call() {
        let none = |limits| Budget::start(limits).reserve(1).err();
        assert_eq!(none(BudgetLimits { completion_tokens: Some(0), ..BudgetLimits::default() }), Some(Limit::Tokens));
        assert_eq!(none(BudgetLimits { calls: Some(0), ..BudgetLimits::default() }), Some(Limit::Calls));
        assert_eq!(none(BudgetLimits { time: Some(Duration::ZERO), ..BudgetLimits::default() }), Some(Limit::Seconds));
    }

    proptest! {
        #[test]
        fn settled_tokens_never_pass_the_limit(calls in prop::collection::vec((1u64..50, 0u64..50, any::<bool>()), 0..60)) {
            let budget = Budget::start(BudgetLimits { completion_tokens: Some(100), ..BudgetLimits::default() });
            let mut open = Vec::new();
            for (wanted, written, settle_now) in calls {
                if let Ok(reservation) = budget.reserve(wanted) {
                    let written = written.min(reservation.granted());
                    if settle_now { reservation.settle(written, Duration::ZERO) } else { open.push((reservation, written)) }
                }
            }
            for (reservation, written) in open { reservation.settle(written, Duration::ZERO) }
            prop_assert!(budget.completion_tokens() <= 100);
        }
    }
}
