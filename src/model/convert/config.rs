//! What a BERT model is built like, out of `config.json` and the small files beside it.

use std::path::Path;

use serde_json::Value;

use super::{Fault, read_bounded};

/// A BERT model's sizes and rules; every size is at least 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Config {
    pub(super) name: Option<String>,
    pub(super) layers: u64,
    pub(super) width: u64,
    pub(super) heads: u64,
    pub(super) inner: u64,
    pub(super) positions: u64,
    pub(super) types: u64,
    pub(super) epsilon: f32,
    /// 1 is the mean of all tokens, 2 the first.
    pub(super) pooling: u64,
    pub(super) lowercase: bool,
    pub(super) strip_accents: bool,
}

const LONGEST: u64 = 1 << 20;
const LONGEST_TOKENIZER: u64 = 64 << 20;
const MOST_LAYERS: u64 = 512;
const LARGEST: u64 = 1 << 16;

pub(super) fn read(folder: &Path) -> Result<Config, Fault> {
    let path = folder.join("config.json");
    let fault = |reason: String| Fault::new(&path, reason);
    let config = read_json(&path, LONGEST)?.ok_or_else(|| fault("there is no such file".to_owned()))?;
    let text = |key: &str| config.get(key).and_then(Value::as_str);
    let kind = text("model_type").unwrap_or("of no kind");
    if kind != "bert" {
        return Err(fault(format!("its model_type is {kind:?}, only bert is converted")));
    }
    for (key, allowed) in [("position_embedding_type", &["absolute"][..]), ("hidden_act", &["gelu", "gelu_new"])] {
        if let Some(other) = text(key).filter(|value| !allowed.contains(value)) {
            return Err(fault(format!("its {key} is {other:?}, llama.cpp computes only {}", allowed.join(" and "))));
        }
    }
    let size = |key: &str, largest: u64| {
        let value = config.get(key).ok_or_else(|| fault(format!("it does not say {key}")))?;
        let number = value.as_u64().filter(|number| (1..=largest).contains(number));
        number.ok_or_else(|| fault(format!("its {key} is not 1 to {largest}")))
    };
    let (width, heads) = (size("hidden_size", LARGEST)?, size("num_attention_heads", LARGEST)?);
    if !width.is_multiple_of(heads) {
        return Err(fault(format!("its hidden_size {width} is no multiple of its {heads} num_attention_heads")));
    }
    let epsilon = config.get("layer_norm_eps").map_or(Some(1e-12), Value::as_f64);
    let epsilon = epsilon.filter(|epsilon| (0.0..1.0).contains(epsilon));
    let epsilon = epsilon.ok_or_else(|| fault("its layer_norm_eps is not 0 to 1".to_owned()))?;
    let (lowercase, strip_accents) = normalizer(folder)?;
    #[expect(clippy::cast_possible_truncation, reason = "the format keeps 32 bits")]
    let epsilon = epsilon as f32;
    Ok(Config {
        name: text("_name_or_path").filter(|name| !name.is_empty() && name.len() < 256).map(str::to_owned),
        layers: size("num_hidden_layers", MOST_LAYERS)?,
        width,
        heads,
        inner: size("intermediate_size", LARGEST * 16)?,
        positions: size("max_position_embeddings", LARGEST * 16)?,
        types: size("type_vocab_size", LARGEST)?,
        epsilon,
        pooling: pooling(folder)?,
        lowercase,
        strip_accents,
    })
}

/// Says how the vectors of tokens become one: as sentence-transformers keeps it, else the mean.
fn pooling(folder: &Path) -> Result<u64, Fault> {
    let path = folder.join("1_Pooling").join("config.json");
    let Some(config) = read_json(&path, LONGEST)? else { return Ok(1) };
    let modes = config.as_object().into_iter().flatten();
    let modes = modes.filter(|(key, value)| key.starts_with("pooling_mode_") && value.as_bool() == Some(true));
    match modes.map(|(key, _)| key.as_str()).collect::<Vec<_>>().as_slice() {
        ["pooling_mode_mean_tokens"] => Ok(1),
        ["pooling_mode_cls_token"] => Ok(2),
        [] => Err(Fault::new(&path, "it names no way of pooling")),
        other => Err(Fault::new(&path, format!("llama.cpp does not pool by {}", other.join(" and ")))),
    }
}

/// Says whether texts are written small, and without accents, before they are cut into words.
fn normalizer(folder: &Path) -> Result<(bool, bool), Fault> {
    let tokenizer = read_json(&folder.join("tokenizer.json"), LONGEST_TOKENIZER)?;
    let normalizer = tokenizer.as_ref().and_then(|tokenizer| tokenizer.get("normalizer"));
    let settings = read_json(&folder.join("tokenizer_config.json"), LONGEST)?;
    let first = |places: [Option<&Value>; 2]| places.into_iter().flatten().find_map(Value::as_bool);
    let setting = |key: &str| settings.as_ref().and_then(|settings| settings.get(key));
    let lowercase = first([normalizer.and_then(|rules| rules.get("lowercase")), setting("do_lower_case")]);
    let strip = first([normalizer.and_then(|rules| rules.get("strip_accents")), setting("strip_accents")]);
    // Where nothing is said BERT's tokenizer writes small, and strips accents if it does.
    let lowercase = lowercase.unwrap_or(true);
    Ok((lowercase, strip.unwrap_or(lowercase)))
}

pub(super) fn read_json(path: &Path, limit: u64) -> Result<Option<Value>, Fault> {
    let Some(bytes) = read_bounded(path, limit)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| Fault::new(path, format!("it is no JSON: {error}")))
}

pub(super) fn read_tokenizer(folder: &Path) -> Result<Option<Value>, Fault> {
    read_json(&folder.join("tokenizer.json"), LONGEST_TOKENIZER)
}
