//! Tests that need weights or a server. Each names the variable that enables it and says loudly when it is skipped;
//! with `STEPPROOF_REQUIRE_REAL=1` a skip is a failure.

mod bench;
mod embed;
mod gguf;
mod hostile;
mod judge;
mod lean;
mod local;
mod main_job;
mod proofs;
mod recheck;
mod server;
mod soak;
mod tiny;
mod verify;
