//! Intervals with infinite ends, unions, and sets without some points.

use super::super::expression::Expression;
use super::super::meaning::{Brackets, Meaning, Region, Span};
use super::super::token::Token;
use super::structure::{split, whole};
use super::value::value;

/// Reads an end of an interval; the inner `None` is infinity.
pub(super) fn end(tokens: &[Token]) -> Option<Option<Expression>> {
    let unsigned = match tokens {
        [Token::Symbol('-' | '+'), rest @ ..] => rest,
        rest => rest,
    };
    let infinite = match unsigned {
        [Token::Command(name)] => name == "infty",
        [Token::Symbol(symbol)] => *symbol == '∞',
        [Token::Word { text, .. }] => ["inf", "infinity", "infty", "oo"].contains(&text.to_lowercase().as_str()),
        _ => false,
    };
    if infinite { Some(None) } else { value(tokens).map(Some) }
}

/// Reads regions with `∪` between them, or without some points, or one with an infinite end; the outer `None` where it is
/// nothing of the kind.
pub(super) fn joined_region(tokens: &[Token], depth: u32) -> Option<Option<Region>> {
    let minus =
        split(tokens, &|token| matches!(token, Token::Command(name) if name == "setminus" || name == "backslash"))?;
    if let [all, points] = minus.as_slice() {
        return Some(without(all, points, depth));
    }
    let parts = split(tokens, &|token| match token {
        Token::Command(name) => name == "cup",
        Token::Symbol(symbol) => *symbol == '∪',
        Token::Word { text, .. } => text == "U" || text == "cup" || text == "union",
        _ => false,
    })?;
    if parts.len() == 1 {
        return if is_all_reals(tokens) {
            Some(Some(Region { variable: None, spans: vec![Span::everything()], without: Vec::new() }))
        } else {
            infinite_span(tokens).map(|span| span.map(of_span))
        };
    }
    let mut region = Region { variable: None, spans: Vec::new(), without: Vec::new() };
    for part in parts {
        let Some(one) = joined_region(part, depth + 1).unwrap_or_else(|| as_region(whole(part, depth + 1)?)) else {
            return Some(None);
        };
        if one.variable.is_some() || !one.without.is_empty() {
            return Some(None);
        }
        region.spans.extend(one.spans);
    }
    Some(Some(region))
}

fn without(all: &[Token], points: &[Token], depth: u32) -> Option<Region> {
    let mut region = joined_region(all, depth + 1).unwrap_or_else(|| as_region(whole(all, depth + 1)?))?;
    let Meaning::Set(items) = whole(points, depth + 1)? else { return None };
    for item in items {
        let Meaning::Value(value) = item else { return None };
        region.without.push(value);
    }
    Some(region)
}

fn of_span(span: Span) -> Region {
    Region { variable: None, spans: vec![span], without: Vec::new() }
}

pub(super) fn is_all_reals(tokens: &[Token]) -> bool {
    match tokens {
        [Token::Command(name), open, Token::Word { text, .. }, close] => {
            name == "mathbb" && open.is('{') && close.is('}') && text == "R"
        }
        [Token::Command(name), Token::Word { text, .. }] => name == "mathbb" && text == "R",
        [Token::Symbol('ℝ')] => true,
        [Token::Word { text, .. }] => text == "ℝ",
        _ => false,
    }
}

/// Reads an interval with an infinite end; the outer `None` where it is none.
fn infinite_span(tokens: &[Token]) -> Option<Option<Span>> {
    let [open, inner @ .., close] = tokens else { return None };
    let (closed_low, closed_high) = (open.is('['), close.is(']'));
    if !(closed_low || open.is('(')) || !(closed_high || close.is(')')) {
        return None;
    }
    let parts = split(inner, &|token| token.is(','))?;
    let [low, high] = parts.as_slice() else { return None };
    let (Some(low), Some(high)) = (end(low), end(high)) else { return None };
    if low.is_some() && high.is_some() {
        return None;
    }
    // A closed infinite end is a slip that changes nothing.
    Some(Some(Span { closed_low: closed_low && low.is_some(), closed_high: closed_high && high.is_some(), low, high }))
}

/// Takes an interval or a set of points as a region.
pub(in super::super) fn as_region(meaning: Meaning) -> Option<Region> {
    match meaning {
        Meaning::Region(region) => Some(region),
        Meaning::Tuple(Brackets { closed_low, closed_high }, items) => match items.as_slice() {
            [Meaning::Value(low), Meaning::Value(high)] => {
                let (low, high) = (Some(low.clone()), Some(high.clone()));
                Some(of_span(Span { low, high, closed_low, closed_high }))
            }
            _ => None,
        },
        Meaning::Set(items) => {
            let mut region = Region { variable: None, spans: Vec::new(), without: Vec::new() };
            for item in items {
                let Meaning::Value(value) = item else { return None };
                region.spans.push(Span::point(value));
            }
            Some(region)
        }
        _ => None,
    }
}
