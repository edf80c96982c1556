//! Keeps the rules of the house: which room may know which, which crate lives where, sizes and openings of files.
//!
//! Each rule is a function from a file to its offences, and has made-up offenders in [`offenders`], so that it can fail.
//! Changing a rule means changing its table, in a commit of its own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use regex::Regex;

#[path = "tidy/offenders.rs"]
mod offenders;

/// Plain data and pure functions: they may know each other and nothing else.
const WORDS: [&str; 9] = ["answer", "budget", "name", "problem", "stats", "step", "token", "trace", "verdict"];
/// One foreign system each: they know the words, and each other only where [`may_know`] says so.
const DRIVERS: [&str; 5] = ["model", "prompt", "sandbox", "lean", "store"];
/// The rooms above them, lowest first.
const UPPER: [&str; 9] = ["retrieve", "verify", "score", "route", "propose", "search", "strategy", "suite", "run"];

/// Crates that live in one part of the house only, by the beginning of its path.
const CRATE_HOMES: [(&str, &str); 14] = [
    ("reqwest", "src/model/remote"),
    ("rustls", "src/model/remote"),
    ("llama_cpp_2", "src/model/local"),
    ("llama_cpp_sys_2", "src/model/local"),
    ("sqlx", "src/store"),
    ("lsp_types", "src/lean"),
    ("axum", "src/serve"),
    ("clap", "src/cli"),
    ("clap_complete", "src/cli"),
    ("clap_mangen", "src/cli"),
    ("comfy_table", "src/cli"),
    ("indicatif", "src/cli"),
    ("anstream", "src/cli"),
    ("owo_colors", "src/cli"),
];

/// Rooms that may name the gold answer.
const REFERENCE_HOMES: [&str; 6] = ["problem", "suite", "verify", "run", "report", "cli"];

/// Files, or folders of files, that define an outside format.
const SERDE_HOMES: [&str; 4] = ["wire", "row", "spec", "json"];

const MAX_LINES: usize = 500;

/// Says whether code in `room` may name `other`.
fn may_know(room: &str, other: &str) -> bool {
    let upper = |name| UPPER.iter().position(|known| *known == name);
    if room == other || room == "lib" {
        return true;
    }
    if WORDS.contains(&other) {
        return true;
    }
    match room {
        // The prompt type belongs to the model contract; prompt/ fills it.
        "prompt" => other == "model",
        "lean" => other == "sandbox",
        _ if WORDS.contains(&room) || DRIVERS.contains(&room) => false,
        "report" => other == "store",
        "suite" => DRIVERS.contains(&other) || other == "verify",
        "run" => other != "report" && (DRIVERS.contains(&other) || upper(other).is_some()),
        // Strategies and all that they are made of do not know where results are kept.
        _ if other == "store" => false,
        _ => match (upper(room), upper(other)) {
            (Some(here), Some(there)) => there < here,
            (Some(_), None) => DRIVERS.contains(&other),
            _ => false,
        },
    }
}

/// A source file: its path from the repository root, its text, and its code (comments, text literals and unit tests
/// blanked out, so that places stay).
struct Source {
    path: String,
    text: String,
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Source {
        let mut code = blank_comments_and_literals(text);
        if path.ends_with("/tests.rs") || path.contains("/tests/") {
            code.clear();
        } else if let Some(tests) = code.find("#[cfg(test)]\nmod tests") {
            code.truncate(tests);
        }
        Source { path: path.to_owned(), text: text.to_owned(), code }
    }

    /// The room: the folder or the file right under src.
    fn room(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs")
    }

    /// How deep the file's module lies under the crate's root.
    fn depth(&self) -> usize {
        let inner = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        inner.split('/').count()
    }

    fn is_library(&self) -> bool {
        self.path.starts_with("src/") && !["main", "cli", "serve"].contains(&self.room())
    }

    fn offence(&self, offset: usize, rule: &str) -> String {
        let line = self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        format!("{}:{line}: {rule}", self.path)
    }

    fn matches(&self, pattern: &str, rule: impl Fn(&str) -> String) -> Vec<String> {
        let pattern = regex(pattern);
        let found = pattern.captures_iter(&self.code).map(|captures| {
            let whole = captures.get(0).unwrap();
            self.offence(whole.start(), &rule(captures.get(1).map_or(whole.as_str(), |part| part.as_str())))
        });
        found.collect()
    }
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

/// Blanks comments and the inside of text and character literals; line ends and places stay.
fn blank_comments_and_literals(text: &str) -> String {
    let dress =
        regex(r##"(?s)//[^\n]*|/\*.*?\*/|\br#*"|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\[^u\n]|\\u\{[0-9a-fA-F]+\})'"##);
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = dress.find(rest) {
        let end = match found.as_str().strip_prefix('r') {
            // A raw text ends at its own number of marks.
            Some(marks) => {
                let close: String = std::iter::once('"').chain(marks.chars().filter(|mark| *mark == '#')).collect();
                rest[found.end()..].find(&close).map_or(rest.len(), |at| found.end() + at + close.len())
            }
            None => found.end(),
        };
        code.push_str(&rest[..found.start()]);
        // As many bytes as before, so that offsets fit the text.
        code.extend(rest[found.start()..end].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        rest = &rest[end..];
    }
    code.push_str(rest);
    code
}

/// Import order: every `crate::room`, also in groups and by way of `super`.
fn layers(source: &Source) -> Vec<String> {
    if !source.is_library() {
        return Vec::new();
    }
    let mut named: Vec<(usize, String)> = Vec::new();
    for captures in regex(r"\bcrate::([a-z_]\w*)").captures_iter(&source.code) {
        named.push((captures.get(0).unwrap().start(), captures[1].to_owned()));
    }
    for group in regex(r"\bcrate::\{").find_iter(&source.code) {
        named.extend(first_names(&source.code[group.end()..]).into_iter().map(|name| (group.start(), name)));
    }
    for captures in regex(r"\b((?:super::)+)([a-z_]\w*)").captures_iter(&source.code) {
        let ups = captures[1].matches("super").count();
        if ups >= source.depth() && &captures[2] != "super" {
            named.push((captures.get(0).unwrap().start(), captures[2].to_owned()));
        }
    }
    let unfit = named.into_iter().filter(|(_, other)| !may_know(source.room(), other));
    unfit
        .map(|(offset, other)| source.offence(offset, &format!("{} does not know {other}", source.room())))
        .chain(source.matches(r"\bstepproof::", |_| "the library calls itself crate".to_owned()))
        .collect()
}

/// First names of the members of an import group whose `{` is just read.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut current) = (0, Vec::new(), String::new());
    for letter in group.chars() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut current)),
            _ if depth == 0 => current.push(letter),
            _ => {}
        }
    }
    names.push(current);
    let first = |name: &String| name.trim().split(':').next().unwrap_or("").to_owned();
    let names = names.iter().map(first);
    names.filter(|name| name.starts_with(|letter: char| letter.is_lowercase()) && name != "self").collect()
}

fn crate_homes(source: &Source) -> Vec<String> {
    let strangers = CRATE_HOMES
        .iter()
        .filter(|(_, home)| !(source.path.starts_with(&format!("{home}/")) || source.path == format!("{home}.rs")));
    strangers
        .flat_map(|(name, home)| {
            source.matches(&format!(r"(?:\buse |[^:\w]){name}::"), |_| format!("{name} lives in {home}"))
        })
        .collect()
}

fn references(source: &Source) -> Vec<String> {
    if !source.path.starts_with("src/") || REFERENCE_HOMES.contains(&source.room()) {
        return Vec::new();
    }
    source.matches(r"\bReference\b", |_| format!("{} must not see the gold answer", source.room()))
}

fn serde_homes(source: &Source) -> Vec<String> {
    let parts = source.path.trim_end_matches(".rs").split('/');
    if !source.is_library() || parts.into_iter().any(|part| SERDE_HOMES.contains(&part)) {
        return Vec::new();
    }
    source.matches(r"derive\([^)]*\b(Serialize|Deserialize|JsonSchema)\b", |name| {
        format!("{name} is derived in wire.rs, row.rs, spec.rs and json.rs only")
    })
}

fn size_and_opening(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let mut offences = Vec::new();
    if lines > MAX_LINES {
        offences.push(source.offence(0, &format!("{lines} lines, at most {MAX_LINES}")));
    }
    if !source.text.starts_with("//!") && !source.path.ends_with("/tests.rs") {
        offences.push(source.offence(0, "opens without //!"));
    }
    offences
}

fn unfinished(source: &Source) -> Vec<String> {
    let mut offences = source.matches(r"\b(todo|unimplemented|dbg|println|print|eprintln|eprint)!", |name| {
        format!("{name}! does not stay in the sources")
    });
    // Written so that the marks do not stand in this file themselves.
    for found in regex(r"\b(TO[D]O|FIX[M]E|XX[X])\b").find_iter(&source.text) {
        offences.push(source.offence(found.start(), "finish it or file it"));
    }
    offences
}

fn environment(source: &Source) -> Vec<String> {
    if !source.is_library() {
        return Vec::new();
    }
    source.matches(r"\benv::(var|vars|var_os|vars_os|args|args_os|home_dir)\b", |name| {
        format!("env::{name}: only the command reads the environment")
    })
}

/// Folders of one machine; takes any text file.
fn machine_paths(source: &Source) -> Vec<String> {
    // Put together here, so that this file does not offend itself.
    let pattern = format!(r"(?m)(?:^|[^\w.~$}}\-])/(?:{})/", ["root", "home", "work", "Users"].join("|"));
    let pattern = regex(&pattern);
    let found = pattern.find_iter(&source.text).map(|found| found.start());
    found.map(|offset| source.offence(offset, "a path of one machine")).collect()
}

type Rule = fn(&Source) -> Vec<String>;
const SOURCE_RULES: [Rule; 7] =
    [layers, crate_homes, references, serde_homes, size_and_opening, unfinished, environment];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_under(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files_under(&path, files) } else { files.push(path) }
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let mut files = Vec::new();
    folders.iter().for_each(|folder| files_under(&root().join(folder), &mut files));
    files.sort();
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).ok()?;
        Some(Source::new(&file.strip_prefix(root()).unwrap().to_string_lossy(), &text))
    };
    files.iter().filter_map(read).collect()
}

#[test]
fn the_sources_keep_the_rules() {
    let mut sources = sources(&["src"]);
    sources.retain(|source| source.path.ends_with(".rs"));
    assert!(sources.len() > 20, "the sources are found");
    let offences: Vec<String> =
        sources.iter().flat_map(|source| SOURCE_RULES.map(|rule| rule(source)).concat()).collect();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn the_tests_have_openings_and_sizes() {
    let offences: Vec<String> =
        sources(&["tests"]).iter().filter(|source| source.path.ends_with(".rs")).flat_map(size_and_opening).collect();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn no_file_holds_a_path_of_one_machine() {
    let mut texts = sources(&["src", "tests", "scripts", "benchmarks", "prompts", "migrations", ".ci"]);
    for name in ["Makefile", "README.md", "Cargo.toml", "build.rs"] {
        texts.extend(std::fs::read_to_string(root().join(name)).ok().map(|text| Source::new(name, &text)));
    }
    let offences: Vec<String> = texts.iter().flat_map(machine_paths).collect();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}
