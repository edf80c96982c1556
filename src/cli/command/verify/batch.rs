//! `verify --batch`: judges the proofs of a file of lines, and goes on where it was stopped.

mod answer;
mod engine;
mod input;
mod judge;
mod keep;
mod lean;
pub(crate) mod line;
mod resume;
mod tally;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use stepproof::store::{NewRun, OpenMode, RunRow, Store};
use tokio::sync::watch;

use self::engine::{Batch, Ended, TRIES};
use self::input::Input;
use self::judge::Judge;
use self::keep::Keeper;
use self::resume::{Misfit, TakenUp, take_up};
use self::tally::Tally;
use super::VerifyArgs;
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::{Progress, ProgressMode, ProgressState, Stderr};
use crate::cli::{checker, interrupt, recipe};

/// What came of a batch.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BatchReport {
    /// Version of this form.
    schema: u32,
    /// The run that keeps it in the database.
    run_id: String,
    /// The file of verdicts.
    out: String,
    /// Lines answered, those of earlier sittings included.
    lines: u64,
    /// Lines whose proofs are all right.
    accepted: u64,
    /// Lines with a wrong proof.
    rejected: u64,
    /// Lines that no judgement was reached on.
    unknown: u64,
    /// Lines that cannot be used.
    broken: u64,
    /// Lines by class of their verdict.
    classes: std::collections::BTreeMap<String, u64>,
    /// Whether lines are left.
    complete: bool,
    /// Version of Lean.
    lean_version: String,
    /// Confinement of the workers: strict, native or none.
    sandbox: String,
}

impl BatchReport {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let classes: Vec<String> = self.classes.iter().map(|(class, count)| format!("{class} {count}")).collect();
        let broken = if self.broken > 0 { format!(", {} that cannot be used", self.broken) } else { String::new() };
        let mut lines = vec![
            ("run", self.run_id.clone()),
            ("verdicts", self.out.clone()),
            ("lines", format!("{}{broken}", self.lines)),
            ("judged", format!("{} accepted, {} rejected, {} unknown", self.accepted, self.rejected, self.unknown)),
        ];
        if !classes.is_empty() {
            lines.push(("classes", classes.join(", ")));
        }
        lines.push(("lean", format!("{}, sandbox {}", self.lean_version, self.sandbox)));
        lines
    }
}

/// Runs the command.
pub(super) fn run(args: &VerifyArgs, batch: &Path, out: &Path, session: &mut Session) -> Result<Exit, CliError> {
    check_paths(batch, out)?;
    let ended = Session::block_on(async {
        let cancel = interrupt::watch(&session.stderr)?;
        let (source, total) = tokio::task::block_in_place(|| open(batch))?;
        let checker = checker::open(&session.settings, &session.stderr).await?;
        let settings = checker.description();
        let judge = Arc::new(lean::BatchJudge::new(&checker));
        let input = Input::new(source, blake3::hash(settings.to_string().as_bytes()).to_hex().to_string());
        let misfit = if args.rewrite { Misfit::Rewrite } else { Misfit::Refuse };
        let taken = tokio::task::block_in_place(|| take_up(out, input, misfit, args.retry.is_some()))?;
        let store = Store::open(session.settings.db(), OpenMode::ReadWrite).await?;
        let (run, joined) = begin(&store, batch, settings, args.fresh).await?;
        let sitting =
            Sitting { store: &store, run: &run, joined, total, workers: checker.workers(), tries: TRIES, cancel };
        let progress = (session.progress(), session.stderr.clone());
        let ended = sitting.carry_out(judge, taken, &out.display().to_string(), progress).await;
        store.close().await;
        let lean = (checker.lean_version(), checker.sandbox());
        checker.close().await;
        Ok((run, ended?, lean))
    });
    let (run, ended, (lean_version, sandbox)) = ended?;
    let Ended { tally, cancelled, gave_up } = &ended;
    let report = BatchReport {
        schema: 1,
        run_id: run.run_id.clone(),
        out: out.display().to_string(),
        lines: tally.done,
        accepted: tally.accepted,
        rejected: tally.rejected,
        unknown: tally.unknown,
        broken: tally.broken,
        classes: tally.classes.clone(),
        complete: !cancelled && gave_up.is_none(),
        lean_version,
        sandbox,
    };
    session.output.record(&report, &report.lines())?;
    say_how_to_go_on(&session.stderr, &run, &ended);
    Ok(exit(&ended))
}

fn say_how_to_go_on(stderr: &Stderr, run: &RunRow, ended: &Ended) {
    if ended.cancelled {
        stderr.line("lines are left; the same command goes on");
    }
    if let Some(reason) = &ended.gave_up {
        stderr.line(&format!("gave up, since no judgement was reached again and again: {reason}"));
        stderr.line("lines are left; the same command goes on");
    }
    if ended.tally.failed() > 0 {
        stderr.line("the same command with --retry failed judges the lines again that no judgement was reached on");
    }
    let short: String = run.run_id.chars().take(13).collect();
    stderr.line(&format!("next: stepproof traces --run {short}"));
}

fn exit(ended: &Ended) -> Exit {
    let when = |holds: bool, exit: Exit| if holds { exit } else { Exit::Done };
    let left = ended.cancelled || ended.gave_up.is_some();
    // Nothing done yet is no empty input.
    let tally = if left && ended.tally.done == 0 { Exit::Done } else { ended.tally.exit() };
    tally.and(when(ended.cancelled, Exit::Interrupted)).and(when(ended.gave_up.is_some(), Exit::SomeFailed))
}

/// One sitting at a batch.
struct Sitting<'a> {
    store: &'a Store,
    run: &'a RunRow,
    joined: bool,
    total: Option<u64>,
    workers: usize,
    tries: [std::time::Duration; 3],
    cancel: tokio_util::sync::CancellationToken,
}

impl Sitting<'_> {
    async fn carry_out<J: Judge>(
        self,
        judge: Arc<J>,
        taken: TakenUp<File>,
        name: &str,
        (mode, stderr): (ProgressMode, Stderr),
    ) -> Result<Ended, CliError> {
        let TakenUp { input, out, tally } = taken;
        if tally.done > 0 {
            stderr.line(&format!("going on: {} lines are answered", tally.done));
        }
        let (told, heard) = watch::channel(tally.clone());
        let keeper = Keeper {
            judge: Arc::clone(&judge),
            store: self.store.clone(),
            run: self.run.key,
            out,
            name: name.to_owned(),
            tally,
            told,
            cancel: self.cancel.clone(),
        };
        let batch = Batch {
            judge,
            store: self.store.clone(),
            run: self.run.key,
            joined: self.joined,
            workers: self.workers,
            tries: self.tries,
            cancel: self.cancel,
        };
        let progress = Progress::start(mode, &stderr);
        let (ended, ()) = tokio::join!(batch.carry_out(input, keeper), show(progress, heard, self.total));
        ended
    }
}

async fn show(mut progress: Progress, mut heard: watch::Receiver<Tally>, total: Option<u64>) {
    loop {
        let tally = heard.borrow_and_update().clone();
        progress.update(&ProgressState {
            done: tally.done,
            total: total.unwrap_or(tally.done).max(tally.done),
            accepted: tally.accepted,
            judged: tally.done - tally.broken,
            failed: tally.failed(),
            tokens: 0,
        });
        // The other end goes when the batch has ended.
        if heard.changed().await.is_err() {
            return progress.finish();
        }
    }
}

fn check_paths(batch: &Path, out: &Path) -> Result<(), CliError> {
    let same = match (std::fs::canonicalize(batch), std::fs::canonicalize(out)) {
        (Ok(batch), Ok(out)) => batch == out,
        _ => false,
    };
    if same {
        return Err(CliError::new(Exit::BadInput, format!("write verdicts to {}: it is the batch", out.display())));
    }
    Ok(())
}

/// Opens the batch and counts its lines, where it is a file that can be read twice.
fn open(path: &Path) -> Result<(File, Option<u64>), CliError> {
    let failed =
        |error: std::io::Error| CliError::new(Exit::BadInput, format!("read {}", path.display())).because(error);
    let file = File::open(path).map_err(failed)?;
    let data = file.metadata().map_err(failed)?;
    if data.is_dir() {
        return Err(CliError::new(Exit::BadInput, format!("read {}: it is a folder", path.display())));
    }
    if !data.is_file() {
        return Ok((file, None));
    }
    let (mut reader, mut total, mut full) =
        (BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?), 0, false);
    loop {
        let bytes = reader.fill_buf().map_err(failed)?;
        if bytes.is_empty() {
            return Ok((file, Some(total + u64::from(full))));
        }
        for byte in bytes {
            match byte {
                b'\n' => {
                    total += u64::from(full);
                    full = false;
                }
                byte => full |= !byte.is_ascii_whitespace(),
            }
        }
        let length = bytes.len();
        reader.consume(length);
    }
}

/// Begins a run, or joins the one that an earlier sitting began: same batch file, same settings.
async fn begin(
    store: &Store,
    batch: &Path,
    settings: serde_json::Value,
    fresh: bool,
) -> Result<(RunRow, bool), CliError> {
    let stem = batch.file_stem().map_or_else(|| "proofs".into(), |stem| stem.to_string_lossy());
    let suite = format!("batch:{stem}");
    // Two batches of the same name are not one run.
    let path = std::fs::canonicalize(batch).unwrap_or_else(|_| batch.to_owned());
    let spec = json!({ "suite": suite, "batch": path.to_string_lossy(), "verify": settings }).to_string();
    let new = NewRun {
        run_id: uuid::Uuid::now_v7().to_string(),
        spec_hash: blake3::hash(spec.as_bytes()).to_hex().to_string(),
        spec,
        suite,
        strategy: "verify".to_owned(),
        models: String::new(),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: recipe::machine().to_string(),
        created_us: jiff::Timestamp::now().as_microsecond(),
    };
    let begun = store.begin_or_join_run(&new, &[], fresh).await?;
    Ok((begun.run, begun.joined))
}
