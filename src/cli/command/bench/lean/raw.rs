//! Lean without stepproof: a server driven by hand, a process a check, and another client; what the judge is measured
//! against.
//!
//! Each is given the very texts that the judge checks. None is confined: confinement costs at a start, so that leaving
//! it out can only favour these.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// One frame may be so long; the texts measured here need far less.
const MOST_BYTES: usize = 64 << 20;

/// Which Lean is run, and with what.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// The `lean` program.
    pub(super) lean: PathBuf,
    /// Flags that decide what Lean accepts, as the judge sets them.
    pub(super) flags: Vec<String>,
}

/// Checks one text with a process of its own; says whether it is free of errors.
///
/// # Errors
/// The process cannot be run.
pub(super) fn check_in_a_process(program: &Program, text: &str) -> io::Result<bool> {
    let mut child = Command::new(&program.lean)
        .args(["--stdin", "--json"])
        .args(&program.flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    Ok(child.wait_with_output()?.status.success())
}

/// A real server with one open document, driven by a loop of a few lines.
pub(super) struct RawServer {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    uri: String,
    version: u64,
    request: u64,
    frame: Vec<u8>,
}

impl RawServer {
    /// Starts a server and opens a document on `text`.
    ///
    /// # Errors
    /// The server cannot be started or does not answer like one.
    pub(super) fn start(program: &Program, name: &str, text: &str) -> io::Result<RawServer> {
        let mut child = Command::new(&program.lean)
            .args(["--server", "-Dserver.reportDelayMs=0"])
            .args(&program.flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the server has no pipes"));
        };
        let mut server = RawServer {
            child,
            stdin,
            stdout: BufReader::with_capacity(1 << 16, stdout),
            uri: format!("file:///bench/{name}.lean"),
            version: 1,
            request: 0,
            frame: Vec::new(),
        };
        let parameters = json!({"processId": null, "rootUri": null, "capabilities": {}});
        server.send(&json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": parameters}))?;
        server.answer(0)?;
        server.send(&json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}))?;
        let document = json!({"uri": server.uri, "languageId": "lean4", "version": 1, "text": text});
        let parameters = json!({"textDocument": document, "dependencyBuildMode": "never"});
        server.send(&json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": parameters}))?;
        server.wait()?;
        Ok(server)
    }

    /// Checks one text; says whether it is free of errors.
    ///
    /// # Errors
    /// The server is gone or writes what is no frame.
    pub(super) fn check(&mut self, text: &str) -> io::Result<bool> {
        self.version += 1;
        let parameters = json!({"textDocument": {"uri": self.uri, "version": self.version},
            "contentChanges": [{"text": text}]});
        self.send(&json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": parameters}))?;
        self.wait()
    }

    fn wait(&mut self) -> io::Result<bool> {
        self.request += 1;
        let parameters = json!({"uri": self.uri, "version": self.version});
        let id = self.request;
        self.send(
            &json!({"jsonrpc": "2.0", "id": id, "method": "textDocument/waitForDiagnostics", "params": parameters}),
        )?;
        self.answer(id)
    }

    fn send(&mut self, message: &Value) -> io::Result<()> {
        let body = serde_json::to_vec(message)?;
        write!(self.stdin, "Content-Length: {}\r\n\r\n", body.len())?;
        self.stdin.write_all(&body)?;
        self.stdin.flush()
    }

    /// Reads until a request is answered; says whether the last messages for this version hold no error.
    fn answer(&mut self, id: u64) -> io::Result<bool> {
        let mut clean = true;
        loop {
            let message = self.read()?;
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["version"] == self.version {
                let messages = message["params"]["diagnostics"].as_array();
                clean = messages.is_none_or(|messages| messages.iter().all(|message| message["severity"] != 1));
            }
            // The server's own requests use the same numbers.
            if message["id"] == id && message["method"].is_null() {
                return if message["error"].is_null() { Ok(clean) } else { Err(io::Error::other("the wait failed")) };
            }
        }
    }

    fn read(&mut self) -> io::Result<Value> {
        let mut length = None;
        loop {
            let mut line = String::new();
            if Read::by_ref(&mut self.stdout).take(4096).read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("Content-Length: ") {
                length = value.parse().ok().filter(|length| *length <= MOST_BYTES);
            }
        }
        let length = length.ok_or_else(|| io::Error::other("a frame without a fit length"))?;
        self.frame.resize(length, 0);
        self.stdout.read_exact(&mut self.frame)?;
        Ok(serde_json::from_slice(&self.frame)?)
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        // A server whose input ends takes its workers along; one that hangs is killed. One that is gone needs neither.
        let message = json!({"jsonrpc": "2.0", "id": u32::MAX, "method": "shutdown"});
        if self.send(&message).is_ok() {
            let _ = self.send(&json!({"jsonrpc": "2.0", "method": "exit"}));
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// leanclient in its own process, driven by `benchmarks/peers/leanclient_peer.py`.
pub(super) struct Peer {
    child: Child,
    /// None once it is told to end.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// What a round of the other client gave.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeerRound {
    /// Seconds of the round as it measured them.
    pub(super) seconds: f64,
    /// Texts without errors.
    pub(super) clean: u64,
    /// Texts that it called done before their last message was there.
    pub(super) early: u64,
}

impl Peer {
    /// Starts it under a Python that has leanclient.
    ///
    /// # Errors
    /// The process cannot be started.
    pub(super) fn start(python: &Path, script: &Path, program: &Program) -> io::Result<Peer> {
        let mut child = Command::new(python)
            .arg(script)
            .arg(&program.lean)
            .args(&program.flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(stdin), Some(stdout)) => Ok(Peer { child, stdin: Some(stdin), stdout: BufReader::new(stdout) }),
            _ => Err(io::Error::other("the process has no pipes")),
        }
    }

    /// Has it check the texts.
    ///
    /// # Errors
    /// It ended (leanclient is not installed, most often) or answered something else.
    pub(super) fn round(&mut self, documents: &[String]) -> io::Result<PeerRound> {
        let stdin = self.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        serde_json::to_writer(&mut *stdin, &json!({"documents": documents}))?;
        stdin.write_all(b"\n")?;
        stdin.flush()?;
        let mut line = String::new();
        Read::by_ref(&mut self.stdout).take(1 << 16).read_line(&mut line)?;
        let round: Value = serde_json::from_str(&line)?;
        match (round["seconds"].as_f64(), round["clean"].as_u64(), round["early"].as_u64()) {
            (Some(seconds), Some(clean), Some(early)) => Ok(PeerRound { seconds, clean, early }),
            _ => Err(io::Error::other("it gave no figures")),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It ends with its input, and takes its server and its folder along; one that hangs is killed.
        drop(self.stdin.take());
        for _ in 0..100 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
