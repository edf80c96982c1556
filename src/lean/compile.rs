//! Compiles one text in a confined process of its own.
//!
//! The text is code that runs: macros and metaprograms see the machine as the sandbox shows it, and can write to the
//! private folder of this one compilation, the compiled file included. What comes out is bytes to be judged, never a
//! verdict.
//!
//! Every text is compiled under the same file name without a root, so private names and others that hold the module's
//! name are the same in all of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::sync::CancellationToken;

use super::{LeanError, LimitHit, Toolchain};
use crate::sandbox::{Confined, Limits, PrivateFolder, Sandbox, kill_group};

const SOURCE: &str = "Text.lean";
/// The files of a module in the order of their address space; the last two only where the text is a `module`.
const COMPILED: [&str; 3] = ["Text.olean", "Text.olean.server", "Text.olean.private"];

/// How texts are compiled.
#[derive(Debug, Clone)]
pub struct CompileSettings {
    /// Lean's flags: options (`-Dname=value`), stack (`-s32768`).
    pub flags: Vec<String>,
    /// How long one compilation may take.
    pub patience: Duration,
    /// Limits of its process.
    pub limits: Limits,
    /// Most bytes that it may print.
    pub most_output: u64,
    /// Most bytes of one compiled file.
    pub most_file: u64,
    /// Files and folders that must be readable although they lie in a home folder or a temporary folder.
    pub readable: Vec<PathBuf>,
}

impl CompileSettings {
    /// Gives settings without flags and limits: 5 minutes, 4 MiB of output, 64 MiB a file.
    #[must_use]
    pub fn new() -> CompileSettings {
        CompileSettings {
            flags: Vec::new(),
            patience: Duration::from_secs(300),
            limits: Limits::default(),
            most_output: 4 << 20,
            most_file: 64 << 20,
            readable: Vec::new(),
        }
    }
}

impl Default for CompileSettings {
    fn default() -> CompileSettings {
        CompileSettings::new()
    }
}

/// How a compilation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompileEnd {
    /// Lean says that it wrote the file.
    Written,
    /// Lean says that the text has errors, or wrote nothing.
    Refused,
    /// A limit ended it.
    Limit(LimitHit),
    /// Lean died; how.
    Crashed(String),
    /// The caller cancelled it.
    Cancelled,
}

/// What came of a compilation.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// How it ended.
    pub end: CompileEnd,
    /// The files, where they were written: `.olean`, and `.olean.server` and `.olean.private` of a `module`.
    pub olean: Option<Vec<Vec<u8>>>,
    /// What Lean printed, as far as it was read.
    pub output: String,
}

impl Compiled {
    /// Gives the first line with an error, or the first line at all; shortened.
    #[must_use]
    pub fn complaint(&self) -> String {
        let lines = || self.output.lines().map(str::trim).filter(|line| !line.is_empty());
        let line = lines().find(|line| line.contains("error")).or_else(|| lines().next()).unwrap_or("no message");
        line.chars().take(300).collect()
    }
}

/// Kills a confined program with all that it started.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            kill_group(pid);
        }
    }
}

/// Compiles a text. It ends with its processes when the future is dropped.
///
/// # Errors
/// Fails when the process cannot be started, or its folder cannot be used.
pub async fn compile(
    toolchain: &Toolchain,
    sandbox: &Sandbox,
    text: &str,
    settings: &CompileSettings,
    cancel: &CancellationToken,
) -> Result<Compiled, LeanError> {
    let folder = PrivateFolder::new().map_err(LeanError::Sandbox)?;
    let source = folder.path().join(SOURCE);
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| LeanError::File { path, source }
    };
    tokio::fs::write(&source, text).await.map_err(file(&source))?;
    let mut arguments: Vec<OsString> = settings.flags.iter().map(OsString::from).collect();
    arguments.extend(["-o", COMPILED[0], SOURCE].map(OsString::from));
    let mut readable = settings.readable.clone();
    readable.extend(toolchain.project.clone());
    let confined = Confined {
        program: toolchain.lean.clone(),
        arguments,
        environment: toolchain.environment.clone(),
        working_folder: Some(folder.path().to_owned()),
        readable,
        writable: vec![folder.path().to_owned()],
        limits: settings.limits,
    };
    let ran = run(sandbox, &confined, settings.patience, settings.most_output, cancel).await?;
    let end = match ran.end {
        RunEnd::Exit(status) if status.success() => CompileEnd::Written,
        RunEnd::Exit(status) if status.code() == Some(1) => CompileEnd::Refused,
        RunEnd::Exit(status) => CompileEnd::Crashed(status.to_string()),
        RunEnd::Limit(limit) => CompileEnd::Limit(limit),
        RunEnd::Cancelled => CompileEnd::Cancelled,
    };
    let mut compiled = Compiled { end, olean: None, output: ran.output };
    if compiled.end == CompileEnd::Written {
        let mut files = Vec::new();
        for name in COMPILED {
            match read_plain(&folder.path().join(name), settings.most_file).await {
                Ok(Some(bytes)) => files.push(bytes),
                Ok(None) => break,
                Err(limit) => {
                    compiled.end = CompileEnd::Limit(limit);
                    return Ok(compiled);
                }
            }
        }
        if files.is_empty() {
            compiled.end = CompileEnd::Refused;
        } else {
            compiled.olean = Some(files);
        }
    }
    Ok(compiled)
}

/// How a confined program ended.
pub(crate) enum RunEnd {
    Exit(ExitStatus),
    Limit(LimitHit),
    Cancelled,
}

/// What a confined program did.
pub(crate) struct Ran {
    pub(crate) end: RunEnd,
    pub(crate) output: String,
}

/// Runs a confined program to its end; nothing of it is left afterwards.
pub(crate) async fn run(
    sandbox: &Sandbox,
    confined: &Confined,
    patience: Duration,
    most_output: u64,
    cancel: &CancellationToken,
) -> Result<Ran, LeanError> {
    let mut command = sandbox.command(confined).map_err(LeanError::Sandbox)?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = |source| LeanError::Start { program: confined.program.clone(), source };
    let mut child = command.spawn().map_err(start)?;
    let group = Group(child.id());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut output = Vec::new();
    let mut complaints = Vec::new();
    let end = {
        let reading =
            async { tokio::join!(read(stdout, most_output, &mut output), read(stderr, most_output, &mut complaints)) };
        tokio::select! {
            () = cancel.cancelled() => RunEnd::Cancelled,
            () = tokio::time::sleep(patience) => RunEnd::Limit(LimitHit::WallTime),
            // A program that closes its streams and goes on is waited for within the same patience.
            (within, status) = async {
                let (first, second) = reading.await;
                let within = first && second;
                (within, if within { Some(child.wait().await) } else { None })
            } => match status {
                Some(status) if within => RunEnd::Exit(status.map_err(start)?),
                _ => RunEnd::Limit(LimitHit::Output),
            },
        }
    };
    drop(group);
    // Reaps it; killed as a group it ends at once.
    let _ = child.kill().await;
    output.extend(complaints);
    Ok(Ran { end, output: String::from_utf8_lossy(&output).into_owned() })
}

/// Reads a stream to its end; `false` where it is longer than `most`.
async fn read(stream: Option<impl AsyncRead + Unpin>, most: u64, into: &mut Vec<u8>) -> bool {
    if let Some(stream) = stream {
        // A stream that breaks has said what it had to say.
        let _ = stream.take(most.saturating_add(1)).read_to_end(into).await;
    }
    into.len() as u64 <= most
}

/// Reads a file that a hostile program may have put there: no link, no pipe, not more than `most` bytes. `None` where
/// there is none.
async fn read_plain(path: &Path, most: u64) -> Result<Option<Vec<u8>>, LimitHit> {
    let mut options = tokio::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let Ok(file) = options.open(path).await else { return Ok(None) };
    if !file.metadata().await.is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    if file.take(most.saturating_add(1)).read_to_end(&mut bytes).await.is_err() {
        return Ok(None);
    }
    if bytes.len() as u64 > most { Err(LimitHit::Output) } else { Ok(Some(bytes)) }
}
