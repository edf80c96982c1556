//! Takes the proof out of a model's reply.
//!
//! The rule, in this order: only what follows the end of thinking; the last closed block marked `lean4`; the last closed
//! block marked `lean`; a last block marked so that is never closed (the reply was cut); what stands before a lone closing
//! fence, or the whole reply, where it reads as Lean (a model that goes on behind an opened block writes no fence).

use super::ban;
use super::lexer::{TokenKind, lex};

/// The proof in a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken<'reply> {
    /// Its text.
    pub(crate) text: &'reply str,
    /// Line of the reply where it begins, from 0.
    pub(crate) line: u32,
    /// Whether the reply ended before the block did.
    pub(crate) cut: bool,
    /// Whether it states theorems of its own; otherwise it is a block of tactics.
    pub(crate) is_file: bool,
}

/// Words with which a block of tactics begins.
const TACTICS: [&str; 46] = [
    "aesop",
    "apply",
    "assumption",
    "by",
    "by_cases",
    "by_contra",
    "calc",
    "cases",
    "cases'",
    "change",
    "constructor",
    "contradiction",
    "decide",
    "dsimp",
    "exact",
    "exact_mod_cast",
    "exfalso",
    "ext",
    "field_simp",
    "first",
    "funext",
    "have",
    "induction",
    "induction'",
    "interval_cases",
    "intro",
    "intros",
    "let",
    "linarith",
    "nlinarith",
    "norm_num",
    "obtain",
    "omega",
    "positivity",
    "push_cast",
    "push_neg",
    "rcases",
    "refine",
    "rfl",
    "ring",
    "ring_nf",
    "rintro",
    "rw",
    "show",
    "simp",
    "simp_all",
];

/// Takes the proof out of a reply; nothing where there is none.
pub(crate) fn take(reply: &str) -> Option<Taken<'_>> {
    let begin = match reply.rfind("</think>") {
        Some(at) => at + "</think>".len(),
        None if reply.contains("<think>") => return None,
        None => 0,
    };
    let blocks = blocks(reply, begin);
    let last =
        |mark: &str, closed: bool| blocks.iter().rev().find(|block| block.mark == mark && block.closed == closed);
    let block = last("lean4", true).or(last("lean", true)).or(last("lean4", false)).or(last("lean", false));
    match block {
        Some(block) => taken(reply, block.start, block.end, !block.closed),
        None => {
            // A fence without a mark closes what the prompt opened.
            let end = match blocks.first() {
                Some(block) if block.mark.is_empty() => block.fence,
                Some(_) => return None,
                None => reply.len(),
            };
            taken(reply, begin, end, false).filter(|taken| reads_as_lean(taken.text))
        }
    }
}

fn taken(reply: &str, start: usize, end: usize, cut: bool) -> Option<Taken<'_>> {
    let text = reply.get(start..end)?;
    let line = reply.get(..start)?.bytes().filter(|byte| *byte == b'\n').count();
    let is_file = states_something(text);
    Some(Taken { text, line: u32::try_from(line).ok()?, cut, is_file }).filter(|taken| !taken.text.trim().is_empty())
}

/// Tells whether a text declares anything itself. Where it cannot be read it is taken for a file; the ban list refuses it
/// in either room.
fn states_something(text: &str) -> bool {
    let Ok(tokens) = lex(&text.replace("\r\n", "\n")) else { return true };
    let text = text.replace("\r\n", "\n");
    tokens.iter().any(|token| token.kind == TokenKind::Word && is_of_a_file(token.text(&text)))
}

fn is_of_a_file(word: &str) -> bool {
    ban::is_declaration(word) || word == "import"
}

/// Tells whether a text without fences is Lean at all: its first word is a command or a tactic.
fn reads_as_lean(text: &str) -> bool {
    let text = text.trim_start();
    let word = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '\'' | '?')).next().unwrap_or_default();
    TACTICS.contains(&word)
        || ban::is_command(word)
        || ["·", "--", "/-", "@[", "#"].iter().any(|mark| text.starts_with(mark))
}

/// A block between fences.
struct Block<'reply> {
    /// The first word behind the opening fence.
    mark: &'reply str,
    /// Where the opening fence stands.
    fence: usize,
    start: usize,
    end: usize,
    closed: bool,
}

/// Finds the blocks of a reply from this byte on. A fence is three or more backticks or tildes at the beginning of a
/// line; a block ends at a fence without a mark that is at least as long as its own.
fn blocks(reply: &str, begin: usize) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut fence_of_open: Option<&str> = None;
    let mut at = begin;
    for line in reply.get(begin..).unwrap_or_default().split_inclusive('\n') {
        let here = at;
        at += line.len();
        let trimmed = line.trim();
        let fence = trimmed.get(..trimmed.len() - trimmed.trim_start_matches(['`', '~']).len()).unwrap_or_default();
        let is_fence = fence.len() >= 3 && fence.chars().all(|c| fence.starts_with(c));
        if !is_fence {
            continue;
        }
        let mark = trimmed.get(fence.len()..).unwrap_or_default().split_whitespace().next().unwrap_or_default();
        match (fence_of_open, blocks.last_mut()) {
            (Some(open), Some(block)) => {
                if mark.is_empty() && fence.starts_with(open) {
                    block.end = here;
                    block.closed = true;
                    fence_of_open = None;
                }
            }
            _ => {
                blocks.push(Block { mark, fence: here, start: at, end: reply.len(), closed: false });
                fence_of_open = Some(fence);
            }
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::take;

    #[test]
    fn the_right_block_is_taken() {
        // reply -> text, line, cut, is_file
        let check = |reply: &str, expected: Option<(&str, u32, bool, bool)>| {
            let found = take(reply).map(|taken| (taken.text, taken.line, taken.cut, taken.is_file));
            assert_eq!(found, expected, "{reply:?}");
        };
        check("Proof:\n```lean4\nsimp\n```\nDone.", Some(("simp\n", 2, false, false)));
        check("```lean4\nfirst\n```\n```lean4\nsimp\n```", Some(("simp\n", 4, false, false)));
        check("```lean4\nsimp\n```\n```lean\nring\n```", Some(("simp\n", 1, false, false)));
        check("```lean4\nsimp\n```\n```lean4\nring", Some(("simp\n", 1, false, false)));
        check("```lean\nsimp\n```\n```python\nx\n```", Some(("simp\n", 1, false, false)));
        check("```lean4\ntheorem t : True := by\n  simp", Some(("theorem t : True := by\n  simp", 1, true, true)));
        check("```lean4\n-- theorem\nsimp\n```", Some(("-- theorem\nsimp\n", 1, false, false)));
        check("<think>\n```lean4\nsorry\n```\n</think>\n```lean4\nsimp\n```", Some(("simp\n", 6, false, false)));
        check("<think>\n```lean4\nsorry\n```\n", None);
        check("~~~~lean4\nsimp\n~~~\nring\n~~~~", Some(("simp\n~~~\nring\n", 1, false, false)));
        check("  simp\n  ring\n```\nThis works because", Some(("  simp\n  ring\n", 0, false, false)));
        check("  simp\n  ring", Some(("  simp\n  ring", 0, false, false)));
        check("theorem t : True := trivial", Some(("theorem t : True := trivial", 0, false, true)));
        check("```lean4\r\nsimp\r\n```\r\n", Some(("simp\r\n", 1, false, false)));
        check("I could not find a proof.", None);
        check("This theorem is false: it can't hold.", None);
        check("```python\nprint(1)\n```", None);
        check("```lean4\n\n```", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn any_reply_is_survived(reply in "(```|~~~|lean4|\n|</?think>|simp|.){0,30}") {
            if let Some(taken) = take(&reply) {
                prop_assert!(reply.contains(taken.text));
            }
        }
    }
}
