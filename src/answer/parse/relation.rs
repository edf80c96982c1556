//! Equations, assignments, inequalities, chains of equal values, and values that are only near.

use num_bigint::BigInt;

use super::super::expression::Expression;
use super::super::meaning::{Decimal, Meaning, Region, Span};
use super::super::number::{GREEK, Rational, decimal, index_of};
use super::super::token::Token;
use super::region::{as_region, end, joined_region};
use super::structure::{split, whole};
use super::value::value;

/// Most values of a chain.
const MAX_SIDES: usize = 8;

/// A sign between two sides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Near,
}

fn relation_of(token: &Token) -> Option<Relation> {
    Some(match token {
        Token::Symbol('=') => Relation::Equal,
        Token::Symbol('<') => Relation::Less,
        Token::Symbol('>') => Relation::Greater,
        Token::Symbol('≤' | '⩽') => Relation::LessOrEqual,
        Token::Symbol('≥' | '⩾') => Relation::GreaterOrEqual,
        Token::Symbol('≠') => Relation::NotEqual,
        Token::Symbol('∈') => Relation::In,
        Token::Symbol('≈') => Relation::Near,
        Token::Command(name) => match name.as_str() {
            "leq" => Relation::LessOrEqual,
            "geq" => Relation::GreaterOrEqual,
            "<" => Relation::Less,
            ">" => Relation::Greater,
            "neq" => Relation::NotEqual,
            "in" => Relation::In,
            "approx" | "approxeq" => Relation::Near,
            _ => return None,
        },
        _ => return None,
    })
}

/// Reads sides with signs between them; the outer `None` where there is no such sign.
pub(super) fn relation(tokens: &[Token], depth: u32) -> Option<Option<Meaning>> {
    let sides = split(tokens, &|token| relation_of(token).is_some())?;
    if sides.len() < 2 {
        return None;
    }
    let mut signs = Vec::new();
    let mut place = 0;
    for side in sides.iter().take(sides.len() - 1) {
        place += side.len();
        signs.push(tokens.get(place).and_then(relation_of)?);
        place += 1;
    }
    // `<=` and `>=` of plain text.
    let mut kept = vec![*sides.first()?];
    let mut joined: Vec<Relation> = Vec::new();
    for (sign, side) in signs.iter().zip(sides.iter().skip(1)) {
        if *sign == Relation::Equal && kept.len() > 1 && kept.last().is_some_and(|side| side.is_empty()) {
            let last = joined.last_mut()?;
            *last = match last {
                Relation::Less => Relation::LessOrEqual,
                Relation::Greater => Relation::GreaterOrEqual,
                _ => return Some(None),
            };
            kept.pop();
        } else {
            joined.push(*sign);
        }
        kept.push(side);
    }
    Some(related(&kept, &joined, depth))
}

fn related(sides: &[&[Token]], signs: &[Relation], depth: u32) -> Option<Meaning> {
    if let ([exact @ .., shown], [before @ .., Relation::Near]) = (sides, signs) {
        return near(exact, before, shown, depth);
    }
    match (sides, signs) {
        (sides, [Relation::Equal, Relation::Equal, ..]) if signs.iter().all(|sign| *sign == Relation::Equal) => {
            chain(sides, depth)
        }
        ([name, other], [Relation::In]) => {
            let variable = variable_name(name)?;
            let region = joined_region(other, depth).unwrap_or_else(|| as_region(whole(other, depth + 1)?))?;
            region.variable.is_none().then_some(Meaning::Region(Region { variable: Some(variable), ..region }))
        }
        ([one, other], [Relation::Equal]) => equation(one, other, depth),
        ([one, other], [Relation::NotEqual]) => {
            let variable = variable_name(one)?;
            let without = match whole(other, depth + 1)? {
                Meaning::Value(value) => vec![value],
                _ => return None,
            };
            Some(Meaning::Region(Region { variable: Some(variable), spans: vec![Span::everything()], without }))
        }
        ([one, other], [sign]) => {
            if let Some(region) = ray(one, other, *sign).or_else(|| ray(other, one, reversed(*sign))) {
                return Some(Meaning::Region(region));
            }
            let (one, other) = (value(one)?, value(other)?);
            Some(match sign {
                Relation::Less => Meaning::Inequality(one, other, true),
                Relation::LessOrEqual => Meaning::Inequality(one, other, false),
                Relation::Greater => Meaning::Inequality(other, one, true),
                Relation::GreaterOrEqual => Meaning::Inequality(other, one, false),
                _ => return None,
            })
        }
        ([low, name, high], [first, second]) => {
            let variable = variable_name(name)?;
            let strict = |sign: &Relation| matches!(sign, Relation::Less | Relation::Greater);
            let rising = |sign: &Relation| matches!(sign, Relation::Less | Relation::LessOrEqual);
            let falling = |sign: &Relation| matches!(sign, Relation::Greater | Relation::GreaterOrEqual);
            let (low, high, closed_low, closed_high) = if rising(first) && rising(second) {
                (low, high, !strict(first), !strict(second))
            } else if falling(first) && falling(second) {
                (high, low, !strict(second), !strict(first))
            } else {
                return None;
            };
            let span = Span { low: end(low)?, high: end(high)?, closed_low, closed_high };
            Some(Meaning::Region(Region { variable: Some(variable), spans: vec![span], without: Vec::new() }))
        }
        _ => None,
    }
}

fn reversed(sign: Relation) -> Relation {
    match sign {
        Relation::Less => Relation::Greater,
        Relation::LessOrEqual => Relation::GreaterOrEqual,
        Relation::Greater => Relation::Less,
        Relation::GreaterOrEqual => Relation::LessOrEqual,
        other => other,
    }
}

/// Reads `x < 3` as a region; `None` where it is no variable and a constant.
fn ray(name: &[Token], bound: &[Token], sign: Relation) -> Option<Region> {
    let variable = variable_name(name)?;
    let bound = value(bound)?;
    let mut names = std::collections::BTreeSet::new();
    bound.variables(&mut names);
    if !names.is_empty() || ["e", "i"].contains(&variable.as_str()) {
        return None;
    }
    let (mut span, closed) = (Span::everything(), matches!(sign, Relation::LessOrEqual | Relation::GreaterOrEqual));
    match sign {
        Relation::Less | Relation::LessOrEqual => (span.high, span.closed_high) = (Some(bound), closed),
        _ => (span.low, span.closed_low) = (Some(bound), closed),
    }
    Some(Region { variable: Some(variable), spans: vec![span], without: Vec::new() })
}

/// Reads a chain of values, and the name before them: `x = \frac12 = 0.5`.
fn chain(sides: &[&[Token]], depth: u32) -> Option<Meaning> {
    let (name, values) = match sides.split_first()? {
        (first, rest) if assigned_name(first).is_some() => (assigned_name(first), rest),
        _ => (None, sides),
    };
    if values.len() > MAX_SIDES {
        return None;
    }
    let read = |side: &&[Token]| match whole(side, depth + 1)? {
        Meaning::Value(value) if name.as_ref().is_some_and(|name| mentions(&value, name)) => None,
        Meaning::Assigned(..) | Meaning::Equation(..) | Meaning::Inequality(..) | Meaning::Approximate(..) => None,
        meaning => Some(meaning),
    };
    let chain = Meaning::Chain(values.iter().map(read).collect::<Option<_>>()?);
    Some(match name {
        Some(name) => Meaning::Assigned(name, Box::new(chain)),
        None => chain,
    })
}

/// Reads what is stated to be near a decimal: `\approx 3.14`, `x \approx 3.14`, `x = \pi \approx 3.14`.
fn near(exact: &[&[Token]], signs: &[Relation], shown: &[Token], depth: u32) -> Option<Meaning> {
    let (negative, Token::Number(digits)) = (match shown {
        [minus, digits] if minus.is('-') => (true, digits),
        [digits] => (false, digits),
        _ => return None,
    }) else {
        return None;
    };
    let places = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let value = decimal(digits)?;
    let place = Rational::new(1.into(), num_traits::pow(BigInt::from(10), places));
    let shown = Decimal { value: if negative { -value } else { value }, place };
    let (name, exact) = match exact {
        [[]] => (None, None),
        [name] if assigned_name(name).is_some() => (assigned_name(name), None),
        [exact] => (None, Some(whole(exact, depth + 1)?)),
        exact => match related(exact, signs, depth + 1)? {
            Meaning::Assigned(name, exact) => (Some(name), Some(*exact)),
            exact => (None, Some(exact)),
        },
    };
    if !matches!(exact, None | Some(Meaning::Value(_) | Meaning::Chain(_))) {
        return None;
    }
    let near = Meaning::Approximate(exact.map(Box::new), shown);
    Some(match name {
        Some(name) => Meaning::Assigned(name, Box::new(near)),
        None => near,
    })
}

fn mentions(value: &Expression, name: &str) -> bool {
    value.any(&|part| matches!(part, Expression::Variable(own) if own == name))
}

/// Reads `x = 5`, `f(x) = x + 1`, `(x, y) = (1, 2)`, or an equation.
fn equation(one: &[Token], other: &[Token], depth: u32) -> Option<Meaning> {
    if let Some(name) = assigned_name(one) {
        let value = whole(other, depth + 1)?;
        let mentions = match &value {
            Meaning::Value(value) => mentions(value, &name),
            Meaning::Assigned(..) | Meaning::Equation(..) => return None,
            _ => false,
        };
        if !mentions {
            return Some(Meaning::Assigned(name, Box::new(value)));
        }
    }
    if let Some(left) = constant(one, depth)
        && let Some(right) = constant(other, depth)
    {
        // `0.56 = 56\%`
        return Some(Meaning::Chain(vec![left, right]));
    }
    let (left, right) = (value(one)?, value(other)?);
    if let Some(name) = variable_name(other) {
        let mut names = std::collections::BTreeSet::new();
        left.variables(&mut names);
        if !names.contains(&name) && !["e", "i"].contains(&name.as_str()) {
            return Some(Meaning::Assigned(name, Box::new(Meaning::Value(left))));
        }
    }
    Some(Meaning::Equation(left, right))
}

/// Reads a side without variables.
fn constant(side: &[Token], depth: u32) -> Option<Meaning> {
    let meaning = whole(side, depth + 1)?;
    let (Meaning::Value(value) | Meaning::Percent(value)) = &meaning else { return None };
    (!value.any(&|part| matches!(part, Expression::Variable(_)))).then_some(meaning)
}

/// Reads a single variable: `x`, `a_3`, `\theta`, `AB`.
pub(super) fn variable_name(tokens: &[Token]) -> Option<String> {
    let base = match tokens.first()? {
        Token::Word { text, .. } if text.chars().count() <= 2 => text.clone(),
        Token::Command(name) if GREEK.contains(&name.as_str()) => name.strip_prefix("var").unwrap_or(name).to_owned(),
        _ => return None,
    };
    match tokens.get(1..)? {
        [] => Some(base),
        [mark, index @ ..] if mark.is('_') => Some(format!("{base}_{}", index_of(index)?)),
        _ => None,
    }
}

/// Reads what a value can be given to: a variable, a function of variables, several variables.
fn assigned_name(tokens: &[Token]) -> Option<String> {
    if let Some(name) = variable_name(tokens) {
        return Some(name);
    }
    if let [Token::Word { text, .. }] = tokens
        && text.chars().count() <= 12
    {
        return Some(text.clone());
    }
    // `f(x)`, `f^{-1}(x)`, `(x, y)`.
    let (name, rest) = match tokens {
        [Token::Word { text, .. }, rest @ ..] if text.chars().count() == 1 => (text.as_str(), rest),
        rest => ("", rest),
    };
    let (inverse, rest) = match rest {
        [caret, open, minus, Token::Number(one), close, rest @ ..]
            if caret.is('^') && open.is('{') && minus.is('-') && one == "1" && close.is('}') =>
        {
            ("^-1", rest)
        }
        rest => ("", rest),
    };
    let [open, inner @ .., close] = rest else { return None };
    if !open.is('(') || !close.is(')') || name.is_empty() && !inverse.is_empty() {
        return None;
    }
    let names: Vec<String> = inner.split(|token| token.is(',')).map(variable_name).collect::<Option<_>>()?;
    (!name.is_empty() || names.len() > 1).then(|| format!("{name}{inverse}({})", names.join(",")))
}
