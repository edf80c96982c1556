//! Whether a normal form is zero: by independence of its generators, by a separation bound for algebraic numbers, or by
//! certified bounds.
//!
//! An algebraic integer that is not zero has a norm of at least 1. With D bounding its degree and u the size of each of
//! its conjugates, it is therefore at least u^-(D-1) from zero: bounds closer than that prove that it is zero.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, ToPrimitive, Zero as _};

use super::super::expression::Function;
use super::super::interval::{Fixed, Interval};
use super::super::nesting::Nested;
use super::super::number::Rational;
use super::polynomial::{Fraction, Monomial, Name, Polynomial};
use super::{Algebra, Generator};

/// What is known of a value's being zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Zero {
    /// It is zero wherever it is defined.
    Always,
    /// A constant that is not zero, or a function that is zero on no open set.
    Never,
    /// A function that is not zero at one point at least.
    NotEverywhere,
    Unknown,
}

/// Most bits that a separation bound may ask for.
const MAX_SEPARATION: f64 = 6_000.0;

/// Points that a function is looked at for being not zero everywhere, as numerators over 16.
const POINTS: [i64; 3] = [27, 11, 154];

impl Algebra {
    /// Tells whether a polynomial is zero. Over budget it is unknown.
    pub(super) fn zero_of(&mut self, polynomial: &Polynomial) -> Zero {
        self.deeper(|algebra| algebra.judge(polynomial)).unwrap_or(Zero::Unknown)
    }

    /// Tells whether a polynomial is zero; what is not zero at one point counts as never zero.
    pub(super) fn is_zero(&mut self, polynomial: &Polynomial) -> Zero {
        match self.zero_of(polynomial) {
            Zero::NotEverywhere => Zero::Never,
            other => other,
        }
    }

    fn judge(&mut self, polynomial: &Polynomial) -> Option<Zero> {
        if polynomial.is_zero() {
            return Some(Zero::Always);
        }
        if polynomial.rational().is_some() {
            return Some(Zero::Never);
        }
        self.work.spend(1 + u64::try_from(polynomial.0.len()).ok()? / 4)?;
        let mut groups: Vec<(Monomial, Vec<(Monomial, Rational)>)> = Vec::new();
        let mut sorted: Vec<(Monomial, Monomial, Rational)> = Vec::new();
        for (monomial, number) in &polynomial.0 {
            let (algebraic, free): (Vec<_>, Vec<_>) =
                monomial.0.iter().copied().partition(|(name, _)| self.is_algebraic(*name));
            sorted.push((Monomial(free), Monomial(algebraic), number.clone()));
        }
        sorted.sort();
        for (free, algebraic, number) in sorted {
            match groups.last_mut() {
                Some((last, terms)) if *last == free => terms.push((algebraic, number)),
                _ => groups.push((free, vec![(algebraic, number)])),
            }
        }
        let (mut zero, mut surely) = (true, false);
        let mut kept: Vec<Monomial> = Vec::new();
        for (free, terms) in groups {
            match self.algebraic_zero(&Polynomial(terms)) {
                Zero::Always => {}
                Zero::Never | Zero::NotEverywhere => {
                    zero = false;
                    surely = true;
                    kept.push(free);
                }
                Zero::Unknown => {
                    zero = false;
                    kept.push(free);
                }
            }
        }
        if zero {
            return Some(Zero::Always);
        }
        if surely && self.is_independent(&kept) {
            return Some(Zero::Never);
        }
        if self.is_constant_polynomial(polynomial) {
            return Some(if self.is_bounded_away(polynomial) { Zero::Never } else { Zero::Unknown });
        }
        Some(if self.is_somewhere(polynomial) { Zero::NotEverywhere } else { Zero::Unknown })
    }

    /// Tells whether monomials are linearly independent over the algebraic numbers, as functions of the variables.
    ///
    /// Powers of variables are, also together with powers of one transcendental number: π, e, or one logarithm
    /// (Lindemann). So are 1 and the logarithms of primes (Baker).
    fn is_independent(&self, monomials: &[Monomial]) -> bool {
        let mut constant: Option<Name> = None;
        let (mut one, mut linear) = (true, true);
        for (name, exponent) in monomials.iter().flat_map(|monomial| monomial.0.iter()) {
            match self.generator(*name) {
                Some(Generator::Variable(_)) => continue,
                // Exponentials of different products of variables are independent of these and of each other (Ax).
                Some(Generator::Power(base, exponent)) if self.is_exponential(base, exponent) => continue,
                Some(Generator::Pi | Generator::Euler) => linear = false,
                // n! outgrows every power that polynomials could write it as.
                Some(Generator::Call(Function::Factorial, arguments)) if self.is_variable(arguments) => linear = false,
                Some(Generator::Logarithm(_, prime)) => linear &= *prime && exponent.is_one(),
                _ => return false,
            }
            one &= constant.is_none_or(|constant| constant == *name);
            constant = Some(*name);
        }
        let single = |monomial: &Monomial| {
            monomial.0.iter().filter(|(name, _)| !matches!(self.generator(*name), Some(Generator::Variable(_)))).count()
                <= 1
        };
        one || linear && monomials.iter().all(single)
    }

    /// Tells whether a power is e to a product of variables, with or without the imaginary unit.
    fn is_exponential(&self, base: &Fraction, exponent: &Monomial) -> bool {
        let euler = match base.polynomial().map(|base| base.0.as_slice()) {
            Some([(monomial, number)]) => match monomial.0.as_slice() {
                [(name, power)] => {
                    number.is_one() && power.is_one() && matches!(self.generator(*name), Some(Generator::Euler))
                }
                _ => false,
            },
            _ => false,
        };
        let (mut variables, mut others) = (0, 0);
        for (name, power) in &exponent.0 {
            match self.generator(*name) {
                Some(Generator::Variable(_)) if power.is_integer() => variables += 1,
                Some(Generator::Imaginary) => {}
                _ => others += 1,
            }
        }
        euler && variables > 0 && others == 0
    }

    fn is_variable(&self, arguments: &[Fraction]) -> bool {
        let [argument] = arguments else { return false };
        let Some([(monomial, number)]) = argument.polynomial().map(|polynomial| polynomial.0.as_slice()) else {
            return false;
        };
        let [(name, exponent)] = monomial.0.as_slice() else { return false };
        number.is_one() && exponent.is_one() && matches!(self.generator(*name), Some(Generator::Variable(_)))
    }

    /// Decides whether an algebraic number is zero.
    fn algebraic_zero(&mut self, number: &Polynomial) -> Zero {
        if number.is_zero() {
            return Zero::Always;
        }
        let names = number.names();
        let plain = names
            .iter()
            .all(|name| matches!(self.generator(*name), Some(Generator::Imaginary | Generator::Whole(_, true))));
        // Products of roots of primes are independent over the rational numbers (Besicovitch).
        if plain || number.0.len() == 1 {
            return Zero::Never;
        }
        self.separated(number).unwrap_or(Zero::Unknown)
    }

    /// Decides by the separation bound.
    fn separated(&mut self, number: &Polynomial) -> Option<Zero> {
        let clear = self.clearing(number);
        let mut whole = number.clone();
        if !clear.is_one() {
            whole = self.multiply(&whole, &Polynomial::term(clear, Rational::one()))?;
        }
        let (_, whole) = self.primitive(&whole)?;
        let mut degrees: Vec<(Name, i64)> = Vec::new();
        let size = self.conjugates(&whole, &mut degrees, &mut HashMap::new())?;
        let mut degree = 1.0_f64;
        for (name, parts) in &degrees {
            let own = match self.generator(*name)? {
                Generator::Imaginary => 2,
                Generator::Root(index, _) => i64::from(*index),
                Generator::Cosine(turn) => *turn.denom(),
                _ => 1,
            };
            degree *= own.checked_mul(*parts)?.to_f64()?;
        }
        // A hundredth more than computed outweighs the rounding of the logarithms.
        let separation = (degree - 1.0) * size * 1.01 + 2.0;
        let (real, imaginary) = self.parts(&whole)?;
        let mut bits = 64_u32;
        loop {
            let reach = separation.min(MAX_SEPARATION).to_u32()?;
            let bounds = [&real, &imaginary].map(|part| self.bound_polynomial(part, bits));
            if bounds.iter().flatten().any(Interval::excludes_zero) {
                return Some(Zero::Never);
            }
            if let [Some(one), Some(other)] = &bounds
                && separation <= MAX_SEPARATION
                && bits > reach
            {
                let close = BigInt::one() << (bits - reach - 1);
                if one.size() < close && other.size() < close {
                    return Some(Zero::Always);
                }
            }
            if bits > reach.saturating_add(600) {
                return Some(Zero::Unknown);
            }
            // Small separations are reached at once; large ones are worth a look with few bits first.
            bits = if bits >= 192 || reach < 400 { (reach + 48).max(bits * 2) } else { 192 };
            self.work.spend(u64::from(bits) / 16)?;
        }
    }

    /// Gives the binary logarithm of a bound of all conjugates, and the generators below with how far their roots are
    /// taken.
    fn conjugates(
        &mut self,
        number: &Polynomial,
        degrees: &mut Vec<(Name, i64)>,
        known_roots: &mut HashMap<Name, f64>,
    ) -> Option<f64> {
        let mut sizes: Vec<f64> = Vec::new();
        for (monomial, coefficient) in &number.0 {
            let mut size = coefficient.numer().bits().to_f64()?;
            for (name, exponent) in &monomial.0 {
                let known = degrees.iter().position(|(known, _)| known == name);
                match known.and_then(|place| degrees.get_mut(place)) {
                    Some((_, parts)) if *parts < 1 << 20 => *parts = parts.lcm(exponent.denom()),
                    Some(_) => return None,
                    None => degrees.push((*name, *exponent.denom())),
                }
                let own = match self.generator(*name)?.clone() {
                    Generator::Imaginary => 0.0,
                    Generator::Whole(base, _) => base.bits().to_f64()?,
                    Generator::Cosine(_) => 1.0,
                    Generator::Root(index, radicand) => match known_roots.get(name) {
                        Some(size) => *size,
                        None => {
                            self.work.spend(1)?;
                            let inner = self.deeper(|algebra| algebra.conjugates(&radicand, degrees, known_roots))?;
                            let size = inner / f64::from(index);
                            known_roots.insert(*name, size);
                            size
                        }
                    },
                    _ => return None,
                };
                size += own.max(0.0) * (exponent.numer().to_f64()? / exponent.denom().to_f64()?);
            }
            sizes.push(size);
        }
        let largest = sizes.iter().copied().fold(0.0, f64::max);
        Some(largest + sizes.len().to_f64()?.log2().ceil())
    }

    fn is_bounded_away(&mut self, polynomial: &Polynomial) -> bool {
        let parts = match self.parts(polynomial) {
            Some((real, imaginary)) => [real, imaginary],
            None => return false,
        };
        [64, 192, 640].into_iter().any(|bits| {
            parts.iter().any(|part| self.bound_polynomial(part, bits).is_some_and(|bound| bound.excludes_zero()))
        })
    }

    /// Tells whether a function is surely not zero at one of a few points.
    fn is_somewhere(&mut self, polynomial: &Polynomial) -> bool {
        let Some((real, imaginary)) = self.parts(polynomial) else { return false };
        POINTS.into_iter().any(|point| {
            self.point = point;
            [&real, &imaginary]
                .into_iter()
                .any(|part| self.bound_polynomial(part, 96).is_some_and(|bound| bound.excludes_zero()))
        })
    }

    pub(super) fn bound_fraction(&mut self, fraction: &Fraction, bits: u32) -> Option<Interval> {
        let above = self.bound_polynomial(&fraction.above, bits)?;
        if fraction.below.is_one() {
            return Some(above);
        }
        let below = self.bound_polynomial(&fraction.below, bits)?;
        Fixed { bits, work: &mut self.work }.divided(&above, &below)
    }

    /// Bounds a real polynomial; variables have the values of the point that is looked at.
    pub(super) fn bound_polynomial(&mut self, polynomial: &Polynomial, bits: u32) -> Option<Interval> {
        let mut sum = Interval { low: BigInt::zero(), high: BigInt::zero() };
        for (monomial, number) in &polynomial.0 {
            let term = self.bound_monomial(monomial, bits)?;
            let mut fixed = Fixed { bits, work: &mut self.work };
            let number = fixed.rational(number)?;
            sum = sum.plus(&fixed.times(&term, &number)?);
        }
        Some(sum)
    }

    fn bound_monomial(&mut self, monomial: &Monomial, bits: u32) -> Option<Interval> {
        let mut product = Fixed { bits, work: &mut self.work }.whole(1);
        for (name, exponent) in &monomial.0 {
            let mut bound = self.bound(*name, bits)?;
            let mut fixed = Fixed { bits, work: &mut self.work };
            let index = u32::try_from(*exponent.denom()).ok()?;
            if index > 1 {
                let negative = bound.high < BigInt::zero() && index.is_odd();
                let size = if negative { bound.negated() } else { bound };
                bound = fixed.root(&size, index)?;
                if negative {
                    bound = bound.negated();
                }
            }
            if exponent.numer().unsigned_abs() > 4_096 {
                return None;
            }
            let power = fixed.power(&bound, *exponent.numer())?;
            product = fixed.times(&product, &power)?;
        }
        Some(product)
    }

    /// Bounds a real generator.
    pub(super) fn bound(&mut self, name: Name, bits: u32) -> Option<Interval> {
        let constant = self.is_constant(name);
        if constant && let Some(known) = self.bounds.get(&(name, bits)) {
            return known.clone();
        }
        let found = self.deeper(|algebra| algebra.bound_anew(name, bits));
        if constant {
            self.bounds.insert((name, bits), found.clone());
        }
        found
    }

    fn bound_anew(&mut self, name: Name, bits: u32) -> Option<Interval> {
        self.work.spend(1)?;
        let generator = self.generator(name)?.clone();
        match generator {
            Generator::Imaginary => None,
            Generator::Pi => Fixed { bits, work: &mut self.work }.pi(),
            Generator::Euler => {
                let mut fixed = Fixed { bits, work: &mut self.work };
                let one = fixed.whole(1);
                fixed.exponential(&one)
            }
            Generator::Whole(base, _) => Fixed { bits, work: &mut self.work }.rational(&base.into()),
            Generator::Logarithm(base, _) => {
                let mut fixed = Fixed { bits, work: &mut self.work };
                let base = fixed.rational(&base.into())?;
                fixed.logarithm(&base)
            }
            Generator::Cosine(turn) => {
                let mut fixed = Fixed { bits, work: &mut self.work };
                let turn = fixed.rational(&Rational::new((*turn.numer()).into(), (*turn.denom()).into()))?;
                let pi = fixed.pi()?;
                let angle = fixed.times(&pi, &turn)?;
                let cosine = fixed.circular(&angle, false)?;
                Some(cosine.plus(&cosine))
            }
            Generator::Root(index, radicand) => {
                let inner = self.bound_polynomial(&radicand, bits)?;
                let mut fixed = Fixed { bits, work: &mut self.work };
                if index.is_odd() && inner.high < BigInt::zero() {
                    return Some(fixed.root(&inner.negated(), index)?.negated());
                }
                // A radicand that touches zero is taken from zero on: it was shown to be positive, or is real by rule.
                let inner = Interval { low: inner.low.max(BigInt::zero()), high: inner.high };
                if inner.high < BigInt::zero() { None } else { fixed.root(&inner, index) }
            }
            Generator::Variable(name) => {
                // Different variables get different values, whatever their number.
                let own = name.bytes().fold(7_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 97);
                let value = Rational::new(BigInt::from(self.point * 97 + own), BigInt::from(16 * 97));
                Fixed { bits, work: &mut self.work }.rational(&value)
            }
            Generator::Power(base, exponent) => {
                let base = self.bound_fraction(&base, bits)?;
                let exponent = self.bound_monomial(&exponent, bits)?;
                let mut fixed = Fixed { bits, work: &mut self.work };
                let logarithm = fixed.logarithm(&base)?;
                let product = fixed.times(&logarithm, &exponent)?;
                fixed.exponential(&product)
            }
            Generator::Call(function, arguments) => self.bound_call(function, &arguments, bits),
        }
    }

    fn bound_call(&mut self, function: Function, arguments: &[Fraction], bits: u32) -> Option<Interval> {
        let argument = self.bound_fraction(arguments.first()?, bits)?;
        let mut fixed = Fixed { bits, work: &mut self.work };
        match function {
            Function::Sine => fixed.circular(&argument, true),
            Function::Cosine => fixed.circular(&argument, false),
            Function::ArcTangent => fixed.inverse_tangent(&argument),
            Function::ArcSine => fixed.inverse_sine(&argument),
            Function::ArcCosine => {
                let sine = fixed.inverse_sine(&argument)?;
                let pi = fixed.pi()?;
                Some(pi.halved(1).minus(&sine))
            }
            Function::Natural => fixed.logarithm(&argument),
            Function::Absolute => Some(argument.absolute()),
            _ => None,
        }
    }
}
