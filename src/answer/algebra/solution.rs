//! Whether an equation has a real solution that another one has not: what proves that two equations differ.
//!
//! Both are looked at along lines through rational points, where they are polynomials in one variable: what is left of
//! the first once its common factors with the second are out changes its sign only at a root of its own.

use num_bigint::BigInt;
use num_traits::{Signed, Zero as _};

use super::super::number::Rational;
use super::polynomial::{Name, Polynomial};
use super::{Algebra, Generator};

/// Highest degree that is looked at.
const MAX_DEGREE: usize = 24;

/// Values that all variables but one are given, with a step from each to the next.
const LINES: [(i64, i64); 5] = [(0, 0), (1, 2), (-3, 1), (2, 7), (0, 1)];

/// Coefficients of a polynomial in one variable, the constant first; the last one is not zero.
type Coefficients = Vec<Rational>;

impl Algebra {
    /// Looks for a real solution of `one` = 0 that is none of `other` = 0. `false` says that none was found. Only
    /// polynomials with rational coefficients are looked at.
    pub(in super::super) fn has_solution_that_is_none(&mut self, one: &Polynomial, other: &Polynomial) -> Option<bool> {
        let mut names = one.names();
        names.extend(other.names());
        names.sort_unstable();
        names.dedup();
        if !names.iter().all(|name| matches!(self.generator(*name), Some(Generator::Variable(_)))) {
            return Some(false);
        }
        for variable in one.names() {
            for (start, step) in LINES {
                let point: Vec<(Name, Rational)> = names
                    .iter()
                    .zip(0_i64..)
                    .map(|(name, place)| (*name, Rational::from(BigInt::from(start + step * place))))
                    .collect();
                let left = self.along(one, variable, &point)?;
                let right = self.along(other, variable, &point)?;
                if left.is_empty() {
                    continue;
                }
                if self.has_own_root(left, right)? {
                    return Some(true);
                }
                if names.len() == 1 {
                    break;
                }
            }
        }
        Some(false)
    }

    /// Gives the coefficients in one variable with the others at a point.
    fn along(&mut self, polynomial: &Polynomial, variable: Name, point: &[(Name, Rational)]) -> Option<Coefficients> {
        let mut coefficients: Coefficients = Vec::new();
        for (monomial, number) in &polynomial.0 {
            let mut term = number.clone();
            let mut degree = 0;
            for (name, exponent) in &monomial.0 {
                let times = usize::try_from(exponent.to_integer()).ok().filter(|times| *times <= MAX_DEGREE)?;
                self.work.spend(1)?;
                if *name == variable {
                    degree = times;
                } else {
                    let (_, value) = point.iter().find(|(own, _)| own == name)?;
                    term *= num_traits::pow(value.clone(), times);
                }
            }
            if coefficients.len() <= degree {
                coefficients.resize(degree + 1, Rational::zero());
            }
            *coefficients.get_mut(degree)? += term;
        }
        Some(trimmed(coefficients))
    }

    /// Tells whether `one` surely has a real root that is none of `other`.
    fn has_own_root(&mut self, mut one: Coefficients, other: Coefficients) -> Option<bool> {
        // Every common factor leaves, as often as it stands in the first.
        let mut common = self.common(one.clone(), other)?;
        while common.len() > 1 {
            one = self.divided(&one, &common)?.0;
            common = self.common(one.clone(), common)?;
        }
        if one.len() < 2 {
            return Some(false);
        }
        // An odd degree has a root, and so has a change of sign.
        if one.len().is_multiple_of(2) {
            return Some(true);
        }
        let top = one.last()?.is_positive();
        for at in -12..=12_i64 {
            for below in [1_i64, 3] {
                let at = Rational::new(BigInt::from(at), BigInt::from(below));
                let value = self.value_at(&one, &at)?;
                if value.is_zero() || value.is_positive() != top {
                    return Some(true);
                }
            }
        }
        Some(false)
    }

    fn value_at(&mut self, coefficients: &[Rational], at: &Rational) -> Option<Rational> {
        let mut value = Rational::zero();
        for coefficient in coefficients.iter().rev() {
            self.work.multiply(value.numer().bits(), value.denom().bits())?;
            value = value * at + coefficient;
        }
        Some(value)
    }

    /// Gives the greatest common divisor, with the leading coefficient one.
    fn common(&mut self, mut one: Coefficients, mut other: Coefficients) -> Option<Coefficients> {
        while !other.is_empty() {
            let (_, rest) = self.divided(&one, &other)?;
            one = other;
            other = rest;
        }
        let lead = one.last()?.clone();
        Some(one.into_iter().map(|coefficient| coefficient / &lead).collect())
    }

    /// Divides with a rest.
    fn divided(&mut self, one: &[Rational], by: &[Rational]) -> Option<(Coefficients, Coefficients)> {
        let lead = by.last()?;
        let mut rest = one.to_vec();
        let mut quotient = vec![Rational::zero(); (one.len() + 1).saturating_sub(by.len()).max(1)];
        while rest.len() >= by.len() && !rest.is_empty() {
            let shift = rest.len() - by.len();
            let factor = rest.last()? / lead;
            for (place, coefficient) in by.iter().enumerate() {
                self.work.multiply(factor.numer().bits() + factor.denom().bits(), coefficient.numer().bits())?;
                *rest.get_mut(place + shift)? -= coefficient * &factor;
            }
            *quotient.get_mut(shift)? = factor;
            // The leading coefficient is zero now.
            rest.pop();
            rest = trimmed(rest);
        }
        Some((trimmed(quotient), rest))
    }
}

/// Takes zeros off the end.
fn trimmed(mut coefficients: Coefficients) -> Coefficients {
    while coefficients.last().is_some_and(|last| last.is_zero()) {
        coefficients.pop();
    }
    coefficients
}
