//! What can go wrong before a confined program runs.

use std::path::PathBuf;

use thiserror::Error;

use super::Level;

/// A program could not be confined. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum SandboxError {
    /// This machine cannot give the level that was asked for.
    #[error("confine programs at level {}: {reason}", wanted.name())]
    Unavailable {
        /// The level that was asked for.
        wanted: Level,
        /// Why it is not to be had, and what mends it.
        reason: String,
    },
    /// A path or an argument has no place in a shell script.
    #[error("hand {text:?} to a confined program: it is not UTF-8 text, or holds a NUL")]
    NotText {
        /// The path or the argument, as far as it can be shown.
        text: String,
    },
    /// The name of an environment variable is none.
    #[error("set the environment variable {name:?}: a name is letters, digits and underscores")]
    BadName {
        /// The name.
        name: String,
    },
    /// A path must be whole, so that it means the same inside and outside.
    #[error("show {} to a confined program: the path is not absolute", path.display())]
    Relative {
        /// The path.
        path: PathBuf,
    },
    /// A folder that would lay the whole machine or all temporary files open.
    #[error("let a confined program write to {}: it holds the private temporary folder", path.display())]
    TooWide {
        /// The folder.
        path: PathBuf,
    },
    /// A program or a folder is not there.
    #[error("find {}", path.display())]
    Missing {
        /// What was looked for.
        path: PathBuf,
        /// Why it cannot be had.
        #[source]
        source: std::io::Error,
    },
    /// A private folder could not be made.
    #[error("make the private folder {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}
