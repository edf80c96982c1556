//! Words of a shell script that arrive as they are.

use std::ffi::OsStr;
use std::path::Path;

use super::SandboxError;

/// Quotes `text` as one word of /bin/sh.
///
/// # Errors
/// Fails for what is not UTF-8 or holds a NUL.
pub(super) fn word(text: impl AsRef<OsStr>) -> Result<String, SandboxError> {
    let text = text.as_ref();
    let plain = text.to_str().filter(|text| !text.contains('\0'));
    let plain = plain.ok_or_else(|| SandboxError::NotText { text: text.to_string_lossy().into_owned() })?;
    let tame = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:@%".contains(letter);
    if !plain.is_empty() && plain.chars().all(tame) {
        return Ok(plain.to_owned());
    }
    // Nothing is special between single quotes, line ends included.
    Ok(format!("'{}'", plain.replace('\'', r"'\''")))
}

/// A command line: quoted words with spaces between them.
#[derive(Debug, Default)]
pub(super) struct Line(String);

impl Line {
    /// Adds words that need no quotes: options and numbers of our own.
    pub(super) fn plain(&mut self, words: &str) -> &mut Line {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(words);
        self
    }

    /// Adds one quoted word.
    pub(super) fn word(&mut self, text: impl AsRef<OsStr>) -> Result<&mut Line, SandboxError> {
        let quoted = word(text)?;
        Ok(self.plain(&quoted))
    }

    /// Adds `option` and a quoted path.
    pub(super) fn option(&mut self, option: &str, path: &Path) -> Result<&mut Line, SandboxError> {
        self.plain(option).word(path)
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn a_word_arrives_as_it_is(text in "[^\0]{0,40}") {
            let script = format!("printf %s {}", word(&text).unwrap());
            let output = std::process::Command::new("/bin/sh").arg("-c").arg(script).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }

    #[test]
    fn odd_words_arrive_as_they_are() {
        for text in ["", "'", "''", "a'b\"c", "$HOME `id` \\", "line\nend\n", "-n", "*", "~", "ü 𝔸"] {
            let script = format!("printf %s {}", word(text).unwrap());
            let output = std::process::Command::new("/bin/sh").arg("-c").arg(script).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }

    #[test]
    fn a_nul_is_refused() {
        assert!(matches!(word("a\0b"), Err(SandboxError::NotText { .. })));
    }
}
