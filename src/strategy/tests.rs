//! cot and stepwise on scripted models: steps, phases, ends, seeds, what is refused at the start.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::budget::{Budget, BudgetLimits};
use crate::model::ScriptedModel;
use crate::problem::{AnswerForm, ProblemId};
use crate::step::Step;
use crate::trace::{EventLog, Stuck};

const SCRIPT: &str = r#"
[[reply]]
match = "plain"
text = "First.\n\nSecond:\n```\na\n\nb\n```\n\nSo \\boxed{7}.\n\nAnd more.\n\nAnd more."
[[reply]]
match = "thinking"
text = "<think>\nLet me see \\boxed{1}.\n\nYes.\n</think>\n\nFirst.\n\nSo \\boxed{7}."
[[reply]]
match = "looping"
text = "Again.\n\nAgain.\n\nAgain."
[[reply]]
match = "swinging"
text = "One.\n\nTwo.\n\nOne.\n\nTwo.\n\nOne."
[[reply]]
match = "silent"
text = ""
[[reply]]
match = "numbered"
text = "Step 1: a\nStep 2: b\nStep 3: \\boxed{7}"
[[reply]]
match = "broken"
fail = "the line went dead"
"#;

async fn solve(strategy: &str, changes: &[(&str, &str)], head: &str, question: &str, limits: BudgetLimits) -> Solution {
    let changes: Vec<_> = changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let template = Arc::new(PromptTemplate::load("integer", None).unwrap());
    let strategy = Strategy::new(load(strategy, &changes).unwrap(), template);
    let mut models = Models::default();
    let script = format!("{head}\n{SCRIPT}");
    models.insert(Role::Main, Arc::new(ScriptedModel::parse(&script, "script", "test").unwrap()));
    strategy.check(&models).unwrap();
    let statement = Statement {
        id: ProblemId("p".to_owned()),
        text: question.to_owned(),
        options: Vec::new(),
        form: AnswerForm::Integer,
        formal: None,
    };
    let session = Session {
        models,
        budget: Budget::start(limits),
        recorder: Arc::new(EventLog::default()),
        seed: 1,
        cancel: CancellationToken::new(),
    };
    strategy.solve(&statement, &session).await
}

fn texts(solution: &Solution) -> Vec<(Phase, &str)> {
    solution.trace.steps.iter().map(|step: &Step| (step.phase, step.text.as_str())).collect()
}

fn joined(solution: &Solution) -> String {
    solution.trace.steps.iter().flat_map(|step| [step.text.as_str(), step.separator.as_str()]).collect()
}

const FREE: BudgetLimits = BudgetLimits { completion_tokens: None, calls: None, time: None };

#[tokio::test]
async fn both_strategies_cut_the_same_steps() {
    use Phase::Answer;
    let cot = solve("cot", &[], "", "plain", FREE).await;
    assert_eq!(cot.trace.outcome, Outcome::Answered);
    assert_eq!(cot.trace.steps.len(), 5);
    let stepwise = solve("stepwise", &[], "", "plain", FREE).await;
    assert_eq!(stepwise.trace.outcome, Outcome::Answered);
    let expected = [(Answer, "First."), (Answer, "Second:\n```\na\n\nb\n```"), (Answer, "So \\boxed{7}.")];
    assert_eq!(texts(&stepwise), expected, "it stops behind the boxed answer");
    assert!(joined(&cot).starts_with(&joined(&stepwise)));
    let to_the_end = solve("stepwise", &[("stop_at_answer", "false")], "", "plain", FREE).await;
    assert_eq!(texts(&to_the_end), texts(&cot));
}

#[tokio::test]
async fn a_thinking_part_is_no_answer() {
    use Phase::{Answer, Think};
    let expected =
        [(Think, "<think>\nLet me see \\boxed{1}."), (Think, "Yes."), (Answer, "First."), (Answer, "So \\boxed{7}.")];
    for strategy in ["cot", "stepwise"] {
        let solution = solve(strategy, &[], "style = 'thinking'", "thinking", FREE).await;
        assert_eq!(texts(&solution), expected, "{strategy}");
        assert_eq!(joined(&solution), "<think>\nLet me see \\boxed{1}.\n\nYes.\n</think>\n\nFirst.\n\nSo \\boxed{7}.");
        assert_eq!(solution.candidate.unwrap().text, "First.\n\nSo \\boxed{7}.");
    }
    let cut = solve("cot", &[("max_tokens", "3")], "style = 'thinking'", "thinking", FREE).await;
    assert_eq!((cut.candidate, cut.trace.outcome), (None, Outcome::Exhausted(Limit::Tokens)));
}

#[tokio::test]
async fn standstill_limits_and_failures_are_outcomes() {
    let outcome = async |strategy: &str, changes: &[(&str, &str)], question: &str, limits: BudgetLimits| {
        solve(strategy, changes, "", question, limits).await.trace.outcome
    };
    assert_eq!(outcome("stepwise", &[], "looping", FREE).await, Outcome::Stuck(Stuck::Duplicate));
    assert_eq!(outcome("stepwise", &[], "swinging", FREE).await, Outcome::Stuck(Stuck::Alternating));
    assert_eq!(outcome("stepwise", &[], "silent", FREE).await, Outcome::Answered);
    assert_eq!(outcome("stepwise", &[("max_steps", "2")], "plain", FREE).await, Outcome::Exhausted(Limit::Steps));
    assert_eq!(
        outcome("cot", &[], "broken", FREE).await,
        Outcome::Failed("could not finish the completion: the line went dead".to_owned())
    );
    let limits = |tokens, calls, time| BudgetLimits { completion_tokens: tokens, calls, time };
    for (limits, expected) in [
        (limits(Some(0), None, None), Limit::Tokens),
        (limits(Some(3), None, None), Limit::Tokens),
        (limits(None, Some(1), None), Limit::Calls),
        (limits(None, None, Some(Duration::ZERO)), Limit::Seconds),
    ] {
        assert_eq!(outcome("stepwise", &[], "plain", limits).await, Outcome::Exhausted(expected));
    }
}

#[tokio::test]
async fn numbered_lines_are_steps() {
    let solution = solve("stepwise", &[], "", "numbered", FREE).await;
    let expected = ["Step 1: a", "Step 2: b", "Step 3: \\boxed{7}"];
    assert_eq!(texts(&solution).iter().map(|(_, text)| *text).collect::<Vec<_>>(), expected);
    assert_eq!(joined(&solution), expected.join("\n"));
}

#[tokio::test]
async fn a_base_model_goes_on_from_worked_examples() {
    let solution = solve("stepwise", &[("examples", "1")], "style = 'base'", "plain", FREE).await;
    assert_eq!(texts(&solution).len(), 3);
}

#[test]
fn parameters_are_checked_with_what_is_possible() {
    let sentence = |name: &str, key: &str, value: &str| {
        load(name, &[(key.to_owned(), value.to_owned())]).err().map(|error| error.to_string()).unwrap_or_default()
    };
    for (key, value, expected) in [
        ("max_token", "5", "did you mean max_tokens?"),
        ("max_tokens", "-5", "set up the strategy cot"),
        ("max_tokens", "many", "set up the strategy cot"),
        ("max_tokens", "0", "max_tokens = 0 leaves nothing to write"),
        ("temperature", "nan", "temperature = NaN"),
        ("temperature", "-1", "temperature = -1 is not"),
        ("top_p", "0", "top_p = 0 is not"),
        ("entropy", "some", "set up the strategy cot"),
    ] {
        let found = sentence("cot", key, value);
        assert!(found.contains(expected), "{key}={value}: {found}");
    }
    assert!(sentence("cott", "top_p", "1").contains("did you mean cot?"));
    assert_eq!(sentence("stepwise", "top_k", "40"), "");
    assert_eq!(sentence("cot", "temperature", "1"), "");
    assert!(sentence("/nowhere/mine.toml", "top_p", "1").contains("read the strategy file /nowhere/mine.toml"));
}

#[tokio::test]
async fn a_whole_proof_is_a_reply_or_a_continuation_put_behind_the_opening() {
    let script = |style: &str, replies: &str| format!("style = '{style}'\n{replies}");
    let solve = async |strategy: &str, changes: &[(&str, &str)], script: &str| {
        let changes: Vec<_> = changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let template = Arc::new(PromptTemplate::load("lean", None).unwrap());
        let strategy = Strategy::new(load(strategy, &changes).unwrap(), template);
        let mut models = Models::default();
        models.insert(Role::Main, Arc::new(ScriptedModel::parse(script, "script", "test").unwrap()));
        strategy.check(&models).map_err(|error| error.to_string())?;
        let statement = Statement {
            id: ProblemId("t".to_owned()),
            text: String::new(),
            options: Vec::new(),
            form: AnswerForm::Proof,
            formal: Some(crate::problem::FormalStatement {
                header: String::new(),
                theorem: "theorem t : True := by sorry".to_owned(),
            }),
        };
        let session = Session {
            models,
            budget: Budget::start(FREE),
            recorder: Arc::new(EventLog::default()),
            seed: 1,
            cancel: CancellationToken::new(),
        };
        Ok::<_, String>(strategy.solve(&statement, &session).await.candidate)
    };
    let reply = "[[reply]]\ntext = \"Plan.\\n\\n```lean4\\ntheorem t : True := by trivial\\n```\\n\"\n";
    let candidate = solve("whole-proof", &[], &script("chat", reply)).await.unwrap().unwrap();
    assert_eq!(candidate.text, "Plan.\n\n```lean4\ntheorem t : True := by trivial\n```\n");
    let thinking = "[[reply]]\ntext = \"<think>\\n```lean4\\nbad\\n```\\n</think>\\n\\nDone: `trivial`\"\n";
    let candidate = solve("kimina-prover", &[], &script("thinking", thinking)).await.unwrap().unwrap();
    assert_eq!(candidate.text, "Done: `trivial`", "what was thought is no candidate");

    let goes_on = "[[reply]]\ntext = \"\\n  trivial\\n```\\nThat is all.\"\n";
    let whole = "```lean4\ntheorem t : True := by\n  trivial\n```";
    for (strategy, changes, style) in
        [("whole-proof", vec![], "base"), ("whole-proof", vec![("form", "base")], "chat"), ("stp", vec![], "base")]
    {
        let candidate = solve(strategy, &changes, &script(style, goes_on)).await.unwrap().unwrap();
        assert_eq!((candidate.text.as_str(), candidate.truncated), (whole, false), "{strategy} {style}");
    }
    let cut = solve("stp", &[("max_tokens", "2")], &script("base", goes_on)).await.unwrap().unwrap();
    assert!(cut.truncated && !cut.text.ends_with("```"), "{cut:?}");
    for (strategy, changes) in [("kimina-prover", vec![]), ("whole-proof", vec![("form", "chat")])] {
        let refused = solve(strategy, &changes, &script("base", reply)).await.unwrap_err();
        assert!(refused.contains("it needs a chat template"), "{refused}");
    }
}

#[tokio::test]
async fn a_prover_that_ends_without_a_word_is_asked_again() {
    // Of the replies one is picked by the call's seed, so that asking again gets to the other in the end.
    let script = "style = 'base'\n[[reply]]\ntext = ''\n[[reply]]\ntext = \" trivial\"\n";
    let template = Arc::new(PromptTemplate::load("lean", None).unwrap());
    let statement = Statement {
        id: ProblemId("t".to_owned()),
        text: String::new(),
        options: Vec::new(),
        form: AnswerForm::Proof,
        formal: Some(crate::problem::FormalStatement {
            header: String::new(),
            theorem: "theorem t : True := by sorry".to_owned(),
        }),
    };
    let count = async |strategy: &str| {
        let strategy = Strategy::new(load(strategy, &[]).unwrap(), Arc::clone(&template));
        let (mut written, mut calls) = (0, 0);
        for seed in 0..20 {
            let mut models = Models::default();
            models.insert(Role::Main, Arc::new(ScriptedModel::parse(script, "script", "test").unwrap()));
            let recorder = Arc::new(EventLog::default());
            let session = Session {
                models,
                budget: Budget::start(FREE),
                recorder: Arc::clone(&recorder) as Arc<dyn crate::trace::Recorder>,
                seed,
                cancel: CancellationToken::new(),
            };
            let solution = strategy.solve(&statement, &session).await;
            written += usize::from(solution.candidate.is_some());
            calls += recorder.take().iter().filter(|event| matches!(event, Event::Call(_))).count();
        }
        (written, calls)
    };
    let (written, calls) = count("stp").await;
    assert!(written == 20 && calls > 20, "{written} written in {calls} calls");
    let (written, calls) = count("deepseek-prover-v1.5").await;
    assert!(written < 20 && calls == 20, "{written} written in {calls} calls");
}
