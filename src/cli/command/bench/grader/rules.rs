//! The rules that make pairs: each from one answer of the data set, each right by construction.

pub(super) mod changed;
pub(super) mod numbers;
pub(super) mod same;
pub(super) mod shapes;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::answer::Answer;
use super::expression::Expression;
use super::writing::Style;

/// Makes another text of an answer, where the rule fits it.
pub(super) type Make = fn(&Answer, &mut ChaCha8Rng) -> Option<String>;

/// A rule and its name.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) make: Make,
}

const fn rule(name: &'static str, make: Make) -> Rule {
    Rule { name, make }
}

/// Picks a style for what is not the matter of a rule.
fn style(random: &mut ChaCha8Rng) -> Style {
    pick(random, &[Style::Key, Style::Key, Style::Display, Style::Dots]).unwrap_or(Style::Key)
}

fn pick<T: Copy>(random: &mut ChaCha8Rng, choices: &[T]) -> Option<T> {
    (!choices.is_empty()).then(|| choices.get(random.random_range(0..choices.len())).copied())?
}

/// Changes one part of one expression of an answer by a rule that fits it; all parts are tried from a random one on.
fn changed_part(
    answer: &Answer,
    random: &mut ChaCha8Rng,
    mut change: impl FnMut(&Expression, &mut ChaCha8Rng) -> Option<Expression>,
) -> Option<Answer> {
    let sizes: Vec<usize> = answer.expressions().iter().map(|expression| expression.size()).collect();
    let total: usize = sizes.iter().sum();
    if total == 0 {
        return None;
    }
    let first = random.random_range(0..total);
    for step in 0..total {
        let mut number = (first + step) % total;
        let mut changed = answer.clone();
        for (expression, size) in changed.expressions_mut().into_iter().zip(&sizes) {
            if number >= *size {
                number -= size;
                continue;
            }
            if expression.change(&mut number, &mut |part| change(part, random)) {
                return Some(changed);
            }
            break;
        }
    }
    None
}

/// As [`changed_part`], for whole expressions only.
fn changed_whole(
    answer: &Answer,
    random: &mut ChaCha8Rng,
    change: impl Fn(&Expression, &mut ChaCha8Rng) -> Option<Expression>,
) -> Option<Answer> {
    let count = answer.expressions().len();
    if count == 0 {
        return None;
    }
    let first = random.random_range(0..count);
    for step in 0..count {
        let mut changed = answer.clone();
        let place = (first + step) % count;
        if let Some(expression) = changed.expressions_mut().into_iter().nth(place)
            && let Some(new) = change(expression, random)
        {
            *expression = new;
            return Some(changed);
        }
    }
    None
}

/// Writes an answer that is to be the same; nothing where floating point says that it is not.
fn same(old: &Answer, new: &Answer, style: Style) -> Option<String> {
    (old.agrees(new) == Some(true)).then(|| style.answer(new))
}

/// Writes an answer that is to be another; nothing where floating point does not see the difference.
fn other(old: &Answer, new: &Answer, random: &mut ChaCha8Rng) -> Option<String> {
    (old.agrees(new) == Some(false)).then(|| style(random).answer(new))
}
