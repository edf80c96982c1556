//! Ctrl-C and SIGTERM: the first asks the command to end cleanly, the second ends it at once.

use tokio_util::sync::CancellationToken;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::Stderr;

/// Watches for signals until the runtime ends; gives the token that the first one cancels.
///
/// # Errors
/// The system refuses to report signals.
pub(crate) fn watch(stderr: &Stderr) -> Result<CancellationToken, CliError> {
    let token = CancellationToken::new();
    let (cancelled, stderr) = (token.clone(), stderr.clone());
    let mut signals =
        Signals::new().map_err(|error| CliError::new(Exit::Missing, "watch for Ctrl-C").because(error))?;
    tokio::spawn(async move {
        signals.next().await;
        stderr.line("interrupted: committing what is done; once more ends at once");
        cancelled.cancel();
        signals.next().await;
        // Attempts are committed whole, so nothing is half written.
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
    Ok(token)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        Ok(Signals)
    }

    async fn next(&mut self) {
        // Without a source of signals there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
