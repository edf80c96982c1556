//! Boxes of LaTeX: the last one that holds an answer, and whether one was cut off.

use super::MAX_PHRASE_BYTES;

/// What there is of boxes in a text.
pub(super) enum Boxed<'a> {
    /// The last box that holds something.
    Closed(&'a str),
    /// A box is opened after it and never closed.
    Cut,
    /// There is no box.
    None,
}

/// Finds the last box in one pass. Escaped braces (`\{`) are text.
pub(super) fn last_box(text: &str) -> Boxed<'_> {
    let bytes = text.as_bytes();
    // Open braces; of a box also where its command starts and where its content does.
    let mut open: Vec<Option<(usize, usize)>> = Vec::new();
    // Start of the command, and content, of the box that closed last.
    let mut closed: Option<(usize, &str)> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let command = match byte {
            // The second one is what `\b` becomes in a text that was read as JSON once too often.
            b'\\' | b'\x08' | b'b' => command(text, at),
            _ => None,
        };
        match (byte, command) {
            (_, Some(length)) => {
                let content = at + length;
                if bytes.get(content) == Some(&b'{') {
                    open.push(Some((at, content + 1)));
                    at = content + 1;
                } else {
                    let word = unbraced(text.get(content..).unwrap_or_default());
                    if !word.is_empty() {
                        closed = Some((at, word));
                    }
                    at = content;
                }
            }
            (b'\\', None) => at += 2,
            (b'{', None) => {
                open.push(None);
                at += 1;
            }
            (b'}', None) => {
                if let Some(Some((command, start))) = open.pop() {
                    let content = text.get(start..at).unwrap_or_default().trim();
                    if !is_placeholder(content) {
                        closed = Some((command, content));
                    }
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    let cut = open.into_iter().flatten().next_back();
    match (closed, cut) {
        (Some((command, content)), cut) if cut.is_none_or(|(cut, _)| cut < command) => Boxed::Closed(content),
        (_, Some((_, start))) => {
            forgotten_brace(text.get(start..).unwrap_or_default()).map_or(Boxed::Cut, Boxed::Closed)
        }
        (_, None) => Boxed::None,
    }
}

/// Gives the length of the box command at a place, with the space behind it.
fn command(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    if let Some(name) = rest.strip_prefix('\\') {
        // An output that was escaped once too often has two.
        let twice = name.strip_prefix('\\').and_then(named).map(|length| length + 2);
        return named(name).map(|length| length + 1).or(twice);
    }
    if rest.starts_with("\x08oxed{") {
        return Some("\x08oxed".len());
    }
    let before = text.get(..at)?.chars().next_back();
    let word_before = before.is_some_and(|before| before.is_alphanumeric() || before == '_');
    (rest.starts_with("boxed{") && !word_before).then_some("boxed".len())
}

/// Tells whether `rest` (after a backslash) is a box command, and how long it is with the space behind it.
fn named(rest: &str) -> Option<usize> {
    let after = ["boxed", "fbox", "framebox"].into_iter().find_map(|name| rest.strip_prefix(name))?;
    let argument = after.trim_start_matches([' ', '\t', '\n', '\r']);
    (!argument.starts_with(|next: char| next.is_ascii_alphabetic()) || argument.len() < after.len())
        .then(|| rest.len() - argument.len())
}

/// Tells whether a box holds no answer: it repeats the prompt, or leaves a gap to be filled.
fn is_placeholder(content: &str) -> bool {
    const GAPS: [&str; 10] =
        ["", "...", "…", "\\ldots", "\\dots", "\\cdots", "answer", "your answer", "final answer", "your final answer"];
    let inside = content.strip_prefix("\\text{").and_then(|inside| inside.strip_suffix('}')).unwrap_or(content);
    let inside = inside.trim_matches(['<', '>', '[', ']', ' ']).to_ascii_lowercase();
    GAPS.contains(&inside.as_str()) || inside.starts_with("\\phantom{")
}

/// Reads the argument of a box without braces: up to space, the end of the formula, or a closing brace.
fn unbraced(rest: &str) -> &str {
    let mut depth = 0_usize;
    let end = rest.char_indices().take(MAX_PHRASE_BYTES).find(|(at, next)| match next {
        '{' => {
            depth += 1;
            false
        }
        '}' if depth > 0 => {
            depth -= 1;
            false
        }
        '}' | '$' => true,
        '\\' => rest.get(*at..).is_some_and(|here| here.starts_with("\\)") || here.starts_with("\\]")),
        _ => next.is_whitespace() && depth == 0,
    });
    rest.get(..end.map_or(rest.len(), |(at, _)| at)).unwrap_or_default().trim_end_matches(['.', ',', ';', ':'])
}

/// Reads a box whose formula ends while the box does not: its closing brace was forgotten, for the text goes on.
fn forgotten_brace(rest: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut letters = rest.char_indices().take(MAX_PHRASE_BYTES);
    while let Some((at, next)) = letters.next() {
        let here = rest.get(at..)?;
        let ends = next == '$' || here.starts_with("\\)") || here.starts_with("\\]") || here.starts_with("\n\n");
        match next {
            _ if ends => {
                let content = rest.get(..at)?.trim();
                return (depth == 0 && !is_placeholder(content)).then_some(content);
            }
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '\\' => drop(letters.next()),
            _ => {}
        }
    }
    None
}
