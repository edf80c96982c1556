//! Forms for people: tables that fit the terminal, and text from outside made harmless.

pub(crate) mod short;
pub(crate) mod summary;
pub(crate) mod table;

/// Makes text from outside (models, data files, servers) harmless in one line of a terminal: control characters,
/// line ends and characters that reorder or hide text become visible escapes.
pub(crate) fn escape_line(text: &str) -> String {
    escape(text, false)
}

/// As [`escape_line`], but keeps line ends and tabs.
pub(crate) fn escape_text(text: &str) -> String {
    escape(text, true)
}

fn escape(text: &str, keep_lines: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\t' if keep_lines => escaped.push(letter),
            letter if letter.is_control() || is_invisible(letter) => escaped.extend(letter.escape_default()),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Line and paragraph separators, zero-width marks and the overrides that show text in another order than it has.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Makes a JSON text safe to show on a terminal without changing its meaning: serde escapes the lower control
/// characters, but not DEL and U+0080 to U+009F, of which one (U+009B) opens terminal commands.
pub(crate) fn harmless_json(json: String) -> String {
    if !json.chars().any(|letter| matches!(letter, '\u{7f}'..='\u{9f}')) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for letter in json.chars() {
        match letter {
            '\u{7f}'..='\u{9f}' => escaped.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Writes a number of bytes for people (`98.4 MB`).
pub(crate) fn bytes(count: u64) -> String {
    let mut amount = count as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if amount < 1000.0 {
            return if unit == "B" { format!("{count} B") } else { format!("{amount:.1} {unit}") };
        }
        amount /= 1000.0;
    }
    format!("{amount:.1} TB")
}

/// Writes a duration for people (`2 min 5 s`).
pub(crate) fn seconds(total: f64) -> String {
    // Saturates: a time that long is shown as very long.
    let total = std::time::Duration::try_from_secs_f64(total.max(0.0)).map_or(u64::MAX, |time| time.as_secs());
    match (total / 3600, total / 60 % 60, total % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// Writes a time in microseconds since 1970 for people (`2026-03-01 17:05`, UTC).
pub(crate) fn moment(micros: i64) -> String {
    let shown = jiff::Timestamp::from_microsecond(micros).map(|time| time.strftime("%Y-%m-%d %H:%M").to_string());
    // Outside the years that calendars know.
    shown.unwrap_or_else(|_| format!("{micros} µs"))
}

/// Cuts a text after `limit` characters; a mark shows that there was more.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminal_commands_become_visible() {
        let cases = [
            ("plain ½ 数", "plain ½ 数"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}"),
            ("abc\u{202e}def", "abc\\u{202e}def"),
        ];
        for (given, expected) in cases {
            assert_eq!(escape_line(given), expected);
        }
        assert_eq!(escape_text("a\nb\u{1b}"), "a\nb\\u{1b}");
        assert_eq!(harmless_json("\"\u{9b}é\"".into()), "\"\\u009bé\"");
    }

    #[test]
    fn amounts_are_short() {
        assert_eq!([0, 999, 98_362_432].map(bytes), ["0 B", "999 B", "98.4 MB"]);
        assert_eq!([0.4, 125.0, 7260.0].map(seconds), ["0 s", "2 min 5 s", "2 h 1 min"]);
        assert_eq!(seconds(f64::NAN), "0 s");
        assert_eq!([0, 1_772_384_700_000_000].map(moment), ["1970-01-01 00:00", "2026-03-01 17:05"]);
        assert_eq!(moment(i64::MAX), "9223372036854775807 µs");
        assert_eq!(["äbc", "äbcd", "äbcde"].map(|text| shorten(text, 4)), ["äbc", "äbcd", "äbc…"]);
    }

    proptest! {
        #[test]
        fn nothing_that_steers_a_terminal_is_left(text in any::<String>()) {
            prop_assert!(!escape_line(&text).chars().any(char::is_control));
            let json = harmless_json(serde_json::to_string(&text).unwrap());
            prop_assert!(!json.chars().any(char::is_control));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
