//! Says whether sizes, shapes and vocabulary of a header fit together, before llama.cpp computes with them: it ends the
//! process on many that do not.
//!
//! The rules are those that every architecture keeps, and a few for families that llama.cpp asserts more of. What they
//! let pass llama.cpp refuses itself, or takes.

use super::reader::{F32, Fault, I32, Number, TEXT};
use super::tensors::TensorInfo;
use super::values::Values;

/// llama.cpp's own limits.
const MOST_LAYERS: u64 = 512;
const MOST_EXPERTS: u64 = 1024;
/// Larger sizes overflow its whole numbers of 32 bits once they are multiplied.
const LARGEST: u64 = 1 << 30;
const MOST_HEADS: u64 = 1 << 14;
const LONGEST_HEAD: u64 = 1 << 14;
const TINIEST_ROPE: f64 = 1e-6;
/// Tokenizers that have been tried with hostile vocabularies.
const TOKENIZERS: [&str; 4] = ["gpt2", "llama", "bert", "gemma4"];
const ROPE_SCALINGS: [&str; 4] = ["none", "linear", "yarn", "longrope"];
const BYTE: i32 = 6;
/// Ends of names of values by which llama.cpp divides.
const DIVISORS: [&str; 14] = [
    ".ssm.conv_kernel",
    ".ssm.inner_size",
    ".ssm.state_size",
    ".ssm.time_step_rank",
    ".ssm.group_count",
    ".wkv.head_size",
    ".shortconv.l_cache",
    ".interleave_moe_layer_step",
    ".full_attention_interval",
    ".attention.group_norm_groups",
    ".rope.scaling.original_context_length",
    ".embedding_length_out",
    ".expert_group_count",
    ".attention.key_length_mla",
];

pub(super) fn check(values: &Values, tensors: &[TensorInfo]) -> Result<(), Fault> {
    let architecture = values.texts.get("general.architecture");
    let architecture = architecture.ok_or_else(|| Fault::new("it does not say which architecture it has"))?;
    let header = Header { values, tensors, architecture };
    header.numbers()?;
    header.sizes()?;
    header.heads()?;
    header.positions()?;
    header.windows()?;
    header.experts()?;
    header.tokenizer()?;
    header.vocabulary()?;
    header.kinds()
}

struct Header<'file> {
    values: &'file Values,
    tensors: &'file [TensorInfo],
    architecture: &'file str,
}

fn fail<T>(what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault(format!("its header makes no sense: {}", what.into())))
}

impl Header<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture)
    }

    /// Gives a whole number of the architecture's own.
    fn whole(&self, name: &str) -> Option<u64> {
        self.values.whole(&self.key(name))
    }

    /// Gives a whole number within bounds, where there is one.
    fn bounded(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Fault> {
        match self.values.numbers.get(&self.key(name)) {
            None => Ok(None),
            Some(number) => match number.whole().filter(|number| (least..=most).contains(number)) {
                Some(number) => Ok(Some(number)),
                None => fail(format!("{} is not {least} to {most}", self.key(name))),
            },
        }
    }

    /// Gives a number for each layer: one for all, or an array.
    fn by_layer(&self, name: &str, layers: u64, most: u64) -> Result<Option<Vec<u64>>, Fault> {
        let count = usize::try_from(layers).unwrap_or(0);
        if let Some(number) = self.bounded(name, 0, most)? {
            return Ok(Some(vec![number; count]));
        }
        let Some(array) = self.values.arrays.get(&self.key(name)) else { return Ok(None) };
        let numbers: Option<Vec<u64>> =
            array.numbers.as_ref().and_then(|all| all.iter().map(|one| one.whole()).collect());
        match numbers.filter(|numbers| numbers.len() == count && numbers.iter().all(|number| *number <= most)) {
            Some(numbers) => Ok(Some(numbers)),
            None => fail(format!("{name} is no list of {layers} numbers of at most {most}")),
        }
    }

    fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }

    /// No number is absurd, whatever it means.
    fn numbers(&self) -> Result<(), Fault> {
        let is_absurd = |number: &Number| match number {
            Number::Whole(whole) => !(-1..=i128::from(LARGEST)).contains(whole),
            Number::Real(real) => !real.is_finite(),
        };
        let own = format!("{}.", self.architecture);
        for (key, number) in self.values.numbers.iter().filter(|(key, _)| key.starts_with(&own)) {
            if is_absurd(number) {
                return fail(format!("{key} is absurd"));
            }
            if *number == Number::Whole(0) && DIVISORS.iter().any(|end| key.ends_with(end)) {
                return fail(format!("{key} is 0"));
            }
            let is_epsilon = key.ends_with("_epsilon");
            if is_epsilon && !matches!(number, Number::Real(epsilon) if (0.0..=1.0).contains(epsilon)) {
                return fail(format!("{key} is not 0 to 1"));
            }
        }
        let arrays = self.values.arrays.iter().filter(|(key, _)| key.starts_with(&own));
        match arrays.filter(|(_, array)| array.numbers.iter().flatten().any(is_absurd)).map(|(key, _)| key).next() {
            Some(key) => fail(format!("{key} is absurd")),
            None => Ok(()),
        }
    }

    fn sizes(&self) -> Result<(), Fault> {
        if self.values.whole("split.count").is_some_and(|count| count > 1) {
            return fail("it is one of several parts: join them into one file");
        }
        for (name, most) in [("block_count", MOST_LAYERS), ("embedding_length", 1 << 20), ("context_length", LARGEST)] {
            if self.bounded(name, 1, most)?.is_none() {
                return fail(format!("it does not say {}", self.key(name)));
            }
        }
        let layers = self.layers();
        self.by_layer("feed_forward_length", layers, LARGEST)?;
        if self.bounded("nextn_predict_layers", 0, MOST_LAYERS)?.is_some_and(|next| next >= layers) {
            return fail("nextn_predict_layers leaves no layer");
        }
        let width = self.whole("embedding_length").unwrap_or(0);
        if ["mamba", "jamba"].contains(&self.architecture) && self.whole("ssm.inner_size") != Some(2 * width) {
            return fail("ssm.inner_size is not twice embedding_length");
        }
        Ok(())
    }

    fn layers(&self) -> u64 {
        self.whole("block_count").unwrap_or(0)
    }

    fn heads(&self) -> Result<(), Fault> {
        let (layers, width) = (self.layers(), self.whole("embedding_length").unwrap_or(0));
        let heads = self.by_layer("attention.head_count", layers, MOST_HEADS)?;
        let heads = heads.unwrap_or_else(|| vec![0; usize::try_from(layers).unwrap_or(0)]);
        let kv_heads = self.by_layer("attention.head_count_kv", layers, MOST_HEADS)?.unwrap_or_else(|| heads.clone());
        for (layer, (heads, kv_heads)) in heads.iter().zip(&kv_heads).enumerate() {
            if *kv_heads > *heads || (*kv_heads > 0 && heads % kv_heads != 0) {
                return fail(format!("layer {layer} has {heads} heads and {kv_heads} for keys and values"));
            }
            let attends = ["attn_q", "attn_k", "attn_qkv"];
            let attends = attends.iter().any(|part| self.tensor(&format!("blk.{layer}.{part}.weight")).is_some());
            if attends && (*heads == 0 || *kv_heads == 0) {
                return fail(format!("layer {layer} attends without heads"));
            }
        }
        let first = heads.first().copied().unwrap_or(0);
        let lengths = ["key_length", "value_length", "key_length_swa", "value_length_swa"];
        let mut given = Vec::new();
        for name in lengths {
            given.push(self.bounded(&format!("attention.{name}"), 1, LONGEST_HEAD)?);
        }
        if first == 0 {
            return Ok(());
        }
        if !width.is_multiple_of(first) && given.first() == Some(&None) {
            return fail(format!("embedding_length {width} is no multiple of head_count {first}"));
        }
        let [key, value, ..] = given.as_slice() else { return Ok(()) };
        let (key, value) = (key.unwrap_or(width / first), value.unwrap_or(width / first));
        if key == 0 || value == 0 {
            return fail(format!("embedding_length {width} is less than head_count {first}"));
        }
        // The others have keys of two parts, one of which values lack.
        if key != value && self.whole("attention.kv_lora_rank").is_none() && self.architecture != "mimo2" {
            return fail(format!("its heads have keys of length {key} and values of length {value}"));
        }
        let rope = self.bounded("rope.dimension_count", 0, LONGEST_HEAD)?.unwrap_or(key);
        let is_mla = self.whole("attention.kv_lora_rank").is_some();
        // Only models that are partly recurrent go without positions under this name.
        let is_recurrent = self.whole("ssm.state_size").is_some();
        if rope > key && !is_mla || rope % 2 != 0 || (rope == 0 && !is_recurrent) {
            return fail(format!("rope.dimension_count is {rope}, its heads have length {key}"));
        }
        if let Some(rope) = self.bounded("rope.dimension_count_swa", 0, LONGEST_HEAD)? {
            let key = given.get(2).copied().flatten().unwrap_or(key);
            if rope > key || rope % 2 != 0 || rope == 0 {
                return fail(format!("rope.dimension_count_swa is {rope}, its heads have length {key}"));
            }
        }
        Ok(())
    }

    fn positions(&self) -> Result<(), Fault> {
        for name in ["rope.freq_base", "rope.freq_base_swa"] {
            match self.values.numbers.get(&self.key(name)) {
                Some(Number::Real(base)) if *base < TINIEST_ROPE => return fail(format!("{name} is {base}")),
                _ => {}
            }
        }
        match self.values.texts.get(&self.key("rope.scaling.type")) {
            Some(scaling) if !ROPE_SCALINGS.contains(&scaling.as_str()) => {
                return fail(format!("rope.scaling.type is {scaling:?}"));
            }
            _ => {}
        }
        if let Some(Number::Real(factor)) = self.values.numbers.get(&self.key("rope.scaling.factor"))
            && *factor < 0.0
        {
            return fail(format!("rope.scaling.factor is {factor}"));
        }
        // Positions that are looked up must all be there.
        let context = self.whole("context_length");
        match self.tensor("position_embd.weight").map(|tensor| tensor.dimensions.get(1).copied().unwrap_or(1)) {
            Some(rows) if Some(rows) != context => fail(format!("it has {rows} positions for another context_length")),
            _ => self.bounded("pooling_type", 0, 4).map(|_| ()),
        }
    }

    /// A model with a window has layers that look through it.
    fn windows(&self) -> Result<(), Fault> {
        let name = "attention.sliding_window_pattern";
        let array = self.values.arrays.get(&self.key(name));
        let layers = usize::try_from(self.layers()).unwrap_or(0);
        let looks = |numbers: &Vec<Number>| numbers.iter().take(layers).any(|number| *number != Number::Whole(0));
        let is_none = match array {
            Some(array) => !array.numbers.as_ref().is_some_and(looks),
            // Every n-th layer sees everything, or all see through the window.
            None => self.whole(name) == Some(1),
        };
        match self.whole("attention.sliding_window") {
            Some(window) if window > 0 && is_none => fail(format!("{} leaves no layer a window", self.key(name))),
            _ => Ok(()),
        }
    }

    fn experts(&self) -> Result<(), Fault> {
        let experts = self.bounded("expert_count", 0, MOST_EXPERTS)?.unwrap_or(0);
        let used = self.by_layer("expert_used_count", self.layers(), MOST_EXPERTS)?;
        let most = used.iter().flatten().max().copied().unwrap_or(0);
        if most > experts || (experts > 0 && most == 0) {
            return fail(format!("{most} of {experts} experts are used"));
        }
        let groups = self.bounded("expert_group_count", 0, MOST_EXPERTS)?.unwrap_or(0);
        let groups_used = self.bounded("expert_group_used_count", 0, MOST_EXPERTS)?.unwrap_or(0);
        let is_even = groups < 2 || (experts % groups == 0 && (1..groups).contains(&groups_used));
        if groups > 0 && (groups >= experts || !is_even) {
            return fail(format!("{experts} experts in {groups} groups, {groups_used} of them used"));
        }
        Ok(())
    }

    fn tokenizer(&self) -> Result<(), Fault> {
        match self.values.texts.get("tokenizer.ggml.model") {
            Some(kind) if TOKENIZERS.contains(&kind.as_str()) => Ok(()),
            Some(kind) => fail(format!("its tokenizer is of the kind {kind:?}, known are {}", TOKENIZERS.join(", "))),
            None => fail("it does not say of which kind its tokenizer is"),
        }
    }

    fn vocabulary(&self) -> Result<(), Fault> {
        let Some(tokens) = self.values.tokens.as_ref().filter(|tokens| tokens.length > 0) else {
            return fail("its vocabulary is empty");
        };
        if let Some(index) = tokens.twice {
            return fail(format!("entry {index} of its vocabulary is there twice"));
        }
        for (name, kinds) in [("scores", &[F32, I32][..]), ("token_type", &[I32])] {
            let array = self.values.arrays.get(&format!("tokenizer.ggml.{name}"));
            if let Some(array) = array.filter(|array| array.length != tokens.length || !kinds.contains(&array.kind)) {
                let (have, want) = (array.length, tokens.length);
                return fail(format!("{name} is no list for its vocabulary: it has {have} entries, that {want}"));
            }
        }
        if let Some(array) = self.values.arrays.get("tokenizer.ggml.merges").filter(|array| array.kind != TEXT) {
            return fail(format!("merges are of kind {}", array.kind));
        }
        for (key, number) in &self.values.numbers {
            let Some(name) = key.strip_prefix("tokenizer.ggml.").and_then(|key| key.strip_suffix("_token_id")) else {
                continue;
            };
            // -1 is how some files say that there is none.
            let is_none = matches!(number, Number::Whole(-1)) || number.whole() == Some(u64::from(u32::MAX));
            if !is_none && number.whole().is_none_or(|id| id >= tokens.length) {
                return fail(format!("the {name} token is none of the {} of its vocabulary", tokens.length));
            }
        }
        let kind = self.values.texts.get("tokenizer.ggml.model").map(String::as_str);
        if kind == Some("llama") && tokens.bytes.len() < 256 {
            return fail(format!("its vocabulary can write only {} of 256 bytes", tokens.bytes.len()));
        }
        if kind == Some("bert") {
            // The ids that llama.cpp takes where the file names none.
            for (name, default) in [("bos", 101), ("seperator", 102), ("unknown", 100)] {
                let id = self.values.whole(&format!("tokenizer.ggml.{name}_token_id")).unwrap_or(default);
                if id >= tokens.length {
                    return fail(format!("its vocabulary has no {name} token"));
                }
            }
        }
        // Word pieces have no bytes at all.
        let mut kinds = self.values.token_kinds.iter().zip(&tokens.is_byte);
        if kinds.any(|(token, is_byte)| *token == BYTE && (!is_byte || kind == Some("bert"))) {
            return fail("its vocabulary has a byte token that names no byte");
        }
        let width = self.whole("embedding_length").unwrap_or(0);
        match self.tensor("token_embd.weight") {
            Some(table) if table.dimensions != [width, tokens.length] => fail(format!(
                "token_embd.weight has the shape {:?}, width and vocabulary are {width} and {}",
                table.dimensions, tokens.length
            )),
            _ => Ok(()),
        }
    }

    /// Tensors are of kinds with which llama.cpp can do what it will do with them.
    fn kinds(&self) -> Result<(), Fault> {
        for tensor in self.tensors {
            let is_plain = tensor.dimensions.iter().skip(1).all(|length| *length == 1)
                || PLAIN.iter().any(|name| tensor.name.ends_with(name));
            let is_fit = match tensor.kind {
                0 => true,
                // Halves are multiplied with, but not added to, in some operations.
                1 | 30 => !is_plain,
                24..=28 | 9 | 15 => false,
                _ => !is_plain,
            };
            if !is_fit {
                return fail(format!("{} is of the kind {}, with which it cannot be used", tensor.name, tensor.kind));
            }
        }
        Ok(())
    }
}

/// Ends of names of matrices that are not multiplied with.
const PLAIN: [&str; 6] =
    ["ssm_conv1d.weight", ".ssm_a", ".ssm_d", "position_embd.weight", "token_types.weight", "rope_freqs.weight"];

#[cfg(test)]
mod tests;
