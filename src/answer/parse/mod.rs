//! From tokens to meaning: what a value is made of ([`value`]), and what an answer is made of ([`structure`]).
//!
//! Whatever has two readings is not read at all: `1/2x`, `2\frac{7}{2}`, `\sin x/2`. Everything is bounded by the number of
//! tokens and by [`MAX_DEPTH`].

mod atom;
mod builder;
mod function;
mod item;
mod matrix;
mod progression;
mod region;
mod relation;
mod residue;
mod structure;
mod time;
mod value;

pub(super) use region::as_region;
pub(super) use structure::meaning;
pub(super) use time::time;

/// How deep brackets, fractions and functions may nest.
const MAX_DEPTH: u32 = 40;
