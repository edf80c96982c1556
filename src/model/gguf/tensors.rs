//! The table of tensors: names, shapes, kinds, and where their bytes lie.

use std::collections::HashSet;
use std::io::Read;

use super::reader::{Fault, Reader};

/// A tensor as the table names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TensorInfo {
    pub(super) name: String,
    /// Its lengths, that of a row first; 1 to 4 of them, none of them 0.
    pub(super) dimensions: Vec<u64>,
    pub(super) kind: u32,
    pub(super) elements: u64,
}

/// The format's limit.
const LONGEST_NAME: usize = 63;

/// Reads the table, and checks that every tensor lies in the file, whole and on its own.
pub(super) fn read_tensors<R: Read>(
    reader: &mut Reader<R>,
    count: u64,
    alignment: u64,
) -> Result<Vec<TensorInfo>, Fault> {
    let mut tensors = Vec::new();
    let mut spans = Vec::new();
    for index in 0..count {
        let (tensor, start, bytes) = read_tensor(reader, index)?;
        let damaged = || Fault(format!("its table of tensors is damaged at tensor {index}"));
        if start % alignment != 0 {
            return Err(Fault(format!("its tensor {:?} is not aligned: it begins at {start}", tensor.name)));
        }
        spans.push((start, start.checked_add(bytes).ok_or_else(damaged)?));
        tensors.push(tensor);
    }
    let data_start = reader.position().checked_next_multiple_of(alignment);
    let data_end = spans.iter().map(|span| span.1).max().unwrap_or(0);
    let needed = data_start.and_then(|start| start.checked_add(data_end));
    let needed = needed.ok_or_else(|| Fault::new("its table of tensors is damaged"))?;
    if needed > reader.length() {
        let length = reader.length();
        return Err(Fault(format!("the file is cut short: it has {length} bytes, its tensors need {needed}")));
    }
    spans.sort_unstable();
    if spans.iter().zip(spans.iter().skip(1)).any(|(one, next)| one.1 > next.0) {
        return Err(Fault::new("two of its tensors overlap"));
    }
    let mut names = HashSet::new();
    if let Some(twice) = tensors.iter().find(|tensor| !names.insert(&tensor.name)) {
        return Err(Fault(format!("two of its tensors are named {:?}", twice.name)));
    }
    Ok(tensors)
}

/// Reads one tensor; gives where it begins and how many bytes it has, too.
fn read_tensor<R: Read>(reader: &mut Reader<R>, index: u64) -> Result<(TensorInfo, u64, u64), Fault> {
    let damaged = || Fault(format!("its table of tensors is damaged at tensor {index}"));
    let name = reader.text(LONGEST_NAME)?.filter(|name| !name.is_empty()).ok_or_else(damaged)?;
    let count = reader.u32()?;
    if count == 0 || count > 4 {
        return Err(damaged());
    }
    let mut dimensions = Vec::new();
    let mut elements = 1u64;
    for _ in 0..count {
        let length = reader.u64()?;
        elements = elements.checked_mul(length).filter(|product| *product > 0).ok_or_else(damaged)?;
        dimensions.push(length);
    }
    let kind = reader.u32()?;
    let start = reader.u64()?;
    let (block_elements, block_bytes) =
        block(kind).ok_or_else(|| Fault(format!("its tensor {name:?} is of the unknown kind {kind}")))?;
    if dimensions.first().is_none_or(|row| row % block_elements != 0) {
        return Err(damaged());
    }
    let bytes = (elements / block_elements).checked_mul(block_bytes).ok_or_else(damaged)?;
    Ok((TensorInfo { name, dimensions, kind, elements }, start, bytes))
}

/// Gives elements and bytes of one block of a tensor kind.
pub(super) fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
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
        10 => (256, 84),
        11 | 21 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        16 | 35 => (256, 66),
        17 => (256, 74),
        18 => (256, 98),
        19 => (256, 50),
        22 => (256, 82),
        23 => (256, 136),
        29 => (256, 56),
        34 => (256, 54),
        39 => (32, 17),
        40 => (64, 36),
        41 => (128, 18),
        42 => (64, 18),
        _ => return None,
    })
}
