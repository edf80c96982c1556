//! The reader of compiled files, and the second look at accepted proofs, on a real Lean (`STEPPROOF_TEST_LEAN`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stepproof::lean::olean::{Library, Module, Name, Terms};

/// Gives the Lean that the machine has for tests.
fn lean() -> Option<PathBuf> {
    // `make test` says so where there is no small Lean for the machine.
    if std::env::var_os("STEPPROOF_TEST_LEAN").is_some_and(|path| path == "none") {
        eprintln!("SKIPPED: there is no Lean for this machine");
        return None;
    }
    let lean = std::env::var_os("STEPPROOF_TEST_LEAN").map(PathBuf::from);
    if lean.is_none() {
        let message = "skipped: STEPPROOF_TEST_LEAN names no Lean";
        assert!(std::env::var_os("STEPPROOF_REQUIRE_REAL").is_none(), "{message}");
        eprintln!("{message}");
    }
    lean
}

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
    let Some(lean) = lean() else { return };
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
    let Some(lean) = lean() else { return };
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
