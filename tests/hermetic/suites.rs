//! Suites: what is compiled in, a user's own, broken files, and the public data sets where they are at hand.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use stepproof::answer::{Equality, Source, equal, extract, gold_fault};
use stepproof::problem::AnswerForm;
use stepproof::suite::{Suite, SuiteError, SuiteOrigin, SuiteSources, VerifierKind, list, load};

fn no_data() -> SuiteSources {
    SuiteSources::default()
}

/// Writes a user's suite and loads it.
fn own(definition: &str, problems: &[u8]) -> Result<Suite, SuiteError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("my.toml");
    fs::write(&path, definition).expect("writable");
    fs::write(folder.path().join("my.jsonl"), problems).expect("writable");
    load(path.to_str().expect("UTF-8"), &no_data())
}

const DEFINITION: &str = "name = \"my\"\nform = \"number\"\n";

fn message(result: Result<Suite, SuiteError>) -> String {
    result.map(|suite| format!("loaded {}", suite.problems.len())).unwrap_or_else(|error| error.to_string())
}

#[test]
fn the_sample_suites_are_compiled_in_and_every_definition_is_sound() {
    let names: Vec<String> = list().into_iter().map(|info| info.name).collect();
    let expected = [
        "sample",
        "sample-words",
        "aime-2024",
        "aime-2025",
        "aime-1983-2023",
        "math500",
        "gsm8k",
        "amc10",
        "amc12",
        "amc23",
        "core-theorems",
        "minif2f",
    ];
    assert_eq!(names, expected);
    for info in list().iter().filter(|info| info.file.is_some()) {
        assert!(info.obtain.is_some() && info.problems.is_some() && !info.title.is_empty(), "{info:?}");
    }
    for (name, least, prompt) in [("sample", 40, "integer"), ("sample-words", 20, "number")] {
        let suite = load(name, &no_data()).expect("it is compiled in");
        assert!(suite.problems.len() >= least && suite.notes.is_empty(), "{name}: {:?}", suite.notes);
        assert!(matches!(suite.origin, SuiteOrigin::Builtin(_)));
        assert_eq!((suite.prompt.as_str(), suite.data_hash.len()), (prompt, 64));
        for problem in &suite.problems {
            let gold = problem.reference.as_ref().expect("it has an answer");
            assert_eq!(gold_fault(&gold.answer, problem.statement.form, &[]), None, "{}", problem.id());
        }
    }
}

#[test]
fn every_sample_answer_is_computed_again_by_the_script() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benchmarks/sample");
    let Ok(run) = Command::new("python3").arg(folder.join("check.py")).output() else {
        println!("SKIPPED: python3 is not there, the sample answers were not computed again");
        return;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));

    // The script itself can fail: a wrong answer, and a problem that nobody computes.
    let copy = tempfile::tempdir().expect("a temporary folder");
    for name in ["check.py", "competition.jsonl", "words.jsonl"] {
        fs::copy(folder.join(name), copy.path().join(name)).expect("a copy");
    }
    let words = copy.path().join("words.jsonl");
    let text = fs::read_to_string(&words).expect("readable").replacen("\"answer\": 9}", "\"answer\": 8}", 1);
    fs::write(&words, format!("{text}{{\"id\": \"words_99\", \"problem\": \"?\", \"answer\": 1}}\n"))
        .expect("writable");
    let run = Command::new("python3").arg(copy.path().join("check.py")).output().expect("python3 is there");
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    assert_eq!(run.status.code(), Some(1), "{said}");
    assert!(said.contains("words_02: the file says 8, computed 9") && said.contains("words_99: no check"), "{said}");
}

#[test]
fn a_users_suite_is_a_toml_file_with_its_problems_beside_it() {
    let definition = "name = \"my\"\ntitle = \"Mine\"\nform = \"letter\"\nprompt = \"my-prompt\"\n\
        clean_options = true\nitems = 4\nfile = \"my.jsonl\"\nnotes = [\"a note\"]\n\
        [fields]\nid = \"key\"\nquestion = \"q\"\nanswer = \"gold\"\noptions = \"choices\"\n\
        [skip]\nc = \"no figure\"\n[score_by_letter]\nd = \"an option is missing\"\n";
    // A byte order mark, Windows line ends, an empty line and no line end at the end are all harmless.
    let problems = "\u{feff}{\"key\": \"a\", \"q\": \"one?\", \"gold\": \"B\", \"choices\": [\"~1\", \"frac12\"]}\r\n\
        {\"key\": 2, \"q\": \"two?\", \"gold\": \"0.5\", \"choices\": [0.25, 0.5], \"more\": {}}\r\n\r\n\
        {\"key\": \"c\", \"q\": \"three?\", \"gold\": \"A\", \"choices\": [1, 2]}\r\n\
        {\"key\": \"d\", \"q\": \"four?\", \"gold\": \"C\", \"choices\": [1, 2]}";
    let suite = own(definition, problems.as_bytes()).expect("it is sound");
    let ids: Vec<&str> = suite.problems.iter().map(|problem| problem.id().0.as_str()).collect();
    assert_eq!(ids, ["a", "2", "d"]);
    assert_eq!(suite.problems[0].statement.options, ["1", "\\frac12"]);
    assert_eq!(suite.problems[1].statement.options, ["0.25", "0.5"]);
    assert!(suite.problems[2].statement.options.is_empty());
    assert_eq!(suite.prompt, "my-prompt");
    assert_eq!(
        suite.notes,
        [
            "a note",
            "1 broken items left out: c (no figure)",
            "1 items asked without their broken options: d (an option is missing)"
        ]
    );
    let again = own(definition, problems.as_bytes()).expect("it is sound");
    assert_eq!(suite.data_hash, again.data_hash);
    assert_ne!(suite.data_hash, own(definition, format!("{problems} ").as_bytes()).expect("it is sound").data_hash);

    let odd = own(
        DEFINITION,
        b"{\"id\": 1, \"problem\": \"?\", \"answer\": \"\"}\n{\"id\": 2, \"problem\": \"?\", \"answer\": \"x\"}",
    );
    let notes = odd.expect("broken answers are said, not fatal").notes;
    assert_eq!(notes, ["2 items with a gold answer that cannot be used: 1 (it is empty); 2 (\"x\" is no number)"]);
    let big = own(DEFINITION, b"{\"id\": 1, \"problem\": \"?\", \"answer\": 123456789012345678901234567890.50}")
        .expect("sound");
    assert_eq!(
        big.problems[0].reference.as_ref().map(|gold| gold.answer.as_str()),
        Some("123456789012345678901234567890.50")
    );
}

#[test]
fn broken_problem_files_are_told_with_file_and_line() {
    let good = "{\"id\": \"a\", \"problem\": \"?\", \"answer\": 1}\n";
    for (problems, expected) in [
        (
            format!("{good}{{\"id\": \"b\", \"problem\": \"?\"\n").into_bytes(),
            "my.jsonl, line 2: broken JSON at column",
        ),
        (format!("{good}[1]\n").into_bytes(), "my.jsonl, line 2: it is no JSON object"),
        (format!("{good}hello\n").into_bytes(), "my.jsonl, line 2: it is no JSON object"),
        (
            format!("{good}{{\"id\": \"b\", \"answer\": 1}}\n").into_bytes(),
            "my.jsonl, line 2: field \"problem\" is missing; the line has answer, id",
        ),
        (
            format!("{good}{{\"id\": \"b\", \"problem\": \"?\", \"answer\": [1]}}").into_bytes(),
            "my.jsonl, line 2: field \"answer\" is neither a string nor a number",
        ),
        (
            format!("{good}{{\"id\": \"b\", \"problem\": \"?\", \"answer\": null}}").into_bytes(),
            "my.jsonl, line 2: field \"answer\" is neither a string nor a number",
        ),
        (format!("{good}\n{good}").into_bytes(), "my.jsonl, line 3: id \"a\" is on line 1 already"),
        (
            format!("{good}{{\"id\": \"\", \"problem\": \"?\", \"answer\": 1}}").into_bytes(),
            "my.jsonl, line 2: field \"id\": an id has 1 to 256 bytes",
        ),
        (
            format!("{good}{{\"id\": \"b\", \"problem\": \" \", \"answer\": 1}}").into_bytes(),
            "my.jsonl, line 2: field \"problem\" is empty",
        ),
        ([good.as_bytes(), b"{\"id\": \"\xff\"}"].concat(), "my.jsonl, line 2: it is not UTF-8 from byte 9"),
        ([good.as_bytes(), &vec![b' '; 5_000_000]].concat(), "my.jsonl, line 2: it is longer than 4194304 bytes"),
        (Vec::new(), "my.jsonl: it holds no problems"),
        (b"\n\n".to_vec(), "my.jsonl: it holds no problems"),
    ] {
        let said = message(own(DEFINITION, &problems));
        assert!(said.contains(expected), "{said}");
    }
    let error = own(DEFINITION, b"{\"id\": ").expect_err("it is cut");
    assert!(error.source().is_some(), "the parser's words are the cause");
    let lines: String = (0..200_001).map(|id| format!("{{\"id\":{id},\"problem\":\"?\",\"answer\":1}}\n")).collect();
    let said = message(own(DEFINITION, lines.as_bytes()));
    assert!(said.contains("line 200001: there are more than 200000 problems"), "{said}");
    let options = format!("{DEFINITION}[fields]\noptions = \"options\"\n");
    for (value, expected) in [
        ("3", "is no list of strings or numbers"),
        ("[]", "has 0 options"),
        ("[[1]]", "is no list of strings or numbers"),
    ] {
        let problem = format!("{{\"id\": 1, \"problem\": \"?\", \"answer\": 1, \"options\": {value}}}");
        let said = message(own(&options, problem.as_bytes()));
        assert!(said.contains("line 1") && said.contains(expected), "{said}");
    }
}

#[test]
fn broken_definitions_are_told_with_file_and_line() {
    let good = b"{\"id\": \"a\", \"problem\": \"?\", \"answer\": 1}\n";
    for (definition, expected) in [
        ("name = \"my\"\nform = \"numbre\"\n", "my.toml, line 2: unknown variant `numbre`"),
        ("name = \"my\"\n\nform = \n", "my.toml, line 3: "),
        ("name = \"my\"\nform = \"number\"\nquestion = \"q\"\n", "my.toml, line 3: unknown field `question`"),
        ("form = \"number\"\n", "missing field `name`"),
        ("name = \" \"\nform = \"number\"\n", "name is empty"),
        ("name = \"my\"\nform = \"number\"\nverifier = \"leen\"\n", "there is no verifier named \"leen\""),
        ("name = \"my\"\nform = \"number\"\nverifier = \"lean\"\n", "the form proof and the verifier lean go together"),
        (
            "name = \"my\"\nform = \"proof\"\nverifier = \"answer\"\n",
            "the form proof and the verifier lean go together",
        ),
        ("name = \"my\"\nform = \"number\"\nitems = 3\n", "my.jsonl: it holds 1 problems, the suite has 3"),
        ("name = \"my\"\nform = \"number\"\nskip = { z = \"?\" }\n", "the definition names id \"z\""),
        ("name = \"my\"\nform = \"number\"\nskip = { a = \"?\" }\n", "my.jsonl: it holds no problems"),
        ("name = \"my\"\nform = \"number\"\nbuiltin = \"nothing\"\n", "no problems named \"nothing\" are compiled in"),
        (
            "name = \"my\"\nform = \"number\"\nfile = \"other.jsonl\"\n",
            "other.jsonl; the path is relative to the suite's TOML",
        ),
    ] {
        let said = message(own(definition, good));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_missing_file_or_name_says_what_to_do() {
    let said = message(load("aime-2042", &no_data()));
    assert!(said.starts_with("find a suite named \"aime-2042\"; did you mean aime-202"), "{said}");
    assert_eq!(message(load("zzz", &no_data())), "find a suite named \"zzz\"");
    let said = message(load("nowhere/my.toml", &no_data()));
    assert!(said.contains("looked for nowhere/my.toml"), "{said}");

    let folder = tempfile::tempdir().expect("a temporary folder");
    for data in [None, Some(folder.path().to_path_buf())] {
        let said = message(load("aime-2024", &SuiteSources { data, ..SuiteSources::default() }));
        for part in
            ["looked for ", "aime_2024.jsonl; get it from GitHub", "point --data or STEPPROOF_DATA at the folder"]
        {
            assert!(said.contains(part), "{part} is not in {said}");
        }
    }
    let said = message(load("sample.toml/", &no_data()));
    assert!(said.contains("sample.toml"), "{said}");
}

const PROOFS: &str = "name = \"my\"\nform = \"proof\"\nsplit = \"easy\"\nsplits = [\"easy\", \"hard\"]\nfold_ids = true\n\
    [fields]\nheader = \"before\"\nformal = \"lean\"\ninformal = \"words\"\nsplit = \"part\"\n";

#[test]
fn a_users_suite_of_theorems_keeps_statements_and_nothing_of_their_proofs() {
    let problems = "{\"id\": \"One\", \"part\": \"easy\", \"before\": \"open Nat\\n\", \"lean\": \" theorem one : 1 = 1 := by sorry\\n\", \
        \"words\": \"/-- One is one.-/\\n\", \"proof\": \"rfl\"}\n\
        {\"id\": \"two\", \"part\": \"hard\", \"lean\": \"theorem two : 2 = 2 :=\\n by\\n  sorry\"}\n";
    let suite = own(PROOFS, problems.as_bytes()).expect("it is sound");
    assert_eq!((suite.verifier, suite.form, suite.prompt.as_str()), (VerifierKind::Lean, AnswerForm::Proof, "lean"));
    assert_eq!((suite.split.as_str(), suite.problems.len()), ("easy", 1));
    let problem = &suite.problems[0];
    assert!(problem.reference.is_none() && problem.statement.options.is_empty());
    assert_eq!((problem.id().0.as_str(), problem.statement.text.as_str()), ("one", "One is one."));
    let formal = problem.statement.formal.as_ref().expect("it is a theorem");
    assert_eq!((formal.header.as_str(), formal.theorem.as_str()), ("open Nat\n", "theorem one : 1 = 1 := by sorry"));
    assert_eq!(formal.opening(), Some("theorem one : 1 = 1 := by"));
    assert!(!format!("{suite:?}").contains("rfl"));

    for (lines, expected) in [
        (problems.replace("\"hard\"", "\"odd\""), "line 2: field \"part\": \"odd\" is none of easy, hard"),
        (problems.replace("by sorry", "by rfl"), "line 1: field \"lean\" does not end in `:= by sorry`"),
        (problems.replace("\"two\"", "\"ONE\""), "line 2: id \"one\" is on line 1 already"),
        (problems.replace("\"easy\"", "\"hard\""), "it holds no problems of the split \"easy\""),
        (problems.replace("\"lean\"", "\"leen\""), "line 1: field \"lean\" is missing"),
    ] {
        let said = message(own(PROOFS, lines.as_bytes()));
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn splits_and_statement_sets_are_chosen_by_name() {
    let take = |name: &str, split: Option<&str>, statements: Option<&str>, data: Option<PathBuf>| {
        let own = |text: &str| text.to_owned();
        load(name, &SuiteSources { data, split: split.map(own), statements: statements.map(own) })
    };
    let core = take("core-theorems", None, None, None).expect("it is compiled in");
    assert_eq!((core.problems.len(), core.split.as_str()), (42, "all"));
    assert_eq!(core.statement_set.as_deref(), Some("small"));
    for split in ["valid", "test"] {
        let part = take("core-theorems", Some(split), None, None).expect("it has this split");
        assert_eq!((part.problems.len(), part.split.as_str()), (21, split));
        assert_eq!(part.data_hash, core.data_hash);
    }
    for (name, split, statements, expected) in [
        (
            "core-theorems",
            Some("train"),
            None,
            "take the split \"train\" of suite core-theorems: it has valid, test, all",
        ),
        (
            "core-theorems",
            None,
            Some("large"),
            "take the statement set \"large\" of suite core-theorems: it has small, whole",
        ),
        ("sample", Some("test"), None, "take the split \"test\" of suite sample: it has sample"),
        ("sample", None, Some("v1"), "take the statement set \"v1\" of suite sample: it has no choice of them"),
        ("minif2f", None, Some("goedel"), "minif2f_test_goedel_v2.jsonl; get it from Goedel-Prover-V2"),
        ("minif2f", Some("valid"), Some("goedel"), "take the split \"valid\" of suite minif2f: it has test, all"),
    ] {
        let said = message(take(name, split, statements, Some(PathBuf::from("nowhere"))));
        assert!(said.contains(expected), "{said}");
    }
    assert!(take("sample", Some("sample"), None, None).is_ok(), "the one split that there is may be named");

    let Some(data) = data_folder() else { return };
    let ids = |split: &str, statements: &str| -> BTreeSet<String> {
        let suite = take("minif2f", Some(split), Some(statements), Some(data.clone())).expect("it loads");
        assert_eq!(suite.statement_set.as_deref(), Some(statements));
        for problem in &suite.problems {
            let text = &problem.statement.text;
            assert!(!text.is_empty() && !text.starts_with("/--") && !text.ends_with("-/"), "{}: {text}", problem.id());
            assert!(problem.statement.formal.as_ref().is_some_and(|formal| formal.opening().is_some()));
        }
        suite.problems.iter().map(|problem| problem.id().0.clone()).collect()
    };
    let test = ids("test", "v4.24");
    assert_eq!((test.len(), ids("valid", "v4.24").len(), ids("all", "v4.24").len()), (244, 244, 488));
    for set in ["dsp", "goedel"] {
        assert_eq!(ids("test", set), test, "items of all sets join by their ids: {set}");
    }
    let shared =
        data.parent().map(Path::to_path_buf).filter(|shared| shared.join("lean/core_theorems.jsonl").is_file());
    let Some(shared) = shared else { return };
    let whole = take("core-theorems", None, Some("whole"), Some(shared)).expect("it loads");
    assert_eq!(whole.problems.len(), 71);
    assert!(whole.problems.iter().all(|problem| !core.problems.iter().any(|own| own.id() == problem.id())));
}

/// Finds the folder of public data sets, or says that it is not there.
#[expect(clippy::print_stdout, reason = "a skip must be seen")]
fn data_folder() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let set = std::env::var_os("STEPPROOF_DATA").map(PathBuf::from);
    let beside = ["../shared/data", "../../shared/data"].map(|path| here.join(path));
    let found = set.into_iter().chain(beside).find(|path| path.join("math/math500.jsonl").is_file());
    if found.is_none() {
        println!("SKIPPED: no data folder (STEPPROOF_DATA is not set, ../shared/data is not there)");
    }
    found
}

#[test]
fn the_public_data_sets_load_whole_and_their_faults_are_said() {
    let Some(data) = data_folder() else { return };
    let sources = SuiteSources { data: Some(data), ..SuiteSources::default() };
    for (name, count, form) in [
        ("aime-2024", 30, AnswerForm::Integer),
        ("aime-2025", 30, AnswerForm::Integer),
        ("aime-1983-2023", 918, AnswerForm::Integer),
        ("math500", 500, AnswerForm::Expression),
        ("gsm8k", 1319, AnswerForm::Number),
        ("amc10", 217 - 6, AnswerForm::Letter),
        ("amc12", 138, AnswerForm::Letter),
        ("amc23", 40, AnswerForm::Integer),
    ] {
        let suite = load(name, &sources).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((suite.problems.len(), suite.form), (count, form), "{name}");
        for problem in &suite.problems {
            let (statement, gold) = (&problem.statement, problem.reference.as_ref().expect("it has an answer"));
            assert_eq!(gold_fault(&gold.answer, form, &statement.options), None, "{}", problem.id());
            // A box with the gold answer solves every item, and each wrong option is told apart.
            let found = extract(&format!("so $\\boxed{{{}}}$", gold.answer), form, &statement.options).answer;
            let found = found.unwrap_or_default();
            let same = equal(&gold.answer, &found, form, &statement.options);
            assert!(matches!(same, Equality::Equal(_)), "{}: {same:?}", problem.id());
            for (index, option) in statement.options.iter().enumerate() {
                let letter = char::from(b'A' + u8::try_from(index).expect("few options")).to_string();
                let right = letter == gold.answer;
                for given in [option, &letter] {
                    let same = equal(&gold.answer, given, form, &statement.options);
                    assert_eq!(matches!(same, Equality::Equal(_)), right, "{} {given:?}: {same:?}", problem.id());
                }
            }
        }
        let says = |words: &str| suite.notes.iter().any(|note| note.contains(words));
        assert_eq!(says("6 broken items left out: amc10_5 (all options"), name == "amc10", "{:?}", suite.notes);
        assert!(!says("cannot be used"), "{name}: {:?}", suite.notes);
    }
}

/// Reads the fields of a data file that suites leave out: id, worked solution and answer.
fn solutions(path: &Path) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(path).expect("the file is readable");
    text.lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
            let field = |name: &str| record[name].as_str().expect("a string").to_owned();
            (field("id"), field("solution"), field("answer"))
        })
        .collect()
}

#[test]
fn the_worked_solutions_of_public_data_sets_give_their_answers() {
    let Some(data) = data_folder() else { return };
    for (file, form, source, least) in [
        ("math/math500.jsonl", AnswerForm::Expression, Source::Box, 0.9),
        ("math/math_train.jsonl", AnswerForm::Expression, Source::Box, 0.9),
        ("math/gsm8k_test.jsonl", AnswerForm::Number, Source::Stated, 1.0),
    ] {
        let records = solutions(&data.join(file));
        let (mut same, mut open, mut other) = (0, Vec::new(), Vec::new());
        for (id, solution, answer) in &records {
            let found = extract(solution, form, &[]);
            let given = found.answer.unwrap_or_default();
            match equal(answer, &given, form, &[]) {
                Equality::Equal(_) if found.source == source => same += 1,
                Equality::Undecided => open.push(format!("{id}: {answer} | {given}")),
                _ => other.push(format!("{id}: {answer} | {given} ({:?})", found.source)),
            }
        }
        println!(
            "{file}: {} solutions, {same} equal, {} undecided, {} different",
            records.len(),
            open.len(),
            other.len()
        );
        assert!(other.is_empty(), "{file}: {other:#?}");
        assert!(f64::from(same) >= least * records.len() as f64, "{file}: {open:#?}");
    }
}
