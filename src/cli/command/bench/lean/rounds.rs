//! Rounds of the proofs of a file, one way of checking after the other.

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use stepproof::problem::FormalStatement;
use stepproof::verify::lean::{CandidateKind, LeanJudge};
use tokio_util::sync::CancellationToken;

use super::process::{descendants, own_cpu};
use super::raw::{Peer, Program, RawServer, check_in_a_process};
use crate::cli::command::bench::figures::Rounds;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// No round takes longer, with any way of checking.
const LONGEST: Duration = Duration::from_secs(1800);

/// The script that drives leanclient.
const PEER_SCRIPT: &str = include_str!("../../../../../benchmarks/peers/leanclient_peer.py");

/// One proof to be judged.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) statement: FormalStatement,
    pub(super) proof: String,
}

/// All ways of checking, with the seconds that each round of each took.
pub(super) struct Laps<'j> {
    jobs: &'j [Job],
    program: Program,
    python: Option<PathBuf>,
    servers: Vec<RawServer>,
    leanclient: Option<Peer>,
    pub(super) judge_one: Rounds,
    pub(super) judge_two: Rounds,
    pub(super) processes: Rounds,
    pub(super) raw_one: Rounds,
    pub(super) raw_two: Rounds,
    pub(super) peer: Rounds,
    /// Share of the texts that leanclient called done before their last message was there.
    pub(super) peer_early: Rounds,
    /// Why leanclient is not measured.
    pub(super) peer_trouble: Option<String>,
    /// Milliseconds of our own processor time a check, with one worker.
    pub(super) own_cpu_ms: Rounds,
    /// Milliseconds of Lean's processor time a check, with one worker.
    pub(super) lean_cpu_ms: Rounds,
}

impl<'j> Laps<'j> {
    pub(super) fn new(jobs: &'j [Job], program: Program, python: Option<PathBuf>) -> Laps<'j> {
        let peer_trouble = python.is_none().then(|| "--leanclient-python is not given".to_owned());
        let none = Rounds::default;
        Laps {
            jobs,
            program,
            python,
            servers: Vec::new(),
            leanclient: None,
            judge_one: none(),
            judge_two: none(),
            processes: none(),
            raw_one: none(),
            raw_two: none(),
            peer: none(),
            peer_early: none(),
            peer_trouble,
            own_cpu_ms: none(),
            lean_cpu_ms: none(),
        }
    }

    /// Starts everything and checks every text once with it.
    pub(super) async fn warm(&mut self, one: &LeanJudge, two: &LeanJudge) -> Result<(), CliError> {
        let cancel = CancellationToken::new();
        let (_, texts) = judge_all(one, self.jobs, 1, &cancel).await?;
        judge_all(two, self.jobs, 2, &cancel).await?;
        let first = self.jobs.first().map_or("", |job| &job.statement.header);
        for name in ["One", "Two"] {
            self.servers.push(RawServer::start(&self.program, name, first).map_err(failed("start a server by hand"))?);
        }
        drive(&mut self.servers, &texts).await?;
        self.start_peer(&texts);
        Ok(())
    }

    /// One round of each way.
    pub(super) async fn run(
        &mut self,
        one: &LeanJudge,
        two: &LeanJudge,
        cancel: &CancellationToken,
    ) -> Result<(), CliError> {
        let (own, lean) = (own_cpu(), descendants().cpu);
        let (seconds, texts) = judge_all(one, self.jobs, 1, cancel).await?;
        let per_check = |time: Duration| time.as_secs_f64() * 1e3 / self.jobs.len() as f64;
        self.own_cpu_ms.push(per_check(own_cpu().saturating_sub(own)));
        self.lean_cpu_ms.push(per_check(descendants().cpu.saturating_sub(lean)));
        self.judge_one.push(seconds);
        self.raw_one.push(drive(self.servers.get_mut(..1).unwrap_or_default(), &texts).await?);
        // The texts of the other two-worker round, so that no text comes twice in a row to the same server.
        let (seconds, texts) = judge_all(two, self.jobs, 2, cancel).await?;
        self.judge_two.push(seconds);
        self.raw_two.push(drive(&mut self.servers, &texts).await?);
        self.processes.push(one_by_one(&self.program, &texts, cancel)?);
        self.measure_peer(&texts);
        Ok(())
    }

    fn start_peer(&mut self, texts: &[String]) {
        let Some(python) = &self.python else { return };
        let script = std::env::temp_dir().join(format!("stepproof-peer-{}.py", std::process::id()));
        let start = || {
            std::fs::write(&script, PEER_SCRIPT)?;
            let mut peer = Peer::start(python, &script, &self.program)?;
            peer.round(texts)?;
            io::Result::Ok(peer)
        };
        let started = start();
        // It was read at the start; one that is left behind harms nobody.
        let _ = std::fs::remove_file(&script);
        match started {
            Ok(peer) => self.leanclient = Some(peer),
            Err(error) => {
                self.peer_trouble = Some(format!("leanclient cannot be run with {}: {error}", python.display()))
            }
        }
    }

    fn measure_peer(&mut self, texts: &[String]) {
        let Some(peer) = &mut self.leanclient else { return };
        match peer.round(texts) {
            Ok(round) if round.clean == texts.len() as u64 => {
                self.peer.push(round.seconds);
                self.peer_early.push(round.early as f64 / texts.len() as f64);
            }
            Ok(round) => {
                self.peer_trouble = Some(format!("leanclient finds {} of {} texts clean", round.clean, texts.len()));
                self.leanclient = None;
            }
            Err(error) => {
                self.peer_trouble = Some(format!("leanclient stopped: {error}"));
                self.leanclient = None;
            }
        }
    }
}

/// Judges all proofs, so many at a time; gives the seconds that it took and the texts that were judged.
async fn judge_all(
    judge: &LeanJudge,
    jobs: &[Job],
    at_once: usize,
    cancel: &CancellationToken,
) -> Result<(f64, Vec<String>), CliError> {
    use futures_util::StreamExt;
    let started = Instant::now();
    let judged: Vec<Result<String, CliError>> = futures_util::stream::iter(jobs)
        .map(|job| async move {
            let Job { statement, proof } = job;
            let judged = judge.judge_keeping(statement, proof, CandidateKind::Tactics, cancel).await;
            let judged = judged.map_err(|error| match cancel.is_cancelled() {
                true => CliError::new(Exit::Interrupted, "finish the measurement: interrupted"),
                false => CliError::of(Exit::Missing, &error),
            })?;
            match judged.document {
                Some(document) if judged.judgement.verdict.is_accepted() => Ok(document.text),
                _ => {
                    let message = format!("measure a proof that is not accepted: {}", statement.theorem);
                    let verdict = judged.judgement.verdict;
                    Err(CliError::new(Exit::BadInput, message).because(format!("{verdict:?}")))
                }
            }
        })
        .buffered(at_once)
        .collect()
        .await;
    let seconds = started.elapsed().as_secs_f64();
    Ok((seconds, judged.into_iter().collect::<Result<_, _>>()?))
}

/// Checks all texts with servers driven by hand, each on a thread of its own that takes the next text when it is free.
async fn drive(servers: &mut [RawServer], texts: &[String]) -> Result<f64, CliError> {
    let next = AtomicUsize::new(0);
    let trouble = Mutex::new(None);
    let started = Instant::now();
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            for server in servers {
                scope.spawn(|| {
                    while let Some(text) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let checked = server.check(text);
                        if !matches!(checked, Ok(true)) {
                            let mut trouble = trouble.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                            *trouble = Some(checked.err());
                            return;
                        }
                    }
                });
            }
        });
    });
    let seconds = started.elapsed();
    match trouble.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        None if seconds < LONGEST => Ok(seconds.as_secs_f64()),
        None => Err(CliError::new(Exit::Missing, "drive a server by hand: a round takes too long")),
        Some(error) => {
            let cause = error.map_or_else(|| "a text has errors".to_owned(), |error| error.to_string());
            Err(CliError::new(Exit::Missing, "drive a server by hand").because(cause))
        }
    }
}

fn one_by_one(program: &Program, texts: &[String], cancel: &CancellationToken) -> Result<f64, CliError> {
    let started = Instant::now();
    for text in texts {
        if cancel.is_cancelled() {
            return Err(CliError::new(Exit::Interrupted, "finish the measurement: interrupted"));
        }
        let clean = tokio::task::block_in_place(|| check_in_a_process(program, text));
        if !clean.map_err(failed("run lean for one text"))? {
            return Err(CliError::new(Exit::Missing, "check a text with a process of its own: it has errors"));
        }
    }
    Ok(started.elapsed().as_secs_f64())
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> CliError {
    move |error| CliError::new(Exit::Missing, what).because(error)
}
