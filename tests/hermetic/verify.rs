//! `verify` and `lean` without a Lean, and with a fake one that misbehaves as the texts ask.

use serde_json::{Value, json};

use crate::command::Place;
use crate::lean::lab::FakeLean;

/// Runs a command line; gives exit code, standard output and standard error.
fn said(place: &Place, line: &str) -> (i32, String, String) {
    let output = place.stepproof(line).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn check(place: &Place, line: &str, code: i32, part: &str) {
    let (exit, stdout, stderr) = said(place, line);
    assert_eq!(exit, code, "{line}: {stdout}{stderr}");
    assert!(stderr.contains(part) || stdout.contains(part), "{line}: {part:?} is not in {stdout}{stderr}");
    assert!(!stderr.contains("panicked") && !stderr.contains("a defect in stepproof"), "{line}: {stderr}");
}

const STATEMENT: &str = "theorem t : True := by sorry\n";

fn place() -> Place {
    let place = Place::new();
    place
        .write("S.lean", STATEMENT)
        .write("P.lean", "theorem t : True := trivial\n")
        .write("empty.lean", " \n")
        .write("nul.lean", "theorem\n a\0b")
        .write("latin.lean", b"theorem \xe9")
        .write("prose.txt", "no proof")
        .write("open.lean", "theorem t : True := trivial\n")
        .write("none.lean", "def d := 1\n")
        .write("B.jsonl", "");
    place
}

#[test]
fn bad_input_is_said_before_lean_is_started() {
    let place = place();
    // There is no Lean here: every one of these ends before it is looked for.
    for (line, part) in [
        ("verify empty.lean", "read empty.lean: it is empty"),
        ("verify nul.lean", "read nul.lean: line 2 holds a NUL byte"),
        ("verify latin.lean", "read latin.lean: line 1 is no UTF-8"),
        ("verify .", "it is a folder"),
        ("verify gone.lean", "read gone.lean"),
        ("verify prose.txt", "its name does not end in .lean"),
        ("verify empty.lean gone.lean", "read gone.lean"),
        ("verify", "required"),
        ("verify P.lean --statement S.lean --proof P.lean", "cannot be used with"),
        ("verify --statement S.lean", "--proof"),
        ("verify --batch B.jsonl", "--out"),
        ("verify --statement gone.lean --proof P.lean", "read gone.lean"),
        ("verify --statement none.lean --proof P.lean", "use none.lean: it holds no theorem"),
        ("verify --statement open.lean --proof P.lean", "it does not end in `:= by sorry`"),
        ("verify --statement S.lean --proof latin.lean", "line 1 is no UTF-8"),
        ("verify --statement S.lean --proof P.lean --kind term", "--kind"),
        ("verify --statement S.lean --proof P.lean --deadline 0", "--deadline"),
        ("verify --statement S.lean --proof P.lean --recheck off --audit", "--audit goes with --recheck"),
        ("verify --batch gone.jsonl --out O.jsonl", "read gone.jsonl"),
        ("verify --batch . --out O.jsonl", "it is a folder"),
        ("verify --batch B.jsonl --out B.jsonl", "it is the batch"),
        ("lean goals gone.lean --line 1", "read gone.lean"),
        ("lean goals P.lean --line 9", "it has no line 9, but 1 lines"),
        ("lean goals P.lean --line 1 --column 99", "no column 99"),
    ] {
        check(&place, line, 2, part);
    }
}

#[test]
fn without_a_usable_lean_it_is_said_what_mends_it() {
    let place = place();
    for line in [
        "verify P.lean",
        "verify --statement S.lean --proof P.lean",
        "verify --batch B.jsonl --out O.jsonl",
        "lean goals P.lean --line 1",
        "lean doctor",
    ] {
        check(&place, line, 3, "find Lean: no program lean in PATH");
        check(&place, line, 3, "--lean PATH or STEPPROOF_LEAN names one");
        check(&place, &format!("{line} --lean /bin/false"), 3, "/bin/false");
        check(&place, &format!("{line} --lean gone/lean"), 3, "start");
    }
    let report = place.json("lean doctor --format json");
    assert_eq!((&report["usable"], &report["troubles"][0]["fatal"]), (&json!(false), &json!(true)));
    assert!(!place.path().join("O.jsonl").exists(), "no file is made for nothing");
    for (script, part) in [
        ("version-exits", "ended with"),
        ("version-is-another", "for Lean: asked for its version it says"),
        ("start-exits", "start Lean's server"),
        ("initialize-exits", "start Lean's server"),
    ] {
        let fake = FakeLean::new(script);
        let line = format!("verify P.lean --sandbox none --lean {}", fake.lean().display());
        check(&place, &line, 3, part);
    }
}

/// A Lean that says nothing of any text, so that what a judge looks for behind a candidate is missing.
fn with_fake(fake: &FakeLean, line: &str) -> String {
    format!("{line} --sandbox none --workers 2 --deadline 3 --progress none --lean {}", fake.lean().display())
}

#[test]
fn files_are_surveyed_and_a_bad_one_spoils_no_other() {
    let (place, fake) = (place(), FakeLean::new(""));
    place.write("bad.lean", "theorem a : True := trivial\ntheorem b : True := 1 -- fake: error \u{1b}[2Jwrong\n");
    place.write("slow.lean", "theorem a : True := trivial -- fake: hang\n");
    let (code, stdout, stderr) = said(&place, &with_fake(&fake, "verify P.lean gone.lean bad.lean slow.lean"));
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("read gone.lean") && stderr.contains("no trusted statement is given"), "{stderr}");
    for part in ["P.lean: compiles, 1 of 1", "bad.lean: does not compile, 1 of 2", "b DOES NOT COMPILE", "wall_time"] {
        assert!(stdout.contains(part), "{part:?} is not in {stdout}");
    }
    assert!(!stdout.contains('\u{1b}') && stdout.contains("\\u{1b}[2Jwrong"), "{stdout}");
    let (code, stdout, _) = said(&place, &with_fake(&fake, "verify bad.lean P.lean --format jsonl"));
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let classes: Vec<&Value> = lines.iter().map(|line| &line["class"]).collect();
    assert_eq!((code, classes), (1, vec![&json!("does_not_compile"), &json!("compiles")]));
    let place_of = |name: &str| lines[0]["declarations"][1][name].clone();
    assert_eq!((place_of("line"), place_of("column"), place_of("compiles")), (json!(2), json!(0), json!(false)));
    check(&place, &with_fake(&fake, "verify P.lean"), 0, "compiles");
}

#[test]
fn nothing_is_proved_by_a_lean_that_says_nothing() {
    let (place, fake) = (place(), FakeLean::new(""));
    check(&place, &with_fake(&fake, "verify --statement S.lean --proof P.lean"), 1, "rejected: tampered");
    let line = with_fake(&fake, "verify --statement S.lean --proof P.lean --kind tactics --format json");
    let (code, stdout, _) = said(&place, &line);
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &report["verdict"], &report["kind"]), (1, &json!("rejected"), &json!("tactics")));
}

fn proof(id: &str, candidate: &str) -> Value {
    json!({ "id": id, "formal_statement": STATEMENT, "candidate": candidate, "kind": "tactics" })
}

#[test]
fn a_batch_with_every_kind_of_line_is_answered_once_and_kept() {
    let (place, fake) = (place(), FakeLean::new(""));
    let huge = format!("exact {}", "(".repeat(10 << 20));
    let lines = [
        proof("a", "trivial").to_string(),
        "{\"id\": \"b\"".to_owned(),
        json!({ "id": "c", "header": "import Init", "steps": [proof("1", "trivial"), proof("2", "trivial")] })
            .to_string(),
        proof("a", "again").to_string(),
        proof("d", "trivial -- fake: hang").to_string(),
        proof("huge", &huge).to_string(),
        json!({ "id": "e", "formal_statement": "theorem", "candidate": "", "kind": "tactics" }).to_string(),
        proof("f", "trivial").to_string(),
    ];
    place.write("B.jsonl", lines.join("\n"));
    let line = with_fake(&fake, "verify --batch B.jsonl --out O.jsonl --format json");
    let (code, stdout, stderr) = said(&place, &line);
    assert_eq!(code, 2, "{stderr}");
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&report["lines"], &report["broken"], &report["complete"]), (&json!(8), &json!(3), &json!(true)));
    let written = std::fs::read_to_string(place.path().join("O.jsonl")).unwrap();
    let out: Vec<Value> = written.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<String> =
        out.iter().map(|line| line.get("class").or(line.get("line")).unwrap().to_string().replace('"', "")).collect();
    assert_eq!(told, ["tampered", "2", "tampered", "4", "timeout", "resource_limit", "7", "tampered"]);
    assert_eq!(out[4]["limit_hit"], "wall_time");
    let (_, found, _) = said(&place, "traces --class timeout --format jsonl");
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!((&found["item_id"], &found["suite"]), (&json!("d"), &json!("batch:B")));
    check(&place, "show last d", 0, "proof (tactics)\ntrivial -- fake: hang");
    check(&place, "show last", 0, "batch:B, strategy verify");
    assert!(!said(&place, "show last").2.contains("error"), "its description is no mistake");
    check(&place, "export last", 0, "\"candidate_kind\":\"tactics\"");
    // Once more: nothing is judged, nothing changes. A torn line is cut off.
    let torn = format!("{written}{}", &written[..40]);
    place.write("O.jsonl", torn);
    let (code, _, stderr) = said(&place, &line);
    assert!(code == 2 && stderr.contains("going on: 8 lines are answered"), "{code} {stderr}");
    assert_eq!(std::fs::read_to_string(place.path().join("O.jsonl")).unwrap(), written);
    let (_, attempts, _) = said(&place, "traces --limit 99 --format jsonl");
    assert_eq!(attempts.lines().count(), 6);
    place.write("O.jsonl", "a file of somebody else's\n");
    check(&place, &line, 2, "line 1: it is no verdict");
    assert_eq!(std::fs::read(place.path().join("O.jsonl")).unwrap(), b"a file of somebody else's\n");
}

#[test]
fn the_doctor_looks_at_a_lean_that_cannot_do_its_work() {
    let (place, fake) = (place(), FakeLean::new(""));
    let report = place.json(&with_doctor(&fake));
    assert_eq!((&report["usable"], &report["version"]), (&json!(true), &json!("4.35.0")));
    assert_eq!((&report["sandbox"], &report["origin"]), (&json!("none"), &json!("command line")));
    place.write("stepproof.toml", format!("[lean]\nprogram = \"{}\"\nrecheck = \"each\"\n", fake.lean().display()));
    check(&place, "lean doctor --sandbox none", 0, "(stepproof.toml:2)");
    check(&place, "doctor", 0, "4.35.0 at ");
    place.write("stepproof.toml", "[lean]\nworkrs = 2\n");
    check(&place, "lean doctor", 2, "did you mean `workers`?");
}

fn with_doctor(fake: &FakeLean) -> String {
    format!("lean doctor --sandbox none --format json --lean {}", fake.lean().display())
}
