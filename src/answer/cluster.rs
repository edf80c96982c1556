//! Answers grouped into classes of equal ones, for a vote.

use std::collections::{HashMap, HashSet};

use super::equal::{Equality, hundredth, plain};
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

/// Most classes that are compared with each other; with more, only those of one key are one.
const MAX_COMPARED: usize = 128;

/// Groups answers that are equal as [`super::equal`] has it; undecided pairs stay apart.
///
/// `None` and empty answers are in no class. The classes do not depend on the order of the answers. They come with the
/// largest first, among equals the one seen first. Equality over percents and assignments is not transitive (`18%` is 18
/// and 0.18; `x = 5` and `y = 5` are both 5): a percent joins the class of the plain value where one is there (18 before
/// 0.18), and stays by itself otherwise; whatever equals one member of a class belongs to it.
#[must_use]
pub fn cluster(answers: &[Option<&str>], form: AnswerForm, options: &[String]) -> Vec<Class> {
    let keys: Vec<Option<Key>> =
        answers.iter().map(|answer| answer.and_then(|answer| key(answer, form, options))).collect();
    let present: HashSet<Key> = keys.iter().flatten().cloned().collect();
    let mut places: HashMap<Key, usize> = HashMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (member, key) in keys.into_iter().enumerate() {
        let Some(key) = key else { continue };
        let key = joined(key, &present);
        let answer = answers.get(member).copied().flatten().unwrap_or_default();
        let place = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => {
                group.members.push(member);
                // The same whatever came first.
                group.example = group.example.min(answer);
            }
            None => groups.push(Group { key, example: answer, members: vec![member] }),
        }
    }
    let mut classes: Vec<Class> = merged(groups, form)
        .into_iter()
        .map(|mut members| {
            members.sort_unstable();
            let first = members.first().and_then(|first| answers.get(*first).copied().flatten());
            Class { answer: first.unwrap_or_default().to_owned(), members }
        })
        .collect();
    classes.sort_by_key(|class| (std::cmp::Reverse(class.members.len()), class.members.first().copied()));
    classes
}

/// Answers of one key.
struct Group<'a> {
    key: Key,
    /// The least of their texts.
    example: &'a str,
    members: Vec<usize>,
}

/// Joins groups that are equal by what they mean, and all that hang together by that.
fn merged(groups: Vec<Group>, form: AnswerForm) -> Vec<Vec<usize>> {
    let mut roots: Vec<usize> = (0..groups.len()).collect();
    if groups.len() <= MAX_COMPARED {
        let read: Vec<Parsed> = groups.iter().map(|group| Parsed::read(group.example, form)).collect();
        for (one, (left, parsed)) in groups.iter().zip(&read).enumerate() {
            for (other, (right, given)) in groups.iter().zip(&read).enumerate().skip(one + 1) {
                if left.key.may_equal(&right.key) && matches!(plain(parsed, given), Equality::Equal(_)) {
                    let (one, other) = (root(&roots, one), root(&roots, other));
                    if let Some(later) = roots.get_mut(one.max(other)) {
                        *later = one.min(other);
                    }
                }
            }
        }
    }
    let mut classes: HashMap<usize, Vec<usize>> = HashMap::new();
    for (place, group) in groups.into_iter().enumerate() {
        classes.entry(root(&roots, place)).or_default().extend(group.members);
    }
    classes.into_values().collect()
}

/// Follows a place to the first of its class.
fn root(roots: &[usize], mut place: usize) -> usize {
    while let Some(next) = roots.get(place).copied().filter(|next| *next != place) {
        place = next;
    }
    place
}

impl Key {
    /// Tells whether two keys can mean the same although they differ.
    fn may_equal(&self, other: &Key) -> bool {
        let expression = |key: &Key| matches!(key, Key::Text(_));
        let value = |key: &Key| matches!(key, Key::Text(_) | Key::Number(_) | Key::Assigned(..));
        value(self) && value(other) && (expression(self) || expression(other))
    }
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
