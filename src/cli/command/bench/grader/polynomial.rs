//! Polynomials with whole coefficients, for rules that expand, factor and rewrite.

use std::collections::BTreeMap;

use super::expression::Expression;
use Expression::{Integer, Negative, Power, Product, Sum, Symbol};

/// Highest exponent that is looked at.
const MAX_EXPONENT: i64 = 12;

/// Coefficients by the exponents of the variables.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Polynomial {
    variables: Vec<String>,
    terms: BTreeMap<Vec<u32>, i64>,
}

impl Polynomial {
    /// Reads a polynomial with at least one variable.
    pub(super) fn read(expression: &Expression) -> Option<Polynomial> {
        let variables = expression.variables();
        let symbols = expression.symbols();
        (!variables.is_empty() && symbols == variables).then(|| read(expression, &variables))?
    }

    fn constant(variables: &[String], value: i64) -> Polynomial {
        let terms = if value == 0 { BTreeMap::new() } else { [(vec![0; variables.len()], value)].into() };
        Polynomial { variables: variables.to_vec(), terms }
    }

    fn add(&self, other: &Polynomial) -> Option<Polynomial> {
        let mut sum = self.clone();
        for (exponents, coefficient) in &other.terms {
            let own = sum.terms.entry(exponents.clone()).or_insert(0);
            *own = own.checked_add(*coefficient)?;
        }
        sum.terms.retain(|_, coefficient| *coefficient != 0);
        Some(sum)
    }

    fn multiply(&self, other: &Polynomial) -> Option<Polynomial> {
        let mut product = Polynomial { variables: self.variables.clone(), terms: BTreeMap::new() };
        for (exponents, coefficient) in &self.terms {
            for (more, other) in &other.terms {
                let exponents = exponents.iter().zip(more).map(|(one, other)| one + other).collect();
                let own = product.terms.entry(exponents).or_insert(0);
                *own = own.checked_add(coefficient.checked_mul(*other)?)?;
            }
        }
        product.terms.retain(|_, coefficient| *coefficient != 0);
        Some(product)
    }

    /// Gives the number of terms.
    pub(super) fn length(&self) -> usize {
        self.terms.len()
    }

    /// Writes it out, highest exponents first.
    pub(super) fn expanded(&self) -> Expression {
        let term = |(exponents, coefficient): (&Vec<u32>, &i64)| {
            let powers = self.variables.iter().zip(exponents).filter(|(_, exponent)| **exponent > 0);
            let mut factors: Vec<Expression> = powers
                .map(|(name, exponent)| match exponent {
                    1 => Symbol(name.clone()),
                    _ => Symbol(name.clone()).raised(i64::from(*exponent)),
                })
                .collect();
            if coefficient.abs() != 1 || factors.is_empty() {
                factors.insert(0, Integer(coefficient.abs()));
            }
            let term = joined(factors, Product);
            if *coefficient < 0 { term.negated() } else { term }
        };
        joined(self.terms.iter().rev().map(term).collect(), Sum)
    }

    /// Gives the coefficients of a polynomial in one variable, the constant first, with the variable.
    fn single(&self) -> Option<(Vec<i64>, Expression)> {
        let [name] = self.variables.as_slice() else { return None };
        let degree = self.terms.keys().filter_map(|exponents| exponents.first()).max()?;
        let coefficients = (0..=*degree).map(|exponent| self.terms.get(&vec![exponent]).copied().unwrap_or(0));
        Some((coefficients.collect(), Symbol(name.clone())))
    }

    /// Writes `x (x (x + 2) + 3) + 4`.
    pub(super) fn nested(&self) -> Option<Expression> {
        let (coefficients, variable) = self.single()?;
        let mut rest = coefficients.into_iter().rev();
        let mut written = Expression::whole(rest.next()?);
        for coefficient in rest {
            written = match written.as_whole() {
                Some(1) => variable.clone(),
                Some(0) => Integer(0),
                _ => Product(vec![variable.clone(), written]),
            };
            if coefficient != 0 {
                written = Sum(vec![written, Expression::whole(coefficient)]);
            }
        }
        Some(written)
    }

    /// Writes `(x - r) q + p(r)`, so that a root gives a factor.
    pub(super) fn divided(&self, root: i64) -> Option<Expression> {
        let (coefficients, variable) = self.single()?;
        if coefficients.len() < 3 {
            return None;
        }
        let mut quotient = Vec::new();
        let mut carry = 0_i64;
        for coefficient in coefficients.into_iter().rev() {
            carry = carry.checked_mul(root)?.checked_add(coefficient)?;
            quotient.push(carry);
        }
        let rest = quotient.pop()?;
        let terms =
            quotient.iter().rev().enumerate().map(|(exponent, value)| (vec![u32::try_from(exponent).ok()], value));
        let terms = terms.filter_map(|(exponent, value)| Some((exponent.into_iter().collect::<Option<_>>()?, *value)));
        let quotient =
            Polynomial { variables: self.variables.clone(), terms: terms.filter(|term| term.1 != 0).collect() };
        let factor = if root == 0 { variable } else { Sum(vec![variable, Expression::whole(-root)]) };
        let product = Product(vec![factor, quotient.expanded()]);
        Some(if rest == 0 { product } else { Sum(vec![product, Expression::whole(rest)]) })
    }

    /// Finds a whole root.
    pub(super) fn whole_root(&self) -> Option<i64> {
        let (coefficients, _) = self.single()?;
        let value = |root: i64| {
            coefficients
                .iter()
                .rev()
                .try_fold(0_i64, |sum, coefficient| sum.checked_mul(root)?.checked_add(*coefficient))
        };
        (-60..=60).find(|root| value(*root) == Some(0))
    }

    /// Takes a common factor of all coefficients out.
    pub(super) fn common_factor(&self) -> Option<Expression> {
        let common = self.terms.values().fold(0_i64, |common, value| common_divisor(common, *value));
        if common < 2 || self.length() < 2 {
            return None;
        }
        let mut rest = self.clone();
        rest.terms.values_mut().for_each(|value| *value /= common);
        Some(Product(vec![Integer(common), rest.expanded()]))
    }
}

/// Gives the greatest common divisor.
pub(super) fn common_divisor(one: i64, other: i64) -> i64 {
    let (mut one, mut other) = (one.abs(), other.abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.len() {
        0 => Integer(0),
        1 => parts.remove(0),
        _ => join(parts),
    }
}

fn read(expression: &Expression, variables: &[String]) -> Option<Polynomial> {
    let constant = |value| Polynomial::constant(variables, value);
    match expression {
        Integer(value) => Some(constant(*value)),
        Symbol(name) => {
            let exponents = variables.iter().map(|own| u32::from(own == name)).collect();
            Some(Polynomial { variables: variables.to_vec(), terms: [(exponents, 1)].into() })
        }
        Negative(inner) => constant(-1).multiply(&read(inner, variables)?),
        Sum(terms) => terms.iter().try_fold(constant(0), |sum, term| sum.add(&read(term, variables)?)),
        Product(factors) => {
            factors.iter().try_fold(constant(1), |product, factor| product.multiply(&read(factor, variables)?))
        }
        Power(base, exponent) => {
            let exponent = exponent.as_whole().filter(|exponent| (0..=MAX_EXPONENT).contains(exponent))?;
            let base = read(base, variables)?;
            (0..exponent).try_fold(constant(1), |product, _| product.multiply(&base))
        }
        _ => None,
    }
}
