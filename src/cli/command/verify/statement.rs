//! Takes a trusted statement apart: what stands before the theorem, and the theorem up to its `:= by sorry`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use stepproof::problem::FormalStatement;

/// Attributes and modifiers say nothing of what is proved, so the theorem begins at its keyword.
static THEOREM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let modifiers = "private|protected|noncomputable|nonrec|public|local|scoped|unsafe|partial";
    Regex::new(&format!(r"(?m)^[ \t]*(?:@\[[^\]]*\]\s*|(?:{modifiers})\s+)*(theorem|lemma)\b")).ok()
});
static END: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r":=\s*(?:by\s+)?sorry\s*$").ok());

/// Takes a statement apart. `header` stands before whatever `text` holds before its theorem.
///
/// # Errors
/// The text holds no theorem, or does not end in `:= by sorry`.
pub(super) fn split(header: &str, text: &str) -> Result<FormalStatement, String> {
    // Both patterns are constants.
    let (Some(theorem), Some(end)) = (&*THEOREM, &*END) else { return Err("the pattern is broken".to_owned()) };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Masked { text: masked, documents } = mask(text);
    let Some(found) = theorem.captures_iter(&masked).last() else { return Err("holds no theorem".to_owned()) };
    let (start, keyword) = (found.get(0).map_or(0, |all| all.start()), found.get(1).map_or(0, |word| word.start()));
    let Some(tail) = end.find(&masked) else { return Err("does not end in `:= by sorry`".to_owned()) };
    // A documentation comment belongs to what follows it, and would be an error at the header's end.
    let own = masked.get(..start).map_or(0, |before| before.trim_end().len());
    let start = documents
        .iter()
        .filter(|document| document.end <= start && own <= document.start)
        .map(|document| document.start)
        .min()
        .unwrap_or(start);
    let (Some(before), Some(theorem)) = (text.get(..start), text.get(keyword..tail.start())) else {
        return Err("holds no theorem".to_owned());
    };
    if masked.get(..start).is_some_and(|before| before.split_whitespace().next_back() == Some("in")) {
        return Err("has `… in` before its theorem; make it a command of its own".to_owned());
    }
    Ok(FormalStatement { header: joined(header, before), theorem: format!("{} := by sorry", theorem.trim_end()) })
}

/// Joins two parts of a header; the result ends with a line end, or is empty.
fn joined(first: &str, second: &str) -> String {
    let parts = [first, second].map(str::trim_end);
    let mut header = String::new();
    for part in parts.into_iter().filter(|part| !part.trim().is_empty()) {
        header.push_str(part);
        header.push('\n');
    }
    header
}

/// A text with its comments and strings blanked out; places are the same as before.
struct Masked {
    text: String,
    /// Where documentation comments stand.
    documents: Vec<Range<usize>>,
}

fn mask(text: &str) -> Masked {
    let (mut masked, mut documents) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/-") => {
                let length = block(rest);
                if rest.starts_with("/--") {
                    documents.push(masked.len()..masked.len() + length);
                }
                length
            }
            '"' => string(rest),
            _ => 0,
        };
        let (hidden, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        masked.extend(hidden.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        rest = after;
        if length == 0 {
            masked.push(letter);
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        }
    }
    Masked { text: masked, documents }
}

/// Gives the length of a comment that may hold others.
fn block(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/-") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("-/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Gives the length of a string with its quotes.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_statement_has_a_header_and_a_theorem() {
        let cases = [
            ("", "theorem t : True := by sorry", "", "theorem t : True := by sorry"),
            (
                "",
                "import Init\n\ntheorem t : True :=\n  by\n  sorry\n\n",
                "import Init\n",
                "theorem t : True := by sorry",
            ),
            ("import Init", "lemma t : True := sorry", "import Init\n", "lemma t : True := by sorry"),
            ("import A\n\n", "open B\ntheorem t : C := by sorry", "import A\nopen B\n", "theorem t : C := by sorry"),
            (
                "",
                "def d := 1\n/-- says theorem x -/\n@[simp] private\ntheorem t : d = 1 := by sorry -- end",
                "def d := 1\n",
                "theorem t : d = 1 := by sorry",
            ),
            (
                "",
                "-- theorem a\n/- theorem b /- -/ -/\ntheorem t : \"theorem\" = x := by sorry",
                "-- theorem a\n/- theorem b /- -/ -/\n",
                "theorem t : \"theorem\" = x := by sorry",
            ),
            (
                "",
                "theorem a : True := trivial\ntheorem ä : a = 1 := by sorry",
                "theorem a : True := trivial\n",
                "theorem ä : a = 1 := by sorry",
            ),
        ];
        for (header, text, expected, theorem) in cases {
            let statement = split(header, text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!((statement.header.as_str(), statement.theorem.as_str()), (expected, theorem), "{text:?}");
        }
        let mistakes = [
            ("", "holds no theorem"),
            ("def d := 1", "holds no theorem"),
            ("theorem t : True := by trivial", "does not end in"),
            ("theorem t : True := by sorry\n#eval 1", "does not end in"),
            ("open A in\ntheorem t : True := by sorry", "make it a command of its own"),
            ("/- theorem t : True := by sorry", "holds no theorem"),
        ];
        for (text, part) in mistakes {
            assert!(split("", text).unwrap_err().contains(part), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at(text in "(?s)([-/\"\\\\ \n]|theorem t|:= by sorry|é|in|@\\[a\\]){0,30}") {
            let masked = mask(&text);
            prop_assert_eq!(masked.text.len(), text.len());
            let _ = split("", &text);
        }
    }
}
