//! `eval`: runs a strategy on a suite.

mod dry_run;
mod prepare;
mod proofs;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use stepproof::report;
use stepproof::report::json::EvalSummary;
use stepproof::run::{Confirmed, Executed, Execution, RunEvent};
use stepproof::store::{RunRow, Store};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub(super) use dry_run::DryRun;
use prepare::Job;

use super::Session;
use crate::cli::args::{
    BudgetArgs, DataArg, DbArg, FormatArg, LeanArgs, ModelArgs, ProgressArg, SamplingArgs, StrategyArgs,
};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::interrupt;
use crate::cli::progress::{Progress, ProgressState};
use crate::cli::render::summary;
use crate::cli::settings::{Resolved, Settings};

/// Run a strategy on a suite, judge every answer and store every trace; the same command goes on after a stop
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  stepproof eval sample --model local:models/SmolLM2-135M-Instruct-Q4_1.gguf --limit 5"
)]
pub(crate) struct EvalArgs {
    /// The suite: a name, or the TOML file of a suite of your own [default: the run file's]
    #[arg(value_name = "SUITE")]
    suite: Option<String>,
    /// Take this part of the suite, or all of it [default: the suite's]
    #[arg(long, value_name = "NAME")]
    split: Option<String>,
    /// Take the statements in this wording, where the suite has several (minif2f: v4.24, dsp, goedel) [default: the
    /// suite's]
    #[arg(long, value_name = "SET")]
    statements: Option<String>,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    strategy: StrategyArgs,
    /// Make N attempts at each item [default: 1]
    #[arg(long, value_name = "N")]
    samples: Option<NonZeroU32>,
    /// Take at most N items [default: all]
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU32>,
    /// Take the items in an order shuffled by this seed [default: the suite's order]
    #[arg(long, value_name = "N")]
    shuffle_seed: Option<u64>,
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    budget: BudgetArgs,
    /// Make up to N attempts at once [default: as many as the models take]
    #[arg(long, value_name = "N")]
    concurrency: Option<NonZeroU32>,
    /// Read the run's settings from a TOML file [default: none]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Start another run, even if the database holds one of the same description
    #[arg(long, conflicts_with = "retry")]
    pub(crate) fresh: bool,
    /// Make these attempts again [default: none]
    #[arg(long, value_name = "WHICH")]
    pub(crate) retry: Option<Retry>,
    /// Run again what RUN recorded, its completions out of the completion log only: no model, no data needed [default:
    /// none]
    #[arg(long, value_name = "RUN", conflicts_with_all = ["retry", "suite", "split", "statements", "models", "fresh"])]
    pub(crate) replay: Option<String>,
    /// Make one attempt at a time and one call of a local model at a time, so that the same build on the same machine
    /// writes the same tokens
    #[arg(long, conflicts_with = "concurrency")]
    pub(crate) deterministic: bool,
    /// Show all settings with their origin, and what the run would do; run nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// End with exit code 1 if an attempt has one of these verdicts [default: none]
    #[arg(long, value_name = "VERDICT", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
    #[command(flatten)]
    lean: LeanArgs,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    progress: ProgressArg,
}

/// Attempts to be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Retry {
    /// Those that failed for infrastructure reasons.
    Failed,
}

/// Verdicts that make a finished run end with exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A wrong or missing answer.
    Rejected,
    /// An answer that could not be judged.
    Unknown,
}

impl EvalArgs {
    /// Gives the flags as a layer of settings.
    ///
    /// # Errors
    /// A role or a parameter that is given twice.
    pub(crate) fn layer(&self) -> Result<Settings, CliError> {
        let mut layer = Settings {
            suite: self.suite.clone().map(Resolved::flag),
            split: self.split.clone().map(Resolved::flag),
            statements: self.statements.clone().map(Resolved::flag),
            samples: self.samples.map(Resolved::flag),
            limit: self.limit.map(Resolved::flag),
            shuffle_seed: self.shuffle_seed.map(Resolved::flag),
            concurrency: self.concurrency.map(Resolved::flag),
            deterministic: self.deterministic.then(|| Resolved::flag(true)),
            ..Settings::default()
        };
        self.models.lay(&mut layer)?;
        self.strategy.lay(&mut layer)?;
        self.sampling.lay(&mut layer);
        self.budget.lay(&mut layer);
        self.lean.lay(&mut layer);
        self.db.lay(&mut layer);
        self.data.lay(&mut layer);
        self.format.lay(&mut layer);
        self.progress.lay(&mut layer);
        Ok(layer)
    }
}

/// Runs the command.
pub(super) fn run(args: &EvalArgs, session: &mut Session) -> Result<Exit, CliError> {
    if args.dry_run {
        return dry_run::dry_run(session);
    }
    Session::block_on(async {
        let cancel = interrupt::watch(&session.stderr)?;
        let (store, job) = match &args.replay {
            Some(run) => prepare::replay(run, session, &cancel).await?,
            None => prepare::prepare(args, session, &cancel).await?,
        };
        carry_out(args, session, &store, job, cancel).await
    })
}

async fn carry_out(
    args: &EvalArgs,
    session: &mut Session,
    store: &Store,
    job: Job,
    cancel: CancellationToken,
) -> Result<Exit, CliError> {
    let verifier = job.judge.verifier();
    // A replay takes over what the recorded run knew of its statements.
    let problems = if job.judge.is_lean() && !job.replay {
        let checked = proofs::check(session, store, &job, &cancel).await;
        match checked? {
            Some(problems) => problems,
            None => {
                job.judge.close().await;
                store.close().await;
                return Ok(Exit::Interrupted);
            }
        }
    } else {
        job.problems
    };
    let run = job.run;
    let notes = stepproof::run::stored_spec(&run)?.suite.notes;
    let execution = Execution {
        store: store.clone(),
        run: run.key,
        problems,
        samples: job.samples,
        strategy: job.strategy,
        models: job.models,
        verifier: Arc::clone(&verifier),
        limits: job.limits,
        seed: job.seed,
        concurrency: job.concurrency,
        retry_failed: job.retry_failed,
        replay: job.replay,
        cancel: cancel.clone(),
    };
    let (events, seen) = mpsc::unbounded_channel();
    let before = store.graded_attempts(run.key).await?;
    let mut state = ProgressState::default();
    for attempt in &before {
        state.judged += u64::from(attempt.verdict.is_some());
        state.accepted += u64::from(attempt.verdict.as_deref() == Some("accepted"));
    }
    let progress = Progress::start(session.progress(), &session.stderr);
    let (executed, ()) = tokio::join!(execution.execute(events), show_progress(session, progress, state, seen));
    let executed = executed?;
    tracing::debug!(recording_ms = executed.writer.busy_ms, wall_ms = executed.wall.as_secs_f64() * 1e3, "recorded");
    let confirmed = match executed.missing {
        0 if job.judge.is_lean() => proofs::confirm(session, store, &run, verifier.as_ref(), &cancel).await?,
        _ => Confirmed::default(),
    };
    let summary = report::summary(store, &run, notes).await?;
    store.close().await;
    job.judge.close().await;
    session.output.record(&summary, &summary::lines(&summary))?;
    say_how_to_go_on(session, &run, &executed, args.replay.is_some());
    let cut = cancel.is_cancelled() && summary.lean.as_ref().is_some_and(|lean| lean.pending > 0);
    let ends = [(cut, Exit::Interrupted), (confirmed.open > 0 && !cut, Exit::SomeFailed)];
    Ok(ends.into_iter().filter(|(holds, _)| *holds).fold(exit(args, &summary, &executed), |one, (_, end)| one.and(end)))
}

async fn show_progress(
    session: &Session,
    mut progress: Progress,
    mut state: ProgressState,
    mut seen: mpsc::UnboundedReceiver<RunEvent>,
) {
    let mut waiting = false;
    while let Some(event) = seen.recv().await {
        match event {
            RunEvent::Planned { total, done } => {
                state.total = u64::try_from(total).unwrap_or(u64::MAX);
                state.done = u64::try_from(done).unwrap_or(u64::MAX);
                if done > 0 {
                    session.stderr.line(&format!("going on: {done} of {total} attempts are there"));
                }
            }
            RunEvent::Ended { verdict, completion_tokens, failure, item_id, sample } => {
                state.done += 1;
                state.judged += u64::from(verdict.is_some());
                state.accepted += u64::from(verdict == Some("accepted"));
                state.tokens += completion_tokens;
                if let Some(sentence) = failure {
                    // The first failures say what is wrong; a flood of them says no more.
                    if state.failed < 3 {
                        session.stderr.line(&format!("{item_id}, sample {sample}: {sentence}"));
                    }
                    state.failed += 1;
                }
                waiting = false;
            }
            RunEvent::Waiting { attempts } => {
                if !waiting {
                    let line = format!("waiting for {attempts} attempts in the hands of other processes");
                    session.stderr.line(&line);
                }
                waiting = true;
            }
        }
        progress.update(&state);
    }
    progress.finish();
}

fn say_how_to_go_on(session: &Session, run: &RunRow, executed: &Executed, replay: bool) {
    let say = |line: &str| session.stderr.line(line);
    if let Some(place) = &executed.defect {
        say(&format!("a defect in stepproof ended an attempt: {place}; please report it"));
    }
    if let Some(sentence) = &executed.gave_up {
        say(&format!("gave up, since every attempt failed: {sentence}"));
    }
    if executed.missing > 0 && !replay {
        say(&format!("{} attempts are left; the same command goes on", executed.missing));
    }
    if executed.failed > 0 && !replay {
        say(&format!("{} attempts failed; the same command with --retry failed repeats them", executed.failed));
    }
    let short: String = run.run_id.chars().take(13).collect();
    say(&format!("next: stepproof show {short}"));
}

fn exit(args: &EvalArgs, summary: &EvalSummary, executed: &Executed) -> Exit {
    let refused = args.fail_on.iter().any(|verdict| match verdict {
        FailOn::Rejected => summary.rejected > 0,
        FailOn::Unknown => summary.unknown > 0,
    });
    let when = |holds: bool, exit: Exit| if holds { exit } else { Exit::Done };
    when(executed.cancelled && executed.missing > 0, Exit::Interrupted)
        .and(when(executed.defect.is_some(), Exit::Defect))
        .and(when(summary.failed > 0 || executed.gave_up.is_some(), Exit::SomeFailed))
        .and(when(refused, Exit::No))
}
