//! The text that Lean judges: the trusted statement under a secret name, the candidate in a section of its own, and the
//! judge's own lines behind it.
//!
//! ```text
//! ⟨header⟩
//! set_option linter.all false
//! theorem Stated_⟨nonce⟩ ⟨binders⟩ : ⟨type⟩ := by sorry      the statement, read before the candidate can bend a word
//! section Guard_⟨nonce⟩                                      keeps the candidate's variables, opens and options in
//! ⟨candidate⟩
//! end Guard_⟨nonce⟩
//! theorem _root_.Check_⟨nonce⟩ : type_of% @_root_.Stated_⟨nonce⟩ := @_root_.⟨name⟩
//! set_option pp.fullNames true in
//! #print axioms _root_.Check_⟨nonce⟩
//! ```

use super::ban::{self, Ban, Room};
use super::lexer::{Token, TokenKind, lex};
use super::repeat;
use super::scope::Scopes;
use super::statement::TrustedStatement;
use crate::lean::{Diagnostic, Document, Place};

/// Linters say how a text could be nicer. That decides no verdict, and takes a twentieth of Lean's time for one.
const NO_LINTERS: &str = "set_option linter.all false\n";

/// A document put together for one verdict, with the names that its judge looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedDocument {
    /// The whole text.
    pub text: String,
    /// Bytes of the header at the beginning of the text.
    pub header_len: usize,
    /// Full name of the trusted statement's constant: a theorem with `sorry` for its proof, so its type is the statement.
    pub stated_name: String,
    /// Full name of the sentinel theorem: its type is the trusted statement, its proof the candidate's theorem.
    pub check_name: String,
    /// Header and trusted statement only: what compiles without the candidate, and declares `stated_name`.
    pub trusted_text: String,
}

impl JudgedDocument {
    /// Gives the document in the form that the client takes.
    pub(crate) fn document(&self) -> Document {
        let (header, body) = self.text.split_at_checked(self.header_len).unwrap_or(("", &self.text));
        Document { header: header.to_owned(), body: body.to_owned() }
    }
}

/// A secret that a candidate cannot guess, fresh for each verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Nonce(String);

impl Nonce {
    /// Draws a nonce of 128 random bits.
    pub(crate) fn draw() -> Nonce {
        Nonce(format!("{:032x}", rand::random::<u128>()))
    }

    #[cfg(test)]
    pub(crate) fn fixed() -> Nonce {
        Nonce("n7".to_owned())
    }

    /// Gives the last part of the trusted statement's name.
    pub(crate) fn stated(&self) -> String {
        format!("Stated_{}", self.0)
    }
}

/// Whose line a line of the document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// Header and trusted statement.
    Trusted,
    /// The candidate.
    Candidate,
    /// The lines that close the candidate's section.
    Guard,
    /// The sentinel theorem.
    Check,
    /// The report of axioms.
    Report,
}

/// A judged document with the way back to the candidate's own lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assembled {
    pub(crate) judged: JudgedDocument,
    /// First line of the candidate's room, from 0.
    room: u32,
    /// For each line of the room, its line in the candidate and how many columns it was moved by.
    lines: Vec<(u32, i64)>,
    /// Line of the sentinel theorem.
    check: u32,
    /// Line of the report of axioms.
    pub(crate) report: u32,
}

impl Assembled {
    /// Tells whose line a line of the document is.
    pub(crate) fn owner(&self, line: u32) -> Owner {
        let candidate_end = self.room + length(&self.lines);
        match line {
            line if line < self.room => Owner::Trusted,
            line if line < candidate_end => Owner::Candidate,
            line if line < self.check => Owner::Guard,
            line if line == self.check => Owner::Check,
            _ => Owner::Report,
        }
    }

    /// Tells whether a message stands on the theorem's own line, as that on goals left at the end of a block does.
    pub(crate) fn is_left_at_end(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.start.line == self.room
    }

    /// Gives the secret, to be taken out of messages.
    pub(crate) fn nonce(&self) -> &str {
        self.judged.check_name.trim_start_matches("Check_")
    }

    /// Gives a message with its places in the candidate.
    pub(crate) fn returned(&self, diagnostic: &Diagnostic) -> Diagnostic {
        Diagnostic {
            start: self.back(diagnostic.start),
            end: self.back(diagnostic.end),
            message: diagnostic.message.replace(self.nonce(), "judge"),
            ..diagnostic.clone()
        }
    }

    /// Gives what stands behind the header up to the candidate's end: the trusted statement and the candidate.
    pub(crate) fn proof_only(&self) -> String {
        let end = self.room + length(&self.lines);
        let lines = self.judged.text.split_inclusive('\n').take(end as usize).collect::<String>();
        lines.get(self.judged.header_len..).unwrap_or_default().to_owned()
    }

    /// Gives the place behind the candidate's last line that holds anything.
    pub(crate) fn end_of_proof(&self) -> Place {
        let end = (self.room + length(&self.lines)) as usize;
        let lines = self.judged.text.lines().take(end).enumerate();
        let last = lines.filter(|(_, line)| !line.trim().is_empty()).last().unwrap_or_default();
        let column = u32::try_from(last.1.trim_end().len()).unwrap_or(u32::MAX);
        Place { line: u32::try_from(last.0).unwrap_or(u32::MAX), column }
    }

    /// Gives the place in the candidate that a place of the document goes back to.
    pub(crate) fn back(&self, place: Place) -> Place {
        let index = place.line.saturating_sub(self.room) as usize;
        let (line, moved) = self.lines.get(index).or(self.lines.last()).copied().unwrap_or_default();
        let column = i64::from(place.column).saturating_sub(moved).max(0);
        Place { line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }
}

/// Gives a list's length; a document holds fewer lines than a `u32` counts.
fn length<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

/// Makes every line end `\n`. Lean does the same; columns stay, for only ends of lines change.
pub(crate) fn newlines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// A candidate that may be shown to Lean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admitted {
    /// Its text; what repeats the trusted header is blanked out.
    text: String,
    tokens: Vec<Token>,
    room: Room,
    /// Columns that the first line lost before it was read.
    lost: i64,
}

impl Admitted {
    /// Reads a candidate and looks for what is banned; `ban_list` switches the list off, for tests of the other layers.
    pub(crate) fn read(
        statement: &TrustedStatement,
        candidate: &str,
        room: Room,
        ban_list: bool,
    ) -> Result<Admitted, Ban> {
        let without_mark = candidate.strip_prefix('\u{feff}');
        let lost = if without_mark.is_some() { 3 } else { 0 };
        let mut text = newlines(without_mark.unwrap_or(candidate));
        let read = |text: &str| {
            lex(text).map_err(|unreadable| Ban { construct: unreadable.what.to_owned(), offset: unreadable.offset })
        };
        let tokens = read(&text)?;
        let blanks = match room {
            Room::Tactics => leading_by(&text, &tokens),
            Room::File => repeat::find(statement, &text, &tokens),
        };
        let tokens = if blanks.is_empty() {
            tokens
        } else {
            text = blank(&text, &blanks);
            read(&text)?
        };
        match ban::find(&text, &tokens, room, &statement.options).filter(|_| ban_list) {
            Some(ban) => Err(ban),
            None => Ok(Admitted { text, tokens, room, lost }),
        }
    }

    /// Gives the texts of its tokens of one kind.
    pub(crate) fn words(&self, kind: TokenKind) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter(move |token| token.kind == kind).map(|token| token.text(&self.text))
    }

    /// Tells whether there is nothing in it.
    pub(crate) fn is_empty(&self) -> bool {
        !self.tokens.iter().any(|token| token.counts())
    }
}

/// Puts the document together.
pub(crate) fn assemble(statement: &TrustedStatement, admitted: &Admitted, nonce: &Nonce) -> Assembled {
    let stated_name = statement.full_name(&nonce.stated());
    let name = statement.full_name(&statement.last_part());
    let check_name = format!("Check_{}", nonce.0);
    let guard = format!("Guard_{}", nonce.0);

    let declared = statement.declare(&nonce.stated());
    let trusted_text = format!("{}{declared}", statement.header);
    let mut text = format!("{}{NO_LINTERS}{declared}section {guard}\n", statement.header);
    let room = count_lines(&text);
    let mut lines = Vec::new();
    if admitted.room == Room::Tactics {
        text.push_str(&format!("theorem {}{} := by\n", statement.name, statement.signature));
        // A message on the theorem's own line (goals left at its end) belongs to the candidate's beginning.
        lines.extend((room..count_lines(&text)).map(|_| (0, i64::from(u32::MAX))));
    }
    let mut moved = -admitted.lost;
    for (number, (line, indent)) in indented(admitted).enumerate() {
        text.push_str(indent);
        text.push_str(line);
        text.push('\n');
        lines.push((u32::try_from(number).unwrap_or(u32::MAX), moved + i64::from(length(indent.as_bytes()))));
        moved = 0;
    }
    for close in Scopes::read(&admitted.text, &admitted.tokens).closing() {
        text.push_str(&close);
        text.push('\n');
    }
    text.push_str(&format!("end {guard}\n"));
    let check = count_lines(&text);
    text.push_str(&format!("theorem _root_.{check_name} : type_of% @_root_.{stated_name} := @_root_.{name}\n"));
    // Each command costs Lean about as long as a short proof's line: what nobody has changed is not set again.
    if statement.header.contains("pp.") {
        text.push_str("set_option pp.all false\nset_option pp.universes false\nset_option pp.maxSteps 100000\n");
    }
    text.push_str("set_option pp.fullNames true in\n");
    let report = count_lines(&text);
    text.push_str(&format!("#print axioms _root_.{check_name}\n"));

    let header_len = statement.header.len();
    let judged = JudgedDocument { text, header_len, stated_name, check_name, trusted_text };
    Assembled { judged, room, lines, check, report }
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// Gives the candidate's lines with the blanks to be put before each. A line that begins inside a string or a quoted name
/// stays where it is, for its blanks would become part of it.
fn indented(admitted: &Admitted) -> impl Iterator<Item = (&str, &'static str)> {
    let mut inside = admitted.tokens.iter().filter(|token| {
        matches!(token.kind, TokenKind::String | TokenKind::StringPart | TokenKind::Word | TokenKind::Char)
    });
    let mut current = inside.next();
    let mut start = 0;
    let body = admitted.room == Room::Tactics;
    admitted.text.strip_suffix('\n').unwrap_or(&admitted.text).split('\n').map(move |line| {
        while current.is_some_and(|token| token.end <= start) {
            current = inside.next();
        }
        let fixed = !body || current.is_some_and(|token| token.start < start);
        start += line.len() + 1;
        (line, if fixed { "" } else { "  " })
    })
}

/// Finds a `by` at the beginning of a block, which the judge writes itself.
fn leading_by(text: &str, tokens: &[Token]) -> Vec<(usize, usize)> {
    let first = tokens.iter().find(|token| token.counts() && token.kind != TokenKind::DocComment);
    first.filter(|token| token.text(text) == "by").map(|token| (token.start, token.end)).into_iter().collect()
}

/// Puts blanks in the place of these ranges, byte for byte; line ends stay.
fn blank(text: &str, ranges: &[(usize, usize)]) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in ranges {
        blanked.push_str(text.get(at..*start).unwrap_or_default());
        let covered = text.get(*start..*end).unwrap_or_default();
        blanked.extend(covered.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        at = *end;
    }
    blanked.push_str(text.get(at..).unwrap_or_default());
    blanked
}

#[cfg(test)]
mod tests;
