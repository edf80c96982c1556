//! When new text goes to its reader. Each piece wakes the reader on cores that are just decoding, so pieces of some
//! tokens are sent; what may end a step goes at once, so that a reader who cuts there is not late.

use std::time::{Duration, Instant};

use super::generate::Events;
use crate::model::CompletionEvent;
use crate::step::Phase;

/// How long text waits for more of its kind; ten pieces a second look smooth.
const PATIENCE: Duration = Duration::from_millis(100);
/// Steps begin after line breaks, and after tags.
const URGENT: [char; 2] = ['\n', '<'];

/// Text that is not sent yet.
#[derive(Debug)]
pub(super) struct Deltas {
    events: Events,
    held: Option<(Phase, String)>,
    sent: Option<Instant>,
}

impl Deltas {
    pub(super) fn new(events: Events) -> Deltas {
        Deltas { events, held: None, sent: None }
    }

    /// Takes new text.
    pub(super) fn push(&mut self, phase: Phase, text: String) {
        let is_urgent = text.contains(URGENT);
        match &mut self.held {
            Some((held, before)) if *held == phase => before.push_str(&text),
            _ => {
                self.flush();
                self.held = Some((phase, text));
            }
        }
        // The first text is waited for.
        if is_urgent || self.sent.is_none_or(|sent| sent.elapsed() >= PATIENCE) {
            self.flush();
        }
    }

    /// Sends what is held.
    pub(super) fn flush(&mut self) {
        if let Some((phase, text)) = self.held.take().filter(|(_, text)| !text.is_empty()) {
            self.sent = Some(Instant::now());
            let _ = self.events.send(Ok(CompletionEvent::Delta { phase, text }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_text_and_what_may_end_a_step_goes_at_once() {
        let (events, mut sent) = tokio::sync::mpsc::unbounded_channel();
        let mut deltas = Deltas::new(events);
        let mut given = Vec::new();
        for (phase, text) in [
            (Phase::Think, "a"),
            (Phase::Think, "b"),
            (Phase::Think, "c\n"),
            (Phase::Think, "d"),
            (Phase::Answer, "e"),
            (Phase::Answer, "<"),
            (Phase::Answer, ""),
            (Phase::Answer, "f"),
        ] {
            deltas.push(phase, text.to_owned());
        }
        deltas.flush();
        deltas.flush();
        while let Ok(Ok(CompletionEvent::Delta { phase, text })) = sent.try_recv() {
            given.push((phase, text));
        }
        // A machine that stands still for a tenth of a second sends more pieces; joined they are the same.
        let joined = |wanted| {
            let of_it = given.iter().filter(|(phase, _)| *phase == wanted);
            of_it.map(|(_, text)| text.as_str()).collect::<String>()
        };
        assert_eq!(joined(Phase::Think), "abc\nd");
        assert_eq!(joined(Phase::Answer), "e<f");
        assert_eq!(given[0], (Phase::Think, "a".to_owned()));
        assert!(given.iter().any(|(_, text)| text.ends_with("c\n")), "{given:?}");
    }
}
