//! What runs of proofs need before and after their attempts: statements are checked, accepted proofs confirmed.

use stepproof::problem::Problem;
use stepproof::run::{Confirmed, check_statements, confirm_pending};
use stepproof::store::{RunRow, Store};
use stepproof::verify::Verifier;
use tokio_util::sync::CancellationToken;

use super::prepare::Job;
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::{Progress, ProgressState};

/// Lines about statements that are shown at most.
const SHOWN: usize = 20;

/// Checks the statements of a run; gives those that can be asked, or nothing where it was interrupted.
///
/// # Errors
/// The database; or no statement compiles.
pub(super) async fn check(
    session: &Session,
    store: &Store,
    job: &Job,
    cancel: &CancellationToken,
) -> Result<Option<Vec<Problem>>, CliError> {
    let mut progress = Progress::start(session.progress(), &session.stderr);
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let (problems, verifier) = (job.problems.clone(), job.judge.verifier());
    let checked = check_statements(
        store,
        job.run.key,
        problems,
        verifier.as_ref(),
        job.judge.workers(),
        cancel,
        |done, total| {
            progress.update(&ProgressState { done: count(done), total: count(total), ..ProgressState::default() });
        },
    )
    .await;
    progress.finish();
    let checked = checked?;
    if cancel.is_cancelled() {
        return Ok(None);
    }
    let say = |line: &str| session.stderr.line(line);
    if checked.looked_at > 0 {
        say(&format!("{} statements were checked by Lean, {} do not compile", checked.looked_at, checked.broken.len()));
    }
    for (kind, list) in [("does not compile and is left out", &checked.broken), ("was not checked", &checked.open)] {
        for (id, reason) in list.iter().take(SHOWN) {
            let first = reason.lines().next().unwrap_or_default();
            say(&format!("{id} {kind}: {first}"));
        }
        if list.len() > SHOWN {
            say(&format!("and {} more", list.len() - SHOWN));
        }
    }
    if checked.sound.is_empty() {
        return Err(CliError::new(Exit::NothingSelected, "run on statements of which none compiles"));
    }
    Ok(Some(checked.sound))
}

/// Takes the second looks that are still to come.
///
/// # Errors
/// The database.
pub(super) async fn confirm(
    session: &Session,
    store: &Store,
    run: &RunRow,
    verifier: &dyn Verifier,
    cancel: &CancellationToken,
) -> Result<Confirmed, CliError> {
    let confirmed = confirm_pending(store, run.key, verifier, cancel, |_| {}).await?;
    let say = |line: &str| session.stderr.line(line);
    if confirmed.confirmed + confirmed.refuted > 0 {
        let (held, fell) = (confirmed.confirmed, confirmed.refuted);
        say(&format!("accepted proofs were judged again in a fresh process: {held} hold, {fell} do not"));
    }
    if let Some(reason) = &confirmed.reason {
        say(&format!("{} accepted proofs could not be judged again and do not count: {reason}", confirmed.open));
    }
    Ok(confirmed)
}
