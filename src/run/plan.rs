//! What a run is to do: items in order, each with its samples, minus what is there already.

use std::collections::HashMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::problem::Problem;
use crate::store::{AttemptKey, ItemRow};

/// Which part of a suite a run takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Only the first items; `None` takes all.
    pub limit: Option<usize>,
    /// Shuffles the items before the limit, by this seed.
    pub shuffle_seed: Option<u64>,
    /// Attempts an item.
    pub samples: u32,
}

/// Orders and limits the problems of a suite.
#[must_use]
pub fn select(mut problems: Vec<Problem>, selection: Selection) -> Vec<Problem> {
    if let Some(seed) = selection.shuffle_seed {
        problems.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    }
    problems.truncate(selection.limit.unwrap_or(usize::MAX));
    problems
}

/// Gives the rows of the selected problems. Places are those of the selection.
#[must_use]
pub fn item_rows(problems: &[Problem]) -> Vec<ItemRow> {
    let row = |(position, problem): (u32, &Problem)| ItemRow {
        position,
        item_id: problem.id().0.clone(),
        statement: problem.statement.text.clone(),
        options: problem.statement.options.clone(),
        form: problem.statement.form.name().to_owned(),
        gold: problem.reference.as_ref().map(|reference| reference.answer.clone()),
        header: problem.statement.formal.as_ref().map(|formal| formal.header.clone()),
        formal_statement: problem.statement.formal.as_ref().map(|formal| formal.theorem.clone()),
    };
    (0..).zip(problems).map(row).collect()
}

/// Gives the attempts that are still to be made, item by item, with the number that is there already.
#[must_use]
pub fn missing(
    problems: &[Problem],
    samples: u32,
    there: &[AttemptKey],
    retry_failed: bool,
) -> (Vec<(String, u32)>, usize) {
    let known: HashMap<(&str, u32), bool> =
        there.iter().map(|key| ((key.item_id.as_str(), key.sample), key.failed)).collect();
    let mut wanted = Vec::new();
    let mut done = 0;
    for problem in problems {
        let id = problem.id().0.as_str();
        for sample in 1..=samples {
            match known.get(&(id, sample)) {
                Some(failed) if !(retry_failed && *failed) => done += 1,
                _ => wanted.push((id.to_owned(), sample)),
            }
        }
    }
    (wanted, done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{AnswerForm, ProblemId, Statement};

    fn problems(count: usize) -> Vec<Problem> {
        let problem = |number: usize| Problem {
            statement: Statement {
                id: ProblemId(format!("p{number}")),
                text: String::new(),
                options: Vec::new(),
                form: AnswerForm::Integer,
                formal: None,
            },
            reference: None,
        };
        (0..count).map(problem).collect()
    }

    fn selection(limit: Option<usize>, shuffle_seed: Option<u64>) -> Selection {
        Selection { limit, shuffle_seed, samples: 1 }
    }

    #[test]
    fn a_larger_limit_extends_a_smaller_one_shuffled_or_not() {
        for seed in [None, Some(7)] {
            let small = select(problems(50), selection(Some(10), seed));
            let large = select(problems(50), selection(Some(20), seed));
            assert_eq!(small[..], large[..10]);
            assert_eq!(select(problems(50), selection(Some(99), seed)).len(), 50);
        }
        assert_ne!(select(problems(50), selection(None, Some(7))), problems(50));
    }

    #[test]
    fn what_is_there_is_not_planned_again_unless_it_failed() {
        let key = |item: &str, sample, failed| AttemptKey { item_id: item.to_owned(), sample, failed };
        let there = [key("p0", 1, false), key("p1", 2, true), key("elsewhere", 1, false)];
        let named = |keys: Vec<(String, u32)>| keys.into_iter().map(|(id, sample)| format!("{id}.{sample}")).collect();
        let (wanted, done) = missing(&problems(2), 2, &there, false);
        let wanted: Vec<String> = named(wanted);
        assert_eq!((wanted, done), (vec!["p0.2".to_owned(), "p1.1".to_owned()], 2));
        let (wanted, done) = missing(&problems(2), 2, &there, true);
        let wanted: Vec<String> = named(wanted);
        assert_eq!((wanted, done), (vec!["p0.2".to_owned(), "p1.1".to_owned(), "p1.2".to_owned()], 1));
    }
}
