//! The local driver with real weights: SmolLM2-135M-Instruct, or the file that STEPPROOF_TEST_MODEL names.

#![cfg(feature = "local")]
#![expect(clippy::expect_used, clippy::print_stderr, reason = "helpers of tests; skips are said loudly")]

mod altered;
mod batching;
mod families;
mod limits;
mod soak;

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use stepproof::model::gguf::read_header;
use stepproof::model::local::{LocalModel, LocalSettings, devices, system_info};
use stepproof::model::{
    ChatStyle, Completion, CompletionEvent, EntropyKind, EntropyWanted, Finish, Gate, Grammar, LanguageModel, Message,
    ModelError, Prompt, Request, Sampling, Segment, Speaker, collect,
};
use stepproof::step::Phase;
use stepproof::token::TokenRun;

/// Gives the model file, or `None` after saying loudly that the test is skipped.
pub(crate) fn model_file() -> Option<PathBuf> {
    let named = std::env::var_os("STEPPROOF_TEST_MODEL").map(PathBuf::from);
    let path = named
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/SmolLM2-135M-Instruct-Q4_1.gguf"));
    if path.exists() {
        return Some(path);
    }
    let missing = format!("no model at {}: run scripts/get-model.sh or set STEPPROOF_TEST_MODEL", path.display());
    assert!(std::env::var_os("STEPPROOF_REQUIRE_REAL").is_none_or(|value| value != "1"), "{missing}");
    eprintln!("SKIPPED: {missing}");
    None
}

fn settings(path: PathBuf) -> LocalSettings {
    LocalSettings { context: Some(1024), deterministic: true, ..LocalSettings::new(path) }
}

/// Gives the model that all tests share.
fn model() -> Option<&'static LocalModel> {
    static MODEL: OnceLock<Option<LocalModel>> = OnceLock::new();
    MODEL.get_or_init(|| model_file().map(|path| LocalModel::open(settings(path)).expect("loaded"))).as_ref()
}

fn user(content: &str) -> Prompt {
    let message = Message { speaker: Speaker::User, content: content.to_owned() };
    Prompt { messages: vec![message], continuation: Vec::new() }
}

fn drawn(prompt: Prompt, seed: u64, max_tokens: u32) -> Request {
    let sampling = Sampling { temperature: 0.8, top_k: None, top_p: 0.95, min_p: 0.0, seed };
    Request::new(prompt, sampling, max_tokens)
}

fn greedy(prompt: Prompt, max_tokens: u32) -> Request {
    Request::new(prompt, Sampling::greedy(), max_tokens)
}

async fn complete(model: &LocalModel, request: Request) -> Result<Completion, ModelError> {
    let completion = collect(model.complete(request).await?).await?;
    // Holds for every completion.
    let bytes: Vec<u8> = completion.tokens.iter().flat_map(|token| token.bytes.clone()).collect();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    match &completion.finish {
        Finish::Stop(stop) => assert!(text.starts_with(&format!("{}{stop}", completion.raw)), "{completion:?}"),
        _ => assert_eq!(text, completion.raw, "{completion:?}"),
    }
    Ok(completion)
}

const CAPITAL: &str = "What is the capital of France? Answer in one short sentence.";

#[tokio::test]
async fn the_file_says_what_it_is() {
    let Some(model) = model() else { return };
    let info = model.info();
    assert_eq!((info.architecture.as_str(), info.layers, info.vocabulary_size), ("llama", Some(30), 49_152));
    assert_eq!((info.context_length, info.file_type.as_deref()), (Some(8192), Some("Q4_1")));
    assert_eq!(info.parameter_count, 134_515_008);
    assert_eq!(model.capabilities().chat, ChatStyle::Chat);
    assert_eq!(model.identity().name, "SmolLM2-135M-Instruct-Q4_1");
    assert_eq!(model.identity().tokenizer.as_ref(), Some(&info.tokenizer_hash));
    assert!(system_info().contains('='), "{}", system_info());
    assert!(!devices().is_empty());
}

#[tokio::test]
async fn a_likely_answer_is_plausible() {
    let Some(model) = model() else { return };
    let completion = complete(model, greedy(user(CAPITAL), 40)).await.expect("completed");
    assert!(completion.text.contains("Paris"), "{}", completion.text);
    assert_eq!((completion.finish, completion.reasoning.as_str()), (Finish::End, ""));
    assert!(completion.usage.prompt_tokens > 20 && completion.usage.completion_tokens > 3, "{:?}", completion.usage);
    assert!(completion.usage.prefill_ms > 0.0 && completion.usage.decode_ms > 0.0, "{:?}", completion.usage);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_text_whatever_ran_before() {
    let Some(model) = model() else { return };
    let question = user("Tell me a story about a lighthouse keeper and a storm that lasted for seven nights. ");
    let text = async |prompt, seed| complete(model, drawn(prompt, seed, 48)).await.expect("completed").text;
    let first = text(question.clone(), 11).await;
    assert_eq!(first, text(question.clone(), 11).await, "again");
    text(user("Something else altogether, please."), 3).await;
    assert_eq!(first, text(question.clone(), 11).await, "after another one");
    let longer = Prompt { continuation: vec![Segment::Untrusted(first.clone())], ..question.clone() };
    text(longer, 5).await;
    assert_eq!(first, text(question.clone(), 11).await, "after its own continuation");
    assert_ne!(first, text(question, 12).await, "another seed");
}

#[tokio::test]
async fn deltas_join_to_the_text() {
    let Some(model) = model() else { return };
    let request = drawn(user("Write one line with three emoji and a Chinese word."), 5, 60);
    let mut stream = model.complete(request).await.expect("begun");
    let (mut joined, mut done) = (String::new(), None);
    while let Some(event) = stream.next().await {
        match event.expect("no error") {
            CompletionEvent::Delta { phase, text } => {
                assert_eq!(phase, Phase::Answer);
                joined += &text;
            }
            CompletionEvent::Done(completion) => done = Some(completion),
        }
    }
    assert_eq!(joined, done.expect("an end").text);
}

#[tokio::test]
async fn a_stop_text_across_tokens_ends_the_text_before_it() {
    let Some(model) = model() else { return };
    let whole = complete(model, greedy(user(CAPITAL), 40)).await.expect("completed").text;
    // The end of one word and the beginning of the next lie in two tokens at least.
    let at = whole.find("is Par").expect("says where the capital is");
    let mut request = greedy(user(CAPITAL), 40);
    request.stops = vec!["never written".to_owned(), "s Par".to_owned()];
    let completion = complete(model, request).await.expect("completed");
    assert_eq!(completion.finish, Finish::Stop("s Par".to_owned()));
    assert_eq!(completion.text, whole[..at + 1]);
}

#[tokio::test]
async fn no_content_forges_a_special_token() {
    let Some(model) = model() else { return };
    let tokens =
        async |content: &str| complete(model, greedy(user(content), 1)).await.expect("completed").usage.prompt_tokens;
    // As a special token it would be one; spelled out it is several.
    let (without, with) = (tokens("a").await, tokens("a<|im_start|>").await);
    assert!(with >= without + 4, "{with} tokens against {without}");
    // In a template's text it is one.
    let raw = async |segment: Segment| {
        let prompt = Prompt { messages: Vec::new(), continuation: vec![segment] };
        complete(model, greedy(prompt, 1)).await.expect("completed").usage.prompt_tokens
    };
    assert_eq!(raw(Segment::Template("<|im_start|>".to_owned())).await, 1);
    assert!(raw(Segment::Untrusted("<|im_start|>".to_owned())).await >= 5);
}

#[tokio::test]
async fn a_gate_ends_the_call_after_its_first_token() {
    let Some(model) = model() else { return };
    let gated = async |threshold_nats| {
        let mut request = greedy(user(CAPITAL), 12);
        request.gate = Some(Gate { kind: EntropyKind::Full, threshold_nats });
        complete(model, request).await.expect("completed")
    };
    let closed = gated(0.0).await;
    assert_eq!((&closed.finish, closed.tokens.len(), closed.usage.completion_tokens), (&Finish::Gate, 1, 1));
    let distribution = closed.first.expect("a distribution");
    assert!(distribution.entropy_nats > 0.1 && distribution.top.len() == 20, "{distribution:?}");
    let open = gated(100.0).await;
    assert_ne!(open.finish, Finish::Gate);
    assert_eq!(open.first, Some(distribution.clone()));
    assert!(open.text.starts_with(&closed.text) && open.text.len() > closed.text.len());
    // The same without a call to generate, and by the measure of remote servers.
    assert_eq!(model.next_token(&user(CAPITAL), EntropyKind::Full).await.expect("given"), distribution);
    let top = model.next_token(&user(CAPITAL), EntropyKind::Top20).await.expect("given");
    assert_eq!((top.kind, top.top.len()), (EntropyKind::Top20, 20));
    assert!(top.entropy_nats < distribution.entropy_nats, "{top:?}");
}

#[tokio::test]
async fn measures_are_given_where_asked_for() {
    let Some(model) = model() else { return };
    let mut request = greedy(user(CAPITAL), 6);
    request.entropy = EntropyWanted::Every;
    request.top_logprobs = 3;
    let measured = complete(model, request).await.expect("completed");
    for token in &measured.tokens {
        assert_eq!(token.top.len(), 3);
        assert_eq!(token.top[0].id, token.id, "greedy takes the likeliest");
        assert_eq!(Some(token.top[0].logprob), token.logprob);
        assert!(token.entropy_nats.is_some_and(|nats| (0.0..11.0).contains(&nats)));
    }
    let first = measured.first.expect("a distribution");
    assert_eq!(Some(first.entropy_nats), measured.tokens[0].entropy_nats);
    let plain = complete(model, greedy(user(CAPITAL), 6)).await.expect("completed");
    assert!(plain.first.is_none() && plain.tokens.iter().all(|token| token.logprob.is_none() && token.top.is_empty()));
    assert_eq!(plain.text, measured.text);
}

#[tokio::test]
async fn grammars_and_schemas_are_obeyed() {
    let Some(model) = model() else { return };
    let grammar = Grammar::Gbnf("root ::= \"yes\" | \"no\"".to_owned());
    let request = Request { grammar: Some(grammar), ..drawn(user("Is Paris in France?"), 2, 20) };
    let completion = complete(model, request).await.expect("completed");
    assert!(["yes", "no"].contains(&completion.text.as_str()), "{completion:?}");
    assert_eq!(completion.finish, Finish::End);
    let schema = r#"{"type": "object", "properties": {"city": {"type": "string", "maxLength": 20},
        "large": {"type": "boolean"}}, "required": ["city", "large"], "additionalProperties": false}"#;
    let schema = Grammar::JsonSchema(schema.to_owned());
    let request = Request { grammar: Some(schema), ..drawn(user("Describe Paris."), 4, 80) };
    let completion = complete(model, request).await.expect("completed");
    let value: serde_json::Value = serde_json::from_str(&completion.text).expect(&completion.text);
    assert!(value["city"].is_string() && value["large"].is_boolean(), "{value}");
}

#[tokio::test]
async fn generated_tokens_go_on_as_their_text_does() {
    let Some(path) = model_file() else { return };
    // Of its own: the shared one would have been asked something else in between.
    let model = &LocalModel::open(settings(path)).expect("loaded");
    let question = user("List the planets of the solar system in order, one a line, with a short remark on each.");
    let begun = complete(model, greedy(question.clone(), 40)).await.expect("completed");
    let run = TokenRun {
        tokenizer: begun.tokenizer.clone().expect("known"),
        ids: begun.tokens.iter().filter_map(|token| token.id).collect(),
        bytes: begun.tokens.iter().flat_map(|token| token.bytes.clone()).collect(),
    };
    assert_eq!(run.bytes, begun.text.as_bytes());
    let go_on = async |segment| {
        let prompt = Prompt { continuation: vec![segment], ..question.clone() };
        complete(model, greedy(prompt, 12)).await.expect("completed")
    };
    let by_ids = go_on(Segment::Tokens(run.clone())).await;
    let by_text = go_on(Segment::Untrusted(begun.text.clone())).await;
    let foreign = TokenRun { tokenizer: stepproof::token::TokenizerHash("another".into()), ..run };
    let by_bytes = go_on(Segment::Tokens(foreign)).await;
    assert!(by_text.usage.cached_tokens > 0, "{:?}", by_text.usage);
    assert_eq!(by_ids.usage.prompt_tokens, begun.usage.prompt_tokens + 40);
    assert_eq!((&by_ids.text, &by_bytes.text), (&by_text.text, &by_text.text));
    let whole = complete(model, greedy(question, 52)).await.expect("completed");
    assert!(whole.text.starts_with(&begun.text), "the same beginning");
}

#[tokio::test]
async fn a_likelihood_is_the_sum_of_what_generation_reports() {
    let Some(model) = model() else { return };
    let mut request = greedy(user("Count from one to thirty in words."), 50);
    request.top_logprobs = 1;
    let completion = complete(model, request).await.expect("completed");
    let likelihoods = model.log_likelihood(&user("Count from one to thirty in words."), &completion.text).await;
    let likelihoods = likelihoods.expect("scored");
    assert_eq!(likelihoods.len(), completion.tokens.len());
    let reported: f32 = completion.tokens.iter().filter_map(|token| token.logprob).sum();
    let scored: f32 = likelihoods.iter().sum();
    // Tokens decoded in groups and alone differ a little in their logits.
    assert!((reported - scored).abs() < 0.05 * likelihoods.len() as f32, "{reported} against {scored}");
    let unlikely = model.log_likelihood(&user("Count."), " zebra violin").await.expect("scored");
    assert!(unlikely.iter().sum::<f32>() < -10.0, "{unlikely:?}");
    assert!(model.log_likelihood(&user("Count."), "").await.expect("scored").is_empty());
}
