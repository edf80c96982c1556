//! Counts of a batch.

use std::collections::BTreeMap;

use crate::cli::exit::Exit;

/// What became of the lines so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Lines answered, those of earlier sittings included.
    pub(super) done: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) unknown: u64,
    /// Lines that cannot be used.
    pub(super) broken: u64,
    /// Lines by class of their verdict.
    pub(super) classes: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts a line.
    pub(super) fn add(&mut self, verdict: Option<&str>, class: Option<&str>, broken: bool) {
        self.done += 1;
        if broken {
            self.broken += 1;
            return;
        }
        match verdict {
            Some("accepted") => self.accepted += 1,
            Some("rejected") => self.rejected += 1,
            _ => self.unknown += 1,
        }
        if let Some(class) = class {
            *self.classes.entry(class.to_owned()).or_default() += 1;
        }
    }

    /// Gives how many lines no judgement was reached on, for reasons of the surroundings.
    pub(super) fn failed(&self) -> u64 {
        self.classes.get("infrastructure").copied().unwrap_or(0)
    }

    /// Gives the end of a batch that was gone through.
    pub(super) fn exit(&self) -> Exit {
        let when = |holds: bool, exit: Exit| if holds { exit } else { Exit::Done };
        when(self.done == 0, Exit::NothingSelected)
            .and(when(self.broken > 0, Exit::BadInput))
            .and(when(self.failed() > 0, Exit::SomeFailed))
            .and(when(self.accepted < self.done - self.broken, Exit::No))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_says_the_gravest_thing_that_happened() {
        let tally = |lines: &[(&str, &str)]| {
            let mut tally = Tally::default();
            for (verdict, class) in lines {
                tally.add((!verdict.is_empty()).then_some(verdict), Some(class), verdict.is_empty());
            }
            tally.exit()
        };
        let (good, wrong, late) = (("accepted", "proved"), ("rejected", "failed"), ("unknown", "timeout"));
        let (gone, broken) = (("unknown", "infrastructure"), ("", ""));
        assert_eq!(tally(&[]), Exit::NothingSelected);
        assert_eq!(tally(&[good, good]), Exit::Done);
        assert_eq!(tally(&[good, wrong]), Exit::No);
        assert_eq!(tally(&[good, late]), Exit::No);
        assert_eq!(tally(&[wrong, gone]), Exit::SomeFailed);
        assert_eq!(tally(&[wrong, gone, broken]), Exit::BadInput);
        assert_eq!(tally(&[good, broken]), Exit::BadInput);
    }
}
