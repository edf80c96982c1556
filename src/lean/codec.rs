//! Frames of the language server protocol: `Content-Length: N`, an empty line, N bytes.
//!
//! Any bytes may come: a frame over the cap is passed over with its two ends kept, a header that makes no sense is an
//! error after which nothing can be read any more.

use bytes::{Buf, Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

/// Longest block of header lines.
const MOST_HEADER_BYTES: usize = 4096;
/// What is kept of each end of a frame over the cap.
const EDGE_BYTES: usize = 4096;
/// A length that no server means.
const MOST_LENGTH: u64 = 1 << 40;

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A frame's content.
    Whole(Bytes),
    /// A frame over the cap.
    TooLarge {
        /// Its length in bytes.
        length: u64,
        /// Its first bytes.
        head: Bytes,
        /// Its last bytes.
        tail: Bytes,
    },
}

/// Why a stream cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Reading failed.
    #[error("read from the server")]
    Io(#[from] std::io::Error),
    /// The header has no length that makes sense.
    #[error("find the length of a frame in {header:?}")]
    NoLength {
        /// The beginning of the header.
        header: String,
    },
    /// The header does not end.
    #[error("find the end of a frame's header within {MOST_HEADER_BYTES} bytes, it begins with {header:?}")]
    LongHeader {
        /// Its beginning.
        header: String,
    },
    /// The stream ends inside a frame.
    #[error("read a frame: the stream ends inside it")]
    Torn,
}

#[derive(Debug)]
enum State {
    Header {
        /// Bytes that are known to hold no end of a header.
        searched: usize,
    },
    Content {
        length: usize,
    },
    Passing {
        length: u64,
        left: u64,
        head: BytesMut,
        tail: BytesMut,
    },
    /// An error was given.
    Broken,
}

/// Cuts a stream into frames and puts frames into a stream.
#[derive(Debug)]
pub struct FrameCodec {
    most_bytes: usize,
    state: State,
}

impl FrameCodec {
    /// Makes a codec that gives frames of up to `most_bytes` whole.
    #[must_use]
    pub fn new(most_bytes: usize) -> FrameCodec {
        FrameCodec { most_bytes, state: State::Header { searched: 0 } }
    }

    fn break_with(&mut self, error: FrameError) -> FrameError {
        self.state = State::Broken;
        error
    }
}

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = FrameError;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        loop {
            match &mut self.state {
                State::Header { searched } => {
                    let from = searched.saturating_sub(3);
                    let window = source.get(from..source.len().min(MOST_HEADER_BYTES)).unwrap_or_default();
                    let Some(at) = window.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
                        *searched = source.len();
                        if source.len() >= MOST_HEADER_BYTES {
                            let header = beginning(source);
                            return Err(self.break_with(FrameError::LongHeader { header }));
                        }
                        return Ok(None);
                    };
                    let header = source.split_to(from + at);
                    source.advance(4);
                    let Some(length) = content_length(&header) else {
                        let header = beginning(&header);
                        return Err(self.break_with(FrameError::NoLength { header }));
                    };
                    self.state = match usize::try_from(length) {
                        Ok(length) if length <= self.most_bytes => State::Content { length },
                        _ => State::Passing { length, left: length, head: BytesMut::new(), tail: BytesMut::new() },
                    };
                }
                State::Content { length } => {
                    if source.len() < *length {
                        // Room for this frame and the beginning of the next one.
                        source.reserve(*length - source.len() + 256);
                        return Ok(None);
                    }
                    let content = source.split_to(*length).freeze();
                    self.state = State::Header { searched: 0 };
                    return Ok(Some(Frame::Whole(content)));
                }
                State::Passing { length, left, head, tail } => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(source.len());
                    let part = source.split_to(here);
                    *left -= here as u64;
                    let missing = EDGE_BYTES.saturating_sub(head.len()).min(part.len());
                    head.extend_from_slice(part.get(..missing).unwrap_or_default());
                    tail.extend_from_slice(part.get(part.len().saturating_sub(EDGE_BYTES)..).unwrap_or_default());
                    let surplus = tail.len().saturating_sub(EDGE_BYTES);
                    tail.advance(surplus);
                    if *left > 0 {
                        return Ok(None);
                    }
                    let (length, head, tail) = (*length, head.split().freeze(), tail.split().freeze());
                    self.state = State::Header { searched: 0 };
                    return Ok(Some(Frame::TooLarge { length, head, tail }));
                }
                State::Broken => {
                    source.clear();
                    return Ok(None);
                }
            }
        }
    }

    fn decode_eof(&mut self, source: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        if let Some(frame) = self.decode(source)? {
            return Ok(Some(frame));
        }
        let whole = match self.state {
            State::Header { .. } => source.is_empty(),
            State::Broken => true,
            State::Content { .. } | State::Passing { .. } => false,
        };
        source.clear();
        if whole { Ok(None) } else { Err(self.break_with(FrameError::Torn)) }
    }
}

impl Encoder<&[u8]> for FrameCodec {
    type Error = FrameError;

    fn encode(&mut self, content: &[u8], target: &mut BytesMut) -> Result<(), FrameError> {
        let header = format!("Content-Length: {}\r\n\r\n", content.len());
        target.reserve(header.len() + content.len());
        target.extend_from_slice(header.as_bytes());
        target.extend_from_slice(content);
        Ok(())
    }
}

/// Finds the one length in a block of header lines.
fn content_length(header: &[u8]) -> Option<u64> {
    let mut length = None;
    for line in std::str::from_utf8(header).ok()?.split("\r\n") {
        let (name, value) = line.split_once(':')?;
        if !name.trim().eq_ignore_ascii_case("content-length") {
            continue;
        }
        let value = value.trim();
        let digits = !value.is_empty() && value.len() <= 13 && value.bytes().all(|byte| byte.is_ascii_digit());
        let value = if digits { value.parse::<u64>().ok()? } else { return None };
        if value > MOST_LENGTH || length.is_some_and(|earlier| earlier != value) {
            return None;
        }
        length = Some(value);
    }
    length
}

fn beginning(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..bytes.len().min(80)).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests;
