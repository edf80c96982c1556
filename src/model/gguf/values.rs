//! The values of a header, as far as anything is decided by them: numbers, short texts, short arrays of numbers, and
//! what is to be known of the vocabulary.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;

use super::reader::{ArrayHead, Fault, I32, Number, Reader, TEXT, Value};

/// An array; its numbers are kept where it is short.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    pub(super) kind: u32,
    pub(super) length: u64,
    pub(super) numbers: Option<Vec<Number>>,
}

/// What is known of the vocabulary's entries.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) length: u64,
    /// The first entry whose text is that of an earlier one.
    pub(super) twice: Option<u64>,
    /// For each entry, whether it is written as a byte (`<0x0A>`).
    pub(super) is_byte: Vec<bool>,
    /// Bytes for which some entry stands, written as a byte or as it is.
    pub(super) bytes: BTreeSet<u8>,
}

#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) texts: BTreeMap<String, String>,
    pub(super) numbers: BTreeMap<String, Number>,
    pub(super) arrays: BTreeMap<String, Array>,
    pub(super) tokens: Option<Tokens>,
    /// Kinds of the vocabulary's entries.
    pub(super) token_kinds: Vec<i32>,
    pub(super) tokenizer: BTreeMap<String, blake3::Hash>,
    keys: HashSet<String>,
}

/// Values are kept up to this length; longer ones are passed over.
const LONGEST_TEMPLATE: usize = 1 << 20;
const LONGEST_TEXT: usize = 4096;
const LONGEST_TOKEN: usize = 1 << 16;
const LONGEST_ARRAY: u64 = 1024;
const MOST_TOKENS: u64 = 1 << 22;
/// Values that decide which ids a text gets. Special ids and switches that a caller sets are no part of it.
const TOKENIZER_KEYS: [&str; 11] = [
    "model",
    "pre",
    "tokens",
    "token_type",
    "scores",
    "merges",
    "add_space_prefix",
    "remove_extra_whitespaces",
    "precompiled_charsmap",
    "normalizer.lowercase",
    "normalizer.strip_accents",
];
const TEMPLATE: &str = "tokenizer.chat_template";

impl Values {
    pub(super) fn read<R: Read>(&mut self, reader: &mut Reader<R>) -> Result<(), Fault> {
        let key = reader.key()?;
        if !self.keys.insert(key.clone()) {
            return Err(Fault(format!("its header is damaged: two values are named {key:?}")));
        }
        let tokenizer = key.strip_prefix("tokenizer.ggml.").filter(|key| TOKENIZER_KEYS.contains(key));
        if tokenizer.is_some() {
            reader.start_hash();
        }
        let limit = if key == TEMPLATE { LONGEST_TEMPLATE } else { LONGEST_TEXT };
        let place = |fault: Fault| Fault(format!("{}, in the value of {key:?}", fault.0));
        let value = reader.value(limit).map_err(place)?;
        if let Value::Array(head) = value {
            self.read_array(reader, &key, head).map_err(place)?;
        }
        if let (Some(name), Some(hash)) = (tokenizer, reader.end_hash()) {
            self.tokenizer.insert(name.to_owned(), hash);
        }
        match value {
            Value::Text(text) => drop(self.texts.insert(key, text)),
            Value::Number(number) => drop(self.numbers.insert(key, number)),
            Value::LongText if key == TEMPLATE => return Err(Fault::new("its chat template is longer than 1 MiB")),
            Value::LongText | Value::Array(_) => {}
        }
        Ok(())
    }

    fn read_array<R: Read>(&mut self, reader: &mut Reader<R>, key: &str, head: ArrayHead) -> Result<(), Fault> {
        let ArrayHead { kind, length } = head;
        let mut numbers = None;
        if key == "tokenizer.ggml.tokens" && kind == TEXT {
            self.tokens = Some(Tokens::read(reader, length)?);
        } else if key == "tokenizer.ggml.token_type" && kind == I32 && length <= MOST_TOKENS {
            for _ in 0..length {
                self.token_kinds.push(i32::from_le_bytes(reader.array()?));
            }
        } else if kind != TEXT && length <= LONGEST_ARRAY {
            numbers = Some((0..length).map(|_| reader.number(kind)).collect::<Result<Vec<_>, _>>()?);
        } else {
            reader.skip_array(head)?;
        }
        self.arrays.insert(key.to_owned(), Array { kind, length, numbers });
        Ok(())
    }

    /// Gives a whole number that is not negative.
    pub(super) fn whole(&self, key: &str) -> Option<u64> {
        self.numbers.get(key).and_then(|number| number.whole())
    }

    /// Gives entries of the vocabulary.
    pub(super) fn vocabulary_size(&self) -> u64 {
        self.arrays.get("tokenizer.ggml.tokens").map_or(0, |array| array.length)
    }

    pub(super) fn alignment(&self) -> Result<u64, Fault> {
        match self.numbers.get("general.alignment").map(|number| number.whole()) {
            None => Ok(32),
            // Below 32 llama.cpp's vectors would read across tensors that are not aligned for them.
            Some(Some(alignment)) if alignment.is_power_of_two() && (32..=1 << 20).contains(&alignment) => {
                Ok(alignment)
            }
            Some(_) => Err(Fault::new("its alignment is damaged")),
        }
    }
}

impl Tokens {
    fn read<R: Read>(reader: &mut Reader<R>, length: u64) -> Result<Tokens, Fault> {
        if length > MOST_TOKENS {
            return Err(Fault(format!("its vocabulary has {length} entries, at most {MOST_TOKENS} are read")));
        }
        let mut tokens = Tokens { length, ..Tokens::default() };
        let mut seen = HashSet::new();
        for index in 0..length {
            let text = reader.text_bytes(LONGEST_TOKEN)?;
            let text = text.ok_or_else(|| Fault(format!("entry {index} of its vocabulary is too long")))?;
            // llama.cpp gives an empty entry this name.
            let text = if text.is_empty() { format!("[EMPTY_{index}]").into_bytes() } else { text };
            let byte = written_byte(&text);
            tokens.is_byte.push(byte.is_some());
            let bare = if let [single] = text.as_slice() { Some(*single) } else { None };
            if let Some(byte) = byte.or(bare) {
                tokens.bytes.insert(byte);
            }
            let hash = blake3::hash(&text);
            // Half a hash: two entries that differ are never taken for the same.
            let short: [u8; 16] = hash.as_bytes().first_chunk().copied().unwrap_or_default();
            if !seen.insert(short) && tokens.twice.is_none() {
                tokens.twice = Some(index);
            }
        }
        Ok(tokens)
    }
}

/// Gives the byte that an entry like `<0x0A>` stands for.
fn written_byte(text: &[u8]) -> Option<u8> {
    let digits = text.strip_prefix(b"<0x")?.strip_suffix(b">")?;
    let digits = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 2 && !digits.starts_with('+'))?;
    // llama.cpp looks for capital letters.
    if digits.bytes().any(|digit| digit.is_ascii_lowercase()) {
        return None;
    }
    u8::from_str_radix(digits, 16).ok()
}
