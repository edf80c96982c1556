//! What can go wrong around Lean. A wrong proof, a timeout or a crashed worker is not among it: that is a
//! [`super::CheckEnd`].

use std::path::PathBuf;

use crate::sandbox::SandboxError;

/// Why Lean cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LeanError {
    /// A program cannot be started.
    #[error("start {}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A program gives no answer.
    #[error("get an answer from `{} {arguments}` within {seconds} s", program.display())]
    NoAnswer {
        /// The program.
        program: PathBuf,
        /// Its arguments.
        arguments: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A program writes without end.
    #[error("read the answer of `{} {arguments}`: it is longer than {most} bytes", program.display())]
    Flood {
        /// The program.
        program: PathBuf,
        /// Its arguments.
        arguments: String,
        /// The most that is read.
        most: usize,
    },
    /// A program ends in failure.
    #[error("run `{} {arguments}`: it ended with {status} and said {said:?}", program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// Its arguments.
        arguments: String,
        /// Its exit status.
        status: String,
        /// The end of its error output, or of its output where that is empty.
        said: String,
    },
    /// The program named as Lean is something else.
    #[error("take {} for Lean: asked for its version it says {said:?}", program.display())]
    NotLean {
        /// The program.
        program: PathBuf,
        /// The beginning of what it said.
        said: String,
    },
    /// The folder named as a project has neither a Lake file nor a `lean-toolchain`.
    #[error("find a Lean project in {}: there is no lakefile.toml, lakefile.lean or lean-toolchain", folder.display())]
    NoProject {
        /// The folder.
        folder: PathBuf,
    },
    /// The project wants another version of Lean.
    #[error("use Lean {found} for {}: its lean-toolchain file asks for {wanted}", project.display())]
    WrongToolchain {
        /// The project's folder.
        project: PathBuf,
        /// What the file says.
        wanted: String,
        /// The version of the program.
        found: String,
    },
    /// A file or folder cannot be read or written.
    #[error("use {}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A program is not where programs are looked for.
    #[error("find the program {name} in {path}")]
    NotFound {
        /// The program's name.
        name: String,
        /// Where it was looked for.
        path: String,
    },
    /// The workers cannot be confined.
    #[error("confine Lean's workers")]
    Sandbox(#[from] SandboxError),
    /// The server does not come up.
    #[error("start Lean's server with {}: {reason}{}", program.display(), said(stderr))]
    Server {
        /// The program.
        program: PathBuf,
        /// What happened.
        reason: String,
        /// The end of its error output.
        stderr: String,
    },
    /// The server went away again and again.
    #[error("keep Lean's server running: it was lost {times} times while one text was checked{}", said(stderr))]
    Lost {
        /// How often.
        times: u32,
        /// The end of its error output.
        stderr: String,
    },
    /// A question about a text finds no text: none was checked, or its worker is gone.
    #[error("ask Lean about the text of the last check: {reason}")]
    NoText {
        /// Why there is none.
        reason: String,
    },
    /// The server does not answer a question.
    #[error("get Lean's answer to {method} within {seconds} s")]
    Silent {
        /// The question.
        method: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The server's answer to a question makes no sense.
    #[error("use Lean's answer to {method}: {reason}")]
    Answer {
        /// The question.
        method: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The pool has been closed.
    #[error("check a text: the pool of Lean workers is closed")]
    Closed,
}

fn said(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!("; it said {stderr:?}") }
}
