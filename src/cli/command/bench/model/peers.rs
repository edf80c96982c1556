//! llama.cpp's own programs: where they are, what they were built for, and what they measure.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// A program says what it is before it does anything.
const INTRODUCING: Duration = Duration::from_secs(30);
/// No program is waited for longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// What is the same on both sides.
#[derive(Debug, Clone)]
pub(super) struct Setup {
    /// The weights.
    pub(super) file: PathBuf,
    /// Threads to compute with.
    pub(super) threads: u32,
    /// Layers on a GPU.
    pub(super) gpu_layers: u32,
    /// Context in tokens.
    pub(super) context: u32,
}

impl Setup {
    /// Gives the flags that all of llama.cpp's programs take.
    pub(super) fn flags(&self) -> Vec<String> {
        let file = self.file.display().to_string();
        let (threads, layers) = (self.threads.to_string(), self.gpu_layers.to_string());
        ["-m", &file, "-t", &threads, "-ngl", &layers].map(str::to_owned).into()
    }
}

/// One of llama.cpp's programs, as the report names it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Peer {
    /// The program.
    pub(super) name: &'static str,
    /// Where it is; none where it was not given and is not measured.
    pub(super) path: Option<PathBuf>,
    /// What it says of its version.
    pub(super) version: Option<String>,
    /// What llama.cpp in it was built for.
    pub(super) system_info: Option<String>,
    /// Whether it uses the same CPU features as stepproof's llama.cpp.
    pub(super) same_features: Option<bool>,
    /// Why it is not measured, or no longer.
    pub(super) missing: Option<String>,
}

impl Peer {
    /// Takes a program that the user named, or none.
    ///
    /// # Errors
    /// There is no such file.
    pub(super) fn new(name: &'static str, path: Option<&Path>) -> Result<Peer, CliError> {
        if let Some(path) = path.filter(|path| !path.is_file()) {
            let what = format!("run {}: there is no such program", path.display());
            return Err(CliError::new(Exit::Missing, what).hint("scripts/get-llama-peers.sh builds it"));
        }
        Ok(Peer {
            name,
            path: path.map(Path::to_path_buf),
            version: None,
            system_info: None,
            same_features: None,
            missing: path.is_none().then(|| format!("--{name} is not given")),
        })
    }

    /// Gives the program where it is to be measured.
    pub(super) fn program(&self) -> Option<&Path> {
        self.path.as_deref().filter(|_| self.missing.is_none())
    }

    /// Leaves it out from here on.
    pub(super) fn fails(&mut self, error: &CliError) {
        let lines: Vec<String> = error.lines().into_iter().map(|(_, line)| line).collect();
        self.missing = Some(lines.join(": "));
    }

    /// Asks what it is. One that does not say is measured all the same.
    pub(super) async fn introduce(&mut self, setup: &Setup, own: &str) {
        let Some(program) = self.program().map(Path::to_path_buf) else { return };
        if self.name != "llama-bench" {
            let mut command = Command::new(&program);
            let saying = tokio::time::timeout(INTRODUCING, output(command.arg("--version"))).await;
            let said = saying.ok().flatten().unwrap_or_default();
            self.version = said.lines().find(|line| line.contains("version")).map(|line| line.trim().to_owned());
        }
        // The others do not say; the same script builds all three alike.
        if self.name == "llama-server" {
            let saying = tokio::time::timeout(INTRODUCING, system_info(&program, setup)).await;
            self.system_info = saying.ok().flatten();
            self.same_features = self.system_info.as_deref().map(|info| features(info) == features(own));
        }
    }
}

/// Starts a server to read in its log what its llama.cpp was built for.
async fn system_info(program: &Path, setup: &Setup) -> Option<String> {
    let mut child = Command::new(program)
        .args(setup.flags())
        .args(["--verbosity", "4", "--host", "127.0.0.1", "--port", "0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut lines = BufReader::new(child.stderr.take()?).lines();
    let mut found = None;
    while let (None, Ok(Some(line))) = (&found, lines.next_line().await) {
        found = line.split_once("system_info: ").map(|(_, info)| info.trim().to_owned());
    }
    let _ = child.kill().await;
    found
}

/// Gives the names of the CPU features that a line of llama.cpp says are used.
fn features(info: &str) -> Vec<String> {
    let cpu = info.split_once("CPU : ").map_or(info, |(_, cpu)| cpu);
    let used = cpu.split('|').filter_map(|feature| feature.trim().strip_suffix("= 1"));
    let mut names: Vec<String> = used.map(|name| name.trim().to_owned()).collect();
    names.sort();
    names
}

/// What llama-bench says of one thing that it measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Single {
    /// Tokens of a prompt read a second.
    pub(super) prompt: f64,
    /// Tokens written a second.
    pub(super) new: f64,
    /// Its build.
    pub(super) build: String,
}

/// Has llama-bench measure one prompt and one stream.
///
/// # Errors
/// It cannot be run or says something else.
pub(super) async fn llama_bench(setup: &Setup, program: &Path, prompt: usize, new: usize) -> Result<Single, CliError> {
    let mut command = Command::new(program);
    command.args(setup.flags()).args(["-r", "1", "-o", "json"]);
    command.args(["-p", &prompt.to_string(), "-n", &new.to_string()]);
    let said = stdout(&mut command).await?;
    read_single(&said).ok_or_else(|| unreadable(program, &said))
}

fn read_single(said: &str) -> Option<Single> {
    let rows: Vec<Value> = serde_json::from_str(said).ok()?;
    let speed = |key: &str| rows.iter().find(|row| row[key].as_u64() > Some(0))?["avg_ts"].as_f64();
    let row = rows.first()?;
    let build = format!("build {} ({})", row["build_number"], row["build_commit"].as_str().unwrap_or("-"));
    Some(Single { prompt: speed("n_prompt")?, new: speed("n_gen")?, build })
}

/// What llama-batched-bench says of one number of sequences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Batch {
    /// Sequences at once.
    pub(super) sequences: usize,
    /// Tokens of prompts read a second, all sequences together.
    pub(super) prompt: f64,
    /// Tokens written a second, all sequences together, while all write.
    pub(super) new: f64,
    /// Tokens of prompts and texts a second, from beginning to end.
    pub(super) all: f64,
}

/// Has llama-batched-bench measure sequences of one length.
///
/// # Errors
/// It cannot be run or says something else.
pub(super) async fn llama_batched_bench(
    setup: &Setup,
    program: &Path,
    prompt: usize,
    new: usize,
    sequences: &[usize],
) -> Result<Vec<Batch>, CliError> {
    let most = sequences.iter().max().copied().unwrap_or(1);
    let needed = most * (prompt + new);
    let context = usize::try_from(setup.context).unwrap_or(usize::MAX).max(needed);
    let numbers: Vec<String> = sequences.iter().map(ToString::to_string).collect();
    let mut command = Command::new(program);
    command.args(setup.flags()).args(["-tb", &setup.threads.to_string(), "-c", &context.to_string()]);
    command.args(["-npp", &prompt.to_string(), "-ntg", &new.to_string(), "-npl", &numbers.join(",")]);
    let said = stdout(command.args(["--output-format", "jsonl"])).await?;
    let rows: Vec<Batch> = said.lines().filter_map(read_batch).collect();
    if rows.len() == sequences.len() { Ok(rows) } else { Err(unreadable(program, &said)) }
}

fn read_batch(line: &str) -> Option<Batch> {
    let row: Value = serde_json::from_str(line).ok()?;
    let sequences = usize::try_from(row["pl"].as_u64()?).ok()?;
    let speed = |key: &str| row[key].as_f64();
    Some(Batch { sequences, prompt: speed("speed_pp")?, new: speed("speed_tg")?, all: speed("speed")? })
}

fn unreadable(program: &Path, said: &str) -> CliError {
    let cause = format!("it says {:?}", said.chars().take(200).collect::<String>());
    CliError::new(Exit::Missing, format!("read what {} measured", program.display())).because(cause)
}

/// Runs a program to its end; gives what it wrote to standard output.
async fn stdout(command: &mut Command) -> Result<String, CliError> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let failed = |cause: String| CliError::new(Exit::Missing, format!("run {name}")).because(cause);
    let running = command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).output();
    let ended = tokio::time::timeout(LONGEST, running).await;
    let ended = ended.map_err(|_| failed(format!("it has not ended after {} s", LONGEST.as_secs())))?;
    let ended = ended.map_err(|error| failed(error.to_string()))?;
    if !ended.status.success() {
        let said = String::from_utf8_lossy(&ended.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
        return Err(failed(format!("it ended with {}: {last}", ended.status)));
    }
    Ok(String::from_utf8_lossy(&ended.stdout).into_owned())
}

/// Runs a program to its end; gives all that it wrote.
async fn output(command: &mut Command) -> Option<String> {
    let running = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let ended = running.await.ok()?;
    let both = [ended.stdout, ended.stderr].concat();
    Some(String::from_utf8_lossy(&both).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_compared_whatever_their_order() {
        let one = "CPU : SSE3 = 1 | AVX2 = 1 | AVX512 = 0 | OPENMP = 1 | ";
        assert_eq!(features(one), ["AVX2", "OPENMP", "SSE3"]);
        assert_eq!(features("n = 2 | CPU : OPENMP = 1 | AVX2 = 1 | SSE3 = 1 |"), features(one));
        assert_ne!(features("CPU : AVX512 = 1 | AVX2 = 1 | SSE3 = 1 | OPENMP = 1"), features(one));
    }

    #[test]
    fn what_the_programs_say_is_read() {
        let said = r#"[{"build_commit": "abc", "build_number": 7, "n_prompt": 512, "n_gen": 0, "avg_ts": 480.5},
            {"build_commit": "abc", "build_number": 7, "n_prompt": 0, "n_gen": 128, "avg_ts": 170.25}]"#;
        let single = Single { prompt: 480.5, new: 170.25, build: "build 7 (abc)".to_owned() };
        assert_eq!(read_single(said), Some(single));
        for odd in ["", "[]", "{}", r#"[{"n_prompt": 512, "avg_ts": 480.5}]"#] {
            assert_eq!(read_single(odd), None, "{odd}");
        }
        let said = r#"{"pp": 128, "tg": 128, "pl": 4, "speed_pp": 420.0, "speed_tg": 200.5, "speed": 300.0}"#;
        assert_eq!(read_batch(said), Some(Batch { sequences: 4, prompt: 420.0, new: 200.5, all: 300.0 }));
        assert_eq!(read_batch("llama_perf_context_print"), None);
    }
}
