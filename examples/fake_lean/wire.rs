//! Frames in and out, the proper ones and the broken ones.

use std::io::{self, BufRead, Read, Write};

use serde_json::Value;

/// Reads one frame; none at the end of the input.
pub(crate) fn read(input: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap();
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse::<usize>().unwrap());
        }
    }
    let mut body = vec![0; length.unwrap()];
    input.read_exact(&mut body).ok()?;
    // The real server ends at broken JSON as well.
    Some(serde_json::from_slice(&body).unwrap())
}

/// Writes bytes as they are.
pub(crate) fn write_raw(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}

/// Where frames go, and how.
#[derive(Debug)]
pub(crate) struct Output {
    /// Frames are written in small pieces.
    pub(crate) pieces: bool,
}

impl Output {
    /// Writes one message; a reader that is gone ends the process, as it ends the real server.
    pub(crate) fn send(&self, message: &Value) {
        let body = serde_json::to_vec(message).unwrap();
        if self.pieces {
            self.send_in_pieces(&body);
        } else {
            self.frame(&body.len().to_string(), &body);
        }
    }

    /// Writes a frame that announces `length`, whatever it holds.
    pub(crate) fn frame(&self, length: &str, body: &[u8]) {
        let mut frame = format!("Content-Length: {length}\r\n\r\n").into_bytes();
        frame.extend_from_slice(body);
        self.raw(&frame);
    }

    pub(crate) fn raw(&self, bytes: &[u8]) {
        if write_raw(bytes).is_err() {
            std::process::exit(1);
        }
    }

    fn send_in_pieces(&self, body: &[u8]) {
        let head = format!(
            "content-type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:{}\r\nX-Other: 1\r\n\r\n",
            body.len()
        );
        for byte in head.bytes() {
            self.raw(&[byte]);
        }
        for piece in body.chunks(7) {
            self.raw(piece);
        }
    }
}

/// Closes the standard output for good, while the process lives on.
pub(crate) fn close_stdout() {
    use std::os::fd::{FromRawFd, OwnedFd};
    io::stdout().lock().flush().unwrap();
    // SAFETY: nothing of this process uses the descriptor afterwards, but for writes that then fail.
    drop(unsafe { OwnedFd::from_raw_fd(1) });
}

/// Reads the input no more; the process stays.
pub(crate) fn sleep_forever() -> ! {
    loop {
        std::thread::sleep(std::time::Duration::from_secs(600));
    }
}

/// Swallows the rest of the input.
pub(crate) fn drain(input: &mut impl Read) {
    // The end of the input is what it waits for.
    let _ = io::copy(input, &mut io::sink());
}
