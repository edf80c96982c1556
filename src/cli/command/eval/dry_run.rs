//! `eval --dry-run`: all settings with their origin, and what the run would do.

use schemars::JsonSchema;
use serde::Serialize;

use super::prepare::{chosen, load_suite, selection};
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::recipe;
use crate::cli::settings::{Origin, SettingRow};

/// What `eval --dry-run` shows.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::cli::command) struct DryRun {
    /// Version of this form.
    schema: u32,
    /// Every setting with its origin.
    settings: Vec<SettingRow>,
    /// The strategy with every parameter.
    strategy: serde_json::Value,
    /// The suite's name.
    suite: String,
    /// The part of it.
    split: String,
    /// The wording of its statements, where it has several.
    statement_set: Option<String>,
    /// What judges the candidates.
    verifier: String,
    /// Items that are selected.
    items: usize,
    /// Attempts that the plan holds.
    attempts: u64,
    /// Tokens that all attempts together may write at most.
    most_completion_tokens: u64,
    /// What was done about faults of the data.
    notes: Vec<String>,
}

/// Shows what a run would be.
///
/// # Errors
/// Whatever would be wrong with it.
pub(super) fn dry_run(session: &mut Session) -> Result<Exit, CliError> {
    let settings = &session.settings;
    let mut suite = load_suite(settings)?;
    let selection = selection(settings);
    let items = chosen(&mut suite, selection)?.len();
    let spec = recipe::strategy_spec(settings, Some(&suite))?;
    recipe::fits(&spec, &suite)?;
    recipe::strategy(settings, spec.clone(), &suite.prompt)?;
    for model in settings.roles.values() {
        settings.model(&model.value)?;
    }
    let attempts = u64::try_from(items).unwrap_or(u64::MAX).saturating_mul(u64::from(selection.samples));
    let most = recipe::most_tokens(&spec, recipe::limits(settings)).saturating_mul(attempts);
    let mut shown = settings.clone();
    if let Some(strategy) = shown.strategy.as_mut().filter(|strategy| strategy.origin == Origin::Default) {
        strategy.value.clone_from(&spec.name);
    }
    let dry = DryRun {
        schema: 1,
        settings: shown.rows(),
        strategy: serde_json::to_value(&spec).unwrap_or_default(),
        suite: suite.name.clone(),
        split: suite.split,
        statement_set: suite.statement_set,
        verifier: suite.verifier.name().to_owned(),
        items,
        attempts,
        most_completion_tokens: most,
        notes: suite.notes,
    };
    if session.output.format() != crate::cli::output::Format::Table {
        session.output.record(&dry, &[])?;
        return Ok(Exit::Done);
    }
    let lines = [
        ("suite", format!("{}, {items} items", named(&dry))),
        ("strategy", dry.strategy.to_string()),
        ("attempts", format!("{attempts}, {} samples an item", selection.samples)),
        ("tokens", format!("at most {most} written; local models cost nothing, others have no price set")),
    ];
    let notes = dry.notes.iter().map(|note| ("note", note.clone()));
    let lines: Vec<_> = lines.into_iter().chain(notes).collect();
    session.output.record(&dry, &lines)?;
    session.output.records(dry.settings)?;
    Ok(Exit::Done)
}

/// `minif2f, split test, statements v4.24, judged by lean`.
fn named(dry: &DryRun) -> String {
    let mut text = dry.suite.clone();
    if !dry.split.is_empty() {
        text.push_str(&format!(", split {}", dry.split));
    }
    if let Some(set) = &dry.statement_set {
        text.push_str(&format!(", statements {set}"));
    }
    text + &format!(", judged by {}", dry.verifier)
}
