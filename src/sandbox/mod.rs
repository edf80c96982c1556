//! Runs programs that hold or obey untrusted text: no network, a private temporary folder, a read-only view of the
//! rest, limits on memory, processor time and output.

use std::ffi::OsString;
use std::path::PathBuf;

/// How well a program can be confined on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Limits and a process group only.
    None,
    /// Namespaces of our own, an unprivileged user where we are root, limits.
    Native,
    /// Bubblewrap and limits.
    Strict,
}

impl Level {
    /// Gives the name used in JSON, SQL and settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Native => "native",
            Level::Strict => "strict",
        }
    }
}

/// Limits of one confined program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Address space in bytes (`RLIMIT_AS`).
    pub address_space: Option<u64>,
    /// Processor seconds (`RLIMIT_CPU`).
    pub cpu_seconds: Option<u64>,
    /// Size of the largest file it may write, in bytes.
    pub file_bytes: Option<u64>,
}

/// A program to be confined. It sees the machine's files read-only, writes only to its private folders, and has no
/// network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confined {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its whole environment, beside `PATH`, `HOME` and `TMPDIR`, which the sandbox sets.
    pub environment: Vec<(OsString, OsString)>,
    /// Its working folder; the private temporary folder where there is none.
    pub working_folder: Option<PathBuf>,
    /// Folders it may write to, beside its private temporary folder.
    pub writable: Vec<PathBuf>,
    /// Limits.
    pub limits: Limits,
}
