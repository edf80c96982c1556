//! Sentences that provers were trained to be asked with: handed in by the user, verified, or put in our own words.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::spec::KnownRequest;

/// Files past this size hold no sentences.
const MAX_BYTES: u64 = 1 << 20;

#[expect(clippy::expect_used, reason = "a fixed text, parsed in every test run")]
static KNOWN: LazyLock<BTreeMap<String, KnownRequest>> =
    LazyLock::new(|| toml::from_str(include_str!("../preset/requests.toml")).expect("our own file is valid"));

/// Puts texts in the place of the names in a preset's `requests`; `file` holds those that the user has. Gives a sentence
/// where a name is unknown, the file is broken, or a text is not the one that its name stands for.
pub(in crate::strategy) fn resolve(prover: &mut toml::Table, file: Option<&Path>) -> Result<(), String> {
    let given = file.map(read).transpose()?.unwrap_or_default();
    // A stored or a user's form may hold the texts themselves.
    let Some(toml::Value::Array(names)) = prover.get("requests") else {
        return match file {
            Some(_) => Err("the form names no requests that a file of triggers could fill".to_owned()),
            None => Ok(()),
        };
    };
    let mut requests = toml::Table::new();
    for name in names {
        let name = name.as_str().ok_or("requests is a list of names")?;
        let known = KNOWN.get(name).ok_or_else(|| {
            let known: Vec<&str> = KNOWN.keys().map(String::as_str).collect();
            format!("requests names {name:?}; known are {}", known.join(", "))
        })?;
        let (text, trained) = match given.get(name) {
            Some(text) => (text.clone(), true),
            None => (known.own.clone(), false),
        };
        let mut request = toml::Table::new();
        request.insert("text".to_owned(), toml::Value::String(text));
        request.insert("trained".to_owned(), toml::Value::Boolean(trained));
        requests.insert(name.to_owned(), toml::Value::Table(request));
    }
    prover.insert("requests".to_owned(), toml::Value::Table(requests));
    Ok(())
}

/// Reads the user's sentences and verifies each.
fn read(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let shown = path.display();
    let fail = |reason: String| format!("could not read the triggers {shown}: {reason}");
    let size = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if size > MAX_BYTES {
        return Err(fail(format!("{size} bytes, at most {MAX_BYTES} are read")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    let given: BTreeMap<String, String> = toml::from_str(&text).map_err(|error| fail(error.to_string()))?;
    for (name, text) in &given {
        let known = KNOWN.get(name).ok_or_else(|| {
            let known: Vec<&str> = KNOWN.keys().map(String::as_str).collect();
            fail(format!("nothing is known of {name:?}; known are {}", known.join(", ")))
        })?;
        verify(known, text).map_err(|reason| fail(format!("{name}: {reason}")))?;
    }
    Ok(given)
}

fn verify(known: &KnownRequest, text: &str) -> Result<(), String> {
    if text.len() != known.bytes {
        return Err(format!("it has {} bytes, the trained sentence has {}", text.len(), known.bytes));
    }
    let hash: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let begins = hash.get(..known.sha256.len()).unwrap_or_default();
    if begins != known.sha256 {
        return Err(format!("its SHA-256 begins with {begins}, that of the trained sentence with {}", known.sha256));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_taken_by_length_and_hash_only() {
        let known = KnownRequest { bytes: 3, sha256: "ba7816bf8f01".to_owned(), own: String::new() };
        assert_eq!(verify(&known, "abc"), Ok(()));
        assert!(verify(&known, "abcd").unwrap_err().contains("4 bytes, the trained sentence has 3"));
        assert!(verify(&known, "abd").unwrap_err().contains("that of the trained sentence with ba7816bf8f01"));
    }

    #[test]
    fn our_own_wordings_are_not_the_trained_ones() {
        for (name, known) in KNOWN.iter() {
            assert!(!known.own.trim().is_empty() && verify(known, &known.own).is_err(), "{name}");
            assert_eq!(known.sha256.len(), 12, "{name}");
        }
    }
}
