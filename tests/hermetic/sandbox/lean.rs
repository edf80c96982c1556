//! A real Lean server whose workers run under the wrapper script.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command};

use super::processes::wrapper;
use super::*;

/// A server driven by hand: frames out, frames in.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(lean: &Path, worker: &Path) -> Server {
        use std::os::unix::process::CommandExt as _;
        let mut command = Command::new(lean);
        command.args(["--server", "-Dserver.reportDelayMs=0", "-s32768"]).env("LEAN_WORKER_PATH", worker);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Server { child, input, output }
    }

    fn send(&mut self, message: &serde_json::Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn receive(&mut self) -> serde_json::Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server is gone");
            match line.trim().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut text = vec![0; length];
        self.output.read_exact(&mut text).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// Opens a text and gathers its messages until the server says that they are complete.
    fn check(&mut self, uri: &str, text: &str) -> Vec<String> {
        self.send(&serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params":
            {"processId": null, "rootUri": null, "capabilities": {}}}));
        while self.receive()["id"] != 1 {}
        self.send(&serde_json::json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}));
        let document = serde_json::json!({"uri": uri, "languageId": "lean4", "version": 1, "text": text});
        self.send(&serde_json::json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params":
            {"textDocument": document, "dependencyBuildMode": "never"}}));
        self.send(&serde_json::json!({"jsonrpc": "2.0", "id": 2, "method": "textDocument/waitForDiagnostics",
            "params": {"uri": uri, "version": 1}}));
        let mut last = Vec::new();
        loop {
            let message = self.receive();
            if message["method"] == "textDocument/publishDiagnostics" {
                let texts = message["params"]["diagnostics"].as_array().unwrap();
                last = texts.iter().map(|text| text["message"].as_str().unwrap().to_owned()).collect();
            }
            if message["id"] == 2 {
                assert!(message.get("error").is_none(), "{message}");
                return last;
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        kill_group(self.child.id());
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_worker_of_lean_runs_under_the_wrapper_script() {
    let Some(lean) = std::env::var_os("STEPPROOF_TEST_LEAN").map(PathBuf::from) else {
        skipped("a real worker: STEPPROOF_TEST_LEAN names no lean");
        return;
    };
    for sandbox in levels(&ALL).await {
        let folder = PrivateFolder::new().unwrap();
        let mut worker = shell("");
        worker.program.clone_from(&lean);
        worker.arguments.clear();
        worker.limits =
            Limits { address_space: Some(8 << 30), cpu_seconds: Some(60), file_bytes: Some(1 << 20), stack: None };
        let script = wrapper(&folder, &sandbox, &worker);
        let mut server = Server::start(&lean, &script);
        let text = format!("file://{}.lean", folder.path().display());
        let messages = server
            .check(&text, "theorem t (p : Prop) (h : p) : p := h\n#print axioms t\ntheorem f : False := trivial\n");
        assert!(messages.iter().any(|text| text.contains("does not depend on any axioms")), "{messages:?}");
        assert!(messages.iter().any(|text| text.contains("False")), "{messages:?}");
        // The worker's command line names its text.
        assert!(!super::processes::alive(&text).is_empty());
        drop(server);
        until("no worker is left", || super::processes::alive(&text).is_empty()).await;
    }
}
