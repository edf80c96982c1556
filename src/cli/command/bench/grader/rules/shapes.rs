//! Rules on shapes: units, lists, intervals, matrices, equations, bases, words.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::super::answer::{Answer, Dress, Interval};
use super::super::expression::Expression;
use super::super::writing::Style;
use super::{Rule, pick, rule, same, style};
use Expression::{Integer, Negative, Product, Sum, Symbol};

pub(in super::super) const RULES: [Rule; 19] = [
    rule("degrees", |answer, random| dress(answer, random, Dress::Degree)),
    rule("percent", |answer, random| dress(answer, random, Dress::Percent)),
    rule("money", |answer, random| dress(answer, random, Dress::Money)),
    rule("thousands", |answer, random| dress(answer, random, Dress::Grouped)),
    rule("unit put on or taken off", |answer, random| dress(answer, random, Dress::Unit)),
    rule("thousands put in", thousands),
    rule("named value", named),
    rule("list in another order", |answer, random| list(answer, random, false)),
    rule("list as set", |answer, random| list(answer, random, true)),
    rule("list in words", list_in_words),
    rule("plus-minus", plus_minus),
    rule("union in another order", union_reordered),
    rule("interval as inequality", inequality),
    rule("matrix brackets", |answer, _| {
        matches!(answer, Answer::Matrix(_)).then(|| Style::Key.answer(answer).replace("pmatrix", "bmatrix"))
    }),
    rule("matrix with a factor", matrix_factor),
    rule("equation turned", equation_turned),
    rule("equation times a factor", equation_times),
    rule("base", |answer, random| {
        let Answer::Based(digits, base) = answer else { return None };
        let forms = [format!("({digits})_{{{base}}}"), format!("{digits}_{{{base}}}"), format!("{digits} _ {base}")];
        forms.get(random.random_range(0..forms.len())).cloned()
    }),
    rule("words", words),
];

fn dress(answer: &Answer, random: &mut ChaCha8Rng, wanted: Dress) -> Option<String> {
    let (value, text) = match answer {
        Answer::Dressed(value, dress) if *dress == wanted => (value, style(random).expression(value)),
        // Units and groups are put on numbers without any.
        Answer::Value(value) if wanted == Dress::Unit && value.as_whole().is_some() => {
            (value, style(random).expression(value))
        }
        _ => return None,
    };
    let forms: Vec<String> = match wanted {
        Dress::Degree => ["", "^\\circ", "^{\\circ}", "°", " \\text{ degrees}", " degrees", "\\degree"]
            .map(|end| format!("{text}{end}"))
            .to_vec(),
        Dress::Percent => {
            ["", "%", "\\%", " percent", "\\text{ percent}", " \\%"].map(|end| format!("{text}{end}")).to_vec()
        }
        Dress::Money => ["", "\\$", "$", "\\text{\\$}"].map(|sign| format!("{sign}{text}")).to_vec(),
        Dress::Grouped => {
            [",", "{,}", "\\,", ",\\!", ""].map(|between| grouped(value, between)).into_iter().flatten().collect()
        }
        // Another unit may be another quantity; it is only put on or taken off.
        Dress::Unit if matches!(answer, Answer::Dressed(..)) => vec![text],
        Dress::Unit => {
            let units = [
                "\\text{ cm}",
                "\\text{ miles}",
                " \\text{ square units}",
                "\\mbox{ inches}",
                "\\text{ feet}^2",
                "\\,\\mathrm{cm}",
                " dollars",
                " hours",
            ];
            units.map(|unit| format!("{text}{unit}")).to_vec()
        }
    };
    forms.get(random.random_range(0..forms.len())).cloned()
}

/// Writes a whole number of more than three digits in groups.
fn grouped(value: &Expression, between: &str) -> Option<String> {
    let value = value.as_whole().filter(|value| *value > 999)?;
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push_str(between);
        }
        out.push(digit);
    }
    Some(out)
}

fn thousands(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Value(value) = answer else { return None };
    grouped(value, pick(random, &[",", "{,}", "\\,", ",\\!", "\\ "])?)
}

/// Gives a value a name, or takes it away.
fn named(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    match answer {
        Answer::Value(value) if value.variables().is_empty() => {
            let name = pick(random, &["x", "n", "k", "a", "\\theta", "m"])?;
            Some(format!("{name} = {}", style(random).expression(value)))
        }
        Answer::Equation(Symbol(_), right) if right.variables().is_empty() => Some(style(random).expression(right)),
        _ => None,
    }
}

fn list(answer: &Answer, random: &mut ChaCha8Rng, braces: bool) -> Option<String> {
    let Answer::List(parts) = answer else { return None };
    let mut parts = parts.clone();
    if braces {
        parts.shuffle(random);
    } else {
        let by = random.random_range(1..parts.len());
        parts.rotate_left(by);
    }
    let text = same(answer, &Answer::List(parts), style(random))?;
    Some(if braces { format!("\\{{{text}\\}}") } else { text })
}

fn list_in_words(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::List(parts) = answer else { return None };
    let style = style(random);
    let mut parts: Vec<String> = parts.iter().map(|part| style.expression(part)).collect();
    let last = parts.pop()?;
    let word = pick(random, &[" \\text{ and } ", " \\text{ or } ", " and ", ",\\text{ and }", " or "])?;
    Some(format!("{}{word}{last}", parts.join(", ")))
}

fn plus_minus(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::List(parts) = answer else { return None };
    let [one, other] = parts.as_slice() else { return None };
    let (value, negative) = if let Negative(_) = one { (other, one) } else { (one, other) };
    let opposite = super::super::answer::agree(&negative.clone().negated(), value) == Some(true);
    let simple = !matches!(value, Sum(_) | Negative(_));
    (opposite && simple).then(|| format!("\\pm {}", style(random).expression(value)))
}

fn union_reordered(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Intervals(parts) = answer else { return None };
    if parts.len() < 2 {
        return None;
    }
    let mut parts = parts.clone();
    let by = random.random_range(1..parts.len());
    parts.rotate_left(by);
    Some(style(random).answer(&Answer::Intervals(parts)))
}

fn inequality(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Intervals(parts) = answer else { return None };
    let style = style(random);
    let name = pick(random, &["x", "x", "t"])?;
    if random.random_range(0..3) == 0 {
        return Some(format!("{name} \\in {}", style.answer(answer)));
    }
    let sign = |closed: bool| if closed { "\\le" } else { "<" };
    let one = |part: &Interval| {
        let low = part.low.as_ref().map(|low| style.expression(low));
        let high = part.high.as_ref().map(|high| style.expression(high));
        match (low, high) {
            (Some(low), Some(high)) => {
                Some(format!("{low} {} {name} {} {high}", sign(part.closed.0), sign(part.closed.1)))
            }
            (Some(low), None) => Some(format!("{name} {} {low}", if part.closed.0 { "\\ge" } else { ">" })),
            (None, Some(high)) => Some(format!("{name} {} {high}", sign(part.closed.1))),
            (None, None) => None,
        }
    };
    Some(parts.iter().map(one).collect::<Option<Vec<_>>>()?.join(" \\text{ or } "))
}

/// Takes a factor of all entries out of a matrix.
fn matrix_factor(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Matrix(rows) = answer else { return None };
    let factor = random.random_range(2_i64..5);
    let times = |entry: &Expression| {
        if let Some((above, below)) = entry.as_fraction() {
            return Some(Expression::whole(above.checked_mul(factor)?).over(Integer(below)));
        }
        entry.as_whole()?.checked_mul(factor).map(Expression::whole)
    };
    let row = |row: &Vec<Expression>| row.iter().map(times).collect::<Option<Vec<_>>>();
    let rows = rows.iter().map(row).collect::<Option<Vec<_>>>()?;
    Some(format!("\\frac{{1}}{{{factor}}} {}", Style::Key.answer(&Answer::Matrix(rows))))
}

fn equation_turned(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Equation(left, right) = answer else { return None };
    let zero = matches!(right, Integer(0));
    let turned = if zero || random.random_range(0..2) == 0 {
        Answer::Equation(right.clone(), left.clone())
    } else {
        Answer::Equation(Sum(vec![left.clone(), right.clone().negated()]), Integer(0))
    };
    same(answer, &turned, style(random))
}

fn equation_times(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Equation(left, right) = answer else { return None };
    if left.variables().len() + right.variables().len() < 2 {
        return None;
    }
    let factor = random.random_range(2..9);
    let factor = if random.random_range(0..2) == 0 { Integer(factor) } else { Integer(factor).negated() };
    let times =
        |side: &Expression| if *side == Integer(0) { Integer(0) } else { Product(vec![factor.clone(), side.clone()]) };
    same(answer, &Answer::Equation(times(left), times(right)), style(random))
}

fn words(answer: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    let Answer::Words(words) = answer else { return None };
    Some(match random.random_range(0..6) {
        0 => words.clone(),
        1 => words.to_lowercase(),
        2 => format!("\\text{{ {} }}", words.to_uppercase()),
        3 => format!("\\textbf{{{words}}}."),
        4 => format!("\\mathrm{{{}}}", words.replace(' ', "\\ ")),
        _ => format!("**{words}**"),
    })
}
