//! Writes whole models with random weights: tiny ones for tests that need an engine and no knowledge, large ones for
//! speed figures on machines to which no real model can be carried.
//!
//! What such a model writes is noise, but it depends on every token of its context, and the same spec gives the same
//! file on every machine. The tokenizers read any text.

mod fill;
mod vocabulary;

use std::path::Path;

use super::write::{GgufArray, GgufValue, GgufWriter, TensorKind, write_file};
use crate::model::ModelError;
use fill::Fill;

/// A chat template for random models: each turn between `<|im_start|>` and `<|im_end|>`.
pub const CHAT_TEMPLATE: &str = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + \
     message['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}\
     {% endif %}";

/// What a random model is built like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RandomArchitecture {
    /// Attention to the whole context, as most models have it.
    Llama,
    /// Attention to a sliding window in every other layer.
    Gemma3 {
        /// Tokens in the window.
        window: u32,
    },
    /// Recurrent: a state and no attention.
    Mamba,
    /// Recurrent and attention layers in turn.
    Jamba,
    /// An embedder: every token sees every other one, and no text is written.
    Bert,
}

impl RandomArchitecture {
    /// Gives the name that the file says.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RandomArchitecture::Llama => "llama",
            RandomArchitecture::Gemma3 { .. } => "gemma3",
            RandomArchitecture::Mamba => "mamba",
            RandomArchitecture::Jamba => "jamba",
            RandomArchitecture::Bert => "bert",
        }
    }
}

/// A random model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomSpec {
    /// How it is built.
    pub architecture: RandomArchitecture,
    /// Layers.
    pub layers: u32,
    /// Width of the hidden state; a multiple of twice the heads.
    pub width: u32,
    /// Heads of the attention.
    pub heads: u32,
    /// Heads for keys and values; divides `heads`.
    pub kv_heads: u32,
    /// Width inside a feed-forward layer.
    pub feed_forward: u32,
    /// Context that it claims to be trained for, in tokens.
    pub context: u32,
    /// Entries of the vocabulary, 300 at least.
    pub vocabulary: u32,
    /// How its matrices are stored; those whose rows do not fit stay F32.
    pub kind: TensorKind,
    /// Its chat template; none makes it a base model.
    pub chat_template: Option<String>,
    /// Other seeds give other weights.
    pub seed: u64,
}

impl RandomSpec {
    /// Describes a model of two layers and about 150,000 weights, without a chat template.
    #[must_use]
    pub fn tiny(architecture: RandomArchitecture) -> RandomSpec {
        RandomSpec {
            architecture,
            layers: 2,
            width: 64,
            heads: 4,
            kv_heads: 2,
            feed_forward: 128,
            context: 2048,
            vocabulary: vocabulary::LEAST,
            kind: TensorKind::F32,
            chat_template: None,
            seed: 1,
        }
    }

    /// Writes the model to `path`, whole or not at all; a file that is there is replaced.
    ///
    /// # Errors
    /// [`ModelError::Write`] where the sizes fit no model, or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ModelError> {
        let failed = |reason: &str| ModelError::Write { path: path.display().to_string(), reason: reason.to_owned() };
        self.check().map_err(failed)?;
        write_file(path, true, |out| {
            let (mut writer, tensors) = (self.values(), self.tensors());
            for tensor in &tensors {
                writer.tensor(&tensor.name, &tensor.dimensions, tensor.kind)?;
            }
            let mut out = writer.begin(out)?;
            for (index, tensor) in tensors.iter().enumerate() {
                let elements = tensor.dimensions.iter().product();
                out.tensor(&tensor.name, |out| {
                    tensor.fill.write(out, tensor.kind, elements, (self.seed, index as u64))
                })?;
            }
            out.end()
        })
    }

    fn check(&self) -> Result<(), &'static str> {
        const MOST: u32 = 1 << 20;
        let sizes = [self.layers, self.width, self.heads, self.kv_heads, self.feed_forward, self.context];
        let rules = [
            (sizes.iter().all(|size| (1..=MOST).contains(size)), "its sizes must be 1 to 1048576"),
            (self.layers <= 512, "llama.cpp takes 512 layers at most"),
            ((vocabulary::LEAST..=MOST).contains(&self.vocabulary), "its vocabulary must be 300 to 1048576"),
            (self.width.is_multiple_of(self.heads.saturating_mul(2).max(1)), "the width must be a multiple of 2 heads"),
            (
                self.heads.is_multiple_of(self.kv_heads.max(1)),
                "the heads must be a multiple of those for keys and values",
            ),
            (
                !matches!(self.architecture, RandomArchitecture::Gemma3 { window: 0 }),
                "the window must hold 1 token at least",
            ),
        ];
        rules.iter().find(|(kept, _)| !kept).map_or(Ok(()), |(_, rule)| Err(*rule))
    }

    fn state_rank(&self) -> u32 {
        self.width.div_ceil(16)
    }

    fn values(&self) -> GgufWriter {
        let name = self.architecture.name();
        let mut writer = GgufWriter::new();
        writer.set("general.architecture", GgufValue::Text(name.to_owned()));
        writer.set("general.name", GgufValue::Text(format!("random {name} of seed {}", self.seed)));
        writer.set("general.file_type", GgufValue::U32(self.kind.file_type()));
        let mut number = |key: &str, number: u32| writer.set(format!("{name}.{key}"), GgufValue::U32(number));
        number("block_count", self.layers);
        number("context_length", self.context);
        number("embedding_length", self.width);
        number(
            "feed_forward_length",
            if self.architecture == RandomArchitecture::Mamba { 0 } else { self.feed_forward },
        );
        number("attention.head_count", if self.architecture == RandomArchitecture::Mamba { 0 } else { self.heads });
        match self.architecture {
            RandomArchitecture::Llama => number("attention.head_count_kv", self.kv_heads),
            RandomArchitecture::Gemma3 { window } => {
                number("attention.head_count_kv", self.kv_heads);
                number("attention.sliding_window", window);
                number("attention.sliding_window_pattern", 2);
            }
            RandomArchitecture::Mamba => number("attention.head_count_kv", 0),
            RandomArchitecture::Bert => number("pooling_type", 1),
            RandomArchitecture::Jamba => {}
        }
        if matches!(self.architecture, RandomArchitecture::Mamba | RandomArchitecture::Jamba) {
            number("ssm.conv_kernel", CONVOLUTION);
            number("ssm.inner_size", 2 * self.width);
            number("ssm.state_size", STATE);
            number("ssm.time_step_rank", self.state_rank());
        }
        if self.architecture == RandomArchitecture::Jamba {
            let heads = (0..self.layers).map(|layer| if self.is_recurrent(layer) { 0 } else { self.kv_heads });
            writer.set("jamba.attention.head_count_kv", GgufValue::Array(GgufArray::U32(heads.collect())));
        }
        if self.architecture == RandomArchitecture::Bert {
            writer.set("bert.attention.layer_norm_epsilon", GgufValue::F32(1e-12));
            writer.set("bert.attention.causal", GgufValue::Bool(false));
            vocabulary::words(&mut writer, self.vocabulary);
        } else {
            writer.set(format!("{name}.attention.layer_norm_rms_epsilon"), GgufValue::F32(1e-5));
            vocabulary::bytes(&mut writer, self.vocabulary);
        }
        if let Some(template) = &self.chat_template {
            writer.set("tokenizer.chat_template", GgufValue::Text(template.clone()));
        }
        writer
    }

    fn is_recurrent(&self, layer: u32) -> bool {
        match self.architecture {
            RandomArchitecture::Mamba => true,
            RandomArchitecture::Jamba => layer.is_multiple_of(2),
            _ => false,
        }
    }

    fn tensors(&self) -> Vec<Tensor> {
        let (width, vocabulary) = (u64::from(self.width), u64::from(self.vocabulary));
        let mut list = List { kind: self.kind, tensors: Vec::new() };
        list.add("token_embd.weight", &[width, vocabulary], Fill::Spread(2.0 / (self.width as f32).sqrt()));
        if self.architecture == RandomArchitecture::Bert {
            list.add_plain("position_embd.weight", &[width, u64::from(self.context)], Fill::Spread(0.05));
            list.add_plain("token_types.weight", &[width, 2], Fill::Spread(0.05));
            list.norm_with_bias("token_embd_norm", width);
        } else {
            list.add("output_norm.weight", &[width], Fill::One);
            // Of its own: with the one of the inputs a model tends to repeat its last token.
            list.add("output.weight", &[width, vocabulary], Fill::Spread(2.0 / (self.width as f32).sqrt()));
        }
        for layer in 0..self.layers {
            let part = |name: &str| format!("blk.{layer}.{name}");
            match self.architecture {
                RandomArchitecture::Bert => self.bert_layer(&mut list, &part),
                _ if self.is_recurrent(layer) => self.recurrent_layer(&mut list, &part),
                _ => self.attention_layer(&mut list, &part),
            }
            match self.architecture {
                RandomArchitecture::Mamba | RandomArchitecture::Bert => {}
                _ => {
                    let inner = u64::from(self.feed_forward);
                    list.add(part("ffn_norm.weight"), &[width], Fill::One);
                    list.matrix(part("ffn_gate.weight"), width, inner);
                    list.matrix(part("ffn_up.weight"), width, inner);
                    list.matrix(part("ffn_down.weight"), inner, width);
                }
            }
        }
        list.tensors
    }

    fn attention(&self, list: &mut List, part: &dyn Fn(&str) -> String, kv_heads: u32) {
        let width = u64::from(self.width);
        let kv_width = u64::from(self.width / self.heads * kv_heads);
        list.matrix(part("attn_q.weight"), width, width);
        list.matrix(part("attn_k.weight"), width, kv_width);
        list.matrix(part("attn_v.weight"), width, kv_width);
        list.matrix(part("attn_output.weight"), width, width);
    }

    fn attention_layer(&self, list: &mut List, part: &dyn Fn(&str) -> String) {
        let width = u64::from(self.width);
        list.add(part("attn_norm.weight"), &[width], Fill::One);
        self.attention(list, part, self.kv_heads);
        if matches!(self.architecture, RandomArchitecture::Gemma3 { .. }) {
            let head = u64::from(self.width / self.heads);
            list.add(part("attn_q_norm.weight"), &[head], Fill::One);
            list.add(part("attn_k_norm.weight"), &[head], Fill::One);
            list.add(part("post_attention_norm.weight"), &[width], Fill::One);
            list.add(part("post_ffw_norm.weight"), &[width], Fill::One);
        }
    }

    fn recurrent_layer(&self, list: &mut List, part: &dyn Fn(&str) -> String) {
        let (width, inner, state) = (u64::from(self.width), 2 * u64::from(self.width), u64::from(STATE));
        let rank = u64::from(self.state_rank());
        list.add(part("attn_norm.weight"), &[width], Fill::One);
        list.matrix(part("ssm_in.weight"), width, 2 * inner);
        list.add_plain(part("ssm_conv1d.weight"), &[u64::from(CONVOLUTION), inner], Fill::Spread(0.5));
        list.add(part("ssm_conv1d.bias"), &[inner], Fill::Spread(0.1));
        list.matrix(part("ssm_x.weight"), inner, rank + 2 * state);
        if self.architecture == RandomArchitecture::Jamba {
            list.add(part("ssm_dt_norm.weight"), &[rank], Fill::One);
            list.add(part("ssm_b_norm.weight"), &[state], Fill::One);
            list.add(part("ssm_c_norm.weight"), &[state], Fill::One);
        }
        list.add_plain(part("ssm_dt.weight"), &[rank, inner], Fill::Spread(0.5));
        list.add(part("ssm_dt.bias"), &[inner], Fill::Spread(0.5));
        list.add_plain(part("ssm_a"), &[state, inner], Fill::Decay(state));
        list.add(part("ssm_d"), &[inner], Fill::One);
        list.matrix(part("ssm_out.weight"), inner, width);
    }

    fn bert_layer(&self, list: &mut List, part: &dyn Fn(&str) -> String) {
        let (width, inner) = (u64::from(self.width), u64::from(self.feed_forward));
        self.attention(list, part, self.heads);
        list.norm_with_bias(&part("attn_output_norm"), width);
        list.matrix(part("ffn_up.weight"), width, inner);
        list.add(part("ffn_up.bias"), &[inner], Fill::Spread(0.05));
        list.matrix(part("ffn_down.weight"), inner, width);
        list.add(part("ffn_down.bias"), &[width], Fill::Spread(0.05));
        list.norm_with_bias(&part("layer_output_norm"), width);
    }
}

/// Inputs that a recurrent layer mixes, and numbers that it keeps for each of its channels.
const CONVOLUTION: u32 = 4;
const STATE: u32 = 16;

#[derive(Debug)]
struct Tensor {
    name: String,
    dimensions: Vec<u64>,
    kind: TensorKind,
    fill: Fill,
}

struct List {
    kind: TensorKind,
    tensors: Vec<Tensor>,
}

impl List {
    /// Adds a tensor in the model's kind, if it is a matrix whose rows fit, else in F32.
    fn add(&mut self, name: impl Into<String>, dimensions: &[u64], fill: Fill) {
        let row = dimensions.first().copied().unwrap_or(0);
        let fits = dimensions.len() > 1 && row.is_multiple_of(self.kind.block().0);
        let kind = if fits { self.kind } else { TensorKind::F32 };
        self.tensors.push(Tensor { name: name.into(), dimensions: dimensions.to_vec(), kind, fill });
    }

    fn add_plain(&mut self, name: impl Into<String>, dimensions: &[u64], fill: Fill) {
        let (name, dimensions) = (name.into(), dimensions.to_vec());
        self.tensors.push(Tensor { name, dimensions, kind: TensorKind::F32, fill });
    }

    /// Adds a matrix that keeps the size of what it is applied to.
    fn matrix(&mut self, name: String, from: u64, to: u64) {
        self.add(name, &[from, to], Fill::Spread(1.0 / (from as f32).sqrt()));
    }

    fn norm_with_bias(&mut self, name: &str, width: u64) {
        self.add(format!("{name}.weight"), &[width], Fill::One);
        self.add(format!("{name}.bias"), &[width], Fill::Spread(0.05));
    }
}

#[cfg(test)]
mod tests;
