//! Real programs under every level of confinement that this machine can give.
//!
//! `STEPPROOF_TEST_LEAN` names a `lean`; with it, a worker of its server runs under the wrapper script.
#![cfg(unix)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use stepproof::sandbox::{Confined, Level, Limits, PrivateFolder, Sandbox, SandboxError, Wanted, kill_group};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

mod lean;
mod processes;

/// Every level that works here; the others are named.
async fn levels(wanted: &[Level]) -> Vec<Sandbox> {
    let mut found = Vec::new();
    for level in wanted {
        match Sandbox::detect(Wanted::Exactly(*level)).await {
            Ok(sandbox) => {
                assert_eq!(sandbox.level(), *level);
                found.push(sandbox);
            }
            Err(error) => skipped(&format!("level {}: could not {error}", level.name())),
        }
    }
    found
}

#[expect(clippy::print_stderr, reason = "a skip is loud")]
fn skipped(what: &str) {
    eprintln!("SKIPPED {what}");
}

const ALL: [Level; 3] = [Level::None, Level::Native, Level::Strict];
const CLOSED: [Level; 2] = [Level::Native, Level::Strict];

fn shell(script: &str) -> Confined {
    Confined {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        environment: Vec::new(),
        working_folder: None,
        readable: Vec::new(),
        writable: Vec::new(),
        limits: Limits::default(),
    }
}

async fn run(sandbox: &Sandbox, confined: &Confined) -> Output {
    let mut command = sandbox.command(confined).unwrap();
    command.stdin(Stdio::null());
    tokio::time::timeout(Duration::from_secs(60), command.output()).await.expect("it ends").unwrap()
}

/// What a script prints; it must end well.
async fn said(sandbox: &Sandbox, confined: &Confined) -> String {
    let output = run(sandbox, confined).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {:?} {text} {complaint}", sandbox.level().name(), output.status);
    text
}

/// A folder of this test in the build folder, which is no temporary folder for the sandbox.
fn open_folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    folder
}

#[tokio::test]
async fn the_best_level_is_found_and_what_is_missing_is_said() {
    let best = Sandbox::detect(Wanted::Best).await.unwrap();
    for level in ALL {
        match Sandbox::detect(Wanted::AtLeast(level)).await {
            Ok(sandbox) => assert_eq!(sandbox.level(), best.level()),
            Err(error) => {
                assert!(level > best.level(), "{error}");
                assert!(matches!(error, SandboxError::Unavailable { wanted, .. } if wanted == level));
            }
        }
    }
    let none = Sandbox::detect(Wanted::Exactly(Level::None)).await.unwrap();
    assert!(none.shortfalls().iter().any(|line| line.contains("network")), "{:?}", none.shortfalls());
}

#[tokio::test]
async fn there_is_no_network() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connect = shell(&format!("exec /usr/bin/env bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}'"));
    let open = Sandbox::detect(Wanted::Exactly(Level::None)).await.unwrap();
    // Without this the rest would say nothing.
    said(&open, &connect).await;
    for sandbox in levels(&CLOSED).await {
        let output = run(&sandbox, &connect).await;
        assert!(!output.status.success(), "{}", sandbox.level().name());
        let interfaces = said(&sandbox, &shell("cat /proc/net/dev")).await;
        assert!(!interfaces.contains("eth"), "{interfaces}");
    }
}

#[tokio::test]
async fn nothing_outside_can_be_written() {
    let folder = open_folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "before").unwrap();
    let places = format!(
        "for place in {0}/new {0}/file /etc/stepproof-test /usr/stepproof-test /stepproof-test /var/tmp/stepproof-test \
         /dev/shm/stepproof-test /sys/stepproof-test; do ( echo after > $place ) 2>/dev/null && echo $place; done; rm -f {0}/file; :",
        folder.path().display()
    );
    for sandbox in levels(&CLOSED).await {
        assert_eq!(said(&sandbox, &shell(&places)).await, "", "{}", sandbox.level().name());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "before");
        assert!(!folder.path().join("new").exists());
    }
}

#[tokio::test]
async fn the_private_temporary_folder_is_empty_writable_and_gone_afterwards() {
    for sandbox in levels(&ALL).await {
        let script =
            shell("ls -A \"$TMPDIR\"; echo kept > \"$TMPDIR/file\"; cat \"$HOME/file\"; echo \"$TMPDIR\"; pwd");
        let text = said(&sandbox, &script).await;
        let lines: Vec<&str> = text.lines().collect();
        let ["kept", folder, working] = lines[..] else { panic!("{}: {text}", sandbox.level().name()) };
        assert_eq!(working, folder);
        if sandbox.level() == Level::None {
            // The next program's start sweeps it out, the sandbox's end the rest.
            said(&sandbox, &shell(":")).await;
            assert!(!Path::new(folder).exists());
            let base = Path::new(folder).parent().unwrap().to_owned();
            drop(sandbox);
            assert!(!base.exists());
        } else {
            assert_eq!(folder, "/tmp");
            assert!(!Path::new(folder).join("file").exists());
            assert_eq!(said(&sandbox, &shell("ls -A /tmp")).await, "");
        }
    }
}

#[tokio::test]
async fn homes_and_foreign_temporary_files_are_hidden() {
    let home = open_folder();
    let secret = home.path().join(".secret");
    std::fs::write(&secret, "the secret").unwrap();
    let temporary = tempfile::tempdir().unwrap();
    std::fs::write(temporary.path().join("file"), "the secret").unwrap();
    let read = shell(&format!(
        "cat {} {}/file /etc/shadow 2>/dev/null; ls -A /root /home /run 2>/dev/null | grep -v :; :",
        secret.display(),
        temporary.path().display()
    ));
    // Where the project itself lies in a home or a temporary folder, the secret is hidden before it is asked for.
    let hidden = ["/home", "/root", "/run", "/tmp", "/var/tmp"].map(PathBuf::from).into_iter();
    let beforehand = hidden.chain([std::env::temp_dir()]).any(|folder| home.path().starts_with(folder));
    if beforehand {
        skipped("that the secret is seen before it is hidden: the project lies where everything is hidden");
    }
    for sandbox in levels(&CLOSED).await {
        let before = said(&sandbox, &read).await;
        assert!(beforehand || before.contains("the secret"), "it was hidden by itself: {before}");
        let sandbox = sandbox.with_hidden([home.path().to_owned()]);
        assert_eq!(said(&sandbox, &read).await.trim(), "", "{}", sandbox.level().name());
    }
}

#[tokio::test]
async fn a_toolchain_in_a_home_is_readable_and_the_keys_beside_it_are_not() {
    let home = open_folder();
    let toolchain = home.path().join("tool chain's");
    std::fs::create_dir_all(toolchain.join("bin")).unwrap();
    std::fs::create_dir_all(toolchain.join("lib")).unwrap();
    std::fs::create_dir_all(home.path().join("project/.ssh")).unwrap();
    std::fs::write(home.path().join("project/.env"), "the secret").unwrap();
    std::fs::write(home.path().join("project/.ssh/key"), "the secret").unwrap();
    std::fs::write(home.path().join("project/file"), "the project\n").unwrap();
    std::fs::write(home.path().join("other"), "the secret").unwrap();
    std::fs::write(toolchain.join("lib/library"), "the library\n").unwrap();
    std::fs::copy("/bin/sh", toolchain.join("bin/tool")).unwrap();
    let mut confined = shell("");
    confined.arguments[1] = OsString::from(format!(
        "cat {0}/project/file \"$1\"; cat {0}/other {0}/project/.env {0}/project/.ssh/key 2>/dev/null; \
         (echo x > {0}/project/new) 2>/dev/null || echo closed",
        home.path().display()
    ));
    confined.arguments.extend(["tool".into(), toolchain.join("lib/library").into()]);
    confined.program = toolchain.join("bin/tool");
    confined.readable = vec![home.path().join("project"), home.path().join("absent")];
    for sandbox in levels(&CLOSED).await {
        let sandbox = sandbox.with_hidden([home.path().to_owned()]);
        assert_eq!(said(&sandbox, &confined).await, "the project\nthe library\nclosed\n");
    }
}

#[tokio::test]
async fn a_folder_can_be_given_for_writing() {
    for sandbox in levels(&ALL).await {
        let given = PrivateFolder::new().unwrap();
        let mut confined = shell("echo made > made; echo \"$1\"; cat \"$1/made\"");
        confined.arguments.extend(["sh".into(), given.path().into()]);
        confined.working_folder = Some(given.path().to_owned());
        confined.writable = vec![given.path().to_owned()];
        said(&sandbox, &confined).await;
        assert_eq!(std::fs::read_to_string(given.path().join("made")).unwrap(), "made\n");
    }
}

#[tokio::test]
async fn what_only_our_user_can_read_is_read_as_our_user() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = open_folder();
    std::fs::write(folder.path().join("file"), "ours\n").unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let mut confined = shell(
        "cat file; for place in new /etc/stepproof-test /proc/sys/vm/swappiness /proc/sysrq-trigger; do
           (echo 60 > $place) 2>/dev/null && echo $place; done; cat /etc/shadow 2>/dev/null; :",
    );
    confined.working_folder = Some(folder.path().to_owned());
    for sandbox in levels(&CLOSED).await {
        assert_eq!(said(&sandbox, &confined).await, "ours\n", "{}", sandbox.level().name());
    }
}

#[tokio::test]
async fn the_environment_holds_what_was_named_and_nothing_else() {
    // The test's own environment stands for one with keys in it.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    for sandbox in levels(&ALL).await {
        let mut confined = shell("env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'");
        if sandbox.level() == Level::None {
            confined = shell("env");
        }
        confined.environment = vec![("NAMED".into(), "a 'b\nc\"".into()), ("TMPDIR".into(), "/elsewhere".into())];
        let text = said(&sandbox, &confined).await;
        assert!(text.contains("NAMED=a 'b\nc\""), "{text}");
        assert!(!text.contains("CARGO") && !text.contains("elsewhere"), "{}: {text}", sandbox.level().name());
        confined.environment.push(("A B".into(), "c".into()));
        assert!(matches!(sandbox.command(&confined), Err(SandboxError::BadName { .. })));
    }
}

#[tokio::test]
async fn a_program_has_no_rights() {
    for sandbox in levels(&CLOSED).await {
        let text = said(&sandbox, &shell("id -u; grep -E 'Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs' /proc/self/status")).await;
        assert!(text.contains("NoNewPrivs:\t1"), "{text}");
        assert_eq!(text.matches("0000000000000000").count(), 4, "{text}");
        if is_root() {
            assert!(text.starts_with("65534\n"), "{text}");
        }
        // Neither new namespaces nor the tools that made these give anything back.
        let undo = "unshare --user --map-root-user --mount sh -c 'mount -o remount,bind,rw / && umount -l /root; ls -A /root; echo x > /etc/stepproof-test'";
        let output = run(&sandbox, &shell(&format!("{undo} 2>/dev/null; :"))).await;
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(!Path::new("/etc/stepproof-test").exists());
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|facts| std::os::unix::fs::MetadataExt::uid(&facts) == 0)
}

#[tokio::test]
async fn bad_requests_are_refused_with_their_reason() {
    let sandbox = Sandbox::detect(Wanted::Best).await.unwrap();
    let mut relative = shell(":");
    relative.program = PathBuf::from("bin/sh");
    assert!(matches!(sandbox.command(&relative), Err(SandboxError::Relative { .. })));
    let mut nul = shell("a\0b");
    assert!(matches!(sandbox.wrapper_script(&nul), Err(SandboxError::NotText { .. })));
    nul.arguments.clear();
    if sandbox.level() > Level::None {
        let mut absent = shell(":");
        absent.working_folder = Some("/absent folder".into());
        assert!(matches!(sandbox.command(&absent), Err(SandboxError::Missing { .. })));
        let mut wide = shell(":");
        wide.writable = vec!["/".into()];
        assert!(matches!(sandbox.command(&wide), Err(SandboxError::TooWide { .. })));
    }
}

/// Waits until `what` holds.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
