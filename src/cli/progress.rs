//! Progress on standard error: a bar on a terminal, else a line now and then.
//!
//! Takes plain numbers ([`ProgressState`]); where they come from is the caller's business. Log lines and warnings go
//! through [`Stderr`], so that they do not tear the bar.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::render::{escape_line, seconds};

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
    /// A bar on a terminal, else lines.
    Auto,
    /// A bar.
    Bar,
    /// A line now and then.
    Lines,
    /// Nothing.
    None,
}

/// How far a piece of work is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct ProgressState {
    /// Attempts done, those of an earlier sitting included.
    pub(crate) done: u64,
    /// Attempts planned.
    pub(crate) total: u64,
    /// Attempts accepted so far.
    pub(crate) accepted: u64,
    /// Attempts judged so far: the base of the accuracy.
    pub(crate) judged: u64,
    /// Attempts that failed for infrastructure reasons.
    pub(crate) failed: u64,
    /// Tokens generated in this sitting.
    pub(crate) tokens: u64,
}

/// Standard error, shared by progress, logs and warnings.
#[derive(Debug, Clone)]
pub(crate) struct Stderr(MultiProgress);

impl Stderr {
    /// Opens standard error.
    pub(crate) fn new() -> Stderr {
        Stderr(MultiProgress::with_draw_target(ProgressDrawTarget::stderr()))
    }

    /// Writes one line, with text from outside escaped. A standard error that is gone is nothing to fail over.
    pub(crate) fn line(&self, text: &str) {
        self.0.suspend(|| {
            let _ = writeln!(anstream::stderr(), "{}", escape_line(text));
        });
    }
}

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| anstream::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.suspend(|| anstream::stderr().flush())
    }
}

enum View {
    Bar(ProgressBar),
    Lines(Lines),
    Nothing,
}

/// Shows how far a piece of work is.
pub(crate) struct Progress {
    view: View,
    stderr: Stderr,
    started: Instant,
    first_done: Option<u64>,
}

impl Progress {
    /// Starts to show progress.
    pub(crate) fn start(mode: ProgressMode, stderr: &Stderr) -> Progress {
        let bar = match mode {
            ProgressMode::Auto => io::stderr().is_terminal(),
            ProgressMode::Bar => true,
            ProgressMode::Lines | ProgressMode::None => false,
        };
        let view = match mode {
            ProgressMode::None => View::Nothing,
            _ if bar => View::Bar(stderr.0.add(bar_view())),
            _ => View::Lines(Lines::default()),
        };
        Progress { view, stderr: stderr.clone(), started: Instant::now(), first_done: None }
    }

    /// Shows a new state, as often as is useful.
    pub(crate) fn update(&mut self, state: &ProgressState) {
        let first_done = *self.first_done.get_or_insert(state.done);
        let elapsed = self.started.elapsed();
        match &mut self.view {
            View::Bar(bar) => {
                bar.set_length(state.total);
                bar.set_position(state.done);
                bar.set_message(figures(state, first_done, elapsed));
            }
            View::Lines(lines) => {
                if lines.due(state, elapsed) {
                    let line = format!("{}/{} {}", state.done, state.total, figures(state, first_done, elapsed));
                    self.stderr.line(line.trim_end());
                }
            }
            View::Nothing => {}
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        if let View::Bar(bar) = &self.view {
            bar.finish_and_clear();
        }
    }
}

const BAR: &str = "{bar:24} {pos}/{len} {msg}";

fn bar_view() -> ProgressBar {
    let bar = ProgressBar::no_length();
    // The template is a constant; should it ever be wrong, the plain bar does as well.
    if let Ok(style) = ProgressStyle::with_template(BAR) {
        bar.set_style(style.progress_chars("━╸ "));
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// Decides when a line is due: at the first state, then every 10 s or 10 %, but not more than one a second; and at the
/// end.
#[derive(Debug, Default)]
struct Lines {
    last: Option<(Duration, u64)>,
}

impl Lines {
    fn due(&mut self, state: &ProgressState, elapsed: Duration) -> bool {
        let tenth = (state.done * 10).checked_div(state.total).unwrap_or(0);
        let due = match self.last {
            None => true,
            Some((_, last_tenth)) if state.done >= state.total => last_tenth < 10,
            Some((last, last_tenth)) => {
                let since = elapsed.saturating_sub(last);
                since >= Duration::from_secs(10) || (tenth > last_tenth && since >= Duration::from_secs(1))
            }
        };
        if due {
            self.last = Some((elapsed, tenth));
        }
        due
    }
}

/// Writes accuracy so far, speed, failures and time left; what is not known yet is left out.
fn figures(state: &ProgressState, first_done: u64, elapsed: Duration) -> String {
    let mut figures = Vec::new();
    if state.judged > 0 {
        figures.push(format!("accuracy {:.1} %", 100.0 * state.accepted as f64 / state.judged as f64));
    }
    let passed = elapsed.as_secs_f64();
    if state.tokens > 0 && passed >= 1.0 {
        figures.push(format!("{:.0} tokens/s", state.tokens as f64 / passed));
    }
    if state.failed > 0 {
        figures.push(format!("{} failed", state.failed));
    }
    let (done_here, left) = (state.done.saturating_sub(first_done), state.total.saturating_sub(state.done));
    if done_here > 0 && left > 0 {
        figures.push(format!("{} left", seconds(passed / done_here as f64 * left as f64)));
    }
    figures.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(done: u64) -> ProgressState {
        ProgressState { done, total: 200, accepted: done / 2, judged: done, failed: 1, tokens: 10 * done }
    }

    #[test]
    fn figures_count_only_what_was_done_in_this_sitting() {
        assert_eq!(figures(&ProgressState { total: 200, ..ProgressState::default() }, 0, Duration::ZERO), "");
        assert_eq!(
            figures(&state(100), 50, Duration::from_secs(100)),
            "accuracy 50.0 % · 10 tokens/s · 1 failed · 3 min 20 s left"
        );
        assert_eq!(figures(&state(200), 50, Duration::from_secs(100)), "accuracy 50.0 % · 20 tokens/s · 1 failed");
    }

    #[test]
    fn the_bar_s_template_is_one() {
        assert!(ProgressStyle::with_template(BAR).is_ok());
    }

    #[test]
    fn lines_come_now_and_then() {
        let mut lines = Lines::default();
        let shown: Vec<u64> = [(0, 0), (1, 2), (2, 10), (3, 12), (3, 20), (3, 21), (4, 21), (10, 200), (11, 200)]
            .into_iter()
            .filter(|(done_at, done)| lines.due(&state(*done), Duration::from_secs(*done_at)))
            .map(|(_, done)| done)
            .collect();
        assert_eq!(shown, [0, 20, 200]);
        let mut quiet = Lines::default();
        let shown = (0..60).filter(|second| quiet.due(&state(1), Duration::from_secs(*second))).count();
        assert_eq!(shown, 6);
        assert!(Lines::default().due(&ProgressState::default(), Duration::ZERO), "an empty plan divides nothing");
    }
}
