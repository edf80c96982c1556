//! The file of verdicts: taken up where an earlier sitting left it.
//!
//! Its lines answer the input's lines in order, so it is a prefix of the whole answer at any time. What was written
//! whole stays; a last line without its end was being written when the process was killed, and is cut off.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::input::Input;
use super::line::Answered;
use super::tally::Tally;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Most bytes of a line: every message of every step of a long chain.
const LONGEST: u64 = 1 << 30;
/// How every line of ours begins.
const BEGINNING: &[u8] = b"{\"schema\":1,";

/// What is to be done with verdicts that do not fit the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// Nothing: the command ends.
    Refuse,
    /// The file is cut off there and written anew.
    Rewrite,
}

/// A batch with its file of verdicts, both at the first line that is not answered.
pub(super) struct TakenUp<R> {
    pub(super) input: Input<R>,
    pub(super) out: File,
    pub(super) tally: Tally,
}

/// Opens the file of verdicts for this process alone and passes over the input's lines that it answers. With `retry` the
/// first line that no judgement was reached on is taken as not answered.
///
/// # Errors
/// It cannot be opened, another process writes to it, it is no file of verdicts, or it answers another input.
pub(super) fn take_up<R: Read>(
    path: &Path,
    mut input: Input<R>,
    misfit: Misfit,
    retry: bool,
) -> Result<TakenUp<R>, CliError> {
    let shown = path.display();
    let failed = |error: std::io::Error| CliError::new(Exit::BadInput, format!("write to {shown}")).because(error);
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(CliError::new(Exit::BadInput, format!("write to {shown}: it is no file")));
    }
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let error = CliError::new(Exit::Missing, format!("write to {shown}: another process does"));
            return Err(error.hint("wait for it, or name another file by --out"));
        }
        // A file system without locks: two processes on one file are then the user's own business.
        Err(TryLockError::Error(error)) => tracing::debug!("could not lock {shown}: {error}"),
    }
    let (end, tally) = walk(path, &file, &mut input, misfit, retry)?;
    if end < file.metadata().map_err(failed)?.len() {
        file.set_len(end).map_err(failed)?;
    }
    file.seek(SeekFrom::Start(end)).map_err(failed)?;
    Ok(TakenUp { input, out: file, tally })
}

/// Walks along both files; gives where the answers that hold end.
fn walk<R: Read>(
    path: &Path,
    file: &File,
    input: &mut Input<R>,
    misfit: Misfit,
    retry: bool,
) -> Result<(u64, Tally), CliError> {
    let mut tally = Tally::default();
    let shown = path.display();
    let unreadable = |error: std::io::Error| CliError::new(Exit::BadInput, format!("read {shown}")).because(error);
    let (mut reader, mut end, mut number) = (BufReader::new(file), 0, 0_u64);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let length = reader.by_ref().take(LONGEST).read_until(b'\n', &mut bytes).map_err(unreadable)?;
        number += 1;
        if length == 0 {
            return Ok((end, tally));
        }
        if !bytes.starts_with(BEGINNING) && !BEGINNING.starts_with(&bytes) {
            let error = CliError::new(Exit::BadInput, format!("go on with {shown} line {number}: it is no verdict"));
            return Err(error.hint("name another file by --out"));
        }
        if bytes.last() != Some(&b'\n') {
            return Ok((end, tally));
        }
        let answered: Answered = serde_json::from_slice(&bytes).map_err(|error| {
            let error = CliError::new(Exit::BadInput, format!("go on with {shown} line {number}")).because(error);
            error.hint("name another file by --out")
        })?;
        let wanted = input.next().map_err(|error| CliError::new(Exit::BadInput, "read the batch").because(error))?;
        if let Some(wanted) = wanted.as_ref().filter(|_| retry && answered.class.as_deref() == Some("infrastructure")) {
            input.hold(wanted.clone());
            return Ok((end, tally));
        }
        let fits = wanted.as_ref().is_some_and(|line| line.hash == answered.content_hash);
        if !fits {
            let line = wanted.as_ref().map(|line| line.number);
            if let Some(wanted) = wanted {
                input.hold(wanted);
            }
            if misfit == Misfit::Rewrite {
                return Ok((end, tally));
            }
            let what = line.map_or_else(
                || "the batch has no line for it".to_owned(),
                |line| format!("it does not answer line {line} of the batch as it stands, with these settings"),
            );
            let error = CliError::new(Exit::BadInput, format!("go on with {shown} line {number}: {what}"));
            return Err(error
                .hint("--rewrite writes it anew from there; what the database holds is not judged again")
                .hint("or name another file by --out"));
        }
        tally.add(answered.verdict.as_deref(), answered.class.as_deref(), answered.error.is_some());
        end += u64::try_from(length).unwrap_or(u64::MAX);
    }
}
