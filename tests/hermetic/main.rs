//! Tests without network, weights or Lean: scripted models, a mock server, the command in an empty environment.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on panics")]

mod answer;
mod bad_input;
mod bench;
mod command;
mod lab;
mod lean;
mod main_job;
mod olean;
mod proofs;
mod queries;
mod recheck;
mod recovery;
mod remote;
mod runs;
mod sandbox;
mod store;
mod suites;
mod thinking;
mod verify;
