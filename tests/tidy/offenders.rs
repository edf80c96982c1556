//! Made-up files that break the rules, and some that only look like it.

use super::*;

/// Checks that each text breaks or keeps a rule.
fn check(rule: Rule, cases: &[(&str, &str, usize)]) {
    for (path, text, expected) in cases {
        let offences = rule(&Source::new(path, text));
        assert_eq!(offences.len(), *expected, "{path}: {text}\n{offences:#?}");
    }
}

#[test]
fn wrong_imports_are_found() {
    check(
        layers,
        &[
            ("src/model/mod.rs", "use crate::store::Store;", 1),
            ("src/model/mod.rs", "use crate::token::Token;\nuse crate::model::local;", 0),
            ("src/strategy/cot.rs", "fn f(s: &crate::store::Store) {}", 1),
            ("src/strategy/cot.rs", "use crate::{budget::Budget, propose::{self, X}, run::Run};", 1),
            ("src/propose/mod.rs", "use crate::strategy::Strategy;", 1),
            ("src/suite/aime.rs", "use crate::verify::Verifier;\nuse crate::search::Search;", 1),
            ("src/report/mod.rs", "use crate::run::RunSpec;\nuse crate::store::Store;", 1),
            ("src/run/mod.rs", "use crate::{store::Store, suite::Suite, strategy::Strategy, report};", 1),
            ("src/answer/mod.rs", "use crate::model::Message;", 1),
            ("src/search/chain.rs", "use super::super::store::Store;\nuse super::Search;", 1),
            ("src/prompt/mod.rs", "use crate::model::Prompt;", 0),
            ("src/attic/mod.rs", "use crate::model::Prompt;", 1),
            ("src/model/mod.rs", "// crate::store\nconst A: &str = \"crate::store\";\n/* crate::run */", 0),
            ("src/model/mod.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::run::Run; }", 0),
            ("src/model/mod.rs", "use stepproof::model::Prompt;", 1),
            ("src/cli/mod.rs", "use stepproof::run::Run;\nuse crate::cli::exit::Exit;", 0),
        ],
    );
    assert!(may_know("verify", "model") && !may_know("verify", "strategy") && !may_know("lean", "model"));
    assert_eq!(Source::new("src/a/b.rs", "").depth(), 2);
}

#[test]
fn strayed_crates_derives_and_gold_answers_are_found() {
    check(
        crate_homes,
        &[
            ("src/model/local/mod.rs", "use reqwest::Client;", 1),
            ("src/model/remote/mod.rs", "use reqwest::Client;", 0),
            ("src/model/remote.rs", "fn f(c: reqwest::Client) {}", 0),
            ("src/run/mod.rs", "async fn f(p: &sqlx::SqlitePool) {}\nuse clap::Parser;", 2),
            ("src/run/mod.rs", "use crate::store::sqlx_names::A;\nuse my_clap::B;", 0),
        ],
    );
    check(
        serde_homes,
        &[
            ("src/trace.rs", "#[derive(Debug, Serialize)]\nstruct A;", 1),
            ("src/suite/mod.rs", "#[derive(\n    Clone,\n    serde::Deserialize,\n)]\nstruct A;", 1),
            ("src/suite/spec.rs", "#[derive(Deserialize)]\nstruct A;", 0),
            ("src/store/row/run.rs", "#[derive(Serialize)]\nstruct A;", 0),
            ("src/cli/command/doctor.rs", "#[derive(Serialize, JsonSchema)]\nstruct A;", 0),
        ],
    );
    check(
        references,
        &[
            ("src/strategy/cot.rs", "fn solve(gold: &Reference) {}", 1),
            ("src/verify/mod.rs", "fn verify(gold: &Reference) {}", 0),
            ("src/strategy/cot.rs", "/// Never sees a Reference.\nstruct PreferenceReferences;", 0),
        ],
    );
}

#[test]
fn long_unopened_and_unfinished_files_are_found() {
    let long = format!("//! Long.\n{}", "\n".repeat(MAX_LINES));
    check(
        size_and_opening,
        &[
            ("src/a.rs", &long, 1),
            ("src/a.rs", "use std::fmt;", 1),
            ("src/a/tests.rs", "use super::*;", 0),
            ("src/a.rs", "//! Opens.", 0),
        ],
    );
    check(
        unfinished,
        &[
            // In two pieces, so that this file is free of what it looks for.
            ("src/a.rs", concat!("fn f() { to", "do!() }\nfn g() { dbg!(1); println!(); }"), 3),
            ("src/a.rs", concat!("fn f() { un", "implemented!() }"), 1),
            ("src/a.rs", concat!("// TO", "DO: more\n// FIX", "ME: less\n// X", "XX"), 3),
            ("src/a.rs", "//! writes println!(\"x\")\nfn f() { writeln!(out); }", 0),
        ],
    );
    check(
        environment,
        &[
            ("src/run/mod.rs", "let home = std::env::home_dir();", 1),
            ("src/cli/mod.rs", "let home = std::env::var(\"HOME\");", 0),
        ],
    );
    let folder = ["/ro", "ot/x"].concat();
    check(
        machine_paths,
        &[
            ("scripts/a.sh", &format!("cd {folder}"), 1),
            ("README.md", &format!("`{folder}`"), 1),
            ("README.md", "https://example.org/home/x and models/work/x", 0),
        ],
    );
}

#[test]
fn blanking_keeps_code_and_places() {
    let cases = [
        ("let a = \"x // y\"; b", "let a =         ; b"),
        ("a /* \n */ b", "a    \n    b"),
        ("r#\"a\"b\"# + c", "         + c"),
        ("fn f<'a>(x: &'a str, y: char) { y == '\"' }", "fn f<'a>(x: &'a str, y: char) { y ==     }"),
        ("'\\'' \"\\\"\" z", "          z"),
    ];
    for (text, expected) in cases {
        assert_eq!(blank_comments_and_literals(text), expected, "{text}");
        assert_eq!(expected.len(), text.len());
    }
}
