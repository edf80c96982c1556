//! What a pool has done so far.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of a pool since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Texts checked, repeated ones counted once.
    pub checks: u64,
    /// Checks that were repeated because the server was lost, or a worker that had served others died.
    pub repeated: u64,
    /// Workers started, which is how often a header was loaded.
    pub workers_started: u64,
    /// Workers replaced after their number of checks.
    pub recycled_by_count: u64,
    /// Workers replaced because they had grown.
    pub recycled_by_memory: u64,
    /// Idle workers that made room for another header, or for memory.
    pub evicted: u64,
    /// Workers that died by themselves.
    pub crashed: u64,
    /// Workers that were ended at a limit of memory, processor time or output.
    pub limited: u64,
    /// Checks that hit their deadline.
    pub timed_out: u64,
    /// Checks that their callers gave up.
    pub cancelled: u64,
    /// Busy workers that gave up a text when asked to.
    pub soft_cancels: u64,
    /// Busy workers that had to be closed.
    pub hard_cancels: u64,
    /// Servers that were killed because nothing else helped.
    pub kills: u64,
    /// Servers started, the first one included.
    pub servers_started: u64,
    /// Most resident memory of one worker for itself, in bytes, as far as it was seen.
    pub peak_memory: u64,
    /// Workers that live now.
    pub workers: u64,
}

macro_rules! counters {
    ($($name:ident),*) => {
        #[derive(Debug, Default)]
        pub(super) struct Counters { $(pub(super) $name: Counter,)* pub(super) peak_memory: Counter }

        impl Counters {
            pub(super) fn read(&self, workers: u64) -> PoolStats {
                PoolStats { $($name: self.$name.get(),)* peak_memory: self.peak_memory.get(), workers }
            }
        }
    };
}

counters!(
    checks,
    repeated,
    workers_started,
    recycled_by_count,
    recycled_by_memory,
    evicted,
    crashed,
    limited,
    timed_out,
    cancelled,
    soft_cancels,
    hard_cancels,
    kills,
    servers_started
);

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn raise_to(&self, value: u64) {
        self.0.fetch_max(value, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
