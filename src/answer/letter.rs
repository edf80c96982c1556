//! Option letters in their usual dress, and which option an answer means.

use super::clean::bare;
use super::equal::{Equality, plain};
use super::parsed::Parsed;
use super::token::{Token, tokens};
use crate::problem::AnswerForm;

/// Words that may stand before a letter.
const LABELS: [&str; 5] = ["option", "choice", "answer", "letter", "case"];

/// Reads a letter that brackets or a text wrapper mark as an option: `(C)`, `\text{C}`, `\textbf{(C)}`.
pub(super) fn dressed(tokens: &[Token]) -> Option<char> {
    let bracketed = tokens.iter().any(|token| token.is('('));
    let (letter, in_text) = alone(tokens)?;
    ((bracketed || in_text) && ('A'..='J').contains(&letter)).then_some(letter)
}

/// Finds the option that an answer means, as an index.
///
/// A letter in any dress, alone or before its option's text; or the text of exactly one option. A letter before
/// another option's text means none.
pub(super) fn choose(answer: &str, options: &[String]) -> Option<usize> {
    let tokens = tokens(bare(answer))?;
    let count = if options.is_empty() { 26 } else { options.len() };
    let index = |letter: char| {
        let index = (letter.to_ascii_uppercase() as usize).checked_sub('A' as usize)?;
        (index < count).then_some(index)
    };
    if let Some((letter, _)) = alone(&tokens) {
        // A lower-case letter can be a variable, and so the text of an option.
        let text = if letter.is_ascii_lowercase() { by_text(answer, options) } else { None };
        return text.or_else(|| index(letter));
    }
    if let Some((letter, rest)) = leading(&tokens)
        && let Some(found) = index(letter)
    {
        let Some(option) = options.get(found) else {
            return Some(found);
        };
        let same = super::token::tokens(bare(option))
            .is_some_and(|own| super::token::identity(&own) == super::token::identity(rest))
            || tail(answer, letter).is_some_and(|text| by_text(text, options) == Some(found));
        return same.then_some(found);
    }
    by_text(answer, options)
}

/// Tells whether the letter of an option stands before a text.
pub(super) fn leads(answer: &str) -> bool {
    tokens(bare(answer)).is_some_and(|tokens| leading(&tokens).is_some())
}

/// Tells whether a text is nothing but the letter of an option.
pub(super) fn is_alone(text: &str, options: &[String]) -> bool {
    let Some(tokens) = tokens(bare(text)) else { return false };
    let count = if options.is_empty() { 10 } else { options.len() };
    alone(&tokens).is_some_and(|(letter, _)| letter.is_ascii_uppercase() && usize::from(letter as u8 - b'A') < count)
}

/// Tells whether a text is an option's letter with that option's own text.
pub(super) fn is_led(text: &str, options: &[String]) -> bool {
    tokens(bare(text)).is_some_and(|tokens| leading(&tokens).is_some()) && choose(text, options).is_some()
}

/// Cuts an answer after its leading letter and the marks around it.
fn tail(answer: &str, letter: char) -> Option<&str> {
    let (_, rest) = answer.split_once(letter)?;
    Some(rest.trim_start_matches(['.', ')', ':', '}', ']', ' ', '\\', ',', '-']))
}

/// Finds the only option whose text equals the answer.
fn by_text(answer: &str, options: &[String]) -> Option<usize> {
    let answer = Parsed::read(answer, AnswerForm::Expression);
    if answer.is_empty() {
        return None;
    }
    let mut found = options.iter().enumerate().filter(|(_, option)| {
        let option = Parsed::read(option, AnswerForm::Expression);
        matches!(plain(&option, &answer), Equality::Equal(_))
    });
    let (index, _) = found.next()?;
    found.next().is_none().then_some(index)
}

/// Reads a letter that stands alone: brackets, stops and a label aside. Tells as well whether it stood in text.
fn alone(tokens: &[Token]) -> Option<(char, bool)> {
    let mut found = None;
    for token in tokens {
        match token {
            Token::Symbol('(' | ')' | '[' | ']' | '.' | ':') => {}
            Token::Word { text, .. } if found.is_none() && LABELS.contains(&text.to_lowercase().as_str()) => {}
            Token::Word { text, dressed } if found.is_none() => found = Some((one_letter(text)?, *dressed)),
            _ => return None,
        }
    }
    found
}

/// Reads a letter that marks the option whose text follows: `(C) 15`, `C. 15`, `\textbf{(C)}\ 15`, `C: 15`.
fn leading(tokens: &[Token]) -> Option<(char, &[Token])> {
    let labels = tokens.iter().take_while(|token| is_label(token)).count();
    let tokens = tokens.get(labels..)?;
    let (letter, rest) = match tokens {
        [open, Token::Word { text, .. }, close, rest @ ..] if open.is('(') && close.is(')') => (text, rest),
        [Token::Word { text, .. }, close, rest @ ..] if [')', '.', ':', '-'].iter().any(|mark| close.is(*mark)) => {
            (text, rest)
        }
        // `C (15)`
        [Token::Word { text, .. }, open, rest @ .., close] if open.is('(') && close.is(')') => (text, rest),
        [Token::Word { text, dressed: true }, rest @ ..] => (text, rest),
        _ => return None,
    };
    Some((one_letter(letter).filter(char::is_ascii_uppercase)?, rest))
}

/// Reads the letter of an option in text before the option's text, where no options are known: `\text{(C) } 12`.
pub(super) fn labelled(tokens: &[Token]) -> Option<(char, &[Token])> {
    let (letter, rest) = match tokens {
        [open, Token::Word { text, dressed: true }, close, rest @ ..] if open.is('(') && close.is(')') => (text, rest),
        [Token::Word { text, dressed: true }, close, rest @ ..] if close.is(')') => (text, rest),
        _ => return None,
    };
    let letter = one_letter(letter).filter(|letter| ('A'..='J').contains(letter))?;
    let another = |token: &Token| matches!(token, Token::Word { text, dressed: true } if one_letter(text).is_some_and(|letter| letter.is_ascii_uppercase()));
    let joins = match rest.first()? {
        Token::Word { text, .. } => ["and", "or"].contains(&text.to_lowercase().as_str()),
        Token::Symbol(symbol) => !['-', '(', '[', '$'].contains(symbol),
        _ => false,
    };
    // Several letters are several options.
    (!joins && !rest.iter().any(another)).then_some((letter, rest))
}

fn is_label(token: &Token) -> bool {
    matches!(token, Token::Word { text, .. } if LABELS.contains(&text.to_lowercase().as_str()))
}

fn one_letter(text: &str) -> Option<char> {
    let mut letters = text.chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    letters.next().is_none().then_some(letter)
}
