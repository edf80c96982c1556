//! One value as an answer writes it: the tree of its operations, before anything is computed.

use super::number::Rational;

/// Constants with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Constant {
    Pi,
    Euler,
    Imaginary,
}

/// Functions with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Function {
    Sine,
    Cosine,
    Tangent,
    Cotangent,
    Secant,
    Cosecant,
    ArcSine,
    ArcCosine,
    ArcTangent,
    /// The natural logarithm.
    Natural,
    /// A logarithm whose base nobody wrote: 10 or e.
    Logarithm,
    /// Base first, then the argument.
    LogarithmTo,
    Absolute,
    Floor,
    Ceiling,
    Factorial,
    /// From how many, then how many.
    Binomial,
    /// An angle in degrees.
    Degree,
    GreatestDivisor,
    LeastMultiple,
    Maximum,
    Minimum,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Number(Rational),
    Constant(Constant),
    Variable(String),
    Sum(Vec<Expression>),
    Product(Vec<Expression>),
    Quotient(Box<Expression>, Box<Expression>),
    Power(Box<Expression>, Box<Expression>),
    /// The root with this index, 2 or more.
    Root(u32, Box<Expression>),
    Call(Function, Vec<Expression>),
    /// Both a value and its negative; every ± of an answer takes its upper sign at the same time. `true` for ±, `false`
    /// for ∓.
    PlusMinus(Box<Expression>, bool),
    /// A sum (`true`) or product (`false`) over whole numbers.
    Series(Box<Series>, bool),
}

/// What a sum or product over whole numbers runs over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    pub(super) index: String,
    pub(super) from: Expression,
    /// `None` for infinity.
    pub(super) to: Option<Expression>,
    pub(super) body: Expression,
}

impl Expression {
    pub(super) fn whole(value: i64) -> Expression {
        Expression::Number(Rational::from(num_bigint::BigInt::from(value)))
    }

    pub(super) fn negated(self) -> Expression {
        match self {
            Expression::Number(value) => Expression::Number(-value),
            other => Expression::Product(vec![Expression::whole(-1), other]),
        }
    }

    /// Gives the parts that it is made of.
    pub(super) fn parts(&self) -> Vec<&Expression> {
        match self {
            Expression::Number(_) | Expression::Constant(_) | Expression::Variable(_) => Vec::new(),
            Expression::Sum(parts) | Expression::Product(parts) | Expression::Call(_, parts) => parts.iter().collect(),
            Expression::Quotient(one, other) | Expression::Power(one, other) => vec![one, other],
            Expression::Root(_, inner) | Expression::PlusMinus(inner, _) => vec![inner],
            Expression::Series(series, _) => {
                [Some(&series.from), series.to.as_ref(), Some(&series.body)].into_iter().flatten().collect()
            }
        }
    }

    /// Tells whether `test` holds for it or any part of it.
    pub(super) fn any(&self, test: &dyn Fn(&Expression) -> bool) -> bool {
        test(self) || self.parts().into_iter().any(|part| part.any(test))
    }

    pub(super) fn has_plus_minus(&self) -> bool {
        self.any(&|part| matches!(part, Expression::PlusMinus(..)))
    }

    /// Puts the names of its variables into `names`; indices of sums are none.
    pub(super) fn variables(&self, names: &mut std::collections::BTreeSet<String>) {
        match self {
            Expression::Variable(name) => {
                names.insert(name.clone());
            }
            Expression::Series(series, _) => {
                let mut inner = std::collections::BTreeSet::new();
                series.body.variables(&mut inner);
                inner.remove(&series.index);
                names.extend(inner);
                series.from.variables(names);
                series.to.iter().for_each(|to| to.variables(names));
            }
            _ => self.parts().into_iter().for_each(|part| part.variables(names)),
        }
    }

    /// Rebuilds it from the bottom, each part by `change` where that gives something.
    pub(super) fn map(&self, change: &dyn Fn(&Expression) -> Option<Expression>) -> Expression {
        if let Some(changed) = change(self) {
            return changed;
        }
        let all = |parts: &[Expression]| parts.iter().map(|part| part.map(change)).collect();
        let boxed = |part: &Expression| Box::new(part.map(change));
        match self {
            Expression::Number(_) | Expression::Constant(_) | Expression::Variable(_) => self.clone(),
            Expression::Sum(parts) => Expression::Sum(all(parts)),
            Expression::Product(parts) => Expression::Product(all(parts)),
            Expression::Call(function, parts) => Expression::Call(*function, all(parts)),
            Expression::Quotient(one, other) => Expression::Quotient(boxed(one), boxed(other)),
            Expression::Power(one, other) => Expression::Power(boxed(one), boxed(other)),
            Expression::Root(index, inner) => Expression::Root(*index, boxed(inner)),
            Expression::PlusMinus(inner, upper) => Expression::PlusMinus(boxed(inner), *upper),
            Expression::Series(series, sum) => Expression::Series(
                Box::new(Series {
                    index: series.index.clone(),
                    from: series.from.map(change),
                    to: series.to.as_ref().map(|to| to.map(change)),
                    body: series.body.map(change),
                }),
                *sum,
            ),
        }
    }

    /// Takes the upper or the lower sign everywhere.
    pub(super) fn signed(&self, upper: bool) -> Expression {
        self.map(&|part| match part {
            Expression::PlusMinus(inner, plus) => {
                let inner = inner.signed(upper);
                Some(if *plus == upper { inner } else { inner.negated() })
            }
            _ => None,
        })
    }

    /// Puts a value in a variable's place.
    pub(super) fn with(&self, name: &str, value: &Expression) -> Expression {
        self.map(&|part| match part {
            Expression::Variable(own) if own == name => Some(value.clone()),
            Expression::Series(series, _) if series.index == name => Some(part.clone()),
            _ => None,
        })
    }
}
