//! Certified bounds of real numbers: every value lies between two fixed-point numbers, and every rounding goes outwards.
//!
//! It separates values that differ; that two values are equal it never says. Nothing here is a float.

mod function;

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::number::Rational;
use super::work::Work;

/// Bounds of one value, in units of 2^-bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) low: BigInt,
    pub(super) high: BigInt,
}

impl Interval {
    /// Gives the sign of every value in it, where they have one.
    pub(super) fn sign(&self) -> Option<Sign> {
        if self.low.is_positive() {
            Some(Sign::Plus)
        } else if self.high.is_negative() {
            Some(Sign::Minus)
        } else if self.low.is_zero() && self.high.is_zero() {
            Some(Sign::NoSign)
        } else {
            None
        }
    }

    /// Tells whether zero is surely not in it.
    pub(super) fn excludes_zero(&self) -> bool {
        self.low.is_positive() || self.high.is_negative()
    }

    pub(super) fn negated(&self) -> Interval {
        Interval { low: -&self.high, high: -&self.low }
    }

    pub(super) fn plus(&self, other: &Interval) -> Interval {
        Interval { low: &self.low + &other.low, high: &self.high + &other.high }
    }

    pub(super) fn minus(&self, other: &Interval) -> Interval {
        Interval { low: &self.low - &other.high, high: &self.high - &other.low }
    }

    /// Divides by a power of two.
    pub(super) fn halved(&self, times: u32) -> Interval {
        let above: BigInt = -&self.high;
        Interval { low: &self.low >> times, high: -(above >> times) }
    }

    /// Gives the largest absolute value in it.
    pub(super) fn size(&self) -> BigInt {
        self.low.abs().max(self.high.abs())
    }

    pub(super) fn absolute(&self) -> Interval {
        match self.sign() {
            Some(Sign::Minus) => self.negated(),
            Some(_) => self.clone(),
            None => Interval { low: BigInt::zero(), high: self.size() },
        }
    }
}

/// Largest number of bits before the point; beyond it nothing is bounded.
const MAX_WHOLE_BITS: u64 = 8_192;

/// Arithmetic with this many bits behind the point.
pub(super) struct Fixed<'w> {
    pub(super) bits: u32,
    pub(super) work: &'w mut Work,
}

impl Fixed<'_> {
    fn fits(&mut self, interval: Interval) -> Option<Interval> {
        let bits = interval.low.bits().max(interval.high.bits());
        self.work.spend(1 + bits / 2_048)?;
        (bits <= u64::from(self.bits) + MAX_WHOLE_BITS).then_some(interval)
    }

    pub(super) fn one(&self) -> BigInt {
        BigInt::one() << self.bits
    }

    pub(super) fn whole(&self, value: i64) -> Interval {
        let value = BigInt::from(value) << self.bits;
        Interval { low: value.clone(), high: value }
    }

    pub(super) fn rational(&mut self, value: &Rational) -> Option<Interval> {
        self.work.multiply(value.numer().bits() + u64::from(self.bits), value.denom().bits())?;
        let (low, rest) = (value.numer() << self.bits).div_mod_floor(value.denom());
        let high = if rest.is_zero() { low.clone() } else { &low + 1 };
        self.fits(Interval { low, high })
    }

    pub(super) fn times(&mut self, one: &Interval, other: &Interval) -> Option<Interval> {
        // Four products and as many comparisons.
        self.work.spend(3)?;
        self.work.multiply(one.size().bits(), other.size().bits())?;
        let products = [&one.low * &other.low, &one.low * &other.high, &one.high * &other.low, &one.high * &other.high];
        let low = products.iter().min()? >> self.bits;
        let high = -(-products.iter().max()? >> self.bits);
        self.fits(Interval { low, high })
    }

    pub(super) fn divided(&mut self, one: &Interval, other: &Interval) -> Option<Interval> {
        if !other.excludes_zero() {
            return None;
        }
        self.work.spend(7)?;
        self.work.multiply(one.size().bits() + u64::from(self.bits), other.size().bits())?;
        let mut low: Option<BigInt> = None;
        let mut high: Option<BigInt> = None;
        for above in [&one.low, &one.high] {
            for below in [&other.low, &other.high] {
                let above = above << self.bits;
                let down = above.div_floor(below);
                let up = -((-above).div_floor(below));
                low = Some(low.map_or(down.clone(), |low| low.min(down)));
                high = Some(high.map_or(up.clone(), |high| high.max(up)));
            }
        }
        self.fits(Interval { low: low?, high: high? })
    }

    /// Raises to a whole power.
    pub(super) fn power(&mut self, base: &Interval, exponent: i64) -> Option<Interval> {
        let mut left = exponent.unsigned_abs();
        let mut square = base.clone();
        let mut result = self.whole(1);
        while left > 0 {
            if left & 1 == 1 {
                result = self.times(&result, &square)?;
            }
            left >>= 1;
            if left > 0 {
                square = self.times(&square, &square)?;
            }
        }
        if exponent < 0 {
            let one = self.whole(1);
            result = self.divided(&one, &result)?;
        } else if exponent % 2 == 0 && result.low.is_negative() {
            result.low = BigInt::zero();
        }
        Some(result)
    }

    /// Takes the root of a value that is surely not negative.
    pub(super) fn root(&mut self, value: &Interval, index: u32) -> Option<Interval> {
        if value.low.is_negative() || index == 0 || index > 64 {
            return None;
        }
        let shift = u64::from(self.bits) * u64::from(index - 1);
        let bits = value.high.bits() + shift;
        self.work.multiply(bits, bits)?;
        let low = (&value.low << shift).nth_root(index);
        let above = &value.high << shift;
        let high = above.nth_root(index);
        let exact = num_traits::pow(high.clone(), usize::try_from(index).ok()?) == above;
        self.fits(Interval { low, high: if exact { high } else { high + 1 } })
    }
}

#[cfg(test)]
mod tests;
