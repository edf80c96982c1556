//! `models inspect`, `models check`, and what `doctor` says of suites.

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::{Value, json};

use super::said;
use crate::command::Place;
use crate::remote::mock::Mock;
use crate::remote::served;

fn text(text: &str) -> Vec<u8> {
    [&u64::try_from(text.len()).unwrap().to_le_bytes()[..], text.as_bytes()].concat()
}

fn text_value(key: &str, value: &str) -> Vec<u8> {
    [text(key), 8u32.to_le_bytes().to_vec(), text(value)].concat()
}

/// The smallest file that says what it is: a few values and one F32 tensor of 4 by 3.
fn gguf(name: &str, template: &str) -> Vec<u8> {
    let tokens = [
        text("tokenizer.ggml.tokens"),
        9u32.to_le_bytes().to_vec(),
        8u32.to_le_bytes().to_vec(),
        1u64.to_le_bytes().to_vec(),
        text("a"),
    ];
    let mut bytes = [&b"GGUF"[..], &3u32.to_le_bytes(), &1u64.to_le_bytes(), &4u64.to_le_bytes()].concat();
    bytes.extend(text_value("general.architecture", "llama"));
    bytes.extend(text_value("general.name", name));
    bytes.extend(text_value("tokenizer.chat_template", template));
    bytes.extend(tokens.concat());
    bytes.extend(text("token_embd.weight"));
    bytes.extend([2u32.to_le_bytes().to_vec(), 4u64.to_le_bytes().to_vec(), 3u64.to_le_bytes().to_vec()].concat());
    bytes.extend([0u32.to_le_bytes().to_vec(), 0u64.to_le_bytes().to_vec()].concat());
    bytes.resize(bytes.len().next_multiple_of(32) + 48, 0);
    bytes
}

#[test]
fn a_model_file_says_what_it_is_without_being_loaded() {
    let place = Place::new();
    place.write("tiny.gguf", gguf("Tiny \u{1b}[2J", "{% for m in messages %}<think>{% endfor %}"));
    let report = place.json("models inspect local:tiny.gguf --format json");
    let gguf_report = &report["gguf"];
    assert_eq!((&report["schema"], &report["kind"], &report["script"]), (&json!(1), &json!("local"), &Value::Null));
    assert_eq!((&gguf_report["architecture"], &gguf_report["parameters"]), (&json!("llama"), &json!(12)));
    assert_eq!((&gguf_report["chat"], &gguf_report["vocabulary_size"]), (&json!("thinking"), &json!(1)));
    let (code, table, _) = said(&place, "models inspect local:tiny.gguf");
    assert_eq!(code, 0);
    assert!(!table.contains('\u{1b}') && table.contains("Tiny \\u{1b}[2J"), "{table}");
    assert!(table.contains("parameters    12 in 1 tensors"), "{table}");

    place.write("broken.gguf", gguf("Tiny", "{% for %}"));
    let report = place.json("models inspect local:broken.gguf --format json");
    assert_eq!(report["gguf"]["chat"], Value::Null);
    assert!(
        report["gguf"]["chat_template_problem"].as_str().unwrap().starts_with("could not render the chat template")
    );
    place.write("text.gguf", "hello");
    for spec in ["local:text.gguf", "local:none.gguf", "local:."] {
        let error = place.stepproof(&format!("models inspect {spec}")).assert().code(3);
        error.stderr(contains("could not load the model file").and(contains("hint: ")));
    }
}

#[test]
fn a_random_model_is_written_and_described() {
    let place = Place::new();
    place.stepproof("models write-random --layers 3 --type q8_0 --chat noise.gguf").assert().code(0);
    let report = &place.json("models inspect local:noise.gguf --format json")["gguf"];
    assert_eq!((&report["layers"], &report["file_type"], &report["chat"]), (&json!(3), &json!("Q8_0"), &json!("chat")));
    let wrong = place.stepproof("models write-random --heads 5 noise.gguf").assert().code(2);
    wrong.stderr(contains("could not write the model file noise.gguf: the width must be a multiple"));
}

#[test]
fn what_is_no_embedder_is_not_converted() {
    let place = Place::new();
    place.write("folder/config.json", "{\"model_type\": \"llama\"}").write("there.gguf", "x");
    let fails = |line: &str, part: &str| {
        place.stepproof(&format!("models convert-embedder {line}")).assert().code(2).stderr(contains(part));
    };
    fails("nowhere -o out.gguf", "could not convert nowhere: No such file");
    fails("folder -o out.gguf", "config.json: its model_type is \"llama\", only bert is converted");
    fails("folder -o out.gguf --type q8_0", "invalid value");
    fails("folder", "--output");
    assert!(!place.path().join("out.gguf").exists());
}

#[test]
fn scripts_and_servers_are_described_without_being_asked() {
    let place = Place::new();
    place.write("demo.toml", "style = 'thinking'\n[[reply]]\ntext = 'x'\n[[reply]]\ntext = 'y'\n");
    let script = &place.json("models inspect script:demo.toml --format json")["script"];
    assert_eq!((&script["name"], &script["chat"], &script["replies"]), (&json!("demo"), &json!("thinking"), &json!(2)));
    place.write("stepproof.toml", "[models.qwen]\nurl = 'http://localhost:1/v1'\nserved = 'q'\nkey_env = 'QWEN_KEY'\n");
    let server = &place.json("models inspect qwen --format json")["server"];
    assert_eq!((&server["served"], &server["key_set"]), (&json!("q"), &json!(false)));
    let (_, table, _) = said(&place, "models inspect qwen");
    assert!(table.contains("in the environment variable QWEN_KEY (not set)"), "{table}");
    let unknown = place.stepproof("models inspect qwn").assert().code(2);
    unknown.stderr(contains("could not find the model \"qwn\"").and(contains("did you mean \"qwen\"?")));
    place.stepproof("models inspect script:none.toml").assert().code(2).stderr(contains("none.toml"));
    let missing = place.stepproof("models check qwen").assert().code(3);
    missing.stderr(contains("QWEN_KEY is not set").and(contains("export QWEN_KEY=")));
}

#[test]
fn a_script_is_checked_by_reading_it() {
    let place = Place::new();
    place.write("demo.toml", "context = 64\n[[reply]]\ntext = 'x'\n").write("broken.toml", "[[replay]]\n");
    let report = place.json("models check script:demo.toml --format json");
    assert_eq!((&report["name"], &report["context_tokens"]), (&json!("demo"), &json!(64)));
    assert_eq!((&report["offers"]["chat"], &report["offers"]["full_entropy"]), (&json!("chat"), &json!(true)));
    place
        .stepproof("models check script:demo.toml")
        .assert()
        .code(0)
        .stdout(contains("Its context holds 64 tokens.\n"));
    place.stepproof("models check script:broken.toml").assert().code(2).stderr(contains("broken.toml"));
}

#[test]
fn a_server_is_checked_by_asking_it() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mock = runtime.block_on(Mock::thinking(served::full));
    let spec = format!("openai:qwen@{}", mock.url);
    let report = place.json(&format!("models check {spec} --format json"));
    assert_eq!((&report["kind"], &report["context_tokens"]), (&json!("openai"), &json!(32768)));
    assert_eq!((&report["offers"]["top_logprobs"], &report["offers"]["seeded"]), (&json!(20), &json!(true)));
    let (code, table, _) = said(&place, &format!("models check {spec}"));
    assert_eq!(code, 0);
    let findings: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert_eq!(table.lines().collect::<Vec<_>>(), findings);
    assert!(table.contains("It answers chats and raw completions.\n"), "{table}");
}

#[test]
fn doctor_says_which_suites_can_run() {
    let place = Place::new();
    place.write("sets/gsm8k/x", "").write("sets/aime/aime_2024.jsonl", "{}");
    let report = place.json("doctor --data sets --format json");
    let there = |name: &str| {
        let suites = report["suites"].as_array().unwrap();
        suites.iter().find(|suite| suite["name"] == name).unwrap()["there"].as_bool().unwrap()
    };
    assert_eq!(["sample", "aime-2024", "aime-2025"].map(there), [true, true, false]);
    assert_eq!(report["llama_cpp"].is_object(), cfg!(feature = "local"));
    let (_, table, _) = said(&place, "doctor --data sets");
    assert!(table.contains("aime-2024, core-theorems can run; ") && table.contains(" have no file in sets"), "{table}");
}
