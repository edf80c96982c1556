//! Sums and products over whole numbers: finite ones term by term, sums of polynomials and of geometric terms in closed
//! form.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero as _};

use super::super::expression::{Expression, Series};
use super::super::number::Rational;
use super::polynomial::{Exponent, Fraction, Monomial, Name, Polynomial};
use super::{Algebra, Generator, Zero};

/// Most terms of a sum that is added up.
const MAX_TERMS: i64 = 400;

impl Algebra {
    pub(super) fn series(&mut self, series: &Series, sum: bool) -> Option<Fraction> {
        let from = self.build(&series.from)?;
        let to = match &series.to {
            Some(to) => Some(self.build(to)?),
            None => None,
        };
        let whole = |value: &Fraction| value.rational().filter(Rational::is_integer)?.numer().to_i64();
        if let (Some(first), Some(last)) = (whole(&from), to.as_ref().and_then(whole)) {
            if last.checked_sub(first)? >= MAX_TERMS || last < first - 1 {
                return None;
            }
            let mut total = Fraction::whole(if sum { Polynomial::zero() } else { Polynomial::one() });
            for at in first..=last {
                let term = self.build(&series.body.with(&series.index, &Expression::whole(at)))?;
                total = if sum { self.add(total, term)? } else { self.times(&total, &term)? };
            }
            return Some(total);
        }
        if !sum {
            return None;
        }
        let body = self.build(&series.body)?;
        let body = body.polynomial()?.clone();
        let index = self.name(Generator::Variable(series.index.clone()));
        match to {
            None => self.infinite(&body, index, whole(&from)?),
            Some(to) => {
                let below = Fraction::whole(Polynomial::constant(-Rational::one()));
                let before = self.add(from, below)?;
                let (upper, lower) = (self.sum_to(&body, index, &to)?, self.sum_to(&body, index, &before)?);
                let lower = Fraction { above: lower.above.negated(), below: lower.below };
                self.add(upper, lower)
            }
        }
    }

    /// Sums a polynomial of the index from 1 up to `last`.
    fn sum_to(&mut self, body: &Polynomial, index: Name, last: &Fraction) -> Option<Fraction> {
        let mut total = Fraction::whole(Polynomial::zero());
        for (monomial, number) in &body.0 {
            let (own, other): (Vec<_>, Vec<_>) = monomial.0.iter().copied().partition(|(name, _)| *name == index);
            if other.iter().any(|(name, _)| self.mentions(*name, index)) {
                return None;
            }
            let power = own.first().map_or(Exponent::zero(), |(_, exponent)| *exponent);
            if !power.is_integer() || power < Exponent::zero() || power > Exponent::from(12) {
                return None;
            }
            let power = self.power_sum(power.to_integer(), last)?;
            let factor = Fraction::whole(Polynomial::term(Monomial(other), number.clone()));
            let part = self.times(&factor, &power)?;
            total = self.add(total, part)?;
        }
        Some(total)
    }

    /// 1^k + … + n^k as a polynomial of n: from (n+1)^(k+1) - 1 = Σ_j C(k+1, j) S_j for j up to k.
    fn power_sum(&mut self, power: i64, last: &Fraction) -> Option<Fraction> {
        let mut sums: Vec<Fraction> = Vec::new();
        let one = Fraction::whole(Polynomial::one());
        let next = self.add(last.clone(), one)?;
        for order in 0..=power {
            let raised = self.rational_power(&next, &BigInt::from(order + 1).into())?;
            let minus = Fraction::whole(Polynomial::constant(-Rational::one()));
            let mut sum = self.add(raised, minus)?;
            let mut binomial = BigInt::one();
            for (lower, earlier) in (0..order).zip(sums.clone()) {
                let factor = Fraction::whole(Polynomial::constant((-&binomial).into()));
                let part = self.times(&factor, &earlier)?;
                sum = self.add(sum, part)?;
                binomial = binomial * (order + 1 - lower) / (lower + 1);
            }
            let share = Fraction::whole(Polynomial::constant(Rational::new(BigInt::one(), BigInt::from(order + 1))));
            sums.push(self.times(&sum, &share)?);
        }
        sums.pop()
    }

    /// Sums geometric terms c · r^index without end, where |r| < 1.
    fn infinite(&mut self, body: &Polynomial, index: Name, from: i64) -> Option<Fraction> {
        let mut total = Fraction::whole(Polynomial::zero());
        for (monomial, number) in &body.0 {
            let mut ratio = Fraction::whole(Polynomial::one());
            let mut rest: Vec<(Name, Exponent)> = Vec::new();
            for (name, exponent) in monomial.0.clone() {
                match self.generator(name)?.clone() {
                    Generator::Power(base, power) if power == Monomial::of(index, Exponent::one()) => {
                        let times = Rational::new((*exponent.numer()).into(), (*exponent.denom()).into());
                        let factor = self.rational_power(&base, &times)?;
                        ratio = self.times(&ratio, &factor)?;
                    }
                    _ if name == index || self.mentions(name, index) => return None,
                    _ => rest.push((name, exponent)),
                }
            }
            if !self.is_constant_fraction(&ratio) {
                return None;
            }
            let bound = self.bound_fraction(&ratio, 128)?;
            if bound.size() >= (BigInt::one() << 128_u32) || self.is_zero(&ratio.above) != Zero::Never {
                return None;
            }
            let first = self.rational_power(&ratio, &BigInt::from(from).into())?;
            let minus = Fraction { above: ratio.above.negated(), below: ratio.below };
            let below = self.add(Fraction::whole(Polynomial::one()), minus)?;
            let below = self.inverse(&below)?;
            let factor = Fraction::whole(Polynomial::term(Monomial(rest), number.clone()));
            let part = self.times(&first, &below)?;
            let part = self.times(&part, &factor)?;
            total = self.add(total, part)?;
        }
        Some(total)
    }

    /// Tells whether a variable stands in a generator, at any depth.
    fn mentions(&self, name: Name, variable: Name) -> bool {
        let mut seen: BTreeSet<Name> = BTreeSet::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            if name == variable {
                return true;
            }
            if !seen.insert(name) {
                continue;
            }
            match self.generator(name) {
                Some(Generator::Root(_, radicand)) => open.extend(radicand.names()),
                Some(Generator::Power(base, power)) => {
                    open.extend(base.above.names());
                    open.extend(base.below.names());
                    open.extend(power.0.iter().map(|(name, _)| *name));
                }
                Some(Generator::Call(_, arguments)) => {
                    open.extend(arguments.iter().flat_map(|argument| argument.above.names()));
                    open.extend(arguments.iter().flat_map(|argument| argument.below.names()));
                }
                _ => {}
            }
        }
        false
    }
}
