//! A run's figures for people.

use stepproof::report::json::{EvalSummary, LeanSummary};

use super::seconds;

/// Gives the lines of a summary, keys and values.
pub(crate) fn lines(summary: &EvalSummary) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("run", summary.run_id.clone()),
        ("suite", suite(summary)),
        ("attempts", format!("{} ({} items, up to {} samples)", summary.attempts, summary.items, summary.samples)),
        ("accuracy", accuracy(summary)),
    ];
    let verdicts = format!(
        "{} accepted, {} rejected, {} unknown, {} failed",
        summary.accepted, summary.rejected, summary.unknown, summary.failed
    );
    lines.push(("verdicts", verdicts));
    if !summary.classes.is_empty() {
        let classes: Vec<String> = summary.classes.iter().map(|(class, count)| format!("{class} {count}")).collect();
        lines.push(("classes", classes.join(", ")));
    }
    for (key, figures) in [("pass@k", &summary.pass_at), ("maj@k", &summary.maj_at)] {
        // With one sample both only repeat the accuracy.
        if figures.len() > 1 {
            let figures: Vec<String> = figures.iter().map(|(k, share)| format!("{k}: {}", percent(*share))).collect();
            lines.push((key, figures.join(", ")));
        }
    }
    if let Some(lenient) = summary.lenient_accuracy {
        lines.push(("lenient", format!("{} (last number counts where no answer is stated)", percent(lenient))));
    }
    let share = |count: u64| percent(count as f64 / summary.attempts.max(1) as f64);
    lines.push(("truncated", format!("{} ({})", summary.truncated, share(summary.truncated))));
    let tokens = &summary.tokens;
    let tokens = format!("{} prompt ({} cached), {} written", tokens.prompt, tokens.cached, tokens.completion);
    lines.push(("tokens", tokens));
    for (model, usage) in &summary.by_model {
        let mut line = format!("{} calls, {} tokens written", usage.calls, usage.completion_tokens);
        if usage.decode_ms > 0.0 {
            let speed = usage.completion_tokens as f64 / (usage.decode_ms / 1e3);
            line.push_str(&format!(", {speed:.0} tokens/s while writing"));
        }
        if usage.retries > 0 {
            line.push_str(&format!(", {} retries", usage.retries));
        }
        lines.push(("model", format!("{model}: {line}")));
    }
    if let Some(lean) = &summary.lean {
        lines.extend(lean_lines(lean));
    }
    lines.push(("time", seconds(summary.wall_ms / 1e3)));
    lines.extend(summary.notes.iter().map(|note| ("note", note.clone())));
    lines
}

/// `minif2f, split test, statements v4.24, strategy whole-proof`.
fn suite(summary: &EvalSummary) -> String {
    let mut text = summary.suite.clone();
    // A suite of answers has one split only; to name it says nothing.
    if let (Some(split), Some(_)) = (&summary.split, &summary.lean) {
        text.push_str(&format!(", split {split}"));
    }
    if let Some(set) = &summary.statement_set {
        text.push_str(&format!(", statements {set}"));
    }
    text + &format!(", strategy {}", summary.strategy)
}

fn lean_lines(lean: &LeanSummary) -> [(&'static str, String); 2] {
    let commit: String = lean.commit.chars().take(12).collect();
    let mut version = format!("{} ({commit})", lean.version);
    if let Some(project) = &lean.project {
        version.push_str(&format!(", project {project}"));
    }
    let looks = match lean.recheck.as_str() {
        "off" => "off: accepted proofs were judged once".to_owned(),
        when => {
            let mut looks = format!("{when}: {} confirmed, {} refuted", lean.confirmed, lean.refuted);
            for (count, what) in [(lean.pending, "still to come"), (lean.unavailable, "not possible")] {
                if count > 0 {
                    looks.push_str(&format!(", {count} {what}"));
                }
            }
            looks
        }
    };
    [("lean", version), ("recheck", looks)]
}

/// `54.2 ± 2.1 % (n = 244), 95 % interval 50.0 to 58.4 %`.
fn accuracy(summary: &EvalSummary) -> String {
    let Some(accuracy) = summary.accuracy else { return "no attempts".to_owned() };
    let mut text = format!("{:.1}", 100.0 * accuracy);
    if let Some(error) = summary.stderr {
        text.push_str(&format!(" ± {:.1}", 100.0 * error));
    }
    text.push_str(&format!(" % (n = {})", summary.attempts));
    if let Some([low, high]) = summary.ci95 {
        text.push_str(&format!(", 95 % interval {:.1} to {:.1} %", 100.0 * low, 100.0 * high));
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
