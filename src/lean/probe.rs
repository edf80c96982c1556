//! Measures a Lean: how fast it starts and checks, how much memory a worker takes, whether Mathlib is there.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::{CheckEnd, Checked, Document, LeanError, LeanVersion, Pool, PoolSettings, Toolchain};

/// Warm checks that are timed.
const WARM_CHECKS: usize = 7;

/// What is known of a Lean.
#[derive(Debug, Clone)]
pub struct LeanProbe {
    /// The program.
    pub lean: PathBuf,
    /// Its version.
    pub version: LeanVersion,
    /// Lake, where it stands beside Lean.
    pub lake: Option<PathBuf>,
    /// The project.
    pub project: Option<PathBuf>,
    /// Where modules are looked for, beside Lean's own library.
    pub search_path: Vec<PathBuf>,
    /// The compiled Mathlib, where there is one on that path.
    pub mathlib: Option<PathBuf>,
    /// From the server's start to its greeting.
    pub server_start: Duration,
    /// What came of loading the header: its end, its messages, how long it took.
    pub header: Checked,
    /// The median of some checks of a small text in a warm worker; `None` where the header does not load.
    pub warm_check: Option<Duration>,
    /// Memory of the worker after them, where the system shows it.
    pub memory: Option<WorkerMemory>,
}

/// Memory of one worker, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerMemory {
    /// Resident, mapped files included.
    pub resident: u64,
    /// Resident, its share of what others have mapped too.
    pub proportional: Option<u64>,
    /// Resident, mapped files left out.
    pub own: u64,
}

/// Starts a server and measures it with texts that begin with `header`.
///
/// # Errors
/// Fails when the server does not come up. A header that does not load is told in [`LeanProbe::header`].
pub async fn probe(toolchain: Toolchain, settings: PoolSettings, header: &str) -> Result<LeanProbe, LeanError> {
    let patience = settings.start_patience;
    let never = CancellationToken::new();
    let search_path: Vec<PathBuf> =
        toolchain.variable("LEAN_PATH").map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
    let begun = Instant::now();
    let pool = Pool::start(toolchain.clone(), PoolSettings { workers: 1, ..settings }).await?;
    let server_start = begun.elapsed();
    let loaded = pool.warm(header, 1).await?;
    let (mut warm_check, mut memory) = (None, None);
    if loaded.end == CheckEnd::Finished {
        let mut walls = Vec::new();
        for number in 0..WARM_CHECKS {
            let body = format!("theorem warm_{number} : True := True.intro\n");
            let checked = pool.check(&Document { header: header.to_owned(), body }, patience, &never).await?;
            walls.push(checked.wall);
        }
        walls.sort();
        warm_check = walls.get(WARM_CHECKS / 2).copied();
        memory = pool.worker_memory();
    }
    pool.close().await;
    let own = own_library(&toolchain.lean);
    let mathlib = search_path.iter().chain(&own).map(|path| path.join("Mathlib.olean")).find(|file| file.is_file());
    Ok(LeanProbe {
        mathlib,
        lean: toolchain.lean,
        version: toolchain.version,
        lake: toolchain.lake,
        project: toolchain.project,
        search_path,
        server_start,
        header: loaded,
        warm_check,
        memory,
    })
}

/// Gives the library that stands beside a Lean.
fn own_library(lean: &Path) -> Option<PathBuf> {
    lean.parent().and_then(Path::parent).map(|root| root.join("lib").join("lean"))
}
