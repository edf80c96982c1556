//! Answers as the rules of the grader bench see them.

use super::expression::Expression;

/// An answer of the data set that is understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    Value(Expression),
    /// A number in dress.
    Dressed(Expression, Dress),
    Tuple(Vec<Expression>),
    /// A union of intervals.
    Intervals(Vec<Interval>),
    /// Values in any order.
    List(Vec<Expression>),
    Matrix(Vec<Vec<Expression>>),
    Equation(Expression, Expression),
    /// Digits and their base.
    Based(String, i64),
    Ratio(i64, i64),
    Words(String),
}

/// What stands around a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dress {
    Degree,
    Percent,
    Money,
    Grouped,
    Unit,
}

/// An interval; an end that is missing is infinite.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Interval {
    pub(super) low: Option<Expression>,
    pub(super) high: Option<Expression>,
    pub(super) closed: (bool, bool),
}

impl Interval {
    pub(super) fn is_bounded(&self) -> bool {
        self.low.is_some() && self.high.is_some()
    }
}

impl Answer {
    /// Gives the expressions in it, in order of writing.
    pub(super) fn expressions(&self) -> Vec<&Expression> {
        match self {
            Answer::Value(value) | Answer::Dressed(value, _) => vec![value],
            Answer::Tuple(parts) | Answer::List(parts) => parts.iter().collect(),
            Answer::Intervals(parts) => parts.iter().flat_map(|part| [&part.low, &part.high]).flatten().collect(),
            Answer::Matrix(rows) => rows.iter().flatten().collect(),
            Answer::Equation(left, right) => vec![left, right],
            Answer::Based(..) | Answer::Ratio(..) | Answer::Words(_) => Vec::new(),
        }
    }

    /// As [`Answer::expressions`], to be changed.
    pub(super) fn expressions_mut(&mut self) -> Vec<&mut Expression> {
        match self {
            Answer::Value(value) | Answer::Dressed(value, _) => vec![value],
            Answer::Tuple(parts) | Answer::List(parts) => parts.iter_mut().collect(),
            Answer::Intervals(parts) => {
                parts.iter_mut().flat_map(|part| [&mut part.low, &mut part.high]).flatten().collect()
            }
            Answer::Matrix(rows) => rows.iter_mut().flatten().collect(),
            Answer::Equation(left, right) => vec![left, right],
            Answer::Based(..) | Answer::Ratio(..) | Answer::Words(_) => Vec::new(),
        }
    }

    /// Tells whether two answers of one kind are surely the same; nothing where that cannot be told.
    pub(super) fn agrees(&self, other: &Answer) -> Option<bool> {
        match (self, other) {
            (Answer::List(these), Answer::List(those)) => agree_in_any_order(these, those),
            (Answer::Equation(left, right), Answer::Equation(other_left, other_right)) => {
                let ratio = |point| {
                    (left.value(point) - right.value(point)) / (other_left.value(point) - other_right.value(point))
                };
                let first = ratio(1);
                all([2, 3, 4].map(|point| first.agrees(ratio(point))))
            }
            (Answer::Intervals(these), Answer::Intervals(those)) => {
                let shape = |parts: &[Interval]| -> Vec<_> {
                    parts.iter().map(|part| (part.closed, part.low.is_some(), part.high.is_some())).collect()
                };
                if shape(these) == shape(those) { self.agree_in_order(other) } else { Some(false) }
            }
            (Answer::Based(..), _) | (Answer::Words(_), _) => Some(self == other),
            (Answer::Ratio(one, other_one), Answer::Ratio(two, other_two)) => Some(one * other_two == two * other_one),
            _ => self.agree_in_order(other),
        }
    }

    fn agree_in_order(&self, other: &Answer) -> Option<bool> {
        let (these, those) = (self.expressions(), other.expressions());
        if these.len() != those.len() {
            return Some(false);
        }
        all(these.into_iter().zip(those).map(|(this, that)| agree(this, that)))
    }
}

/// Tells whether two expressions have the same value wherever it is looked.
pub(super) fn agree(this: &Expression, that: &Expression) -> Option<bool> {
    all([1, 2, 3].map(|point| this.value(point).agrees(that.value(point))))
}

/// Joins findings: one surely different is enough, all must be the same.
fn all(findings: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let findings: Vec<Option<bool>> = findings.into_iter().collect();
    if findings.contains(&Some(false)) {
        return Some(false);
    }
    findings.iter().all(|found| *found == Some(true)).then_some(true)
}

fn agree_in_any_order(these: &[Expression], those: &[Expression]) -> Option<bool> {
    let within = |some: &[Expression], others: &[Expression]| {
        some.iter().all(|one| others.iter().any(|other| agree(one, other) == Some(true)))
    };
    Some(within(these, those) && within(those, these))
}
