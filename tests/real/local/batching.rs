//! Many calls at once on real weights: what they share, and that none waits for ever.

use futures_util::future::join_all;

use super::*;

/// A model of its own: what it has decoded before must be known.
fn fresh(changed: impl FnOnce(&mut LocalSettings)) -> Option<LocalModel> {
    let mut settings = LocalSettings { context: Some(1024), ..LocalSettings::new(model_file()?) };
    changed(&mut settings);
    Some(LocalModel::open(settings).expect("loaded"))
}

fn long_question() -> Prompt {
    let facts = "The lighthouse stands on a rock in the sea and its keeper writes down every ship that passes. ";
    user(&format!("{}What does the keeper do?", facts.repeat(12)))
}

#[tokio::test]
async fn equal_prompts_at_once_are_decoded_once() {
    let Some(model) = fresh(|_| {}) else { return };
    let calls = (0..8).map(|seed| complete(&model, drawn(long_question(), seed, 12)));
    let completions: Vec<Completion> =
        join_all(calls).await.into_iter().map(|completion| completion.expect("completed")).collect();
    let prompt: u64 = completions.iter().map(|completion| completion.usage.prompt_tokens).sum();
    let cached: u64 = completions.iter().map(|completion| completion.usage.cached_tokens).sum();
    let one = completions[0].usage.prompt_tokens;
    assert!(one > 200 && prompt == 8 * one, "{one} of {prompt}");
    assert_eq!(cached, 7 * (one - 1), "all but the last token, for all but the first call");
    let texts: std::collections::BTreeSet<&str> =
        completions.iter().map(|completion| completion.text.as_str()).collect();
    assert!(texts.len() > 4, "each seed its own text: {texts:?}");
}

#[tokio::test]
async fn what_is_shared_changes_no_distribution() {
    let Some(model) = fresh(|_| {}) else { return };
    let alone = model.next_token(&long_question(), EntropyKind::Full).await.expect("given");
    let calls = (0..4).map(|seed| complete(&model, drawn(long_question(), seed, 8)));
    join_all(calls).await;
    let shared = model.next_token(&long_question(), EntropyKind::Full).await.expect("given");
    assert_eq!(alone.top[0].id, shared.top[0].id);
    // One token decoded alone and in a group differ in their last digits, by quantised activations.
    for (alone, shared) in alone.top.iter().zip(&shared.top).take(3) {
        assert!((alone.logprob - shared.logprob).abs() < 0.6, "{alone:?} {shared:?}");
    }
}

#[tokio::test]
async fn a_written_step_is_gone_on_from_without_decoding_it_again() {
    let Some(model) = fresh(|_| {}) else { return };
    let question = user("Tell me about rivers.");
    let mut run =
        TokenRun { tokenizer: model.identity().tokenizer.clone().expect("known"), ids: vec![], bytes: vec![] };
    for step in 0..4 {
        let prompt = Prompt { continuation: vec![Segment::Tokens(run.clone())], ..question.clone() };
        let written = complete(&model, drawn(prompt, step, 10)).await.expect("completed");
        if step > 0 {
            let usage = written.usage;
            assert_eq!(usage.prompt_tokens - usage.cached_tokens, 1, "the last token alone: {usage:?}");
        }
        run.ids.extend(written.tokens.iter().filter_map(|token| token.id));
        run.bytes.extend(written.tokens.iter().flat_map(|token| token.bytes.clone()));
    }
}

#[tokio::test]
async fn a_prompt_decoded_in_idle_time_is_there_when_it_is_asked_for() {
    let Some(model) = fresh(|_| {}) else { return };
    // Other tests may leave no idle time for a while.
    for number in 0..120 {
        let question = user(&format!("{number} lighthouses, in words, and {} keepers. ", "many ".repeat(60)));
        model.prefetch(&question);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let usage = complete(&model, greedy(question, 1)).await.expect("completed").usage;
        // The beginning of the template is always there.
        if usage.cached_tokens > 60 {
            return;
        }
    }
    panic!("nothing was decoded in advance");
}

#[tokio::test]
async fn more_calls_than_cells_and_sequences_take_turns() {
    let Some(model) = fresh(|settings| {
        (settings.context, settings.cells, settings.sequences) = (Some(256), Some(512), Some(3));
    }) else {
        return;
    };
    let calls = (0..10u64).map(|seed| {
        let prompt = user(&format!("Number {seed}: write a long story about a river and its {seed} bridges."));
        complete(&model, drawn(prompt, seed, 150))
    });
    for completion in join_all(calls).await {
        let completion = completion.expect("completed");
        let usage = completion.usage;
        let ends = u64::from(completion.finish == Finish::End);
        assert_eq!(usage.completion_tokens, completion.tokens.len() as u64 + ends);
        assert!(completion.finish == Finish::End || usage.completion_tokens == 150, "{completion:?}");
    }
}

#[tokio::test]
async fn two_models_take_turns_on_the_cores() {
    let (Some(one), Some(other)) = (fresh(|_| {}), fresh(|_| {})) else { return };
    let call = async |model: &LocalModel, seed| complete(model, drawn(user("Name a river."), seed, 12)).await;
    let calls = (0..6).map(|seed| call(if seed % 2 == 0 { &one } else { &other }, seed));
    assert!(join_all(calls).await.into_iter().all(|completion| completion.is_ok()));
}
