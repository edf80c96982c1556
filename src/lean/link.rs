//! What a server and the checks share: requests that wait for their replies, open documents with what was said about
//! them, and the way out to the server.
//!
//! A message with a method is a request or notification of the server's own, whatever its id; only one without is a
//! reply.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::LimitHit;
use super::codec::Frame;
use super::opened::Opened;
use super::wire::{FILE_PROGRESS, Fault, FileProgress, Incoming, NullReply, Outgoing, PUBLISH_DIAGNOSTICS, Published};

/// Most bytes that wait for a server that does not read.
const MOST_QUEUED: usize = 512 << 20;

/// A server's answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// The result as JSON.
    Result(Bytes),
    /// An error.
    Refused(Fault),
}

/// The future answer to a request; an error when the server is lost.
pub(super) type Pending = oneshot::Receiver<Reply>;

#[derive(Debug)]
pub(super) struct Link {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    /// Bytes that were sent and not yet written.
    pub(super) queued: AtomicUsize,
    next_id: AtomicU64,
    most_check_bytes: u64,
    pending: Mutex<HashMap<u64, oneshot::Sender<Reply>>>,
    documents: Mutex<HashMap<String, Arc<Opened>>>,
    lost: CancellationToken,
    why: Mutex<String>,
}

impl Link {
    /// Makes a link, and the end where what is sent comes out.
    pub(super) fn new(most_check_bytes: u64) -> (Link, mpsc::UnboundedReceiver<Vec<u8>>) {
        let (outgoing, written) = mpsc::unbounded_channel();
        let link = Link {
            outgoing,
            queued: AtomicUsize::new(0),
            next_id: AtomicU64::new(1),
            most_check_bytes,
            pending: Mutex::default(),
            documents: Mutex::default(),
            lost: CancellationToken::new(),
            why: Mutex::default(),
        };
        (link, written)
    }

    /// Makes a document's messages known to `opened` from now on.
    pub(super) fn register(&self, opened: &Arc<Opened>) {
        lock(&self.documents).insert(opened.uri().to_owned(), Arc::clone(opened));
    }

    pub(super) fn forget(&self, uri: &str) {
        lock(&self.documents).remove(uri);
    }

    /// Sends frames and a request in one go.
    pub(super) fn request<P: Serialize>(&self, before: &[u8], method: &'static str, params: &P) -> Pending {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, pending) = oneshot::channel();
        lock(&self.pending).insert(id, sender);
        let mut bytes = before.to_vec();
        push_frame(&mut bytes, &Outgoing { jsonrpc: "2.0", id: Some(id), method, params: Some(params) });
        self.send(bytes);
        if self.is_lost() {
            lock(&self.pending).clear();
        }
        pending
    }

    pub(super) fn notify<P: Serialize>(&self, method: &'static str, params: &P) {
        self.send(notification(method, params));
    }

    fn send(&self, bytes: Vec<u8>) {
        let queued = self.queued.fetch_add(bytes.len(), Ordering::Relaxed);
        if queued > MOST_QUEUED {
            self.lose("it does not read what it is sent");
        }
        // Without a writer the server is lost, and every request ends with it.
        let _ = self.outgoing.send(bytes);
    }

    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_cancelled()
    }

    pub(super) async fn until_lost(&self) {
        self.lost.cancelled().await;
    }

    /// Gives up the server: every request that waits ends.
    pub(super) fn lose(&self, why: &str) {
        {
            let mut known = lock(&self.why);
            if known.is_empty() {
                *known = why.to_owned();
            }
        }
        self.lost.cancel();
        lock(&self.pending).clear();
    }

    /// Says why the server was lost.
    pub(super) fn lost_why(&self) -> String {
        lock(&self.why).clone()
    }

    /// Takes what the server sent.
    ///
    /// # Errors
    /// Fails when it makes no sense, so that nothing after it can be trusted either.
    pub(super) fn take(&self, frame: Frame) -> Result<(), String> {
        match frame {
            Frame::Whole(content) => self.take_whole(&content),
            Frame::TooLarge { length, head, tail } => {
                // Quotation marks inside texts are escaped, so that only a real member reads like this.
                let documents = lock(&self.documents);
                let named = documents.values().find(|opened| opened.is_named_in(&head) || opened.is_named_in(&tail));
                let opened = named.ok_or_else(|| format!("it sent {length} bytes that belong to no document"))?;
                opened.hit(LimitHit::Output);
                Ok(())
            }
        }
    }

    fn take_whole(&self, content: &Bytes) -> Result<(), String> {
        let broken = |error: serde_json::Error| format!("it sent a broken message: {error}");
        let message: Incoming<'_> = serde_json::from_slice(content).map_err(broken)?;
        let params = message.params.map_or("null", RawValue::get);
        match (message.method.as_deref(), message.id) {
            (Some(_), Some(id)) => {
                let mut reply = Vec::new();
                push_frame(&mut reply, &NullReply { jsonrpc: "2.0", id, result: () });
                self.send(reply);
            }
            (Some(PUBLISH_DIAGNOSTICS), None) => {
                let published: Published<'_> = serde_json::from_str(params).map_err(broken)?;
                if let Some(opened) = self.document(&published.uri) {
                    opened.receive(content.len() as u64, self.most_check_bytes);
                    let adds = published.is_incremental == Some(true);
                    let list = || content.slice_ref(published.diagnostics.get().as_bytes());
                    opened.publish(published.version, adds, list);
                }
            }
            (Some(FILE_PROGRESS), None) => {
                let progress: FileProgress<'_> = serde_json::from_str(params).map_err(broken)?;
                if let Some(opened) = self.document(&progress.text_document.uri) {
                    opened.receive(content.len() as u64, self.most_check_bytes);
                    if progress.processing.iter().any(|part| part.kind == Some(2)) {
                        opened.mark_fatal(progress.text_document.version);
                    }
                }
            }
            (Some(_), None) => {}
            (None, id) => {
                let id = id.and_then(|id| id.get().parse::<u64>().ok());
                // A reply that nobody waits for any more is nothing to worry about.
                if let Some(sender) = id.and_then(|id| lock(&self.pending).remove(&id)) {
                    let reply = match message.error {
                        Some(fault) => Reply::Refused(fault),
                        None => Reply::Result(content.slice_ref(raw_or_null(content, message.result))),
                    };
                    let _ = sender.send(reply);
                }
            }
        }
        Ok(())
    }

    fn document(&self, uri: &str) -> Option<Arc<Opened>> {
        lock(&self.documents).get(uri).map(Arc::clone)
    }
}

/// Gives the bytes of a result inside its frame; none of them where there is no result.
fn raw_or_null<'a>(content: &'a Bytes, result: Option<&'a RawValue>) -> &'a [u8] {
    result.map_or(content.get(..0).unwrap_or_default(), |result| result.get().as_bytes())
}

/// Puts a notification into a frame.
pub(super) fn notification<P: Serialize>(method: &'static str, params: &P) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_frame(&mut bytes, &Outgoing { jsonrpc: "2.0", id: None, method, params: Some(params) });
    bytes
}

/// Adds a message with its header.
fn push_frame<M: Serialize>(bytes: &mut Vec<u8>, message: &M) {
    #[expect(clippy::expect_used, reason = "our own messages: structs with string keys")]
    let content = serde_json::to_vec(message).expect("a struct of texts and numbers is JSON");
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", content.len()).as_bytes());
    bytes.extend_from_slice(&content);
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Frame {
        Frame::Whole(Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn colliding_ids_do_no_harm() {
        let (link, mut outgoing) = Link::new(1 << 20);
        let mut pending = link.request(&[], "test", &());
        outgoing.try_recv().unwrap();
        for id in ["1", "\"1\"", "\"register_lean_watcher\""] {
            link.take(frame(&format!(r#"{{"id":{id},"method":"workspace/inlayHint/refresh","params":null}}"#)))
                .unwrap();
            let sent = String::from_utf8(outgoing.try_recv().unwrap()).unwrap();
            assert!(sent.ends_with(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":null}}"#)), "{sent}");
            assert!(pending.try_recv().is_err(), "a request is no reply");
        }
        link.take(frame(r#"{"id":"1","result":"a text is another id"}"#)).unwrap();
        link.take(frame(r#"{"id":7,"result":"nobody asked"}"#)).unwrap();
        assert!(pending.try_recv().is_err());
        link.take(frame(r#"{"result":[1],"id":1}"#)).unwrap();
        assert_eq!(pending.try_recv(), Ok(Reply::Result(Bytes::from_static(b"[1]"))));
    }

    #[test]
    fn only_messages_on_the_present_version_count() {
        let (link, _outgoing) = Link::new(1 << 20);
        let opened = Arc::new(Opened::new("file:///a.lean".to_owned()));
        link.register(&opened);
        opened.begin(2);
        let publish = |version: &str, list: &str, more: &str| {
            let text = format!(
                r#"{{"method":"textDocument/publishDiagnostics","params":{{"uri":"file:///a.lean",{version}"diagnostics":{list}{more}}}}}"#
            );
            link.take(frame(&text)).unwrap();
        };
        for (version, list, more) in [
            ("\"version\":1,", "[1]", ""),
            ("\"version\":2,", "[2]", ""),
            ("\"version\":2,", "[3]", ",\"isIncremental\":false"),
            ("\"version\":2,", "[4]", ",\"isIncremental\":true"),
            ("\"version\":3,", "[5]", ""),
            ("", "[6]", ""),
        ] {
            publish(version, list, more);
        }
        let heard = opened.end();
        assert_eq!(
            (heard.published, heard.fatal),
            (vec![Bytes::from_static(b"[3]"), Bytes::from_static(b"[4]")], false)
        );
        let fatal = r#"{"method":"$/lean/fileProgress","params":{"processing":[{"kind":2}],"textDocument":{"uri":"file:///a.lean","version":1}}}"#;
        link.take(frame(fatal)).unwrap();
        assert!(!opened.end().fatal);
        link.take(frame(&fatal.replace(":1}", ":2}"))).unwrap();
        assert!(opened.end().fatal);
    }

    #[test]
    fn a_frame_that_is_too_large_is_its_documents_own_fault() {
        let (link, _outgoing) = Link::new(1 << 20);
        let opened = Arc::new(Opened::new("file:///a.lean".to_owned()));
        link.register(&opened);
        opened.begin(1);
        let large = |tail: &'static str| Frame::TooLarge {
            length: 1 << 30,
            head: Bytes::from_static(br#"{"method":"textDocument/publishDiagnostics","params":{"#),
            tail: Bytes::from_static(tail.as_bytes()),
        };
        assert!(link.take(large(r#"says \"uri\":\"file:///a.lean\""}]}}"#)).is_err(), "a text is no member");
        assert!(link.take(large(r#"}],"uri":"file:///a.lean","version":1}}"#)).is_ok());
        assert_eq!(futures_util::FutureExt::now_or_never(opened.limit()), Some(LimitHit::Output));
    }

    #[test]
    fn a_lost_server_leaves_nobody_waiting() {
        let (link, _outgoing) = Link::new(1 << 20);
        let mut before = link.request(&[], "test", &());
        link.lose("first");
        link.lose("second");
        let mut after = link.request(&[], "test", &());
        let closed = Err(oneshot::error::TryRecvError::Closed);
        assert_eq!(
            (before.try_recv(), after.try_recv(), link.lost_why()),
            (closed.clone(), closed, "first".to_owned())
        );
        for broken in ["", "{", "1", r#"{"method":"textDocument/publishDiagnostics"}"#, "{\"id\":1,\"result\":\u{0}}"] {
            assert!(link.take(frame(broken)).is_err(), "{broken}");
        }
    }
}
