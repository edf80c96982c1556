//! The primitive forms of a GGUF header, read from any source; every length is checked against the file's before use.

use std::io::Read;

/// What is wrong with the file; completes "could not load the model file …:".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault(pub(super) String);

impl Fault {
    pub(super) fn new(what: &str) -> Fault {
        Fault(what.to_owned())
    }

    fn cut_short() -> Fault {
        Fault::new("the file is cut short or damaged: it ends within its header")
    }
}

/// A number of any width, or a truth value (0 or 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(i128),
    Real(f64),
}

impl Number {
    /// Gives a whole number that is not negative.
    pub(super) fn whole(self) -> Option<u64> {
        match self {
            Number::Whole(number) => u64::try_from(number).ok(),
            Number::Real(_) => None,
        }
    }
}

/// One value of a header.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(Number),
    Text(String),
    /// A text longer than the caller wanted.
    LongText,
    /// An array, whose elements are still to be read or passed over.
    Array(ArrayHead),
}

/// What stands before the elements of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ArrayHead {
    pub(super) kind: u32,
    pub(super) length: u64,
}

pub(super) const I32: u32 = 5;
pub(super) const F32: u32 = 6;
pub(super) const TEXT: u32 = 8;
const ARRAY: u32 = 9;

/// Gives the width in bytes of a number of this kind.
fn width(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

/// Reads forward through a file of known length.
#[derive(Debug)]
pub(super) struct Reader<R> {
    source: R,
    position: u64,
    length: u64,
    hasher: Option<blake3::Hasher>,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(source: R, length: u64) -> Reader<R> {
        Reader { source, position: 0, length, hasher: None }
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Hashes everything that is read from here on.
    pub(super) fn start_hash(&mut self) {
        self.hasher = Some(blake3::Hasher::new());
    }

    pub(super) fn end_hash(&mut self) -> Option<blake3::Hash> {
        self.hasher.take().map(|hasher| hasher.finalize())
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.source.read_exact(buffer).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Fault::cut_short(),
            _ => Fault(error.to_string()),
        })?;
        self.position += buffer.len() as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(buffer);
        }
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_le_bytes)
    }

    fn skip(&mut self, count: u64) -> Result<(), Fault> {
        if count > self.length.saturating_sub(self.position) {
            return Err(Fault::cut_short());
        }
        let mut buffer = [0; 4096];
        let mut left = count;
        while left > 0 {
            let part = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            self.fill(buffer.get_mut(..part).unwrap_or_default())?;
            left -= part as u64;
        }
        Ok(())
    }

    /// Reads a text of at most `limit` bytes; gives `None` and passes it over where it is longer.
    pub(super) fn text(&mut self, limit: usize) -> Result<Option<String>, Fault> {
        let bytes = self.text_bytes(limit)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    pub(super) fn text_bytes(&mut self, limit: usize) -> Result<Option<Vec<u8>>, Fault> {
        let length = self.u64()?;
        if length > self.length.saturating_sub(self.position) {
            return Err(Fault::cut_short());
        }
        match usize::try_from(length) {
            Ok(short) if short <= limit => {
                let mut bytes = vec![0; short];
                self.fill(&mut bytes)?;
                Ok(Some(bytes))
            }
            _ => self.skip(length).map(|()| None),
        }
    }

    pub(super) fn key(&mut self) -> Result<String, Fault> {
        // The format allows keys of up to 65,535 bytes; those in use are below 64.
        self.text(256)?.ok_or_else(|| Fault::new("its header is damaged: a key is longer than 256 bytes"))
    }

    pub(super) fn value(&mut self, limit: usize) -> Result<Value, Fault> {
        match self.u32()? {
            TEXT => Ok(self.text(limit)?.map_or(Value::LongText, Value::Text)),
            ARRAY => Ok(Value::Array(ArrayHead { kind: self.u32()?, length: self.u64()? })),
            kind => self.number(kind).map(Value::Number),
        }
    }

    pub(super) fn number(&mut self, kind: u32) -> Result<Number, Fault> {
        let whole = |number: i128| Ok(Number::Whole(number));
        match kind {
            0 | 7 => whole(self.array().map(u8::from_le_bytes)?.into()),
            1 => whole(self.array().map(i8::from_le_bytes)?.into()),
            2 => whole(self.array().map(u16::from_le_bytes)?.into()),
            3 => whole(self.array().map(i16::from_le_bytes)?.into()),
            4 => whole(self.u32()?.into()),
            5 => whole(self.array().map(i32::from_le_bytes)?.into()),
            10 => whole(self.u64()?.into()),
            11 => whole(self.array().map(i64::from_le_bytes)?.into()),
            6 => self.array().map(|bytes| Number::Real(f32::from_le_bytes(bytes).into())),
            12 => self.array().map(|bytes| Number::Real(f64::from_le_bytes(bytes))),
            _ => Err(Fault(format!("its header is damaged: {kind} is no kind of value"))),
        }
    }

    /// Passes over the elements of an array.
    pub(super) fn skip_array(&mut self, head: ArrayHead) -> Result<(), Fault> {
        let ArrayHead { kind, length } = head;
        if kind == TEXT {
            for _ in 0..length {
                let text = self.u64()?;
                self.skip(text)?;
            }
            return Ok(());
        }
        let width = width(kind).ok_or_else(|| Fault(format!("its header is damaged: an array of kind {kind}")))?;
        self.skip(length.checked_mul(width).ok_or_else(Fault::cut_short)?)
    }
}
