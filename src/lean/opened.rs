//! An open document as the reader of the server's messages, the check that waits for them and the watchdog share it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;

use super::LimitHit;
use super::link::lock;
use super::process::Process;

/// What was said about a document.
#[derive(Debug)]
pub(super) struct Opened {
    uri: String,
    /// The uri as a member of a message.
    member: String,
    said: Mutex<Said>,
    limit: Notify,
    fatal: Notify,
    /// Processes of the worker, as far as they were looked for.
    pub(super) processes: Mutex<Vec<Process>>,
    /// The worker's own resident memory in bytes when it was last looked at.
    pub(super) memory: AtomicU64,
}

#[derive(Debug, Default)]
struct Said {
    version: i32,
    /// The lists of messages on that version that hold now.
    published: Vec<Bytes>,
    /// Bytes received since that version was sent.
    bytes: u64,
    fatal: bool,
    hit: Option<LimitHit>,
    /// When the check that runs was sent, with the worker's processor time at the first look since.
    running: Option<(Instant, Option<Duration>)>,
}

/// What was said about one version.
#[derive(Debug)]
pub(super) struct Heard {
    /// The lists of messages, raw; none where nothing was published at all.
    pub(super) published: Vec<Bytes>,
    /// Lean could not go on: the header was not loaded, or the worker died.
    pub(super) fatal: bool,
    /// A limit was hit, be it that the answer came all the same.
    pub(super) hit: Option<LimitHit>,
}

impl Opened {
    pub(super) fn new(uri: String) -> Opened {
        let member = format!("\"uri\":\"{uri}\"");
        Opened {
            uri,
            member,
            said: Mutex::default(),
            limit: Notify::new(),
            fatal: Notify::new(),
            processes: Mutex::default(),
            memory: AtomicU64::new(0),
        }
    }

    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// Forgets what was said; what comes now belongs to `version`.
    pub(super) fn begin(&self, version: i32) {
        *lock(&self.said) = Said { version, running: Some((Instant::now(), None)), ..Said::default() };
    }

    /// Marks the check as ended and gives what was said.
    pub(super) fn end(&self) -> Heard {
        let mut said = lock(&self.said);
        said.running = None;
        Heard { published: std::mem::take(&mut said.published), fatal: said.fatal, hit: said.hit }
    }

    /// Counts bytes that came; more than `most` end the check.
    pub(super) fn receive(&self, bytes: u64, most: u64) {
        let over = {
            let mut said = lock(&self.said);
            said.bytes = said.bytes.saturating_add(bytes);
            said.bytes > most
        };
        if over {
            self.hit(LimitHit::Output);
        }
    }

    /// Keeps a list of messages if it belongs to the present version; in place of the earlier ones unless it `adds` to
    /// them.
    pub(super) fn publish(&self, version: Option<i64>, adds: bool, list: impl FnOnce() -> Bytes) {
        let mut said = lock(&self.said);
        if version == Some(i64::from(said.version)) {
            if !adds {
                said.published.clear();
            }
            said.published.push(list());
        }
    }

    /// Notes that Lean cannot go on with a version; without one, with any.
    pub(super) fn mark_fatal(&self, version: Option<i64>) {
        let mut said = lock(&self.said);
        if version.is_none_or(|version| version == i64::from(said.version)) {
            said.fatal = true;
            self.fatal.notify_one();
        }
    }

    /// Waits until Lean cannot go on with the present version.
    pub(super) async fn fatal(&self) {
        while !lock(&self.said).fatal {
            // A notice may be left over from an earlier check.
            self.fatal.notified().await;
        }
    }

    /// Ends the running check at a limit.
    pub(super) fn hit(&self, limit: LimitHit) {
        let mut said = lock(&self.said);
        if said.running.is_some() && said.hit.is_none() {
            said.hit = Some(limit);
            self.limit.notify_one();
        }
    }

    /// Waits until the running check hits a limit.
    pub(super) async fn limit(&self) -> LimitHit {
        loop {
            if let Some(hit) = lock(&self.said).hit {
                return hit;
            }
            // A notice may be left over from an earlier check.
            self.limit.notified().await;
        }
    }

    /// Gives when the running check was sent.
    pub(super) fn running_since(&self) -> Option<Instant> {
        lock(&self.said).running.map(|(since, _)| since)
    }

    /// Gives the processor time of the running check, of which `now` is the worker's present total.
    pub(super) fn check_cpu(&self, now: Duration) -> Duration {
        match &mut lock(&self.said).running {
            Some((_, first)) => now.saturating_sub(*first.get_or_insert(now)),
            None => Duration::ZERO,
        }
    }

    /// Gives the worker's own resident memory in bytes when it was last looked at.
    pub(super) fn last_memory(&self) -> u64 {
        self.memory.load(Ordering::Relaxed)
    }

    /// Tells whether a part of a message names this document.
    pub(super) fn is_named_in(&self, part: &[u8]) -> bool {
        part.windows(self.member.len()).any(|window| window == self.member.as_bytes())
    }
}
