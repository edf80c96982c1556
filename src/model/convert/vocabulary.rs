//! A BERT vocabulary, out of `vocab.txt` or `tokenizer.json`, in the form of GGUF files: pieces that go on in a word are
//! bare, pieces that begin one have U+2581 in front.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;

use super::config::read_tokenizer;
use super::{Fault, read_bounded};

/// Entries in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vocabulary {
    pub(super) texts: Vec<String>,
    pub(super) kinds: Vec<i32>,
    /// Ids of special entries, by their names in GGUF files.
    pub(super) special: Vec<(&'static str, u32)>,
}

const LONGEST: u64 = 64 << 20;
const MOST: usize = 1 << 20;
const NORMAL: i32 = 1;
const CONTROL: i32 = 3;
/// Special entries; `seperator` is how the format spells it.
const SPECIAL: [(&str, &[&str]); 5] = [
    ("[CLS]", &["bos", "cls"]),
    ("[SEP]", &["eos", "seperator"]),
    ("[PAD]", &["padding"]),
    ("[UNK]", &["unknown"]),
    ("[MASK]", &["mask"]),
];

pub(super) fn read(folder: &Path) -> Result<Vocabulary, Fault> {
    let path = folder.join("vocab.txt");
    if let Some(bytes) = read_bounded(&path, LONGEST)? {
        let text = String::from_utf8(bytes).map_err(|_| Fault::new(&path, "it is not UTF-8"))?;
        return build(text.lines().map(str::to_owned).collect()).map_err(|reason| Fault::new(&path, reason));
    }
    let path = folder.join("tokenizer.json");
    let Some(tokenizer) = read_tokenizer(folder)? else {
        return Err(Fault::new(folder, "there is no vocab.txt and no tokenizer.json in it"));
    };
    of_tokenizer(&tokenizer).and_then(build).map_err(|reason| Fault::new(&path, reason))
}

/// Gives the entries of a `tokenizer.json` in the order of their ids.
fn of_tokenizer(tokenizer: &Value) -> Result<Vec<String>, String> {
    let model = tokenizer.get("model").ok_or("it holds no model")?;
    let kind = model.get("type").and_then(Value::as_str).unwrap_or("of no type");
    if kind != "WordPiece" {
        return Err(format!("its model is {kind}, only WordPiece is converted"));
    }
    let prefix = model.get("continuing_subword_prefix").and_then(Value::as_str).unwrap_or("##");
    if prefix != "##" {
        return Err(format!("its pieces go on with {prefix:?}, only ## is converted"));
    }
    let entries = model.get("vocab").and_then(Value::as_object).ok_or("its model holds no vocabulary")?;
    let mut texts = vec![None; entries.len()];
    for (text, id) in entries {
        let id = id.as_u64().and_then(|id| usize::try_from(id).ok());
        let place = id.and_then(|id| texts.get_mut(id)).filter(|place| place.is_none());
        *place.ok_or_else(|| format!("the id of {text:?} is no id of its own"))? = Some(text.clone());
    }
    texts.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| "its ids have gaps".to_owned())
}

fn build(texts: Vec<String>) -> Result<Vocabulary, String> {
    if texts.len() > MOST {
        return Err(format!("it has {} entries, at most {MOST} are read", texts.len()));
    }
    let mut special = Vec::new();
    for (text, names) in SPECIAL {
        let id = texts.iter().position(|entry| entry == text).and_then(|id| u32::try_from(id).ok());
        match id {
            Some(id) => special.extend(names.iter().map(|name| (*name, id))),
            None if text == "[MASK]" => {}
            None => return Err(format!("it has no entry {text}")),
        }
    }
    let is_special = |text: &str| SPECIAL.iter().any(|(special, _)| *special == text);
    let kinds = texts.iter().map(|text| if is_special(text) { CONTROL } else { NORMAL }).collect();
    let written: Vec<String> = texts.iter().map(|text| write(text)).collect();
    let mut seen = HashSet::with_capacity(written.len());
    for (id, text) in written.iter().enumerate() {
        if text.is_empty() || text == "\u{2581}" {
            return Err(format!("its entry {id} is empty"));
        }
        if !seen.insert(text.as_str()) {
            return Err(format!("its entry {id} is there twice"));
        }
    }
    Ok(Vocabulary { texts: written, kinds, special })
}

fn write(text: &str) -> String {
    match text.strip_prefix("##") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ if text.len() > 2 && text.starts_with('[') && text.ends_with(']') => text.to_owned(),
        _ => format!("\u{2581}{text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIALS: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    fn built(more: &[&str]) -> Result<Vocabulary, String> {
        build(SPECIALS.iter().chain(more).map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn pieces_are_written_as_the_format_wants_them() {
        let vocabulary = built(&["the", "##ing", "##", "#", "[unused7]", "[", "]", "[]", "\u{4e2d}"]).expect("built");
        let expected = ["\u{2581}the", "ing", "\u{2581}##", "\u{2581}#", "[unused7]", "\u{2581}[", "\u{2581}]"];
        assert_eq!(vocabulary.texts.get(5..12), Some(&expected.map(str::to_owned)[..]));
        assert_eq!(vocabulary.kinds[..6], [3, 3, 3, 3, 3, 1]);
        let special =
            [("bos", 2), ("cls", 2), ("eos", 3), ("seperator", 3), ("padding", 0), ("unknown", 1), ("mask", 4)];
        assert_eq!(vocabulary.special, special);
    }

    #[test]
    fn a_vocabulary_that_is_none_is_refused() {
        let fails = |texts: Result<Vocabulary, String>, part: &str| {
            let reason = texts.expect_err(part);
            assert!(reason.contains(part), "{reason}");
        };
        fails(built(&["a", "b", "a"]), "entry 7 is there twice");
        fails(built(&["\u{2581}a", "##\u{2581}\u{2581}a"]), "entry 6 is there twice");
        fails(built(&["a", ""]), "entry 6 is empty");
        fails(build(vec!["[CLS]".to_owned()]), "no entry [SEP]");
    }

    #[test]
    fn a_tokenizer_file_gives_the_same_entries() {
        let file = |model: &str| of_tokenizer(&serde_json::from_str(model).expect("JSON"));
        let texts = file(r###"{"model": {"type": "WordPiece", "vocab": {"##b": 1, "a": 0}}}"###);
        assert_eq!(texts, Ok(vec!["a".to_owned(), "##b".to_owned()]));
        let fails = |model: &str, part: &str| {
            let reason = file(model).expect_err(part);
            assert!(reason.contains(part), "{reason}");
        };
        fails("{}", "no model");
        fails(r#"{"model": {"type": "BPE"}}"#, "its model is BPE");
        fails(r#"{"model": {"type": "WordPiece", "continuing_subword_prefix": "@"}}"#, "go on with");
        fails(r#"{"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 0}}}"#, "no id of its own");
        fails(r#"{"model": {"type": "WordPiece", "vocab": {"a": 18446744073709551615}}}"#, "no id of its own");
        fails(r#"{"model": {"type": "WordPiece", "vocab": {"a": -1}}}"#, "no id of its own");
    }
}
