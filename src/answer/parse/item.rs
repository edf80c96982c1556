//! The pieces of a value: words taken apart into letters and names, repeating decimals put together.

use num_bigint::BigInt;
use num_rational::Ratio;

use super::super::MAX_DIGITS;
use super::super::number::{GREEK, Rational, decimal};
use super::super::token::Token;

/// One piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Number(Rational),
    /// A whole number as it is written, for mixed numbers.
    Whole(Rational),
    /// A letter, or a Greek one's name.
    Letter(String),
    /// A function, or a command.
    Name(String),
    Symbol(char),
    Degree,
}

/// Names that plain text writes without a backslash.
const PLAIN_NAMES: [&str; 33] = [
    "cis", "sqrt", "cbrt", "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "asin", "acos",
    "atan", "ln", "log", "exp", "abs", "floor", "ceil", "max", "min", "gcd", "lcm", "binom", "pi", "inf", "infty",
    "infinity", "sinh", "cosh", "tanh",
];

/// Greek letters as they are typed.
const TYPED: [(char, &str); 24] = [
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('κ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('π', "pi"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('φ', "phi"),
    ('ϕ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Δ', "Delta"),
    ('ℓ', "ell"),
];

/// Longest run of letters that is taken as a product of variables.
const MAX_LETTERS: usize = 4;

/// Reads tokens as the pieces of a value; `None` where words or dots stand among them.
pub(super) fn items(tokens: &[Token]) -> Option<Vec<Item>> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            Token::Number(text) => {
                if let Some((value, left)) = going_on(text, rest) {
                    out.push(Item::Number(value?));
                    rest = left;
                } else if let Some((value, left)) = repeating(text, rest) {
                    out.push(Item::Number(value?));
                    rest = left;
                } else if text.contains('.') {
                    out.push(Item::Number(decimal(text)?));
                } else {
                    out.push(Item::Whole(decimal(text)?));
                }
            }
            Token::Word { text, dressed } => word(text, *dressed, &mut out)?,
            Token::Command(name) if GREEK.contains(&name.as_str()) => out.push(Item::Letter(greek(name))),
            Token::Command(name) => out.push(Item::Name(name.clone())),
            Token::Symbol(symbol) => symbol_item(*symbol, &mut out),
            Token::Ellipsis => return None,
            Token::Degree => out.push(Item::Degree),
        }
    }
    Some(out)
}

fn greek(name: &str) -> String {
    name.strip_prefix("var").unwrap_or(name).to_owned()
}

fn symbol_item(symbol: char, out: &mut Vec<Item>) {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    const PARTS: [(char, i64, i64); 6] = [('½', 1, 2), ('¼', 1, 4), ('¾', 3, 4), ('⅓', 1, 3), ('⅔', 2, 3), ('⅛', 1, 8)];
    if let Some(digit) = RAISED.iter().position(|raised| *raised == symbol) {
        out.push(Item::Symbol('^'));
        let value = Rational::from(BigInt::from(digit));
        out.push(Item::Whole(value));
    } else if let Some((_, above, below)) = PARTS.iter().find(|(part, ..)| *part == symbol) {
        let part = Ratio::new(BigInt::from(*above), BigInt::from(*below));
        match out.last_mut() {
            // `5½` is a mixed number.
            Some(Item::Whole(whole)) => {
                let value = whole.clone() + part;
                out.pop();
                out.push(Item::Number(value));
            }
            _ => out.push(Item::Number(part)),
        }
    } else {
        out.push(match symbol {
            '√' => Item::Name("sqrt".to_owned()),
            '∞' => Item::Name("infty".to_owned()),
            '±' => Item::Name("pm".to_owned()),
            '∓' => Item::Name("mp".to_owned()),
            '⌊' => Item::Name("lfloor".to_owned()),
            '⌋' => Item::Name("rfloor".to_owned()),
            '⌈' => Item::Name("lceil".to_owned()),
            '⌉' => Item::Name("rceil".to_owned()),
            other => Item::Symbol(other),
        });
    }
}

/// Takes a word apart; a word of text is no piece of a value.
fn word(text: &str, dressed: bool, out: &mut Vec<Item>) -> Option<()> {
    let name = |text: &str| PLAIN_NAMES.contains(&text) || text == "pi";
    let lower = text.to_lowercase();
    if text.chars().count() > 1 && name(&lower) {
        out.push(Item::Name(lower));
        return Some(());
    }
    if dressed || text.chars().count() > MAX_LETTERS {
        return None;
    }
    for letter in text.chars() {
        match TYPED.iter().find(|(typed, _)| *typed == letter) {
            Some((_, "pi")) => out.push(Item::Name("pi".to_owned())),
            Some((_, name)) => out.push(Item::Letter((*name).to_owned())),
            None if letter.is_alphabetic() => out.push(Item::Letter(letter.to_string())),
            None => return None,
        }
    }
    Some(())
}

/// Reads `0.\overline{36}`, `0.(36)` or `0.\dot{3}\dot{6}` after its first number: the value, and what follows. The inner
/// `None` is a number that is too long, or has two readings: `0.1(6)` is as well a product.
fn repeating<'a>(text: &str, after: &'a [Token]) -> Option<(Option<Rational>, &'a [Token])> {
    let (text, after) = match after {
        [dot, rest @ ..] if dot.is('.') && !text.contains('.') => (format!("{text}."), rest),
        _ => (text.to_owned(), after),
    };
    if !text.contains('.') {
        return None;
    }
    if let [open, Token::Number(period), close, rest @ ..] = after
        && open.is('(')
        && close.is(')')
        && !period.contains('.')
    {
        return Some((if text.ends_with('.') { repeated(&text, period) } else { None }, rest));
    }
    if let Some((first, rest)) = dotted(after) {
        // Dots stand over the first and the last digit of the period.
        let (middle, after) = match rest {
            [Token::Number(middle), after @ ..] => (middle.as_str(), after),
            _ => ("", rest),
        };
        return match dotted(after) {
            Some((last, rest)) => Some((repeated(&text, &format!("{first}{middle}{last}")), rest)),
            None if middle.is_empty() => Some((repeated(&text, first), rest)),
            None => Some((None, rest)),
        };
    }
    let [Token::Command(name), rest @ ..] = after else { return None };
    if name != "overline" && name != "bar" {
        return None;
    }
    let (period, rest) = match rest {
        [open, Token::Number(period), close, rest @ ..] if open.is('{') && close.is('}') => (period, rest),
        [Token::Number(period), rest @ ..] => (period, rest),
        _ => return None,
    };
    Some((repeated(&text, period), rest))
}

/// Reads a digit with a dot over it.
fn dotted(tokens: &[Token]) -> Option<(&str, &[Token])> {
    let (digit, rest) = match tokens {
        [Token::Command(name), open, Token::Number(digit), close, rest @ ..]
            if name == "dot" && open.is('{') && close.is('}') =>
        {
            (digit, rest)
        }
        [Token::Command(name), Token::Number(digit), rest @ ..] if name == "dot" => (digit, rest),
        _ => return None,
    };
    (digit.len() == 1).then_some((digit.as_str(), rest))
}

/// Reads `0.1666…` after its number: three times the same digit at the end go on for ever.
fn going_on<'a>(text: &str, after: &'a [Token]) -> Option<(Option<Rational>, &'a [Token])> {
    let [Token::Ellipsis, rest @ ..] = after else { return None };
    let (_, fraction) = text.split_once('.')?;
    let last = fraction.chars().next_back()?;
    let times = fraction.chars().rev().take_while(|digit| *digit == last).count();
    if times < 3 {
        return None;
    }
    let start = text.get(..text.len() - times)?;
    Some((repeated(start, &last.to_string()), rest))
}

fn repeated(start: &str, period: &str) -> Option<Rational> {
    if start.len() + period.len() > MAX_DIGITS / 4 || period.contains('.') {
        return None;
    }
    let places = start.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let value = decimal(start.trim_end_matches('.'))?;
    let digits: BigInt = period.parse().ok()?;
    let ten = |power: usize| num_traits::pow(BigInt::from(10), power);
    let below = (ten(period.len()) - 1) * ten(places);
    Some(value + Ratio::new(digits, below))
}
