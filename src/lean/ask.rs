//! Asks a program one question: started in its own process group, with a deadline and a cap on what it may say.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use super::LeanError;
use super::process::Group;

/// Most that a program may say.
const MOST_BYTES: usize = 1 << 20;

/// What a program said.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) stdout: String,
}

/// Runs `program` to its end and gives what it said.
///
/// # Errors
/// Fails when it cannot be started, does not end in time, says too much, or ends in failure.
pub(super) async fn ask(
    program: &Path,
    arguments: &[&str],
    environment: &[(OsString, OsString)],
    folder: Option<&Path>,
    patience: Duration,
) -> Result<Answer, LeanError> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(|source| LeanError::Start { program: program.to_owned(), source })?;
    let _group = Group::of(&child);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let answered = tokio::time::timeout(patience, async {
        let said = tokio::try_join!(read(stdout), read(stderr));
        let Ok((stdout, stderr)) = said else { return None };
        Some((child.wait().await, stdout, stderr))
    });
    let arguments = arguments.join(" ");
    let program = program.to_owned();
    match answered.await {
        Err(_) => Err(LeanError::NoAnswer { program, arguments, seconds: patience.as_secs() }),
        Ok(None) => Err(LeanError::Flood { program, arguments, most: MOST_BYTES }),
        Ok(Some((Err(source), ..))) => Err(LeanError::Start { program, source }),
        Ok(Some((Ok(status), stdout, _))) if status.success() => Ok(Answer { stdout }),
        Ok(Some((Ok(status), stdout, stderr))) => {
            let said = if stderr.trim().is_empty() { stdout } else { stderr };
            Err(LeanError::Failed { program, arguments, status: status.to_string(), said: ending(said.trim(), 600) })
        }
    }
}

struct TooMuch;

/// Reads a stream to its end, or as far as it can be read.
async fn read(stream: Option<impl AsyncRead + Unpin>) -> Result<String, TooMuch> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // A stream that breaks has said what it had to say.
        let _ = stream.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes).await;
    }
    if bytes.len() > MOST_BYTES { Err(TooMuch) } else { Ok(String::from_utf8_lossy(&bytes).into_owned()) }
}

/// Gives the last characters of a text, up to `most` bytes.
pub(super) fn ending(text: &str, most: usize) -> String {
    let from = (text.len().saturating_sub(most)..=text.len()).find(|at| text.is_char_boundary(*at));
    from.and_then(|from| text.get(from..)).unwrap_or_default().to_owned()
}

/// Gives the first characters of a text, up to `most` bytes.
pub(super) fn beginning(text: &str, most: usize) -> String {
    let to = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    to.and_then(|to| text.get(..to)).unwrap_or_default().to_owned()
}

/// Gives the environment that every program of Lean's gets: where to find programs, and nothing of the caller's.
pub(super) fn base_environment() -> Vec<(OsString, OsString)> {
    let values = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("HOME", "/nonexistent"),
        ("LANG", "C.UTF-8"),
        // Lean works each text on threads of its own, and glibc keeps the stacks of ended threads up to 40 MiB only: one
        // or two of Lean's. Kept stacks save a twentieth of the processor time of a short check.
        ("GLIBC_TUNABLES", "glibc.pthread.stack_cache_size=1073741824"),
    ];
    values.map(|(name, value)| (name.into(), value.into())).to_vec()
}
