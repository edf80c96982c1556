//! `bench model` with real weights: small sizes, one round, and peers that are not there or are no such programs.

#![cfg(feature = "local")]
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by failing there")]

use assert_cmd::Command;
use serde_json::Value;

use crate::local::model_file;

fn bench(arguments: &[&str]) -> Option<Command> {
    let model = format!("local:{}", model_file()?.display());
    let mut command = Command::cargo_bin("stepproof").unwrap();
    command.current_dir(std::env::temp_dir());
    command.args(["bench", "model", "--quick", "--rounds", "2", "--format", "json", "--model", &model]);
    command.args(arguments);
    Some(command)
}

fn report(arguments: &[&str]) -> Option<Value> {
    let output = bench(arguments)?.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn rounds<'a>(report: &'a Value, what: &str) -> Vec<&'a Value> {
    let measures = report["measures"].as_array().unwrap();
    let found: Vec<&Value> = measures.iter().filter(|measure| measure["what"] == what).collect();
    assert!(!found.is_empty(), "{what}");
    found
}

#[test]
fn the_bench_measures_a_model_and_its_arithmetic_holds() {
    let Some(report) = report(&["--only", "speed,batch,best-of,reuse,cost", "--threads", "1"]) else { return };
    assert_eq!((&report["schema"], &report["threads"], &report["rounds"]), (&1.into(), &1.into(), &2.into()));
    assert_eq!((&report["quick"], &report["all_met"]), (&true.into(), &false.into()));
    assert_eq!(report["methods"].as_array().unwrap().len(), 5);
    let schema = Command::cargo_bin("stepproof").unwrap().args(["schema", "bench-model"]).output().unwrap().stdout;
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let keys = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&report), keys(&schema["properties"]));
    assert_eq!(report["model"]["hash"].as_str().unwrap().len(), 64);
    for measure in report["measures"].as_array().unwrap() {
        let figures: Vec<f64> =
            measure["rounds"].as_array().unwrap().iter().map(|figure| figure.as_f64().unwrap()).collect();
        assert_eq!(figures.len(), 2, "{measure}");
        assert!(figures.iter().all(|figure| figure.is_finite() && *figure >= 0.0), "{measure}");
        let (least, greatest) = (figures[0].min(figures[1]), figures[0].max(figures[1]));
        assert_eq!((&measure["least"], &measure["greatest"]), (&least.into(), &greatest.into()));
        let median = measure["median"].as_f64().unwrap();
        assert!((median - f64::midpoint(least, greatest)).abs() <= 1e-9 * greatest, "{measure}");
    }
    for what in
        ["prompt", "one stream", "1 sequence", "8 sequences", "candidates of 6 tokens", "candidates of 12 tokens"]
    {
        assert_eq!(rounds(&report, what)[0]["unit"], "tokens/s");
    }
    let share = rounds(&report, "prompt tokens that were there, candidates of 6 tokens")[0]["greatest"].as_f64();
    assert!(share.unwrap() <= 1.0);
    for figure in report["figures"].as_array().unwrap() {
        let about = figure["about"].as_str().unwrap();
        let against = about.contains("llama-");
        assert_eq!(figure["value"].is_null(), against, "{about}: no peer was given");
        assert_eq!(figure["missing"].is_string(), against, "{about}");
    }
}

#[test]
fn a_tree_and_a_load_are_measured_and_what_is_no_peer_is_said_to_be_none() {
    let Some(report) = report(&[
        "--only",
        "tree,load",
        "--threads",
        "1",
        "--llama-server",
        "/bin/false",
        "--llama-batched-bench",
        "/bin/true",
    ]) else {
        return;
    };
    assert!(rounds(&report, "search tree")[0]["median"].as_f64() > Some(0.0));
    assert!(rounds(&report, "prompts and texts of all requests")[0]["median"].as_f64() > Some(0.0));
    let missing = |name: &str| {
        let peers = report["peers"].as_array().unwrap();
        peers.iter().find(|peer| peer["name"] == name).unwrap()["missing"].as_str().unwrap().to_owned()
    };
    assert_eq!(missing("llama-server"), "no setting of it works");
    assert!(missing("llama-batched-bench").contains("could not read what /bin/true measured"));
    assert_eq!(missing("llama-bench"), "--llama-bench is not given");
    let settings = report["server_settings"].as_array().unwrap();
    assert!(settings.len() > 5);
    assert!(settings.iter().all(|tried| tried["trouble"].as_str().unwrap().contains("it ended with exit status: 1")));
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_the_bench_and_its_server() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let (server, pid) = (folder.path().join("server"), folder.path().join("pid"));
    // Says nothing of itself; started to serve, it leaves its number and is never ready.
    let script = "#!/bin/sh\ncase \"$*\" in *--version* | *--verbosity*) exit 0 ;; esac\n";
    std::fs::write(&server, format!("{script}echo $$ >{}\nexec sleep 600\n", pid.display())).unwrap();
    std::fs::set_permissions(&server, std::fs::Permissions::from_mode(0o755)).unwrap();
    let Some(command) = bench(&["--only", "best-of", "--threads", "1"]) else { return };
    let mut child = std::process::Command::new(command.get_program())
        .args(command.get_args())
        .arg("--llama-server")
        .arg(&server)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("trying llama-server")));
    let number = || std::fs::read_to_string(&pid).ok()?.trim().parse::<i32>().ok();
    let wait = |done: &dyn Fn() -> bool| {
        for _ in 0..600 {
            if done() {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        false
    };
    assert!(wait(&|| number().is_some()));
    let id = i32::try_from(child.id()).unwrap();
    // SAFETY: a signal to a process of ours that is not yet waited for.
    assert_eq!(unsafe { libc::kill(id, libc::SIGINT) }, 0);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let number = number().unwrap();
    let gone = || {
        let status = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        status.is_empty() || status.contains(") Z ")
    };
    assert!(wait(&gone), "the server outlives the bench");
}
