use super::*;
use crate::model::gguf::read_header;

const CONFIG: &str = r#"{"model_type": "bert", "hidden_act": "gelu", "hidden_size": 8, "num_attention_heads": 2,
    "num_hidden_layers": 1, "intermediate_size": 16, "max_position_embeddings": 32, "type_vocab_size": 2,
    "layer_norm_eps": 1e-12, "_name_or_path": "made up"}"#;
const WORDS: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\n##s\n";

/// The tensors of a model as CONFIG and WORDS say.
fn shapes() -> Vec<(String, Vec<u64>)> {
    let mut shapes = vec![
        ("embeddings.position_ids".to_owned(), vec![1, 32]),
        ("embeddings.word_embeddings.weight".to_owned(), vec![7, 8]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![32, 8]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, 8]),
    ];
    let mut pair = |name: &str, shape: &[u64]| {
        shapes.push((format!("{name}.weight"), shape.to_vec()));
        shapes.push((format!("{name}.bias"), shape[..1].to_vec()));
    };
    pair("embeddings.LayerNorm", &[8]);
    for name in ["self.query", "self.key", "self.value", "output.dense"] {
        pair(&format!("encoder.layer.0.attention.{name}"), &[8, 8]);
    }
    pair("encoder.layer.0.attention.output.LayerNorm", &[8]);
    pair("encoder.layer.0.intermediate.dense", &[16, 8]);
    pair("encoder.layer.0.output.dense", &[8, 16]);
    pair("encoder.layer.0.output.LayerNorm", &[8]);
    shapes
}

/// A safetensors file of F32 tensors, each number of which is `value`.
fn weights(shapes: &[(String, Vec<u64>)], value: f32) -> Vec<u8> {
    let mut offset = 0;
    let entries = shapes.iter().map(|(name, shape)| {
        let begin = offset;
        offset += 4 * shape.iter().product::<u64>();
        format!(r#""{name}": {{"dtype": "F32", "shape": {shape:?}, "data_offsets": [{begin}, {offset}]}}"#)
    });
    let table = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
    let mut bytes = (table.len() as u64).to_le_bytes().to_vec();
    bytes.extend(table.as_bytes());
    bytes.extend(value.to_le_bytes().repeat(usize::try_from(offset / 4).expect("small")));
    bytes
}

/// A folder with a whole model.
fn model() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    write("config.json", CONFIG.as_bytes());
    write("vocab.txt", WORDS.as_bytes());
    write("model.safetensors", &weights(&shapes(), 0.5));
    folder
}

fn spec(folder: &Path, kind: TensorKind) -> ConvertSpec {
    ConvertSpec { source: folder.to_owned(), output: folder.join("out.gguf"), kind, replace: false }
}

#[test]
fn a_folder_becomes_a_model_file() {
    let folder = model();
    let spec = ConvertSpec { replace: true, ..spec(folder.path(), TensorKind::F32) };
    let one = convert_embedder(&spec).expect("converted");
    assert_eq!((one.tensors, one.layers, one.width, one.context, one.vocabulary), (21, 1, 8, 32, 7));
    let info = read_header(&spec.output).expect("read");
    assert_eq!((info.architecture.as_str(), info.name.as_deref()), ("bert", Some("made up")));
    assert_eq!((info.context_length, info.vocabulary_size, info.pooling, info.causal), (Some(32), 7, Some(1), false));
    assert_eq!((info.parameter_count, info.file_bytes), (one.parameters, one.file_bytes));
    let half = convert_embedder(&ConvertSpec { kind: TensorKind::F16, ..spec.clone() }).expect("replaced");
    assert!(half.file_bytes < one.file_bytes && half.parameters == one.parameters);
    // The file itself may be named instead; other ways of pooling are kept.
    std::fs::create_dir(folder.path().join("1_Pooling")).expect("made");
    let pooling =
        r#"{"word_embedding_dimension": 8, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#;
    std::fs::write(folder.path().join("1_Pooling/config.json"), pooling).expect("written");
    convert_embedder(&ConvertSpec { source: folder.path().join("model.safetensors"), ..spec.clone() })
        .expect("converted");
    assert_eq!(read_header(&spec.output).expect("read").pooling, Some(2));
    let error = convert_embedder(&ConvertSpec { replace: false, ..spec }).expect_err("is there").to_string();
    assert!(error.contains("there is a file of this name"), "{error}");
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_nothing() {
    let check = |name: &str, bytes: Option<&[u8]>, kind: TensorKind, part: &str| {
        let folder = model();
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        match bytes {
            Some(bytes) => std::fs::write(&path, bytes).expect("written"),
            None => std::fs::remove_file(&path).expect("removed"),
        }
        let error = convert_embedder(&spec(folder.path(), kind)).expect_err(part).to_string();
        assert!(error.starts_with("convert ") && error.contains(part), "{error:?} lacks {part:?}");
        let left = std::fs::read_dir(folder.path()).expect("read").flatten();
        let left: Vec<_> = left.filter(|entry| entry.file_name().to_string_lossy().contains("out.gguf")).collect();
        assert!(left.is_empty(), "{part}: {left:?}");
    };
    let fails = |name: &str, bytes: &[u8], part: &str| check(name, Some(bytes), TensorKind::F32, part);
    let missing = |name: &str, part: &str| check(name, None, TensorKind::F32, part);
    missing("config.json", "no such file");
    missing("vocab.txt", "no vocab.txt and no tokenizer.json");
    missing("model.safetensors", "no such file");
    fails("config.json", b"{", "it is no JSON");
    fails("config.json", b"[]", "of no kind");
    let config = |from: &str, to: &str, part: &str| {
        assert!(CONFIG.contains(from));
        fails("config.json", CONFIG.replace(from, to).as_bytes(), part);
    };
    config("\"bert\"", "\"roberta\"", "only bert");
    config("\"gelu\"", "\"relu\"", "its hidden_act is \"relu\"");
    config("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 1e9", "num_hidden_layers is not 1 to 512");
    config("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 2", "holds no tensor encoder.layer.1");
    config("\"num_attention_heads\": 2", "\"num_attention_heads\": 3", "no multiple");
    config("\"num_attention_heads\": 2", "\"num_attention_heads\": 0", "num_attention_heads is not 1");
    config("\"hidden_size\": 8", "\"hidden_size\": -8", "hidden_size is not 1");
    config("\"hidden_size\": 8", "\"hidden_size\": 16", "has the shape [7, 8]");
    config("1e-12", "\"small\"", "layer_norm_eps");
    config("\"type_vocab_size\": 2,", "", "does not say type_vocab_size");
    fails("vocab.txt", &[WORDS.as_bytes(), b"more\n"].concat(), "vocabulary say [8, 8]");
    fails("vocab.txt", b"the\n", "no entry [CLS]");
    fails("vocab.txt", b"\xff", "not UTF-8");
    fails("tokenizer_config.json", b"}", "it is no JSON");
    let pooling = |modes: &str, part: &str| fails("1_Pooling/config.json", modes.as_bytes(), part);
    pooling("{}", "no way of pooling");
    pooling(r#"{"pooling_mode_max_tokens": true}"#, "does not pool by pooling_mode_max_tokens");
    let whole = weights(&shapes(), 0.5);
    fails("model.safetensors", &whole[..whole.len() - 1], "is damaged");
    fails("model.safetensors", b"GGUF", "no safetensors file");
    fails("model.safetensors", &weights(&shapes(), f32::NAN), "is no number");
    check("model.safetensors", Some(&weights(&shapes(), 70_000.0)), TensorKind::F16, "too large for f16");
    check("config.json", Some(CONFIG.as_bytes()), TensorKind::Q8_0, "only f32 and f16");
    let lacking: Vec<_> = shapes().into_iter().filter(|(name, _)| !name.contains("value.bias")).collect();
    fails("model.safetensors", &weights(&lacking, 0.5), "no tensor encoder.layer.0.attention.self.value.bias");
    let mut whole_numbers = weights(&shapes(), 0.0);
    while let Some(at) = whole_numbers.windows(3).position(|window| window == b"F32") {
        whole_numbers[at] = b'I';
    }
    fails("model.safetensors", &whole_numbers, "is not stored as F32");
}
