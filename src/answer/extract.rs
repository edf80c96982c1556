//! The answer that an output states: its last box, else its last stated answer.

use std::sync::LazyLock;

use regex::Regex;

use super::clean::bare;
use super::letter;
use super::number;
use super::token::tokens;
use crate::problem::AnswerForm;

/// Only so many bytes at the end of an output are looked at.
const WINDOW_BYTES: usize = 1024 * 1024;

/// Longest statement of an answer without a box.
const MAX_PHRASE_BYTES: usize = 2_000;

/// Most marks of a stated answer that are tried, from the last one.
const MAX_MARKS: usize = 64;

/// Where an answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// In the last `\boxed{…}` or `\fbox{…}`.
    Box,
    /// After words such as "the answer is".
    Stated,
    /// Nowhere.
    Nothing,
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
}

/// Finds the answer that `text` states.
///
/// Only what follows the thinking part counts, where there is one. The last box that is not empty wins, the outermost
/// of nested ones; a box opened after it and never closed means that the answer was cut, and there is none. Without
/// boxes the last statement wins: "the answer is …", "final answer: …", `ANSWER: …`, `#### 18`, and for letters
/// "option C is correct" and a last line that is nothing but a letter. `form` tells letters from other answers, `options`
/// bounds the letters.
#[must_use]
pub fn extract(text: &str, form: AnswerForm, options: &[String]) -> Extraction {
    let text = tail(visible(text), WINDOW_BYTES);
    match last_box(text) {
        Boxed::Closed(answer) => Extraction { answer: Some(answer.to_owned()), source: Source::Box, open_ended: false },
        Boxed::Cut => Extraction { open_ended: true, ..Extraction::NOTHING },
        Boxed::None => stated(text, form, options),
    }
}

/// Tells whether `text` states an answer in a whole box: where a step-wise strategy may stop.
#[must_use]
pub fn states_boxed(text: &str) -> bool {
    matches!(last_box(tail(visible(text), WINDOW_BYTES)), Boxed::Closed(_))
}

/// Finds the last number of `text`, the lenient figure: never part of a verdict.
#[must_use]
pub fn last_number(text: &str) -> Option<String> {
    let text = tail(visible(text), WINDOW_BYTES);
    let found = NUMBER.find_iter(text).last()?;
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

/// Cuts the thinking part off: all up to the last mark that ends one, or all from a mark that opens one for good.
fn visible(text: &str) -> &str {
    let end = THINK_END.iter().filter_map(|mark| text.rfind(mark).map(|at| at + mark.len())).max();
    let text = end.and_then(|end| text.get(end..)).unwrap_or(text);
    let open = ["<think>", "<thinking>", "[THINK]"].iter().filter_map(|mark| text.find(mark)).min();
    open.and_then(|open| text.get(..open)).unwrap_or(text)
}

const THINK_END: [&str; 4] = ["</think>", "</thinking>", "[/THINK]", "◁/think▷"];

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

enum Boxed<'a> {
    Closed(&'a str),
    Cut,
    None,
}

/// Finds the last box in one pass. Escaped braces (`\{`) are text.
fn last_box(text: &str) -> Boxed<'_> {
    let bytes = text.as_bytes();
    // Open braces; of a box also where its command starts.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut starts: Vec<usize> = Vec::new();
    // Start of the command, and content, of the box that closed last.
    let mut closed: Option<(usize, &str)> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                let command = box_command(text.get(at + 1..).unwrap_or_default());
                // An output that was escaped once too often.
                let command = command.map(|length| length + 1).or_else(|| {
                    text.get(at..)
                        .and_then(|rest| rest.strip_prefix("\\\\"))
                        .and_then(box_command)
                        .map(|length| length + 2)
                });
                let Some(length) = command else {
                    at += 2;
                    continue;
                };
                let content = at + length;
                if bytes.get(content) == Some(&b'{') {
                    open.push(Some(at));
                    starts.push(content + 1);
                    at = content + 1;
                } else {
                    let word = unbraced(text.get(content..).unwrap_or_default());
                    if !word.is_empty() {
                        closed = Some((at, word));
                    }
                    at = content;
                }
            }
            b'{' => {
                open.push(None);
                at += 1;
            }
            b'}' => {
                if let Some(Some(command)) = open.pop()
                    && let Some(start) = starts.pop()
                {
                    let content = text.get(start..at).unwrap_or_default().trim();
                    // An empty box repeats the prompt.
                    if !content.is_empty() {
                        closed = Some((command, content));
                    }
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    let cut = open.iter().flatten().next_back();
    match (closed, cut) {
        (Some((command, content)), cut) if cut.is_none_or(|cut| *cut < command) => Boxed::Closed(content),
        (_, Some(_)) => Boxed::Cut,
        (Some((_, content)), None) => Boxed::Closed(content),
        (None, None) => Boxed::None,
    }
}

/// Tells whether `rest` (after a backslash) is a box command, and how long it is with the space behind it.
fn box_command(rest: &str) -> Option<usize> {
    let after = ["boxed", "fbox"].into_iter().find_map(|name| rest.strip_prefix(name))?;
    let argument = after.trim_start_matches([' ', '\t', '\n', '\r']);
    (!argument.starts_with(|next: char| next.is_ascii_alphabetic()) || argument.len() < after.len())
        .then(|| rest.len() - argument.len())
}

/// Reads the argument of a box without braces: up to space, the end of the formula, or a closing brace.
fn unbraced(rest: &str) -> &str {
    let mut depth = 0_usize;
    let end = rest.char_indices().take(MAX_PHRASE_BYTES).find(|(at, next)| match next {
        '{' => {
            depth += 1;
            false
        }
        '}' if depth > 0 => {
            depth -= 1;
            false
        }
        '}' | '$' => true,
        '\\' => rest.get(*at..).is_some_and(|here| here.starts_with("\\)") || here.starts_with("\\]")),
        _ => next.is_whitespace() && depth == 0,
    });
    rest.get(..end.map_or(rest.len(), |(at, _)| at)).unwrap_or_default().trim_end_matches(['.', ',', ';', ':'])
}

#[expect(clippy::expect_used, reason = "fixed patterns, compiled in every test run")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is valid")
}

/// Words after which an answer is stated.
static MARK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:answers?(?:\s+(?:choice|option))?|correct\s+(?:option|choice|letter))\b(?:\s+(?:to|for)\s[^.:=\n$]{1,80}?)?[\s*_}]*(?:\s(?:is|are|was|equals|should\s+be|must\s+be|would\s+be|will\s+be)\b|:|=)(?:\s+(?:therefore|thus|then|simply|indeed)\b)?",
    )
});

/// The last line of GSM8K's worked solutions.
static HASHES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^[ \t]*####[ \t]+"));

/// An option called right.
static OPTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\b[Oo]ption|\b[Cc]hoice)?\s*\**(?:\\text(?:bf)?\{)?\(?([A-J])\)?\}?\**\s+is\s+(?:the\s+)?(?:correct|right|answer)",
    )
});

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"-?\\[dt]?frac\{-?\d{1,40}\}\{\d{1,40}\}|-?\$?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:/\d+)?(?:\s?\\?%)?|-?\.\d+",
    )
});

fn stated(text: &str, form: AnswerForm, options: &[String]) -> Extraction {
    let marks = MARK.find_iter(text).map(|mark| (mark.end(), false));
    let hashes = HASHES.find_iter(text).map(|mark| (mark.end(), true));
    let mut marks: Vec<(usize, bool)> = marks.chain(hashes).collect();
    marks.sort_unstable();
    // Marks with nothing after them are passed over, but not endlessly.
    for (at, hashes) in marks.into_iter().rev().take(MAX_MARKS) {
        let (phrase, open_ended) = phrase(text.get(at..).unwrap_or_default());
        let phrase = if form == AnswerForm::Letter { lone_letter(phrase, options) } else { phrase };
        if tokens(phrase).is_none_or(|tokens| tokens.is_empty()) {
            continue;
        }
        // A heading of the fourth level is no answer.
        if hashes && tokens(phrase).is_none_or(|read| number::read(&read, AnswerForm::Expression).is_none()) {
            continue;
        }
        return Extraction { answer: Some(phrase.to_owned()), source: Source::Stated, open_ended };
    }
    if form != AnswerForm::Letter {
        return Extraction::NOTHING;
    }
    let called = OPTION.captures_iter(text).last().and_then(|found| found.get(1)).map(|letter| letter.as_str());
    let last_line = || text.lines().map(str::trim).rfind(|line| !line.is_empty());
    let letter = called.or_else(|| last_line().filter(|line| line.len() < 40 && letter::is_alone(line, options)));
    letter.map_or(Extraction::NOTHING, |letter| Extraction {
        answer: Some(bare(letter).to_owned()),
        source: Source::Stated,
        open_ended: false,
    })
}

/// Reads what is stated after a mark, and whether it runs up to the end of the text.
fn phrase(rest: &str) -> (&str, bool) {
    let rest = head(tail_start(rest), 2 * MAX_PHRASE_BYTES);
    for (open, close) in [("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)")] {
        if let Some(inside) = rest.strip_prefix(open) {
            let Some(end) = inside.find(close) else {
                return (short(inside), true);
            };
            let after = sentence(inside.get(end + close.len()..).unwrap_or_default()).0;
            // More formulas in the sentence: it is not this one alone that is stated.
            if close != "\\)" || !after.contains(open) {
                return (short(inside.get(..end).unwrap_or_default()), false);
            }
        }
    }
    let (whole, open_ended) = sentence(rest);
    if let Some(inside) = whole.strip_prefix('$')
        && let Some(end) = closing_dollar(inside)
        && !inside.get(end + 1..).unwrap_or_default().contains('$')
    {
        return (short(inside.get(..end).unwrap_or_default()), false);
    }
    (short(bare(whole)), open_ended)
}

/// Skips what stands between a mark and its answer.
fn tail_start(rest: &str) -> &str {
    rest.trim_start_matches(|next: char| next.is_whitespace() || [':', '*', '_', '>'].contains(&next))
}

/// Finds the dollar sign that closes a formula: not after space, not before a digit (then it is money).
fn closing_dollar(inside: &str) -> Option<usize> {
    let mut before = ' ';
    for (at, next) in inside.char_indices() {
        let digit_follows =
            inside.get(at + 1..).is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
        if next == '$' && before != '\\' && !before.is_whitespace() && !digit_follows {
            return Some(at);
        }
        before = next;
    }
    None
}

/// Reads up to the end of the sentence or line.
fn sentence(rest: &str) -> (&str, bool) {
    let mut characters = rest.char_indices().peekable();
    while let Some((at, next)) = characters.next() {
        let follows = characters.peek().map(|(_, follows)| *follows);
        let ends = match next {
            '\n' => true,
            '.' | '?' => follows.is_none_or(|follows| follows.is_whitespace() || ['*', '"', ')'].contains(&follows)),
            _ => false,
        };
        if ends {
            return (rest.get(..at).unwrap_or_default(), false);
        }
        if at > MAX_PHRASE_BYTES {
            return ("", false);
        }
    }
    (rest, true)
}

fn short(phrase: &str) -> &str {
    if phrase.len() > MAX_PHRASE_BYTES { "" } else { phrase.trim() }
}

/// Cuts a sentence that begins with an option's letter down to the letter (`C because the sum is 5`).
fn lone_letter<'a>(phrase: &'a str, options: &[String]) -> &'a str {
    let words = phrase.find([' ', ',']).and_then(|end| Some((phrase.get(..end)?, phrase.get(end..)?)));
    let Some((first, rest)) = words else { return phrase };
    let reason = rest.trim_start_matches([' ', ',']).split(' ').next().unwrap_or_default();
    let reasons = ["because", "since", "as", "so", "for", "which", "with", "and"];
    if reasons.contains(&reason.to_lowercase().as_str()) && letter::is_alone(first, options) { first } else { phrase }
}
