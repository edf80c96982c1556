//! Equations, assignments and inequalities.

use super::super::meaning::{Meaning, Region, Span};
use super::super::number::GREEK;
use super::super::token::Token;
use super::region::{as_region, end, joined_region};
use super::structure::{split, whole};
use super::value::value;

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
        Token::Command(name) => match name.as_str() {
            "leq" => Relation::LessOrEqual,
            "geq" => Relation::GreaterOrEqual,
            "<" => Relation::Less,
            ">" => Relation::Greater,
            "neq" => Relation::NotEqual,
            "in" => Relation::In,
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
    match (sides, signs) {
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

/// Reads `x = 5`, `f(x) = x + 1`, `(x, y) = (1, 2)`, or an equation.
fn equation(one: &[Token], other: &[Token], depth: u32) -> Option<Meaning> {
    if let Some(name) = assigned_name(one) {
        let value = whole(other, depth + 1)?;
        let mentions = match &value {
            Meaning::Value(value) => {
                let mut names = std::collections::BTreeSet::new();
                value.variables(&mut names);
                names.contains(&name)
            }
            Meaning::Assigned(..) | Meaning::Equation(..) => return None,
            _ => false,
        };
        if !mentions {
            return Some(Meaning::Assigned(name, Box::new(value)));
        }
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

/// Reads a single variable: `x`, `a_3`, `\theta`, `AB`.
pub(super) fn variable_name(tokens: &[Token]) -> Option<String> {
    let base = match tokens.first()? {
        Token::Word { text, .. } if text.chars().count() <= 2 => text.clone(),
        Token::Command(name) if GREEK.contains(&name.as_str()) => name.strip_prefix("var").unwrap_or(name).to_owned(),
        _ => return None,
    };
    match tokens.get(1..)? {
        [] => Some(base),
        [mark, Token::Number(index) | Token::Word { text: index, .. }] if mark.is('_') => {
            Some(format!("{base}_{index}"))
        }
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
