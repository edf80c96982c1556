//! The only writer to standard output.
//!
//! A result is a record, a list of records, or text; `--format` says how a record is written. JSON keeps full
//! precision and has one object a record; tables are for people and promise nothing.

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;
use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::render::table::{Align, Tabular, draw};
use crate::cli::render::{escape_line, escape_text, harmless_json};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// Writes results to standard output.
pub(crate) struct Output {
    format: Format,
    width: u16,
    writer: Box<dyn Write>,
}

impl Output {
    /// Writes to standard output; `columns` overrides the terminal's width.
    pub(crate) fn new(format: Format, columns: Option<u16>) -> Output {
        let stdout = io::stdout();
        let terminal = terminal_size::terminal_size_of(&stdout).map(|(width, _)| width.0);
        let width = columns.or(terminal).unwrap_or(80).max(20);
        Output { format, width, writer: Box::new(io::BufWriter::new(stdout)) }
    }

    /// Says whether people read the result as it comes.
    pub(crate) fn is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// Gives the format.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Writes our own text as it is, whatever the format, and shows it at once.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), CliError> {
        self.writer.write_all(text.as_bytes())?;
        Ok(self.writer.flush()?)
    }

    /// Gives standard output for bytes that only a program reads, such as an export; a terminal is protected from them.
    pub(crate) fn raw() -> Box<dyn Write + Send> {
        if Output::is_terminal() { Box::new(Shield::new(io::stdout())) } else { Box::new(io::stdout()) }
    }

    /// Gives how wide a table may be.
    pub(crate) fn width(&self) -> usize {
        usize::from(self.width)
    }

    /// Writes a piece of text from outside, such as a delta of a model's answer, and shows it at once. Only a terminal
    /// needs protection from it; a file or a pipe gets it as it is.
    pub(crate) fn outside_text(&mut self, text: &str) -> Result<(), CliError> {
        if Output::is_terminal() { self.text(&escape_text(text)) } else { self.text(text) }
    }

    /// Writes one JSON document, whatever the format.
    pub(crate) fn document<T: Serialize>(&mut self, document: &T) -> Result<(), CliError> {
        self.json(document, true)?;
        Ok(self.writer.flush()?)
    }

    /// Writes one record: as JSON, or as lines `key  value`.
    pub(crate) fn record<T: Serialize>(&mut self, record: &T, lines: &[(&str, String)]) -> Result<(), CliError> {
        match self.format {
            Format::Table => {
                let width = lines.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
                for (key, value) in lines {
                    writeln!(self.writer, "{key:<width$}  {}", escape_line(value))?;
                }
            }
            Format::Json => self.json(record, true)?,
            Format::Jsonl => self.json(record, false)?,
        }
        Ok(self.writer.flush()?)
    }

    /// Writes a list of records: a table, a JSON array, or one line each as they come.
    pub(crate) fn records<T: Serialize + Tabular>(
        &mut self,
        records: impl IntoIterator<Item = T>,
    ) -> Result<(), CliError> {
        let mut records = records.into_iter();
        match self.format {
            Format::Table => {
                let heads: Vec<_> = T::COLUMNS.iter().map(|column| (column.title.to_owned(), column.align)).collect();
                self.table(&heads, records.map(|record| record.cells()))?;
            }
            Format::Json => {
                let all: Vec<T> = records.collect();
                self.json(&all, true)?;
            }
            Format::Jsonl => records.try_for_each(|record| self.json(&record, false))?,
        }
        Ok(self.writer.flush()?)
    }

    /// Writes one record of a stream of any length, without holding the others: `line` in a table, an element of the
    /// array that [`Output::end_stream`] closes, or one JSON line. `number` counts from 0.
    pub(crate) fn stream<T: Serialize>(
        &mut self,
        number: u64,
        record: &T,
        line: impl FnOnce(&T) -> String,
    ) -> Result<(), CliError> {
        match self.format {
            Format::Table => {
                let line = line(record);
                writeln!(self.writer, "{}", escape_line(&line))?;
            }
            Format::Json => {
                self.writer.write_all(if number == 0 { b"[\n" } else { b",\n" })?;
                let text = harmless_json(serde_json::to_string(record).map_err(io::Error::other)?);
                self.writer.write_all(text.as_bytes())?;
            }
            Format::Jsonl => self.json(record, false)?,
        }
        Ok(())
    }

    /// Ends a stream of `count` records.
    pub(crate) fn end_stream(&mut self, count: u64) -> Result<(), CliError> {
        if self.format == Format::Json {
            self.writer.write_all(if count == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.flush()
    }

    /// Shows what was written so far.
    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        Ok(self.writer.flush()?)
    }

    /// Writes rows whose columns are known only at run time, such as the answer to a query.
    pub(crate) fn grid(
        &mut self,
        columns: &[String],
        rows: impl Iterator<Item = Vec<serde_json::Value>>,
    ) -> Result<(), CliError> {
        let object = |row: Vec<serde_json::Value>| -> serde_json::Map<String, serde_json::Value> {
            columns.iter().cloned().zip(row).collect()
        };
        match self.format {
            Format::Table => {
                let rows: Vec<Vec<serde_json::Value>> = rows.collect();
                let align = |index: usize| {
                    let number =
                        |row: &Vec<serde_json::Value>| row.get(index).is_none_or(|v| v.is_number() || v.is_null());
                    if rows.iter().all(number) { Align::Right } else { Align::Left }
                };
                let heads: Vec<_> =
                    columns.iter().enumerate().map(|(index, title)| (title.clone(), align(index))).collect();
                self.table(&heads, rows.iter().map(|row| row.iter().map(plain).collect()))?;
            }
            Format::Json => {
                let all: Vec<_> = rows.map(object).collect();
                self.json(&all, true)?;
            }
            Format::Jsonl => {
                for row in rows {
                    self.json(&object(row), false)?;
                }
            }
        }
        Ok(self.writer.flush()?)
    }

    fn table(&mut self, heads: &[(String, Align)], rows: impl Iterator<Item = Vec<String>>) -> Result<(), CliError> {
        Ok(writeln!(self.writer, "{}", draw(heads, rows, self.width))?)
    }

    fn json<T: Serialize>(&mut self, value: &T, pretty: bool) -> Result<(), CliError> {
        let text = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        let text = harmless_json(text.map_err(io::Error::other)?);
        Ok(writeln!(self.writer, "{text}")?)
    }
}

/// Makes control characters visible on their way to a terminal; line ends and tabs stay.
struct Shield<W> {
    inner: W,
    /// The first byte of a control character of two bytes has come, the second has not.
    pending: bool,
}

/// In UTF-8, U+0080 to U+009F are this byte and one more.
const HIGH_CONTROLS: u8 = 0xc2;

impl<W: Write> Shield<W> {
    fn new(inner: W) -> Shield<W> {
        Shield { inner, pending: false }
    }
}

impl<W: Write> Write for Shield<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut shown = Vec::with_capacity(bytes.len() + 16);
        for &byte in bytes {
            let pending = std::mem::replace(&mut self.pending, byte == HIGH_CONTROLS);
            match byte {
                0x80..=0x9f if pending => shown.extend_from_slice(format!("\\u00{byte:02x}").as_bytes()),
                _ => {
                    if pending {
                        shown.push(HIGH_CONTROLS);
                    }
                    match byte {
                        HIGH_CONTROLS => {}
                        b'\n' | b'\t' => shown.push(byte),
                        0..=0x1f | 0x7f => shown.extend_from_slice(format!("\\u00{byte:02x}").as_bytes()),
                        _ => shown.push(byte),
                    }
                }
            }
        }
        self.inner.write_all(&shown)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Shows a JSON value in a cell: text without its quotes, nothing for null.
fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: Format, write: impl FnOnce(&mut Output) -> Result<(), CliError>) -> String {
        let kept = Kept::default();
        let mut output = Output { format, width: 40, writer: Box::new(kept.clone()) };
        write(&mut output).unwrap();
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[derive(Serialize)]
    struct Row {
        name: String,
        share: f64,
    }

    impl Tabular for Row {
        const COLUMNS: &'static [crate::cli::render::table::Column] =
            &[crate::cli::render::table::words("name"), crate::cli::render::table::numbers("share")];

        fn cells(&self) -> Vec<String> {
            vec![self.name.clone(), format!("{:.1}", self.share)]
        }
    }

    #[test]
    fn json_keeps_full_precision_and_tables_are_short() {
        let rows = || [Row { name: "a\u{1b}".into(), share: 0.1 + 0.2 }, Row { name: "b".into(), share: 1.0 }];
        assert_eq!(
            written(Format::Jsonl, |output| output.records(rows())),
            "{\"name\":\"a\\u001b\",\"share\":0.30000000000000004}\n{\"name\":\"b\",\"share\":1.0}\n"
        );
        let table = written(Format::Table, |output| output.records(rows()));
        assert!(table.contains("a\\u{1b}") && table.contains("0.3"), "{table}");
        let json = written(Format::Json, |output| output.records(rows()));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()[0]["share"], 0.1 + 0.2);
        assert_eq!(written(Format::Json, |output| output.records(Vec::<Row>::new())), "[]\n");
    }

    #[test]
    fn a_stream_is_one_document_in_every_format() {
        let stream = |format, count: u64| {
            written(format, |output| {
                for number in 0..count {
                    output.stream(number, &serde_json::json!({ "n": number }), |record| format!("{record}\u{1b}"))?;
                }
                output.end_stream(count)
            })
        };
        assert_eq!(stream(Format::Jsonl, 2), "{\"n\":0}\n{\"n\":1}\n");
        assert_eq!(stream(Format::Table, 1), "{\"n\":0}\\u{1b}\n");
        assert_eq!(stream(Format::Json, 0), "[]\n");
        let array: Vec<serde_json::Value> = serde_json::from_str(&stream(Format::Json, 3)).unwrap();
        assert_eq!((array.len(), &array[2]["n"]), (3, &serde_json::json!(2)));
    }

    #[test]
    fn a_terminal_is_shielded_wherever_the_bytes_are_cut() {
        let text = "a\u{1b}[2J\n\tä\u{9b}31m½\u{7f}数\r";
        let expected = "a\\u001b[2J\n\tä\\u009b31m½\\u007f数\\u000d";
        for size in 1..text.len() {
            let kept = Kept::default();
            let mut shield = Shield::new(kept.clone());
            text.as_bytes().chunks(size).for_each(|piece| shield.write_all(piece).unwrap());
            assert_eq!(String::from_utf8(kept.0.lock().unwrap().clone()).unwrap(), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_grid_takes_its_columns_from_the_query() {
        let columns = ["n".to_owned(), "text".to_owned()];
        let rows = || vec![vec![7.into(), "x".into()], vec![serde_json::Value::Null, "y".into()]].into_iter();
        assert_eq!(
            written(Format::Jsonl, |output| output.grid(&columns, rows())),
            "{\"n\":7,\"text\":\"x\"}\n{\"n\":null,\"text\":\"y\"}\n"
        );
        let table = written(Format::Table, |output| output.grid(&columns, rows()));
        let cells: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            (cells[0].as_slice(), cells[2].as_slice(), cells[3].as_slice()),
            (&["n", "text"][..], &["7", "x"][..], &["y"][..])
        );
    }
}
