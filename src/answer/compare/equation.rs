//! Equations up to a nonzero factor, inequalities up to a positive one.

use std::collections::BTreeSet;

use num_bigint::Sign;

use super::super::algebra::{Algebra, Base, Polynomial, Zero};
use super::super::equal::Equality;
use super::super::expression::Expression;
use super::super::meaning::{Meaning, Region, Span};
use super::Judge;
use super::value::differ_by_case;
use crate::verdict::DecidedBy;

/// Writes an assignment to a single letter as an equation.
pub(super) fn of_assigned(name: &str, value: &Meaning) -> Option<Meaning> {
    let letters = name.split('_').next()?;
    let constant = ["e", "i"].contains(&name);
    // The names of Greek letters are long, those of two letters are a product.
    if constant || name.contains('(') || letters.chars().count() == 2 && letters.chars().all(|c| c.is_alphabetic()) {
        return None;
    }
    match value {
        Meaning::Value(value) => Some(Meaning::Equation(Expression::Variable(name.to_owned()), value.clone())),
        _ => None,
    }
}

impl Judge<'_> {
    pub(super) fn equations(&mut self, one: (&Expression, &Expression), other: (&Expression, &Expression)) -> Equality {
        let whole = |sides: (&Expression, &Expression)| Expression::Sum(vec![sides.0.clone(), sides.1.clone()]);
        if differ_by_case(&whole(one), &whole(other)) {
            return Equality::Undecided;
        }
        let mut algebra = Algebra::new(self.work.clone(), BTreeSet::new(), Base::Ten);
        let verdict = proportional(&mut algebra, one, other);
        *self.work = algebra.work.clone();
        match verdict {
            Some(true) => Equality::Equal(DecidedBy::Symbolic),
            Some(false) => Equality::Different(DecidedBy::Symbolic),
            None => Equality::Undecided,
        }
    }

    pub(super) fn inequalities(
        &mut self,
        one: (&Expression, &Expression, bool),
        other: (&Expression, &Expression, bool),
    ) -> Equality {
        if let (Some(left), Some(right)) = (self.solved(one.0, one.1, one.2), self.solved(other.0, other.1, other.2)) {
            return self.regions(&left, &right);
        }
        let mut algebra = Algebra::new(self.work.clone(), BTreeSet::new(), Base::Ten);
        let verdict = same_half(&mut algebra, one, other);
        *self.work = algebra.work.clone();
        match verdict {
            Some(true) => Equality::Equal(DecidedBy::Symbolic),
            Some(false) => Equality::Different(DecidedBy::Symbolic),
            None => Equality::Undecided,
        }
    }

    /// Solves an inequality that is linear in one variable.
    pub(super) fn solved(&mut self, low: &Expression, high: &Expression, strict: bool) -> Option<Region> {
        let mut names = BTreeSet::new();
        low.variables(&mut names);
        high.variables(&mut names);
        let mut names = names.into_iter();
        let (Some(name), None) = (names.next(), names.next()) else { return None };
        let mut algebra = Algebra::new(self.work.clone(), BTreeSet::new(), Base::Ten);
        let difference = difference(&mut algebra, low, high);
        let slope = difference.and_then(|difference| {
            let (slope, _) = algebra.linear(&difference, &name)?;
            if algebra.is_free_of_variables(&slope) { algebra.sign_of(&slope) } else { None }
        });
        *self.work = algebra.work.clone();
        // low - high = a x + b < 0: x < -b/a for a positive a. The end is written with the sides at 0 and 1.
        let (zero, one) = (Expression::whole(0), Expression::whole(1));
        let at = |value: &Expression| Expression::Sum(vec![low.with(&name, value), high.with(&name, value).negated()]);
        let start = at(&zero);
        let rise = Expression::Sum(vec![at(&one), start.clone().negated()]);
        let end = Some(Expression::Quotient(Box::new(start.negated()), Box::new(rise)));
        let span = match slope? {
            Sign::Plus => Span { low: None, high: end, closed_low: false, closed_high: !strict },
            Sign::Minus => Span { low: end, high: None, closed_low: !strict, closed_high: false },
            Sign::NoSign => return None,
        };
        Some(Region { variable: Some(name), spans: vec![span], without: Vec::new() })
    }
}

/// Gives `one - other`, where nothing with variables is left below.
fn difference(algebra: &mut Algebra, one: &Expression, other: &Expression) -> Option<Polynomial> {
    let (one, other) = (algebra.build(one)?, algebra.build(other)?);
    algebra.plain_difference(&one, &other)
}

/// Tells whether two equations have the same solutions because one is the other times a constant, or surely not because a
/// solution of one is none of the other.
fn proportional(
    algebra: &mut Algebra,
    one: (&Expression, &Expression),
    other: (&Expression, &Expression),
) -> Option<bool> {
    let quotient = |algebra: &mut Algebra, sides: (&Expression, &Expression)| {
        let (one, other) = (algebra.build(sides.0)?, algebra.build(sides.1)?);
        algebra.minus(one, other)
    };
    let (left, right) = (quotient(algebra, one)?, quotient(algebra, other)?);
    // Quotients by something with variables are proportional as well, where both are defined.
    if let Some((rest, _, _)) = algebra.across_quotients(&left, &right)
        && algebra.zero(&rest) == Zero::Always
    {
        return Some(true);
    }
    let left = algebra.plain(left)?;
    let right = algebra.plain(right)?;
    if algebra.has_solution_that_is_none(&left, &right)? || algebra.has_solution_that_is_none(&right, &left)? {
        return Some(false);
    }
    None
}

/// Tells whether two inequalities say the same because one is the other times a positive constant.
fn same_half(
    algebra: &mut Algebra,
    one: (&Expression, &Expression, bool),
    other: (&Expression, &Expression, bool),
) -> Option<bool> {
    let left = difference(algebra, one.0, one.1)?;
    let right = difference(algebra, other.0, other.1)?;
    let (rest, above, below) = algebra.across(&left, &right)?;
    if algebra.zero(&rest) != Zero::Always {
        return None;
    }
    let same = algebra.sign_of(&above)? == algebra.sign_of(&below)?;
    Some(same && one.2 == other.2)
}
