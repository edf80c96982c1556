//! Limits, process trees, arguments and streams.

use super::*;

/// Numbers of processes whose command line holds `mark`.
pub(super) fn alive(mark: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let holds = |number: &String| {
        let line = std::fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(mark)
    };
    numbers.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit())).filter(holds).collect()
}

/// A number of seconds that no other test sleeps.
fn mark() -> String {
    format!("{}.{:07}", 3000, random())
}

fn random() -> u32 {
    use std::hash::{BuildHasher as _, Hasher as _};
    (std::hash::RandomState::new().build_hasher().finish() % 10_000_000) as u32
}

#[tokio::test]
async fn a_memory_hog_is_stopped() {
    let mut hog = shell("a=xxxxxxxxxxxxxxxx; while :; do a=$a$a; done");
    hog.limits.address_space = Some(256 << 20);
    for sandbox in levels(&ALL).await {
        let output = run(&sandbox, &hog).await;
        assert!(!output.status.success(), "{}", sandbox.level().name());
    }
}

#[tokio::test]
async fn a_file_cannot_grow_without_end() {
    let mut confined = shell(
        "trap '' XFSZ; dd if=/dev/zero of=\"$TMPDIR/file\" bs=65536 count=64 2>/dev/null; wc -c < \"$TMPDIR/file\"",
    );
    confined.limits.file_bytes = Some(1 << 20);
    for sandbox in levels(&ALL).await {
        assert_eq!(said(&sandbox, &confined).await.trim(), "1048576", "{}", sandbox.level().name());
    }
}

#[tokio::test]
async fn a_busy_loop_runs_out_of_processor_time() {
    let mut confined = shell("while :; do :; done");
    confined.limits.cpu_seconds = Some(1);
    for sandbox in levels(&ALL).await {
        assert!(!run(&sandbox, &confined).await.status.success());
    }
}

#[tokio::test]
async fn limits_are_set_and_the_stack_is_left_alone() {
    let stack = std::process::Command::new("/bin/sh").args(["-c", "ulimit -s"]).output().unwrap();
    let stack = String::from_utf8(stack.stdout).unwrap();
    let mut confined = shell("ulimit -s; ulimit -c; ulimit -n; ulimit -v; ulimit -t");
    confined.limits = Limits { address_space: Some(4 << 30), cpu_seconds: Some(77), file_bytes: None, stack: None };
    for sandbox in levels(&ALL).await {
        let text = said(&sandbox, &confined).await;
        assert_eq!(text, format!("{stack}0\n4096\n4194304\n77\n"), "{}", sandbox.level().name());
    }
    // Only where one is named.
    let mut confined = shell("ulimit -s");
    confined.limits.stack = Some(6 << 20);
    for sandbox in levels(&ALL).await {
        assert_eq!(said(&sandbox, &confined).await, "6144\n", "{}", sandbox.level().name());
    }
}

#[tokio::test]
async fn a_killed_group_takes_its_whole_tree_along() {
    for sandbox in levels(&ALL).await {
        let mark = mark();
        let (plain, session, orphan) = (format!("sleep {mark}1"), format!("sleep {mark}2"), format!("sleep {mark}3"));
        let escaped = sandbox.level() != Level::None;
        let escape = if escaped { format!("setsid {session} & (setsid {orphan} &)") } else { ":".to_owned() };
        let mut command = sandbox.command(&shell(&format!("{plain} & {escape} ; echo ready; wait; wait"))).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut ready = [0; 6];
        child.stdout.as_mut().unwrap().read_exact(&mut ready).await.unwrap();
        let expected = if escaped { 3 } else { 1 };
        let sleepers = || alive(&mark).into_iter().filter(|number| command_name(number) == "sleep").count();
        until("all sleep", || sleepers() == expected).await;
        kill_group(child.id().unwrap());
        child.wait().await.unwrap();
        until("all are dead", || alive(&mark).is_empty()).await;
    }
}

fn command_name(number: &str) -> String {
    std::fs::read_to_string(format!("/proc/{number}/comm")).unwrap_or_default().trim().to_owned()
}

#[tokio::test]
async fn a_dropped_handle_kills_the_program() {
    for sandbox in levels(&ALL).await {
        let mark = mark();
        let mut command = sandbox.command(&shell(&format!("exec sleep {mark}"))).unwrap();
        let child = command.stdin(Stdio::null()).spawn().unwrap();
        until("it sleeps", || alive(&mark).iter().any(|number| command_name(number) == "sleep")).await;
        drop(child);
        until("it is dead", || alive(&mark).is_empty()).await;
    }
}

#[tokio::test]
async fn a_wrapped_program_dies_with_the_one_that_started_it() {
    for sandbox in levels(&ALL).await {
        let mark = mark();
        let folder = PrivateFolder::new().unwrap();
        let alone = sandbox.level() == Level::None;
        let (escape, expected) = if alone { (String::new(), 1) } else { (format!("setsid sleep {mark} &"), 2) };
        let script = wrapper(&folder, &sandbox, &shell(&format!("{escape} exec sleep {mark}")));
        let mut starter = std::process::Command::new("/bin/sh");
        starter.arg("-c").arg("\"$0\" & wait").arg(&script);
        let mut starter = starter.spawn().unwrap();
        let sleepers = || alive(&mark).into_iter().filter(|number| command_name(number) == "sleep").count();
        until("all sleep", || sleepers() == expected).await;
        starter.kill().unwrap();
        starter.wait().unwrap();
        until("all are dead", || alive(&mark).is_empty()).await;
    }
}

#[tokio::test]
async fn exit_codes_come_through() {
    for sandbox in levels(&ALL).await {
        assert_eq!(run(&sandbox, &shell("exit 7")).await.status.code(), Some(7), "{}", sandbox.level().name());
    }
}

/// Writes the wrapper script to a folder, executable.
pub(super) fn wrapper(folder: &PrivateFolder, sandbox: &Sandbox, confined: &Confined) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.path().join("wrap it.sh");
    std::fs::write(&path, sandbox.wrapper_script(confined).unwrap()).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let odd = ["", " ", "a b", "'", "\"", "$HOME", "`id`", "\\", "line\nend\n", "-n", "--", "*", "ü 𝔸", "'; exit 3; '"];
    for sandbox in levels(&ALL).await {
        let mut confined = shell("for word; do printf '%s\\0' \"$word\"; done");
        confined.arguments.push("sh".into());
        confined.arguments.extend(odd.map(OsString::from));
        let expected: String = odd.iter().map(|word| format!("{word}\0")).collect();
        assert_eq!(said(&sandbox, &confined).await, expected, "{}", sandbox.level().name());
        // The wrapper's own arguments come after the fixed ones.
        let folder = PrivateFolder::new().unwrap();
        let script = wrapper(&folder, &sandbox, &confined);
        let output = std::process::Command::new(script).args(odd).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected.repeat(2), "{}", sandbox.level().name());
    }
}

#[tokio::test]
async fn streams_pass_every_byte() {
    let bytes: Vec<u8> = (0..1_000_003_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for sandbox in levels(&ALL).await {
        let mut confined = shell("");
        confined.program = "/bin/cat".into();
        confined.arguments.clear();
        let mut command = sandbox.command(&confined).unwrap();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut input, sent) = (child.stdin.take().unwrap(), bytes.clone());
        let writer = tokio::spawn(async move { input.write_all(&sent).await });
        let output = child.wait_with_output().await.unwrap();
        writer.await.unwrap().unwrap();
        assert!(output.stdout == bytes, "{}: {} bytes", sandbox.level().name(), output.stdout.len());
    }
}
