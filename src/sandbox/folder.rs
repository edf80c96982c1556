//! A folder that only we and our confined programs can enter, gone when its owner is.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Once;

use super::SandboxError;

/// What the names of all private folders begin with.
const PREFIX: &str = "stepproof-";
/// The file that an owner keeps locked; the lock goes with the process, however that ends.
const LOCK: &str = "lock";

/// A folder under the temporary folder with a name that nobody can guess; dropping it removes it with all it holds.
///
/// It lies in a parent that only our user may enter, and is itself open to all: so a confined program may use it under
/// another user, and nobody else can come near it. What a process that was killed left behind is removed by the next one.
#[derive(Debug)]
pub struct PrivateFolder {
    parent: PathBuf,
    inner: PathBuf,
    _lock: File,
}

impl PrivateFolder {
    /// Makes the folder.
    ///
    /// # Errors
    /// Fails when the temporary folder cannot be written.
    pub fn new() -> Result<PrivateFolder, SandboxError> {
        static SWEPT: Once = Once::new();
        let temporary = std::env::temp_dir();
        SWEPT.call_once(|| sweep(&temporary));
        // The version 7 of UUIDs has 74 random bits; a name that is taken is an error, never shared.
        let parent = temporary.join(format!("{PREFIX}{}", uuid::Uuid::now_v7().simple()));
        let parent = std::path::absolute(&parent).unwrap_or(parent);
        let inner = parent.join("in");
        let failed = |source| SandboxError::Folder { path: parent.clone(), source };
        make(&parent, 0o700).map_err(failed)?;
        let made = lock(&parent).and_then(|lock| make(&inner, 0o777).map(|()| lock));
        match made {
            Ok(lock) => Ok(PrivateFolder { parent, inner, _lock: lock }),
            Err(source) => {
                remove(&parent);
                Err(failed(source))
            }
        }
    }

    /// The folder's absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        remove(&self.parent);
    }
}

/// Removes a private folder with all it holds.
fn remove(parent: &Path) {
    if std::fs::remove_dir_all(parent).is_ok() {
        return;
    }
    // A program may have left folders that nobody may enter.
    open_up(parent);
    if let Err(error) = std::fs::remove_dir_all(parent) {
        tracing::warn!("could not remove the private folder {}: {error}", parent.display());
    }
}

/// Makes the lock of a folder, which has its name only once it is held.
fn lock(parent: &Path) -> std::io::Result<File> {
    let waiting = parent.join("locking");
    let lock = File::create_new(&waiting)?;
    lock.lock()?;
    std::fs::rename(&waiting, parent.join(LOCK))?;
    Ok(lock)
}

/// Removes the private folders whose owners are gone.
fn sweep(temporary: &Path) {
    for entry in std::fs::read_dir(temporary).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().strip_prefix(PREFIX).is_some_and(|id| id.len() == 32);
        // No link is followed, and what another user put there may be a trap.
        if !ours || !entry.metadata().is_ok_and(|found| found.is_dir() && is_ours(&found)) {
            continue;
        }
        let held = File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if held {
            remove(&entry.path());
        }
    }
}

#[cfg(unix)]
fn is_ours(found: &std::fs::Metadata) -> bool {
    // SAFETY: geteuid(2) has no arguments and cannot fail.
    std::os::unix::fs::MetadataExt::uid(found) == unsafe { libc::geteuid() }
}

#[cfg(not(unix))]
fn is_ours(_found: &std::fs::Metadata) -> bool {
    true
}

#[cfg(unix)]
fn make(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
    std::fs::DirBuilder::new().mode(0o700).create(path)?;
    // The umask has no say in this.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn make(path: &Path, _mode: u32) -> std::io::Result<()> {
    std::fs::create_dir(path)
}

/// Gives the owner all rights on every folder from here down; links are not followed.
fn open_up(top: &Path) {
    let mut waiting = vec![top.to_owned()];
    while let Some(folder) = waiting.pop() {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // What cannot be changed shows when the folder is removed.
            let _ = std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700));
        }
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        waiting.extend(
            entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()),
        );
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_private_folder_goes_with_its_owner_whatever_was_left_in_it() {
        let folder = PrivateFolder::new().unwrap();
        let path = folder.path().to_owned();
        let parent = path.parent().unwrap().to_owned();
        assert_eq!(std::fs::metadata(&parent).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o777);
        let outside = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(path.join("a/b")).unwrap();
        std::fs::write(path.join("a/b/file"), "text").unwrap();
        std::os::unix::fs::symlink(outside.path(), path.join("link")).unwrap();
        std::fs::set_permissions(path.join("a/b"), std::fs::Permissions::from_mode(0o000)).unwrap();
        std::fs::set_permissions(path.join("a"), std::fs::Permissions::from_mode(0o000)).unwrap();
        drop(folder);
        assert!(!parent.exists());
        assert!(outside.path().exists(), "links are not followed");
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_nothing_else() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = |id: &str| {
            let path = temporary.path().join(id);
            std::fs::create_dir(&path).unwrap();
            path
        };
        let name = |digit: &str| format!("{PREFIX}{}", digit.repeat(32));
        let (left, owned, begun, other) =
            (folder(&name("1")), folder(&name("2")), folder(&name("3")), folder("stepproof-x"));
        drop(lock(&left).unwrap());
        std::fs::create_dir(left.join("in")).unwrap();
        let held = lock(&owned).unwrap();
        drop(lock(&other).unwrap());
        sweep(temporary.path());
        assert_eq!([&left, &owned, &begun, &other].map(|path| path.exists()), [false, true, true, true]);
        drop(held);
        sweep(temporary.path());
        assert!(!owned.exists());
    }

    #[test]
    fn no_two_private_folders_are_one() {
        let (first, second) = (PrivateFolder::new().unwrap(), PrivateFolder::new().unwrap());
        assert_ne!(first.path(), second.path());
    }
}
