//! The line of a JSONL export. Its keys are a public promise; a change of their meaning is a new `schema`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::store::query::AttemptDetail;
use crate::store::row::{AttemptRow, CallRow, ItemRow, RunRow, StepRow, VerdictRow};

/// A line of an export.
#[derive(Serialize, JsonSchema)]
pub struct ExportRow<'a> {
    schema: u32,
    run_id: &'a str,
    spec_hash: &'a str,
    suite: &'a str,
    strategy: &'a str,
    models: &'a str,
    position: u32,
    statement: &'a str,
    options: &'a [String],
    form: &'a str,
    gold: Option<&'a str>,
    header: Option<&'a str>,
    formal_statement: Option<&'a str>,
    #[serde(flatten)]
    attempt: &'a AttemptRow,
    /// The current one.
    #[serde(flatten)]
    verdict: Option<&'a VerdictRow>,
    steps: &'a [StepRow],
    calls: &'a [CallRow],
}

impl<'a> ExportRow<'a> {
    pub(super) fn new(schema: u32, run: &'a RunRow, item: &'a ItemRow, detail: &'a AttemptDetail) -> ExportRow<'a> {
        ExportRow {
            schema,
            run_id: &run.run_id,
            spec_hash: &run.spec_hash,
            suite: &run.suite,
            strategy: &run.strategy,
            models: &run.models,
            position: item.position,
            statement: &item.statement,
            options: &item.options,
            form: &item.form,
            gold: item.gold.as_deref(),
            header: item.header.as_deref(),
            formal_statement: item.formal_statement.as_deref(),
            attempt: &detail.attempt,
            verdict: detail.verdicts.last(),
            steps: &detail.steps,
            calls: &detail.calls,
        }
    }
}
