//! Chains of equal values, values that are only near, residue classes, times of day.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use super::super::algebra::{Algebra, Base};
use super::super::equal::Equality;
use super::super::expression::Expression;
use super::super::meaning::{Decimal, Meaning};
use super::super::number::Rational;
use super::{Judge, exactly, only_different, weaker};
use crate::verdict::DecidedBy;

impl Judge<'_> {
    /// Compares with a value in several forms, which must be equal to each other; what only one of them says, as a percent
    /// sign does, decides nothing against another.
    pub(super) fn chain(&mut self, sides: &[Meaning], other: &Meaning) -> Equality {
        let Some((first, rest)) = sides.split_first() else { return Equality::Undecided };
        if !rest.iter().all(|side| matches!(self.same(first, side), Equality::Equal(_))) {
            return Equality::Undecided;
        }
        let (mut equal, mut different) = (None, None);
        for side in sides {
            match self.same(side, other) {
                Equality::Equal(rule) => equal = Some(equal.map_or(rule, |before| weaker(before, rule))),
                Equality::Different(rule) => different = Some(rule),
                Equality::Undecided => {}
            }
        }
        match (equal, different) {
            (Some(rule), None) => Equality::Equal(rule),
            (None, Some(rule)) => Equality::Different(rule),
            _ => Equality::Undecided,
        }
    }

    /// Compares with a value that is near a decimal. Only the exact value counts; where the other answer is the decimal, the
    /// statement speaks for both.
    pub(super) fn approximate(&mut self, exact: Option<&Meaning>, shown: &Decimal, other: &Meaning) -> Equality {
        let Some(exact) = exact else { return Equality::Undecided };
        let value = match exact {
            Meaning::Value(value) => value,
            Meaning::Chain(sides) => match sides.first() {
                Some(Meaning::Value(value)) => value,
                _ => return Equality::Undecided,
            },
            _ => return Equality::Undecided,
        };
        if self.is_near(value, shown) != Some(true) {
            return Equality::Undecided;
        }
        let verdict = self.same(exact, other);
        let decimal = Meaning::Value(Expression::Number(shown.value.clone()));
        match verdict {
            Equality::Different(_) if !matches!(self.same(&decimal, other), Equality::Different(_)) => {
                Equality::Undecided
            }
            verdict => verdict,
        }
    }

    /// Tells whether a value is within one in the last place of a decimal.
    fn is_near(&mut self, value: &Expression, shown: &Decimal) -> Option<bool> {
        let mut algebra = Algebra::new(self.work.clone(), BTreeSet::new(), Base::Ten);
        let mut order = |end: Rational| {
            let (value, end) = (algebra.build(value)?, algebra.build(&Expression::Number(end))?);
            algebra.order(&value, &end)
        };
        let low = order(&shown.value - &shown.place);
        let high = order(&shown.value + &shown.place);
        *self.work = algebra.work.clone();
        Some(low? != Ordering::Less && high? != Ordering::Greater)
    }

    /// Compares residue classes, each with its modulus.
    pub(super) fn residues(&mut self, one: (&Expression, &Expression), other: (&Expression, &Expression)) -> Equality {
        let (Some((class, modulus)), Some((given, own))) = (of_numbers(one), of_numbers(other)) else {
            return match (self.values(one.0, other.0), self.values(one.1, other.1)) {
                (Equality::Equal(rule), Equality::Equal(also)) => Equality::Equal(weaker(rule, also)),
                _ => Equality::Undecided,
            };
        };
        // Classes of different moduli are different sets.
        exactly(modulus == own && rest(class, modulus) == rest(given, own))
    }

    /// Compares a residue class with a number: one of another class is different, and one of its own is only one of many.
    pub(super) fn remainder(
        &mut self,
        class: (&Expression, &Expression),
        operator: bool,
        value: &Expression,
    ) -> Equality {
        let (Some((class, modulus)), Expression::Number(number)) = (of_numbers(class), value) else {
            return Equality::Undecided;
        };
        let remainder = rest(class, modulus);
        if operator && remainder == *number {
            return Equality::Equal(DecidedBy::Exact);
        }
        // A fraction can be of a class as well, where its denominator has an inverse.
        if !number.is_integer() || rest(number, modulus) == remainder {
            return Equality::Undecided;
        }
        Equality::Different(DecidedBy::Exact)
    }
}

/// Gives a class and its modulus where both are whole numbers.
fn of_numbers<'a>(class: (&'a Expression, &'a Expression)) -> Option<(&'a Rational, &'a Rational)> {
    match class {
        (Expression::Number(class), Expression::Number(modulus))
            if class.is_integer() && modulus.is_integer() && modulus.is_positive() =>
        {
            Some((class, modulus))
        }
        _ => None,
    }
}

/// Gives the least remainder that is not negative; a fraction is its own, and of no class.
fn rest(number: &Rational, modulus: &Rational) -> Rational {
    if number.is_integer() { number.numer().mod_floor(modulus.numer()).into() } else { number.clone() }
}

/// Seconds of half a day.
const HALF: u32 = 12 * 60 * 60;

/// Compares a time that names its half with one that may be of either, or of a day of 24 hours.
pub(super) fn clock(seconds: u32, parts: &[Expression]) -> Equality {
    let whole = |part: &Expression| match part {
        Expression::Number(value) if value.is_integer() => value.numer().to_u32(),
        _ => None,
    };
    let (hour, minute, second) = match parts {
        [hour, minute] => (hour, minute, &Expression::whole(0)),
        [hour, minute, second] => (hour, minute, second),
        _ => return Equality::Undecided,
    };
    let (Some(hour), Some(minute), Some(second)) = (whole(hour), whole(minute), whole(second)) else {
        return Equality::Undecided;
    };
    if hour > 24 || minute > 59 || second > 59 {
        return Equality::Undecided;
    }
    let time = (hour % 24 * 60 + minute) * 60 + second;
    if hour.is_zero() || hour > 12 {
        return exactly(time == seconds);
    }
    only_different(exactly(time % HALF == seconds % HALF))
}
