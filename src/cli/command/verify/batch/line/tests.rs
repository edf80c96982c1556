use stepproof::verify::lean::json::SecondLookJson;

use super::*;

fn read(text: &str) -> Line {
    Line::read(7, text, "settings")
}

const GOOD: &str = r#"{"id": 1, "header": "import Init", "formal_statement": "theorem t : True := by sorry", "candidate": "trivial", "kind": "tactics", "more": 1}"#;

#[test]
fn a_line_is_a_proof_a_chain_or_says_what_is_wrong_with_it() {
    let Line { number: 7, id, wanted: Wanted::Proof(proof), .. } = read(GOOD) else { panic!("no proof") };
    assert_eq!((id, proof.item_id.as_str(), proof.kind), (serde_json::json!(1), "1", CandidateKind::Tactics));
    assert_eq!(proof.statement.header, "import Init\n");
    let step = r#"{"id":"a","formal_statement":"theorem t : True := by sorry","candidate":"c","kind":"file"}"#;
    let chain = read(&format!(r#"{{"id":"k","header":"open A","steps":[{step},{}]}}"#, step.replace("\"a\"", "2")));
    let ids: Vec<&str> = chain.proofs().iter().map(|proof| proof.item_id.as_str()).collect();
    assert_eq!(ids, ["k/a", "k/2"]);
    assert!(chain.proofs().iter().all(|proof| proof.statement.header == "open A\n"));
    let mistakes = [
        ("", "column 0: EOF while parsing a value"),
        ("{\"id\": 1,}", "column 10: trailing comma"),
        ("[1]", "it is a JSON array, not an object"),
        ("{\"formal_statement\": \"x\"}", "`id` is missing"),
        ("{\"id\": 1.5}", "`id` must be text or a whole number"),
        ("{\"id\": \"\"}", "`id` must be text or a whole number"),
        ("{\"id\": 1}", "`formal_statement` is missing"),
        (&GOOD.replace("\"candidate\"", "\"x\""), "`candidate` is missing"),
        (&GOOD.replace("\"kind\"", "\"x\""), "`kind` is missing"),
        (&GOOD.replace("\"tactics\"", "\"term\""), "`kind` is \"term\", not one of tactics, file, reply"),
        (&GOOD.replace("by sorry", "rfl"), "`formal_statement` does not end in `:= by sorry`"),
        (&GOOD.replace("\"trivial\"", "3"), "invalid type: integer `3`, expected a string"),
        (r#"{"id":"k","steps":[]}"#, "`steps` is empty"),
        (r#"{"id":"k","candidate":"c","steps":[]}"#, "`steps` and `candidate` do not go together"),
        (&format!(r#"{{"id":"k","steps":[{step},{step}]}}"#), "step 2: the id \"a\" comes twice"),
        (r#"{"id":"k","steps":[{"id":1}]}"#, "step 1: `formal_statement` is missing"),
    ];
    for (text, part) in mistakes {
        let Wanted::Nothing(reason) = read(text).wanted else { panic!("{text} was taken") };
        assert!(reason.contains(part), "{text}: {reason}");
    }
}

#[test]
fn the_hash_sees_what_decides_and_nothing_else() {
    let base = read(GOOD).hash;
    assert_eq!(base, read(&GOOD.replace("\"more\": 1", "\"more\": 2")).hash);
    assert_eq!(base, Line::read(8, &GOOD.replace(", ", ","), "settings").hash);
    let others = [
        Line::read(7, GOOD, "other"),
        read(&GOOD.replace("trivial", "trivial ")),
        read(&GOOD.replace("tactics", "file")),
        read(&GOOD.replace("import Init", "import Std")),
        read(&GOOD.replace("True", "False")),
        read(&GOOD.replace("\"id\": 1", "\"id\": 2")),
    ];
    assert!(others.iter().all(|other| other.hash != base));
}

fn step(verdict: &str, class: &str) -> StepOut {
    let report = ReportJson {
        reason: None,
        axioms: Vec::new(),
        diagnostics: Vec::new(),
        diagnostics_left_out: 0,
        goals: Vec::new(),
        limit_hit: None,
        recheck: SecondLookJson { status: "not_done".to_owned(), detail: None },
        audit: SecondLookJson { status: "not_done".to_owned(), detail: None },
        check_ms: 1.0,
        lean_version: "4".to_owned(),
        flags: Vec::new(),
        sandbox: "none".to_owned(),
    };
    StepOut { id: Value::Null, verdict: verdict.to_owned(), class: class.to_owned(), report }
}

#[test]
fn a_chain_is_as_good_as_its_worst_step() {
    let one = r#"{"id":1,"formal_statement":"theorem t : True := by sorry","candidate":"c","kind":"file"}"#;
    let chain =
        read(&format!(r#"{{"id":"k","steps":[{one},{},{}]}}"#, one.replace(":1", ":2"), one.replace(":1", ":3")));
    let (proved, failed, timeout) = (("accepted", "proved"), ("rejected", "failed"), ("unknown", "timeout"));
    let cases =
        [([proved, proved, proved], proved), ([proved, timeout, proved], timeout), ([timeout, proved, failed], failed)];
    for (steps, expected) in cases {
        let steps = steps.map(|(verdict, class)| step(verdict, class)).to_vec();
        let out = VerifyOut::answer(&chain, steps);
        assert_eq!((out.verdict.as_deref(), out.class.as_deref()), (Some(expected.0), Some(expected.1)));
        let json = serde_json::to_value(&out).unwrap();
        assert_eq!((json["steps"].as_array().unwrap().len(), json.get("axioms")), (3, None));
    }
}
