//! Strategies on thinking models behind a server: what is thought is no answer, however the server sends it.

use std::sync::Arc;

use serde_json::json;
use stepproof::budget::{Budget, BudgetLimits};
use stepproof::model::remote::{RemoteModel, RemoteSettings};
use stepproof::model::{ChatStyle, LanguageModel, Models, Session};
use stepproof::problem::{AnswerForm, ProblemId, Statement};
use stepproof::prompt::PromptTemplate;
use stepproof::step::Phase;
use stepproof::strategy::{Solution, Strategy, load};
use stepproof::trace::{EventLog, Outcome, Role};
use tokio_util::sync::CancellationToken;

use crate::remote::mock::{Mock, Reply, counted, ended, said, thought};

fn strategy(name: &str) -> Strategy {
    let changes = [("entropy".to_owned(), "none".to_owned())];
    Strategy::new(load(name, &changes).unwrap(), Arc::new(PromptTemplate::load("integer", None).unwrap()))
}

/// A server whose every answer consists of these chunks.
async fn connect(chunks: Vec<serde_json::Value>) -> (Mock, Models, ChatStyle) {
    let mock = Mock::thinking(move |request| match request.path.as_str() {
        "/v1/models" => Reply::json(200, &json!({ "data": [{ "id": "deep" }] })),
        "/v1/chat/completions" => Reply::chunks(&chunks),
        _ => Reply::json(404, &json!({ "error": { "message": "no such path" } })),
    })
    .await;
    let model = RemoteModel::connect(RemoteSettings::new("deep", mock.url.clone())).await.unwrap();
    let style = model.capabilities().chat;
    let mut models = Models::default();
    models.insert(Role::Main, Arc::new(model));
    (mock, models, style)
}

async fn solve(strategy: &Strategy, models: Models) -> Solution {
    let statement = Statement {
        id: ProblemId("p".to_owned()),
        text: "What is 2 + 2?".to_owned(),
        options: Vec::new(),
        form: AnswerForm::Integer,
        formal: None,
    };
    let session = Session {
        models,
        budget: Budget::start(BudgetLimits::default()),
        recorder: Arc::new(EventLog::default()),
        seed: 1,
        cancel: CancellationToken::new(),
    };
    strategy.solve(&statement, &session).await
}

#[tokio::test]
async fn reasoning_sent_apart_or_in_tags_is_thought_and_not_answered() {
    let apart =
        vec![thought("Maybe \\boxed{1}.\n\nNo."), said("Two and two.\n\nSo \\boxed{4}."), ended("stop"), counted(5, 9)];
    let tags = vec![
        said("<think>\nMaybe \\boxed{1}.\n\n"),
        said("No.\n</thi"),
        said("nk>\n\nTwo and two.\n\nSo \\boxed{4}."),
        ended("stop"),
        counted(5, 9),
    ];
    for chunks in [apart, tags] {
        let (_mock, models, style) = connect(chunks).await;
        assert_eq!(style, ChatStyle::Thinking);
        let cot = strategy("cot");
        cot.check(&models).unwrap();
        let solution = solve(&cot, models).await;
        assert_eq!(solution.trace.outcome, Outcome::Answered);
        let phases: Vec<Phase> = solution.trace.steps.iter().map(|step| step.phase).collect();
        assert_eq!(phases, [Phase::Think, Phase::Think, Phase::Answer, Phase::Answer]);
        assert_eq!(solution.candidate.unwrap().text, "Two and two.\n\nSo \\boxed{4}.");
    }
}

#[tokio::test]
async fn thoughts_that_never_end_leave_nothing_to_judge() {
    let (_mock, models, _) = connect(vec![thought("Maybe \\boxed{4}."), ended("length"), counted(5, 9)]).await;
    let solution = solve(&strategy("cot"), models).await;
    assert_eq!((solution.candidate, solution.trace.outcome.name()), (None, "exhausted"));
}

#[tokio::test]
async fn a_strategy_that_needs_what_is_not_there_fails_at_the_start() {
    let (_mock, models, _) = connect(vec![said("4"), ended("stop"), counted(5, 1)]).await;
    let sentence = strategy("stepwise").check(&models).unwrap_err().to_string();
    assert!(
        sentence.contains("run the strategy stepwise on deep: it needs to go on from a started answer"),
        "{sentence}"
    );
    let entropies = Strategy::new(load("cot", &[]).unwrap(), Arc::new(PromptTemplate::load("integer", None).unwrap()));
    let sentence = entropies.check(&models).unwrap_err().to_string();
    assert!(sentence.contains("log-probabilities"), "{sentence}");
}
