//! stepproof answers problems step by step and has every answer checked.
//!
//! A suite asks problems, a strategy proposes steps with language models, a verifier judges the result, the store keeps
//! everything, a report reads the store.

// words: plain data and pure functions
pub mod answer;
pub mod budget;
pub mod name;
pub mod problem;
pub mod stats;
pub mod step;
pub mod token;
pub mod trace;
pub mod verdict;

// drivers: one foreign system each
pub mod model;
pub mod prompt;
pub mod store;

// roles
pub mod propose;
pub mod verify;

// composition
pub mod search;
pub mod strategy;

// experiments
pub mod report;
pub mod run;
pub mod suite;
