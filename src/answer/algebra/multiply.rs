//! Products, sums and quotients of normal forms, with the rules that the generators bring.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Signed, Zero as _};

use super::super::expression::Function;
use super::super::nesting::Nested;
use super::super::number::Rational;
use super::polynomial::{Exponent, Fraction, Monomial, Polynomial, fitting};
use super::{Algebra, Generator, MAX_BITS, MAX_EXPONENT, MAX_TERMS, Zero};

/// A product of two monomials: what is left as a monomial, the number that came out, and polynomials that a rule put in.
struct Product {
    monomial: Monomial,
    number: Option<Rational>,
    factors: Vec<(Polynomial, i64)>,
}

impl Algebra {
    /// Multiplies two polynomials.
    pub(super) fn multiply(&mut self, one: &Polynomial, other: &Polynomial) -> Option<Polynomial> {
        if let Some(factor) = one.rational() {
            return self.scale(other.clone(), &factor);
        }
        if let Some(factor) = other.rational() {
            return self.scale(one.clone(), &factor);
        }
        if one.0.len() * other.0.len() > MAX_TERMS * 4 {
            return None;
        }
        let bits = (one.bits(), other.bits());
        if bits.0 + bits.1 > MAX_BITS {
            return None;
        }
        let mut terms = Vec::with_capacity(one.0.len() * other.0.len());
        let mut rest = Polynomial::zero();
        for (left, left_number) in &one.0 {
            for (right, right_number) in &other.0 {
                self.work.spend(1)?;
                self.work.rational(bits.0.max(bits.1))?;
                let product = self.joined(left, right)?;
                let mut number = left_number * right_number;
                if let Some(factor) = product.number {
                    number *= factor;
                }
                if product.factors.is_empty() {
                    terms.push((product.monomial, number));
                } else {
                    let mut term = Polynomial::term(product.monomial, number);
                    for (factor, times) in product.factors {
                        let factor = self.whole_power(&factor, times)?;
                        term = self.deeper(|algebra| algebra.multiply(&term, &factor))?;
                    }
                    rest = rest.plus(term);
                }
            }
        }
        let product = Polynomial::gathered(terms).plus(rest);
        (product.0.len() <= MAX_TERMS).then_some(product)
    }

    pub(super) fn scale(&mut self, polynomial: Polynomial, factor: &Rational) -> Option<Polynomial> {
        let bits = factor.numer().bits().max(factor.denom().bits());
        if bits + polynomial.bits() > MAX_BITS {
            return None;
        }
        self.work.spend(u64::try_from(polynomial.0.len()).ok()? / 4)?;
        self.work.rationals(polynomial.0.len(), bits.max(polynomial.bits()))?;
        Some(polynomial.scaled(factor))
    }

    /// Multiplies two monomials and applies the rules of their generators.
    fn joined(&mut self, one: &Monomial, other: &Monomial) -> Option<Product> {
        let mut product = Product { monomial: Monomial::default(), number: None, factors: Vec::new() };
        let (mut ours, mut theirs) = (one.0.iter().peekable(), other.0.iter().peekable());
        loop {
            let (name, exponent, both) = match (ours.peek(), theirs.peek()) {
                (Some((one, exponent)), Some((other, power))) if one == other => {
                    (*one, fitting(num_traits::CheckedAdd::checked_add(exponent, power)?)?, 3)
                }
                (Some((one, exponent)), Some((other, _))) if one < other => (*one, *exponent, 1),
                (Some((one, exponent)), None) => (*one, *exponent, 1),
                (_, Some((other, exponent))) => (*other, *exponent, 2),
                (None, None) => return Some(product),
            };
            if both & 1 == 1 {
                ours.next();
            }
            if both & 2 == 2 {
                theirs.next();
            }
            if both == 3 {
                self.settle(name, exponent, &mut product)?;
            } else {
                product.monomial.0.push((name, exponent));
            }
        }
    }

    /// Puts a power of one generator into a product, by its rule.
    fn settle(&mut self, name: super::Name, exponent: Exponent, product: &mut Product) -> Option<()> {
        if exponent.is_zero() {
            return Some(());
        }
        let mut left = exponent;
        match self.generator(name)? {
            Generator::Imaginary => {
                let power = exponent.is_integer().then(|| exponent.to_integer().rem_euclid(4))?;
                if power >= 2 {
                    product.number = Some(-product.number.take().unwrap_or_else(Rational::one));
                }
                left = Exponent::from(power % 2);
            }
            Generator::Whole(base, _) => {
                let whole = exponent.floor().to_integer();
                if whole != 0 {
                    let base = base.clone();
                    let size = whole.unsigned_abs();
                    if base.bits().checked_mul(size)? > MAX_BITS {
                        return None;
                    }
                    self.work.spend(1 + base.bits() * size / 512)?;
                    let power = Rational::from(num_traits::pow(base, usize::try_from(size).ok()?));
                    let number = product.number.take().unwrap_or_else(Rational::one);
                    product.number = Some(if whole < 0 { number / power } else { number * power });
                    left = exponent - Exponent::from(whole);
                }
            }
            Generator::Root(index, radicand) => {
                let index = i64::from(*index);
                let whole = (exponent / index).floor().to_integer();
                if whole > 0 {
                    product.factors.push((radicand.clone(), whole));
                    left = exponent - Exponent::from(whole * index);
                }
            }
            Generator::Call(Function::Sine, arguments) if exponent.is_integer() && exponent.to_integer() >= 2 => {
                let cosine = Generator::Call(Function::Cosine, arguments.clone());
                let cosine = self.name(cosine);
                let square = Polynomial::term(Monomial::of(cosine, Exponent::from(2)), -Rational::one());
                let square = Polynomial::one().plus(square);
                let power = exponent.to_integer();
                product.factors.push((square, power / 2));
                left = Exponent::from(power % 2);
            }
            Generator::Call(Function::Absolute, arguments) if exponent.is_integer() && exponent.to_integer() >= 2 => {
                let inner = arguments.first()?.polynomial().cloned();
                if let Some(inner) = inner {
                    let power = exponent.to_integer();
                    product.factors.push((inner, power - power % 2));
                    left = Exponent::from(power % 2);
                }
            }
            _ => {}
        }
        if !left.is_zero() {
            product.monomial.0.push((name, left));
        }
        Some(())
    }

    /// Raises a polynomial to a power of 0 or more.
    pub(super) fn whole_power(&mut self, base: &Polynomial, exponent: i64) -> Option<Polynomial> {
        if !(0..=MAX_EXPONENT).contains(&exponent) && base.0.len() > 1 {
            return None;
        }
        let mut left = u64::try_from(exponent).ok()?;
        if left == 1 {
            return Some(base.clone());
        }
        let mut result = Polynomial::one();
        if base.0.len() > 1 {
            // Term by term is cheaper than squaring where there are many terms.
            for _ in 0..left {
                result = self.multiply(&result, base)?;
            }
            return Some(result);
        }
        let mut square = base.clone();
        while left > 0 {
            if left & 1 == 1 {
                result = self.multiply(&result, &square)?;
            }
            left >>= 1;
            if left > 0 {
                square = self.multiply(&square, &square)?;
            }
        }
        Some(result)
    }

    /// Gives one over a single term.
    pub(super) fn inverse_term(&mut self, monomial: &Monomial, number: &Rational) -> Option<Polynomial> {
        if number.is_zero() {
            return None;
        }
        let mut product = Product { monomial: Monomial::default(), number: Some(number.recip()), factors: Vec::new() };
        for (name, exponent) in &monomial.0 {
            self.never_zero(*name)?;
            self.settle(*name, -*exponent, &mut product)?;
        }
        Some(Polynomial::term(product.monomial, product.number.unwrap_or_else(Rational::one)))
    }

    /// Lets a generator pass that is not zero: a constant must be bounded away from it.
    fn never_zero(&mut self, name: super::Name) -> Option<()> {
        let opaque = matches!(self.generator(name), Some(Generator::Call(..)));
        if opaque && self.is_constant(name) {
            return self.bound(name, 128)?.excludes_zero().then_some(());
        }
        Some(())
    }

    pub(super) fn add(&mut self, one: Fraction, other: Fraction) -> Option<Fraction> {
        self.work.spend(1 + u64::try_from(one.above.0.len() + other.above.0.len()).ok()? / 4)?;
        let bits = one.above.bits().max(other.above.bits());
        if bits > MAX_BITS {
            return None;
        }
        self.work.rationals(one.above.0.len().min(other.above.0.len()), bits)?;
        if one.below == other.below {
            let above = one.above.plus(other.above);
            return Some(self.tidy(Fraction { above, below: one.below }));
        }
        let left = self.multiply(&one.above, &other.below)?;
        let right = self.multiply(&other.above, &one.below)?;
        let below = self.multiply(&one.below, &other.below)?;
        Some(self.tidy(Fraction { above: left.plus(right), below }))
    }

    pub(super) fn times(&mut self, one: &Fraction, other: &Fraction) -> Option<Fraction> {
        if one.below.is_one() && other.below.is_one() {
            return Some(Fraction::whole(self.multiply(&one.above, &other.above)?));
        }
        if one.above == other.below {
            return Some(Fraction { above: other.above.clone(), below: one.below.clone() });
        }
        if other.above == one.below {
            return Some(Fraction { above: one.above.clone(), below: other.below.clone() });
        }
        let above = self.multiply(&one.above, &other.above)?;
        let below = self.multiply(&one.below, &other.below)?;
        self.normal(above, below)
    }

    /// Gives one over a fraction; `None` where it is zero or may be.
    pub(super) fn inverse(&mut self, fraction: &Fraction) -> Option<Fraction> {
        if self.is_zero(&fraction.above) != Zero::Never {
            return None;
        }
        self.normal(fraction.below.clone(), fraction.above.clone())
    }

    /// Makes a fraction of a numerator and a denominator that is surely not zero.
    pub(super) fn normal(&mut self, above: Polynomial, below: Polynomial) -> Option<Fraction> {
        if let [(monomial, number)] = below.0.as_slice() {
            let inverse = self.inverse_term(&monomial.clone(), &number.clone())?;
            return Some(Fraction::whole(self.multiply(&above, &inverse)?));
        }
        // One scale for all: the first coefficient is one.
        let first = below.0.first().map(|(_, number)| number.recip())?;
        let (above, below) = (self.scale(above, &first)?, self.scale(below, &first)?);
        Some(self.tidy(Fraction { above, below }))
    }

    fn tidy(&mut self, fraction: Fraction) -> Fraction {
        if fraction.above.is_zero() {
            return Fraction::whole(Polynomial::zero());
        }
        if fraction.above == fraction.below {
            return Fraction::whole(Polynomial::one());
        }
        fraction
    }

    /// Gives the smallest whole number that makes every coefficient whole.
    pub(super) fn common_denominator(&mut self, polynomial: &Polynomial) -> Option<BigInt> {
        let mut common = BigInt::one();
        for (_, number) in &polynomial.0 {
            self.work.spend(1 + common.bits() / 512)?;
            common = common.lcm(number.denom());
            if common.bits() > MAX_BITS {
                return None;
            }
        }
        Some(common)
    }

    /// Gives the largest whole number that divides every coefficient of a polynomial with whole ones.
    pub(super) fn content(polynomial: &Polynomial) -> BigInt {
        let common = polynomial.0.iter().fold(BigInt::zero(), |common, (_, number)| common.gcd(number.numer()));
        common.abs()
    }

    pub(super) fn power_of(name: super::Name, exponent: Ratio<i64>) -> Polynomial {
        Polynomial::term(Monomial::of(name, exponent), Rational::one())
    }
}
