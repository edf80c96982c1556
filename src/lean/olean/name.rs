//! Lean's names: dotted paths of texts and numbers.

use std::fmt;
use std::sync::Arc;

/// One part of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A text; any text, dots and line ends included.
    Text(Arc<str>),
    /// A number, as generated names have them.
    Number(u64),
}

/// A full name. Two names are equal only if they have the same parts: `«a.b»` is not `a.b`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<[Part]>);

/// A name's fingerprint: what an index of many names keeps of them.
pub(crate) type NameKey = [u8; 16];

impl Name {
    /// Gives the name without parts.
    #[must_use]
    pub fn anonymous() -> Name {
        Name(Arc::from([]))
    }

    /// Makes a name of texts: `Classical.choice` of `["Classical", "choice"]`.
    #[must_use]
    pub fn of<const PARTS: usize>(parts: [&str; PARTS]) -> Name {
        Name(parts.iter().map(|part| Part::Text(Arc::from(*part))).collect())
    }

    /// Makes a name of a text with dots and without quotes: each dot parts.
    #[must_use]
    pub fn dotted(text: &str) -> Name {
        Name(text.split('.').map(|part| Part::Text(Arc::from(part))).collect())
    }

    /// Reads a name as Lean's texts write it: dots part it, save inside `«»`.
    #[must_use]
    pub fn written(text: &str) -> Name {
        let mut parts = Vec::new();
        let mut part = String::new();
        let mut quoted = false;
        for character in text.chars() {
            match character {
                '«' if !quoted => quoted = true,
                '»' if quoted => quoted = false,
                '.' if !quoted => parts.push(std::mem::take(&mut part)),
                other => part.push(other),
            }
        }
        parts.push(part);
        Name(parts.into_iter().map(|part| Part::Text(part.into())).collect())
    }

    /// Gives the name with one more part.
    #[must_use]
    pub fn child(&self, part: Part) -> Name {
        Name(self.0.iter().cloned().chain([part]).collect())
    }

    /// Gives the parts, outermost first.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Gives the names that this one begins with, itself included, the longest first.
    pub(crate) fn beginnings(&self) -> impl Iterator<Item = Name> {
        (1..=self.0.len()).rev().filter_map(|length| self.0.get(..length)).map(|parts| Name(Arc::from(parts)))
    }

    /// Gives a fingerprint that distinguishes names.
    pub(crate) fn key(&self) -> NameKey {
        let mut hasher = blake3::Hasher::new();
        for part in self.parts() {
            match part {
                Part::Text(text) => {
                    hasher.update(&[1]).update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
                }
                Part::Number(number) => {
                    hasher.update(&[2]).update(&number.to_le_bytes());
                }
            }
        }
        let mut key = NameKey::default();
        hasher.finalize_xof().fill(&mut key);
        key
    }
}

/// Writes the name as Lean does: parts with dots between, unusual ones in `«»`; control characters are escaped.
impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("[anonymous]");
        }
        for (position, part) in self.0.iter().enumerate() {
            if position > 0 {
                formatter.write_str(".")?;
            }
            match part {
                Part::Number(number) => write!(formatter, "{number}")?,
                Part::Text(text) => {
                    let usual = |character: char| character.is_alphanumeric() || "_'!?".contains(character);
                    if !text.is_empty() && text.chars().all(usual) && !text.starts_with(|c: char| c.is_ascii_digit()) {
                        formatter.write_str(text)?;
                    } else {
                        write!(formatter, "«{}»", text.escape_debug())?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_so_that_different_ones_differ() {
        let cases = [
            (Name::of(["Classical", "choice"]), "Classical.choice"),
            (Name::of(["Classical.choice"]), "«Classical.choice»"),
            (Name::of(["a"]).child(Part::Number(1)), "a.1"),
            (Name::of(["a", "1"]), "a.«1»"),
            (Name::of(["a\nb"]), "«a\\nb»"),
            (Name::of(["h₁'"]), "h₁'"),
            (Name::of([""]), "«»"),
            (Name::anonymous(), "[anonymous]"),
        ];
        for (name, expected) in cases {
            assert_eq!(name.to_string(), expected);
        }
        assert_ne!(Name::of(["a", "b"]).key(), Name::of(["a.b"]).key());
        assert_ne!(Name::of(["a", "1"]).key(), Name::of(["a"]).child(Part::Number(1)).key());
        assert_eq!(Name::dotted("Nat.add"), Name::of(["Nat", "add"]));
        assert_eq!(Name::written("A.«b c.d».e"), Name::of(["A", "b c.d", "e"]));
    }
}
