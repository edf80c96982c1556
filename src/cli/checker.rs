//! Opens Lean as the settings say: toolchain, sandbox, workers, judge.

pub(crate) mod find;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stepproof::lean::compile::CompileSettings;
use stepproof::lean::{Pool, PoolSettings, Toolchain};
use stepproof::sandbox::{Level, Limits, Sandbox, Wanted};
use stepproof::verify::lean::audit::Auditor;
use stepproof::verify::lean::recheck::Rechecker;
use stepproof::verify::lean::{JudgeSettings, LeanJudge, RecheckWhen, USUAL_AXIOMS};

use crate::cli::command::doctor::memory_bytes;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::Stderr;
use crate::cli::settings::{AuditMode, SandboxMode, Settings};

use find::FoundLean;

/// Seconds of one check where the settings do not say.
const DEADLINE: f64 = 60.0;
/// Memory of one worker where the settings do not say, in MB.
const MEMORY: u64 = 4096;
/// Stack of each of Lean's threads in KiB: with its own choice the address space of a worker cannot be limited.
const STACK: u32 = 32768;
/// Address space that a worker takes before it does anything, and what the files of large libraries may add.
const ADDRESS_SPACE: u64 = 4 << 30;
const LIBRARY_SPACE: u64 = 32 << 30;
/// Names of second kernels that are looked for in PATH.
const KERNELS: [&str; 2] = ["nanoda", "nanoda_bin"];
/// Largest file that a compilation may write.
const FILE_BYTES: u64 = 64 << 20;

/// Lean, ready to check texts.
pub(crate) struct Checker {
    pub(crate) pool: Pool,
    pub(crate) sandbox: Sandbox,
    pub(crate) deadline: Duration,
    recheck: RecheckWhen,
    /// The second kernel, where one is wanted.
    audit: Option<PathBuf>,
    rechecker: Arc<Rechecker>,
}

impl Checker {
    /// Gives the judge over this Lean.
    pub(crate) fn judge(&self) -> LeanJudge {
        LeanJudge::new(
            self.pool.clone(),
            JudgeSettings { recheck: self.recheck, ..JudgeSettings::new(self.deadline, self.sandbox.level()) },
        )
    }

    /// Gives what takes second looks.
    pub(crate) fn rechecker(&self) -> Arc<Rechecker> {
        Arc::clone(&self.rechecker)
    }

    /// Gives what decides verdicts: part of a run's hash.
    pub(crate) fn description(&self) -> serde_json::Value {
        let toolchain = self.pool.toolchain();
        json!({
            "lean": toolchain.version.line,
            "project": toolchain.project,
            "flags": self.pool.flags(),
            "deadline_seconds": self.deadline.as_secs_f64(),
            "memory_bytes": self.pool.settings().worker_memory,
            "permitted_axioms": USUAL_AXIOMS,
            "recheck": self.recheck.name(),
            "audit": self.audit,
        })
    }

    /// Gives the second kernel, where one is wanted.
    pub(crate) fn audit(&self) -> Option<&Path> {
        self.audit.as_deref()
    }

    pub(crate) fn workers(&self) -> usize {
        self.pool.settings().workers
    }

    pub(crate) fn lean_version(&self) -> String {
        self.pool.toolchain().version.number.clone()
    }

    pub(crate) fn sandbox(&self) -> String {
        self.sandbox.level().name().to_owned()
    }

    /// Ends Lean's processes.
    pub(crate) async fn close(self) {
        self.pool.close().await;
    }
}

/// Opens Lean.
///
/// # Errors
/// There is no usable Lean, or it cannot be confined.
pub(crate) async fn open(settings: &Settings, stderr: &Stderr) -> Result<Checker, CliError> {
    let recheck = settings.recheck.as_ref().map_or(RecheckWhen::End, |recheck| recheck.value.when());
    let audited = settings.audit.as_ref().is_some_and(|audit| audit.value != AuditMode::Off);
    if audited && recheck == RecheckWhen::Off {
        let error = CliError::new(Exit::BadInput, "have a second kernel judge what is not looked at again");
        return Err(error.hint("--audit goes with --recheck end or each"));
    }
    let (_, toolchain) = toolchain(settings).await?;
    let sandbox = confine(settings, stderr).await?;
    let deadline = settings.lean_deadline.as_ref().map_or(DEADLINE, |deadline| deadline.value.0);
    let deadline = Duration::try_from_secs_f64(deadline).unwrap_or(Duration::MAX);
    let mut pool = pool_settings(settings, deadline, &sandbox);
    pool.address_space = limits(&toolchain, pool.worker_memory).address_space;
    let memory = pool.worker_memory;
    let compile = CompileSettings {
        flags: pool.flags(),
        patience: deadline.saturating_mul(2),
        limits: limits(&toolchain, memory),
        readable: readable(&toolchain),
        ..CompileSettings::new()
    };
    let kernel = match settings.audit.as_ref().map(|audit| &audit.value) {
        None | Some(AuditMode::Off) => None,
        Some(AuditMode::Program(program)) => Some(program.clone()),
        // Where none is found, the auditor says so in each report.
        Some(AuditMode::Found) => {
            Some(KERNELS.iter().find_map(|name| find::in_path(name)).unwrap_or_else(|| KERNELS[0].into()))
        }
    };
    // A sandbox takes whole paths only.
    let audit = kernel.map(|kernel| std::path::absolute(&kernel).unwrap_or(kernel));
    let auditor = match &audit {
        Some(kernel) => {
            let patience = deadline.saturating_mul(2);
            Some(Auditor::open(kernel, &sandbox, patience, limits(&toolchain, memory)).await)
        }
        None => None,
    };
    let workers = pool.workers;
    let rechecker = Arc::new(Rechecker::new(toolchain.clone(), sandbox.clone(), compile, workers, auditor));
    let pool = Pool::start(toolchain, pool).await?;
    Ok(Checker { pool, sandbox, deadline, recheck, audit, rechecker })
}

/// Finds Lean and asks it what it is.
///
/// # Errors
/// There is no usable Lean.
pub(crate) async fn toolchain(settings: &Settings) -> Result<(FoundLean, Toolchain), CliError> {
    let found = find::find(settings).await?;
    let project = settings.lean_project.as_ref().map(|project| project.value.as_path());
    let toolchain = Toolchain::open(&found.path, project, &find::environment(settings)).await?;
    Ok((found, toolchain))
}

/// Finds how workers can be confined here, and says loudly what is missing.
///
/// # Errors
/// They cannot be confined as wanted.
pub(crate) async fn confine(settings: &Settings, stderr: &Stderr) -> Result<Sandbox, CliError> {
    let mode = settings.sandbox.as_ref().map_or(SandboxMode::Auto, |mode| mode.value);
    let allowed = settings.allow_unsandboxed.as_ref().is_some_and(|allowed| allowed.value);
    let wanted = match mode {
        SandboxMode::Auto => Wanted::Best,
        SandboxMode::Strict => Wanted::Exactly(Level::Strict),
        SandboxMode::Native => Wanted::Exactly(Level::Native),
        SandboxMode::None => Wanted::Exactly(Level::None),
    };
    let sandbox = Sandbox::detect(wanted)
        .await
        .map_err(|error| CliError::of(Exit::Missing, &error).hint("--sandbox auto takes the best that works here"))?;
    if sandbox.level() == Level::None && mode == SandboxMode::Auto && !allowed {
        let mut error = CliError::new(Exit::Missing, "confine Lean's workers, and proofs are programs that run");
        for shortfall in sandbox.shortfalls() {
            error = error.because(shortfall);
        }
        return Err(error.hint("--allow-unsandboxed goes on without, where you trust the proofs"));
    }
    if sandbox.level() == Level::None {
        stderr.line("warning: Lean's workers are not confined: a proof may read your files and use the network");
    }
    for shortfall in sandbox.shortfalls() {
        tracing::info!("sandbox: {shortfall}");
    }
    Ok(sandbox.with_hidden(std::env::home_dir()))
}

fn pool_settings(settings: &Settings, deadline: Duration, sandbox: &Sandbox) -> PoolSettings {
    let memory = settings.lean_memory.as_ref().map_or(MEMORY, |memory| memory.value.get());
    let memory = memory.saturating_mul(1 << 20);
    let workers = match &settings.lean_workers {
        Some(workers) => usize::try_from(workers.value.get()).unwrap_or(usize::MAX),
        None => {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let room = memory_bytes().map_or(u64::MAX, |all| all / memory.max(1));
            cores.min(usize::try_from(room).unwrap_or(usize::MAX)).max(1)
        }
    };
    PoolSettings {
        options: options(),
        worker_memory: memory,
        total_memory: memory.saturating_mul(u64::try_from(workers).unwrap_or(u64::MAX)),
        // A check may use several cores.
        check_cpu: Some(deadline.saturating_mul(4)),
        stack_kilobytes: STACK,
        ..PoolSettings::new(workers, sandbox.clone())
    }
}

fn options() -> Vec<(String, String)> {
    [("maxHeartbeats", "200000"), ("autoImplicit", "false")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn limits(toolchain: &Toolchain, memory: u64) -> Limits {
    let libraries =
        if toolchain.project.is_some() || toolchain.variable("LEAN_PATH").is_some() { LIBRARY_SPACE } else { 0 };
    Limits {
        address_space: Some(ADDRESS_SPACE.saturating_add(libraries).saturating_add(memory)),
        cpu_seconds: None,
        file_bytes: Some(FILE_BYTES),
        stack: None,
    }
}

/// Gives the folders that Lean must be able to read wherever they lie.
fn readable(toolchain: &Toolchain) -> Vec<PathBuf> {
    let mut readable: Vec<PathBuf> = toolchain.project.iter().cloned().collect();
    if let Some(path) = toolchain.variable("LEAN_PATH") {
        readable.extend(std::env::split_paths(path).filter(|folder| folder.is_absolute()));
    }
    readable
}
