//! Residue classes: `5 \pmod 7`, `x \equiv 5 (mod 7)`, and the remainder `17 \bmod 5`.

use super::super::meaning::Meaning;
use super::super::token::Token;
use super::relation::variable_name;
use super::structure::split;
use super::value::value;

/// Finds where a modulus begins.
pub(super) fn modulus_at(tokens: &[Token]) -> Option<usize> {
    let at = tokens.iter().position(is_mod)?;
    match at.checked_sub(1).and_then(|before| tokens.get(before)) {
        Some(open) if open.is('(') => Some(at - 1),
        _ => Some(at),
    }
}

fn is_mod(token: &Token) -> bool {
    match token {
        Token::Command(name) => ["pmod", "bmod", "mod"].contains(&name.as_str()),
        Token::Word { text, .. } => ["mod", "modulo"].contains(&text.to_lowercase().as_str()),
        _ => false,
    }
}

/// Reads a residue class, or a value with the name that it is given to; the outer `None` where there is no modulus.
pub(super) fn residue(tokens: &[Token]) -> Option<Option<Meaning>> {
    let (head, tail) = tokens.split_at(modulus_at(tokens)?);
    Some(read(head, tail))
}

fn read(head: &[Token], tail: &[Token]) -> Option<Meaning> {
    let (modulus, operator) = match tail {
        [open, _, modulus @ .., close] if open.is('(') && close.is(')') => (modulus, false),
        [Token::Command(name), modulus @ ..] if name == "pmod" => (modulus, false),
        [_, modulus @ ..] => (modulus, true),
        [] => return None,
    };
    let modulus = value(modulus)?;
    let sides = split(head, &|token| match token {
        Token::Symbol(symbol) => ['≡', '='].contains(symbol),
        Token::Command(name) => name == "equiv",
        _ => false,
    })?;
    let (name, class) = match sides.as_slice() {
        [class] => (None, class),
        [name, class] => (Some(variable_name(name)?), class),
        _ => return None,
    };
    let class = Meaning::Residue { class: value(class)?, modulus, operator: operator && name.is_none() };
    Some(match name {
        Some(name) => Meaning::Assigned(name, Box::new(class)),
        None => class,
    })
}
