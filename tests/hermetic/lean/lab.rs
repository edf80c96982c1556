//! A folder with the fake server under the name `lean`, and what the tests ask of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

/// The fake server in a folder of its own, with a script of its own.
pub(crate) struct FakeLean {
    folder: TempDir,
}

impl FakeLean {
    /// Lays the fake server down; `script` names behaviours of its processes.
    pub(crate) fn new(script: &str) -> FakeLean {
        // Beside the build: a sandbox may hide the system's temporary folder.
        let folder = tempfile::Builder::new().prefix("fake-lean-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::fs::hard_link(built(), bin.join("lean")).unwrap();
        std::fs::write(bin.join("fake.script"), script).unwrap();
        FakeLean { folder }
    }

    /// Gives the program.
    pub(crate) fn lean(&self) -> PathBuf {
        self.folder.path().join("bin/lean")
    }

    /// Waits until no process of this folder is left; a process that stays is a failure.
    pub(crate) async fn assert_no_process_is_left(&self) {
        for _ in 0..200 {
            if self.processes().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("processes are left: {:?}", self.processes());
    }

    /// Gives the processes that run this folder's program, with their command lines.
    pub(crate) fn processes(&self) -> Vec<String> {
        let mark = self.folder.path().to_string_lossy().into_owned();
        let lines = std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
            let line = std::fs::read(entry.path().join("cmdline")).ok()?;
            Some(String::from_utf8_lossy(&line).replace('\0', " "))
        });
        lines.filter(|line| line.contains(&mark)).collect()
    }
}

/// Finds the fake server beside this test program. `cargo test` builds it; `cargo test --test hermetic` alone does not.
fn built() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let fake = test.parent().and_then(Path::parent).unwrap().join("examples/fake_lean");
    let newest = |path: &Path| std::fs::metadata(path).and_then(|data| data.modified()).ok();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/fake_lean");
    let sources = std::fs::read_dir(sources).unwrap().filter_map(|entry| newest(&entry.unwrap().path())).max();
    assert!(
        newest(&fake) >= sources,
        "the fake Lean server is not built, or is old: run `cargo build --example fake_lean` with the same features"
    );
    fake
}
