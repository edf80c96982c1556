//! Expressions at a point, with certified bounds: what proves that two of them differ.
//!
//! It knows nothing of normal forms. An expression that is not surely defined at the point has no value there.

use std::collections::BTreeMap;

use num_bigint::{BigInt, Sign};
use num_traits::{ToPrimitive, Zero};

use super::algebra::{Base, in_radians, is_angular};
use super::expression::{Constant, Expression, Function, Series};
use super::interval::{Fixed, Interval};
use super::nesting::Nested;
use super::number::Rational;
use super::work::Work;

/// Bounds of a complex number; no imaginary part means that it is real.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    pub(super) real: Interval,
    pub(super) imaginary: Option<Interval>,
}

impl Bounds {
    fn real(real: Interval) -> Bounds {
        Bounds { real, imaginary: None }
    }

    /// Gives a real number's bounds.
    fn only_real(self) -> Option<Interval> {
        self.imaginary.is_none().then_some(self.real)
    }

    /// Tells whether two values surely differ.
    pub(super) fn separated(&self, other: &Bounds) -> bool {
        let zero = || Interval { low: BigInt::zero(), high: BigInt::zero() };
        let imaginary = |bounds: &Bounds| bounds.imaginary.clone().unwrap_or_else(zero);
        self.real.minus(&other.real).excludes_zero() || imaginary(self).minus(&imaginary(other)).excludes_zero()
    }
}

/// Most terms of a sum that is added up.
const MAX_TERMS: i64 = 60;

/// How deep an expression may be nested.
const MAX_DEPTH: u32 = 60;

/// Values for variables, and how finely is computed.
pub(super) struct Point<'w> {
    pub(super) values: BTreeMap<String, Rational>,
    pub(super) base: Base,
    pub(super) bits: u32,
    pub(super) work: &'w mut Work,
    depth: u32,
}

impl Nested for Point<'_> {
    const DEEPEST: u32 = MAX_DEPTH;

    fn level(&mut self) -> &mut u32 {
        &mut self.depth
    }
}

impl<'w> Point<'w> {
    pub(super) fn new(values: BTreeMap<String, Rational>, base: Base, bits: u32, work: &'w mut Work) -> Point<'w> {
        Point { values, base, bits, work, depth: 0 }
    }

    fn fixed(&mut self) -> Fixed<'_> {
        Fixed { bits: self.bits, work: self.work }
    }

    /// Bounds an expression.
    pub(super) fn value(&mut self, expression: &Expression) -> Option<Bounds> {
        self.deeper(|point| point.computed(expression))
    }

    fn real_value(&mut self, expression: &Expression) -> Option<Interval> {
        self.value(expression)?.only_real()
    }

    fn computed(&mut self, expression: &Expression) -> Option<Bounds> {
        self.work.spend(1)?;
        match expression {
            Expression::Number(value) => Some(Bounds::real(self.fixed().rational(value)?)),
            Expression::Constant(Constant::Pi) => Some(Bounds::real(self.fixed().pi()?)),
            Expression::Constant(Constant::Euler) => {
                let mut fixed = self.fixed();
                let one = fixed.whole(1);
                Some(Bounds::real(fixed.exponential(&one)?))
            }
            Expression::Constant(Constant::Imaginary) => {
                let fixed = self.fixed();
                Some(Bounds { real: fixed.whole(0), imaginary: Some(fixed.whole(1)) })
            }
            Expression::Variable(name) => {
                let value = self.values.get(name)?.clone();
                Some(Bounds::real(self.fixed().rational(&value)?))
            }
            Expression::Sum(parts) => {
                let mut sum = Bounds::real(self.fixed().whole(0));
                for part in parts {
                    let part = self.value(part)?;
                    sum = plus(&sum, &part);
                }
                Some(sum)
            }
            Expression::Product(parts) => {
                let mut product = Bounds::real(self.fixed().whole(1));
                for part in parts {
                    let part = self.value(part)?;
                    product = self.times(&product, &part)?;
                }
                Some(product)
            }
            Expression::Quotient(above, below) => {
                let (above, below) = (self.value(above)?, self.value(below)?);
                self.divided(&above, &below)
            }
            Expression::Power(base, exponent) => self.power(base, exponent),
            Expression::Root(index, inner) => self.root(*index, inner),
            Expression::Call(function, arguments) => self.call(*function, arguments),
            Expression::PlusMinus(..) => None,
            Expression::Series(series, sum) => self.series(series, *sum),
        }
    }

    fn times(&mut self, one: &Bounds, other: &Bounds) -> Option<Bounds> {
        let mut fixed = self.fixed();
        let real = fixed.times(&one.real, &other.real)?;
        Some(match (&one.imaginary, &other.imaginary) {
            (None, None) => Bounds::real(real),
            (Some(part), None) => Bounds { real, imaginary: Some(fixed.times(part, &other.real)?) },
            (None, Some(part)) => Bounds { real, imaginary: Some(fixed.times(part, &one.real)?) },
            (Some(left), Some(right)) => {
                let across = fixed.times(&one.real, right)?.plus(&fixed.times(left, &other.real)?);
                Bounds { real: real.minus(&fixed.times(left, right)?), imaginary: Some(across) }
            }
        })
    }

    fn divided(&mut self, above: &Bounds, below: &Bounds) -> Option<Bounds> {
        let Some(part) = &below.imaginary else {
            let mut fixed = self.fixed();
            let real = fixed.divided(&above.real, &below.real)?;
            let imaginary = match &above.imaginary {
                Some(part) => Some(fixed.divided(part, &below.real)?),
                None => None,
            };
            return Some(Bounds { real, imaginary });
        };
        let conjugate = Bounds { real: below.real.clone(), imaginary: Some(part.negated()) };
        let product = self.times(above, &conjugate)?;
        let mut fixed = self.fixed();
        let size = fixed.power(&below.real, 2)?.plus(&fixed.power(part, 2)?);
        self.divided(&product, &Bounds::real(size))
    }

    fn power(&mut self, base: &Expression, exponent: &Expression) -> Option<Bounds> {
        let rational = match exponent {
            Expression::Number(value) => Some(value.clone()),
            Expression::Quotient(above, below) => match (above.as_ref(), below.as_ref()) {
                (Expression::Number(above), Expression::Number(below)) if !below.is_zero() => Some(above / below),
                _ => None,
            },
            Expression::Product(parts) => match parts.as_slice() {
                [Expression::Number(one), Expression::Number(other)] => Some(one * other),
                _ => None,
            },
            _ => None,
        };
        if let Some(number) = rational.as_ref().filter(|number| number.is_integer()) {
            let times = number.numer().to_i64().filter(|times| times.abs() <= 4_096)?;
            let value = self.value(base)?;
            if times <= 0 && !value.real.excludes_zero() {
                return None;
            }
            if value.imaginary.is_none() {
                return Some(Bounds::real(self.fixed().power(&value.real, times)?));
            }
            let mut product = Bounds::real(self.fixed().whole(1));
            for _ in 0..times.unsigned_abs().min(64) {
                product = self.times(&product, &value)?;
            }
            return (1..=64).contains(&times).then_some(product);
        }
        let base = self.real_value(base)?;
        if base.sign() != Some(Sign::Plus) {
            return None;
        }
        let exponent = self.value(exponent)?;
        let mut fixed = self.fixed();
        if fixed.outgrows(&base, &exponent.real) {
            return None;
        }
        let logarithm = fixed.logarithm(&base)?;
        let grown = fixed.times(&logarithm, &exponent.real)?;
        let size = fixed.exponential(&grown)?;
        let Some(part) = exponent.imaginary else { return Some(Bounds::real(size)) };
        let angle = fixed.times(&part, &logarithm)?;
        let (cosine, sine) = (fixed.circular(&angle, false)?, fixed.circular(&angle, true)?);
        Some(Bounds { real: fixed.times(&size, &cosine)?, imaginary: Some(fixed.times(&size, &sine)?) })
    }

    fn root(&mut self, index: u32, inner: &Expression) -> Option<Bounds> {
        let value = self.real_value(inner)?;
        let odd = index % 2 == 1;
        match value.sign()? {
            Sign::Minus if odd => Some(Bounds::real(self.fixed().root(&value.negated(), index)?.negated())),
            // With variables an even root has positive arguments only.
            Sign::Minus if index == 2 && !inner.any(&|part| matches!(part, Expression::Variable(_))) => {
                let mut fixed = self.fixed();
                Some(Bounds { real: fixed.whole(0), imaginary: Some(fixed.root(&value.negated(), 2)?) })
            }
            Sign::Minus => None,
            _ => Some(Bounds::real(self.fixed().root(&value, index)?)),
        }
    }

    fn call(&mut self, function: Function, arguments: &[Expression]) -> Option<Bounds> {
        let first = arguments.first()?;
        let argument = if is_angular(function) { self.value(&in_radians(first))? } else { self.value(first)? };
        if function == Function::Absolute && argument.imaginary.is_some() {
            let part = argument.imaginary?;
            let mut fixed = self.fixed();
            let size = fixed.power(&argument.real, 2)?.plus(&fixed.power(&part, 2)?);
            return Some(Bounds::real(fixed.root(&size, 2)?));
        }
        let argument = argument.only_real()?;
        let second = match arguments.get(1) {
            Some(second) => Some(self.real_value(second)?),
            None => None,
        };
        let base = self.base;
        let mut fixed = self.fixed();
        let one = fixed.whole(1);
        let circular = |fixed: &mut Fixed, sine: bool| fixed.circular(&argument, sine);
        let found = match function {
            Function::Sine => circular(&mut fixed, true)?,
            Function::Cosine => circular(&mut fixed, false)?,
            Function::Tangent => {
                let (above, below) = (circular(&mut fixed, true)?, circular(&mut fixed, false)?);
                fixed.divided(&above, &below)?
            }
            Function::Cotangent => {
                let (above, below) = (circular(&mut fixed, false)?, circular(&mut fixed, true)?);
                fixed.divided(&above, &below)?
            }
            Function::Secant => {
                let below = circular(&mut fixed, false)?;
                fixed.divided(&one, &below)?
            }
            Function::Cosecant => {
                let below = circular(&mut fixed, true)?;
                fixed.divided(&one, &below)?
            }
            Function::ArcSine => fixed.inverse_sine(&argument)?,
            Function::ArcCosine => {
                let sine = fixed.inverse_sine(&argument)?;
                let pi = fixed.pi()?;
                pi.halved(1).minus(&sine)
            }
            Function::ArcTangent => fixed.inverse_tangent(&argument)?,
            Function::Natural => fixed.logarithm(&argument)?,
            Function::Logarithm => {
                let above = fixed.logarithm(&argument)?;
                match base {
                    Base::Euler => above,
                    Base::Ten => {
                        let ten = fixed.whole(10);
                        let below = fixed.logarithm(&ten)?;
                        fixed.divided(&above, &below)?
                    }
                }
            }
            Function::LogarithmTo => {
                let (above, below) = (fixed.logarithm(&second?)?, fixed.logarithm(&argument)?);
                fixed.divided(&above, &below)?
            }
            Function::Absolute => argument.absolute(),
            Function::Degree => argument,
            _ => return None,
        };
        Some(Bounds::real(found))
    }

    fn series(&mut self, series: &Series, sum: bool) -> Option<Bounds> {
        let whole = |expression: &Expression| match expression {
            Expression::Number(value) if value.is_integer() => value.numer().to_i64(),
            _ => None,
        };
        let (first, last) = (whole(&series.from)?, whole(series.to.as_ref()?)?);
        if last.checked_sub(first)? >= MAX_TERMS || last < first - 1 {
            return None;
        }
        let mut total = Bounds::real(self.fixed().whole(i64::from(!sum)));
        for at in first..=last {
            let term = self.value(&series.body.with(&series.index, &Expression::whole(at)))?;
            total = if sum { plus(&total, &term) } else { self.times(&total, &term)? };
        }
        Some(total)
    }
}

fn plus(one: &Bounds, other: &Bounds) -> Bounds {
    let imaginary = match (&one.imaginary, &other.imaginary) {
        (Some(one), Some(other)) => Some(one.plus(other)),
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    Bounds { real: one.real.plus(&other.real), imaginary }
}
