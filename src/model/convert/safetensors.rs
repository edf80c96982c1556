//! Reads a safetensors file: its table, checked whole before a number is read, and tensors in pieces.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Fault;

/// The table of a model of 1000 tensors has about 100 KB.
const LONGEST_TABLE: u64 = 16 << 20;
/// Names under which the same model is found in files of larger ones.
const PREFIXES: [&str; 2] = ["", "bert."];
/// Numbers that are read at once.
const PIECE: usize = 1 << 15;

/// How numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    F32,
    F16,
    Bf16,
}

impl Width {
    fn bytes(self) -> usize {
        if self == Width::F32 { 4 } else { 2 }
    }
}

/// A tensor of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Rows first.
    pub(super) shape: Vec<u64>,
    pub(super) elements: u64,
    /// `None`: whole numbers or others that no weight has.
    width: Option<Width>,
    /// Place in the file.
    start: u64,
}

/// Why numbers did not pass.
#[derive(Debug)]
pub(super) enum PieceError {
    Input(Fault),
    Output(io::Error),
}

/// An open file.
#[derive(Debug)]
pub(super) struct Safetensors {
    path: PathBuf,
    file: File,
    entries: HashMap<String, Entry>,
}

impl Safetensors {
    pub(super) fn open(path: &Path) -> Result<Safetensors, Fault> {
        let fault = |reason: String| Fault::new(path, reason);
        let mut file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => fault("there is no such file".to_owned()),
            _ => fault(error.to_string()),
        })?;
        let metadata = file.metadata().map_err(|error| fault(error.to_string()))?;
        if !metadata.is_file() {
            return Err(fault("it is not a regular file".to_owned()));
        }
        let entries = read_table(&mut file, metadata.len()).map_err(fault)?;
        Ok(Safetensors { path: path.to_owned(), file, entries })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Finds a tensor of numbers; gives its whole name too.
    pub(super) fn find(&self, name: &str) -> Result<(String, Entry), Fault> {
        let names = PREFIXES.iter().map(|prefix| format!("{prefix}{name}"));
        let found = names.filter_map(|name| self.entries.get(&name).map(|entry| (name, entry.clone()))).next();
        let (name, entry) = found.ok_or_else(|| Fault::new(&self.path, format!("it holds no tensor {name}")))?;
        match entry.width {
            Some(_) => Ok((name, entry)),
            None => Err(Fault::new(&self.path, format!("{name} is not stored as F32, F16 or BF16"))),
        }
    }

    /// Hands over a tensor's numbers, piece by piece.
    pub(super) fn pieces(
        &self,
        entry: &Entry,
        name: &str,
        take: &mut dyn FnMut(&[f32]) -> Result<(), PieceError>,
    ) -> Result<(), PieceError> {
        let fault = |error: io::Error| PieceError::Input(Fault::new(&self.path, format!("{name}: {error}")));
        let Some(width) = entry.width else { return Ok(()) };
        let mut file = &self.file;
        file.seek(SeekFrom::Start(entry.start)).map_err(fault)?;
        let mut bytes = vec![0; PIECE * width.bytes()];
        let mut left = entry.elements;
        while left > 0 {
            let count = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            let part = bytes.get_mut(..count * width.bytes()).unwrap_or_default();
            file.read_exact(part).map_err(fault)?;
            take(&numbers(part, width))?;
            left -= count as u64;
        }
        Ok(())
    }
}

fn numbers(bytes: &[u8], width: Width) -> Vec<f32> {
    let (pairs, _) = bytes.as_chunks::<2>();
    match width {
        Width::F32 => bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect(),
        Width::Bf16 => pairs.iter().map(|two| f32::from_bits(u32::from(u16::from_le_bytes(*two)) << 16)).collect(),
        Width::F16 => pairs.iter().map(|two| whole(u16::from_le_bytes(*two))).collect(),
    }
}

/// Widens a number of 16 bits; exact.
fn whole(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    let (exponent, fraction) = (u32::from(half >> 10 & 0x1f), u32::from(half & 0x3ff));
    match exponent {
        // Multiples of 2^-24.
        0 => f32::from_bits((fraction as f32 / 16_777_216.0).to_bits() | sign),
        0x1f => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13),
    }
}

/// Reads the table and checks that every tensor lies in the file, whole and on its own.
fn read_table(file: &mut impl Read, file_bytes: u64) -> Result<HashMap<String, Entry>, String> {
    let damaged = |what: &str| format!("it is no safetensors file: {what}");
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(|_| damaged("it is shorter than its first number"))?;
    let length = u64::from_le_bytes(length);
    let data = length.checked_add(8).filter(|data| *data <= file_bytes && length <= LONGEST_TABLE);
    let data = data.ok_or_else(|| damaged(&format!("its table has {length} bytes, the file {file_bytes}")))?;
    let mut table = vec![0; usize::try_from(length).map_err(|_| damaged("its table is too long"))?];
    file.read_exact(&mut table).map_err(|_| damaged("its table is cut short"))?;
    let table: Value = serde_json::from_slice(&table).map_err(|error| damaged(&format!("its table: {error}")))?;
    let table = table.as_object().ok_or_else(|| damaged("its table is no JSON object"))?;
    let mut entries = HashMap::new();
    let mut spans = Vec::new();
    for (name, entry) in table.iter().filter(|(name, _)| *name != "__metadata__") {
        let (entry, end) = read_entry(entry, data, file_bytes)
            .ok_or_else(|| format!("its tensor {:?} is damaged: shape, kind and place do not fit", shown(name)))?;
        spans.push((entry.start, end));
        entries.insert(name.clone(), entry);
    }
    spans.sort_unstable();
    if spans.iter().zip(spans.iter().skip(1)).any(|(one, next)| one.1 > next.0) {
        return Err("two of its tensors overlap".to_owned());
    }
    Ok(entries)
}

fn shown(name: &str) -> String {
    name.chars().take(80).collect()
}

fn read_entry(entry: &Value, data: u64, file_bytes: u64) -> Option<(Entry, u64)> {
    let numbers = |key: &str| {
        let list = entry.get(key)?.as_array().filter(|list| list.len() <= 8)?;
        list.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>()
    };
    let shape = numbers("shape")?;
    let offsets = numbers("data_offsets")?;
    let &[begin, end] = offsets.as_slice() else { return None };
    let (start, end) = (data.checked_add(begin)?, data.checked_add(end)?);
    let bytes = end.checked_sub(start).filter(|_| end <= file_bytes)?;
    let elements = shape.iter().try_fold(1u64, |product, length| product.checked_mul(*length))?;
    let (width, size) = match entry.get("dtype")?.as_str()? {
        "F32" => (Some(Width::F32), 4),
        "F16" => (Some(Width::F16), 2),
        "BF16" => (Some(Width::Bf16), 2),
        // Kinds that no weight needs: only their place counts.
        _ => return Some((Entry { shape, elements, width: None, start }, end)),
    };
    (elements.checked_mul(size)? == bytes).then_some((Entry { shape, elements, width, start }, end))
}

#[cfg(test)]
mod tests;
