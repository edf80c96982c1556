//! What a run was made with, in a few lines.

use serde_json::Value;
use stepproof::run::{ModelPart, RunSpec};
use stepproof::store::RunRow;

use crate::cli::render::{moment, shorten};

/// Gives the lines for people. Without a readable description only what the store knows itself is shown.
pub(super) fn lines(run: &RunRow, spec: Option<&RunSpec>) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(spec) = spec {
        let suite = &spec.suite;
        let hash = shorten(&suite.data_hash, 13);
        lines.push(("suite", format!("{} version {}, split {}, data {hash}", suite.name, suite.version, suite.split)));
        lines.push(("strategy", serde_json::to_value(&spec.strategy).map_or_else(|_| run.strategy.clone(), flat)));
        lines.extend(spec.models.iter().map(|(role, part)| ("model", model(role, part))));
        lines.push(("prompt", format!("{}, verifier {}, seed {}", spec.prompt.version, spec.verifier, spec.seed)));
        let budget = serde_json::to_value(spec.budget).map_or_else(|_| String::new(), flat);
        lines.push(("budget", if budget.is_empty() { "no limits".to_owned() } else { budget }));
    } else if run.strategy == "verify" {
        let spec = serde_json::from_str::<Value>(&run.spec).unwrap_or_default();
        lines.push(("batch", spec.get("batch").map_or_else(String::new, plain)));
        lines.push(("verify", spec.get("verify").cloned().map_or_else(String::new, flat)));
    } else {
        lines.push(("models", run.models.clone()));
    }
    lines.push(("spec", run.spec_hash.clone()));
    let machine = serde_json::from_str::<Value>(&run.machine).map_or_else(|_| run.machine.clone(), flat);
    lines.push(("machine", machine));
    lines.push(("begun", format!("{} UTC by stepproof {}", moment(run.created_us), run.program_version)));
    lines
}

fn model(role: &str, part: &ModelPart) -> String {
    let mut line = format!("{role}: {} ({}, {}", part.name, part.kind, part.chat);
    if let Some(context) = part.context {
        line.push_str(&format!(", context {context} tokens"));
    }
    if !part.seeded {
        line.push_str(", ignores seeds");
    }
    // The source of a local model is a hash, that of a remote one its name and server.
    let source = if part.kind == "remote" { part.source.clone() } else { shorten(&part.source, 13) };
    line.push_str(&format!("), {source}"));
    line
}

/// Writes nested JSON in one line: `key value, key value`; what is null is left out.
fn flat(value: Value) -> String {
    let mut parts = Vec::new();
    flatten("", &value, &mut parts);
    parts.join(", ")
}

fn flatten(key: &str, value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            // Names of groups say nothing to people; the keys inside are distinct.
            fields.iter().for_each(|(key, value)| flatten(key, value, parts));
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(plain).collect();
            if !values.is_empty() {
                parts.push(format!("{key} {}", values.join(" ")));
            }
        }
        other => parts.push(format!("{key} {}", plain(other)).trim_start().to_owned()),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        // 32-bit settings carry digits that nobody typed.
        Value::Number(number) if number.is_f64() => {
            let text = format!("{:.6}", number.as_f64().unwrap_or(f64::NAN));
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::flat;
    use serde_json::json;

    #[test]
    fn settings_become_one_line() {
        let spec = json!({
            "name": "cot", "parameters": { "temperature": f64::from(0.6f32), "top_k": null, "examples": 0 },
            "features": ["a", "b"], "none": [],
        });
        assert_eq!(flat(spec), "name cot, temperature 0.6, examples 0, features a b");
        assert_eq!(flat(json!({})), "");
        assert_eq!(flat(json!(3)), "3");
    }
}
