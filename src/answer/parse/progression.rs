//! Sums and products with dots: `1 + 2 + \cdots + 100`, `1 \cdot 2 \cdots n`.

use super::super::expression::Expression;
use super::super::meaning::{Meaning, Progression};
use super::super::token::Token;
use super::structure::split;
use super::value::value;

/// Most terms that are written.
const MAX_TERMS: usize = 16;

/// Reads a sum or product with dots; the outer `None` where it has none.
pub(super) fn progression(tokens: &[Token]) -> Option<Option<Meaning>> {
    let at = tokens.iter().position(|token| *token == Token::Ellipsis)?;
    let parts = split(tokens, &|token| token.is('+') || token.is('-'))?;
    let read = match parts.iter().position(|part| matches!(part, [Token::Ellipsis])) {
        Some(at) => sum(tokens, &parts, at),
        None if parts.len() == 1 => product(tokens.get(..at)?, tokens.get(at + 1..)?)?,
        None => return None,
    };
    Some(read.map(Meaning::Progression))
}

fn sum(tokens: &[Token], parts: &[&[Token]], at: usize) -> Option<Progression> {
    if parts.len() > MAX_TERMS {
        return None;
    }
    let mut place: usize = 0;
    let mut terms = Vec::new();
    let mut last = None;
    for (number, part) in parts.iter().enumerate() {
        let sign = place.checked_sub(1).and_then(|sign| tokens.get(sign));
        place += part.len() + 1;
        if number == 0 && part.is_empty() {
            // The sign of the first term.
            continue;
        }
        let negative = sign.is_some_and(|sign| sign.is('-'));
        if number == at {
            (!negative).then_some(())?;
            continue;
        }
        let term = value(part)?;
        let term = if negative { term.negated() } else { term };
        if number < at {
            terms.push(term);
        } else if last.replace(term).is_some() {
            return None;
        }
    }
    // The dots run up to the last term, if there is one.
    (terms.len() >= 2 && parts.len() <= at + 2).then_some(Progression { terms, last, product: false })
}

/// Reads factors before and behind the dots; the outer `None` where these are no factors.
fn product(before: &[Token], behind: &[Token]) -> Option<Option<Progression>> {
    let times = |token: &Token| match token {
        Token::Symbol(symbol) => *symbol == '*',
        Token::Command(name) => name == "cdot" || name == "times",
        _ => false,
    };
    let before = match before {
        [rest @ .., last] if times(last) => rest,
        rest => rest,
    };
    let behind = match behind {
        [first, rest @ ..] if times(first) => rest,
        rest => rest,
    };
    let factors = split(before, &times)?;
    (factors.len() >= 2 && factors.len() <= MAX_TERMS && !behind.is_empty() && !behind.iter().any(times))
        .then_some(())?;
    let terms: Option<Vec<Expression>> = factors.into_iter().map(value).collect();
    Some(terms.zip(value(behind)).map(|(terms, last)| Progression { terms, last: Some(last), product: true }))
}

impl Progression {
    /// Writes its bases where every term is the same power of something: 1, 2, 3 of 1² + 2² + 3².
    pub(in super::super) fn bases(&self) -> Option<(Vec<Expression>, Expression)> {
        let mut shared = None;
        let mut bases = Vec::new();
        for term in self.terms.iter().chain(&self.last) {
            let Expression::Power(base, exponent) = term else { return None };
            if !matches!(exponent.as_ref(), Expression::Number(_)) || *shared.get_or_insert(exponent) != exponent {
                return None;
            }
            bases.push(base.as_ref().clone());
        }
        Some((bases, shared?.as_ref().clone()))
    }
}
