//! Rules on numbers and roots: other ways to write one value.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::answer::Answer;
use super::super::expression::Expression;
use super::super::polynomial::common_divisor;
use super::{Rule, changed_part, changed_whole, pick, rule, same, style};
use Expression::{Decimal, Integer, Negative, Power, Product, Quotient, Root, Sum, Symbol, Written};

pub(in super::super) const RULES: [Rule; 19] = [
    rule("fraction multiplied out", |answer, random| part(answer, random, unreduced)),
    rule("fraction as decimal", |answer, random| whole(answer, random, |part, _| decimal(part))),
    rule("fraction as repeating decimal", |answer, random| whole(answer, random, |part, _| repeating(part))),
    rule("mixed number", |answer, random| whole(answer, random, |part, _| mixed(part))),
    rule("decimal as fraction", |answer, random| part(answer, random, |part, _| fraction_of_decimal(part))),
    rule("zeros after the point", |answer, random| part(answer, random, zeros)),
    rule("scientific notation", |answer, random| whole(answer, random, |part, _| scientific(part))),
    rule("whole number as sum or product", |answer, random| part(answer, random, split)),
    rule("whole number as power, root, logarithm", |answer, random| whole(answer, random, closed_form)),
    rule("whole number as factorial or binomial", |answer, random| whole(answer, random, |part, _| counted(part))),
    rule("factor under the root", |answer, random| part(answer, random, |part, _| under_root(part))),
    rule("root turned over", |answer, random| part(answer, random, root_turned)),
    rule("root as power", |answer, random| part(answer, random, |part, _| root_as_power(part))),
    rule("nested roots", |answer, random| part(answer, random, |part, _| nested(part))),
    rule("conjugate denominator", |answer, random| whole(answer, random, |part, _| conjugate(part))),
    rule("power taken apart", |answer, random| part(answer, random, |part, _| power_apart(part))),
    rule("trigonometric value", |answer, random| part(answer, random, trigonometric)),
    rule("times i", |answer, random| whole(answer, random, |part, _| times_i(part))),
    rule("added and taken away", |answer, random| whole(answer, random, added)),
];

type Change = fn(&Expression, &mut ChaCha8Rng) -> Option<Expression>;

fn part(answer: &Answer, random: &mut ChaCha8Rng, change: Change) -> Option<String> {
    let changed = changed_part(answer, random, change)?;
    same(answer, &changed, style(random))
}

fn whole(answer: &Answer, random: &mut ChaCha8Rng, change: Change) -> Option<String> {
    let changed = changed_whole(answer, random, change)?;
    same(answer, &changed, style(random))
}

fn unreduced(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let Quotient(above, below) = part else { return None };
    let factor = random.random_range(2..8);
    Some(Expression::whole(above.as_whole()? * factor).over(Integer(below.as_whole()? * factor)))
}

/// Gives a fraction of whole numbers in lowest terms, above zero, with its sign.
fn lowest(part: &Expression) -> Option<(i64, i64, bool)> {
    let (above, below) = part.as_fraction()?;
    let common = common_divisor(above, below);
    (common > 0 && below > 0).then(|| (above.abs() / common, below / common, above < 0))
}

fn signed(negative: bool, text: String, value: f64) -> Expression {
    let sign = if negative { "-" } else { "" };
    Written(format!("{sign}{text}"), if negative { -value } else { value })
}

#[expect(clippy::cast_precision_loss, reason = "a value to compare with")]
fn ratio(above: i64, below: i64) -> f64 {
    above as f64 / below as f64
}

/// Divides by hand: the digits after the point, and from which one on they repeat.
fn division(above: i64, below: i64) -> Option<(String, Option<usize>)> {
    let (mut rest, mut seen, mut digits) = (above % below, Vec::new(), String::new());
    while rest != 0 {
        if let Some(from) = seen.iter().position(|before| *before == rest) {
            return Some((digits, Some(from)));
        }
        if seen.len() > 12 {
            return None;
        }
        seen.push(rest);
        rest *= 10;
        digits.push(char::from_digit(u32::try_from(rest / below).ok()?, 10)?);
        rest %= below;
    }
    Some((digits, None))
}

fn decimal(part: &Expression) -> Option<Expression> {
    let (above, below, negative) = lowest(part)?;
    let (digits, None) = division(above, below)? else { return None };
    (below > 1).then(|| signed(negative, format!("{}.{digits}", above / below), ratio(above, below)))
}

fn repeating(part: &Expression) -> Option<Expression> {
    let (above, below, negative) = lowest(part)?;
    let (digits, Some(from)) = division(above, below)? else { return None };
    let (before, period) = digits.split_at_checked(from)?;
    let text = format!("{}.{before}\\overline{{{period}}}", above / below);
    Some(signed(negative, text, ratio(above, below)))
}

fn mixed(part: &Expression) -> Option<Expression> {
    let (above, below, negative) = lowest(part)?;
    let text = format!("{}\\frac{{{}}}{{{below}}}", above / below, above % below);
    (below > 1 && above > below).then(|| signed(negative, text, ratio(above, below)))
}

fn fraction_of_decimal(part: &Expression) -> Option<Expression> {
    let Decimal(text) = part else { return None };
    let (whole, digits) = text.split_once('.')?;
    let below = 10_i64.checked_pow(u32::try_from(digits.len()).ok()?)?;
    Some(Integer(format!("{whole}{digits}").parse().ok()?).over(Integer(below)))
}

fn zeros(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let zeros = "0".repeat(random.random_range(1..4));
    match part {
        Decimal(text) => Some(Decimal(format!("{text}{zeros}"))),
        Integer(value) => Some(Decimal(format!("{value}.{zeros}"))),
        _ => None,
    }
}

fn scientific(part: &Expression) -> Option<Expression> {
    let value = part.as_whole().filter(|value| value.abs() >= 100)?;
    let digits = value.abs().to_string();
    let (first, rest) = digits.split_at_checked(1)?;
    let mantissa = format!("{first}.{rest}").trim_end_matches('0').trim_end_matches('.').to_owned();
    Some(signed(value < 0, format!("{mantissa} \\times 10^{{{}}}", rest.len()), ratio(value.abs(), 1)))
}

fn split(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let Integer(value) = part else { return None };
    let value = *value;
    if value < 4 {
        return None;
    }
    let factor = (2..40).find(|factor| value % factor == 0 && value / factor > 1);
    Some(match (random.random_range(0..3), factor) {
        (0, Some(factor)) => Product(vec![Integer(factor), Integer(value / factor)]),
        (1, _) => {
            let more = random.random_range(1..30);
            Sum(vec![Integer(value + more), Integer(more).negated()])
        }
        _ => {
            let less = random.random_range(1..value);
            Sum(vec![Integer(less), Integer(value - less)])
        }
    })
}

fn closed_form(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let value = part.as_whole()?;
    let written = |text: String| Some(Written(text, ratio(value, 1)));
    let base = random.random_range(2_i64..11);
    if (1..=12).contains(&value) {
        let power = base.checked_pow(u32::try_from(value).ok()?)?;
        return match random.random_range(0..4) {
            0 => written(format!("\\log_{{{base}}} {power}")),
            1 => written(format!("\\ln e^{{{value}}}")),
            2 => written(format!("\\sqrt[3]{{{}}}", value.pow(3))),
            _ => written(format!("\\sqrt{{{}}}", value.pow(2))),
        };
    }
    if value == -1 {
        return written("i^2".to_owned());
    }
    let root = (2..100_i64).find_map(|root| {
        let exponent = (2..40).find(|exponent| root.checked_pow(*exponent) == Some(value))?;
        Some((root, exponent))
    });
    match root {
        Some((root, exponent)) => written(format!("{root}^{{{exponent}}}")),
        None if value > 0 && value < 30_000 => written(format!("\\sqrt{{{}}}", value * value)),
        None => None,
    }
}

fn counted(part: &Expression) -> Option<Expression> {
    let value = part.as_whole()?;
    let written = |text: String| Some(Written(text, ratio(value, 1)));
    let mut factorial = 1;
    for number in 2..=12 {
        factorial *= number;
        if factorial == value {
            return written(format!("{number}!"));
        }
    }
    for top in 4..60_i64 {
        let mut binomial = 1;
        for below in 1..=top / 2 {
            binomial = binomial * (top - below + 1) / below;
            if below > 1 && binomial == value {
                return written(format!("\\binom{{{top}}}{{{below}}}"));
            }
            if binomial > value {
                break;
            }
        }
    }
    None
}

fn square_root(part: &Expression) -> Option<i64> {
    let Root(2, inner) = part else { return None };
    inner.as_whole().filter(|inner| *inner > 1)
}

fn under_root(part: &Expression) -> Option<Expression> {
    let Product(factors) = part else { return None };
    let [Integer(factor), root] = factors.as_slice() else { return None };
    let inside = factor.checked_mul(*factor)?.checked_mul(square_root(root)?)?;
    Some(Integer(inside).root())
}

fn root_turned(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    if let Quotient(above, below) = part
        && let Some(inner) = square_root(below)
    {
        return Some(Product(vec![above.as_ref().clone(), Integer(inner).root()]).over(Integer(inner)));
    }
    let inner = square_root(part)?;
    let factor = random.random_range(2..6);
    pick(random, &[true, false]).map(|over| {
        if over {
            Integer(inner).over(Integer(inner).root())
        } else {
            Integer(inner * factor * factor).root().over(Integer(factor))
        }
    })
}

fn root_as_power(part: &Expression) -> Option<Expression> {
    let Root(index, inner) = part else { return None };
    let exponent = Integer(1).over(Integer(*index));
    let grows = inner.as_whole().is_none_or(|inner| inner > 0);
    grows.then(|| Power(inner.clone(), Box::new(exponent)))
}

/// Writes a sum of a whole number or root and a root as one root: the square of `a + b` is `a² + b² + 2ab`.
fn nested(part: &Expression) -> Option<Expression> {
    let squared = |term: &Expression| match term {
        Integer(value) => value.checked_mul(*value),
        Product(factors) => match factors.as_slice() {
            [Integer(factor), root] => factor.checked_mul(*factor)?.checked_mul(square_root(root)?),
            _ => None,
        },
        other => square_root(other),
    };
    let Sum(terms) = part else { return None };
    let [one, other] = terms.as_slice() else { return None };
    let (other, minus) = if let Negative(inner) = other { (inner.as_ref(), true) } else { (other, false) };
    let (one, other) = (squared(one)?, squared(other)?);
    if minus && one <= other {
        return None;
    }
    let double = Product(vec![Integer(2), Integer(one.checked_mul(other)?).root()]);
    Some(Sum(vec![Integer(one + other), if minus { double.negated() } else { double }]).root())
}

/// Writes `a + b√c` as `(a² - b²c)/(a - b√c)`.
fn conjugate(part: &Expression) -> Option<Expression> {
    let Sum(terms) = part else { return None };
    let [one, other] = terms.as_slice() else { return None };
    let one = one.as_whole()?;
    let (inner, minus) = if let Negative(inner) = other { (inner.as_ref(), true) } else { (other, false) };
    let square = match inner {
        Product(factors) => match factors.as_slice() {
            [Integer(factor), root] => factor.checked_mul(*factor)?.checked_mul(square_root(root)?)?,
            _ => return None,
        },
        root => square_root(root)?,
    };
    let turned = if minus { inner.clone() } else { inner.clone().negated() };
    let above = one.checked_mul(one)?.checked_sub(square)?;
    (above != 0).then(|| Expression::whole(above).over(Sum(vec![Expression::whole(one), turned])))
}

fn power_apart(part: &Expression) -> Option<Expression> {
    let Power(base, exponent) = part else { return None };
    let exponent = exponent.as_whole().filter(|exponent| *exponent > 2)?;
    let less = base.as_ref().clone().raised(exponent - 1);
    Some(Product(vec![base.as_ref().clone(), less]))
}

fn trigonometric(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let half = |above: Expression| Quotient(Box::new(above), Box::new(Integer(2)));
    let texts: &[&str] = match part {
        _ if *part == Integer(1).over(Integer(2)) => {
            &["\\sin \\frac{\\pi}{6}", "\\cos 60^\\circ", "\\cos \\frac{\\pi}{3}"]
        }
        _ if *part == half(Integer(3).root()) => {
            &["\\cos \\frac{\\pi}{6}", "\\sin 60^\\circ", "\\sin \\frac{2\\pi}{3}"]
        }
        _ if *part == half(Integer(2).root()) => &["\\sin \\frac{\\pi}{4}", "\\cos 45^\\circ"],
        _ if *part == Integer(3).root() => &["\\tan \\frac{\\pi}{3}", "\\tan 60^\\circ", "\\cot 30^\\circ"],
        _ if *part == Integer(1).over(Integer(4)) => &["\\sin^2 \\frac{\\pi}{6}", "\\cos^2 60^\\circ"],
        _ if *part == Integer(3).over(Integer(4)) => &["\\cos^2 30^\\circ", "\\sin^2 \\frac{\\pi}{3}"],
        _ if *part == Integer(2).root() => &["\\sec 45^\\circ", "2 \\sin \\frac{\\pi}{4}"],
        _ => return None,
    };
    let value = part.value(0).real;
    pick(random, texts).map(|text| Written(text.to_owned(), value))
}

/// Writes `a + bi` as `i(b - ai)`.
fn times_i(part: &Expression) -> Option<Expression> {
    let Sum(terms) = part else { return None };
    let [one, other] = terms.as_slice() else { return None };
    let i = || Symbol("i".to_owned());
    let one = one.as_whole().filter(|one| *one != 0)?;
    let (inner, minus) = if let Negative(inner) = other { (inner.as_ref(), true) } else { (other, false) };
    let factor = match inner {
        Symbol(name) if name == "i" => Integer(1),
        Product(factors) => match factors.as_slice() {
            [factor, last] if *last == i() => factor.clone(),
            _ => return None,
        },
        _ => return None,
    };
    let factor = if minus { factor.negated() } else { factor };
    let turned = if one.abs() == 1 { i() } else { Product(vec![Integer(one.abs()), i()]) };
    let turned = if one > 0 { turned.negated() } else { turned };
    Some(Product(vec![i(), Sum(vec![factor, turned])]))
}

fn added(part: &Expression, random: &mut ChaCha8Rng) -> Option<Expression> {
    let more = match (part.variables().first(), random.random_range(0..3)) {
        (Some(name), _) => Product(vec![Integer(random.random_range(2..9)), Symbol(name.clone())]),
        (None, 0) => Symbol("\\pi".to_owned()),
        (None, 1) => Integer(random.random_range(2..9)).root(),
        (None, _) => Integer(random.random_range(1..50)),
    };
    let mut terms = match part {
        Sum(terms) => terms.clone(),
        other => vec![other.clone()],
    };
    terms.insert(0, more.clone());
    terms.push(more.negated());
    Some(Sum(terms))
}
