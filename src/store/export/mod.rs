//! Writes a run out: an object a line for each attempt (JSONL), or the view `attempts_flat` as CSV.
//!
//! One attempt is in memory at a time. A reading transaction makes the export a picture of one moment. Output is
//! written on a thread of its own, because files and pipes block; a file appears under its name only when it is whole.

mod row;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::StreamExt;
use serde_json::Value;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::mpsc;

pub use self::row::ExportRow;
use super::query::{KeyedAttempt, attempt_details};
use super::row::{ItemRow, RunRow};
use super::sql::values;
use super::statement::{ATTEMPTS_OF_RUN, FLAT_ATTEMPTS, ITEM};
use super::{Store, StoreError, views};

/// Version of the JSONL objects.
const SCHEMA: u32 = 1;
/// Attempts read at once.
const PAGE: u32 = 256;
const ZSTD_LEVEL: i32 = 6;

/// Form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object a line, an attempt each, with its steps and calls.
    Jsonl,
    /// The columns of `attempts_flat`, with a header.
    Csv,
}

impl ExportFormat {
    /// Finds the form by a file's name, its compression (`.gz`, `.zst`) left out.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<ExportFormat> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "jsonl" | "ndjson" => Some(ExportFormat::Jsonl),
            "csv" => Some(ExportFormat::Csv),
            _ => None,
        }
    }
}

impl Store {
    /// Writes a run to `output` and gives the number of attempts.
    ///
    /// # Errors
    /// The database cannot be read, or the output takes no more; a closed pipe is an [`StoreError::Output`] whose
    /// source has the kind `BrokenPipe`.
    pub async fn export(
        &self,
        run: &RunRow,
        format: ExportFormat,
        output: impl Write + Send + 'static,
    ) -> Result<u64, StoreError> {
        let (sender, receiver) = mpsc::channel(16);
        let writing = tokio::task::spawn_blocking(move || write_all(receiver, BufWriter::new(output)));
        let told = self.tell(run, format, sender).await;
        let written = writing.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        // A failed output also ends the telling; its error says why.
        written.map_err(|error| StoreError::Output { source: Arc::new(error) })?;
        told
    }

    /// Writes a run to a file, compressed if its name ends in `.gz` or `.zst`, and gives the number of attempts. A file
    /// of that name is replaced once the new one is whole.
    ///
    /// # Errors
    /// The database cannot be read or the file cannot be written; then what was there is as it was.
    pub async fn export_to_file(&self, run: &RunRow, format: ExportFormat, path: &Path) -> Result<u64, StoreError> {
        let failed = |error| StoreError::Export { path: path.to_path_buf(), source: Arc::new(error) };
        let unfinished = unfinished_name(path).map_err(failed)?;
        let (sender, receiver) = mpsc::channel(16);
        let (target, place) = (path.to_path_buf(), unfinished.clone());
        let writing = tokio::task::spawn_blocking(move || write_file(receiver, &target, &place));
        let told = self.tell(run, format, sender).await;
        let written = writing.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        let ended = match (written, told) {
            (Ok(()), Ok(count)) => fs::rename(&unfinished, path).map(|()| count).map_err(failed),
            (Ok(()), Err(error)) => Err(error),
            (Err(error), _) => Err(failed(error)),
        };
        if ended.is_err() {
            // It may not even have been made; there is nothing else to be done about it.
            let _ = fs::remove_file(&unfinished);
        }
        ended
    }

    /// Sends an export piece by piece, until nobody takes it.
    async fn tell(&self, run: &RunRow, format: ExportFormat, sender: mpsc::Sender<Vec<u8>>) -> Result<u64, StoreError> {
        let mut transaction = self.readers().begin().await.map_err(|error| self.error(error))?;
        self.check_run(&mut transaction, run.key).await?;
        let told = match format {
            ExportFormat::Jsonl => tell_lines(&mut transaction, run, &sender).await,
            ExportFormat::Csv => tell_table(&mut transaction, run, &sender).await,
        };
        told.map_err(|error| self.error(error))
    }
}

async fn tell_lines(
    connection: &mut SqliteConnection,
    run: &RunRow,
    sender: &mpsc::Sender<Vec<u8>>,
) -> Result<u64, sqlx::Error> {
    let (mut count, mut after) = (0, 0);
    loop {
        let page: Vec<KeyedAttempt> =
            sqlx::query_as(ATTEMPTS_OF_RUN).bind(run.key.0).bind(after).bind(PAGE).fetch_all(&mut *connection).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = last.id.0;
        let mut items: HashMap<String, ItemRow> = HashMap::new();
        for detail in attempt_details(connection, page).await? {
            let item = match items.entry(detail.attempt.item_id.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let item = sqlx::query_as(ITEM).bind(run.key.0).bind(place.key());
                    let item = item.fetch_one(&mut *connection).await?;
                    place.insert(item)
                }
            };
            let mut line = serde_json::to_vec(&ExportRow::new(SCHEMA, run, item, &detail))
                .map_err(|error| sqlx::Error::Encode(error.into()))?;
            line.push(b'\n');
            if sender.send(line).await.is_err() {
                return Ok(count);
            }
            count += 1;
        }
    }
}

async fn tell_table(
    connection: &mut SqliteConnection,
    run: &RunRow,
    sender: &mpsc::Sender<Vec<u8>>,
) -> Result<u64, sqlx::Error> {
    let columns = views().into_iter().find(|view| view.name == "attempts_flat").map(|view| view.columns);
    let header: Vec<String> = columns.unwrap_or_default().into_iter().map(|(name, _)| name).collect();
    if sender.send(record(&header)?).await.is_err() {
        return Ok(0);
    }
    let mut count = 0;
    let mut rows = sqlx::query(FLAT_ATTEMPTS).bind(&run.run_id).fetch(connection);
    while let Some(row) = rows.next().await {
        let cells: Vec<String> = values(&row?).into_iter().map(cell).collect();
        if sender.send(record(&cells)?).await.is_err() {
            break;
        }
        count += 1;
    }
    Ok(count)
}

fn cell(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn record(cells: &[String]) -> Result<Vec<u8>, sqlx::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(|error| sqlx::Error::Encode(error.into()))?;
    writer.into_inner().map_err(|error| sqlx::Error::Encode(error.to_string().into()))
}

fn write_all(mut pieces: mpsc::Receiver<Vec<u8>>, mut output: impl Write) -> io::Result<()> {
    while let Some(piece) = pieces.blocking_recv() {
        output.write_all(&piece)?;
    }
    output.flush()
}

fn write_file(pieces: mpsc::Receiver<Vec<u8>>, target: &Path, place: &Path) -> io::Result<()> {
    let file = BufWriter::new(File::create(place)?);
    let name = target.to_string_lossy().to_ascii_lowercase();
    let file = if name.ends_with(".gz") {
        let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        write_all(pieces, &mut encoder)?;
        encoder.finish()?
    } else if name.ends_with(".zst") {
        let mut encoder = zstd::Encoder::new(file, ZSTD_LEVEL)?;
        write_all(pieces, &mut encoder)?;
        encoder.finish()?
    } else {
        let mut file = file;
        write_all(pieces, &mut file)?;
        file
    };
    // On disk before it gets its name, so that no crash leaves an empty file there.
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Gives a name next to the target: renaming works only within a file system.
fn unfinished_name(path: &Path) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    };
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".unfinished-{}", std::process::id()));
    Ok(path.with_file_name(hidden))
}
