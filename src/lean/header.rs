//! Where the imports of a text end: texts with equal imports can share a worker, others cannot.

/// Gives the part of a text up to the end of its last import: comments, `module`, `prelude` and the imports. Empty
/// where there is none of them. What it does not understand ends it.
#[must_use]
pub fn imports(text: &str) -> &str {
    let mut end = 0;
    let mut rest = Scanner { text, at: 0 };
    loop {
        rest.skip_blank();
        let Some(word) = rest.word() else { break };
        match word {
            "module" | "prelude" if end == 0 || text.get(..end).is_some_and(|before| !before.contains("import")) => {}
            "public" | "meta" | "private" => continue,
            "import" => {
                rest.skip_blank();
                match rest.word() {
                    Some("all" | "runtime") => {
                        rest.skip_blank();
                        if rest.word().is_none() {
                            break;
                        }
                    }
                    Some(_) => {}
                    None => break,
                }
            }
            _ => break,
        }
        end = rest.at;
    }
    text.get(..end).unwrap_or_default()
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over white space and comments.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            if blank > 0 {
                self.at += blank;
            } else if rest.starts_with("--") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/-") && !rest.starts_with("/--") && !rest.starts_with("/-!") {
                let Some(length) = block_comment(rest) else { return };
                self.at += length;
            } else {
                return;
            }
        }
    }

    /// Takes a word: a keyword or a module's name.
    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let mut quoted = false;
        let end = rest.find(|character: char| {
            quoted = match character {
                '«' => true,
                '»' => false,
                _ => quoted,
            };
            !(quoted
                || character == '»'
                || character == '.'
                || character == '_'
                || character == '\''
                || character.is_alphanumeric())
        });
        let word = rest.get(..end.unwrap_or(rest.len())).filter(|word| !word.is_empty())?;
        self.at += word.len();
        Some(word)
    }
}

/// Gives the length of the comment that a text begins with, nested ones included; `None` where it does not end.
fn block_comment(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(pair) = bytes.get(at..at + 2) {
        match pair {
            b"/-" => {
                depth += 1;
                at += 2;
            }
            b"-/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn imports_end_where_commands_begin() {
        for (text, expected) in [
            ("", ""),
            ("import Init\nopen Nat\n", "import Init"),
            ("import A.B\n\nimport C\n\n-- more\ntheorem x : True := trivial", "import A.B\n\nimport C"),
            (
                "-- a file\n/- of /- nested -/ notes -/\nimport A\ndef x := 1",
                "-- a file\n/- of /- nested -/ notes -/\nimport A",
            ),
            ("module\n\npublic import A\nmeta import all B\n@[x] def", "module\n\npublic import A\nmeta import all B"),
            ("prelude\nset_option x true", "prelude"),
            ("prelude import A\n", "prelude import A"),
            ("import «A b».C\nopen X", "import «A b».C"),
            ("theorem x : True := trivial\nimport A", ""),
            ("/-! docs -/ import A", ""),
            ("/- never closed import A", ""),
            ("import", ""),
            ("public theorem x", ""),
        ] {
            assert_eq!(imports(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_imports(text in "(import |module |/-|-/|--|\n|A\\.B |«|\\PC){0,20}") {
            prop_assert!(text.starts_with(imports(&text)));
        }
    }
}
