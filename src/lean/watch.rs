//! The watchdog: looks at what each worker uses while its check runs, and ends the check of one that uses too much.

use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::LimitHit;
use super::link::lock;
use super::opened::Opened;
use super::pool::Inner;
use super::probe::WorkerMemory;
use super::process::{Process, Use, descendants};
use super::server::Server;

/// How often it looks.
const EVERY: Duration = Duration::from_millis(100);

/// Watches a pool until it is closed.
pub(super) async fn watch(pool: Weak<Inner>, closed: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = closed.cancelled() => return,
        }
        let Some(pool) = pool.upgrade() else { return };
        look(&pool);
    }
}

/// Looks at every worker once.
fn look(pool: &Inner) {
    let mut total = 0;
    let mut largest = None;
    for (opened, server) in pool.live() {
        let used = used_by(&opened, &server);
        opened.memory.store(used.own, Ordering::Relaxed);
        pool.counters.peak_memory.raise_to(used.own);
        total += used.own;
        let cpu = opened.check_cpu(used.cpu);
        if used.own > pool.settings.worker_memory {
            end(&opened, LimitHit::Memory);
        } else if pool.settings.check_cpu.is_some_and(|most| cpu > most) {
            end(&opened, LimitHit::Cpu);
        } else if opened.running_since().is_some() && largest.as_ref().is_none_or(|(own, _)| used.own > *own) {
            largest = Some((used.own, opened));
        }
    }
    if total <= pool.settings.total_memory {
        return;
    }
    // Idle workers go first, the one used the longest ago each time; then the check that takes the most.
    let (oldest, idle_left) = {
        let mut queue = lock(&pool.queue);
        (queue.take_oldest(), queue.has_idle())
    };
    if oldest.is_some() {
        pool.counters.evicted.add();
    } else if !idle_left && let Some((_, opened)) = largest {
        end(&opened, LimitHit::Memory);
    }
}

/// Ends the check of a worker, and the worker itself at once: asked politely it would go on growing.
fn end(opened: &Opened, limit: LimitHit) {
    if opened.running_since().is_some() {
        opened.hit(limit);
        for process in lock(&opened.processes).iter() {
            process.kill();
        }
    }
}

/// Gives what a worker has in memory.
pub(super) fn memory(opened: &Opened, server: &Server) -> Option<WorkerMemory> {
    let used = used_by(opened, server);
    let processes = lock(&opened.processes);
    let proportional = processes.iter().filter_map(|process| process.proportional()).reduce(|sum, part| sum + part);
    Some(WorkerMemory { resident: used.resident, proportional, own: used.own }).filter(|memory| memory.resident > 0)
}

/// Adds up what the processes of a worker use.
fn used_by(opened: &Opened, server: &Server) -> Use {
    let mut processes = lock(&opened.processes);
    let add = |found: &[Process]| {
        let mut sum = Use::default();
        let mut seen = 0;
        for used in found.iter().filter_map(|process| process.used()) {
            sum += used;
            seen += 1;
        }
        (sum, seen)
    };
    let (sum, seen) = add(&processes);
    if seen > 0 && seen == processes.len() {
        return sum;
    }
    // The worker is new, or the server started another one for the document.
    let family = server.process().map(descendants).unwrap_or_default();
    *processes = family.into_iter().filter(|process| process.has_argument(opened.uri())).collect();
    add(&processes).0
}
