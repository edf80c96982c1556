//! The course of a call: gate, deadline, cancellation, queue, and what dropping a stream does.

use std::f64::consts::LN_2;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use stepproof::model::remote::RemoteModel;
use stepproof::model::{CompletionEvent, EntropyKind, EntropyWanted, Finish, Gate, LanguageModel, Request};
use tokio::sync::watch;

use super::mock::{Mock, Part, Reply, counted, ended, event, said, token};
use super::{ask, model, request, served, settings};

const SURE: [(&str, f64); 2] = [("4", -0.105_360_5), ("5", -std::f64::consts::LN_10)];
const UNSURE: [(&str, f64); 2] = [("4", -LN_2), ("5", -LN_2)];

/// A driver that has probed a full server.
async fn connected() -> (Mock, RemoteModel) {
    let mock = Mock::thinking(served::full).await;
    let model = RemoteModel::connect(settings(&mock.url)).await.unwrap();
    mock.script(Vec::new());
    (mock, model)
}

fn gated(threshold_nats: f32) -> Request {
    Request { gate: Some(Gate { kind: EntropyKind::Top20, threshold_nats }), ..request() }
}

#[tokio::test]
async fn the_gate_ends_a_doubtful_call_after_its_first_content_token() {
    let (mock, model) = connected().await;
    let head = [event(&token("<think>", &SURE)), event(&token("\n", &SURE)), event(&token("4", &UNSURE))];
    let mut hanging = head.to_vec();
    hanging.push(Part::Hang);
    mock.script(vec![Reply::stream(hanging.clone())]);
    let completion = ask(&model, gated(0.6)).await.unwrap();
    assert_eq!((completion.finish, completion.raw.as_str()), (Finish::Gate, "<think>\n4"));
    assert_eq!((completion.reasoning.as_str(), completion.tokens.len()), ("4", 3));
    assert!((completion.first.unwrap().entropy_nats - std::f32::consts::LN_2).abs() < 1e-5);
    assert!(completion.usage.estimated && completion.usage.completion_tokens == 3);
    mock.until_abandoned(1).await;
    assert_eq!(
        (mock.requests()[0].body["logprobs"].as_bool(), mock.requests()[0].body["top_logprobs"].as_u64()),
        (Some(true), Some(20))
    );

    // Under the threshold it goes on, and the distribution comes all the same.
    let mut parts = head.to_vec();
    parts.extend([event(&token(" so", &SURE)), event(&ended("length")), event(&counted(9, 4))]);
    mock.script(vec![Reply::stream(parts)]);
    let completion = ask(&model, gated(0.7)).await.unwrap();
    assert_eq!((completion.finish, completion.usage.estimated), (Finish::Length, false));
    assert!((completion.first.unwrap().entropy_nats - std::f32::consts::LN_2).abs() < 1e-5);
    assert!(completion.tokens.iter().all(|token| token.top.is_empty()), "alternatives were not asked for");
}

#[tokio::test]
async fn text_behind_the_gates_token_is_dropped() {
    let (mock, model) = connected().await;
    let mut two = token("4", &UNSURE);
    let second = token("2", &SURE)["choices"][0]["logprobs"]["content"][0].clone();
    two["choices"][0]["logprobs"]["content"].as_array_mut().unwrap().push(second);
    two["choices"][0]["delta"]["content"] = "42".into();
    mock.script(vec![Reply::stream(vec![event(&two), Part::Hang])]);
    let completion = ask(&model, gated(0.0)).await.unwrap();
    assert_eq!((completion.text.as_str(), completion.tokens.len()), ("4", 1));
}

#[tokio::test]
async fn every_token_has_its_entropy_where_asked_for() {
    let (mock, model) = connected().await;
    mock.script(vec![Reply::chunks(&[token("4", &SURE), token("2", &UNSURE), ended("stop"), counted(9, 2)])]);
    let asked =
        Request { entropy: EntropyWanted::Every, entropy_kind: EntropyKind::Top20, top_logprobs: 1, ..request() };
    let completion = ask(&model, asked.clone()).await.unwrap();
    let entropies: Vec<f32> = completion.tokens.iter().map(|token| token.entropy_nats.unwrap()).collect();
    assert!(
        (entropies[0] - 0.325_083).abs() < 1e-4 && (entropies[1] - std::f32::consts::LN_2).abs() < 1e-4,
        "{entropies:?}"
    );
    assert_eq!(completion.tokens[0].top.len(), 1);
    // Log-probabilities that do not come although the probe saw some: no silent zero.
    mock.script(vec![Reply::chunks(&[said("4"), ended("stop")])]);
    let error = ask(&model, asked).await.unwrap_err().to_string();
    assert!(error.contains("no log-probabilities"), "{error}");
}

#[tokio::test]
async fn cancelling_keeps_what_has_arrived() {
    let mock = Mock::scripted(vec![Reply::stream(vec![event(&said("one ")), Part::Hang])]).await;
    let request = request();
    let cancel = request.cancel.clone();
    let mut stream = model(&mock.url).complete(request).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    assert!(matches!(first, CompletionEvent::Delta { text, .. } if text == "one "));
    cancel.cancel();
    let Some(Ok(CompletionEvent::Done(completion))) = stream.next().await else { panic!("no end") };
    assert_eq!((completion.finish, completion.text.as_str()), (Finish::Cancelled, "one "));
    assert!(completion.usage.estimated && completion.usage.completion_tokens == 1);
    mock.until_abandoned(1).await;
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn deadlines_end_every_wait() {
    let soon = || Request { deadline: Some(Instant::now() + Duration::from_millis(700)), ..request() };
    let later = "3600";
    // Before the first byte, in the middle, and while waiting to be let in again.
    let busy = Reply::text(503, "text/plain", "busy").header("retry-after", later);
    let replies = vec![Reply::stream(vec![Part::Hang]), Reply::stream(vec![event(&said("one")), Part::Hang]), busy];
    let mock = Mock::scripted(replies).await;
    let mut settings = settings(&mock.url);
    settings.timeouts.longest_wait = Duration::from_secs(7200);
    let model = RemoteModel::new(settings).unwrap();
    for text in ["", "one", ""] {
        let completion = ask(&model, soon()).await.unwrap();
        assert_eq!((completion.finish, completion.text.as_str()), (Finish::Deadline, text));
        assert!(completion.usage.estimated);
    }
    // A deadline that has passed sends nothing.
    let past = Request { deadline: Some(Instant::now()), ..request() };
    assert_eq!(ask(&model, past).await.unwrap().finish, Finish::Deadline);
    assert_eq!(mock.requests().len(), 3);
}

#[tokio::test]
async fn cancelled_callers_leave_the_queue() {
    let mock = Mock::scripted(vec![Reply::stream(vec![event(&said("one")), Part::Hang])]).await;
    let mut settings = settings(&mock.url);
    settings.concurrency = 1;
    let model = RemoteModel::new(settings).unwrap();
    let holder = model.complete(request()).await.unwrap();
    let waiting = request();
    let cancel = waiting.cancel.clone();
    let waiting = tokio::spawn({
        let model = model.clone();
        async move { ask(&model, waiting).await }
    });
    cancel.cancel();
    assert_eq!(waiting.await.unwrap().unwrap().finish, Finish::Cancelled);
    assert_eq!(mock.requests().len(), 1);
    // Dropping a stream closes its connection and frees its place.
    drop(holder);
    mock.until_abandoned(1).await;
    mock.script(vec![Reply::chunks(&[said("4"), ended("stop")])]);
    assert_eq!(ask(&model, request()).await.unwrap().text, "4");
}

#[tokio::test]
async fn no_more_calls_are_in_flight_than_allowed() {
    let (open, gate) = watch::channel(false);
    let reply = Reply::stream(vec![Part::Until(gate), event(&said("4")), event(&ended("stop"))]);
    let mock = Mock::thinking(move |_| reply.clone()).await;
    let mut settings = settings(&mock.url);
    settings.concurrency = 3;
    let model = Arc::new(RemoteModel::new(settings).unwrap());
    let calls: Vec<_> = (0..12)
        .map(|_| {
            let model = Arc::clone(&model);
            tokio::spawn(async move { ask(&model, request()).await })
        })
        .collect();
    mock.until_in_flight(3).await;
    // Time for a fourth to come, if it could.
    tokio::time::sleep(Duration::from_millis(50)).await;
    open.send(true).unwrap();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().text, "4");
    }
    assert_eq!((mock.most_in_flight(), mock.requests().len()), (3, 12));
}

#[tokio::test]
async fn requests_that_break_a_rule_are_not_sent() {
    let mock = Mock::scripted(Vec::new()).await;
    let model = model(&mock.url);
    let check = async |change: fn(&mut Request), expected: &str| {
        let mut request = request();
        change(&mut request);
        let error = ask(&model, request).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(|request| request.max_tokens = 0, "max_tokens is 0").await;
    check(|request| request.sampling.temperature = f32::NAN, "temperature is NaN").await;
    check(|request| request.sampling.top_p = 0.0, "top_p is 0").await;
    check(|request| request.prompt.messages.clear(), "the prompt is empty").await;
    check(|request| request.sampling.top_k = Some(5), "top_k and min_p").await;
    assert!(mock.requests().is_empty());
}
