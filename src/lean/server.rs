//! One process `lean --server`: started in a process group of its own, spoken to by one writer and one reader task,
//! killed with all its workers when it is dropped.
//!
//! A request is answered, refused, or lost with the server; it never hangs longer than its caller wants to wait.

use std::collections::VecDeque;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_stream::StreamExt;
use tokio_util::codec::FramedRead;

use super::codec::FrameCodec;
use super::link::{Link, Reply};
use super::process::Group;
use super::wire::{Capabilities, EXIT, Empty, INITIALIZE, INITIALIZED, InitializeParams, LeanCapabilities, SHUTDOWN};
use super::{LeanError, PoolSettings, Toolchain};

/// What is kept of the server's error output.
const STDERR_BYTES: usize = 4096;
/// How long the server may take to end politely.
const GOODBYE: Duration = Duration::from_millis(500);

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    link: Arc<Link>,
    group: Arc<Group>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
}

impl Server {
    /// Starts a server and greets it. `worker` is the program that it starts for each worker in place of Lean.
    pub(super) async fn start(
        toolchain: &Toolchain,
        settings: &PoolSettings,
        worker: &Path,
    ) -> Result<Server, LeanError> {
        let mut command = Command::new(&toolchain.lean);
        command.arg("--server").args(settings.flags());
        command.env_clear().envs(toolchain.environment.iter().map(|(name, value)| (name, value)));
        command.env("LEAN_WORKER_PATH", worker);
        if let Some(project) = &toolchain.project {
            command.current_dir(project);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let program = toolchain.lean.clone();
        let mut child = command.spawn().map_err(|source| LeanError::Start { program: program.clone(), source })?;
        let group = Arc::new(Group::of(&child));
        let (link, outgoing) = Link::new(settings.most_check_bytes);
        let link = Arc::new(link);
        let stderr = Arc::new(Mutex::new(VecDeque::new()));
        let server = Server { link: Arc::clone(&link), group: Arc::clone(&group), stderr: Arc::clone(&stderr) };
        if let Some(pipe) = child.stderr.take() {
            tokio::spawn(drain(pipe, stderr));
        }
        if let Some(pipe) = child.stdin.take() {
            tokio::spawn(write(pipe, outgoing, Arc::clone(&link)));
        }
        if let Some(pipe) = child.stdout.take() {
            tokio::spawn(read(pipe, settings.most_frame_bytes, link, group, child));
        }
        match tokio::time::timeout(settings.start_patience, server.greet()).await {
            Ok(Ok(())) => Ok(server),
            Ok(Err(reason)) => {
                // What it says about its end may still be on the way.
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err(LeanError::Server { program, reason, stderr: server.said() })
            }
            Err(_) => {
                let reason = format!("it does not answer within {} s", settings.start_patience.as_secs());
                Err(LeanError::Server { program, reason, stderr: server.said() })
            }
        }
    }

    async fn greet(&self) -> Result<(), String> {
        let lean = LeanCapabilities { incremental_diagnostic_support: true };
        let capabilities = Capabilities { lean };
        let params = InitializeParams { process_id: None, root_uri: None, capabilities };
        match self.link.request(&[], INITIALIZE, &params).await {
            Ok(Reply::Result(_)) => {
                self.link.notify(INITIALIZED, &Empty {});
                Ok(())
            }
            Ok(Reply::Refused(fault)) => Err(format!("it refuses: {}", fault.message)),
            Err(_) => Err(self.link.lost_why()),
        }
    }

    pub(super) fn link(&self) -> &Arc<Link> {
        &self.link
    }

    pub(super) fn is_lost(&self) -> bool {
        self.link.is_lost()
    }

    /// Gives the number of its process while it may run.
    pub(super) fn process(&self) -> Option<u32> {
        self.group.leader()
    }

    /// Gives the end of its error output.
    pub(super) fn said(&self) -> String {
        let bytes: Vec<u8> = self.stderr.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }

    /// Kills it with all its workers.
    pub(super) fn kill(&self) {
        self.link.lose("it was killed");
        self.group.kill();
    }

    /// Asks it to end, and kills what is left.
    pub(super) async fn close(&self) {
        let polite = async {
            let _ = self.link.request(&[], SHUTDOWN, &Empty {}).await;
            self.link.notify(EXIT, &Empty {});
            self.link.until_lost().await;
        };
        // Workers are killed at once otherwise, which is as good.
        let _ = tokio::time::timeout(GOODBYE, polite).await;
        self.kill();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Writes what is sent until nobody can send any more.
async fn write(mut pipe: ChildStdin, mut outgoing: UnboundedReceiver<Vec<u8>>, link: Arc<Link>) {
    loop {
        let next = tokio::select! {
            next = outgoing.recv() => next,
            () = link.until_lost() => None,
        };
        let Some(bytes) = next else { return };
        let written = tokio::select! {
            written = pipe.write_all(&bytes) => written.is_ok(),
            () = link.until_lost() => return,
        };
        link.queued.fetch_sub(bytes.len(), Ordering::Relaxed);
        if !written {
            link.lose("it no longer reads");
            return;
        }
    }
}

/// Reads what comes until the stream ends or makes no sense; then the server and all its workers are ended.
async fn read(pipe: ChildStdout, most_bytes: usize, link: Arc<Link>, group: Arc<Group>, mut child: Child) {
    let mut frames = FramedRead::with_capacity(pipe, FrameCodec::new(most_bytes), 64 << 10);
    loop {
        let next = tokio::select! {
            next = frames.next() => next,
            () = link.until_lost() => break,
        };
        match next {
            Some(Ok(frame)) => {
                if let Err(reason) = link.take(frame) {
                    link.lose(&reason);
                }
            }
            Some(Err(error)) => link.lose(&format!("could not {error}")),
            None => link.lose("it ended"),
        }
    }
    drop(frames);
    group.kill();
    // Only to leave no zombie.
    let _ = child.wait().await;
}

/// Keeps the end of the error output.
async fn drain(mut pipe: ChildStderr, kept: Arc<Mutex<VecDeque<u8>>>) {
    let mut buffer = [0; 4096];
    while let Ok(count) = pipe.read(&mut buffer).await {
        if count == 0 {
            return;
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(buffer.iter().take(count));
        let surplus = kept.len().saturating_sub(STDERR_BYTES);
        kept.drain(..surplus);
    }
}
