//! `bench`: measures stepproof itself, each figure against a limit measured in the same run.

mod figures;
mod grader;
mod lean;
mod model;

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::budget::BudgetLimits;
use stepproof::model::{Models, ScriptedModel};
use stepproof::problem::{AnswerForm, Problem, ProblemId, Reference, Statement};
use stepproof::run::{Executed, Execution, item_rows};
use stepproof::store::{
    AttemptBundle, AttemptWriter, CompletionRow, ItemDetail, NewRun, OpenMode, RunKey, Store, WriterOptions,
};
use stepproof::strategy::{Strategy, StrategySpec, load};
use stepproof::suite::{self, SuiteSources};
use stepproof::trace::Role;
use stepproof::verify::AnswerVerifier;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Session;
use crate::cli::args::{FormatArg, ModelArgs};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;
use crate::cli::{interrupt, open, recipe};

pub(super) use grader::GraderBench;
pub(crate) use grader::GraderBenchArgs;
pub(super) use lean::LeanBench;
pub(crate) use lean::LeanBenchArgs;
pub(super) use model::ModelBench;
pub(crate) use model::ModelBenchArgs;

/// Measure stepproof itself
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  stepproof bench store --format json")]
pub(crate) enum BenchCommand {
    Store(StoreArgs),
    Recording(RecordingArgs),
    Lean(LeanBenchArgs),
    Model(Box<ModelBenchArgs>),
    Grader(GraderBenchArgs),
}

/// Measure how many scripted attempts of 5 steps a second are solved, judged and stored, against the writer alone
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof bench store --attempts 20000 --format json")]
pub(crate) struct StoreArgs {
    /// Make N attempts [default: 20000]
    #[arg(long, value_name = "N")]
    attempts: Option<NonZeroU32>,
    #[command(flatten)]
    format: FormatArg,
}

/// Measure which share of a run's time goes into recording it, against the run's whole time
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof bench recording --model local:models/SmolLM2-135M-Instruct-Q4_1.gguf")]
pub(crate) struct RecordingArgs {
    #[command(flatten)]
    models: ModelArgs,
    /// Take at most N word problems of the sample suite [default: 10]
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU32>,
    #[command(flatten)]
    format: FormatArg,
}

impl BenchCommand {
    /// Gives the flags as a layer of settings.
    ///
    /// # Errors
    /// A role that is given two models.
    pub(super) fn layer(&self) -> Result<Settings, CliError> {
        let mut layer = Settings::default();
        match self {
            BenchCommand::Store(store) => store.format.lay(&mut layer),
            BenchCommand::Lean(lean) => lean.format.lay(&mut layer),
            BenchCommand::Grader(grader) => grader.format.lay(&mut layer),
            BenchCommand::Model(model) => {
                model.models.lay(&mut layer)?;
                model.format.lay(&mut layer);
            }
            BenchCommand::Recording(recording) => {
                recording.models.lay(&mut layer)?;
                recording.format.lay(&mut layer);
            }
        }
        Ok(layer)
    }
}

/// What `bench store` measures.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StoreBench {
    /// Version of this form.
    schema: u32,
    /// Attempts made, each of 5 steps by 5 calls.
    attempts: u64,
    /// Rows stored.
    rows: u64,
    /// Milliseconds from plan to last commit.
    wall_ms: f64,
    /// Attempts planned, solved, judged and stored a second.
    attempts_per_s: f64,
    /// The limit: the same rows put through the writer alone, a second.
    writer_alone_attempts_per_s: f64,
    /// The one over the other.
    share_of_limit: f64,
    /// Size of the database file in bytes.
    database_bytes: u64,
    /// Whether this build is optimised.
    machine: serde_json::Value,
}

/// What `bench recording` measures.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RecordingBench {
    /// Version of this form.
    schema: u32,
    /// Attempts made.
    attempts: u64,
    /// Milliseconds of the whole run.
    wall_ms: f64,
    /// Milliseconds that the database took.
    recording_ms: f64,
    /// Their share of the whole, 0 to 1.
    recording_share: f64,
    /// The build and the machine.
    machine: serde_json::Value,
}

/// Runs the command.
pub(super) fn run(command: &BenchCommand, session: &mut Session) -> Result<Exit, CliError> {
    Session::block_on(async {
        let cancel = interrupt::watch(&session.stderr)?;
        let database = Scratch::new();
        match command {
            BenchCommand::Store(args) => bench_store(args, session, &database, cancel).await,
            BenchCommand::Recording(args) => bench_recording(args, session, &database, cancel).await,
            BenchCommand::Lean(args) => lean::run(args, session, cancel).await,
            BenchCommand::Grader(args) => grader::run(args, session),
            BenchCommand::Model(args) => model::run(args, session, cancel).await,
        }
    })
}

/// A database file that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        Scratch(std::env::temp_dir().join(format!("stepproof-bench-{}.db", std::process::id())))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.with_extension(format!("{name}.db"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        for name in ["run", "writer"] {
            for ending in ["", "-wal", "-shm"] {
                let mut path = self.file(name).into_os_string();
                path.push(ending);
                // A file that is not there needs no removing.
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

const SCRIPT: &str = r#"
[[reply]]
text = "Let us name the unknown number.\n\nIt is twelve more than thirty.\n\nThat makes forty-two.\n\nA check by subtraction agrees.\n\nSo the answer is \\boxed{42}."
"#;

fn problems(count: u32) -> Vec<Problem> {
    let problem = |number: u32| Problem {
        statement: Statement {
            id: ProblemId(format!("bench-{number:06}")),
            text: format!("Which number is {number} more than {number} less than forty-two?"),
            options: Vec::new(),
            form: AnswerForm::Integer,
            formal: None,
        },
        reference: Some(Reference { answer: "42".to_owned() }),
    };
    (0..count).map(problem).collect()
}

fn new_run(strategy: &StrategySpec) -> NewRun {
    NewRun {
        run_id: uuid::Uuid::now_v7().to_string(),
        spec_hash: "bench".to_owned(),
        spec: "{}".to_owned(),
        suite: "bench".to_owned(),
        strategy: strategy.name.clone(),
        models: String::new(),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: "{}".to_owned(),
        created_us: jiff::Timestamp::now().as_microsecond(),
    }
}

/// Carries out one run on a scratch database.
async fn measured_run(
    store: &Store,
    problems: Vec<Problem>,
    strategy: Strategy,
    models: Models,
    concurrency: usize,
    cancel: CancellationToken,
) -> Result<(RunKey, Executed), CliError> {
    let run = store.begin_or_join_run(&new_run(strategy.spec()), &item_rows(&problems), true).await?.run.key;
    let execution = Execution {
        store: store.clone(),
        run,
        problems,
        samples: 1,
        strategy,
        models,
        verifier: Arc::new(AnswerVerifier),
        limits: BudgetLimits::default(),
        seed: 0,
        concurrency,
        retry_failed: false,
        replay: false,
        cancel,
    };
    let (events, _unseen) = mpsc::unbounded_channel();
    let executed = execution.execute(events).await?;
    if executed.cancelled {
        return Err(CliError::new(Exit::Interrupted, "finish the measurement: interrupted"));
    }
    Ok((run, executed))
}

async fn bench_store(
    args: &StoreArgs,
    session: &mut Session,
    scratch: &Scratch,
    cancel: CancellationToken,
) -> Result<Exit, CliError> {
    let count = args.attempts.map_or(20_000, NonZeroU32::get);
    let strategy = recipe::strategy(&session.settings, load("stepwise", &[])?, "integer")?;
    let mut models = Models::default();
    models.insert(Role::Main, Arc::new(ScriptedModel::parse(SCRIPT, "bench", "bench")?));
    let store = Store::open(scratch.file("run"), OpenMode::ReadWrite).await?;
    let (run, executed) = measured_run(&store, problems(count), strategy.clone(), models, 8, cancel).await?;
    let detail = store.item_detail(run, "bench-000000").await?;
    store.close().await;
    let database_bytes = std::fs::metadata(scratch.file("run")).map(|data| data.len())?;
    let writer_alone = writer_alone(&scratch.file("writer"), count, strategy.spec(), &detail).await?;
    let wall_ms = executed.wall.as_secs_f64() * 1e3;
    let rate = f64::from(count) / executed.wall.as_secs_f64();
    let bench = StoreBench {
        schema: 1,
        attempts: executed.writer.attempts,
        rows: executed.writer.rows,
        wall_ms,
        attempts_per_s: rate,
        writer_alone_attempts_per_s: writer_alone,
        share_of_limit: rate / writer_alone,
        database_bytes,
        machine: recipe::machine(),
    };
    let lines = [
        ("attempts", format!("{} of 5 steps and 5 calls, {} rows", bench.attempts, bench.rows)),
        ("whole run", format!("{rate:.0} attempts/s ({wall_ms:.0} ms)")),
        ("writer alone", format!("{writer_alone:.0} attempts/s")),
        ("share", format!("{:.2} of the writer alone", bench.share_of_limit)),
        ("optimised", format!("{}", !cfg!(debug_assertions))),
    ];
    session.output.record(&bench, &lines)?;
    Ok(Exit::Done)
}

/// Puts copies of one attempt's rows through the writer; gives attempts a second.
async fn writer_alone(path: &Path, count: u32, spec: &StrategySpec, detail: &ItemDetail) -> Result<f64, CliError> {
    let Some(sample) = detail.attempts.first() else {
        return Err(CliError::new(Exit::Defect, "measure the writer: the run stored nothing"));
    };
    let store = Store::open(path, OpenMode::ReadWrite).await?;
    let problems = problems(count);
    let run = store.begin_or_join_run(&new_run(spec), &item_rows(&problems), true).await?.run.key;
    let bundles: Vec<AttemptBundle> = problems
        .iter()
        .map(|problem| {
            let mut attempt = sample.attempt.clone();
            attempt.item_id.clone_from(&problem.id().0);
            let completions = sample.calls.iter().zip(&sample.steps).map(|(call, step)| CompletionRow {
                request_hash: blake3::hash(format!("{} {}", attempt.item_id, call.step).as_bytes())
                    .to_hex()
                    .to_string(),
                completion: step.text.repeat(4),
            });
            AttemptBundle {
                completions: completions.collect(),
                attempt,
                steps: sample.steps.clone(),
                calls: sample.calls.clone(),
                verdict: sample.verdicts.first().cloned(),
                replace_failed: false,
            }
        })
        .collect();
    let started = Instant::now();
    let (writer, _acknowledgements) = AttemptWriter::start(&store, run, WriterOptions::STANDARD);
    for bundle in bundles {
        writer.submit(bundle).await?;
    }
    writer.close().await?;
    let rate = f64::from(count) / started.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
}

async fn bench_recording(
    args: &RecordingArgs,
    session: &mut Session,
    scratch: &Scratch,
    cancel: CancellationToken,
) -> Result<Exit, CliError> {
    let limit = args.limit.map_or(10, NonZeroU32::get);
    let mut suite = suite::load("sample-words", &SuiteSources::default())?;
    suite.problems.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let strategy = recipe::strategy(&session.settings, load("stepwise", &[])?, &suite.prompt)?;
    let models = open::models(&session.settings).await?;
    strategy.check(&models)?;
    let store = Store::open(scratch.file("run"), OpenMode::ReadWrite).await?;
    let (_, executed) = measured_run(&store, suite.problems, strategy, models, 1, cancel).await?;
    store.close().await;
    let wall_ms = executed.wall.as_secs_f64() * 1e3;
    let bench = RecordingBench {
        schema: 1,
        attempts: executed.writer.attempts,
        wall_ms,
        recording_ms: executed.writer.busy_ms,
        recording_share: executed.writer.busy_ms / wall_ms,
        machine: recipe::machine(),
    };
    let lines = [
        ("attempts", bench.attempts.to_string()),
        ("whole run", format!("{wall_ms:.0} ms")),
        ("recording", format!("{:.1} ms, {:.3} %", bench.recording_ms, 100.0 * bench.recording_share)),
    ];
    session.output.record(&bench, &lines)?;
    Ok(Exit::Done)
}
