//! What comparisons of equations, inequalities and intervals ask of normal forms.

use num_bigint::Sign;
use num_traits::{One, Zero as _};

use super::super::number::Rational;
use super::polynomial::{Exponent, Fraction, Monomial, Name, Polynomial};
use super::{Algebra, Generator, Zero};

/// Letters that units are written with: metres, newtons, pascals.
const UNIT_LETTERS: &str = "mgshlLCFNJWVKAkcdPaTH";

impl Algebra {
    /// Tells whether both are rational numbers.
    pub(in super::super) fn are_numbers(&self, one: &Fraction, other: &Fraction) -> bool {
        one.rational().is_some() && other.rational().is_some()
    }

    /// Tells whether one is a constant and the other that constant times letters, which can as well be a unit.
    pub(in super::super) fn may_be_unit(&self, one: &Fraction, other: &Fraction) -> bool {
        let stripped = |fraction: &Fraction| -> Option<Polynomial> {
            let [(monomial, number)] = fraction.polynomial()?.0.as_slice() else { return None };
            let unit = |name: &str| name.chars().all(|letter| UNIT_LETTERS.contains(letter));
            if !monomial.0.iter().all(|(name, _)| match self.generator(*name) {
                Some(Generator::Variable(name)) => unit(name),
                _ => true,
            }) {
                return None;
            }
            let (letters, rest): (Vec<_>, Vec<_>) = monomial
                .0
                .iter()
                .copied()
                .partition(|(name, _)| matches!(self.generator(*name), Some(Generator::Variable(_))));
            (!letters.is_empty()).then(|| Polynomial::term(Monomial(rest), number.clone()))
        };
        let is_unit = |value: &Fraction, measured: &Fraction| match (value.polynomial(), stripped(measured)) {
            (Some(value), Some(size)) => *value == size,
            _ => false,
        };
        is_unit(one, other) || is_unit(other, one)
    }

    pub(in super::super) fn is_free_of_variables(&self, polynomial: &Polynomial) -> bool {
        self.is_constant_polynomial(polynomial)
    }

    /// Gives the sign of a real constant.
    pub(in super::super) fn sign_of(&mut self, polynomial: &Polynomial) -> Option<Sign> {
        if !self.is_constant_polynomial(polynomial) || self.has_imaginary(polynomial) {
            return None;
        }
        self.sign(polynomial)
    }

    /// Gives the sign of the difference of two real constants.
    pub(in super::super) fn sign_of_difference(&mut self, one: &Fraction, other: &Fraction) -> Option<Sign> {
        let difference = self.minus(one.clone(), other.clone())?;
        let (above, below) = (self.sign_of(&difference.above)?, self.sign_of(&difference.below)?);
        Some(match (above, below) {
            (above, Sign::Plus) => above,
            (above, Sign::Minus) => -above,
            (_, Sign::NoSign) => return None,
        })
    }

    /// Gives a difference as a polynomial in the variables; `None` where a variable is below or under a root.
    pub(in super::super) fn plain_difference(&mut self, one: &Fraction, other: &Fraction) -> Option<Polynomial> {
        let difference = self.minus(one.clone(), other.clone())?;
        self.plain(difference)
    }

    pub(in super::super) fn minus(&mut self, one: Fraction, other: Fraction) -> Option<Fraction> {
        let other = Fraction { above: other.above.negated(), below: other.below };
        self.add(one, other)
    }

    /// Gives a fraction as a polynomial in the variables, times a positive constant; `None` where a variable is below or
    /// under a root.
    pub(in super::super) fn plain(&mut self, difference: Fraction) -> Option<Polynomial> {
        if !self.is_constant_polynomial(&difference.below) {
            return None;
        }
        let plain = difference.above.0.iter().all(|(monomial, _)| {
            monomial.0.iter().all(|(name, exponent)| match self.generator(*name) {
                Some(Generator::Variable(_)) => exponent.is_integer() && *exponent > Exponent::zero(),
                _ => self.is_constant(*name),
            })
        });
        if !plain {
            return None;
        }
        // A constant divisor only scales, but its sign must not be lost.
        match self.sign_of(&difference.below)? {
            Sign::Plus => Some(difference.above),
            Sign::Minus => Some(difference.above.negated()),
            Sign::NoSign => None,
        }
    }

    /// Splits a polynomial into constants by the product of variables that they stand before.
    fn by_variables(&self, polynomial: &Polynomial) -> Vec<(Monomial, Polynomial)> {
        let mut groups: Vec<(Monomial, Vec<(Monomial, Rational)>)> = Vec::new();
        for (monomial, number) in &polynomial.0 {
            let (variables, constants): (Vec<_>, Vec<_>) =
                monomial.0.iter().copied().partition(|(name, _)| !self.is_constant(*name));
            let (variables, constants) = (Monomial(variables), Monomial(constants));
            match groups.iter_mut().find(|(known, _)| *known == variables) {
                Some((_, terms)) => terms.push((constants, number.clone())),
                None => groups.push((variables, vec![(constants, number.clone())])),
            }
        }
        groups.into_iter().map(|(variables, terms)| (variables, Polynomial::gathered(terms))).collect()
    }

    /// Multiplies each of two polynomials by the other's coefficient of one product of variables and subtracts: zero where
    /// they are proportional. Gives the two coefficients as well.
    pub(in super::super) fn across(
        &mut self,
        one: &Polynomial,
        other: &Polynomial,
    ) -> Option<(Polynomial, Polynomial, Polynomial)> {
        let (left, right) = (self.by_variables(one), self.by_variables(other));
        // Constants have no solutions to compare.
        let (variables, above) = left.into_iter().filter(|(variables, _)| !variables.is_one()).max()?;
        let (_, below) = right.into_iter().find(|(own, _)| *own == variables)?;
        if self.is_zero(&above) != Zero::Never || self.is_zero(&below) != Zero::Never {
            return None;
        }
        let (first, second) = (self.multiply(one, &below)?, self.multiply(other, &above)?);
        Some((first.plus(second.negated()), above, below))
    }

    /// Compares quotients as [`Algebra::across`] does polynomials.
    pub(in super::super) fn across_quotients(
        &mut self,
        one: &Fraction,
        other: &Fraction,
    ) -> Option<(Polynomial, Polynomial, Polynomial)> {
        let (left, right) = (self.multiply(&one.above, &other.below)?, self.multiply(&other.above, &one.below)?);
        self.across(&left, &right)
    }

    /// Gives a and b of a x + b, where a polynomial is that in x.
    pub(in super::super) fn linear(&mut self, polynomial: &Polynomial, name: &str) -> Option<(Polynomial, Polynomial)> {
        let variable = self.name(Generator::Variable(name.to_owned()));
        self.linear_in(polynomial, variable)
    }

    fn linear_in(&mut self, polynomial: &Polynomial, variable: Name) -> Option<(Polynomial, Polynomial)> {
        let (mut slope, mut rest) = (Vec::new(), Vec::new());
        for (monomial, number) in &polynomial.0 {
            let mut monomial = monomial.clone();
            match monomial.0.iter().position(|(name, _)| *name == variable) {
                None => rest.push((monomial, number.clone())),
                Some(place) => {
                    let (_, exponent) = monomial.0.remove(place);
                    exponent.is_one().then_some(())?;
                    slope.push((monomial, number.clone()));
                }
            }
        }
        (!slope.is_empty()).then(|| (Polynomial::gathered(slope), Polynomial::gathered(rest)))
    }
}
