//! One item of a run: the question, and each attempt with its steps, calls and verdicts.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Serialize;
use stepproof::store::{AttemptDetail, AttemptRow, CallRow, ItemDetail, ItemRow, RunRow, StepRow, VerdictRow};

use super::proof;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::render::table::{Column, Tabular, numbers, words};
use crate::cli::render::{escape_line, escape_text, moment, shorten};

/// An item with its attempts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ShownItem {
    /// Version of this form.
    schema: u32,
    /// The run's id.
    run_id: String,
    /// Name of the suite.
    suite: String,
    /// Name of the strategy.
    strategy: String,
    #[serde(flatten)]
    item: ItemRow,
    /// Its attempts in the order of samples.
    attempts: Vec<ShownAttempt>,
}

/// An attempt with everything that belongs to it.
#[derive(Debug, Serialize, JsonSchema)]
struct ShownAttempt {
    #[serde(flatten)]
    attempt: AttemptRow,
    /// Its steps in order; texts and separators join to the exact output.
    steps: Vec<StepRow>,
    /// Its model calls in order.
    calls: Vec<CallRow>,
    /// Its verdicts from the first to the current one.
    verdicts: Vec<VerdictRow>,
}

impl From<AttemptDetail> for ShownAttempt {
    fn from(detail: AttemptDetail) -> ShownAttempt {
        let AttemptDetail { attempt, steps, calls, verdicts } = detail;
        ShownAttempt { attempt, steps, calls, verdicts }
    }
}

impl ShownItem {
    /// Takes an item, with all its attempts or with one sample.
    ///
    /// # Errors
    /// There is no such sample.
    pub(super) fn new(run: &RunRow, detail: ItemDetail, sample: Option<NonZeroU32>) -> Result<ShownItem, CliError> {
        let (item, mut attempts) = (detail.item, detail.attempts);
        if let Some(sample) = sample {
            let there: Vec<String> = attempts.iter().map(|detail| detail.attempt.sample.to_string()).collect();
            attempts.retain(|detail| detail.attempt.sample == sample.get());
            if attempts.is_empty() {
                let there = if there.is_empty() { "it has none yet".to_owned() } else { there.join(", ") };
                let error = CliError::new(Exit::BadInput, format!("find sample {sample} of {}", item.item_id));
                return Err(error.hint(format!("its samples: {there}")));
            }
        }
        Ok(ShownItem {
            schema: 1,
            run_id: run.run_id.clone(),
            suite: run.suite.clone(),
            strategy: run.strategy.clone(),
            item,
            attempts: attempts.into_iter().map(ShownAttempt::from).collect(),
        })
    }
}

/// A call in a table.
#[derive(Serialize)]
struct CallLine<'a>(usize, &'a CallRow);

impl Tabular for CallLine<'_> {
    const COLUMNS: &'static [Column] = &[
        numbers("call"),
        numbers("step"),
        words("role"),
        words("finish"),
        numbers("prompt"),
        numbers("cached"),
        numbers("written"),
        numbers("ms"),
        numbers("nats"),
        words("remarks"),
    ];

    fn cells(&self) -> Vec<String> {
        let CallLine(number, call) = self;
        let mut remarks = Vec::new();
        if call.wasted {
            remarks.push("wasted".to_owned());
        }
        if call.estimated {
            remarks.push("tokens estimated".to_owned());
        }
        if call.retries > 0 {
            remarks.push(format!("{} retries", call.retries));
        }
        remarks.extend(call.error.as_deref().map(|error| shorten(error, 120)));
        vec![
            number.to_string(),
            call.step.to_string(),
            call.role.clone(),
            call.finish.clone(),
            call.prompt_tokens.to_string(),
            call.cached_tokens.to_string(),
            call.completion_tokens.to_string(),
            format!("{:.0}", call.wall_ms),
            nats(call.first_entropy_nats),
            remarks.join(", "),
        ]
    }
}

/// A verdict in a table.
#[derive(Serialize)]
struct VerdictLine<'a>(&'a VerdictRow);

impl Tabular for VerdictLine<'_> {
    const COLUMNS: &'static [Column] = &[
        words("judged (UTC)"),
        words("verifier"),
        words("verdict"),
        words("class"),
        words("decided by"),
        words("lenient"),
        words("answer"),
    ];

    fn cells(&self) -> Vec<String> {
        let verdict = self.0;
        vec![
            moment(verdict.judged_us),
            verdict.verifier.clone(),
            verdict.verdict.clone(),
            verdict.class.clone(),
            verdict.decided_by.clone().unwrap_or_default(),
            if verdict.lenient { "yes" } else { "no" }.to_owned(),
            shorten(verdict.extracted.as_deref().unwrap_or_default(), 60),
        ]
    }
}

fn nats(entropy: Option<f64>) -> String {
    entropy.map_or(String::new(), |nats| format!("{nats:.3}"))
}

/// Writes an item for people.
pub(super) fn write(shown: &ShownItem, output: &mut Output) -> Result<(), CliError> {
    output.text(&head(shown))?;
    for attempt in &shown.attempts {
        output.text(&steps(attempt))?;
        output.text(&proof::lines(&attempt.attempt, attempt.verdicts.last()))?;
        if !attempt.calls.is_empty() {
            output.text("\n")?;
            output.records(attempt.calls.iter().enumerate().map(|(number, call)| CallLine(number, call)))?;
        }
        if !attempt.verdicts.is_empty() {
            output.text("\n")?;
            output.records(attempt.verdicts.iter().map(VerdictLine))?;
        }
    }
    Ok(())
}

// Writing to a String cannot fail.
fn head(shown: &ShownItem) -> String {
    let item = &shown.item;
    let mut text = String::new();
    let _ =
        writeln!(text, "item   {} (number {} of its run)", escape_line(&item.item_id), item.position.saturating_add(1));
    let _ =
        writeln!(text, "run    {}", escape_line(&format!("{} ({}, {})", shown.run_id, shown.suite, shown.strategy)));
    let gold = item.gold.as_deref().map_or("none".to_owned(), escape_line);
    let _ = writeln!(text, "gold   {gold} ({})\n", escape_line(&item.form));
    if let Some(header) = item.header.as_deref().map(str::trim_end).filter(|header| !header.is_empty()) {
        let _ = writeln!(text, "{}", escape_text(header));
    }
    let _ = writeln!(text, "{}", escape_text(item.statement.trim_end()));
    if let Some(formal) = item.formal_statement.as_deref().filter(|formal| *formal != item.statement) {
        let _ = writeln!(text, "{}", escape_text(formal.trim_end()));
    }
    for (letter, option) in ('A'..='Z').zip(&item.options) {
        let _ = writeln!(text, "({letter}) {}", escape_text(option));
    }
    if shown.attempts.is_empty() {
        text.push_str("\nno attempts yet\n");
    }
    text
}

fn steps(shown: &ShownAttempt) -> String {
    let attempt = &shown.attempt;
    let detail =
        attempt.outcome_detail.as_deref().map_or(String::new(), |detail| format!(" ({})", escape_line(detail)));
    let cut = if attempt.truncated { ", cut by a length limit" } else { "" };
    let mut text = format!("\n── sample {}: {}{detail}{cut}\n", attempt.sample, escape_line(&attempt.outcome));
    let verdict = match shown.verdicts.last() {
        None => "none".to_owned(),
        Some(verdict) => {
            let by = verdict.decided_by.as_deref().map_or(String::new(), |rule| format!(", decided by {rule}"));
            let lenient = if verdict.lenient && verdict.verdict != "accepted" { ", lenient accepts" } else { "" };
            format!("{}: {}{by}{lenient}", verdict.verdict, verdict.class)
        }
    };
    let answer = shown.verdicts.last().and_then(|verdict| verdict.extracted.as_deref()).unwrap_or("none");
    let _ = writeln!(text, "verdict  {}", escape_line(&verdict));
    let _ = writeln!(text, "answer   {}", escape_line(answer));
    let _ = writeln!(
        text,
        "spent    {} calls, {} prompt tokens ({} cached), {} written ({} wasted), {:.1} s",
        attempt.calls,
        attempt.prompt_tokens,
        attempt.cached_tokens,
        attempt.completion_tokens,
        attempt.wasted_tokens,
        attempt.wall_ms / 1e3
    );
    for (number, step) in shown.steps.iter().enumerate() {
        let entropy = step.first_entropy_nats.map_or(String::new(), |nats| format!(", first token {nats:.3} nats"));
        let head = format!(
            "step {number}: {} by {} ({}), {} tokens{entropy}, {}",
            step.phase, step.role, step.model, step.token_count, step.end_reason
        );
        let _ = writeln!(text, "\n{}", escape_line(&head));
        let _ = writeln!(text, "{}", escape_text(&step.text));
    }
    text
}
