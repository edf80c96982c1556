//! The TOML form of a suite's definition, ours and a user's.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{SuiteError, SuiteInfo};
use crate::problem::AnswerForm;

/// The name that takes every line of a file with several splits.
pub(super) const ALL_SPLITS: &str = "all";

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
    /// The part of the data set; where the file holds several (`splits`), the one that is taken by default.
    #[serde(default)]
    pub(super) split: String,
    /// The parts that the file's lines name; where there are some, one of them (or `all`) is taken.
    #[serde(default)]
    pub(super) splits: Vec<String>,
    /// The statement set that is taken by default.
    pub(super) statements: Option<String>,
    /// Other files with the same items, by name; one of them takes the place of `file`.
    #[serde(default)]
    pub(super) statement_sets: BTreeMap<String, StatementSet>,
    /// Whether ids are kept in lower case, so that items of files that spell them differently join.
    #[serde(default)]
    pub(super) fold_ids: bool,
    /// Name of the prompt template; by default the one that goes with the form.
    pub(super) prompt: Option<String>,
    pub(super) form: FormName,
    /// Tokens that an answer to these problems needs at most, for strategies that would take more otherwise.
    pub(super) max_tokens: Option<u32>,
    /// What judges candidates; by default what goes with the form.
    pub(super) verifier: Option<String>,
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
    /// Of a suite that Lean judges: what stands before the statement.
    pub(super) header: String,
    /// The theorem, up to `:= by sorry`.
    pub(super) formal: String,
    /// The theorem in words, or as a comment of Lean; a line may lack it.
    pub(super) informal: String,
    pub(super) split: String,
}

impl Default for Fields {
    fn default() -> Self {
        Fields {
            id: "id".to_owned(),
            question: "problem".to_owned(),
            answer: "answer".to_owned(),
            options: None,
            header: "header".to_owned(),
            formal: "formal_statement".to_owned(),
            informal: "informal_statement".to_owned(),
            split: "split".to_owned(),
        }
    }
}

/// One of several files that state the same items in different words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatementSet {
    pub(super) file: Option<String>,
    pub(super) builtin: Option<String>,
    pub(super) obtain: Option<String>,
    pub(super) items: Option<usize>,
    /// The splits of this file, where they are not those of the suite.
    pub(super) splits: Option<Vec<String>>,
    /// The field with the theorem in words, where it is not that of the suite.
    pub(super) informal: Option<String>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
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

impl SuiteSpec {
    /// Puts a statement set (by default the definition's own choice) in the place of the file; gives its name, where the
    /// suite has several.
    pub(super) fn take_statements(&mut self, asked: Option<&str>) -> Result<Option<String>, SuiteError> {
        let unknown = |spec: &SuiteSpec, asked: &str| SuiteError::Choice {
            suite: spec.name.clone(),
            what: "statement set",
            asked: asked.to_owned(),
            known: spec.statement_sets.keys().cloned().collect(),
        };
        let Some(name) = asked.map(str::to_owned).or_else(|| self.statements.clone()) else { return Ok(None) };
        let set = self.statement_sets.get(&name).cloned().ok_or_else(|| unknown(self, &name))?;
        self.file = set.file;
        self.builtin = set.builtin;
        self.obtain = set.obtain;
        self.items = set.items;
        if let Some(splits) = set.splits {
            self.splits = splits;
        }
        if let Some(informal) = set.informal {
            self.fields.informal = informal;
        }
        self.notes.extend(set.notes);
        Ok(Some(name))
    }

    /// Settles the split.
    pub(super) fn take_split(&mut self, asked: Option<&str>) -> Result<(), SuiteError> {
        if let Some(asked) = asked {
            let known: Vec<String> = if self.splits.is_empty() {
                vec![self.split.clone()].into_iter().filter(|split| !split.is_empty()).collect()
            } else {
                self.splits.iter().cloned().chain([ALL_SPLITS.to_owned()]).collect()
            };
            if !known.iter().any(|split| split == asked) {
                let (suite, asked) = (self.name.clone(), asked.to_owned());
                return Err(SuiteError::Choice { suite, what: "split", asked, known });
            }
            asked.clone_into(&mut self.split);
        }
        Ok(())
    }

    /// Names the verifier.
    pub(super) fn verifier(&self) -> &str {
        let by_form = if self.form == FormName::Proof { "lean" } else { "answer" };
        self.verifier.as_deref().unwrap_or(by_form)
    }

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
        let mut spec = self.clone();
        // Our definitions name one of their own sets; a test loads them all.
        let _ = spec.take_statements(None);
        spec.plain_info()
    }

    fn plain_info(&self) -> SuiteInfo {
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
