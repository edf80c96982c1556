//! What a pool of Lean workers is allowed and told.

use std::time::Duration;

use crate::sandbox::Sandbox;

/// How the server works; none of these changes what Lean accepts.
///
/// Lean holds the first messages of a text back, for 200 ms unless told otherwise, and with them the answer to every
/// check. Without any delay it sends a progress report for nearly every step of the elaborator: 34 frames a short check
/// in place of 10, and 1.3 times the processor time. 3 ms is where a check was quickest (0 to 6 ms measured, Lean 4.35).
/// One check fills one processor of a pool that has a worker for each, so a second thread for it (`Elab.async`) costs
/// more than it brings.
const SERVER_FLAGS: [&str; 2] = ["-Dserver.reportDelayMs=3", "-DElab.async=false"];

/// How a pool works. Everything that can change what Lean accepts is in [`PoolSettings::options`] and is the caller's
/// choice.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    /// Lean's own options with their values, as `-D` takes them.
    pub options: Vec<(String, String)>,
    /// Most workers at a time, at least one.
    pub workers: usize,
    /// Most memory that one worker may use, in bytes: what it has resident for itself, mapped library files left out.
    pub worker_memory: u64,
    /// Most memory that all workers may use together, in bytes, counted likewise.
    pub total_memory: u64,
    /// Most processor time of one check, over all threads of its worker.
    pub check_cpu: Option<Duration>,
    /// Checks after which a worker is replaced.
    pub checks_before_recycling: u32,
    /// Stack of each of Lean's threads, in KiB; 0 leaves it to Lean. A small stack keeps the address space near 3 GB so
    /// that it can be limited, but deep terms then crash the worker.
    pub stack_kilobytes: u32,
    /// Longest frame that is read, in bytes.
    pub most_frame_bytes: usize,
    /// Most bytes that Lean may send about one check.
    pub most_check_bytes: u64,
    /// Most messages of one check.
    pub most_diagnostics: usize,
    /// How long the server may take to come up.
    pub start_patience: Duration,
    /// How long each step of ending a check that hangs is waited for before the next, harder one.
    pub cleaning_patience: Duration,
    /// What confines the workers. The server itself reads no untrusted text but the imports' names.
    pub sandbox: Sandbox,
    /// Most address space of a worker, in bytes. Without a small stack Lean reserves 9 GB and more for its threads, and
    /// a lower limit keeps it from starting.
    pub address_space: Option<u64>,
}

impl PoolSettings {
    /// Gives settings for `workers` workers: no options, 4 GiB a worker, 500 checks a worker, messages of up to 16 MiB
    /// and 5000 in number.
    #[must_use]
    pub fn new(workers: usize, sandbox: Sandbox) -> PoolSettings {
        const GIBIBYTE: u64 = 1 << 30;
        PoolSettings {
            options: Vec::new(),
            workers: workers.max(1),
            worker_memory: 4 * GIBIBYTE,
            total_memory: 4 * GIBIBYTE * workers.max(1) as u64,
            check_cpu: None,
            checks_before_recycling: 500,
            stack_kilobytes: 0,
            most_frame_bytes: 8 << 20,
            most_check_bytes: 16 << 20,
            most_diagnostics: 5000,
            start_patience: Duration::from_secs(60),
            cleaning_patience: Duration::from_secs(2),
            sandbox,
            address_space: None,
        }
    }

    /// Gives the flags of `lean --server`, which hands them on to its workers.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let mut flags = SERVER_FLAGS.map(str::to_owned).to_vec();
        flags.extend(self.options.iter().map(|(name, value)| format!("-D{name}={value}")));
        if self.stack_kilobytes > 0 {
            flags.push(format!("-s{}", self.stack_kilobytes));
        }
        flags
    }
}
