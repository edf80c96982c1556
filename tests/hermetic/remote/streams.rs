//! What the streams of different servers come to: text, reasoning, tokens, finish, usage.

use std::io::Write;

use futures_util::StreamExt;
use serde_json::{Value, json};
use stepproof::model::{Completion, CompletionEvent, Finish, LanguageModel, Request};
use stepproof::step::Phase;

use super::mock::{Mock, Part, Reply, counted, ended, event, said, thought, token};
use super::{ask, model, request};

async fn answered(request: Request, reply: Reply) -> Completion {
    let mock = Mock::scripted(vec![reply]).await;
    ask(&model(&mock.url), request).await.unwrap()
}

/// A completion as a line: reasoning, text, raw, finish, completion tokens.
fn line(completion: &Completion) -> String {
    let Completion { reasoning, text, raw, finish, usage, .. } = completion;
    let mark = if usage.estimated { "~" } else { "" };
    let open = if completion.open_reasoning { ", open" } else { "" };
    format!("{reasoning:?} {text:?} {raw:?} {} {mark}{}{open}", finish.name(), usage.completion_tokens)
}

async fn check(chunks: &[Value], expected: &str) {
    let completion = answered(request(), Reply::chunks(chunks)).await;
    assert_eq!(line(&completion), expected, "{chunks:?}");
}

#[tokio::test]
async fn usage_comes_in_many_ways_or_not_at_all() {
    let last = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }], "usage": { "completion_tokens": 7 } });
    check(&[said("4"), ended("stop"), counted(9, 2)], r#""" "4" "4" end 2"#).await;
    check(&[said("4"), last], r#""" "4" "4" end ~7"#).await;
    check(&[said("4"), said("2"), ended("length")], r#""" "42" "42" length ~2"#).await;
    check(&[said("4"), ended("stop"), json!({ "choices": [], "usage": null })], r#""" "4" "4" end ~1"#).await;
    let logprobs = [("4", -0.1), ("5", -3.0)];
    check(&[token("4", &logprobs), token("2", &logprobs), ended("stop")], r#""" "42" "42" end ~2"#).await;
    check(&[said("4"), ended("stop"), counted(u64::MAX, u64::MAX)], r#""" "4" "4" end 4294967296"#).await;
    check(&[ended("stop"), counted(9, 1)], r#""" "" "" end 1"#).await;
}

#[tokio::test]
async fn usage_keeps_its_details() {
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": 100, "completion_tokens": 20,
        "prompt_tokens_details": { "cached_tokens": 64 }, "completion_tokens_details": { "reasoning_tokens": 15 } } });
    let timings = json!({ "choices": [], "timings": { "prompt_ms": 12.5, "predicted_ms": 80.0, "predicted_n": 20 } });
    let usage = answered(request(), Reply::chunks(&[said("4"), ended("stop"), usage, timings])).await.usage;
    assert_eq!((usage.calls, usage.prompt_tokens, usage.cached_tokens), (1, 100, 64));
    assert_eq!((usage.completion_tokens, usage.reasoning_tokens, usage.estimated), (20, 15, false));
    assert_eq!((usage.prefill_ms, usage.decode_ms), (12.5, 80.0));
}

#[tokio::test]
async fn streams_end_in_many_ways() {
    // No end mark, and no blank line after the last event.
    let bare = vec![event(&said("4")), Part::Bytes(format!("data: {}", ended("stop")).into_bytes())];
    assert_eq!(line(&answered(request(), Reply::stream(bare)).await), r#""" "4" "4" end ~1"#);
    // The connection breaks after the text's end, or stays open.
    for last in [Part::Cut, Part::Hang] {
        let parts = vec![event(&said("4")), event(&ended("stop")), last];
        assert_eq!(line(&answered(request(), Reply::stream(parts)).await), r#""" "4" "4" end ~1"#);
    }
    // Comments, CRLF, fields that nobody asked for.
    let text = format!(": ping\r\n\r\nevent: message\r\nid: 1\r\ndata: {}\r\n\r\n: ping\r\n", said("4"));
    let parts = vec![Part::Bytes(text.into_bytes()), event(&ended("stop"))];
    assert_eq!(line(&answered(request(), Reply::stream(parts)).await), r#""" "4" "4" end ~1"#);
    // No stream at all.
    let message = json!({ "message": { "content": "4", "reasoning_content": "2+2" }, "finish_reason": "stop" });
    let whole = json!({ "choices": [message], "usage": { "prompt_tokens": 9, "completion_tokens": 5 } });
    let completion = answered(request(), Reply::json(200, &whole)).await;
    assert_eq!(line(&completion), r#""2+2" "4" "<think>2+2</think>4" end 5"#);
}

#[tokio::test]
async fn reasoning_comes_apart_or_in_tags() {
    let apart = [thought("two "), thought("and two"), said("4"), said("."), ended("stop"), counted(9, 6)];
    check(&apart, r#""two and two" "4." "<think>two and two</think>4." end 6"#).await;
    let other = json!({ "choices": [{ "delta": { "reasoning": "hm" } }] });
    check(&[other, said("4"), ended("stop")], r#""hm" "4" "<think>hm</think>4" end ~2"#).await;
    check(&[thought("two"), ended("length")], r#""two" "" "<think>two" length ~1, open"#).await;
    check(
        &[said("<th"), said("ink>\nso"), said("\n</thi"), said("nk>\n\n4"), ended("stop")],
        r#""so" "4" "<think>\nso\n</think>\n\n4" end ~4"#,
    )
    .await;
    check(&[said("<think>so"), ended("length")], r#""so" "" "<think>so" length ~1, open"#).await;
    // Ended inside its thoughts: contracts.md section 1.
    check(&[said("<think>so"), ended("stop")], r#""so" "" "<think>so" length ~1, open"#).await;
}

#[tokio::test]
async fn deltas_join_to_the_completion() {
    let chunks = [said("<think>a"), said("b</think>"), said("\n\nc"), said("d"), ended("stop")];
    let mock = Mock::scripted(vec![Reply::chunks(&chunks)]).await;
    let mut stream = model(&mock.url).complete(request()).await.unwrap();
    let (mut thought, mut answer) = (String::new(), String::new());
    while let Some(event) = stream.next().await {
        match event.unwrap() {
            CompletionEvent::Delta { phase: Phase::Think, text } => thought += &text,
            CompletionEvent::Delta { phase: Phase::Answer, text } => answer += &text,
            CompletionEvent::Done(completion) => {
                assert_eq!((&completion.reasoning, &completion.text), (&thought, &answer));
            }
        }
    }
    assert_eq!((thought.as_str(), answer.as_str()), ("ab", "cd"));
}

#[tokio::test]
async fn stop_texts_end_the_call_here() {
    let mut stopped = request();
    stopped.stops = vec!["\n\n".to_owned(), "Step 2".to_owned()];
    // The server ignores them and never ends; the stop text comes in two pieces.
    let parts = vec![event(&said("one")), event(&said("\n")), event(&said("\ntwo")), Part::Hang];
    let mock = Mock::scripted(vec![Reply::stream(parts)]).await;
    let completion = ask(&model(&mock.url), stopped.clone()).await.unwrap();
    assert_eq!(line(&completion), r#""" "one" "one" stop ~3"#);
    assert_eq!(completion.finish, Finish::Stop("\n\n".to_owned()));
    mock.until_abandoned(1).await;
    assert_eq!(mock.requests()[0].body.get("stop"), None, "what a plain server does with them is not known");
    // What only begins like a stop text comes out at the end.
    let completion = answered(stopped, Reply::chunks(&[said("one\n"), said("Ste"), ended("stop")])).await;
    assert_eq!(line(&completion), r#""" "one\nSte" "one\nSte" end ~2"#);
}

#[tokio::test]
async fn letters_survive_cuts_between_network_pieces() {
    let text = format!("data: {}\n\ndata: {}\n\n", said("naïve ∑ 🎲"), ended("stop"));
    for size in [1, 3, 7] {
        let parts = text.as_bytes().chunks(size).map(|chunk| Part::Bytes(chunk.to_vec())).collect();
        assert_eq!(answered(request(), Reply::stream(parts)).await.text, "naïve ∑ 🎲");
    }
}

#[tokio::test]
async fn compressed_streams_are_read() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(format!("data: {}\n\ndata: {}\n\n", said("4"), ended("stop")).as_bytes()).unwrap();
    let reply = Reply::stream(vec![Part::Bytes(encoder.finish().unwrap())]).header("content-encoding", "gzip");
    assert_eq!(answered(request(), reply).await.text, "4");
}
