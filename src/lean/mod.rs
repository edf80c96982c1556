//! Client of Lean 4's language server: the wire, the server process, a pool of warm workers, checks and goals.
//!
//! What a check means is none of its business: it gives back Lean's messages on a text, and [`crate::verify::lean`]
//! makes a verdict of them.

mod ask;
pub mod codec;
pub mod compile;
mod error;
mod header;
mod lease;
mod link;
mod messages;
pub mod olean;
mod opened;
mod place;
mod pool;
mod position;
mod probe;
mod process;
mod queue;
mod server;
mod settings;
mod slot;
mod stats;
mod toolchain;
mod watch;
mod wire;
mod worker;

use std::time::Duration;

pub use error::LeanError;
pub use header::imports;
pub use lease::Lease;
pub use pool::Pool;
pub use position::LineIndex;
pub use probe::{LeanProbe, WorkerMemory, probe};
pub use settings::PoolSettings;
pub use stats::PoolStats;
pub use toolchain::{LeanVersion, Toolchain};

/// A place in a text: line and column from 0, the column in UTF-8 bytes of that line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 0.
    pub line: u32,
    /// Bytes of the line before the place.
    pub column: u32,
}

/// How grave a message of Lean is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The text is wrong.
    Error,
    /// The text is odd.
    Warning,
    /// An answer to a command such as `#print`.
    Information,
}

impl Severity {
    /// Gives the name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Information => "information",
        }
    }
}

/// One message of Lean on a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// Where it begins.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
    /// What it says.
    pub message: String,
    /// Whether Lean marks it as a report of unsolved goals.
    pub unsolved_goals: bool,
}

/// A text to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The beginning of the text that decides which warm worker fits: imports, options, opens and definitions that many
    /// texts share. Ends with a line end, or is empty.
    pub header: String,
    /// What follows the header.
    pub body: String,
}

/// A limit that a check ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitHit {
    /// The deadline of the check.
    WallTime,
    /// Memory of the worker.
    Memory,
    /// Processor time of the worker.
    Cpu,
    /// Size or number of messages.
    Output,
}

impl LimitHit {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            LimitHit::WallTime => "wall_time",
            LimitHit::Memory => "memory",
            LimitHit::Cpu => "cpu",
            LimitHit::Output => "output",
        }
    }
}

/// How a check ended. Only [`CheckEnd::Finished`] says anything of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckEnd {
    /// The server answered for exactly this version of the text; the messages are complete.
    Finished,
    /// The imports could not be loaded; the messages say why.
    HeaderFailed,
    /// A limit ended it; the messages are whatever came before.
    Limit(LimitHit),
    /// The worker died.
    Crashed,
    /// The caller cancelled it.
    Cancelled,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How it ended.
    pub end: CheckEnd,
    /// Lean's messages in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// From the text's sending to the server's answer.
    pub wall: Duration,
    /// Time spent waiting for a free worker.
    pub queued: Duration,
}
