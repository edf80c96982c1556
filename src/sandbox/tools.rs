//! The programs of the system that confine others.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::script::SEARCH;

/// Where each one lies.
#[derive(Debug, Clone, Default)]
pub(super) struct Tools {
    pub(super) bubblewrap: Option<PathBuf>,
    /// Whether this bubblewrap knows sizes and rights of temporary file systems (version 0.7 and later).
    pub(super) bubblewrap_sizes: bool,
    pub(super) unshare: Option<PathBuf>,
    pub(super) setpriv: Option<PathBuf>,
    pub(super) mount: Option<PathBuf>,
    pub(super) setsid: Option<PathBuf>,
}

impl Tools {
    /// Looks for them in the usual folders.
    pub(super) async fn find() -> Tools {
        let bubblewrap = find("bwrap");
        let help = match &bubblewrap {
            Some(program) => help(program).await,
            None => String::new(),
        };
        Tools {
            bubblewrap_sizes: help.contains("--size") && help.contains("--perms"),
            bubblewrap,
            unshare: find("unshare"),
            setpriv: find("setpriv"),
            mount: find("mount"),
            setsid: find("setsid"),
        }
    }
}

fn find(name: &str) -> Option<PathBuf> {
    SEARCH.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
}

async fn help(program: &Path) -> String {
    let mut command = tokio::process::Command::new(program);
    command.arg("--help").env_clear().stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    match tokio::time::timeout(Duration::from_secs(10), command.output()).await {
        Ok(Ok(output)) => {
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
        }
        _ => String::new(),
    }
}
