//! Exponential, logarithm and the functions of angles, as series whose rest is bounded.

use std::sync::LazyLock;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::super::work::Work;
use super::{Fixed, Interval};

/// Bits that a series is computed with beyond those asked for.
const GUARD: u32 = 40;

/// Most bits of the whole part of what e is raised to.
const MAX_EXPONENT_BITS: u64 = 13;

/// Largest argument of an exponential or an angle, as a power of two.
const MAX_ARGUMENT_BITS: u64 = 24;

/// Bits of the constants that are computed once for all.
const STORED_BITS: u32 = 6_400;

/// Computes a constant for the store; no pair of answers pays for it.
fn stored(compute: fn(&mut Fixed) -> Option<Interval>) -> Option<Interval> {
    compute(&mut Fixed { bits: STORED_BITS, work: &mut Work::unlimited() })
}

impl Fixed<'_> {
    /// Runs `compute` on one point with more bits and rounds what comes outwards.
    fn guarded(
        &mut self,
        point: &BigInt,
        extra: u32,
        compute: impl Fn(&mut Fixed, &Interval) -> Option<Interval>,
    ) -> Option<Interval> {
        let point = point << extra;
        let mut finer = Fixed { bits: self.bits + extra, work: self.work };
        let found = compute(&mut finer, &Interval { low: point.clone(), high: point })?;
        Some(found.halved(extra))
    }

    /// Adds terms until they are smaller than one unit, then an allowance for the rest: every term is at most half of
    /// the one before it, so that the rest is no more than the last one.
    fn series(
        &mut self,
        first: Interval,
        mut next: impl FnMut(&mut Self, i64, &Interval) -> Option<Interval>,
        mut value: impl FnMut(&mut Self, i64, &Interval) -> Option<Interval>,
    ) -> Option<Interval> {
        let mut term = first;
        let mut sum = self.whole(0);
        for step in 0..i64::from(self.bits) + 16 {
            // What both closures divide and compare beyond their products.
            self.work.spend(3 + u64::from(self.bits) / 256)?;
            let worth = value(self, step, &term)?;
            sum = sum.plus(&worth);
            if term.size() <= BigInt::from(4) {
                let rest = BigInt::from(16);
                return Some(Interval { low: sum.low - &rest, high: sum.high + rest });
            }
            term = next(self, step, &term)?;
        }
        None
    }

    /// Divides by a small positive whole number.
    fn shared(value: &Interval, parts: i64) -> Interval {
        let parts = BigInt::from(parts);
        Interval { low: value.low.div_floor(&parts), high: -((-&value.high).div_floor(&parts)) }
    }

    /// The arc tangent of 1/n for n of 2 or more.
    fn inverse_tangent_of_unit(&mut self, below: i64) -> Option<Interval> {
        let one = self.whole(1);
        let first = Self::shared(&one, below);
        self.series(
            first,
            |_, _, term| Some(Self::shared(term, below * below).negated()),
            |_, step, term| Some(Self::shared(term, 2 * step + 1)),
        )
    }

    /// π: from the store where that is fine enough.
    pub(in super::super) fn pi(&mut self) -> Option<Interval> {
        static PI: LazyLock<Option<Interval>> = LazyLock::new(|| stored(|fixed| fixed.computed_pi()));
        match self.restored(PI.as_ref()) {
            Some(pi) => Some(pi),
            None => self.computed_pi(),
        }
    }

    /// Rounds a constant of the store outwards.
    fn restored(&self, constant: Option<&Interval>) -> Option<Interval> {
        Some(constant?.halved(STORED_BITS.checked_sub(self.bits)?))
    }

    /// π, by Machin's formula.
    fn computed_pi(&mut self) -> Option<Interval> {
        self.guarded(&BigInt::zero(), GUARD, |fixed, _| {
            let (fifth, other) = (fixed.inverse_tangent_of_unit(5)?, fixed.inverse_tangent_of_unit(239)?);
            let (sixteen, four) = (fixed.whole(16), fixed.whole(4));
            Some(fixed.times(&fifth, &sixteen)?.minus(&fixed.times(&other, &four)?))
        })
    }

    /// Tells whether a power is surely larger, or nearer to zero, than [`Fixed::exponential`] computes: a base that is at
    /// least twice one or at most half of it has a logarithm of more than one half. Costs nothing, where the logarithm
    /// would cost thousands of operations for nothing.
    pub(in super::super) fn outgrows(&self, base: &Interval, exponent: &Interval) -> bool {
        let far = base.low >= self.one() << 1 || base.high <= self.one() >> 1;
        let nearest = if exponent.low.is_positive() { &exponent.low } else { &exponent.high };
        let large = nearest.bits() > u64::from(self.bits) + MAX_EXPONENT_BITS + 1;
        far && exponent.excludes_zero() && large
    }

    /// e to the power of `value`.
    pub(in super::super) fn exponential(&mut self, value: &Interval) -> Option<Interval> {
        let low = self.exponential_of_point(&value.low)?;
        let high = if value.low == value.high { low.clone() } else { self.exponential_of_point(&value.high)? };
        self.fits(Interval { low: low.low.max(BigInt::zero()), high: high.high })
    }

    fn exponential_of_point(&mut self, point: &BigInt) -> Option<Interval> {
        let whole_bits = point.bits().saturating_sub(u64::from(self.bits));
        if whole_bits > MAX_EXPONENT_BITS {
            return None;
        }
        // Halved until it is at most 2^-6, then squared as often.
        let halvings = u32::try_from(whole_bits).ok()? + 6;
        let growth = u32::try_from(whole_bits).map_or(0, |bits| 2 << bits.min(14));
        self.guarded(point, GUARD + 2 * halvings + growth, |fixed, point| {
            let small = point.halved(halvings);
            let first = fixed.whole(1);
            let mut result = fixed.series(
                first,
                |fixed, step, term| Some(Self::shared(&fixed.times(term, &small)?, step + 1)),
                |_, _, term| Some(term.clone()),
            )?;
            for _ in 0..halvings {
                result = fixed.times(&result, &result)?;
            }
            Some(result)
        })
    }

    /// The natural logarithm of a value that is surely positive.
    pub(in super::super) fn logarithm(&mut self, value: &Interval) -> Option<Interval> {
        if !value.low.is_positive() {
            return None;
        }
        let low = self.logarithm_of_point(&value.low)?;
        let high = if value.low == value.high { low.clone() } else { self.logarithm_of_point(&value.high)? };
        Some(Interval { low: low.low, high: high.high })
    }

    fn logarithm_of_point(&mut self, point: &BigInt) -> Option<Interval> {
        self.guarded(point, GUARD, |fixed, point| {
            // The value is m · 2^shift with m in [1, 2).
            let shift = i64::try_from(point.low.bits()).ok()? - 1 - i64::from(fixed.bits);
            let scaled = if shift >= 0 {
                point.halved(shift.to_u32()?)
            } else {
                let bits = shift.unsigned_abs();
                Interval { low: &point.low << bits, high: &point.high << bits }
            };
            let (one, shifts) = (fixed.whole(1), fixed.whole(shift));
            let ratio = fixed.divided(&scaled.minus(&one), &scaled.plus(&one))?;
            let near = fixed.inverse_hyperbolic(&ratio)?;
            let two = fixed.logarithm_of_two()?;
            let doubled = near.plus(&near);
            Some(doubled.plus(&fixed.times(&two, &shifts)?))
        })
    }

    /// The natural logarithm of 2: from the store where that is fine enough.
    fn logarithm_of_two(&mut self) -> Option<Interval> {
        static TWO: LazyLock<Option<Interval>> = LazyLock::new(|| stored(|fixed| fixed.computed_logarithm_of_two()));
        match self.restored(TWO.as_ref()) {
            Some(two) => Some(two),
            None => self.computed_logarithm_of_two(),
        }
    }

    fn computed_logarithm_of_two(&mut self) -> Option<Interval> {
        let (one, three) = (self.whole(1), self.whole(3));
        let third = self.divided(&one, &three)?;
        let half = self.inverse_hyperbolic(&third)?;
        Some(half.plus(&half))
    }

    /// The area hyperbolic tangent of a value in [-0.34, 0.34].
    fn inverse_hyperbolic(&mut self, value: &Interval) -> Option<Interval> {
        let square = self.times(value, value)?;
        self.series(
            value.clone(),
            |fixed, _, term| fixed.times(term, &square),
            |_, step, term| Some(Self::shared(term, 2 * step + 1)),
        )
    }

    /// Sine (`true`) or cosine of a value; bounds are a point's, widened by the distance to it.
    pub(in super::super) fn circular(&mut self, value: &Interval, sine: bool) -> Option<Interval> {
        if value.size().bits() > u64::from(self.bits) + MAX_ARGUMENT_BITS {
            return None;
        }
        let middle: BigInt = (&value.low + &value.high) >> 1;
        let radius: BigInt = (&value.high - &value.low) + 1;
        let found = self.guarded(&middle, GUARD, |fixed, point| {
            let pi = fixed.pi()?;
            let turn: BigInt = &pi.low << 1;
            let half: BigInt = &turn >> 1;
            let turns = (&point.low + half).div_floor(&turn);
            let whole = Interval { low: turns.clone() << fixed.bits, high: turns << fixed.bits };
            let full = pi.plus(&pi);
            let small = point.minus(&fixed.times(&full, &whole)?);
            // Quartered thrice, so that every term is at most half of the one before; then doubled back.
            let part = small.halved(3);
            let square = fixed.times(&part, &part)?;
            let one = fixed.whole(1);
            let step = |fixed: &mut Fixed, term: &Interval, below: i64| {
                Some(Self::shared(&fixed.times(term, &square)?, below).negated())
            };
            let mut cosine = fixed.series(
                one.clone(),
                |fixed, at, term| step(fixed, term, (2 * at + 1) * (2 * at + 2)),
                |_, _, term| Some(term.clone()),
            )?;
            let mut sin = fixed.series(
                part,
                |fixed, at, term| step(fixed, term, (2 * at + 2) * (2 * at + 3)),
                |_, _, term| Some(term.clone()),
            )?;
            for _ in 0..3 {
                let double = fixed.times(&sin, &cosine)?;
                let squared = fixed.times(&cosine, &cosine)?;
                sin = double.plus(&double);
                cosine = squared.plus(&squared).minus(&one);
            }
            Some(if sine { sin } else { cosine })
        })?;
        let one = self.one();
        let (low, high): (BigInt, BigInt) = (found.low - &radius, found.high + &radius);
        let least: BigInt = -&one;
        Some(Interval { low: low.max(least), high: high.min(one) })
    }

    /// The arc tangent.
    pub(in super::super) fn inverse_tangent(&mut self, value: &Interval) -> Option<Interval> {
        let low = self.inverse_tangent_of_point(&value.low)?;
        let high = if value.low == value.high { low.clone() } else { self.inverse_tangent_of_point(&value.high)? };
        Some(Interval { low: low.low, high: high.high })
    }

    fn inverse_tangent_of_point(&mut self, point: &BigInt) -> Option<Interval> {
        let whole_bits = u32::try_from(point.bits().saturating_sub(u64::from(self.bits))).ok()?;
        if whole_bits > 256 {
            return None;
        }
        self.guarded(point, GUARD + 2 * whole_bits, |fixed, point| {
            // Halved thrice: atan x = 2 atan(x / (1 + √(1 + x²))).
            let one = fixed.whole(1);
            let mut part = point.clone();
            for _ in 0..3 {
                let square = fixed.times(&part, &part)?;
                let square = Interval { low: square.low.max(BigInt::zero()), high: square.high };
                let root = fixed.root(&one.plus(&square), 2)?;
                part = fixed.divided(&part, &one.plus(&root))?;
            }
            let square = fixed.times(&part, &part)?;
            let sum = fixed.series(
                part,
                |fixed, _, term| Some(fixed.times(term, &square)?.negated()),
                |_, step, term| Some(Self::shared(term, 2 * step + 1)),
            )?;
            Some(Interval { low: sum.low << 3, high: sum.high << 3 })
        })
    }

    /// The arc sine of a value surely between -1 and 1.
    pub(in super::super) fn inverse_sine(&mut self, value: &Interval) -> Option<Interval> {
        let one = Interval { low: BigInt::one() << self.bits, high: BigInt::one() << self.bits };
        let square = self.times(value, value)?;
        let below = one.minus(&square);
        if !below.low.is_positive() {
            return None;
        }
        let root = self.root(&below, 2)?;
        let ratio = self.divided(value, &root)?;
        self.inverse_tangent(&ratio)
    }
}
