//! What polynomials are made of, and what is known of each.

use num_bigint::BigInt;
use num_rational::Ratio;

use super::super::expression::Function;
use super::polynomial::{Fraction, Monomial, Polynomial};
use super::{Algebra, Name};

/// A value that a monomial holds a power of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in super::super) enum Generator {
    /// i; its exponent is 0 or 1.
    Imaginary,
    Pi,
    Euler,
    /// A whole number of 2 or more, with exponents in (0, 1). Whether it is surely a prime.
    Whole(BigInt, bool),
    /// The logarithm of a whole number of 2 or more. Whether that is surely a prime.
    Logarithm(BigInt, bool),
    /// 2 cos(π r) with r in (0, 1/2).
    Cosine(Ratio<i64>),
    /// The root of a polynomial with whole coefficients: of a positive constant, or of something with variables that is
    /// taken to be positive where the root is even.
    Root(u32, Polynomial),
    Variable(String),
    /// A base that is taken to be positive, to the power of a monomial with variables or irrational constants.
    Power(Box<Fraction>, Monomial),
    /// A function of something that has no better form.
    Call(Function, Vec<Fraction>),
}

impl Algebra {
    /// Tells whether a generator is an algebraic number (and no variable stands in it).
    pub(super) fn is_algebraic(&self, name: Name) -> bool {
        match self.generator(name) {
            Some(Generator::Imaginary | Generator::Whole(..) | Generator::Cosine(_)) => true,
            Some(Generator::Root(_, radicand)) => self.is_algebraic_polynomial(radicand),
            _ => false,
        }
    }

    pub(super) fn is_algebraic_polynomial(&self, polynomial: &Polynomial) -> bool {
        polynomial.0.iter().all(|(monomial, _)| monomial.0.iter().all(|(name, _)| self.is_algebraic(*name)))
    }

    /// Tells whether no variable stands in a generator.
    pub(super) fn is_constant(&self, name: Name) -> bool {
        match self.generator(name) {
            Some(Generator::Variable(_)) | None => false,
            Some(Generator::Root(_, radicand)) => self.is_constant_polynomial(radicand),
            Some(Generator::Power(base, exponent)) => {
                self.is_constant_fraction(base) && exponent.0.iter().all(|(name, _)| self.is_constant(*name))
            }
            Some(Generator::Call(_, arguments)) => arguments.iter().all(|argument| self.is_constant_fraction(argument)),
            Some(_) => true,
        }
    }

    pub(super) fn is_constant_polynomial(&self, polynomial: &Polynomial) -> bool {
        polynomial.0.iter().all(|(monomial, _)| monomial.0.iter().all(|(name, _)| self.is_constant(*name)))
    }

    pub(super) fn is_constant_fraction(&self, fraction: &Fraction) -> bool {
        self.is_constant_polynomial(&fraction.above) && self.is_constant_polynomial(&fraction.below)
    }

    /// Tells whether the imaginary unit stands in a polynomial, at any depth that matters for signs.
    pub(super) fn has_imaginary(&self, polynomial: &Polynomial) -> bool {
        polynomial.names().into_iter().any(|name| match self.generator(name) {
            Some(Generator::Imaginary) => true,
            Some(Generator::Root(_, radicand)) => self.has_imaginary(radicand),
            Some(Generator::Power(base, exponent)) => {
                self.has_imaginary(&base.above)
                    || self.has_imaginary(&base.below)
                    || exponent.0.iter().any(|(name, _)| matches!(self.generator(*name), Some(Generator::Imaginary)))
            }
            Some(Generator::Call(_, arguments)) => arguments
                .iter()
                .any(|argument| self.has_imaginary(&argument.above) || self.has_imaginary(&argument.below)),
            _ => false,
        })
    }
}
