//! What LaTeX and typography have for one and the same thing: wrappers, spacing, other spellings, separators.

/// What a wrapper says of the letters in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// They are words.
    Text,
    /// Upright: two or more are a word or unit, a single one is a symbol (`\mathrm{i}`).
    Upright,
    /// Nothing: bold letters are vectors as often as words.
    Other,
}

/// Commands that put their argument in text or in another type face.
pub(super) const WRAPPERS: [(&str, Face); 19] = [
    ("text", Face::Text),
    ("mbox", Face::Text),
    ("hbox", Face::Text),
    ("textrm", Face::Text),
    ("textbf", Face::Text),
    ("textit", Face::Text),
    ("textsf", Face::Text),
    ("texttt", Face::Text),
    ("textnormal", Face::Text),
    ("emph", Face::Text),
    ("mathrm", Face::Upright),
    ("mathbf", Face::Other),
    ("mathit", Face::Other),
    ("mathsf", Face::Other),
    ("operatorname", Face::Upright),
    ("bm", Face::Other),
    ("boldsymbol", Face::Other),
    // A box inside an answer is dress.
    ("boxed", Face::Other),
    ("fbox", Face::Other),
];

/// Commands that change only sizes and spaces.
pub(super) const INVISIBLE: [&str; 24] = [
    "left",
    "right",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "biggl",
    "biggr",
    "displaystyle",
    "textstyle",
    "quad",
    "qquad",
    "limits",
    "bf",
    "rm",
    "it",
    "thinspace",
    "enspace",
    "medspace",
    "nobreak",
];

/// Other spellings of one command.
pub(super) const SPELLINGS: [(&str, &str); 18] = [
    ("dfrac", "frac"),
    ("tfrac", "frac"),
    ("cfrac", "frac"),
    ("le", "leq"),
    ("leqslant", "leq"),
    ("ge", "geq"),
    ("geqslant", "geq"),
    ("ne", "neq"),
    ("lbrace", "{"),
    ("rbrace", "}"),
    ("lvert", "vert"),
    ("rvert", "vert"),
    ("dots", "ldots"),
    ("cdots", "ldots"),
    ("dotsc", "ldots"),
    ("to", "rightarrow"),
    ("lt", "<"),
    ("gt", ">"),
];

/// What may stand between thousands, longest first.
pub(super) const SEPARATORS: [&str; 10] =
    [",\\!", "{,}", "\\,", "\\ ", ",", "~", "\u{202f}", "\u{2009}", "\u{a0}", " "];

/// Tells whether a character prints nothing.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}') || character.is_control()
}

/// Reads typographic signs as their plain forms.
pub(super) fn plain_symbol(symbol: char) -> char {
    match symbol {
        '−' | '–' | '—' | '﹣' | '－' => '-',
        '×' | '·' | '⋅' => '*',
        '÷' | '⁄' | '∕' => '/',
        '’' | '‘' => '\'',
        '（' => '(',
        '）' => ')',
        '，' => ',',
        '％' => '%',
        other => other,
    }
}
