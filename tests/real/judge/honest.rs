//! Honest proofs in every dress.

use std::time::Duration;

use stepproof::problem::FormalStatement;
use stepproof::verify::lean::CandidateKind;

use super::{Case, fixtures, judge, judge_all, statement, text};

fn indent(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}\n")).collect()
}

/// A block of tactics with things around it that change nothing.
fn dressed(block: &str) -> Vec<(&'static str, String)> {
    let each_line = |end: &str| block.lines().map(|line| format!("{line}{end}\n")).collect::<String>();
    let first_indented = indent(block, "  ");
    vec![
        ("plain", block.to_owned()),
        ("crlf", each_line("\r")),
        ("trailing spaces", each_line("   ")),
        ("blank lines", each_line("\n\n")),
        ("indented", indent(block, "    ")),
        ("under by", format!("by\n{}", indent(block, "  "))),
        ("nested", format!("· {}", first_indented.trim_start())),
        ("twice nested", format!("focus\n  · {}", indent(block, "    ").trim_start())),
        ("line comments", each_line(" -- sorry axiom #eval /- macro «")),
        ("comments first", format!("-- native_decide \"\n/- axiom /- macro -/ #exit -/\n{block}")),
        ("comment last", format!("{block}\n/- end -/ -- done")),
        (
            "words in strings",
            format!("trace \"sorry axiom #exit /- \\\" macro\"\ntrace \"-- native_decide\n  x\"\n{block}"),
        ),
        ("words in names", format!("have sorry_axiom' : True := trivial\nhave x.macro : True := trivial\n{block}")),
        ("quoted words", format!("have «axiom» : True := trivial\nhave «#eval /- \" » : True := trivial\n{block}")),
        ("unicode names", format!("have 𝔸₁ : True := trivial\nhave h_é'! : True := trivial\n{block}")),
        ("bidi comment", format!("-- \u{202e}x\u{202c}\u{2028}y\n{block}")),
    ]
}

/// Whole files and replies around a block.
fn filed(statement: &FormalStatement, block: &str) -> Vec<(&'static str, CandidateKind, String)> {
    let FormalStatement { header, theorem } = statement;
    let stated = theorem.trim_end_matches("sorry");
    let proof = indent(block, "  ");
    let helper = "/-- axiom -/\n@[simp] theorem helper_axiom (p : Prop) (h : p) : p := h\n";
    let body = format!("{stated}\n{proof}");
    let file = format!("{header}{body}");
    let section = format!(
        "{header}namespace Help\nsection\nvariable (p : Prop)\ntheorem id' (h : p) : p := h\nend\nend Help\n{body}"
    );
    vec![
        ("file", CandidateKind::File, file.clone()),
        ("file, crlf", CandidateKind::File, file.replace('\n', "\r\n")),
        ("file, mark", CandidateKind::File, format!("\u{feff}{file}")),
        ("file without header", CandidateKind::File, body.clone()),
        (
            "file, comments first",
            CandidateKind::File,
            format!("-- import Lean\n/- x -/\n{header}\n\n/-- sorry -/\n{body}"),
        ),
        ("file with helper", CandidateKind::File, format!("{header}{helper}{body}")),
        ("file with section", CandidateKind::File, section),
        (
            "file with options",
            CandidateKind::File,
            format!("{header}set_option maxRecDepth 2000 in\n{body}\n#print axioms Nat\n"),
        ),
        (
            "reply, file",
            CandidateKind::Reply,
            format!("<think>```lean4\nsorry\n```</think>Proof:\n```lean4\n{file}```\nDone: it can't fail."),
        ),
        ("reply, tactics", CandidateKind::Reply, format!("### Proof\n```lean\n{block}\n```\n")),
        (
            "reply, continuation",
            CandidateKind::Reply,
            format!("{}```\nThat's it.", indent(&format!("have h_ := trivial\n{block}"), "  ")),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_proofs_are_proved_in_every_dress() {
    let Some(judge) = judge(Duration::from_secs(60)).await else { return };
    let Some(rows) = fixtures("core_theorems.jsonl") else { return };
    let mut cases = Vec::new();
    for row in &rows {
        let statement = statement(row);
        for block in row["proofs"].as_array().expect("a list").iter().map(|proof| proof.as_str().expect("a text")) {
            let blocks = dressed(block).into_iter().map(|(dress, text)| (dress, CandidateKind::Tactics, text));
            for (dress, kind, candidate) in blocks.chain(filed(&statement, block)) {
                let name = format!("{} as {dress}", text(row, "id"));
                cases.push(Case { name, statement: statement.clone(), candidate, kind });
            }
        }
    }
    let judgements = judge_all(&judge, &cases).await;
    let wrong: Vec<String> = cases
        .iter()
        .zip(&judgements)
        .filter(|(_, judgement)| !judgement.verdict.is_accepted())
        .map(|(case, judgement)| {
            let said = judgement.report.diagnostics.first();
            format!("{}: {:?} {said:?}\n{}", case.name, judgement.verdict, case.candidate)
        })
        .collect();
    let shown = wrong.get(..wrong.len().min(20)).unwrap_or_default().join("\n");
    assert!(wrong.is_empty(), "{} of {} refused:\n{shown}", wrong.len(), cases.len());
}
