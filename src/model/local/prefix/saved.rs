//! The second tier: pieces of sequences that were evicted from the memory, kept outside it within a budget of bytes.
//!
//! Bringing back 500 tokens of a model of 135 million weights costs 0.6 ms, decoding them again 1 s.

use super::tree::{TokenId, common};

/// No single piece takes more than this share of the budget.
const LARGEST_SHARE: usize = 4;
/// All are looked at for each request.
const MOST_PIECES: usize = 4096;

/// What one sequence had beyond others, outside the memory.
#[derive(Debug)]
pub(super) struct Piece<S> {
    /// All tokens of the sequence.
    pub(super) tokens: Vec<TokenId>,
    /// The position of the piece's first token; what lies before is not in it.
    pub(super) start: usize,
    pub(super) state: S,
    pub(super) bytes: usize,
}

/// Pieces outside the memory, the longest unused first.
#[derive(Debug)]
pub(super) struct Saved<S> {
    pieces: Vec<Piece<S>>,
    bytes: usize,
    budget: usize,
}

impl<S> Saved<S> {
    pub(super) fn new(budget: usize) -> Saved<S> {
        Saved { pieces: Vec::new(), bytes: 0, budget }
    }

    pub(super) fn budget(&self) -> usize {
        self.budget
    }

    /// Keeps a piece instead of all that it holds whole; others go, the longest unused first, where there is no room.
    pub(super) fn put(&mut self, piece: Piece<S>) {
        if piece.bytes > self.budget / LARGEST_SHARE {
            return;
        }
        self.pieces.retain(|known| !(piece.start <= known.start && piece.tokens.starts_with(&known.tokens)));
        self.bytes = piece.bytes + self.pieces.iter().map(|piece| piece.bytes).sum::<usize>();
        self.pieces.push(piece);
        while self.bytes > self.budget || self.pieces.len() > MOST_PIECES {
            self.bytes -= self.pieces.remove(0).bytes;
        }
    }

    /// Takes out the piece that goes on the first `here` tokens furthest, by `least` tokens or more.
    pub(super) fn take_best(&mut self, tokens: &[TokenId], here: usize, least: usize) -> Option<Piece<S>> {
        let known = self.pieces.iter().enumerate().filter(|(_, piece)| piece.start <= here);
        let lengths = known.map(|(index, piece)| (common(&piece.tokens, tokens), index));
        let (_, index) = lengths.max().filter(|(length, _)| *length >= here + least)?;
        let piece = self.pieces.remove(index);
        self.bytes -= piece.bytes;
        Some(piece)
    }
}
