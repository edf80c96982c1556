//! The lines of a batch as they come in: bounded, read once, each id met only once.

use std::collections::HashSet;
use std::io::{self, Read};

use super::line::{Line, Wanted};
use crate::cli::lines::Lines;

/// Most bytes of a line: a candidate of 10 MB with every character escaped.
const LONGEST: usize = 64 << 20;

/// Reads a batch line by line.
pub(super) struct Input<R> {
    lines: Lines<R>,
    /// What is part of every line's hash.
    settings: String,
    /// Hashes of the ids that were met: 16 bytes for each of a million lines, however long the ids are.
    seen: HashSet<[u8; 16]>,
    /// A line that was looked at and given back.
    held: Option<Line>,
}

impl<R: Read> Input<R> {
    pub(super) fn new(source: R, settings: String) -> Input<R> {
        Input { lines: Lines::with_longest(source, LONGEST), settings, seen: HashSet::new(), held: None }
    }

    /// Gives the next line that is not empty.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        if let Some(held) = self.held.take() {
            return Ok(Some(held));
        }
        loop {
            let mut line = match self.lines.next()? {
                None => return Ok(None),
                Some(Ok((_, text))) if text.trim().is_empty() => continue,
                Some(Ok((number, text))) => Line::read(number, text, &self.settings),
                Some(Err(unreadable)) => {
                    let (number, reason) = unreadable.told();
                    Line::unreadable(number, reason, &self.settings)
                }
            };
            if let Some(twice) = self.met_before(&line) {
                line.refuse(format!("the id {twice:?} came before"), &self.settings);
            }
            return Ok(Some(line));
        }
    }

    /// Gives a line back, to be the next one.
    pub(super) fn hold(&mut self, line: Line) {
        self.held = Some(line);
    }

    /// Remembers the ids of a line; gives one that was met before.
    fn met_before(&mut self, line: &Line) -> Option<String> {
        // Lines that cannot be used take no id: the one that is mended may stand behind the broken one.
        let mut ids: Vec<&str> = line.proofs().iter().map(|proof| proof.item_id.as_str()).collect();
        let own = line.id_text();
        if matches!(line.wanted, Wanted::Chain(_)) {
            ids.push(&own);
        }
        let key = |id: &str| {
            let mut key = [0; 16];
            key.copy_from_slice(blake3::hash(id.as_bytes()).as_bytes().split_at(16).0);
            key
        };
        if let Some(twice) = ids.iter().find(|id| self.seen.contains(&key(id))) {
            return Some((*twice).to_owned());
        }
        self.seen.extend(ids.into_iter().map(key));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(id: &str) -> String {
        format!(
            r#"{{"id":"{id}","formal_statement":"theorem t : True := by sorry","candidate":"trivial","kind":"tactics"}}"#
        )
    }

    #[test]
    fn an_id_is_met_once_and_a_broken_line_spoils_no_other() {
        let chain = format!(r#"{{"id":"c","steps":[{}]}}"#, proof("1"));
        let bytes = [
            proof("a").as_bytes(),
            b"",
            b"{broken",
            proof("a").as_bytes(),
            chain.as_bytes(),
            proof("c/1").as_bytes(),
            proof("c").as_bytes(),
            b"\xff",
            proof("b").as_bytes(),
        ]
        .join(&b'\n');
        let mut input = Input::new(&*bytes, "s".to_owned());
        let mut told = Vec::new();
        while let Some(line) = input.next().unwrap() {
            let error = match &line.wanted {
                Wanted::Nothing(reason) => reason.clone(),
                _ => String::new(),
            };
            told.push((line.number, error));
        }
        let expected = [
            (1, ""),
            (3, "column 2: key must be a string"),
            (4, "the id \"a\" came before"),
            (5, ""),
            (6, "the id \"c/1\" came before"),
            (7, "the id \"c\" came before"),
            (8, "it is no UTF-8"),
            (9, ""),
        ];
        assert_eq!(told, expected.map(|(number, error)| (number, error.to_owned())));
    }
}
