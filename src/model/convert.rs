//! Makes a GGUF embedder of a BERT model as its authors publish it: a folder with `model.safetensors`, `config.json`,
//! and `vocab.txt` or `tokenizer.json`.
//!
//! All of these files are untrusted: sizes are bounded, offsets and shapes checked, and whatever does not fit the model
//! that `config.json` describes is refused. Weights pass through in small pieces.

mod config;
mod safetensors;
mod vocabulary;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::ModelError;
use super::gguf::write::{GgufArray, GgufValue, GgufWriter, TensorKind, half, write_file};
use config::Config;
use safetensors::{Entry, Safetensors};
use vocabulary::Vocabulary;

/// What to convert, and into what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertSpec {
    /// The folder, or the `.safetensors` file in it.
    pub source: PathBuf,
    /// The GGUF file to write.
    pub output: PathBuf,
    /// How matrices are stored: F32 or F16.
    pub kind: TensorKind,
    /// Replace a file that is there.
    pub replace: bool,
}

/// What was converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// Size of the written file in bytes.
    pub file_bytes: u64,
    /// Tensors in it.
    pub tensors: usize,
    /// Weights of all tensors.
    pub parameters: u64,
    /// Layers.
    pub layers: u64,
    /// Numbers in a vector.
    pub width: u64,
    /// Longest text in tokens.
    pub context: u64,
    /// Entries of the vocabulary.
    pub vocabulary: usize,
}

/// Why an input cannot be converted: the file, and what is wrong with it.
#[derive(Debug)]
struct Fault {
    path: PathBuf,
    reason: String,
}

impl Fault {
    fn new(path: &Path, reason: impl Into<String>) -> Fault {
        Fault { path: path.to_owned(), reason: reason.into() }
    }
}

impl From<Fault> for ModelError {
    fn from(fault: Fault) -> ModelError {
        ModelError::Convert { path: fault.path.display().to_string(), reason: fault.reason }
    }
}

/// Converts a BERT embedder.
///
/// # Errors
/// [`ModelError::Convert`] where an input is missing, damaged, or no BERT embedder; [`ModelError::Write`] where the
/// output is there already or cannot be written. Nothing is left behind then.
pub fn convert_embedder(spec: &ConvertSpec) -> Result<Converted, ModelError> {
    let (folder, weights) = match spec.source.is_dir() {
        true => (spec.source.clone(), spec.source.join("model.safetensors")),
        false => (spec.source.parent().map(Path::to_owned).unwrap_or_default(), spec.source.clone()),
    };
    if let Err(error) = spec.source.metadata() {
        return Err(Fault::new(&spec.source, error.to_string()).into());
    }
    if !matches!(spec.kind, TensorKind::F32 | TensorKind::F16) {
        return Err(Fault::new(&spec.source, format!("{} is not written, only f32 and f16", spec.kind.name())).into());
    }
    let config = config::read(&folder)?;
    let vocabulary = vocabulary::read(&folder)?;
    let source = Safetensors::open(&weights)?;
    let plan = plan(&config, &vocabulary, &source, spec.kind)?;
    let writer = header(&config, &vocabulary, spec.kind, &folder);
    let parameters = plan.iter().map(|planned| planned.entry.elements).sum();
    let (tensors, mut file_bytes) = (plan.len(), 0);
    // An input that fails while it is read is an input's fault, not the output's.
    let mut damaged = None;
    let written = write_file(&spec.output, spec.replace, |out| {
        let mut writer = writer;
        for planned in &plan {
            writer.tensor(planned.name.clone(), &planned.dimensions, planned.kind)?;
        }
        let mut out = writer.begin(out)?;
        for planned in &plan {
            out.tensor(&planned.name, |out| {
                source.pieces(&planned.entry, &planned.source, &mut |numbers| put(out, numbers, planned)).map_err(
                    |error| match error {
                        safetensors::PieceError::Output(error) => error,
                        safetensors::PieceError::Input(fault) => {
                            damaged = Some(fault);
                            io::Error::other("its source is damaged")
                        }
                    },
                )
            })?;
        }
        let out = out.end()?;
        file_bytes = out.get_ref().metadata()?.len();
        Ok(out)
    });
    if let Some(fault) = damaged {
        return Err(fault.into());
    }
    written?;
    // Buffered bytes were not on the disk when the writer was asked.
    file_bytes = std::fs::metadata(&spec.output).map_or(file_bytes, |metadata| metadata.len());
    Ok(Converted {
        file_bytes,
        tensors,
        parameters,
        layers: config.layers,
        width: config.width,
        context: config.positions,
        vocabulary: vocabulary.texts.len(),
    })
}

/// Writes numbers in the kind of their tensor.
fn put(out: &mut dyn Write, numbers: &[f32], planned: &Planned) -> Result<(), safetensors::PieceError> {
    let fault =
        |what: &str| safetensors::PieceError::Input(Fault::new(&planned.path, format!("{} {what}", planned.source)));
    if numbers.iter().any(|number| !number.is_finite()) {
        return Err(fault("holds what is no number"));
    }
    let bytes: Vec<u8> = match planned.kind {
        TensorKind::F16 => {
            // 65520 and more would become infinite.
            if numbers.iter().any(|number| number.abs() >= 65520.0) {
                return Err(fault("holds numbers too large for f16: convert to f32"));
            }
            numbers.iter().flat_map(|number| half(*number).to_le_bytes()).collect()
        }
        _ => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
    };
    out.write_all(&bytes).map_err(safetensors::PieceError::Output)
}

/// A tensor of the output and where it comes from.
struct Planned {
    name: String,
    dimensions: Vec<u64>,
    kind: TensorKind,
    source: String,
    entry: Entry,
    path: PathBuf,
}

/// Matrices that are only looked up or added stay in F32.
const PLAIN: [&str; 2] = ["position_embd.weight", "token_types.weight"];

fn plan(
    config: &Config,
    vocabulary: &Vocabulary,
    source: &Safetensors,
    kind: TensorKind,
) -> Result<Vec<Planned>, Fault> {
    let (width, inner) = (config.width, config.inner);
    let tokens = vocabulary.texts.len() as u64;
    let mut names: Vec<(String, String, Vec<u64>)> = Vec::new();
    let mut add =
        |name: &str, from: &str, shape: &[u64]| names.push((name.to_owned(), from.to_owned(), shape.to_vec()));
    add("token_embd.weight", "embeddings.word_embeddings.weight", &[tokens, width]);
    add("position_embd.weight", "embeddings.position_embeddings.weight", &[config.positions, width]);
    add("token_types.weight", "embeddings.token_type_embeddings.weight", &[config.types, width]);
    let mut pair = |name: &str, from: &str, shape: &[u64]| {
        add(&format!("{name}.weight"), &format!("{from}.weight"), shape);
        add(&format!("{name}.bias"), &format!("{from}.bias"), shape.get(..1).unwrap_or_default());
    };
    pair("token_embd_norm", "embeddings.LayerNorm", &[width]);
    for layer in 0..config.layers {
        let mut part = |name: &str, from: &str, shape: &[u64]| {
            pair(&format!("blk.{layer}.{name}"), &format!("encoder.layer.{layer}.{from}"), shape);
        };
        part("attn_q", "attention.self.query", &[width, width]);
        part("attn_k", "attention.self.key", &[width, width]);
        part("attn_v", "attention.self.value", &[width, width]);
        part("attn_output", "attention.output.dense", &[width, width]);
        part("attn_output_norm", "attention.output.LayerNorm", &[width]);
        part("ffn_up", "intermediate.dense", &[inner, width]);
        part("ffn_down", "output.dense", &[width, inner]);
        part("layer_output_norm", "output.LayerNorm", &[width]);
    }
    let planned = |(name, from, shape): (String, String, Vec<u64>)| {
        let (from, entry) = source.find(&from)?;
        if entry.shape != shape {
            let what = format!("{from} has the shape {:?}, its config.json and vocabulary say {shape:?}", entry.shape);
            return Err(Fault::new(source.path(), what));
        }
        let is_matrix = shape.len() > 1 && !PLAIN.contains(&name.as_str());
        let kind = if is_matrix { kind } else { TensorKind::F32 };
        let dimensions = shape.into_iter().rev().collect();
        Ok(Planned { name, dimensions, kind, source: from, entry, path: source.path().to_owned() })
    };
    names.into_iter().map(planned).collect()
}

fn header(config: &Config, vocabulary: &Vocabulary, kind: TensorKind, folder: &Path) -> GgufWriter {
    let mut writer = GgufWriter::new();
    let text = |text: &str| GgufValue::Text(text.to_owned());
    let name = config.name.clone().or_else(|| {
        let whole = folder.canonicalize().ok()?;
        Some(whole.file_name()?.to_string_lossy().into_owned())
    });
    // Read out of the config and checked to be far below 2^32.
    let number = |number: u64| GgufValue::U32(u32::try_from(number).unwrap_or(u32::MAX));
    writer.set("general.architecture", text("bert"));
    writer.set("general.name", text(&name.unwrap_or_else(|| "bert".to_owned())));
    writer.set("general.file_type", GgufValue::U32(kind.file_type()));
    writer.set("bert.block_count", number(config.layers));
    writer.set("bert.context_length", number(config.positions));
    writer.set("bert.embedding_length", number(config.width));
    writer.set("bert.feed_forward_length", number(config.inner));
    writer.set("bert.attention.head_count", number(config.heads));
    writer.set("bert.attention.layer_norm_epsilon", GgufValue::F32(config.epsilon));
    writer.set("bert.attention.causal", GgufValue::Bool(false));
    writer.set("bert.pooling_type", number(config.pooling));
    writer.set("tokenizer.ggml.model", text("bert"));
    writer.set("tokenizer.ggml.token_type_count", number(config.types));
    writer.set("tokenizer.ggml.tokens", GgufValue::Array(GgufArray::Text(vocabulary.texts.clone())));
    writer.set("tokenizer.ggml.token_type", GgufValue::Array(GgufArray::I32(vocabulary.kinds.clone())));
    for (name, id) in &vocabulary.special {
        writer.set(format!("tokenizer.ggml.{name}_token_id"), GgufValue::U32(*id));
    }
    writer.set("tokenizer.ggml.add_bos_token", GgufValue::Bool(true));
    writer.set("tokenizer.ggml.add_eos_token", GgufValue::Bool(true));
    writer.set("tokenizer.ggml.normalizer.lowercase", GgufValue::Bool(config.lowercase));
    writer.set("tokenizer.ggml.normalizer.strip_accents", GgufValue::Bool(config.strip_accents));
    writer
}

/// Reads a whole file of at most `limit` bytes.
fn read_bounded(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Fault> {
    let fault = |error: io::Error| Fault::new(path, error.to_string());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(error)),
    };
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() as u64 > limit {
        return Err(Fault::new(path, format!("it is longer than {} MiB", limit >> 20)));
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests;
