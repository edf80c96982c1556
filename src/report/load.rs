//! From stored rows to a summary.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::json::{EvalSummary, LeanSummary, SkippedStatements};
use super::{Graded, GradedAttempt, RunFacts, summarise};
use crate::budget::Usage;
use crate::problem::AnswerForm;
use crate::store::{GradedAttemptRow, RunRow, StatementCheckRow, Store, StoreError};

/// Computes the figures of a stored run. `notes` say what was done about faults of its data.
///
/// # Errors
/// The database.
pub async fn summary(store: &Store, run: &RunRow, notes: Vec<String>) -> Result<EvalSummary, StoreError> {
    let items: HashMap<String, (AnswerForm, Arc<[String]>)> = store
        .items(run.key)
        .await?
        .into_iter()
        .map(|item| {
            let form = AnswerForm::from_name(&item.form).unwrap_or(AnswerForm::Text);
            (item.item_id, (form, item.options.into()))
        })
        .collect();
    let rows = store.graded_attempts(run.key).await?;
    let mut usage: BTreeMap<String, Usage> = BTreeMap::new();
    for row in store.usage_by_model(run.key).await? {
        *usage.entry(row.model).or_default() += Usage {
            calls: row.calls,
            prompt_tokens: row.prompt_tokens,
            cached_tokens: row.cached_tokens,
            completion_tokens: row.completion_tokens,
            reasoning_tokens: row.reasoning_tokens,
            queue_ms: row.queue_ms,
            prefill_ms: row.prefill_ms,
            decode_ms: row.decode_ms,
            retries: row.retries,
            estimated: row.estimated,
        };
    }
    let spec: Value = serde_json::from_str(&run.spec).unwrap_or_default();
    let lean = lean_summary(&spec, &rows);
    let mut notes = notes;
    let mut skipped_statements = None;
    if lean.is_some() {
        let checks = store.statement_checks(run.key).await?;
        let skipped = skipped(checks);
        if skipped.count > 0 {
            let ids = skipped.ids.join(", ");
            notes.push(format!("{} statements do not compile with sorry and were left out: {ids}", skipped.count));
        }
        skipped_statements = Some(skipped);
    }
    let facts = RunFacts {
        split: text(&spec["suite"]["split"]).filter(|split| !split.is_empty()),
        statement_set: text(&spec["suite"]["statement_set"]),
        lean,
        skipped_statements,
        run_id: run.run_id.clone(),
        spec_hash: run.spec_hash.clone(),
        suite: run.suite.clone(),
        strategy: run.strategy.clone(),
        notes,
        usage,
        wall_ms: working_ms(&rows),
        ..RunFacts::default()
    };
    let attempts: Vec<GradedAttempt> = rows
        .into_iter()
        .map(|row| {
            let (form, options) =
                items.get(&row.item_id).cloned().unwrap_or_else(|| (AnswerForm::Text, Arc::from(Vec::new())));
            let graded = if row.outcome == "failed" {
                Graded::Failed
            } else if second_look_is_missing(&row) {
                Graded::Unknown
            } else {
                row.verdict.as_deref().and_then(Graded::from_verdict_name).unwrap_or(Graded::Unknown)
            };
            GradedAttempt {
                item: row.item_id,
                sample: row.sample,
                graded,
                class: row.class,
                extracted: row.extracted,
                form,
                options,
                lenient: row.lenient,
                truncated: row.truncated,
            }
        })
        .collect();
    Ok(summarise(facts, &attempts))
}

/// Tells whether a proof was accepted at first sight only: it counts once its second look confirms it, or where a run
/// takes none.
fn second_look_is_missing(row: &GradedAttemptRow) -> bool {
    let open = |recheck: &str| !matches!(recheck, "confirmed" | "not_done");
    row.verdict.as_deref() == Some("accepted") && row.recheck.as_deref().is_some_and(open)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Reads what Lean judged with out of a run's description.
fn lean_summary(spec: &Value, rows: &[GradedAttemptRow]) -> Option<LeanSummary> {
    let lean = spec.get("lean").filter(|lean| lean.is_object())?;
    let list = |value: &Value| value.as_array().into_iter().flatten().filter_map(text).collect();
    let count = |name: &str| rows.iter().filter(|row| row.recheck.as_deref() == Some(name)).count() as u64;
    Some(LeanSummary {
        version: text(&lean["version"]).unwrap_or_default(),
        commit: text(&lean["commit"]).unwrap_or_default(),
        project: text(&lean["project"]),
        flags: list(&lean["flags"]),
        permitted_axioms: list(&lean["permitted_axioms"]),
        recheck: text(&lean["recheck"]).unwrap_or_default(),
        confirmed: count("confirmed"),
        refuted: count("refuted"),
        pending: count("pending"),
        unavailable: count("unavailable"),
    })
}

fn skipped(checks: Vec<StatementCheckRow>) -> SkippedStatements {
    let ids: Vec<String> =
        checks.into_iter().filter(|check| check.fault.is_some()).map(|check| check.item_id).collect();
    SkippedStatements { count: ids.len() as u64, ids }
}

/// Gives the milliseconds in which at least one attempt was at work: pauses between sittings are left out.
fn working_ms(rows: &[GradedAttemptRow]) -> f64 {
    let mut spans: Vec<(f64, f64)> = rows
        .iter()
        .map(|row| {
            // Microseconds since 1970 are below 2^53.
            let start = row.started_us as f64 / 1e3;
            (start, start + row.wall_ms)
        })
        .collect();
    spans.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (mut total, mut reached) = (0.0, f64::NEG_INFINITY);
    for (start, end) in spans {
        total += (end - start.max(reached)).max(0.0);
        reached = reached.max(end);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(started_ms: i64, wall_ms: f64) -> GradedAttemptRow {
        GradedAttemptRow {
            item_id: String::new(),
            position: 0,
            sample: 1,
            outcome: String::new(),
            outcome_detail: None,
            truncated: false,
            verdict: None,
            class: None,
            extracted: None,
            lenient: false,
            recheck: None,
            calls: 0,
            prompt_tokens: 0,
            cached_tokens: 0,
            completion_tokens: 0,
            reasoning_tokens: 0,
            wasted_tokens: 0,
            started_us: started_ms * 1000,
            wall_ms,
        }
    }

    #[test]
    fn overlaps_count_once_and_pauses_not_at_all() {
        assert_eq!(working_ms(&[]), 0.0);
        assert_eq!(working_ms(&[row(0, 10.0), row(5, 10.0), row(100, 7.0), row(101, 2.0)]), 22.0);
    }
}
