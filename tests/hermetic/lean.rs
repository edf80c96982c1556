//! The Lean client against a scripted server that is late, repeats ids, floods, stops in the middle and dies.

mod faults;
pub(crate) mod lab;
mod mixture;
mod toolchain;
