//! The script is followed to the letter: pieces, stops, gates, limits, choices and faults.

use super::*;
use crate::model::json::{completion_from_json, completion_json, request_hash};
use crate::model::{Gate, Message, Sampling, Segment, Speaker, collect};

const SCRIPT: &str = r#"
context = 50
[[reply]]
match = "sum"
text = "One plus one.\n\nSo \\boxed{2}."
[[reply.distribution]]
after = "\n\n"
tokens = { "So " = 0.5, "Wait " = 0.5 }
[[reply]]
match = "think"
text = "<think>\nhmm\n</think>\n\nYes."
[[reply]]
match = "choice"
text = "A"
[[reply]]
match = "choice"
text = "B"
[[reply]]
match = "flaky"
text = "fine"
fail = "the line went dead"
fail_times = 1
"#;

fn model() -> ScriptedModel {
    ScriptedModel::parse(SCRIPT, "test", "test.toml").unwrap()
}

fn request(question: &str, so_far: &str, max_tokens: u32) -> Request {
    let message = Message { speaker: Speaker::User, content: question.to_owned() };
    let continuation = if so_far.is_empty() { Vec::new() } else { vec![Segment::Untrusted(so_far.to_owned())] };
    Request::new(Prompt { messages: vec![message], continuation }, Sampling::greedy(), max_tokens)
}

async fn answer(request: Request) -> Result<Completion, ModelError> {
    collect(model().complete(request).await?).await
}

#[tokio::test]
async fn a_reply_is_written_whole_or_from_where_the_continuation_ends() {
    let whole = answer(request("the sum", "", 99)).await.unwrap();
    assert_eq!((whole.text.as_str(), whole.finish), ("One plus one.\n\nSo \\boxed{2}.", Finish::End));
    let mut first = request("the sum", "", 99);
    first.stops = vec!["\n\n".to_owned()];
    let first = answer(first).await.unwrap();
    assert_eq!((first.text.as_str(), first.finish), ("One plus one.", Finish::Stop("\n\n".to_owned())));
    let second = answer(request("the sum", "One plus one.\n\n", 99)).await.unwrap();
    assert_eq!((second.text.as_str(), second.usage.completion_tokens), ("So \\boxed{2}.", 2));
    assert!(answer(request("the sum", "Two", 9)).await.is_err());
}

#[tokio::test]
async fn limits_gates_and_cancellation_end_a_reply() {
    let cut = answer(request("the sum", "", 2)).await.unwrap();
    assert_eq!((cut.text.as_str(), cut.finish), ("One plus ", Finish::Length));
    let mut gated = request("the sum", "One plus one.\n\n", 99);
    gated.gate = Some(Gate { kind: EntropyKind::Full, threshold_nats: 0.6 });
    let closed = answer(gated.clone()).await.unwrap();
    assert_eq!((closed.text.as_str(), closed.finish), ("So ", Finish::Gate));
    assert!((closed.first.unwrap().entropy_nats - std::f32::consts::LN_2).abs() < 1e-5);
    gated.gate = Some(Gate { kind: EntropyKind::Full, threshold_nats: 0.7 });
    assert_eq!(answer(gated).await.unwrap().finish, Finish::End);
    let cancelled = request("the sum", "", 99);
    cancelled.cancel.cancel();
    assert_eq!(answer(cancelled).await.unwrap().finish, Finish::Cancelled);
    let long = "word ".repeat(60);
    assert!(matches!(answer(request(&long, "", 9)).await, Err(ModelError::PromptTooLong { tokens: 60, .. })));
}

#[tokio::test]
async fn thinking_is_told_apart_and_an_open_block_is_named() {
    let done = answer(request("think", "", 99)).await.unwrap();
    assert_eq!((done.reasoning.as_str(), done.text.as_str(), done.open_reasoning), ("hmm", "Yes.", false));
    assert_eq!(done.raw, "<think>\nhmm\n</think>\n\nYes.");
    let cut = answer(request("think", "", 2)).await.unwrap();
    assert!(cut.open_reasoning && cut.text.is_empty());
    let inside = answer(request("think", "<think>\n", 99)).await.unwrap();
    assert_eq!((inside.reasoning.as_str(), inside.text.as_str()), ("hmm", "Yes."));
}

#[tokio::test]
async fn the_seed_picks_and_a_flaky_reply_recovers() {
    let mut texts = Vec::new();
    for seed in 0..4 {
        let mut asked = request("choice", "", 9);
        asked.sampling.seed = seed;
        texts.push(answer(asked).await.unwrap().text);
    }
    assert_eq!(texts, ["A", "B", "A", "B"]);
    let flaky = model();
    assert!(flaky.complete(request("flaky", "", 9)).await.is_err());
    assert_eq!(collect(flaky.complete(request("flaky", "", 9)).await.unwrap()).await.unwrap().text, "fine");
}

#[tokio::test]
async fn a_slow_script_says_the_same_and_obeys_its_deadline() {
    let slow = ScriptedModel::parse(&format!("token_ms = 1\n{SCRIPT}"), "slow", "slow.toml").unwrap();
    let done = collect(slow.complete(request("the sum", "", 99)).await.unwrap()).await.unwrap();
    assert_eq!(done.text, answer(request("the sum", "", 99)).await.unwrap().text);
    let mut late = request("the sum", "", 99);
    late.deadline = Some(Instant::now());
    let late = collect(slow.complete(late).await.unwrap()).await.unwrap();
    assert_eq!(late.finish, Finish::Deadline);
}

#[tokio::test]
async fn a_completion_survives_the_log_and_its_key_sees_every_setting() {
    let mut asked = request("the sum", "", 99);
    asked.entropy = EntropyWanted::Every;
    let done = answer(asked.clone()).await.unwrap();
    assert_eq!(completion_from_json(&completion_json(&done)).unwrap(), done);
    let model = model();
    let key = |request: &Request| request_hash(model.identity(), request);
    let mut changed = asked.clone();
    changed.sampling.seed = 1;
    assert_ne!(key(&asked), key(&changed));
    let mut changed = asked.clone();
    changed.prompt.continuation.push(Segment::Template("x".to_owned()));
    assert_ne!(key(&asked), key(&changed));
    let mut deadline = asked.clone();
    deadline.deadline = Some(Instant::now());
    assert_eq!(key(&asked), key(&deadline));
}

#[test]
fn a_broken_script_is_named_with_its_line() {
    let message = ScriptedModel::parse("context = 9\nreplies = 3\n", "x", "x.toml").unwrap_err().to_string();
    assert!(message.contains("x.toml") && message.contains("line 2"), "{message}");
    assert!(matches!(ScriptedModel::open(Path::new("/nowhere/x.toml")), Err(ModelError::Script { .. })));
}
