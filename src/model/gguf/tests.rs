use super::*;
use proptest::prelude::*;

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

fn text_value(key: &str, value: &str) -> Vec<u8> {
    [text(key), 8u32.to_le_bytes().to_vec(), text(value)].concat()
}

fn number_value(key: &str, value: u32) -> Vec<u8> {
    [text(key), 4u32.to_le_bytes().to_vec(), value.to_le_bytes().to_vec()].concat()
}

fn tokens_value(tokens: &[&str]) -> Vec<u8> {
    let mut bytes = text("tokenizer.ggml.tokens");
    bytes.extend(9u32.to_le_bytes());
    bytes.extend(8u32.to_le_bytes());
    bytes.extend((tokens.len() as u64).to_le_bytes());
    bytes.extend(tokens.iter().flat_map(|token| text(token)));
    bytes
}

/// A file with these values and one F32 tensor of 4 by 3.
fn file(values: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3u32.to_le_bytes());
    bytes.extend(1u64.to_le_bytes());
    bytes.extend((values.len() as u64).to_le_bytes());
    bytes.extend(values.iter().flatten());
    bytes.extend(text("token_embd.weight"));
    bytes.extend(2u32.to_le_bytes());
    bytes.extend(4u64.to_le_bytes());
    bytes.extend(3u64.to_le_bytes());
    bytes.extend(0u32.to_le_bytes());
    bytes.extend(0u64.to_le_bytes());
    bytes.resize(bytes.len().next_multiple_of(32) + 48, 0);
    bytes
}

fn sample() -> Vec<u8> {
    file(&[
        text_value("general.architecture", "llama"),
        text_value("general.name", "Tiny"),
        number_value("general.file_type", 15),
        number_value("llama.context_length", 128),
        number_value("llama.block_count", 2),
        tokens_value(&["a", "b", "ab"]),
        number_value("tokenizer.ggml.bos_token_id", 1),
        text_value("tokenizer.chat_template", "{{ messages }}"),
    ])
}

fn read(bytes: &[u8]) -> Result<GgufInfo, Fault> {
    parse(bytes, bytes.len() as u64, false)
}

#[test]
fn a_header_says_what_the_model_is() {
    let info = read(&sample()).expect("well formed");
    assert_eq!((info.architecture.as_str(), info.name.as_deref()), ("llama", Some("Tiny")));
    assert_eq!((info.file_type.as_deref(), info.context_length, info.layers), (Some("Q4_K_M"), Some(128), Some(2)));
    assert_eq!((info.vocabulary_size, info.tensor_count, info.parameter_count), (3, 1, 12));
    assert_eq!(info.special_ids.get("bos"), Some(&1));
    assert_eq!(info.chat_template.as_deref(), Some("{{ messages }}"));
    assert!(info.causal);
}

#[test]
fn the_tokenizer_hash_follows_the_tokens_and_not_their_place() {
    let architecture = text_value("general.architecture", "llama");
    let hash = |values: &[Vec<u8>]| read(&file(values)).expect("well formed").tokenizer_hash;
    let (tokens, model) = (tokens_value(&["a", "b"]), text_value("tokenizer.ggml.model", "gpt2"));
    let one = hash(&[architecture.clone(), tokens.clone(), model.clone()]);
    assert_eq!(one, hash(&[model.clone(), number_value("llama.block_count", 9), tokens, architecture.clone()]));
    assert_ne!(one, hash(&[architecture.clone(), tokens_value(&["b", "a"]), model.clone()]));
    assert_ne!(one, hash(&[architecture, tokens_value(&["ab"]), model]));
}

#[test]
fn damaged_files_are_named_as_such() {
    let fails = |bytes: &[u8], part: &str| {
        let fault = read(bytes).expect_err(part);
        assert!(fault.0.contains(part), "{:?} lacks {part:?}", fault.0);
    };
    let good = sample();
    fails(b"GG", "not a GGUF file");
    fails(b"PK\x03\x04 a wheel and no model", "does not begin with GGUF");
    fails(&good[..good.len() - 1], "cut short");
    fails(&good[..60], "ends within its header");
    fails(&[b"GGUF".as_slice(), &9u32.to_le_bytes()].concat(), "version 9");
    fails(&[b"GGUF".as_slice(), &3u32.to_le_bytes(), &[0xff; 16]].concat(), "damaged");
    fails(&file(&[]), "architecture");
    let huge = [text("general.name"), 8u32.to_le_bytes().to_vec(), u64::MAX.to_le_bytes().to_vec()].concat();
    fails(&file(&[huge]), "ends within its header");
    let nested = [text("x"), 9u32.to_le_bytes().to_vec(), 9u32.to_le_bytes().to_vec(), 1u64.to_le_bytes().to_vec()];
    fails(&file(&[nested.concat()]), "9 is no kind of value");
    fails(&file(&[number_value("general.alignment", 3)]), "alignment");
    fails(&file(&[number_value("general.alignment", 8)]), "alignment");
    assert!(read(&file(&[text_value("general.architecture", "x"), number_value("general.alignment", 32)])).is_ok());
    fails(&file(&[number_value("x", 3), number_value("x", 4)]), "two values are named");
}

#[test]
fn what_is_no_file_is_named_as_such() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fails = |path: &Path, part: &str| {
        let error = read_header(path).expect_err(part).to_string();
        assert!(error.contains(part) && error.contains(&path.display().to_string()), "{error:?} lacks {part:?}");
    };
    fails(&folder.path().join("none.gguf"), "no such file");
    fails(folder.path(), "a folder");
    let empty = folder.path().join("empty.gguf");
    std::fs::write(&empty, b"").expect("written");
    fails(&empty, "empty");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[b"GGUF".as_slice(), &3u32.to_le_bytes(), &bytes].concat());
    }

    #[test]
    fn any_change_of_a_good_file_is_survived(at in 0usize..1000, byte: u8, cut in 0usize..1000) {
        let mut bytes = sample();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _ = read(&bytes);
        bytes.truncate(cut % bytes.len());
        // A changed byte may say that less data follows: then a cut file can be whole.
        let _ = read(&bytes);
    }

    #[test]
    fn any_cut_of_a_good_file_is_seen(cut in 0usize..1000) {
        let bytes = sample();
        prop_assert!(read(&bytes[..cut % bytes.len()]).is_err());
    }
}
