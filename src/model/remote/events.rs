//! The byte side of a stream: from an HTTP body to event data, bounded in size and silence.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use reqwest::Response;
use sse_stream::SseByteStream;
use thiserror::Error;

use super::server::{chain, silence};

/// The longest line that is taken. A token with 20 alternatives needs some kilobytes.
pub(super) const LINE: usize = 1 << 20;
/// The longest stream that is taken.
pub(super) const WHOLE: usize = 16 << 20;

/// What is wrong with a stream's bytes.
#[derive(Debug, Error)]
pub(super) enum ReadFault {
    #[error("{}", silence(*.0))]
    Silent(Duration),
    #[error("it broke off: {0}")]
    Network(String),
    #[error("a line is longer than {LINE} bytes")]
    Line,
    #[error("it is longer than {0} bytes")]
    Whole(usize),
    #[error("it is no UTF-8")]
    Text,
}

/// The data of each event, in order.
pub(super) type Events = Pin<Box<dyn Stream<Item = Result<String, ReadFault>> + Send>>;

/// Reads events from an answer whose first bytes are there.
pub(super) fn events(first: Bytes, response: Response, idle: Duration) -> Events {
    let rest = stream::unfold(Some(response), move |response| async move {
        let mut response = response?;
        match tokio::time::timeout(idle, response.chunk()).await {
            Ok(Ok(Some(bytes))) => Some((Ok(bytes), Some(response))),
            Ok(Ok(None)) => None,
            Ok(Err(error)) => Some((Err(ReadFault::Network(chain(&error.without_url()))), None)),
            Err(_) => Some((Err(ReadFault::Silent(idle)), None)),
        }
    });
    decode(stream::once(async { Ok(first) }).chain(rest))
}

/// Takes one JSON document for the only event: some servers do not stream.
pub(super) fn document(first: Bytes, response: Response, idle: Duration) -> Events {
    Box::pin(stream::once(async move {
        let whole = read_whole(first, response, idle, WHOLE).await?;
        String::from_utf8(whole).map_err(|_| ReadFault::Text)
    }))
}

/// Reads an answer to its end, `most` bytes at most.
pub(super) async fn read_whole(
    first: Bytes,
    mut response: Response,
    idle: Duration,
    most: usize,
) -> Result<Vec<u8>, ReadFault> {
    let mut whole = first.to_vec();
    loop {
        if whole.len() > most {
            return Err(ReadFault::Whole(most));
        }
        match tokio::time::timeout(idle, response.chunk()).await {
            Ok(Ok(Some(bytes))) => whole.extend_from_slice(&bytes),
            Ok(Ok(None)) => return Ok(whole),
            Ok(Err(error)) => return Err(ReadFault::Network(chain(&error.without_url()))),
            Err(_) => return Err(ReadFault::Silent(idle)),
        }
    }
}

/// Decodes server-sent events, with caps. What stands after the last event is taken as one: some servers close without
/// the blank line that would end it.
pub(super) fn decode(bytes: impl Stream<Item = Result<Bytes, ReadFault>> + Send + 'static) -> Events {
    let (mut line, mut whole) = (0usize, 0usize);
    let capped = bytes.map(move |bytes| {
        let bytes = bytes?;
        whole += bytes.len();
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            line += part.len();
            if line > LINE {
                return Err(ReadFault::Line);
            }
            if part.ends_with(b"\n") {
                line = 0;
            }
        }
        if whole > WHOLE { Err(ReadFault::Whole(WHOLE)) } else { Ok(bytes) }
    });
    let closed = capped.chain(stream::once(async { Ok(Bytes::from_static(b"\n\n")) }));
    let events = SseByteStream::new(Box::pin(closed)).filter_map(|event| async {
        match event {
            Ok(event) => event.data.map(Ok),
            Err(sse_stream::Error::Body(error)) => Some(Err(match error.downcast::<ReadFault>() {
                Ok(fault) => *fault,
                Err(error) => ReadFault::Network(error.to_string()),
            })),
            Err(_) => Some(Err(ReadFault::Text)),
        }
    });
    Box::pin(events)
}
