//! Sums with dots between their terms: `1 + 2 + \cdots + 100`.

use super::super::expression::Expression;
use super::super::meaning::{Meaning, Progression};
use super::super::token::Token;
use super::structure::split;
use super::value::value;

/// Most terms that are written.
const MAX_TERMS: usize = 16;

/// Reads a sum with dots; the outer `None` where it has none.
pub(super) fn progression(tokens: &[Token]) -> Option<Option<Meaning>> {
    if !tokens.contains(&Token::Ellipsis) {
        return None;
    }
    let parts = split(tokens, &|token| token.is('+') || token.is('-'))?;
    let at = parts.iter().position(|part| matches!(part, [Token::Ellipsis]))?;
    Some(read(tokens, &parts, at))
}

fn read(tokens: &[Token], parts: &[&[Token]], at: usize) -> Option<Meaning> {
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
            terms.push(term)
        } else if last.replace(term).is_some() {
            return None;
        }
    }
    // The dots run up to the last term, if there is one.
    (terms.len() >= 2 && parts.len() <= at + 2).then(|| Meaning::Progression(Progression { terms, last }))
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
