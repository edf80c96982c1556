//! The outermost dress of an answer: space around it, marks of Markdown, quotes, a closing full stop.

/// Takes the outermost dress off; what is left can be empty.
pub(super) fn bare(text: &str) -> &str {
    let mut text = text.trim();
    // Marks nest a few deep at most (`**"5".**`).
    for _ in 0..4 {
        let before = text;
        if text.ends_with('.') && !text.ends_with("..") {
            text = text.trim_end_matches('.').trim_end();
        }
        for mark in ["**", "__", "\"", "“", "”", "`"] {
            text = text.strip_prefix(mark).unwrap_or(text);
            text = text.strip_suffix(mark).unwrap_or(text);
        }
        text = text.trim();
        if text == before {
            break;
        }
    }
    text
}
