//! What ends a call early, and what is refused.

use std::sync::Mutex;

use super::*;

#[tokio::test]
async fn a_cancelled_call_ends_soon_and_the_next_one_works() {
    let Some(model) = model() else { return };
    let request = drawn(user("Write a very long story about the sea."), 1, 900);
    let cancel = request.cancel.clone();
    let mut stream = model.complete(request).await.expect("begun");
    let waiting = model.complete(drawn(user("And one about the hills."), 1, 900)).await.expect("begun");
    let mut count = 0;
    let completion = loop {
        match stream.next().await.expect("not over").expect("no error") {
            CompletionEvent::Delta { .. } => count += 1,
            CompletionEvent::Done(completion) => break completion,
        }
        if count == 3 {
            cancel.cancel();
        }
    };
    assert_eq!(completion.finish, Finish::Cancelled);
    assert!(completion.usage.completion_tokens < 200, "{:?}", completion.usage);
    // Dropping the stream cancels too; this one would take minutes.
    drop(waiting);
    complete(model, greedy(user(CAPITAL), 2)).await.expect("completed");
}

#[tokio::test]
async fn a_deadline_ends_running_and_waiting_calls() {
    let Some(model) = model() else { return };
    let mut running = drawn(user("Write a very long story about the sea."), 1, 900);
    running.deadline = Some(Instant::now() + Duration::from_millis(700));
    let mut late = greedy(user(CAPITAL), 5);
    late.deadline = Some(Instant::now());
    let (running, late) = (model.complete(running).await.expect("begun"), model.complete(late).await.expect("begun"));
    let late = collect(late).await.expect("completed");
    assert_eq!((late.finish, late.usage.completion_tokens, late.text.as_str()), (Finish::Deadline, 0, ""));
    assert_eq!(collect(running).await.expect("completed").finish, Finish::Deadline);
}

#[tokio::test]
async fn requests_that_cannot_be_served_say_why() {
    let Some(model) = model() else { return };
    let fails = async |request: Request, part: &str| {
        let error = complete(model, request).await.expect_err(part).to_string();
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    };
    let good = || greedy(user("hello"), 4);
    let long = "word ".repeat(2000);
    fails(greedy(user(&long), 4), "the context of SmolLM2-135M-Instruct-Q4_1 holds 1024").await;
    fails(greedy(user(&long.repeat(200)), 4), "holds 1024").await;
    fails(greedy(Prompt::raw(""), 4), "the prompt is empty").await;
    fails(greedy(user("hello"), 0), "max_tokens").await;
    let gbnf = |text: &str| Request { grammar: Some(Grammar::Gbnf(text.to_owned())), ..good() };
    fails(gbnf("root ::= ("), "grammar cannot be parsed").await;
    fails(gbnf("start ::= \"a\""), "grammar cannot be parsed").await;
    fails(gbnf("root ::= root \"a\" | \"b\""), "grammar cannot be parsed").await;
    fails(gbnf(&format!("root ::= {}\"a\"{}", "(".repeat(5000), ")".repeat(5000))), "nests deeper").await;
    let schema = |text: &str| Request { grammar: Some(Grammar::JsonSchema(text.to_owned())), ..good() };
    fails(schema("{"), "no JSON").await;
    fails(schema("{\"type\": \"nonsense\"}"), "JSON schema").await;
    let sampled = |sampling| Request { sampling, ..good() };
    fails(sampled(Sampling { temperature: f32::NAN, ..Sampling::greedy() }), "temperature").await;
    fails(sampled(Sampling { top_p: 0.0, ..Sampling::greedy() }), "top_p").await;
    let tokenizer = model.identity().tokenizer.clone().expect("known");
    let foreign = TokenRun { tokenizer, ids: vec![5, 49_152], bytes: b"x".to_vec() };
    let foreign = Prompt { continuation: vec![Segment::Tokens(foreign)], ..user("hello") };
    fails(greedy(foreign, 4), "token id 49152").await;
    complete(model, good()).await.expect("works on");
}

#[tokio::test]
async fn odd_texts_do_no_harm() {
    let Some(model) = model() else { return };
    // One word, or one run of white space, as long as the tokenizer gets to see it: its regular expressions recurse.
    let runs = ["a", " ", "7", "\n", "\u{1F600}", "e\u{301}", "\u{0}", "<", "'s", "\u{202e}\u{fffd}"];
    for run in runs {
        for length in [1, 300, 60_000] {
            let request = greedy(user(&run.repeat(length / run.len() + 1)), 1);
            match complete(model, request).await {
                Ok(completion) => assert!(completion.usage.prompt_tokens < 1024, "{run:?} {length}"),
                Err(ModelError::PromptTooLong { tokens, context: 1024, .. }) => {
                    assert!(tokens >= 1024, "{run:?} {length}")
                }
                Err(error) => panic!("{run:?} {length}: {error}"),
            }
        }
    }
    let half =
        TokenRun { tokenizer: stepproof::token::TokenizerHash("x".into()), ids: vec![], bytes: vec![0xf0, 0x9f, 0xff] };
    let half = Prompt { continuation: vec![Segment::Tokens(half)], ..user("hello") };
    complete(model, greedy(half, 1)).await.expect("completed");
}

#[tokio::test]
async fn several_calls_at_once_all_end() {
    let Some(model) = model() else { return };
    let order = Mutex::new(Vec::new());
    let call = async |seed: u64| {
        let completion = complete(model, drawn(user("Name a river."), seed, 8)).await.expect("completed");
        order.lock().expect("no panic").push(seed);
        completion.usage.calls
    };
    let calls = futures_util::future::join_all((0..6).map(&call)).await;
    assert_eq!(calls, [1; 6]);
    assert_eq!(order.into_inner().expect("no panic"), [0, 1, 2, 3, 4, 5], "first come, first served");
}

#[tokio::test]
async fn the_context_ends_a_text() {
    let Some(path) = model_file() else { return };
    let small = LocalModel::open(LocalSettings { context: Some(64), ..settings(path) }).expect("loaded");
    let prompt = user("Write a very long story about the sea.");
    let completion = complete(&small, drawn(prompt, 1, 900)).await.expect("completed");
    assert_eq!(completion.finish, Finish::Length);
    assert_eq!(completion.usage.prompt_tokens + completion.usage.completion_tokens, 65);
}

#[test]
fn settings_out_of_range_are_refused() {
    let Some(path) = model_file() else { return };
    let fails = |changed: LocalSettings, part: &str| {
        let error = LocalModel::open(changed).expect_err(part).to_string();
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    };
    fails(LocalSettings { context: Some(0), ..settings(path.clone()) }, "0 tokens");
    fails(LocalSettings { context: Some(100_000), ..settings(path.clone()) }, "trained for 8192");
    fails(LocalSettings { threads: Some(0), ..settings(path.clone()) }, "0 threads");
    fails(LocalSettings { threads: Some(4096), ..settings(path.clone()) }, "4096 threads: this machine");
    fails(LocalSettings { sequences: Some(0), ..settings(path.clone()) }, "0 requests at once");
    fails(LocalSettings { sequences: Some(500), ..settings(path.clone()) }, "500 requests at once");
    fails(LocalSettings { cells: Some(100), ..settings(path.clone()) }, "hold no context of 1024");
    assert_eq!(read_header(&path).expect("read").tensor_count, 272);
}
