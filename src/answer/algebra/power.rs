//! Powers: of anything to whole and rational exponents, of positive bases to exponents with variables, of e to iπ.

use num_bigint::Sign;
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Signed, ToPrimitive, Zero as _};

use super::super::number::Rational;
use super::polynomial::{Exponent, Fraction, Monomial, Polynomial, fitting};
use super::root::MAX_INDEX;
use super::{Algebra, Generator, MAX_EXPONENT, Zero, integer};

/// Reads a rational number as a small exponent.
pub(super) fn small(number: &Rational) -> Option<Exponent> {
    let (above, below) = (number.numer().to_i64()?, number.denom().to_i64()?);
    fitting(Ratio::new(above, below))
}

impl Algebra {
    pub(super) fn power(&mut self, base: &Fraction, exponent: &Fraction) -> Option<Fraction> {
        if let Some(number) = exponent.rational() {
            return self.rational_power(base, &number);
        }
        if self.is_zero(&base.above) != Zero::Never {
            return None;
        }
        if let Some(product) = self.logarithmic(base, exponent) {
            // b^x = e^(x ln b), where the logarithms of x go into it.
            let euler = self.name(Generator::Euler);
            return self.power(&Fraction::whole(Algebra::power_of(euler, Exponent::one())), &product);
        }
        let exponent = exponent.polynomial()?.clone();
        let mut result = Fraction::whole(Polynomial::one());
        for (monomial, number) in &exponent.0 {
            let part = if monomial.is_one() {
                self.rational_power(base, number)?
            } else {
                self.power_of_monomial(base, monomial, number)?
            };
            result = self.times(&result, &part)?;
        }
        Some(result)
    }

    /// Gives `exponent · ln base` for a positive rational base, where logarithms stand in the exponent.
    fn logarithmic(&mut self, base: &Fraction, exponent: &Fraction) -> Option<Fraction> {
        base.rational().filter(Signed::is_positive)?;
        let mut names = exponent.above.names();
        names.extend(exponent.below.names());
        names.iter().any(|name| matches!(self.generator(*name), Some(Generator::Logarithm(..)))).then_some(())?;
        let logarithm = self.natural(base)?;
        self.times(exponent, &logarithm)
    }

    pub(super) fn rational_power(&mut self, base: &Fraction, number: &Rational) -> Option<Fraction> {
        if number.is_zero() {
            // 0^0 has no value.
            return (self.is_zero(&base.above) == Zero::Never).then(|| Fraction::whole(Polynomial::one()));
        }
        if number.is_integer() {
            let times = number.numer().to_i64()?;
            return self.integer_power(base, times);
        }
        let index = number.denom().to_u32().filter(|index| *index <= MAX_INDEX)?;
        let times = number.numer().to_i64()?;
        if index.is_odd() && self.is_constant_fraction(base) {
            // The real root and the principal one differ for a negative base.
            let sign = |value: Option<Sign>| value.filter(|sign| *sign != Sign::Minus);
            if self.has_imaginary(&base.above) || self.has_imaginary(&base.below) {
                return None;
            }
            sign(self.sign(&base.above))?;
            sign(self.sign(&base.below))?;
        }
        let root = self.root(index, base)?;
        self.integer_power(&root, times)
    }

    fn integer_power(&mut self, base: &Fraction, times: i64) -> Option<Fraction> {
        if times == 1 {
            return Some(base.clone());
        }
        let base = if times < 0 { self.inverse(base)? } else { base.clone() };
        let times = i64::try_from(times.unsigned_abs()).ok()?;
        if base.above.0.len() > 1 && times > MAX_EXPONENT {
            return None;
        }
        // A power of one term grows in its number and its exponents alone.
        let bits = base.above.bits().max(base.below.bits());
        if bits.saturating_sub(1).checked_mul(u64::try_from(times).ok()?)? > super::MAX_BITS {
            return None;
        }
        let above = self.whole_power(&base.above, times)?;
        if base.below.is_one() {
            return Some(Fraction::whole(above));
        }
        let below = self.whole_power(&base.below, times)?;
        self.normal(above, below)
    }

    /// Raises to `number · monomial`.
    fn power_of_monomial(&mut self, base: &Fraction, monomial: &Monomial, number: &Rational) -> Option<Fraction> {
        let times = small(number)?;
        if let Some([(inner, coefficient)]) = base.polynomial().map(|base| base.0.as_slice()) {
            let (inner, coefficient) = (inner.clone(), coefficient.clone());
            let mut result = Polynomial::one();
            if coefficient.is_negative() {
                let minus = Fraction::whole(Polynomial::constant(-Rational::one()));
                times.is_integer().then_some(())?;
                let name = self.name(Generator::Power(Box::new(minus), monomial.clone()));
                result = Algebra::power_of(name, times);
            }
            for (part, sign) in [(coefficient.numer().abs(), 1), (coefficient.denom().clone(), -1)] {
                for (prime, _, often) in integer::factors(&part, &mut self.work)? {
                    let own = Fraction::whole(Polynomial::constant(Rational::from(prime)));
                    let name = self.name(Generator::Power(Box::new(own), monomial.clone()));
                    let factor = Algebra::power_of(name, fitting(times * Exponent::from(sign * often))?);
                    result = self.multiply(&result, &factor)?;
                }
            }
            for (name, exponent) in inner.0 {
                let factor = match self.generator(name)? {
                    Generator::Euler => self.exponential(monomial, &fitting(times * exponent)?)?,
                    Generator::Power(inner, own) => {
                        // (bᵐ)ⁿ = bᵐⁿ for a positive b.
                        let (inner, own) = (inner.clone(), own.clone());
                        if !self.is_positive(name) {
                            return None;
                        }
                        let joined = self.multiply(
                            &Polynomial::term(own, Rational::one()),
                            &Polynomial::term(monomial.clone(), Rational::one()),
                        )?;
                        let scale = fitting(times * exponent)?;
                        let exponent =
                            self.scale(joined, &Rational::new((*scale.numer()).into(), (*scale.denom()).into()))?;
                        let raised = self.power(&inner, &Fraction::whole(exponent))?;
                        raised.polynomial()?.clone()
                    }
                    Generator::Imaginary => return None,
                    Generator::Whole(base, _) => {
                        let own = Fraction::whole(Polynomial::constant(Rational::from(base.clone())));
                        let name = self.name(Generator::Power(Box::new(own), monomial.clone()));
                        Algebra::power_of(name, fitting(times * exponent)?)
                    }
                    _ => {
                        if !times.is_integer() && !self.is_positive(name) {
                            return None;
                        }
                        let own = Fraction::whole(Algebra::power_of(name, exponent));
                        let name = self.name(Generator::Power(Box::new(own), monomial.clone()));
                        Algebra::power_of(name, times)
                    }
                };
                result = self.multiply(&result, &factor)?;
            }
            return Some(Fraction::whole(result));
        }
        times.is_integer().then_some(())?;
        let name = self.name(Generator::Power(Box::new(base.clone()), monomial.clone()));
        Some(Fraction::whole(Algebra::power_of(name, times)))
    }

    /// e to the power of `times · monomial`.
    fn exponential(&mut self, monomial: &Monomial, times: &Exponent) -> Option<Polynomial> {
        let mut turns = 0;
        let mut whole = None;
        for (name, exponent) in &monomial.0 {
            match self.generator(*name)? {
                Generator::Imaginary => turns |= 1,
                Generator::Pi if exponent.is_one() => turns |= 2,
                Generator::Logarithm(base, prime) if exponent.is_one() && monomial.0.len() == 1 => {
                    whole = Some((base.clone(), *prime));
                }
                _ => turns |= 4,
            }
        }
        if let Some((base, prime)) = whole {
            return self.power_of_whole(base, prime, *times);
        }
        if turns == 3 {
            let (real, imaginary) = (self.cosine_of_turn(*times)?, self.sine_of_turn(*times)?);
            let unit = self.name(Generator::Imaginary);
            let imaginary = self.multiply(&imaginary, &Algebra::power_of(unit, Exponent::one()))?;
            return Some(real.plus(imaginary));
        }
        let euler = self.name(Generator::Euler);
        let base = Fraction::whole(Algebra::power_of(euler, Exponent::one()));
        let imaginary = turns & 1 == 1;
        if imaginary && !times.is_integer() {
            return None;
        }
        let name = self.name(Generator::Power(Box::new(base), monomial.clone()));
        Some(Algebra::power_of(name, *times))
    }
}
