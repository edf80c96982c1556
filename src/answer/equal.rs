//! Whether two answers are the same, and which rule says so.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::Ratio;

use super::compare;
use super::letter::{choose, leads};
use super::meaning::Meaning;
use super::number::{Number, Rational};
use super::parsed::{Kind, Parsed, Words};
use super::words::{Said, is_denial, may_be_value};
use super::work::Work;
use crate::problem::AnswerForm;
use crate::verdict::{Cause, DecidedBy, Evidence, Rejection, Verdict};

/// What comparing two answers gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Equality {
    /// The same answer.
    Equal(DecidedBy),
    /// Surely another answer.
    Different(DecidedBy),
    /// Neither could be shown.
    Undecided,
}

/// Compares a given answer with the gold answer.
///
/// Symmetric in its two answers, empty ones aside. Numbers compare exactly and without their dress (units, degrees,
/// money, separators, leading zeros, an assignment's `x =`): 0.75 is 3/4, 0.333 is not 1/3. `18%` equals 18 and 0.18, but
/// 50 does not equal 0.5. Where `options` are given, a letter equals its option's text. Words compare without case.
/// An empty gold answer leaves everything undecided; an empty given answer is different.
#[must_use]
pub fn equal(gold: &str, given: &str, form: AnswerForm, options: &[String]) -> Equality {
    compare(gold, given, form, options, plain)
}

/// Compares as [`equal`] does, but never by equal texts: what is equal must come out of the meaning of both.
///
/// It measures the normal forms; a verdict never rests on it.
#[must_use]
pub fn equal_without_identity(gold: &str, given: &str, form: AnswerForm, options: &[String]) -> Equality {
    compare(gold, given, form, options, by_meaning)
}

fn compare(
    gold: &str,
    given: &str,
    form: AnswerForm,
    options: &[String],
    plain: fn(&Parsed, &Parsed) -> Equality,
) -> Equality {
    let (gold_read, given_read) = (Parsed::read(gold, form), Parsed::read(given, form));
    if gold_read.is_empty() {
        return Equality::Undecided;
    }
    if given_read.is_empty() {
        return Equality::Different(DecidedBy::Identity);
    }
    if form != AnswerForm::Letter && options.is_empty() {
        return plain(&gold_read, &given_read);
    }
    match (choose(gold, options), choose(given, options)) {
        (Some(gold), Some(given)) if gold == given => Equality::Equal(DecidedBy::Letter),
        (Some(_), Some(_)) => Equality::Different(DecidedBy::Letter),
        // Another option's letter stands before the text: it contradicts itself.
        (Some(_), None) if leads(given) => Equality::Undecided,
        (None, Some(_)) if leads(gold) => Equality::Undecided,
        (Some(letter), None) => against_option(options.get(letter), &given_read, plain),
        (None, Some(letter)) => against_option(options.get(letter), &gold_read, plain),
        (None, None) => plain(&gold_read, &given_read),
    }
}

/// Compares an answer that names no option with the text of one.
fn against_option(option: Option<&String>, answer: &Parsed, plain: fn(&Parsed, &Parsed) -> Equality) -> Equality {
    let read = |option: &String| plain(&Parsed::read(option, AnswerForm::Expression), answer);
    let verdict = option.map_or(Equality::Undecided, read);
    match verdict {
        // A letter that names no option is no variable either.
        Equality::Different(DecidedBy::Symbolic | DecidedBy::NumericExact)
            if answer.identity.parse::<char>().is_ok_and(|letter| letter.is_uppercase()) =>
        {
            Equality::Undecided
        }
        verdict => verdict,
    }
}

/// Compares two answers that are not empty, options aside.
pub(super) fn plain(one: &Parsed, other: &Parsed) -> Equality {
    if one.identity == other.identity {
        return Equality::Equal(DecidedBy::Identity);
    }
    by_meaning(one, other)
}

/// Compares what two answers mean; their texts aside.
pub(super) fn by_meaning(one: &Parsed, other: &Parsed) -> Equality {
    match (&one.option, &other.option) {
        (Some((letter, text)), Some((own, given))) => return labelled((*letter, text), (*own, given)),
        (Some((letter, text)), None) => return labelled_and_plain(*letter, text, other),
        (None, Some((letter, text))) => return labelled_and_plain(*letter, text, one),
        (None, None) => {}
    }
    if one.is_measured_otherwise(other) {
        return Equality::Undecided;
    }
    if one.is_text_of(other) {
        return Equality::Equal(DecidedBy::Words);
    }
    if let Some(verdict) = phrase(one, other).or_else(|| phrase(other, one)) {
        return verdict;
    }
    match (&one.kind, &other.kind) {
        (Kind::Number(one), Kind::Number(other)) => decided(same_number(one, other), DecidedBy::Exact),
        (Kind::Letter(one), Kind::Letter(other)) => decided(one == other, DecidedBy::Letter),
        (Kind::Letter(letter), Kind::Words(_)) => bare_letter(*letter, &other.identity),
        (Kind::Words(_), Kind::Letter(letter)) => bare_letter(*letter, &one.identity),
        (Kind::Words(words), Kind::Words(others)) => match same_words(words, others) {
            // Letters can be variables, or the names of options.
            Equality::Undecided if one.is_letters() && other.is_letters() => in_meaning(one, other),
            verdict => verdict,
        },
        (Kind::Words(words), Kind::Number(_)) | (Kind::Number(_), Kind::Words(words)) => {
            let surely_no_number = words.certain && !words.text.split(' ').any(may_be_value);
            if surely_no_number { Equality::Different(DecidedBy::Words) } else { Equality::Undecided }
        }
        (Kind::Letter(_), _) | (_, Kind::Letter(_)) => Equality::Undecided,
        (Kind::Words(words), _) if words.certain => words_and_value(words, other),
        (_, Kind::Words(words)) if words.certain => words_and_value(words, one),
        _ => in_meaning(one, other),
    }
}

/// Compares two options, each with its letter and its text. The same letter of another text contradicts itself.
fn labelled(one: (char, &Parsed), other: (char, &Parsed)) -> Equality {
    let same = one.0 == other.0;
    match by_meaning(one.1, other.1) {
        Equality::Equal(_) if same => Equality::Equal(DecidedBy::Letter),
        Equality::Different(_) if !same => Equality::Different(DecidedBy::Letter),
        _ if same && one.1.identity == other.1.identity => Equality::Equal(DecidedBy::Letter),
        _ => Equality::Undecided,
    }
}

/// Compares an option with its letter and its text with a letter, or with a text.
fn labelled_and_plain(letter: char, text: &Parsed, other: &Parsed) -> Equality {
    match &other.kind {
        Kind::Letter(own) => decided(letter == *own, DecidedBy::Letter),
        Kind::Words(words) if words.text.chars().count() == 1 => bare_letter(letter, &other.identity),
        _ => by_meaning(text, other),
    }
}

/// Compares a usual phrase with something that is no text.
fn phrase(words: &Parsed, value: &Parsed) -> Option<Equality> {
    let Kind::Words(Words { said: Some(said), certain: true, .. }) = &words.kind else { return None };
    if matches!(&value.kind, Kind::Letter(_)) || matches!(&value.kind, Kind::Words(words) if words.certain) {
        return None;
    }
    let different = Some(Equality::Different(DecidedBy::Words));
    match (said, value.meaning()?) {
        (Said::Nothing, Meaning::Set(items)) if items.is_empty() => Some(Equality::Equal(DecidedBy::Words)),
        (Said::AllReals, Meaning::Region(region)) => Some(compare::is_everything(region)?),
        // None is as well a count.
        (Said::Nothing, meaning) if compare::is_solution(meaning) => different,
        (Said::Absent | Said::Undefined, meaning) if compare::is_defined(meaning) => different,
        _ => None,
    }
}

/// Compares words with something that has a value: a value that is written out differs from words that say no value.
fn words_and_value(words: &Words, value: &Parsed) -> Equality {
    const OF_SETS: [&str; 14] = [
        "origin",
        "identity",
        "real",
        "reals",
        "any",
        "every",
        "each",
        "empty",
        "numbers",
        "integers",
        "solution",
        "solutions",
        "everything",
        "same",
    ];
    let says_none = words.text.split(' ').all(|word| !may_be_value(word) && !OF_SETS.contains(&word));
    if words.certain && says_none && value.meaning().is_some_and(compare::is_of_numbers) {
        Equality::Different(DecidedBy::Words)
    } else {
        Equality::Undecided
    }
}

/// Compares what the two are made of.
fn in_meaning(one: &Parsed, other: &Parsed) -> Equality {
    match (one.meaning(), other.meaning()) {
        // A comma of another custom.
        _ if one.is_only_set_apart(other) && one.identity != other.identity => Equality::Undecided,
        (Some(one), Some(other)) => compare::same(one, other, &mut Work::new()),
        _ => Equality::Undecided,
    }
}

/// Compares an option letter with a bare letter; one in lower case can be a variable.
fn bare_letter(letter: char, other: &str) -> Equality {
    match other.parse::<char>() {
        Ok(other) if other.is_uppercase() => decided(letter == other, DecidedBy::Letter),
        _ => Equality::Undecided,
    }
}

fn decided(same: bool, rule: DecidedBy) -> Equality {
    if same { Equality::Equal(rule) } else { Equality::Different(rule) }
}

fn same_number(one: &Number, other: &Number) -> bool {
    let names_agree = match (&one.name, &other.name) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let values_agree = one.value == other.value
        || (one.percent && !other.percent && hundredth(&one.value) == other.value)
        || (other.percent && !one.percent && hundredth(&other.value) == one.value);
    names_agree && values_agree
}

/// Gives the value that a percent sign stands for.
pub(super) fn hundredth(value: &Rational) -> Rational {
    value / Ratio::from(BigInt::from(100))
}

/// Compares words; other words are different only where one is not part of the other (`the east`, `east`).
fn same_words(one: &Words, other: &Words) -> Equality {
    if !one.certain && !other.certain {
        return Equality::Undecided;
    }
    if one.text == other.text {
        return Equality::Equal(DecidedBy::Words);
    }
    match (one.said, other.said) {
        (Some(said), Some(also)) if said == also => return Equality::Equal(DecidedBy::Words),
        (Some(said), Some(also)) if said.is_near(also) => return Equality::Undecided,
        (Some(said), None) if said.denies() && other.text.split(' ').any(is_denial) => return Equality::Undecided,
        (None, Some(said)) if said.denies() && one.text.split(' ').any(is_denial) => return Equality::Undecided,
        _ => {}
    }
    let set = |words: &Words| -> BTreeSet<String> { words.text.split(' ').map(str::to_owned).collect() };
    let (one, other) = (set(one), set(other));
    if one.is_subset(&other) || other.is_subset(&one) {
        Equality::Undecided
    } else {
        Equality::Different(DecidedBy::Words)
    }
}

/// Says why a gold answer cannot be used, where it cannot.
#[must_use]
pub fn gold_fault(gold: &str, form: AnswerForm, options: &[String]) -> Option<String> {
    let read = Parsed::read(gold, form);
    if read.is_empty() {
        return Some("it is empty".to_owned());
    }
    if read.divides_by_zero() {
        return Some(format!("{gold:?} divides by zero"));
    }
    match (form, &read.kind) {
        (AnswerForm::Integer, Kind::Number(number)) if number.value.is_integer() => None,
        (AnswerForm::Integer, _) => Some(format!("{gold:?} is no integer")),
        (AnswerForm::Number, Kind::Number(_)) => None,
        (AnswerForm::Number, _) => Some(format!("{gold:?} is no number")),
        (AnswerForm::Letter, _) if choose(gold, options).is_none() => {
            Some(format!("{gold:?} names none of {} options", options.len()))
        }
        _ => None,
    }
}

/// Turns a gold answer and what was found in an output into a verdict.
///
/// Nothing found is rejected as no answer; a missing or empty gold answer leaves the verdict unknown.
#[must_use]
pub fn judge(gold: Option<&str>, given: Option<&str>, form: AnswerForm, options: &[String]) -> Verdict {
    let Some(gold) = gold.filter(|gold| !Parsed::read(gold, form).is_empty()) else {
        return Verdict::Unknown(Cause::NoReference);
    };
    let Some(given) = given.filter(|given| !Parsed::read(given, form).is_empty()) else {
        return Verdict::Rejected(Rejection::NoAnswer);
    };
    match equal(gold, given, form, options) {
        Equality::Equal(rule) => Verdict::Accepted(Evidence::Equal(rule)),
        Equality::Different(rule) => Verdict::Rejected(Rejection::Different(rule)),
        Equality::Undecided => Verdict::Unknown(Cause::Undecided),
    }
}
