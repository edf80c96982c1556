//! One worker: a document that was opened under a name of its own, whose text is replaced for each check.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::header::imports;
use super::link::{Pending, Reply, notification};
use super::messages::{is_header_at_fault, read_messages};
use super::opened::Opened;
use super::server::Server;
use super::wire::{
    Change, DID_CHANGE, DID_CLOSE, DID_OPEN, DidChangeParams, DidOpenParams, DocumentParams, NamedDocument, OpenedItem,
    VersionedDocument, WAIT_FOR_DIAGNOSTICS, WaitParams,
};
use super::{CheckEnd, Diagnostic, LimitHit};

/// How long an answer may take once Lean has said that it cannot go on. A worker that died before it was asked never
/// answers.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A worker that one caller holds, or that is idle.
#[derive(Debug)]
pub(super) struct Slot {
    server: Arc<Server>,
    opened: Arc<Opened>,
    /// The header it was last used with.
    pub(super) header: String,
    version: i32,
    /// The text that the server has.
    text: String,
    /// Checks that it has done.
    pub(super) checks: u32,
    pub(super) last_used: Instant,
    /// The wait for a version that was not answered yet.
    unanswered: Option<Pending>,
    /// It is not to be used again.
    spent: bool,
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Ran {
    /// How it ended; `None` when the server was lost.
    pub(super) end: Option<CheckEnd>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) wall: Duration,
}

/// What limits a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunLimits<'a> {
    pub(super) deadline: Duration,
    pub(super) most_diagnostics: usize,
    pub(super) cancel: &'a CancellationToken,
}

impl Slot {
    /// Makes a slot under a name that was never used before; its worker starts with the first text.
    pub(super) fn new(server: Arc<Server>, header: &str) -> Slot {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // The file need not exist, and its folder does not.
        let opened = Arc::new(Opened::new(format!("file:///stepproof/check/{}/{number}.lean", std::process::id())));
        server.link().register(&opened);
        Slot {
            server,
            opened,
            header: header.to_owned(),
            version: 0,
            text: String::new(),
            checks: 0,
            last_used: Instant::now(),
            unanswered: None,
            spent: false,
        }
    }

    pub(super) fn opened(&self) -> &Arc<Opened> {
        &self.opened
    }

    pub(super) fn server(&self) -> &Arc<Server> {
        &self.server
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether it has done nothing yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.version == 0
    }

    /// Tells whether a text with these imports can be checked in it without loading them anew.
    pub(super) fn fits(&self, header: &str) -> bool {
        imports(&self.header) == imports(header)
    }

    /// Tells whether something in it may still run.
    pub(super) fn is_unsettled(&self) -> bool {
        self.unanswered.is_some()
    }

    /// Tells whether it can be used again.
    pub(super) fn is_usable(&self) -> bool {
        !self.spent && self.unanswered.is_none() && !self.server.is_lost()
    }

    /// Makes it unusable.
    pub(super) fn spend(&mut self) {
        self.spent = true;
    }

    /// Replaces the text and asks to be told when Lean is through with it; both in one go.
    fn send(&mut self, text: String) -> Pending {
        self.version += 1;
        self.opened.begin(self.version);
        let uri = self.opened.uri();
        let frame = if self.version == 1 {
            let text_document = OpenedItem { uri, language_id: "lean4", version: self.version, text: &text };
            notification(DID_OPEN, &DidOpenParams { text_document, dependency_build_mode: "never" })
        } else {
            let text_document = VersionedDocument { uri, version: self.version };
            let content_changes = [Change { range: None, text: &text }];
            notification(DID_CHANGE, &DidChangeParams { text_document, content_changes })
        };
        let wait = WaitParams { uri, version: self.version };
        let pending = self.server.link().request(&frame, WAIT_FOR_DIAGNOSTICS, &wait);
        self.text = text;
        pending
    }

    /// Checks a text. Whatever ends it, the answer is there at once; where the worker may still be busy with the text,
    /// the slot is unsettled afterwards.
    pub(super) async fn run(&mut self, text: String, limits: RunLimits<'_>) -> Ran {
        let sent = Instant::now();
        let pending = self.send(text);
        // Kept in the slot while it waits: who drops this future leaves an unsettled slot behind.
        let pending = self.unanswered.insert(pending);
        let deadline = tokio::time::sleep(limits.deadline);
        let opened = Arc::clone(&self.opened);
        let dead = async {
            opened.fatal().await;
            tokio::time::sleep(LAST_WORDS).await;
        };
        let end = tokio::select! {
            biased;
            reply = &mut *pending => Ok(reply),
            hit = self.opened.limit() => Err(CheckEnd::Limit(hit)),
            () = limits.cancel.cancelled() => Err(CheckEnd::Cancelled),
            () = deadline => Err(CheckEnd::Limit(LimitHit::WallTime)),
            () = dead => Err(CheckEnd::Crashed),
        };
        let wall = sent.elapsed();
        let heard = self.opened.end();
        self.checks += 1;
        self.last_used = Instant::now();
        let mut end = match end {
            Ok(reply) => {
                self.unanswered = None;
                match reply {
                    // What went over a limit was not kept: the answer may be to messages that nobody saw.
                    Ok(Reply::Result(_)) if heard.hit.is_some() => heard.hit.map(CheckEnd::Limit),
                    // Lean publishes at least once for each version: an answer without is not to be believed.
                    Ok(Reply::Result(_)) if heard.published.is_empty() => Some(CheckEnd::Crashed),
                    Ok(Reply::Result(_)) => Some(CheckEnd::Finished),
                    Ok(Reply::Refused(_)) => Some(CheckEnd::Crashed),
                    Err(_) => None,
                }
            }
            Err(end) => Some(end),
        };
        let diagnostics = match read_messages(&heard.published, &self.text, limits.most_diagnostics) {
            Some((diagnostics, cut)) => {
                if end == Some(CheckEnd::Finished) {
                    if cut {
                        end = Some(CheckEnd::Limit(LimitHit::Output));
                    } else if is_header_at_fault(&diagnostics, &self.text, heard.fatal) {
                        end = Some(CheckEnd::HeaderFailed);
                    }
                }
                diagnostics
            }
            None => {
                if end == Some(CheckEnd::Finished) {
                    end = Some(CheckEnd::Crashed);
                }
                Vec::new()
            }
        };
        if heard.fatal
            || !matches!(end, Some(CheckEnd::Finished | CheckEnd::Cancelled | CheckEnd::Limit(LimitHit::WallTime)))
        {
            self.spent = true;
        }
        Ran { end, diagnostics, wall }
    }

    /// Asks the worker to give up a text that it may still be busy with, by replacing it with the header alone, and
    /// waits until nothing of it runs any more. Gives whether that is so.
    pub(super) async fn settle(&mut self, patience: Duration) -> bool {
        let Some(earlier) = self.unanswered.take() else { return true };
        if self.spent || self.server.is_lost() {
            return false;
        }
        let header = self.header.clone();
        let pending = self.send(header);
        let pending = self.unanswered.insert(pending);
        let answered = async {
            let present = tokio::time::timeout(patience, &mut *pending).await;
            if !matches!(present, Ok(Ok(Reply::Result(_)))) {
                return false;
            }
            // The earlier wait is bound to the earlier text: its answer tells that nothing of that is left. It comes
            // within moments, or not before a tactic that cannot be interrupted has ended.
            matches!(tokio::time::timeout(patience / 4, earlier).await, Ok(Ok(Reply::Result(_))))
        };
        let answered = answered.await;
        let fatal = self.opened.end().fatal;
        if answered && !fatal {
            self.unanswered = None;
        } else {
            self.spent = true;
        }
        answered && !fatal
    }

    /// Closes the document, which ends its worker, and waits until the server has said so.
    pub(super) async fn close(mut self, patience: Duration) -> bool {
        self.spent = true;
        let link = Arc::clone(self.server.link());
        if self.version == 0 || link.is_lost() {
            return true;
        }
        let uri = self.opened.uri();
        let frame = notification(DID_CLOSE, &DocumentParams { text_document: NamedDocument { uri } });
        // Refused, as the document is closed by then.
        let confirmed = link.request(&frame, WAIT_FOR_DIAGNOSTICS, &WaitParams { uri, version: self.version });
        self.version = 0;
        let closed = tokio::time::timeout(patience, confirmed).await.is_ok();
        link.forget(self.opened.uri());
        closed
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let uri = self.opened.uri();
        if self.version > 0 {
            self.server.link().notify(DID_CLOSE, &DocumentParams { text_document: NamedDocument { uri } });
        }
        self.server.link().forget(uri);
    }
}
