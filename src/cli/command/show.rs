//! `show`: one run, or one item of it with everything that was written.

mod item;
mod proof;
mod settings;

use std::num::NonZeroU32;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::name::nearest;
use stepproof::report;
use stepproof::report::json::EvalSummary;
use stepproof::run::stored_spec;
use stepproof::store::{GradedAttemptRow, ItemRow, OpenMode, RunRow, Store, StoreError};

pub(crate) use self::item::ShownItem;
use super::Session;
use crate::cli::args::{DbArg, FormatArg};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::open;
use crate::cli::output::Format;
use crate::cli::render::table::{Column, Tabular, names, numbers, words};
use crate::cli::render::{shorten, summary};
use crate::cli::settings::Settings;

/// Show a run's summary, or the attempts at one of its items step by step
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof show last 2024_AIME_I_1")]
pub(crate) struct ShowArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    run: String,
    /// The item [default: the run as a whole]
    #[arg(value_name = "ITEM")]
    item: Option<String>,
    /// Show only this sample, from 1 [default: all]
    #[arg(long, value_name = "K", requires = "item")]
    sample: Option<NonZeroU32>,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
}

impl ShowArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.format.lay(&mut layer);
        layer
    }
}

/// A run with its figures and items.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ShownRun {
    /// Version of this form.
    schema: u32,
    /// The run with its frozen description and the machine that it began on.
    run: RunRow,
    /// Its figures.
    summary: EvalSummary,
    /// Its items in order.
    items: Vec<RunItem>,
}

/// An item of a run.
#[derive(Debug, Serialize, JsonSchema)]
struct RunItem {
    /// Id of the item in its suite.
    item_id: String,
    /// Place in the run, from 0.
    position: u32,
    /// Form of the wanted answer.
    form: String,
    /// The gold answer, where there is one.
    gold: Option<String>,
    /// Its attempts in the order of samples.
    attempts: Vec<RunAttempt>,
}

/// An attempt in short.
#[derive(Debug, Serialize, JsonSchema)]
struct RunAttempt {
    /// Which attempt at the item, from 1.
    sample: u32,
    /// How it stopped.
    outcome: String,
    /// The limit, standstill or failure.
    outcome_detail: Option<String>,
    /// Whether the output was cut.
    truncated: bool,
    /// The current verdict; null if there is none.
    verdict: Option<String>,
    /// Its class.
    class: Option<String>,
    /// The answer found.
    extracted: Option<String>,
    /// Generated tokens.
    completion_tokens: u64,
    /// Duration in milliseconds.
    wall_ms: f64,
}

impl From<GradedAttemptRow> for RunAttempt {
    fn from(row: GradedAttemptRow) -> RunAttempt {
        RunAttempt {
            sample: row.sample,
            outcome: row.outcome,
            outcome_detail: row.outcome_detail,
            truncated: row.truncated,
            verdict: row.verdict,
            class: row.class,
            extracted: row.extracted,
            completion_tokens: row.completion_tokens,
            wall_ms: row.wall_ms,
        }
    }
}

impl RunAttempt {
    /// The class of the verdict, or what came instead of one.
    fn result(&self) -> &str {
        match (&self.class, self.outcome.as_str()) {
            (Some(class), outcome) if outcome != "failed" => class,
            (_, outcome) => outcome,
        }
    }
}

/// Characters of an answer in a table.
const LONGEST_CELL: usize = 60;

impl Tabular for RunItem {
    const COLUMNS: &'static [Column] =
        &[names("item"), words("gold"), numbers("tries"), words("verdicts"), words("answers")];

    fn cells(&self) -> Vec<String> {
        let answers = self.attempts.iter().filter_map(|attempt| attempt.extracted.as_deref());
        vec![
            self.item_id.clone(),
            shorten(self.gold.as_deref().unwrap_or_default(), LONGEST_CELL),
            self.attempts.len().to_string(),
            counted(self.attempts.iter().map(RunAttempt::result)),
            counted(answers),
        ]
    }
}

/// Lists texts once each, with how often they come, in the order of their first coming.
fn counted<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for text in texts {
        match counts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, count)) => *count += 1,
            None => counts.push((text, 1)),
        }
    }
    let show = |(text, count): &(&str, usize)| match count {
        1 => shorten(text, LONGEST_CELL),
        count => format!("{} ×{count}", shorten(text, LONGEST_CELL)),
    };
    counts.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// Runs the command.
pub(super) fn run(args: &ShowArgs, session: &mut Session) -> Result<Exit, CliError> {
    let Some(item) = &args.item else { return show_run(args, session) };
    let (run, detail) = open::with_store(&session.settings, OpenMode::ReadOnly, async |store| {
        let run = store.find_run(&args.run).await?;
        match store.item_detail(run.key, item).await {
            Ok(detail) => Ok((run, detail)),
            Err(error @ StoreError::NoSuchItem { .. }) => Err(misspelt(store, &run, item, error).await?),
            Err(error) => Err(error.into()),
        }
    })?;
    let shown = ShownItem::new(&run, detail, args.sample)?;
    match session.output.format() {
        Format::Table => item::write(&shown, &mut session.output)?,
        Format::Json | Format::Jsonl => session.output.record(&shown, &[])?,
    }
    Ok(Exit::Done)
}

async fn misspelt(store: &Store, run: &RunRow, item: &str, error: StoreError) -> Result<CliError, CliError> {
    let items = store.items(run.key).await?;
    let hint = match nearest(item, items.iter().map(|item| item.item_id.as_str())) {
        Some(known) => format!("did you mean {known:?}?"),
        None => format!("stepproof show {} lists its {} items", run.run_id, items.len()),
    };
    Ok(CliError::from(error).hint(hint))
}

fn show_run(args: &ShowArgs, session: &mut Session) -> Result<Exit, CliError> {
    let stderr = session.stderr.clone();
    let (shown, spec) = open::with_store(&session.settings, OpenMode::ReadOnly, async |store| {
        let run = store.find_run(&args.run).await?;
        // A description of another version hides its notes, not the figures.
        // A batch of proofs has a description of another form.
        let spec = if run.strategy == "verify" { None } else { Some(stored_spec(&run).map_err(CliError::from)) };
        let spec = spec.transpose();
        if let Err(error) = &spec {
            error.lines().iter().for_each(|(label, line)| stderr.line(&format!("{label}: {line}")));
        }
        let spec = spec.ok().flatten();
        let notes = spec.as_ref().map(|spec| spec.suite.notes.clone()).unwrap_or_default();
        let summary = report::summary(store, &run, notes).await?;
        let items = items(store.items(run.key).await?, store.graded_attempts(run.key).await?);
        Ok((ShownRun { schema: 1, run, summary, items }, spec))
    })?;
    let output = &mut session.output;
    if output.format() != Format::Table {
        output.record(&shown, &[])?;
        return Ok(Exit::Done);
    }
    output.record(&shown.summary, &summary::lines(&shown.summary))?;
    output.text("\n")?;
    output.record(&shown.run, &settings::lines(&shown.run, spec.as_ref()))?;
    output.text("\n")?;
    output.records(shown.items)?;
    Ok(Exit::Done)
}

/// Puts attempts, which come in the order of items, under their items.
fn items(items: Vec<ItemRow>, attempts: Vec<GradedAttemptRow>) -> Vec<RunItem> {
    let mut attempts = attempts.into_iter().peekable();
    let with_attempts = |item: ItemRow| {
        let mut own = Vec::new();
        while let Some(attempt) = attempts.next_if(|attempt| attempt.item_id == item.item_id) {
            own.push(attempt.into());
        }
        RunItem { item_id: item.item_id, position: item.position, form: item.form, gold: item.gold, attempts: own }
    };
    items.into_iter().map(with_attempts).collect()
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn equal_texts_are_counted() {
        assert_eq!(counted([].into_iter()), "");
        assert_eq!(counted(["5", "6", "5"].into_iter()), "5 ×2, 6");
    }
}
