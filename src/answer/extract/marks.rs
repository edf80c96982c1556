//! Patterns of the words, tags and fields that an answer follows.

use std::sync::LazyLock;

use regex::Regex;

#[expect(clippy::expect_used, reason = "fixed patterns, compiled in every test run")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is valid")
}

/// Words after which an answer is stated.
pub(super) static MARK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:answers?(?:\s+(?:choice|option))?|correct\s+(?:option|choice|letter|answer))\b",
        r"(?:\s+(?:to|for|of)\s[^.:=\n$]{1,80}?)?[\s*_}]*",
        r"(?:\s(?:is|are|was|equals|should\s+be|must\s+be|would\s+be|will\s+be|comes\s+to)\b|:|=|：)",
        r"(?:\s+(?:therefore|thus|then|simply|indeed|just|given\s+by|equal\s+to)\b)?",
        r"|答案(?:应该|应)?(?:是|为|：|:|选)+",
        r"|\bans(?:\.|:|\s*=)",
    ))
});

/// Words that may as well name what is found on the way; asked after all others.
pub(super) static WEAK_MARK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:final|correct|required|desired|total)\s+(?:result|value|solution|sum|number|probability|area)\b",
        r"[\s*_}]*(?:\s(?:is|are|equals)\b|:|=)",
        r"|\b(?:the|our)\s+(?:result|solution|solutions)\s+(?:is|are)\b:?",
    ))
});

/// A heading with nothing else in its line.
pub(super) static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?mi)^[ \t]*(?:#{1,6}[ \t]*)?[*_]*(?:the[ \t]+)?(?:final[ \t]+)?answers?[ \t]*:?[*_]*[ \t]*:?[ \t]*$")
});

/// The last line of GSM8K's worked solutions.
pub(super) static HASHES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^[ \t]*####[ \t]+"));

/// A tag around the answer.
pub(super) static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<(?:final_)?answer>"));
pub(super) static TAG_END: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)</(?:final_)?answer>"));

/// A field of JSON.
pub(super) static FIELD: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i)"(?:final_?)?answer"\s*:\s*("(?:[^"\\]|\\.){1,2000}"|-?\d[\d.eE+-]{0,60})"#));

/// A row of a table that names the answer in its first cell.
pub(super) static ROW: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?mi)^[ \t]*\|[\s*_]*(?:final[ \t]+)?answer[\s*_:]*\|([^|\n]+)\|"));

/// A head row of a table with a column for the answer, and the line under it.
pub(super) static COLUMN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?mi)^[ \t]*(\|(?:[^|\n]*\|)*?[\s*_]*(?:final[ \t]+)?answers?[\s*_]*\|(?:[^|\n]*\|)*)[ \t]*\n[ \t]*\|[ \t:|-]+\|[ \t]*\n",
    )
});

/// The mark before an item of a list.
pub(super) static ITEM: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[ \t]*(?:[-*•+]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])[ \t]+"));

/// An option called right, or chosen.
pub(super) static OPTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:(?:\b[Oo]ption|\b[Cc]hoice|\b[Aa]nswer)?\s*[*_$]*(?:\\text(?:bf)?\{|\\mathbf\{)?\(?\b([A-J])\b\)?\}?[*_$.:)]*",
        r"\s+(?:is|must\s+be|has\s+to\s+be)\s+(?:therefore\s+|thus\s+)?(?:the\s+)?(?:correct|right|answer|best\s+(?:answer|choice|option)))",
        r"|(?:\b(?:[Cc]hoose|[Ss]elect|[Pp]ick|[Gg]o\s+with|[Cc]hose|[Oo]pt\s+for)\s+(?:[Oo]ption|[Cc]hoice|[Aa]nswer|[Ll]etter)?\s*",
        r"[*_$]*(?:\\text(?:bf)?\{)?\(?([A-J])\b)",
        r"|(?:故选|应选|选择|选项?)[：:\s]*\(?([A-J])",
    ))
});

/// Numbers for the lenient figure.
pub(super) static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"-?\\[dt]?frac\{-?\d{1,40}\}\{\d{1,40}\}|-?\$?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:/\d+)?(?:\s?\\?%)?|-?\.\d+",
    )
});
