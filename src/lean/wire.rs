//! The messages of the language server protocol and of Lean's extensions to it, as they stand on the wire.
//!
//! Only what is used is read: a frame's members stay raw until they are needed, and a list of messages that a later one
//! replaces is never taken apart.

use std::borrow::Cow;
use std::fmt;

use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, Exit, Initialized, Notification,
    PublishDiagnostics,
};
use lsp_types::request::{Initialize, Request, Shutdown};
use lsp_types::{Position, Range};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

pub(super) const INITIALIZE: &str = Initialize::METHOD;
pub(super) const INITIALIZED: &str = Initialized::METHOD;
pub(super) const SHUTDOWN: &str = Shutdown::METHOD;
pub(super) const EXIT: &str = Exit::METHOD;
pub(super) const DID_OPEN: &str = DidOpenTextDocument::METHOD;
pub(super) const DID_CHANGE: &str = DidChangeTextDocument::METHOD;
pub(super) const DID_CLOSE: &str = DidCloseTextDocument::METHOD;
pub(super) const PUBLISH_DIAGNOSTICS: &str = PublishDiagnostics::METHOD;
pub(super) const FILE_PROGRESS: &str = "$/lean/fileProgress";
pub(super) const WAIT_FOR_DIAGNOSTICS: &str = "textDocument/waitForDiagnostics";
pub(super) const PLAIN_GOAL: &str = "$/lean/plainGoal";
pub(super) const PLAIN_TERM_GOAL: &str = "$/lean/plainTermGoal";
pub(super) const RPC_CONNECT: &str = "$/lean/rpc/connect";
pub(super) const RPC_CALL: &str = "$/lean/rpc/call";

/// What we send: a request where it has an id, a notification where it has none.
#[derive(Debug, Serialize)]
pub(super) struct Outgoing<P> {
    pub(super) jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<u64>,
    pub(super) method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) params: Option<P>,
}

/// The answer to a request of the server: nothing to say.
#[derive(Debug, Serialize)]
pub(super) struct NullReply<'a> {
    pub(super) jsonrpc: &'static str,
    pub(super) id: &'a RawValue,
    pub(super) result: (),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InitializeParams {
    pub(super) process_id: Option<u32>,
    pub(super) root_uri: Option<&'static str>,
    pub(super) capabilities: Capabilities,
}

#[derive(Debug, Serialize)]
pub(super) struct Capabilities {
    pub(super) lean: LeanCapabilities,
}

/// Lean's own capabilities of a client.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeanCapabilities {
    /// Messages come once each. Otherwise every new one brings all earlier ones along: 16 MB for 350 of them.
    pub(super) incremental_diagnostic_support: bool,
}

/// An object without members.
#[derive(Debug, Serialize)]
pub(super) struct Empty {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DidOpenParams<'a> {
    pub(super) text_document: OpenedItem<'a>,
    /// Lean's own: whether imports are built first. A checker must never start builds.
    pub(super) dependency_build_mode: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpenedItem<'a> {
    pub(super) uri: &'a str,
    pub(super) language_id: &'static str,
    pub(super) version: i32,
    pub(super) text: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DidChangeParams<'a> {
    pub(super) text_document: VersionedDocument<'a>,
    pub(super) content_changes: [Change<'a>; 1],
}

/// New text: of the whole document where there is no range.
#[derive(Debug, Serialize)]
pub(super) struct Change<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) range: Option<Range>,
    pub(super) text: &'a str,
}

/// Names a document and a version, in didChange.
#[derive(Debug, Serialize)]
pub(super) struct VersionedDocument<'a> {
    pub(super) uri: &'a str,
    pub(super) version: i32,
}

/// Names a document and a version, as Lean's `waitForDiagnostics` wants it.
pub(super) type WaitParams<'a> = VersionedDocument<'a>;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentParams<'a> {
    pub(super) text_document: NamedDocument<'a>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct NamedDocument<'a> {
    pub(super) uri: &'a str,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlaceParams<'a> {
    pub(super) text_document: NamedDocument<'a>,
    pub(super) position: Position,
}

/// Opens a session for Lean's remote procedure calls.
pub(super) type RpcConnectParams<'a> = NamedDocument<'a>;

/// A session for Lean's remote procedure calls.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RpcConnected {
    pub(super) session_id: String,
}

/// A remote procedure call of Lean's.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RpcCallParams<'a, P> {
    pub(super) text_document: NamedDocument<'a>,
    pub(super) position: Position,
    pub(super) session_id: &'a str,
    pub(super) method: &'a str,
    pub(super) params: P,
}

/// What comes: a request or notification where it has a method, a reply where it has none.
#[derive(Debug, Deserialize)]
pub(super) struct Incoming<'a> {
    #[serde(borrow, default)]
    pub(super) method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) error: Option<Fault>,
}

/// A server's refusal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Fault {
    #[serde(default)]
    pub(super) code: i64,
    #[serde(default)]
    pub(super) message: String,
}

/// The list of a document's messages, still raw.
#[derive(Debug, Deserialize)]
pub(super) struct Published<'a> {
    #[serde(borrow)]
    pub(super) uri: Cow<'a, str>,
    #[serde(default)]
    pub(super) version: Option<i64>,
    #[serde(borrow)]
    pub(super) diagnostics: &'a RawValue,
    /// Lean's own: the list comes in addition to what was published on that version before.
    #[serde(default, rename = "isIncremental")]
    pub(super) is_incremental: Option<bool>,
}

/// How far Lean is with a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileProgress<'a> {
    #[serde(borrow)]
    pub(super) text_document: ProgressDocument<'a>,
    #[serde(default)]
    pub(super) processing: Vec<Processing>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ProgressDocument<'a> {
    #[serde(borrow)]
    pub(super) uri: Cow<'a, str>,
    #[serde(default)]
    pub(super) version: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Processing {
    /// 1: at work; 2: the header was not loaded, or the worker died.
    #[serde(default)]
    pub(super) kind: Option<i64>,
}

/// One message on a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireDiagnostic {
    pub(super) range: Range,
    /// Lean's own: the range before it was cut to one line.
    #[serde(default)]
    pub(super) full_range: Option<Range>,
    #[serde(default)]
    pub(super) severity: Option<i64>,
    pub(super) message: String,
    /// Lean's own: 1 unsolved goals, 2 goals accomplished.
    #[serde(default)]
    pub(super) lean_tags: Option<Vec<i64>>,
    #[serde(default)]
    pub(super) is_silent: Option<bool>,
}

/// A list of messages, read up to a number of them.
#[derive(Debug)]
pub(super) struct DiagnosticList {
    pub(super) diagnostics: Vec<WireDiagnostic>,
    /// There are more.
    pub(super) cut: bool,
}

impl DiagnosticList {
    /// Reads a raw list, at most `most` of it.
    pub(super) fn read(raw: &[u8], most: usize) -> Result<DiagnosticList, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(raw);
        deserializer.deserialize_seq(DiagnosticVisitor { most })
    }
}

struct DiagnosticVisitor {
    most: usize,
}

impl<'de> Visitor<'de> for DiagnosticVisitor {
    type Value = DiagnosticList;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of diagnostics")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<DiagnosticList, A::Error> {
        let mut diagnostics = Vec::new();
        while diagnostics.len() < self.most {
            match list.next_element()? {
                Some(diagnostic) => diagnostics.push(diagnostic),
                None => return Ok(DiagnosticList { diagnostics, cut: false }),
            }
        }
        let mut cut = false;
        while list.next_element::<IgnoredAny>()?.is_some() {
            cut = true;
        }
        Ok(DiagnosticList { diagnostics, cut })
    }
}

/// Goals of tactics at a place.
#[derive(Debug, Deserialize)]
pub(super) struct PlainGoals {
    pub(super) goals: Vec<String>,
}

/// The goal of a term at a place.
#[derive(Debug, Deserialize)]
pub(super) struct PlainTermGoal {
    pub(super) goal: String,
}

#[cfg(test)]
mod tests;
