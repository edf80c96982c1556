//! `verify FILE.lean…`: which declarations compile. No trusted statement is given, so nothing is judged to be proved.

use std::path::{Path, PathBuf};

use futures_util::stream::{self, StreamExt};
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::lean::CheckEnd;
use stepproof::verify::lean::json::{DiagnosticJson, Places, diagnostics, left_out};
use stepproof::verify::lean::{LeanJudge, Survey};
use tokio_util::sync::CancellationToken;

use super::text;
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::render::{escape_line, escape_text};
use crate::cli::{checker, interrupt};

/// What of a file compiles.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FileReport {
    /// Version of this form.
    schema: u32,
    /// The file.
    file: String,
    /// compiles or does_not_compile; no judgement of a proof, since no trusted statement was given.
    class: String,
    /// Why nothing can be said of single declarations: the imports do not load, or a limit was hit.
    reason: Option<String>,
    /// Its declarations in order.
    declarations: Vec<DeclarationReport>,
    /// Lean's messages, the first ones.
    diagnostics: Vec<DiagnosticJson>,
    /// Messages that are left out because there are too many, or they are too long.
    diagnostics_left_out: u64,
    /// Milliseconds of the check.
    check_ms: f64,
    /// Version of Lean.
    lean_version: String,
    /// Confinement of the workers: strict, native or none.
    sandbox: String,
}

/// A declaration of a file.
#[derive(Debug, Serialize, JsonSchema)]
struct DeclarationReport {
    /// Its keyword.
    kind: String,
    /// Its full name; null where it has none.
    name: Option<String>,
    /// Line, from 1.
    line: u32,
    /// Characters of the line before it.
    column: u32,
    /// Whether Lean reports no error in it.
    compiles: bool,
    /// Full names of the axioms that a theorem rests on; null where Lean did not say.
    axioms: Option<Vec<String>>,
}

/// What is the same for all files.
struct Common {
    lean_version: String,
    sandbox: String,
}

impl FileReport {
    fn new(path: &Path, text: &str, survey: Survey, common: &Common) -> FileReport {
        let compiles = survey.compiles();
        let shown = diagnostics(&survey.diagnostics, text);
        let mut places = Places::new(text);
        let reason = match survey.end {
            CheckEnd::Finished => None,
            CheckEnd::HeaderFailed => Some("its imports cannot be loaded".to_owned()),
            CheckEnd::Limit(limit) => Some(format!("it hits a limit: {}", limit.name())),
            CheckEnd::Crashed => Some("Lean dies of it".to_owned()),
            CheckEnd::Cancelled => Some("it was interrupted".to_owned()),
        };
        let declarations = survey.declarations.into_iter().map(|declaration| {
            let (line, column) = places.of(declaration.place);
            DeclarationReport {
                kind: declaration.kind,
                name: declaration.name,
                line,
                column,
                compiles: declaration.compiles,
                axioms: declaration.axioms,
            }
        });
        FileReport {
            schema: 1,
            file: path.display().to_string(),
            class: if compiles { "compiles" } else { "does_not_compile" }.to_owned(),
            reason,
            declarations: declarations.collect(),
            diagnostics_left_out: left_out(survey.diagnostics.len(), shown.len()),
            diagnostics: shown,
            check_ms: survey.check_ms,
            lean_version: common.lean_version.clone(),
            sandbox: common.sandbox.clone(),
        }
    }
}

/// Runs the command.
pub(super) fn run(files: &[PathBuf], session: &mut Session) -> Result<Exit, CliError> {
    // What cannot be read is said before Lean is started for it.
    let mut exit = Exit::Done;
    let mut texts = Vec::with_capacity(files.len());
    for path in files {
        match read(path) {
            Ok(text) => texts.push((path, text)),
            Err(error) => {
                error.print();
                exit = exit.and(error.exit);
            }
        }
    }
    if texts.is_empty() {
        return Ok(exit);
    }
    Session::block_on(async {
        let cancel = interrupt::watch(&session.stderr)?;
        let checker = checker::open(&session.settings, &session.stderr).await?;
        session.stderr.line("no trusted statement is given: what compiles is not judged to be proved");
        let common = Common { lean_version: checker.lean_version(), sandbox: checker.sandbox() };
        let judge = checker.judge();
        let surveys = texts.into_iter().map(|(path, text)| look(&judge, path, text, &common, &cancel));
        let mut surveys = stream::iter(surveys).buffered(checker.workers());
        let mut number = 0;
        while let Some(survey) = surveys.next().await {
            if cancel.is_cancelled() {
                exit = exit.and(Exit::Interrupted);
                break;
            }
            let (report, unknown_import) = survey?;
            exit = exit.and(match report.class.as_str() {
                "compiles" => Exit::Done,
                _ if unknown_import => Exit::Missing,
                _ => Exit::No,
            });
            match session.output.format() {
                Format::Table => session.output.text(&shown(&report))?,
                Format::Json | Format::Jsonl => session.output.stream(number, &report, |_| String::new())?,
            }
            if unknown_import {
                session.stderr.line("hint: --lean-project DIR names the Lean project whose libraries are imported");
            }
            number += 1;
        }
        drop(surveys);
        session.output.end_stream(number)?;
        checker.close().await;
        Ok(exit)
    })
}

fn read(path: &Path) -> Result<String, CliError> {
    let text = text::read(path)?;
    if path.extension().is_none_or(|extension| extension != "lean") {
        let error = CliError::new(Exit::BadInput, format!("read {}: its name does not end in .lean", path.display()));
        return Err(error.hint("a proof in another form is judged by --statement S.lean --proof P --kind reply"));
    }
    Ok(text)
}

/// Looks at a file; says too whether it imports what is not there.
async fn look(
    judge: &LeanJudge,
    path: &Path,
    text: String,
    common: &Common,
    cancel: &CancellationToken,
) -> Result<(FileReport, bool), CliError> {
    let survey = judge.survey(&text, cancel).await?;
    let unknown = survey.end == CheckEnd::HeaderFailed
        && survey.diagnostics.iter().any(|diagnostic| diagnostic.message.contains("unknown module prefix"));
    Ok((FileReport::new(path, &text, survey, common), unknown))
}

fn shown(report: &FileReport) -> String {
    let good = report.declarations.iter().filter(|declaration| declaration.compiles).count();
    let mut lines = vec![format!(
        "{}: {}, {good} of {} declarations compile ({:.1} ms, Lean {}, sandbox {})",
        escape_line(&report.file),
        report.class.replace('_', " "),
        report.declarations.len(),
        report.check_ms,
        report.lean_version,
        report.sandbox
    )];
    lines.extend(report.reason.as_deref().map(|reason| format!("  {}", escape_line(reason))));
    for declaration in &report.declarations {
        let place = format!("{}:{}:{}", report.file, declaration.line, declaration.column);
        let state = if declaration.compiles { "compiles" } else { "DOES NOT COMPILE" };
        let name = declaration.name.as_deref().unwrap_or("(no name)");
        let axioms = match declaration.axioms.as_deref() {
            None => String::new(),
            Some([]) => ", no axioms".to_owned(),
            Some(axioms) => format!(", axioms {}", axioms.join(", ")),
        };
        lines.push(escape_line(&format!("  {place}: {} {name} {state}{axioms}", declaration.kind)));
    }
    for diagnostic in &report.diagnostics {
        let place = format!("{}:{}:{}", report.file, diagnostic.line, diagnostic.column);
        lines.push(format!("{}: {}: {}", escape_line(&place), diagnostic.severity, escape_text(&diagnostic.message)));
    }
    if report.diagnostics_left_out > 0 {
        lines.push(format!("{} more messages are left out", report.diagnostics_left_out));
    }
    lines.join("\n") + "\n"
}
