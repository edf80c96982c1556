//! Verdicts with their reasons: both answers in normal form, and where they first part.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::{GradeError, explain};
use super::{GradeIn, GradeOut, grade_line, written};
use crate::problem::AnswerForm;

/// The verdict on one line, with what was compared where that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct GradeExplained {
    /// The verdict.
    #[serde(flatten)]
    pub graded: GradeOut,
    /// What was compared; only with an explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Reasons>,
}

/// Both answers as they were understood; null where one was not.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Reasons {
    /// The gold answer in normal form.
    pub gold: Option<String>,
    /// The given answer in normal form.
    pub given: Option<String>,
    /// The first part of the gold answer, and of the given one, that are not surely equal; null where all are.
    pub difference: Option<[String; 2]>,
}

impl From<GradeOut> for GradeExplained {
    fn from(graded: GradeOut) -> GradeExplained {
        GradeExplained { graded, explanation: None }
    }
}

/// Grades one line as [`grade_line`] does and explains the verdict.
///
/// # Errors
/// The line is no JSON object of the right form.
pub fn explain_line(line: u64, text: &str) -> Result<GradeExplained, GradeError> {
    let graded = grade_line(line, text)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let input: GradeIn =
        serde_json::from_str(text).map_err(|source| GradeError::Json { line, column: source.column(), source })?;
    let form = input.form.as_deref().and_then(AnswerForm::from_name).unwrap_or(AnswerForm::Expression);
    let explanation = graded.extracted.as_deref().zip(written(&input.gold)).map(|(given, gold)| {
        let found = explain(&gold, given, form);
        let difference = found.difference.map(|(gold, given)| [gold, given]);
        Reasons { gold: found.gold, given: found.given, difference }
    });
    Ok(GradeExplained { graded, explanation })
}
