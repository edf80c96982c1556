//! Carries out a plan: claims attempts, solves and judges them side by side, and hands each to the writer whole.
//!
//! Several processes may carry out the same run: keys are claimed by leases, and a process that finds nothing left to
//! claim waits for the others' last attempts or takes them over when their holder dies. A cancelled execution drops the
//! attempts in hand; what was submitted is committed.

use std::collections::{HashMap, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::record::Ended;
use super::{RunError, missing};
use crate::budget::{Budget, BudgetLimits};
use crate::model::{Models, Session, attempt_seed};
use crate::problem::Problem;
use crate::store::{AttemptWriter, CommitResult, Committed, RunKey, Store, WorkerId, WriterOptions, WriterStats};
use crate::strategy::{Solution, Strategy};
use crate::trace::{EventLog, Outcome, Recorder, Trace};
use crate::verdict::{Cause, Verdict};
use crate::verify::{Judgement, Verifier};

/// How often a process says that it is alive; its leases die after 60 s of silence.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often a process that waits for another one looks.
const WAIT_FOR_OTHERS: Duration = Duration::from_millis(500);
/// How much work is claimed at once.
const CLAIMED_WORK: Duration = Duration::from_millis(500);
/// Attempts claimed at once at most.
const LARGEST_CLAIM: usize = 1024;
/// Consecutive failures of the infrastructure after which going on is pointless, a slot.
const FAILURES_A_SLOT: usize = 8;

/// What happens while a run is carried out; for progress displays.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// The plan stands.
    Planned {
        /// All attempts of the plan.
        total: usize,
        /// Those that are there already.
        done: usize,
    },
    /// An attempt ended and is on its way to the database.
    Ended {
        /// The item.
        item_id: String,
        /// Which attempt at it.
        sample: u32,
        /// `accepted`, `rejected`, `unknown`, or nothing where the attempt failed.
        verdict: Option<&'static str>,
        /// Tokens written.
        completion_tokens: u64,
        /// The failure's sentence.
        failure: Option<String>,
    },
    /// Nothing is left to claim; this many attempts are in the hands of other processes.
    Waiting {
        /// Attempts of others.
        attempts: usize,
    },
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Executed {
    /// Attempts that this process committed.
    pub committed: usize,
    /// Attempts that another process had committed first.
    pub doubled: usize,
    /// Attempts that the infrastructure ended, among those committed.
    pub failed: usize,
    /// Attempts of the plan that are not there.
    pub missing: usize,
    /// It was cancelled.
    pub cancelled: bool,
    /// It gave up: the sentence of the failure that came again and again.
    pub gave_up: Option<String>,
    /// A defect of the program ended an attempt: its place.
    pub defect: Option<String>,
    /// What the writer did.
    pub writer: WriterStats,
    /// Wall time.
    pub wall: Duration,
}

/// Everything that an execution needs.
pub struct Execution {
    /// The database.
    pub store: Store,
    /// The run in it.
    pub run: RunKey,
    /// The selected problems.
    pub problems: Vec<Problem>,
    /// Attempts an item.
    pub samples: u32,
    /// The recipe.
    pub strategy: Strategy,
    /// The models.
    pub models: Models,
    /// The judge.
    pub verifier: Arc<dyn Verifier>,
    /// Limits of an attempt.
    pub limits: BudgetLimits,
    /// The base seed.
    pub seed: u64,
    /// Attempts at the same time.
    pub concurrency: usize,
    /// Plan failed attempts again.
    pub retry_failed: bool,
    /// Time passes by recorded durations.
    pub replay: bool,
    /// Ends the execution early.
    pub cancel: CancellationToken,
}

impl Execution {
    /// Carries out what is missing.
    ///
    /// # Errors
    /// The database failed. Attempts that were committed before stay.
    pub async fn execute(self, events: mpsc::UnboundedSender<RunEvent>) -> Result<Executed, RunError> {
        let started = Instant::now();
        let there = self.store.attempt_keys(self.run).await?;
        let (wanted, done) = missing(&self.problems, self.samples, &there, self.retry_failed);
        let _ = events.send(RunEvent::Planned { total: wanted.len() + done, done });
        let worker = self.store.register_worker(self.run).await?;
        let heart = tokio::spawn(beat(self.store.clone(), worker.clone()));
        let (writer, acknowledgements) = AttemptWriter::start(&self.store, self.run, WriterOptions::STANDARD);
        let mut loop_state = Loop {
            pending: wanted.into(),
            running: JoinSet::new(),
            claimed: VecDeque::new(),
            claim_size: self.concurrency.max(1) * 2,
            acknowledgements,
            executed: Executed {
                committed: 0,
                doubled: 0,
                failed: 0,
                missing: 0,
                cancelled: false,
                gave_up: None,
                defect: None,
                writer: WriterStats::default(),
                wall: Duration::ZERO,
            },
            failures_in_a_row: 0,
            problems: self.problems.iter().map(|problem| (problem.id().0.clone(), problem.clone())).collect(),
        };
        let task = Arc::new(self);
        let outcome = loop_state.drive(&task, &worker, &writer, &events).await;
        heart.abort();
        loop_state.running.shutdown().await;
        let closed = writer.close().await;
        let released = task.store.release(&worker).await;
        outcome?;
        let mut executed = loop_state.executed;
        executed.writer = closed?;
        released?;
        while let Ok(committed) = loop_state.acknowledgements.try_recv() {
            executed.count(&committed);
        }
        let there = task.store.attempt_keys(task.run).await?;
        executed.missing = missing(&task.problems, task.samples, &there, false).0.len();
        executed.wall = started.elapsed();
        Ok(executed)
    }

    /// Solves and judges one attempt.
    async fn attempt(self: Arc<Self>, problem: Problem, sample: u32) -> Ended {
        let item_id = problem.id().0.clone();
        let seed = attempt_seed(self.seed, &item_id, sample);
        let log = Arc::new(EventLog::default());
        let budget = if self.replay { Budget::replay(self.limits) } else { Budget::start(self.limits) };
        let session = Session {
            models: self.models.clone(),
            budget: budget.clone(),
            recorder: Arc::clone(&log) as Arc<dyn Recorder>,
            seed,
            cancel: self.cancel.child_token(),
        };
        let started_us = now_us();
        // A defect in one attempt costs one row, not the run.
        let solving = AssertUnwindSafe(self.strategy.solve(&problem.statement, &session)).catch_unwind().await;
        let solution = solving.unwrap_or_else(|panic| Solution {
            trace: Trace { steps: Vec::new(), outcome: Outcome::Failed(format!("{DEFECT}{}", panic_text(&*panic))) },
            candidate: None,
        });
        let wall_ms = budget.elapsed().as_secs_f64() * 1e3;
        let mut solution = solution;
        let judgement = if matches!(solution.trace.outcome, Outcome::Failed(_) | Outcome::Cancelled) {
            None
        } else {
            let candidate = solution.candidate.as_ref();
            match self.verifier.verify(candidate, &problem.statement, problem.reference.as_ref()).await {
                Ok(judgement) => Some(judgement),
                // A verdict may take a minute, and whoever interrupts does not wait for it.
                Err(_) if self.cancel.is_cancelled() => {
                    solution.trace.outcome = Outcome::Cancelled;
                    None
                }
                Err(error) => Some(Judgement {
                    verdict: Verdict::Unknown(Cause::Infrastructure(format!("could not {error}"))),
                    extracted: None,
                    lenient: false,
                    lean: None,
                }),
            }
        };
        Ended {
            item_id,
            sample,
            seed,
            solution,
            events: log.take(),
            judgement,
            verifier: self.verifier.version(),
            started_us,
            judged_us: now_us(),
            wall_ms,
        }
    }
}

/// How the failure text of a panic begins.
const DEFECT: &str = "a defect in stepproof: ";

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without words")
}

impl Executed {
    fn count(&mut self, committed: &Committed) {
        match committed.result {
            CommitResult::Stored(_) => self.committed += 1,
            CommitResult::Doubled => self.doubled += 1,
        }
    }
}

/// The moving parts of an execution.
struct Loop {
    /// Planned keys that are neither done nor claimed here; other processes may hold some.
    pending: VecDeque<(String, u32)>,
    claimed: VecDeque<(String, u32)>,
    running: JoinSet<Ended>,
    claim_size: usize,
    acknowledgements: mpsc::UnboundedReceiver<Committed>,
    executed: Executed,
    failures_in_a_row: usize,
    problems: HashMap<String, Problem>,
}

impl Loop {
    async fn drive(
        &mut self,
        task: &Arc<Execution>,
        worker: &WorkerId,
        writer: &AttemptWriter,
        events: &mpsc::UnboundedSender<RunEvent>,
    ) -> Result<(), RunError> {
        loop {
            while let Ok(committed) = self.acknowledgements.try_recv() {
                self.executed.count(&committed);
            }
            if task.cancel.is_cancelled() {
                self.executed.cancelled = true;
            }
            let stopping = self.executed.cancelled || self.executed.gave_up.is_some();
            if !stopping {
                self.admit(task, worker).await?;
            }
            if self.running.is_empty() {
                if stopping || self.pending.is_empty() {
                    return Ok(());
                }
                let _ = events.send(RunEvent::Waiting { attempts: self.pending.len() });
                tokio::select! {
                    () = tokio::time::sleep(WAIT_FOR_OTHERS) => {}
                    () = task.cancel.cancelled() => {}
                }
                continue;
            }
            if let Some(ended) = self.running.join_next().await {
                // The attempt catches its own panics; a join error is a shutdown.
                let Ok(ended) = ended else { continue };
                self.take(ended, task, worker, writer, events).await?;
            }
        }
    }

    /// Fills the free slots, claiming more keys where none are left in hand. What other processes hold stays pending.
    async fn admit(&mut self, task: &Arc<Execution>, worker: &WorkerId) -> Result<(), RunError> {
        while self.running.len() < task.concurrency.max(1) {
            if self.claimed.is_empty() && !self.pending.is_empty() {
                let won = task.store.claim(worker, &mut self.pending, self.claim_size, task.retry_failed).await?;
                self.claimed = won.into();
            }
            let Some((item_id, sample)) = self.claimed.pop_front() else { return Ok(()) };
            if let Some(problem) = self.problems.get(&item_id) {
                self.running.spawn(Arc::clone(task).attempt(problem.clone(), sample));
            }
        }
        Ok(())
    }

    async fn take(
        &mut self,
        ended: Ended,
        task: &Execution,
        worker: &WorkerId,
        writer: &AttemptWriter,
        events: &mpsc::UnboundedSender<RunEvent>,
    ) -> Result<(), RunError> {
        let outcome = &ended.solution.trace.outcome;
        if *outcome == Outcome::Cancelled {
            return Ok(()); // Not an attempt: a later execution makes it whole.
        }
        let failure = match outcome {
            Outcome::Failed(sentence) => Some(sentence.clone()),
            _ => None,
        };
        match &failure {
            None => self.failures_in_a_row = 0,
            Some(sentence) => {
                self.executed.failed += 1;
                self.failures_in_a_row += 1;
                if let Some(place) = sentence.strip_prefix(DEFECT) {
                    self.executed.defect = Some(place.to_owned());
                }
                if self.failures_in_a_row >= FAILURES_A_SLOT * task.concurrency.max(1) {
                    self.executed.gave_up = Some(sentence.clone());
                }
            }
        }
        let _ = events.send(RunEvent::Ended {
            item_id: ended.item_id.clone(),
            sample: ended.sample,
            verdict: ended.judgement.as_ref().map(|judgement| judgement.verdict.name()),
            completion_tokens: ended.usage().0.completion_tokens,
            failure,
        });
        // A claim is work for half a second, so that another process finds some too, and claims cost little.
        let wall = Duration::try_from_secs_f64(ended.wall_ms / 1e3).unwrap_or(CLAIMED_WORK);
        let for_a_slot = usize::try_from(CLAIMED_WORK.as_millis() / wall.as_millis().max(1)).unwrap_or(LARGEST_CLAIM);
        self.claim_size = (task.concurrency.max(1) * for_a_slot.max(1)).min(LARGEST_CLAIM);
        writer.submit(ended.into_bundle(&worker.name(), task.retry_failed)).await?;
        Ok(())
    }
}

async fn beat(store: Store, worker: WorkerId) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        if let Err(error) = store.heartbeat(&worker).await {
            tracing::warn!("could not renew this process's leases: {error}");
        }
    }
}

fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
