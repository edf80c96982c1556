//! Spreads requests evenly over the minute.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Hands out moments at which a request may begin.
#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// Lets `per_minute` requests begin in a minute; 0 counts as 1.
    pub(super) fn new(per_minute: u32) -> Pace {
        Pace { every: Duration::from_secs(60) / per_minute.max(1), next: Mutex::new(None) }
    }

    /// Takes the next free moment, now or later. Who does not use it has it lost.
    pub(super) fn take(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = next.map_or(now, |next| next.max(now));
        *next = Some(moment + self.every);
        moment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_a_minutes_share_apart() {
        let pace = Pace::new(120);
        let now = Instant::now();
        let waits: Vec<u128> = (0..4).map(|_| (pace.take(now) - now).as_millis()).collect();
        assert_eq!(waits, [0, 500, 1000, 1500]);
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.take(later), later, "an idle minute is not saved up");
        assert_eq!(pace.take(later), later + Duration::from_millis(500));
    }
}
