//! A scripted stand-in for `lean`, for tests of the client: it speaks the frames of `lean --server` and misbehaves as
//! the checked text asks.
//!
//! A line of the text that holds `-- fake: NAME [ARGUMENT]` asks for one behaviour (see [`script::Behaviour`]); what
//! concerns the whole process (how `--version` answers, death at the start) stands in a file `fake.script` beside the
//! program. It needs nothing but std and serde_json, and judges nothing: a text without such lines is fine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test double that cannot go on panics"
)]

mod document;
mod script;
mod server;
mod wire;

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use script::{Process, Script};

const VERSION: &str =
    "Lean (version 4.35.0, x86_64-unknown-linux-gnu, commit 0000000000000000000000000000000000000000, Release)";

fn main() -> ExitCode {
    let script = Script::beside_program();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if has("--fake-sleep") {
        // A worker that outlives its server: only the end of the process group ends it.
        std::thread::sleep(Duration::from_secs(600));
        return ExitCode::SUCCESS;
    }
    if has("--version") || has("-v") {
        return answer_version(&script);
    }
    if has("--print-prefix") {
        let program = std::env::current_exe().unwrap();
        println!("{}", program.parent().and_then(|bin| bin.parent()).unwrap().display());
        return ExitCode::SUCCESS;
    }
    if has("--server") {
        if script.has(Process::Orphan) {
            let program = std::env::current_exe().unwrap();
            let mut worker = Command::new(program);
            worker.arg("--fake-sleep").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            // It is left behind on purpose.
            drop(worker.spawn());
        }
        return ExitCode::from(server::serve(&script));
    }
    println!("Expected exactly one file name");
    ExitCode::FAILURE
}

fn answer_version(script: &Script) -> ExitCode {
    if script.has(Process::VersionExits) {
        return ExitCode::from(3);
    }
    if script.has(Process::VersionHangs) {
        std::thread::sleep(Duration::from_secs(600));
    }
    if script.has(Process::VersionFloods) {
        // Stops when nobody reads any more.
        let line = "Lean ".repeat(1000);
        while wire::write_raw(line.as_bytes()).is_ok() {}
        return ExitCode::FAILURE;
    }
    if script.has(Process::VersionIsAnother) {
        println!("bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)");
        return ExitCode::SUCCESS;
    }
    println!("{VERSION}");
    ExitCode::SUCCESS
}
