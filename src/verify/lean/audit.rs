//! The word of a second, independent kernel on an accepted proof (`--audit`).
//!
//! Lean's own kernel has checked the proof in the process that also ran the candidate, and options or metaprograms can
//! keep it from doing so. Here the theorem is exported from the compiled file with all that it rests on, down to the
//! axioms, and a program that the user names checks the whole of it (nanoda's command line: one argument, the path of a
//! JSON file of settings). It runs confined, and its exit status alone counts.
//!
//! Before it is trusted with a verdict it must accept a small true theorem and refuse two false ones.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Audit;
use super::judge::USUAL_AXIOMS;
use crate::lean::LeanError;
use crate::lean::compile::{Ran, RunEnd, run};
use crate::sandbox::{Confined, Limits, PrivateFolder, Sandbox};

const EXPORT: &str = "export.ndjson";
const SETTINGS: &str = "config.json";
/// Most bytes that the program may print.
const MOST_OUTPUT: u64 = 4 << 20;
/// Stack of the program in bytes. Nanoda checks on its main thread, and runs out of the usual 8 MiB where Lean, with its
/// 32 MiB, does not.
const STACK: u64 = 512 << 20;
/// The exit status of a program that cannot judge what it was given (nanoda and others: "declined").
const DECLINED: i32 = 2;
/// How long each probe may take.
const PROBE_PATIENCE: Duration = Duration::from_secs(30);

/// Names 1 to 3 (`p`, `h`, `probe`), the level parameterless sort `Prop`, and the terms of `∀ (p : Prop), p → p`.
const PROBE: &str = r#"{"meta":{"exporter":{"name":"stepproof","version":"0"},"format":{"version":"3.1.0"},"lean":{"githash":"","version":"4.35.0"}}}
{"in":1,"str":{"pre":0,"str":"probe"}}
{"in":2,"str":{"pre":0,"str":"cheat"}}
{"ie":0,"sort":0}
{"bvar":0,"ie":1}
{"bvar":1,"ie":2}
{"forallE":{"binderInfo":"default","body":2,"name":0,"type":1},"ie":3}
{"forallE":{"binderInfo":"default","body":3,"name":0,"type":0},"ie":4}
"#;
/// The proof `fun p h => h`.
const TRUE_PROOF: &str = r#"{"ie":5,"lam":{"binderInfo":"default","body":1,"name":0,"type":1}}
{"ie":6,"lam":{"binderInfo":"default","body":5,"name":0,"type":0}}
{"thm":{"all":[1],"levelParams":[],"name":1,"type":4,"value":6}}
"#;
/// `fun p => p` for a proof of the same.
const FALSE_PROOF: &str = r#"{"ie":5,"lam":{"binderInfo":"default","body":1,"name":0,"type":0}}
{"thm":{"all":[1],"levelParams":[],"name":1,"type":4,"value":5}}
"#;
/// A proof by an axiom that is not permitted.
const CHEATED_PROOF: &str = r#"{"axiom":{"isUnsafe":false,"levelParams":[],"name":2,"type":4}}
{"const":{"name":2,"us":[]},"ie":5}
{"thm":{"all":[1],"levelParams":[],"name":1,"type":4,"value":5}}
"#;

/// A second kernel.
#[derive(Debug, Clone)]
pub struct Auditor {
    program: PathBuf,
    sandbox: Sandbox,
    patience: Duration,
    limits: Limits,
    permitted_axioms: Vec<String>,
    /// Its name and version, or why it cannot be used.
    name: Result<String, String>,
}

impl Auditor {
    /// Tries a program as a second kernel. One that is not there or not fit makes an auditor that says so in place of
    /// each verdict.
    pub async fn open(program: &Path, sandbox: &Sandbox, patience: Duration, limits: Limits) -> Auditor {
        let mut auditor = Auditor {
            program: program.to_owned(),
            sandbox: sandbox.clone(),
            patience,
            limits,
            permitted_axioms: USUAL_AXIOMS.map(str::to_owned).to_vec(),
            name: Err("it was not tried".to_owned()),
        };
        auditor.name = auditor.probe().await;
        auditor
    }

    /// Permits these axioms, by their full names, in place of Lean's usual ones.
    #[must_use]
    pub fn permitting(self, permitted_axioms: Vec<String>) -> Auditor {
        Auditor { permitted_axioms, ..self }
    }

    /// Gives the program's name and version, or why it cannot be used.
    ///
    /// # Errors
    /// The reason, as a sentence's end.
    pub fn name(&self) -> Result<&str, &str> {
        self.name.as_deref().map_err(String::as_str)
    }

    async fn probe(&self) -> Result<String, String> {
        let cancel = CancellationToken::new();
        let cases =
            [("a true", TRUE_PROOF, true), ("a false", FALSE_PROOF, false), ("an unproved", CHEATED_PROOF, false)];
        for (what, proof, expected) in cases {
            let text = format!("{PROBE}{proof}");
            let ran = self.run(&text, PROBE_PATIENCE, &cancel).await.map_err(|error| format!("could not {error}"))?;
            match ran.end {
                RunEnd::Exit(status) if status.success() == expected => {}
                RunEnd::Exit(status) => {
                    let verdict = if status.success() { "accepts" } else { "refuses" };
                    return Err(format!("{} {verdict} {what} theorem ({status})", self.program.display()));
                }
                _ => return Err(format!("{} gives no answer to {what} theorem", self.program.display())),
            }
        }
        Ok(self.version(&cancel).await)
    }

    /// Asks the program for its name and version; where it says nothing of the kind, its file's name has to do.
    async fn version(&self, cancel: &CancellationToken) -> String {
        let stem = self.program.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let confined = self.confined(vec!["--help".into()], None);
        let Ok(ran) = run(&self.sandbox, &confined, PROBE_PATIENCE, MOST_OUTPUT, cancel).await else { return stem };
        let first = ran.output.lines().next().unwrap_or_default();
        let mut words = first.split_whitespace();
        match (words.next(), words.next()) {
            (Some(name), Some(version)) if version.starts_with(|c: char| c.is_ascii_digit()) && first.len() < 100 => {
                format!("{name} {version}")
            }
            _ => stem,
        }
    }

    fn confined(&self, arguments: Vec<std::ffi::OsString>, folder: Option<&Path>) -> Confined {
        Confined {
            program: self.program.clone(),
            arguments,
            environment: Vec::new(),
            working_folder: folder.map(Path::to_owned),
            readable: vec![self.program.clone()],
            writable: folder.map(Path::to_owned).into_iter().collect(),
            limits: Limits { stack: Some(STACK), ..self.limits },
        }
    }

    async fn run(&self, export: &str, patience: Duration, cancel: &CancellationToken) -> Result<Ran, LeanError> {
        let folder = PrivateFolder::new().map_err(LeanError::Sandbox)?;
        let settings = json!({
            "export_file_path": EXPORT,
            "use_stdin": false,
            "permitted_axioms": self.permitted_axioms,
            "unpermitted_axiom_hard_error": true,
            "unsafe_permit_all_axioms": false,
            "nat_extension": true,
            "string_extension": true,
            "num_threads": 1,
            "print_success_message": true,
        });
        for (name, text) in [(EXPORT, export), (SETTINGS, settings.to_string().as_str())] {
            let path = folder.path().join(name);
            tokio::fs::write(&path, text).await.map_err(|source| LeanError::File { path, source })?;
        }
        let confined = self.confined(vec![SETTINGS.into()], Some(folder.path()));
        run(&self.sandbox, &confined, patience, MOST_OUTPUT, cancel).await
    }

    /// Has an exported theorem checked.
    pub async fn audit(&self, export: &str, cancel: &CancellationToken) -> Audit {
        let name = match &self.name {
            Ok(name) => name,
            Err(reason) => return Audit::Unavailable(reason.clone()),
        };
        match self.run(export, self.patience, cancel).await {
            Err(error) => Audit::Unavailable(format!("could not {error}")),
            Ok(Ran { end: RunEnd::Exit(status), .. }) if status.success() => Audit::Confirmed(name.clone()),
            // Killed from outside, for memory or for its stack, or declined: that says nothing of the proof.
            Ok(Ran { end: RunEnd::Exit(status), output })
                if status.code().is_none_or(|code| code > 128 || code == DECLINED) =>
            {
                Audit::Unavailable(format!("{name} ended with {status}: {}", said(&output)))
            }
            Ok(Ran { end: RunEnd::Exit(status), output }) => {
                Audit::Refuted(format!("{name} ended with {status}: {}", said(&output)))
            }
            Ok(Ran { end: RunEnd::Limit(limit), .. }) => {
                Audit::Unavailable(format!("{name} ran into a limit ({})", limit.name()))
            }
            Ok(Ran { end: RunEnd::Cancelled, .. }) => Audit::Unavailable("it was cancelled".to_owned()),
        }
    }
}

/// Gives the first thing that the program said. A panic's first line tells only where.
fn said(output: &str) -> String {
    let mut lines = output.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("no message");
    let more = lines.next().filter(|_| first.ends_with(':'));
    [first, more.unwrap_or_default()].join(" ").trim().chars().take(300).collect()
}
