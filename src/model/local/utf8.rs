//! Joins tokens, which are bytes, to text: a character may lie across several tokens.

/// Holds back the beginning of a character until its end arrives.
#[derive(Debug, Default)]
pub(super) struct Utf8Carry {
    held: Vec<u8>,
}

impl Utf8Carry {
    /// Takes the next bytes and gives the whole characters; bytes that can be none become U+FFFD.
    pub(super) fn push(&mut self, bytes: &[u8]) -> String {
        self.held.extend_from_slice(bytes);
        let mut text = String::with_capacity(self.held.len());
        let mut keep = 0;
        let mut chunks = self.held.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            // Without an error length the last bytes are a beginning, not a fault.
            let unfinished = std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if chunks.peek().is_none() && unfinished {
                keep = invalid.len();
            } else if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.held.drain(..self.held.len() - keep);
        text
    }

    /// Ends the text: a beginning that was held back becomes U+FFFD.
    pub(super) fn finish(self) -> &'static str {
        if self.held.is_empty() { "" } else { "\u{fffd}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn join(parts: &[&[u8]]) -> String {
        let mut carry = Utf8Carry::default();
        let text: String = parts.iter().map(|part| carry.push(part)).collect();
        text + carry.finish()
    }

    #[test]
    fn characters_lie_across_tokens() {
        let mut carry = Utf8Carry::default();
        let given: Vec<String> = "a\u{1F600}b".as_bytes().chunks(2).map(|bytes| carry.push(bytes)).collect();
        assert_eq!(given, ["a", "", "\u{1F600}b"]);
        assert_eq!(join(&[b"a\xf0\x9f", b"\x98"]), "a\u{fffd}");
        assert_eq!(join(&[b"a\xff", b"b\xf0", b"c"]), "a\u{fffd}b\u{fffd}c");
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(bytes in prop::collection::vec(any::<u8>(), 0..40), size in 1usize..6) {
            let parts: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(join(&parts), String::from_utf8_lossy(&bytes));
        }
    }
}
