//! The program that the server starts for each worker: a script that confines itself and becomes Lean.

use std::path::{Path, PathBuf};

use super::{LeanError, PoolSettings, Toolchain};
use crate::sandbox::{Confined, Limits, PrivateFolder, Sandbox};

/// The script in a folder of its own; both are gone when it is dropped.
#[derive(Debug)]
pub(super) struct WorkerScript {
    path: PathBuf,
    _folder: PrivateFolder,
    /// The script holds only as long as its sandbox.
    _sandbox: Sandbox,
}

impl WorkerScript {
    pub(super) fn write(toolchain: &Toolchain, settings: &PoolSettings) -> Result<WorkerScript, LeanError> {
        let confined = Confined {
            program: toolchain.lean.clone(),
            arguments: Vec::new(),
            environment: environment(toolchain),
            working_folder: toolchain.project.clone(),
            readable: readable(toolchain),
            writable: Vec::new(),
            limits: Limits { address_space: settings.address_space, ..Limits::default() },
        };
        let script = settings.sandbox.wrapper_script(&confined)?;
        let folder = PrivateFolder::new()?;
        let path = folder.path().join("worker");
        write_program(&path, &script).map_err(|source| LeanError::File { path: path.clone(), source })?;
        Ok(WorkerScript { path, _folder: folder, _sandbox: settings.sandbox.clone() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Gives what the toolchain's environment adds to what the sandbox sets.
fn environment(toolchain: &Toolchain) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    let own = |name: &std::ffi::OsString| ["PATH", "HOME", "TMPDIR"].iter().any(|set| name == set);
    toolchain.environment.iter().filter(|(name, _)| !own(name)).cloned().collect()
}

/// Gives the folders that a worker reads: the toolchain, the project, and whatever the search paths name.
fn readable(toolchain: &Toolchain) -> Vec<PathBuf> {
    let root = toolchain.lean.parent().and_then(Path::parent).map(Path::to_owned);
    let mut folders: Vec<PathBuf> = root.into_iter().chain(toolchain.project.clone()).collect();
    for name in ["LEAN_PATH", "LEAN_SRC_PATH"] {
        let paths = toolchain.variable(name).map(std::env::split_paths);
        folders.extend(paths.into_iter().flatten().filter(|path| path.is_absolute()));
    }
    folders
}

#[cfg(unix)]
fn write_program(path: &Path, script: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o755).open(path)?;
    file.write_all(script.as_bytes())
}

#[cfg(not(unix))]
fn write_program(path: &Path, script: &str) -> std::io::Result<()> {
    std::fs::write(path, script)
}
