//! Parts an output into its thinking part and its answer, while it streams.
//!
//! A thinking part stands at the very beginning of the output, after white space at most: `<think>`, the reasoning,
//! `</think>`. Where the prompt has already opened the tag, the output starts inside; a model that then opens it once
//! more is forgiven. Tags count there only: a `<think>` later in the answer, and a `</think>` that closes nothing, are
//! text. Line breaks around the tags (right after `<think>`, right before and right after `</think>`) belong to the
//! tags and are left out, and so is white space before an opening tag; everything else comes out unchanged.

use crate::step::Phase;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";
const BREAKS: [char; 2] = ['\n', '\r'];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing but white space and the beginning of an opening tag so far.
    Start,
    /// Inside, nothing but line breaks so far (and perhaps a second opening tag).
    Opened,
    Inside,
    /// Closed, nothing but line breaks so far.
    Closed,
    Answer,
}

/// Splits the text of one completion by its think tags. Feed it everything that the model wrote, in order.
///
/// ```
/// use stepproof::model::think::ThinkSplitter;
/// use stepproof::step::Phase;
///
/// let mut splitter = ThinkSplitter::new(false);
/// assert_eq!(splitter.push("<think>\nso 4"), [(Phase::Think, "so 4".to_owned())]);
/// assert_eq!(splitter.push("\n</thi"), []);
/// assert_eq!(splitter.push("nk>\n\n4"), [(Phase::Answer, "4".to_owned())]);
/// assert!(!splitter.finish().open_reasoning);
/// ```
#[derive(Debug, Clone)]
pub struct ThinkSplitter {
    state: State,
    starts_inside: bool,
    held: String,
}

/// What is left when the output has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThinkEnd {
    /// Text that was held back because it might have become a tag.
    pub rest: Vec<(Phase, String)>,
    /// The think block was opened (by the output or by the prompt) and not closed.
    pub open_reasoning: bool,
}

impl ThinkSplitter {
    /// Starts before the first text of a completion; `starts_inside` where the prompt has opened the think block.
    #[must_use]
    pub fn new(starts_inside: bool) -> ThinkSplitter {
        ThinkSplitter {
            state: State::Start,
            starts_inside,
            held: String::new(),
        }
    }

    /// Gives the phase that the end of the text so far belongs to; before anything is decided, the one it starts in.
    #[must_use]
    pub fn phase(&self) -> Phase {
        match self.state {
            State::Start if self.starts_inside => Phase::Think,
            State::Opened | State::Inside => Phase::Think,
            State::Start | State::Closed | State::Answer => Phase::Answer,
        }
    }

    /// Takes the next piece of text; gives what is certain now, in order, never an empty text.
    pub fn push(&mut self, delta: &str) -> Vec<(Phase, String)> {
        self.held.push_str(delta);
        let mut pieces = Vec::new();
        while let Some((phase, length, next)) = self.advance() {
            let rest = self.held.split_off(length);
            emit(&mut pieces, phase, &self.held);
            self.held = rest;
            self.state = next;
        }
        match self.state {
            State::Inside => {
                let certain = self.held.len() - uncertain_end(&self.held);
                let rest = self.held.split_off(certain);
                emit(&mut pieces, Some(Phase::Think), &self.held);
                self.held = rest;
            }
            State::Answer => emit(&mut pieces, Some(Phase::Answer), &std::mem::take(&mut self.held)),
            State::Start | State::Opened | State::Closed => {}
        }
        pieces
    }

    /// Ends the output.
    #[must_use]
    pub fn finish(self) -> ThinkEnd {
        let mut rest = Vec::new();
        let open_reasoning = match self.state {
            State::Start => self.starts_inside,
            State::Opened | State::Inside => true,
            State::Closed | State::Answer => false,
        };
        match self.state {
            // White space alone, or half a tag that never became one.
            State::Start => emit(&mut rest, Some(self.phase()), &self.held),
            State::Opened | State::Closed => {
                emit(&mut rest, Some(self.phase()), self.held.trim_start_matches(BREAKS));
            }
            State::Inside | State::Answer => emit(&mut rest, Some(self.phase()), &self.held),
        }
        ThinkEnd { rest, open_reasoning }
    }

    /// Decides how the held text goes on: how many bytes of it leave, as which phase (`None`: they are dropped), and
    /// the state after them. `None` where more text is needed or the state is the last one.
    fn advance(&self) -> Option<(Option<Phase>, usize, State)> {
        let held = self.held.as_str();
        match self.state {
            State::Start => {
                let body = held.trim_start();
                let white = held.len() - body.len();
                if body.starts_with(OPEN) {
                    Some((None, white + OPEN.len(), State::Opened))
                } else if OPEN.starts_with(body) {
                    None
                } else {
                    Some((
                        None,
                        0,
                        if self.starts_inside {
                            State::Opened
                        } else {
                            State::Answer
                        },
                    ))
                }
            }
            State::Opened => {
                let body = held.trim_start_matches(BREAKS);
                if body.is_empty() {
                    None
                } else {
                    Some((None, held.len() - body.len(), State::Inside))
                }
            }
            State::Inside => {
                let at = held.find(CLOSE)?;
                let kept = held.get(..at)?.trim_end_matches(BREAKS).len();
                if kept > 0 {
                    return Some((Some(Phase::Think), kept, State::Inside));
                }
                Some((None, at + CLOSE.len(), State::Closed))
            }
            State::Closed => {
                let body = held.trim_start_matches(BREAKS);
                if body.is_empty() {
                    None
                } else {
                    Some((None, held.len() - body.len(), State::Answer))
                }
            }
            State::Answer => None,
        }
    }
}

/// Gives how many bytes at the end may belong to a closing tag: line breaks, then the beginning of the tag.
fn uncertain_end(text: &str) -> usize {
    let tag = (1..CLOSE.len())
        .rev()
        .find(|&length| CLOSE.get(..length).is_some_and(|part| text.ends_with(part)));
    let tag = tag.unwrap_or(0);
    let before = text.get(..text.len() - tag).unwrap_or(text);
    tag + before.len() - before.trim_end_matches(BREAKS).len()
}

fn emit(pieces: &mut Vec<(Phase, String)>, phase: Option<Phase>, text: &str) {
    let Some(phase) = phase else { return };
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some((last, joined)) if *last == phase => joined.push_str(text),
        _ => pieces.push((phase, text.to_owned())),
    }
}

#[cfg(test)]
mod tests;
