//! `lean goals`: the goals at a place of a file.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::lean::{CheckEnd, Place, Severity, imports};

use crate::cli::args::{FormatArg, LeanArgs};
use crate::cli::command::Session;
use crate::cli::command::verify::text;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::render::{escape_line, escape_text};
use crate::cli::{checker, interrupt};

/// Show the goals at a place of a file, as Lean prints them
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof lean goals Proof.lean --line 4 --column 2\n\n\
                        Ends with exit code 4 where the place is in no proof.")]
pub(crate) struct GoalsArgs {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The line, from 1
    #[arg(long, value_name = "N", required = true)]
    line: NonZeroU32,
    /// Characters of the line before the place [default: the line's end]
    #[arg(long, value_name = "C")]
    column: Option<u32>,
    #[command(flatten)]
    pub(super) lean: LeanArgs,
    #[command(flatten)]
    pub(super) format: FormatArg,
}

/// The goals at a place.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GoalsReport {
    /// Version of this form.
    schema: u32,
    /// The file.
    file: String,
    /// The line, from 1.
    line: u32,
    /// Characters of the line before the place.
    column: u32,
    /// The goals; none where the proof is complete there, null outside a proof.
    goals: Option<Vec<String>>,
    /// Errors that Lean reports in the file.
    errors: usize,
}

/// Runs the command.
pub(super) fn run(args: &GoalsArgs, session: &mut Session) -> Result<Exit, CliError> {
    let text = text::read(&args.file)?;
    let (place, column) = place(&text, &args.file, args.line.get(), args.column)?;
    let (goals, errors) = Session::block_on(async {
        let cancel = interrupt::watch(&session.stderr)?;
        let checker = checker::open(&session.settings, &session.stderr).await?;
        let header = imports(&text).len();
        let header = text.get(header..).and_then(|rest| rest.find('\n')).map_or(header, |at| header + at + 1);
        let (header, body) = text.split_at_checked(header).unwrap_or(("", &text));
        let mut lease = checker.pool.lease(header).await?;
        let checked = lease.check(body, checker.deadline, &cancel).await?;
        let first = checked.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        let failed = |reason: &str| {
            let message = format!("find the goals in {}: {reason}", args.file.display());
            let error = CliError::new(Exit::No, message);
            first.map_or(error.clone(), |first| error.because(&first.message))
        };
        match checked.end {
            CheckEnd::Finished => {}
            CheckEnd::HeaderFailed => return Err(failed("its imports cannot be loaded")),
            CheckEnd::Limit(limit) => return Err(failed(&format!("it hits a limit ({})", limit.name()))),
            CheckEnd::Crashed => return Err(failed("Lean dies of it")),
            CheckEnd::Cancelled => return Err(CliError::new(Exit::Interrupted, "find the goals: interrupted")),
        }
        let goals = lease.goals(place).await?;
        drop(lease);
        checker.close().await;
        let errors = checked.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        Ok((goals, errors))
    })?;
    let exit = if goals.is_some() { Exit::Done } else { Exit::NothingSelected };
    let report =
        GoalsReport { schema: 1, file: args.file.display().to_string(), line: args.line.get(), column, goals, errors };
    match session.output.format() {
        Format::Table => session.output.text(&shown(&report))?,
        Format::Json | Format::Jsonl => session.output.record(&report, &[])?,
    }
    Ok(exit)
}

/// Gives the place that is meant, and its column in characters.
fn place(text: &str, path: &Path, number: u32, column: Option<u32>) -> Result<(Place, u32), CliError> {
    let index = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    let outside = |what: String| CliError::new(Exit::BadInput, format!("find the goals in {}: {what}", path.display()));
    let Some(line) = text.split('\n').nth(index) else {
        return Err(outside(format!("it has no line {number}, but {} lines", text.lines().count())));
    };
    let line = line.strip_suffix('\r').unwrap_or(line);
    let length = line.chars().count();
    let wanted = column.map_or(length, |column| usize::try_from(column).unwrap_or(usize::MAX));
    if wanted > length {
        return Err(outside(format!("line {number} has no column {wanted}, but {length} characters")));
    }
    let bytes = line.char_indices().nth(wanted).map_or(line.len(), |(at, _)| at);
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok((Place { line: number.saturating_sub(1), column: small(bytes) }, small(wanted)))
}

fn shown(report: &GoalsReport) -> String {
    let place = escape_line(&format!("{}:{}:{}", report.file, report.line, report.column));
    let mut text = match &report.goals {
        None => format!("{place}: in no proof\n"),
        Some(goals) if goals.is_empty() => format!("{place}: no goals\n"),
        Some(goals) => {
            let goals: Vec<String> = goals.iter().map(|goal| escape_text(goal)).collect();
            format!("{place}: {} goals\n\n{}\n", goals.len(), goals.join("\n\n"))
        }
    };
    if report.errors > 0 {
        text.push_str(&format!("errors in the file: {}\n", report.errors));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_characters() {
        let found = |line, column| {
            let found = place("ab\n𝔸𝔸x\r\n", Path::new("f"), line, column);
            found.map(|(place, column)| (place.line, place.column, column)).map_err(|error| format!("{error:?}"))
        };
        assert_eq!(found(1, Some(1)), Ok((0, 1, 1)));
        assert_eq!(found(1, None), Ok((0, 2, 2)));
        assert_eq!(found(2, Some(2)), Ok((1, 8, 2)));
        assert_eq!(found(2, None), Ok((1, 9, 3)));
        assert!(found(2, Some(4)).unwrap_err().contains("no column 4, but 3 characters"));
        assert!(found(4, None).unwrap_err().contains("no line 4, but 2 lines"));
    }
}
