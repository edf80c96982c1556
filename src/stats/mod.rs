//! Figures over many verdicts: pass@k, maj@k, means and their 95% intervals.
//!
//! Pure functions on counts. Every formula stands at its function, with oracles worked out by hand in the tests.

mod interval;
mod vote;

pub use interval::{Interval, Mean, item_mean, wilson};
pub use vote::{majority, majority_is_right, pass_at_k, pass_sizes};
