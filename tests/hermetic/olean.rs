//! The reader of compiled Lean files on files that Lean 4.35.0 wrote.
//!
//! The files in `olean/` are what `lean -o NAME.olean NAME.lean` makes of the texts beside them (`Above` with the folder
//! of `Ground` on `LEAN_PATH`), compressed.

use std::collections::BTreeSet;
use std::io::Read as _;

use num_bigint::BigUint;
use proptest::prelude::*;
use stepproof::lean::olean::{
    Expr, Kind, KindTag, Level, Library, Module, Name, OleanError, Renaming, Terms, closure, export,
};

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    bytes
}

fn small() -> Vec<u8> {
    unpacked(include_bytes!("olean/Small.olean.gz"))
}

fn ground() -> Vec<u8> {
    unpacked(include_bytes!("olean/Ground.olean.gz"))
}

fn above() -> Vec<u8> {
    unpacked(include_bytes!("olean/Above.olean.gz"))
}

fn name(text: &str) -> Name {
    Name::dotted(text)
}

/// Reads everything that there is in a module.
fn read_whole(files: Vec<Vec<u8>>) -> Result<usize, OleanError> {
    let module = Module::read(files)?;
    let mut terms = Terms::default();
    let mut reader = module.reader();
    let mut count = 0;
    for name in module.names() {
        if let Some(constant) = reader.constant(name, &mut terms)? {
            terms.with_canonical_parameters(constant.ty)?;
            count += 1;
        }
    }
    Ok(count)
}

#[test]
fn a_module_tells_its_imports_and_the_kinds_of_its_constants() {
    let module = Module::read(vec![small()]).unwrap();
    assert_eq!(module.lean_version(), "4.35.0");
    assert!(module.imports().iter().all(|import| *import == name("Init")) && !module.imports().is_empty());
    let kinds = [
        ("Chain", KindTag::Inductive),
        ("Chain.more", KindTag::Constructor),
        ("Chain.rec", KindTag::Recursor),
        ("big", KindTag::Definition),
        ("swap", KindTag::Theorem),
        ("cheat", KindTag::Axiom),
    ];
    for (constant, kind) in kinds {
        assert_eq!(module.kind(&name(constant)), Some(kind), "{constant}");
    }
    assert_eq!(module.kind(&name("nothing")), None);
    let odd = Name::of(["odd.name\\n"]);
    assert_eq!(module.kind(&odd), Some(KindTag::Theorem));
    assert_eq!(module.kind(&name("odd.name\\n")), None, "dots inside a part do not part it");
    assert_eq!(odd.to_string(), "«odd.name\\\\n»");
    assert_eq!(module.unfit(&name("loop")), Some("unsafe"));
    assert_eq!(module.unfit(&name("swap")), None);
    assert!(module.repeated().is_none());
}

#[test]
fn constants_have_their_types_and_values() {
    let module = Module::read(vec![small()]).unwrap();
    let mut terms = Terms::default();
    let mut reader = module.reader();
    let mut constant = |text: &str| reader.constant(&name(text), &mut terms).unwrap().unwrap();

    let (swap, again) = (constant("swap"), constant("swap_again"));
    let (poly, renamed, swapped, same) =
        (constant("poly"), constant("poly_renamed"), constant("poly_swapped"), constant("poly_same"));
    let (big, step, word, chain) = (constant("big"), constant("step"), constant("word"), constant("Chain.rec"));

    assert_eq!(swap.ty, again.ty, "names of binders are no difference");
    assert_ne!(poly.ty, renamed.ty);
    let mut canonical = |ty| terms.with_canonical_parameters(ty).unwrap();
    assert_eq!(canonical(poly.ty), canonical(renamed.ty), "names of level parameters are no difference");
    assert_eq!(canonical(poly.ty), canonical(swapped.ty), "neither is their order");
    assert_ne!(canonical(poly.ty), canonical(same.ty), "two parameters are not one");
    assert_eq!(poly.level_parameters.len(), 2);

    let value = |kind: &Kind| match kind {
        Kind::Definition { value, .. } => *value,
        other => panic!("{other:?}"),
    };
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    let mut work = vec![value(&big.kind), value(&word.kind)];
    let mut lets = 0;
    work.push(value(&step.kind));
    while let Some(id) = work.pop() {
        match terms.expr(id) {
            Expr::Natural(digits) => {
                numbers.push(BigUint::from_bytes_le(&digits.iter().flat_map(|d| d.to_le_bytes()).collect::<Vec<_>>()));
            }
            Expr::Text(text) => texts.push(text.to_string()),
            Expr::Let(a, b, c) => {
                lets += 1;
                work.extend([a, b, c]);
            }
            Expr::Apply(a, b) | Expr::Lambda(a, b) | Expr::Pi(a, b) => work.extend([a, b]),
            Expr::Sort(level) => assert_eq!(terms.level(*level), &Level::Zero),
            _ => {}
        }
    }
    assert!(numbers.contains(&"1267650600228229401496703205376000000000000000001".parse().unwrap()), "{numbers:?}");
    assert!(texts.contains(&"wörd".to_owned()), "{texts:?}");
    assert_eq!(lets, 1);
    let Kind::Recursor { rules, .. } = chain.kind else { panic!("{chain:?}") };
    assert_eq!(
        rules.iter().map(|rule| (rule.constructor.clone(), rule.fields)).collect::<Vec<_>>(),
        [(name("Chain.stop"), 0), (name("Chain.more"), 2)]
    );
}

#[test]
fn a_name_can_be_read_as_another() {
    let renaming = Renaming { from: "Chain".to_owned(), to: "Row".to_owned() };
    let module = Module::read_renamed(vec![small()], Some(renaming)).unwrap();
    assert_eq!(module.kind(&name("Row.more")), Some(KindTag::Constructor));
    assert_eq!(module.kind(&name("Chain.more")), None);
    let mut terms = Terms::default();
    let constant = module.reader().constant(&name("Row.more"), &mut terms).unwrap().unwrap();
    assert!(matches!(&constant.kind, Kind::Constructor { inductive, .. } if *inductive == name("Row")));
}

/// Lays the two modules out as a search path.
fn library() -> (tempfile::TempDir, Library) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("Ground.olean"), ground()).unwrap();
    let library = Library::new(vec![folder.path().join("missing"), folder.path().to_owned()]);
    (folder, library)
}

#[test]
fn axioms_are_found_through_imports() {
    let (folder, mut library) = library();
    let module = Module::read(vec![above()]).unwrap();
    let scope = library.scope(module.imports()).unwrap();
    let cases: [(&str, &[&str]); 4] =
        [("clean", &[]), ("leans_on_import", &["hidden"]), ("leans_on_both", &["hidden", "own"]), ("own", &["own"])];
    // Twice: the second time from memory.
    for (constant, expected) in cases.into_iter().chain(cases) {
        let found = closure(&mut library, &scope, &module, &name(constant)).unwrap();
        assert_eq!(found.axioms, expected.iter().map(|axiom| name(axiom)).collect::<BTreeSet<_>>(), "{constant}");
        assert!(found.own.contains(&name(constant)));
    }
    for (constant, expected) in [("honest", 0), ("Same.rec", 0), ("Same", 0), ("far", 1), ("hidden", 1)] {
        assert_eq!(library.axioms(&scope, &name(constant)).unwrap().len(), expected, "{constant}");
        assert!(library.declares(&scope, &name(constant)));
    }
    assert!(!library.declares(&scope, &name("clean")));
    assert!(matches!(library.axioms(&scope, &name("clean")), Err(OleanError::NoConstant(_))));
    assert!(matches!(library.scope(&[name("Absent")]), Err(OleanError::NoModule(_))));
    let upwards = Name::of(["..", "Ground"]);
    assert!(matches!(library.scope(&[upwards]), Err(OleanError::NoModule(_))));
    drop(folder);
}

#[test]
fn an_export_refers_only_to_earlier_lines() {
    let (_folder, mut library) = library();
    let module = Module::read(vec![above()]).unwrap();
    let scope = library.scope(module.imports()).unwrap();
    let text = export(&mut library, &scope, &module, &name("leans_on_both"), 1 << 20).unwrap();
    let (mut names, mut exprs, mut declared) = (1, 0, Vec::new());
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let number = |value: &serde_json::Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        if let Some(index) = line.get("in") {
            assert_eq!(number(index), names);
            names += 1;
        } else if let Some(index) = line.get("ie") {
            assert_eq!(number(index), exprs);
            for part in ["app", "lam", "forallE"].iter().filter_map(|key| line.get(*key)) {
                let children = ["fn", "arg", "type", "body"].iter().filter_map(|key| part.get(*key));
                assert!(children.map(number).all(|child| child < exprs), "{line}");
            }
            exprs += 1;
        } else if let Some((kind, value)) = line.as_object().and_then(|object| object.iter().next()) {
            if let Some(ty) = value.get("type") {
                assert!(number(ty) < exprs && number(&value["name"]) < names, "{line}");
            }
            if kind != "il" && line.get("il").is_none() {
                declared.push(kind.clone());
            }
        }
    }
    declared[1..4].sort();
    assert_eq!(declared, ["meta", "axiom", "axiom", "inductive", "thm", "thm", "thm"]);
    assert!(text.lines().last().unwrap().contains("\"thm\""));
    let short = export(&mut library, &scope, &module, &name("leans_on_both"), 100);
    assert!(matches!(short, Err(OleanError::TooMuchWork)));
}

/// Rewrites a file to the older form: shorter header, root at the end.
fn old_form(new: &[u8]) -> Vec<u8> {
    let word = |at: usize| u64::from_le_bytes(new[at..at + 8].try_into().unwrap());
    let (base, root) = (word(80), word(88));
    let mut old = b"olean\x01".to_vec();
    old.resize(48, b'a');
    // Objects keep their addresses: they begin 96 bytes behind the base there, 56 here.
    old.extend((base + 40).to_le_bytes());
    old.extend(&new[96..]);
    old.extend(root.to_le_bytes());
    old
}

#[test]
fn files_of_the_older_form_are_read() {
    let module = Module::read(vec![old_form(&small())]).unwrap();
    assert_eq!(module.lean_version(), "");
    assert_eq!(module.kind(&name("swap")), Some(KindTag::Theorem));
    assert_eq!(read_whole(vec![old_form(&small())]).unwrap(), read_whole(vec![small()]).unwrap());
}

#[test]
fn what_is_no_compiled_file_is_refused() {
    let mut other_form = small();
    other_form[5] = 3;
    let cases: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("text", b"theorem x : True := trivial".to_vec()),
        ("mark alone", b"olean".to_vec()),
        ("header alone", small()[..88].to_vec()),
        ("another form", other_form),
        ("zeros", [b"olean\x02".to_vec(), vec![0; 4096]].concat()),
    ];
    for (case, bytes) in cases {
        assert!(matches!(Module::read(vec![bytes]), Err(OleanError::Header(_))), "{case}");
    }
    assert!(matches!(Module::read(Vec::new()), Err(OleanError::Header(_))));
}

/// Makes every pointer of a file that leads to `from` lead to `to`.
fn redirected(bytes: &[u8], choose: impl Fn(usize, u64) -> Option<u64>) -> Vec<u8> {
    let base = u64::from_le_bytes(bytes[80..88].try_into().unwrap());
    let mut changed = bytes.to_vec();
    for at in (96..bytes.len() / 8 * 8).step_by(8) {
        let word = u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let is_pointer = word.is_multiple_of(8) && (base..base + bytes.len() as u64).contains(&word);
        if let Some(new) = is_pointer.then(|| choose(at, word)).flatten() {
            changed[at..at + 8].copy_from_slice(&new.to_le_bytes());
        }
    }
    changed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_file_is_refused_or_read_but_never_a_panic(length in 0_usize..54_000) {
        let bytes = small();
        let _ = read_whole(vec![bytes[..length.min(bytes.len())].to_vec()]);
    }

    #[test]
    fn changed_bytes_are_refused_or_read_but_never_a_panic(
        changes in proptest::collection::vec((0_usize..54_000, any::<u8>()), 1..200),
    ) {
        let mut bytes = small();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        let _ = read_whole(vec![bytes]);
    }

    #[test]
    fn pointers_to_anywhere_are_refused_or_read_but_never_a_panic(seed in any::<u64>(), one_in in 1_u64..400) {
        let bytes = small();
        let base = u64::from_le_bytes(bytes[80..88].try_into().unwrap());
        let choose = |at: usize, word: u64| {
            let hash = (at as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let other = base + (hash >> 20) % (bytes.len() as u64 / 8) * 8;
            hash.is_multiple_of(one_in).then_some(if hash & 1024 == 0 { other } else { word - (hash >> 30) % 64 * 8 })
        };
        let _ = read_whole(vec![redirected(&bytes, choose)]);
    }

    #[test]
    fn random_words_are_refused_or_read_but_never_a_panic(words in proptest::collection::vec(any::<u64>(), 0..100)) {
        let mut bytes = small()[..96].to_vec();
        bytes.extend(words.into_iter().flat_map(u64::to_le_bytes));
        let _ = read_whole(vec![bytes]);
    }
}

#[test]
fn terms_that_hold_themselves_come_to_an_end() {
    let bytes = small();
    // Every pointer leads to where it stands, less one to eight words: objects inside themselves, of every kind.
    for back in 1..=8 {
        for one_in in [1, 3, 17, 101] {
            let base = u64::from_le_bytes(bytes[80..88].try_into().unwrap());
            let choose = |at: usize, _: u64| {
                (at / 8).is_multiple_of(one_in).then(|| base + at.saturating_sub(8 * back) as u64 / 8 * 8)
            };
            let _ = read_whole(vec![redirected(&bytes, choose)]);
        }
    }
}
