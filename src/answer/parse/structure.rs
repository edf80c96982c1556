//! What an answer is made of: lists, relations, unions, brackets, matrices; the values are left to [`super::value`].

use super::super::expression::Expression;
use super::super::meaning::{Brackets, Meaning, Region, Span};
use super::super::number::is_tail;
use super::super::token::Token;
use super::MAX_DEPTH;
use super::builder::builder;
use super::matrix::{based, matrix};
use super::progression::progression;
use super::region::{end, joined_region};
use super::relation::relation;
use super::residue::{modulus_at, residue};
use super::time::time;
use super::value::value;

/// Most tokens of an answer that is read.
const MAX_TOKENS: usize = 12_000;

/// Most tokens of a unit.
const MAX_UNIT: usize = 12;

/// Reads what an answer means; `None` where it is not understood.
pub(in super::super) fn meaning(tokens: &[Token]) -> Option<Meaning> {
    if tokens.len() > MAX_TOKENS {
        return None;
    }
    whole(tokens, 0)
}

pub(super) fn whole(tokens: &[Token], depth: u32) -> Option<Meaning> {
    if depth > MAX_DEPTH || tokens.is_empty() {
        return None;
    }
    if let [Token::Ellipsis] = tokens {
        return Some(Meaning::Ellipsis);
    }
    if let Some(minutes) = time(tokens) {
        return Some(Meaning::Time(minutes));
    }
    if let [Token::Word { text, dressed: true }] = tokens
        && depth > 0
        && text.chars().count() == 1
        && text.chars().all(|letter| letter.is_ascii_uppercase())
    {
        // The letter of an option among others.
        return Some(Meaning::Value(Expression::Variable(text.clone())));
    }
    let parts = split(tokens, &|token| match token {
        Token::Symbol(symbol) => [',', ';'].contains(symbol),
        Token::Word { text, .. } => ["and", "or"].contains(&text.to_lowercase().as_str()),
        Token::Command(name) => ["lor", "vee"].contains(&name.as_str()),
        _ => false,
    })?;
    if parts.len() > 1 {
        return list(tokens, parts, depth);
    }
    single(tokens, depth)
}

/// Cuts tokens at those that `cut` takes and that stand in no bracket; `None` where brackets do not match.
pub(super) fn split<'a>(tokens: &'a [Token], cut: &dyn Fn(&Token) -> bool) -> Option<Vec<&'a [Token]>> {
    let mut parts = Vec::new();
    let (mut level, mut from, mut begun) = (0_u32, 0, 0_u32);
    for (at, token) in tokens.iter().enumerate() {
        match step(token) {
            1 => level += 1,
            -1 => level = level.checked_sub(1)?,
            _ => {}
        }
        match token {
            Token::Command(name) if name == "begin" => begun += 1,
            Token::Command(name) if name == "end" => begun = begun.checked_sub(1)?,
            _ => {}
        }
        if level == 0 && begun == 0 && cut(token) {
            parts.push(tokens.get(from..at)?);
            from = at + 1;
        }
    }
    parts.push(tokens.get(from..)?);
    (level == 0 && begun == 0).then_some(parts)
}

/// Tells whether a token opens (1) or closes (-1) a bracket.
fn step(token: &Token) -> i8 {
    match token {
        Token::Symbol('(' | '[' | '{') => 1,
        Token::Symbol(')' | ']' | '}') => -1,
        Token::Command(name) if ["{", "langle", "lfloor", "lceil"].contains(&name.as_str()) => 1,
        Token::Command(name) if ["}", "rangle", "rfloor", "rceil"].contains(&name.as_str()) => -1,
        _ => 0,
    }
}

pub(super) fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word { text, .. } if text.eq_ignore_ascii_case(word))
}

fn list(tokens: &[Token], parts: Vec<&[Token]>, depth: u32) -> Option<Meaning> {
    let modulus = parts.last().and_then(|last| last.get(modulus_at(last)?..));
    let mut items = Vec::new();
    for part in &parts {
        // `, and`.
        if part.is_empty() {
            continue;
        }
        items.push(match modulus {
            // The modulus behind the last value is that of all: `1, 3 \pmod 8`.
            Some(modulus) if modulus_at(part).is_none() => whole(&[part, modulus].concat(), depth + 1)?,
            _ => whole(part, depth + 1)?,
        });
    }
    let either = tokens.iter().any(|token| {
        is_word(token, "or") || matches!(token, Token::Command(name) if ["lor", "vee"].contains(&name.as_str()))
    });
    if items.iter().any(|item| matches!(item, Meaning::Region(_) | Meaning::Inequality(..))) {
        // `x < 1 or x > 2` is one region; with commas or `and` it could be both at once.
        let only_or = either && !tokens.iter().any(|token| is_word(token, "and") || token.is(',') || token.is(';'));
        return if only_or { union(items) } else { None };
    }
    match items.len() {
        0 => None,
        1 => items.pop(),
        _ => Some(Meaning::List(items)),
    }
}

/// Joins regions of one variable.
fn union(items: Vec<Meaning>) -> Option<Meaning> {
    let mut joined = Region { variable: None, spans: Vec::new(), without: Vec::new() };
    for item in items {
        match item {
            Meaning::Region(region) => {
                if !region.without.is_empty() || joined.variable.is_some() && region.variable != joined.variable {
                    return None;
                }
                joined.variable = region.variable;
                joined.spans.extend(region.spans);
            }
            Meaning::Assigned(name, value) => match *value {
                Meaning::Value(value) if joined.variable.as_ref().is_none_or(|own| *own == name) => {
                    joined.variable = Some(name);
                    joined.spans.push(Span::point(value));
                }
                _ => return None,
            },
            _ => return None,
        }
    }
    Some(Meaning::Region(joined))
}

fn single(tokens: &[Token], depth: u32) -> Option<Meaning> {
    if let Some(found) = residue(tokens) {
        return found;
    }
    let tokens = without_unit(tokens);
    if let Some(found) = relation(tokens, depth) {
        return found;
    }
    if let Some(found) = progression(tokens) {
        return found;
    }
    if let Some(region) = joined_region(tokens, depth) {
        return region.map(Meaning::Region);
    }
    if let Some(matrix) = matrix(tokens) {
        return matrix.map(Meaning::Matrix);
    }
    if let Some(found) = bracketed(tokens, depth) {
        return found;
    }
    if let Some(based) = based(tokens) {
        return Some(based);
    }
    if let Some(None) = end(tokens) {
        // Infinity alone is a name; nothing is computed with it.
        let infinity = Expression::Variable("infinity".to_owned());
        let negative = tokens.first().is_some_and(|first| first.is('-'));
        return Some(Meaning::Value(if negative { infinity.negated() } else { infinity }));
    }
    let parts = split(tokens, &|token| token.is(':'))?;
    if parts.len() > 1 {
        return parts.into_iter().map(value).collect::<Option<Vec<_>>>().map(Meaning::Ratio);
    }
    match tokens {
        [head @ .., Token::Symbol('%')] => value(head).map(Meaning::Percent),
        [Token::Command(name)] if ["emptyset", "varnothing"].contains(&name.as_str()) => Some(Meaning::Set(Vec::new())),
        [Token::Symbol('∅')] => Some(Meaning::Set(Vec::new())),
        _ => value(tokens).map(Meaning::Value),
    }
}

/// Takes a unit off the end.
fn without_unit(tokens: &[Token]) -> &[Token] {
    let first = tokens.len().saturating_sub(MAX_UNIT).max(1);
    for at in first..tokens.len() {
        let (head, tail) = tokens.split_at(at);
        let follows = head.last().is_some_and(|last| !last.is('^') && !last.is('_') && !last.is('/'));
        if follows
            && matches!(tail.first(), Some(Token::Word { .. }))
            && is_tail(&super::super::token::undressed(tail), false)
        {
            return head;
        }
    }
    tokens
}

/// Reads brackets around the whole answer; the outer `None` where there are none, or where they hold one value.
fn bracketed(tokens: &[Token], depth: u32) -> Option<Option<Meaning>> {
    let [open, inner @ .., close] = tokens else { return None };
    let set = |token: &Token, name: &str| matches!(token, Token::Command(own) if own == name);
    // The brackets belong to each other.
    split(inner, &|_| false)?;
    let items = || -> Option<Vec<Meaning>> {
        let parts = split(inner, &|token| token.is(',') || token.is(';'))?;
        parts.into_iter().map(|part| whole(part, depth + 1)).collect()
    };
    if set(open, "{") && set(close, "}") {
        if let Some(found) = builder(inner, depth) {
            return Some(found);
        }
        return Some(if inner.is_empty() { Some(Meaning::Set(Vec::new())) } else { items().map(Meaning::Set) });
    }
    let several = split(inner, &|token| token.is(',') || token.is(';'))?.len() > 1;
    if open.is('{') && close.is('}') {
        // Nobody sees these braces in LaTeX.
        return Some(whole(inner, depth + 1));
    }
    if set(open, "langle") && set(close, "rangle") {
        let brackets = Brackets { closed_low: false, closed_high: false };
        return Some(items().map(|items| Meaning::Tuple(brackets, items)));
    }
    // `(1,050)` can be one number with its thousands set apart.
    let thousands = |token: &Token| matches!(token, Token::Number(digits) if digits.len() == 3 && digits.starts_with('0') && !digits.contains('.'));
    if several && inner.iter().any(thousands) {
        return Some(None);
    }
    let brackets = Brackets { closed_low: open.is('['), closed_high: close.is(']') };
    if !(brackets.closed_low || open.is('(')) || !(brackets.closed_high || close.is(')')) {
        return None;
    }
    if !several {
        // Brackets of one kind around one thing are dress.
        return (brackets.closed_low == brackets.closed_high && value(tokens).is_none())
            .then(|| whole(inner, depth + 1));
    }
    let items = items()?;
    if items.len() < 2 {
        return Some(None);
    }
    Some(Some(Meaning::Tuple(brackets, items)))
}
