//! Why two answers compare as they do: the normal forms of both, and where they first part.

use super::compare::{shown, verdict_of_parts};
use super::equal::Equality;
use super::expression::Expression;
use super::meaning::{Meaning, Region, Span};
use super::parsed::{Kind, Parsed};
use crate::problem::AnswerForm;

/// Both sides of a comparison as they were understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The gold answer's normal form; `None` where it was not understood.
    pub gold: Option<String>,
    /// The given answer's normal form; `None` where it was not understood.
    pub given: Option<String>,
    /// The first part that is not surely equal, of both; `None` where all is equal or one was not understood.
    pub difference: Option<(String, String)>,
}

/// Explains what [`super::equal`] compares: both answers in normal form, and the first part that is not surely equal.
///
/// Options are left aside: a letter is shown as a letter.
#[must_use]
pub fn explain(gold: &str, given: &str, form: AnswerForm) -> Explanation {
    let (gold, given) = (Parsed::read(gold, form), Parsed::read(given, form));
    let difference = match (gold.shown_meaning(), given.shown_meaning()) {
        (Some(one), Some(other)) => first_difference(one, other),
        _ => match (text(&gold), text(&given)) {
            (Some(one), Some(other)) if one != other => Some((one, other)),
            _ => None,
        },
    };
    Explanation { gold: text(&gold), given: text(&given), difference }
}

impl Parsed {
    /// Gives the meaning of what is no text.
    fn shown_meaning(&self) -> Option<&Meaning> {
        match &self.kind {
            Kind::Letter(_) => None,
            Kind::Words(words) if words.certain => None,
            _ => self.meaning(),
        }
    }
}

fn text(read: &Parsed) -> Option<String> {
    match &read.kind {
        Kind::Letter(letter) => Some(format!("option {letter}")),
        Kind::Words(words) if words.certain => Some(format!("words \"{}\"", words.text)),
        _ => read.meaning().map(written),
    }
}

/// Walks into two structures of the same kind as far as they agree.
fn first_difference(one: &Meaning, other: &Meaning) -> Option<(String, String)> {
    if matches!(verdict_of_parts(one, other), Equality::Equal(_)) {
        return None;
    }
    let pairs: Vec<(Meaning, Meaning)> = match (one, other) {
        (Meaning::Tuple(left, one), Meaning::Tuple(right, other)) if left == right && one.len() == other.len() => {
            one.iter().cloned().zip(other.iter().cloned()).collect()
        }
        (Meaning::Matrix(one), Meaning::Matrix(other)) if one.len() == other.len() => {
            let flat =
                |rows: &[Vec<Expression>]| rows.iter().flatten().cloned().map(Meaning::Value).collect::<Vec<_>>();
            flat(one).into_iter().zip(flat(other)).collect()
        }
        (Meaning::Assigned(name, one), Meaning::Assigned(own, other)) if name == own => {
            vec![(one.as_ref().clone(), other.as_ref().clone())]
        }
        (Meaning::Set(one) | Meaning::List(one), Meaning::Set(other) | Meaning::List(other)) => {
            return stranger(one, other);
        }
        _ => Vec::new(),
    };
    for (one, other) in &pairs {
        if let Some(found) = first_difference(one, other) {
            return Some(found);
        }
    }
    Some((written(one), written(other)))
}

/// Finds the first value of each list that has no equal in the other.
fn stranger(one: &[Meaning], other: &[Meaning]) -> Option<(String, String)> {
    let alone = |items: &[Meaning], others: &[Meaning]| {
        let equals =
            |item: &Meaning| others.iter().any(|given| matches!(verdict_of_parts(item, given), Equality::Equal(_)));
        items.iter().take(32).find(|item| !equals(item)).map_or_else(|| "nothing more".to_owned(), written)
    };
    Some((alone(one, other), alone(other, one)))
}

fn value(value: &Expression) -> String {
    if value.has_plus_minus() {
        return format!("{} or {}", self::value(&value.signed(true)), self::value(&value.signed(false)));
    }
    shown(value).unwrap_or_else(|| "a value that is not computed".to_owned())
}

fn join(items: &[Meaning]) -> String {
    items.iter().take(32).map(written).collect::<Vec<_>>().join(", ")
}

/// Writes a meaning in plain text.
fn written(meaning: &Meaning) -> String {
    match meaning {
        Meaning::Value(inner) => value(inner),
        Meaning::Percent(inner) => format!("{}%", value(inner)),
        Meaning::Tuple(brackets, items) => {
            let (open, close) =
                (if brackets.closed_low { '[' } else { '(' }, if brackets.closed_high { ']' } else { ')' });
            format!("{open}{}{close}", join(items))
        }
        Meaning::Set(items) => format!("{{{}}}", join(items)),
        Meaning::List(items) => join(items),
        Meaning::Region(region) => written_region(region),
        Meaning::Assigned(name, inner) => format!("{name} = {}", written(inner)),
        Meaning::Equation(left, right) => {
            let difference = Expression::Sum(vec![left.clone(), right.clone().negated()]);
            format!("{} = 0", value(&difference))
        }
        Meaning::Inequality(low, high, strict) => {
            let difference = Expression::Sum(vec![low.clone(), high.clone().negated()]);
            format!("{} {} 0", value(&difference), if *strict { "<" } else { "<=" })
        }
        Meaning::Matrix(rows) => {
            let row = |row: &Vec<Expression>| row.iter().take(16).map(value).collect::<Vec<_>>().join(", ");
            format!("[{}]", rows.iter().take(16).map(row).collect::<Vec<_>>().join("; "))
        }
        Meaning::Ratio(parts) => parts.iter().map(value).collect::<Vec<_>>().join(":"),
        Meaning::Based(digits, base, _) => format!("{digits} in base {base}"),
        Meaning::Residue { class, modulus, .. } => format!("{} modulo {}", value(class), value(modulus)),
        Meaning::Chain(sides) => sides.iter().map(written).collect::<Vec<_>>().join(" = "),
        Meaning::Approximate(exact, shown) => {
            let exact = exact.as_ref().map_or_else(|| "a value".to_owned(), |exact| written(exact));
            format!("{exact} near {}", value(&Expression::Number(shown.value.clone())))
        }
        Meaning::Progression(sum) => {
            let terms = sum.terms.iter().map(value).collect::<Vec<_>>().join(", ");
            let last = sum.last.as_ref().map_or_else(String::new, |last| format!(", {}", value(last)));
            format!("the {} of {terms}, ...{last}", if sum.product { "product" } else { "sum" })
        }
        Meaning::Time(seconds) => {
            format!("{:02}:{:02}:{:02} of 24 hours", seconds / 3_600, seconds / 60 % 60, seconds % 60)
        }
        Meaning::Ellipsis => "...".to_owned(),
    }
}

fn written_region(region: &Region) -> String {
    let end = |end: &Option<Expression>, infinite: &str| end.as_ref().map_or_else(|| infinite.to_owned(), value);
    let span = |span: &Span| {
        let (open, close) = (if span.closed_low { '[' } else { '(' }, if span.closed_high { ']' } else { ')' });
        format!("{open}{}, {}{close}", end(&span.low, "-inf"), end(&span.high, "inf"))
    };
    let mut text = region.spans.iter().take(16).map(span).collect::<Vec<_>>().join(" or ");
    if !region.without.is_empty() {
        let points = region.without.iter().take(16).map(value).collect::<Vec<_>>().join(", ");
        text.push_str(&format!(" without {points}"));
    }
    match &region.variable {
        Some(name) => format!("{name} in {text}"),
        None => text,
    }
}

#[cfg(test)]
mod tests;
