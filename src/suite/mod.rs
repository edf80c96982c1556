//! Suites: versioned problems with their protocol.
//!
//! A definition is a short TOML file that says where the problems lie, which of their fields are which, and what prompt
//! and verifier belong to them. Those of `benchmarks/suites/` are compiled in; a user's own file has the same form. The
//! public data sets are never part of the program: they are read from a data folder. Limits, order and filters belong
//! to `run`.

mod builtin;
mod error;
mod read;
mod spec;

use std::path::{Path, PathBuf};

pub use error::SuiteError;

use crate::problem::{AnswerForm, Problem};

/// What judges a suite's candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VerifierKind {
    /// Compares stated answers ([`crate::verify::AnswerVerifier`]).
    Answer,
    /// Lets Lean judge proofs ([`crate::verify::lean`]).
    Lean,
}

impl VerifierKind {
    /// Every verifier with its name in suite files.
    pub const NAMES: [(&'static str, VerifierKind); 2] =
        [("answer", VerifierKind::Answer), ("lean", VerifierKind::Lean)];

    /// Gives the name used in suite files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            VerifierKind::Answer => "answer",
            VerifierKind::Lean => "lean",
        }
    }
}

/// Where a suite's problems come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuiteOrigin {
    /// Compiled in.
    Builtin(String),
    /// Read from this file.
    File(PathBuf),
}

/// A suite with its problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// Its name on the command line and in the store.
    pub name: String,
    /// Version of the definition; a changed definition gets a new one.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// Where the problems come from.
    pub origin: SuiteOrigin,
    /// BLAKE3 of the problem file, in hexadecimal.
    pub data_hash: String,
    /// The part of the data set (`test`, `train`).
    pub split: String,
    /// Which wording of the statements, where the suite has several.
    pub statement_set: Option<String>,
    /// Name of the prompt template.
    pub prompt: String,
    /// What judges candidates.
    pub verifier: VerifierKind,
    /// Tokens that an answer needs at most, where the definition says: what a strategy takes that nobody chose.
    pub max_tokens: Option<u32>,
    /// The form of the answers.
    pub form: AnswerForm,
    /// The problems, in the order of their file.
    pub problems: Vec<Problem>,
    /// What was done about faults of the data, one line each; to be shown with every result.
    pub notes: Vec<String>,
}

/// What can be said of a suite without its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteInfo {
    /// Its name on the command line.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// Version of the definition.
    pub version: String,
    /// Problems that a complete load gives, where the definition says.
    pub problems: Option<usize>,
    /// The problem file relative to the data folder; none where it is compiled in.
    pub file: Option<String>,
    /// Where users get that file.
    pub obtain: Option<String>,
    /// Name of the prompt template.
    pub prompt: String,
    /// The form of the answers.
    pub form: AnswerForm,
}

/// Where suites look for data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuiteSources {
    /// The folder with the public data sets.
    pub data: Option<PathBuf>,
    /// The split to take; `None` takes the definition's.
    pub split: Option<String>,
    /// The statement set to take; `None` takes the definition's.
    pub statements: Option<String>,
}

/// Lists the suites that are compiled in.
#[must_use]
pub fn list() -> Vec<SuiteInfo> {
    builtin::specs().iter().map(spec::SuiteSpec::info).collect()
}

/// Loads a suite by its name, or by the path of a TOML file.
///
/// # Errors
/// There is no such suite (the nearest name is said), its file is missing (what was looked for, where users get it),
/// or its definition or data is broken (file and line).
pub fn load(name: &str, sources: &SuiteSources) -> Result<Suite, SuiteError> {
    if Path::new(name).extension().is_some_and(|extension| extension == "toml") {
        let path = PathBuf::from(name);
        let spec = read::definition(&path)?;
        return read::suite(spec, Some(&path), sources);
    }
    let specs = builtin::specs();
    match specs.iter().find(|spec| spec.name == name) {
        Some(spec) => read::suite(spec.clone(), None, sources),
        None => Err(SuiteError::unknown(name, specs.iter().map(|spec| spec.name.as_str()))),
    }
}
