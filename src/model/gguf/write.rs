//! Writes GGUF files: values, table of tensors, and the tensors' bytes in their order.
//!
//! The table is known before the first byte of a tensor, so the bytes pass through and a model needs no second copy in
//! memory. What makes a file well formed is checked here: unique names, whole blocks, sizes that hold. What makes it a
//! model is the caller's business.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::block;
use crate::model::ModelError;

/// Bytes to which the data of every tensor is aligned; the format's own default, so that no value need say it.
const ALIGNMENT: u64 = 32;
const VERSION: u32 = 3;
/// The format's limit for names of tensors.
const LONGEST_NAME: usize = 63;

/// A value of a GGUF header.
#[derive(Debug, Clone, PartialEq)]
pub enum GgufValue {
    /// A number of 8 bits.
    U8(u8),
    /// A number of 8 bits with a sign.
    I8(i8),
    /// A number of 16 bits.
    U16(u16),
    /// A number of 16 bits with a sign.
    I16(i16),
    /// A number of 32 bits.
    U32(u32),
    /// A number of 32 bits with a sign.
    I32(i32),
    /// A real number of 32 bits.
    F32(f32),
    /// A truth value.
    Bool(bool),
    /// A text.
    Text(String),
    /// An array.
    Array(GgufArray),
    /// A number of 64 bits.
    U64(u64),
    /// A number of 64 bits with a sign.
    I64(i64),
    /// A real number of 64 bits.
    F64(f64),
}

/// An array of a GGUF header. Arrays of arrays are allowed by the format and used by nobody.
#[derive(Debug, Clone, PartialEq)]
pub enum GgufArray {
    /// Numbers of 8 bits.
    U8(Vec<u8>),
    /// Numbers of 8 bits with a sign.
    I8(Vec<i8>),
    /// Numbers of 16 bits.
    U16(Vec<u16>),
    /// Numbers of 16 bits with a sign.
    I16(Vec<i16>),
    /// Numbers of 32 bits.
    U32(Vec<u32>),
    /// Numbers of 32 bits with a sign.
    I32(Vec<i32>),
    /// Real numbers of 32 bits.
    F32(Vec<f32>),
    /// Truth values.
    Bool(Vec<bool>),
    /// Texts.
    Text(Vec<String>),
    /// Numbers of 64 bits.
    U64(Vec<u64>),
    /// Numbers of 64 bits with a sign.
    I64(Vec<i64>),
    /// Real numbers of 64 bits.
    F64(Vec<f64>),
}

/// How the elements of a tensor are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TensorKind {
    /// 4 bytes each.
    F32,
    /// 2 bytes each.
    F16,
    /// Blocks of 32: a scale and 4 bits each.
    Q4_0,
    /// Blocks of 32: a scale and 8 bits each.
    Q8_0,
}

impl TensorKind {
    /// Every kind.
    pub const ALL: [TensorKind; 4] = [TensorKind::F32, TensorKind::F16, TensorKind::Q4_0, TensorKind::Q8_0];

    /// Gives the kind's usual name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TensorKind::F32 => "f32",
            TensorKind::F16 => "f16",
            TensorKind::Q4_0 => "q4_0",
            TensorKind::Q8_0 => "q8_0",
        }
    }

    fn number(self) -> u32 {
        match self {
            TensorKind::F32 => 0,
            TensorKind::F16 => 1,
            TensorKind::Q4_0 => 2,
            TensorKind::Q8_0 => 8,
        }
    }

    /// Gives the number that `general.file_type` uses for a file of mostly this kind.
    pub(crate) fn file_type(self) -> u32 {
        match self {
            TensorKind::F32 => 0,
            TensorKind::F16 => 1,
            TensorKind::Q4_0 => 2,
            TensorKind::Q8_0 => 7,
        }
    }

    /// Gives elements and bytes of one block.
    pub(crate) fn block(self) -> (u64, u64) {
        block(self.number()).unwrap_or((1, 4))
    }
}

/// A tensor as the table names it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    dimensions: Vec<u64>,
    kind: TensorKind,
    bytes: u64,
}

/// The header of a GGUF file in the making.
#[derive(Debug, Clone, Default)]
pub struct GgufWriter {
    values: Vec<(String, GgufValue)>,
    tensors: Vec<Entry>,
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

impl GgufWriter {
    /// Begins a header.
    #[must_use]
    pub fn new() -> GgufWriter {
        GgufWriter::default()
    }

    /// Sets a value; a key that is there gets the new one.
    pub fn set(&mut self, key: impl Into<String>, value: GgufValue) {
        let key = key.into();
        match self.values.iter_mut().find(|(there, _)| *there == key) {
            Some(there) => there.1 = value,
            None => self.values.push((key, value)),
        }
    }

    /// Announces a tensor. Lengths are in the order of the format: the first is that of a row, whose elements are
    /// neighbours.
    ///
    /// # Errors
    /// `InvalidInput`: a name longer than 63 bytes, none or more than 4 lengths, a length of 0, a row that is no whole
    /// number of blocks, or a size beyond 64 bits.
    pub fn tensor(&mut self, name: impl Into<String>, dimensions: &[u64], kind: TensorKind) -> io::Result<()> {
        let name = name.into();
        let (block_elements, block_bytes) = kind.block();
        let elements = dimensions.iter().try_fold(1u64, |product, length| product.checked_mul(*length));
        let bytes = elements.and_then(|elements| (elements / block_elements).checked_mul(block_bytes));
        let row = dimensions.first().copied().unwrap_or(0);
        let fits = (1..=4).contains(&dimensions.len()) && !dimensions.contains(&0) && row % block_elements == 0;
        match bytes.filter(|_| fits && !name.is_empty() && name.len() <= LONGEST_NAME) {
            Some(bytes) => self.tensors.push(Entry { name, dimensions: dimensions.to_vec(), kind, bytes }),
            None => return Err(invalid(format!("no tensor can be {name:?} of {dimensions:?} in {}", kind.name()))),
        }
        Ok(())
    }

    /// Writes the header; the tensors' bytes follow.
    ///
    /// # Errors
    /// `InvalidInput` where two tensors have one name or the whole is too large; any error of `out`.
    pub fn begin<W: Write>(self, out: W) -> io::Result<TensorWriter<W>> {
        let mut names = BTreeSet::new();
        if let Some(twice) = self.tensors.iter().find(|entry| !names.insert(&entry.name)) {
            return Err(invalid(format!("two tensors are named {:?}", twice.name)));
        }
        let mut out = Counted { out, count: 0 };
        out.write_all(b"GGUF")?;
        out.write_all(&VERSION.to_le_bytes())?;
        out.write_all(&(self.tensors.len() as u64).to_le_bytes())?;
        out.write_all(&(self.values.len() as u64).to_le_bytes())?;
        for (key, value) in &self.values {
            write_text(&mut out, key)?;
            write_value(&mut out, value)?;
        }
        let mut offset = 0u64;
        for entry in &self.tensors {
            write_text(&mut out, &entry.name)?;
            out.write_all(&u32::try_from(entry.dimensions.len()).unwrap_or(u32::MAX).to_le_bytes())?;
            for length in &entry.dimensions {
                out.write_all(&length.to_le_bytes())?;
            }
            out.write_all(&entry.kind.number().to_le_bytes())?;
            out.write_all(&offset.to_le_bytes())?;
            let end = offset.checked_add(entry.bytes).and_then(|end| end.checked_next_multiple_of(ALIGNMENT));
            offset = end.ok_or_else(|| invalid("the tensors together are too large".to_owned()))?;
        }
        let mut writer = TensorWriter { out, left: self.tensors.into_iter() };
        writer.pad()?;
        Ok(writer)
    }
}

/// Takes the tensors' bytes, one tensor after the other.
#[derive(Debug)]
pub struct TensorWriter<W> {
    out: Counted<W>,
    left: std::vec::IntoIter<Entry>,
}

impl<W: Write> TensorWriter<W> {
    /// Writes the next tensor, whose name is `name`; `fill` writes its bytes, little-endian, in any number of pieces.
    ///
    /// # Errors
    /// `InvalidInput` where another tensor comes next, or more or fewer bytes are written than it has; any error of
    /// `fill` and of the output.
    pub fn tensor(&mut self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let next = self.left.next().filter(|entry| entry.name == name);
        let entry = next.ok_or_else(|| invalid(format!("it is not the turn of the tensor {name:?}")))?;
        let start = self.out.count;
        fill(&mut self.out)?;
        let written = self.out.count - start;
        if written != entry.bytes {
            return Err(invalid(format!("the tensor {name:?} has {} bytes, {written} were written", entry.bytes)));
        }
        self.pad()
    }

    /// Ends the file and gives the output back.
    ///
    /// # Errors
    /// `InvalidInput` where a tensor is missing; any error of the output.
    pub fn end(mut self) -> io::Result<W> {
        if let Some(missing) = self.left.next() {
            return Err(invalid(format!("the tensor {:?} is missing", missing.name)));
        }
        self.out.flush()?;
        Ok(self.out.out)
    }

    fn pad(&mut self) -> io::Result<()> {
        const ZEROS: [u8; 32] = [0; 32];
        let missing = self.out.count.next_multiple_of(ALIGNMENT) - self.out.count;
        let missing = usize::try_from(missing).unwrap_or(0);
        self.out.write_all(ZEROS.get(..missing).unwrap_or_default())
    }
}

/// An output that knows how far it is.
#[derive(Debug)]
struct Counted<W> {
    out: W,
    count: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.count += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn write_text(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(&(text.len() as u64).to_le_bytes())?;
    out.write_all(text.as_bytes())
}

fn write_value(out: &mut impl Write, value: &GgufValue) -> io::Result<()> {
    let mut plain = |kind: u32, bytes: &[u8]| {
        out.write_all(&kind.to_le_bytes())?;
        out.write_all(bytes)
    };
    match value {
        GgufValue::U8(number) => plain(0, &number.to_le_bytes()),
        GgufValue::I8(number) => plain(1, &number.to_le_bytes()),
        GgufValue::U16(number) => plain(2, &number.to_le_bytes()),
        GgufValue::I16(number) => plain(3, &number.to_le_bytes()),
        GgufValue::U32(number) => plain(4, &number.to_le_bytes()),
        GgufValue::I32(number) => plain(5, &number.to_le_bytes()),
        GgufValue::F32(number) => plain(6, &number.to_le_bytes()),
        GgufValue::Bool(truth) => plain(7, &[u8::from(*truth)]),
        GgufValue::Text(text) => {
            out.write_all(&8u32.to_le_bytes())?;
            write_text(out, text)
        }
        GgufValue::Array(array) => {
            out.write_all(&9u32.to_le_bytes())?;
            write_array(out, array)
        }
        GgufValue::U64(number) => plain(10, &number.to_le_bytes()),
        GgufValue::I64(number) => plain(11, &number.to_le_bytes()),
        GgufValue::F64(number) => plain(12, &number.to_le_bytes()),
    }
}

fn write_array(out: &mut impl Write, array: &GgufArray) -> io::Result<()> {
    fn elements<W: Write, T, const N: usize>(
        out: &mut W,
        kind: u32,
        elements: &[T],
        bytes: impl Fn(&T) -> [u8; N],
    ) -> io::Result<()> {
        out.write_all(&kind.to_le_bytes())?;
        out.write_all(&(elements.len() as u64).to_le_bytes())?;
        elements.iter().try_for_each(|element| out.write_all(&bytes(element)))
    }
    match array {
        GgufArray::U8(numbers) => elements(out, 0, numbers, |number| number.to_le_bytes()),
        GgufArray::I8(numbers) => elements(out, 1, numbers, |number| number.to_le_bytes()),
        GgufArray::U16(numbers) => elements(out, 2, numbers, |number| number.to_le_bytes()),
        GgufArray::I16(numbers) => elements(out, 3, numbers, |number| number.to_le_bytes()),
        GgufArray::U32(numbers) => elements(out, 4, numbers, |number| number.to_le_bytes()),
        GgufArray::I32(numbers) => elements(out, 5, numbers, |number| number.to_le_bytes()),
        GgufArray::F32(numbers) => elements(out, 6, numbers, |number| number.to_le_bytes()),
        GgufArray::Bool(truths) => elements(out, 7, truths, |truth| [u8::from(*truth)]),
        GgufArray::Text(texts) => {
            out.write_all(&8u32.to_le_bytes())?;
            out.write_all(&(texts.len() as u64).to_le_bytes())?;
            texts.iter().try_for_each(|text| write_text(out, text))
        }
        GgufArray::U64(numbers) => elements(out, 10, numbers, |number| number.to_le_bytes()),
        GgufArray::I64(numbers) => elements(out, 11, numbers, |number| number.to_le_bytes()),
        GgufArray::F64(numbers) => elements(out, 12, numbers, |number| number.to_le_bytes()),
    }
}

/// Writes the file `path` whole or not at all: into a neighbour that is renamed in the end.
///
/// # Errors
/// [`ModelError::Write`] where there is a file already and `replace` is false, where `write` fails, or the disk does.
pub(crate) fn write_file(
    path: &Path,
    replace: bool,
    write: impl FnOnce(BufWriter<File>) -> io::Result<BufWriter<File>>,
) -> Result<(), ModelError> {
    let failed = |reason: String| ModelError::Write { path: path.display().to_string(), reason };
    if path.is_dir() {
        return Err(failed("it is a folder".to_owned()));
    }
    if !replace && path.symlink_metadata().is_ok() {
        return Err(failed("there is a file of this name".to_owned()));
    }
    let Some(name) = path.file_name() else { return Err(failed("it names no file".to_owned())) };
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.part", std::process::id()));
    let beside = Part(path.with_file_name(beside));
    let opened = OpenOptions::new().write(true).create_new(true).open(&beside.0);
    let file = opened.map_err(|error| failed(error.to_string()))?;
    let written = write(BufWriter::with_capacity(1 << 18, file)).and_then(|mut out| {
        out.flush()?;
        out.get_ref().sync_all()
    });
    written.map_err(|error| failed(error.to_string()))?;
    let moved = if replace { Ok(false) } else { link(&beside.0, path) };
    let moved = moved.and_then(|linked| if linked { Ok(()) } else { std::fs::rename(&beside.0, path) });
    moved.map_err(|error| failed(error.to_string()))
}

/// Gives a file a second name, if there is no file of that name yet: a rename would replace it. False where the file
/// system has no links.
fn link(from: &Path, to: &Path) -> io::Result<bool> {
    match std::fs::hard_link(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => Ok(false),
    }
}

/// A half-written file; it does not outlive its making.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Rounds to the nearest number of 16 bits, ties to even; beyond their range gives infinity.
#[must_use]
pub(crate) fn half(number: f32) -> u16 {
    let bits = number.to_bits();
    let sign = u16::try_from(bits >> 16 & 0x8000).unwrap_or(0);
    let magnitude = bits & 0x7fff_ffff;
    let rounded = if magnitude > 0x7f80_0000 {
        0x7e00
    } else if magnitude >= 0x4780_0000 {
        0x7c00
    } else if magnitude >= 0x3880_0000 {
        // A normal number: its exponent counts from another zero, 13 bits of its fraction go.
        let shifted = magnitude - 0x3800_0000;
        (shifted + 0x0fff + (shifted >> 13 & 1)) >> 13
    } else {
        // Below: multiples of 2^-24, which this sum leaves in the last bits of its fraction, rounded.
        (f32::from_bits(magnitude) + 0.5).to_bits() - 0.5f32.to_bits()
    };
    sign | u16::try_from(rounded).unwrap_or(0x7c00)
}

#[cfg(test)]
mod tests;
