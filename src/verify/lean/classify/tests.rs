use std::time::Duration;

use super::super::ban::Room;
use super::super::document::{Admitted, Nonce, assemble};
use super::super::statement::TrustedStatement;
use super::*;
use crate::problem::FormalStatement;

/// Lines of the document: 0 no linters, 1 trusted, 2 guard begins, 3 theorem, 4 block, 5 guard ends, 6 check, 7 option, 8
/// report.
fn assembled() -> Assembled {
    let theorem = "theorem t (p : Prop) : p → p := by sorry".to_owned();
    let statement = TrustedStatement::read(&FormalStatement { header: String::new(), theorem }).unwrap();
    let admitted = Admitted::read(&statement, "exact id", Room::Tactics, true).unwrap();
    assemble(&statement, &admitted, &Nonce::fixed())
}

fn said(severity: Severity, line: u32, column: u32, message: &str) -> Diagnostic {
    let place = Place { line, column };
    Diagnostic { severity, start: place, end: place, message: message.to_owned(), unsolved_goals: false }
}

fn class(end: CheckEnd, diagnostics: Vec<Diagnostic>) -> &'static str {
    let checked = Checked { end, diagnostics, wall: Duration::ZERO, queued: Duration::ZERO };
    let permitted = ["propext".to_owned()];
    classify(&checked, &assembled(), &permitted).verdict.class()
}

#[test]
fn only_a_clean_check_with_its_sentinel_in_place_is_accepted() {
    let clean = || said(Severity::Information, 8, 0, "'Check_n7' does not depend on any axioms");
    let error = |line| said(Severity::Error, line, 0, "wrong");
    let warning = said(Severity::Warning, 4, 2, "odd");
    let axioms = |list: &str| said(Severity::Information, 8, 0, &format!("'Check_n7' depends on axioms: [{list}]"));
    let cases = [
        (vec![clean()], "proved"),
        (vec![clean(), warning], "proved"),
        (vec![axioms("propext")], "proved"),
        (vec![], "tampered"),
        (vec![clean(), clean()], "tampered"),
        (vec![said(Severity::Information, 7, 0, "'Check_n7' does not depend on any axioms")], "tampered"),
        (vec![said(Severity::Information, 4, 2, "'Check_n7' does not depend on any axioms")], "tampered"),
        (vec![said(Severity::Information, 8, 2, "'Check_n7' does not depend on any axioms")], "tampered"),
        (vec![said(Severity::Information, 8, 0, "'Evil.Check_n7' does not depend on any axioms")], "tampered"),
        (vec![clean(), error(0)], "header_error"),
        (vec![clean(), error(3)], "failed"),
        (vec![clean(), error(4)], "failed"),
        (vec![clean(), error(5)], "failed"),
        (vec![clean(), error(6)], "statement_changed"),
        (vec![clean(), error(4), error(6)], "failed"),
        (vec![clean(), error(8)], "tampered"),
        (vec![clean(), error(99)], "tampered"),
        (vec![axioms("sorryAx")], "incomplete"),
        (vec![axioms("cheat, sorryAx")], "incomplete"),
        (vec![axioms("propext, cheat")], "forbidden_axiom"),
        (vec![axioms("«propext, x»")], "forbidden_axiom"),
    ];
    for (diagnostics, expected) in cases {
        assert_eq!(class(CheckEnd::Finished, diagnostics.clone()), expected, "{diagnostics:?}");
        for (end, class_of_end) in [
            (CheckEnd::Limit(LimitHit::WallTime), "timeout"),
            (CheckEnd::Limit(LimitHit::Output), "resource_limit"),
            (CheckEnd::Crashed, "worker_crash"),
            (CheckEnd::Cancelled, "infrastructure"),
            (CheckEnd::HeaderFailed, "header_error"),
        ] {
            assert_eq!(class(end, diagnostics.clone()), class_of_end);
        }
    }
}

#[test]
fn messages_are_given_in_the_candidates_lines_with_the_goals_left() {
    let diagnostics = vec![
        said(Severity::Warning, 0, 8, "declaration uses `sorry`"),
        said(Severity::Error, 3, 30, "unsolved goals\np : Prop\n⊢ p\n\ncase right\n⊢ q"),
        said(Severity::Error, 4, 8, "wrong"),
        said(Severity::Error, 5, 0, "Unexpected name `Guard_n7`"),
        said(Severity::Error, 6, 0, "mismatch"),
    ];
    let end = CheckEnd::Finished;
    let checked = Checked { end, diagnostics, wall: Duration::ZERO, queued: Duration::ZERO };
    let classified = classify(&checked, &assembled(), &[]);
    let seen: Vec<(u32, u32, &str)> = classified
        .diagnostics
        .iter()
        .map(|one| (one.start.line, one.start.column, one.message.lines().next().unwrap_or_default()))
        .collect();
    assert_eq!(seen, [(0, 0, "unsolved goals"), (0, 0, "Unexpected name `Guard_judge`"), (0, 6, "wrong")]);
    assert_eq!(classified.goals, ["p : Prop\n⊢ p", "case right\n⊢ q"]);
}
