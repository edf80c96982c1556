//! Expressions as the rules of the grader bench see them, apart from the grader's own.
//!
//! The value in floating point serves only to throw a pair away: one that is meant to be unequal and is not, or the reverse.

use std::ops::{Add, Div, Mul, Sub};

/// A part of an answer that has a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// A whole number, not negative.
    Integer(i64),
    /// A decimal, not negative, as it is written.
    Decimal(String),
    /// A variable, `\pi` or `i`.
    Symbol(String),
    Sum(Vec<Expression>),
    Product(Vec<Expression>),
    Negative(Box<Expression>),
    Quotient(Box<Expression>, Box<Expression>),
    Power(Box<Expression>, Box<Expression>),
    /// A root with its index.
    Root(i64, Box<Expression>),
    /// A text that a rule wrote, with its value.
    Written(String, f64),
}

use Expression::{Decimal, Integer, Negative, Power, Product, Quotient, Root, Sum, Symbol, Written};

impl Expression {
    /// Makes a whole number of any sign.
    pub(super) fn whole(value: i64) -> Expression {
        if value < 0 { Integer(-value).negated() } else { Integer(value) }
    }

    /// Makes the quotient of two.
    pub(super) fn over(self, below: Expression) -> Expression {
        Quotient(Box::new(self), Box::new(below))
    }

    /// Makes the negative; of a negative the plain one.
    pub(super) fn negated(self) -> Expression {
        match self {
            Negative(inner) => *inner,
            other => Negative(Box::new(other)),
        }
    }

    /// Makes a square root.
    pub(super) fn root(self) -> Expression {
        Root(2, Box::new(self))
    }

    /// Makes a power.
    pub(super) fn raised(self, exponent: i64) -> Expression {
        Power(Box::new(self), Box::new(Expression::whole(exponent)))
    }

    /// Reads a whole number of any sign.
    pub(super) fn as_whole(&self) -> Option<i64> {
        match self {
            Integer(value) => Some(*value),
            Negative(inner) => inner.as_whole().map(|value| -value),
            _ => None,
        }
    }

    /// Reads a fraction of whole numbers of any sign.
    pub(super) fn as_fraction(&self) -> Option<(i64, i64)> {
        match self {
            Quotient(above, below) => Some((above.as_whole()?, below.as_whole()?)),
            Negative(inner) => inner.as_fraction().map(|(above, below)| (-above, below)),
            _ => None,
        }
    }

    /// Gives the parts right under this one.
    pub(super) fn parts(&self) -> Vec<&Expression> {
        match self {
            Sum(parts) | Product(parts) => parts.iter().collect(),
            Negative(inner) | Root(_, inner) => vec![inner],
            Quotient(one, other) | Power(one, other) => vec![one, other],
            Integer(_) | Decimal(_) | Symbol(_) | Written(..) => Vec::new(),
        }
    }

    fn parts_mut(&mut self) -> Vec<&mut Expression> {
        match self {
            Sum(parts) | Product(parts) => parts.iter_mut().collect(),
            Negative(inner) | Root(_, inner) => vec![inner],
            Quotient(one, other) | Power(one, other) => vec![one, other],
            Integer(_) | Decimal(_) | Symbol(_) | Written(..) => Vec::new(),
        }
    }

    /// Counts all parts, itself too.
    pub(super) fn size(&self) -> usize {
        1 + self.parts().into_iter().map(Expression::size).sum::<usize>()
    }

    /// Changes the part with this number, in order of writing; tells whether it could be changed.
    pub(super) fn change(
        &mut self,
        number: &mut usize,
        rule: &mut dyn FnMut(&Expression) -> Option<Expression>,
    ) -> bool {
        if *number == 0 {
            let Some(changed) = rule(self) else { return false };
            *self = changed;
            return true;
        }
        *number -= 1;
        for part in self.parts_mut() {
            let size = part.size();
            if *number < size {
                return part.change(number, rule);
            }
            *number -= size;
        }
        false
    }

    /// Gives the names of all symbols in it, each once.
    pub(super) fn symbols(&self) -> Vec<String> {
        let mut names: Vec<String> = match self {
            Symbol(name) => vec![name.clone()],
            _ => self.parts().into_iter().flat_map(Expression::symbols).collect(),
        };
        names.sort();
        names.dedup();
        names
    }

    /// Gives its variables.
    pub(super) fn variables(&self) -> Vec<String> {
        self.symbols().into_iter().filter(|name| name != "\\pi" && name != "i").collect()
    }

    /// Gives the value where each variable has one that depends on its name and on `point`.
    pub(super) fn value(&self, point: u32) -> Complex {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "pairs are thrown away by it, never judged")]
            Integer(value) => Complex::real(*value as f64),
            Decimal(text) => Complex::real(text.parse().unwrap_or(f64::NAN)),
            Symbol(name) => symbol(name, point),
            Sum(terms) => terms.iter().fold(Complex::real(0.0), |sum, term| sum + term.value(point)),
            Product(factors) => {
                factors.iter().fold(Complex::real(1.0), |product, factor| product * factor.value(point))
            }
            Negative(inner) => Complex::real(0.0) - inner.value(point),
            Quotient(above, below) => above.value(point) / below.value(point),
            Power(base, exponent) => base.value(point).power(exponent.value(point)),
            #[expect(clippy::cast_precision_loss, reason = "an index is small")]
            Root(index, inner) => inner.value(point).power(Complex::real(1.0 / *index as f64)),
            Written(_, value) => Complex::real(*value),
        }
    }
}

fn symbol(name: &str, point: u32) -> Complex {
    match name {
        "\\pi" => Complex::real(std::f64::consts::PI),
        "i" => Complex { real: 0.0, imaginary: 1.0 },
        _ => {
            let hash = name.bytes().fold(17_u32 + 31 * point, |hash, byte| {
                hash.wrapping_mul(2_654_435_761).rotate_left(5).wrapping_add(u32::from(byte))
            });
            Complex::real(1.1 + f64::from(hash % 10_007) / 10_007.0 * 2.3)
        }
    }
}

/// A complex number in floating point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Complex {
    pub(super) real: f64,
    pub(super) imaginary: f64,
}

impl Complex {
    pub(super) fn real(real: f64) -> Complex {
        Complex { real, imaginary: 0.0 }
    }

    pub(super) fn size(self) -> f64 {
        self.real.hypot(self.imaginary)
    }

    fn power(self, exponent: Complex) -> Complex {
        if self.size() == 0.0 {
            return Complex::real(if exponent.size() == 0.0 { 1.0 } else { 0.0 });
        }
        let (size, angle) = (self.size().ln(), self.imaginary.atan2(self.real));
        let inner = Complex { real: size, imaginary: angle } * exponent;
        let scale = inner.real.exp();
        Complex { real: scale * inner.imaginary.cos(), imaginary: scale * inner.imaginary.sin() }
    }

    /// Tells whether two are surely the same but for rounding; nothing where one is no number.
    pub(super) fn agrees(self, other: Complex) -> Option<bool> {
        let (gap, scale) = ((self - other).size(), self.size().max(other.size()).max(1e-3));
        (gap.is_finite() && scale.is_finite()).then_some(gap <= scale * 1e-9)
    }
}

impl Add for Complex {
    type Output = Complex;
    fn add(self, other: Complex) -> Complex {
        Complex { real: self.real + other.real, imaginary: self.imaginary + other.imaginary }
    }
}

impl Sub for Complex {
    type Output = Complex;
    fn sub(self, other: Complex) -> Complex {
        Complex { real: self.real - other.real, imaginary: self.imaginary - other.imaginary }
    }
}

impl Mul for Complex {
    type Output = Complex;
    fn mul(self, other: Complex) -> Complex {
        Complex {
            real: self.real * other.real - self.imaginary * other.imaginary,
            imaginary: self.real * other.imaginary + self.imaginary * other.real,
        }
    }
}

impl Div for Complex {
    type Output = Complex;
    fn div(self, other: Complex) -> Complex {
        let size = other.real * other.real + other.imaginary * other.imaginary;
        let above = self * Complex { real: other.real, imaginary: -other.imaginary };
        Complex { real: above.real / size, imaginary: above.imaginary / size }
    }
}
