//! Rules that make another answer of an answer: a sign, a digit, an exponent, an end, a coordinate.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::answer::Answer;
use super::super::expression::Expression;
use super::{Rule, changed_part, changed_whole, other, pick, rule, style};
use Expression::{Decimal, Integer, Negative, Power, Product, Quotient, Root, Sum, Symbol};

pub(in super::super) const RULES: [Rule; 24] = [
    rule("sign", sign),
    rule("sign of one term", |answer, random| part(answer, random, |part, _| term_sign(part))),
    rule("digit", |answer, random| part(answer, random, digit)),
    rule("one more or less", |answer, random| part(answer, random, one_off)),
    rule("times ten", |answer, random| part(answer, random, |part, _| times_ten(part))),
    rule("rounded", |answer, random| whole(answer, random, |part, _| rounded(part))),
    rule("last of many digits", |answer, random| whole(answer, random, |part, _| a_little_more(part))),
    rule("exponent", |answer, random| part(answer, random, exponent)),
    rule("root left out", |answer, random| part(answer, random, |part, _| root_left_out(part))),
    rule("fraction turned over", |answer, random| part(answer, random, |part, _| turned_over(part))),
    rule("term left out", |answer, random| part(answer, random, left_out)),
    rule("sum for product", |answer, random| part(answer, random, |part, _| sum_for_product(part))),
    rule("other variable", other_variable),
    rule("pi left out", |answer, random| part(answer, random, |part, _| pi_left_out(part))),
    rule("coordinates swapped", |answer, random| {
        let Answer::Tuple(parts) = answer else { return None };
        let mut parts = parts.clone();
        let first = random.random_range(1..parts.len());
        parts.swap(first - 1, first);
        other(answer, &Answer::Tuple(parts), random)
    }),
    rule("coordinate left out", |answer, random| {
        let Answer::Tuple(parts) = answer else { return None };
        let parts = (parts.len() > 2).then(|| parts.iter().skip(1).cloned().collect())?;
        other(answer, &Answer::Tuple(parts), random)
    }),
    rule("value of a list left out", |answer, random| {
        let Answer::List(parts) = answer else { return None };
        let mut parts = parts.clone();
        parts.remove(random.random_range(0..parts.len()));
        other(answer, &if parts.len() == 1 { Answer::Value(parts.remove(0)) } else { Answer::List(parts) }, random)
    }),
    rule("end of an interval open or closed", end_kind),
    rule("infinite end", |answer, random| {
        let Answer::Intervals(parts) = answer else { return None };
        let mut parts = parts.clone();
        let last = parts.last_mut().filter(|last| last.low.is_some() || last.high.is_none())?;
        last.high = if last.high.is_some() { None } else { last.low.clone().map(|low| Sum(vec![low, Integer(7)])) };
        last.closed.1 = false;
        other(answer, &Answer::Intervals(parts), random)
    }),
    rule("interval left out", |answer, random| {
        let Answer::Intervals(parts) = answer else { return None };
        let parts = (parts.len() > 1).then(|| parts.iter().skip(1).cloned().collect())?;
        other(answer, &Answer::Intervals(parts), random)
    }),
    rule("matrix transposed", |answer, random| {
        let Answer::Matrix(rows) = answer else { return None };
        let column = |at: usize| rows.iter().map(|row| row.get(at).cloned()).collect::<Option<Vec<_>>>();
        let turned = (0..rows.first()?.len()).map(column).collect::<Option<Vec<_>>>()?;
        let square = turned.len() == rows.len();
        (!square || answer.agrees(&Answer::Matrix(turned.clone())) == Some(false))
            .then(|| style(random).answer(&Answer::Matrix(turned)))
    }),
    rule("base or its digits", |answer, random| {
        let Answer::Based(digits, base) = answer else { return None };
        let changed = match random.random_range(0..3) {
            0 => Answer::Based(digits.clone(), base + 1),
            1 => Answer::Based(format!("{digits}0"), *base),
            _ if *base != 10 => Answer::Value(Integer(digits.parse().ok()?)),
            _ => return None,
        };
        Some(style(random).answer(&changed))
    }),
    rule("other words", other_words),
    rule("ratio", |answer, random| {
        let Answer::Ratio(one, two) = answer else { return None };
        other(
            answer,
            &pick(random, &[(*two, *one), (one + 1, *two)]).map(|(one, two)| Answer::Ratio(one, two))?,
            random,
        )
    }),
];

type Change = fn(&Expression, &mut ChaCha8Rng) -> Option<Expression>;

fn part(answer: &Answer, random: &mut ChaCha8Rng, change: Change) -> Option<String> {
    // A change of one part can leave the value as it was; a few parts are tried.
    (0..8).find_map(|_| {
        let changed = changed_part(answer, random, change)?;
        other(answer, &changed, random)
    })
}

fn whole(answer: &Answer, random: &mut ChaCha8Rng, change: Change) -> Option<String> {
    let changed = changed_whole(answer, random, change)?;
    other(answer, &changed, random)
}

fn sign(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    if let Answer::Intervals(_) = answer {
        return None;
    }
    whole(answer, random, |part, _| match part {
        Sum(terms) => Some(Sum(terms.iter().map(|term| term.clone().negated()).collect())),
        other => Some(other.clone().negated()),
    })
}

fn term_sign(part: &Expression) -> Option<Expression> {
    let Sum(terms) = part else { return None };
    let mut terms = terms.clone();
    let last = terms.pop()?;
    terms.push(last.negated());
    Some(Sum(terms))
}

fn digit(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let text = match part {
        Integer(value) => value.to_string(),
        Decimal(text) => text.clone(),
        _ => return None,
    };
    let places: Vec<usize> =
        text.char_indices().filter(|(_, digit)| digit.is_ascii_digit()).map(|(at, _)| at).collect();
    let at = pick(random, &places)?;
    let old = text.get(at..=at)?.parse::<u32>().ok()?;
    // No zero in front: it would change more than a digit.
    let new = 1 + (old + random.random_range(0..8)) % 9;
    let changed = format!("{}{new}{}", text.get(..at)?, text.get(at + 1..)?);
    if changed.contains('.') { Some(Decimal(changed)) } else { changed.parse().ok().map(Integer) }
}

fn one_off(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let Integer(value) = part else { return None };
    Some(Integer(if *value > 1 && random.random_range(0..2) == 0 { value - 1 } else { value + 1 }))
}

fn times_ten(part: &Expression) -> Option<Expression> {
    match part {
        Integer(value) => Some(Integer(value.checked_mul(10)?)),
        Decimal(text) => {
            let (whole, digits) = text.split_once('.')?;
            let (first, rest) = digits.split_at_checked(1)?;
            let whole = format!("{whole}{first}").trim_start_matches('0').to_owned();
            let whole = if whole.is_empty() { "0".to_owned() } else { whole };
            if rest.is_empty() { whole.parse().ok().map(Integer) } else { Some(Decimal(format!("{whole}.{rest}"))) }
        }
        _ => None,
    }
}

/// Writes a value with three places, where it has more.
fn rounded(part: &Expression) -> Option<Expression> {
    let value = part.value(0);
    let exact = matches!(part, Integer(_) | Decimal(_)) || !part.variables().is_empty();
    if exact || value.imaginary != 0.0 || value.real.abs() > 1e6 {
        return None;
    }
    let text = format!("{:.3}", value.real.abs());
    let decimal = Decimal(text);
    Some(if value.real < 0.0 { decimal.negated() } else { decimal })
}

/// Adds a little that no floating point of ordinary tolerance sees, but ours does.
fn a_little_more(part: &Expression) -> Option<Expression> {
    match part {
        Integer(value) if *value < 1000 && *value > 0 => Some(Decimal(format!("{value}.0000002"))),
        Decimal(text) if text.len() < 8 => Some(Decimal(format!("{text}000003"))),
        _ => None,
    }
}

fn exponent(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    match part {
        Power(base, exponent) => {
            let exponent = exponent.as_whole()?;
            let new = if random.random_range(0..2) == 0 && exponent > 2 { exponent - 1 } else { exponent + 1 };
            Some(base.as_ref().clone().raised(new))
        }
        Symbol(name) if name != "i" => Some(part.clone().raised(2)),
        Root(2, inner) => Some(Root(3, inner.clone())),
        _ => None,
    }
}

fn root_left_out(part: &Expression) -> Option<Expression> {
    let Root(_, inner) = part else { return None };
    Some(inner.as_ref().clone())
}

fn turned_over(part: &Expression) -> Option<Expression> {
    let Quotient(above, below) = part else { return None };
    let zero = matches!(above.as_ref(), Integer(0));
    (!zero).then(|| below.as_ref().clone().over(above.as_ref().clone()))
}

fn left_out(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let Sum(terms) = part else { return None };
    let mut terms = terms.clone();
    terms.remove(random.random_range(0..terms.len()));
    Some(if terms.len() == 1 { terms.remove(0) } else { Sum(terms) })
}

fn sum_for_product(part: &Expression) -> Option<Expression> {
    let Product(factors) = part else { return None };
    (!factors.iter().any(|factor| matches!(factor, Negative(_)))).then(|| Sum(factors.clone()))
}

fn other_variable(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let names: Vec<String> = answer.expressions().iter().flat_map(|part| part.variables()).collect();
    let old = names.first()?.clone();
    let new = ["x", "y", "n", "t", "b"].into_iter().find(|new| !names.iter().any(|name| name == new))?;
    let mut changed = answer.clone();
    for expression in changed.expressions_mut() {
        for number in 0..expression.size() {
            let mut number = number;
            let mut rename =
                |part: &Expression| matches!(part, Symbol(name) if *name == old).then(|| Symbol(new.to_owned()));
            expression.change(&mut number, &mut rename);
        }
    }
    other(answer, &changed, random)
}

fn pi_left_out(part: &Expression) -> Option<Expression> {
    let Product(factors) = part else { return None };
    let is_pi = |factor: &Expression| matches!(factor, Symbol(name) if name == "\\pi");
    let mut rest: Vec<Expression> = factors.iter().filter(|factor| !is_pi(factor)).cloned().collect();
    let shorter = rest.len() < factors.len() && !rest.is_empty();
    shorter.then(|| if rest.len() == 1 { rest.remove(0) } else { Product(rest) })
}

fn end_kind(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Intervals(parts) = answer else { return None };
    let mut parts = parts.clone();
    let at = random.random_range(0..parts.len());
    let part = parts.get_mut(at)?;
    if part.low.is_some() && (part.high.is_none() || random.random_range(0..2) == 0) {
        part.closed.0 = !part.closed.0;
    } else if part.high.is_some() {
        part.closed.1 = !part.closed.1;
    }
    // `(1, 2)` alone is a point as well.
    let point = parts.len() == 1 && parts.iter().all(|part| part.closed == (false, false) && part.is_bounded());
    (!point).then(|| other(answer, &Answer::Intervals(parts), random))?
}

fn other_words(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Words(words) = answer else { return None };
    let others = ["odd", "even", "ellipse", "parabola", "Tuesday", "red", "circle", "hyperbola", "neither", "Friday"];
    let new = pick(random, &others).filter(|new| !words.to_lowercase().contains(&new.to_lowercase()))?;
    Some(format!("\\text{{{new}}}"))
}
