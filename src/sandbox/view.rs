//! What a confined program sees of the machine's files.
//!
//! The machine is shown read-only, with folders that hold secrets or sockets emptied: home folders, temporary folders,
//! `/run`. Into these holes the folders that the program needs are put back, and nothing else; inside them well-known
//! secrets (keys, tokens) are blanked.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::{Confined, SandboxError};

/// The private temporary folder, as the program sees it.
pub(super) const SCRATCH: &str = "/tmp";

/// Folders that are emptied: what is in them belongs to people, other programs or other runs.
const EMPTIED: [&str; 6] = ["/home", "/root", "/run", "/media", "/var/tmp", "/var/run"];

/// Secrets that are blanked wherever a folder that holds them is shown.
const SECRETS: [&str; 27] = [
    ".aws",
    ".azure",
    ".bash_history",
    ".cache/huggingface/stored_tokens",
    ".cache/huggingface/token",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".config",
    ".docker",
    ".env",
    ".env.local",
    ".git-credentials",
    ".git/config",
    ".gnupg",
    ".huggingface",
    ".kube",
    ".local/share/keyrings",
    ".mozilla",
    ".netrc",
    ".npmrc",
    ".password-store",
    ".pgpass",
    ".pypirc",
    ".python_history",
    ".ssh",
    ".thunderbird",
    ".zsh_history",
];

/// Files that only root can read; blanked when the program reads files as root.
const ROOT_SECRETS: [&str; 6] =
    ["/etc/gshadow", "/etc/shadow", "/etc/shadow-", "/etc/gshadow-", "/etc/ssh", "/etc/ssl/private"];

/// Where no home folder is ever looked for.
const SYSTEM: [&str; 9] = ["/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/sbin", "/sys", "/usr"];

/// What is done to one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// An empty folder that can be written to.
    Scratch,
    /// An empty folder that cannot.
    Empty,
    /// A folder on the way to something that is shown.
    Folder,
    /// A file without content.
    Blank,
    /// The machine's own file or folder.
    Show {
        /// Where it lies outside.
        source: PathBuf,
        /// Whether it is a folder.
        folder: bool,
        /// Whether the program may write there.
        writable: bool,
    },
}

/// All parts, parents before children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// What is done, and where.
    pub(super) parts: Vec<(PathBuf, Part)>,
    /// Whether a user without any rights could reach everything that the program needs.
    pub(super) open_to_all: bool,
}

/// Plans what `confined` sees. `hidden` are further folders to be emptied; `as_root` says that it reads files as root.
///
/// # Errors
/// Fails for relative paths, for a program or folder that is not there, and for a writable folder that holds the
/// private temporary folder.
pub(super) fn plan(confined: &Confined, hidden: &[PathBuf], as_root: bool) -> Result<View, SandboxError> {
    let mut parts = BTreeMap::new();
    let emptied = EMPTIED.iter().map(PathBuf::from).chain(hidden.iter().cloned());
    for path in emptied.filter_map(|path| std::fs::canonicalize(path).ok()) {
        if path.is_dir() && path.components().count() > 1 {
            parts.insert(path, Part::Empty);
        }
    }
    let scratch = std::fs::canonicalize(SCRATCH).unwrap_or_else(|_| PathBuf::from(SCRATCH));
    parts.insert(scratch.clone(), Part::Scratch);
    if as_root {
        blank(&mut parts, ROOT_SECRETS.iter().map(PathBuf::from));
    }
    let homes: Vec<PathBuf> = parts.keys().cloned().collect();

    let mut needed: Vec<(PathBuf, bool)> = Vec::new();
    needed.extend(confined.readable.iter().filter(|path| path.exists()).map(|path| (path.clone(), false)));
    needed.extend(around(&confined.program)?.into_iter().map(|path| (path, false)));
    needed.extend(confined.working_folder.iter().map(|path| (path.clone(), false)));
    needed.extend(confined.writable.iter().map(|path| (path.clone(), true)));
    let mut shown = Vec::new();
    for (path, writable) in needed {
        let real = real(&path)?;
        if scratch.starts_with(&real) {
            if writable {
                return Err(SandboxError::TooWide { path });
            }
            // The root is shown as it is, and the private temporary folder stays private.
            continue;
        }
        shown.push((real.clone(), path, writable));
    }
    for (real, _, _) in &shown {
        let owners = std::iter::once(real).chain(homes.iter().filter(|home| home.starts_with(real)));
        blank(&mut parts, owners.flat_map(|owner| SECRETS.map(|secret| owner.join(secret))));
    }
    let mut open_to_all = is_open(&confined.program, &homes, false);
    for (real, path, writable) in shown {
        open_to_all &= is_open(&real, &homes, writable);
        let show = |writable| Part::Show { folder: real.is_dir(), source: real.clone(), writable };
        // By way of a link inside an emptied folder it must be found as well.
        for place in [&real, &path] {
            if place == &real || homes.iter().any(|home| path.starts_with(home)) {
                let already = matches!(parts.get(place), Some(Part::Show { writable: true, .. }));
                parts.insert(place.clone(), show(writable || already));
            }
        }
    }
    Ok(View { parts: arrange(parts), open_to_all })
}

/// Drops what changes nothing (an empty folder in an empty one, a read-only folder in what is shown read-only), and
/// adds the folders on the way to what is shown in an empty one.
fn arrange(parts: BTreeMap<PathBuf, Part>) -> Vec<(PathBuf, Part)> {
    let mut kept: Vec<(PathBuf, Part)> = Vec::new();
    for (path, part) in parts {
        let above = kept.iter().rev().find(|(above, part)| *part != Part::Folder && path.starts_with(above)).cloned();
        let needless = match (&part, &above) {
            (Part::Empty | Part::Blank, Some((_, Part::Empty | Part::Scratch))) => true,
            (Part::Show { source, writable: false, .. }, None) => *source == path,
            // A link inside what is shown is there already.
            (Part::Show { source, writable, .. }, Some((_, Part::Show { .. }))) => !writable || *source != path,
            _ => false,
        };
        if needless {
            continue;
        }
        if let (Part::Show { .. }, Some((hole, Part::Empty | Part::Scratch))) = (&part, &above) {
            let mut ways: Vec<&Path> = path.ancestors().skip(1).take_while(|way| *way != hole.as_path()).collect();
            ways.retain(|way| !kept.iter().any(|(there, _)| there == way));
            kept.extend(ways.into_iter().rev().map(|way| (way.to_owned(), Part::Folder)));
        }
        kept.push((path, part));
    }
    kept
}

fn blank(parts: &mut BTreeMap<PathBuf, Part>, secrets: impl Iterator<Item = PathBuf>) {
    for secret in secrets {
        // A link to elsewhere shows what lies there only if that is shown itself.
        if let Ok(kind) = std::fs::symlink_metadata(&secret) {
            let part = if kind.is_dir() { Part::Empty } else { Part::Blank };
            if !kind.is_symlink() {
                parts.insert(secret, part);
            }
        }
    }
}

fn real(path: &Path) -> Result<PathBuf, SandboxError> {
    whole(path)?;
    std::fs::canonicalize(path).map_err(|source| SandboxError::Missing { path: path.to_owned(), source })
}

/// Checks that a path means the same inside and outside.
///
/// # Errors
/// Fails when it is relative or steps back.
pub(super) fn whole(path: &Path) -> Result<(), SandboxError> {
    let untidy = path.components().any(|part| part == Component::ParentDir);
    if !path.is_absolute() || untidy {
        return Err(SandboxError::Relative { path: path.to_owned() });
    }
    Ok(())
}

/// What a program needs around it: the folder that it was installed to.
///
/// `…/prefix/bin/program` needs `…/prefix` with its libraries. A link is followed, and the folder that holds the link
/// is needed too.
fn around(program: &Path) -> Result<Vec<PathBuf>, SandboxError> {
    let real = real(program)?;
    let mut needed = Vec::new();
    if let Some(folder) = real.parent() {
        let prefix = folder.parent().filter(|prefix| folder.ends_with("bin") && !is_personal(prefix));
        let own = if is_personal(folder) { real.as_path() } else { folder };
        needed.push(prefix.unwrap_or(own).to_owned());
    }
    if real != program {
        let folder = program.parent().filter(|folder| !is_personal(folder));
        needed.push(folder.unwrap_or(program).to_owned());
    }
    Ok(needed)
}

/// Says whether a folder is somebody's whole home, or one in which programs of all kinds keep their things.
fn is_personal(folder: &Path) -> bool {
    let parent = folder.parent();
    folder == Path::new("/root")
        || folder.ends_with(".local")
        || parent.is_none()
        || parent == Some(Path::new("/home"))
        || parent.is_some_and(|parent| parent.parent().is_none())
        || [".ssh", ".bashrc", ".profile"].iter().any(|file| folder.join(file).exists())
}

/// Says whether a user without rights could use `path`, with the emptied folders above it replaced by open ones.
#[cfg(unix)]
fn is_open(path: &Path, emptied: &[PathBuf], writable: bool) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).map_or(0, |facts| facts.permissions().mode());
    let Ok(path) = std::fs::canonicalize(path) else { return false };
    let wanted = match (path.is_dir(), writable) {
        (true, true) => 0o007,
        (true, false) => 0o005,
        (false, true) => 0o006,
        (false, false) => 0o004,
    };
    if mode(&path) & wanted != wanted {
        return false;
    }
    // Put back into an emptied folder, a path stands on fresh folders that all may pass.
    if emptied.iter().any(|hole| path.starts_with(hole)) {
        return true;
    }
    path.ancestors().skip(1).all(|folder| mode(folder) & 0o001 != 0)
}

#[cfg(not(unix))]
fn is_open(_path: &Path, _emptied: &[PathBuf], _writable: bool) -> bool {
    true
}

/// Reads the home folders of people from the text of a passwd file.
pub(super) fn homes(passwd: &str) -> Vec<PathBuf> {
    let home = |line: &str| {
        let mut fields = line.split(':').skip(2);
        let user: u32 = fields.next()?.parse().ok()?;
        let home = PathBuf::from(fields.nth(2)?);
        let person = user == 0 || user >= 1000;
        (person && may_be_emptied(&home)).then_some(home)
    };
    passwd.lines().filter_map(home).collect()
}

/// Tells whether a folder can be a home at all, so that nothing of the system goes with it.
pub(super) fn may_be_emptied(home: &Path) -> bool {
    home.is_absolute()
        && home != Path::new("/")
        && home != Path::new("/var")
        && !SYSTEM.iter().any(|folder| home.starts_with(folder))
}

#[cfg(all(test, unix))]
mod tests;
