use proptest::prelude::*;

use super::*;

mod fuzz;

const MOST: usize = 64;

/// Feeds the stream in parts of the given sizes, then ends it.
fn decode(stream: &[u8], parts: &[usize]) -> (Vec<Frame>, Option<String>) {
    let mut codec = FrameCodec::new(MOST);
    let (mut buffer, mut frames, mut at) = (BytesMut::new(), Vec::new(), 0);
    let mut sizes = parts.iter().copied().cycle();
    while at < stream.len() {
        let size = sizes.next().unwrap_or(usize::MAX).clamp(1, stream.len() - at);
        buffer.extend_from_slice(&stream[at..at + size]);
        at += size;
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Some(error.to_string())),
            }
        }
        assert!(buffer.len() <= MOST.max(MOST_HEADER_BYTES) + size, "bounded");
    }
    loop {
        match codec.decode_eof(&mut buffer) {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return (frames, None),
            Err(error) => return (frames, Some(error.to_string())),
        }
    }
}

fn whole(content: &str) -> Frame {
    Frame::Whole(Bytes::copy_from_slice(content.as_bytes()))
}

#[test]
fn headers_are_read_as_the_protocol_says() {
    let good = [
        "Content-Length: 2\r\n\r\n{}",
        "content-length:2\r\n\r\n{}",
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Length: 00002\r\n\r\n{}",
    ];
    for stream in good {
        assert_eq!(decode(stream.as_bytes(), &[7]), (vec![whole("{}")], None), "{stream:?}");
    }
    let bad = [
        "\r\n\r\n{}",
        "Length: 2\r\n\r\n{}",
        "Content-Length: -2\r\n\r\n{}",
        "Content-Length: +2\r\n\r\n{}",
        "Content-Length: 2x\r\n\r\n{}",
        "Content-Length:\r\n\r\n{}",
        "Content-Length: 99999999999999999999999\r\n\r\n{}",
        "Content-Length: 9999999999999\r\n\r\n{}",
        "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "panic: something\r\n\r\n{}",
    ];
    for stream in bad {
        let (frames, error) = decode(stream.as_bytes(), &[5]);
        assert!(
            frames.is_empty() && error.as_ref().is_some_and(|error| error.contains("length")),
            "{stream:?} {error:?}"
        );
    }
}

#[test]
fn a_stream_that_ends_inside_a_frame_is_torn() {
    for stream in ["Content-Length: 5\r\n\r\n{}", "Content-Len", "Content-Length: 500\r\n\r\n{}"] {
        let (frames, error) = decode(stream.as_bytes(), &[3]);
        assert_eq!(
            (frames.len(), error.as_deref()),
            (0, Some("read a frame: the stream ends inside it")),
            "{stream:?}"
        );
    }
    assert_eq!(decode(b"", &[1]), (Vec::new(), None));
}

#[test]
fn a_header_without_an_end_is_given_up() {
    let (frames, error) = decode(&vec![b'x'; 10_000], &[100]);
    assert!(frames.is_empty() && error.as_ref().is_some_and(|error| error.contains("4096 bytes")), "{error:?}");
}

#[test]
fn a_frame_over_the_cap_is_passed_over() {
    let long: String = (0..20_000).map(|n| char::from(b'a' + u8::try_from(n % 26).unwrap())).collect();
    let stream = format!("Content-Length: {}\r\n\r\n{long}Content-Length: 2\r\n\r\n[]", long.len());
    let (head, tail) = (&long[..EDGE_BYTES], &long[long.len() - EDGE_BYTES..]);
    for parts in [1, 1000, 5000, 1 << 20] {
        let (frames, error) = decode(stream.as_bytes(), &[parts]);
        let expected = Frame::TooLarge {
            length: long.len() as u64,
            head: Bytes::copy_from_slice(head.as_bytes()),
            tail: Bytes::copy_from_slice(tail.as_bytes()),
        };
        assert_eq!((frames, error), (vec![expected, whole("[]")], None), "in parts of {parts}");
    }
}

proptest! {
    #[test]
    fn frames_come_back_however_the_stream_is_cut(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..=MOST), 0..6),
        parts in prop::collection::vec(1_usize..40, 1..8),
    ) {
        let mut stream = BytesMut::new();
        let mut codec = FrameCodec::new(MOST);
        for content in &contents {
            codec.encode(content.as_slice(), &mut stream).unwrap();
        }
        let (frames, error) = decode(&stream, &parts);
        let expected: Vec<Frame> = contents.into_iter().map(|content| Frame::Whole(content.into())).collect();
        prop_assert_eq!((frames, error), (expected, None));
    }

    #[test]
    fn no_bytes_are_too_odd(
        stream in prop::collection::vec(prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte]),
            Just(b"Content-Length: ".to_vec()), Just(b"\r\n".to_vec()), Just(b"7".to_vec()), Just(b":".to_vec()),
        ], 0..80),
        parts in prop::collection::vec(1_usize..40, 1..8),
    ) {
        decode(&stream.concat(), &parts);
    }
}
