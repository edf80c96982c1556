//! Lean under the wrapper script.
