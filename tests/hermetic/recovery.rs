//! The command is killed at random moments, half of the time while it resumes; nothing may be lost, doubled or torn.
//!
//! `STEPPROOF_KILLS` sets the number of kills (default 30; the bar of 100 is run by `make kill-test`).

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rand::{RngExt, SeedableRng};

const ITEMS: usize = 500;

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn eval(folder: &Path) -> Command {
    let mut command = command(folder);
    command.args(["eval", "lab.toml", "--model", "script:script.toml", "--strategy", "stepwise", "--progress", "none"]);
    command.args(["--concurrency", "8", "--format", "json"]);
    command
}

fn prepare(folder: &Path) {
    let problems: String = (0..ITEMS)
        .map(|number| {
            format!("{{\"id\": \"p{number:03}\", \"problem\": \"What is {number} + 0?\", \"answer\": {number}}}\n")
        })
        .collect();
    std::fs::write(folder.join("lab.jsonl"), problems).unwrap();
    std::fs::write(
        folder.join("lab.toml"),
        "name = 'lab'\nform = 'integer'\nfile = 'lab.jsonl'\n[fields]\nid = 'id'\nquestion = 'problem'\nanswer = 'answer'\n",
    )
    .unwrap();
    std::fs::write(
        folder.join("script.toml"),
        "token_ms = 2\n[[reply]]\ntext = \"One.\\n\\nTwo.\\n\\nThree.\\n\\nFour.\\n\\nSo \\\\boxed{7}.\"\n",
    )
    .unwrap();
}

fn query(folder: &Path, sql: &str) -> Vec<serde_json::Value> {
    let output = command(folder).args(["sql", sql, "--format", "jsonl"]).output().unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn killed_at_any_moment_nothing_is_lost_doubled_or_torn() {
    let kills: u32 = std::env::var("STEPPROOF_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(30);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(11);
    let (mut killed, mut resuming, mut runs, mut there) = (0, 0, 0, 0);
    while killed < kills {
        let begun = folder.join("stepproof.db").exists();
        let mut child = eval(folder).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(random.random_range(20..400)));
        let ended = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        if ended {
            // All is done: look at it and begin another run, so that kills still meet work.
            check_whole(folder);
            (runs, there) = (runs + 1, 0);
            for file in ["stepproof.db", "stepproof.db-wal", "stepproof.db-shm"] {
                let _ = std::fs::remove_file(folder.join(file));
            }
            continue;
        }
        killed += 1;
        resuming += u32::from(begun);
        let now = attempts(folder);
        assert!(now >= there, "{now} attempts after {there}");
        there = now;
    }
    check_whole(folder);
    eprintln!("{killed} kills, {resuming} of them during a resume, {} runs: nothing lost, doubled or torn", runs + 1);
    assert!(resuming * 2 >= killed);
}

/// Finishes the run and looks at every key and every row of it.
fn check_whole(folder: &Path) {
    let output = eval(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((summary["items"].as_u64(), summary["attempts"].as_u64()), (Some(500), Some(500)));
    let keys = query(folder, "SELECT item_id || '.' || sample AS key FROM attempts_flat");
    let distinct: BTreeSet<String> = keys.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
    assert_eq!((keys.len(), distinct.len()), (ITEMS, ITEMS), "every key is there once");
    let torn = query(
        folder,
        "SELECT a.id FROM attempt a WHERE (SELECT count(*) FROM step s WHERE s.attempt = a.id) <> 5 \
         OR (SELECT count(*) FROM model_call c WHERE c.attempt = a.id) <> 5 \
         OR (SELECT count(*) FROM verdict v WHERE v.attempt = a.id) <> 1 \
         OR (SELECT group_concat(s.text || s.separator, '') FROM step s WHERE s.attempt = a.id) \
            <> 'One.' || char(10,10) || 'Two.' || char(10,10) || 'Three.' || char(10,10) || 'Four.' || char(10,10) \
            || 'So \\boxed{7}.'",
    );
    assert!(torn.is_empty(), "{torn:?}");
    let logged = query(folder, "SELECT count(*) AS n FROM completion_log");
    assert_eq!(logged[0]["n"].as_u64(), Some(5 * ITEMS as u64), "every call can be replayed");
    let left = query(folder, "SELECT (SELECT count(*) FROM lease) + (SELECT count(*) FROM worker) AS n");
    assert_eq!(left[0]["n"], 0, "no lease is left behind");
    let check = query(folder, "SELECT * FROM pragma_integrity_check");
    assert_eq!(check[0]["integrity_check"], "ok");
}

#[test]
fn two_processes_share_a_run_without_a_doubled_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder);
    let start = || eval(folder).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Both begin at the same moment: one makes the database and the run, the other joins it.
    let children = [start(), start()];
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["attempts"].as_u64(), Some(ITEMS as u64), "each waits for the other's last attempts");
    }
    check_whole(folder);
    assert_eq!(query(folder, "SELECT count(*) AS n FROM run")[0]["n"], 1);
    let shares = query(folder, "SELECT worker, count(*) AS n FROM attempt GROUP BY worker");
    assert_eq!(shares.len(), 2, "both took part: {shares:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_sigterm_end_cleanly_and_say_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    prepare(folder);
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let child = eval(folder).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // Only once attempts are being made is there something to interrupt.
        let begun = || folder.join("stepproof.db").exists() && attempts(folder) > 0;
        while !begun() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let process = libc::pid_t::try_from(child.id()).unwrap();
        // SAFETY: the process is our child and has not been waited for, so the id is its own.
        assert_eq!(unsafe { libc::kill(process, signal) }, 0);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(said.contains("attempts are left; the same command goes on"), "{said}");
        assert_eq!(query(folder, "SELECT count(*) AS n FROM lease")[0]["n"], 0);
    }
    let before = attempts(folder);
    assert!(before < ITEMS as u64, "it was interrupted early enough to test anything");
    let output = eval(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(attempts(folder), ITEMS as u64);
}

fn attempts(folder: &Path) -> u64 {
    let output =
        command(folder).args(["sql", "SELECT count(*) AS n FROM attempt", "--format", "jsonl"]).output().unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str::<serde_json::Value>(&line).ok().and_then(|row| row["n"].as_u64()).unwrap_or(0)
}
