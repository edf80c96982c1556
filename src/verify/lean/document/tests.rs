use super::*;
use crate::problem::FormalStatement;

fn statement(header: &str) -> TrustedStatement {
    let theorem = "theorem t (p : Prop) : p → p := by sorry".to_owned();
    TrustedStatement::read(&FormalStatement { header: header.to_owned(), theorem }).unwrap()
}

fn document(header: &str, candidate: &str, room: Room) -> Assembled {
    let statement = statement(header);
    let admitted = Admitted::read(&statement, candidate, room, true).unwrap();
    assemble(&statement, &admitted, &Nonce::fixed())
}

/// Gives the candidate's room of a document: between the guards.
fn room(header: &str, candidate: &str, room: Room) -> String {
    let text = document(header, candidate, room).judged.text;
    let (_, behind) = text.split_once("section Guard_n7\n").unwrap();
    behind.split_once("end Guard_n7\n").unwrap().0.to_owned()
}

#[test]
fn the_frame_stands_around_the_candidate() {
    let assembled = document("import Init\nnamespace A", "intro h\nexact h", Room::Tactics);
    let expected = "import Init\nnamespace A\nset_option linter.all false\n\
        theorem Stated_n7 (p : Prop) : p → p := by sorry\n\
        section Guard_n7\n\
        theorem t (p : Prop) : p → p := by\n  intro h\n  exact h\n\
        end Guard_n7\n\
        theorem _root_.Check_n7 : type_of% @_root_.A.Stated_n7 := @_root_.A.t\n\
        set_option pp.fullNames true in\n\
        #print axioms _root_.Check_n7\n";
    assert_eq!(assembled.judged.text, expected);
    assert_eq!(assembled.judged.stated_name, "A.Stated_n7");
    assert_eq!(assembled.judged.document().header, "import Init\nnamespace A\n");
    let owners: Vec<Owner> = (0..12).map(|line| assembled.owner(line)).collect();
    let count = |owner: Owner| owners.iter().filter(|one| **one == owner).count();
    assert_eq!(owners.first(), Some(&Owner::Trusted));
    let counts = [Owner::Trusted, Owner::Candidate, Owner::Guard, Owner::Check].map(count);
    assert_eq!(counts, [5, 3, 1, 1]);
    assert_eq!(assembled.report, 11);
    let back = |line, column| {
        let place = assembled.back(Place { line, column });
        (place.line, place.column)
    };
    assert_eq!((back(5, 20), back(6, 2), back(7, 8)), ((0, 0), (0, 0), (1, 6)));
}

#[test]
fn what_the_header_may_have_set_for_printing_is_set_back() {
    let text = document("import Init\nset_option pp.maxSteps 1\n", "trivial", Room::Tactics).judged.text;
    assert!(text.contains("\nset_option pp.all false\nset_option pp.universes false\nset_option pp.maxSteps 100000\n"));
}

#[test]
fn blocks_are_indented_and_strings_are_left_alone() {
    let check = |candidate: &str, expected: &str| {
        let room = room("", candidate, Room::Tactics);
        assert_eq!(room.strip_prefix("theorem t (p : Prop) : p → p := by\n"), Some(expected), "{candidate:?}");
    };
    check("a\r\nb\r\n", "  a\n  b\n");
    check("a\n\n  b", "  a\n  \n    b\n");
    check("trace \"x\ny\"\nb", "  trace \"x\ny\"\n  b\n");
    check("exact «a\nb»\n/- x\ny -/", "  exact «a\nb»\n  /- x\n  y -/\n");
    check("by\n  a", "    \n    a\n");
    check("by a\n   b", "     a\n     b\n");
    check("", "  \n");
}

#[test]
fn files_lose_what_repeats_the_header() {
    let check = |header: &str, candidate: &str, expected: &str| {
        let room = room(header, candidate, Room::File);
        let lines: Vec<&str> = room.lines().map(str::trim_end).collect();
        assert_eq!(lines.join("\n").trim_matches('\n'), expected, "{header:?} {candidate:?}");
    };
    let header = "import Mathlib\nset_option maxHeartbeats 0\nopen Nat Real\n";
    check(header, &format!("{header}theorem t"), "theorem t");
    check(header, "import Mathlib\nimport Aesop\nimport Mathlib.Tactic\n\nopen Nat Real\ntheorem t", "theorem t");
    check(
        header,
        "-- a\nset_option maxHeartbeats 0\nopen Nat Real in\ntheorem t",
        "-- a\n\nopen Nat Real in\ntheorem t".trim_start(),
    );
    check(header, "open Nat Real Set\ntheorem t", "open Nat Real Set\ntheorem t");
    check("import Init", "import Init\ndef f := 1", "def f := 1");
    let tree = "inductive T where\n  | a\nnamespace T\ndef f := 1\nend T\n";
    check(tree, "namespace T\ntheorem g\nend T\ntheorem t", "namespace T\ntheorem g\nend T\ntheorem t");
    check(tree, &format!("{tree}theorem t"), "namespace T\n\nend T\ntheorem t");
    check(
        tree,
        "inductive T where\n  | a\nnamespace T\ndef f := 1\ntheorem g\nend T",
        "namespace T\n\ntheorem g\nend T",
    );
    check("namespace A", "namespace A\ntheorem t\nend A", "theorem t");
    check("namespace A\nsection", "theorem t\nend\nend A\n-- x", "theorem t\n\n\n-- x");
    check("def f :=\n 1", "def f :=\n 1\n + 2", "def f :=\n 1\n + 2");
    check("", "theorem t\n/-- x -/", "theorem t");
    check("", "section\nnamespace A.b\ntheorem t", "section\nnamespace A.b\ntheorem t\nend b\nend A\nend");
}

#[test]
fn foreign_imports_are_banned() {
    let statement = statement("import Init\n");
    let ban = Admitted::read(&statement, "import Init\nimport Lean\ntheorem t", Room::File, true).unwrap_err();
    assert_eq!((ban.construct.as_str(), ban.offset), ("import", 12));
}

#[test]
fn a_byte_order_mark_moves_the_first_line_only() {
    let assembled = document("", "\u{feff}theorem t\nx", Room::File);
    let back = |line, column| assembled.back(Place { line, column });
    assert_eq!(back(3, 4), Place { line: 0, column: 7 });
    assert_eq!(back(4, 1), Place { line: 1, column: 1 });
}
