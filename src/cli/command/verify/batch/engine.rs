//! Carries a batch out: reads, judges several lines at once, keeps the answers in order.
//!
//! Memory is bounded: lines take room by their length before they are read on, and give it back when they are written.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::{FuturesOrdered, StreamExt};
use stepproof::store::{RunKey, Store};
use stepproof::verdict::{Cause, Verdict};
use stepproof::verify::lean::{Judged, LeanJudgement};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Found, Fresh, Place, Reached, find, item_ids};
use super::input::Input;
use super::judge::Judge;
use super::keep::Keeper;
use super::line::{Line, Proof};
use super::tally::Tally;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Room for lines that were read and are not written yet, in KiB.
const ROOM: u32 = 128 << 10;
/// Room that the verdict of a line is counted with, in KiB.
const VERDICT_ROOM: usize = 16;
/// Lines that were read and are not written yet, at most. Many, so that one slow proof does not hold up the others.
const MOST_LINES: usize = 1024;
/// The waits before each try to reach a judgement; after the last, that none was reached is the verdict.
pub(super) const TRIES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(500), Duration::from_secs(2)];
/// Lines in a row without a judgement, a worker, after which going on is pointless.
const FAILURES_A_WORKER: usize = 8;

/// A batch to be carried out.
pub(super) struct Batch<J> {
    pub(super) judge: Arc<J>,
    pub(super) store: Store,
    pub(super) run: RunKey,
    /// Whether the run may hold verdicts already.
    pub(super) joined: bool,
    pub(super) workers: usize,
    /// The waits before each try.
    pub(super) tries: [Duration; 3],
    pub(super) cancel: CancellationToken,
}

/// How a batch ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) tally: Tally,
    /// It was cancelled before its end.
    pub(super) cancelled: bool,
    /// It gave up; the sentence of the failure that came again and again.
    pub(super) gave_up: Option<String>,
}

type Lines = mpsc::Receiver<io::Result<(Line, OwnedSemaphorePermit)>>;

impl<J: Judge> Batch<J> {
    /// Answers the lines of `input` that are left.
    ///
    /// # Errors
    /// The input cannot be read, or what was reached cannot be kept. What was kept before stays.
    pub(super) async fn carry_out<R: Read + Send + 'static>(
        self,
        input: Input<R>,
        keeper: Keeper<J>,
    ) -> Result<Ended, CliError> {
        let room = Arc::new(Semaphore::new(usize::try_from(ROOM).unwrap_or(usize::MAX)));
        let lines = read(input, Arc::clone(&room));
        let (answers, kept) = mpsc::channel(MOST_LINES);
        let keeping = tokio::spawn(keeper.keep(kept));
        let admitted = self.admit(lines, answers).await;
        // The reader may be waiting for room.
        room.close();
        let kept = keeping.await.map_err(|error| CliError::new(Exit::Defect, "keep verdicts").because(error))?;
        let (tally, cut) = kept?;
        let (cancelled, gave_up) = admitted?;
        let cancelled = cancelled || cut;
        Ok(Ended { tally, cancelled, gave_up })
    }

    async fn admit(&self, mut lines: Lines, answers: mpsc::Sender<Answer>) -> Result<(bool, Option<String>), CliError> {
        let permits = Arc::new(Semaphore::new(self.workers.max(1)));
        let mut flight: FuturesOrdered<BoxFuture<'static, Option<Answer>>> = FuturesOrdered::new();
        let mut held = Vec::new();
        let (mut open, mut stopped, mut broken) = (true, false, None);
        while open || !flight.is_empty() {
            tokio::select! {
                biased;
                () = self.cancel.cancelled(), if open => {
                    (open, stopped) = (false, true);
                    lines.close();
                }
                Some(answer) = flight.next(), if !flight.is_empty() => {
                    let Some(answer) = answer else {
                        stopped = true;
                        break;
                    };
                    let failure = answer.failed();
                    if failure.is_some() && stopped {
                        break;
                    }
                    held.push(answer);
                    if let Some(failure) = failure {
                        if held.len() >= FAILURES_A_WORKER * self.workers.max(1) {
                            return Ok((false, Some(failure)));
                        }
                        continue;
                    }
                    for answer in held.drain(..) {
                        // The keeper is gone only where it failed; its error is found when it is joined.
                        if answers.send(answer).await.is_err() {
                            return Ok((false, None));
                        }
                    }
                }
                line = lines.recv(), if open && flight.len() < MOST_LINES => match line {
                    Some(Ok((line, room))) => flight.push_back(self.start(line, room, &permits).await?),
                    Some(Err(error)) => {
                        broken = Some(CliError::new(Exit::BadInput, "read the batch").because(error));
                        open = false;
                    }
                    None => open = false,
                },
            }
        }
        if !stopped {
            for answer in held {
                if answers.send(answer).await.is_err() {
                    break;
                }
            }
        }
        broken.map_or(Ok((stopped, None)), Err)
    }

    /// Starts to answer a line.
    async fn start(
        &self,
        line: Line,
        room: OwnedSemaphorePermit,
        permits: &Arc<Semaphore>,
    ) -> Result<BoxFuture<'static, Option<Answer>>, CliError> {
        let found = self.look_up(&line).await?;
        let (judge, cancel, permits) = (Arc::clone(&self.judge), self.cancel.clone(), Arc::clone(permits));
        let tries = self.tries;
        let task = tokio::spawn(async move {
            let reached = join_all(line.proofs().iter().zip(found).map(|(proof, found)| {
                let (judge, cancel, permits, tries) = (&judge, &cancel, &permits, &tries);
                async move {
                    match found {
                        Found::Known(step) => Some(Reached::Known(step)),
                        Found::Place(place) => {
                            let fresh = reach(&**judge, proof, place, (permits, tries), cancel).await?;
                            Some(Reached::Fresh(Box::new(fresh)))
                        }
                    }
                }
            }));
            let reached = reached.await.into_iter().collect::<Option<Vec<Reached>>>()?;
            Some(Answer { line, reached, _room: room })
        });
        // A task that does not come back is a defect, and was reported as one; its line is left to a later sitting.
        Ok(Box::pin(async move { task.await.ok().flatten() }))
    }

    /// Asks the database for what it knows of a line's proofs.
    async fn look_up(&self, line: &Line) -> Result<Vec<Found>, CliError> {
        let rows = if self.joined {
            let ids: Vec<String> = line.proofs().iter().flat_map(item_ids).collect();
            self.store.proofs(self.run, &ids).await?
        } else {
            Vec::new()
        };
        Ok(line.proofs().iter().map(|proof| find(proof, &rows)).collect())
    }
}

/// Judges a proof once a worker is free; gives nothing if the batch is ended first.
async fn reach<J: Judge>(
    judge: &J,
    proof: &Proof,
    place: Place,
    (permits, tries): (&Semaphore, &[Duration]),
    cancel: &CancellationToken,
) -> Option<Fresh> {
    let _permit = tokio::select! {
        biased;
        () = cancel.cancelled() => return None,
        permit = permits.acquire() => permit.ok()?,
    };
    let started_us = jiff::Timestamp::now().as_microsecond();
    let mut last = String::new();
    for wait in tries {
        tokio::select! {
            biased;
            () = cancel.cancelled() => return None,
            () = tokio::time::sleep(*wait) => {}
        }
        let judged = judge.judge(proof, cancel).await;
        let judged = match judged {
            Ok(Judged {
                judgement: LeanJudgement { verdict: Verdict::Unknown(Cause::Infrastructure(reason)), .. },
                ..
            }) => Err(reason),
            Ok(judged) => Ok(judged),
            Err(error) => Err(format!("could not {error}")),
        };
        let ended = cancel.is_cancelled();
        match judged {
            // What a judge says that was told to stop need not be about the proof.
            Ok(Judged { judgement: LeanJudgement { verdict: Verdict::Unknown(_), .. }, .. }) | Err(_) if ended => {
                return None;
            }
            Ok(judged) => {
                let judged_us = jiff::Timestamp::now().as_microsecond();
                return Some(Fresh::new(place, proof, judged, started_us, judged_us));
            }
            Err(reason) => last = reason,
        }
    }
    let judgement = LeanJudgement { verdict: Verdict::Unknown(Cause::Infrastructure(last)), report: judge.blank() };
    let judged = Judged { judgement, document: None };
    Some(Fresh::new(place, proof, judged, started_us, jiff::Timestamp::now().as_microsecond()))
}

/// Reads lines on a thread of its own, as far ahead as there is room.
fn read<R: Read + Send + 'static>(mut input: Input<R>, room: Arc<Semaphore>) -> Lines {
    let (sender, lines) = mpsc::channel(MOST_LINES);
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        loop {
            let line = match input.next() {
                Ok(Some(line)) => line,
                Ok(None) => return,
                Err(error) => {
                    // Nobody may be listening any more.
                    let _ = sender.blocking_send(Err(error));
                    return;
                }
            };
            let needs = line.proofs().iter().map(|proof| {
                let Proof { statement, candidate, .. } = proof;
                (statement.header.len() + 2 * statement.theorem.len() + 2 * candidate.len()) / 1024 + VERDICT_ROOM
            });
            let needs = u32::try_from(needs.sum::<usize>()).unwrap_or(ROOM).clamp(1, ROOM);
            let Ok(room) = runtime.block_on(Arc::clone(&room).acquire_many_owned(needs)) else { return };
            if sender.blocking_send(Ok((line, room))).is_err() {
                return;
            }
        }
    });
    lines
}
