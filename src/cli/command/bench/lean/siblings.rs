//! Proofs that share a long beginning, and checks that are given up.

use std::time::{Duration, Instant};

use stepproof::problem::FormalStatement;
use stepproof::verdict::{Cause, Verdict};
use stepproof::verify::lean::{CandidateKind, JudgeSettings, LeanJudge};
use tokio_util::sync::CancellationToken;

use super::DEADLINE;
use crate::cli::command::bench::figures::Rounds;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Lines that the siblings share.
const PREFIX_LINES: usize = 200;
/// Their last lines: half of them end the proof.
const LAST_LINES: [&str; 8] = [
    "exact h.symm",
    "exact h",
    "simp [h]",
    "rfl",
    "subst h; rfl",
    "assumption",
    "exact Eq.trans (Nat.add_zero b) h.symm",
    "apply Nat.le_of_eq",
];
/// Tactics that never end, and that Lean gives up when their text is taken away.
const ENDLESS: &str = "repeat (intro h; revert h)";
/// What the texts of this file begin with.
const HEADER: &str = "import Init\nset_option autoImplicit false\n";
/// How long a check runs before it is given up.
const BEFORE_CANCELLING: Duration = Duration::from_millis(400);

/// Seconds of each round.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    /// All siblings, the worker and the beginning kept.
    pub(super) kept: Rounds,
    /// All siblings, each under a nonce of its own.
    pub(super) fresh: Rounds,
    /// From cancelling a check, or from its deadline, to its end.
    pub(super) to_verdict: Rounds,
    /// From there to the next verdict of the same worker.
    pub(super) to_next: Rounds,
}

impl Siblings {
    /// One round of everything.
    pub(super) async fn run(&mut self, judge: &LeanJudge, cancel: &CancellationToken) -> Result<(), CliError> {
        let statement = statement();
        let prefix = prefix();
        let infrastructure = |error: stepproof::verify::VerifyError| CliError::of(Exit::Missing, &error);
        let mut session = judge.open_prefix(&statement).await.map_err(infrastructure)?;
        // The beginning is worked on once, in both ways; what is measured is what each sibling adds.
        let lines: Vec<&str> = prefix.iter().map(String::as_str).collect();
        let beginning = session.after(&lines, DEADLINE, cancel).await.map_err(infrastructure)?;
        if let Some(error) = beginning.first_error {
            let what = format!("measure siblings: this Lean refuses line {} of their beginning", error.start.line + 1);
            return Err(CliError::new(Exit::Missing, what).because(error.message));
        }
        let started = Instant::now();
        let mut finished = Vec::new();
        for last in LAST_LINES {
            let mut lines = lines.clone();
            lines.push(last);
            finished.push(session.after(&lines, DEADLINE, cancel).await.map_err(infrastructure)?.finished);
        }
        self.kept.push(started.elapsed().as_secs_f64());
        drop(session);
        let started = Instant::now();
        for (last, finished) in LAST_LINES.into_iter().zip(finished) {
            let mut session = judge.open_prefix(&statement).await.map_err(infrastructure)?;
            let mut lines = lines.clone();
            lines.push(last);
            let state = session.after(&lines, DEADLINE, cancel).await.map_err(infrastructure)?;
            if state.finished != finished {
                return Err(CliError::new(Exit::Defect, format!("get the same of the sibling {last:?} twice")));
            }
        }
        self.fresh.push(started.elapsed().as_secs_f64());
        for (to_verdict, to_next) in [cancelled(judge).await?, over_deadline(judge).await?] {
            self.to_verdict.push(to_verdict);
            self.to_next.push(to_next);
        }
        Ok(())
    }
}

/// Gives up a check while Lean is at work on it; gives the seconds until the judge says so, and until the same worker
/// has given the next verdict.
async fn cancelled(judge: &LeanJudge) -> Result<(f64, f64), CliError> {
    let cancel = CancellationToken::new();
    let statement = endless_statement();
    let checking = judge.judge(&statement, ENDLESS, CandidateKind::Tactics, &cancel);
    let cancelling = async {
        tokio::time::sleep(BEFORE_CANCELLING).await;
        cancel.cancel();
        Instant::now()
    };
    let (judged, since) = tokio::join!(checking, cancelling);
    let seconds = since.elapsed().as_secs_f64();
    if judged.is_ok() {
        return Err(CliError::new(Exit::Defect, "cancel a check: it ended by itself"));
    }
    next_is_right(judge).await?;
    Ok((seconds, since.elapsed().as_secs_f64()))
}

/// Lets a check run into its deadline; gives the seconds from there to the verdict, and to the next one.
async fn over_deadline(judge: &LeanJudge) -> Result<(f64, f64), CliError> {
    let settings = JudgeSettings::new(BEFORE_CANCELLING, judge.settings().sandbox);
    let hasty = LeanJudge::new(judge.pool().clone(), settings);
    let started = Instant::now();
    let never = CancellationToken::new();
    let judged = hasty.judge(&endless_statement(), ENDLESS, CandidateKind::Tactics, &never).await;
    let seconds = |started: Instant| started.elapsed().saturating_sub(BEFORE_CANCELLING).as_secs_f64();
    let to_verdict = seconds(started);
    let verdict = judged.map_err(|error| CliError::of(Exit::Missing, &error))?.verdict;
    if verdict != Verdict::Unknown(Cause::Timeout) {
        return Err(CliError::new(Exit::Defect, "run into a deadline").because(format!("{verdict:?}")));
    }
    next_is_right(judge).await?;
    Ok((to_verdict, seconds(started)))
}

async fn next_is_right(judge: &LeanJudge) -> Result<(), CliError> {
    let statement = FormalStatement { header: HEADER.to_owned(), theorem: "theorem t : True := by sorry".to_owned() };
    let judged = judge.judge(&statement, "trivial", CandidateKind::Tactics, &CancellationToken::new()).await;
    match judged {
        Ok(judged) if judged.verdict.is_accepted() => Ok(()),
        Ok(judged) => {
            let error = CliError::new(Exit::Defect, "get the next proof accepted after one that was given up");
            Err(error.because(format!("{:?}", judged.verdict)))
        }
        Err(error) => Err(CliError::of(Exit::Missing, &error)),
    }
}

/// A statement that is long to prove.
fn statement() -> FormalStatement {
    let theorem = "theorem long (a b : Nat) (h : a = b) : b + 0 = a := by sorry".to_owned();
    FormalStatement { header: HEADER.to_owned(), theorem }
}

fn endless_statement() -> FormalStatement {
    let theorem = "theorem swap (p q : Prop) : p ∧ q → q ∧ p := by sorry".to_owned();
    FormalStatement { header: HEADER.to_owned(), theorem }
}

/// Lines of the kinds that a proof search writes, one after the other: rewriting and the simplifier. A line that is kept
/// still costs Lean 0.8 ms (it walks through what is known of it), so that lines cheaper than these gain less.
fn prefix() -> Vec<String> {
    let line = |number: usize| match number % 4 {
        0 => format!("have h{number} : a + {number} = b + {number} := by rw [h]"),
        1 => format!("have h{number} : {number} + b = a + {number} := by simp [h, Nat.add_comm]"),
        2 => format!("have h{number} : a + 0 = a ∧ b = b := by constructor <;> simp"),
        _ => format!("have h{number} : {number} + (b + a) = a + (b + {number}) := by ac_rfl"),
    };
    (0..PREFIX_LINES).map(line).collect()
}
