//! Why a compiled file could not be read.

use std::path::PathBuf;

/// What went wrong while a compiled file was read. Messages complete "could not …".
#[derive(Debug, thiserror::Error)]
pub enum OleanError {
    /// The bytes do not begin as a compiled file of a known form does.
    #[error("read a compiled Lean file: {0}")]
    Header(String),
    /// The bytes contradict themselves.
    #[error("read a compiled Lean file: {what} at byte address {at:#x}")]
    Corrupt {
        /// What was found, or what was missing.
        what: &'static str,
        /// The address as the file writes it.
        at: u64,
    },
    /// Reading it to the end would take more work than its size can justify.
    #[error("read a compiled Lean file: its contents unfold to more than its size allows")]
    TooMuchWork,
    /// The file could not be read.
    #[error("read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is larger than what is read.
    #[error("read {}: {bytes} bytes, at most {limit} are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A file is not what it was when its names were noted.
    #[error("read {}: it changed while it was in use", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Another file is the one that could not be read.
    #[error("use the compiled file {}", path.display())]
    In {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<OleanError>,
    },
    /// A module is in none of the folders of the search path.
    #[error("find the compiled file of the module {0} in the search path")]
    NoModule(String),
    /// A constant is declared nowhere.
    #[error("find the constant {0} in the compiled file or its imports")]
    NoConstant(String),
}
