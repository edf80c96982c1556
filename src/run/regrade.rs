//! Judges stored candidates again and stores the verdicts beside the old ones.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;

use super::RunError;
use super::record::verdict_row;
use super::replay::problem_of;
use crate::store::{RunRow, Store};
use crate::trace::Candidate;
use crate::verify::Verifier;

/// What judging again changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Regraded {
    /// Attempts judged.
    pub judged: usize,
    /// Attempts without a judgement before and now: they failed.
    pub skipped: usize,
    /// How many verdicts went from one class to another.
    pub changed: BTreeMap<(String, String), usize>,
    /// The verifier.
    pub verifier: String,
    /// The verifiers of the verdicts that stood before.
    pub before: BTreeSet<String>,
}

/// Judges every attempt of a run again, `concurrency` at a time. Second looks may be left pending.
///
/// # Errors
/// The database; what was judged before that stays.
pub async fn regrade(
    store: &Store,
    run: &RunRow,
    verifier: &dyn Verifier,
    concurrency: usize,
    mut progress: impl FnMut(usize),
) -> Result<Regraded, RunError> {
    let mut result = Regraded { verifier: verifier.version(), ..Regraded::default() };
    let mut after = None;
    loop {
        let page = store.candidates(run.key, after, 500).await?;
        let Some(last) = page.last() else { return Ok(result) };
        after = Some(last.attempt);
        let mut verdicts = Vec::with_capacity(page.len());
        let judging = page.into_iter().map(async |row| {
            let problem = problem_of(&row.item);
            let candidate = row.candidate.clone().map(|text| Candidate { text, truncated: row.truncated });
            if row.outcome == "failed" {
                return (row, candidate, None);
            }
            let judged = verifier.verify(candidate.as_ref(), &problem.statement, problem.reference.as_ref()).await;
            (row, candidate, judged.ok())
        });
        let mut judging = futures_util::stream::iter(judging).buffered(concurrency.max(1));
        while let Some((row, candidate, judged)) = judging.next().await {
            // No judgement reached: the old verdict stays.
            let Some(judgement) = judged else {
                result.skipped += 1;
                continue;
            };
            result.judged += 1;
            result.before.extend(row.verifier);
            let class = judgement.verdict.class().to_owned();
            let before = row.class.unwrap_or_else(|| "none".to_owned());
            if before != class {
                *result.changed.entry((before, class.clone())).or_default() += 1;
            }
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let judged_us = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
            let text = candidate.as_ref().map_or("", |candidate| candidate.text.as_str());
            verdicts.push((row.attempt, verdict_row(judgement, result.verifier.clone(), judged_us, text)));
        }
        store.add_verdicts(&verdicts).await?;
        progress(result.judged);
    }
}
