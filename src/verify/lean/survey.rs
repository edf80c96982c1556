//! Looks over a Lean file that comes without a trusted statement: what it declares, what of it compiles, and which axioms
//! its theorems rest on. Nothing here is ever called proved.

use tokio_util::sync::CancellationToken;

use super::document::newlines;
use super::judge::infrastructure;
use super::lexer::{Token, TokenKind, lex};
use super::scope::Scopes;
use super::{LeanJudge, sentinel};
use crate::lean::{CheckEnd, Diagnostic, Document, Place, Severity, imports};
use crate::verify::VerifyError;

/// Keywords of what is declared.
const KINDS: [&str; 12] = [
    "theorem",
    "lemma",
    "def",
    "abbrev",
    "example",
    "instance",
    "inductive",
    "structure",
    "class",
    "axiom",
    "opaque",
    "coinductive",
];

/// A declaration of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its keyword (`theorem`, `def`, …).
    pub kind: String,
    /// Its full name; none for an `example` or an `instance` without a name.
    pub name: Option<String>,
    /// Where its keyword stands.
    pub place: Place,
    /// Whether Lean reports no error between it and the next declaration.
    pub compiles: bool,
    /// Full names of the axioms that it rests on, where it is a theorem and Lean reports them; `sorryAx` stands for a
    /// proof not given.
    pub axioms: Option<Vec<String>>,
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// How the check ended; only [`CheckEnd::Finished`] says that the rest is complete.
    pub end: CheckEnd,
    /// Its declarations in their order.
    pub declarations: Vec<Declaration>,
    /// Lean's messages.
    pub diagnostics: Vec<Diagnostic>,
    /// Milliseconds of the check.
    pub check_ms: f64,
}

impl Survey {
    /// Tells whether Lean reads the whole file without an error.
    #[must_use]
    pub fn compiles(&self) -> bool {
        self.end == CheckEnd::Finished && !self.diagnostics.iter().any(|one| one.severity == Severity::Error)
    }
}

impl LeanJudge {
    /// Looks over a file.
    ///
    /// # Errors
    /// There is no Lean to ask.
    pub async fn survey(&self, file: &str, cancel: &CancellationToken) -> Result<Survey, VerifyError> {
        let mut text = newlines(file.strip_prefix('\u{feff}').unwrap_or(file));
        if !text.ends_with('\n') {
            text.push('\n');
        }
        // Lean itself will say what is wrong with a text that cannot be read to its end.
        let readable = lex(&text).map_or_else(|fault| fault.offset, |_| text.len());
        let tokens = text.get(..readable).and_then(|beginning| lex(beginning).ok()).unwrap_or_default();
        let mut declarations = declarations(&text, &tokens);
        if readable == text.len() {
            for close in Scopes::read(&text, &tokens).closing() {
                text.push_str(&close);
                text.push('\n');
            }
        }
        let own_lines = line_count(&text);
        text.push_str("set_option pp.fullNames true\nset_option pp.all false\nset_option pp.universes false\n");
        let first_report = line_count(&text);
        let asked: Vec<usize> = asked(&declarations);
        for name in asked.iter().filter_map(|index| declarations.get(*index)?.name.as_deref()) {
            text.push_str(&format!("#print axioms _root_.{name}\n"));
        }
        let header_len = imports(&text).len();
        let header_len =
            text.get(header_len..).and_then(|rest| rest.find('\n')).map_or(header_len, |at| header_len + at + 1);
        let (header, body) = text.split_at_checked(header_len).unwrap_or(("", &text));
        let document = Document { header: header.to_owned(), body: body.to_owned() };
        let checked = self.pool().check(&document, self.settings().deadline, cancel).await.map_err(infrastructure)?;

        let is_error_in = |from: Place, to: Place| {
            move |one: &Diagnostic| one.severity == Severity::Error && from <= one.start && one.start < to
        };
        let places: Vec<Place> = declarations.iter().map(|declaration| declaration.place).collect();
        for (index, declaration) in declarations.iter_mut().enumerate() {
            let next = places.get(index + 1).copied().unwrap_or(Place { line: own_lines, column: 0 });
            let wrong = checked.diagnostics.iter().any(is_error_in(declaration.place, next));
            declaration.compiles = checked.end == CheckEnd::Finished && !wrong;
            let line = asked.iter().position(|one| *one == index).and_then(|at| u32::try_from(at).ok());
            // Of a name that is declared twice Lean reports on the first.
            let Some(line) = line.filter(|_| declaration.compiles) else { continue };
            let reports = checked.diagnostics.iter().filter(|one| one.start.line == first_report + line);
            declaration.axioms = reports.filter_map(|one| sentinel::any_axioms(&one.message)).next();
        }
        let diagnostics = checked.diagnostics.into_iter().filter(|one| one.start.line < own_lines).collect();
        let check_ms = checked.wall.as_secs_f64() * 1000.0;
        Ok(Survey { end: checked.end, declarations, diagnostics, check_ms })
    }
}

/// Gives the declarations whose axioms are asked for.
fn asked(declarations: &[Declaration]) -> Vec<usize> {
    let wanted = |(index, one): (usize, &Declaration)| {
        (matches!(one.kind.as_str(), "theorem" | "lemma") && one.name.is_some()).then_some(index)
    };
    declarations.iter().enumerate().filter_map(wanted).collect()
}

fn line_count(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

fn declarations(text: &str, tokens: &[Token]) -> Vec<Declaration> {
    let mut found = Vec::new();
    let (mut line, mut line_start, mut passed) = (0_u32, 0_usize, 0_usize);
    let seen: Vec<Token> = tokens.iter().copied().filter(|token| token.counts()).collect();
    let mut scopes = Scopes::default();
    let mut open = 0_usize;
    let word_at = |index: usize| seen.get(index).map_or("", |token| token.text(text));
    for (index, token) in seen.iter().enumerate() {
        for (at, _) in text.get(passed..token.start).unwrap_or_default().match_indices('\n') {
            line += 1;
            line_start = passed + at + 1;
        }
        passed = token.start;
        scopes.step(text, *token, seen.get(index + 1).copied());
        let word = token.text(text);
        if token.kind == TokenKind::Symbol {
            open = (open + word.matches('(').count()).saturating_sub(word.matches(')').count());
        }
        // What a macro quotes in brackets is no declaration; in the first column a bracket was forgotten.
        if open > 0 && token.start > line_start {
            continue;
        }
        // `class inductive`, `deriving instance` and `attribute [instance]` declare nothing with one of the words.
        let before = index.checked_sub(1).map_or("", word_at);
        let half = word == "class" && word_at(index + 1) == "inductive";
        if token.kind != TokenKind::Word || !KINDS.contains(&word) || half || matches!(before, "deriving" | "[" | ",") {
            continue;
        }
        let next = seen.get(index + 1).filter(|next| next.kind == TokenKind::Word && word != "example");
        let name = next.map(|next| next.text(text));
        let name = name.map(|name| match name.strip_prefix("_root_.") {
            Some(rooted) => rooted.to_owned(),
            None => scopes.namespace().chain([name]).collect::<Vec<_>>().join("."),
        });
        let column = u32::try_from(token.start - line_start).unwrap_or(u32::MAX);
        let place = Place { line, column };
        found.push(Declaration { kind: word.to_owned(), name, place, compiles: false, axioms: None });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_found_with_full_names_and_places() {
        let text = "-- theorem x\ntheorem a : True := trivial\nnamespace B.C\n  @[simp] private lemma «d e» : True := trivial\n\
            attribute [instance] a\nend B.C\ninstance : Inhabited Nat := ⟨0⟩\nexample : True := trivial\n\
            theorem _root_.f : True := trivial\nclass inductive G\n\
            macro \"m\" : command => `(command| theorem h : True := trivial)\nexample : (True\ndef k := 1\n";
        let tokens = lex(text).unwrap();
        let found: Vec<(String, Option<String>, u32, u32)> = declarations(text, &tokens)
            .into_iter()
            .map(|one| (one.kind, one.name, one.place.line, one.place.column))
            .collect();
        let one =
            |kind: &str, name: Option<&str>, line, column| (kind.to_owned(), name.map(str::to_owned), line, column);
        let expected = [
            one("theorem", Some("a"), 1, 0),
            one("lemma", Some("B.C.«d e»"), 3, 18),
            one("instance", None, 6, 0),
            one("example", None, 7, 0),
            one("theorem", Some("f"), 8, 0),
            one("inductive", Some("G"), 9, 6),
            one("example", None, 11, 0),
            one("def", Some("k"), 12, 0),
        ];
        assert_eq!(found, expected);
    }
}
