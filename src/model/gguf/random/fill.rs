//! Fills tensors with numbers, random ones from a stream of its own for each tensor.

use std::io::{self, Write};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::super::write::{TensorKind, half};

/// What a tensor holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fill {
    One,
    /// Even spread around 0 with this standard deviation.
    Spread(f32),
    /// -1/32, -2/32, … in rows of this length: how fast a recurrent layer forgets; slow enough for a short prompt.
    Decay(u64),
}

/// Bytes that are made at once.
const PIECE: usize = 1 << 15;

impl Fill {
    /// Writes `elements` numbers.
    pub(super) fn write(
        self,
        out: &mut dyn Write,
        kind: TensorKind,
        elements: u64,
        (seed, stream): (u64, u64),
    ) -> io::Result<()> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(stream);
        let mut piece = Vec::with_capacity(PIECE + 64);
        let (block_elements, _) = kind.block();
        for block in 0..elements / block_elements {
            match kind {
                TensorKind::F32 => piece.extend(self.number(block, &mut random).to_le_bytes()),
                TensorKind::F16 => piece.extend(half(self.number(block, &mut random)).to_le_bytes()),
                TensorKind::Q4_0 => self.quantized::<16>(&mut piece, QUARTER_SPREAD, &mut random),
                TensorKind::Q8_0 => self.quantized::<32>(&mut piece, BYTE_SPREAD, &mut random),
            }
            if piece.len() >= PIECE {
                out.write_all(&piece)?;
                piece.clear();
            }
        }
        out.write_all(&piece)
    }

    fn number(self, at: u64, random: &mut ChaCha8Rng) -> f32 {
        match self {
            Fill::One => 1.0,
            Fill::Spread(deviation) => {
                // 24 bits, so that every step is exact and the same everywhere.
                let unit = (random.next_u32() >> 8) as f32 / (1u32 << 24) as f32;
                (unit - 0.5) * (deviation * 12f32.sqrt())
            }
            Fill::Decay(row) => -((at % row + 1) as f32) / 32.0,
        }
    }

    /// Appends one block: a scale that gives random bits the wanted spread, and the bits. Only matrices are quantized,
    /// and they are spread.
    fn quantized<const N: usize>(self, piece: &mut Vec<u8>, spread: f32, random: &mut ChaCha8Rng) {
        let deviation = if let Fill::Spread(deviation) = self { deviation } else { 1.0 };
        let mut bits = [0; N];
        random.fill_bytes(&mut bits);
        piece.extend(half(deviation / spread).to_le_bytes());
        piece.extend(bits);
    }
}

/// Standard deviations of even random whole numbers of 4 and of 8 bits.
const QUARTER_SPREAD: f32 = 4.61;
const BYTE_SPREAD: f32 = 73.9;
