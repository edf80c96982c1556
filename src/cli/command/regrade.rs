//! `regrade`: judges stored candidates again.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::run::{Regraded, regrade};
use stepproof::store::{OpenMode, RunFilter};
use stepproof::verify::AnswerVerifier;

use super::Session;
use crate::cli::args::{DbArg, FormatArg, ProgressArg};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::open;
use crate::cli::progress::{Progress, ProgressState};
use crate::cli::settings::Settings;

/// Judge the stored answers of a run again with the present grader, and store the verdicts beside the old ones
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof regrade last\n\n\
                        The newest verdict of an attempt counts; `stepproof show RUN ITEM` shows all of them.")]
pub(crate) struct RegradeArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    progress: ProgressArg,
}

impl RegradeArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.format.lay(&mut layer);
        self.progress.lay(&mut layer);
        layer
    }
}

/// What judging again changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RegradeReport {
    /// Version of this form.
    schema: u32,
    /// The run's id.
    run_id: String,
    /// The verifier that judged now.
    verifier: String,
    /// The verifiers of the verdicts that stood before.
    verifiers_before: Vec<String>,
    /// Attempts judged now.
    judged: usize,
    /// Attempts left as they are, because they failed or no judgement was reached.
    skipped: usize,
    /// Verdicts that went from one class to another.
    changed: Vec<Change>,
}

/// Verdicts that changed alike.
#[derive(Debug, Serialize, JsonSchema)]
struct Change {
    /// The class before; `none` where there was no verdict.
    from: String,
    /// The class now.
    to: String,
    /// How many.
    attempts: usize,
}

impl RegradeReport {
    fn new(run_id: String, regraded: Regraded) -> RegradeReport {
        let changed = regraded.changed.into_iter();
        RegradeReport {
            schema: 1,
            run_id,
            verifier: regraded.verifier,
            verifiers_before: regraded.before.into_iter().collect(),
            judged: regraded.judged,
            skipped: regraded.skipped,
            changed: changed.map(|((from, to), attempts)| Change { from, to, attempts }).collect(),
        }
    }

    fn lines(&self) -> Vec<(&'static str, String)> {
        let before =
            if self.verifiers_before.is_empty() { "none".to_owned() } else { self.verifiers_before.join(", ") };
        let mut lines = vec![
            ("run", self.run_id.clone()),
            ("verifier", format!("{} (before: {before})", self.verifier)),
            ("judged", format!("{} attempts, {} left as they are", self.judged, self.skipped)),
        ];
        if self.changed.is_empty() {
            lines.push(("changed", "nothing".to_owned()));
        }
        let change = |change: &Change| format!("{} from {} to {}", change.attempts, change.from, change.to);
        lines.extend(self.changed.iter().map(|changed| ("changed", change(changed))));
        lines
    }
}

/// Runs the command.
pub(super) fn run(args: &RegradeArgs, session: &mut Session) -> Result<Exit, CliError> {
    let mut progress = Progress::start(session.progress(), &session.stderr);
    let done = open::with_store(&session.settings, OpenMode::ReadWrite, async |store| {
        let run = store.find_run(&args.run).await?;
        let counts = store.runs(&RunFilter { run: Some(run.key), ..RunFilter::default() }).await?;
        let total = counts.first().map_or(0, |row| row.attempts - row.failed);
        let regraded = regrade(store, &run, &AnswerVerifier, |judged| {
            let done = u64::try_from(judged).unwrap_or(u64::MAX);
            progress.update(&ProgressState { done, total, ..ProgressState::default() });
        });
        Ok(RegradeReport::new(run.run_id.clone(), regraded.await?))
    });
    progress.finish();
    let report = done?;
    session.output.record(&report, &report.lines())?;
    if report.judged == 0 {
        session.stderr.line("the run holds no attempts to judge");
        return Ok(Exit::NothingSelected);
    }
    Ok(Exit::Done)
}
