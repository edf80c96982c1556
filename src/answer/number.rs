//! Exact numbers: integers, decimals, fractions, mixed numbers, scientific notation, percents, with the words around
//! them told from words that change them.
//!
//! Every value is a ratio of big integers. What has more than [`MAX_DIGITS`] digits, or a division by zero, is no number here.

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{Signed, Zero};

use super::MAX_DIGITS;
use super::token::Token;
use super::words::{changes_value, is_short_word, is_unit, is_unit_letter, number_word};
use crate::problem::AnswerForm;

/// An exact value.
pub(super) type Rational = Ratio<BigInt>;

/// A number as an answer writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    /// The value as written: 18 for `18%`.
    pub(super) value: Rational,
    /// Whether a percent sign follows.
    pub(super) percent: bool,
    /// The variable that the value is assigned to (`x = 5`).
    pub(super) name: Option<String>,
}

/// How deep fractions and brackets may nest.
const MAX_DEPTH: u8 = 8;

/// Reads a whole answer as one number; `None` where it is anything else.
///
/// A wanted integer or number may stand among plain words (`18 dollars a day`) and at the end of a chain of equations
/// (`m+n = 25+8 = 33`). Otherwise only units and text in `\text{…}` are dress, and only one name may stand before `=`.
pub(super) fn read(tokens: &[Token], form: AnswerForm) -> Option<Number> {
    let sentence = matches!(form, AnswerForm::Integer | AnswerForm::Number);
    let sides: Vec<&[Token]> = tokens.split(|token| token.is('=')).collect();
    let (last, before) = sides.split_last()?;
    let (value, percent) = measure(last, sentence)?;
    let name = match before {
        [] | [[]] => None,
        [side] if name(side).is_some() => name(side),
        // Another value on the other side: an equation, and a false one.
        sides if sentence => {
            let agree = sides.iter().all(|side| measure(side, false).is_none_or(|(other, _)| other == value));
            if !agree {
                return None;
            }
            None
        }
        _ => return None,
    };
    Some(Number { value, percent, name })
}

/// Reads the name of a variable: `x`, `AB`, `\theta`, `a_3`.
fn name(side: &[Token]) -> Option<String> {
    let base = match side.first()? {
        Token::Word { text, .. } if text.chars().count() <= 12 && !changes_value(text) => text.clone(),
        Token::Command(command) if GREEK.contains(&command.as_str()) => command.clone(),
        _ => return None,
    };
    match side.get(1..)? {
        [] => Some(base),
        [mark, index @ ..] if mark.is('_') => Some(format!("{base}_{}", index_of(index)?)),
        _ => None,
    }
}

/// Reads the index of a name: a number or letters, with or without braces.
pub(super) fn index_of(tokens: &[Token]) -> Option<&str> {
    match tokens {
        [Token::Number(index) | Token::Word { text: index, .. }] => Some(index),
        [open, Token::Number(index) | Token::Word { text: index, .. }, close] if open.is('{') && close.is('}') => {
            Some(index)
        }
        _ => None,
    }
}

pub(super) const GREEK: [&str; 24] = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "rho",
    "sigma",
    "tau",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Delta",
    "ell",
];

/// Reads a number with the words around it.
fn measure(tokens: &[Token], sentence: bool) -> Option<(Rational, bool)> {
    if let Some(Token::Word { text, .. }) = tokens.first()
        && let Some(value) = number_word(text)
        && tokens.get(1..)?.iter().all(|unit| matches!(unit, Token::Word { text, .. } if is_unit(text)))
    {
        // Before any other word it describes and does not count (`two lines`).
        return Some((BigInt::from(value).into(), false));
    }
    let lead = tokens.iter().take_while(|token| is_lead(token, sentence)).count();
    let mut reader = Reader { tokens: tokens.get(lead..)?, at: 0 };
    let value = reader.signed(0)?;
    let mut percent = false;
    match reader.peek(0) {
        Some(Token::Symbol('%')) => percent = true,
        Some(Token::Word { text, .. }) if ["percent", "pct"].contains(&text.to_lowercase().as_str()) => percent = true,
        _ => {}
    }
    reader.at += usize::from(percent);
    is_tail(reader.tokens.get(reader.at..)?, sentence).then_some((value, percent))
}

/// Tells whether a token before a number is dress.
fn is_lead(token: &Token, sentence: bool) -> bool {
    match token {
        // Elsewhere a word before a number can be part of the answer (`January 12`).
        Token::Word { text, .. } => sentence && !is_variable(text) && !changes_value(text),
        Token::Symbol(symbol) => sentence && [':', ',', '\''].contains(symbol),
        Token::Number(_) | Token::Command(_) | Token::Ellipsis | Token::Degree => false,
    }
}

/// Tells whether a bare word could be a variable or a product of two: one or two letters, everyday words aside.
fn is_variable(text: &str) -> bool {
    text.chars().count() <= 2 && !is_unit(text) && !is_short_word(text)
}

/// Tells whether a word in text after a number is dress: not the imaginary unit, not a variable.
fn is_text_dress(text: &str) -> bool {
    text.chars().count() > 1 || is_unit_letter(text)
}

/// Tells whether what follows a number is dress.
pub(super) fn is_tail(mut tokens: &[Token], sentence: bool) -> bool {
    let mut after_word = false;
    while let Some((first, rest)) = tokens.split_first() {
        tokens = rest;
        let next_is_word = matches!(rest.first(), Some(Token::Word { .. }));
        match first {
            Token::Word { text, dressed } if changes_value(text) && !(*dressed && text == "min") => return false,
            Token::Word { text, dressed } => {
                if !(*dressed && is_text_dress(text) || is_unit(text) || sentence && !is_variable(text)) {
                    return false;
                }
                // The exponent of a unit.
                if let [mark, Token::Number(power), after @ ..] = rest
                    && mark.is('^')
                    && (power == "2" || power == "3")
                {
                    tokens = after;
                }
                after_word = true;
            }
            Token::Symbol('/' | '-') if after_word && next_is_word => {}
            Token::Symbol('.') if after_word => {}
            Token::Symbol('/') if sentence && next_is_word => {}
            Token::Symbol('\'' | ',' | ';' | ':' | ')' | '"') if sentence && after_word => {}
            Token::Symbol('(' | ',' | '.' | ';') if sentence && next_is_word => {}
            _ => return false,
        }
    }
    true
}

/// Reads a number token; bounded by [`MAX_DIGITS`].
pub(super) fn decimal(text: &str) -> Option<Rational> {
    if text.len() > MAX_DIGITS {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    Some(Ratio::new(digits, power_of_ten(fraction.len())?))
}

fn power_of_ten(exponent: usize) -> Option<BigInt> {
    (exponent <= MAX_DIGITS).then(|| num_traits::pow(BigInt::from(10), exponent))
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn take(&mut self, symbol: char) -> bool {
        let found = self.peek(0).is_some_and(|token| token.is(symbol));
        self.at += usize::from(found);
        found
    }

    fn signed(&mut self, depth: u8) -> Option<Rational> {
        if depth > MAX_DEPTH {
            return None;
        }
        let negative = self.take('-');
        if !negative {
            self.take('+');
        }
        let value = self.unsigned(depth)?;
        Some(if negative { -value } else { value })
    }

    fn unsigned(&mut self, depth: u8) -> Option<Rational> {
        for (open, close) in [('(', ')'), ('{', '}')] {
            if self.take(open) {
                let value = self.signed(depth + 1)?;
                return self.take(close).then_some(value);
            }
        }
        match self.peek(0)? {
            Token::Number(text) => {
                let value = decimal(text)?;
                self.at += 1;
                self.after_number(value, depth)
            }
            Token::Command(name) if name == "frac" => self.fraction(depth),
            _ => None,
        }
    }

    /// Reads `\frac{a}{b}`.
    fn fraction(&mut self, depth: u8) -> Option<Rational> {
        self.at += 1;
        let mut part = || {
            let inside = self.take('{').then(|| self.signed(depth + 1))??;
            self.take('}').then_some(inside)
        };
        let (above, below) = (part()?, part()?);
        (!below.is_zero()).then(|| above / below)
    }

    /// Reads what may follow a number: the rest of a mixed number, a denominator, a power of ten.
    fn after_number(&mut self, value: Rational, depth: u8) -> Option<Rational> {
        match (self.peek(0), self.peek(1), self.peek(2)) {
            (Some(Token::Command(name)), ..) if name == "frac" => {
                let part = self.fraction(depth)?;
                mixed(value, part)
            }
            (Some(Token::Number(above)), Some(Token::Symbol('/')), Some(Token::Number(below))) => {
                let (above, below) = (decimal(above)?, decimal(below)?);
                self.at += 3;
                (!below.is_zero()).then(|| above / below).and_then(|part| mixed(value, part))
            }
            (Some(Token::Symbol('/')), Some(Token::Number(below)), _) => {
                let below = decimal(below)?;
                self.at += 2;
                // `1/2/3` has two readings.
                (!below.is_zero() && !self.peek(0).is_some_and(|token| token.is('/'))).then(|| value / below)
            }
            (Some(times), Some(Token::Number(ten)), Some(power)) if is_times(times) && ten == "10" && power.is('^') => {
                self.at += 3;
                let exponent = self.exponent()?;
                let scale = Rational::from(power_of_ten(exponent.unsigned_abs().try_into().ok()?)?);
                Some(if exponent < 0 { value / scale } else { value * scale })
            }
            _ => Some(value),
        }
    }

    /// Reads the exponent of a power of ten: `3`, `{-3}`, `(-3)`.
    fn exponent(&mut self) -> Option<i64> {
        let close = if self.take('{') {
            Some('}')
        } else if self.take('(') {
            Some(')')
        } else {
            None
        };
        let negative = self.take('-');
        let Token::Number(digits) = self.peek(0)? else {
            return None;
        };
        let size: i64 = digits.parse().ok()?;
        self.at += 1;
        close.is_none_or(|close| self.take(close)).then_some(if negative { -size } else { size })
    }
}

/// Joins a whole number and a proper fraction; `3\frac52` is as well a product and no mixed number.
fn mixed(whole: Rational, part: Rational) -> Option<Rational> {
    let proper = whole.is_integer() && part.is_positive() && part < Rational::from(BigInt::from(1));
    proper.then(|| whole + part)
}

fn is_times(token: &Token) -> bool {
    match token {
        Token::Symbol('*') => true,
        Token::Command(name) => name == "times" || name == "cdot",
        _ => false,
    }
}
