//! A GGUF file taken apart, so that a test can change any part of it and put it together again, also in ways that no
//! writer would. Knows the format on its own account: it shares no code with the library.

/// A value: its key, its kind, and its bytes as they stand in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    pub(crate) key: String,
    pub(crate) kind: u32,
    pub(crate) bytes: Vec<u8>,
}

/// A tensor of the table, with its own bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) dimensions: Vec<u64>,
    pub(crate) kind: u32,
    pub(crate) offset: u64,
    pub(crate) data: Vec<u8>,
}

/// A file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parts {
    pub(crate) values: Vec<Value>,
    pub(crate) tensors: Vec<Tensor>,
}

pub(crate) const TEXT: u32 = 8;
pub(crate) const ARRAY: u32 = 9;

struct Cursor<'bytes>(&'bytes [u8]);

impl Cursor<'_> {
    fn take(&mut self, count: usize) -> Vec<u8> {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken.to_vec()
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take(4).try_into().expect("four bytes"))
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take(8).try_into().expect("eight bytes"))
    }

    fn size(&mut self) -> usize {
        usize::try_from(self.u64()).expect("small")
    }

    fn text(&mut self) -> String {
        let size = self.size();
        String::from_utf8(self.take(size)).expect("UTF-8")
    }
}

fn width(kind: u32) -> usize {
    match kind {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        _ => 8,
    }
}

/// Writes a text as the format does.
pub(crate) fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

/// Writes an array as the format does, out of its elements' bytes.
pub(crate) fn array(kind: u32, elements: &[Vec<u8>]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(elements.len() as u64).to_le_bytes(), &elements.concat()].concat()
}

impl Value {
    /// Gives the elements of an array and their kind.
    pub(crate) fn elements(&self) -> (u32, Vec<Vec<u8>>) {
        let mut cursor = Cursor(&self.bytes);
        let (kind, count) = (cursor.u32(), cursor.size());
        let element = |_| match kind {
            TEXT => text(&cursor.text()),
            _ => cursor.take(width(kind)),
        };
        (kind, (0..count).map(element).collect())
    }
}

/// Gives elements and bytes of one block of a kind.
fn block(kind: u32) -> (u64, u64) {
    match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        24 => (1, 1),
        27 | 28 => (1, 8),
        2 | 20 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        39 => (32, 17),
        40 => (64, 36),
        41 => (128, 18),
        42 => (64, 18),
        15 => (256, 292),
        _ => (256, 144),
    }
}

impl Parts {
    pub(crate) fn of(file: &[u8]) -> Parts {
        let mut cursor = Cursor(file);
        assert_eq!(cursor.take(8), b"GGUF\x03\0\0\0");
        let (tensors, values) = (cursor.size(), cursor.size());
        let value = |_| {
            let (key, kind) = (cursor.text(), cursor.u32());
            let before = cursor.0;
            match kind {
                TEXT => drop(cursor.text()),
                ARRAY => match (cursor.u32(), cursor.size()) {
                    (TEXT, count) => (0..count).for_each(|_| drop(cursor.text())),
                    (kind, count) => drop(cursor.take(count * width(kind))),
                },
                _ => drop(cursor.take(width(kind))),
            }
            let bytes = before[..before.len() - cursor.0.len()].to_vec();
            Value { key, kind, bytes }
        };
        let values = (0..values).map(value).collect();
        let tensor = |_| {
            let name = cursor.text();
            let dimensions = (0..cursor.u32()).map(|_| cursor.u64()).collect();
            Tensor { name, dimensions, kind: cursor.u32(), offset: cursor.u64(), data: Vec::new() }
        };
        let mut tensors: Vec<Tensor> = (0..tensors).map(tensor).collect();
        let start = (file.len() - cursor.0.len()).next_multiple_of(32);
        for tensor in &mut tensors {
            let (elements, bytes) = block(tensor.kind);
            let size = tensor.dimensions.iter().product::<u64>() / elements * bytes;
            let at = start + usize::try_from(tensor.offset).expect("small");
            tensor.data = file[at..at + usize::try_from(size).expect("small")].to_vec();
        }
        Parts { values, tensors }
    }

    /// Gives every tensor the bytes and the place that its shape and kind ask for; false where that is too much.
    pub(crate) fn repair(&mut self) -> bool {
        let mut offset = 0u64;
        for tensor in &mut self.tensors {
            let (elements, bytes) = block(tensor.kind);
            let count = tensor.dimensions.iter().try_fold(1u64, |product, length| product.checked_mul(*length));
            let Some(count) = count.filter(|count| *count < 1 << 24) else { return false };
            let size = count / elements * bytes;
            tensor.data.resize(usize::try_from(size).expect("small"), 0);
            tensor.offset = offset;
            offset = (offset + size).next_multiple_of(32);
        }
        true
    }

    /// Puts the file together: what the table says, and the tensors' bytes one after the other.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut file = self.header();
        for tensor in &self.tensors {
            file.resize(file.len().next_multiple_of(32), 0);
            file.extend(&tensor.data);
        }
        file.resize(file.len().next_multiple_of(32), 0);
        file
    }

    pub(crate) fn header(&self) -> Vec<u8> {
        let mut file = b"GGUF\x03\0\0\0".to_vec();
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend((self.values.len() as u64).to_le_bytes());
        for value in &self.values {
            file.extend([&text(&value.key)[..], &value.kind.to_le_bytes(), &value.bytes].concat());
        }
        for tensor in &self.tensors {
            file.extend(text(&tensor.name));
            file.extend(u32::try_from(tensor.dimensions.len()).expect("few").to_le_bytes());
            tensor.dimensions.iter().for_each(|length| file.extend(length.to_le_bytes()));
            file.extend(tensor.kind.to_le_bytes());
            file.extend(tensor.offset.to_le_bytes());
        }
        file
    }

    pub(crate) fn set(&mut self, key: &str, kind: u32, bytes: Vec<u8>) {
        self.values.retain(|value| value.key != key);
        self.values.push(Value { key: key.to_owned(), kind, bytes });
    }
}
