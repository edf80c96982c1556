//! Presets of open provers: the exact layout of their questions, the triggers, what becomes the candidate.

use super::*;
use crate::problem::{AnswerForm, ProblemId};
use crate::strategy::{Parameters, load, names};

fn theorem(text: &str) -> Statement {
    Statement {
        id: ProblemId("t".to_owned()),
        text: text.to_owned(),
        options: Vec::new(),
        form: AnswerForm::Proof,
        formal: Some(FormalStatement {
            header: "import Mathlib\n\nopen Nat\n\n".to_owned(),
            theorem: "theorem t (p : Prop) :\n    p → p := by sorry".to_owned(),
        }),
    }
}

/// Loads a preset and puts the names of its sentences in their places.
fn preset(name: &str) -> ProverSpec {
    let mut prover = load(name, &[]).unwrap().prover().unwrap().clone();
    for (name, request) in &mut prover.requests {
        request.text = format!("<{name}>");
    }
    prover
}

const S: &str = "theorem t (p : Prop) :\n    p → p := by";
const D: &str = "/-- In words.-/\n";
const H: &str = "import Mathlib\n\nopen Nat\n\n";

#[test]
fn every_prover_is_asked_in_its_own_layout() {
    let fence = "```";
    let v2 = format!("<P1>\n\n{fence}lean4\n{H}{D}{S}\n  sorry\n{fence}");
    for (name, expected) in [
        ("deepseek-prover-v1.5", format!("<P1>\n\n{fence}lean4\n{H}{D}{S}")),
        ("deepseek-prover-v1.5-cot", format!("<P1c>\n\n{fence}lean4\n{H}{D}{S}")),
        ("goedel-prover", format!("<P1c>\n\n{fence}lean4\n{H}{D}{S}")),
        ("stp", format!("<P1>\n\n{fence}lean4\nimport Mathlib\nopen Nat\n{S}")),
        ("deepseek-prover-v2", format!("{v2}\n\n<P2>")),
        ("deepseek-prover-v2-direct", v2.clone()),
        ("goedel-prover-v2", format!("<P1>\n\n{fence}lean4\n{H}{D}{S}\n  sorry{fence}\n\n<P2>")),
        ("kimina-prover", format!("<P4>\n# Problem:In words.\n# Formal statement:\n{fence}lean4\n{H}{S}\n{fence}\n")),
    ] {
        let prover = preset(name);
        let asked = prover.ask(name, &theorem("In words.\n")).unwrap();
        let text = match prover.form {
            ProverForm::Raw => {
                assert!(asked.prompt.messages.is_empty() && asked.stops == [fence], "{name}");
                asked.prompt.continuation_text()
            }
            ProverForm::Chat => asked.prompt.messages.last().unwrap().content.clone(),
        };
        assert_eq!(text, expected, "{name}");
        let system = asked.prompt.messages.iter().find(|message| message.speaker == Speaker::System);
        assert_eq!(system.map(|message| message.content.as_str()), (name == "kimina-prover").then_some("<P3>"));
    }
}

#[test]
fn every_preset_that_asks_a_prover_is_known_and_says_where_it_was_seen() {
    let provers: Vec<&str> = names().into_iter().filter(|name| load(name, &[]).unwrap().prover().is_some()).collect();
    assert_eq!(provers.len(), 8, "{provers:?}");
    for name in provers {
        let spec = load(name, &[]).unwrap();
        let prover = spec.prover().unwrap();
        assert!(!prover.source.is_empty() && !prover.own_words().is_empty(), "{name}");
        assert_eq!(prover.own_words().len(), prover.requests.len(), "{name}: nothing trained is shipped");
        let Parameters::WholeProof(proof) = &spec.parameters else { panic!("{name} is no whole proof") };
        assert!(proof.temperature > 0.0 && proof.max_tokens >= 2048, "{name}");
    }
}

#[test]
fn triggers_are_verified_and_change_the_spec() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let change = |value: &std::path::Path| vec![("triggers".to_owned(), value.display().to_string())];
    let said = |text: &str| {
        std::fs::write(&path, text).unwrap();
        load("stp", &change(&path)).map(|_| String::new()).unwrap_or_else(|error| error.to_string())
    };
    for (text, expected) in [
        ("P1 = 'too short'", "P1: it has 9 bytes, the trained sentence has 35"),
        ("P1 = '12345678901234567890123456789012345'", "P1: its SHA-256 begins with "),
        ("P7 = 'x'", "nothing is known of \"P7\"; known are P1, P1c, P2, P3, P4"),
        ("P1 = 3", "mine.toml: "),
        ("", ""),
    ] {
        let said = said(text);
        assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{text}: {said}");
    }
    let missing = load("stp", &change(&folder.path().join("none.toml"))).unwrap_err().to_string();
    assert!(missing.contains("read the triggers") && missing.contains("none.toml"), "{missing}");
    let none = load("whole-proof", &change(&path)).unwrap_err().to_string();
    assert!(none.contains("there is no parameter \"triggers\""), "{none}");
    let fixed = load("stp", &[("prover".to_owned(), "1".to_owned())]).unwrap_err().to_string();
    assert!(fixed.contains("there is no parameter \"prover\"") && fixed.contains("triggers"), "{fixed}");
}

#[test]
fn what_goes_on_from_the_opening_becomes_a_whole_theorem() {
    let open = format!("```lean4\n{S}");
    for (written, cut, expected) in [
        ("\n  exact id\n", false, Some(format!("{open}\n  exact id\n```"))),
        (" exact id", false, Some(format!("{open} exact id\n```"))),
        ("\n  exact id\n```\nThis works since ```x```", true, Some(format!("{open}\n  exact id\n```"))),
        ("\n  exact", true, Some(format!("{open}\n  exact\n"))),
        (" \n", false, None),
        ("```", false, None),
    ] {
        assert_eq!(continued(&theorem(""), written, cut), expected, "{written:?}");
    }
    assert_eq!(continued(&Statement { formal: None, ..theorem("") }, "x", false), None);
}

#[test]
fn forms_that_cannot_work_are_refused() {
    let check = |change: fn(&mut ProverSpec), expected: &str| {
        let mut prover = preset("deepseek-prover-v1.5");
        change(&mut prover);
        let fault = prover.fault().unwrap_or_default();
        assert!(fault.contains(expected), "{fault:?} lacks {expected:?}");
    };
    check(|prover| prover.user = "{{ P9 }}".to_owned(), "could not use the prompt");
    check(|prover| prover.tail = StatementTail::BySorry, "wants tail = \"by\"");
    check(|prover| prover.form = ProverForm::Chat, "wants form = \"raw\"");
    check(|prover| prover.prefill = Some(String::new()), "has neither system nor prefill");
    check(|prover| prover.min_tokens = 2, "neither 0 nor 1");
    let set = load("stp", &[("form".to_owned(), "chat".to_owned())]).unwrap_err().to_string();
    assert!(set.contains("form is the prover's own"), "{set}");
}
