//! Answers grouped into classes of equal ones, for a vote.

use std::collections::{HashMap, HashSet};

use super::equal::hundredth;
use super::letter::choose;
use super::number::Rational;
use super::parsed::{Kind, Parsed};
use crate::problem::AnswerForm;

/// Equal answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The answer that came first, as it was written.
    pub answer: String,
    /// Places of the members in the list that was clustered, ascending.
    pub members: Vec<usize>,
}

/// What the members of a class have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Option(usize),
    Letter(char),
    Number(Rational),
    Percent(Rational),
    Assigned(String, Rational),
    Words(String),
    Text(String),
}

/// Groups answers that are equal as [`super::equal`] has it; undecided pairs stay apart.
///
/// `None` and empty answers are in no class. The classes do not depend on the order of the answers. They come with the
/// largest first, among equals the one seen first. Equality over percents and assignments is not transitive (`18%` is 18
/// and 0.18): such an answer joins the class of the plain value where one is there (18 before 0.18), and stays by itself
/// otherwise.
#[must_use]
pub fn cluster(answers: &[Option<&str>], form: AnswerForm, options: &[String]) -> Vec<Class> {
    let keys: Vec<Option<Key>> =
        answers.iter().map(|answer| answer.and_then(|answer| key(answer, form, options))).collect();
    let present: HashSet<Key> = keys.iter().flatten().cloned().collect();
    let mut places: HashMap<Key, usize> = HashMap::new();
    let mut classes: Vec<Class> = Vec::new();
    for (member, key) in keys.into_iter().enumerate() {
        let Some(key) = key else { continue };
        let place = *places.entry(joined(key, &present)).or_insert(classes.len());
        match classes.get_mut(place) {
            Some(class) => class.members.push(member),
            None => {
                let answer = answers.get(member).copied().flatten().unwrap_or_default().to_owned();
                classes.push(Class { answer, members: vec![member] });
            }
        }
    }
    classes.sort_by_key(|class| (std::cmp::Reverse(class.members.len()), class.members.first().copied()));
    classes
}

fn key(answer: &str, form: AnswerForm, options: &[String]) -> Option<Key> {
    let read = Parsed::read(answer, form);
    if read.is_empty() {
        return None;
    }
    if (form == AnswerForm::Letter || !options.is_empty())
        && let Some(index) = choose(answer, options)
    {
        return Some(Key::Option(index));
    }
    Some(match read.kind {
        Kind::Number(number) => match (number.percent, number.name) {
            (true, _) => Key::Percent(number.value),
            (false, Some(name)) => Key::Assigned(name, number.value),
            (false, None) => Key::Number(number.value),
        },
        Kind::Letter(letter) => Key::Letter(letter),
        Kind::Words(words) if words.certain => Key::Words(words.text),
        Kind::Words(_) | Kind::Opaque => Key::Text(read.identity),
    })
}

/// Gives the class that a key belongs to, seen what else is there.
fn joined(key: Key, present: &HashSet<Key>) -> Key {
    let candidates = match &key {
        Key::Percent(value) => vec![Key::Number(value.clone()), Key::Number(hundredth(value))],
        Key::Assigned(_, value) => vec![Key::Number(value.clone())],
        // Bare words are words where somebody marked the same ones as text, or a bare letter as an option.
        Key::Text(text) => {
            let mut candidates = vec![Key::Words(text.to_lowercase())];
            candidates.extend(text.parse::<char>().ok().map(|letter| Key::Letter(letter.to_ascii_uppercase())));
            candidates
        }
        _ => Vec::new(),
    };
    candidates.into_iter().find(|candidate| present.contains(candidate)).unwrap_or(key)
}
