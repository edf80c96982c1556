//! llama-server as a child process, and the little HTTP that measuring it takes.
//!
//! Requests are not streamed and go over connections of their own to the loopback: the server then has the least to do
//! beside its computing.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::ours::DRAWN;
use super::peers::Setup;
use super::tree::Step;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Longer answers are cut: none that is asked for here needs a tenth of it.
const MOST_BYTES: u64 = 64 << 20;
/// Longest wait for a server that loads its model.
const LOADING: Duration = Duration::from_secs(300);
/// Longest wait for an answer.
const ANSWERING: Duration = Duration::from_secs(1200);

/// How a server is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    /// Sequences at once.
    pub(super) slots: usize,
    /// One cache for all sequences, rather than a piece for each.
    pub(super) unified: bool,
    /// Keeps evicted prompts in the host's memory, as it does by itself.
    pub(super) keeps: bool,
    /// Calls that are sent at once.
    pub(super) calls: usize,
}

/// Gives a setting: slots, one cache for all, keeps prompts, calls at once.
pub(super) const fn setting(slots: usize, unified: bool, keeps: bool, calls: usize) -> Setting {
    Setting { slots, unified, keeps, calls }
}

impl Setting {
    /// Gives the flags.
    fn flags(self) -> Vec<String> {
        let mut flags = vec!["--parallel".to_owned(), self.slots.to_string()];
        flags.push(if self.unified { "--kv-unified" } else { "--no-kv-unified" }.to_owned());
        if !self.keeps {
            flags.extend(["--cache-ram".to_owned(), "0".to_owned()]);
        }
        flags
    }

    /// Names it as in a table.
    pub(super) fn name(self) -> String {
        format!("{} with {} calls at once", self.flags().join(" "), self.calls)
    }
}

/// A running server; it is killed with its handle.
pub(super) struct Server {
    /// Held for what dropping it does.
    _child: Child,
    port: u16,
}

impl Server {
    /// Starts a server that holds a text of `longest` tokens in each of its slots, and waits until it has loaded the
    /// model.
    ///
    /// # Errors
    /// It does not start, or not in time.
    pub(super) async fn start(
        setup: &Setup,
        program: &std::path::Path,
        setting: Setting,
        longest: usize,
    ) -> Result<Server, CliError> {
        // A slot's own piece of the cache is a multiple of 256.
        let needed = setting.slots * (longest + 1).next_multiple_of(256);
        let context = usize::try_from(setup.context).unwrap_or(usize::MAX).max(needed);
        let failed = |cause: String| CliError::new(Exit::Missing, format!("run {}", program.display())).because(cause);
        // Bound and freed: llama-server does not say which port it took when told 0.
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = port.map_err(|error| failed(error.to_string()))?.port();
        let child = Command::new(program)
            .args(setup.flags())
            .args(["--threads-batch", &setup.threads.to_string(), "--ctx-size", &context.to_string()])
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(setting.flags())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let mut server = Server { _child: child, port };
        let began = Instant::now();
        while !matches!(server.ask("GET", "/health", "").await, Ok((200, _))) {
            if let Ok(Some(status)) = server._child.try_wait() {
                return Err(failed(format!("it ended with {status}")));
            }
            if began.elapsed() > LOADING {
                return Err(failed(format!("it is not ready after {} s", LOADING.as_secs())));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(server)
    }

    /// Writes `count` tokens after a prompt, `texts` times.
    ///
    /// # Errors
    /// The server is gone or gives something else.
    pub(super) async fn write(
        &self,
        prompt: &[i32],
        count: usize,
        seed: u64,
        texts: usize,
    ) -> Result<Vec<Step>, CliError> {
        let failed = |cause: String| CliError::new(Exit::Missing, "measure llama-server").because(cause);
        let mut body = json!({
            "prompt": prompt, "n_predict": count, "ignore_eos": true, "cache_prompt": true, "return_tokens": true,
            "stream": false, "seed": seed, "temperature": DRAWN.temperature, "top_k": DRAWN.top_k,
            "top_p": DRAWN.top_p, "min_p": DRAWN.min_p,
        });
        if texts > 1 {
            body["n_cmpl"] = texts.into();
        }
        let body = body.to_string();
        let asked = self.ask("POST", "/completion", &body);
        let answer = tokio::time::timeout(ANSWERING, asked).await;
        let (status, answer) = answer
            .map_err(|_| failed(format!("no answer in {} s", ANSWERING.as_secs())))?
            .map_err(|error| failed(error.to_string()))?;
        if status != 200 {
            return Err(failed(format!("it answers {status}: {}", String::from_utf8_lossy(&answer))));
        }
        let answer: Value = serde_json::from_slice(&answer).map_err(|error| failed(error.to_string()))?;
        let answers = answer.as_array().cloned().unwrap_or_else(|| vec![answer]);
        let steps: Option<Vec<Step>> = answers.iter().map(step).collect();
        let steps = steps.ok_or_else(|| failed("its answer lacks tokens or timings".to_owned()))?;
        let whole = steps.len() == texts && steps.iter().all(|step| step.ids.len() == count);
        if whole { Ok(steps) } else { Err(failed(format!("it did not write {texts} texts of {count} tokens"))) }
    }

    /// Sends a request; gives status and body.
    async fn ask(&self, method: &str, path: &str, body: &str) -> std::io::Result<(u16, Vec<u8>)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.set_nodelay(true)?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).await?;
        let mut answer = Vec::new();
        stream.take(MOST_BYTES).read_to_end(&mut answer).await?;
        parse(&answer).ok_or_else(|| std::io::Error::other("it answers something else than HTTP"))
    }
}

/// Takes an answer apart that ends with its connection.
fn parse(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = answer.split_at_checked(end + 4)?;
    let status = std::str::from_utf8(head).ok()?.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some((status, body.to_vec()))
}

/// Reads one completion.
fn step(answer: &Value) -> Option<Step> {
    let ids = answer["tokens"].as_array()?.iter();
    let ids: Option<Vec<i32>> = ids.map(|id| i32::try_from(id.as_i64()?).ok()).collect();
    let cached = answer["timings"]["cache_n"].as_u64()?;
    Some(Step { ids: ids?, prompt: cached + answer["timings"]["prompt_n"].as_u64()?, cached })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(parse(answer), Some((200, b"{}".to_vec())));
        for odd in [&b"HTTP/1.1 200 OK\r\n"[..], b"\r\n\r\n", b"HTTP/1.1 soon\r\n\r\n", b"\xff \xff\r\n\r\n"] {
            assert_eq!(parse(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn completions_are_read() {
        let given = json!({"tokens": [5, 6], "timings": {"cache_n": 7, "prompt_n": 1}});
        let step = |value: &Value| super::step(value).map(|step| (step.ids, step.prompt, step.cached));
        assert_eq!(step(&given), Some((vec![5, 6], 8, 7)));
        assert_eq!(step(&json!({"tokens": ["a"], "timings": {"cache_n": 7, "prompt_n": 1}})), None);
        assert_eq!(step(&json!({"tokens": [5]})), None);
    }
}
