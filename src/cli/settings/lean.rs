//! Settings of Lean that are choices: when proofs are judged again, by which second kernel, how workers are confined.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use stepproof::verify::lean::RecheckWhen;
use toml::de::DeValue;

use super::value::SettingValue;

/// When accepted proofs are judged again in a fresh process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RecheckMode {
    /// Many at once, before their verdicts are written.
    End,
    /// One by one.
    Each,
    /// Never.
    Off,
}

impl RecheckMode {
    /// Finds the choice with this name.
    pub(crate) fn from_name(name: &str) -> Option<RecheckMode> {
        [RecheckMode::End, RecheckMode::Each, RecheckMode::Off].into_iter().find(|mode| mode.name() == name)
    }

    /// Gives its name, as settings and runs have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            RecheckMode::End => "end",
            RecheckMode::Each => "each",
            RecheckMode::Off => "off",
        }
    }

    /// Gives the library's word for it.
    pub(crate) fn when(self) -> RecheckWhen {
        match self {
            RecheckMode::End => RecheckWhen::End,
            RecheckMode::Each => RecheckWhen::Each,
            RecheckMode::Off => RecheckWhen::Off,
        }
    }
}

/// How workers are confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SandboxMode {
    /// As well as this machine can.
    Auto,
    /// Bubblewrap and limits.
    Strict,
    /// Namespaces of our own and limits.
    Native,
    /// Limits only.
    None,
}

/// Whether a second kernel judges accepted proofs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuditMode {
    /// No.
    Off,
    /// Yes, by the kernel that is found.
    Found,
    /// Yes, by this program.
    Program(PathBuf),
}

impl SettingValue for AuditMode {
    fn wanted() -> String {
        "true, false or the path of a second kernel in quotes".to_owned()
    }

    fn from_toml(value: &DeValue<'_>) -> Result<AuditMode, String> {
        match (value.as_bool(), value.as_str()) {
            (Some(true), _) => Ok(AuditMode::Found),
            (Some(false), _) => Ok(AuditMode::Off),
            (None, Some(path)) => AuditMode::from_text(path),
            (None, None) => Err(format!("must be {}", AuditMode::wanted())),
        }
    }

    fn from_text(text: &str) -> Result<AuditMode, String> {
        match text {
            "true" => Ok(AuditMode::Found),
            "false" => Ok(AuditMode::Off),
            path => PathBuf::from_text(path).map(AuditMode::Program),
        }
    }

    fn show(&self) -> String {
        match self {
            AuditMode::Off => "false".to_owned(),
            AuditMode::Found => "true".to_owned(),
            AuditMode::Program(path) => path.display().to_string(),
        }
    }

    fn rebase(self, folder: &Path) -> AuditMode {
        match self {
            AuditMode::Program(path) => AuditMode::Program(path.rebase(folder)),
            plain => plain,
        }
    }
}
