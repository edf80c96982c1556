//! Pairs of answers that are surely the same, surely not, or drawn at random: the same ones for the same seed.

use std::collections::HashSet;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::answer::Answer;
use super::reading;
use super::rules::{Rule, changed, numbers, same, shapes};

/// Two answers, and what is known of them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Pair {
    /// What the pair is: `equal` or `unequal` by construction, or `random`.
    pub(super) kind: &'static str,
    /// The rule that made it.
    pub(super) rule: &'static str,
    /// The answer of the data set.
    pub(super) gold: String,
    /// The other one.
    pub(super) given: String,
}

/// Makes up to `count` pairs of each kind.
pub(super) fn make(answers: &[String], count: usize, seed: u64) -> Vec<Pair> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut distinct: Vec<&String> = answers.iter().filter(|answer| !answer.trim().is_empty()).collect();
    distinct.sort();
    distinct.dedup();
    let read: Vec<(&str, Answer)> =
        distinct.iter().filter_map(|text| Some((text.as_str(), reading::answer(text)?))).collect();
    let equal = [&same::RULES[..], &numbers::RULES[..], &shapes::RULES[..]].concat();
    let mut pairs = by_rules(&read, "equal", &equal, count, &mut random);
    pairs.extend(by_rules(&read, "unequal", &changed::RULES, count, &mut random));
    pairs.extend(at_random(&distinct, count, &mut random));
    pairs
}

/// Takes the rules in turn, so that rare ones have their say.
fn by_rules(
    read: &[(&str, Answer)],
    kind: &'static str,
    rules: &[Rule],
    count: usize,
    random: &mut ChaCha8Rng,
) -> Vec<Pair> {
    let mut orders: Vec<(Rule, Vec<usize>)> = Vec::new();
    for rule in rules {
        let mut order: Vec<usize> = (0..read.len()).collect();
        order.shuffle(random);
        orders.push((*rule, order));
    }
    let (mut pairs, mut seen) = (Vec::new(), HashSet::new());
    while pairs.len() < count && orders.iter().any(|(_, order)| !order.is_empty()) {
        for (rule, order) in &mut orders {
            if pairs.len() == count {
                break;
            }
            while let Some(place) = order.pop() {
                let Some((gold, answer)) = read.get(place) else { continue };
                let Some(given) = (rule.make)(answer, random) else { continue };
                if given == *gold || !seen.insert((*gold, given.clone())) {
                    continue;
                }
                pairs.push(Pair { kind, rule: rule.name, gold: (*gold).to_owned(), given });
                break;
            }
        }
    }
    pairs
}

fn at_random(answers: &[&String], count: usize, random: &mut ChaCha8Rng) -> Vec<Pair> {
    let mut seen = HashSet::new();
    let most = answers.len().saturating_mul(answers.len().saturating_sub(1)) / 2;
    while seen.len() < count.min(most) {
        let (one, other) = (random.random_range(0..answers.len()), random.random_range(0..answers.len()));
        if one != other {
            seen.insert((one.min(other), one.max(other)));
        }
    }
    let mut seen: Vec<_> = seen.into_iter().collect();
    seen.sort_unstable();
    let pair = |(one, other): (usize, usize)| {
        let text = |place: usize| answers.get(place).map(|text| (*text).clone()).unwrap_or_default();
        Pair { kind: "random", rule: "two answers", gold: text(one), given: text(other) }
    };
    seen.into_iter().map(pair).collect()
}
