//! Flags of the commands that run Lean.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use clap::Args;

use crate::cli::settings::{AuditMode, RecheckMode, Resolved, SandboxMode, Seconds, SettingValue, Settings};

/// Which Lean, and how it is run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Lean options")]
pub(crate) struct LeanArgs {
    /// Use this lean program [default: the project's toolchain, then lean in PATH] [env: STEPPROOF_LEAN]
    #[arg(long, value_name = "PATH")]
    lean: Option<PathBuf>,
    /// Import the libraries of the Lean project in DIR [default: none] [env: STEPPROOF_LEAN_PROJECT]
    #[arg(long, value_name = "DIR")]
    lean_project: Option<PathBuf>,
    /// Run N Lean workers at once [default: as many as there are processors, memory permitting]
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroU32>,
    /// Let one check take at most this many seconds [default: 60]
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true)]
    deadline: Option<Seconds>,
    /// Let one worker use at most this much memory [default: 4096]
    #[arg(long, value_name = "MB")]
    memory: Option<NonZeroU64>,
    /// Judge accepted proofs again in a fresh process [default: end, many at once before their verdicts are written]
    #[arg(long, value_name = "WHEN")]
    recheck: Option<RecheckMode>,
    /// Have accepted proofs judged by a second kernel too, the one that is found or PROGRAM [default: no]
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = AuditMode::from_text)]
    audit: Option<AuditMode>,
    /// Confine workers in this way [default: auto, as well as this machine can]
    #[arg(long, value_name = "HOW")]
    sandbox: Option<SandboxMode>,
    /// Go on where workers cannot be confined; proofs are programs that run
    #[arg(long)]
    allow_unsandboxed: bool,
}

impl LeanArgs {
    /// Lays the flags into a layer of settings.
    pub(crate) fn lay(&self, layer: &mut Settings) {
        layer.lean = self.lean.clone().map(Resolved::flag);
        layer.lean_project = self.lean_project.clone().map(Resolved::flag);
        layer.lean_workers = self.workers.map(Resolved::flag);
        layer.lean_deadline = self.deadline.map(Resolved::flag);
        layer.lean_memory = self.memory.map(Resolved::flag);
        layer.recheck = self.recheck.map(Resolved::flag);
        layer.audit = self.audit.clone().map(Resolved::flag);
        layer.sandbox = self.sandbox.map(Resolved::flag);
        layer.allow_unsandboxed = self.allow_unsandboxed.then(|| Resolved::flag(true));
    }
}
