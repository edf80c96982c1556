//! `lean doctor`: which Lean there is, what it can import, how fast it is, and the line that mends what is missing.

use std::path::{Path, PathBuf};
use std::time::Instant;

use schemars::JsonSchema;
use serde::Serialize;
use stepproof::lean::{CheckEnd, Document, Toolchain};
use stepproof::verify::lean::recheck::search_path;
use tokio_util::sync::CancellationToken;

use crate::cli::checker::find::find;
use crate::cli::checker::{self, Checker};
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::render::{bytes, escape_line};
use crate::cli::settings::Settings;

/// What was found of Lean. What is null was not found or could not be measured.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct LeanReport {
    /// Version of this form.
    schema: u32,
    /// Whether proofs can be judged.
    usable: bool,
    /// The program.
    lean: Option<String>,
    /// Where it was found: command line, STEPPROOF_LEAN, a settings file, PATH.
    origin: Option<String>,
    /// Its version.
    version: Option<String>,
    /// The commit that it was built from.
    commit: Option<String>,
    /// Lake beside it.
    lake: Option<String>,
    /// The project whose libraries are imported.
    project: Option<String>,
    /// Folders of compiled libraries, in the order in which Lean looks into them.
    lean_path: Vec<String>,
    /// Where Mathlib was found.
    mathlib: Option<String>,
    /// Milliseconds from nothing to the first verdict.
    cold_ms: Option<f64>,
    /// Milliseconds of a check in a warm worker, the median of several.
    warm_ms: Option<f64>,
    /// Memory that one worker uses for itself.
    worker_bytes: Option<u64>,
    /// Workers at once.
    workers: Option<usize>,
    /// Confinement of the workers: strict, native or none.
    sandbox: Option<String>,
    /// What is missing, with the line that mends it.
    troubles: Vec<Trouble>,
}

/// Something that is missing.
#[derive(Debug, Serialize, JsonSchema)]
struct Trouble {
    /// Whether proofs cannot be judged before it is mended.
    fatal: bool,
    /// What is missing.
    what: String,
    /// Lines that mend it.
    mend: Vec<String>,
}

impl LeanReport {
    fn trouble(&mut self, error: &CliError) {
        let lines = error.lines();
        let texts = |wanted: &str| -> Vec<String> {
            lines.iter().filter(|(label, _)| *label == wanted).map(|(_, text)| text.clone()).collect()
        };
        let what: Vec<String> = [texts("error"), texts("cause")].concat();
        self.troubles.push(Trouble { fatal: true, what: what.join(": "), mend: texts("hint") });
    }

    fn lack(&mut self, what: impl Into<String>, mend: &str) {
        self.troubles.push(Trouble { fatal: false, what: what.into(), mend: vec![mend.to_owned()] });
    }

    fn take(&mut self, toolchain: &Toolchain) {
        let shown = |path: &Path| path.display().to_string();
        self.version = Some(toolchain.version.number.clone());
        self.commit.clone_from(&toolchain.version.commit);
        self.lake = toolchain.lake.as_deref().map(shown);
        self.project = toolchain.project.as_deref().map(shown);
        let folders: Vec<PathBuf> = search_path(toolchain);
        let mathlib = folders.iter().find(|folder| folder.join("Mathlib.olean").is_file());
        self.mathlib = mathlib.map(|folder| shown(folder));
        self.lean_path = folders.iter().map(|folder| shown(folder)).collect();
        if self.lake.is_none() {
            self.lack(
                "Lake is not beside Lean: a project's libraries are taken from where Lake puts them",
                "a toolchain from https://lean-lang.org/install brings it",
            );
        }
        if self.mathlib.is_none() {
            self.lack(
                "Mathlib is not among the libraries: statements that import it cannot be judged",
                "--lean-project DIR names a project with Mathlib, built by `lake exe cache get` and `lake build`",
            );
        }
    }
}

/// Looks at Lean.
pub(super) fn run(session: &mut Session) -> Result<Exit, CliError> {
    let report = Session::block_on(async { Ok(look(&session.settings, session).await) })?;
    match session.output.format() {
        Format::Table => session.output.text(&text(&report))?,
        Format::Json | Format::Jsonl => session.output.record(&report, &[])?,
    }
    Ok(if report.usable { Exit::Done } else { Exit::Missing })
}

async fn look(settings: &Settings, session: &Session) -> LeanReport {
    let mut report = LeanReport { schema: 1, ..LeanReport::default() };
    let found = match find(settings).await {
        Ok(found) => found,
        Err(error) => {
            report.trouble(&error);
            return report;
        }
    };
    report.lean = Some(found.path.display().to_string());
    report.origin = Some(found.origin);
    match checker::toolchain(settings).await {
        Ok((_, toolchain)) => report.take(&toolchain),
        Err(error) => {
            report.trouble(&error);
            return report;
        }
    }
    let begin = Instant::now();
    match checker::open(settings, &session.stderr).await {
        Ok(checker) => {
            report.workers = Some(checker.workers());
            report.sandbox = Some(checker.sandbox());
            for shortfall in checker.sandbox.shortfalls() {
                report.troubles.push(Trouble { fatal: false, what: shortfall.clone(), mend: Vec::new() });
            }
            if let Err(error) = time(&checker, begin, &mut report).await {
                report.trouble(&error);
            }
            checker.close().await;
        }
        Err(error) => report.trouble(&error),
    }
    report.usable = report.cold_ms.is_some();
    report
}

/// Checks a small text, cold and then warm.
async fn time(checker: &Checker, begin: Instant, report: &mut LeanReport) -> Result<(), CliError> {
    const WARM: usize = 9;
    let mut warm = Vec::with_capacity(WARM);
    let never = CancellationToken::new();
    for number in 0..=WARM {
        let body = format!("theorem stepproof_doctor_{number} : True := True.intro\n");
        let document = Document { header: String::new(), body };
        let start = Instant::now();
        let checked = checker.pool.check(&document, checker.deadline, &never).await?;
        let wrong = checked.diagnostics.first().map(|first| first.message.clone());
        if checked.end != CheckEnd::Finished || wrong.is_some() {
            let said = wrong.unwrap_or_else(|| format!("{:?}", checked.end));
            let error = CliError::new(Exit::Missing, "have Lean check a proof of True").because(said);
            return Err(error.hint("is its core library there? lean --print-prefix shows where it looks"));
        }
        let spent = |since: Instant| since.elapsed().as_secs_f64() * 1e3;
        if number == 0 {
            report.cold_ms = Some(spent(begin));
        } else {
            warm.push(spent(start));
        }
    }
    warm.sort_by(f64::total_cmp);
    report.warm_ms = warm.get(WARM / 2).copied();
    report.worker_bytes = Some(checker.pool.stats().peak_memory).filter(|bytes| *bytes > 0);
    Ok(())
}

fn text(report: &LeanReport) -> String {
    let milliseconds = |value: Option<f64>| value.map(|value| format!("{value:.1} ms"));
    let commit = report.commit.as_deref().unwrap_or("unknown commit");
    let commit: String = commit.chars().take(14).collect();
    let version = report.version.as_ref().map(|version| format!("{version} ({commit})"));
    let origin = report.origin.as_deref().unwrap_or_default();
    let folders = (!report.lean_path.is_empty()).then(|| report.lean_path.join(", "));
    let facts = [
        ("lean", report.lean.as_ref().map(|lean| format!("{lean} ({origin})"))),
        ("version", version),
        ("lake", report.lake.clone()),
        ("project", report.project.clone()),
        ("libraries", folders),
        ("mathlib", report.mathlib.clone()),
        ("cold", milliseconds(report.cold_ms)),
        ("warm", milliseconds(report.warm_ms)),
        ("a worker", report.worker_bytes.map(bytes)),
        ("workers", report.workers.map(|workers| workers.to_string())),
        ("sandbox", report.sandbox.clone()),
    ];
    let mut lines = vec![format!("Lean is {}", if report.usable { "usable" } else { "NOT usable" })];
    let known = facts.into_iter().filter_map(|(name, value)| Some((name, value?)));
    lines.extend(known.map(|(name, value)| format!("        {name:<13} {}", escape_line(&value))));
    for trouble in &report.troubles {
        let state = if trouble.fatal { "BROKEN" } else { "absent" };
        lines.push(format!("{state:<7} {}", escape_line(&trouble.what)));
        lines.extend(trouble.mend.iter().map(|mend| format!("        to mend: {}", escape_line(mend))));
    }
    lines.join("\n") + "\n"
}

/// Looks at Lean in short, for `doctor`.
///
/// # Errors
/// There is no usable Lean: why, and the line that mends it.
pub(crate) fn check(settings: &Settings) -> Result<String, (String, String)> {
    let found = Session::block_on(async {
        let (found, toolchain) = checker::toolchain(settings).await?;
        let mut report = LeanReport::default();
        report.take(&toolchain);
        let mathlib = if report.mathlib.is_some() { "with Mathlib" } else { "without Mathlib" };
        let (version, path) = (&toolchain.version.number, found.path.display());
        Ok(format!("{version} at {path} ({}), {mathlib}; more by stepproof lean doctor", found.origin))
    });
    found.map_err(|error| {
        let lines = error.lines();
        let text = |wanted: &str| lines.iter().find(|(label, _)| *label == wanted).map(|(_, text)| text.clone());
        (
            text("error").unwrap_or_default(),
            text("hint").unwrap_or_else(|| "stepproof lean doctor tells more".to_owned()),
        )
    })
}
