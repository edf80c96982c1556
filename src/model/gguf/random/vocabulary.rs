//! Tokenizers for random models: bytes with a few merges, and letters for embedders. Any text can be read by both.

use super::super::write::{GgufArray, GgufValue, GgufWriter};

/// Fewest entries of a vocabulary.
pub(super) const LEAST: u32 = 300;

const NORMAL: i32 = 1;
const CONTROL: i32 = 3;
const SPECIAL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/// Frequent pairs in English; the first of some is a space.
const PAIRS: [&str; 41] = [
    " t", " a", "th", "he", "in", "er", "an", "re", "on", "at", "en", "nd", "ti", "es", "or", "te", "of", "ed", "is",
    "it", "al", "ar", "st", "to", "nt", "ng", "se", "ha", "as", "ou", "io", "le", "ve", "co", "me", "de", "hi", "ri",
    "ro", "ic", "ne",
];

/// Gives the letter by which byte-level tokenizers write a byte: printable ones stand for themselves, the others for
/// the letters from U+0100 on.
fn letter(byte: u8) -> char {
    let is_plain = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if is_plain(byte) {
        return char::from(byte);
    }
    let rank = (0..byte).filter(|other| !is_plain(*other)).count();
    u32::try_from(rank).ok().and_then(|rank| char::from_u32(0x100 + rank)).unwrap_or('\u{100}')
}

fn set_tokens(writer: &mut GgufWriter, mut tokens: Vec<(String, i32)>, size: u32) {
    // Entries that no text leads to.
    let filling = u32::try_from(tokens.len()).unwrap_or(u32::MAX)..size;
    tokens.extend(filling.map(|number| (format!("w{number}"), NORMAL)));
    let (texts, kinds) = tokens.into_iter().unzip();
    writer.set("tokenizer.ggml.tokens", GgufValue::Array(GgufArray::Text(texts)));
    writer.set("tokenizer.ggml.token_type", GgufValue::Array(GgufArray::I32(kinds)));
}

/// Sets a byte-level tokenizer: three special tokens, the 256 bytes, pairs of letters.
pub(super) fn bytes(writer: &mut GgufWriter, size: u32) {
    let written = |pair: &str| pair.bytes().map(letter).collect::<String>();
    let mut tokens: Vec<(String, i32)> = SPECIAL.iter().map(|text| ((*text).to_owned(), CONTROL)).collect();
    tokens.extend((0..=u8::MAX).map(|byte| (letter(byte).to_string(), NORMAL)));
    tokens.extend(PAIRS.iter().map(|pair| (written(pair), NORMAL)));
    let merge = |pair: &&str| pair.bytes().map(|byte| letter(byte).to_string()).collect::<Vec<_>>().join(" ");
    let text = |text: &str| GgufValue::Text(text.to_owned());
    writer.set("tokenizer.ggml.model", text("gpt2"));
    writer.set("tokenizer.ggml.pre", text("gpt-2"));
    set_tokens(writer, tokens, size);
    writer.set("tokenizer.ggml.merges", GgufValue::Array(GgufArray::Text(PAIRS.iter().map(merge).collect())));
    writer.set("tokenizer.ggml.bos_token_id", GgufValue::U32(0));
    writer.set("tokenizer.ggml.eos_token_id", GgufValue::U32(2));
    writer.set("tokenizer.ggml.add_bos_token", GgufValue::Bool(false));
}

/// Sets a tokenizer of word pieces: special tokens, letters that begin a word and letters that go on in one.
pub(super) fn words(writer: &mut GgufWriter, size: u32) {
    let mut tokens: Vec<(String, i32)> =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].iter().map(|text| ((*text).to_owned(), CONTROL)).collect();
    let inner: Vec<char> = ('a'..='z').chain('0'..='9').collect();
    tokens.extend(inner.iter().chain(&['.', ',', '?', '!', '-']).map(|letter| (format!("\u{2581}{letter}"), NORMAL)));
    tokens.extend(inner.iter().map(|letter| (letter.to_string(), NORMAL)));
    set_tokens(writer, tokens, size);
    writer.set("tokenizer.ggml.model", GgufValue::Text("bert".to_owned()));
    writer.set("tokenizer.ggml.token_type_count", GgufValue::U32(2));
    let ids = [("padding", 0), ("unknown", 1), ("bos", 2), ("cls", 2), ("eos", 3), ("seperator", 3), ("mask", 4)];
    for (name, id) in ids {
        writer.set(format!("tokenizer.ggml.{name}_token_id"), GgufValue::U32(id));
    }
    writer.set("tokenizer.ggml.add_bos_token", GgufValue::Bool(true));
    writer.set("tokenizer.ggml.add_eos_token", GgufValue::Bool(true));
}
