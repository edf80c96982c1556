//! What looking into one pair of answers may cost.
//!
//! A unit is about a hundred machine operations on small numbers: one term of a product, one step of a series. Whoever
//! loops or computes with numbers whose size an answer chose spends first. Over budget everything ends undecided.

/// Units for one pair of answers: some ten milliseconds at the very worst, and far less for any usual pair.
pub(super) const BUDGET: u64 = 60_000;

/// What is left to spend.
#[derive(Debug, Clone)]
pub(super) struct Work {
    left: u64,
}

impl Work {
    pub(super) fn new() -> Work {
        Work { left: BUDGET }
    }

    /// Gives a budget for what no answer has a say in.
    pub(super) fn unlimited() -> Work {
        Work { left: u64::MAX }
    }

    /// Spends `units`; `None` where they are not there, and from then on always.
    pub(super) fn spend(&mut self, units: u64) -> Option<()> {
        match self.left.checked_sub(units) {
            Some(left) => {
                self.left = left;
                Some(())
            }
            None => {
                self.left = 0;
                None
            }
        }
    }

    /// Spends what a product of two numbers of so many bits costs.
    pub(super) fn multiply(&mut self, one: u64, other: u64) -> Option<()> {
        self.spend(1 + (one / 64 + 1).saturating_mul(other / 64 + 1) / 64)
    }

    /// Spends what a product of two rational numbers of so many bits costs, and a sum with it: common divisors dwarf the
    /// rest, as they are found bit by bit.
    pub(super) fn rational(&mut self, bits: u64) -> Option<()> {
        self.rationals(1, bits)
    }

    /// Spends what as many of these cost.
    pub(super) fn rationals(&mut self, count: usize, bits: u64) -> Option<()> {
        let words = bits / 64;
        self.spend(1 + (words.saturating_mul(bits) / 20).saturating_mul(u64::try_from(count).ok()?))
    }

    /// Gives what has been spent.
    #[cfg(test)]
    pub(super) fn spent(&self) -> u64 {
        BUDGET - self.left
    }
}
