//! Figures of a run, computed from what the store holds of it alone.
//!
//! An attempt that failed for reasons of its surroundings and a verdict that stayed unknown both count as unsolved, in
//! every mean and in pass@k; both are shown apart. So a figure can only rise when they are tried or judged again.

pub mod json;
mod load;

pub use load::summary;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::json::{EvalSummary, ModelUsage, TokenCounts};
use crate::answer::cluster;
use crate::budget::Usage;
use crate::problem::AnswerForm;
use crate::stats::{item_mean, majority_is_right, pass_at_k, pass_sizes, wilson};

/// How an attempt ended for the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Graded {
    /// Solved.
    Accepted,
    /// Judged wrong, or without an answer.
    Rejected,
    /// Judged by nobody; unsolved.
    Unknown,
    /// Never came to a judgement because its surroundings failed; unsolved.
    Failed,
}

impl Graded {
    /// Finds the state that a verdict of this name means.
    #[must_use]
    pub fn from_verdict_name(name: &str) -> Option<Graded> {
        match name {
            "accepted" => Some(Graded::Accepted),
            "rejected" => Some(Graded::Rejected),
            "unknown" => Some(Graded::Unknown),
            _ => None,
        }
    }
}

/// One attempt as the report needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct GradedAttempt {
    /// Id of its item.
    pub item: String,
    /// Its number among the attempts at this item, from 1.
    pub sample: u32,
    /// How it ended.
    pub graded: Graded,
    /// Class of its verdict (`equal`, `no_answer`, …); none where it failed.
    pub class: Option<String>,
    /// The answer that was found.
    pub extracted: Option<String>,
    /// The form of the item's answer; with `options` it says which answers are equal in a vote.
    pub form: AnswerForm,
    /// The item's options.
    pub options: Arc<[String]>,
    /// Whether the lenient rule accepts.
    pub lenient: bool,
    /// Whether the output was cut by a length limit.
    pub truncated: bool,
}

/// What a summary says of its run beside the figures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunFacts {
    /// Id of the run.
    pub run_id: String,
    /// Hash of its description.
    pub spec_hash: String,
    /// Name of its suite.
    pub suite: String,
    /// The part of the suite.
    pub split: Option<String>,
    /// The wording of its statements.
    pub statement_set: Option<String>,
    /// What Lean judged with, where it did.
    pub lean: Option<json::LeanSummary>,
    /// Statements that were left out.
    pub skipped_statements: Option<json::SkippedStatements>,
    /// Name of its strategy.
    pub strategy: String,
    /// What was done about faults of the data.
    pub notes: Vec<String>,
    /// What was spent, by model.
    pub usage: BTreeMap<String, Usage>,
    /// What it cost.
    pub cost: json::Cost,
    /// Milliseconds from its start to its end, pauses left out.
    pub wall_ms: f64,
}

/// Computes the figures of a run.
///
/// Accuracy is the mean over items of the share of accepted attempts (pass@1). Its interval is Wilson's where every item
/// has one attempt, else ± 1.96 standard errors over items (Wilson's over items where they show no spread). pass@k and maj@k are given for each k that every item has
/// attempts for. In a vote, equal answers are one class (`answer::cluster`).
#[must_use]
pub fn summarise(facts: RunFacts, attempts: &[GradedAttempt]) -> EvalSummary {
    let mut items: BTreeMap<&str, Vec<&GradedAttempt>> = BTreeMap::new();
    for attempt in attempts {
        items.entry(&attempt.item).or_default().push(attempt);
    }
    for own in items.values_mut() {
        own.sort_by_key(|attempt| attempt.sample);
    }
    let count = |graded: Graded| attempts.iter().filter(|attempt| attempt.graded == graded).count() as u64;
    let share = |solved: fn(&GradedAttempt) -> bool| -> Vec<f64> {
        let mean =
            |own: &Vec<&GradedAttempt>| own.iter().filter(|attempt| solved(attempt)).count() as f64 / own.len() as f64;
        items.values().map(mean).collect()
    };
    let accuracy = item_mean(&share(|attempt| attempt.graded == Graded::Accepted));
    let lenient = item_mean(&share(|attempt| attempt.lenient || attempt.graded == Graded::Accepted));
    let most = items.values().map(Vec::len).max().unwrap_or(0) as u64;
    let fewest = items.values().map(Vec::len).min().unwrap_or(0) as u64;
    let accepted = count(Graded::Accepted);
    let interval =
        if most == 1 { wilson(accepted, attempts.len() as u64) } else { accuracy.and_then(|accuracy| accuracy.ci95) };
    let (pass_at, mut maj_at) = by_size(&items, &pass_sizes(fewest));
    // Proofs state no answer: there is nothing to vote on, and no number that a lenient rule could take.
    let proofs = attempts.first().is_some_and(|attempt| attempt.form == AnswerForm::Proof);
    if proofs {
        maj_at.clear();
    }
    let by_model: BTreeMap<String, ModelUsage> =
        facts.usage.into_iter().map(|(model, usage)| (model, usage.into())).collect();
    let total = |part: fn(&ModelUsage) -> u64| by_model.values().map(part).sum();
    EvalSummary {
        schema: json::SCHEMA,
        run_id: facts.run_id,
        spec_hash: facts.spec_hash,
        suite: facts.suite,
        split: facts.split,
        statement_set: facts.statement_set,
        strategy: facts.strategy,
        items: items.len() as u64,
        attempts: attempts.len() as u64,
        samples: most,
        accepted,
        rejected: count(Graded::Rejected),
        unknown: count(Graded::Unknown),
        failed: count(Graded::Failed),
        classes: classes(attempts),
        accuracy: accuracy.map(|accuracy| accuracy.mean),
        stderr: accuracy.and_then(|accuracy| accuracy.standard_error),
        ci95: interval.map(|interval| [interval.low, interval.high]),
        pass_at,
        maj_at,
        lenient_accuracy: lenient.filter(|_| !proofs).map(|lenient| lenient.mean),
        truncated: attempts.iter().filter(|attempt| attempt.truncated).count() as u64,
        tokens: TokenCounts {
            prompt: total(|usage| usage.prompt_tokens),
            cached: total(|usage| usage.cached_tokens),
            completion: total(|usage| usage.completion_tokens),
        },
        by_model,
        cost: facts.cost,
        wall_ms: facts.wall_ms,
        lean: facts.lean,
        skipped_statements: facts.skipped_statements,
        notes: facts.notes,
    }
}

type BySize = BTreeMap<u64, f64>;

/// Averages pass@k and maj@k over items for each k.
fn by_size(items: &BTreeMap<&str, Vec<&GradedAttempt>>, sizes: &[u64]) -> (BySize, BySize) {
    let votes: Vec<Vec<(Option<usize>, bool)>> = items.values().map(|own| votes(own)).collect();
    let mut pass_at = BySize::new();
    let mut maj_at = BySize::new();
    for size in sizes {
        let passed: Option<Vec<f64>> = votes
            .iter()
            .map(|votes| {
                let correct = votes.iter().filter(|(_, right)| *right).count() as u64;
                pass_at_k(votes.len() as u64, correct, *size)
            })
            .collect();
        let voters = usize::try_from(*size).unwrap_or(usize::MAX);
        let won: Option<Vec<f64>> = votes
            .iter()
            .map(|votes| majority_is_right(votes, voters).map(|right| f64::from(u8::from(right))))
            .collect();
        for (figures, values) in [(&mut pass_at, passed), (&mut maj_at, won)] {
            if let Some(mean) = values.and_then(|values| item_mean(&values)) {
                figures.insert(*size, mean.mean);
            }
        }
    }
    (pass_at, maj_at)
}

/// Gives each attempt's class of answers and whether it was accepted.
fn votes(own: &[&GradedAttempt]) -> Vec<(Option<usize>, bool)> {
    let answers: Vec<Option<&str>> = own.iter().map(|attempt| attempt.extracted.as_deref()).collect();
    let Some(first) = own.first() else { return Vec::new() };
    let mut classes: Vec<Option<usize>> = vec![None; own.len()];
    for (number, class) in cluster(&answers, first.form, &first.options).iter().enumerate() {
        for member in &class.members {
            if let Some(place) = classes.get_mut(*member) {
                *place = Some(number);
            }
        }
    }
    classes.into_iter().zip(own).map(|(class, attempt)| (class, attempt.graded == Graded::Accepted)).collect()
}

fn classes(attempts: &[GradedAttempt]) -> BTreeMap<String, u64> {
    let mut classes = BTreeMap::new();
    for class in attempts.iter().filter_map(|attempt| attempt.class.as_ref()) {
        *classes.entry(class.clone()).or_insert(0) += 1;
    }
    classes
}

#[cfg(test)]
mod tests;
