//! Keeps answers in the order of their lines: first in the database, then in the file of verdicts.
//!
//! An accepted proof whose second look is pending holds its line and all after it back until the look was taken. So a
//! verdict never claims what has not happened yet, and the file only grows.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use stepproof::store::{RunKey, Store};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::judge::Judge;
use super::line::VerifyOut;
use super::tally::Tally;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::harmless_json;

/// Accepted proofs that are looked at again together.
const TOGETHER: usize = 64;
/// How long the first of them waits for others.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lines that are kept in one transaction at most.
const MOST_LINES: usize = 256;

/// Keeps answers.
pub(super) struct Keeper<J> {
    pub(super) judge: Arc<J>,
    pub(super) store: Store,
    pub(super) run: RunKey,
    pub(super) out: File,
    /// The file's name, for messages.
    pub(super) name: String,
    pub(super) tally: Tally,
    /// Hears of every change of the tally.
    pub(super) told: watch::Sender<Tally>,
    pub(super) cancel: CancellationToken,
}

impl<J: Judge> Keeper<J> {
    /// Keeps answers until no more come; gives the counts, and whether any were dropped because the batch is being ended.
    ///
    /// # Errors
    /// The database or the file cannot be written to. What was kept before stays.
    pub(super) async fn keep(mut self, mut answers: mpsc::Receiver<Answer>) -> Result<(Tally, bool), CliError> {
        let (mut window, mut pending, mut due, mut cut) = (Vec::new(), 0, None, false);
        loop {
            let mut open = true;
            tokio::select! {
                answer = answers.recv() => match answer {
                    Some(answer) => window.push(answer),
                    None => open = false,
                },
                () = sleep_until(due), if due.is_some() => {}
            }
            while window.len() < MOST_LINES
                && let Ok(answer) = answers.try_recv()
            {
                window.push(answer);
            }
            if cut {
                // The file stays a prefix: nothing is written behind what was dropped.
                window.clear();
            }
            let waiting: usize = window.iter_mut().map(|answer| answer.pending().count()).sum();
            if waiting > 0 && pending == 0 {
                due = Some(Instant::now() + PATIENCE);
            }
            pending = waiting;
            let late = due.is_some_and(|due| due <= Instant::now());
            if pending == 0 || pending >= TOGETHER || late || !open || window.len() >= MOST_LINES {
                cut |= self.settle(&mut window).await;
                self.write(std::mem::take(&mut window)).await?;
                (pending, due) = (0, None);
            }
            if !open {
                // A power failure must not take what was said to be done.
                tokio::task::block_in_place(|| self.out.sync_data()).map_err(|error| self.failed(&error))?;
                return Ok((self.tally, cut));
            }
        }
    }

    /// Takes the second looks. What was not looked at because the batch is being ended is dropped, with all behind it;
    /// tells whether anything was.
    async fn settle(&mut self, window: &mut Vec<Answer>) -> bool {
        let proofs: Vec<_> = window.iter_mut().flat_map(Answer::pending).collect();
        if !proofs.is_empty() {
            self.judge.settle(proofs, &self.cancel).await;
        }
        let dropped = window.iter_mut().position(|answer| answer.pending().next().is_some());
        window.truncate(dropped.unwrap_or(window.len()));
        dropped.is_some()
    }

    async fn write(&mut self, mut window: Vec<Answer>) -> Result<(), CliError> {
        let (mut items, mut bundles, mut text) = (Vec::new(), Vec::new(), String::new());
        for answer in &mut window {
            let rows = answer.rows(|kind| self.judge.version(kind));
            items.extend(rows.items);
            bundles.extend(rows.bundles);
            let out = VerifyOut::answer(&answer.line, rows.verdicts);
            self.tally.add(out.verdict.as_deref(), out.class.as_deref(), out.error.is_some());
            let line = serde_json::to_string(&out)
                .map_err(|error| CliError::new(Exit::Defect, "write a verdict as JSON").because(error))?;
            text.push_str(&harmless_json(line));
            text.push('\n');
        }
        if !bundles.is_empty() {
            self.store.add_attempts(self.run, &items, bundles).await?;
        }
        tokio::task::block_in_place(|| self.out.write_all(text.as_bytes())).map_err(|error| self.failed(&error))?;
        self.told.send_replace(self.tally.clone());
        Ok(())
    }

    fn failed(&self, error: &std::io::Error) -> CliError {
        let error = CliError::new(Exit::Missing, format!("write to {}", self.name)).because(error);
        error.hint("the same command goes on once it can be written to")
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
