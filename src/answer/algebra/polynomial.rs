//! Sums of products of generators, with rational coefficients and rational exponents.
//!
//! A polynomial is in normal form when its terms are sorted, no coefficient is zero, and the rules of its generators have
//! been applied ([`super::multiply`] does that). Two polynomials in normal form with the same terms are the same value; the
//! reverse needs [`super::zero`].

use num_rational::Ratio;
use num_traits::{One, Zero};

use super::super::number::Rational;

/// The place of a generator in its [`super::Algebra`].
pub(in super::super) type Name = u32;

/// An exponent; most are whole.
pub(in super::super) type Exponent = Ratio<i64>;

/// Lets an exponent pass that is small enough for products of two to be exact.
pub(super) fn fitting(exponent: Exponent) -> Option<Exponent> {
    (exponent.numer().unsigned_abs() < 1 << 30 && *exponent.denom() < 1 << 16).then_some(exponent)
}

/// A product of generators with exponents that are not zero, sorted by generator.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(in super::super) struct Monomial(pub(super) Vec<(Name, Exponent)>);

impl Monomial {
    pub(super) fn of(name: Name, exponent: Exponent) -> Monomial {
        if exponent.is_zero() { Monomial::default() } else { Monomial(vec![(name, exponent)]) }
    }

    pub(super) fn is_one(&self) -> bool {
        self.0.is_empty()
    }
}

/// A sum of terms, sorted by monomial.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(in super::super) struct Polynomial(pub(super) Vec<(Monomial, Rational)>);

impl Polynomial {
    pub(super) fn zero() -> Polynomial {
        Polynomial::default()
    }

    pub(super) fn one() -> Polynomial {
        Polynomial::constant(Rational::one())
    }

    pub(super) fn constant(value: Rational) -> Polynomial {
        Polynomial::term(Monomial::default(), value)
    }

    pub(super) fn term(monomial: Monomial, coefficient: Rational) -> Polynomial {
        if coefficient.is_zero() { Polynomial::zero() } else { Polynomial(vec![(monomial, coefficient)]) }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives its value where it is a rational number.
    pub(super) fn rational(&self) -> Option<Rational> {
        match self.0.as_slice() {
            [] => Some(Rational::zero()),
            [(monomial, value)] if monomial.is_one() => Some(value.clone()),
            _ => None,
        }
    }

    pub(super) fn is_one(&self) -> bool {
        matches!(self.0.as_slice(), [(monomial, value)] if monomial.is_one() && value.is_one())
    }

    pub(super) fn negated(mut self) -> Polynomial {
        for (_, coefficient) in &mut self.0 {
            *coefficient = -coefficient.clone();
        }
        self
    }

    /// Adds two sums of terms; as long as both together.
    pub(super) fn plus(self, other: Polynomial) -> Polynomial {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        let mut sum = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut ours, mut theirs) = (self.0.into_iter().peekable(), other.0.into_iter().peekable());
        loop {
            let order = match (ours.peek(), theirs.peek()) {
                (Some((one, _)), Some((other, _))) => one.cmp(other),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return Polynomial(sum),
            };
            match order {
                std::cmp::Ordering::Less => sum.extend(ours.next()),
                std::cmp::Ordering::Greater => sum.extend(theirs.next()),
                std::cmp::Ordering::Equal => {
                    if let (Some((monomial, one)), Some((_, other))) = (ours.next(), theirs.next()) {
                        let value = one + other;
                        if !value.is_zero() {
                            sum.push((monomial, value));
                        }
                    }
                }
            }
        }
    }

    /// Sorts terms that came in any order and joins those of one monomial.
    pub(super) fn gathered(mut terms: Vec<(Monomial, Rational)>) -> Polynomial {
        terms.sort_by(|one, other| one.0.cmp(&other.0));
        let mut sum: Vec<(Monomial, Rational)> = Vec::with_capacity(terms.len());
        for (monomial, coefficient) in terms {
            match sum.last_mut() {
                Some((last, value)) if *last == monomial => *value += coefficient,
                _ => sum.push((monomial, coefficient)),
            }
        }
        sum.retain(|(_, coefficient)| !coefficient.is_zero());
        Polynomial(sum)
    }

    pub(super) fn scaled(mut self, factor: &Rational) -> Polynomial {
        if factor.is_zero() {
            return Polynomial::zero();
        }
        if !factor.is_one() {
            for (_, coefficient) in &mut self.0 {
                *coefficient *= factor;
            }
        }
        self
    }

    /// Gives the generators that stand in it, each once.
    pub(super) fn names(&self) -> Vec<Name> {
        let mut names: Vec<Name> =
            self.0.iter().flat_map(|(monomial, _)| monomial.0.iter().map(|(name, _)| *name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Gives the bits of its largest number.
    pub(super) fn bits(&self) -> u64 {
        self.0.iter().map(|(_, value)| value.numer().bits().max(value.denom().bits())).max().unwrap_or(0)
    }
}

/// A quotient of polynomials whose denominator is surely not zero.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in super::super) struct Fraction {
    pub(super) above: Polynomial,
    /// One, or more than one term.
    pub(super) below: Polynomial,
}

impl Fraction {
    pub(super) fn whole(above: Polynomial) -> Fraction {
        Fraction { above, below: Polynomial::one() }
    }

    pub(in super::super) fn rational(&self) -> Option<Rational> {
        if self.below.is_one() { self.above.rational() } else { None }
    }

    /// Gives the polynomial that it is, where nothing is left below.
    pub(super) fn polynomial(&self) -> Option<&Polynomial> {
        self.below.is_one().then_some(&self.above)
    }
}
