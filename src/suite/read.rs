//! Reads definitions and problem files: bounded, and with file and line in every complaint.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::spec::{ALL_SPLITS, SuiteSpec};
use super::{Suite, SuiteError, SuiteOrigin, SuiteSources, VerifierKind, builtin};
use crate::answer::{gold_fault, json::written};
use crate::problem::{AnswerForm, FormalStatement, Problem, ProblemId, Reference, Statement};

const MAX_DEFINITION_BYTES: u64 = 1024 * 1024;
const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;
const MAX_PROBLEMS: usize = 200_000;
const MAX_OPTIONS: usize = 26;
/// Longest id in bytes; ids are keys of the store.
const MAX_ID_BYTES: usize = 256;

/// Reads a user's definition.
pub(super) fn definition(path: &Path) -> Result<SuiteSpec, SuiteError> {
    let wrong = |line: usize, reason: String| SuiteError::Definition { path: path.to_owned(), line, reason };
    let unreadable = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => SuiteError::Missing {
            suite: path.display().to_string(),
            path: path.to_owned(),
            advice: "a suite of your own is a TOML file with the problems as JSONL beside it".to_owned(),
        },
        _ => SuiteError::Read { path: path.to_owned(), source },
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_DEFINITION_BYTES + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_DEFINITION_BYTES {
        return Err(wrong(1, format!("it is longer than {MAX_DEFINITION_BYTES} bytes")));
    }
    let text = std::str::from_utf8(&bytes).map_err(|fault| {
        let before = bytes.get(..fault.valid_up_to()).unwrap_or_default();
        wrong(line_at(before), "it is not UTF-8".to_owned())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    toml::from_str(text).map_err(|fault| {
        let start = fault.span().map_or(0, |span| span.start);
        let before = text.as_bytes().get(..start).unwrap_or_default();
        wrong(line_at(before), fault.message().to_owned())
    })
}

fn line_at(before: &[u8]) -> usize {
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Reads a suite's problems; `definition` is the TOML file of a user's suite.
pub(super) fn suite(
    mut spec: SuiteSpec,
    definition: Option<&Path>,
    sources: &SuiteSources,
) -> Result<Suite, SuiteError> {
    let statement_set = spec.take_statements(sources.statements.as_deref())?;
    spec.take_split(sources.split.as_deref())?;
    let wrong = |reason: String| SuiteError::Definition {
        path: definition.map_or_else(|| PathBuf::from(&spec.name), Path::to_owned),
        line: 1,
        reason,
    };
    let named = spec.verifier();
    let verifier = VerifierKind::NAMES.iter().find(|(name, _)| *name == named).map(|(_, kind)| *kind);
    let verifier = verifier.ok_or_else(|| wrong(format!("there is no verifier named {named:?}")))?;
    if (verifier == VerifierKind::Lean) != (spec.form.form() == AnswerForm::Proof) {
        return Err(wrong("the form proof and the verifier lean go together only".to_owned()));
    }
    if spec.name.trim().is_empty() {
        return Err(wrong("name is empty".to_owned()));
    }
    let mut reader = ProblemReader::new(&spec);
    let (origin, path) = match &spec.builtin {
        Some(name) => {
            let text =
                builtin::problems(name).ok_or_else(|| wrong(format!("no problems named {name:?} are compiled in")))?;
            reader.path = PathBuf::from(name);
            reader.read(text.as_bytes())?;
            (SuiteOrigin::Builtin(name.clone()), PathBuf::from(name))
        }
        None => {
            let path = problem_file(&spec, definition, sources)?;
            reader.path.clone_from(&path);
            let file = File::open(&path).map_err(|source| match source.kind() {
                std::io::ErrorKind::NotFound => missing(&spec, path.clone(), definition.is_some()),
                _ => SuiteError::Read { path: path.clone(), source },
            })?;
            reader.read(file)?;
            (SuiteOrigin::File(path.clone()), path)
        }
    };
    let (data_hash, problems, notes) = reader.finish(path)?;
    Ok(Suite {
        prompt: spec.prompt(),
        form: spec.form.form(),
        name: spec.name,
        version: spec.version,
        title: spec.title,
        origin,
        data_hash,
        split: spec.split,
        statement_set,
        verifier,
        max_tokens: spec.max_tokens,
        problems,
        notes,
    })
}

fn problem_file(spec: &SuiteSpec, definition: Option<&Path>, sources: &SuiteSources) -> Result<PathBuf, SuiteError> {
    match (definition, &spec.file, &sources.data) {
        (Some(definition), Some(file), _) => Ok(definition.parent().unwrap_or(Path::new("")).join(file)),
        (Some(definition), None, _) => Ok(definition.with_extension("jsonl")),
        (None, Some(file), Some(data)) => Ok(data.join(file)),
        (None, file, _) => Err(missing(spec, PathBuf::from(file.as_deref().unwrap_or(&spec.name)), false)),
    }
}

fn missing(spec: &SuiteSpec, path: PathBuf, own: bool) -> SuiteError {
    let obtain = spec.obtain.as_ref().map(|obtain| format!("get it from {obtain}; "));
    let point = if own {
        "the path is relative to the suite's TOML file".to_owned()
    } else {
        "point --data or STEPPROOF_DATA at the folder that holds it".to_owned()
    };
    SuiteError::Missing { suite: spec.name.clone(), path, advice: format!("{}{point}", obtain.unwrap_or_default()) }
}

/// A line: its fields as they are written.
type Record = HashMap<String, Box<RawValue>>;

struct ProblemReader<'a> {
    spec: &'a SuiteSpec,
    path: PathBuf,
    hash: blake3::Hasher,
    problems: Vec<Problem>,
    /// The line that each id was seen on.
    lines: HashMap<String, usize>,
    skipped: Vec<String>,
    by_letter: Vec<String>,
    /// Ids whose gold answer cannot be used, with the reason.
    broken: Vec<String>,
}

impl<'a> ProblemReader<'a> {
    fn new(spec: &'a SuiteSpec) -> Self {
        ProblemReader {
            spec,
            path: PathBuf::new(),
            hash: blake3::Hasher::new(),
            problems: Vec::new(),
            lines: HashMap::new(),
            skipped: Vec::new(),
            by_letter: Vec::new(),
            broken: Vec::new(),
        }
    }

    fn wrong(&self, line: usize, reason: impl Into<String>) -> SuiteError {
        SuiteError::Line { path: self.path.clone(), line, reason: reason.into() }
    }

    fn read(&mut self, file: impl Read) -> Result<(), SuiteError> {
        let mut reader = BufReader::new(file);
        let mut bytes = Vec::new();
        for line in 1.. {
            bytes.clear();
            let read = (&mut reader).take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut bytes);
            read.map_err(|source| SuiteError::Read { path: self.path.clone(), source })?;
            if bytes.is_empty() {
                break;
            }
            if bytes.len() > MAX_LINE_BYTES {
                return Err(self.wrong(line, format!("it is longer than {MAX_LINE_BYTES} bytes")));
            }
            self.hash.update(&bytes);
            let text = std::str::from_utf8(&bytes)
                .map_err(|fault| self.wrong(line, format!("it is not UTF-8 from byte {}", fault.valid_up_to() + 1)))?;
            let text = if line == 1 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
            if !text.trim().is_empty() {
                self.line(line, text.trim())?;
            }
        }
        Ok(())
    }

    fn line(&mut self, line: usize, text: &str) -> Result<(), SuiteError> {
        let record: Record = serde_json::from_str(text).map_err(|source| {
            if text.starts_with('{') && source.classify() != serde_json::error::Category::Data {
                SuiteError::Json { path: self.path.clone(), line, column: source.column(), source }
            } else {
                self.wrong(line, "it is no JSON object")
            }
        })?;
        let fields = &self.spec.fields;
        let mut id = self.text(line, &record, &fields.id)?;
        if self.spec.fold_ids {
            id = id.to_lowercase();
        }
        if id.is_empty() || id.len() > MAX_ID_BYTES || id.chars().any(char::is_control) {
            let rule = format!("has 1 to {MAX_ID_BYTES} bytes and no control characters");
            return Err(self.wrong(line, format!("field {:?}: an id {rule}", fields.id)));
        }
        if let Some(first) = self.lines.insert(id.clone(), line) {
            return Err(self.wrong(line, format!("id {id:?} is on line {first} already")));
        }
        if self.lines.len() > MAX_PROBLEMS {
            return Err(self.wrong(line, format!("there are more than {MAX_PROBLEMS} problems")));
        }
        if self.is_of_another_split(line, &record)? {
            return Ok(());
        }
        if let Some(reason) = self.spec.skip.get(&id) {
            self.skipped.push(format!("{id} ({reason})"));
            return Ok(());
        }
        if self.spec.form.form() == AnswerForm::Proof {
            let statement = self.formal(line, &record, id)?;
            self.problems.push(Problem { statement, reference: None });
            return Ok(());
        }
        let question = self.text(line, &record, &fields.question)?;
        if question.trim().is_empty() {
            return Err(self.wrong(line, format!("field {:?} is empty", fields.question)));
        }
        let answer = self.text(line, &record, &fields.answer)?;
        let mut options = match &fields.options {
            Some(field) => self.options(line, &record, field)?,
            None => Vec::new(),
        };
        if let Some(reason) = self.spec.score_by_letter.get(&id) {
            self.by_letter.push(format!("{id} ({reason})"));
            options.clear();
        }
        let form = self.spec.form.form();
        if let Some(fault) = gold_fault(&answer, form, &options) {
            self.broken.push(format!("{id} ({fault})"));
        }
        self.problems.push(Problem {
            statement: Statement { id: ProblemId(id), text: question, options, form, formal: None },
            reference: Some(Reference { answer }),
        });
        Ok(())
    }

    /// Tells whether a line belongs to a split that is not wanted.
    fn is_of_another_split(&self, line: usize, record: &Record) -> Result<bool, SuiteError> {
        let spec = self.spec;
        if spec.splits.is_empty() {
            return Ok(false);
        }
        let split = self.text(line, record, &spec.fields.split)?;
        if !spec.splits.contains(&split) {
            let known = spec.splits.join(", ");
            return Err(self.wrong(line, format!("field {:?}: {split:?} is none of {known}", spec.fields.split)));
        }
        Ok(spec.split != ALL_SPLITS && spec.split != split)
    }

    /// Reads a statement in Lean. Whatever else the line holds, worked proofs above all, has no place to go to.
    fn formal(&self, line: usize, record: &Record, id: String) -> Result<Statement, SuiteError> {
        let fields = &self.spec.fields;
        let header = match record.get(&fields.header) {
            Some(_) => self.text(line, record, &fields.header)?,
            None => String::new(),
        };
        let theorem = self.text(line, record, &fields.formal)?.trim().to_owned();
        let formal = FormalStatement { header, theorem };
        if formal.opening().is_none() {
            return Err(self.wrong(line, format!("field {:?} does not end in `:= by sorry`", fields.formal)));
        }
        let text = match record.get(&fields.informal) {
            Some(_) => without_comment_marks(&self.text(line, record, &fields.informal)?).to_owned(),
            None => String::new(),
        };
        let (id, form) = (ProblemId(id), AnswerForm::Proof);
        Ok(Statement { id, text, options: Vec::new(), form, formal: Some(formal) })
    }

    /// Reads a string, or a number as it is written.
    fn text(&self, line: usize, record: &Record, field: &str) -> Result<String, SuiteError> {
        let value = record.get(field).ok_or_else(|| {
            let mut others: Vec<&str> = record.keys().map(String::as_str).take(12).collect();
            others.sort_unstable();
            self.wrong(line, format!("field {field:?} is missing; the line has {}", others.join(", ")))
        })?;
        written(value).ok_or_else(|| self.wrong(line, format!("field {field:?} is neither a string nor a number")))
    }

    fn options(&self, line: usize, record: &Record, field: &str) -> Result<Vec<String>, SuiteError> {
        let wrong = || self.wrong(line, format!("field {field:?} is no list of strings or numbers"));
        let value = record.get(field).ok_or_else(|| self.wrong(line, format!("field {field:?} is missing")))?;
        let values: Vec<Box<RawValue>> = serde_json::from_str(value.get()).map_err(|_| wrong())?;
        if values.is_empty() || values.len() > MAX_OPTIONS {
            return Err(
                self.wrong(line, format!("field {field:?} has {} options, not 1 to {MAX_OPTIONS}", values.len()))
            );
        }
        let texts: Option<Vec<String>> = values.iter().map(|value| written(value)).collect();
        let texts = texts.ok_or_else(wrong)?;
        Ok(if self.spec.clean_options { texts.iter().map(|text| clean_option(text)).collect() } else { texts })
    }

    fn finish(self, path: PathBuf) -> Result<(String, Vec<Problem>, Vec<String>), SuiteError> {
        let unusable = |reason: String| SuiteError::File { path: path.clone(), reason };
        if self.problems.is_empty() {
            let split = if self.spec.splits.is_empty() {
                String::new()
            } else {
                format!(" of the split {:?}", self.spec.split)
            };
            return Err(unusable(format!("it holds no problems{split}")));
        }
        if let Some(items) = self.spec.items.filter(|items| *items != self.lines.len()) {
            return Err(unusable(format!("it holds {} problems, the suite has {items}", self.lines.len())));
        }
        let named = self.spec.skip.keys().chain(self.spec.score_by_letter.keys());
        if let Some(id) = named.into_iter().find(|id| !self.lines.contains_key(*id)) {
            return Err(unusable(format!("the definition names id {id:?}, which the file does not have")));
        }
        let mut notes = self.spec.notes.clone();
        let mut note = |what: &str, items: &[String]| {
            if !items.is_empty() {
                notes.push(format!("{} {what}: {}", items.len(), listed(items)));
            }
        };
        note("broken items left out", &self.skipped);
        note("items asked without their broken options", &self.by_letter);
        note("items with a gold answer that cannot be used", &self.broken);
        Ok((self.hash.finalize().to_hex().to_string(), self.problems, notes))
    }
}

fn listed(items: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = items.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("; ");
    if items.len() > SHOWN { format!("{shown}; and {} more", items.len() - SHOWN) } else { shown }
}

/// Takes the marks of a comment of Lean off a text.
fn without_comment_marks(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix("/--").and_then(|text| text.strip_suffix("-/"));
    inner.map_or(text, str::trim)
}

/// Takes layout off an option: LaTeX's unbreakable spaces, a leading colon, a command that lost its backslash.
fn clean_option(text: &str) -> String {
    let text = text.replace(['~', '\u{a0}'], " ");
    let text = text.trim().trim_start_matches("\\:").trim_start_matches(':').trim();
    if text.starts_with("frac") || text.starts_with("text{") { format!("\\{text}") } else { text.to_owned() }
}
