//! What a server means by an error status.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::settings::Redactor;
use crate::model::ModelError;

#[expect(clippy::expect_used, reason = "constant patterns, compiled in a test")]
static CONTEXT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)context (?:length|size|window)\D{0,60}?(\d{1,12})").expect("the pattern is well formed")
});
#[expect(clippy::expect_used, reason = "constant patterns, compiled in a test")]
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:requested|resulted in|contains|passed|prompt is|request)\D{0,40}?(\d{1,12}) (?:input )?tokens")
        .expect("the pattern is well formed")
});

/// Makes an error of a status and its body. An overlong prompt is told apart where the server gives its length.
pub(super) fn refusal(
    status: u16,
    body: &str,
    model: &str,
    url: &str,
    context: Option<u32>,
    redactor: &Redactor,
) -> ModelError {
    let json: Option<Value> = serde_json::from_str(body).ok();
    let message = json.as_ref().and_then(message);
    if matches!(status, 400 | 413 | 422)
        && let Some((tokens, context)) = overlong(json.as_ref(), message.unwrap_or(body), context)
    {
        return ModelError::PromptTooLong { model: model.to_owned(), tokens, context };
    }
    let body = match redactor.excerpt(message.unwrap_or(body)) {
        empty if empty.is_empty() => "(no text)".to_owned(),
        text => text,
    };
    ModelError::Status { model: model.to_owned(), url: url.to_owned(), status, body }
}

/// Gives the sentence in an error document: `{"error": {"message": …}}`, `{"error": …}`, `{"message": …}`,
/// `{"detail": …}`.
pub(super) fn message(document: &Value) -> Option<&str> {
    let error = document.get("error");
    error
        .and_then(|error| error.get("message"))
        .or(error)
        .and_then(Value::as_str)
        .or_else(|| document.get("message").and_then(Value::as_str))
        .or_else(|| document.get("detail").and_then(Value::as_str))
}

fn overlong(document: Option<&Value>, message: &str, known: Option<u32>) -> Option<(usize, u32)> {
    let error = document.and_then(|document| document.get("error"));
    let field = |name: &str| error.and_then(|error| error.get(name));
    let named = |name: &str| matches!(field(name).and_then(Value::as_str), Some("context_length_exceeded"));
    // llama-server gives both numbers as fields.
    let tokens = field("n_prompt_tokens").and_then(Value::as_u64);
    if let (Some(tokens), Some(context)) = (tokens, field("n_ctx").and_then(Value::as_u64)) {
        return Some((usize::try_from(tokens).ok()?, u32::try_from(context).ok()?));
    }
    let lower = message.to_ascii_lowercase();
    if !(named("code") || named("type") || lower.contains("maximum context length") || lower.contains("context size")) {
        return None;
    }
    let number = |pattern: &Regex| pattern.captures(message)?.get(1)?.as_str().parse::<u64>().ok();
    let context = number(&CONTEXT).and_then(|context| u32::try_from(context).ok()).or(known)?;
    Some((usize::try_from(number(&TOKENS)?).ok()?, context))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::remote::RemoteSettings;

    fn check(status: u16, body: &str, expected: &str) {
        let redactor = Redactor::new(&RemoteSettings::new("qwen", "http://host/v1"));
        let error = refusal(status, body, "qwen", "http://host/v1", None, &redactor);
        assert_eq!(error.to_string(), expected, "{body}");
    }

    #[test]
    fn overlong_prompts_are_told_apart() {
        let expected = "fit the prompt: 5000 tokens, the context of qwen holds 4096";
        let openai = r#"{"error":{"code":"context_length_exceeded","message":"This model's maximum context length is
            4096 tokens. However, your messages resulted in 5000 tokens."}}"#;
        check(400, openai, expected);
        let vllm = r#"{"object":"error","message":"This model's maximum context length is 4096 tokens. However, you
            requested 5000 tokens (4000 in the messages, 1000 in the completion)."}"#;
        check(400, vllm, expected);
        let llama = r#"{"error":{"code":400,"type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096,
            "message":"the request exceeds the available context size"}}"#;
        check(400, llama, expected);
    }

    #[test]
    fn other_refusals_carry_the_servers_words() {
        let prefix = "use model qwen at http://host/v1: HTTP status";
        check(404, r#"{"error":{"message":"no model qwen"}}"#, &format!("{prefix} 404: no model qwen"));
        check(401, r#"{"error":"bad key"}"#, &format!("{prefix} 401: bad key"));
        check(422, r#"{"detail":"context is a strange word"}"#, &format!("{prefix} 422: context is a strange word"));
        check(502, "<html>\u{7}</html>", &format!("{prefix} 502: <html>\\u{{7}}</html>"));
        check(500, "", &format!("{prefix} 500: (no text)"));
        check(
            400,
            r#"{"error":{"n_prompt_tokens":1e300}}"#,
            &format!("{prefix} 400: {{\"error\":{{\"n_prompt_tokens\":1e300}}}}"),
        );
    }
}
