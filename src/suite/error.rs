//! Why a suite could not be loaded.

use std::path::PathBuf;

use thiserror::Error;

/// A suite could not be loaded. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum SuiteError {
    /// No suite has this name.
    #[error("find a suite named {name:?}{}", nearest.as_ref().map(|near| format!("; did you mean {near}")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// The most similar name, where one is similar.
        nearest: Option<String>,
        /// All names.
        known: Vec<String>,
    },
    /// The suite has no such split or statement set.
    #[error("take the {what} {asked:?} of suite {suite}: {}", choices(known))]
    Choice {
        /// The suite.
        suite: String,
        /// `split` or `statement set`.
        what: &'static str,
        /// What was asked for.
        asked: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The problem file is not there.
    #[error("load suite {suite}: looked for {path}; {advice}", path = path.display())]
    Missing {
        /// The suite.
        suite: String,
        /// What was looked for.
        path: PathBuf,
        /// Where the file comes from and which setting points at it.
        advice: String,
    },
    /// A file could not be read.
    #[error("read {path}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A definition is broken.
    #[error("read suite definition {path}, line {line}: {reason}", path = path.display())]
    Definition {
        /// The TOML file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A line of a problem file is no JSON object.
    #[error("read {path}, line {line}: broken JSON at column {column}", path = path.display())]
    Json {
        /// The problem file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// What the parser says; its line number is always 1.
        #[source]
        source: serde_json::Error,
    },
    /// A line of a problem file breaks a rule.
    #[error("read {path}, line {line}: {reason}", path = path.display())]
    Line {
        /// The problem file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Field and rule.
        reason: String,
    },
    /// A problem file as a whole breaks a rule.
    #[error("use {path}: {reason}", path = path.display())]
    File {
        /// The problem file.
        path: PathBuf,
        /// The rule.
        reason: String,
    },
}

impl SuiteError {
    /// Tells of an unknown name, with the nearest of the known ones.
    pub(super) fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> SuiteError {
        let known: Vec<String> = known.map(str::to_owned).collect();
        let near = known.iter().map(|own| (strsim::jaro_winkler(name, own), own));
        let nearest = near.max_by(|one, other| one.0.total_cmp(&other.0)).filter(|(similarity, _)| *similarity > 0.75);
        SuiteError::Unknown { name: name.to_owned(), nearest: nearest.map(|(_, own)| own.clone()), known }
    }
}

fn choices(known: &[String]) -> String {
    if known.is_empty() { "it has no choice of them".to_owned() } else { format!("it has {}", known.join(", ")) }
}
