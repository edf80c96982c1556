//! Whole runs: list, delete, copy, export, judge again, and SQL.

use std::io::Read;

use predicates::str::{contains, is_empty};
use serde_json::{Value, json};

use super::{Filled, said};
use crate::command::Place;

#[test]
fn runs_are_listed_newest_first_with_their_figures() {
    let filled = Filled::new();
    let runs = filled.json("runs");
    let run = &runs[0];
    let figures =
        ["items", "attempts", "accepted", "rejected", "unknown", "failed"].map(|key| run[key].as_i64().unwrap());
    assert_eq!(figures, [6, 12, 6, 2, 2, 2]);
    assert_eq!(
        (&run["run_id"], &run["suite"], &run["strategy"]),
        (&json!(filled.run), &json!("lab"), &json!("stepwise"))
    );
    assert!((run["accuracy"].as_f64().unwrap() - 0.5).abs() < 1e-12);
    let short = run["short_id"].as_str().unwrap();
    assert!(short.len() == 8 && filled.run.starts_with(short), "{short}");
    let (_, table, _) = filled.said("runs");
    let line = table.lines().nth(2).unwrap();
    for part in [short, "1970-01-01", "lab, stepwise", "script", "6/2/2/2", "50.0"] {
        assert!(line.contains(part), "{part} in {line}");
    }
    assert_eq!(filled.said("runs --suite lab --strategy stepwise").0, 0);
    let (code, stdout, stderr) = filled.said("runs --suite other --format jsonl");
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (4, "", "no run fits; stepproof runs lists all\n"));
}

#[test]
fn a_run_is_named_by_its_beginning_and_a_wrong_name_is_said() {
    let filled = Filled::new();
    let (run, upper) = (&filled.run, filled.run.to_uppercase());
    for name in [run.as_str(), &run[..8], &upper, "last"] {
        assert_eq!(filled.said(&format!("show {name}")).0, 0, "{name}");
    }
    for command in ["show", "runs delete", "regrade", "export", "traces --run"] {
        let (code, stdout, stderr) = filled.said(&format!("{command} ffff0000"));
        assert_eq!((code, stdout.as_str()), (2, ""), "{command}");
        assert!(stderr.contains("could not find a run \"ffff0000\"") && stderr.contains("hint: "), "{stderr}");
        assert!(filled.said(&format!("{command} ff")).2.contains("at least 4 characters"), "{command}");
    }
    assert_eq!(filled.count("attempt"), 12, "nothing was deleted");
}

#[test]
fn a_copy_holds_what_the_run_held_and_a_deleted_run_is_gone() {
    let filled = Filled::new();
    let (code, stdout, stderr) = filled.said("runs copy last --to copy.db");
    assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
    assert_eq!(stderr, format!("copied run {} (lab, stepwise): 12 attempts at 6 items to copy.db\n", filled.run));
    assert_eq!(filled.json("show last --db copy.db"), filled.json("show last"));
    let again = filled.place.stepproof("runs copy last --to copy.db").assert().code(2);
    again.stderr(contains("it holds that run already"));
    filled.place.stepproof("runs copy last --to stepproof.db").assert().code(2);
    assert_eq!(filled.said("runs copy last --to no/where.db").0, 3);

    let (code, stdout, stderr) = filled.said("runs delete last");
    assert_eq!((code, stdout.as_str()), (0, ""));
    assert_eq!(stderr, format!("deleted run {} (lab, stepwise): 12 attempts at 6 items\n", filled.run));
    assert_eq!(filled.count("attempt") + filled.count("step") + filled.count("run"), 0);
    let (code, stdout, stderr) = filled.said("runs --format json");
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "[]\n", "the database holds no runs\n"));
    filled.place.stepproof("runs delete last").assert().code(2).stderr(contains("it holds no runs"));
    assert_eq!(filled.json("show last --db copy.db")["summary"]["attempts"], 12);
}

#[test]
fn an_export_is_the_same_in_every_wrapping() {
    let filled = Filled::new();
    let (code, plain, stderr) = filled.said("export last");
    assert_eq!((code, stderr), (0, format!("wrote 12 attempts of run {}\n", filled.run)));
    let first: Value = serde_json::from_str(plain.lines().next().unwrap()).unwrap();
    assert_eq!((&first["run_id"], &first["steps"][0]["phase"]), (&json!(filled.run), &json!("answer")));

    let read = |name: &str| std::fs::read(filled.place.path().join(name)).unwrap();
    for name in ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.csv", "a.csv.gz"] {
        let (code, stdout, stderr) = filled.said(&format!("export last --to {name}"));
        assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
        assert!(stderr.contains(&format!(" to {name} (")), "{stderr}");
    }
    assert_eq!(read("a.jsonl"), plain.as_bytes());
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&read("a.jsonl.gz")[..]).read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
    assert_eq!(zstd::decode_all(&read("a.jsonl.zst")[..]).unwrap(), plain.as_bytes());

    let mut table = csv::Reader::from_reader(std::io::Cursor::new(read("a.csv")));
    let class = table.headers().unwrap().iter().position(|title| title == "class").unwrap();
    let classes: Vec<String> = table.records().map(|record| record.unwrap()[class].to_owned()).collect();
    assert_eq!((classes.len(), classes.iter().filter(|class| *class == "equal").count()), (12, 6));
    let (_, stdout, _) = filled.said("export last --as csv");
    assert_eq!(stdout.into_bytes(), read("a.csv"));
}

#[test]
fn an_export_replaces_no_file_unasked() {
    let filled = Filled::new();
    filled.place.write("a.jsonl", "mine");
    let refused = filled.place.stepproof("export last --to a.jsonl").assert().code(2).stdout(is_empty());
    refused.stderr("error: could not write a.jsonl: it is there already\nhint: --force replaces it\n");
    let kept = || std::fs::read_to_string(filled.place.path().join("a.jsonl")).unwrap();
    assert_eq!(kept(), "mine");
    assert_eq!(filled.said("export last --to a.jsonl --force").0, 0);
    assert_eq!(kept().lines().count(), 12);
    filled
        .place
        .stepproof("export last --to a.parquet")
        .assert()
        .code(2)
        .stderr(contains("hint: name it .jsonl or .csv"));
    assert_eq!(filled.said("export last --to a.data --as csv").0, 0);
    filled
        .place
        .stepproof("export last --to no/a.jsonl")
        .assert()
        .code(3)
        .stderr(contains("could not write the export"));
    filled.place.stepproof("export last --force").assert().code(2).stderr(contains("--to"));
    let names: Vec<_> =
        std::fs::read_dir(filled.place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "{names:?}");
}

#[test]
fn judging_again_says_what_changed_and_keeps_the_old_verdicts() {
    let filled = Filled::new();
    let report = filled.json("regrade last --progress none");
    let expected = json!({
        "schema": 1, "run_id": filled.run, "verifier": "answer-3", "verifiers_before": ["answer-3"], "judged": 10,
        "skipped": 2, "changed": [], "confirmed": 0, "refuted": 0, "pending": 0,
    });
    assert_eq!(report, expected);
    assert_eq!((filled.count("verdict"), filled.count("verdict WHERE current = 1")), (20, 10));

    filled.judge_as_an_older_grader();
    let report = filled.json("regrade last --progress none");
    assert_eq!(report["verifiers_before"], json!(["answer-0", "answer-3"]));
    assert_eq!(report["changed"], json!([{ "from": "undecided", "to": "equal", "attempts": 1 }]));

    filled.judge_as_an_older_grader();
    let (code, stdout, stderr) = filled.said("regrade last --progress lines");
    assert_eq!(code, 0);
    assert!(
        stdout.contains("judged    10 attempts, 2 left as they are\nchanged   1 from undecided to equal\n"),
        "{stdout}"
    );
    assert!(stderr.contains("10/10"), "{stderr}");
    assert_eq!(filled.count("verdict"), 42);
}

#[test]
fn sql_reads_in_every_format_and_changes_nothing() {
    let filled = Filled::new();
    let sql = |query: &str, flags: &str| {
        let output = filled.place.stepproof(&format!("sql {flags}")).arg(query).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let classes = "SELECT class, count(*) AS n FROM attempts_flat GROUP BY class ORDER BY n, class";
    let (code, stdout, _) = sql(classes, "--format jsonl");
    assert_eq!(
        (code, stdout.as_str()),
        (
            0,
            "{\"class\":null,\"n\":2}\n{\"class\":\"different\",\"n\":2}\n{\"class\":\"undecided\",\"n\":2}\n{\"class\":\"equal\",\"n\":6}\n"
        )
    );
    let (_, stdout, _) = sql(classes, "--format json");
    assert_eq!(serde_json::from_str::<Value>(&stdout).unwrap()[3], json!({ "class": "equal", "n": 6 }));
    let (_, stdout, _) = sql(classes, "");
    assert!(stdout.lines().nth(5).unwrap().starts_with("equal"), "{stdout}");
    let (_, stdout, _) = sql("SELECT extracted FROM attempts_flat", "");
    assert!(!stdout.contains('\u{1b}') && stdout.contains("6\\u{1b}]0;x"), "{stdout}");
    let (_, stdout, _) = sql("SELECT 1 AS a, 2 AS a", "--format jsonl");
    assert_eq!(stdout, "{\"a\":1,\"a:1\":2}\n");

    for flags in ["", "--format json", "--format jsonl"] {
        let (code, stdout, stderr) = sql("SELECT item_id FROM attempts_flat", &format!("--rows 3 {flags}"));
        assert_eq!((code, stdout.matches("item-").count()), (0, 3), "{stdout}");
        assert_eq!(stderr, "the first 3 rows are shown, there are more; --rows N shows N\n");
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
        let (code, _, stderr) = sql(endless, &format!("--timeout 0.2 {flags}"));
        assert_eq!(code, 3, "{stderr}");
        assert!(
            stderr.contains("could not finish the statement within 0.2 s") && stderr.contains("--timeout"),
            "{stderr}"
        );
    }
    let refused = [
        ("DELETE FROM run", "only SELECT"),
        ("PRAGMA query_only = 0", "only SELECT"),
        ("ATTACH 'x.db' AS x", "only SELECT"),
        ("SELECT 1; SELECT 2", "more than one"),
        ("", "there is none"),
        ("SELECT x FROM nowhere", "no such table: nowhere"),
        ("WITH a AS (SELECT 1) DELETE FROM run", "readonly"),
    ];
    for (query, reason) in refused {
        let (code, stdout, stderr) = sql(query, "");
        assert_eq!((code, stdout.as_str()), (2, ""), "{query}");
        assert!(
            stderr.starts_with("error: could not run the statement") && stderr.contains(reason),
            "{query}: {stderr}"
        );
    }
    assert_eq!(filled.count("run"), 1);
}

#[test]
fn the_views_are_documented_without_a_database() {
    let place = Place::new();
    let views = place.json("sql --views --format json");
    let columns = |view: &str| {
        let view = views.as_array().unwrap().iter().find(|listed| listed["name"] == view).unwrap();
        view["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(columns("attempts_flat").contains(&"extracted".to_owned()));
    assert!(columns("steps_flat").contains(&"first_entropy_nats".to_owned()));
    let (code, table, _) = said(&place, "sql --views");
    assert_eq!(code, 0);
    assert!(table.contains("\nusage_by_model: one row a run, role and model\n"), "{table}");
    place.stepproof("sql").assert().code(2).stderr(contains("SELECT"));
    place.stepproof("sql --views x").assert().code(2);
}
