//! `eval`: runs a strategy on a suite.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::budget::BudgetLimits;
use stepproof::model::{ModelKind, Models};
use stepproof::problem::Problem;
use stepproof::report;
use stepproof::report::json::EvalSummary;
use stepproof::run::{
    Executed, Execution, PromptPart, RunEvent, RunSpec, Selection, SuitePart, item_rows, model_parts, recording, select,
};
use stepproof::store::{NewRun, OpenMode, RunRow, Store};
use stepproof::strategy::Strategy;
use stepproof::suite::{self, Suite, SuiteSources, VerifierKind};
use stepproof::trace::Role;
use stepproof::verify::{AnswerVerifier, Verifier};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Session;
use crate::cli::args::{BudgetArgs, DataArg, DbArg, FormatArg, ModelArgs, ProgressArg, SamplingArgs, StrategyArgs};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::{Progress, ProgressState};
use crate::cli::render::summary;
use crate::cli::settings::{Resolved, SettingRow, Settings};
use crate::cli::{interrupt, open, recipe};

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
    /// Make one attempt at a time, so that the same build on the same machine writes the same tokens
    #[arg(long, conflicts_with = "concurrency")]
    pub(crate) deterministic: bool,
    /// Show all settings with their origin, and what the run would do; run nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// End with exit code 1 if an attempt has one of these verdicts [default: none]
    #[arg(long, value_name = "VERDICT", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
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
            ..Settings::default()
        };
        self.models.lay(&mut layer)?;
        self.strategy.lay(&mut layer)?;
        self.sampling.lay(&mut layer);
        self.budget.lay(&mut layer);
        self.db.lay(&mut layer);
        self.data.lay(&mut layer);
        self.format.lay(&mut layer);
        self.progress.lay(&mut layer);
        Ok(layer)
    }
}

/// Attempts at once where neither user nor model says otherwise.
const CONCURRENCY: usize = 8;

/// What is to be carried out.
struct Job {
    run: RunRow,
    problems: Vec<Problem>,
    samples: u32,
    strategy: Strategy,
    models: Models,
    limits: BudgetLimits,
    seed: u64,
    concurrency: usize,
    retry_failed: bool,
    replay: bool,
}

/// Runs the command.
pub(super) fn run(args: &EvalArgs, session: &mut Session) -> Result<Exit, CliError> {
    if args.dry_run {
        return dry_run(session);
    }
    Session::block_on(async {
        let cancel = interrupt::watch(&session.stderr)?;
        let (store, job) = match &args.replay {
            Some(run) => replay(run, &session.settings).await?,
            None => prepare(args, session).await?,
        };
        carry_out(args, session, &store, job, cancel).await
    })
}

fn load_suite(settings: &Settings) -> Result<Suite, CliError> {
    let Some(name) = &settings.suite else {
        return Err(CliError::new(Exit::BadInput, "choose a suite: none is given")
            .hint("stepproof eval sample --model SPEC; stepproof doctor lists the suites"));
    };
    let sources = SuiteSources {
        data: Some(settings.data().to_path_buf()),
        split: settings.split.as_ref().map(|split| split.value.clone()),
        statements: settings.statements.as_ref().map(|set| set.value.clone()),
    };
    Ok(suite::load(&name.value, &sources)?)
}

fn selection(settings: &Settings) -> Selection {
    Selection {
        limit: settings.limit.as_ref().map(|limit| usize::try_from(limit.value.get()).unwrap_or(usize::MAX)),
        shuffle_seed: settings.shuffle_seed.as_ref().map(|seed| seed.value),
        samples: settings.samples.as_ref().map_or(1, |samples| samples.value.get()),
    }
}

fn chosen(suite: &mut Suite, selection: Selection) -> Result<Vec<Problem>, CliError> {
    let problems = select(std::mem::take(&mut suite.problems), selection);
    if problems.is_empty() {
        return Err(CliError::new(Exit::NothingSelected, format!("run on {}: no problem is selected", suite.name)));
    }
    Ok(problems)
}

fn concurrency(args: &EvalArgs, settings: &Settings, models: &Models) -> usize {
    if args.deterministic {
        return 1;
    }
    if let Some(concurrency) = &settings.concurrency {
        return usize::try_from(concurrency.value.get()).unwrap_or(usize::MAX);
    }
    match models.get(Role::Main).map(|model| model.identity().kind) {
        // The engine runs one sequence at a time; a second attempt would only push the first one's prefix out.
        Ok(ModelKind::Local) => 1,
        _ => CONCURRENCY,
    }
}

async fn prepare(args: &EvalArgs, session: &Session) -> Result<(Store, Job), CliError> {
    let settings = &session.settings;
    let mut suite = load_suite(settings)?;
    let selection = selection(settings);
    let problems = chosen(&mut suite, selection)?;
    let strategy = recipe::strategy(settings, recipe::strategy_spec(settings)?, &suite.prompt)?;
    let store = Store::open(settings.db(), OpenMode::ReadWrite).await?;
    let models = open::models(settings).await?;
    strategy.check(&models)?;
    let limits = recipe::limits(settings);
    if suite.verifier == VerifierKind::Lean {
        return Err(CliError::new(Exit::Missing, "judge proofs: no Lean is connected".to_owned()));
    }
    let spec = RunSpec {
        suite: SuitePart {
            name: suite.name.clone(),
            version: suite.version,
            data_hash: suite.data_hash,
            split: suite.split,
            statement_set: suite.statement_set,
            notes: suite.notes,
        },
        strategy: strategy.spec().clone(),
        models: model_parts(&models),
        prompt: PromptPart {
            name: suite.prompt,
            version: strategy.template().version(),
            hash: strategy.template().hash().to_owned(),
        },
        verifier: AnswerVerifier.version(),
        budget: limits.into(),
        seed: settings.seed.as_ref().map_or(0, |seed| seed.value),
        lean: None,
    };
    let begun = store.begin_or_join_run(&new_run(&spec), &item_rows(&problems), args.fresh).await?;
    store.add_items(begun.run.key, &item_rows(&problems)).await?;
    if !begun.joined {
        session.stderr.line(&format!("run {} begins", begun.run.run_id));
    }
    let concurrency = concurrency(args, settings, &models);
    let job = Job {
        run: begun.run,
        problems,
        samples: selection.samples,
        strategy,
        models,
        limits,
        seed: spec.seed,
        concurrency,
        retry_failed: args.retry == Some(Retry::Failed),
        replay: false,
    };
    Ok((store, job))
}

/// Prepares a run out of what another one recorded: items, recipe and completions come from the database.
async fn replay(run: &str, settings: &Settings) -> Result<(Store, Job), CliError> {
    let store = Store::open(settings.db(), OpenMode::ReadWrite).await?;
    let source = store.find_run(run).await?;
    let recording = recording(&store, &source).await?;
    let spec = recording.spec;
    let strategy = recipe::strategy(settings, spec.strategy.clone(), &spec.prompt.name)?;
    if strategy.template().hash() != spec.prompt.hash {
        let (then, now) = (&spec.prompt.version, strategy.template().version());
        let message = format!("replay {}: its prompt {then} is not the present {now}", source.run_id);
        return Err(CliError::new(Exit::BadInput, message).hint("--prompts DIR names the folder of the prompt it used"));
    }
    if recording.problems.is_empty() {
        return Err(CliError::new(Exit::NothingSelected, format!("replay {}: it holds no attempts", source.run_id)));
    }
    let begun = store.begin_or_join_run(&new_run(&spec), &item_rows(&recording.problems), true).await?;
    let job = Job {
        run: begun.run,
        problems: recording.problems,
        samples: recording.samples,
        strategy,
        models: recording.models,
        limits: spec.budget.into(),
        seed: spec.seed,
        concurrency: CONCURRENCY,
        retry_failed: false,
        replay: true,
    };
    Ok((store, job))
}

fn new_run(spec: &RunSpec) -> NewRun {
    let models: Vec<String> = spec.models.iter().map(|(role, model)| format!("{role}={}", model.name)).collect();
    NewRun {
        run_id: uuid::Uuid::now_v7().to_string(),
        spec_hash: spec.hash(),
        spec: spec.canonical_json(),
        suite: spec.suite.name.clone(),
        strategy: spec.strategy.name.clone(),
        models: models.join(" "),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: recipe::machine().to_string(),
        created_us: jiff::Timestamp::now().as_microsecond(),
    }
}

async fn carry_out(
    args: &EvalArgs,
    session: &mut Session,
    store: &Store,
    job: Job,
    cancel: CancellationToken,
) -> Result<Exit, CliError> {
    let run = job.run;
    let notes = stepproof::run::stored_spec(&run)?.suite.notes;
    let verifier: Arc<dyn Verifier> = Arc::new(AnswerVerifier);
    let execution = Execution {
        store: store.clone(),
        run: run.key,
        problems: job.problems,
        samples: job.samples,
        strategy: job.strategy,
        models: job.models,
        verifier,
        limits: job.limits,
        seed: job.seed,
        concurrency: job.concurrency,
        retry_failed: job.retry_failed,
        replay: job.replay,
        cancel,
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
    let summary = report::summary(store, &run, notes).await?;
    store.close().await;
    session.output.record(&summary, &summary::lines(&summary))?;
    say_how_to_go_on(session, &run, &executed, args.replay.is_some());
    Ok(exit(args, &summary, &executed))
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

/// What `eval --dry-run` shows.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DryRun {
    /// Version of this form.
    schema: u32,
    /// Every setting with its origin.
    settings: Vec<SettingRow>,
    /// The strategy with every parameter.
    strategy: serde_json::Value,
    /// The suite's name.
    suite: String,
    /// Items that are selected.
    items: usize,
    /// Attempts that the plan holds.
    attempts: u64,
    /// Tokens that all attempts together may write at most.
    most_completion_tokens: u64,
    /// What was done about faults of the data.
    notes: Vec<String>,
}

fn dry_run(session: &mut Session) -> Result<Exit, CliError> {
    let settings = &session.settings;
    let mut suite = load_suite(settings)?;
    let selection = selection(settings);
    let items = chosen(&mut suite, selection)?.len();
    let spec = recipe::strategy_spec(settings)?;
    recipe::strategy(settings, spec.clone(), &suite.prompt)?;
    for model in settings.roles.values() {
        settings.model(&model.value)?;
    }
    let attempts = u64::try_from(items).unwrap_or(u64::MAX).saturating_mul(u64::from(selection.samples));
    let most = recipe::most_tokens(&spec, recipe::limits(settings)).saturating_mul(attempts);
    let dry = DryRun {
        schema: 1,
        settings: settings.rows(),
        strategy: serde_json::to_value(&spec).unwrap_or_default(),
        suite: suite.name.clone(),
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
        ("suite", format!("{}, {items} items", suite.name)),
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
