//! Models of random weights: every kind that llama.cpp runs gives what it gives alone, whatever ran before.

use futures_util::future::join_all;
use stepproof::model::gguf::random::{RandomArchitecture, RandomSpec};

use super::*;

pub(super) fn random(folder: &std::path::Path, architecture: RandomArchitecture) -> LocalSettings {
    let path = folder.join(format!("{}.gguf", architecture.name()));
    RandomSpec::tiny(architecture).write(&path).expect("written");
    LocalSettings { context: Some(512), cells: Some(1024), sequences: Some(4), ..LocalSettings::new(path) }
}

#[tokio::test]
async fn nothing_is_used_again_that_a_model_has_forgotten() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let kinds = [
        RandomArchitecture::Llama,
        RandomArchitecture::Gemma3 { window: 16 },
        RandomArchitecture::Mamba,
        RandomArchitecture::Jamba,
    ];
    let begin = "A long beginning that several prompts have in common, longer than any window. ".repeat(2);
    let prompts = [
        begin.clone(),
        format!("{begin}And then something else."),
        format!("{begin}And then something new."),
        begin[..90].to_owned(),
        begin.clone(),
        "Quite another text.".to_owned(),
    ];
    for kind in kinds {
        let settings = random(folder.path(), kind);
        let mut alone = Vec::new();
        for prompt in &prompts {
            let model = LocalModel::open(settings.clone()).expect("loaded");
            alone.push(complete(&model, measured(prompt)).await.expect("completed"));
        }
        let model = LocalModel::open(settings).expect("loaded");
        for (prompt, expected) in prompts.iter().zip(&alone) {
            let given = complete(&model, measured(prompt)).await.expect("completed");
            check(&given, expected, &format!("{kind:?}, one after the other: {prompt:?}"));
        }
        let together = join_all(prompts.iter().map(|prompt| complete(&model, measured(prompt)))).await;
        for (given, expected) in together.into_iter().zip(&alone) {
            check(&given.expect("completed"), expected, &format!("{kind:?}, together"));
        }
    }
}

fn measured(prompt: &str) -> Request {
    Request { entropy: EntropyWanted::Every, top_logprobs: 5, ..greedy(Prompt::raw(prompt), 4) }
}

/// Compares distributions: with what is computed beside, logits differ in their last digits, and random weights give
/// many tokens almost the same.
fn check(given: &Completion, expected: &Completion, what: &str) {
    for (given, expected) in given.tokens.iter().zip(&expected.tokens) {
        let nats = |token: &stepproof::token::Token| token.entropy_nats.expect("measured");
        let apart = (nats(given) - nats(expected)).abs() + (given.top[0].logprob - expected.top[0].logprob).abs();
        assert!(apart < 0.05, "{what}: {apart}");
        // From here on the texts are others.
        if given.id != expected.id {
            return;
        }
    }
}

#[tokio::test]
async fn a_grammar_without_an_end_costs_no_more_than_its_call() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = LocalModel::open(random(folder.path(), RandomArchitecture::Llama)).expect("loaded");
    let grammars = [
        "root ::= \"a\" root".to_owned(),
        "root ::= (\"a\"?)*".to_owned(),
        "root ::= ((\"a\"?)*)*".to_owned(),
        "root ::= (((\"a\" | \"a\")* | \"a\"*)* \"a\"?)*".to_owned(),
        "root ::= \"\"*".to_owned(),
        "root ::= \"\"".to_owned(),
        "root ::= [^\\x00-\\U0010FFFF]".to_owned(),
        "root ::= x x x x x x x x\nx ::= (\"a\"? \"a\"?)*".to_owned(),
        "root ::= \"a\"{1,1000}".to_owned(),
        "root ::= [a-z]{1,100000000}".to_owned(),
        "root ::= a\na ::= b\nb ::= a".to_owned(),
    ];
    for grammar in grammars {
        let mut request = greedy(Prompt::raw("Write."), 12);
        request.grammar = Some(Grammar::Gbnf(grammar.clone()));
        request.deadline = Some(Instant::now() + Duration::from_secs(60));
        match complete(&model, request).await {
            Ok(completion) => assert!(completion.usage.completion_tokens <= 12, "{grammar}: {completion:?}"),
            Err(ModelError::BadRequest { .. } | ModelError::Broken { .. }) => {}
            Err(error) => panic!("{grammar}: {error}"),
        }
    }
    complete(&model, greedy(Prompt::raw("Write on."), 2)).await.expect("works on");
}
