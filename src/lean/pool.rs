//! A pool of warm Lean workers on one server: checks go to the worker that has their header loaded, a worker that hangs
//! is cleaned behind the caller's back, and a server that is lost is started again.

use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::lease::Lease;
use super::link::lock;
use super::opened::Opened;
use super::place::WorkerPlace;
use super::probe::WorkerMemory;
use super::queue::{Asked, Grant, Queue};
use super::server::Server;
use super::slot::Slot;
use super::stats::Counters;
use super::watch::{memory, watch};
use super::worker::WorkerScript;
use super::{CheckEnd, Checked, Document, LeanError, LimitHit, PoolSettings, PoolStats, Toolchain};

/// A pool of Lean workers. Clones share it; with the last of them every process ends.
#[derive(Debug, Clone)]
pub struct Pool {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    toolchain: Toolchain,
    pub(super) settings: PoolSettings,
    pub(super) counters: Counters,
    pub(super) queue: Mutex<Queue>,
    /// Every document that is open, with the server it is open at.
    live: Mutex<Vec<(Weak<Opened>, Weak<Server>)>>,
    /// The server that checks share; the lock is held while one is started.
    server: tokio::sync::Mutex<Option<Arc<Server>>>,
    closed: CancellationToken,
    /// What the server starts for each worker: confines itself and becomes Lean. Removed when everything has ended.
    worker: WorkerScript,
}

impl Pool {
    /// Starts the server; workers start with the first checks.
    ///
    /// # Errors
    /// Fails when the server does not come up.
    pub async fn start(toolchain: Toolchain, settings: PoolSettings) -> Result<Pool, LeanError> {
        let settings = PoolSettings { workers: settings.workers.max(1), ..settings };
        let worker = WorkerScript::write(&toolchain, &settings)?;
        let inner = Arc::new(Inner {
            worker,
            queue: Mutex::new(Queue::new(settings.workers)),
            toolchain,
            settings,
            counters: Counters::default(),
            live: Mutex::default(),
            server: tokio::sync::Mutex::default(),
            closed: CancellationToken::new(),
        });
        inner.shared_server().await?;
        tokio::spawn(watch(Arc::downgrade(&inner), inner.closed.clone()));
        Ok(Pool { inner })
    }

    /// Checks a text. `deadline` counts from the moment the text is sent; waiting for a worker does not count. A crash,
    /// a limit or the caller's cancelling is an end of the check like any other; the answer does not wait until the
    /// worker has calmed down. When the server is lost meanwhile, the check is repeated.
    ///
    /// # Errors
    /// Fails when no server can be started, or the pool is closed.
    pub async fn check(
        &self,
        document: &Document,
        deadline: Duration,
        cancel: &CancellationToken,
    ) -> Result<Checked, LeanError> {
        let asked = Instant::now();
        let Some(mut place) = self.inner.place(&document.header, cancel).await? else {
            return Ok(cancelled(asked.elapsed()));
        };
        let queued = asked.elapsed();
        place.check(document, deadline, cancel, queued).await
    }

    /// Loads a header in up to `workers` workers, as many as are free, and gives how the slowest of them went.
    ///
    /// # Errors
    /// As [`Pool::check`].
    pub async fn warm(&self, header: &str, workers: usize) -> Result<Checked, LeanError> {
        let document = Document { header: header.to_owned(), body: String::new() };
        let never = CancellationToken::new();
        let patience = self.inner.settings.start_patience;
        let mut loading = tokio::task::JoinSet::new();
        let (loaded, mut grants) = {
            let mut queue = lock(&self.inner.queue);
            let loaded = queue.idle_with(header);
            let missing = workers.saturating_sub(loaded);
            (loaded, std::iter::from_fn(|| queue.ask_for_new()).take(missing).collect::<Vec<_>>())
        };
        if loaded == 0 && grants.is_empty() {
            return self.check(&document, patience, &never).await;
        }
        for grant in grants.drain(..) {
            let (inner, document, never) = (Arc::clone(&self.inner), document.clone(), never.clone());
            loading.spawn(async move {
                let mut place = inner.enter(grant).await;
                place.check(&document, patience, &never, Duration::ZERO).await
            });
        }
        let wall = Duration::ZERO;
        let mut slowest = Checked { end: CheckEnd::Finished, diagnostics: Vec::new(), wall, queued: wall };
        while let Some(checked) = loading.join_next().await {
            let checked = checked.map_err(|_| LeanError::Closed)??;
            if checked.end != CheckEnd::Finished || (slowest.end == CheckEnd::Finished && checked.wall > slowest.wall) {
                slowest = checked;
            }
        }
        Ok(slowest)
    }

    /// Gives the Lean that it uses.
    #[must_use]
    pub fn toolchain(&self) -> &Toolchain {
        &self.inner.toolchain
    }

    /// Gives the flags of its servers.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        self.inner.settings.flags()
    }

    /// Gives its settings.
    #[must_use]
    pub fn settings(&self) -> &PoolSettings {
        &self.inner.settings
    }

    /// Gives what it has done so far.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        self.inner.counters.read(self.inner.live().len() as u64)
    }

    /// Looks at what the largest worker has in memory; `None` where the system does not show it.
    pub(super) fn worker_memory(&self) -> Option<WorkerMemory> {
        let live = self.inner.live();
        live.iter().filter_map(|(opened, server)| memory(opened, server)).max_by_key(|memory| memory.own)
    }

    /// Gives the number of the server's process while it may run.
    pub async fn server_process(&self) -> Option<u32> {
        self.inner.server.lock().await.as_ref().and_then(|server| server.process())
    }

    /// Ends the server and every worker. Checks that run end with an error.
    pub async fn close(&self) {
        self.inner.closed.cancel();
        drop(lock(&self.inner.queue).close());
        let shared = self.inner.server.lock().await.take();
        let others: Vec<Arc<Server>> = self.inner.live().into_iter().map(|(_, server)| server).collect();
        for server in others {
            server.kill();
        }
        if let Some(server) = shared {
            server.close().await;
        }
    }

    /// Waits for a worker and keeps it for the caller, with `header` as the beginning of all its texts.
    ///
    /// # Errors
    /// Fails when the pool is closed.
    pub async fn lease(&self, header: &str) -> Result<Lease, LeanError> {
        let never = CancellationToken::new();
        match self.inner.place(header, &never).await? {
            Some(place) => Ok(Lease::new(place, header)),
            None => Err(LeanError::Closed),
        }
    }
}

fn cancelled(queued: Duration) -> Checked {
    Checked { end: CheckEnd::Cancelled, diagnostics: Vec::new(), wall: Duration::ZERO, queued }
}

impl Inner {
    /// Waits for a place; `None` when the caller cancels.
    pub(super) async fn place(
        self: &Arc<Self>,
        header: &str,
        cancel: &CancellationToken,
    ) -> Result<Option<WorkerPlace>, LeanError> {
        let asked = lock(&self.queue).ask(header);
        let grant = match asked {
            Asked::Granted(grant) => *grant,
            Asked::Waiting(granted) => {
                // A grant that comes at the last moment finds nobody, or is given back with the place made of it.
                let mut waiting = Waiting { inner: self, granted };
                tokio::select! {
                    granted = &mut waiting.granted => granted.map_err(|_| LeanError::Closed)?,
                    () = cancel.cancelled() => return Ok(None),
                }
            }
            Asked::Closed => return Err(LeanError::Closed),
        };
        Ok(Some(self.enter(grant).await))
    }

    /// Makes a place of a grant.
    async fn enter(self: &Arc<Self>, grant: Grant) -> WorkerPlace {
        let place = WorkerPlace::new(Arc::clone(self), grant.slot);
        if let Some(evicted) = grant.evicted {
            self.counters.evicted.add();
            self.close_slot(evicted).await;
        }
        place
    }

    /// Closes a slot; a server that does not even do that is killed.
    pub(super) async fn close_slot(&self, slot: Slot) {
        let server = Arc::clone(slot.server());
        if !slot.close(self.settings.cleaning_patience).await {
            self.counters.kills.add();
            server.kill();
        }
    }

    /// Gives the server that checks share, started anew if it was lost.
    pub(super) async fn shared_server(&self) -> Result<Arc<Server>, LeanError> {
        let mut shared = self.server.lock().await;
        if self.closed.is_cancelled() {
            return Err(LeanError::Closed);
        }
        if let Some(server) = shared.as_ref().filter(|server| !server.is_lost()) {
            return Ok(Arc::clone(server));
        }
        *shared = None;
        let server = Arc::new(self.start_server().await?);
        *shared = Some(Arc::clone(&server));
        Ok(server)
    }

    pub(super) async fn start_server(&self) -> Result<Server, LeanError> {
        let server = Server::start(&self.toolchain, &self.settings, self.worker.path()).await?;
        self.counters.servers_started.add();
        Ok(server)
    }

    pub(super) fn open(&self, server: Arc<Server>, header: &str) -> Slot {
        let slot = Slot::new(server, header);
        let mut live = lock(&self.live);
        live.retain(|(opened, _)| opened.strong_count() > 0);
        live.push((Arc::downgrade(slot.opened()), Arc::downgrade(slot.server())));
        self.counters.workers_started.add();
        slot
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// Gives every open document with its server.
    pub(super) fn live(&self) -> Vec<(Arc<Opened>, Arc<Server>)> {
        lock(&self.live).iter().filter_map(|(opened, server)| Some((opened.upgrade()?, server.upgrade()?))).collect()
    }
}

/// Waits for a grant; one that came unseen is given back.
struct Waiting<'a> {
    inner: &'a Arc<Inner>,
    granted: tokio::sync::oneshot::Receiver<Grant>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.granted.close();
        if let Ok(grant) = self.granted.try_recv() {
            let mut closing = lock(&self.inner.queue).give_back(grant.slot);
            closing.extend(grant.evicted);
        }
    }
}

impl Inner {
    pub(super) fn count(&self, end: &CheckEnd) {
        match end {
            CheckEnd::Finished | CheckEnd::HeaderFailed => {}
            CheckEnd::Limit(LimitHit::WallTime) => self.counters.timed_out.add(),
            CheckEnd::Limit(_) => self.counters.limited.add(),
            CheckEnd::Crashed => self.counters.crashed.add(),
            CheckEnd::Cancelled => self.counters.cancelled.add(),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}
