//! `grade`: judges answers that were written elsewhere, line by line.
//!
//! Memory stays the same however long the input is: one line is held at a time, and its length is bounded.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use stepproof::answer::GradeError;
use stepproof::answer::json::{GradeExplained, GradeOut, explain_line, grade_line};
use stepproof::verdict::Verdict;

use super::Session;
use crate::cli::args::FormatArg;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::lines::{Lines, Unreadable};
use crate::cli::output::{Format, Output};
use crate::cli::progress::Stderr;
use crate::cli::render::{escape_line, shorten};
use crate::cli::settings::Settings;

/// Judge answers: JSON lines with id, gold, and answer or output
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
                        echo '{\"id\": \"1\", \"gold\": \"3/4\", \"answer\": \"0.75\"}' | stepproof grade --format jsonl\n\n\
                        Verdicts come in the order of the lines, counts go to standard error. A line that cannot be read\n\
                        ends the command, unless --keep-going is given. `stepproof schema grade-in` and `grade-out` tell\n\
                        the fields.\n\n\
                        Exit codes: 0 all answers are accepted; 1 at least one is rejected or unknown; 2 a line or the\n\
                        file cannot be read; 4 there are no lines. The filters only choose what is shown.")]
pub(crate) struct GradeArgs {
    /// The file [default: standard input]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Show only answers with these verdicts: accepted, rejected, unknown [default: all]
    #[arg(long, value_name = "VERDICT", value_delimiter = ',')]
    verdict: Vec<String>,
    /// Show only answers of these classes: equal, different, no_answer, undecided, no_reference [default: all]
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    class: Vec<String>,
    /// Report lines that cannot be read on standard error and go on; the exit code is 2 all the same
    #[arg(long)]
    keep_going: bool,
    /// Tell why: both answers in normal form, and where they first part
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    format: FormatArg,
}

impl GradeArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.format.lay(&mut layer);
        layer
    }

    fn check(&self) -> Result<(), CliError> {
        let lists: [(&str, &[String], &[&str]); 2] =
            [("verdict", &self.verdict, &Verdict::NAMES), ("class", &self.class, &Verdict::CLASSES)];
        for (what, given, known) in lists {
            if let Some(given) = given.iter().find(|given| !known.contains(&given.as_str())) {
                return Err(CliError::unknown_name(what, given, known));
            }
        }
        Ok(())
    }

    fn shows(&self, graded: &GradeOut) -> bool {
        let fits = |chosen: &[String], own: &String| chosen.is_empty() || chosen.contains(own);
        fits(&self.verdict, &graded.verdict) && fits(&self.class, &graded.class)
    }
}

/// What became of the lines.
#[derive(Debug, Default)]
struct Counts {
    accepted: u64,
    rejected: u64,
    unknown: u64,
    broken: u64,
}

impl Counts {
    fn add(&mut self, verdict: &str) {
        match verdict {
            "accepted" => self.accepted += 1,
            "rejected" => self.rejected += 1,
            _ => self.unknown += 1,
        }
    }

    fn graded(&self) -> u64 {
        self.accepted + self.rejected + self.unknown
    }

    fn exit(&self) -> Exit {
        if self.broken > 0 {
            Exit::BadInput
        } else if self.graded() == 0 {
            Exit::NothingSelected
        } else if self.accepted < self.graded() {
            Exit::No
        } else {
            Exit::Done
        }
    }

    fn say(&self, stderr: &Stderr) {
        let Counts { accepted, rejected, unknown, broken } = self;
        let broken = if *broken == 0 { String::new() } else { format!(", {broken} lines left out") };
        let graded = self.graded();
        stderr.line(&format!("graded {graded}: {accepted} accepted, {rejected} rejected, {unknown} unknown{broken}"));
    }
}

/// Runs the command.
pub(super) fn run(args: &GradeArgs, session: &mut Session) -> Result<Exit, CliError> {
    args.check()?;
    let (name, source) = source(args)?;
    let mut lines = Lines::new(source);
    let mut counts = Counts::default();
    let graded = grade(args, &name, &mut lines, &mut session.output, &session.stderr, &mut counts);
    if let Err(error) = &graded
        && error.lines().is_empty()
    {
        // The reader has gone and wants no counts either.
        return graded.map(|()| Exit::Done);
    }
    counts.say(&session.stderr);
    graded.map(|()| counts.exit())
}

/// Opens the input and names it for messages.
fn source(args: &GradeArgs) -> Result<(String, Box<dyn Read>), CliError> {
    let Some(path) = &args.file else { return Ok(("standard input".to_owned(), Box::new(std::io::stdin()))) };
    let name = path.display().to_string();
    let file = std::fs::File::open(path)
        .map_err(|error| CliError::new(Exit::BadInput, format!("read {name}")).because(error))?;
    Ok((name, Box::new(file)))
}

fn grade(
    args: &GradeArgs,
    name: &str,
    lines: &mut Lines<Box<dyn Read>>,
    output: &mut Output,
    stderr: &Stderr,
    counts: &mut Counts,
) -> Result<(), CliError> {
    let mut shown = 0;
    if output.format() == Format::Table {
        let width = output.width();
        output.text(&format!("{}\n", row("id", "verdict", "class", "decided by", "answer", width)))?;
    }
    loop {
        if lines.must_wait() {
            // Whoever writes line by line gets its verdicts line by line.
            output.flush()?;
        }
        let judged = match lines.next() {
            Ok(None) => return output.end_stream(shown),
            Ok(Some(Ok((number, text)))) if text.trim().is_empty() => {
                tracing::trace!("line {number} is empty");
                continue;
            }
            Ok(Some(Ok((number, text)))) if args.explain => {
                explain_line(number, text).map_err(|error| broken_line(name, error))
            }
            Ok(Some(Ok((number, text)))) => {
                grade_line(number, text).map(GradeExplained::from).map_err(|error| broken_line(name, error))
            }
            Ok(Some(Err(unreadable))) => Err(unreadable_line(name, &unreadable)),
            Err(error) => {
                output.end_stream(shown)?;
                return Err(CliError::new(Exit::BadInput, format!("read {name}")).because(error));
            }
        };
        match judged {
            Ok(graded) => {
                counts.add(&graded.graded.verdict);
                if args.shows(&graded.graded) {
                    let width = output.width();
                    output.stream(shown, &graded, |graded| explained(graded, width))?;
                    shown += 1;
                }
            }
            Err(error) if args.keep_going => {
                counts.broken += 1;
                let said: Vec<String> = error.lines().into_iter().map(|(_, text)| text).collect();
                stderr.line(&said.join(": "));
            }
            Err(error) => {
                output.end_stream(shown)?;
                return Err(error.hint("--keep-going leaves such lines out"));
            }
        }
    }
}

fn broken_line(name: &str, error: GradeError) -> CliError {
    match error {
        GradeError::Json { line, column, source } => {
            let message = format!("read {name} line {line}, column {column}: it is no grade line in JSON");
            // The parser saw one line and calls it the first.
            let source = source.to_string();
            let reason = source.rsplit_once(" at line ").map_or(source.as_str(), |(reason, _)| reason);
            CliError::new(Exit::BadInput, message).because(reason)
        }
        GradeError::Field { line, reason } => {
            CliError::new(Exit::BadInput, format!("read {name} line {line}: {reason}"))
        }
    }
}

fn unreadable_line(name: &str, unreadable: &Unreadable) -> CliError {
    let (line, reason) = unreadable.told();
    CliError::new(Exit::BadInput, format!("read {name} line {line}: {reason}"))
}

/// Lays one verdict out in columns of fixed width: the widths of later ones are not known yet.
fn line(graded: &GradeOut, width: usize) -> String {
    let id = match &graded.id {
        serde_json::Value::String(id) => id.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let decided_by = graded.decided_by.as_deref().unwrap_or_default();
    let answer = graded.extracted.as_deref().unwrap_or_default();
    row(&escape_line(&id), &graded.verdict, &graded.class, decided_by, &escape_line(answer), width)
}

/// Lays a verdict out with its reasons in lines of their own below it.
fn explained(graded: &GradeExplained, width: usize) -> String {
    let mut text = line(&graded.graded, width);
    let Some(reasons) = &graded.explanation else { return text };
    let said = |form: &Option<String>| form.clone().unwrap_or_else(|| "not understood".to_owned());
    let mut lines = vec![format!("gold:  {}", said(&reasons.gold)), format!("given: {}", said(&reasons.given))];
    if let Some([gold, given]) = &reasons.difference {
        lines.push(format!("first difference: {gold} against {given}"));
    }
    for reason in lines {
        text.push_str("\n    ");
        text.push_str(&shorten(&escape_line(&reason), width.saturating_sub(4).max(8)));
    }
    text
}

fn row(id: &str, verdict: &str, class: &str, decided_by: &str, answer: &str, width: usize) -> String {
    let first = format!("{:<16}  {verdict:<8}  {class:<12}  {decided_by:<13}  ", shorten(id, 16));
    let left = width.saturating_sub(first.chars().count()).max(8);
    format!("{first}{}", shorten(answer, left)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_to_its_width_whatever_stands_in_it() {
        let long = "x\u{1b}".repeat(100);
        let graded = GradeOut {
            schema: 1,
            id: serde_json::json!(long),
            verdict: "rejected".into(),
            class: "different".into(),
            decided_by: Some("numeric+exact".into()),
            extracted: Some(long),
            source: None,
        };
        let row = line(&graded, 80);
        assert_eq!(row.chars().count(), 80, "{row}");
        assert!(!row.contains('\u{1b}'));
    }
}
