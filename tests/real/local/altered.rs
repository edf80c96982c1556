//! Model files with something changed: damaged ones, and ones with another chat template.

use std::path::{Path, PathBuf};

use super::*;

/// Writes the model file with `from` replaced by `to` in its header, both of the same length.
fn altered(folder: &Path, from: &[u8], to: &[u8]) -> Option<PathBuf> {
    assert_eq!(from.len(), to.len());
    let mut bytes = std::fs::read(model_file()?).expect("read");
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the text is in the file");
    bytes[at..at + to.len()].copy_from_slice(to);
    let path = folder.join("altered.gguf");
    std::fs::write(&path, bytes).expect("written");
    Some(path)
}

/// Writes the model file with another chat template.
fn with_template(folder: &Path, template: &str) -> Option<PathBuf> {
    let old = read_header(&model_file()?).expect("read").chat_template.expect("has one");
    let filling = old.len() - template.len() - "{##}".len();
    let new = format!("{template}{{#{}#}}", " ".repeat(filling));
    altered(folder, old.as_bytes(), new.as_bytes())
}

const MARKED: &str =
    "{% for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\n' ~ m.content ~ '<|im_end|>\n' }}{% endfor %}";

#[tokio::test]
async fn a_base_model_takes_plain_text_and_no_messages() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(path) = altered(folder.path(), b"tokenizer.chat_template", b"tokenizer.chat_templat_") else {
        return;
    };
    let model = LocalModel::open(settings(path)).expect("loaded");
    assert_eq!((model.capabilities().chat, &model.identity().chat_template), (ChatStyle::Base, &None));
    let error = complete(&model, greedy(user("hello"), 3)).await.expect_err("messages").to_string();
    assert!(error.contains("no chat template"), "{error}");
    let completion = complete(&model, greedy(Prompt::raw("The capital of France is"), 8)).await.expect("completed");
    assert!(completion.text.contains("Paris"), "{}", completion.text);
}

#[tokio::test]
async fn a_template_that_opens_a_think_block_starts_inside_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let template = format!("{MARKED}<|im_start|>assistant\n<think>\n");
    let Some(path) = with_template(folder.path(), &template) else {
        return;
    };
    let model = LocalModel::open(settings(path)).expect("loaded");
    assert_eq!(model.capabilities().chat, ChatStyle::Thinking);
    let open = complete(&model, greedy(user(CAPITAL), 10)).await.expect("completed");
    assert_eq!((open.open_reasoning, open.text.as_str()), (true, ""));
    assert!(!open.reasoning.is_empty() && open.usage.reasoning_tokens == open.tokens.len() as u64, "{open:?}");
    // Going on after the block was closed.
    let closed = vec![Segment::Untrusted("Easy.\n</think>\n\nThe capital is".to_owned())];
    let closed = Prompt { continuation: closed, ..user(CAPITAL) };
    let closed = complete(&model, greedy(closed, 6)).await.expect("completed");
    assert_eq!((closed.open_reasoning, closed.reasoning.as_str(), closed.usage.reasoning_tokens), (false, "", 0));
    assert!(closed.text.contains("Paris"), "{closed:?}");
    // The grammar makes this model write what a thinking one would.
    let written = Grammar::Gbnf("root ::= \"hm\\n</think>\\n\\nParis\"".to_owned());
    let request = Request { grammar: Some(written), ..greedy(user(CAPITAL), 30) };
    let both = complete(&model, request).await.expect("completed");
    assert_eq!((both.reasoning.as_str(), both.text.as_str(), both.open_reasoning), ("hm", "Paris", false));
    assert_eq!(both.raw, "hm\n</think>\n\nParis");
}

#[test]
fn damaged_files_are_refused_before_llama_cpp_sees_them() {
    let Some(good) = model_file() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fails = |path: PathBuf, part: &str| {
        let error = LocalModel::open(settings(path.clone())).expect_err(part).to_string();
        assert!(error.contains(part) && error.contains(&path.display().to_string()), "{error:?} lacks {part:?}");
    };
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let bytes = std::fs::read(&good).expect("read");
    fails(folder.path().join("none.gguf"), "there is no such file");
    fails(folder.path().to_owned(), "it is a folder");
    fails(write("empty.gguf", b""), "the file is empty");
    fails(write("text.gguf", b"this is no model at all"), "not a GGUF file");
    fails(write("half.gguf", &bytes[..bytes.len() / 2]), "the file is cut short");
    fails(write("header.gguf", &bytes[..5000]), "ends within its header");
    fails(write("almost.gguf", &bytes[..bytes.len() - 1]), "the file is cut short");
}

#[test]
fn a_kind_that_llama_cpp_does_not_know_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // The value after the key: its length, then "llama".
    let from = [&b"general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0"[..], b"llama"].concat();
    let to = [&b"general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0"[..], b"lemma"].concat();
    let Some(path) = altered(folder.path(), &from, &to) else {
        return;
    };
    let error = LocalModel::open(settings(path)).expect_err("unknown").to_string();
    assert!(error.contains("lemma"), "{error}");
}

#[test]
fn a_broken_template_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some(path) = with_template(folder.path(), "{% for %}") else {
        return;
    };
    let error = LocalModel::open(settings(path)).expect_err("broken");
    assert!(matches!(error, ModelError::Template { .. }), "{error}");
}
