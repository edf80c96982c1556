//! Matrices, and digits with a base below them.

use super::super::expression::Expression;
use super::super::meaning::Meaning;
use super::super::number::{decimal, index_of};
use super::super::token::Token;
use super::super::words::number_word;
use super::structure::split;
use super::value::value;

/// Reads a matrix, with a factor before it; the outer `None` where there is none.
pub(super) fn matrix(tokens: &[Token]) -> Option<Option<Vec<Vec<Expression>>>> {
    let begin = tokens.iter().position(|token| matches!(token, Token::Command(name) if name == "begin"))?;
    let (factor, rest) = tokens.split_at(begin);
    // Its own brackets are dress.
    if matches!(factor, [open] if open.is('[') || open.is('(')) {
        return None;
    }
    let [_, open, Token::Word { text: kind, .. }, close, rest @ ..] = rest else { return Some(None) };
    let [body @ .., end, open_again, Token::Word { text: kind_again, .. }, close_again] = rest else {
        return Some(None);
    };
    let framed = open.is('{') && close.is('}') && open_again.is('{') && close_again.is('}');
    let ends = matches!(end, Token::Command(name) if name == "end") && kind == kind_again;
    let known = ["pmatrix", "bmatrix", "matrix", "smallmatrix", "array"].contains(&kind.as_str());
    if !framed || !ends || !known {
        return Some(None);
    }
    // The columns of an array.
    let body = match body {
        [open, Token::Word { .. }, close, body @ ..] if kind == "array" && open.is('{') && close.is('}') => body,
        body => body,
    };
    Some(entries(factor, body))
}

fn entries(factor: &[Token], body: &[Token]) -> Option<Vec<Vec<Expression>>> {
    let factor = match factor {
        [] => None,
        [Token::Symbol('-')] => Some(Expression::whole(-1)),
        [factor @ .., Token::Command(name)] if name == "cdot" || name == "times" => Some(value(factor)?),
        factor => Some(value(factor)?),
    };
    let mut rows: Vec<Vec<Expression>> = Vec::new();
    for row in split(body, &|token| token.is('\n'))? {
        if row.is_empty() {
            continue;
        }
        let mut entries = Vec::new();
        for entry in split(row, &|token| token.is('&'))? {
            let entry = value(entry)?;
            entries.push(match &factor {
                Some(factor) => Expression::Product(vec![factor.clone(), entry]),
                None => entry,
            });
        }
        if rows.first().is_some_and(|first| first.len() != entries.len()) {
            return None;
        }
        rows.push(entries);
    }
    (!rows.is_empty()).then_some(rows)
}

/// Reads digits with a base below them.
pub(super) fn based(tokens: &[Token]) -> Option<Meaning> {
    let mark = tokens.iter().rposition(|token| token.is('_'))?;
    let (digits, [_, base @ ..]) = tokens.split_at(mark) else { return None };
    let base = index_of(base)?;
    let (negative, digits) = match digits {
        [minus, digits @ ..] if minus.is('-') => (true, digits),
        digits => (false, digits),
    };
    let digits = match digits {
        [open, inner @ .., close] if open.is('(') && close.is(')') => inner,
        digits => digits,
    };
    let base = number_word(base).or_else(|| base.parse().ok()).filter(|base| (2..=36).contains(base))?;
    let mut text = String::new();
    for token in digits {
        match token {
            Token::Number(digits) => text.push_str(digits),
            Token::Word { text: digits, .. } => text.push_str(&digits.to_lowercase()),
            _ => return None,
        }
    }
    // `a_3` is a variable.
    if text.is_empty() || text.len() > 200 || !text.contains(|digit: char| digit.is_ascii_digit()) {
        return None;
    }
    let value = num_bigint::BigInt::parse_bytes(text.as_bytes(), base)?;
    let value = Expression::Number(decimal(&value.to_string())?);
    let (sign, value) = if negative { ("-", value.negated()) } else { ("", value) };
    Some(Meaning::Based(format!("{sign}{}", text.trim_start_matches('0')), base, value))
}
