//! `bench grader`: on a few records of our own, and on the whole data set where it is there.

use serde_json::{Value, json};

use crate::command::Place;

/// Worked solutions in the form of the data set.
const RECORDS: [(&str, &str); 10] = [
    ("Half of it is $\\boxed{\\frac{3}{4}}$.", "\\frac{3}{4}"),
    ("We get $6\\sqrt{2}$, so $\\boxed{6\\sqrt{2}}$.", "6\\sqrt{2}"),
    ("The point is \\[\\boxed{(3, -5)}.\\]", "(3, -5)"),
    ("They are $\\boxed{2, 7}$.", "2, 7"),
    ("The product is $\\boxed{x^2 - 5x + 6}$.", "x^2 - 5x + 6"),
    ("All of $\\boxed{[-2, 4)}$.", "[-2, 4)"),
    ("So $\\boxed{1{,}250}$ of them.", "1{,}250"),
    ("That is $\\boxed{y = 3x - 4}$.", "y = 3x - 4"),
    ("It is a $\\boxed{\\text{square}}$.", "\\text{square}"),
    ("Nothing is put into $\\boxed{}$.", ""),
];

fn figure<'a>(report: &'a Value, about: &str) -> &'a Value {
    let figures = report["figures"].as_array().unwrap();
    figures.iter().find(|figure| figure["about"].as_str().unwrap().contains(about)).unwrap()
}

#[test]
fn the_bench_finds_answers_and_makes_the_same_pairs_again() {
    let place = Place::new();
    let line =
        |(solution, answer): &(&str, &str)| json!({ "id": "r", "solution": solution, "answer": answer }).to_string();
    place.write("data/math/math_train.jsonl", RECORDS.iter().map(line).collect::<Vec<_>>().join("\n"));
    let bench = "bench grader --pairs 60 --rounds 1 --format json --to ";
    let report = place.json(&format!("{bench}one.jsonl"));
    assert_eq!(
        (&report["records"], &report["extracted_equal"], &report["without_answer"]),
        (&json!(10), &json!(9), &json!(1))
    );
    assert_eq!(figure(&report, "share of records")["met"], true);
    assert_eq!(figure(&report, "unequal pairs found equal")["value"], 0.0);
    place.json(&format!("{bench}two.jsonl"));
    let pairs = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
    assert_eq!(pairs("one.jsonl"), pairs("two.jsonl"));
    let kinds = |kind: &str| pairs("one.jsonl").matches(&format!("\"kind\":\"{kind}\"")).count();
    assert!(kinds("equal") == 60 && kinds("unequal") > 40, "few records give few unequal pairs");
    place.stepproof("bench grader --data nowhere").assert().code(3);
}

#[test]
fn the_whole_data_set_meets_the_bars() {
    let data = std::env::var_os("STEPPROOF_DATA").map(std::path::PathBuf::from);
    let Some(data) = data.filter(|data| data.join("math/math_train.jsonl").is_file()) else {
        eprintln!("skipped: STEPPROOF_DATA names no folder with math/math_train.jsonl");
        return;
    };
    let place = Place::new();
    let report = place.json(&format!("bench grader --rounds 1 --format json --data {}", data.display()));
    // Speed is measured by hand, on a machine that does nothing else.
    for about in
        ["share of records", "found equal, identity aside", "found different or undecided", "unequal pairs found equal"]
    {
        assert_eq!(figure(&report, about)["met"], true, "{about}: {}", report["wrong"]);
    }
}
