//! Finds the first content token of a streamed answer: the first one that is no think tag and no space around one.
//!
//! Its distribution tells how sure the model is of its next step. A tag can come in several tokens, so a token that may
//! begin one waits for the next.

const TAGS: [&[u8]; 2] = [b"<think>", b"</think>"];

#[derive(Debug)]
pub(super) struct FirstContent {
    /// White space at the very beginning may stand before a tag.
    may_think: bool,
    after_tag: bool,
    /// Bytes since the beginning or the last tag, and the first token that they come from.
    held: Vec<u8>,
    held_from: Option<usize>,
    found: bool,
}

impl FirstContent {
    /// Starts before the first token; `may_think` where the answer may begin with a think block.
    pub(super) fn new(may_think: bool) -> FirstContent {
        FirstContent { may_think, after_tag: false, held: Vec::new(), held_from: None, found: false }
    }

    /// Takes the next token; gives the first content token's index, once.
    pub(super) fn push(&mut self, index: usize, bytes: &[u8]) -> Option<usize> {
        if self.found {
            return None;
        }
        self.held_from.get_or_insert(index);
        self.held.extend_from_slice(bytes);
        loop {
            let body = if self.may_think || self.after_tag { self.held.trim_ascii_start() } else { &self.held };
            if body.is_empty() && !bytes.is_empty() {
                if self.after_tag {
                    // Line breaks after a tag belong to it, whatever follows.
                    self.held.clear();
                    self.held_from = None;
                }
                return None;
            }
            let Some(tag) =
                TAGS.iter().find(|tag| !body.is_empty() && (body.starts_with(tag) || tag.starts_with(body)))
            else {
                self.found = true;
                return self.held_from;
            };
            let rest = body.strip_prefix(*tag)?;
            self.held = rest.to_vec();
            self.after_tag = true;
            // A token that reaches over the tag's end is the first content token, if content it is.
            self.held_from = (!self.held.is_empty()).then_some(index);
            if self.held.is_empty() {
                return None;
            }
        }
    }

    /// Ends the answer: what was taken for the beginning of a tag was none.
    pub(super) fn finish(&mut self) -> Option<usize> {
        if self.found {
            return None;
        }
        self.found = true;
        self.held_from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(may_think: bool, tokens: &[&str], expected: Option<usize>) {
        let mut first = FirstContent::new(may_think);
        let pushed = tokens.iter().enumerate().find_map(|(index, token)| first.push(index, token.as_bytes()));
        assert_eq!(pushed.or_else(|| first.finish()), expected, "{tokens:?}");
    }

    #[test]
    fn tags_and_the_space_around_them_are_no_content() {
        check(false, &["4"], Some(0));
        check(false, &["\n\n", "4"], Some(0));
        check(true, &["\n\n", "4"], Some(0));
        check(true, &["\n", "<think>", "\n", "So"], Some(3));
        check(false, &["<think>", "\n\n", "</think>", "\n\n", "4"], Some(4));
        check(false, &["<", "think", ">\n", "So"], Some(3));
        check(false, &["<", "think", ">So"], Some(2));
        check(true, &["</think>", "\n", "4"], Some(2));
        check(false, &["<", "b>"], Some(0));
        check(false, &["<"], Some(0));
        check(true, &["<think>", "\n"], None);
        check(false, &[""], Some(0));
        check(true, &[], None);
    }
}
