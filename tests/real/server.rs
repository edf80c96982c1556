//! The remote driver against a real llama-server.
//!
//! `STEPPROOF_TEST_SERVER=URL` names a running one, or `STEPPROOF_LLAMA_SERVER=FILE` a binary (by default the one that
//! `scripts/get-llama-peers.sh` builds), which is started on `STEPPROOF_TEST_MODEL=FILE.gguf` (by default the demo's
//! model). A skip is a failure with `STEPPROOF_REQUIRE_SERVER=1` only: the binary takes minutes to build.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing there")]

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::StreamExt;
use stepproof::model::remote::{ContinuationForm, RemoteModel, RemoteSettings, StopSupport};
use stepproof::model::{
    Completion, CompletionEvent, EntropyKind, EntropyWanted, Finish, Gate, Grammar, LanguageModel, Message, Prompt,
    Request, Sampling, Segment, Speaker, collect,
};

/// A server of ours; it dies with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Gives the URL of a server, with the process where we start one, or why there is none.
fn server() -> Result<(String, Option<Running>), String> {
    if let Ok(url) = std::env::var("STEPPROOF_TEST_SERVER") {
        return Ok((url, None));
    }
    let path = |name: &str, default: &str| std::env::var_os(name).map_or_else(|| default.into(), PathBuf::from);
    let binary = path("STEPPROOF_LLAMA_SERVER", "target/llama-peers/llama-server");
    let model = path("STEPPROOF_TEST_MODEL", "models/SmolLM2-135M-Instruct-Q4_1.gguf");
    for (file, name) in [(&binary, "STEPPROOF_LLAMA_SERVER"), (&model, "STEPPROOF_TEST_MODEL")] {
        if !file.is_file() {
            return Err(format!("{} is not there; set {name} or STEPPROOF_TEST_SERVER", file.display()));
        }
    }
    // Bound and freed: llama-server does not say which port it took when told 0.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let port = port.map_err(|error| error.to_string())?.port().to_string();
    let process = Command::new(&binary)
        .arg("--model")
        .arg(&model)
        .args(["--host", "127.0.0.1", "--port", &port, "--ctx-size", "4096", "--threads", "2", "--alias", "smol"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{} does not start: {error}", binary.display()))?;
    Ok((format!("http://127.0.0.1:{port}/v1"), Some(Running(process))))
}

fn chat(question: &str) -> Prompt {
    let message = Message { speaker: Speaker::User, content: question.to_owned() };
    Prompt { messages: vec![message], continuation: Vec::new() }
}

fn request(prompt: Prompt, max_tokens: u32) -> Request {
    Request::new(prompt, Sampling::greedy(), max_tokens)
}

async fn complete(model: &RemoteModel, request: Request) -> Completion {
    collect(model.complete(request).await.unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_llama_server_does_what_the_probe_says() {
    let (url, _process) = match server() {
        Ok(server) => server,
        Err(reason) => {
            assert!(std::env::var("STEPPROOF_REQUIRE_SERVER").as_deref() != Ok("1"), "no llama-server: {reason}");
            eprintln!("SKIPPED the test against a real llama-server: {reason}");
            return;
        }
    };
    let mut settings = RemoteSettings::new("smol", &url);
    // Until the model is loaded the server is not there, then answers 503.
    settings.retries = 60;
    settings.timeouts.longest_wait = Duration::from_secs(1);
    let mut model = RemoteModel::new(settings).unwrap();
    let loaded = RemoteModel::complete(&model, request(chat("Say hi."), 1)).await.unwrap();
    collect(loaded).await.unwrap();
    let report = model.probe().await.unwrap();
    for sentence in report.sentences() {
        eprintln!("probe: {sentence}");
    }
    eprintln!("probe: {report:?}");
    model.apply(&report);

    assert_eq!((report.is_listed, report.context), (Some(true), Some(4096)));
    assert!(report.chat && report.completions && report.streaming && report.usage_in_stream && report.max_tokens);
    assert!(report.sampling_extensions && report.seeded && report.json_schema && report.gbnf);
    assert!(!report.embeddings && !report.log_likelihood);
    assert_eq!(report.continuation, ContinuationForm::FinalMessage);
    assert_eq!(report.stops, StopSupport::Silent);
    assert_eq!(model.capabilities().top_logprobs, 20);

    streams_and_counts(&model).await;
    continues_started_answers(&model).await;
    gives_distributions(&model).await;
    stops_and_constrains(&model).await;
}

async fn streams_and_counts(model: &RemoteModel) {
    let mut stream = model.complete(request(chat("Name three colours."), 24)).await.unwrap();
    let (mut joined, mut deltas, mut done) = (String::new(), 0, None);
    while let Some(event) = stream.next().await {
        match event.unwrap() {
            CompletionEvent::Delta { text, .. } => {
                joined += &text;
                deltas += 1;
            }
            CompletionEvent::Done(completion) => done = Some(*completion),
        }
    }
    let completion = done.unwrap();
    assert!(deltas > 3, "{deltas} deltas");
    assert_eq!((joined.as_str(), completion.raw.as_str()), (completion.text.as_str(), completion.text.as_str()));
    let usage = completion.usage;
    assert!(!usage.estimated && usage.prompt_tokens > 5 && (1..=24).contains(&usage.completion_tokens), "{usage:?}");
    assert!(usage.decode_ms > 0.0, "{usage:?}");

    let raw = complete(model, request(Prompt::raw("The quick brown fox jumps over the lazy"), 1)).await;
    assert_eq!((raw.text.as_str(), raw.finish), (" dog", Finish::Length));
    assert_eq!(raw.usage.completion_tokens, 1);
}

async fn continues_started_answers(model: &RemoteModel) {
    let mut prompt = chat("Write the digits from 1 to 9 without spaces.");
    prompt.continuation.push(Segment::Untrusted("12345".to_owned()));
    let completion = complete(model, request(prompt, 4)).await;
    assert_eq!(completion.text, "6789");
}

async fn gives_distributions(model: &RemoteModel) {
    let mut every = request(chat("What is the capital of France?"), 4);
    every.entropy = EntropyWanted::Every;
    every.entropy_kind = EntropyKind::Top20;
    every.top_logprobs = 3;
    let completion = complete(model, every).await;
    assert_eq!(completion.tokens.len(), 4);
    for token in &completion.tokens {
        assert!(token.top.len() == 3 && token.logprob == Some(token.top[0].logprob), "greedy takes the likeliest");
        assert!(token.entropy_nats.is_some_and(|entropy| (0.0..=20f32.ln()).contains(&entropy)));
    }
    let first = completion.first.unwrap();
    assert_eq!(first.top.len(), 20);
    let glimpse = model.next_token(&chat("What is the capital of France?"), EntropyKind::Top20).await.unwrap();
    assert!((glimpse.entropy_nats - first.entropy_nats).abs() < 0.05, "{glimpse:?}, {first:?}");

    let mut gated = request(chat("What is the capital of France?"), 50);
    gated.gate = Some(Gate { kind: EntropyKind::Top20, threshold_nats: first.entropy_nats - 0.2 });
    let completion = complete(model, gated.clone()).await;
    assert_eq!((completion.finish, completion.tokens.len()), (Finish::Gate, 1));
    assert!(completion.usage.estimated && completion.usage.completion_tokens == 1);
    gated.gate = Some(Gate { kind: EntropyKind::Top20, threshold_nats: first.entropy_nats + 0.2 });
    let completion = complete(model, gated).await;
    assert!(completion.finish != Finish::Gate && completion.tokens.len() > 1 && completion.first.is_some());
}

async fn stops_and_constrains(model: &RemoteModel) {
    let mut stopped = request(Prompt::raw("1, 2, 3, 4, 5, 6,"), 30);
    stopped.stops = vec![" 9".to_owned()];
    let completion = complete(model, stopped).await;
    assert_eq!((completion.text.as_str(), completion.finish), (" 7, 8,", Finish::Stop(" 9".to_owned())));

    let mut constrained = request(chat("Is Paris in France?"), 10);
    constrained.grammar = Some(Grammar::Gbnf("root ::= \"yes\" | \"no\"".to_owned()));
    let completion = complete(model, constrained).await;
    assert!(["yes", "no"].contains(&completion.text.as_str()), "{completion:?}");

    let long = request(chat(&"one two three ".repeat(4000)), 10);
    let error = model.complete(long).await.err().unwrap().to_string();
    assert!(error.starts_with("fit the prompt: ") && error.ends_with("the context of smol holds 4096"), "{error}");
}
