//! What the next decode computes: one token of every stream that writes, then as much of the waiting prompts as fits.
//!
//! Prompts are cut into pieces, so that no stream waits long for its next token; how long a piece may be is measured as
//! the engine runs ([`Pace`]).

use std::time::Duration;

/// What one stream could have decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ask {
    /// Tokens that are there to be decoded.
    pub(super) pending: usize,
    /// How many of them, from the first, need no logits.
    pub(super) silent: usize,
}

/// What one decode may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// Tokens, at most.
    pub(super) tokens: usize,
    /// Tokens of prompts, at most.
    pub(super) prompts: usize,
    /// Rows with logits, at most.
    pub(super) logits: usize,
}

/// Says how many tokens of each stream the next decode takes. Streams that write come first; prompts are served in the
/// order of the list.
pub(super) fn plan(asks: &[Ask], room: Room) -> Vec<usize> {
    let (mut tokens, mut prompts, mut logits) = (room.tokens, room.prompts, room.logits);
    let mut taken = vec![0; asks.len()];
    for (taken, ask) in taken.iter_mut().zip(asks) {
        let rows = usize::from(ask.silent == 0);
        if ask.pending == 1 && tokens > 0 && logits >= rows {
            *taken = 1;
            tokens -= 1;
            logits -= rows;
        }
    }
    for (taken, ask) in taken.iter_mut().zip(asks) {
        if ask.pending > 1 {
            let most = ask.pending.min(tokens).min(prompts);
            let count = most.min(ask.silent + logits);
            *taken = count;
            tokens -= count;
            prompts -= count;
            logits -= count.saturating_sub(ask.silent);
        }
    }
    taken
}

/// How long the tokens of a prompt take, as measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    seconds_per_token: Option<f64>,
}

/// A decode with fewer tokens says little about prompts.
const TELLING: usize = 16;
const SMALLEST: usize = 32;
const FIRST: usize = 64;

impl Pace {
    pub(super) fn new() -> Pace {
        Pace { seconds_per_token: None }
    }

    /// Notes how long a decode took.
    pub(super) fn note(&mut self, tokens: usize, time: Duration) {
        if tokens < TELLING {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a batch has far less than 2^52 tokens")]
        let now = time.as_secs_f64() / tokens as f64;
        // A machine that was busy for a moment must not slow prompts for long, and a fast decode must not be believed
        // at once.
        self.seconds_per_token = Some(self.seconds_per_token.map_or(now, |before| 0.7 * before + 0.3 * now));
    }

    /// How many tokens of prompts fit into this time, a multiple of the smallest piece.
    pub(super) fn tokens_in(&self, time: Duration, most: usize) -> usize {
        let Some(seconds_per_token) = self.seconds_per_token.filter(|seconds| *seconds > 0.0) else {
            return FIRST.min(most);
        };
        let fitting = time.as_secs_f64() / seconds_per_token / SMALLEST_AS_FLOAT;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
        let pieces = fitting as usize;
        pieces.saturating_mul(SMALLEST).clamp(SMALLEST, most.max(SMALLEST)).min(most)
    }
}

const SMALLEST_AS_FLOAT: f64 = 32.0;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ask(pending: usize, silent: usize) -> Ask {
        Ask { pending, silent }
    }

    fn check(asks: &[Ask], room: (usize, usize, usize), expected: &[usize]) {
        let room = Room { tokens: room.0, prompts: room.1, logits: room.2 };
        assert_eq!(plan(asks, room), expected, "{asks:?} in {room:?}");
    }

    #[test]
    fn writers_come_first_and_prompts_share_the_rest() {
        check(&[ask(1, 0), ask(100, 99), ask(1, 0)], (64, 32, 64), &[1, 32, 1]);
        check(&[ask(20, 19), ask(100, 99), ask(1, 0)], (512, 48, 64), &[20, 28, 1]);
        check(&[ask(600, 599)], (512, 512, 64), &[512]);
        // The last token of a prompt, and of one that nothing is wanted of.
        check(&[ask(1, 0), ask(1, 1)], (512, 32, 1), &[1, 1]);
        // Likelihoods: logits of every token.
        check(&[ask(200, 50)], (512, 512, 64), &[114]);
        check(&[ask(200, 0), ask(200, 199)], (512, 512, 64), &[64, 199]);
        check(&[ask(1, 0), ask(1, 0)], (1, 32, 64), &[1, 0]);
        check(&[], (512, 512, 64), &[]);
    }

    proptest! {
        #[test]
        fn nothing_is_exceeded_and_something_always_goes_on(
            asks in prop::collection::vec((1..600usize, 0..600usize), 1..40),
            tokens in 1..512usize, prompts in 1..512usize, logits in 1..64usize,
        ) {
            let asks: Vec<Ask> = asks.into_iter().map(|(pending, silent)| ask(pending, silent.min(pending))).collect();
            let taken = plan(&asks, Room { tokens, prompts, logits });
            prop_assert!(taken.iter().sum::<usize>() <= tokens);
            prop_assert!(taken.iter().sum::<usize>() > 0);
            let rows: usize = taken.iter().zip(&asks).map(|(taken, ask)| taken.saturating_sub(ask.silent)).sum();
            prop_assert!(rows <= logits);
            let of_prompts: usize = taken.iter().zip(&asks).filter(|(_, ask)| ask.pending > 1).map(|(taken, _)| taken).sum();
            prop_assert!(of_prompts <= prompts);
            prop_assert!(taken.iter().zip(&asks).all(|(taken, ask)| *taken <= ask.pending));
        }
    }

    #[test]
    fn pieces_follow_the_measured_pace() {
        let mut pace = Pace::new();
        assert_eq!(pace.tokens_in(Duration::from_millis(100), 512), 64);
        pace.note(1, Duration::from_secs(9));
        assert_eq!(pace.tokens_in(Duration::from_millis(100), 512), 64, "one token says nothing");
        pace.note(64, Duration::from_millis(128));
        assert_eq!(pace.tokens_in(Duration::from_millis(100), 512), 32);
        assert_eq!(pace.tokens_in(Duration::from_millis(400), 512), 192);
        assert_eq!(pace.tokens_in(Duration::from_secs(9), 512), 512);
        assert_eq!(pace.tokens_in(Duration::ZERO, 512), 32);
        assert_eq!(pace.tokens_in(Duration::ZERO, 16), 16);
    }
}
