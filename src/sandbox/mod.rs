//! Runs programs that hold or obey untrusted text: no network, a private temporary folder, a read-only view of the
//! rest, limits on memory, processor time and output.

//!
//! The program runs under a short shell script, so that the same words confine what we start ourselves and what others
//! start for us (Lean's workers). Levels differ in what the machine has: bubblewrap, namespaces by the system's own
//! tools, or limits alone. Which one really works is found by trying, never by asking for versions.

mod detect;
mod error;
mod folder;
mod group;
mod native;
mod quote;
mod script;
mod tools;
mod view;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

pub use error::SandboxError;
pub use folder::PrivateFolder;
pub use group::kill_group;

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
    /// Stack of the main thread in bytes (`RLIMIT_STACK`); where none is named, it stays as it is.
    pub stack: Option<u64>,
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
    /// Files and folders that it must be able to read although they lie in a home folder, a temporary folder or `/run`,
    /// which are empty for it: a toolchain, a project. What is not there is left out. The folder that the program was
    /// installed to is always readable.
    pub readable: Vec<PathBuf>,
    /// Folders it may write to, beside its private temporary folder.
    pub writable: Vec<PathBuf>,
    /// Limits.
    pub limits: Limits,
}

/// Which level is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The best that works here.
    Best,
    /// The best that works here, and not less than this.
    AtLeast(Level),
    /// This one.
    Exactly(Level),
}

impl Wanted {
    fn allows(self, level: Level) -> bool {
        match self {
            Wanted::Best => true,
            Wanted::AtLeast(least) => level >= least,
            Wanted::Exactly(exact) => level == exact,
        }
    }

    fn level(self) -> Level {
        match self {
            Wanted::Best => Level::None,
            Wanted::AtLeast(level) | Wanted::Exactly(level) => level,
        }
    }
}

/// A way to confine programs that works on this machine; made by [`Sandbox::detect`]. Clones are cheap and share it.
#[derive(Debug, Clone)]
pub struct Sandbox {
    way: Arc<script::Way>,
    shortfalls: Arc<[String]>,
    hidden: Arc<[PathBuf]>,
}

impl Sandbox {
    /// The level that was found.
    #[must_use]
    pub fn level(&self) -> Level {
        self.way.level
    }

    /// What this machine could not give, one line each, with what mends it.
    #[must_use]
    pub fn shortfalls(&self) -> &[String] {
        &self.shortfalls
    }

    /// Hides further folders, beside home folders and temporary folders. A home folder that the system's list of users
    /// does not know belongs here. Folders of the system stay.
    #[must_use]
    pub fn with_hidden(self, folders: impl IntoIterator<Item = PathBuf>) -> Sandbox {
        let fit = folders.into_iter().filter(|folder| view::may_be_emptied(folder));
        let hidden = self.hidden.iter().cloned().chain(fit).collect();
        Sandbox { hidden, ..self }
    }
}
