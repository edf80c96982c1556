//! Turns prompts into tokens and tokens into bytes. Only template text is ever parsed for special tokens.

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::vocab::LlamaVocab;

use crate::model::Segment;
use crate::model::gguf::GgufInfo;
use crate::token::TokenizerHash;

/// A model's tokenizer.
pub(super) struct Vocabulary<'model> {
    vocab: LlamaVocab<'model>,
    hash: TokenizerHash,
    size: i32,
    /// This tokenizer puts a space in front of any text, also where it goes on another one.
    space_prefix: bool,
    longest_piece: usize,
    tags: Vec<LlamaToken>,
}

/// Why a prompt could not be turned into tokens.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TokenizeFault {
    /// It needs at least this many tokens.
    TooLong(usize),
    /// A token run holds this id, which the vocabulary has not.
    ForeignId(i32),
}

/// Neighbouring segments of one sort, joined: a tokenizer sees them as one text.
enum Part {
    Template(String),
    Untrusted(Vec<u8>),
    Ids(Vec<LlamaToken>),
}

const THINK_TAGS: [&[u8]; 2] = [b"<think>", b"</think>"];

impl<'model> Vocabulary<'model> {
    pub(super) fn new(model: &'model LlamaModel, info: &GgufInfo) -> Vocabulary<'model> {
        let vocab = model.vocab();
        let size = vocab.n_tokens();
        let mut vocabulary = Vocabulary {
            vocab,
            hash: info.tokenizer_hash.clone(),
            size,
            space_prefix: info.tokenizer_kind.as_deref() == Some("llama") && info.space_prefix != Some(false),
            longest_piece: 1,
            tags: Vec::new(),
        };
        for token in (0..size).map(LlamaToken) {
            let text = vocabulary.text(token);
            vocabulary.longest_piece = vocabulary.longest_piece.max(text.len());
            if THINK_TAGS.contains(&text.trim_ascii()) {
                vocabulary.tags.push(token);
            }
        }
        vocabulary
    }

    /// Gives the tokens of a prompt, without those that begin a text, or what is wrong with it. `limit` is how many
    /// tokens are of use.
    pub(super) fn tokenize(&self, segments: &[Segment], limit: usize) -> Result<Vec<LlamaToken>, TokenizeFault> {
        let mut tokens = Vec::new();
        for part in self.parts(segments)? {
            match part {
                Part::Template(text) => self.append(&mut tokens, text.as_bytes(), true, limit)?,
                Part::Untrusted(bytes) => {
                    self.append(&mut tokens, String::from_utf8_lossy(&bytes).as_bytes(), false, limit)?;
                }
                Part::Ids(ids) => tokens.extend(ids),
            }
        }
        Ok(tokens)
    }

    /// Puts the token that begins a text in front, where the model wants it and the template has not written it.
    pub(super) fn begin(&self, tokens: &mut Vec<LlamaToken>) {
        let bos = self.vocab.bos();
        if self.vocab.should_add_bos() && self.holds(bos.0) && tokens.first() != Some(&bos) {
            tokens.insert(0, bos);
        }
    }

    /// Appends the tokens of a text that goes on what is in `tokens`.
    pub(super) fn append(
        &self,
        tokens: &mut Vec<LlamaToken>,
        text: &[u8],
        parse_special: bool,
        limit: usize,
    ) -> Result<(), TokenizeFault> {
        // Looked at first: a tokenizer's work and stack grow with the text, and this one cannot fit anyway.
        let least = tokens.len() + text.len() / self.longest_piece;
        if least > limit {
            return Err(TokenizeFault::TooLong(least));
        }
        if self.space_prefix && !tokens.is_empty() {
            // A line break never joins with what follows: with one in front, no space gets in between.
            let lead = self.vocab.tokenize(b"\n", false, false);
            let whole = self.vocab.tokenize(&[b"\n", text].concat(), false, parse_special);
            if let Some(rest) = whole.strip_prefix(lead.as_slice()) {
                tokens.extend_from_slice(rest);
                return Ok(());
            }
        }
        tokens.extend(self.vocab.tokenize(text, false, parse_special));
        Ok(())
    }

    fn parts(&self, segments: &[Segment]) -> Result<Vec<Part>, TokenizeFault> {
        let mut parts: Vec<Part> = Vec::new();
        for segment in segments {
            match (parts.last_mut(), segment) {
                (Some(Part::Template(last)), Segment::Template(text)) => last.push_str(text),
                (_, Segment::Template(text)) => parts.push(Part::Template(text.clone())),
                (last, Segment::Tokens(run)) if run.tokenizer == self.hash => {
                    if let Some(id) = run.ids.iter().find(|id| !self.holds(**id)) {
                        return Err(TokenizeFault::ForeignId(*id));
                    }
                    let ids = run.ids.iter().copied().map(LlamaToken);
                    match last {
                        Some(Part::Ids(last)) => last.extend(ids),
                        _ => parts.push(Part::Ids(ids.collect())),
                    }
                }
                (last, Segment::Untrusted(_) | Segment::Tokens(_)) => {
                    let bytes = match segment {
                        Segment::Tokens(run) => run.bytes.as_slice(),
                        Segment::Untrusted(text) | Segment::Template(text) => text.as_bytes(),
                    };
                    match last {
                        Some(Part::Untrusted(last)) => last.extend_from_slice(bytes),
                        _ => parts.push(Part::Untrusted(bytes.to_vec())),
                    }
                }
            }
        }
        Ok(parts)
    }

    fn holds(&self, id: i32) -> bool {
        (0..self.size).contains(&id)
    }

    /// Gives the bytes that a generated token adds to the output: none for control tokens other than think tags.
    pub(super) fn output(&self, token: LlamaToken) -> Vec<u8> {
        self.vocab.token_to_piece(token, self.is_tag(token), None)
    }

    /// Gives the bytes of a token, special tokens by their names.
    pub(super) fn text(&self, token: LlamaToken) -> Vec<u8> {
        self.vocab.token_to_piece(token, true, None)
    }

    /// Says whether this single token is a think tag.
    pub(super) fn is_tag(&self, token: LlamaToken) -> bool {
        self.tags.contains(&token)
    }

    /// Says whether this token ends the output.
    pub(super) fn is_end(&self, token: LlamaToken) -> bool {
        self.vocab.is_eog(token)
    }

    /// Gives the texts of the tokens that begin and end a text, empty where there are none.
    pub(super) fn bounds(&self) -> (String, String) {
        let name = |token: LlamaToken| {
            let text = if self.holds(token.0) { self.text(token) } else { Vec::new() };
            String::from_utf8_lossy(&text).into_owned()
        };
        (name(self.vocab.bos()), name(self.vocab.eos()))
    }
}
