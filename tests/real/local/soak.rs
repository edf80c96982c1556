//! Thousands of calls of every kind, with what can go wrong going wrong at random.
//!
//! `STEPPROOF_SOAK_CALLS` sets how many; `STEPPROOF_SOAK_MODEL` names a file in place of random weights.

use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use stepproof::model::gguf::random::RandomArchitecture;

use super::families::random;
use super::*;

/// What one call must give.
enum Expected {
    Completion { prompt_tokens: Option<u64>, max_tokens: u64 },
    TooLong,
    BadGrammar,
}

const WORDS: [&str; 8] = ["river ", "stone ", "light ", "seven ", "of ", "the ", "house\n", "x = 1 "];

fn request(random: &mut StdRng, tokenizer: &stepproof::token::TokenizerHash) -> (Request, Expected) {
    let words = if random.random_ratio(1, 40) { 4000 } else { random.random_range(1..60) };
    let shared = "Something that many prompts begin with, so that it is used again. ";
    let mut text = if random.random_bool(0.5) { shared.to_owned() } else { String::new() };
    for _ in 0..words {
        text.push_str(WORDS[random.random_range(0..WORDS.len())]);
    }
    let max_tokens = random.random_range(1..40);
    let mut request = drawn(Prompt::raw(text), random.random(), max_tokens);
    let mut expected = Expected::Completion { prompt_tokens: None, max_tokens: u64::from(max_tokens) };
    if words == 4000 {
        expected = Expected::TooLong;
    } else if random.random_bool(0.3) {
        let ids: Vec<i32> = (0..random.random_range(1..80)).map(|_| random.random_range(3..200)).collect();
        expected = Expected::Completion { prompt_tokens: Some(ids.len() as u64), max_tokens: u64::from(max_tokens) };
        let run = TokenRun { tokenizer: tokenizer.clone(), ids, bytes: Vec::new() };
        request.prompt = Prompt { messages: Vec::new(), continuation: vec![Segment::Tokens(run)] };
    }
    match random.random_range(0..12) {
        0 => request.grammar = Some(Grammar::Gbnf("root ::= [a-z]+".to_owned())),
        1 => request.grammar = Some(Grammar::Gbnf("root ::= \"yes\" | \"no\"".to_owned())),
        2 if words != 4000 => {
            request.grammar = Some(Grammar::Gbnf("root ::= (".to_owned()));
            expected = Expected::BadGrammar;
        }
        3 => request.stops = vec!["e".to_owned(), " the".to_owned()],
        4 => request.deadline = Some(Instant::now() + Duration::from_millis(random.random_range(0..30))),
        5 => request.gate = Some(Gate { kind: EntropyKind::Full, threshold_nats: random.random_range(3.0..6.0) }),
        6 => request.sampling = Sampling::greedy(),
        7 => (request.entropy, request.top_logprobs) = (EntropyWanted::Every, 5),
        _ => {}
    }
    (request, expected)
}

fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

async fn one(model: Arc<LocalModel>, seed: u64) -> &'static str {
    let mut random = StdRng::seed_from_u64(seed);
    let tokenizer = model.identity().tokenizer.clone().expect("known");
    let (request, expected) = request(&mut random, &tokenizer);
    let (cancel, cancels) = (request.cancel.clone(), random.random_ratio(1, 10));
    let (patience, drops) = (random.random_range(0..4), random.random_ratio(1, 15));
    let mut stream = match model.complete(request).await {
        Ok(stream) => stream,
        Err(error) => panic!("seed {seed}: {error}"),
    };
    let mut seen = 0;
    while let Some(event) = stream.next().await {
        match (event, &expected) {
            (Ok(CompletionEvent::Delta { .. }), _) => {
                seen += 1;
                if cancels && seen > patience {
                    cancel.cancel();
                }
                if drops && seen > patience {
                    return "dropped";
                }
            }
            (Ok(CompletionEvent::Done(done)), Expected::Completion { prompt_tokens, max_tokens }) => {
                let usage = done.usage;
                let ran = usage.prompt_tokens > 0;
                assert!(ran || usage.completion_tokens == 0, "seed {seed}: {usage:?}");
                assert!(usage.cached_tokens < usage.prompt_tokens.max(1), "seed {seed}: {usage:?}");
                assert!(prompt_tokens.is_none_or(|tokens| !ran || usage.prompt_tokens == tokens), "seed {seed}");
                // The token that ends a text is written, and stands for no text.
                let unseen = usage.completion_tokens - done.tokens.len() as u64;
                assert!(unseen <= 1, "seed {seed}: {usage:?} {done:?}");
                assert!(usage.completion_tokens <= *max_tokens, "seed {seed}: {usage:?}");
                return done.finish.name();
            }
            (Err(ModelError::PromptTooLong { .. }), Expected::TooLong) => return "too long",
            (Err(ModelError::BadRequest { .. }), Expected::BadGrammar) => return "bad grammar",
            // A deadline or a cancelled call may come first.
            (Ok(CompletionEvent::Done(done)), _) => {
                assert!(matches!(done.finish, Finish::Deadline | Finish::Cancelled), "seed {seed}: {done:?}");
                return done.finish.name();
            }
            // A model of random weights runs out of what a grammar allows.
            (Err(ModelError::Broken { what }), _) if what.contains("grammar allows no") => return "stuck",
            (Err(error), _) => panic!("seed {seed}: {error}"),
        }
    }
    panic!("seed {seed}: the stream ended")
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_calls_leave_nothing_behind() {
    let calls: u64 = std::env::var("STEPPROOF_SOAK_CALLS").ok().and_then(|calls| calls.parse().ok()).unwrap_or(400);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut settings = random(folder.path(), RandomArchitecture::Llama);
    if let Some(path) = std::env::var_os("STEPPROOF_SOAK_MODEL") {
        settings.path = path.into();
    }
    // Little is kept outside, so that it is full before the second half begins.
    (settings.sequences, settings.outside_mb) = (Some(8), Some(8));
    let model = Arc::new(LocalModel::open(settings).expect("loaded"));
    let mut tally = std::collections::BTreeMap::<&str, u64>::new();
    let (mut running, mut begun, mut warm) = (tokio::task::JoinSet::new(), 0, 0);
    while begun < calls || !running.is_empty() {
        while begun < calls && running.len() < 24 {
            running.spawn(one(Arc::clone(&model), begun));
            begun += 1;
        }
        if let Some(ended) = running.join_next().await {
            *tally.entry(ended.expect("no panic")).or_default() += 1;
        }
        if begun == calls / 2 && warm == 0 {
            warm = resident_bytes();
        }
    }
    let grown = resident_bytes().saturating_sub(warm) >> 20;
    eprintln!("{calls} calls: {tally:?}; grown by {grown} MiB in the second half");
    assert_eq!(tally.values().sum::<u64>(), calls);
    assert!(grown < 32 || calls < 5000, "grown by {grown} MiB");
    // It still works.
    complete(&model, greedy(Prompt::raw("The end."), 4)).await.expect("completed");
}
