//! Functions of normal forms: angles, logarithms, factorials, and those of whole numbers.

use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_rational::Ratio;
use num_traits::{One, Signed, ToPrimitive, Zero as _};

use super::super::expression::Function;
use super::super::nesting::Nested;
use super::super::number::Rational;
use super::polynomial::{Exponent, Fraction, Monomial, Polynomial};
use super::power::small;
use super::{Algebra, Base, Generator, Zero, integer};

/// Largest denominator of a turn whose cosine is an exact number.
const MAX_TURN: i64 = 360;

/// Largest whole number whose factorial is multiplied out, and largest number of factors of a binomial.
const MAX_FACTORS: i64 = 600;

/// Largest number of factors of a binomial of something else than a whole number.
const MAX_TERM_FACTORS: i64 = 64;

impl Algebra {
    /// Applies a function to arguments in normal form.
    pub(super) fn apply(&mut self, function: Function, arguments: Vec<Fraction>) -> Option<Fraction> {
        let first = arguments.first()?;
        match function {
            Function::Sine => self.circular(first, true),
            Function::Cosine => self.circular(first, false),
            Function::Tangent => self.quotient(first, true, false),
            Function::Cotangent => self.quotient(first, false, true),
            Function::Secant => {
                let below = self.circular(first, false)?;
                self.inverse(&below)
            }
            Function::Cosecant => {
                let below = self.circular(first, true)?;
                self.inverse(&below)
            }
            Function::ArcSine | Function::ArcCosine | Function::ArcTangent => self.angle(function, first),
            Function::Natural => self.natural(first),
            Function::Logarithm => {
                let above = self.natural(first)?;
                match self.base {
                    Base::Euler => Some(above),
                    Base::Ten => {
                        let ten = Fraction::whole(Polynomial::constant(BigInt::from(10).into()));
                        let below = self.natural(&ten)?;
                        let below = self.inverse(&below)?;
                        self.times(&above, &below)
                    }
                }
            }
            Function::LogarithmTo => {
                let below = self.natural(first)?;
                let above = self.natural(arguments.get(1)?)?;
                let below = self.inverse(&below)?;
                self.times(&above, &below)
            }
            Function::Absolute => self.absolute(first),
            Function::Floor | Function::Ceiling => self.rounded(function, first),
            Function::Factorial => self.factorial(first),
            Function::Binomial => self.binomial(first, arguments.get(1)?),
            Function::Degree => Some(first.clone()),
            Function::GreatestDivisor | Function::LeastMultiple | Function::Maximum | Function::Minimum => {
                self.of_numbers(function, &arguments)
            }
        }
    }

    fn call(&mut self, function: Function, arguments: Vec<Fraction>) -> Fraction {
        let name = self.name(Generator::Call(function, arguments));
        Fraction::whole(Algebra::power_of(name, Exponent::one()))
    }

    fn quotient(&mut self, argument: &Fraction, above_sine: bool, below_sine: bool) -> Option<Fraction> {
        let above = self.circular(argument, above_sine)?;
        let below = self.circular(argument, below_sine)?;
        let below = self.inverse(&below)?;
        self.times(&above, &below)
    }

    /// Sine or cosine, with quarter turns and signs taken out.
    fn circular(&mut self, argument: &Fraction, sine: bool) -> Option<Fraction> {
        let Some(polynomial) = argument.polynomial().cloned() else {
            return Some(self.call(if sine { Function::Sine } else { Function::Cosine }, vec![argument.clone()]));
        };
        if self.has_imaginary(&polynomial) {
            return None;
        }
        let pi = self.name(Generator::Pi);
        let turn = Monomial::of(pi, Exponent::one());
        let mut rest = polynomial.clone();
        let mut turns = Exponent::zero();
        if let Some(place) = polynomial.0.iter().position(|(monomial, _)| *monomial == turn) {
            let (_, number) = rest.0.remove(place);
            turns = small(&number)?;
        }
        if rest.is_zero() {
            let value = if sine { self.sine_of_turn(turns)? } else { self.cosine_of_turn(turns)? };
            return Some(Fraction::whole(value));
        }
        // sin(x + k π/2) and cos(x + k π/2) by quarter turns; a sine is a cosine a quarter earlier.
        let quarters = (turns * 2).floor().to_integer();
        let left = turns - Exponent::new(quarters, 2);
        let mut inner =
            rest.plus(Polynomial::term(turn, Rational::new(BigInt::from(*left.numer()), BigInt::from(*left.denom()))));
        let quarter = (quarters - i64::from(sine)).rem_euclid(4);
        let (becomes_sine, mut negative) = match quarter {
            0 => (false, false),
            1 => (true, true),
            2 => (false, true),
            _ => (true, false),
        };
        if inner.0.first().is_some_and(|(_, number)| number.is_negative()) {
            inner = inner.negated();
            negative ^= becomes_sine;
        }
        let function = if becomes_sine { Function::Sine } else { Function::Cosine };
        let mut value = self.call(function, vec![Fraction::whole(inner)]);
        if negative {
            value.above = value.above.negated();
        }
        Some(value)
    }

    /// sin(π r).
    pub(super) fn sine_of_turn(&mut self, turn: Exponent) -> Option<Polynomial> {
        self.cosine_of_turn(Exponent::new(1, 2) - turn)
    }

    /// cos(π r), in roots where they are simple.
    pub(super) fn cosine_of_turn(&mut self, turn: Exponent) -> Option<Polynomial> {
        let two = Exponent::from(2);
        let mut turn = turn - (turn / two).floor() * two;
        if turn > Exponent::one() {
            turn = two - turn;
        }
        if turn > Exponent::new(1, 2) {
            return Some(self.cosine_of_turn(Exponent::one() - turn)?.negated());
        }
        let mut root = |whole: i64, share: i64, of: i64| {
            let number = Rational::from(BigInt::from(whole));
            let root = self.root_of_number(2, &number)?;
            Some(root.scaled(&Rational::new(BigInt::from(share), BigInt::from(of))))
        };
        match (*turn.numer(), *turn.denom()) {
            (0, _) => Some(Polynomial::one()),
            (1, 2) => Some(Polynomial::zero()),
            (1, 3) => root(1, 1, 2),
            (1, 4) => root(2, 1, 2),
            (1, 6) => root(3, 1, 2),
            (1, 5) => Some(root(5, 1, 4)?.plus(root(1, 1, 4)?)),
            (2, 5) => Some(root(5, 1, 4)?.plus(root(1, -1, 4)?)),
            (1, 12) => Some(root(6, 1, 4)?.plus(root(2, 1, 4)?)),
            (5, 12) => Some(root(6, 1, 4)?.plus(root(2, -1, 4)?)),
            (_, below) if below <= MAX_TURN => {
                let name = self.name(Generator::Cosine(turn));
                Some(Algebra::power_of(name, Exponent::one()).scaled(&Rational::new(BigInt::one(), BigInt::from(2))))
            }
            _ => None,
        }
    }

    /// The inverse functions of angles: exact where the angle is a simple part of a turn.
    fn angle(&mut self, function: Function, value: &Fraction) -> Option<Fraction> {
        if !self.is_constant_fraction(value) {
            return Some(self.call(function, vec![value.clone()]));
        }
        if self.has_imaginary(&value.above) || self.has_imaginary(&value.below) {
            return None;
        }
        for below in [1, 2, 3, 4, 6, 12, 5, 8, 10] {
            for above in -below..=below {
                let turn = Ratio::new(above, below);
                let half = Ratio::new(1, 2);
                let inside = match function {
                    Function::ArcCosine => above >= 0,
                    Function::ArcSine => turn >= -half && turn <= half,
                    _ => turn > -half && turn < half,
                };
                if *turn.denom() != below || !inside {
                    continue;
                }
                self.work.spend(4)?;
                let (sine, cosine) = (self.sine_of_turn(turn)?, self.cosine_of_turn(turn)?);
                // sin, cos or tan of the angle, against the value.
                let (above, under) = match function {
                    Function::ArcSine => (sine, Polynomial::one()),
                    Function::ArcCosine => (cosine, Polynomial::one()),
                    _ => (sine, cosine),
                };
                let left = self.multiply(&above, &value.below)?;
                let right = self.multiply(&under, &value.above)?;
                if self.is_zero(&left.plus(right.negated())) == Zero::Always {
                    let pi = self.name(Generator::Pi);
                    let share = Rational::new(BigInt::from(*turn.numer()), BigInt::from(*turn.denom()));
                    return Some(Fraction::whole(Polynomial::term(Monomial::of(pi, Exponent::one()), share)));
                }
            }
        }
        Some(self.call(function, vec![value.clone()]))
    }

    /// The natural logarithm of something that is taken to be positive.
    pub(super) fn natural(&mut self, value: &Fraction) -> Option<Fraction> {
        let constant = self.is_constant_fraction(value);
        if constant {
            if self.has_imaginary(&value.above) || self.has_imaginary(&value.below) {
                return None;
            }
            if self.sign(&value.above)? != self.sign(&value.below)? {
                return None;
            }
        }
        let Some(polynomial) = value.polynomial() else {
            return Some(self.call(Function::Natural, vec![value.clone()]));
        };
        let (scale, inner) = self.primitive(&polynomial.clone())?;
        let mut sum = Polynomial::zero();
        for (part, sign) in [(scale.numer().clone(), 1), (scale.denom().clone(), -1)] {
            for (base, prime, times) in integer::factors(&part, &mut self.work)? {
                let name = self.name(Generator::Logarithm(base, prime));
                let term = Polynomial::term(Monomial::of(name, Exponent::one()), BigInt::from(sign * times).into());
                sum = sum.plus(term);
            }
        }
        let [(monomial, number)] = inner.0.as_slice() else {
            let rest = self.call(Function::Natural, vec![Fraction::whole(inner)]);
            return Some(Fraction::whole(sum.plus(rest.polynomial()?.clone())));
        };
        let mut opaque: Vec<(super::Name, Exponent)> = Vec::new();
        for (name, exponent) in monomial.0.clone() {
            let times = Rational::new(BigInt::from(*exponent.numer()), BigInt::from(*exponent.denom()));
            let term = match self.generator(name)? {
                Generator::Euler => Polynomial::constant(times),
                Generator::Whole(base, prime) => {
                    let logarithm = Generator::Logarithm(base.clone(), *prime);
                    let logarithm = self.name(logarithm);
                    Polynomial::term(Monomial::of(logarithm, Exponent::one()), times)
                }
                Generator::Power(base, power) if self.is_positive(name) => {
                    let (base, power) = (base.clone(), power.clone());
                    let logarithm = self.deeper(|algebra| algebra.natural(&base))?.polynomial()?.clone();
                    self.multiply(&logarithm, &Polynomial::term(power, times))?
                }
                _ if self.is_positive(name) => {
                    let own = Fraction::whole(Algebra::power_of(name, Exponent::one()));
                    self.call(Function::Natural, vec![own]).polynomial()?.clone().scaled(&times)
                }
                _ => {
                    opaque.push((name, exponent));
                    continue;
                }
            };
            sum = sum.plus(term);
        }
        match (opaque.as_slice(), number.is_negative()) {
            ([], false) => {}
            ([], true) => return None,
            ([(name, exponent)], false) if exponent.is_integer() => {
                let times = Rational::from(BigInt::from(exponent.to_integer()));
                let mut own = Fraction::whole(Algebra::power_of(*name, Exponent::one()));
                if exponent.to_integer().is_even() {
                    own = self.absolute(&own)?;
                }
                sum = sum.plus(self.call(Function::Natural, vec![own]).polynomial()?.clone().scaled(&times));
            }
            _ => {
                let own = Polynomial::term(Monomial(opaque), number.clone());
                sum = sum.plus(self.call(Function::Natural, vec![Fraction::whole(own)]).polynomial()?.clone());
            }
        }
        Some(Fraction::whole(sum))
    }

    fn rounded(&mut self, function: Function, value: &Fraction) -> Option<Fraction> {
        let floor = |number: &Rational| if function == Function::Floor { number.floor() } else { number.ceil() };
        if let Some(number) = value.rational() {
            return Some(Fraction::whole(Polynomial::constant(floor(&number))));
        }
        if !self.is_constant_fraction(value) {
            return Some(self.call(function, vec![value.clone()]));
        }
        for bits in [64, 192, 640] {
            let Some(bound) = self.bound_fraction(value, bits) else { continue };
            let scale = BigInt::one() << bits;
            let (low, high) =
                (floor(&Rational::new(bound.low, scale.clone())), floor(&Rational::new(bound.high, scale)));
            if low == high {
                return Some(Fraction::whole(Polynomial::constant(low)));
            }
        }
        None
    }

    fn factorial(&mut self, value: &Fraction) -> Option<Fraction> {
        if let Some(number) = value.rational() {
            let times = number.is_integer().then(|| number.numer().to_i64())??;
            if !(0..=MAX_FACTORS).contains(&times) {
                return None;
            }
            let mut product = BigInt::one();
            for factor in 2..=times {
                self.work.spend(1 + product.bits() / 512)?;
                product *= factor;
            }
            return Some(Fraction::whole(Polynomial::constant(product.into())));
        }
        // (p + k)! = p! (p + 1) … (p + k).
        let polynomial = value.polynomial()?.clone();
        let constant = Polynomial::constant(
            polynomial
                .0
                .iter()
                .find(|(monomial, _)| monomial.is_one())
                .map_or_else(Rational::zero, |term| term.1.clone()),
        );
        let base = polynomial.plus(constant.clone().negated());
        let shift = constant.rational().filter(Rational::is_integer)?.numer().to_i64().filter(|k| k.abs() <= 20)?;
        let mut result = self.call(Function::Factorial, vec![Fraction::whole(base.clone())]);
        for step in if shift > 0 { 1..=shift } else { shift + 1..=0 } {
            let factor = base.clone().plus(Polynomial::constant(BigInt::from(step).into()));
            let factor = Fraction::whole(factor);
            let factor = if shift > 0 { factor } else { self.inverse(&factor)? };
            result = self.times(&result, &factor)?;
        }
        Some(result)
    }

    fn binomial(&mut self, whole: &Fraction, part: &Fraction) -> Option<Fraction> {
        let number = |value: &Fraction| value.rational().filter(Rational::is_integer);
        let Some(mut chosen) = number(part) else {
            let rest = Fraction { above: part.above.clone().negated(), below: part.below.clone() };
            let rest = self.add(whole.clone(), rest)?;
            let (above, one, other) = (self.factorial(whole)?, self.factorial(part)?, self.factorial(&rest)?);
            let below = self.times(&one, &other)?;
            let below = self.inverse(&below)?;
            return self.times(&above, &below);
        };
        let mut most = MAX_TERM_FACTORS;
        if let Some(from) = whole.rational() {
            most = MAX_FACTORS;
            if !from.is_integer() || from.is_negative() || chosen.is_negative() {
                return None;
            }
            if chosen > from {
                return Some(Fraction::whole(Polynomial::zero()));
            }
            let rest = &from - &chosen;
            chosen = chosen.min(rest);
        }
        let chosen = chosen.numer().to_i64().filter(|chosen| (0..=most).contains(chosen))?;
        let mut result = Fraction::whole(Polynomial::one());
        for step in 0..chosen {
            let less = Fraction::whole(Polynomial::constant(BigInt::from(-step).into()));
            let factor = self.add(whole.clone(), less)?;
            result = self.times(&result, &factor)?;
            let share = Rational::new(BigInt::one(), BigInt::from(step + 1));
            result.above = self.scale(result.above, &share)?;
        }
        Some(result)
    }

    fn of_numbers(&mut self, function: Function, arguments: &[Fraction]) -> Option<Fraction> {
        let mut numbers = Vec::new();
        for argument in arguments {
            numbers.push(argument.rational()?);
        }
        let value = match function {
            Function::Maximum => numbers.into_iter().max()?,
            Function::Minimum => numbers.into_iter().min()?,
            _ => {
                let mut joined: Option<BigInt> = None;
                for number in numbers {
                    if !number.is_integer() || number.numer().sign() == Sign::NoSign {
                        return None;
                    }
                    let number = number.numer().abs();
                    self.work.multiply(number.bits() * 8, number.bits())?;
                    joined = Some(match joined {
                        None => number,
                        Some(joined) if function == Function::GreatestDivisor => joined.gcd(&number),
                        Some(joined) => joined.lcm(&number),
                    });
                }
                joined?.into()
            }
        };
        Some(Fraction::whole(Polynomial::constant(value)))
    }
}
