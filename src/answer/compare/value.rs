//! Two values: equal by their normal forms, different by a difference that is surely not zero, or at a point.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive};

use super::super::algebra::{Algebra, Base, Fraction, Zero, in_radians, is_angular, positive_variables};
use super::super::equal::Equality;
use super::super::expression::{Constant, Expression, Function};
use super::super::number::Rational;
use super::super::sample::Point;
use super::{Judge, both};
use crate::verdict::DecidedBy;

/// Sixteenths that variables are near, where two functions are looked at; the negative ones only where no even root and
/// no logarithm says that variables are positive.
const POINTS: [i64; 8] = [29, 7, 3, 90, 460, 4_000, -29, -7];

impl Judge<'_> {
    pub(super) fn values(&mut self, one: &Expression, other: &Expression) -> Equality {
        if one.has_plus_minus() || other.has_plus_minus() {
            return self.same(&both(one), &both(other));
        }
        if let (Expression::Number(one), Expression::Number(other)) = (one, other) {
            return if one == other {
                Equality::Equal(DecidedBy::Exact)
            } else {
                Equality::Different(DecidedBy::Exact)
            };
        }
        let degree = |part: &Expression| matches!(part, Expression::Call(Function::Degree, _));
        let (left, right) = (one.any(&degree), other.any(&degree));
        if left != right {
            // 45° is as well π/4.
            let verdict = self.values_of_any_base(one, other);
            let angle = if left {
                self.values_of_any_base(&in_radians(one), other)
            } else {
                self.values_of_any_base(one, &in_radians(other))
            };
            return match (verdict, angle) {
                (Equality::Different(_), Equality::Different(rule)) => Equality::Different(rule),
                (Equality::Different(_), _) => Equality::Undecided,
                (verdict, _) => verdict,
            };
        }
        self.values_of_any_base(one, other)
    }

    fn values_of_any_base(&mut self, one: &Expression, other: &Expression) -> Equality {
        let logarithm = |part: &Expression| {
            matches!(part, Expression::Call(Function::Logarithm | Function::Natural | Function::LogarithmTo, _))
        };
        let plain_logarithm = |part: &Expression| matches!(part, Expression::Call(Function::Logarithm, _));
        if !one.any(&plain_logarithm) && !other.any(&plain_logarithm) {
            return self.values_to(one, other, Base::Ten);
        }
        // Nobody said which base is meant: the verdict must not depend on it.
        match (self.values_to(one, other, Base::Ten), self.values_to(one, other, Base::Euler)) {
            (Equality::Equal(rule), Equality::Equal(_)) => Equality::Equal(rule),
            (Equality::Different(rule), Equality::Different(_)) => Equality::Different(rule),
            // A value without logarithms comes out exactly in the base that was meant.
            (Equality::Equal(rule), Equality::Different(_)) if !one.any(&logarithm) || !other.any(&logarithm) => {
                Equality::Equal(rule)
            }
            _ => Equality::Undecided,
        }
    }

    fn values_to(&mut self, one: &Expression, other: &Expression, base: Base) -> Equality {
        let mut positive = BTreeSet::new();
        positive_variables(one, &mut positive);
        positive_variables(other, &mut positive);
        let mut algebra = Algebra::new(self.work.clone(), positive, base);
        let built = algebra.build(one).zip(algebra.build(other));
        let zero = built.as_ref().and_then(|(left, right)| {
            let difference = algebra.difference(left, right)?;
            Some(algebra.zero(&difference))
        });
        let letters = built.as_ref().is_some_and(|(left, right)| algebra.may_be_unit(left, right));
        let exact = built.as_ref().is_some_and(|(left, right)| algebra.are_numbers(left, right));
        let rule = if exact { DecidedBy::Exact } else { DecidedBy::Symbolic };
        *self.work = algebra.work.clone();
        match zero {
            Some(Zero::Always) if self.is_defined(one, other, base) => Equality::Equal(rule),
            Some(Zero::Always) => Equality::Undecided,
            _ if letters || differ_by_case(one, other) || differ_by_counter(one, other) => Equality::Undecided,
            Some(Zero::Never) => Equality::Different(rule),
            Some(Zero::NotEverywhere | Zero::Unknown) | None => match self.sampled(one, other, base) {
                Equality::Undecided => self.by_exponentials(one, other, base),
                verdict => verdict,
            },
        }
    }

    /// Looks for equality by the angles' exponentials, in which sums and multiples of angles come apart.
    fn by_exponentials(&mut self, one: &Expression, other: &Expression, base: Base) -> Equality {
        let angle = |part: &Expression| {
            matches!(part, Expression::Call(function, _) if is_angular(*function))
                && part.any(&|inner| matches!(inner, Expression::Variable(_)))
        };
        let counted = |part: &Expression| matches!(part, Expression::Series(..));
        if !(one.any(&angle) || other.any(&angle)) || one.any(&counted) || other.any(&counted) {
            return Equality::Undecided;
        }
        let (one, other) = (&in_radians(one), &in_radians(other));
        let cut = shares(one, false).zip(shares(other, false)).map(|(left, right)| left.lcm(&right));
        let Some(cut) = cut.filter(|cut| *cut <= MAX_SHARES).and_then(|cut| i64::try_from(cut).ok()) else {
            return Equality::Undecided;
        };
        let Some((left, right)) = in_exponentials(one, cut).zip(in_exponentials(other, cut)) else {
            return Equality::Undecided;
        };
        let mut algebra = Algebra::new(self.work.clone(), BTreeSet::new(), base);
        let zero = algebra.build(&left).zip(algebra.build(&right)).and_then(|(left, right)| {
            let difference = algebra.difference(&left, &right)?;
            Some(algebra.zero(&difference))
        });
        *self.work = algebra.work.clone();
        if zero == Some(Zero::Always) && self.is_defined(one, other, base) {
            Equality::Equal(DecidedBy::Symbolic)
        } else {
            Equality::Undecided
        }
    }

    /// Tells whether both are surely defined at one point at least; where nothing can be undefined on an open set, always.
    fn is_defined(&mut self, one: &Expression, other: &Expression, base: Base) -> bool {
        let (names, limited) = (names(one, other), is_limited(one) || is_limited(other));
        if names.is_empty() || !limited {
            return true;
        }
        POINTS.into_iter().any(|point| {
            let (left, right) = self.at(one, other, &names, point, base, 96);
            left.is_some() && right.is_some()
        })
    }

    /// Looks for a point where both are defined and surely differ.
    fn sampled(&mut self, one: &Expression, other: &Expression, base: Base) -> Equality {
        let names = names(one, other);
        let limited = is_limited(one) || is_limited(other);
        if names.is_empty() {
            for bits in [64, 192, 640] {
                if let (Some(left), Some(right)) = self.at(one, other, &names, 0, base, bits)
                    && left.separated(&right)
                {
                    return Equality::Different(DecidedBy::NumericExact);
                }
            }
            return Equality::Undecided;
        }
        for point in POINTS.into_iter().filter(|point| *point > 0 || !limited) {
            if let (Some(left), Some(right)) = self.at(one, other, &names, point, base, 128)
                && left.separated(&right)
            {
                return Equality::Different(DecidedBy::NumericExact);
            }
        }
        Equality::Undecided
    }

    fn at(
        &mut self,
        one: &Expression,
        other: &Expression,
        names: &BTreeSet<String>,
        point: i64,
        base: Base,
        bits: u32,
    ) -> (Option<super::super::sample::Bounds>, Option<super::super::sample::Bounds>) {
        let values: BTreeMap<String, Rational> = names
            .iter()
            .zip(1_i64..)
            .map(|(name, place)| {
                // No two variables have values with a simple relation; at half of the points the first is the largest.
                let apart = if point % 2 == 0 { -place * place } else { place * place };
                let value = Rational::new(BigInt::from(point * 997 + apart * 61), BigInt::from(16 * 997));
                (name.clone(), value)
            })
            .collect();
        let mut point = Point::new(values, base, bits, self.work);
        let left = point.value(one);
        (left, point.value(other))
    }
}

/// Most parts that a variable of an angle is cut into.
const MAX_SHARES: u64 = 12;

/// Gives the least number of which each share of a variable in an angle is a whole part; `None` where that is large.
fn shares(value: &Expression, within: bool) -> Option<u64> {
    let own = match value {
        Expression::Number(value) if within => value.denom().to_u64()?,
        Expression::Quotient(_, below) if within => match below.as_ref() {
            Expression::Number(below) => below.numer().abs().to_u64()?,
            _ => 1,
        },
        _ => 1,
    };
    let within = within || matches!(value, Expression::Call(function, _) if is_angular(*function));
    let all = value.parts().into_iter().try_fold(own, |all, part| Some(all.lcm(&shares(part, within)?)))?;
    (all <= MAX_SHARES).then_some(all)
}

/// Writes angles with variables as exponentials. Each variable becomes `shares` of it, which changes no identity and leaves
/// no half or third of an angle.
fn in_exponentials(value: &Expression, shares: i64) -> Option<Expression> {
    let multiplied = |part: &Expression| match part {
        Expression::Variable(_) => Some(Expression::Product(vec![Expression::whole(shares), part.clone()])),
        _ => None,
    };
    let angular = |part: &Expression| matches!(part, Expression::Call(function, _) if is_angular(*function));
    let nested = |part: &Expression| angular(part) && part.parts().into_iter().any(|inner| inner.any(&angular));
    (!value.any(&nested)).then(|| value.map(&multiplied).map(&exponential))
}

/// Writes a function of an angle with variables by e^(iθ).
fn exponential(part: &Expression) -> Option<Expression> {
    let Expression::Call(function, arguments) = part else { return None };
    let [angle] = arguments.as_slice() else { return None };
    if !is_angular(*function) || !angle.any(&|inner| matches!(inner, Expression::Variable(_))) {
        return None;
    }
    let unit = || Expression::Constant(Constant::Imaginary);
    let turned = |times: i64| {
        let exponent = Expression::Product(vec![Expression::whole(times), unit(), angle.clone()]);
        Expression::Power(Box::new(Expression::Constant(Constant::Euler)), Box::new(exponent))
    };
    let sum = |one: Expression, other: Expression| Expression::Sum(vec![one, other]);
    let one = || Expression::whole(1);
    let (above, below) = match function {
        Function::Cosine => (sum(turned(1), turned(-1)), Expression::whole(2)),
        Function::Sine => {
            (Expression::Product(vec![unit(), sum(turned(-1), turned(1).negated())]), Expression::whole(2))
        }
        Function::Tangent => {
            (Expression::Product(vec![unit(), sum(one(), turned(2).negated())]), sum(turned(2), one()))
        }
        Function::Cotangent => {
            (Expression::Product(vec![unit(), sum(turned(2), one())]), sum(turned(2), Expression::whole(-1)))
        }
        Function::Secant => (Expression::Product(vec![Expression::whole(2), turned(1)]), sum(turned(2), one())),
        _ => {
            (Expression::Product(vec![Expression::whole(2), unit(), turned(1)]), sum(turned(2), Expression::whole(-1)))
        }
    };
    Some(Expression::Quotient(Box::new(above), Box::new(below)))
}

fn names(one: &Expression, other: &Expression) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    one.variables(&mut names);
    other.variables(&mut names);
    names
}

/// Tells whether variables stand where only some values are defined.
fn is_limited(expression: &Expression) -> bool {
    let variable = |part: &Expression| part.any(&|inner| matches!(inner, Expression::Variable(_)));
    expression.any(&|part| match part {
        Expression::Root(..) => variable(part),
        Expression::Power(base, exponent) => {
            let whole = matches!(exponent.as_ref(), Expression::Number(value) if value.is_integer());
            !whole && (variable(base) || variable(exponent))
        }
        Expression::Call(function, _) => {
            let everywhere = [
                Function::Sine,
                Function::Cosine,
                Function::Absolute,
                Function::Degree,
                Function::Factorial,
                Function::Binomial,
                Function::Floor,
                Function::Ceiling,
            ];
            !everywhere.contains(function) && variable(part)
        }
        _ => false,
    })
}

/// Tells whether two values have the same variables but for their case.
pub(super) fn differ_by_case(one: &Expression, other: &Expression) -> bool {
    let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
    one.variables(&mut left);
    other.variables(&mut right);
    let lower =
        |names: &BTreeSet<String>| -> BTreeSet<String> { names.iter().map(|name| name.to_lowercase()).collect() };
    left != right && lower(&left) == lower(&right)
}

/// Tells whether two values in parts of a turn have the same variables but for the one that counts the turns.
fn differ_by_counter(one: &Expression, other: &Expression) -> bool {
    let pi = |part: &Expression| *part == Expression::Constant(Constant::Pi);
    if !one.any(&pi) || !other.any(&pi) {
        return false;
    }
    let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
    one.variables(&mut left);
    other.variables(&mut right);
    let counts = |names: &[&String]| matches!(names, [name] if ["j", "k", "l", "m", "n"].contains(&name.as_str()));
    let alone = |one: &BTreeSet<String>, other: &BTreeSet<String>| counts(&one.difference(other).collect::<Vec<_>>());
    alone(&left, &right) && alone(&right, &left)
}

/// Gives the normal form of a value as text.
pub(in super::super) fn shown(value: &Expression) -> Option<String> {
    let mut positive = BTreeSet::new();
    positive_variables(value, &mut positive);
    let mut algebra = Algebra::new(super::super::work::Work::new(), positive, Base::Ten);
    let built: Option<Fraction> = algebra.build(value);
    built.map(|built| algebra.show(&built))
}
