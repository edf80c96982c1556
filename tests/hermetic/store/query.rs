//! Questions about runs, attempts and steps.

use std::collections::BTreeSet;

use stepproof::store::{RunFilter, Store, StoreError, TextSearch, TraceFilter};

use super::{begin, bundle, check_file, counts, failed, open, place, step, verdict, write};

#[tokio::test]
async fn counts_of_a_run_add_up() {
    let (_folder, path) = place();
    let store = open(&path).await;
    let run = begin(&store, 1, 5).await;
    begin(&store, 2, 1).await;
    let mut rejected = bundle("item-1", 1, 2);
    rejected.verdict = Some(verdict("rejected", "different"));
    let mut unknown = bundle("item-2", 1, 2);
    unknown.verdict = Some(verdict("unknown", "undecided"));
    let mut unjudged = bundle("item-3", 1, 2);
    unjudged.verdict = None;
    unjudged.attempt.truncated = true;
    let mut failed_and_judged = failed("item-4", 1);
    failed_and_judged.verdict = Some(verdict("unknown", "infrastructure"));
    write(&store, &run, vec![bundle("item-0", 1, 2), rejected, unknown, unjudged, failed_and_judged]).await;

    let runs = store.runs(&RunFilter::default()).await.unwrap();
    assert_eq!(runs.iter().map(|row| row.attempts).collect::<Vec<_>>(), [0, 5]);
    let row = &runs[1];
    assert_eq!(row.run, run);
    assert_eq!((row.items, row.accepted, row.rejected, row.unknown, row.failed), (5, 1, 1, 2, 1));
    assert_eq!(row.last_attempt_us, Some(1_700_000_000_000_000));
    let filter = |suite: &str, limit| RunFilter { suite: Some(suite.into()), limit, ..RunFilter::default() };
    assert_eq!(store.runs(&filter("sample", Some(1))).await.unwrap().len(), 1);
    assert!(store.runs(&filter("other", None)).await.unwrap().is_empty());
    let one = RunFilter { run: Some(run.key), ..RunFilter::default() };
    assert_eq!(store.runs(&one).await.unwrap(), runs[1..]);
    let json = serde_json::to_value(row).unwrap();
    assert_eq!(json["run_id"], run.run_id.as_str());
    assert_eq!(json["spec"]["suite"], "sample");
    assert!(json.get("key").is_none());

    let graded = store.graded_attempts(run.key).await.unwrap();
    assert_eq!(graded.iter().map(|row| row.position).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(graded[3].verdict, None);
    assert!(graded[3].truncated && !graded[3].lenient);
    assert_eq!(graded[4].outcome_detail.as_deref(), Some("the server went away"));
    let usage = store.usage_by_model(run.key).await.unwrap();
    assert_eq!(usage.len(), 1);
    assert_eq!((usage[0].calls, usage[0].prompt_tokens, usage[0].wasted_tokens), (9, 900, 48));
    assert!((usage[0].decode_ms - 6.3).abs() < 1e-9);
    let missing = store.item_detail(run.key, "item-9").await.err().unwrap();
    assert!(matches!(missing, StoreError::NoSuchItem { .. }), "{missing:?}");
}

async fn library(path: &std::path::Path) -> Store {
    let store = open(path).await;
    let run = begin(&store, 1, 3).await;
    let mut first = bundle("item-0", 1, 0);
    first.steps = vec![
        step("Let the triangle have sides \\frac{1}{2} and 3.", Some(0.1)),
        step("The area follows: A = 6; it's \"half\" of 12 + - *", Some(2.5)),
        step("∴ ≠ ⊕", None),
    ];
    first.steps[1].role = "large".into();
    first.steps[1].model = "qwen".into();
    let mut second = bundle("item-1", 1, 0);
    second.steps = vec![step("Another triangle, with naïve sides.", Some(1.0))];
    second.steps[0].phase = "think".into();
    second.verdict = Some(verdict("rejected", "different"));
    write(&store, &run, vec![first, second]).await;
    let other = begin(&store, 2, 1).await;
    write(&store, &other, vec![bundle("item-0", 1, 1)]).await;
    store
}

#[tokio::test]
async fn steps_are_found_by_what_is_asked() {
    let (_folder, path) = place();
    let store = library(&path).await;
    let run = store.runs_with_spec("spec").await.unwrap().pop().unwrap().key;
    let of_run = TraceFilter { run: Some(run), ..TraceFilter::default() };
    let text = |words: &str| TraceFilter { text: Some(TextSearch::Words(words.into())), ..TraceFilter::default() };
    let query = |query: &str| TraceFilter { text: Some(TextSearch::Query(query.into())), ..TraceFilter::default() };
    let some = |value: &str| Some(value.to_owned());
    let cases: Vec<(TraceFilter, &[(&str, u32)])> = vec![
        (of_run.clone(), &[("item-0", 0), ("item-0", 1), ("item-0", 2), ("item-1", 0)]),
        (TraceFilter { limit: Some(1), offset: 1, ..of_run.clone() }, &[("item-0", 1)]),
        (TraceFilter { item: some("item-1"), ..of_run.clone() }, &[("item-1", 0)]),
        (TraceFilter { verdict: some("rejected"), ..TraceFilter::default() }, &[("item-1", 0)]),
        (TraceFilter { class: some("different"), ..TraceFilter::default() }, &[("item-1", 0)]),
        (TraceFilter { writer: some("large"), ..TraceFilter::default() }, &[("item-0", 1)]),
        (TraceFilter { writer: some("qwen"), ..TraceFilter::default() }, &[("item-0", 1)]),
        (TraceFilter { phase: some("think"), ..TraceFilter::default() }, &[("item-1", 0)]),
        (TraceFilter { suite: some("other"), ..TraceFilter::default() }, &[]),
        (TraceFilter { strategy: some("cot"), sample: Some(2), ..TraceFilter::default() }, &[]),
        (TraceFilter { outcome: some("failed"), ..TraceFilter::default() }, &[]),
        (TraceFilter { entropy_min_nats: Some(1.0), ..of_run.clone() }, &[("item-0", 1), ("item-1", 0)]),
        (TraceFilter { entropy_max_nats: Some(0.5), ..of_run.clone() }, &[("item-0", 0)]),
        (text("naive triangle"), &[("item-1", 0)]),
        (text("\\frac{1}{2}"), &[("item-0", 0)]),
        (text("it's \"half\""), &[("item-0", 1)]),
        (text("area -12 AND"), &[]),
        (text("area NOT *"), &[]),
        (text("text: area"), &[]),
        (text("area + - *"), &[("item-0", 1)]),
        (text("12 + \0"), &[("item-0", 1)]),
        (text("⊕"), &[("item-0", 2)]),
        (text("+ - *"), &[("item-0", 1)]),
        (text(" "), &[("item-0", 0), ("item-0", 0), ("item-0", 1), ("item-0", 2), ("item-1", 0)]),
        (query("area NOT triangle"), &[("item-0", 1)]),
        (query("\"another triangle\" OR fol*"), &[("item-0", 1), ("item-1", 0)]),
    ];
    for (filter, expected) in cases {
        let mut found: Vec<_> =
            store.traces(&filter).await.unwrap().into_iter().map(|row| (row.item_id, row.idx)).collect();
        found.sort();
        let expected: Vec<_> = expected.iter().map(|(item_id, index)| ((*item_id).to_owned(), *index)).collect();
        assert_eq!(found, expected, "{filter:?}");
        let unlimited = TraceFilter { limit: None, offset: 0, ..filter };
        let steps = store.traces(&unlimited).await.unwrap();
        let attempts = store.traced_attempts(&unlimited).await.unwrap();
        let of_steps: BTreeSet<_> = steps.into_iter().map(|row| (row.run_id, row.item_id)).collect();
        let of_attempts: Vec<_> = attempts.into_iter().map(|row| (row.run_id, row.item_id)).collect();
        assert_eq!(of_attempts.len(), of_steps.len(), "each once: {unlimited:?}");
        assert_eq!(BTreeSet::from_iter(of_attempts), of_steps, "{unlimited:?}");
    }
    let first = store.traced_attempts(&TraceFilter { limit: Some(1), offset: 1, ..of_run }).await.unwrap();
    assert_eq!(
        (first[0].item_id.as_str(), first[0].steps, first[0].verdict.as_deref()),
        ("item-1", 1, Some("rejected"))
    );
    for broken in ["\"open", "AND", "text :", "nosuchcolumn: a", ""] {
        let error = store.traces(&query(broken)).await;
        assert!(matches!(error, Err(StoreError::TextQuery { .. })) || broken.is_empty(), "{broken}: {error:?}");
    }
    let row = store.traces(&text("triangle have")).await.unwrap().remove(0);
    assert_eq!(row.snippet, "Let the [triangle] [have] sides \\frac{1}{2} and 3.");
    assert_eq!((row.verdict.as_deref(), row.outcome.as_str()), (Some("accepted"), "answered"));
}

#[tokio::test]
async fn a_deleted_run_leaves_nothing_and_takes_nothing_else() {
    let (_folder, path) = place();
    let store = library(&path).await;
    let runs = store.runs_with_spec("spec").await.unwrap();
    store.register_worker(runs[0].key).await.unwrap();
    let before = counts(&path).await;
    store.delete_run(runs[0].key).await.unwrap();
    assert_eq!(before, [2, 4, 3, 5, 1, 3, 1, 1, 0]);
    assert_eq!(counts(&path).await, [1, 3, 2, 4, 0, 2, 0, 0, 0]);
    check_file(&path).await;
    assert!(matches!(store.delete_run(runs[0].key).await, Err(StoreError::RunGone { .. })));
    store.delete_run(runs[1].key).await.unwrap();
    assert_eq!(counts(&path).await, [0; 9]);
    check_file(&path).await;
    let words = TraceFilter { text: Some(TextSearch::Words("triangle".into())), ..TraceFilter::default() };
    assert!(store.traces(&words).await.unwrap().is_empty());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 40, ..Default::default() })]

    #[test]
    fn any_words_are_searched_for_without_an_error(words in "(?s)[a-z\"'*:^+(){}\\[\\]\\\\ \u{0}-\u{2f}é≠𝔸]{0,20}|(?s).{0,20}") {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_folder, path) = place();
            let store = library(&path).await;
            let text = Some(TextSearch::Words(words));
            store.traces(&TraceFilter { text, ..TraceFilter::default() }).await.unwrap();
        });
    }
}
