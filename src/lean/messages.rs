//! Makes our messages of the server's.

use lsp_types::Position;

use super::header::imports;
use super::position::LineIndex;
use super::wire::{DiagnosticList, WireDiagnostic};
use super::{Diagnostic, Place, Severity};

/// Reads raw lists of messages on `text`, at most `most` in all, in the order of their places; with whether there were
/// more. `None` where one is no such list.
pub(super) fn read_messages<L: AsRef<[u8]>>(lists: &[L], text: &str, most: usize) -> Option<(Vec<Diagnostic>, bool)> {
    let index = LineIndex::new(text);
    let (mut diagnostics, mut left, mut cut) = (Vec::new(), most, false);
    for list in lists {
        let list = DiagnosticList::read(list.as_ref(), left).ok()?;
        left -= list.diagnostics.len();
        cut |= list.cut;
        // Silent ones are meant for an editor's margin.
        let loud = list.diagnostics.into_iter().filter(|diagnostic| diagnostic.is_silent != Some(true));
        diagnostics.extend(loud.map(|diagnostic| message(diagnostic, &index)));
    }
    // Lean works on several declarations at once: the order in which it reports on them is accidental.
    diagnostics.sort_by(|one, other| {
        let key = |diagnostic: &Diagnostic| (diagnostic.start, diagnostic.end, diagnostic.severity as u8);
        key(one).cmp(&key(other)).then_with(|| one.message.cmp(&other.message))
    });
    Some((diagnostics, cut))
}

/// Tells whether the imports could not be loaded. Lean gives up (`fatal`) behind a comment that never ends too, which is
/// no fault of theirs; and it may say so too late, but an error before a text that begins with imports has no other cause.
pub(super) fn is_header_at_fault(diagnostics: &[Diagnostic], text: &str, fatal: bool) -> bool {
    let imports = imports(text);
    let index = LineIndex::new(imports);
    let end = index.place(Position { line: u32::MAX, character: 0 });
    let beginning = Place { line: 0, column: 0 };
    diagnostics.iter().any(|diagnostic| {
        let is_empty = diagnostic.start == beginning && diagnostic.end == beginning;
        let is_inside = diagnostic.start == beginning || diagnostic.start < end;
        diagnostic.severity == Severity::Error && (fatal && is_inside || is_empty && !imports.is_empty())
    })
}

fn message(diagnostic: WireDiagnostic, index: &LineIndex<'_>) -> Diagnostic {
    let (start, end) = index.places(diagnostic.full_range.unwrap_or(diagnostic.range));
    let severity = match diagnostic.severity {
        Some(2) => Severity::Warning,
        Some(3 | 4) => Severity::Information,
        // Without one, or with one that nobody knows, it is better taken for an error than overlooked.
        _ => Severity::Error,
    };
    let unsolved_goals = diagnostic.lean_tags.is_some_and(|tags| tags.contains(&1));
    Diagnostic { severity, start, end, message: diagnostic.message, unsolved_goals }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sorted_and_placed() {
        let text = "theorem \u{1d538} : False := by\n  skip\n";
        let list = r#"[
            {"range":{"start":{"line":1,"character":2},"end":{"line":1,"character":6}},"severity":2,"message":"b"},
            {"range":{"start":{"line":0,"character":8},"end":{"line":0,"character":26}},
             "fullRange":{"start":{"line":0,"character":11},"end":{"line":1,"character":6}},
             "severity":1,"leanTags":[1],"message":"unsolved goals\n⊢ False","source":"Lean 4"},
            {"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":7}},"severity":3,"isSilent":true,
             "leanTags":[2],"message":"Goals accomplished!"},
            {"range":{"start":{"line":0,"character":0},"end":{"line":9,"character":9}},"message":"odd"}
        ]"#;
        let (messages, cut) = read_messages(&["[]", list], text, 9).unwrap();
        let said: Vec<_> =
            messages.iter().map(|one| (one.severity, one.start.line, one.start.column, &*one.message)).collect();
        assert_eq!(
            said,
            [
                (Severity::Error, 0, 0, "odd"),
                (Severity::Error, 0, 13, "unsolved goals\n⊢ False"),
                (Severity::Warning, 1, 2, "b"),
            ]
        );
        assert_eq!((messages[0].end, messages[1].end), (Place { line: 2, column: 0 }, Place { line: 1, column: 6 }));
        assert_eq!((cut, messages[1].unsolved_goals, messages[2].unsolved_goals), (false, true, false));
        for (lists, most, expected) in
            [(&[list][..], 2, (2, true)), (&[list, list], 8, (6, false)), (&[list, list], 4, (3, true))]
        {
            let read = read_messages(lists, text, most).map(|(messages, cut)| (messages.len(), cut));
            assert_eq!(read, Some(expected), "{most}");
        }
        assert_eq!(read_messages(&[list, "["], text, 9), None);
    }

    #[test]
    fn only_the_imports_make_a_header_fail() {
        let error = |(line, column), (last, to)| Diagnostic {
            severity: Severity::Error,
            start: Place { line, column },
            end: Place { line: last, column: to },
            message: String::new(),
            unsolved_goals: false,
        };
        let text = "import A\nimport B\n/- never";
        for (diagnostic, text, fatal, expected) in [
            (error((0, 0), (0, 0)), text, true, true),
            (error((0, 0), (0, 0)), text, false, true),
            (error((1, 0), (1, 8)), text, true, true),
            (error((1, 0), (1, 8)), text, false, false),
            (error((2, 8), (2, 8)), text, true, false),
            (error((0, 0), (0, 0)), "theorem", true, true),
            (error((0, 0), (0, 0)), "\u{feff}", false, false),
        ] {
            assert_eq!(
                is_header_at_fault(std::slice::from_ref(&diagnostic), text, fatal),
                expected,
                "{diagnostic:?} {text} {fatal}"
            );
            let warning = Diagnostic { severity: Severity::Warning, ..diagnostic };
            assert!(!is_header_at_fault(&[warning], text, fatal));
        }
    }
}
