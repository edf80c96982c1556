//! The second look at an accepted proof: what it was compiled to, read by us.
//!
//! The judge's document is compiled in a confined process of its own, and so is its trusted part alone, which holds no
//! word of the candidate. From the two files, and not from anything that was printed, it must follow that
//! - what the header and the statement declare is the same in both (so the candidate has redefined nothing),
//! - the check is a theorem whose type is the statement's as the trusted file has it,
//! - it rests on permitted axioms alone, those of imports included, and on nothing unsafe,
//! - the candidate declares nothing that imports declare or that the kernel computes by name.
//!
//! # What it does not see
//! The files say what Lean's kernel was *given*. Whether that kernel checked it, they do not say:
//! - a text that switches the kernel's check off (`debug.skipKernelTC`), or adds declarations past the kernel by
//!   metaprogramming, can put a false proof there. Only a second kernel sees that ([`super::audit`]); without one the
//!   ban list is what keeps such texts out;
//! - a program that runs while the text is compiled can write the compiled file itself. Bytes that Lean never wrote are
//!   refused only where they contradict the trusted file. Again the ban list and the second kernel are what helps;
//! - the imports are taken for what the user's project compiled, axioms apart.

mod compare;
mod group;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::audit::Auditor;
use super::judge::USUAL_AXIOMS;
use super::{Audit, JudgedDocument, LeanJudgement, Recheck};
use crate::lean::compile::{CompileEnd, CompileSettings, Compiled, compile};
use crate::lean::olean::{Closure, Library, Module, Name, OleanError, Renaming, export};
use crate::lean::{LeanError, Toolchain};
use crate::sandbox::Sandbox;
use crate::verdict::{Cause, Evidence, Rejection, Verdict};

use compare::{Found, Wanted, compare};

/// Trusted builds that are kept.
const MOST_TRUSTED: usize = 512;
/// Most bytes of an export for a second kernel.
const MOST_EXPORT: usize = 1 << 30;

/// What the second look gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rechecked {
    /// The result.
    pub recheck: Recheck,
    /// The class of a refuted proof.
    pub rejection: Option<Rejection>,
    /// Full names of the axioms that a confirmed proof rests on.
    pub axioms: Vec<String>,
    /// The second kernel's word; not done where the proof is not confirmed, or no kernel was named.
    pub audit: Audit,
    /// From the beginning to the end.
    pub wall: Duration,
}

impl Rechecked {
    fn of(look: Result<Look, String>, wall: Duration) -> Rechecked {
        let (mut rejection, mut axioms, mut audit) = (None, Vec::new(), Audit::NotDone);
        let recheck = match look {
            Ok(Look::Confirmed(found, word)) => {
                (axioms, audit) = (found, word);
                Recheck::Confirmed
            }
            Ok(Look::Refuted(class, reason)) => {
                rejection = Some(class);
                Recheck::Refuted(reason)
            }
            Err(reason) => Recheck::Unavailable(reason),
        };
        Rechecked { recheck, rejection, axioms, audit, wall }
    }

    /// Puts the result into the judgement of an accepted proof. One that is refuted, here or by the second kernel, is
    /// rejected; one that could not be looked at is unknown.
    pub fn apply(&self, judgement: &mut LeanJudgement) {
        judgement.report.recheck = self.recheck.clone();
        judgement.report.audit = self.audit.clone();
        judgement.verdict = match (&self.recheck, &self.audit) {
            (Recheck::Confirmed, Audit::Refuted(reason)) => Verdict::Rejected(Rejection::Tampered(reason.clone())),
            (Recheck::Confirmed, _) => {
                judgement.report.axioms.clone_from(&self.axioms);
                Verdict::Accepted(Evidence::Proved(self.axioms.clone()))
            }
            (Recheck::Refuted(reason), _) => {
                Verdict::Rejected(self.rejection.clone().unwrap_or_else(|| Rejection::Tampered(reason.clone())))
            }
            (Recheck::Unavailable(reason), _) => Verdict::Unknown(Cause::Infrastructure(reason.clone())),
            (Recheck::NotDone | Recheck::Pending, _) => return,
        };
    }
}

/// A trusted text's files, or why there are none.
type Trusted = Result<Arc<Vec<Vec<u8>>>, String>;

/// Looks at accepted proofs again. Imports and trusted statements are read once and kept.
#[derive(Debug)]
pub struct Rechecker {
    toolchain: Toolchain,
    sandbox: Sandbox,
    settings: CompileSettings,
    concurrency: usize,
    auditor: Option<Auditor>,
    permitted_axioms: Vec<String>,
    modules: Arc<Mutex<Library>>,
    trusted: Mutex<HashMap<blake3::Hash, Arc<OnceCell<Trusted>>>>,
}

/// Gives the folders where a toolchain's Lean looks for compiled modules.
#[must_use]
pub fn search_path(toolchain: &Toolchain) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        toolchain.variable("LEAN_PATH").map(|paths| std::env::split_paths(paths).collect()).unwrap_or_default();
    let root = match toolchain.variable("LEAN_SYSROOT") {
        Some(root) => Some(PathBuf::from(root)),
        // The program may be a link into a toolchain.
        None => {
            let program = std::fs::canonicalize(&toolchain.lean).unwrap_or_else(|_| toolchain.lean.clone());
            program.parent().and_then(|bin| bin.parent()).map(PathBuf::from)
        }
    };
    folders.extend(root.map(|root| root.join("lib").join("lean")));
    folders
}

impl Rechecker {
    /// Makes a rechecker that compiles `concurrency` texts at a time, with a second kernel where one is named. Proofs may
    /// rest on Lean's usual axioms.
    #[must_use]
    pub fn new(
        toolchain: Toolchain,
        sandbox: Sandbox,
        settings: CompileSettings,
        concurrency: usize,
        auditor: Option<Auditor>,
    ) -> Rechecker {
        let modules = Arc::new(Mutex::new(Library::new(search_path(&toolchain))));
        let permitted_axioms = USUAL_AXIOMS.map(str::to_owned).to_vec();
        let (concurrency, trusted) = (concurrency.max(1), Mutex::default());
        Rechecker { toolchain, sandbox, settings, concurrency, auditor, permitted_axioms, modules, trusted }
    }

    /// Permits these axioms, by their full names, in place of Lean's usual ones. An auditor has its own list.
    #[must_use]
    pub fn permitting(self, permitted_axioms: Vec<String>) -> Rechecker {
        Rechecker { permitted_axioms, ..self }
    }

    /// Looks at one proof.
    pub async fn recheck(&self, document: &JudgedDocument, cancel: &CancellationToken) -> Rechecked {
        let begin = Instant::now();
        let look = self.look(document, cancel).await;
        Rechecked::of(look, begin.elapsed())
    }

    /// The error is the reason why nothing can be said.
    async fn look(&self, document: &JudgedDocument, cancel: &CancellationToken) -> Result<Look, String> {
        let neutral = Neutral::of(document);
        let (trusted, whole) = tokio::join!(
            self.trusted(&neutral.text, cancel),
            compile(&self.toolchain, &self.sandbox, &document.text, &self.settings, cancel)
        );
        let trusted = trusted?;
        let whole = match compiled(whole, "the document")? {
            Ok(files) => files,
            Err(complaint) => {
                return Ok(Look::Refuted(Rejection::Failed, format!("it does not compile: {complaint}")));
            }
        };
        let names = Names::of(document);
        let mut found = self.read(trusted.to_vec(), neutral.renaming, whole, vec![names]).await?;
        let Some((found, export)) = found.pop() else { return Err("nothing was read".to_owned()) };
        match found {
            Found::Proved(closure) => Ok(self.confirmed(&closure, export, cancel).await),
            Found::Refuted(class, reason) => Ok(Look::Refuted(class, reason)),
            Found::Untrusted(reason) => Err(reason),
        }
    }

    /// Compares two compiled files, for the checks of these names; with each proof's export where a second kernel waits.
    async fn read(
        &self,
        trusted: Vec<Vec<u8>>,
        renaming: Option<Renaming>,
        whole: Vec<Vec<u8>>,
        names: Vec<Names>,
    ) -> Result<Vec<(Found, Option<String>)>, String> {
        let library = Arc::clone(&self.modules);
        let permitted: Vec<Name> = self.permitted_axioms.iter().map(|name| Name::written(name)).collect();
        let wants_export = self.auditor.is_some();
        let read = tokio::task::spawn_blocking(move || {
            let mut library = library.lock().unwrap_or_else(PoisonError::into_inner);
            let trusted = Module::read_renamed(trusted, renaming)?;
            let whole = Module::read(whole)?;
            let mut all = Vec::new();
            for Names { stated, check } in &names {
                let found = compare(&mut library, &trusted, &whole, Wanted { stated, check, permitted: &permitted })?;
                let text = match &found {
                    Found::Proved(_) if wants_export => {
                        let scope = library.scope(whole.imports())?;
                        Some(export(&mut library, &scope, &whole, check, MOST_EXPORT)?)
                    }
                    _ => None,
                };
                all.push((found, text));
            }
            group::part_what_is_shared(&mut library, &trusted, &mut all)?;
            Ok::<_, OleanError>(all)
        });
        read.await.map_err(|error| error.to_string())?.map_err(|error| with_causes(&error))
    }

    async fn confirmed(&self, closure: &Closure, export: Option<String>, cancel: &CancellationToken) -> Look {
        let audit = match (&self.auditor, export) {
            (Some(auditor), Some(text)) => auditor.audit(&text, cancel).await,
            _ => Audit::NotDone,
        };
        Look::Confirmed(closure.axioms.iter().map(ToString::to_string).collect(), audit)
    }

    /// Gives the files of a trusted text, compiled once.
    async fn trusted(&self, text: &str, cancel: &CancellationToken) -> Result<Arc<Vec<Vec<u8>>>, String> {
        let cell = {
            let mut trusted = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
            let key = blake3::hash(text.as_bytes());
            if trusted.len() >= MOST_TRUSTED && !trusted.contains_key(&key) {
                trusted.clear();
            }
            Arc::clone(trusted.entry(key).or_default())
        };
        let built = cell.get_or_try_init(|| async {
            let built = compile(&self.toolchain, &self.sandbox, text, &self.settings, cancel).await;
            // Only what Lean said is kept: a limit or a crash may be gone the next time.
            let built = compiled(built, "the trusted statement")?;
            let refused = |complaint| format!("the trusted statement does not compile: {complaint}");
            Ok::<Trusted, String>(built.map(Arc::new).map_err(refused))
        });
        built.await?.clone()
    }
}

enum Look {
    Confirmed(Vec<String>, Audit),
    Refuted(Rejection, String),
}

/// Gives the files, or Lean's complaint; the outer error says why there is neither.
fn compiled(compiled: Result<Compiled, LeanError>, what: &str) -> Result<Result<Vec<Vec<u8>>, String>, String> {
    let compiled = compiled.map_err(|error| with_causes(&error))?;
    match (&compiled.end, compiled.olean) {
        (CompileEnd::Written, Some(files)) => Ok(Ok(files)),
        (CompileEnd::Written | CompileEnd::Refused, olean) => Ok(Err(Compiled { olean, ..compiled }.complaint())),
        (CompileEnd::Limit(limit), _) => Err(format!("{what} ran into a limit ({})", limit.name())),
        (CompileEnd::Crashed(how), _) => Err(format!("Lean died on {what}: {how}")),
        (CompileEnd::Cancelled, _) => Err("it was cancelled".to_owned()),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = format!("could not {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// What to look for in the compiled files of a document.
struct Names {
    stated: Name,
    check: Name,
}

impl Names {
    fn of(document: &JudgedDocument) -> Names {
        Names { stated: Name::written(&document.stated_name), check: Name::written(&document.check_name) }
    }
}

/// A trusted text without its nonce, so that all documents of one statement share it, and the way back.
struct Neutral {
    text: String,
    renaming: Option<Renaming>,
}

impl Neutral {
    fn of(document: &JudgedDocument) -> Neutral {
        let secret = document.stated_name.rsplit('.').next().unwrap_or_default();
        // As long as the secret one, so that every place in the text stays.
        let neutral: String = "Neutral".chars().chain(std::iter::repeat('0')).take(secret.len()).collect();
        let text = &document.trusted_text;
        if secret.len() < 8 || !secret.is_ascii() || !text.contains(secret) || text.contains(&neutral) {
            return Neutral { text: text.clone(), renaming: None };
        }
        let text = text.replace(secret, &neutral);
        Neutral { text, renaming: Some(Renaming { from: neutral, to: secret.to_owned() }) }
    }
}
