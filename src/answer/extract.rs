//! The answer that an output states: its last box, else its last stated answer.

mod boxes;
mod letters;
mod marks;
mod stated;

use super::number;
use super::token::tokens;
use crate::problem::AnswerForm;
use boxes::{Boxed, last_box};

/// Only so many bytes at the end of an output are looked at.
const WINDOW_BYTES: usize = 1024 * 1024;

/// Longest statement of an answer without a box.
const MAX_PHRASE_BYTES: usize = 2_000;

/// Where an answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// In the last `\boxed{…}` or `\fbox{…}`.
    Box,
    /// After words such as "the answer is".
    Stated,
    /// Nowhere: the output came to its end without an answer.
    Nothing,
    /// Nowhere: a box, an answer tag or the thinking part is opened and never closed, so the output was cut.
    Cut,
}

impl Source {
    /// Gives the name in reports: box, stated, nothing or cut.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Source::Box => "box",
            Source::Stated => "stated",
            Source::Nothing => "nothing",
            Source::Cut => "cut",
        }
    }
}

/// What an output states as its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extraction {
    /// The answer as written, never empty.
    pub answer: Option<String>,
    /// Where it was found.
    pub source: Source,
    /// Whether the text may end in the middle of the answer: a box that is never closed (then there is no answer), or
    /// a stated answer that runs up to the end of the text. Where the output was truncated, the answer is not to be trusted.
    pub open_ended: bool,
}

impl Extraction {
    const NOTHING: Extraction = Extraction { answer: None, source: Source::Nothing, open_ended: false };
    const CUT: Extraction = Extraction { answer: None, source: Source::Cut, open_ended: true };

    fn stated(answer: impl Into<String>, open_ended: bool) -> Extraction {
        Extraction { answer: Some(answer.into()), source: Source::Stated, open_ended }
    }
}

/// Finds the answer that `text` states.
///
/// Only what follows the thinking part counts, where there is one; a thinking part that never ends means that the output
/// was cut. The last box that holds something wins, the outermost of nested ones; a box opened after it and never closed
/// means that the answer was cut, and there is none, unless its formula ends and the text goes on (the brace was
/// forgotten). Without boxes the last statement wins: `<answer>…</answer>`, "the answer is …", "final answer: …",
/// `ANSWER: …`, `#### 18`, a heading or a table's field "Answer", a list after "the answers are:", a field `"answer"` of
/// JSON, then weaker ones ("the final result is …"); for letters also "option C is correct", "I choose C" and a last line
/// that is nothing but an option. `form` tells letters from other answers, `options` bounds the letters.
#[must_use]
pub fn extract(text: &str, form: AnswerForm, options: &[String]) -> Extraction {
    let (text, thinking) = visible(text);
    let text = tail(text, WINDOW_BYTES);
    let found = match last_box(text) {
        Boxed::Closed(answer) => Extraction { answer: Some(answer.to_owned()), source: Source::Box, open_ended: false },
        Boxed::Cut => Extraction::CUT,
        Boxed::None => stated::stated(text, form, options),
    };
    if thinking && found.answer.is_none() { Extraction::CUT } else { found }
}

/// Tells whether `text` states an answer in a whole box: where a step-wise strategy may stop.
#[must_use]
pub fn states_boxed(text: &str) -> bool {
    matches!(last_box(tail(visible(text).0, WINDOW_BYTES)), Boxed::Closed(_))
}

/// Finds the last number of `text`, the lenient figure: never part of a verdict.
#[must_use]
pub fn last_number(text: &str) -> Option<String> {
    let text = tail(visible(text).0, WINDOW_BYTES);
    let found = marks::NUMBER.find_iter(text).last()?;
    // `10-5` ends in 5, `x = -5` in -5.
    let before = text.get(..found.start()).and_then(|before| before.chars().next_back());
    let number = match before {
        Some(before) if before.is_alphanumeric() || before == ')' || before == '}' => {
            found.as_str().trim_start_matches('-')
        }
        _ => found.as_str(),
    };
    Some(number.to_owned())
}

/// Marks that end a thinking part, or begin what comes after it.
const THINK_END: [&str; 9] = [
    "</think>",
    "</thinking>",
    "</thought>",
    "</reasoning>",
    "</seed:think>",
    "[/THINK]",
    "◁/think▷",
    "<|end_of_thought|>",
    "<|channel|>final<|message|>",
];

const THINK_START: [&str; 9] = [
    "<think>",
    "<thinking>",
    "<thought>",
    "<reasoning>",
    "<seed:think>",
    "[THINK]",
    "◁think▷",
    "<|begin_of_thought|>",
    "<|channel|>analysis<|message|>",
];

/// Cuts the thinking part off: all up to the last mark that ends one, or all from a mark that opens one for good. Tells
/// as well whether there is one of the second kind.
fn visible(text: &str) -> (&str, bool) {
    let end = THINK_END.iter().filter_map(|mark| text.rfind(mark).map(|at| at + mark.len())).max();
    let text = end.and_then(|end| text.get(end..)).unwrap_or(text);
    let open = THINK_START.iter().filter_map(|mark| text.find(mark)).min();
    (open.and_then(|open| text.get(..open)).unwrap_or(text), open.is_some())
}

fn tail(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..).unwrap_or_default()
}

fn head(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// Tells whether a text reads as a number.
fn is_number(text: &str) -> bool {
    tokens(text).is_some_and(|read| number::read(&read, AnswerForm::Expression).is_some())
}
