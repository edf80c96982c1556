//! `show` and `traces`.

use serde_json::json;

use super::Filled;

#[test]
fn a_run_is_shown_with_figures_settings_and_items() {
    let filled = Filled::new();
    let shown = filled.json("show last");
    let summary = &shown["summary"];
    assert_eq!((&summary["attempts"], &summary["accepted"], &summary["failed"]), (&json!(12), &json!(6), &json!(2)));
    assert_eq!(shown["run"]["run_id"], filled.run);
    assert_eq!(shown["run"]["spec"]["models"]["main"]["kind"], "scripted");
    let items = shown["items"].as_array().unwrap();
    assert_eq!(items.len(), 6);
    assert_eq!((&items[0]["item_id"], &items[0]["gold"]), (&json!("item-000"), &json!("5")));
    let attempt = &items[1]["attempts"][1];
    assert_eq!((&attempt["sample"], &attempt["class"]), (&json!(2), &json!("undecided")));
    assert_eq!(items[3]["attempts"][0]["outcome"], "failed");
    assert_eq!(items[3]["attempts"][0]["verdict"], json!(null));

    let (_, table, _) = filled.said("show last");
    for part in
        [&filled.run, "50.0", "model     main: script (scripted, chat, context 8192 tokens)", "seed 0", "no limits"]
    {
        assert!(table.contains(part), "{part} in {table}");
    }
    let row = |item: &str| {
        let line = table.lines().find(|line| line.starts_with(item)).unwrap();
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("item-000"), ["item-000", "5", "2", "equal ×2", "5 ×2"]);
    assert_eq!(row("item-001"), ["item-001", "5", "2", "undecided ×2", "6\\u{1b}]0;x ×2"]);
    assert_eq!(row("item-003"), ["item-003", "5", "2", "failed ×2"]);
}

#[test]
fn an_item_is_shown_step_by_step() {
    let filled = Filled::new();
    let shown = filled.json("show last item-000");
    assert_eq!((&shown["run_id"], &shown["gold"]), (&json!(filled.run), &json!("5")));
    let attempts = shown["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    let first = &attempts[0];
    let step = &first["steps"][0];
    assert_eq!((&step["text"], &step["separator"]), (&json!("First take modulo seven."), &json!("\n\n")));
    assert!((step["first_entropy_nats"].as_f64().unwrap() - std::f64::consts::LN_2).abs() < 1e-6);
    assert_eq!((first["steps"].as_array().unwrap().len(), first["calls"].as_array().unwrap().len()), (3, 3));
    assert_eq!(first["verdicts"][0]["class"], "equal");
    assert!(first["prompt"].is_array() && first["seed"].is_string());

    let (_, text, _) = filled.said("show last item-000 --sample 2");
    for part in [
        "gold   5 (integer)\n\nWhat is 0 - 0 + 5?\n",
        "── sample 2: answered\nverdict  accepted: equal, decided by identity\nanswer   5\n",
        "step 0: answer by main (script), 4 tokens, first token 0.693 nats, boundary\nFirst take modulo seven.\n",
        "step 2: answer by main (script), 2 tokens, first token 0.000 nats, end_of_text\nSo \\boxed{5}.\n",
        "answer-3  accepted  equal  identity",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("sample 1"));
    assert_eq!(filled.json("show last item-000 --sample 2")["attempts"].as_array().unwrap().len(), 1);

    let (_, failed, _) = filled.said("show last item-003 --sample 1");
    assert!(
        failed.contains("── sample 1: failed (could not finish the completion: the line went dead)\nverdict  none\n"),
        "{failed}"
    );

    let (code, stdout, stderr) = filled.said("show last item-01");
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("could not find the item \"item-01\"") && stderr.contains("did you mean \"item-0"),
        "{stderr}"
    );
    let (code, _, stderr) = filled.said("show last item-000 --sample 7");
    assert_eq!((code, stderr.as_str()), (2, "error: could not find sample 7 of item-000\nhint: its samples: 1, 2\n"));
    assert_eq!(filled.said("show last --sample 1").0, 2);
    assert_eq!(filled.said("show last item-000 --sample 0").0, 2);
}

#[test]
fn attempts_are_found_by_every_filter() {
    let filled = Filled::new();
    let found = |flags: &str| filled.lines(&format!("traces {flags}")).len();
    let cases = [
        ("", 12),
        ("--run last", 12),
        ("--suite lab --strategy stepwise", 12),
        ("--item item-002", 2),
        ("--item item-002 --sample 2", 1),
        ("--verdict accepted", 6),
        ("--class different", 2),
        ("--outcome failed", 2),
        ("--writer main", 10),
        ("--writer script --phase answer", 10),
        ("--min-entropy 0.5", 6),
        ("--max-entropy 0.5", 10),
        ("--min-entropy 0.1 --max-entropy 0.6", 0),
        ("--text modulo", 6),
        ("--text \\boxed{5}", 6),
        ("--raw-query modu*", 6),
        ("--raw-query look", 2),
        ("--limit 5", 5),
        ("--limit 5 --offset 10", 2),
        ("--suite other", 0),
        ("--steps --text modulo", 6),
        ("--steps --item item-000", 6),
        ("--steps --item item-000 --min-entropy 0.5", 2),
    ];
    for (flags, expected) in cases {
        assert_eq!(found(flags), expected, "{flags}");
    }
    let attempt = &filled.lines("traces --item item-001")[0];
    assert_eq!(
        (&attempt["run_id"], &attempt["class"], &attempt["steps"]),
        (&json!(filled.run), &json!("undecided"), &json!(2))
    );
    let step = &filled.lines("traces --steps --text modulo")[0];
    assert_eq!((&step["idx"], &step["snippet"]), (&json!(0), &json!("First take [modulo] seven.")));

    let (code, stdout, stderr) = filled.said("traces --limit 5");
    assert_eq!((code, stdout.lines().count()), (0, 7));
    assert_eq!(stderr, "there are more; --limit N shows N, --offset 5 goes on\n");
    assert_eq!(filled.said("traces --limit 12").2, "");
    let (code, stdout, stderr) = filled.said("traces --text nowhere --format json");
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (4, "[]\n", "nothing fits\n"));
}

#[test]
fn wrong_filters_are_refused_with_the_nearest_name() {
    let filled = Filled::new();
    let cases = [
        ("--verdict acepted", "error: could not find the verdict \"acepted\"\nhint: did you mean \"accepted\"?\n"),
        ("--class equl", "error: could not find the class \"equl\"\nhint: did you mean \"equal\"?\n"),
        ("--phase done", "error: could not find the phase \"done\"\nhint: known are think, answer\n"),
        ("--outcome fail", "error: could not find the outcome \"fail\"\nhint: did you mean \"failed\"?\n"),
    ];
    for (flags, expected) in cases {
        let (code, stdout, stderr) = filled.said(&format!("traces {flags}"));
        assert_eq!((code, stdout.as_str(), stderr.as_str()), (2, "", expected));
    }
    for flags in [
        "--min-entropy nan",
        "--min-entropy 2 --max-entropy 1",
        "--limit 0",
        "--text a --raw-query b",
        "--raw-query \"a",
    ] {
        let (code, stdout, stderr) = filled.said(&format!("traces {flags}"));
        assert_eq!((code, stdout.as_str()), (2, ""), "{flags}: {stderr}");
        assert!(stderr.starts_with("error: "), "{flags}: {stderr}");
    }
}
