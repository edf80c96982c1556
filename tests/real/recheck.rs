//! The reader of compiled files, and the second look at accepted proofs, on a real Lean (`STEPPROOF_TEST_LEAN`).

#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "times are said; helpers of tests fail by panicking")]

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use stepproof::lean::Toolchain;
use stepproof::lean::compile::CompileSettings;
use stepproof::lean::olean::{Kind, Library, Module, Name, Terms, export};
use stepproof::sandbox::{Limits, Sandbox, Wanted};
use stepproof::verify::lean::audit::Auditor;
use stepproof::verify::lean::recheck::Rechecker;
use stepproof::verify::lean::{Audit, JudgedDocument, Recheck};
use tokio_util::sync::CancellationToken;

use crate::judge::{fixtures, text};
use crate::lean::lean_program;

fn library_folder(lean: &Path) -> PathBuf {
    lean.parent().unwrap().parent().unwrap().join("lib/lean")
}

fn module_names(folder: &Path) -> Vec<(Name, PathBuf)> {
    let mut found = Vec::new();
    let mut work = vec![folder.to_owned()];
    while let Some(path) = work.pop() {
        for entry in std::fs::read_dir(&path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                work.push(path);
            } else if path.extension().is_some_and(|extension| extension == "olean") {
                let name = path.strip_prefix(folder).unwrap().with_extension("");
                found.push((Name::dotted(&name.to_str().unwrap().replace('/', ".")), path));
            }
        }
    }
    found
}

#[test]
fn the_core_library_reads_whole() {
    let Some(lean) = lean_program() else { return };
    let folder = library_folder(&lean);
    let mut constants = 0;
    let mut terms = Terms::default();
    for (name, path) in module_names(&folder) {
        let module = Module::read(vec![std::fs::read(&path).unwrap()]).unwrap();
        assert!(module.repeated().is_none());
        let mut reader = module.reader();
        for constant in module.names() {
            let constant = reader.constant(constant, &mut terms).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(constant.is_some());
            constants += 1;
        }
    }
    assert!(constants > 1000, "{constants} constants");
}

/// Axioms as `#print axioms` lists them.
fn printed(output: &str) -> Vec<(String, BTreeSet<String>)> {
    let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
    let joined = output.replace("\n ", " ");
    for line in joined.lines() {
        let Some((name, rest)) = line.strip_prefix('\'').and_then(|line| line.split_once("' ")) else { continue };
        let axioms = rest.strip_prefix("depends on axioms: [").and_then(|rest| rest.strip_suffix(']'));
        assert!(axioms.is_some() || rest == "does not depend on any axioms", "{line}");
        let axioms = axioms.into_iter().flat_map(|axioms| axioms.split(", ").map(|axiom| axiom.trim().to_owned()));
        found.push((name.to_owned(), axioms.collect()));
    }
    found
}

#[test]
fn axioms_are_those_that_lean_prints() {
    let Some(lean) = lean_program() else { return };
    let mut library = Library::new(vec![library_folder(&lean)]);
    let init = Name::of(["Init"]);
    let scope = library.scope(std::slice::from_ref(&init)).unwrap();
    let mut names = Vec::new();
    for (_, path) in module_names(&library_folder(&lean)) {
        let module = Module::read(vec![std::fs::read(&path).unwrap()]).unwrap();
        let usual = |name: &&Name| {
            let text = name.to_string();
            !text.contains('«') && !text.split('.').any(|part| part.starts_with('_') || part.parse::<u64>().is_ok())
        };
        names.extend(module.names().filter(usual).cloned());
    }
    names.sort();
    let step = names.len() / 150 + 1;
    let axiomatic = names.iter().filter(|name| !library.axioms(&scope, name).unwrap().is_empty()).cloned();
    let mut sample: Vec<Name> = axiomatic.collect::<Vec<_>>().into_iter().step_by(step.div_ceil(4)).collect();
    sample.extend(names.iter().step_by(step).cloned());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("axioms.lean");
    let mut text = "set_option pp.fullNames true\n".to_owned();
    for name in &sample {
        text.push_str(&format!("#print axioms {name}\n"));
    }
    std::fs::write(&file, text).unwrap();
    let output = std::process::Command::new(&lean).arg(&file).output().unwrap();
    let printed = printed(&String::from_utf8_lossy(&output.stdout));
    assert!(printed.len() >= 50, "{} of {}: {output:?}", printed.len(), sample.len());
    assert!(printed.iter().filter(|(_, axioms)| !axioms.is_empty()).count() >= 10, "{printed:?}");
    for (name, expected) in printed {
        let found = library.axioms(&scope, &Name::dotted(&name)).unwrap();
        let found: BTreeSet<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{name}");
    }
}

const PERMITTED: [&str; 3] = ["propext", "Classical.choice", "Quot.sound"];

/// A statement of the fixtures.
struct Theorem {
    name: String,
    header: String,
    statement: String,
    proofs: Vec<String>,
}

fn theorems() -> Option<HashMap<String, Theorem>> {
    let rows = fixtures("core_theorems.jsonl")?;
    let theorem = |row: &Value| {
        let statement = text(row, "formal_statement").strip_suffix("sorry").unwrap().to_owned();
        let proofs = row["proofs"].as_array().unwrap().iter().map(|proof| proof.as_str().unwrap().to_owned()).collect();
        let header = text(row, "header");
        (text(row, "id"), Theorem { name: text(row, "id"), header, statement, proofs })
    };
    Some(rows.iter().map(theorem).collect())
}

impl Theorem {
    fn with_tactics(&self, tactics: &str) -> String {
        let lines: Vec<String> = tactics.lines().map(|line| format!("  {line}")).collect();
        format!("{}\n{}\n", self.statement, lines.join("\n"))
    }

    /// Puts the document together as the judge does, without its ban list.
    fn document(&self, candidate: &str, nonce: &str) -> JudgedDocument {
        let (stated_name, check_name) = (format!("Stated_{nonce}"), format!("Check_{nonce}"));
        let stated = self.statement.replacen(&self.name, &stated_name, 1);
        let trusted_text = format!("{}{stated} sorry\n", self.header);
        let text = format!(
            "{trusted_text}section Guard_{nonce}\n{candidate}\nend Guard_{nonce}\n\
             theorem _root_.{check_name} : type_of% @_root_.{stated_name} := @_root_.{}\n",
            self.name
        );
        JudgedDocument { text, header_len: self.header.len(), stated_name, check_name, trusted_text }
    }
}

async fn rechecker(lean: &Path, patience: Duration) -> Rechecker {
    let toolchain = Toolchain::open(lean, None, &[]).await.unwrap();
    let sandbox = Sandbox::detect(Wanted::Best).await.unwrap();
    let settings = CompileSettings { patience, ..CompileSettings::new() };
    Rechecker::new(toolchain, sandbox, settings, 2, None)
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_proofs_are_confirmed() {
    let (Some(lean), Some(theorems)) = (lean_program(), theorems()) else { return };
    let rechecker = rechecker(&lean, Duration::from_secs(120)).await;
    let mut documents = Vec::new();
    for theorem in theorems.values() {
        for proof in &theorem.proofs {
            documents.push(theorem.document(&theorem.with_tactics(proof), &format!("n{:08x}", documents.len())));
        }
    }
    let begin = std::time::Instant::now();
    let results = rechecker.recheck_many(&documents, &CancellationToken::new()).await;
    eprintln!("{} proofs in {:?}", results.len(), begin.elapsed());
    for (document, result) in documents.iter().zip(results) {
        assert_eq!(result.recheck, Recheck::Confirmed, "{}", document.text);
        assert!(result.axioms.iter().all(|axiom| PERMITTED.contains(&&**axiom)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tricks_are_refuted_without_a_ban_list() {
    let (Some(lean), Some(theorems), Some(rows)) = (lean_program(), theorems(), fixtures("hostile_candidates.jsonl"))
    else {
        return;
    };
    let rechecker = rechecker(&lean, Duration::from_secs(20)).await;
    let nonce = |index: usize| format!("n{index:08x}");
    let mut documents = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let theorem = &theorems[&text(row, "theorem_id")];
        let mut candidate = text(row, "candidate");
        for expansion in row["expand"].as_array().into_iter().flatten() {
            let count = usize::try_from(expansion[2].as_u64().unwrap()).unwrap();
            let many = expansion[1].as_str().unwrap().repeat(count);
            candidate = candidate.replace(expansion[0].as_str().unwrap(), &many);
        }
        let goal = format!("type_of% @_root_.Stated_{} := @_root_.", nonce(index));
        candidate = candidate
            .replace("_root_.Goal_n7 := @", &goal)
            .replace("_root_.Goal_n7", goal.split(" :=").next().unwrap());
        candidate = candidate.replace("n7", &nonce(index));
        let candidate = match text(row, "kind").as_str() {
            "tactics" => theorem.with_tactics(&candidate),
            _ => candidate.replacen(&theorem.header, "", 1),
        };
        documents.push(theorem.document(&candidate, &nonce(index)));
    }
    let results = rechecker.recheck_many(&documents, &CancellationToken::new()).await;
    let mut wrong = Vec::new();
    for (row, result) in rows.iter().zip(results) {
        let alternatives: Vec<&str> =
            row["alternatives"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let may_be_proved = text(row, "expected") == "proved" || alternatives.contains(&"proved");
        let must_be_proved = text(row, "expected") == "proved" && alternatives.is_empty();
        let confirmed = result.recheck == Recheck::Confirmed;
        if (must_be_proved && !confirmed) || (confirmed && !may_be_proved) {
            wrong.push(format!("{}: {:?}", text(row, "id"), result.recheck));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_candidate_leans_on_another_of_its_group() {
    let (Some(lean), Some(theorems)) = (lean_program(), theorems()) else { return };
    let rechecker = rechecker(&lean, Duration::from_secs(120)).await;
    let lender = "theorem lent (p : Prop) (hp : p) : p := hp\ntheorem core_true_holds : True := trivial";
    let borrower = "theorem core_id_imp (p : Prop) (hp : p) : p := lent p hp";
    let bystander = theorems["core_and_swap"].with_tactics("intro h\nexact ⟨h.2, h.1⟩");
    let documents = [
        theorems["core_true_holds"].document(lender, "00000001"),
        theorems["core_id_imp"].document(borrower, "00000002"),
        theorems["core_and_swap"].document(&bystander, "00000003"),
        // The same statement twice: another group.
        theorems["core_and_swap"].document(&bystander, "00000004"),
    ];
    let results = rechecker.recheck_many(&documents, &CancellationToken::new()).await;
    let confirmed: Vec<bool> = results.iter().map(|result| result.recheck == Recheck::Confirmed).collect();
    assert_eq!(confirmed, [true, false, true, true], "{results:?}");
}

/// The second kernel that `STEPPROOF_TEST_KERNEL` names (nanoda).
fn kernel_program() -> Option<PathBuf> {
    let program = std::env::var_os("STEPPROOF_TEST_KERNEL").map(PathBuf::from).filter(|path| path.exists());
    if program.is_none() {
        eprintln!("SKIPPED: no second kernel: set STEPPROOF_TEST_KERNEL to nanoda's program");
    }
    program
}

/// Proofs that Lean's kernel is kept from checking: the statement, the candidate, and whether it is true.
const UNCHECKED: [(&str, &str, bool); 3] = [
    ("theorem target : 1 = 2 := by ", "theorem target : 1 = 2 := by decide +kernel", false),
    // A false helper, and a proof that fits.
    (
        "theorem target (p : Prop) : p := by ",
        "theorem helper : 1 = 2 := by decide +kernel\ntheorem target (p : Prop) : p := absurd helper (by decide)",
        false,
    ),
    ("theorem target : 1 + 1 = 2 := by ", "theorem target : 1 + 1 = 2 := by decide +kernel", true),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_second_kernel_sees_what_the_first_was_kept_from() {
    let (Some(lean), Some(kernel)) = (lean_program(), kernel_program()) else { return };
    let toolchain = Toolchain::open(&lean, None, &[]).await.unwrap();
    let sandbox = Sandbox::detect(Wanted::Best).await.unwrap();
    let auditor = Auditor::open(&kernel, &sandbox, Duration::from_secs(60), Limits::default()).await;
    assert!(auditor.name().is_ok(), "{:?}", auditor.name());
    let settings = CompileSettings { patience: Duration::from_secs(60), ..CompileSettings::new() };
    let rechecker = Rechecker::new(toolchain, sandbox, settings, 2, Some(auditor));
    let mut documents = Vec::new();
    for (index, (statement, candidate, _)) in UNCHECKED.into_iter().enumerate() {
        let (name, header) = ("target".to_owned(), "import Init\n".to_owned());
        let theorem = Theorem { name, header, statement: statement.to_owned(), proofs: Vec::new() };
        let candidate = format!("set_option debug.skipKernelTC true\n{candidate}");
        documents.push(theorem.document(&candidate, &format!("n{index:08x}")));
    }
    let results = rechecker.recheck_many(&documents, &CancellationToken::new()).await;
    for ((_, candidate, is_true), result) in UNCHECKED.into_iter().zip(results) {
        // The files alone do not tell: Lean's kernel was given the proof, and has not looked.
        assert_eq!(result.recheck, Recheck::Confirmed, "{candidate}");
        eprintln!("{:?}", result.audit);
        match result.audit {
            Audit::Confirmed(_) => assert!(is_true, "{candidate}"),
            Audit::Refuted(reason) => assert!(!is_true, "{candidate}: {reason}"),
            other => panic!("{candidate}: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_kernel_accepts_the_core_library() {
    let (Some(lean), Some(kernel)) = (lean_program(), kernel_program()) else { return };
    let sandbox = Sandbox::detect(Wanted::Best).await.unwrap();
    let auditor = Auditor::open(&kernel, &sandbox, Duration::from_secs(60), Limits::default()).await;
    let folder = library_folder(&lean);
    let mut library = Library::new(vec![folder.clone()]);
    let mut texts = Vec::new();
    for (module_name, path) in module_names(&folder) {
        let module = Module::read(vec![std::fs::read(&path).unwrap()]).unwrap();
        let scope = library.scope(&[module_name]).unwrap();
        let mut terms = Terms::default();
        for name in module.names() {
            let constant = module.reader().constant(name, &mut terms).unwrap().unwrap();
            let is_theorem = matches!(constant.kind, Kind::Theorem { .. });
            if is_theorem || matches!(constant.kind, Kind::Inductive { is_unsafe: false, .. } | Kind::Quotient(_)) {
                texts.push((name.to_string(), export(&mut library, &scope, &module, name, 1 << 26).unwrap()));
            }
        }
    }
    texts.sort();
    let step = texts.len() / 400 + 1;
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, text) in texts.into_iter().step_by(step) {
        count += 1;
        let audit = auditor.audit(&text, &CancellationToken::new()).await;
        if !matches!(audit, Audit::Confirmed(_)) {
            wrong.push(format!("{name}: {audit:?}"));
        }
    }
    eprintln!("{count} exports, one in {step}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
