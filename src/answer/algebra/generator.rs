//! What polynomials are made of, and what is known of each.

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::Signed;

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

/// What is known of a generator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traits {
    algebraic: bool,
    constant: bool,
    imaginary: bool,
    positive: bool,
}

impl Algebra {
    /// Finds out what a new generator is; those that stand in it are known.
    pub(super) fn traits_of(&self, generator: &Generator) -> Traits {
        let constant_monomial = |monomial: &Monomial| monomial.0.iter().all(|(name, _)| self.is_constant(*name));
        let imaginary_fraction =
            |fraction: &Fraction| self.has_imaginary(&fraction.above) || self.has_imaginary(&fraction.below);
        match generator {
            Generator::Imaginary => Traits { algebraic: true, constant: true, imaginary: true, positive: false },
            Generator::Whole(..) | Generator::Cosine(_) => {
                Traits { algebraic: true, constant: true, imaginary: false, positive: true }
            }
            Generator::Pi | Generator::Euler | Generator::Logarithm(..) => {
                Traits { algebraic: false, constant: true, imaginary: false, positive: true }
            }
            Generator::Variable(name) => {
                let positive = self.positive.contains(name);
                Traits { algebraic: false, constant: false, imaginary: false, positive }
            }
            Generator::Root(index, radicand) => {
                let (constant, imaginary) = (self.is_constant_polynomial(radicand), self.has_imaginary(radicand));
                let positive = index % 2 == 0 || constant && !imaginary;
                Traits { algebraic: self.is_algebraic_polynomial(radicand), constant, imaginary, positive }
            }
            Generator::Power(base, exponent) => {
                let real = !exponent.0.iter().any(|(name, _)| self.is_imaginary(*name));
                let positive = match base.polynomial().map(|base| base.0.as_slice()) {
                    Some([(monomial, number)]) => {
                        number.is_positive() && monomial.0.iter().all(|(name, _)| self.is_positive(*name))
                    }
                    _ => false,
                };
                Traits {
                    algebraic: false,
                    constant: self.is_constant_fraction(base) && constant_monomial(exponent),
                    imaginary: !real || imaginary_fraction(base),
                    positive: real && positive,
                }
            }
            Generator::Call(function, arguments) => Traits {
                algebraic: false,
                constant: arguments.iter().all(|argument| self.is_constant_fraction(argument)),
                imaginary: arguments.iter().any(imaginary_fraction),
                positive: *function == Function::Absolute,
            },
        }
    }

    fn traits(&self, name: Name) -> Option<Traits> {
        self.traits.get(usize::try_from(name).ok()?).copied()
    }

    /// Tells whether a generator is an algebraic number (and no variable stands in it).
    pub(super) fn is_algebraic(&self, name: Name) -> bool {
        self.traits(name).is_some_and(|traits| traits.algebraic)
    }

    /// Tells whether no variable stands in a generator.
    pub(super) fn is_constant(&self, name: Name) -> bool {
        self.traits(name).is_some_and(|traits| traits.constant)
    }

    /// Tells whether a generator is positive wherever it is defined.
    pub(super) fn is_positive(&self, name: Name) -> bool {
        self.traits(name).is_some_and(|traits| traits.positive)
    }

    /// Tells whether the imaginary unit stands in a generator.
    fn is_imaginary(&self, name: Name) -> bool {
        self.traits(name).is_some_and(|traits| traits.imaginary)
    }

    pub(super) fn is_algebraic_polynomial(&self, polynomial: &Polynomial) -> bool {
        polynomial.0.iter().all(|(monomial, _)| monomial.0.iter().all(|(name, _)| self.is_algebraic(*name)))
    }

    pub(super) fn is_constant_polynomial(&self, polynomial: &Polynomial) -> bool {
        polynomial.0.iter().all(|(monomial, _)| monomial.0.iter().all(|(name, _)| self.is_constant(*name)))
    }

    pub(super) fn is_constant_fraction(&self, fraction: &Fraction) -> bool {
        self.is_constant_polynomial(&fraction.above) && self.is_constant_polynomial(&fraction.below)
    }

    /// Tells whether the imaginary unit stands in a polynomial, at any depth.
    pub(super) fn has_imaginary(&self, polynomial: &Polynomial) -> bool {
        polynomial.0.iter().any(|(monomial, _)| monomial.0.iter().any(|(name, _)| self.is_imaginary(*name)))
    }
}
