use std::io::Read as _;

use super::*;
use crate::lean::olean::Renaming;

macro_rules! fixture {
    ($name:literal) => {
        unpacked(include_bytes!(concat!("../../../../../tests/hermetic/olean/", $name, ".olean.gz")))
    };
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Compares `whole`, with a text in its names replaced, with the trusted file.
fn found(whole: Vec<u8>, renaming: Option<(&str, &str)>, stated: &str, check: &str) -> Found {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Ground.olean"), fixture!("Ground")).unwrap();
    let mut library = Library::new(vec![folder.path().to_owned()]);
    let renaming = renaming.map(|(from, to)| Renaming { from: from.to_owned(), to: to.to_owned() });
    let trusted = Module::read(vec![fixture!("Trusted")]).unwrap();
    let whole = Module::read_renamed(vec![whole], renaming).unwrap();
    let permitted = [Name::of(["propext"])];
    let wanted = Wanted { stated: &Name::dotted(stated), check: &Name::dotted(check), permitted: &permitted };
    compare(&mut library, &trusted, &whole, wanted).unwrap()
}

fn check(renaming: Option<(&str, &str)>, check: &str, expected: &str) {
    match found(fixture!("Whole"), renaming, "Stated_secret", check) {
        Found::Proved(closure) => assert_eq!((expected, closure.axioms.len()), ("proved", 0), "{check}"),
        Found::Refuted(_, reason) => assert!(reason.contains(expected), "{check}: {reason} and not {expected}"),
        other @ Found::Untrusted(_) => panic!("{other:?}"),
    }
}

#[test]
fn a_check_proves_the_trusted_statement_or_is_refuted() {
    let cases = [
        ("Check", "proved"),
        ("Check_weaker", "not the trusted statement"),
        ("Check_unfolded", "not the trusted statement"),
        ("Check_leaning", "rests on hidden"),
        ("Check_circular", "the statement itself"),
        ("Check_definition", "no theorem"),
        ("Check_axiom", "no theorem"),
        ("Check_nothing", "missing"),
    ];
    for (name, expected) in cases {
        check(None, name, expected);
    }
}

#[test]
fn names_that_are_taken_are_refused() {
    // What no honest Lean writes: the file's own names changed to others'.
    let cases = [
        ("target", "honest", "which its imports declare"),
        ("target", "Nat", "which the kernel computes by name"),
        ("target", "Check_weaker", "twice"),
        ("Helper", "Other", "is not what the header"),
        ("Stated_secret", "Stated_other", "is not what the header"),
        ("far", "nowhere", "declared nowhere"),
    ];
    for (from, to, expected) in cases {
        let name = if from == "far" { "Check_leaning" } else { "Check" };
        check(Some((from, to)), name, expected);
    }
}

#[test]
fn a_header_that_means_something_else_is_refused() {
    let found = found(fixture!("Bent"), None, "Stated_secret", "Check");
    assert!(
        matches!(found, Found::Refuted(Rejection::StatementChanged, reason) if reason.starts_with("Helper is not"))
    );
}

#[test]
fn a_trusted_file_without_the_statement_says_nothing_of_the_proof() {
    assert!(matches!(found(fixture!("Whole"), None, "Stated_missing", "Check"), Found::Untrusted(_)));
}
