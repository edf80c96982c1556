//! Roots and absolute values.
//!
//! A root of a positive constant is positive, an odd root of a negative one negative, a square root of a negative one on
//! the positive imaginary axis. Under an even root `x²` is `|x|` unless `x` is known to be positive.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, Zero as _};

use super::super::expression::Function;
use super::super::nesting::Nested;
use super::super::number::Rational;
use super::polynomial::{Exponent, Fraction, Monomial, Name, Polynomial, fitting};
use super::{Algebra, Generator, Zero, integer};

/// Largest index of a root.
pub(super) const MAX_INDEX: u32 = 64;

impl Algebra {
    /// Takes a root.
    pub(super) fn root(&mut self, index: u32, value: &Fraction) -> Option<Fraction> {
        self.deeper(|algebra| algebra.root_of(index, value))
    }

    fn root_of(&mut self, index: u32, value: &Fraction) -> Option<Fraction> {
        if !(2..=MAX_INDEX).contains(&index) {
            return None;
        }
        if value.above.is_zero() {
            return Some(value.clone());
        }
        if value.below.is_one() {
            let root = match value.above.0.as_slice() {
                [(monomial, number)] => self.root_of_term(index, &monomial.clone(), &number.clone()),
                _ => self.root_of_sum(index, &value.above),
            };
            return root;
        }
        // ⁿ√(a/b) = ⁿ√(a bⁿ⁻¹) / b, and the absolute value of b where n is even.
        let power = self.whole_power(&value.below, i64::from(index) - 1)?;
        let inside = self.multiply(&value.above, &power)?;
        let below = Fraction::whole(value.below.clone());
        let below = if index.is_even() {
            if index > 2 && !self.is_constant_polynomial(&value.below) {
                return None;
            }
            self.absolute(&below)?
        } else {
            below
        };
        let above = self.root(index, &Fraction::whole(inside))?;
        let below = self.inverse(&below)?;
        self.times(&above, &below)
    }

    /// Takes the root of a positive rational number.
    pub(super) fn root_of_number(&mut self, index: u32, number: &Rational) -> Option<Polynomial> {
        let mut root = Polynomial::one();
        for (part, sign) in [(number.numer(), 1), (number.denom(), -1)] {
            for (base, prime, times) in integer::factors(part, &mut self.work)? {
                let power = self.power_of_whole(base, prime, Exponent::new(sign * times, i64::from(index)))?;
                root = self.multiply(&root, &power)?;
            }
        }
        Some(root)
    }

    /// Gives a power of a whole number in normal form.
    pub(super) fn power_of_whole(&mut self, base: BigInt, prime: bool, exponent: Exponent) -> Option<Polynomial> {
        let whole = exponent.floor().to_integer();
        if base.bits().checked_mul(whole.unsigned_abs())? > super::MAX_BITS {
            return None;
        }
        self.work.spend(1 + whole.unsigned_abs() / 64)?;
        let size = num_traits::pow(base.clone(), usize::try_from(whole.unsigned_abs()).ok()?);
        let number = if whole < 0 { Rational::new(BigInt::one(), size) } else { Rational::from(size) };
        let name = self.name(Generator::Whole(base, prime));
        Some(Polynomial::term(Monomial::of(name, exponent - Exponent::from(whole)), number))
    }

    fn root_of_term(&mut self, index: u32, monomial: &Monomial, number: &Rational) -> Option<Fraction> {
        let even = index.is_even();
        let part = Exponent::new(1, i64::from(index));
        let mut outside = self.root_of_number(index, &number.abs())?;
        let mut inside: Vec<(Name, Exponent)> = Vec::new();
        for (name, exponent) in &monomial.0 {
            let rooted = fitting(num_traits::CheckedMul::checked_mul(exponent, &part)?)?;
            if self.is_positive(*name) {
                outside = self.multiply(&outside, &Algebra::power_of(*name, rooted))?;
                continue;
            }
            if matches!(self.generator(*name)?, Generator::Imaginary) || self.is_constant(*name) && even {
                return None;
            }
            if !even {
                outside = self.multiply(&outside, &Algebra::power_of(*name, rooted))?;
                continue;
            }
            if exponent.denom().is_even() {
                // It is positive where it is defined.
                outside = self.multiply(&outside, &Algebra::power_of(*name, rooted))?;
                continue;
            }
            if !exponent.is_integer() {
                return None;
            }
            // Even powers leave as absolute values.
            let times = exponent.to_integer();
            let leaves = if times.is_even() { times } else { times - times.rem_euclid(i64::from(index)) };
            if leaves != 0 {
                let size = self.power_of_size(*name, Exponent::new(leaves, i64::from(index)))?;
                outside = self.multiply(&outside, &size)?;
            }
            if leaves != times {
                inside.push((*name, Exponent::from(times - leaves)));
            }
        }
        let negative = number.is_negative();
        if !even {
            return Some(Fraction::whole(if negative { outside.negated() } else { outside }));
        }
        let rest = match (inside.as_slice(), negative) {
            ([], false) => Polynomial::one(),
            ([], true) if index == 2 => {
                let name = self.name(Generator::Imaginary);
                Algebra::power_of(name, Exponent::one())
            }
            ([], true) => return None,
            ([(name, exponent)], false) => Algebra::power_of(*name, exponent * part),
            _ => {
                let sign = if negative { -Rational::one() } else { Rational::one() };
                let radicand = Polynomial::term(Monomial(inside), sign);
                let name = self.name(Generator::Root(index, radicand));
                Algebra::power_of(name, Exponent::one())
            }
        };
        Some(Fraction::whole(self.multiply(&outside, &rest)?))
    }

    /// Gives a power of a generator's absolute value.
    fn power_of_size(&mut self, name: Name, exponent: Exponent) -> Option<Polynomial> {
        if exponent.is_integer() && exponent.to_integer().is_even() {
            return Some(Algebra::power_of(name, exponent));
        }
        let own = Fraction::whole(Algebra::power_of(name, Exponent::one()));
        let size = self.name(Generator::Call(Function::Absolute, vec![own]));
        Some(Algebra::power_of(size, exponent))
    }

    fn root_of_sum(&mut self, index: u32, sum: &Polynomial) -> Option<Fraction> {
        if self.has_imaginary(sum) {
            return self.root_of_complex(index, sum);
        }
        let even = index.is_even();
        let (mut scale, mut inner) = self.primitive(sum)?;
        // Negative powers of algebraic constants leave, so that the radicand is an algebraic integer.
        let clear = self.clearing(&inner);
        let mut outside = Polynomial::one();
        if !clear.is_one() {
            let factor = Polynomial::term(clear.clone(), Rational::one());
            inner = self.multiply(&inner, &factor)?;
            let inverse = self.inverse_term(&clear, &Rational::one())?;
            outside = self.root(index, &Fraction::whole(inverse))?.polynomial()?.clone();
            let (again, primitive) = self.primitive(&inner)?;
            scale *= again;
            inner = primitive;
        }
        let mut imaginary = false;
        let mut negative = false;
        if self.is_constant_polynomial(&inner) {
            match self.sign(&inner)? {
                Sign::NoSign => return Some(Fraction::whole(Polynomial::zero())),
                Sign::Plus => {}
                Sign::Minus => {
                    inner = inner.negated();
                    if even {
                        imaginary = true;
                    } else {
                        negative = true;
                    }
                }
            }
        } else if !even && inner.0.first().is_some_and(|(_, number)| number.is_negative()) {
            inner = inner.negated();
            negative = true;
        }
        if imaginary && index != 2 {
            return None;
        }
        let number = self.root_of_number(index, &scale)?;
        let mut root = self.multiply(&outside, &number)?;
        let perfect = if index == 2 { self.square_root(&inner) } else { None };
        match perfect {
            Some(base) => {
                let size = self.absolute(&Fraction::whole(base))?;
                root = self.multiply(&root, &size.polynomial()?.clone())?;
            }
            None => {
                let name = self.name(Generator::Root(index, inner));
                root = self.multiply(&root, &Algebra::power_of(name, Exponent::one()))?;
            }
        }
        if imaginary {
            let name = self.name(Generator::Imaginary);
            root = self.multiply(&root, &Algebra::power_of(name, Exponent::one()))?;
        }
        Some(Fraction::whole(if negative { root.negated() } else { root }))
    }

    /// The square root of a + bi, in the right half plane.
    fn root_of_complex(&mut self, index: u32, sum: &Polynomial) -> Option<Fraction> {
        if index != 2 || !self.is_constant_polynomial(sum) {
            return None;
        }
        let (real, imaginary) = self.parts(sum)?;
        let size = self.absolute(&Fraction::whole(sum.clone()))?.polynomial()?.clone();
        let sign = self.sign(&imaginary)?;
        let half = Rational::new(BigInt::one(), BigInt::from(2));
        let above = size.clone().plus(real.clone()).scaled(&half);
        let below = size.plus(real.negated()).scaled(&half);
        let above = self.root(2, &Fraction::whole(above))?;
        let below = self.root(2, &Fraction::whole(below))?;
        let unit = self.name(Generator::Imaginary);
        let unit = Algebra::power_of(unit, Exponent::one());
        let unit = if sign == Sign::Minus { unit.negated() } else { unit };
        let below = self.times(&below, &Fraction::whole(unit))?;
        self.add(above, below)
    }

    /// Splits a constant into its real and imaginary part; `None` where i hides in a generator.
    pub(super) fn parts(&self, sum: &Polynomial) -> Option<(Polynomial, Polynomial)> {
        let mut real = Vec::new();
        let mut imaginary = Vec::new();
        for (monomial, number) in &sum.0 {
            let unit =
                monomial.0.iter().position(|(name, _)| matches!(self.generator(*name), Some(Generator::Imaginary)));
            let mut monomial = monomial.clone();
            if let Some(unit) = unit {
                monomial.0.remove(unit);
            }
            let hidden = Polynomial::term(monomial.clone(), Rational::one());
            if self.has_imaginary(&hidden) {
                return None;
            }
            if unit.is_some() { &mut imaginary } else { &mut real }.push((monomial, number.clone()));
        }
        Some((Polynomial::gathered(real), Polynomial::gathered(imaginary)))
    }

    /// Writes a polynomial as a positive number times one with whole coefficients without common factor.
    pub(super) fn primitive(&mut self, polynomial: &Polynomial) -> Option<(Rational, Polynomial)> {
        let common = Rational::from(self.common_denominator(polynomial)?);
        let whole = self.scale(polynomial.clone(), &common)?;
        let content = Rational::from(Algebra::content(&whole));
        if content.is_zero() {
            return None;
        }
        let primitive = self.scale(whole, &content.recip())?;
        Some((content / common, primitive))
    }

    /// Gives the monomial that takes the negative exponents of algebraic generators away.
    pub(super) fn clearing(&self, polynomial: &Polynomial) -> Monomial {
        let mut least: Vec<(Name, Exponent)> = Vec::new();
        for (monomial, _) in &polynomial.0 {
            for (name, exponent) in &monomial.0 {
                if exponent < &Exponent::zero() && self.is_algebraic(*name) {
                    match least.iter_mut().find(|(known, _)| known == name) {
                        Some((_, known)) => *known = (*known).max(-*exponent),
                        None => least.push((*name, -*exponent)),
                    }
                }
            }
        }
        least.sort();
        Monomial(least)
    }

    /// Finds the square root of a perfect square with rational coefficients, by comparing terms from the largest.
    fn square_root(&mut self, square: &Polynomial) -> Option<Polynomial> {
        if square.0.len() < 3 || square.0.len() > 40 || self.is_constant_polynomial(square) {
            return None;
        }
        let plain = |name: &Name| matches!(self.generator(*name), Some(Generator::Variable(_)));
        if !square.names().iter().all(plain) {
            return None;
        }
        if !square.0.iter().all(|(monomial, _)| monomial.0.iter().all(|(_, exponent)| exponent.is_integer())) {
            return None;
        }
        let mut rest = square.clone();
        let mut root = Polynomial::zero();
        let mut lead: Option<(Monomial, Rational)> = None;
        for _ in 0..12 {
            let Some((monomial, number)) = leading(&rest) else { return Some(root) };
            let term = match &lead {
                None => {
                    let half = monomial.0.iter().map(|(name, exponent)| (*name, exponent / 2)).collect();
                    let number = exact_root(&number)?;
                    lead = Some((Monomial(half), number.clone()));
                    let (monomial, _) = lead.clone()?;
                    if !monomial.0.iter().all(|(_, exponent)| exponent.is_integer()) {
                        return None;
                    }
                    Polynomial::term(monomial, number)
                }
                Some((first, size)) => {
                    let below = self.inverse_term(&first.clone(), &(size * Rational::from(BigInt::from(2))))?;
                    self.multiply(&Polynomial::term(monomial, number), &below)?
                }
            };
            if term.0.iter().any(|(monomial, _)| monomial.0.iter().any(|(_, exponent)| exponent < &Exponent::zero())) {
                return None;
            }
            root = root.plus(term);
            let squared = self.multiply(&root, &root)?;
            rest = square.clone().plus(squared.negated());
        }
        None
    }

    /// Gives the absolute value.
    pub(super) fn absolute(&mut self, value: &Fraction) -> Option<Fraction> {
        if let Some(number) = value.rational() {
            return Some(Fraction::whole(Polynomial::constant(number.abs())));
        }
        if self.is_constant_fraction(value) {
            if self.has_imaginary(&value.above) || self.has_imaginary(&value.below) {
                let above = self.size_of_complex(&value.above)?;
                let below = self.size_of_complex(&value.below)?;
                let below = self.inverse(&below)?;
                return self.times(&above, &below);
            }
            let above = self.sign(&value.above)?;
            let below = self.sign(&value.below)?;
            let negative = (above == Sign::Minus) != (below == Sign::Minus);
            return Some(if negative {
                Fraction { above: value.above.clone().negated(), below: value.below.clone() }
            } else {
                value.clone()
            });
        }
        if let [(monomial, number)] = value.above.0.as_slice()
            && value.below.is_one()
        {
            let (monomial, number) = (monomial.clone(), number.abs());
            let mut size = Polynomial::constant(number);
            for (name, exponent) in monomial.0 {
                let part = if self.is_positive(name) || exponent.denom().is_even() {
                    Algebra::power_of(name, exponent)
                } else if exponent.is_integer() {
                    self.power_of_size(name, exponent)?
                } else {
                    return None;
                };
                size = self.multiply(&size, &part)?;
            }
            return Some(Fraction::whole(size));
        }
        let mut inside = value.clone();
        if inside.above.0.first().is_some_and(|(_, number)| number.is_negative()) {
            inside.above = inside.above.negated();
        }
        let (scale, primitive) = self.primitive(&inside.above)?;
        inside.above = primitive;
        let name = self.name(Generator::Call(Function::Absolute, vec![inside]));
        Some(Fraction::whole(Polynomial::term(Monomial::of(name, Exponent::one()), scale)))
    }

    fn size_of_complex(&mut self, value: &Polynomial) -> Option<Fraction> {
        let (real, imaginary) = self.parts(value)?;
        let (real, imaginary) = (self.multiply(&real, &real)?, self.multiply(&imaginary, &imaginary)?);
        self.root(2, &Fraction::whole(real.plus(imaginary)))
    }

    /// Gives the sign of a real constant, zero included; `None` where it cannot be told.
    pub(super) fn sign(&mut self, value: &Polynomial) -> Option<Sign> {
        if let Some(number) = value.rational() {
            return Some(number.numer().sign());
        }
        match self.is_zero(value) {
            Zero::Always => return Some(Sign::NoSign),
            Zero::Unknown => return None,
            Zero::Never | Zero::NotEverywhere => {}
        }
        for bits in [64, 192, 640, 2_000] {
            if let Some(sign) = self.bound_polynomial(value, bits).and_then(|bound| bound.sign()) {
                return Some(sign);
            }
        }
        None
    }
}

/// Gives the largest term by total degree, then by exponents.
fn leading(polynomial: &Polynomial) -> Option<(Monomial, Rational)> {
    let degree = |monomial: &Monomial| monomial.0.iter().map(|(_, exponent)| *exponent).sum::<Exponent>();
    polynomial
        .0
        .iter()
        .max_by(|one, other| degree(&one.0).cmp(&degree(&other.0)).then_with(|| lexicographic(&one.0, &other.0)))
        .cloned()
}

/// Compares two monomials by the exponent of the first generator, then of the next.
fn lexicographic(one: &Monomial, other: &Monomial) -> std::cmp::Ordering {
    let (mut ours, mut theirs) = (one.0.iter().peekable(), other.0.iter().peekable());
    loop {
        match (ours.peek(), theirs.peek()) {
            (None, None) => return std::cmp::Ordering::Equal,
            (Some(_), None) => return std::cmp::Ordering::Greater,
            (None, Some(_)) => return std::cmp::Ordering::Less,
            (Some((one, power)), Some((other, exponent))) => {
                let order = other.cmp(one).then(power.cmp(exponent));
                if order != std::cmp::Ordering::Equal {
                    return order;
                }
                ours.next();
                theirs.next();
            }
        }
    }
}

/// Gives the square root of a rational square.
fn exact_root(number: &Rational) -> Option<Rational> {
    if number.is_negative() {
        return None;
    }
    let (above, below) = (number.numer().sqrt(), number.denom().sqrt());
    (&above * &above == *number.numer() && &below * &below == *number.denom()).then(|| Rational::new(above, below))
}
