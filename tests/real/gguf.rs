//! Hostile model files: whatever a file says, opening it and using it ends in text or in an error, never in the end of
//! the process. Each file is opened in a child process: this test binary, called again.
//!
//! Every run takes the cases of which llama.cpp is known to die and each 16th change of five tiny models, with
//! `STEPPROOF_FUZZ_GGUF=1` all of them (some thousand).

#![cfg(feature = "local")]
#![expect(clippy::expect_used, reason = "helpers of tests")]

#[path = "gguf/changes.rs"]
mod changes;
#[path = "../support/gguf_parts.rs"]
mod gguf_parts;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use stepproof::model::gguf::random::{RandomArchitecture, RandomSpec};
use stepproof::model::local::{self, LocalSettings};
use stepproof::model::{Prompt, Request, Sampling, collect};

use crate::tiny::{settings, tiny};
use changes::{Change, changes};
use gguf_parts::Parts;

const LIST: &str = "STEPPROOF_GGUF_CHILD";
/// A tiny model is opened and used within milliseconds; this is for a machine with other work.
const PATIENCE: Duration = Duration::from_secs(120);

const ARCHITECTURES: [RandomArchitecture; 5] = [
    RandomArchitecture::Llama,
    RandomArchitecture::Gemma3 { window: 32 },
    RandomArchitecture::Mamba,
    RandomArchitecture::Jamba,
    RandomArchitecture::Bert,
];

/// Opens a file, and writes two tokens or embeds two texts.
async fn use_file(path: &Path) -> Result<(), String> {
    let settings = LocalSettings { context: Some(64), ..settings(path.to_owned()) };
    let model = local::open(settings).map_err(|error| error.to_string())?;
    if model.capabilities().embeddings {
        let texts = ["the cat".to_owned(), "\u{e9}\u{1F600}\u{0} x".to_owned()];
        return model.embed(&texts).await.map(|_| ()).map_err(|error| error.to_string());
    }
    let request = Request::new(Prompt::raw("the cat \u{e9}\u{1F600}\u{0}\t\n<|im_start|> x"), Sampling::greedy(), 2);
    let stream = model.complete(request).await.map_err(|error| error.to_string())?;
    collect(stream).await.map(|_| ()).map_err(|error| error.to_string())
}

/// The child: uses the files of a list, and writes down when it begins and how it ends with each.
#[tokio::test]
async fn child() {
    let Some(list) = std::env::var_os(LIST).map(PathBuf::from) else { return };
    let mut report = std::fs::OpenOptions::new().append(true).create(true).open(list.with_extension("report"));
    let report = report.as_mut().expect("opened");
    for path in std::fs::read_to_string(&list).expect("read").lines() {
        writeln!(report, "begin {path}").expect("written");
        let used = use_file(Path::new(path)).await;
        let used = used.map_or_else(|error| format!("refused {}", error.replace('\n', " ")), |()| "used".to_owned());
        writeln!(report, "{used}").expect("written");
    }
}

/// Uses all files in children. Gives for each what the child wrote of it, `None` where it did not live to.
fn use_all(folder: &Path, paths: &[PathBuf]) -> Vec<Option<String>> {
    let mut ends = Vec::new();
    let list = folder.join("list");
    while ends.len() < paths.len() {
        let names: Vec<String> = paths[ends.len()..].iter().map(|path| path.display().to_string()).collect();
        std::fs::write(&list, names.join("\n")).expect("written");
        let report = list.with_extension("report");
        let _ = std::fs::remove_file(&report);
        let mut child = Command::new(std::env::current_exe().expect("known"))
            .args(["--exact", "gguf::child", "--nocapture"])
            .env(LIST, &list)
            .env("GGML_NO_BACKTRACE", "1")
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let (mut seen, mut since) = (0, Instant::now());
        while child.try_wait().expect("waited").is_none() {
            let length = std::fs::metadata(&report).map_or(0, |metadata| metadata.len());
            if length != seen {
                (seen, since) = (length, Instant::now());
            }
            if since.elapsed() > PATIENCE {
                child.kill().expect("killed");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let report = std::fs::read_to_string(&report).unwrap_or_default();
        let before = ends.len();
        ends.extend(report.lines().filter(|line| !line.starts_with("begin ")).map(|line| Some(line.to_owned())));
        if ends.len() < paths.len() {
            // The one it was at, or none at all.
            ends.push(None);
        }
        assert!(ends.len() > before, "the child does nothing");
    }
    ends
}

/// Writes the files of all changes, and says of which the child died.
fn deaths(changes: &[Change]) -> (usize, Vec<String>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let paths: Vec<PathBuf> = (0..changes.len()).map(|index| folder.path().join(format!("{index}.gguf"))).collect();
    for (path, change) in paths.iter().zip(changes) {
        std::fs::write(path, &change.file).expect("written");
    }
    let ends = use_all(folder.path(), &paths);
    if let Some(report) = std::env::var_os("STEPPROOF_FUZZ_GGUF_REPORT") {
        let lines = changes.iter().zip(&ends).map(|(change, end)| format!("{}\t{end:?}\n", change.what));
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(report).expect("opened");
        file.write_all(lines.collect::<String>().as_bytes()).expect("written");
    }
    let used = ends.iter().flatten().filter(|end| *end == "used").count();
    let dead = changes.iter().zip(ends).filter(|(_, end)| end.is_none()).map(|(change, _)| change.what.clone());
    (used, dead.collect())
}

fn parts(architecture: RandomArchitecture) -> Parts {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = RandomSpec { width: 32, feed_forward: 32, context: 64, ..RandomSpec::tiny(architecture) };
    let path = tiny(folder.path(), &spec);
    Parts::of(&std::fs::read(path).expect("read"))
}

/// Gives a model of another name and tokenizer: pieces with scores, bytes written as such.
fn with_pieces() -> Parts {
    let mut parts = parts(RandomArchitecture::Llama);
    let mut tokens: Vec<(String, i32)> = vec![("<unk>".into(), 2), ("<s>".into(), 3), ("</s>".into(), 3)];
    tokens.extend((0..=255).map(|byte: u8| (format!("<0x{byte:02X}>"), 6)));
    tokens.extend(('a'..='z').map(|letter| (letter.to_string(), 1)));
    tokens.extend(('a'..='o').map(|letter| (format!("\u{2581}{letter}"), 1)));
    assert_eq!(tokens.len(), 300);
    let element = |number: i32| number.to_le_bytes().to_vec();
    let texts: Vec<_> = tokens.iter().map(|(token, _)| gguf_parts::text(token)).collect();
    let kinds: Vec<_> = tokens.iter().map(|(_, kind)| element(*kind)).collect();
    let scores: Vec<_> = (0..300u16).map(|index| (-f32::from(index)).to_le_bytes().to_vec()).collect();
    parts.values.retain(|value| !["tokenizer.ggml.merges", "tokenizer.ggml.pre"].contains(&value.key.as_str()));
    parts.set("tokenizer.ggml.model", gguf_parts::TEXT, gguf_parts::text("llama"));
    parts.set("tokenizer.ggml.tokens", gguf_parts::ARRAY, gguf_parts::array(gguf_parts::TEXT, &texts));
    parts.set("tokenizer.ggml.token_type", gguf_parts::ARRAY, gguf_parts::array(5, &kinds));
    parts.set("tokenizer.ggml.scores", gguf_parts::ARRAY, gguf_parts::array(6, &scores));
    parts
}

#[test]
fn no_change_of_a_vocabulary_of_pieces_ends_the_process() {
    let mut changes = changes(&with_pieces(), "llama");
    changes.retain(|change| change.known || change.what.contains("tokenizer."));
    changes.retain(|change| !change.what.contains(".weight"));
    let (used, dead) = deaths(&changes);
    eprintln!("pieces: {} files, {used} used, {} deaths", changes.len(), dead.len());
    assert!(used > 0, "the sound one is used");
    assert!(dead.is_empty(), "{} of {} files end the process:\n{}", dead.len(), changes.len(), dead.join("\n"));
}

#[test]
fn a_file_put_together_again_is_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = tiny(folder.path(), &RandomSpec::tiny(RandomArchitecture::Jamba));
    let bytes = std::fs::read(path).expect("read");
    let mut parts = Parts::of(&bytes);
    assert_eq!(parts.file(), bytes);
    assert!(parts.repair());
    assert_eq!(parts.file(), bytes);
}

#[test]
fn no_change_of_a_file_ends_the_process() {
    let everything = std::env::var_os("STEPPROOF_FUZZ_GGUF").is_some();
    let (mut tried, mut dead) = (0, Vec::new());
    for architecture in ARCHITECTURES {
        let parts = parts(architecture);
        let mut changes = changes(&parts, architecture.name());
        if !everything {
            let mut index = 0;
            changes.retain(|change| {
                index += 1;
                change.known || index % 16 == 1
            });
        }
        let (used, died) = deaths(&changes);
        eprintln!("{}: {} files, {used} used, {} deaths", architecture.name(), changes.len(), died.len());
        assert!(used > 0, "the sound ones are used");
        tried += changes.len();
        dead.extend(died);
    }
    assert!(dead.is_empty(), "{} of {tried} files end the process:\n{}", dead.len(), dead.join("\n"));
}
