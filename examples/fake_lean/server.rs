//! The server: what it answers, when, and how it fails.

use std::collections::HashMap;
use std::io::Write;
use std::sync::mpsc::{Receiver, Sender, channel};

use serde_json::{Value, json};

use crate::document::Document;
use crate::script::{Behaviour, Process, Script};
use crate::wire::{self, Output};

enum Event {
    Message(Value),
    /// A version's time has come.
    Due(String, i64),
    EndOfInput,
}

struct Server<'s> {
    script: &'s Script,
    output: Output,
    events: Sender<Event>,
    documents: HashMap<String, Document>,
    /// Nothing is ever done again.
    stuck: bool,
    /// Checks begun, one a version.
    checks: u64,
    own_id: u64,
}

/// Serves until the client says so or a behaviour ends it; gives the exit status.
pub(crate) fn serve(script: &Script) -> u8 {
    if script.has(Process::StartExits) {
        return 1;
    }
    let (events, inbox) = channel();
    let (reader, pause) = (events.clone(), channel::<()>());
    let (pause_sender, pause) = pause;
    std::thread::spawn(move || read_input(&reader, &pause));
    let output = Output { pieces: script.has(Process::Pieces) };
    if script.has(Process::Greets) {
        output.raw(b"info: downloading component 'lean'\n");
    }
    let mut server = Server { script, output, events, documents: HashMap::new(), stuck: false, checks: 0, own_id: 0 };
    server.run(&inbox, &pause_sender)
}

/// Hands on one message at a time, so that a server which stops listening leaves the rest in the pipe.
fn read_input(events: &Sender<Event>, pause: &Receiver<()>) {
    let mut input = std::io::stdin().lock();
    while let Some(message) = wire::read(&mut input) {
        if events.send(Event::Message(message)).is_err() || pause.recv().is_err() {
            return;
        }
    }
    // The client may have cut a frame short.
    wire::drain(&mut input);
    let _ = events.send(Event::EndOfInput);
}

impl Server<'_> {
    fn run(&mut self, inbox: &Receiver<Event>, pause: &Sender<()>) -> u8 {
        while let Ok(event) = inbox.recv() {
            match event {
                Event::Message(message) => {
                    if let Some(status) = self.message(&message) {
                        return status;
                    }
                    // The reader is gone at the end of the input only.
                    let _ = pause.send(());
                }
                Event::Due(uri, version) => self.due(&uri, version),
                Event::EndOfInput if self.script.has(Process::ShutdownIgnored) => {}
                Event::EndOfInput => return 1,
            }
        }
        1
    }

    fn message(&mut self, message: &Value) -> Option<u8> {
        let parameters = &message["params"];
        let uri = parameters["textDocument"]["uri"].as_str().or(parameters["uri"].as_str()).unwrap_or_default();
        let id = &message["id"];
        match message["method"].as_str() {
            Some("initialize") => return self.initialize(id),
            Some("textDocument/didOpen") => {
                let document = &parameters["textDocument"];
                let opened = Document::new(document["version"].as_i64().unwrap(), document["text"].as_str().unwrap());
                let twice = self.documents.insert(uri.to_owned(), opened);
                // The real server leaks a worker here.
                assert!(twice.is_none(), "{uri} was opened twice");
                self.begin(uri);
            }
            Some("textDocument/didChange") => {
                let document = self.documents.get_mut(uri).expect("only an open document is changed");
                document.version = parameters["textDocument"]["version"].as_i64().unwrap();
                document.change(&parameters["contentChanges"]);
                document.crashed = false;
                self.begin(uri);
            }
            Some("textDocument/didClose") if !self.stuck => self.close(uri),
            Some("textDocument/waitForDiagnostics") => {
                self.wait(uri, parameters["version"].as_i64().unwrap(), id.clone());
            }
            Some("$/lean/plainGoal") => {
                let line = &parameters["position"]["line"];
                let goal = format!("⊢ goal of line {line}");
                self.answer(id, json!({"goals": [goal], "rendered": format!("```lean\n{goal}\n```")}));
            }
            Some("shutdown") if !self.script.has(Process::ShutdownIgnored) => self.answer(id, Value::Null),
            Some("exit") if !self.script.has(Process::ShutdownIgnored) => return Some(0),
            Some(_) if !id.is_null() && !self.script.has(Process::ShutdownIgnored) => {
                self.fail(id, -32601, "No request handler found");
            }
            // Notifications, and the client's answers to our own requests.
            _ => {}
        }
        None
    }

    fn initialize(&mut self, id: &Value) -> Option<u8> {
        if self.script.has(Process::InitializeExits) {
            return Some(1);
        }
        if self.script.has(Process::InitializeFails) {
            self.fail(id, -32603, "no such file or directory");
        } else if !self.script.has(Process::InitializeMute) {
            let capabilities = json!({"textDocumentSync": {"change": 2, "openClose": true}, "hoverProvider": true});
            let info = json!({"name": "Lean 4 Server", "version": "0.3.0"});
            self.answer(id, json!({"capabilities": capabilities, "serverInfo": info}));
            self.send(&json!({"id": "register_lean_watcher", "method": "client/registerCapability",
                "params": {"registrations": []}}));
        }
        None
    }

    /// Starts on the present version of a document.
    fn begin(&mut self, uri: &str) {
        self.checks += 1;
        let Some(document) = self.documents.get_mut(uri) else { return };
        let (version, behaviours) = (document.version, document.behaviours());
        document.deaf |= behaviours.contains(&Behaviour::Deaf);
        self.stuck |= behaviours.contains(&Behaviour::Stuck);
        if self.stuck || document.deaf {
            return;
        }
        // A change takes the former version's work away; whoever waited for it is told.
        let left_behind = document.take_waits(version - 1);
        for id in left_behind {
            self.answer(&id, json!({}));
        }
        self.progress(uri, version, Some(1));
        self.publish(uri, version, &[]);
        self.progress(uri, version, None);
        if behaviours.contains(&Behaviour::Stuck) || behaviours.contains(&Behaviour::Hang) {
            return;
        }
        let second = self.script.has(Process::SecondCrashes) && self.checks.is_multiple_of(2);
        if behaviours.contains(&Behaviour::CrashEarly) || second {
            return self.crash(uri);
        }
        if self.script.has(Process::ThirdExits) && self.checks == 3 {
            std::process::exit(1);
        }
        let late = behaviours.iter().find_map(|behaviour| match behaviour {
            Behaviour::Late(late) => Some(*late),
            _ => None,
        });
        let (events, uri) = (self.events.clone(), uri.to_owned());
        if let Some(late) = late {
            std::thread::spawn(move || {
                std::thread::sleep(late);
                // The server may be gone by then.
                let _ = events.send(Event::Due(uri, version));
            });
        } else if !behaviours.iter().any(Server::acts_at_wait) {
            self.due(&uri, version);
        }
    }

    /// Says whether a behaviour needs the wait to be there: the others show before it or beside it.
    fn acts_at_wait(behaviour: &Behaviour) -> bool {
        !matches!(behaviour, Behaviour::Message(..) | Behaviour::Goals | Behaviour::FarPositions)
    }

    fn wait(&mut self, uri: &str, version: i64, id: Value) {
        let Some(document) = self.documents.get_mut(uri) else {
            return self.fail(&id, -32801, &format!("Cannot process request to closed file '{uri}'"));
        };
        if document.crashed || self.stuck {
            return;
        }
        document.waits.push((version, id));
        if document.done.contains(&version) {
            return self.release(uri, version, &[]);
        }
        let behaviours = document.behaviours();
        let later = |behaviour: &Behaviour| {
            matches!(behaviour, Behaviour::Hang | Behaviour::Deaf | Behaviour::Late(_) | Behaviour::Stuck)
        };
        if version == document.version && !document.deaf && !behaviours.iter().any(later) {
            self.due(uri, version);
        }
    }

    /// Carries a version out: its faults, its messages, its answer.
    fn due(&mut self, uri: &str, version: i64) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        if document.version != version || document.crashed || document.deaf || self.stuck {
            return;
        }
        let (behaviours, messages) = (document.behaviours(), document.messages());
        for behaviour in &behaviours {
            if !self.misbehave(behaviour, uri, version) {
                return;
            }
        }
        self.publish(uri, version, &messages);
        if behaviours.contains(&Behaviour::HeaderFails) {
            self.progress(uri, version, Some(2));
        }
        if let Some(document) = self.documents.get_mut(uri) {
            document.done.push(version);
        }
        self.release(uri, version, &behaviours);
    }

    /// Answers whoever waits for a version.
    fn release(&mut self, uri: &str, version: i64, behaviours: &[Behaviour]) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        for id in document.take_waits(version) {
            let refusal = behaviours.iter().find_map(|behaviour| match behaviour {
                Behaviour::Modified => Some((-32801, "The file worker has been terminated.")),
                Behaviour::Refused(code) => Some((*code, "refused")),
                _ => None,
            });
            match refusal {
                Some((code, text)) => self.fail(&id, code, text),
                None if behaviours.contains(&Behaviour::Mute) => {}
                None => self.answer(&id, json!({})),
            }
            if behaviours.contains(&Behaviour::Twice) {
                self.answer(&id, json!({}));
                self.fail(&id, -32902, "answered twice");
            }
        }
    }

    /// Does what a behaviour asks before the messages; false where nothing more is to come of this version.
    fn misbehave(&mut self, behaviour: &Behaviour, uri: &str, version: i64) -> bool {
        match behaviour {
            Behaviour::Crash => {
                let waits = self.documents.get_mut(uri).map(|document| document.take_waits(version));
                for id in waits.unwrap_or_default() {
                    let text = format!("Server process for {uri} crashed, likely due to a stack overflow or a bug.");
                    self.fail(&id, -32902, &text);
                }
                self.crash(uri);
                return false;
            }
            Behaviour::OldPublish => {
                let error = json!({"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}},
                    "severity": 1, "message": "of another version"});
                self.publish(uri, version - 1, std::slice::from_ref(&error));
                self.publish(uri, version + 1, std::slice::from_ref(&error));
                self.publish("file:///another.lean", version, std::slice::from_ref(&error));
            }
            Behaviour::Collide => {
                for id in 0..=200 {
                    self.send(&json!({"id": id, "method": "workspace/semanticTokens/refresh"}));
                }
            }
            Behaviour::Flood => loop {
                let message = json!({"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}},
                    "severity": 3, "message": "y".repeat(100_000)});
                self.publish(uri, version, std::slice::from_ref(&message));
            },
            Behaviour::DeadStdout => {
                wire::close_stdout();
                return false;
            }
            Behaviour::Exit(status) => std::process::exit(i32::from(*status)),
            Behaviour::HalfFrame => {
                self.output.frame("1000", b"{\"jsonrpc\":\"2.0\",\"method\":");
                std::process::exit(0);
            }
            Behaviour::HalfFrameHang => {
                self.output.frame("1000", b"{\"jsonrpc\":\"2.0\",\"method\":");
                wire::sleep_forever();
            }
            Behaviour::BrokenJson => self.output.frame("13", b"{\"jsonrpc\": 2"),
            Behaviour::NotUtf8 => self.output.frame("18", b"{\"method\": \"\xff\xfe\xc3\"}"),
            Behaviour::DeepJson => self.output.frame("100000", &[b'['; 100_000]),
            Behaviour::OddJson => {
                for odd in [
                    json!(null),
                    json!([1, 2]),
                    json!("text"),
                    json!({}),
                    json!({"id": null, "result": 1}),
                    json!({"id": {"a": 1}, "result": {}}),
                    json!({"id": -1, "result": {}}),
                    json!({"id": 1.5, "error": "odd"}),
                    json!({"method": 7, "id": 3}),
                    json!({"method": "textDocument/publishDiagnostics", "params": {"uri": 3, "diagnostics": {}}}),
                    json!({"method": "$/lean/fileProgress", "params": []}),
                ] {
                    self.output.send(&odd);
                }
            }
            Behaviour::LongLength => self.output.frame("400", b"{\"jsonrpc\":\"2.0\",\"method\":\"a\"}"),
            Behaviour::ShortLength => self.output.frame("5", b"{\"jsonrpc\":\"2.0\",\"method\":\"a\"}"),
            Behaviour::HugeLength => self.output.frame("18446744073709551615", b"{}"),
            Behaviour::NoLength => self.output.raw(b"Content-Type: text\r\n\r\n{}"),
            Behaviour::HugeHeader => self.output.raw(&b"X-Header: ".repeat(400_000)),
            Behaviour::Stderr(bytes) => {
                let mut errors = std::io::stderr().lock();
                for _ in 0..bytes.div_ceil(1024) {
                    // A reader that is gone is no reason to stop.
                    let _ = errors.write_all(&[b'e'; 1024]);
                }
            }
            Behaviour::DeafStdin => wire::sleep_forever(),
            _ => {}
        }
        true
    }

    /// The worker of a document dies: whoever waits is not answered here.
    fn crash(&mut self, uri: &str) {
        let Some(document) = self.documents.get_mut(uri) else { return };
        document.crashed = true;
        let version = document.version;
        self.progress(uri, version, Some(2));
    }

    fn close(&mut self, uri: &str) {
        let Some(mut document) = self.documents.remove(uri) else { return };
        for id in document.take_waits(i64::MAX) {
            self.fail(&id, -32801, &format!("The file worker for {uri} has been terminated."));
        }
        self.publish(uri, document.version, &[]);
    }

    fn progress(&mut self, uri: &str, version: i64, kind: Option<u8>) {
        let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
        let processing = kind.map_or(json!([]), |kind| json!([{"kind": kind, "range": range}]));
        let parameters = json!({"processing": processing, "textDocument": {"uri": uri, "version": version}});
        self.send(&json!({"method": "$/lean/fileProgress", "params": parameters}));
    }

    fn publish(&mut self, uri: &str, version: i64, messages: &[Value]) {
        let parameters = json!({"uri": uri, "version": version, "diagnostics": messages});
        self.send(&json!({"method": "textDocument/publishDiagnostics", "params": parameters}));
    }

    fn answer(&mut self, id: &Value, result: Value) {
        self.send(&json!({"id": id, "result": result}));
        // Like the real server, which refreshes all the time under ids of its own.
        let own = self.own_id;
        self.own_id += 1;
        self.send(&json!({"id": own, "method": "workspace/inlayHint/refresh"}));
    }

    fn fail(&mut self, id: &Value, code: i64, text: &str) {
        self.send(&json!({"id": id, "error": {"code": code, "message": text}}));
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        self.output.send(&message);
    }
}
