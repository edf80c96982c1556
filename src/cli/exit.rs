//! Exit codes: a public promise, so they are named here once.

/// How the command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Judged, and the answer is no.
    No = 1,
    /// Bad command line, settings or input file.
    BadInput = 2,
    /// Something is missing: weights, an endpoint, a program, space.
    Missing = 3,
    /// Nothing was selected.
    NothingSelected = 4,
    /// Some attempts failed for infrastructure reasons.
    SomeFailed = 5,
    /// A defect in stepproof.
    Defect = 70,
    /// Interrupted; the same command goes on.
    Interrupted = 130,
}

impl Exit {
    /// Gives the process's exit code.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// Gives the graver of two ends that both hold.
    pub(crate) fn and(self, other: Exit) -> Exit {
        if other.gravity() > self.gravity() { other } else { self }
    }

    fn gravity(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::SomeFailed => 2,
            Exit::NothingSelected => 3,
            Exit::BadInput => 4,
            Exit::Missing => 5,
            Exit::Interrupted => 6,
            Exit::Defect => 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_gravest_end_wins_in_either_order() {
        let grave_first = [Exit::Defect, Exit::Missing, Exit::BadInput, Exit::SomeFailed, Exit::No, Exit::Done];
        assert_eq!(grave_first.map(Exit::code), [70, 3, 2, 5, 1, 0]);
        for pair in grave_first.windows(2) {
            assert_eq!(pair[0].and(pair[1]), pair[0]);
            assert_eq!(pair[1].and(pair[0]), pair[0]);
        }
        assert_eq!((Exit::NothingSelected.code(), Exit::Interrupted.code()), (4, 130));
    }
}
