//! The TOML form of a suite's definition, ours and a user's.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::SuiteInfo;
use crate::problem::AnswerForm;

/// A suite's definition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SuiteSpec {
    pub(super) name: String,
    #[serde(default = "first_version")]
    pub(super) version: String,
    #[serde(default)]
    pub(super) title: String,
    /// The problem file: relative to the data folder for suites of ours, to the TOML file for a user's; by default the
    /// TOML file's neighbour of the same name.
    pub(super) file: Option<String>,
    /// Problems that are compiled in, instead of `file`.
    pub(super) builtin: Option<String>,
    /// Where users get the file.
    pub(super) obtain: Option<String>,
    #[serde(default)]
    pub(super) split: String,
    /// Name of the prompt template; by default the one that goes with the form.
    pub(super) prompt: Option<String>,
    pub(super) form: FormName,
    #[serde(default = "answer_verifier")]
    pub(super) verifier: String,
    /// Lines that the file must have.
    pub(super) items: Option<usize>,
    #[serde(default)]
    pub(super) fields: Fields,
    /// Whether options are cleaned of layout (`~`, a leading colon).
    #[serde(default)]
    pub(super) clean_options: bool,
    /// Broken items that are left out: id and reason.
    #[serde(default)]
    pub(super) skip: BTreeMap<String, String>,
    /// Items whose options are broken but whose letter is right: they are asked without options.
    #[serde(default)]
    pub(super) score_by_letter: BTreeMap<String, String>,
    /// Known faults that nothing is done about, to be shown with results.
    #[serde(default)]
    pub(super) notes: Vec<String>,
}

/// Which field of a line is which.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fields {
    pub(super) id: String,
    pub(super) question: String,
    pub(super) answer: String,
    pub(super) options: Option<String>,
}

impl Default for Fields {
    fn default() -> Self {
        Fields { id: "id".to_owned(), question: "problem".to_owned(), answer: "answer".to_owned(), options: None }
    }
}

/// Names of answer forms as files write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FormName {
    Integer,
    Number,
    Expression,
    Letter,
    Text,
    Proof,
}

impl FormName {
    pub(super) fn form(self) -> AnswerForm {
        match self {
            FormName::Integer => AnswerForm::Integer,
            FormName::Number => AnswerForm::Number,
            FormName::Expression => AnswerForm::Expression,
            FormName::Letter => AnswerForm::Letter,
            FormName::Text => AnswerForm::Text,
            FormName::Proof => AnswerForm::Proof,
        }
    }
}

fn first_version() -> String {
    "1".to_owned()
}

fn answer_verifier() -> String {
    "answer".to_owned()
}

impl SuiteSpec {
    /// Names the prompt template.
    pub(super) fn prompt(&self) -> String {
        let by_form = || match self.form {
            FormName::Integer => "integer",
            FormName::Number => "number",
            FormName::Expression | FormName::Text => "math",
            FormName::Letter => "choice",
            FormName::Proof => "lean",
        };
        self.prompt.clone().unwrap_or_else(|| by_form().to_owned())
    }

    /// Says what can be said without the data.
    pub(super) fn info(&self) -> SuiteInfo {
        SuiteInfo {
            name: self.name.clone(),
            title: self.title.clone(),
            version: self.version.clone(),
            problems: self.items.map(|items| items.saturating_sub(self.skip.len())),
            file: self.file.clone(),
            obtain: self.obtain.clone(),
            prompt: self.prompt(),
            form: self.form.form(),
        }
    }
}
