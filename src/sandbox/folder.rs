//! A folder that only we and our confined programs can enter, gone when its owner is.

use std::path::{Path, PathBuf};

use super::SandboxError;

/// A folder under the temporary folder with a name that nobody can guess; dropping it removes it with all it holds.
///
/// It lies in a parent that only our user may enter, and is itself open to all: so a confined program may use it under
/// another user, and nobody else can come near it.
#[derive(Debug)]
pub struct PrivateFolder {
    parent: PathBuf,
    inner: PathBuf,
}

impl PrivateFolder {
    /// Makes the folder.
    ///
    /// # Errors
    /// Fails when the temporary folder cannot be written.
    pub fn new() -> Result<PrivateFolder, SandboxError> {
        // The version 7 of UUIDs has 74 random bits; a name that is taken is an error, never shared.
        let parent = std::env::temp_dir().join(format!("stepproof-{}", uuid::Uuid::now_v7().simple()));
        let parent = std::path::absolute(&parent).unwrap_or(parent);
        let inner = parent.join("in");
        let failed = |source| SandboxError::Folder { path: parent.clone(), source };
        make(&parent, 0o700).map_err(failed)?;
        let folder = PrivateFolder { parent: parent.clone(), inner };
        make(&folder.inner, 0o777).map_err(failed)?;
        Ok(folder)
    }

    /// The folder's absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        if std::fs::remove_dir_all(&self.parent).is_ok() {
            return;
        }
        // A program may have left folders that nobody may enter.
        open_up(&self.parent);
        if let Err(error) = std::fs::remove_dir_all(&self.parent) {
            tracing::warn!("could not remove the private folder {}: {error}", self.parent.display());
        }
    }
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
    fn no_two_private_folders_are_one() {
        let (first, second) = (PrivateFolder::new().unwrap(), PrivateFolder::new().unwrap());
        assert_ne!(first.path(), second.path());
    }
}
