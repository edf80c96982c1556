//! From an expression to its normal form.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_traits::{One, Zero as _};

use super::super::expression::{Constant, Expression, Function};
use super::super::nesting::Nested;
use super::super::number::Rational;
use super::polynomial::{Exponent, Fraction, Polynomial};
use super::{Algebra, Generator};

impl Algebra {
    /// Brings an expression into normal form; `None` where that fails or costs too much.
    pub(in super::super) fn build(&mut self, expression: &Expression) -> Option<Fraction> {
        self.deeper(|algebra| algebra.built(expression))
    }

    fn built(&mut self, expression: &Expression) -> Option<Fraction> {
        self.work.spend(1)?;
        match expression {
            Expression::Number(value) => Some(Fraction::whole(Polynomial::constant(value.clone()))),
            Expression::Constant(constant) => {
                let generator = match constant {
                    Constant::Pi => Generator::Pi,
                    Constant::Euler => Generator::Euler,
                    Constant::Imaginary => Generator::Imaginary,
                };
                Some(self.single(generator))
            }
            Expression::Variable(name) => Some(self.single(Generator::Variable(name.clone()))),
            Expression::Sum(parts) => {
                let mut sum = Fraction::whole(Polynomial::zero());
                for part in parts {
                    let part = self.build(part)?;
                    sum = self.add(sum, part)?;
                }
                Some(sum)
            }
            Expression::Product(parts) => {
                let mut product = Fraction::whole(Polynomial::one());
                for part in parts {
                    let part = self.build(part)?;
                    product = self.times(&product, &part)?;
                }
                Some(product)
            }
            Expression::Quotient(above, below) => {
                let (above, below) = (self.build(above)?, self.build(below)?);
                let below = self.inverse(&below)?;
                self.times(&above, &below)
            }
            Expression::Power(base, exponent) => {
                let exponent = self.build(exponent)?;
                let base = self.build(base)?;
                self.power(&base, &exponent)
            }
            Expression::Root(index, inner) => {
                let inner = self.build(inner)?;
                self.root(*index, &inner)
            }
            Expression::Call(function, arguments) => {
                let angle = is_angular(*function);
                let mut built = Vec::new();
                for argument in arguments {
                    let argument = if angle { in_radians(argument) } else { argument.clone() };
                    built.push(self.build(&argument)?);
                }
                self.apply(*function, built)
            }
            Expression::PlusMinus(..) => None,
            Expression::Series(series, sum) => self.series(series, *sum),
        }
    }

    fn single(&mut self, generator: Generator) -> Fraction {
        let name = self.name(generator);
        Fraction::whole(Algebra::power_of(name, Exponent::one()))
    }

    /// Gives the difference of two fractions as a polynomial: zero where and only where they are equal.
    pub(in super::super) fn difference(&mut self, one: &Fraction, other: &Fraction) -> Option<Polynomial> {
        if one.below == other.below {
            return Some(one.above.clone().plus(other.above.clone().negated()));
        }
        let left = self.multiply(&one.above, &other.below)?;
        let right = self.multiply(&other.above, &one.below)?;
        Some(left.plus(right.negated()))
    }

    /// Tells whether a polynomial is zero, all that may be known.
    pub(in super::super) fn zero(&mut self, polynomial: &Polynomial) -> super::Zero {
        self.zero_of(polynomial)
    }
}

/// Tells whether a function takes an angle.
pub(in super::super) fn is_angular(function: Function) -> bool {
    matches!(
        function,
        Function::Sine
            | Function::Cosine
            | Function::Tangent
            | Function::Cotangent
            | Function::Secant
            | Function::Cosecant
    )
}

/// Writes degrees as parts of π.
pub(in super::super) fn in_radians(expression: &Expression) -> Expression {
    expression.map(&|part| match part {
        Expression::Call(Function::Degree, arguments) => {
            let inner = arguments.first().map(in_radians)?;
            let share = Expression::Number(Rational::new(BigInt::one(), BigInt::from(180)));
            Some(Expression::Product(vec![inner, share, Expression::Constant(Constant::Pi)]))
        }
        _ => None,
    })
}

/// Gives the variables that an expression needs positive: those alone under an even root or a logarithm.
pub(in super::super) fn positive_variables(expression: &Expression, found: &mut BTreeSet<String>) {
    let inner = match expression {
        Expression::Root(index, inner) if index % 2 == 0 => Some(inner.as_ref()),
        Expression::Power(base, exponent) => match exponent.as_ref() {
            Expression::Number(value) if (value.denom() % 2_u8).is_zero() => Some(base.as_ref()),
            Expression::Quotient(_, below) => match below.as_ref() {
                Expression::Number(value) if value.is_integer() && (value.numer() % 2_u8).is_zero() => {
                    Some(base.as_ref())
                }
                _ => None,
            },
            _ => None,
        },
        Expression::Call(Function::Natural | Function::Logarithm, arguments) => arguments.first(),
        Expression::Call(Function::LogarithmTo, arguments) => arguments.get(1),
        _ => None,
    };
    if let Some(name) = inner.and_then(alone) {
        found.insert(name);
    }
    for part in expression.parts() {
        positive_variables(part, found);
    }
}

/// Gives the only variable of a product of it and positive numbers.
fn alone(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Variable(name) => Some(name.clone()),
        Expression::Product(parts) => {
            let mut name = None;
            for part in parts {
                match part {
                    Expression::Number(value) if *value > Rational::zero() => {}
                    Expression::Constant(Constant::Pi | Constant::Euler) => {}
                    Expression::Variable(own) if name.is_none() => name = Some(own.clone()),
                    _ => return None,
                }
            }
            name
        }
        _ => None,
    }
}
