//! Where a text is cut into steps: at a blank line, or before a line that opens a numbered step.
//!
//! No cut falls inside a fenced block, a `$$…$$` or `\[…\]` display or a `\begin…\end` environment. A block that stays
//! open for [`MAX_BLOCK_LINES`] lines is taken for a slip of the pen and forgotten, or one stray `$$` would swallow the
//! rest of the output. Think tags are the model driver's business and never reach this module.

/// After so many lines an unclosed block no longer holds a step together.
const MAX_BLOCK_LINES: usize = 200;

/// One piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The step's text.
    pub text: String,
    /// What parts it from the next step; empty for the last piece of a text.
    pub separator: String,
}

/// Cuts a whole text; texts and separators of the pieces join to it exactly.
#[must_use]
pub fn cut(text: &str) -> Vec<Cut> {
    let mut pieces = Vec::new();
    let mut cutter = StepCutter::default();
    let mut rest = text;
    while let Some((mut piece, used)) = cutter.push_and_measure(rest) {
        // Further blank lines belong to the separator, not to the next step.
        let tail = rest.get(used..).unwrap_or_default();
        let blank = tail.len() - tail.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let blank = tail.get(..blank).and_then(|space| space.rfind('\n')).map_or(0, |newline| newline + 1);
        piece.separator.push_str(tail.get(..blank).unwrap_or_default());
        rest = tail.get(blank..).unwrap_or_default();
        pieces.push(piece);
        cutter = StepCutter::default();
    }
    if let (true, Some(last)) = (rest.trim().is_empty(), pieces.last_mut()) {
        last.separator.push_str(rest);
    } else if !rest.is_empty() {
        pieces.push(Cut { text: rest.to_owned(), separator: String::new() });
    }
    pieces
}

/// Finds the end of one step in a text that arrives in pieces; each line is looked at once.
#[derive(Debug, Clone, Default)]
pub struct StepCutter {
    text: String,
    /// Start of the line that is not judged yet.
    line: usize,
    blocks: Blocks,
}

impl StepCutter {
    /// Adds a piece of text and gives the step as soon as its boundary is complete. What follows the separator is
    /// dropped: the next step is written anew from there.
    pub fn push(&mut self, delta: &str) -> Option<Cut> {
        self.push_and_measure(delta).map(|(piece, _)| piece)
    }

    /// Gives the text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether the text so far ends inside a block that forbids a cut.
    #[must_use]
    pub fn inside_block(&self) -> bool {
        let mut blocks = self.blocks;
        blocks.read(self.text.get(self.line..).unwrap_or_default());
        blocks.open()
    }

    /// As [`StepCutter::push`], with the number of bytes of `delta` that the piece and its separator took.
    fn push_and_measure(&mut self, delta: &str) -> Option<(Cut, usize)> {
        let before = self.text.len();
        self.text.push_str(delta);
        loop {
            let rest = self.text.get(self.line..).unwrap_or_default();
            let (line, complete) = match rest.find('\n') {
                Some(end) => (&rest[..end], true),
                None => (rest, false),
            };
            let has_content = !self.text.get(..self.line).unwrap_or_default().trim().is_empty();
            if has_content && !self.blocks.open() {
                let separator_end = if complete && line.trim().is_empty() {
                    Some(self.line + line.len() + 1)
                } else if opens_numbered_step(line) {
                    Some(self.line)
                } else {
                    None
                };
                if let Some(end) = separator_end {
                    let head = self.text.get(..self.line).unwrap_or_default();
                    let text = head.trim_end_matches(['\n', '\r']);
                    let piece = Cut {
                        text: text.to_owned(),
                        separator: self.text.get(text.len()..end).unwrap_or_default().to_owned(),
                    };
                    return Some((piece, end.saturating_sub(before)));
                }
            }
            if !complete {
                return None;
            }
            self.blocks.read(line);
            self.line += line.len() + 1;
        }
    }
}

/// Tells whether a line opens a numbered step: `Step 3:`, `## Step 3`, with or without emphasis.
fn opens_numbered_step(line: &str) -> bool {
    let headless = line.trim_start_matches('#');
    let is_heading = headless.len() < line.len() && headless.starts_with(' ');
    let bare = headless.trim_start().trim_start_matches('*');
    let Some(number) = bare.strip_prefix("Step ") else {
        return false;
    };
    let digits = number.len() - number.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
    let after = number.get(digits..).unwrap_or_default();
    // A heading is whole only when something follows its number, or `## Step 1` would be cut out of `## Step 12`.
    digits > 0 && if is_heading { !after.is_empty() } else { after.trim_start_matches('*').starts_with(':') }
}

/// Which blocks are open at the start of a line.
#[derive(Debug, Clone, Copy, Default)]
struct Blocks {
    /// The fence's character and its length.
    fence: Option<(char, usize)>,
    dollars: bool,
    bracket: bool,
    environments: usize,
    lines: usize,
}

impl Blocks {
    fn open(&self) -> bool {
        (self.fence.is_some() || self.dollars || self.bracket || self.environments > 0) && self.lines <= MAX_BLOCK_LINES
    }

    fn read(&mut self, line: &str) {
        if self.lines > MAX_BLOCK_LINES {
            *self = Blocks::default();
        }
        let trimmed = line.trim_start();
        let mark = trimmed.chars().next().filter(|mark| matches!(mark, '`' | '~'));
        let length = mark.map_or(0, |mark| trimmed.chars().take_while(|next| *next == mark).count());
        match (self.fence, mark) {
            (None, Some(mark)) if length >= 3 => self.fence = Some((mark, length)),
            (Some((open, least)), Some(mark)) if open == mark && length >= least => self.fence = None,
            (Some(_), _) => {}
            (None, _) => {
                if line.matches("$$").count() % 2 == 1 {
                    self.dollars = !self.dollars;
                }
                for (at, _) in line.match_indices('\\') {
                    let command = line.get(at + 1..).unwrap_or_default();
                    // `\\[2pt]` is a line break with a distance, no display.
                    let escaped = line.get(..at).is_some_and(|before| before.ends_with('\\'));
                    if command.starts_with("begin{") {
                        self.environments += 1;
                    } else if command.starts_with("end{") {
                        self.environments = self.environments.saturating_sub(1);
                    } else if command.starts_with('[') && !escaped {
                        self.bracket = true;
                    } else if command.starts_with(']') && !escaped {
                        self.bracket = false;
                    }
                }
            }
        }
        let any = self.fence.is_some() || self.dollars || self.bracket || self.environments > 0;
        self.lines = if any { self.lines + 1 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let pieces = cut(text);
        let found: Vec<(&str, &str)> =
            pieces.iter().map(|piece| (piece.text.as_str(), piece.separator.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn boundaries() {
        check("", &[]);
        check("one", &[("one", "")]);
        check("one\n\ntwo", &[("one", "\n\n"), ("two", "")]);
        check("one\n \n\n  two\n\n", &[("one", "\n \n\n"), ("  two", "\n\n")]);
        check("one\n\n \t", &[("one", "\n\n \t")]);
        check("one\r\n\r\ntwo", &[("one", "\r\n\r\n"), ("two", "")]);
        check("\n\none\n\ntwo", &[("\n\none", "\n\n"), ("two", "")]);
        check("one\ntwo", &[("one\ntwo", "")]);
        check("Step 1: a\nStep 2: b", &[("Step 1: a", "\n"), ("Step 2: b", "")]);
        check("so\n## Step 12 b\nc", &[("so", "\n"), ("## Step 12 b\nc", "")]);
        check("so\n**Step 2:** b", &[("so", "\n"), ("**Step 2:** b", "")]);
        check("see\nStep 2 of it", &[("see\nStep 2 of it", "")]);
        check("a\n\nStep 2: b", &[("a", "\n\n"), ("Step 2: b", "")]);
    }

    #[test]
    fn blocks_hold_together() {
        check("```\na\n\nb\n```\n\nc", &[("```\na\n\nb\n```", "\n\n"), ("c", "")]);
        check("~~~~\na\n~~~\n\nb\n~~~~\n\nc", &[("~~~~\na\n~~~\n\nb\n~~~~", "\n\n"), ("c", "")]);
        check("$$\na\n\nb\n$$\n\nc", &[("$$\na\n\nb\n$$", "\n\n"), ("c", "")]);
        check("$$a$$\n\nc", &[("$$a$$", "\n\n"), ("c", "")]);
        check("\\[\na\n\nb\n\\]\n\nc", &[("\\[\na\n\nb\n\\]", "\n\n"), ("c", "")]);
        check("a \\\\[2pt]\n\nb", &[("a \\\\[2pt]", "\n\n"), ("b", "")]);
        check("\\begin{align}a\n\nb\\end{align}\n\nc", &[("\\begin{align}a\n\nb\\end{align}", "\n\n"), ("c", "")]);
        let stray = format!("$$\n{}\n\nend", "x\n".repeat(300));
        assert_eq!(cut(&stray).len(), 2, "a stray $$ does not swallow everything");
    }

    proptest! {
        #[test]
        fn pieces_join_to_the_text(text in "[a\n$`~#\\\\\\[\\] S\\{\\}]{0,80}|(one|\n|\n\n|Step 1: |```|\\$\\$|## Step 2|\r\n| ){0,30}") {
            let joined: String = cut(&text).into_iter().flat_map(|piece| [piece.text, piece.separator]).collect();
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn pieces_in_any_portions_give_the_same_first_step(
            text in "(one|two|\n|\n\n|Step 1: |```\n|\\$\\$|## Step 2|\r\n| |é){0,30}",
            portion in 1usize..7,
        ) {
            let mut cutter = StepCutter::default();
            let characters: Vec<char> = text.chars().collect();
            let streamed = characters.chunks(portion).find_map(|piece| cutter.push(&piece.iter().collect::<String>()));
            let whole = StepCutter::default().push(&text);
            prop_assert_eq!(streamed.map(|piece| piece.text), whole.map(|piece| piece.text));
        }

        #[test]
        fn a_piece_is_never_only_space_when_another_follows(text in "(one|\n|\n\n| |\t){0,30}") {
            let pieces = cut(&text);
            if pieces.len() > 1 {
                prop_assert!(pieces.iter().all(|piece| !piece.text.trim().is_empty()));
            }
        }
    }
}
