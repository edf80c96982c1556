//! One answer, read once: its identity text and what kind of thing it is.

use std::cell::OnceCell;

use super::clean::bare;
use super::expression::Expression;
use super::meaning::Meaning;
use super::number::{self, Number};
use super::token::{Token, identity, undressed, written};
use super::unit::measures;
use super::words::{Said, is_short_word, is_unit, said};
use super::{MAX_ANSWER_BYTES, letter, parse};
use crate::problem::AnswerForm;

/// What an answer is, as far as it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// An exact number.
    Number(Number),
    /// An option letter in brackets or in text (`\text{(C)}`), in upper case.
    Letter(char),
    /// Nothing but words.
    Words(Words),
    /// Anything else.
    Opaque,
}

/// Words in lower case, joined by single spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) text: String,
    /// Whether they are surely words and no product of variables.
    pub(super) certain: bool,
    /// What they say, where they are a usual phrase.
    pub(super) said: Option<Said>,
}

/// An answer that was read.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    /// The text that identity is decided on; empty for an empty answer.
    pub(super) identity: String,
    pub(super) kind: Kind,
    /// Every token that is written; none where the answer cannot be read.
    written: Vec<Token>,
    /// Whether a sign of dollars stands in it.
    money: bool,
    /// The letter of an option before its text, and the text.
    pub(super) option: Option<(char, Box<Parsed>)>,
    meaning: OnceCell<Option<Meaning>>,
}

impl Parsed {
    /// Reads an answer that is wanted in this form.
    pub(super) fn read(text: &str, form: AnswerForm) -> Parsed {
        let opaque = || Parsed {
            identity: text.trim().to_owned(),
            kind: Kind::Opaque,
            written: Vec::new(),
            money: false,
            option: None,
            meaning: OnceCell::new(),
        };
        if text.len() > MAX_ANSWER_BYTES {
            return opaque();
        }
        match written(bare(text)) {
            Some(written) => Parsed::of(written, text.contains("\\$"), form),
            None => opaque(),
        }
    }

    fn of(written: Vec<Token>, money: bool, form: AnswerForm) -> Parsed {
        let tokens = undressed(&written);
        let option =
            letter::labelled(&written).map(|(letter, text)| (letter, Box::new(Parsed::of(text.to_vec(), money, form))));
        let kind = if parse::time(&written).is_some() {
            Kind::Opaque
        } else if let Some(number) = number::read(&tokens, form) {
            Kind::Number(number)
        } else if let Some(letter) = letter::dressed(&tokens) {
            Kind::Letter(letter)
        } else {
            words(&tokens, form).map_or(Kind::Opaque, Kind::Words)
        };
        Parsed { identity: identity(&tokens), kind, written, money, option, meaning: OnceCell::new() }
    }

    /// Tells whether both name measures, and not the same ones (metres, centimetres).
    pub(super) fn is_measured_otherwise(&self, other: &Parsed) -> bool {
        let (one, other) = (measures(&self.written, self.money), measures(&other.written, other.money));
        !one.is_empty() && !other.is_empty() && one != other
    }

    /// Tells whether both are the same text but for case, with a word among its pieces (`January 5`).
    pub(super) fn is_text_of(&self, other: &Parsed) -> bool {
        let word = |token: &Token| matches!(token, Token::Word { text, dressed } if text.chars().count() > if *dressed { 2 } else { 4 });
        let text = |read: &Parsed| matches!(read.kind, Kind::Opaque) && read.written.iter().any(word);
        text(self) && text(other) && self.identity.to_lowercase() == other.identity.to_lowercase()
    }

    /// Tells whether the digits of two answers are the same and only commas set them apart otherwise (`1,2` and 12).
    pub(super) fn is_only_set_apart(&self, other: &Parsed) -> bool {
        let digits = |read: &Parsed| -> Option<String> {
            let mut text = String::new();
            for token in &read.written {
                match token {
                    Token::Number(digits) => text.push_str(&digits.replace('.', "")),
                    Token::Symbol(',') => {}
                    _ => return None,
                }
            }
            Some(text)
        };
        let number = |read: &Parsed| matches!(read.written.as_slice(), [Token::Number(_)]);
        (number(self) || number(other)) && digits(self).zip(digits(other)).is_some_and(|(one, other)| one == other)
    }

    /// Gives what it means, where that is understood; read once.
    pub(super) fn meaning(&self) -> Option<&Meaning> {
        self.meaning.get_or_init(|| parse::meaning(&self.written).or_else(|| self.number())).as_ref()
    }

    /// Tells whether it is nothing but letters that can be variables: one alone, or two small ones side by side.
    pub(super) fn is_letters(&self) -> bool {
        let variable = |token: &Token| match token {
            Token::Word { text, dressed } => match text.chars().count() {
                1 => true,
                2 if !dressed => {
                    text.chars().all(|letter| letter.is_ascii_lowercase()) && !is_short_word(text) && !is_unit(text)
                }
                _ => false,
            },
            Token::Symbol(symbol) => [',', '-'].contains(symbol),
            _ => false,
        };
        self.written.iter().all(variable)
    }

    /// Tells whether it is a value that divides by a zero that everyone sees.
    pub(super) fn divides_by_zero(&self) -> bool {
        let zero = |part: &Expression| match part {
            Expression::Quotient(_, below) => {
                matches!(below.as_ref(), Expression::Number(value) if num_traits::Zero::is_zero(value))
            }
            _ => false,
        };
        match &self.kind {
            Kind::Opaque => matches!(self.meaning(), Some(Meaning::Value(value)) if value.any(&zero)),
            _ => false,
        }
    }

    /// Gives the meaning of a number among words.
    fn number(&self) -> Option<Meaning> {
        let Kind::Number(number) = &self.kind else { return None };
        let value = Expression::Number(number.value.clone());
        let value = if number.percent { Meaning::Percent(value) } else { Meaning::Value(value) };
        Some(match &number.name {
            Some(name) => Meaning::Assigned(name.clone(), Box::new(value)),
            None => value,
        })
    }

    /// Tells whether nothing is left of the answer once its dress is off.
    pub(super) fn is_empty(&self) -> bool {
        self.identity.chars().all(|left| left == '{' || left == '}')
    }
}

/// Reads words with the marks that stand inside and between them.
fn words(tokens: &[Token], form: AnswerForm) -> Option<Words> {
    let mut text = String::new();
    let mut certain = matches!(form, AnswerForm::Text | AnswerForm::Proof);
    for token in tokens {
        match token {
            Token::Word { text: letters, dressed } => {
                certain |= *dressed && letters.chars().count() > 1;
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(&letters.to_lowercase());
            }
            Token::Symbol('\'' | '-' | '.' | ',' | '"') => {}
            _ => return None,
        }
    }
    if text.is_empty() {
        return None;
    }
    let said = said(&text);
    // Nobody multiplies n, o, n and e.
    certain |= said.is_some() && text.len() > 3;
    Some(Words { text, certain, said })
}
