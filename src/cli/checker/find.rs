//! Finds the Lean that a user means.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;

/// How long a toolchain manager may take to say where its Lean lies; it may have to fetch one.
const PATIENCE: Duration = Duration::from_secs(300);

/// A Lean with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundLean {
    pub(crate) path: PathBuf,
    /// For people.
    pub(crate) origin: String,
}

/// Finds Lean: named by the user, or in PATH; where a toolchain manager stands in for it, the toolchain that it gives
/// the project.
///
/// # Errors
/// There is none.
pub(crate) async fn find(settings: &Settings) -> Result<FoundLean, CliError> {
    let project = settings.lean_project.as_ref().map(|project| project.value.as_path());
    let found = match &settings.lean {
        Some(lean) => FoundLean { path: lean.value.clone(), origin: lean.origin.to_string() },
        None => in_path("lean").map(|path| FoundLean { path, origin: "PATH".to_owned() }).ok_or_else(missing)?,
    };
    let managed = found.path.parent().is_some_and(|folder| folder.join("elan").is_file());
    if !managed {
        return Ok(found);
    }
    let path = behind_manager(&found.path, project).await?;
    Ok(FoundLean { path, origin: format!("{}, through elan", found.origin) })
}

/// Finds a program in PATH.
pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Gives the environment that Lean needs of ours.
pub(super) fn environment(settings: &Settings) -> Vec<(OsString, OsString)> {
    // In a project the project says where its libraries are.
    let names: &[&str] =
        if settings.lean_project.is_some() { &["LEAN_SYSROOT"] } else { &["LEAN_PATH", "LEAN_SYSROOT"] };
    names.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?))).collect()
}

fn missing() -> CliError {
    CliError::new(Exit::Missing, "find Lean: no program lean in PATH, and none is named")
        .hint("--lean PATH or STEPPROOF_LEAN names one; get it from https://lean-lang.org/install")
        .hint("in the source folder `make lean` sets up a small one for a try: --lean lean-core/bin/lean")
}

/// Asks the manager where the Lean lies that it would start in the project.
async fn behind_manager(shim: &Path, project: Option<&Path>) -> Result<PathBuf, CliError> {
    let failed = |cause: String| {
        CliError::new(Exit::Missing, format!("ask {} for its toolchain", shim.display()))
            .because(cause)
            .hint("--lean PATH names a toolchain's own bin/lean")
    };
    let mut command = Command::new(shim);
    command.arg("--print-prefix").stdin(Stdio::null()).stderr(Stdio::piped()).stdout(Stdio::piped());
    command.kill_on_drop(true);
    if let Some(project) = project {
        command.current_dir(project);
    }
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = output.map_err(|_| failed(format!("no answer within {} s", PATIENCE.as_secs())))?;
    let output = output.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().chars().take(300).collect()));
    }
    let prefix = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let lean = Path::new(&prefix).join("bin").join("lean");
    if lean.is_file() { Ok(lean) } else { Err(failed(format!("{} is not there", lean.display()))) }
}
