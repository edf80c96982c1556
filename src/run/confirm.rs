//! The second look at accepted proofs, taken when a run's attempts are all there: away from the candidates' texts, in
//! one go. The new verdict takes the place of the old one, which stays beside it; a look that was not taken, because the
//! program was stopped or its surroundings failed, is found again by the next execution.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio_util::sync::CancellationToken;

use super::RunError;
use super::record::verdict_row;
use super::replay::problem_of;
use crate::store::{RunKey, Store};
use crate::trace::Candidate;
use crate::verify::{Accepted, Verifier};

/// So many looks are taken, and stored, together.
const BATCH: u32 = 64;

/// What second looks gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirmed {
    /// Proofs that hold.
    pub confirmed: usize,
    /// Accepted before, and not any more.
    pub refuted: usize,
    /// Looks that could not be taken.
    pub open: usize,
    /// Why the first of those could not be taken.
    pub reason: Option<String>,
}

/// Takes every second look of a run that is still to come.
///
/// # Errors
/// The database. Looks that were stored before that stay.
pub async fn confirm_pending(
    store: &Store,
    run: RunKey,
    verifier: &dyn Verifier,
    cancel: &CancellationToken,
    mut progress: impl FnMut(usize),
) -> Result<Confirmed, RunError> {
    let mut result = Confirmed::default();
    let mut after = None;
    loop {
        let page = store.pending_rechecks(run, after, BATCH).await?;
        let Some(last) = page.last() else { return Ok(result) };
        after = Some(last.attempt);
        let accepted: Vec<Accepted> = page
            .iter()
            .map(|row| Accepted {
                candidate: Candidate { text: row.candidate.clone().unwrap_or_default(), truncated: row.truncated },
                statement: problem_of(&row.item).statement,
            })
            .collect();
        let looks = tokio::select! {
            looks = verifier.confirm(&accepted) => looks,
            () = cancel.cancelled() => return Ok(result),
        };
        let mut verdicts = Vec::with_capacity(page.len());
        for ((row, accepted), look) in page.into_iter().zip(accepted).zip(looks) {
            match look {
                Ok(judgement) => {
                    if judgement.verdict.is_accepted() {
                        result.confirmed += 1;
                    } else {
                        result.refuted += 1;
                    }
                    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                    let judged_us = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
                    let text = &accepted.candidate.text;
                    verdicts.push((row.attempt, verdict_row(judgement, verifier.version(), judged_us, text)));
                }
                Err(error) => {
                    result.open += 1;
                    result.reason.get_or_insert_with(|| format!("could not {error}"));
                }
            }
        }
        store.add_verdicts(&verdicts).await?;
        progress(result.confirmed + result.refuted);
    }
}
