//! Mutated streams: however a stream is cut, the same frames and the same end come of it.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{BytesMut, Encoder, Frame, FrameCodec, decode};

const FRAGMENTS: &[&[u8]] = &[
    b"Content-Length: ",
    b"content-length:",
    b"Content-Length: 5\r\n\r\nabcde",
    b"Content-Length: 0\r\n\r\n",
    b"Content-Length: 200\r\n\r\n",
    b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\n\n",
    b"\r",
    b":",
    b"0",
    b"7",
    b"64",
    b"65",
    b"18446744073709551616",
    b"-1",
    b"+3",
    b" ",
    b"\t",
    b"\0",
    b"\xff\xfe",
    b"{\"jsonrpc\":\"2.0\"}",
    b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

fn stream(contents: &[&[u8]]) -> Vec<u8> {
    let (mut codec, mut stream) = (FrameCodec::new(64), BytesMut::new());
    for content in contents {
        codec.encode(content, &mut stream).unwrap();
    }
    stream.to_vec()
}

#[test]
fn mutated_streams_are_read_the_same_however_they_are_cut() {
    let corpus = [
        Vec::new(),
        stream(&[b"{}"]),
        stream(&[b"{\"id\":1,\"result\":{}}", b"", b"[1,2]", "\u{1d538} ∀".as_bytes()]),
        stream(&[&[b'a'; 64], &[b'b'; 65], &[b'c'; 5000], b"end"]),
        b"content-type: x\r\ncontent-length:3\r\nX: 1\r\n\r\nabcContent-Length: 2\r\n\r\n[]".to_vec(),
    ];
    crate::mutate::fuzz("codec", &corpus, FRAGMENTS, |input, seed| {
        let whole = decode(input, &[usize::MAX]);
        let cuts = cuts(seed, input.len());
        let parts: Vec<usize> = cuts.windows(2).map(|pair| pair[1] - pair[0]).filter(|part| *part > 0).collect();
        let parts = if parts.is_empty() { vec![1] } else { parts };
        assert_eq!(decode(input, &parts), whole);
        // No frame is made of what was not there.
        let held = whole.0.iter().map(|frame| match frame {
            Frame::Whole(content) => content.len(),
            Frame::TooLarge { head, .. } => head.len(),
        });
        assert!(held.sum::<usize>() <= input.len());
    });
}

/// Cuts a length into pieces, some of them of one byte or none.
fn cuts(seed: u64, length: usize) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
    let mut cuts: Vec<usize> = (0..random.random_range(0..12)).map(|_| random.random_range(0..=length)).collect();
    if random.random_range(0..4) == 0 {
        let from = random.random_range(0..=length);
        cuts.extend((from..=length).take(30));
    }
    cuts.push(length);
    cuts.sort_unstable();
    cuts
}
