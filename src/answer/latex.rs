//! What LaTeX and typography have for one and the same thing: wrappers, spacing, other spellings, separators.

/// Commands that put their argument in text or in another type face.
pub(super) const WRAPPERS: [&str; 17] = [
    "text",
    "mbox",
    "textrm",
    "textbf",
    "textit",
    "textsf",
    "texttt",
    "textnormal",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "operatorname",
    "hbox",
    "bm",
    "boldsymbol",
    "emph",
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
pub(super) const SPELLINGS: [(&str, &str); 16] = [
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
];

/// What may stand between thousands, longest first.
pub(super) const SEPARATORS: [&str; 9] = [",\\!", "{,}", "\\,", ",", "~", "\u{202f}", "\u{2009}", "\u{a0}", " "];

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
