//! `bench model` without weights: what it refuses, and the form of its report.

use predicates::str::contains;

use crate::command::Place;

#[test]
fn what_cannot_be_measured_is_refused_before_anything_runs() {
    let place = Place::new();
    place.write("script.toml", "[[reply]]\ntext = 'x'\n").write("empty.gguf", "");
    let local = "bench model --model local:empty.gguf";
    let cases = [
        ("bench model", 2, "could not choose a model: none is given"),
        ("bench model --model script:script.toml", 2, "it is no model in this process"),
        ("bench model --model openai:qwen@http://localhost:1/v1", 2, "it is no model in this process"),
        (&format!("{local} --rounds 0"), 2, "--rounds"),
        (&format!("{local} --threads 0"), 2, "--threads"),
        (&format!("{local} --only speed,sped"), 2, "'sped'"),
        (&format!("{local} --llama-bench nowhere/llama-bench"), 3, "there is no such program"),
        (&format!("{local} --llama-server ."), 3, "scripts/get-llama-peers.sh builds it"),
        (local, 3, "empty.gguf"),
    ];
    for (line, code, said) in cases {
        place.stepproof(line).assert().code(code).stdout("").stderr(contains(said));
    }
}

#[test]
fn the_report_has_a_schema() {
    let schema = Place::new().json("schema bench-model");
    let required: Vec<&str> = schema["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    for key in ["schema", "machine", "model", "threads", "peers", "measures", "server_settings", "figures", "all_met"] {
        assert!(required.contains(&key), "{key}");
        assert!(schema["properties"][key]["description"].is_string(), "{key} is described");
    }
    let parts = &schema["$defs"];
    for (part, key) in [("Measure", "median"), ("Figure", "bar"), ("Peer", "same_features"), ("Tried", "setting")] {
        assert!(parts[part]["properties"][key].is_object(), "{part} {key}");
    }
}
