use super::super::parse;
use super::super::write::{GgufArray, GgufValue, GgufWriter, TensorKind};
use super::*;

type Entries = Vec<(String, GgufValue)>;

fn number(number: u32) -> GgufValue {
    GgufValue::U32(number)
}

fn texts(texts: &[&str]) -> GgufValue {
    GgufValue::Array(GgufArray::Text(texts.iter().map(|text| (*text).to_owned()).collect()))
}

/// What a small sound model says of itself.
fn sound() -> Entries {
    let text = |text: &str| GgufValue::Text(text.to_owned());
    let entries = [
        ("general.architecture", text("llama")),
        ("llama.block_count", number(2)),
        ("llama.context_length", number(64)),
        ("llama.embedding_length", number(8)),
        ("llama.feed_forward_length", number(16)),
        ("llama.attention.head_count", number(4)),
        ("llama.attention.head_count_kv", number(2)),
        ("llama.attention.layer_norm_rms_epsilon", GgufValue::F32(1e-5)),
        ("tokenizer.ggml.model", text("gpt2")),
        ("tokenizer.ggml.tokens", texts(&["a", "b", "ab"])),
        ("tokenizer.ggml.token_type", GgufValue::Array(GgufArray::I32(vec![1, 1, 1]))),
        ("tokenizer.ggml.merges", texts(&["a b"])),
        ("tokenizer.ggml.eos_token_id", number(2)),
    ];
    entries.map(|(key, value)| (key.to_owned(), value)).into()
}

fn tensors() -> Vec<(&'static str, Vec<u64>, TensorKind)> {
    vec![
        ("token_embd.weight", vec![8, 3], TensorKind::F32),
        ("output_norm.weight", vec![8], TensorKind::F32),
        ("blk.0.attn_q.weight", vec![8, 8], TensorKind::F16),
        ("blk.1.attn_q.weight", vec![8, 8], TensorKind::F16),
    ]
}

fn judge(entries: Entries, tensors: &[(&str, Vec<u64>, TensorKind)]) -> Result<(), Fault> {
    let mut writer = GgufWriter::new();
    entries.into_iter().for_each(|(key, value)| writer.set(key, value));
    for (name, dimensions, kind) in tensors {
        writer.tensor(*name, dimensions, *kind).expect("announced");
    }
    let mut out = writer.begin(Vec::new()).expect("begun");
    for (name, dimensions, kind) in tensors {
        let (elements, bytes) = kind.block();
        let size = dimensions.iter().product::<u64>() / elements * bytes;
        let zeros = vec![0; usize::try_from(size).expect("small")];
        out.tensor(name, |out| out.write_all(&zeros)).expect("written");
    }
    let bytes = out.end().expect("whole");
    parse(bytes.as_slice(), bytes.len() as u64, true).map(|_| ())
}

/// Judges the sound model with one value changed, added or (`None`) taken away.
fn with(key: &str, value: Option<GgufValue>) -> Result<(), Fault> {
    let mut entries = sound();
    entries.retain(|(there, _)| there != key);
    entries.extend(value.map(|value| (key.to_owned(), value)));
    judge(entries, &tensors())
}

#[test]
fn a_sound_model_passes() {
    assert_eq!(judge(sound(), &tensors()), Ok(()));
    let by_layer = |numbers: &[u32]| Some(GgufValue::Array(GgufArray::U32(numbers.to_vec())));
    for (key, value) in [
        ("llama.attention.head_count_kv", None),
        ("llama.attention.head_count_kv", Some(number(4))),
        ("llama.attention.head_count_kv", by_layer(&[4, 1])),
        ("llama.rope.dimension_count", Some(number(2))),
        ("llama.rope.scaling.type", Some(GgufValue::Text("yarn".to_owned()))),
        ("tokenizer.ggml.token_type", None),
        ("tokenizer.ggml.padding_token_id", Some(number(u32::MAX))),
        ("tokenizer.ggml.scores", Some(GgufValue::Array(GgufArray::F32(vec![0.0; 3])))),
        ("general.other", Some(GgufValue::F64(f64::NAN))),
        ("llama.feed_forward_length", by_layer(&[16, 32])),
    ] {
        assert_eq!(with(key, value.clone()), Ok(()), "{key} {value:?}");
    }
}

#[test]
fn what_llama_cpp_would_end_the_process_on_is_refused() {
    let text = |text: &str| Some(GgufValue::Text(text.to_owned()));
    let whole = |whole: u32| Some(number(whole));
    let real = |real: f32| Some(GgufValue::F32(real));
    let by_layer = |numbers: &[u32]| Some(GgufValue::Array(GgufArray::U32(numbers.to_vec())));
    for (key, value, part) in [
        ("general.architecture", None, "which architecture"),
        ("llama.block_count", None, "does not say llama.block_count"),
        ("llama.block_count", whole(0), "block_count is not 1 to 512"),
        ("llama.block_count", whole(513), "block_count is not 1 to 512"),
        ("llama.block_count", Some(GgufValue::I32(-1)), "block_count is not 1 to 512"),
        ("llama.block_count", text("2"), "does not say llama.block_count"),
        ("llama.embedding_length", whole(0), "embedding_length is not"),
        ("llama.embedding_length", whole(9), "no multiple of head_count"),
        ("llama.embedding_length", whole(2), "no multiple of head_count"),
        ("llama.context_length", whole(0), "context_length is not"),
        ("llama.context_length", whole(u32::MAX), "context_length is absurd"),
        ("llama.feed_forward_length", by_layer(&[16]), "no list of 2 numbers"),
        ("llama.attention.head_count", whole(0), "2 for keys and values"),
        ("llama.attention.head_count", None, "2 for keys and values"),
        ("llama.attention.head_count_kv", whole(0), "attends without heads"),
        ("llama.attention.head_count_kv", whole(3), "4 heads and 3"),
        ("llama.attention.head_count_kv", whole(8), "4 heads and 8"),
        ("llama.attention.head_count_kv", by_layer(&[2, 0]), "layer 1 attends without heads"),
        ("llama.attention.head_count_kv", by_layer(&[2]), "no list of 2 numbers"),
        ("llama.attention.head_count_kv", Some(texts(&["2", "2"])), "no list of 2 numbers"),
        ("llama.attention.key_length", whole(0), "key_length is not 1"),
        ("llama.attention.key_length", whole(4), "keys of length 4 and values of length 2"),
        ("llama.attention.layer_norm_rms_epsilon", real(-1.0), "epsilon is not 0 to 1"),
        ("llama.attention.layer_norm_rms_epsilon", real(f32::NAN), "epsilon is absurd"),
        ("llama.attention.layer_norm_rms_epsilon", whole(0), "epsilon is not 0 to 1"),
        ("llama.rope.dimension_count", whole(3), "rope.dimension_count is 3"),
        ("llama.rope.dimension_count", whole(64), "rope.dimension_count is 64"),
        ("llama.rope.dimension_count", whole(0), "rope.dimension_count is 0"),
        ("llama.rope.freq_base", real(0.0), "freq_base is 0"),
        ("llama.rope.freq_base", real(f32::INFINITY), "freq_base is absurd"),
        ("llama.rope.scaling.type", text("cubic"), "rope.scaling.type is \"cubic\""),
        ("llama.rope.scaling.factor", real(-2.0), "rope.scaling.factor is -2"),
        ("llama.ssm.group_count", whole(0), "ssm.group_count is 0"),
        ("llama.expert_count", whole(4), "0 of 4 experts are used"),
        ("llama.expert_used_count", whole(2), "2 of 0 experts are used"),
        ("llama.nextn_predict_layers", whole(2), "leaves no layer"),
        ("llama.rope.dimension_sections", Some(GgufValue::Array(GgufArray::I32(vec![i32::MIN]))), "is absurd"),
        ("split.count", Some(GgufValue::U16(2)), "one of several parts"),
        ("tokenizer.ggml.model", None, "of which kind its tokenizer is"),
        ("tokenizer.ggml.model", text("none"), "its tokenizer is of the kind \"none\""),
        ("tokenizer.ggml.model", text("llama"), "only 2 of 256 bytes"),
        ("tokenizer.ggml.model", text("bert"), "has no bos token"),
        ("tokenizer.ggml.tokens", None, "its vocabulary is empty"),
        ("tokenizer.ggml.tokens", Some(texts(&[])), "its vocabulary is empty"),
        ("tokenizer.ggml.tokens", Some(texts(&["a", "b", "a"])), "entry 2 of its vocabulary is there twice"),
        ("tokenizer.ggml.tokens", Some(texts(&["", "[EMPTY_0]", "a"])), "entry 1 of its vocabulary is there twice"),
        ("tokenizer.ggml.tokens", by_layer(&[1, 2, 3]), "its vocabulary is empty"),
        ("tokenizer.ggml.tokens", Some(texts(&["a", "b"])), "it has 3 entries, that 2"),
        ("tokenizer.ggml.token_type", Some(GgufValue::Array(GgufArray::I32(vec![1, 6, 1]))), "names no byte"),
        ("tokenizer.ggml.token_type", by_layer(&[1, 1, 1]), "token_type is no list"),
        ("tokenizer.ggml.scores", Some(GgufValue::Array(GgufArray::F32(vec![0.0]))), "scores is no list"),
        ("tokenizer.ggml.merges", by_layer(&[1]), "merges are of kind 4"),
        ("tokenizer.ggml.eos_token_id", whole(3), "the eos token is none of the 3"),
        ("tokenizer.ggml.bos_token_id", Some(GgufValue::I32(-2)), "the bos token is none of the 3"),
    ] {
        let fault = with(key, value.clone()).expect_err(part);
        assert!(fault.0.contains(part), "{key} {value:?}: {:?} lacks {part:?}", fault.0);
    }
}

#[test]
fn a_window_needs_a_layer_that_looks_through_it() {
    let judged = |pattern: GgufValue| {
        let mut entries = sound();
        entries.push(("llama.attention.sliding_window".to_owned(), number(16)));
        entries.push(("llama.attention.sliding_window_pattern".to_owned(), pattern));
        judge(entries, &tensors())
    };
    let list = |truths: &[bool]| GgufValue::Array(GgufArray::Bool(truths.to_vec()));
    for sound in [number(0), number(2), list(&[true, false]), list(&[true]), list(&[true, true, false])] {
        assert_eq!(judged(sound.clone()), Ok(()), "{sound:?}");
    }
    for none in [number(1), list(&[false, false]), list(&[]), list(&[false, false, true])] {
        let fault = judged(none.clone()).expect_err("no window");
        assert!(fault.0.contains("leaves no layer a window"), "{none:?}: {fault:?}");
    }
}

#[test]
fn word_pieces_have_no_bytes() {
    let judged = |kind: i32| {
        let mut entries = sound();
        entries.extend([
            ("tokenizer.ggml.model".to_owned(), GgufValue::Text("bert".to_owned())),
            ("tokenizer.ggml.tokens".to_owned(), texts(&["[CLS]", "[SEP]", "<0x0A>"])),
            ("tokenizer.ggml.token_type".to_owned(), GgufValue::Array(GgufArray::I32(vec![3, 3, kind]))),
        ]);
        let ids = [("bos", 0), ("seperator", 1), ("unknown", 0)];
        entries.extend(ids.map(|(name, id)| (format!("tokenizer.ggml.{name}_token_id"), number(id))));
        judge(entries, &tensors())
    };
    assert_eq!(judged(1), Ok(()));
    assert!(judged(6).expect_err("a byte").0.contains("names no byte"));
}

#[test]
fn tensors_that_do_not_fit_are_refused() {
    let fails = |changed: (&'static str, Vec<u64>, TensorKind), part: &str| {
        let mut tensors = tensors();
        tensors.retain(|(name, ..)| *name != changed.0);
        tensors.push(changed);
        let fault = judge(sound(), &tensors).expect_err(part);
        assert!(fault.0.contains(part), "{:?} lacks {part:?}", fault.0);
    };
    fails(("token_embd.weight", vec![8, 4], TensorKind::F32), "width and vocabulary are 8 and 3");
    fails(("token_embd.weight", vec![4, 6], TensorKind::F32), "width and vocabulary are 8 and 3");
    fails(("output_norm.weight", vec![8], TensorKind::F16), "output_norm.weight is of the kind 1");
    fails(("output_norm.weight", vec![32], TensorKind::Q8_0), "output_norm.weight is of the kind 8");
    fails(("position_embd.weight", vec![8, 65], TensorKind::F32), "65 positions");
}
