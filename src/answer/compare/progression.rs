//! Sums with dots: what their terms have in common, where only one reading of the dots is left.

use num_traits::{Signed, Zero};

use super::super::algebra::{Algebra, Base};
use super::super::equal::Equality;
use super::super::expression::{Expression, Function, Series};
use super::super::meaning::Progression;
use super::super::number::Rational;
use super::Judge;

/// Name that the terms are counted by; nobody can write it.
const COUNT: &str = "term number";

impl Judge<'_> {
    /// Gives the value of a sum with dots; `None` where its terms do not follow one rule alone.
    pub(super) fn summed(&mut self, progression: &Progression) -> Option<Expression> {
        let terms = &progression.terms;
        let Some(last) = &progression.last else { return self.endless(terms) };
        if progression.product {
            return self.multiplied(terms, last);
        }
        let powers = match progression.bases() {
            Some(powers) => Some(powers),
            None => self.powers(terms, last),
        };
        if let Some((bases, exponent)) = powers {
            let (last, terms) = bases.split_last()?;
            let (first, step, count) = self.arithmetic(terms, last)?;
            let base = Expression::Sum(vec![first, Expression::Product(vec![step, counter()])]);
            let body = Expression::Power(Box::new(base), Box::new(exponent));
            return Some(series(count, body, true));
        }
        let (arithmetic, geometric) = (self.arithmetic(terms, last), self.geometric(terms, last));
        match (arithmetic, geometric) {
            (Some((first, step, count)), None) if terms.len() > 2 || self.is_plain(&first, &step) => {
                // Half of the first and last together, as often as there are terms.
                let ends = Expression::Sum(vec![first.clone(), first, Expression::Product(vec![step, count.clone()])]);
                let often = Expression::Sum(vec![count, Expression::whole(1)]);
                let twice = Expression::Product(vec![ends, often]);
                Some(Expression::Quotient(Box::new(twice), Box::new(Expression::whole(2))))
            }
            (None, Some(sum)) if terms.len() > 2 => Some(sum),
            _ => None,
        }
    }

    /// Gives the product of factors with the same difference.
    fn multiplied(&mut self, terms: &[Expression], last: &Expression) -> Option<Expression> {
        let (first, step, count) = self.arithmetic(terms, last)?;
        if terms.len() == 2 && !self.is_plain(&first, &step) || self.geometric(terms, last).is_some() {
            return None;
        }
        if last.any(&|part| matches!(part, Expression::Variable(_))) {
            let one = Expression::whole(1);
            let (first, step) = (self.rational(&first)?, self.rational(&step)?);
            return (Expression::Number(first) == one && Expression::Number(step) == one)
                .then(|| Expression::Call(Function::Factorial, vec![last.clone()]));
        }
        let body = Expression::Sum(vec![first, Expression::Product(vec![step, counter()])]);
        Some(series(count, body, false))
    }

    /// Writes three terms or more as squares or cubes of neighbours: the bases, the last one's behind them, and the
    /// exponent.
    fn powers(&mut self, terms: &[Expression], last: &Expression) -> Option<(Vec<Expression>, Expression)> {
        (terms.len() > 2).then_some(())?;
        for exponent in [2_u32, 3] {
            let mut root = |value: &Expression| -> Option<Expression> {
                let value = self.rational(value).filter(|value| value.is_integer() && !value.is_negative())?;
                let root = value.numer().nth_root(exponent);
                (num_traits::pow(root.clone(), exponent.try_into().ok()?) == *value.numer())
                    .then(|| Expression::Number(root.into()))
            };
            let Some(mut bases) = terms.iter().map(&mut root).collect::<Option<Vec<_>>>() else { continue };
            let power = Expression::whole(exponent.into());
            let end = match last {
                Expression::Power(base, own) if **own == power => Some(base.as_ref().clone()),
                last => root(last),
            };
            bases.push(end?);
            return Some((bases, power));
        }
        None
    }

    /// Tells whether two terms are enough for a step: whole numbers, even or odd ones, or multiples of the first; 1 and 4
    /// are squares as well.
    fn is_plain(&mut self, first: &Expression, step: &Expression) -> bool {
        let (Some(first), Some(step)) = (self.rational(first), self.rational(step)) else { return false };
        let small = |value: i64| Rational::from(num_bigint::BigInt::from(value));
        step == small(1) || step == small(2) || first == step
    }

    /// Gives the first term, the step, and how many steps there are to the last term.
    fn arithmetic(&mut self, terms: &[Expression], last: &Expression) -> Option<(Expression, Expression, Expression)> {
        let difference =
            |one: &Expression, other: &Expression| Expression::Sum(vec![other.clone(), one.clone().negated()]);
        let [first, second, ..] = terms else { return None };
        let step = difference(first, second);
        for (one, other) in terms.iter().zip(terms.iter().skip(1)) {
            if !matches!(self.values(&difference(one, other), &step), Equality::Equal(_)) {
                return None;
            }
        }
        self.rational(&step).filter(|step| !step.is_zero())?;
        let count = Expression::Quotient(Box::new(difference(first, last)), Box::new(step.clone()));
        if last.any(&|part| matches!(part, Expression::Variable(_))) {
            // `1 + 2 + … + 2^n` has another rule.
            let power = |part: &Expression| matches!(part, Expression::Power(..) | Expression::Call(..));
            return (!last.any(&power)).then(|| (first.clone(), step, count));
        }
        let steps = self.rational(&count)?;
        let shown = Rational::from(num_bigint::BigInt::from(terms.len()));
        (steps.is_integer() && steps >= shown).then(|| (first.clone(), step, Expression::Number(steps)))
    }

    /// Gives the sum of terms with the same quotient up to the last.
    fn geometric(&mut self, terms: &[Expression], last: &Expression) -> Option<Expression> {
        let ratio = self.ratio(terms)?;
        let first = terms.first()?;
        let end = match self.rational(last) {
            Some(end) => {
                let first = self.rational(first)?;
                self.reaches(first, &ratio, &end, terms.len())?;
                last.clone()
            }
            // A last term with a variable is one of them where it is a power of the quotient.
            None => last
                .any(&|part| matches!(part, Expression::Power(base, _) if **base == Expression::Number(ratio.clone())))
                .then(|| last.clone())?,
        };
        let grown = Expression::Product(vec![end, Expression::Number(ratio.clone())]);
        let above = Expression::Sum(vec![grown, first.clone().negated()]);
        let below = Expression::Number(ratio - Rational::from(num_bigint::BigInt::from(1)));
        Some(Expression::Quotient(Box::new(above), Box::new(below)))
    }

    /// Gives the quotient of neighbours, where it is a number and neither 0 nor 1.
    fn ratio(&mut self, terms: &[Expression]) -> Option<Rational> {
        let values: Vec<Rational> = terms.iter().map(|term| self.rational(term)).collect::<Option<_>>()?;
        let [first, second, ..] = values.as_slice() else { return None };
        if first.is_zero() || second.is_zero() || first == second {
            return None;
        }
        let ratio = second / first;
        values.windows(2).all(|pair| matches!(pair, [one, other] if one * &ratio == *other)).then_some(ratio)
    }

    /// Tells whether the terms come to `end` after those that are written.
    fn reaches(&mut self, first: Rational, ratio: &Rational, end: &Rational, written: usize) -> Option<()> {
        let mut term = first;
        for place in 0..MAX_STEPS {
            if term == *end {
                return (place >= written).then_some(());
            }
            self.work.rational(term.numer().bits() + term.denom().bits())?;
            if term.abs() > end.abs() && ratio.abs() > Rational::from(num_bigint::BigInt::from(1)) {
                return None;
            }
            term *= ratio;
        }
        None
    }

    /// Gives the sum of endless terms with the same quotient.
    fn endless(&mut self, terms: &[Expression]) -> Option<Expression> {
        let one = Rational::from(num_bigint::BigInt::from(1));
        let ratio = self.ratio(terms).filter(|ratio| ratio.abs() < one)?;
        (terms.len() > 2).then_some(())?;
        let first = self.rational(terms.first()?)?;
        Some(Expression::Number(first / (one - ratio)))
    }

    /// Gives a value that is a rational number.
    fn rational(&mut self, value: &Expression) -> Option<Rational> {
        if let Expression::Number(value) = value {
            return Some(value.clone());
        }
        let mut algebra = Algebra::new(self.work.clone(), std::collections::BTreeSet::new(), Base::Ten);
        let built = algebra.build(value);
        *self.work = algebra.work.clone();
        built?.rational()
    }
}

/// Most steps that a last term is looked for.
const MAX_STEPS: usize = 1_000;

fn counter() -> Expression {
    Expression::Variable(COUNT.to_owned())
}

/// Adds or multiplies over as many steps, from none on.
fn series(count: Expression, body: Expression, sum: bool) -> Expression {
    let series = Series { index: COUNT.to_owned(), from: Expression::whole(0), to: Some(count), body };
    Expression::Series(Box::new(series), sum)
}
