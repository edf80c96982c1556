//! The bytes of a compiled file as a heap of Lean objects, each read within bounds.
//!
//! A file is a header and a memory image: objects as Lean lays them out, with pointers that hold for one base address.
//! Forms of the header: 1 (up to about Lean 4.11) and 2. The pointer to the root object is the first word after the
//! header in newer files and the last word of the file in older ones. A module of the module system has up to three
//! files that share one address space; the last one's root sees all.

use super::error::OleanError;

/// Tags of objects that are no constructors.
const ARRAY: u8 = 246;
const STRING: u8 = 249;
const BIG_NUMBER: u8 = 250;
/// The largest tag of a constructor.
const LAST_CONSTRUCTOR: u8 = 244;

const HEADER_1: usize = 56;
const HEADER_2: usize = 88;

/// A value as an object holds it: a pointer, or a small number or argumentless constructor with its lowest bit set.
pub(crate) type Word = u64;

/// Work that reading may still do. Objects can be shared and overlap, so a small file can unfold to any size; what
/// reading costs is paid from here.
#[derive(Debug)]
pub(crate) struct Fuel(u64);

impl Fuel {
    /// Gives plenty for a file of this size, were it honest.
    pub(crate) fn for_bytes(bytes: usize) -> Fuel {
        Fuel((bytes as u64).saturating_mul(2).saturating_add(100_000))
    }

    /// Pays for some work.
    pub(crate) fn spend(&mut self, work: u64) -> Result<(), OleanError> {
        self.0 = self.0.checked_sub(work).ok_or(OleanError::TooMuchWork)?;
        Ok(())
    }
}

#[derive(Debug)]
struct FilePart {
    base: u64,
    bytes: Vec<u8>,
}

/// The files of one module.
#[derive(Debug)]
pub(crate) struct Region {
    files: Vec<FilePart>,
    root: Word,
    version: String,
    big_numbers_by_gmp: bool,
}

fn corrupt(what: &'static str, at: u64) -> OleanError {
    OleanError::Corrupt { what, at }
}

fn word_at(bytes: &[u8], offset: usize) -> Option<u64> {
    let bytes = bytes.get(offset..offset.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

/// Tells whether a value is a small number or an argumentless constructor.
pub(crate) fn is_scalar(word: Word) -> bool {
    word & 1 == 1
}

impl Region {
    /// Takes the files of one module, in the order `.olean`, `.olean.server`, `.olean.private`.
    pub(crate) fn new(files: Vec<Vec<u8>>) -> Result<Region, OleanError> {
        let mut region = Region { files: Vec::new(), root: 1, version: String::new(), big_numbers_by_gmp: true };
        for bytes in files {
            region.add(bytes)?;
        }
        if region.files.is_empty() {
            return Err(OleanError::Header("there is no file".to_owned()));
        }
        Ok(region)
    }

    fn add(&mut self, bytes: Vec<u8>) -> Result<(), OleanError> {
        let header = |what: &str| OleanError::Header(what.to_owned());
        if !bytes.starts_with(b"olean") {
            return Err(header("it does not begin with the mark of one"));
        }
        let cut = || header("it ends within its header");
        let size = match bytes.get(5).ok_or_else(cut)? {
            1 => HEADER_1,
            2 => {
                self.big_numbers_by_gmp = bytes.get(6).ok_or_else(cut)? & 1 == 1;
                let version = bytes.get(7..40).ok_or_else(cut)?;
                let version = version.split(|byte| *byte == 0).next().unwrap_or_default();
                self.version = String::from_utf8_lossy(version).into_owned();
                HEADER_2
            }
            other => return Err(OleanError::Header(format!("its form is {other}, 1 and 2 are known"))),
        };
        let base = word_at(&bytes, size - 8).ok_or_else(cut)?;
        if !base.is_multiple_of(8) || base.checked_add(bytes.len() as u64).is_none() {
            return Err(header("its base address is not one"));
        }
        let first = word_at(&bytes, size).ok_or_else(cut)?;
        let last = word_at(&bytes, bytes.len() / 8 * 8 - 8).ok_or_else(cut)?;
        let objects = base + size as u64..base + bytes.len() as u64;
        let is_pointer = |word: u64| word.is_multiple_of(8) && objects.contains(&word);
        self.root = match (is_pointer(first), is_pointer(last)) {
            (true, _) => first,
            (false, true) => last,
            (false, false) => return Err(header("no root object")),
        };
        self.files.push(FilePart { base, bytes });
        Ok(())
    }

    /// Gives the root object.
    pub(crate) fn root(&self) -> Word {
        self.root
    }

    /// Gives the version of Lean that wrote the file; empty for files of the first form.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Gives the number of bytes of all files.
    pub(crate) fn len(&self) -> usize {
        self.files.iter().map(|file| file.bytes.len()).sum()
    }

    fn bytes(&self, at: u64, length: u64) -> Result<&[u8], OleanError> {
        let found = self.files.iter().find_map(|file| {
            let start = usize::try_from(at.checked_sub(file.base)?).ok()?;
            file.bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
        });
        found.ok_or_else(|| corrupt("a pointer out of the file", at))
    }

    fn byte(&self, at: u64) -> Result<u8, OleanError> {
        let bytes = self.bytes(at, 1)?;
        bytes.first().copied().ok_or_else(|| corrupt("a missing byte", at))
    }

    fn word(&self, at: u64) -> Result<u64, OleanError> {
        word_at(self.bytes(at, 8)?, 0).ok_or_else(|| corrupt("a missing word", at))
    }

    fn offset(at: u64, offset: u64) -> Result<u64, OleanError> {
        at.checked_add(offset).ok_or_else(|| corrupt("a pointer out of the file", at))
    }

    /// Gives the constructor's number of a value of an inductive type, stored as an object or as a scalar.
    pub(crate) fn tag(&self, value: Word) -> Result<u8, OleanError> {
        if is_scalar(value) {
            return u8::try_from(value >> 1).map_err(|_| corrupt("no constructor", value));
        }
        match self.byte(Self::offset(value, 7)?)? {
            tag @ ..=LAST_CONSTRUCTOR => Ok(tag),
            _ => Err(corrupt("no constructor", value)),
        }
    }

    /// Gives the number of object fields of a constructor.
    pub(crate) fn fields(&self, object: Word) -> Result<u8, OleanError> {
        self.tag(object)?;
        if is_scalar(object) { Ok(0) } else { self.byte(Self::offset(object, 6)?) }
    }

    /// Gives an object field of a constructor.
    pub(crate) fn field(&self, object: Word, index: u8) -> Result<Word, OleanError> {
        if index >= self.fields(object)? {
            return Err(corrupt("a missing field", object));
        }
        self.word(Self::offset(object, 8 + 8 * u64::from(index))?)
    }

    /// Gives a byte of a constructor's scalar fields, which follow its object fields.
    pub(crate) fn scalar_byte(&self, object: Word, index: u64) -> Result<u8, OleanError> {
        let fields = u64::from(self.fields(object)?);
        self.byte(Self::offset(object, 8 + 8 * fields + index)?)
    }

    /// Gives the 32-bit number that is a constructor's first scalar field.
    pub(crate) fn scalar_u32(&self, object: Word) -> Result<u32, OleanError> {
        let fields = u64::from(self.fields(object)?);
        let bytes = self.bytes(Self::offset(object, 8 + 8 * fields)?, 4)?;
        let bytes = bytes.try_into().map_err(|_| corrupt("a missing number", object))?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn expect(&self, object: Word, tag: u8, what: &'static str) -> Result<(), OleanError> {
        if is_scalar(object) || self.byte(Self::offset(object, 7)?)? != tag {
            return Err(corrupt(what, object));
        }
        Ok(())
    }

    /// Gives a text.
    pub(crate) fn text(&self, object: Word, fuel: &mut Fuel) -> Result<&str, OleanError> {
        self.expect(object, STRING, "no text")?;
        // The size counts a closing zero byte.
        let size = self.word(Self::offset(object, 8)?)?;
        fuel.spend(size / 8 + 1)?;
        let length = size.checked_sub(1).ok_or_else(|| corrupt("a text without end", object))?;
        let bytes = self.bytes(Self::offset(object, 32)?, length)?;
        std::str::from_utf8(bytes).map_err(|_| corrupt("a text that is not UTF-8", object))
    }

    /// Gives the elements of an array.
    pub(crate) fn array(&self, object: Word, fuel: &mut Fuel) -> Result<Vec<Word>, OleanError> {
        self.expect(object, ARRAY, "no array")?;
        let size = self.word(Self::offset(object, 8)?)?;
        fuel.spend(size)?;
        let length = size.checked_mul(8).ok_or_else(|| corrupt("an endless array", object))?;
        let bytes = self.bytes(Self::offset(object, 24)?, length)?;
        Ok(bytes.chunks_exact(8).filter_map(|chunk| word_at(chunk, 0)).collect())
    }

    /// Gives the elements of a list.
    pub(crate) fn list(&self, mut object: Word, fuel: &mut Fuel) -> Result<Vec<Word>, OleanError> {
        let mut elements = Vec::new();
        while self.tag(object)? == 1 {
            fuel.spend(1)?;
            // Each element takes an object of three words.
            if elements.len() > self.len() / 24 {
                return Err(corrupt("a list inside itself", object));
            }
            elements.push(self.field(object, 0)?);
            object = self.field(object, 1)?;
        }
        Ok(elements)
    }

    /// Gives a natural number that fits into 64 bits.
    pub(crate) fn number(&self, value: Word, fuel: &mut Fuel) -> Result<u64, OleanError> {
        match *self.big_number(value, fuel)? {
            [] => Ok(0),
            [number] => Ok(number),
            _ => Err(corrupt("a number too large for its place", value)),
        }
    }

    /// Gives a natural number as 64-bit digits, the lowest first, without zeros at the end.
    pub(crate) fn big_number(&self, value: Word, fuel: &mut Fuel) -> Result<Box<[u64]>, OleanError> {
        let mut digits = if is_scalar(value) {
            vec![value >> 1]
        } else {
            self.expect(value, BIG_NUMBER, "no number")?;
            if self.big_numbers_by_gmp {
                let size = self.bytes(Self::offset(value, 12)?, 4)?;
                let size = size.try_into().map_err(|_| corrupt("a missing number", value))?;
                // A negative size marks a negative number, and a natural one is none.
                let size = u64::try_from(i32::from_le_bytes(size)).map_err(|_| corrupt("a negative number", value))?;
                fuel.spend(size)?;
                let bytes = self.bytes(Self::offset(value, 24)?, size * 8)?;
                bytes.chunks_exact(8).filter_map(|chunk| word_at(chunk, 0)).collect()
            } else {
                if self.byte(Self::offset(value, 8)?)? != 0 {
                    return Err(corrupt("a negative number", value));
                }
                let size = self.word(Self::offset(value, 16)?)?;
                fuel.spend(size)?;
                let length = size.checked_mul(4).ok_or_else(|| corrupt("an endless number", value))?;
                let bytes = self.bytes(Self::offset(value, 32)?, length)?;
                let digit = |chunk: &[u8]| chunk.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
                bytes.chunks(8).map(digit).collect::<Vec<u64>>()
            }
        };
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Ok(digits.into_boxed_slice())
    }
}
