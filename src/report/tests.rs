use super::*;
use crate::report::json::Cost;

fn attempt(item: &str, sample: u32, graded: Graded, extracted: Option<&str>) -> GradedAttempt {
    let class = match graded {
        Graded::Accepted => Some("equal"),
        Graded::Rejected if extracted.is_none() => Some("no_answer"),
        Graded::Rejected => Some("different"),
        Graded::Unknown => Some("undecided"),
        Graded::Failed => None,
    };
    GradedAttempt {
        item: item.to_owned(),
        sample,
        graded,
        class: class.map(str::to_owned),
        extracted: extracted.map(str::to_owned),
        form: AnswerForm::Number,
        options: Arc::from([]),
        lenient: graded == Graded::Accepted,
        truncated: extracted.is_none(),
    }
}

fn near(one: Option<f64>, other: f64) -> bool {
    one.is_some_and(|one| (one - other).abs() < 5e-5)
}

#[test]
fn one_sample_gives_wilsons_interval_and_counts_unknown_and_failed_as_unsolved() {
    use Graded::{Accepted, Failed, Rejected, Unknown};
    let mut attempts: Vec<GradedAttempt> =
        (0..8).map(|item| attempt(&format!("item{item}"), 1, Accepted, Some("1"))).collect();
    attempts.push(attempt("unknown", 1, Unknown, Some("1+1")));
    attempts.push(attempt("failed", 1, Failed, None));
    let summary = summarise(RunFacts { suite: "sample".to_owned(), ..RunFacts::default() }, &attempts);
    assert_eq!((summary.accepted, summary.rejected, summary.unknown, summary.failed), (8, 0, 1, 1));
    assert!(near(summary.accuracy, 0.8));
    // sqrt(0.8·0.2/9)
    assert!(near(summary.stderr, 0.13333));
    let [low, high] = summary.ci95.expect("ten attempts");
    assert!(near(Some(low), 0.49016) && near(Some(high), 0.94332), "Wilson's: {low} {high}");
    assert_eq!(summary.classes, BTreeMap::from([("equal".to_owned(), 8), ("undecided".to_owned(), 1)]));

    attempts.push(attempt("wrong", 1, Rejected, None));
    assert_eq!(summarise(RunFacts::default(), &attempts).rejected, 1);
}

#[test]
fn more_samples_are_clustered_by_item_and_voted_by_equal_answers() {
    use Graded::{Accepted, Rejected};
    // Item a: wrong first, then two forms of the right answer. Item b: right once, silent twice, a tie never arises.
    let attempts = [
        attempt("a", 3, Accepted, Some("0.5")),
        attempt("a", 1, Rejected, Some("2")),
        attempt("a", 2, Accepted, Some("1/2")),
        attempt("b", 1, Accepted, Some("7")),
        attempt("b", 2, Rejected, None),
        attempt("b", 3, Rejected, None),
    ];
    let spent = |calls| Usage { calls, prompt_tokens: 10 * calls, completion_tokens: 5 * calls, ..Usage::default() };
    let usage = BTreeMap::from([("one".to_owned(), spent(2)), ("two".to_owned(), spent(4))]);
    let summary = summarise(RunFacts { cost: Cost::default(), usage, ..RunFacts::default() }, &attempts);
    assert_eq!((summary.items, summary.attempts, summary.samples, summary.truncated), (2, 6, 3, 2));
    // Item means 2/3 and 1/3: mean 1/2, error sqrt(2·(1/6)²/2) = 1/6, half width 0.32666.
    assert!(near(summary.accuracy, 0.5) && near(summary.stderr, 0.16667));
    let [low, high] = summary.ci95.expect("two items");
    assert!(near(Some(low), 0.17334) && near(Some(high), 0.82666), "{low} {high}");
    assert_eq!(summary.pass_at.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    // pass@2: a 1 - C(1,2)/C(3,2) = 1, b 1 - C(2,2)/C(3,2) = 2/3.
    assert!(near(summary.pass_at.get(&2).copied(), 0.83333));
    // maj@1: a wrong, b right. maj@2: a ties and the first seen is wrong. maj@3: both right.
    let votes: Vec<f64> = summary.maj_at.values().copied().collect();
    assert_eq!(votes, [0.5, 0.5, 1.0]);
    assert_eq!(summary.tokens, TokenCounts { prompt: 60, cached: 0, completion: 30 });
    assert_eq!(summary.by_model.get("two").map(|usage| usage.calls), Some(4));
}

#[test]
fn an_unfinished_run_shows_only_what_every_item_has() {
    let attempts = [
        attempt("a", 1, Graded::Accepted, Some("1")),
        attempt("a", 2, Graded::Accepted, Some("1")),
        attempt("b", 1, Graded::Rejected, Some("2")),
    ];
    let summary = summarise(RunFacts::default(), &attempts);
    assert_eq!(summary.pass_at, BTreeMap::from([(1, 0.5)]));
    assert_eq!(summary.samples, 2);

    let empty = summarise(RunFacts::default(), &[]);
    assert_eq!((empty.accuracy, empty.ci95, empty.items), (None, None, 0));
    assert!(empty.pass_at.is_empty() && empty.maj_at.is_empty());
}

#[test]
fn the_summary_as_json_has_the_contracts_keys_and_comes_back() {
    let summary = summarise(RunFacts::default(), &[attempt("a", 1, Graded::Accepted, Some("1"))]);
    let text = serde_json::to_string(&summary).expect("it is plain data");
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    for key in [
        "schema",
        "run_id",
        "spec_hash",
        "suite",
        "strategy",
        "items",
        "attempts",
        "accepted",
        "rejected",
        "unknown",
        "failed",
        "accuracy",
        "stderr",
        "ci95",
        "pass_at",
        "maj_at",
        "lenient_accuracy",
        "truncated",
        "tokens",
        "by_model",
        "cost",
        "wall_ms",
    ] {
        assert!(value.get(key).is_some(), "{key} is missing in {text}");
    }
    assert_eq!(value["pass_at"]["1"], 1.0);
    assert_eq!(serde_json::from_str::<EvalSummary>(&text).expect("it comes back"), summary);
    let schema = schemars::schema_for!(EvalSummary);
    assert!(schema.get("properties").is_some());
}
