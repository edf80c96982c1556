//! Sets by a condition: `\{x \mid x > 3\}`, `\{n \in \mathbb{Z} : 1 < n < 5\}`.

use num_traits::{One, ToPrimitive};

use super::super::expression::Expression;
use super::super::meaning::{Meaning, Region, Span};
use super::super::number::Rational;
use super::super::token::Token;
use super::region::is_all_reals;
use super::relation::variable_name;
use super::structure::{is_word, split, whole};

/// Most whole numbers of a set that are written out.
const MAX_ITEMS: i64 = 64;

/// Reads what stands between the braces of such a set; the outer `None` where it is none.
pub(super) fn builder(inner: &[Token], depth: u32) -> Option<Option<Meaning>> {
    let parts = split(inner, &|token| match token {
        Token::Symbol(symbol) => ['|', ':'].contains(symbol),
        Token::Command(name) => ["mid", "vert", "colon"].contains(&name.as_str()),
        _ => false,
    })?;
    let [head, condition] = parts.as_slice() else { return None };
    let (name, whole_numbers) = element(head)?;
    Some(read(&name, whole_numbers, condition, depth))
}

/// Reads `x`, `x \in \mathbb{R}` or `x \in \mathbb{Z}`: the name, and whether it is a whole number.
fn element(head: &[Token]) -> Option<(String, bool)> {
    let sides = split(head, &|token| token.is('∈') || matches!(token, Token::Command(name) if name == "in"))?;
    match sides.as_slice() {
        [name] => Some((variable_name(name)?, false)),
        [name, set] if is_all_reals(set) => Some((variable_name(name)?, false)),
        [name, set] if is_whole_numbers(set) => Some((variable_name(name)?, true)),
        _ => None,
    }
}

fn is_whole_numbers(tokens: &[Token]) -> bool {
    match tokens {
        [Token::Command(name), inner @ ..] if name == "mathbb" => {
            let inner: Vec<&Token> = inner.iter().filter(|token| !token.is('{') && !token.is('}')).collect();
            matches!(inner.as_slice(), [Token::Word { text, .. }] if text == "Z")
        }
        [Token::Word { text, .. }] => text == "ℤ",
        [Token::Symbol('ℤ')] => true,
        _ => false,
    }
}

fn read(name: &str, whole_numbers: bool, condition: &[Token], depth: u32) -> Option<Meaning> {
    // What only says that it is real says nothing.
    let parts = split(condition, &|token| token.is(',') || is_word(token, "and"))?;
    let says = |part: &&[Token]| {
        !part.is_empty() && !element(part).is_some_and(|(own, whole)| own == name && !whole && part.len() > 1)
    };
    let kept: Vec<&[Token]> = parts.into_iter().filter(says).collect();
    let condition = match kept.as_slice() {
        [only] => whole(only, depth + 1)?,
        _ => return None,
    };
    match condition {
        Meaning::Region(region) if region.variable.as_deref() == Some(name) => {
            let region = Region { variable: None, ..region };
            if whole_numbers { listed(&region) } else { Some(Meaning::Region(region)) }
        }
        Meaning::Assigned(own, value) if own == name => match *value {
            Meaning::Value(value) if value.has_plus_minus() => {
                Some(Meaning::Set(vec![Meaning::Value(value.signed(true)), Meaning::Value(value.signed(false))]))
            }
            Meaning::Value(value) => Some(Meaning::Set(vec![Meaning::Value(value)])),
            _ => None,
        },
        Meaning::List(items) if !whole_numbers => {
            let values = items.into_iter().map(|item| match item {
                Meaning::Assigned(own, value) if own == name => Some(*value),
                _ => None,
            });
            values.collect::<Option<Vec<_>>>().map(Meaning::Set)
        }
        _ => None,
    }
}

/// Writes out the whole numbers of a bounded interval.
fn listed(region: &Region) -> Option<Meaning> {
    let [Span { low: Some(Expression::Number(low)), high: Some(Expression::Number(high)), closed_low, closed_high }] =
        region.spans.as_slice()
    else {
        return None;
    };
    region.without.is_empty().then_some(())?;
    let step = |open: bool| if open { Rational::one() } else { num_traits::Zero::zero() };
    let first = if low.is_integer() { low + step(!closed_low) } else { low.ceil() };
    let last = if high.is_integer() { high - step(!closed_high) } else { high.floor() };
    let (first, last) = (first.to_integer().to_i64()?, last.to_integer().to_i64()?);
    (last.checked_sub(first)? < MAX_ITEMS).then_some(())?;
    Some(Meaning::Set((first..=last).map(|item| Meaning::Value(Expression::whole(item))).collect()))
}
