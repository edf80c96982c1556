//! Judges a stated answer against the gold answer.
