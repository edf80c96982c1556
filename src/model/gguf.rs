//! Reads the header of a GGUF model file: what it is, and whether the file is whole.
//!
//! Pure Rust and bounded, because llama.cpp trusts the files that it opens: this module looks first. It keeps a few
//! named values and hashes the tokenizer; the tensors themselves are never read. [`mod@write`] makes such files,
//! [`random`] whole models of noise.

mod check;
pub mod random;
mod reader;
mod tensors;
mod values;
pub mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use check::check;
use reader::{Fault, Number, Reader};
use tensors::{block, read_tensors};
use values::Values;

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
    /// How an embedder makes one vector of many: 0 not at all, 1 the mean, 2 the first, 3 the last, 4 a rank.
    pub pooling: Option<u64>,
    /// Words get a space in front, as this tokenizer's own way of marking their beginnings.
    pub space_prefix: Option<bool>,
}

/// No known file has a tenth of these.
const MOST_VALUES: u64 = 1 << 12;
const MOST_TENSORS: u64 = 1 << 20;

/// Reads the header of the file at `path` and checks that the file holds all the tensors it announces.
///
/// # Errors
/// [`ModelError::Load`] where the file is missing, no file, unreadable, empty, no GGUF, damaged or cut short.
pub fn read_header(path: &Path) -> Result<GgufInfo, ModelError> {
    read(path, false)
}

/// Reads the header of the file at `path` as [`read_header`] does, and checks that llama.cpp can take what it says:
/// where sizes make no sense it would end the process.
///
/// # Errors
/// As for [`read_header`], and [`ModelError::Load`] where sizes, shapes and vocabulary do not fit together.
pub fn check_header(path: &Path) -> Result<GgufInfo, ModelError> {
    read(path, true)
}

fn read(path: &Path, thorough: bool) -> Result<GgufInfo, ModelError> {
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
    parse(BufReader::with_capacity(1 << 16, file), metadata.len(), thorough).map_err(|fault| load(fault.0))
}

/// Reads a header out of `source`, the beginning of a file of `file_bytes` bytes.
fn parse(source: impl Read, file_bytes: u64, thorough: bool) -> Result<GgufInfo, Fault> {
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
    let tensors = read_tensors(&mut reader, tensor_count, values.alignment()?)?;
    if thorough {
        check(&values, &tensors)?;
    }
    let parameters = tensors.iter().try_fold(0u64, |sum, tensor| sum.checked_add(tensor.elements));
    let parameters = parameters.ok_or_else(|| Fault::new("its table of tensors is damaged"))?;
    values.into_info(file_bytes, tensor_count, parameters)
}

impl Values {
    fn into_info(mut self, file_bytes: u64, tensor_count: u64, parameter_count: u64) -> Result<GgufInfo, Fault> {
        let architecture = self.texts.remove("general.architecture");
        let architecture = architecture.ok_or_else(|| Fault::new("it does not say which architecture it has"))?;
        let number = |key: &str| self.numbers.get(&format!("{architecture}.{key}")).and_then(|number| number.whole());
        let (context_length, layers) = (number("context_length"), number("block_count"));
        let embedding_length = number("embedding_length");
        let causal = number("attention.causal") != Some(0);
        let pooling = number("pooling_type");
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
            pooling,
            special_ids,
            space_prefix,
            file_type,
            tokenizer_hash,
            vocabulary_size: self.vocabulary_size(),
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
