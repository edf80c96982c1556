//! Answers stated in words, tags, headings, lists and tables.

use super::marks::{COLUMN, FIELD, HASHES, HEADING, ITEM, MARK, ROW, TAG, TAG_END, WEAK_MARK};
use super::{Extraction, MAX_PHRASE_BYTES, head, is_number, letters};
use crate::answer::clean::bare;
use crate::answer::token::tokens;
use crate::answer::words::number_word;
use crate::problem::AnswerForm;

/// Most marks of a stated answer that are tried, from the last one.
const MAX_MARKS: usize = 64;

/// Most items of a list, or rows of a table, that make one answer.
const MAX_ITEMS: usize = 32;

/// Longest item of a list of answers.
const MAX_ITEM_BYTES: usize = 80;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// A fourth-level heading is one too, so only numbers count.
    Hashes,
    Words,
    Heading,
    Tag,
    /// Whole answers, from this to that byte.
    Cell(usize),
    Field(usize),
    /// Cells of the column under this byte.
    Column,
}

/// Finds the last answer that is stated without a box.
pub(super) fn stated(text: &str, form: AnswerForm, options: &[String]) -> Extraction {
    let ends = |pattern: &regex::Regex, mark: Mark| -> Vec<(usize, Mark)> {
        pattern.find_iter(text).map(|found| (found.end(), mark)).collect()
    };
    let mut marks = ends(&MARK, Mark::Words);
    marks.extend(ends(&HASHES, Mark::Hashes));
    marks.extend(ends(&HEADING, Mark::Heading));
    marks.extend(ends(&TAG, Mark::Tag));
    marks.extend(ends(&COLUMN, Mark::Column));
    let cells = ROW.captures_iter(text).filter_map(|found| found.get(1));
    marks.extend(cells.map(|cell| (cell.start(), Mark::Cell(cell.end()))));
    let fields = FIELD.captures_iter(text).filter_map(|found| found.get(1));
    marks.extend(fields.map(|field| (field.start(), Mark::Field(field.end()))));
    marks.sort_unstable();
    if let Some(found) = last(text, marks, form, options) {
        return found;
    }
    if form == AnswerForm::Letter {
        return letters::called(text, options);
    }
    let weak = ends(&WEAK_MARK, Mark::Words);
    let valued = |found: &Extraction| found.answer.as_deref().is_some_and(has_value);
    last(text, weak, form, options).filter(valued).unwrap_or(Extraction::NOTHING)
}

/// Reads the answer of the last mark that has one. Marks with nothing after them are passed over, but not endlessly.
fn last(text: &str, marks: Vec<(usize, Mark)>, form: AnswerForm, options: &[String]) -> Option<Extraction> {
    let read = |(at, mark): (usize, Mark)| {
        let rest = text.get(at..)?;
        let (answer, open_ended) = match mark {
            Mark::Cell(end) => (text.get(at..end)?.trim().trim_matches('*').trim().to_owned(), false),
            Mark::Field(end) => (field(text.get(at..end)?)?, false),
            Mark::Column => (column(text.get(..at)?, rest)?, false),
            Mark::Tag => match TAG_END.find(rest) {
                Some(end) => (formula(rest.get(..end.start())?.trim()).to_owned(), false),
                None => return Some(Extraction::CUT),
            },
            Mark::Words | Mark::Hashes | Mark::Heading => match list(rest) {
                List::Answers(answers, open_ended) => (answers, open_ended),
                List::Other => return None,
                List::No => {
                    let (phrase, open_ended) = phrase(rest);
                    (phrase.to_owned(), open_ended)
                }
            },
        };
        let answer = if form == AnswerForm::Letter { letters::lone(&answer, options) } else { value(&answer, form) };
        // A heading of the fourth level is no answer.
        let fits = (mark != Mark::Hashes || is_number(answer)) && answer.len() <= MAX_PHRASE_BYTES;
        (fits && is_answer(answer, form)).then(|| Extraction::stated(answer, open_ended))
    };
    marks.into_iter().rev().take(MAX_MARKS).find_map(read)
}

/// Tells whether a phrase says what the answer is, and not of what kind it is or what is to be thought of it.
fn is_answer(phrase: &str, form: AnswerForm) -> bool {
    if tokens(phrase).is_none_or(|tokens| tokens.is_empty()) {
        return false;
    }
    let lower = phrase.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    if matches!(form, AnswerForm::Text | AnswerForm::Letter | AnswerForm::Proof) {
        return !lower.starts_with("not ");
    }
    let article = lower.strip_prefix("an ").or_else(|| lower.strip_prefix("a "));
    let kind = article.is_some_and(|rest| {
        rest.split(|letter: char| !letter.is_alphabetic()).take(4).any(|word| KINDS.contains(&word))
    });
    let valued = has_value(phrase) && !(kind && lower.contains("between"));
    let judgement = words.next().is_none() && OPINIONS.contains(&first);
    let wants_value = kind || matches!(form, AnswerForm::Integer | AnswerForm::Number);
    first != "not" && !judgement && (valued || !wants_value)
}

/// What is said of an answer.
const OPINIONS: [&str; 12] = [
    "correct",
    "incorrect",
    "wrong",
    "right",
    "clear",
    "obvious",
    "unknown",
    "below",
    "above",
    "here",
    "simple",
    "found",
];

/// Kinds that an answer can be of.
const KINDS: [&str; 12] = [
    "integer",
    "number",
    "fraction",
    "expression",
    "polynomial",
    "function",
    "decimal",
    "value",
    "percentage",
    "formula",
    "list",
    "real",
];

/// Tells whether a phrase holds a digit, a number word or a sign of mathematics.
fn has_value(phrase: &str) -> bool {
    let signs = |letter: char| letter.is_ascii_digit() || ['\\', '$', '=', '^', 'π', '√', '∞'].contains(&letter);
    phrase.contains(signs)
        || phrase.split(|letter: char| !letter.is_alphabetic()).any(|word| {
            number_word(word).is_some() || ["pi", "none", "infinity", "half", "x", "n", "e", "i"].contains(&word)
        })
}

/// Takes what a relative clause says the value is: `the sum of both, which is 7`.
fn value(phrase: &str, form: AnswerForm) -> &str {
    if !matches!(form, AnswerForm::Integer | AnswerForm::Number) {
        return phrase;
    }
    let clauses = [" which is ", " which equals ", " that is, ", ", i.e. "];
    let found = clauses.iter().filter_map(|clause| phrase.rfind(clause).map(|at| at + clause.len())).max();
    found.and_then(|at| phrase.get(at..)).map_or(phrase, |rest| formula(rest.trim()))
}

/// Takes the signs of a formula off that is all there is.
fn formula(text: &str) -> &str {
    for (open, close) in [("$$", "$$"), ("$", "$"), ("\\[", "\\]"), ("\\(", "\\)")] {
        let inside = text.strip_prefix(open).and_then(|inside| inside.strip_suffix(close));
        if let Some(inside) = inside.filter(|inside| !inside.contains(open)) {
            return inside.trim();
        }
    }
    text
}

/// Reads a value of JSON.
fn field(raw: &str) -> Option<String> {
    if raw.starts_with('"') { serde_json::from_str(raw).ok() } else { Some(raw.to_owned()) }
}

/// A list that follows a mark.
enum List {
    /// Of answers: all in one, and whether more may have come.
    Answers(String, bool),
    /// Of steps or the like.
    Other,
    /// None.
    No,
}

/// Reads the items of a list that begins right here, as one list of answers.
fn list(rest: &str) -> List {
    let Some(lines) = rest.trim_start_matches([' ', '\t', '*', '_', ':']).strip_prefix('\n') else { return List::No };
    let (mut items, mut whole, mut bullets) = (Vec::new(), false, false);
    for line in lines.split_inclusive('\n').take(MAX_ITEMS * 2) {
        let Some(mark) = ITEM.find(line) else {
            if line.trim().is_empty() {
                continue;
            }
            whole = true;
            break;
        };
        let item = line.get(mark.end()..).unwrap_or_default().trim().trim_end_matches(['.', ',', ';']);
        let item = formula(bare(item)).trim_end_matches(['.', ',', ';']);
        // Steps of an explanation are no answers.
        if item.len() > MAX_ITEM_BYTES || item.is_empty() || !has_value(item) {
            return List::Other;
        }
        items.push(item);
        bullets |= mark.as_str().trim_start().starts_with(['-', '*', '•', '+']);
        whole = line.ends_with('\n');
    }
    // `(2) (x+2)` alone is a product.
    if items.is_empty() || items.len() == 1 && !bullets { List::No } else { List::Answers(items.join(", "), !whole) }
}

/// Reads the cells under the head `Answer` of a table.
fn column(before: &str, rest: &str) -> Option<String> {
    let head = before.lines().rev().nth(1)?;
    let is_answer = |cell: &str| {
        let cell = cell.trim().trim_matches(['*', '_']).trim().to_lowercase();
        ["answer", "answers", "final answer", "final answers"].contains(&cell.as_str())
    };
    let place = head.split('|').position(is_answer)?;
    let rows = rest.lines().take_while(|row| row.trim_start().starts_with('|')).take(MAX_ITEMS);
    let cells: Vec<&str> = rows.filter_map(|row| row.split('|').nth(place)).map(|cell| formula(bare(cell))).collect();
    (!cells.is_empty()).then(|| cells.join(", "))
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
    rest.trim_start_matches(|next: char| next.is_whitespace() || [':', '：', '*', '_', '>'].contains(&next))
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
    // `34\text{ sq. units}` goes on after its stop.
    let mut depth = 0_usize;
    while let Some((at, next)) = characters.next() {
        let follows = characters.peek().map(|(_, follows)| *follows);
        let ends = match next {
            '\n' | '。' => true,
            '.' | '?' if depth == 0 => {
                follows.is_none_or(|follows| follows.is_whitespace() || ['*', '"', ')'].contains(&follows))
            }
            _ => false,
        };
        if ends {
            return (rest.get(..at).unwrap_or_default(), false);
        }
        match next {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
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
