//! The stepproof command.

fn main() {}
