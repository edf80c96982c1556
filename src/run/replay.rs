//! Runs again what a run recorded: completions out of its log only.

use std::collections::HashMap;
use std::sync::Arc;

use super::{RunError, RunSpec};
use crate::model::{CompletionLog, Models, RecordedModel};
use crate::problem::{AnswerForm, FormalStatement, Problem, ProblemId, Reference, Statement};
use crate::store::{ItemRow, RunRow, StatementCheckRow, Store};
use crate::trace::Role;

/// The completion log of one run, in memory.
#[derive(Debug)]
struct StoredLog(HashMap<String, String>);

impl CompletionLog for StoredLog {
    fn look_up(&self, request_hash: &str) -> Option<String> {
        self.0.get(request_hash).cloned()
    }
}

/// What a replay starts from.
#[derive(Debug)]
pub struct Recording {
    /// The frozen description.
    pub spec: RunSpec,
    /// The items that have attempts, in their order.
    pub problems: Vec<Problem>,
    /// The items that were left out since their statements do not compile.
    pub broken_items: Vec<ItemRow>,
    /// What Lean said of the statements.
    pub statement_checks: Vec<StatementCheckRow>,
    /// The largest number of attempts that an item has.
    pub samples: u32,
    /// Stand-ins of the models.
    pub models: Models,
}

/// Reads the frozen description of a stored run.
///
/// # Errors
/// It was written by another version of this program, or damaged.
pub fn stored_spec(run: &RunRow) -> Result<RunSpec, RunError> {
    serde_json::from_str(&run.spec).map_err(|error| RunError::Stored {
        run_id: run.run_id.clone(),
        reason: format!("its description cannot be read by this version: {error}"),
    })
}

/// Loads what a run recorded.
///
/// # Errors
/// The database, or a description that this program cannot use.
pub async fn recording(store: &Store, run: &RunRow) -> Result<Recording, RunError> {
    let spec = stored_spec(run)?;
    let log: Arc<dyn CompletionLog> = Arc::new(StoredLog(store.completions(run.key).await?));
    let mut models = Models::default();
    for (role, part) in &spec.models {
        if let Some(role) = Role::from_name(role) {
            let (identity, capabilities) = part.stand_in();
            models.insert(role, Arc::new(RecordedModel::new(identity, capabilities, Arc::clone(&log))));
        }
    }
    let (mut problems, mut samples) = (HashMap::new(), 0);
    let mut after = None;
    loop {
        let page = store.candidates(run.key, after, 500).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.attempt);
        for row in page {
            if row.outcome != "failed" {
                samples = samples.max(row.sample);
                problems.insert(row.item.position, problem_of(&row.item));
            }
        }
    }
    let mut problems: Vec<(u32, Problem)> = problems.into_iter().collect();
    problems.sort_by_key(|(position, _)| *position);
    let problems: Vec<Problem> = problems.into_iter().map(|(_, problem)| problem).collect();
    let mut statement_checks = store.statement_checks(run.key).await?;
    let broken = |id: &str, checks: &[StatementCheckRow]| {
        checks.iter().any(|check| check.item_id == id && check.fault.is_some())
    };
    let mut broken_items = store.items(run.key).await?;
    broken_items.retain(|item| broken(&item.item_id, &statement_checks));
    let asked = |id: &str| problems.iter().any(|problem: &Problem| problem.id().0 == id);
    statement_checks.retain(|check| check.fault.is_some() || asked(&check.item_id));
    Ok(Recording { spec, problems, broken_items, statement_checks, samples, models })
}

/// Gives back the problem that a stored item came from.
#[must_use]
pub fn problem_of(item: &ItemRow) -> Problem {
    Problem {
        statement: Statement {
            id: ProblemId(item.item_id.clone()),
            text: item.statement.clone(),
            options: item.options.clone(),
            form: AnswerForm::from_name(&item.form).unwrap_or(AnswerForm::Text),
            formal: item
                .formal_statement
                .clone()
                .map(|theorem| FormalStatement { header: item.header.clone().unwrap_or_default(), theorem }),
        },
        reference: item.gold.clone().map(|answer| Reference { answer }),
    }
}
