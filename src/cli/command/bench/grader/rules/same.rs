//! Rules that keep the value and change how it is written, ordered, expanded or factored.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::super::answer::Answer;
use super::super::expression::Expression;
use super::super::polynomial::Polynomial;
use super::super::writing::Style;
use super::{Rule, changed_part, changed_whole, rule, same, style};
use Expression::{Integer, Negative, Power, Product, Quotient, Sum, Symbol};

pub(in super::super) const RULES: [Rule; 13] = [
    rule("display style", |answer, _| Some(Style::Display.answer(answer))),
    rule("dots and small fractions", |answer, _| Some(Style::Dots.answer(answer))),
    rule("plain text", |answer, _| textual(answer).then(|| Style::Plain.answer(answer))),
    rule("signs of Unicode", |answer, _| textual(answer).then(|| Style::Unicode.answer(answer))),
    rule("spacing", spacing),
    rule("dollars and brackets around", around),
    rule("terms in another order", reordered),
    rule("common factor in a fraction", |answer, random| whole(answer, random, common_factor)),
    rule("expanded", |answer, random| whole(answer, random, expanded)),
    rule("factored", |answer, random| whole(answer, random, factored)),
    rule("nested multiplication", |answer, random| whole(answer, random, nested)),
    rule("divided with rest", |answer, random| whole(answer, random, divided)),
    rule("power as product of bases", |answer, random| {
        let changed = changed_part(answer, random, |part, _| power_of_power(part))?;
        same(answer, &changed, style(random))
    }),
];

fn whole(
    answer: &Answer,
    random: &mut ChaCha8Rng,
    change: fn(&Expression, &mut ChaCha8Rng) -> Option<Expression>,
) -> Option<String> {
    let changed = changed_whole(answer, random, change)?;
    same(answer, &changed, style(random))
}

/// Tells whether an answer has a form in plain text that says anything new.
fn textual(answer: &Answer) -> bool {
    let shape = match answer {
        Answer::Matrix(_) | Answer::Words(_) => false,
        // Only a dollar sign of LaTeX and a comma say that these are dress.
        Answer::Dressed(..) => true,
        _ => true,
    };
    shape && Style::Plain.answer(answer) != Style::Key.answer(answer)
}

/// Puts spaces of several kinds between the signs.
fn spacing(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let text = style(random).answer(answer);
    let spaces = [" ", "  ", "\\,", "\\;", "\\ ", "~", "\\! "];
    let mut out = String::new();
    let mut changed = false;
    for (at, letter) in text.char_indices() {
        out.push(letter);
        let next = text.get(at + letter.len_utf8()..).and_then(|rest| rest.chars().next());
        let between = "+-(),[]".contains(letter) && next.is_some_and(|next| next != ' ');
        if between && !text.contains("\\text") && !text.contains("sqrt[") && random.random_range(0..2) == 0 {
            out.push_str(spaces.get(random.random_range(0..spaces.len())).copied().unwrap_or(" "));
            changed = true;
        }
    }
    changed.then_some(out)
}

fn around(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let text = Style::Key.answer(answer);
    let bracketed = matches!(answer, Answer::Value(value) if value.variables().is_empty());
    Some(match random.random_range(0..5) {
        0 => format!("$ {text} $"),
        1 => format!("\\( {text} \\)"),
        2 => format!("\\displaystyle {text}"),
        3 if bracketed => format!("\\left( {text} \\right)"),
        _ => format!("${text}.$"),
    })
}

fn reordered(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let changed = changed_part(answer, random, |part, random| {
        let mut parts = match part {
            Sum(parts) | Product(parts) => parts.clone(),
            _ => return None,
        };
        parts.shuffle(random);
        let parts_before = part.parts();
        if parts.iter().zip(parts_before).all(|(new, old)| new == old) {
            parts.reverse();
        }
        Some(if matches!(part, Sum(_)) { Sum(parts) } else { Product(parts) })
    })?;
    same(answer, &changed, style(random))
}

/// Multiplies both parts of a fraction, or an expression and one, by the same: with variables, a removable point.
fn common_factor(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let factor = match part.variables().first() {
        Some(name) => Sum(vec![Symbol(name.clone()), Integer(random.random_range(1..9))]),
        None => Integer(random.random_range(2..9)),
    };
    Some(match part {
        Quotient(above, below) => {
            Product(vec![factor.clone(), above.as_ref().clone()]).over(Product(vec![factor, below.as_ref().clone()]))
        }
        other => Product(vec![factor.clone(), other.clone()]).over(factor),
    })
}

/// Writes a polynomial out, where it is not.
fn expanded(part: &Expression, _: &mut ChaCha8Rng) -> Option<Expression> {
    let expanded = Polynomial::read(part)?.expanded();
    (expanded.parts().len() > 1 && expanded != *part).then_some(expanded)
}

fn factored(part: &Expression, _: &mut ChaCha8Rng) -> Option<Expression> {
    let polynomial = Polynomial::read(part)?;
    let found = polynomial.whole_root().and_then(|root| polynomial.divided(root));
    found.or_else(|| polynomial.common_factor()).filter(|found| found != part)
}

fn nested(part: &Expression, _: &mut ChaCha8Rng) -> Option<Expression> {
    let polynomial = Polynomial::read(part)?;
    (polynomial.length() > 1).then(|| polynomial.nested())?.filter(|found| found != part)
}

fn divided(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let root = random.random_range(1..7);
    Polynomial::read(part)?.divided(if random.random_range(0..2) == 0 { root } else { -root })
}

/// Writes `b^{2n}` as `(b^2)^n`.
fn power_of_power(part: &Expression) -> Option<Expression> {
    let Power(base, exponent) = part else { return None };
    let exponent = exponent.as_whole().filter(|exponent| *exponent > 2)?;
    let by = (2..exponent).find(|by| exponent % by == 0)?;
    if matches!(base.as_ref(), Negative(_)) {
        return None;
    }
    Some(base.as_ref().clone().raised(by).raised(exponent / by))
}
