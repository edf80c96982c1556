//! What goes wrong on the way: each is retried or is an error that says where and what, and none is a short answer.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use stepproof::model::remote::RemoteModel;
use stepproof::model::{Finish, LanguageModel, ModelError};

use super::mock::{Mock, Part, Reply, counted, ended, event, said};
use super::{KEY, ask, model, request, settings};

fn good() -> Reply {
    Reply::chunks(&[said("4"), ended("stop"), counted(9, 1)])
}

fn bytes(text: &str) -> Part {
    Part::Bytes(text.as_bytes().to_vec())
}

fn busy(status: u16) -> Reply {
    Reply::json(status, &json!({ "error": { "message": "too many of you" } }))
}

/// Scripts replies and expects the answer 4 after so many tries more.
async fn recovers(replies: Vec<Reply>, retries: u64) {
    let count = replies.len();
    let mock = Mock::scripted(replies).await;
    let completion = ask(&model(&mock.url), request()).await.unwrap();
    assert_eq!((completion.text.as_str(), completion.finish, completion.usage.retries), ("4", Finish::End, retries));
    let requests = mock.requests();
    assert_eq!(requests.len(), count);
    assert!(requests.iter().all(|request| request.body == requests[0].body), "every try asks the same");
}

/// Scripts replies and expects an error with these words after so many requests.
async fn fails(replies: Vec<Reply>, words: &[&str], requests: usize) -> ModelError {
    let mock = Mock::scripted(replies).await;
    let error = ask(&model(&mock.url), request()).await.unwrap_err();
    let shown = error.to_string();
    for word in words {
        assert!(shown.contains(word), "no {word:?} in: {shown}");
    }
    assert!(shown.contains(&mock.url), "no URL in: {shown}");
    assert!(shown.len() < 1_500 && !shown.contains(['\n', '\u{1b}']), "not fit to be shown: {shown}");
    assert_eq!(mock.requests().len(), requests, "{shown}");
    error
}

#[tokio::test]
async fn passing_faults_are_tried_again() {
    recovers(vec![busy(429).header("retry-after", "0"), good()], 1).await;
    recovers(vec![busy(429).header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), good()], 1).await;
    recovers(vec![busy(500), good()], 1).await;
    for status in [408, 409, 425, 502, 503, 504] {
        recovers(vec![busy(status), good()], 1).await;
    }
    recovers(vec![busy(503), busy(429), good()], 2).await;
    // Cut before the first byte, and empty.
    recovers(vec![Reply::stream(vec![Part::Cut]), good()], 1).await;
    recovers(vec![Reply::stream(Vec::new()), good()], 1).await;
}

#[tokio::test]
async fn lasting_faults_end_with_the_servers_words() {
    fails(vec![busy(500), busy(500), busy(500)], &["HTTP status 500", "too many of you"], 3).await;
    for status in [400, 401, 403, 404, 422] {
        fails(vec![busy(status)], &[&format!("HTTP status {status}: too many of you")], 1).await;
    }
    // A server that wants us gone for an hour has refused.
    fails(vec![busy(429).header("retry-after", "3600")], &["HTTP status 429"], 1).await;
    let long = json!({ "error": { "code": "context_length_exceeded",
        "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens" } });
    let mock = Mock::scripted(vec![Reply::json(400, &long)]).await;
    let error = ask(&model(&mock.url), request()).await.unwrap_err();
    assert_eq!(error.to_string(), "fit the prompt: 5000 tokens, the context of qwen holds 4096");
}

#[tokio::test]
async fn broken_streams_are_failed_calls() {
    let begun = || vec![event(&said("The answer"))];
    let with = |last: Part| {
        let mut parts = begun();
        parts.push(last);
        vec![Reply::stream(parts)]
    };
    fails(with(Part::Cut), &["read the answer of qwen", "broke off", "The answer"], 1).await;
    fails(vec![Reply::stream(begun())], &["cut before its end", "The answer"], 1).await;
    fails(with(bytes("data: [DONE]\n\n")), &["cut before its end"], 1).await;
    fails(with(bytes("data: {\"choices\": [{\"del")), &["no JSON of the protocol"], 1).await;
    fails(with(bytes("data: {]\u{1b}[31m\n\n")), &["no JSON of the protocol", "{]\\u{1b}[31m"], 1).await;
    fails(with(bytes("data: {\"choices\": 7}\n\n")), &["no JSON of the protocol"], 1).await;
    fails(with(Part::Bytes(b"data: \xff\xfe\n\n".to_vec())), &["no UTF-8"], 1).await;
    let reported = json!({ "error": { "message": "CUDA out of memory", "code": 500 } });
    fails(with(event(&reported)), &["reports an error", "CUDA out of memory"], 1).await;
    let reported = json!({ "object": "error", "message": "engine died" });
    fails(with(event(&reported)), &["engine died"], 1).await;
    fails(with(event(&ended("content_filter"))), &["content filter"], 1).await;
    fails(with(event(&ended("abort"))), &["`abort`"], 1).await;
}

#[tokio::test]
async fn oversize_streams_are_cut() {
    let long = "x".repeat(2 << 20);
    fails(vec![Reply::stream(vec![event(&said(&long))])], &["a line is longer than 1048576 bytes"], 1).await;
    let mut many = vec![event(&said(&"x".repeat(1 << 19))); 40];
    many.push(event(&ended("stop")));
    fails(vec![Reply::stream(many)], &["longer than 16777216 bytes"], 1).await;
    fails(vec![Reply::text(200, "application/json", &"[".repeat(17 << 20))], &["longer than 16777216"], 1).await;
}

#[tokio::test]
async fn answers_of_another_kind_are_named() {
    fails(vec![Reply::text(200, "text/html", "<html>\n<h1>Welcome")], &["text/html", "<html>\\n<h1>Welcome"], 1).await;
    fails(vec![Reply::json(200, &json!({ "error": "no GPU" }))], &["no GPU"], 1).await;
    fails(vec![Reply::json(200, &json!({ "hello": 1 }))], &["cut before its end"], 1).await;
    fails(vec![Reply::text(200, "application/json", "}{")], &["no JSON of the protocol"], 1).await;
}

#[tokio::test]
async fn silence_is_an_error() {
    let mock = Mock::scripted(vec![
        Reply::stream(vec![event(&said("The answer")), Part::Hang]),
        Reply::stream(vec![Part::Hang]),
    ])
    .await;
    let mut settings = settings(&mock.url);
    settings.timeouts.idle = Duration::from_millis(50);
    settings.timeouts.first_byte = Duration::from_millis(1500);
    let model = RemoteModel::new(settings).unwrap();
    let error = ask(&model, request()).await.unwrap_err().to_string();
    assert!(error.contains("nothing came for 0.05 s; last came:") && error.contains("The answer"), "{error}");
    let error = ask(&model, request()).await.unwrap_err().to_string();
    assert!(error.starts_with("reach model qwen at http://") && error.ends_with("nothing came for 1.5 s"), "{error}");
    assert_eq!(mock.requests().len(), 2, "a slow server is not asked again");
}

#[tokio::test]
async fn a_total_ends_a_server_that_drips() {
    let ping = bytes(": ping\n\n");
    let mock = Mock::scripted(vec![Reply::stream(vec![ping, Part::Hang])]).await;
    let mut settings = settings(&mock.url);
    settings.timeouts.total = Some(Duration::from_millis(100));
    let error = ask(&RemoteModel::new(settings).unwrap(), request()).await.unwrap_err().to_string();
    assert!(error.contains("did not end within 0.1 s"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    // Bound and dropped: nobody listens there.
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://user:{KEY}@{address}/v1?secret={KEY}");
    let model = model(&url);
    for error in [ask(&model, request()).await.unwrap_err(), model.probe().await.unwrap_err()] {
        assert!(matches!(error, ModelError::Unreachable { .. }), "{error:?}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(&format!("http://{address}/v1: ")) && shown.contains("refused"), "{shown}");
        assert!(!shown.contains(KEY), "{shown}");
    }
    assert_eq!(model.identity().source, format!("qwen @ http://{address}/v1"));
}

#[tokio::test]
async fn keys_reach_their_server_and_nothing_else() {
    let echo = json!({ "error": { "message": format!("the key {KEY} is wrong") } });
    let mock = Mock::scripted(vec![Reply::json(401, &echo)]).await;
    let mut settings = settings(&mock.url);
    settings.headers = vec![("x-api-key".to_owned(), "another-secret".to_owned())];
    let model = RemoteModel::new(settings.clone()).unwrap();
    let error = ask(&model, request()).await.unwrap_err();
    let shown = format!("{error} {error:?} {model:?} {settings:?}");
    assert!(!shown.contains(KEY) && !shown.contains("another-secret"), "{shown}");
    assert!(error.to_string().contains("the key [redacted] is wrong"));
    let request = &mock.requests()[0];
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(request.headers["x-api-key"], "another-secret");
}

#[tokio::test]
async fn redirects_stay_on_their_host() {
    let other = Mock::scripted(vec![good()]).await;
    let target = format!("{}/chat/completions", other.url);
    let mock = Mock::scripted(vec![Reply::text(307, "text/plain", "go there").header("location", &target)]).await;
    let error = ask(&model(&mock.url), request()).await.unwrap_err().to_string();
    assert!(error.contains("HTTP status 307: go there"), "{error}");
    assert!(other.requests().is_empty(), "the key went to another host");

    let moved = Reply::text(307, "text/plain", "").header("location", "/v2/chat/completions");
    let mock = Mock::scripted(vec![moved, good()]).await;
    assert_eq!(ask(&model(&mock.url), super::request()).await.unwrap().text, "4");
    assert_eq!(mock.requests()[1].path, "/v2/chat/completions");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let check = |url: &str, key: &str, expected: &str| {
        let mut settings = settings(url);
        settings.key = Some(stepproof::model::remote::Secret::new(key));
        let error = RemoteModel::new(settings).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("hidden"), "{error}");
    };
    check("localhost:8080/v1", "k", "must begin with http");
    check("ftp://host/v1", "k", "must begin with http");
    check("user:hidden@", "k", "http://host:port/v1");
    check("http://host/v1", "hidden\nkey", "the key holds characters");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any bytes end the call with an answer or a typed error.
    #[test]
    fn no_bytes_cause_a_panic(pieces in prop::collection::vec(any_piece(), 0..8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let parts = pieces.iter().cloned().map(Part::Bytes).collect();
            let mock = Mock::scripted(vec![Reply::stream(parts); 3]).await;
            if let Ok(completion) = ask(&model(&mock.url), request()).await {
                assert!(completion.raw.len() < 100_000);
            }
        });
    }
}

fn any_piece() -> impl Strategy<Value = Vec<u8>> {
    let fragments = prop::sample::select(vec![
        "data: ",
        "\n\n",
        "\r",
        "{\"choices\":[{",
        "\"delta\":{\"content\":\"<think>\"}",
        "}]}",
        "[DONE]",
        "null",
        "-1e999",
        "\"finish_reason\":\"stop\"",
        "\"logprobs\":{\"content\":[{\"bytes\":[255]}]}",
        ",",
        "\u{feff}",
        "event: error\n",
        "data: {\"choices\":[{\"text\":\"a\",\"finish_reason\":\"length\"}]}\n\n",
        "data: {\"error\":null}\n\n",
        "data: {\"usage\":{\"completion_tokens\":18446744073709551615}}\n\n",
        "data: {\"choices\":[{}]}\n\n",
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        prop::collection::vec(fragments, 0..10).prop_map(|parts| parts.concat().into_bytes()),
    ]
}
