use super::super::lexer::lex;
use super::{Room, find};

fn found(text: &str, room: Room) -> Option<String> {
    find(text, &lex(text).unwrap(), room, &[("maxHeartbeats".to_owned(), "0".to_owned())]).map(|ban| ban.construct)
}

#[test]
fn banned_constructs_are_found_in_either_room() {
    let cases = [
        ("axiom a : False", "axiom"),
        ("exact h\n          axiom a : False", "axiom"),
        ("exact h.1axiom a : False", "axiom"),
        ("(axiom)", "axiom"),
        ("/- -/axiom", "axiom"),
        ("native_decide", "native_decide"),
        ("decide +native", "native"),
        ("decide (config := { native := true })", "native"),
        ("simp; macro \"x\" : tactic => `(tactic| sorry)", "macro"),
        ("local notation \"x\" => 1", "local|notation"),
        ("open private a from B", "open private"),
        ("open /- -/ private a from B", "open private"),
        ("#eval 1", "#eval"),
        ("#exitx", "#exitx"),
        ("simp #guard_msgs (drop all) in", "#guard_msgs"),
        ("#unheard_of", "#unheard_of"),
        ("import Lean", "import"),
        ("set_option debug.skipKernelTC true in", "set_option debug.skipKernelTC true"),
        ("set_option «debug».«skipKernelTC» true in", "set_option debug.skipKernelTC true"),
        ("set_option\n  -- why\n debug.byAsSorry true in", "set_option debug.byAsSorry true"),
        ("set_option maxRecDepth 1000000000 in", "set_option maxRecDepth 1000000000"),
        ("set_option maxHeartbeats 0x0 in", "set_option maxHeartbeats 0x0"),
        ("set_option autoImplicit true", "set_option autoImplicit true"),
        ("set_option warn.sorry false", "set_option warn.sorry false"),
        ("set_option pp . all true", "set_option"),
        ("set_option", "set_option"),
        ("@[implemented_by f] def g := 1", "@[implemented_by]"),
        ("@[simp, local csimp] theorem a : True := trivial", "@[csimp]"),
        ("@[«macro» f] def g := 1", "@[«macro»]"),
        ("attribute [extern \"x\"] a", "attribute|attribute[extern]"),
        ("attribute", "attribute"),
        ("exact?", "exact?"),
        ("`(tactic| simp)", "`("),
        ("trace[debug] \"x\"", "trace["),
        ("run_tac x", "run_tac"),
    ];
    for (text, expected) in cases {
        for room in [Room::Tactics, Room::File] {
            let found = found(text, room).unwrap_or_default();
            assert!(expected.split('|').any(|one| one == found), "{text:?} in {room:?}: {found:?}");
        }
    }
}

#[test]
fn what_proofs_use_is_allowed() {
    let both = [
        "-- axiom\n/- macro /- #eval -/ -/ exact h",
        "trace \"axiom macro #eval\"",
        "intro axiomatic no_axiom axiom' h.axiom «axiom» native",
        "exact `axiom",
        "set_option maxRecDepth 1000 in simp",
        "set_option maxHeartbeats 400_000 in simp",
        "set_option maxHeartbeats 0 in simp",
        "set_option autoImplicit false in simp",
        "set_option linter.unusedVariables false in simp",
        "open Classical in simp",
        "have : #s = 2 := by decide",
        "let @[simp] rec f := 1",
        "simp [h, -and_true, ← k, ↓reduceIte]",
        "exact f ⁻¹' s '' t",
        "sorry",
        "stop",
    ];
    let file = [
        "theorem a : True := trivial",
        "lemma a : True := trivial",
        "@[simp, local ext high, to_additive (attr := simp)] private theorem a : True := trivial",
        "attribute [-simp, local instance] and_true",
        "noncomputable section\nvariable (a : Nat)\nend",
        "local instance : Inhabited Nat := ⟨0⟩",
        "#check Nat\n#print axioms a\n#print_x",
        "mutual\ninductive A\nend",
        "open Nat Real",
        "include h\nomit h",
    ];
    for text in both {
        assert_eq!((found(text, Room::Tactics), found(text, Room::File)), (None, None), "{text:?}");
    }
    for text in file {
        assert_eq!(found(text, Room::File), None, "{text:?}");
    }
}

#[test]
fn a_block_holds_no_command() {
    for text in
        ["theorem a", "exact h end", "namespace A", "#check a", "variable (h : False)", "instance : A", "private"]
    {
        assert!(found(text, Room::Tactics).is_some(), "{text:?}");
    }
}
