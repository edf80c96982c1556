//! An open document: its text, its versions, and the messages that a text asks for.

use serde_json::{Value, json};

use crate::script::{Behaviour, MARK};

/// A document that the client holds open.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) version: i64,
    pub(crate) text: String,
    /// The worker died; nothing is answered until the next change.
    pub(crate) crashed: bool,
    /// Later versions are never done.
    pub(crate) deaf: bool,
    /// Versions whose messages are out.
    pub(crate) done: Vec<i64>,
    /// Requests that wait for a version: its number, the request's id.
    pub(crate) waits: Vec<(i64, Value)>,
}

impl Document {
    pub(crate) fn new(version: i64, text: &str) -> Document {
        Document { version, text: text.to_owned(), crashed: false, deaf: false, done: Vec::new(), waits: Vec::new() }
    }

    /// Applies the changes of a `didChange`, whole texts and ranges alike.
    pub(crate) fn change(&mut self, changes: &Value) {
        for change in changes.as_array().unwrap() {
            let text = change["text"].as_str().unwrap();
            if change["range"].is_null() {
                text.clone_into(&mut self.text);
            } else {
                let start = offset(&self.text, &change["range"]["start"]);
                let end = offset(&self.text, &change["range"]["end"]);
                self.text.replace_range(start..end, text);
            }
        }
    }

    pub(crate) fn behaviours(&self) -> Vec<Behaviour> {
        let marked = self.text.lines().filter_map(|line| line.split_once(MARK));
        marked.map(|(_, behaviour)| Behaviour::parse(behaviour.trim_end())).collect()
    }

    /// The messages of the text: those that its marks ask for, and an answer to each `#print axioms NAME`.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let mut messages = Vec::new();
        for (number, line) in self.text.lines().enumerate() {
            let end = units(line);
            if let Some(name) = line.strip_prefix("#print axioms ") {
                let text = format!("'{}' does not depend on any axioms", name.trim_end());
                messages.push(message(number, 0, 6, 3, &text, None));
            }
            let Some((before, behaviour)) = line.split_once(MARK) else { continue };
            match Behaviour::parse(behaviour.trim_end()) {
                Behaviour::Message(severity, text) => {
                    messages.push(message(number, units(before), end, severity, &text, None));
                }
                Behaviour::Goals => {
                    let text = "unsolved goals\np : Prop\n⊢ p";
                    messages.push(message(number, units(before), end, 1, text, Some(1)));
                }
                Behaviour::Big(bytes) => messages.push(message(number, 0, end, 3, &"x".repeat(bytes), None)),
                Behaviour::Many(count) => {
                    let text =
                        "(deterministic) timeout at `whnf`, maximum number of heartbeats (200000) has been reached";
                    messages.extend((0..count).map(|_| message(number, 0, end, 1, text, None)));
                }
                Behaviour::FarPositions => {
                    messages.push(message(4_000_000_000, 3, 5, 1, "far below", None));
                    messages.push(message(number, 4_000_000_000, 4_000_000_001, 1, "far right", None));
                    messages.push(message(number, end, 0, 1, "backwards", None));
                    // In the middle of a character that takes two units.
                    messages.push(message(number, 1, 2, 1, "half a character", None));
                }
                Behaviour::HeaderFails => {
                    messages.push(message(0, 0, 1, 1, "unknown module prefix 'Nope'", None));
                }
                _ => {}
            }
        }
        messages
    }

    /// Takes out the requests that wait for versions up to `version`.
    pub(crate) fn take_waits(&mut self, version: i64) -> Vec<Value> {
        let (ready, rest) = std::mem::take(&mut self.waits).into_iter().partition(|(wanted, _)| *wanted <= version);
        self.waits = rest;
        let ready: Vec<(i64, Value)> = ready;
        ready.into_iter().map(|(_, id)| id).collect()
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn message(line: usize, start: usize, end: usize, severity: u8, text: &str, tag: Option<u8>) -> Value {
    let range = json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}});
    let mut message =
        json!({"range": range, "fullRange": range, "severity": severity, "source": "Lean 4", "message": text});
    if let Some(tag) = tag {
        message["leanTags"] = json!([tag]);
    }
    message
}

/// The byte offset of a place given in UTF-16 units.
fn offset(text: &str, place: &Value) -> usize {
    let (line, character) = (place["line"].as_u64().unwrap(), place["character"].as_u64().unwrap());
    let mut start = 0;
    for _ in 0..line {
        start += text[start..].find('\n').unwrap() + 1;
    }
    let mut left = usize::try_from(character).unwrap();
    for (at, letter) in text[start..].char_indices() {
        if left == 0 || letter == '\n' {
            return start + at;
        }
        left = left.saturating_sub(letter.len_utf16());
    }
    text.len()
}
