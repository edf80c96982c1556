//! What the probe finds out about servers, and what the driver then sends and refuses.

use serde_json::{Value, json};
use stepproof::model::remote::{ContinuationForm, ProbeReport, ReasoningForm, RemoteModel, StopForm, StopSupport};
use stepproof::model::{ChatStyle, EntropyKind, Grammar, LanguageModel, ModelError, Prompt, Request, Segment};

use super::mock::{Mock, Recorded, Reply, ended, said, thought};
use super::{ask, model, question, request, served, settings};

async fn probed(brain: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> (Mock, RemoteModel, ProbeReport) {
    let mock = Mock::thinking(brain).await;
    let mut model = model(&mock.url);
    let report = model.probe().await.unwrap();
    model.apply(&report);
    (mock, model, report)
}

fn started(question: &str, start: &str) -> Request {
    let mut request = request();
    request.prompt = super::question(question);
    request.prompt.continuation = vec![Segment::Untrusted(start.to_owned())];
    request
}

#[tokio::test]
async fn a_full_server_offers_everything() {
    let (mock, model, report) = probed(served::full).await;
    assert_eq!((report.is_listed, report.context, model.identity().context), (Some(true), Some(32768), Some(32768)));
    assert!(report.chat && report.completions && report.streaming && report.usage_in_stream && report.max_tokens);
    assert_eq!((report.continuation, report.reasoning), (ContinuationForm::FinalMessage, ReasoningForm::None));
    assert_eq!((report.stops, report.stop_form()), (StopSupport::Included, StopForm::Told));
    assert_eq!(report.calls as usize, mock.requests().len());
    assert!(report.calls <= 14, "{} calls", report.calls);
    let capabilities = model.capabilities();
    assert_eq!((capabilities.chat, capabilities.top_logprobs), (ChatStyle::Chat, 20));
    assert!(capabilities.continuation && capabilities.seeded && capabilities.grammar && capabilities.embeddings);
    assert!(capabilities.log_likelihood && !capabilities.full_entropy);

    // What is sent now.
    mock.script(Vec::new());
    let mut asked = started("Write this sentence: The capital of France is Paris.", "The capital of France is Par");
    asked.stops = vec!["}".to_owned()];
    asked.sampling.seed = u64::MAX;
    let completion = ask(&model, asked).await.unwrap();
    assert_eq!((completion.text.as_str(), completion.finish.name()), ("is\"", "stop"));
    assert!(!completion.usage.estimated, "the server ended there itself");
    let expected = json!({
        "model": "qwen",
        "messages": [
            { "role": "user", "content": "Write this sentence: The capital of France is Paris." },
            { "role": "assistant", "content": "The capital of France is Par" },
        ],
        "max_tokens": 50, "temperature": 0.0, "top_p": 1.0, "top_k": -1, "min_p": 0.0, "seed": 2_147_483_647,
        "stop": ["}"], "include_stop_str_in_output": true,
        "add_generation_prompt": false, "continue_final_message": true,
        "stream": true, "stream_options": { "include_usage": true },
    });
    assert_eq!(mock.requests()[0].body, expected);

    assert_eq!(model.embed(&["a".to_owned()]).await.unwrap(), [[0.6, 0.8]]);
    assert_eq!(model.log_likelihood(&Prompt::raw("one "), "two three").await.unwrap(), [-0.5, -0.5]);
    let distribution = model.next_token(&question("one"), EntropyKind::Top20).await.unwrap();
    assert!((distribution.entropy_nats - 1.040_65).abs() < 1e-4, "a geometric distribution: {distribution:?}");
}

#[tokio::test]
async fn a_minimal_server_offers_chats_and_little_else() {
    let (mock, model, report) = probed(served::minimal).await;
    assert_eq!((report.listed.as_ref(), report.is_listed, report.context), (None, None, None));
    assert!(report.chat && report.streaming && report.seeded && report.max_tokens);
    assert!(!(report.completions || report.usage_in_stream || report.sampling_extensions || report.json_schema));
    assert!(!(report.gbnf || report.embeddings || report.log_likelihood));
    assert_eq!((report.continuation, report.top_logprobs), (ContinuationForm::None, 0));
    assert_eq!((report.stops, report.stop_form()), (StopSupport::Silent, StopForm::CutHere));
    let sentences = report.sentences().join("\n");
    assert!(sentences.contains("It does not continue started answers: no step-by-step strategies."), "{sentences}");

    // A strategy that needs what is not there hears it before anything is sent.
    mock.script(Vec::new());
    let refused = |error: ModelError| error.to_string();
    let error = refused(ask(&model, started("Count.", "one")).await.unwrap_err());
    assert_eq!(error, "get continuation of a started answer from qwen: the model or its server does not offer them");
    assert!(refused(model.next_token(&question("a"), EntropyKind::Top20).await.unwrap_err()).contains("top20"));
    assert!(refused(model.next_token(&question("a"), EntropyKind::Full).await.unwrap_err()).contains("full"));
    assert!(refused(model.embed(&["a".to_owned()]).await.unwrap_err()).contains("embeddings"));
    let raw = Request { prompt: Prompt::raw("a"), ..request() };
    assert!(refused(ask(&model, raw).await.unwrap_err()).contains("raw completions"));
    let constrained = Request { grammar: Some(Grammar::Gbnf("root ::= \"a\"".to_owned())), ..request() };
    assert!(refused(ask(&model, constrained).await.unwrap_err()).contains("GBNF"));
    assert!(mock.requests().is_empty());

    let mut stopped = request();
    stopped.prompt = question("Count.");
    stopped.stops = vec![" three".to_owned()];
    assert_eq!(ask(&model, stopped).await.unwrap().text, "one two");
    let expected = json!({
        "model": "qwen", "messages": [{ "role": "user", "content": "Count." }],
        "max_completion_tokens": 50, "temperature": 0.0, "top_p": 1.0, "seed": 0, "stream": true,
    });
    assert_eq!(mock.requests()[0].body, expected);
}

#[tokio::test]
async fn a_server_that_lies_is_found_out() {
    let (_mock, model, report) = probed(served::liar).await;
    assert_eq!(report.is_listed, Some(false));
    assert!(report.chat && !report.streaming && !report.completions && !report.usage_in_stream);
    assert!(!(report.seeded || report.max_tokens || report.json_schema || report.gbnf || report.embeddings));
    assert_eq!((report.continuation, report.top_logprobs), (ContinuationForm::None, 0));
    assert_eq!(report.stop_form(), StopForm::CutHere);
    assert!(!model.capabilities().continuation && !model.capabilities().log_likelihood);
    let sentences = report.sentences().join("\n");
    assert!(
        sentences.contains("it lists another-model") && sentences.contains("does not obey max_tokens"),
        "{sentences}"
    );
}

#[tokio::test]
async fn the_probe_sees_where_reasoning_comes_from() {
    let check = |chunks: Vec<Value>, expected: ReasoningForm| async move {
        let (mock, model, report) = probed(move |request| match request.path.as_str() {
            "/v1/chat/completions" => Reply::chunks(&chunks),
            _ => Reply::text(404, "text/plain", ""),
        })
        .await;
        assert_eq!((report.reasoning, model.capabilities().chat), (expected, ChatStyle::Thinking));
        mock.script(Vec::new());
        let completion = ask(&model, request()).await.unwrap();
        assert_eq!((completion.reasoning.as_str(), completion.text.as_str()), ("two and two", "4"), "{expected:?}");
    };
    check(vec![thought("two and two"), said("4"), ended("stop")], ReasoningForm::Apart).await;
    check(vec![said("<think>two and two</think>"), said("4"), ended("stop")], ReasoningForm::Tags).await;
    check(vec![said("two and two"), said("</think>4"), ended("stop")], ReasoningForm::OpenedByPrompt).await;
}

#[tokio::test]
async fn base_models_are_used_raw() {
    let (mock, model, report) = probed(|request| match request.path.as_str() {
        "/v1/completions" => served::full(request),
        _ => Reply::text(404, "text/plain", "not found"),
    })
    .await;
    assert!(!report.chat && report.completions);
    assert_eq!((model.capabilities().chat, model.capabilities().continuation), (ChatStyle::Base, true));
    mock.script(Vec::new());
    let raw = Request { prompt: Prompt::raw("A fox jumps over the lazy"), ..request() };
    assert_eq!(ask(&model, raw).await.unwrap().text, " dog");
    assert_eq!(mock.requests()[0].body["prompt"], "A fox jumps over the lazy");
    assert!(ask(&model, request()).await.unwrap_err().to_string().contains("chats"));
}

#[tokio::test]
async fn a_template_continues_where_chats_cannot() {
    let mock = Mock::thinking(|request| match &request.body["messages"] {
        // This server starts anew, whatever it is given.
        Value::Array(_) => Reply::chunks(&[said("Of course"), ended("stop")]),
        _ => served::full(request),
    })
    .await;
    let mut settings = settings(&mock.url);
    settings.chat_template =
        Some("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>".to_owned());
    let model = RemoteModel::connect(settings).await.unwrap();
    assert!(model.capabilities().continuation);
    mock.script(Vec::new());
    assert_eq!(ask(&model, started("What?", "It is Par")).await.unwrap().text, "is");
    assert_eq!(mock.requests()[0].body["prompt"], "<user>What?<assistant>It is Par");
}

#[tokio::test]
async fn trailing_messages_are_the_second_try() {
    let (mock, model, report) = probed(|request| {
        let body = &request.body;
        let last = body["messages"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
        let text = match last["role"].as_str() {
            Some("assistant") if body.get("continue_final_message").is_some() => {
                return Reply::text(400, "a/b", "what?");
            }
            Some("assistant") => "is it",
            _ => "4",
        };
        Reply::chunks(&[said(text), ended("stop")])
    })
    .await;
    assert_eq!(report.continuation, ContinuationForm::TrailingMessage);
    mock.script(Vec::new());
    ask(&model, started("What?", "It is Par")).await.unwrap();
    let sent = &mock.requests()[0].body;
    assert_eq!(sent["messages"][1], json!({ "role": "assistant", "content": "It is Par" }));
    assert_eq!((sent.get("continue_final_message"), sent.get("add_generation_prompt")), (None, None));
}

#[tokio::test]
async fn refused_callers_hear_it_from_the_probe() {
    let mock = Mock::thinking(|_| Reply::json(401, &json!({ "error": { "message": "no key" } }))).await;
    let error = RemoteModel::connect(settings(&mock.url)).await.unwrap_err().to_string();
    assert!(error.ends_with("HTTP status 401: no key"), "{error}");
    let requests = mock.requests();
    assert_eq!((requests.len(), requests[0].method.as_str(), requests[0].path.as_str()), (1, "GET", "/v1/models"));
}
