use super::*;

#[test]
fn versions_are_read() {
    let line = "Lean (version 4.35.0, x86_64-unknown-linux-gnu, commit eb6cafb7, Release)";
    let version = LeanVersion::read(&format!("{line}\n")).unwrap();
    assert_eq!((version.number.as_str(), version.commit.as_deref()), ("4.35.0", Some("eb6cafb7")));
    assert_eq!(version.line, line);
    assert_eq!(LeanVersion::read("Lean (version 4.36.0-rc1)").unwrap().number, "4.36.0-rc1");
    for other in ["", "Python 3.11.2", "Lean (version , x)", "Lean (version four)", "lean 4.35.0"] {
        assert_eq!(LeanVersion::read(other), None, "{other}");
    }
}

#[test]
fn toolchain_files_are_read() {
    for (text, number) in [
        ("leanprover/lean4:v4.24.0", Some("4.24.0")),
        ("leanprover/lean4:4.24.0", Some("4.24.0")),
        ("v4.36.0-rc1", Some("4.36.0-rc1")),
        ("leanprover/lean4:nightly-2025-11-01", None),
        ("leanprover/lean4:stable", None),
        ("my-own", None),
        ("2025-11-01", None),
        ("", None),
    ] {
        assert_eq!(pinned_number(text), number, "{text}");
    }
}

#[test]
fn a_project_must_be_one_and_want_this_version() {
    let version = LeanVersion { number: "4.35.0".into(), commit: None, line: String::new() };
    let folder = tempfile::tempdir().unwrap();
    let check = || check_project(folder.path(), &version).map_err(|error| error.to_string());
    assert!(check().unwrap_err().starts_with("find a Lean project in "));
    std::fs::write(folder.path().join("lakefile.toml"), "").unwrap();
    assert_eq!(check(), Ok(()));
    std::fs::write(folder.path().join("lean-toolchain"), "leanprover/lean4:v4.24.0\n").unwrap();
    assert!(check().unwrap_err().ends_with("its lean-toolchain file asks for leanprover/lean4:v4.24.0"));
    std::fs::write(folder.path().join("lean-toolchain"), "leanprover/lean4:v4.35.0\n").unwrap();
    assert_eq!(check(), Ok(()));
}

#[test]
fn libraries_are_found_without_lake() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(library_path(folder.path()), None);
    for inner in [".lake/build/lib/lean", ".lake/packages/b/.lake/build/lib", ".lake/packages/a/.lake/build/lib/lean"] {
        std::fs::create_dir_all(folder.path().join(inner)).unwrap();
    }
    let path = library_path(folder.path()).unwrap();
    let found: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let wanted = [".lake/build/lib/lean", ".lake/packages/a/.lake/build/lib/lean", ".lake/packages/b/.lake/build/lib"];
    assert_eq!(found, wanted.map(|inner| folder.path().join(inner)));
}

/// Opens a toolchain whose programs are shell scripts, given by name.
#[cfg(unix)]
async fn open(programs: &[(&str, &str)], project: bool) -> (tempfile::TempDir, Result<Toolchain, (LeanError, String)>) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    for (name, script) in programs {
        let path = bin.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::create_dir_all(folder.path().join("project/.lake/build/lib/lean")).unwrap();
    std::fs::write(folder.path().join("project/lean-toolchain"), "leanprover/lean4:v4.35.0\n").unwrap();
    let project = project.then(|| folder.path().join("project"));
    let extra = [("EXTRA".into(), "given".into())];
    let opened = Toolchain::open_within(&bin.join("lean"), project.as_deref(), &extra, Duration::from_secs(5)).await;
    (
        folder,
        opened.map_err(|error| {
            let text = error.to_string();
            (error, text)
        }),
    )
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_is_not_lean_is_told() {
    for (script, said) in [
        ("echo Python 3.11.2", "for Lean: asked for its version it says \"Python 3.11.2\""),
        ("exit 0", "for Lean: asked for its version it says \"\""),
        ("echo no such thing >&2; exit 3", "it ended with exit status: 3 and said \"no such thing\""),
        ("kill -9 $$", "it ended with signal: 9 (SIGKILL)"),
        ("yes", "it is longer than 1048576 bytes"),
        ("sleep 600 & sleep 600", "within 5 s"),
    ] {
        // What never answers is the same as what answers too late.
        let (_folder, opened) = open(&[("lean", script)], false).await;
        let (_, text) = opened.unwrap_err();
        assert!(text.contains(said), "{script}: {text}");
    }
    let (_folder, opened) = open(&[], false).await;
    assert!(matches!(opened, Err((LeanError::Start { .. }, _))), "{opened:?}");
    let missing = Toolchain::open(Path::new("no-such-lean"), None, &[]).await.unwrap_err().to_string();
    assert!(missing.starts_with("find the program no-such-lean in /usr/local/bin:"), "{missing}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_environment_comes_from_lake_or_from_the_folders() {
    let lean = ("lean", "echo 'Lean (version 4.35.0, commit abc)'");
    let (_folder, opened) = open(&[lean], false).await;
    let alone = opened.unwrap();
    assert_eq!((alone.variable("LEAN_PATH"), alone.variable("EXTRA")), (None, Some(OsStr::new("given"))));
    assert_eq!(alone.variable("HOME"), Some(OsStr::new("/nonexistent")), "nothing of the caller's own");
    let (folder, opened) = open(&[lean], true).await;
    let found = std::fs::canonicalize(folder.path()).unwrap().join("project/.lake/build/lib/lean");
    assert_eq!(opened.unwrap().variable("LEAN_PATH"), Some(found.as_os_str()));
    let lake =
        "[ \"$*\" = 'env printenv' ] || exit 9; echo LEAN_PATH=/a:/b; echo EXTRA=other; echo \"LEAN_SRC_PATH=$PWD\"";
    let (folder, opened) = open(&[lean, ("lake", lake)], true).await;
    let toolchain = opened.unwrap();
    let project = std::fs::canonicalize(folder.path()).unwrap().join("project");
    assert_eq!(toolchain.variable("LEAN_PATH"), Some(OsStr::new("/a:/b")));
    assert_eq!(toolchain.variable("LEAN_SRC_PATH"), Some(project.as_os_str()));
    assert_eq!(toolchain.variable("EXTRA"), Some(OsStr::new("given")));
    let (_folder, opened) = open(&[lean, ("lake", "echo broken >&2; exit 1")], true).await;
    let (_, text) = opened.unwrap_err();
    assert!(text.contains("lake env printenv`") && text.contains("\"broken\""), "{text}");
    let (_folder, opened) = open(&[("lean", "echo 'Lean (version 4.24.0)'")], true).await;
    assert!(matches!(opened, Err((LeanError::WrongToolchain { .. }, _))));
}
