//! Reads the header of a GGUF model file: what it is, and whether the file is whole.
//!
//! Pure Rust and bounded, because llama.cpp trusts the files that it opens: this module looks first. It keeps a few
//! named values and hashes the tokenizer; the tensors themselves are never read. [`write`] makes such files,
//! [`random`] whole models of noise.

pub mod random;
mod reader;
pub mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use reader::{Fault, Number, Reader, Value};

use super::ModelError;
use crate::token::TokenizerHash;

/// What a GGUF file says about itself. Texts come from the file and are as untrusted as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct GgufInfo {
    /// Size of the file in bytes.
    pub file_bytes: u64,
    /// Architecture, such as `llama` or `qwen2`.
    pub architecture: String,
    /// The model's own name.
    pub name: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// How the weights are stored, such as `Q4_K_M`.
    pub file_type: Option<String>,
    /// Context that the model was trained for, in tokens.
    pub context_length: Option<u64>,
    /// Layers.
    pub layers: Option<u64>,
    /// Width of the hidden state.
    pub embedding_length: Option<u64>,
    /// Entries of the vocabulary.
    pub vocabulary_size: u64,
    /// Tensors in the file.
    pub tensor_count: u64,
    /// Weights of all tensors.
    pub parameter_count: u64,
    /// The chat template, at most 1 MiB.
    pub chat_template: Option<String>,
    /// Kind of tokenizer, such as `gpt2` or `llama`.
    pub tokenizer_kind: Option<String>,
    /// Hash of token texts, types, scores, merges and rules; equal hashes mean interchangeable ids.
    pub tokenizer_hash: TokenizerHash,
    /// Ids of special tokens by their name in the file, such as `bos` and `eos`.
    pub special_ids: BTreeMap<String, u64>,
    /// Each token looks only at those before it: needed to generate text. True where the file does not say.
    pub causal: bool,
    /// Words get a space in front, as this tokenizer's own way of marking their beginnings.
    pub space_prefix: Option<bool>,
}

/// Values are kept up to this length; longer ones are passed over.
const LONGEST_TEMPLATE: usize = 1 << 20;
const LONGEST_TEXT: usize = 4096;
const MOST_VALUES: u64 = 1 << 16;
const MOST_TENSORS: u64 = 1 << 20;

/// Reads the header of the file at `path` and checks that the file holds all the tensors it announces.
///
/// # Errors
/// [`ModelError::Load`] where the file is missing, no file, unreadable, empty, no GGUF, damaged or cut short.
pub fn read_header(path: &Path) -> Result<GgufInfo, ModelError> {
    let load = |reason: String| ModelError::Load { path: path.display().to_string(), reason };
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => load("there is no such file".to_owned()),
        _ => load(error.to_string()),
    })?;
    if metadata.is_dir() {
        return Err(load("it is a folder, not a file".to_owned()));
    }
    if !metadata.is_file() {
        return Err(load("it is not a regular file".to_owned()));
    }
    if metadata.len() == 0 {
        return Err(load("the file is empty".to_owned()));
    }
    let file = File::open(path).map_err(|error| load(error.to_string()))?;
    parse(BufReader::with_capacity(1 << 16, file), metadata.len()).map_err(|fault| load(fault.0))
}

/// Reads a header out of `source`, the beginning of a file of `file_bytes` bytes.
fn parse(source: impl Read, file_bytes: u64) -> Result<GgufInfo, Fault> {
    let mut reader = Reader::new(source, file_bytes);
    let magic =
        reader.array::<4>().map_err(|_| Fault::new("it is not a GGUF file: it is shorter than its magic number"))?;
    if &magic != b"GGUF" {
        return Err(Fault::new("it is not a GGUF file: it does not begin with GGUF"));
    }
    let version = reader.u32()?;
    if !(2..=3).contains(&version) {
        return Err(Fault(format!("GGUF version {version} is not supported, only 2 and 3")));
    }
    let tensor_count = reader.u64()?;
    let value_count = reader.u64()?;
    if tensor_count > MOST_TENSORS || value_count > MOST_VALUES {
        let what = format!("its header is damaged: {tensor_count} tensors and {value_count} values");
        return Err(Fault(what));
    }
    if tensor_count == 0 {
        return Err(Fault::new("it holds no tensors"));
    }
    let mut values = Values::default();
    for _ in 0..value_count {
        values.read(&mut reader)?;
    }
    let parameter_count = read_tensors(&mut reader, tensor_count, values.alignment()?)?;
    values.into_info(file_bytes, tensor_count, parameter_count)
}

/// Reads the tensor table, checks that the file is long enough for it, and counts weights.
fn read_tensors<R: Read>(reader: &mut Reader<R>, count: u64, alignment: u64) -> Result<u64, Fault> {
    let (mut parameters, mut data_end) = (0u64, 0u64);
    for index in 0..count {
        let damaged = || Fault(format!("its table of tensors is damaged at tensor {index}"));
        reader.skip_text()?;
        let dimensions = reader.u32()?;
        if dimensions == 0 || dimensions > 4 {
            return Err(damaged());
        }
        let (mut elements, mut row) = (1u64, 1u64);
        for dimension in 0..dimensions {
            let length = reader.u64()?;
            elements = elements.checked_mul(length).ok_or_else(damaged)?;
            if dimension == 0 {
                row = length;
            }
        }
        let kind = reader.u32()?;
        let offset = reader.u64()?;
        let bytes = match block(kind) {
            Some((block_elements, block_bytes)) => {
                if row % block_elements != 0 {
                    return Err(damaged());
                }
                (elements / block_elements).checked_mul(block_bytes).ok_or_else(damaged)?
            }
            // A kind that we do not know: llama.cpp decides.
            None => 0,
        };
        parameters = parameters.checked_add(elements).ok_or_else(damaged)?;
        data_end = data_end.max(offset.checked_add(bytes).ok_or_else(damaged)?);
    }
    let data_start = reader.position().checked_next_multiple_of(alignment);
    let needed = data_start.and_then(|start| start.checked_add(data_end));
    let needed = needed.ok_or_else(|| Fault::new("its table of tensors is damaged"))?;
    if needed > reader.length() {
        let length = reader.length();
        return Err(Fault(format!("the file is cut short: it has {length} bytes, its tensors need {needed}")));
    }
    Ok(parameters)
}

#[derive(Debug, Default)]
struct Values {
    texts: BTreeMap<String, String>,
    numbers: BTreeMap<String, Number>,
    tokenizer: BTreeMap<String, blake3::Hash>,
    vocabulary_size: u64,
}

/// Ends of keys whose numbers are kept, after the architecture's name.
const KEPT_NUMBERS: [&str; 4] = [".context_length", ".block_count", ".embedding_length", ".attention.causal"];
/// Values that decide which ids a text gets. Special ids and switches that a caller sets are no part of it.
const TOKENIZER_KEYS: [&str; 9] = [
    "model",
    "pre",
    "tokens",
    "token_type",
    "scores",
    "merges",
    "add_space_prefix",
    "remove_extra_whitespaces",
    "precompiled_charsmap",
];
const MOST_KEPT: usize = 64;

impl Values {
    fn read<R: Read>(&mut self, reader: &mut Reader<R>) -> Result<(), Fault> {
        let key = reader.key()?;
        let tokenizer = key.strip_prefix("tokenizer.ggml.").filter(|key| TOKENIZER_KEYS.contains(key));
        if tokenizer.is_some() {
            reader.start_hash();
        }
        let limit = if key == "tokenizer.chat_template" { LONGEST_TEMPLATE } else { LONGEST_TEXT };
        let value = reader.value(limit).map_err(|fault| Fault(format!("{}, in the value of {key:?}", fault.0)))?;
        if let (Some(name), Some(hash)) = (tokenizer, reader.end_hash()) {
            self.tokenizer.insert(name.to_owned(), hash);
        }
        match value {
            Value::Array(length) if key == "tokenizer.ggml.tokens" => self.vocabulary_size = length,
            Value::Text(text) if key.starts_with("general.") || key.starts_with("tokenizer.") => {
                if self.texts.len() < MOST_KEPT {
                    self.texts.insert(key, text);
                }
            }
            Value::Number(number) => {
                let kept = key.starts_with("general.")
                    || key.starts_with("tokenizer.ggml.")
                    || KEPT_NUMBERS.iter().any(|end| key.ends_with(end));
                if kept && self.numbers.len() < MOST_KEPT {
                    self.numbers.insert(key, number);
                }
            }
            Value::Text(_) | Value::LongText | Value::Array(_) => {
                if key == "tokenizer.chat_template" {
                    return Err(Fault::new("its chat template is longer than 1 MiB"));
                }
            }
        }
        Ok(())
    }

    fn alignment(&self) -> Result<u64, Fault> {
        match self.numbers.get("general.alignment").map(|number| number.whole()) {
            None => Ok(32),
            Some(Some(alignment)) if alignment.is_power_of_two() && alignment <= 1 << 20 => Ok(alignment),
            Some(_) => Err(Fault::new("its alignment is damaged")),
        }
    }

    fn into_info(mut self, file_bytes: u64, tensor_count: u64, parameter_count: u64) -> Result<GgufInfo, Fault> {
        let architecture = self.texts.remove("general.architecture");
        let architecture = architecture.ok_or_else(|| Fault::new("it does not say which architecture it has"))?;
        let number = |key: &str| self.numbers.get(&format!("{architecture}.{key}")).and_then(|number| number.whole());
        let (context_length, layers) = (number("context_length"), number("block_count"));
        let embedding_length = number("embedding_length");
        let causal = number("attention.causal") != Some(0);
        let special = |(key, number): (&String, &Number)| {
            let name = key.strip_prefix("tokenizer.ggml.")?.strip_suffix("_token_id")?;
            Some((name.to_owned(), number.whole()?))
        };
        let special_ids = self.numbers.iter().filter_map(special).collect();
        let space_prefix = self.numbers.get("tokenizer.ggml.add_space_prefix");
        let space_prefix = space_prefix.and_then(|number| number.whole()).map(|number| number != 0);
        let file_type = self.numbers.get("general.file_type").and_then(|number| number.whole()).map(file_type_name);
        let mut hasher = blake3::Hasher::new();
        for (name, hash) in &self.tokenizer {
            hasher.update(name.as_bytes()).update(b"\0").update(hash.as_bytes());
        }
        let tokenizer_hash = TokenizerHash(hasher.finalize().to_hex().as_str().into());
        Ok(GgufInfo {
            file_bytes,
            context_length,
            layers,
            embedding_length,
            causal,
            special_ids,
            space_prefix,
            file_type,
            tokenizer_hash,
            vocabulary_size: self.vocabulary_size,
            tensor_count,
            parameter_count,
            name: self.texts.remove("general.name"),
            license: self.texts.remove("general.license"),
            chat_template: self.texts.remove("tokenizer.chat_template"),
            tokenizer_kind: self.texts.remove("tokenizer.ggml.model"),
            architecture,
        })
    }
}

/// Gives elements and bytes of one block of a tensor kind.
fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        24 => (1, 1),
        27 | 28 => (1, 8),
        2 | 20 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 | 21 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        16 | 35 => (256, 66),
        17 => (256, 74),
        18 => (256, 98),
        19 => (256, 50),
        22 => (256, 82),
        23 => (256, 136),
        29 => (256, 56),
        34 => (256, 54),
        39 => (32, 17),
        _ => return None,
    })
}

fn file_type_name(number: u64) -> String {
    let name = match number {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        24 => "IQ1_S",
        25 => "IQ4_NL",
        30 => "IQ4_XS",
        32 => "BF16",
        _ => return format!("type {number}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests;
