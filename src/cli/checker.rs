//! Opens Lean as the settings say: toolchain, workers, judge.

use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::Stderr;
use crate::cli::settings::Settings;

/// Lean, ready to judge.
pub(crate) struct Checker {
    workers: usize,
}

impl Checker {
    /// Gives what decides verdicts: part of a run's hash.
    pub(crate) fn description(&self) -> serde_json::Value {
        json!({})
    }

    pub(crate) fn workers(&self) -> usize {
        self.workers
    }

    pub(crate) fn lean_version(&self) -> String {
        String::new()
    }

    pub(crate) fn sandbox(&self) -> String {
        String::new()
    }

    pub(crate) async fn close(self) {}
}

/// Opens Lean.
pub(crate) async fn open(_settings: &Settings, _stderr: &Stderr) -> Result<Checker, CliError> {
    Err(CliError::new(Exit::Missing, "find Lean"))
}
