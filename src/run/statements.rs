//! Looks at statements before anything is asked of them: one that does not compile with `sorry` cannot be proved by
//! anybody, and would only pull a figure down. What was found is kept with the run's items, so that it is found once.

use std::collections::HashMap;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use super::RunError;
use crate::problem::Problem;
use crate::store::{RunKey, StatementCheckRow, Store};
use crate::verify::Verifier;

/// So many results are stored together.
const BATCH: usize = 64;

/// What came of looking at a run's statements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckedStatements {
    /// Those that can be asked, in their order.
    pub sound: Vec<Problem>,
    /// Those that do not compile, with Lean's first message.
    pub broken: Vec<(String, String)>,
    /// Those that nothing could be found out of, with the reason; they are asked, for the verdict says the same again.
    pub open: Vec<(String, String)>,
    /// How many were looked at now; the others were known.
    pub looked_at: usize,
}

/// Checks the statements that the run knows nothing of yet. The items must be in the database.
///
/// # Errors
/// The database. What was found before that stays.
pub async fn check_statements(
    store: &Store,
    run: RunKey,
    problems: Vec<Problem>,
    verifier: &dyn Verifier,
    concurrency: usize,
    cancel: &CancellationToken,
    mut progress: impl FnMut(usize, usize),
) -> Result<CheckedStatements, RunError> {
    let known = store.statement_checks(run).await?;
    let mut known: HashMap<String, Option<String>> =
        known.into_iter().map(|check| (check.item_id, check.fault)).collect();
    let unknown: Vec<&Problem> = problems.iter().filter(|problem| !known.contains_key(&problem.id().0)).collect();
    let total = unknown.len();
    let mut result = CheckedStatements::default();
    let mut unstored = Vec::new();
    let mut found = Vec::with_capacity(total);
    let mut checks = futures_util::stream::iter(unknown)
        .map(|problem| async move { (problem.id().0.clone(), verifier.statement_fault(&problem.statement).await) })
        .buffer_unordered(concurrency.max(1));
    loop {
        let next = tokio::select! {
            next = checks.next() => next,
            () = cancel.cancelled() => None,
        };
        let Some((item_id, check)) = next else { break };
        result.looked_at += 1;
        progress(result.looked_at, total);
        match check {
            Ok(fault) => {
                unstored.push(StatementCheckRow { item_id: item_id.clone(), fault: fault.clone() });
                found.push((item_id, fault));
            }
            Err(error) => result.open.push((item_id, format!("could not {error}"))),
        }
        if unstored.len() >= BATCH {
            store.add_statement_checks(run, &unstored).await?;
            unstored.clear();
        }
    }
    drop(checks);
    store.add_statement_checks(run, &unstored).await?;
    known.extend(found);
    for problem in problems {
        match known.remove(&problem.id().0).flatten() {
            Some(fault) => result.broken.push((problem.id().0.clone(), fault)),
            None => result.sound.push(problem),
        }
    }
    result.open.sort();
    Ok(result)
}
