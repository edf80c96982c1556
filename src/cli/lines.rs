//! Lines of an input that may be of any length and hold anything.

use std::io::{self, BufRead, BufReader, Read};

/// Most bytes of a line, where the reader does not say otherwise.
const LONGEST: usize = 16 << 20;
const BUFFER: usize = 1 << 16;

/// A line that cannot be read. What comes after it can.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is too long.
    TooLong {
        /// Its number, from 1.
        line: u64,
        /// Most bytes of a line.
        longest: usize,
    },
    /// It is no UTF-8.
    NotUtf8 {
        /// Its number, from 1.
        line: u64,
    },
}

impl Unreadable {
    /// Gives the line's number and what is wrong with it.
    pub(crate) fn told(&self) -> (u64, String) {
        match self {
            Unreadable::TooLong { line, longest } => (*line, format!("it is longer than {} MiB", longest >> 20)),
            Unreadable::NotUtf8 { line } => (*line, "it is no UTF-8".to_owned()),
        }
    }
}

/// Reads lines one by one into the same memory.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    longest: usize,
    line: u64,
    bytes: Vec<u8>,
}

impl<R: Read> Lines<R> {
    /// Takes a source.
    pub(crate) fn new(source: R) -> Lines<R> {
        Lines::with_longest(source, LONGEST)
    }

    /// As [`Lines::new`], with another limit.
    pub(crate) fn with_longest(source: R, longest: usize) -> Lines<R> {
        Lines { reader: BufReader::with_capacity(BUFFER, source), longest, line: 0, bytes: Vec::new() }
    }

    /// Says whether the next line is not there yet, so that reading it may take long.
    pub(crate) fn must_wait(&self) -> bool {
        !self.reader.buffer().contains(&b'\n')
    }

    /// Gives the next line with its number, from 1, without its line end.
    ///
    /// # Errors
    /// The source cannot be read.
    pub(crate) fn next(&mut self) -> io::Result<Option<Result<(u64, &str), Unreadable>>> {
        self.bytes.clear();
        let limit = u64::try_from(self.longest).unwrap_or(u64::MAX).saturating_add(1);
        let length = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.bytes)?;
        if length == 0 {
            return Ok(None);
        }
        self.line += 1;
        let line = self.line;
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
        } else if length > self.longest {
            self.skip()?;
            return Ok(Some(Err(Unreadable::TooLong { line, longest: self.longest })));
        }
        let text = std::str::from_utf8(&self.bytes).map(|text| (line, text));
        Ok(Some(text.map_err(|_| Unreadable::NotUtf8 { line })))
    }

    /// Passes over the rest of a line.
    fn skip(&mut self) -> io::Result<()> {
        loop {
            let there = self.reader.fill_buf()?;
            if there.is_empty() {
                return Ok(());
            }
            let end = there.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(there.len(), |end| end + 1);
            self.reader.consume(length);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], longest: usize) -> Vec<Result<(u64, String), Unreadable>> {
        let mut lines = Lines::with_longest(bytes, longest);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line.map(|(number, text)| (number, text.to_owned())));
        }
        all
    }

    #[test]
    fn lines_are_bounded_and_a_bad_one_spoils_no_other() {
        let line = |number: u64, text: &str| Ok((number, text.to_owned()));
        assert_eq!(read(b"", 4), []);
        assert_eq!(read(b"ab\n\nabcd\ne", 4), [line(1, "ab"), line(2, ""), line(3, "abcd"), line(4, "e")]);
        assert_eq!(read(b"abcde\nab", 4), [Err(Unreadable::TooLong { line: 1, longest: 4 }), line(2, "ab")]);
        assert_eq!(read(b"abcdefghijkl", 4), [Err(Unreadable::TooLong { line: 1, longest: 4 })]);
        assert_eq!(read(b"a\xff\nab\r\n", 4), [Err(Unreadable::NotUtf8 { line: 1 }), line(2, "ab\r")]);
    }

    proptest::proptest! {
        #[test]
        fn every_line_is_told_in_order(bytes: Vec<u8>, longest in 1usize..8) {
            let numbers: Vec<u64> = read(&bytes, longest)
                .iter()
                .map(|line| match line {
                    Ok((line, _)) | Err(Unreadable::TooLong { line, .. } | Unreadable::NotUtf8 { line }) => *line,
                })
                .collect();
            let expected = bytes.split(|byte| *byte == b'\n').count() - usize::from(bytes.is_empty() || bytes.ends_with(b"\n"));
            let expected: Vec<u64> = (1..=u64::try_from(expected).unwrap()).collect();
            proptest::prop_assert_eq!(numbers, expected);
        }
    }
}
