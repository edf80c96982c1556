//! What an answer says: a value, several values, a region, an equation, a matrix.

use super::expression::Expression;
use super::number::Rational;

/// One answer, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Value(Expression),
    /// A value before a percent sign.
    Percent(Expression),
    /// Values in brackets, in order: a point, a vector, or an open or closed interval.
    Tuple(Brackets, Vec<Meaning>),
    Set(Vec<Meaning>),
    /// Values with commas between them.
    List(Vec<Meaning>),
    /// A set of real numbers.
    Region(Region),
    /// A value for a name: `x = 5`, `f(x) = x + 1`, `(x, y) = (1, 2)`.
    Assigned(String, Box<Meaning>),
    Equation(Expression, Expression),
    /// The first is less than the second; `true` where they may not be equal.
    Inequality(Expression, Expression, bool),
    Matrix(Vec<Vec<Expression>>),
    Ratio(Vec<Expression>),
    /// Digits in another base, as written, with their value.
    Based(String, u32, Expression),
    /// A residue class, or the remainder that an operator leaves.
    Residue {
        class: Expression,
        modulus: Expression,
        /// Whether it is written as an operator between two numbers, and so can be its remainder too (`17 \bmod 5`).
        operator: bool,
    },
    /// The same value in several forms: `0.56 = 56\%`.
    Chain(Vec<Meaning>),
    /// A value that is only stated as near a decimal: the exact one where it is written, and the decimal.
    Approximate(Option<Box<Meaning>>, Decimal),
    /// A sum with dots between its terms.
    Progression(Progression),
    /// A time of day that names its half, in seconds after midnight.
    Time(u32),
    /// A row that goes on.
    Ellipsis,
}

/// A decimal with what one in its last place is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) value: Rational,
    pub(super) place: Rational,
}

/// The terms of a sum or the factors of a product before its dots, and the one behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progression {
    pub(super) terms: Vec<Expression>,
    pub(super) last: Option<Expression>,
    pub(super) product: bool,
}

/// What stands around a tuple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Brackets {
    /// Whether the opening one is square.
    pub(super) closed_low: bool,
    /// Whether the closing one is.
    pub(super) closed_high: bool,
}

/// A union of intervals without some points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    /// The variable that lies in it.
    pub(super) variable: Option<String>,
    pub(super) spans: Vec<Span>,
    pub(super) without: Vec<Expression>,
}

/// An interval; an end that is not there is infinite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: Option<Expression>,
    pub(super) high: Option<Expression>,
    pub(super) closed_low: bool,
    pub(super) closed_high: bool,
}

impl Span {
    pub(super) fn everything() -> Span {
        Span { low: None, high: None, closed_low: false, closed_high: false }
    }

    pub(super) fn point(value: Expression) -> Span {
        Span { low: Some(value.clone()), high: Some(value), closed_low: true, closed_high: true }
    }
}
