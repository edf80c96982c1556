//! `bench lean`: what judging with Lean costs, against Lean without us and against other clients, in one run.
//!
//! Rounds of all ways of checking are interleaved, and ratios are taken round by round, so that what disturbs the machine
//! hits all alike. Every way checks the same texts: those that the judge put together, with fresh nonces each round.

mod process;
mod raw;
mod rounds;
mod siblings;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stepproof::lean::{LeanError, Pool, PoolSettings, Toolchain};
use stepproof::problem::FormalStatement;
use stepproof::sandbox::{Sandbox, Wanted};
use stepproof::verify::lean::{JudgeSettings, LeanJudge};
use tokio_util::sync::CancellationToken;

use crate::cli::args::FormatArg;
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::recipe;

use super::figures::{Figure, Rounds};
use raw::Program;
use rounds::{Job, Laps};

/// Time for one check. No proof that is measured needs a tenth of it.
const DEADLINE: Duration = Duration::from_secs(60);

/// Measure judging with Lean against one process a check, servers driven by hand and leanclient
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
                        stepproof bench lean --lean lean-core/bin/lean --theorems core_theorems.jsonl --format json")]
pub(crate) struct LeanBenchArgs {
    /// Use this lean program
    #[arg(long, value_name = "PATH")]
    lean: PathBuf,
    /// Judge the proofs in FILE: JSON lines with header, formal_statement and proofs
    #[arg(long, value_name = "FILE")]
    theorems: PathBuf,
    /// Measure everything N times [default: 5]
    #[arg(long, value_name = "N")]
    rounds: Option<NonZeroU32>,
    /// Measure leanclient too, which this Python has installed [default: not measured]
    #[arg(long, value_name = "PATH")]
    leanclient_python: Option<PathBuf>,
    #[command(flatten)]
    pub(super) format: FormatArg,
}

/// What `bench lean` measures.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::cli::command) struct LeanBench {
    /// Version of this form.
    schema: u32,
    /// The build and the machine.
    machine: serde_json::Value,
    /// Version of Lean.
    lean_version: String,
    /// Flags of every Lean that was measured.
    flags: Vec<String>,
    /// Confinement of the judge's workers. What it is measured against is not confined.
    sandbox: String,
    /// Proofs checked in each round.
    proofs: usize,
    /// Rounds.
    rounds: u32,
    /// Checks a second, the median of the rounds, by way of checking.
    checks_per_second: Vec<Rate>,
    /// Milliseconds of Lean's processor time a check, in the worker and its server; the median of the rounds.
    lean_cpu_ms: Option<f64>,
    /// Share of the texts that leanclient called done before their last message was there, which is then waited for; the
    /// median of the rounds.
    leanclient_early: Option<f64>,
    /// The figures and their bars.
    figures: Vec<Figure>,
    /// Whether every figure was measured and meets its bar.
    all_met: bool,
}

/// How fast one way of checking is.
#[derive(Debug, Serialize, JsonSchema)]
struct Rate {
    /// The way.
    way: &'static str,
    /// Checks a second, the median of the rounds; none where it was not measured.
    median: Option<f64>,
    /// Checks a second of each round.
    rounds: Vec<f64>,
}

/// A line of the file of theorems.
#[derive(Debug, Deserialize)]
struct Theorem {
    #[serde(default)]
    header: String,
    formal_statement: String,
    proofs: Vec<String>,
}

/// Runs the command.
pub(super) async fn run(
    args: &LeanBenchArgs,
    session: &mut Session,
    cancel: CancellationToken,
) -> Result<Exit, CliError> {
    let jobs = read_theorems(&args.theorems)?;
    let count = args.rounds.map_or(5, NonZeroU32::get);
    let toolchain = Toolchain::open(&args.lean, None, &[]).await.map_err(missing)?;
    let sandbox = Sandbox::detect(Wanted::Best).await.map_err(|error| CliError::of(Exit::Missing, &error))?;
    let lean_version = toolchain.version.number.clone();
    let one = judge(&toolchain, &sandbox, 1).await?;
    let two = judge(&toolchain, &sandbox, 2).await?;
    let program = Program { lean: toolchain.lean.clone(), flags: shared_flags(&one) };
    let mut laps = Laps::new(&jobs, program, args.leanclient_python.clone());
    laps.warm(&one, &two).await?;
    let mut siblings = siblings::Siblings::default();
    for round in 1..=count {
        session.stderr.line(&format!("round {round} of {count}"));
        laps.run(&one, &two, &cancel).await?;
        siblings.run(&one, &cancel).await?;
    }
    let flags = one.pool().flags();
    one.pool().close().await;
    two.pool().close().await;
    let figures = figures(&laps, &siblings);
    let rate = |way, seconds: &Rounds| {
        let rounds = seconds.map(|seconds| jobs.len() as f64 / seconds);
        Rate { way, median: rounds.median(), rounds: rounds.all() }
    };
    let bench = LeanBench {
        schema: 1,
        machine: recipe::machine(),
        lean_version,
        flags,
        sandbox: sandbox.level().name().to_owned(),
        proofs: jobs.len(),
        rounds: count,
        checks_per_second: vec![
            rate("judge, one worker", &laps.judge_one),
            rate("judge, two workers", &laps.judge_two),
            rate("one process a check", &laps.processes),
            rate("one server driven by hand", &laps.raw_one),
            rate("two servers driven by hand", &laps.raw_two),
            rate("leanclient", &laps.peer),
        ],
        lean_cpu_ms: laps.lean_cpu_ms.median(),
        leanclient_early: laps.peer_early.median(),
        all_met: figures.iter().all(Figure::is_met),
        figures,
    };
    session.output.record(&bench, &lines(&bench))?;
    Ok(Exit::Done)
}

fn figures(laps: &Laps<'_>, siblings: &siblings::Siblings) -> Vec<Figure> {
    let one = &laps.judge_one;
    vec![
        Figure::at_least("the judge with one warm worker over one process a check", &laps.processes.over(one), 4.0),
        Figure::at_least("the judge with two workers over one", &one.over(&laps.judge_two), 1.2),
        Figure::at_least(
            "the judge with two workers over two servers driven by hand",
            &laps.raw_two.over(&laps.judge_two),
            1.0,
        ),
        Figure::at_least("the judge with one worker over leanclient", &laps.peer.over(one), 1.2)
            .missing(laps.peer_trouble.clone()),
        Figure::at_least(
            "siblings in the last line of a 200-line prefix over a fresh nonce each",
            &siblings.fresh.over(&siblings.kept),
            2.5,
        ),
        Figure::never_over("seconds from a cancel or deadline to the verdict, the worst", &siblings.to_verdict, 1.0),
        Figure::never_over(
            "seconds from a cancel or deadline to the same worker's next verdict, the worst",
            &siblings.to_next,
            1.0,
        ),
        Figure::at_most("milliseconds of our own processor time a check", &laps.own_cpu_ms, 1.0),
    ]
}

fn lines(bench: &LeanBench) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("Lean", format!("{} ({})", bench.lean_version, bench.flags.join(" "))),
        ("sandbox", bench.sandbox.clone()),
        ("proofs", format!("{} in each of {} rounds", bench.proofs, bench.rounds)),
        ("optimised", format!("{}", !cfg!(debug_assertions))),
    ];
    let rates = bench.checks_per_second.iter();
    lines.extend(rates.filter_map(|rate| Some(("checks/s", format!("{:.1}  {}", rate.median?, rate.way)))));
    lines.extend(bench.lean_cpu_ms.map(|cpu| ("Lean's own", format!("{cpu:.2} ms of processor time a check"))));
    let early = bench.leanclient_early.map(|share| share * 100.0);
    lines.extend(early.map(|share| ("leanclient", format!("calls {share:.0} % of the texts done before they are"))));
    lines.extend(bench.figures.iter().map(|figure| ("figure", figure.line())));
    lines
}

/// Starts a pool and its judge, both as for verdicts that count, with nothing looked at again.
async fn judge(toolchain: &Toolchain, sandbox: &Sandbox, workers: usize) -> Result<LeanJudge, CliError> {
    let mut settings = PoolSettings::new(workers, sandbox.clone());
    settings.options = [("maxHeartbeats", "200000"), ("autoImplicit", "false")]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
    settings.stack_kilobytes = 32768;
    let pool = Pool::start(toolchain.clone(), settings).await.map_err(missing)?;
    Ok(LeanJudge::new(pool, JudgeSettings::new(DEADLINE, sandbox.level())))
}

/// Gives the flags that a Lean without a server takes too.
fn shared_flags(judge: &LeanJudge) -> Vec<String> {
    judge.pool().flags().into_iter().filter(|flag| !flag.starts_with("-Dserver.")).collect()
}

fn read_theorems(path: &std::path::Path) -> Result<Vec<Job>, CliError> {
    let unreadable = |cause: String| CliError::new(Exit::BadInput, format!("read {}", path.display())).because(cause);
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let mut jobs = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let theorem: Theorem =
            serde_json::from_str(line).map_err(|error| unreadable(format!("line {}: {error}", number + 1)))?;
        let statement = FormalStatement { header: theorem.header, theorem: theorem.formal_statement };
        jobs.extend(theorem.proofs.into_iter().map(|proof| Job { statement: statement.clone(), proof }));
    }
    // A slot is kept for each header; texts with the same one stand together, as a batch has them.
    jobs.sort_by(|one, other| one.statement.header.cmp(&other.statement.header));
    if jobs.is_empty() { Err(unreadable("it holds no proof".to_owned())) } else { Ok(jobs) }
}

fn missing(error: LeanError) -> CliError {
    CliError::of(Exit::Missing, &error)
}
