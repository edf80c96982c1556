//! Whether two meanings are the same: values by normal form or by a point where they differ, everything else by its
//! parts.
//!
//! Equal needs a proof, different needs one too, and what has neither is undecided.

mod equation;
mod list;
mod progression;
mod region;
mod statement;
mod value;

use num_traits::{ToPrimitive, Zero};

use super::equal::Equality;
use super::expression::Expression;
use super::meaning::{Brackets, Meaning};
use super::nesting::Nested;
use super::parse::as_region;
use super::work::Work;
use crate::verdict::DecidedBy;
pub(super) use region::is_everything;
pub(super) use value::shown;

/// Compares two meanings; what it spent is taken from `work`.
pub(super) fn same(one: &Meaning, other: &Meaning, work: &mut Work) -> Equality {
    Judge { work, depth: 0 }.same(one, other)
}

/// Compares two meanings, or parts of them, under a budget of their own.
pub(super) fn verdict_of_parts(one: &Meaning, other: &Meaning) -> Equality {
    same(one, other, &mut Work::new())
}

/// How deep tuples and lists may nest.
const MAX_DEPTH: u32 = 12;

/// Compares under one budget.
struct Judge<'w> {
    work: &'w mut Work,
    depth: u32,
}

impl Nested for Judge<'_> {
    const DEEPEST: u32 = MAX_DEPTH;

    fn level(&mut self) -> &mut u32 {
        &mut self.depth
    }
}

impl Judge<'_> {
    fn same(&mut self, one: &Meaning, other: &Meaning) -> Equality {
        let verdict = self.deeper(|judge| {
            judge.work.spend(1)?;
            judge.ordered(one, other).or_else(|| judge.ordered(other, one))
        });
        verdict.unwrap_or(Equality::Undecided)
    }

    /// Compares where a rule is there for this order of the two; every rule is symmetric in what it says.
    fn ordered(&mut self, one: &Meaning, other: &Meaning) -> Option<Equality> {
        use Meaning::{
            Approximate, Assigned, Based, Chain, Ellipsis, Equation, Inequality, List, Matrix, Percent, Progression,
            Ratio, Region, Residue, Set, Time, Tuple, Value,
        };
        Some(match (one, other) {
            (Chain(sides), _) => self.chain(sides, other),
            (Approximate(..), Assigned(_, value)) => self.same(one, value),
            (Approximate(exact, _), Approximate(given, _)) => match (exact, given) {
                (Some(exact), Some(given)) => self.same(exact, given),
                _ => Equality::Undecided,
            },
            (Approximate(exact, shown), _) => self.approximate(exact.as_deref(), shown, other),
            (Progression(progression), _) => match self.summed(progression) {
                Some(sum) => self.same(&Value(sum), other),
                None => Equality::Undecided,
            },
            (Residue { class, modulus, .. }, Residue { class: given, modulus: own, .. }) => {
                self.residues((class, modulus), (given, own))
            }
            (Residue { class, modulus, operator }, Value(value)) => self.remainder((class, modulus), *operator, value),
            (Time(one), Time(other)) => exactly(one == other),
            (Time(seconds), Ratio(parts)) => statement::clock(*seconds, parts),
            (Assigned(name, value), Assigned(own, given)) => self.assigned(name, value, own, given),
            (Assigned(name, value), Equation(..)) => match equation::of_assigned(name, value) {
                Some(one) => self.ordered(&one, other)?,
                None => Equality::Undecided,
            },
            (Assigned(..), Inequality(..)) => Equality::Undecided,
            (Assigned(_, value), Region(_)) => self.same(value, other),
            (Assigned(_, value), _) => self.same(value, other),
            (Equation(left, right), Equation(one, other)) => self.equations((left, right), (one, other)),
            (Inequality(low, high, strict), Inequality(one, other, also_strict)) => {
                self.inequalities((low, high, *strict), (one, other, *also_strict))
            }
            (Inequality(low, high, strict), Region(_)) => match self.solved(low, high, *strict) {
                Some(region) => self.same(&Region(region), other),
                None => Equality::Undecided,
            },
            (Value(one), Value(other)) => self.values(one, other),
            (Value(value), _) if value.has_plus_minus() => self.same(&both(value), other),
            (Percent(one), Percent(other)) => self.values(one, other),
            (Percent(part), Value(whole)) => self.percent(part, whole),
            (Set(one), Set(other)) => self.gathered(one, other),
            (Set(one), List(other)) | (List(one), List(other)) => self.gathered(one, other),
            (Set(items) | List(items), Value(value)) if !value.has_plus_minus() => {
                let verdict = self.gathered(items, std::slice::from_ref(other));
                // `{5}` is not quite 5.
                if matches!(verdict, Equality::Equal(_)) { Equality::Undecided } else { verdict }
            }
            // A set of one point is not quite the point.
            (Set(one), Tuple(..)) if one.len() == 1 => match one.first() {
                Some(item) => only_different(self.same(item, other)),
                None => Equality::Undecided,
            },
            (Set(_), Tuple(_, items)) if items.len() >= 2 && !self.is_interval(other) => {
                Equality::Different(DecidedBy::Symbolic)
            }
            (Set(_), Tuple(..)) => match (as_region(one.clone()), as_region(other.clone())) {
                (Some(one), Some(other)) => self.regions(&one, &other),
                _ => Equality::Undecided,
            },
            (List(one), Tuple(_, items)) => only_different(self.gathered(one, items)),
            (Tuple(brackets, one), Tuple(own, other)) => self.tuples(*brackets, one, *own, other),
            // Letters can stand for a point or a matrix.
            (Tuple(_, items), Value(value)) if items.len() >= 2 && is_constant(value) => {
                Equality::Different(DecidedBy::Symbolic)
            }
            (Matrix(one), Matrix(other)) => self.matrices(one, other),
            (Matrix(rows), Tuple(_, items)) => self.vector(rows, items),
            (Matrix(rows), Value(value)) if is_constant(value) && rows.len() * rows.first().map_or(0, Vec::len) > 1 => {
                Equality::Different(DecidedBy::Symbolic)
            }
            (Ratio(one), Ratio(other)) => self.ratios(one, other),
            (Ratio(parts), Value(value)) => match parts.as_slice() {
                [above, below] if !is_clock(parts) => {
                    let quotient = Expression::Quotient(Box::new(above.clone()), Box::new(below.clone()));
                    self.values(&quotient, value)
                }
                _ => Equality::Undecided,
            },
            (Based(digits, base, value), Based(own, own_base, given)) => {
                let verdict = self.values(value, given);
                match verdict {
                    Equality::Equal(_) if base != own_base || digits != own => Equality::Undecided,
                    other => other,
                }
            }
            (Based(_, 10, value), Value(given)) => self.values(value, given),
            (Based(_, _, value), Value(given)) => {
                // Without a base it is another number; the same value is at least written otherwise.
                only_different(self.values(value, given))
            }
            (Region(region), Value(value)) => {
                if region.variable.is_some() && value.any(&|part| matches!(part, Expression::Variable(_))) {
                    return Some(Equality::Undecided);
                }
                let point = as_region(Set(vec![other.clone()]))?;
                only_different(self.regions(region, &point))
            }
            (Region(region), Region(other)) => self.regions(region, other),
            (Region(region), Tuple(..) | Set(_)) => match as_region(other.clone()) {
                Some(other) => self.regions(region, &other),
                None => Equality::Undecided,
            },
            (Percent(part), Tuple(..) | Set(_) | List(_) | Region(_) | Matrix(_)) => {
                only_different(self.same(&Value(part.clone()), other))
            }
            // A relation of several variables is no number, no point and no set of numbers.
            (Equation(..) | Inequality(..), Value(value)) if of_several(one) && is_constant(value) => {
                Equality::Different(DecidedBy::Symbolic)
            }
            (Equation(..) | Inequality(..), Tuple(..) | Matrix(_) | Region(_)) if of_several(one) => {
                Equality::Different(DecidedBy::Symbolic)
            }
            (Matrix(rows), Region(_) | Set(_) | Ratio(_)) if rows.len() > 1 => Equality::Different(DecidedBy::Symbolic),
            (Ratio(_), Region(_)) => Equality::Different(DecidedBy::Symbolic),
            (Ellipsis, Ellipsis) => Equality::Equal(DecidedBy::Symbolic),
            _ => return None,
        })
    }

    /// Tells whether a tuple's brackets make it an interval and no point.
    fn is_interval(&self, meaning: &Meaning) -> bool {
        matches!(meaning, Meaning::Tuple(brackets, items) if items.len() == 2 && (brackets.closed_low || brackets.closed_high))
    }

    fn percent(&mut self, part: &Expression, whole: &Expression) -> Equality {
        let plain = self.values(part, whole);
        if matches!(plain, Equality::Equal(_)) {
            return plain;
        }
        let hundredth = Expression::Quotient(Box::new(part.clone()), Box::new(Expression::whole(100)));
        match (plain, self.values(&hundredth, whole)) {
            (_, Equality::Equal(rule)) => Equality::Equal(rule),
            (Equality::Different(rule), Equality::Different(_)) => Equality::Different(rule),
            _ => Equality::Undecided,
        }
    }

    fn assigned(&mut self, name: &str, value: &Meaning, own: &str, given: &Meaning) -> Equality {
        if name == own {
            return self.same(value, given);
        }
        if let (Some((function, names)), Some((other, own_names))) = (parameters(name), parameters(own))
            && function == other
            && names.len() == own_names.len()
            && let (Meaning::Value(value), Meaning::Value(given)) = (value, given)
        {
            // f(t) = t² is f(x) = x²; through names that nobody wrote, so that none is caught.
            let renamed = |value: &Expression, names: &[&str]| {
                names.iter().enumerate().fold(value.clone(), |value, (place, name)| {
                    value.with(name, &Expression::Variable(format!("parameter {place}")))
                })
            };
            return self.values(&renamed(value, &names), &renamed(given, &own_names));
        }
        let constant = |value: &Meaning| match value {
            Meaning::Value(value) => is_constant(value),
            Meaning::Chain(sides) => sides.iter().all(is_of_numbers),
            _ => false,
        };
        if let (Some(one), Some(other)) = (equation::of_assigned(name, value), equation::of_assigned(own, given))
            && !(constant(value) && constant(given))
        {
            // x = y is y = x.
            return self.same(&one, &other);
        }
        let plain = |name: &str| !name.contains('(');
        if plain(name) && plain(own) && !name.eq_ignore_ascii_case(own) && constant(value) && constant(given) {
            return Equality::Different(DecidedBy::Symbolic);
        }
        only_different(self.same(value, given))
    }

    /// Compares in order; one part that differs decides.
    fn in_order(&mut self, one: &[Meaning], other: &[Meaning]) -> Equality {
        let mut all = Some(DecidedBy::Exact);
        for (one, other) in one.iter().zip(other) {
            match self.same(one, other) {
                Equality::Different(rule) => return Equality::Different(rule),
                Equality::Undecided => all = None,
                Equality::Equal(rule) => all = all.map(|before| weaker(before, rule)),
            }
        }
        all.map_or(Equality::Undecided, Equality::Equal)
    }

    fn tuples(&mut self, brackets: Brackets, one: &[Meaning], own: Brackets, other: &[Meaning]) -> Equality {
        if one.len() != other.len() {
            return Equality::Different(DecidedBy::Symbolic);
        }
        let verdict = self.in_order(one, other);
        if brackets == own || matches!(verdict, Equality::Different(_)) {
            return verdict;
        }
        // Neither a point nor an open interval is one that holds an end; longer rows are vectors.
        if one.len() == 2 {
            return Equality::Different(DecidedBy::Symbolic);
        }
        Equality::Undecided
    }

    fn matrices(&mut self, one: &[Vec<Expression>], other: &[Vec<Expression>]) -> Equality {
        let flat =
            |rows: &[Vec<Expression>]| -> Vec<Meaning> { rows.iter().flatten().cloned().map(Meaning::Value).collect() };
        let (left, right) = (flat(one), flat(other));
        if left.len() != right.len() {
            return Equality::Different(DecidedBy::Symbolic);
        }
        if one.len() == other.len() {
            return self.in_order(&left, &right);
        }
        Equality::Different(DecidedBy::Symbolic)
    }

    /// Compares a matrix of one row or column with a point.
    fn vector(&mut self, rows: &[Vec<Expression>], items: &[Meaning]) -> Equality {
        let flat: Vec<Meaning> = rows.iter().flatten().cloned().map(Meaning::Value).collect();
        if flat.len() != items.len() {
            return Equality::Different(DecidedBy::Symbolic);
        }
        only_different(self.in_order(&flat, items))
    }

    fn ratios(&mut self, one: &[Expression], other: &[Expression]) -> Equality {
        if one.len() != other.len() {
            return Equality::Different(DecidedBy::Symbolic);
        }
        let (Some((first, rest)), Some((own, others))) = (one.split_first(), other.split_first()) else {
            return Equality::Undecided;
        };
        let mut all = Some(DecidedBy::Exact);
        for (part, given) in rest.iter().zip(others) {
            let left = Expression::Product(vec![part.clone(), own.clone()]);
            let right = Expression::Product(vec![given.clone(), first.clone()]);
            match self.values(&left, &right) {
                Equality::Different(rule) => return Equality::Different(rule),
                Equality::Undecided => all = None,
                Equality::Equal(rule) => all = all.map(|before| weaker(before, rule)),
            }
        }
        // Half past three is not ten past one.
        if is_clock(one) && is_clock(other) && one != other {
            return Equality::Undecided;
        }
        all.map_or(Equality::Undecided, Equality::Equal)
    }
}

fn exactly(same: bool) -> Equality {
    if same { Equality::Equal(DecidedBy::Exact) } else { Equality::Different(DecidedBy::Exact) }
}

/// Gives both values of ±.
fn both(value: &Expression) -> Meaning {
    Meaning::List(vec![Meaning::Value(value.signed(true)), Meaning::Value(value.signed(false))])
}

/// Tells whether no variable stands in a value, and no ±.
fn is_constant(value: &Expression) -> bool {
    !value.any(&|part| matches!(part, Expression::Variable(_) | Expression::PlusMinus(..)))
}

/// Tells whether it is made of numbers that are written out: a constant, or a point or matrix of constants.
pub(super) fn is_of_numbers(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Value(value) => is_constant(value),
        Meaning::Tuple(_, items) => items.iter().all(is_of_numbers),
        Meaning::Matrix(rows) => rows.iter().flatten().all(is_constant),
        _ => false,
    }
}

/// Tells whether it is made of numbers that surely have a value.
pub(super) fn is_defined(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Value(value) => {
            is_constant(value)
                && verdict_of_parts(meaning, &Meaning::Value(Expression::whole(0))) != Equality::Undecided
        }
        Meaning::Tuple(_, items) => items.iter().all(is_defined),
        _ => false,
    }
}

/// Tells whether it is a solution that is written out, whatever was asked for: numbers, and not a lone zero.
pub(super) fn is_solution(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Value(value) => {
            let zero = Meaning::Value(Expression::whole(0));
            is_constant(value) && matches!(verdict_of_parts(meaning, &zero), Equality::Different(_))
        }
        Meaning::Set(items) | Meaning::List(items) => !items.is_empty() && items.iter().all(is_of_numbers),
        other => is_of_numbers(other),
    }
}

/// Tells whether a relation has two variables or more.
fn of_several(relation: &Meaning) -> bool {
    let (Meaning::Equation(one, other) | Meaning::Inequality(one, other, _)) = relation else { return false };
    let mut names = std::collections::BTreeSet::new();
    one.variables(&mut names);
    other.variables(&mut names);
    names.len() >= 2
}

/// Lets a difference stand and nothing else.
fn only_different(verdict: Equality) -> Equality {
    if matches!(verdict, Equality::Different(_)) { verdict } else { Equality::Undecided }
}

/// Gives the rule that says less of two.
fn weaker(one: DecidedBy, other: DecidedBy) -> DecidedBy {
    if one == DecidedBy::Exact { other } else { one }
}

/// Splits `f(x,y)` into its name and its parameters.
fn parameters(name: &str) -> Option<(&str, Vec<&str>)> {
    let (function, rest) = name.split_once('(')?;
    Some((function, rest.strip_suffix(')')?.split(',').collect()))
}

/// Tells whether a ratio can be a time of day.
fn is_clock(parts: &[Expression]) -> bool {
    let whole = |part: &Expression| match part {
        Expression::Number(value) if value.is_integer() => value.numer().to_i64(),
        _ => None,
    };
    match parts {
        [hour, minute] => {
            whole(hour).is_some_and(|hour| (0..=24).contains(&hour))
                && whole(minute).is_some_and(|minute| minute.is_zero() || (10..60).contains(&minute))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
