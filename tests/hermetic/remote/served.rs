//! Three kinds of model server as functions of the request, for the probe.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::mock::{Recorded, Reply, counted, ended, said};

const WORDS: [&str; 12] =
    ["one", " two", " three", " four", " five", " six", " seven", " eight", " nine", " ten", " eleven", " twelve"];

/// Gives the tokens that the model writes for a request.
fn tokens(body: &Value) -> Vec<String> {
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let last = messages.last().cloned().unwrap_or_default();
    let prompt = body["prompt"].as_str().unwrap_or("");
    if let Some(enumerated) = body.pointer("/response_format/json_schema/schema/enum/0") {
        return vec![enumerated.to_string()];
    }
    if let Some(grammar) = body["grammar"].as_str() {
        return vec![grammar.trim_start_matches("root ::= ").trim_matches('"').to_owned()];
    }
    if prompt.ends_with("lazy") {
        return vec![" dog".to_owned()];
    }
    match last["content"].as_str().unwrap_or(prompt) {
        started if started.ends_with("Par") && body["continue_final_message"] == true => {
            vec!["is".to_owned(), "\"}".to_owned()]
        }
        started if prompt.ends_with("Par") && !started.is_empty() => vec!["is".to_owned()],
        started if started.ends_with("Par") => vec!["Of".to_owned(), " course".to_owned()],
        question if question.contains("2+2") => vec!["4".to_owned()],
        _ => WORDS.iter().map(|word| (*word).to_owned()).collect(),
    }
}

/// Cuts tokens at the first stop text; gives the stop text too.
fn cut(tokens: Vec<String>, body: &Value, keep_stop: bool) -> (Vec<String>, Option<String>) {
    let stops: Vec<String> = serde_json::from_value(body["stop"].clone()).unwrap_or_default();
    let whole: String = tokens.concat();
    let Some((at, stop)) = stops.iter().filter_map(|stop| Some((whole.find(stop.as_str())?, stop))).min() else {
        return (tokens, None);
    };
    let mut left = if keep_stop { at + stop.len() } else { at };
    let mut kept = Vec::new();
    for token in tokens {
        let part = &token[..left.min(token.len())];
        left -= part.len();
        kept.push(part.to_owned());
    }
    kept.retain(|token| !token.is_empty());
    (kept, Some(stop.clone()))
}

fn listed(name: &str) -> Reply {
    Reply::json(200, &json!({ "object": "list", "data": [{ "id": name, "max_model_len": 32768 }] }))
}

fn refused(words: &str) -> Reply {
    Reply::json(400, &json!({ "error": { "message": words, "code": 400 } }))
}

/// As vLLM does: everything works.
pub fn full(request: &Recorded) -> Reply {
    let body = &request.body;
    match request.path.as_str() {
        "/v1/models" => return listed("qwen"),
        "/v1/embeddings" => return Reply::json(200, &json!({ "data": [{ "index": 0, "embedding": [3.0, 4.0] }] })),
        _ => {}
    }
    if body["echo"] == true {
        let text = body["prompt"].as_str().unwrap();
        let pieces: Vec<&str> = text.split_inclusive(' ').collect();
        let numbers: Vec<Value> = (0..pieces.len()).map(|n| if n == 0 { Value::Null } else { json!(-0.5) }).collect();
        let logprobs = json!({ "tokens": pieces, "token_logprobs": numbers });
        return Reply::json(200, &json!({ "choices": [{ "text": text, "logprobs": logprobs }] }));
    }
    let most = body["max_tokens"].as_u64().unwrap() as usize;
    let mut written = tokens(body);
    let finish = if written.len() > most { "length" } else { "stop" };
    written.truncate(most);
    let (written, stop) = cut(written, body, body["include_stop_str_in_output"] == true);
    let count = written.len() as u64;
    let chunk = |token: &String| {
        let mut chunk = said(token);
        if let Some(top) = body["top_logprobs"].as_u64() {
            let alternatives: Vec<Value> =
                (0..top).map(|rank| json!({ "token": rank.to_string(), "logprob": -1.0 - rank as f64 })).collect();
            let content = json!([{ "token": token, "logprob": -1.0, "top_logprobs": alternatives }]);
            chunk["choices"][0]["logprobs"] = json!({ "content": content });
        }
        if body["prompt"].is_string() {
            chunk["choices"][0]["text"] = json!(token);
        }
        chunk
    };
    let mut chunks: Vec<Value> = written.iter().map(chunk).collect();
    let mut end = ended(if stop.is_some() { "stop" } else { finish });
    end["choices"][0]["stop_reason"] = json!(stop);
    chunks.push(end);
    if body["stream_options"]["include_usage"] == true {
        chunks.push(counted(9, count));
    }
    Reply::chunks(&chunks)
}

/// As a small gateway does: chats only, and it refuses every field that it does not know.
pub fn minimal(request: &Recorded) -> Reply {
    const KNOWN: [&str; 7] = ["model", "messages", "max_completion_tokens", "temperature", "top_p", "seed", "stream"];
    if request.path != "/v1/chat/completions" {
        return Reply::text(404, "text/plain", "no such page");
    }
    if request.body["max_tokens"].is_u64() {
        return refused("Unsupported parameter: use 'max_completion_tokens' instead");
    }
    let fields = request.body.as_object().unwrap();
    if let Some(unknown) = fields.keys().find(|key| !KNOWN.contains(&key.as_str()) && *key != "stop") {
        return refused(&format!("unknown field {unknown}"));
    }
    let most = request.body["max_completion_tokens"].as_u64().unwrap() as usize;
    let (written, _) = cut(tokens(&request.body), &request.body, false);
    let finish = if written.len() > most { "length" } else { "stop" };
    let mut chunks: Vec<Value> = written.iter().take(most).map(|token| said(token)).collect();
    chunks.push(ended(finish));
    Reply::chunks(&chunks)
}

/// Says yes to everything and does none of it: one long answer, whole, whatever is asked.
pub fn liar(request: &Recorded) -> Reply {
    match request.path.as_str() {
        "/v1/models" => listed("another-model"),
        "/v1/embeddings" => Reply::json(200, &json!({ "data": [] })),
        "/v1/completions" => Reply::text(200, "text/html", "<html>welcome</html>"),
        _ => {
            static CALLS: AtomicUsize = AtomicUsize::new(0);
            let number = CALLS.fetch_add(1, Ordering::SeqCst);
            let text = format!("{number}: certainly! {}", "I would be happy to help you with that. ".repeat(40));
            let message = json!({ "role": "assistant", "content": text });
            Reply::json(200, &json!({ "choices": [{ "message": message, "finish_reason": "stop" }] }))
        }
    }
}
