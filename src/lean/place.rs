//! A place among a pool's workers, held by one caller: makes sure of a worker, repeats what was not the text's fault, and
//! brings a busy worker to rest before anybody else gets it.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::link::lock;
use super::pool::Inner;
use super::slot::{Ran, RunLimits, Slot};
use super::{CheckEnd, Checked, Document, LeanError};

/// How often a check is begun on the shared server; after that it gets a server of its own.
const SHARED_TRIES: u32 = 2;

/// A place among the workers, and the worker. Given back when it is dropped; a worker that may still be busy is cleaned
/// first.
#[derive(Debug)]
pub(super) struct WorkerPlace {
    inner: Arc<Inner>,
    slot: Option<Slot>,
    state: PlaceState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlaceState {
    Held,
    /// It is cleaned, and given back whatever comes of that: also when the runtime ends and drops the cleaning.
    Cleaning,
    Returned,
}

impl WorkerPlace {
    pub(super) fn new(inner: Arc<Inner>, slot: Option<Slot>) -> WorkerPlace {
        WorkerPlace { inner, slot, state: PlaceState::Held }
    }

    /// Checks a text in this place, repeating it where the fault was not its own.
    pub(super) async fn check(
        &mut self,
        document: &Document,
        deadline: Duration,
        cancel: &CancellationToken,
        queued: Duration,
    ) -> Result<Checked, LeanError> {
        let inner = Arc::clone(&self.inner);
        let limits = RunLimits { deadline, most_diagnostics: inner.settings.most_diagnostics, cancel };
        inner.counters.checks.add();
        let mut lost = 0;
        loop {
            let had_served = tokio::select! {
                ready = self.ready(&document.header, lost) => ready?,
                () = cancel.cancelled() => {
                    let (diagnostics, wall) = (Vec::new(), Duration::ZERO);
                    return Ok(Checked { end: CheckEnd::Cancelled, diagnostics, wall, queued });
                }
            };
            let Some(slot) = self.slot.as_mut() else { return Err(LeanError::Closed) };
            let Ran { end, diagnostics, wall } =
                slot.run(format!("{}{}", document.header, document.body), limits).await;
            if inner.is_closed() && end != Some(CheckEnd::Finished) {
                return Err(LeanError::Closed);
            }
            let Some(end) = end else {
                lost += 1;
                if lost <= SHARED_TRIES {
                    inner.counters.repeated.add();
                    continue;
                }
                // Alone on a server of its own that had just loaded the header: nothing else can have ended that.
                inner.counters.crashed.add();
                return Ok(Checked { end: CheckEnd::Crashed, diagnostics, wall, queued });
            };
            inner.count(&end);
            // What an earlier text left behind may have killed the worker: judged is what happens in a fresh one.
            if end == CheckEnd::Crashed && had_served {
                inner.counters.repeated.add();
                if let Some(slot) = self.slot.take() {
                    inner.close_slot(slot).await;
                }
                continue;
            }
            return Ok(Checked { end, diagnostics, wall, queued });
        }
    }

    /// Makes sure of a usable slot; tells whether it has done checks before.
    async fn ready(&mut self, header: &str, lost: u32) -> Result<bool, LeanError> {
        if self.slot.as_ref().is_some_and(|slot| !slot.is_usable() || !slot.fits(header))
            && let Some(slot) = self.slot.take()
        {
            self.inner.close_slot(slot).await;
        }
        let slot = match self.slot.take() {
            Some(mut slot) => {
                slot.header.clear();
                slot.header.push_str(header);
                slot
            }
            None => {
                if lost >= SHARED_TRIES {
                    self.slot = Some(self.alone(header, lost).await?);
                    return Ok(false);
                }
                self.inner.open(self.inner.shared_server().await?, header)
            }
        };
        let had_served = !slot.is_fresh();
        self.slot = Some(slot);
        Ok(had_served)
    }

    /// Loads the header in a worker on a server of its own.
    async fn alone(&self, header: &str, lost: u32) -> Result<Slot, LeanError> {
        let settings = &self.inner.settings;
        let server = Arc::new(self.inner.start_server().await?);
        let mut slot = self.inner.open(Arc::clone(&server), header);
        let never = CancellationToken::new();
        let limits = RunLimits { deadline: settings.start_patience, most_diagnostics: 0, cancel: &never };
        match slot.run(header.to_owned(), limits).await.end {
            // No text of the caller's was there to blame.
            None => Err(LeanError::Lost { times: lost + 1, stderr: server.said() }),
            Some(_) => Ok(slot),
        }
    }

    pub(super) fn slot(&self) -> Option<&Slot> {
        self.slot.as_ref()
    }

    /// Brings the worker to rest: first it is asked to give up its text, then it is closed, then its server is killed.
    pub(super) async fn clean(&mut self) {
        let Some(slot) = self.slot.as_mut() else { return };
        if slot.is_unsettled() {
            if slot.settle(self.inner.settings.cleaning_patience).await {
                self.inner.counters.soft_cancels.add();
            } else if !slot.server().is_lost() {
                self.inner.counters.hard_cancels.add();
            }
        }
        let settings = &self.inner.settings;
        if slot.is_usable() {
            if slot.checks >= settings.checks_before_recycling {
                self.inner.counters.recycled_by_count.add();
                slot.spend();
            } else if slot.opened().last_memory() > settings.worker_memory / 2 {
                self.inner.counters.recycled_by_memory.add();
                slot.spend();
            }
        }
        if !slot.is_usable()
            && let Some(slot) = self.slot.take()
        {
            self.inner.close_slot(slot).await;
        }
    }

    /// Tells whether the worker needs [`WorkerPlace::clean`] before another can have it.
    pub(super) fn needs_cleaning(&self) -> bool {
        let settings = &self.inner.settings;
        self.slot.as_ref().is_some_and(|slot| {
            !slot.is_usable()
                || slot.checks >= settings.checks_before_recycling
                || slot.opened().last_memory() > settings.worker_memory / 2
        })
    }

    fn give_back(&mut self) {
        self.state = PlaceState::Returned;
        let slot = self.slot.take().filter(Slot::is_usable);
        // Dropped outside the lock: that closes them.
        let closing = lock(&self.inner.queue).give_back(slot);
        drop(closing);
    }
}

impl Drop for WorkerPlace {
    fn drop(&mut self) {
        let handle = tokio::runtime::Handle::try_current().ok();
        match (self.state, handle) {
            (PlaceState::Returned, _) => {}
            (PlaceState::Held, Some(handle)) if self.needs_cleaning() && !self.inner.is_closed() => {
                let (inner, slot) = (Arc::clone(&self.inner), self.slot.take());
                self.state = PlaceState::Returned;
                let mut place = WorkerPlace { inner, slot, state: PlaceState::Cleaning };
                handle.spawn(async move { place.clean().await });
            }
            (PlaceState::Held | PlaceState::Cleaning, _) => self.give_back(),
        }
    }
}
