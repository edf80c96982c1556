//! From what a model wrote to steps: the pieces of the text, told apart by phase, each with its tokens.

use crate::model::Completion;
use crate::step::{Phase, Step, StepEnd, Writer, cut};
use crate::token::{Token, TokenRun, TokenizerHash};

/// What has been written of one proposal: one call, or several where a block went over a blank line.
#[derive(Debug, Clone, Default)]
pub struct Writing {
    /// Exact output: the raw texts of the calls with the blank lines that ended them.
    pub text: String,
    tokens: Vec<Token>,
    tokenizer: Option<TokenizerHash>,
    /// Completion tokens of all calls.
    pub token_count: u64,
    /// Entropy in nats of the first token, where asked for.
    pub first_entropy_nats: Option<f32>,
}

impl Writing {
    /// Adds a completion and the stop text that is part of the output.
    pub fn add(&mut self, completion: &Completion, stop: &str) {
        if self.text.is_empty() {
            self.first_entropy_nats = completion.first.as_ref().map(|first| first.entropy_nats);
        }
        self.text.push_str(&completion.raw);
        self.text.push_str(stop);
        self.tokens.extend_from_slice(&completion.tokens);
        self.tokenizer.clone_from(&completion.tokenizer);
        self.token_count += completion.usage.completion_tokens;
    }

    /// Gives the tokens that stand for exactly this text from a token border on, and how many they are.
    fn run(&self, from: usize, text: &str) -> (Option<TokenRun>, usize) {
        let (mut bytes, mut ids, mut known) = (Vec::new(), Vec::new(), true);
        for token in self.tokens.iter().skip(from) {
            if bytes.len() >= text.len() {
                break;
            }
            bytes.extend_from_slice(&token.bytes);
            known &= token.id.is_some();
            ids.extend(token.id);
        }
        let count = ids.len();
        match &self.tokenizer {
            Some(tokenizer) if known && bytes == text.as_bytes() => {
                (Some(TokenRun { tokenizer: tokenizer.clone(), ids, bytes }), count)
            }
            _ => (None, count),
        }
    }
}

/// Cuts a writing into steps. `begins` is the phase that its first character stands in.
///
/// Think tags end up in texts and separators, so that the steps join to the exact output: an opening tag begins its
/// step's text, a closing tag is part of the separator behind the last thinking step.
#[must_use]
pub fn steps_of(writing: &Writing, begins: Phase, writer: &Writer, end: StepEnd) -> Vec<Step> {
    let opens = writing.text.trim_start().starts_with("<think>");
    let mut pieces: Vec<(Phase, String, String)> = Vec::new();
    let thought = if begins == Phase::Think || opens { writing.text.split_once("</think>") } else { None };
    let (thinking, answer) = match thought {
        Some((thinking, answer)) => (thinking, answer),
        None if begins == Phase::Think || opens => (writing.text.as_str(), ""),
        None => ("", writing.text.as_str()),
    };
    for piece in cut(thinking) {
        pieces.push((Phase::Think, piece.text, piece.separator));
    }
    let mut rest = answer;
    if thought.is_some() {
        let space = answer.len() - answer.trim_start_matches(['\n', '\r', ' ']).len();
        let (behind, answer) = answer.split_at(space);
        if pieces.is_empty() {
            pieces.push((Phase::Think, String::new(), String::new()));
        }
        if let Some((_, text, separator)) = pieces.last_mut() {
            let kept = text.trim_end_matches(['\n', '\r']).len();
            separator.insert_str(0, &text.split_off(kept));
            separator.push_str("</think>");
            separator.push_str(behind);
        }
        rest = answer;
    }
    pieces.extend(cut(rest).into_iter().map(|piece| (Phase::Answer, piece.text, piece.separator)));
    let last = pieces.len().saturating_sub(1);
    let (mut token, mut aligned, mut left) = (0, true, writing.token_count);
    let mut steps = Vec::with_capacity(pieces.len());
    for (index, (phase, text, separator)) in pieces.into_iter().enumerate() {
        let (run, count) = writing.run(token, &format!("{text}{separator}"));
        token += count;
        // Once a token reaches over a border, later borders are no token borders any more.
        aligned &= run.is_some();
        let count = if index == last { left } else { left.min(count as u64) };
        left -= count;
        steps.push(Step {
            phase,
            writer: writer.clone(),
            text,
            separator,
            tokens: run.filter(|_| aligned),
            token_count: u32::try_from(count).unwrap_or(u32::MAX),
            first_entropy_nats: writing.first_entropy_nats.filter(|_| index == 0),
            end: if index == last { end } else { StepEnd::Boundary },
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Usage;
    use crate::model::Finish;
    use crate::trace::Role;
    use proptest::prelude::*;

    fn writer() -> Writer {
        Writer { role: Role::Main, model: "m".to_owned() }
    }

    /// Every character is a token.
    fn writing(text: &str, stop: &str) -> Writing {
        let tokens = text.chars().chain(stop.chars()).zip(0..);
        let mut writing = Writing::default();
        writing.add(
            &Completion {
                reasoning: String::new(),
                text: String::new(),
                raw: text.to_owned(),
                tokens: tokens
                    .map(|(letter, id)| Token {
                        id: Some(id),
                        bytes: letter.to_string().into_bytes(),
                        logprob: None,
                        entropy_nats: None,
                        top: Vec::new(),
                    })
                    .collect(),
                tokenizer: Some(TokenizerHash("letters".into())),
                finish: Finish::End,
                open_reasoning: false,
                first: None,
                usage: Usage { completion_tokens: (text.len() + stop.len()) as u64, ..Usage::default() },
            },
            stop,
        );
        writing
    }

    #[track_caller]
    fn check(text: &str, begins: Phase, expected: &[(Phase, &str, &str)]) {
        let steps = steps_of(&writing(text, ""), begins, &writer(), StepEnd::EndOfText);
        let found: Vec<_> =
            steps.iter().map(|step| (step.phase, step.text.as_str(), step.separator.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn phases_are_told_apart() {
        use Phase::{Answer, Think};
        check("a\n\nb", Answer, &[(Answer, "a", "\n\n"), (Answer, "b", "")]);
        check("<think>\na\n</think>\n\nb", Answer, &[(Think, "<think>\na", "\n</think>\n\n"), (Answer, "b", "")]);
        check("a\n\nb\n</think>c", Think, &[(Think, "a", "\n\n"), (Think, "b", "\n</think>"), (Answer, "c", "")]);
        check("a\n\nb", Think, &[(Think, "a", "\n\n"), (Think, "b", "")]);
        check("</think>\nb", Think, &[(Think, "", "</think>\n"), (Answer, "b", "")]);
        check("a </think> b", Answer, &[(Answer, "a </think> b", "")]);
    }

    #[test]
    fn tokens_go_with_their_steps_as_long_as_borders_agree() {
        let steps = steps_of(&writing("ab\n\ncd", ""), Phase::Answer, &writer(), StepEnd::EndOfText);
        let ids: Vec<_> = steps.iter().map(|step| step.tokens.as_ref().unwrap().ids.clone()).collect();
        assert_eq!(ids, [vec![0, 1, 2, 3], vec![4, 5]]);
        let mut over = writing("ab\n\ncd", "");
        over.tokens[2].bytes = b"\n\nc".to_vec();
        over.tokens.drain(3..5);
        let steps = steps_of(&over, Phase::Answer, &writer(), StepEnd::EndOfText);
        assert!(steps.iter().all(|step| step.tokens.is_none()));
    }

    proptest! {
        #[test]
        fn steps_join_to_the_output(text in "(a|b|\n|\n\n|<think>|</think>|Step 1:| ){0,20}", inside: bool) {
            let begins = if inside { Phase::Think } else { Phase::Answer };
            let steps = steps_of(&writing(&text, "\n\n"), begins, &writer(), StepEnd::Boundary);
            let joined: String = steps.iter().flat_map(|step| [step.text.as_str(), &step.separator]).collect();
            prop_assert_eq!(joined, format!("{}\n\n", text));
            let total: u64 = steps.iter().map(|step| u64::from(step.token_count)).sum();
            prop_assert_eq!(total, (text.len() + 2) as u64);
        }
    }
}
