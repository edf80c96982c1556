//! Finds out what a Lean is: its version, the project it serves, and the environment its programs need.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::LeanError;
use super::ask::{ask, base_environment, beginning};

/// How long `lean --version` may take.
const VERSION_PATIENCE: Duration = Duration::from_secs(20);
/// How long `lake env` may take: it may have to elaborate the project's Lake file first.
const LAKE_PATIENCE: Duration = Duration::from_secs(180);

/// The version of a Lean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeanVersion {
    /// Its number, such as `4.35.0` or `4.36.0-rc1`.
    pub number: String,
    /// The commit it was built from, where it says so.
    pub commit: Option<String>,
    /// Everything it says about itself.
    pub line: String,
}

impl LeanVersion {
    /// Reads the answer to `lean --version`.
    fn read(said: &str) -> Option<LeanVersion> {
        let line = said.lines().next()?.trim();
        let inner = line.strip_prefix("Lean (version ")?.split(')').next()?;
        let mut parts = inner.split(',').map(str::trim);
        let number = parts.next().filter(|number| number.starts_with(|first: char| first.is_ascii_digit()))?;
        let commit = parts.find_map(|part| part.strip_prefix("commit ")).map(str::to_owned);
        Some(LeanVersion { number: number.to_owned(), commit, line: line.to_owned() })
    }
}

/// A Lean, and the project it is used in.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The program.
    pub lean: PathBuf,
    /// Its version.
    pub version: LeanVersion,
    /// The project's folder.
    pub project: Option<PathBuf>,
    /// Lake, where it stands beside Lean.
    pub lake: Option<PathBuf>,
    /// The whole environment of Lean's programs, `LEAN_PATH` included where one is set.
    pub environment: Vec<(OsString, OsString)>,
}

impl Toolchain {
    /// Asks `lean` for its version and, in a project, Lake for the paths of the project's libraries; without Lake they
    /// are taken from the folders where Lake puts them. `extra` is added to the environment and wins over what is found.
    ///
    /// # Errors
    /// Fails when `lean` is not Lean or does not answer, when `project` is no project or wants another version, and
    /// when Lake fails.
    pub async fn open(
        lean: &Path,
        project: Option<&Path>,
        extra: &[(OsString, OsString)],
    ) -> Result<Toolchain, LeanError> {
        Toolchain::open_within(lean, project, extra, VERSION_PATIENCE).await
    }

    /// Does what [`Toolchain::open`] does, with another patience for `lean --version`.
    ///
    /// # Errors
    /// As [`Toolchain::open`].
    pub async fn open_within(
        lean: &Path,
        project: Option<&Path>,
        extra: &[(OsString, OsString)],
        patience: Duration,
    ) -> Result<Toolchain, LeanError> {
        let mut environment = base_environment();
        set_all(&mut environment, extra);
        let mut lean = resolve(lean, &environment)?;
        let project = match project {
            Some(folder) => Some(
                std::fs::canonicalize(folder).map_err(|source| LeanError::File { path: folder.to_owned(), source })?,
            ),
            None => None,
        };
        if chooses_by_folder(&lean) {
            // What it chooses is used itself: Lake stands beside that one, and workers start faster.
            let answer = ask(&lean, &["--print-prefix"], &environment, project.as_deref(), LAKE_PATIENCE).await?;
            let chosen = Path::new(answer.stdout.trim()).join("bin").join("lean");
            if chosen.is_absolute() && chosen.is_file() {
                lean = chosen;
            }
        }
        let answer = ask(&lean, &["--version"], &environment, project.as_deref(), patience).await?;
        let said = || beginning(answer.stdout.trim(), 200);
        let version = LeanVersion::read(&answer.stdout)
            .ok_or_else(|| LeanError::NotLean { program: lean.clone(), said: said() })?;
        let lake = lean.parent().map(|folder| folder.join("lake")).filter(|lake| lake.is_file());
        if let Some(project) = &project {
            check_project(project, &version)?;
            let found = match &lake {
                Some(lake) => ask_lake(lake, project, &environment).await?,
                None => library_path(project).map(|path| ("LEAN_PATH".into(), path)).into_iter().collect(),
            };
            set_all(&mut environment, &found);
            set_all(&mut environment, extra);
        }
        Ok(Toolchain { lean, version, project, lake, environment })
    }

    /// Gives a value of the environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_os_str())
    }
}

/// Finds a program: a name without a folder is looked up where programs are.
fn resolve(program: &Path, environment: &[(OsString, OsString)]) -> Result<PathBuf, LeanError> {
    if program.parent().is_some_and(|folder| !folder.as_os_str().is_empty()) {
        return std::path::absolute(program).map_err(|source| LeanError::File { path: program.to_owned(), source });
    }
    let path = environment.iter().find(|(name, _)| name == "PATH").map(|(_, path)| path.clone()).unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    let missing = || LeanError::NotFound {
        name: program.to_string_lossy().into_owned(),
        path: path.to_string_lossy().into_owned(),
    };
    found.ok_or_else(missing)
}

/// Tells whether a program named `lean` is elan's, which runs the Lean that the working folder asks for.
fn chooses_by_folder(lean: &Path) -> bool {
    let is_elan = |path: &Path| path.file_stem().is_some_and(|stem| stem == "elan");
    let beside = lean.parent().is_some_and(|folder| folder.join("elan").is_file());
    beside || std::fs::canonicalize(lean).is_ok_and(|target| is_elan(&target))
}

fn set_all(environment: &mut Vec<(OsString, OsString)>, values: &[(OsString, OsString)]) {
    for (name, value) in values {
        environment.retain(|(known, _)| known != name);
        environment.push((name.clone(), value.clone()));
    }
}

/// Checks that `project` is a project, and one for this version.
fn check_project(project: &Path, version: &LeanVersion) -> Result<(), LeanError> {
    let pin = project.join("lean-toolchain");
    let lake_files = ["lakefile.toml", "lakefile.lean"];
    if !pin.is_file() && !lake_files.iter().any(|name| project.join(name).is_file()) {
        return Err(LeanError::NoProject { folder: project.to_owned() });
    }
    if !pin.is_file() {
        return Ok(());
    }
    let text = std::fs::read(&pin).map_err(|source| LeanError::File { path: pin, source })?;
    let text = String::from_utf8_lossy(&text);
    let wanted = text.trim();
    match pinned_number(wanted) {
        Some(number) if number != version.number => Err(LeanError::WrongToolchain {
            project: project.to_owned(),
            wanted: beginning(wanted, 100),
            found: version.number.clone(),
        }),
        _ => Ok(()),
    }
}

/// Gives the version number in a toolchain's name, or `None` where it is no release (a nightly, a local name).
fn pinned_number(toolchain: &str) -> Option<&str> {
    let name = toolchain.rsplit(':').next()?.trim();
    let number = name.strip_prefix('v').unwrap_or(name);
    let is_number = number.starts_with(|first: char| first.is_ascii_digit())
        && number.split(['.', '-']).take(3).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit())).count() == 3
        && number.split('-').next().is_some_and(|numbers| numbers.contains('.'));
    is_number.then_some(number)
}

/// Asks Lake for the variables that name the project's libraries.
async fn ask_lake(
    lake: &Path,
    project: &Path,
    environment: &[(OsString, OsString)],
) -> Result<Vec<(OsString, OsString)>, LeanError> {
    let answer = ask(lake, &["env", "printenv"], environment, Some(project), LAKE_PATIENCE).await?;
    let wanted = ["LEAN_PATH", "LEAN_SRC_PATH"];
    let variables = answer.stdout.lines().filter_map(|line| line.split_once('='));
    Ok(variables.filter(|(name, _)| wanted.contains(name)).map(|(name, value)| (name.into(), value.into())).collect())
}

/// Gives the search path of a project that was built by Lake: its own library and those of its packages.
fn library_path(project: &Path) -> Option<OsString> {
    let mut roots = vec![project.to_owned()];
    if let Ok(packages) = std::fs::read_dir(project.join(".lake/packages")) {
        let mut packages: Vec<PathBuf> = packages.flatten().map(|entry| entry.path()).collect();
        packages.sort();
        roots.extend(packages);
    }
    let folders = roots.iter().filter_map(|root| {
        // Before Lean 4.18 the library stood one folder higher.
        [".lake/build/lib/lean", ".lake/build/lib"].iter().map(|inner| root.join(inner)).find(|folder| folder.is_dir())
    });
    std::env::join_paths(folders).ok().filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests;
