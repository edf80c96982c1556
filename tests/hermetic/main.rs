//! Tests without network, weights or Lean: scripted models, a mock server, the command in an empty environment.

mod answer;
mod command;
//mod recovery;
mod remote;
mod runs;
mod store;
mod suites;
