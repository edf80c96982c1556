//! `regrade`: judges stored candidates again.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::run::{Confirmed, Regraded, confirm_pending, regrade, stored_spec};
use stepproof::store::{OpenMode, RunFilter, RunRow, Store};
use stepproof::suite::VerifierKind;

use super::Session;
use crate::cli::args::{DbArg, FormatArg, LeanArgs, ProgressArg};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::judge::Judge;
use crate::cli::progress::{Progress, ProgressState};
use crate::cli::settings::Settings;
use crate::cli::{interrupt, open};

/// Judge the stored answers of a run again with the present grader, and store the verdicts beside the old ones
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof regrade last\n\n\
                        The newest verdict of an attempt counts; `stepproof show RUN ITEM` shows all of them.")]
pub(crate) struct RegradeArgs {
    /// The run: its id, the beginning of it, or `last`
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    lean: LeanArgs,
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
        self.lean.lay(&mut layer);
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
    /// Accepted proofs that a second look confirmed.
    confirmed: usize,
    /// Accepted proofs that it refuted.
    refuted: usize,
    /// Accepted proofs whose second look could not be taken; they do not count.
    pending: usize,
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
    fn new(run_id: String, regraded: Regraded, confirmed: Confirmed) -> RegradeReport {
        let changed = regraded.changed.into_iter();
        RegradeReport {
            schema: 1,
            run_id,
            verifier: regraded.verifier,
            verifiers_before: regraded.before.into_iter().collect(),
            judged: regraded.judged,
            skipped: regraded.skipped,
            changed: changed.map(|((from, to), attempts)| Change { from, to, attempts }).collect(),
            confirmed: confirmed.confirmed,
            refuted: confirmed.refuted,
            pending: confirmed.open,
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
        if self.confirmed + self.refuted + self.pending > 0 {
            let (held, fell, open) = (self.confirmed, self.refuted, self.pending);
            lines.push(("recheck", format!("{held} confirmed, {fell} refuted, {open} not possible")));
        }
        if self.changed.is_empty() {
            lines.push(("changed", "nothing".to_owned()));
        }
        let change = |change: &Change| format!("{} from {} to {}", change.attempts, change.from, change.to);
        lines.extend(self.changed.iter().map(|changed| ("changed", change(changed))));
        lines
    }
}

/// Tells what judges a run's candidates.
async fn judged_by(store: &Store, run: &RunRow) -> Result<VerifierKind, CliError> {
    let proofs = store.items(run.key).await?.iter().any(|item| item.formal_statement.is_some());
    if !proofs {
        return Ok(VerifierKind::Answer);
    }
    match stored_spec(run) {
        Ok(spec) if spec.lean.is_some() => Ok(VerifierKind::Lean),
        _ => Err(CliError::new(Exit::BadInput, format!("judge {} again: it is no run of eval", run.run_id))
            .hint("stepproof verify --batch with --fresh judges a file of proofs again")),
    }
}

/// Runs the command.
pub(super) fn run(args: &RegradeArgs, session: &mut Session) -> Result<Exit, CliError> {
    let mut progress = Progress::start(session.progress(), &session.stderr);
    let done = open::with_store(&session.settings, OpenMode::ReadWrite, async |store| {
        let run = store.find_run(&args.run).await?;
        let counts = store.runs(&RunFilter { run: Some(run.key), ..RunFilter::default() }).await?;
        let total = counts.first().map_or(0, |row| row.attempts - row.failed);
        let cancel = interrupt::watch(&session.stderr)?;
        let judge = Judge::open(judged_by(store, &run).await?, &session.settings, &session.stderr, &cancel).await?;
        let verifier = judge.verifier();
        let regraded = regrade(store, &run, verifier.as_ref(), judge.workers().max(1), |judged| {
            let done = u64::try_from(judged).unwrap_or(u64::MAX);
            progress.update(&ProgressState { done, total, ..ProgressState::default() });
        });
        let regraded = regraded.await;
        let confirmed = match regraded {
            Ok(_) if judge.is_lean() => confirm_pending(store, run.key, verifier.as_ref(), &cancel, |_| {}).await,
            _ => Ok(Confirmed::default()),
        };
        judge.close().await;
        if cancel.is_cancelled() {
            return Err(CliError::new(Exit::Interrupted, "judge all attempts: interrupted")
                .hint("the same command judges them all again"));
        }
        Ok(RegradeReport::new(run.run_id.clone(), regraded?, confirmed?))
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
