//! Lines of a grading file: a pair of answers in, its verdict out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

mod explained;

pub use explained::{GradeExplained, Reasons, explain_line};

use super::{GradeError, extract, judge};
use crate::problem::AnswerForm;

/// One line to grade; other fields are ignored.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GradeIn {
    /// Anything that names the line; it is given back as it came.
    #[serde(default)]
    pub id: Value,
    /// The gold answer, a string or a number.
    #[schemars(with = "Text")]
    pub gold: Box<RawValue>,
    /// The given answer, a string or a number; or else `output`.
    #[schemars(with = "Option<Text>")]
    #[serde(default)]
    pub answer: Option<Box<RawValue>>,
    /// The model's whole output, from which the answer is extracted; or else `answer`.
    #[serde(default)]
    pub output: Option<String>,
    /// Options of a multiple-choice question, in the order of their letters.
    #[serde(default)]
    pub options: Option<Vec<String>>,
    /// The form of the wanted answer: integer, number, expression, letter or text. Default: letter where there are
    /// options, expression otherwise.
    #[serde(default)]
    pub form: Option<String>,
}

/// A string, or a number as it is written.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the JSON form only")]
enum Text {
    String(String),
    Number(f64),
}

/// The verdict on one line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct GradeOut {
    /// Version of this form.
    pub schema: u32,
    /// The id of the line.
    pub id: Value,
    /// accepted, rejected or unknown.
    pub verdict: String,
    /// equal, different, no_answer, undecided or no_reference.
    pub class: String,
    /// The rule that decided, where one did.
    pub decided_by: Option<String>,
    /// The answer that was compared.
    pub extracted: Option<String>,
    /// Where in an output it was found: box, stated, nothing, or cut where the output ends before its answer does; null
    /// where the answer was given.
    pub source: Option<String>,
}

/// Version of [`GradeOut`].
const SCHEMA: u32 = 1;

/// Grades one line of a JSONL file; `line` is its number, from 1.
///
/// # Errors
/// The line is no JSON object of the right form. A wrong answer is no error.
pub fn grade_line(line: u64, text: &str) -> Result<GradeOut, GradeError> {
    let field = |reason: String| GradeError::Field { line, reason };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // serde would read a struct from an array too, by the order of its fields.
    if text.trim_start().starts_with('[') {
        return Err(field("it is a JSON array, not an object".to_owned()));
    }
    let input: GradeIn =
        serde_json::from_str(text).map_err(|source| GradeError::Json { line, column: source.column(), source })?;
    let options = input.options.unwrap_or_default();
    let form = match &input.form {
        Some(name) => AnswerForm::from_name(name).ok_or_else(|| {
            let known: Vec<&str> = AnswerForm::NAMES.iter().map(|(name, _)| *name).collect();
            field(format!("form {name:?} is none of {}", known.join(", ")))
        })?,
        None if options.is_empty() => AnswerForm::Expression,
        None => AnswerForm::Letter,
    };
    let gold = written(&input.gold).ok_or_else(|| field("gold must be a string or a number".to_owned()))?;
    let (extracted, source) = match (input.answer, input.output) {
        (Some(answer), None) => {
            let answer = written(&answer).ok_or_else(|| field("answer must be a string or a number".to_owned()))?;
            (Some(answer).filter(|answer| !answer.trim().is_empty()), None)
        }
        (None, Some(output)) => {
            let found = extract(&output, form, &options);
            (found.answer, Some(found.source.name().to_owned()))
        }
        (Some(_), Some(_)) => return Err(field("give answer or output, not both".to_owned())),
        (None, None) => return Err(field("answer or output is missing".to_owned())),
    };
    let verdict = judge(Some(&gold), extracted.as_deref(), form, &options);
    Ok(GradeOut {
        schema: SCHEMA,
        id: input.id,
        verdict: verdict.name().to_owned(),
        class: verdict.class().to_owned(),
        decided_by: verdict.decided_by().map(|rule| rule.name().to_owned()),
        extracted,
        source,
    })
}

/// Reads a JSON string, or a number as it is written: no digit is lost to floating point.
#[must_use]
pub fn written(value: &RawValue) -> Option<String> {
    let raw = value.get();
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok(),
        b'-' | b'0'..=b'9' => Some(raw.to_owned()),
        _ => None,
    }
}
