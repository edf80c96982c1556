//! Cuts a text into tokens as Lean 4 reads them, as far as the ban list needs it: what is comment, string or name, and
//! what is a word that Lean may take for a keyword.
//!
//! Where Lean's reading depends on tokens that a library may add, or where the text is malformed, it refuses: a text that
//! two readers read differently hides things. Rules checked against Lean 4.35.0; texts that Lean itself refuses may be
//! read in any way here, for an error is never accepted.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Blanks, tabs and line ends.
    Space,
    /// `-- …` up to the line end, `/- … -/`.
    Comment,
    /// `/-- … -/` and `/-! … -/`, which Lean's grammar sees.
    DocComment,
    /// A string, raw or not.
    String,
    /// A text part of an interpolated string, with the marks around it (`s!"a {` and `} b"`).
    StringPart,
    /// A character literal.
    Char,
    /// A name literal (`` `foo ``).
    NameLiteral,
    /// An identifier with all its parts, or a keyword.
    Word,
    /// A numeral.
    Number,
    /// Any other character; `''` is one token.
    Symbol,
}

/// A piece of the text, in bytes from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    /// Gives the token's text.
    pub(crate) fn text(self, source: &str) -> &str {
        source.get(self.start..self.end).unwrap_or_default()
    }

    /// Tells whether Lean's grammar sees the token.
    pub(crate) fn counts(self) -> bool {
        !matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }
}

/// Why a text is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// Byte of the text where the trouble begins.
    pub(crate) offset: usize,
    /// What it is.
    pub(crate) what: &'static str,
}

/// Words that read the string behind them as an interpolated one.
const INTERPOLATING: [&str; 9] =
    ["s!", "m!", "f!", "throwError", "logInfo", "logWarning", "logError", "dbg_trace", "println!"];

/// Runs of symbols that no longer token of Lean or Mathlib goes on with `-` or `/`, so that a comment may follow them
/// without a blank.
const BEFORE_COMMENT: [&str; 12] = [":=", "=>", ":", "=", "·", "<;>", "→", "←", "<|", "|>", "↔", "|"];

/// Cuts `text` into tokens; joined they are the text. Takes time in proportion to the text.
///
/// # Errors
/// The text is malformed (unclosed comment, string or quoted name, a control character), or Lean's reading of it depends
/// on what its header declares.
pub(crate) fn lex(text: &str) -> Result<Vec<Token>, Unreadable> {
    let bad = text.char_indices().find(|(_, c)| c.is_control() && !matches!(c, '\n' | '\t'));
    if let Some((offset, c)) = bad {
        let what = match c {
            '\0' => "a NUL character",
            '\r' => "a carriage return without a line end",
            _ => "a control character",
        };
        return Err(Unreadable { offset, what });
    }
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), open: Vec::new() };
    while lexer.at < text.len() {
        lexer.step()?;
    }
    match lexer.open.first() {
        Some(open) => Err(Unreadable { offset: open.start, what: "an unclosed interpolated string" }),
        None => Ok(lexer.tokens),
    }
}

/// An interpolated string whose code part is being read.
struct Open {
    /// Where the string began.
    start: usize,
    /// Braces opened in the code part.
    braces: usize,
}

struct Lexer<'text> {
    text: &'text str,
    at: usize,
    tokens: Vec<Token>,
    open: Vec<Open>,
}

impl<'text> Lexer<'text> {
    fn rest(&self) -> &'text str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, kind: TokenKind, len: usize) {
        self.tokens.push(Token { kind, start: self.at, end: self.at + len });
        self.at += len;
    }

    /// Gives the last token where it ends right here.
    fn before(&self) -> Option<Token> {
        self.tokens.last().copied().filter(|token| token.kind != TokenKind::Space)
    }

    fn unreadable<T>(&self, what: &'static str) -> Result<T, Unreadable> {
        Err(Unreadable { offset: self.at, what })
    }

    /// Reads one token.
    fn step(&mut self) -> Result<(), Unreadable> {
        let rest = self.rest();
        let mut chars = rest.chars();
        let (Some(first), second) = (chars.next(), chars.next()) else { return Ok(()) };
        match (first, second) {
            (' ' | '\t' | '\n', _) => {
                let len = rest.find(|c| !matches!(c, ' ' | '\t' | '\n')).unwrap_or(rest.len());
                self.push(TokenKind::Space, len);
            }
            ('-', Some('-')) => {
                self.refuse_glued_comment()?;
                self.push(TokenKind::Comment, rest.find('\n').unwrap_or(rest.len()));
            }
            ('/', Some('-')) => {
                self.refuse_glued_comment()?;
                let doc = matches!(rest.as_bytes().get(2), Some(b'-' | b'!'));
                let plainly = block_comment(rest, if doc { 3 } else { 2 });
                if plainly != if doc { doc_comment(rest) } else { skipping_comment(rest) } {
                    return self.unreadable("a comment that can be read in two ways");
                }
                let Some(len) = plainly else { return self.unreadable("an unclosed comment") };
                self.push(if doc { TokenKind::DocComment } else { TokenKind::Comment }, len);
            }
            ('"', _) => self.string()?,
            ('\'', _) => self.quote(rest, second)?,
            ('r', Some('"' | '#')) if raw_string_marks(rest).is_some() => {
                let Some(len) = raw_string(rest) else { return self.unreadable("an unclosed string") };
                self.push(TokenKind::String, len);
            }
            ('`', Some(next)) if (is_first(next) || next == '«') && !self.after_backtick() => {
                let Some(len) = word(rest.get(1..).unwrap_or_default()) else {
                    return self.unreadable("an unclosed «");
                };
                self.push(TokenKind::NameLiteral, 1 + len);
            }
            ('0'..='9', _) => self.push(TokenKind::Number, number(rest)),
            (c, _) if is_first(c) || c == '«' => {
                let Some(len) = word(rest) else { return self.unreadable("an unclosed «") };
                self.push(TokenKind::Word, len);
            }
            ('}', _) if self.open.last().is_some_and(|open| open.braces == 0) => self.string_part()?,
            (c, _) => {
                if let Some(open) = self.open.last_mut() {
                    match c {
                        '{' => open.braces += 1,
                        '}' => open.braces -= 1,
                        _ => {}
                    }
                }
                self.push(TokenKind::Symbol, c.len_utf8());
            }
        }
        Ok(())
    }

    fn after_backtick(&self) -> bool {
        self.before().is_some_and(|token| token.text(self.text) == "`")
    }

    /// Refuses a comment that stands directly behind symbols which may be the beginning of a longer token (`<-` in
    /// `<--`, `//` in `//-`): Lean takes the longest token it knows, and libraries add tokens.
    fn refuse_glued_comment(&self) -> Result<(), Unreadable> {
        let Some(last) = self.before().filter(|token| token.kind == TokenKind::Symbol) else { return Ok(()) };
        if matches!(last.text(self.text), "(" | ")" | "[" | "]" | "{" | "}" | "⟨" | "⟩" | "," | ";") {
            return Ok(());
        }
        let mut start = self.at;
        for token in self.tokens.iter().rev().take_while(|token| token.kind == TokenKind::Symbol).take(8) {
            start = token.start;
        }
        let run = self.text.get(start..self.at).unwrap_or_default();
        let run = run.rsplit(['(', ')', '[', ']', '{', '}', '⟨', '⟩', ',', ';']).next().unwrap_or_default();
        if BEFORE_COMMENT.contains(&run) { Ok(()) } else { self.unreadable("a comment glued to a symbol") }
    }

    /// Reads a string that begins here; it is interpolated where the word before it says so.
    fn string(&mut self) -> Result<(), Unreadable> {
        let word = self.tokens.iter().rev().find(|token| token.counts());
        let word = word.filter(|token| token.kind == TokenKind::Word).map_or("", |token| token.text(self.text));
        if INTERPOLATING.contains(&word) {
            return self.string_part();
        }
        let rest = self.rest();
        let Some(len) = string_end(rest, false).map(|(len, _)| len) else {
            return self.unreadable("an unclosed string");
        };
        let content = rest.get(..len).unwrap_or_default();
        // A macro of a library may interpolate; then the quote that ends the string for us would open another for Lean.
        if word.ends_with('!') && content.contains('{') {
            return self.unreadable("a string that may be interpolated");
        }
        self.push(TokenKind::String, len);
        Ok(())
    }

    /// Reads a text part of an interpolated string: from its quote, or from the brace that ends a code part.
    fn string_part(&mut self) -> Result<(), Unreadable> {
        let Some((len, code)) = string_end(self.rest(), true) else {
            return self.unreadable("an unclosed string");
        };
        let begins = self.rest().starts_with('"');
        match (begins, code) {
            (true, true) => self.open.push(Open { start: self.at, braces: 0 }),
            (false, false) => drop(self.open.pop()),
            (true, false) | (false, true) => {}
        }
        self.push(TokenKind::StringPart, len);
        Ok(())
    }

    /// Reads what begins with `'` outside a name: a character literal, or part of a library's token (`⁻¹'`, `''`).
    fn quote(&mut self, rest: &str, second: Option<char>) -> Result<(), Unreadable> {
        let before = self.before().filter(|token| token.kind == TokenKind::Symbol);
        let glued = before.is_some_and(|token| !matches!(token.text(self.text), "(" | "[" | "{" | "⟨" | ","));
        match second {
            Some('\'') if rest.starts_with("'''") => self.unreadable("three quotes"),
            Some('\'') => {
                self.push(TokenKind::Symbol, 2);
                Ok(())
            }
            Some('\\') => match escape(rest.get(1..).unwrap_or_default()) {
                Some(len) if !glued && rest.as_bytes().get(1 + len) == Some(&b'\'') => {
                    self.push(TokenKind::Char, len + 2);
                    Ok(())
                }
                _ => self.unreadable("a character literal that Lean may read otherwise"),
            },
            Some(c) if rest.as_bytes().get(1 + c.len_utf8()) == Some(&b'\'') => {
                if glued && !c.is_alphanumeric() {
                    return self.unreadable("a character literal glued to a symbol");
                }
                self.push(TokenKind::Char, 2 + c.len_utf8());
                Ok(())
            }
            _ => {
                self.push(TokenKind::Symbol, 1);
                Ok(())
            }
        }
    }
}

/// Gives the length of a block comment whose opening mark takes `mark` bytes; comments nest.
fn block_comment(text: &str, mark: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (mark, 1_usize);
    while let (Some(first), Some(second)) = (bytes.get(at), bytes.get(at + 1)) {
        match (first, second) {
            (b'-', b'/') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            (b'/', b'-') => {
                depth += 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    None
}

/// Gives the length of a block comment as Lean reads it: it passes over the character behind the opening mark, so that
/// `/-/-/` is a whole comment to it.
fn skipping_comment(text: &str) -> Option<usize> {
    let skipped = text.get(2..)?.chars().next()?;
    block_comment(text, 2 + skipped.len_utf8())
}

/// Gives the length of a comment for documentation as Lean reads it: behind the opening mark it passes over blanks and
/// comments first, so that `-/` in one of them ends nothing.
fn doc_comment(text: &str) -> Option<usize> {
    let mut at = 3;
    loop {
        let rest = text.get(at..)?;
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n']).len();
        let passed = if blanks > 0 {
            blanks
        } else if rest.starts_with("--") {
            rest.find('\n')?
        } else if rest.starts_with("/-") && !rest.starts_with("/--") && !rest.starts_with("/-!") {
            skipping_comment(rest)?
        } else {
            return block_comment(text, at);
        };
        at += passed;
    }
}

/// Finds the end of a string, or of a string's text part, that begins with one mark (`"` or `}`): its length, and
/// whether code follows. Braces mean code only where the string is interpolated.
fn string_end(text: &str, interpolated: bool) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some((at + 1, false)),
            b'{' if interpolated => return Some((at + 1, true)),
            // The escaped character's first byte is enough: no later byte of it is a mark.
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Counts the `#` between `r` and the quote of a raw string.
fn raw_string_marks(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let quote = rest.find(|c| c != '#')?;
    rest.get(quote..)?.starts_with('"').then_some(quote)
}

/// Gives the length of a raw string.
fn raw_string(text: &str) -> Option<usize> {
    let marks = raw_string_marks(text)?;
    let begin = 2 + marks;
    let bytes = text.as_bytes();
    let mut at = begin;
    while at < bytes.len() {
        if bytes.get(at) == Some(&b'"') {
            let hashes = bytes.get(at + 1..)?.iter().take(marks).take_while(|byte| **byte == b'#').count();
            if hashes == marks {
                return Some(at + 1 + marks);
            }
            at += hashes;
        }
        at += 1;
    }
    None
}

/// Gives the length of an escape that begins with a backslash.
fn escape(text: &str) -> Option<usize> {
    let digits = |from: usize, count: usize| {
        let digits = text.get(from..from + count)?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(from + count)
    };
    match text.as_bytes().get(1)? {
        b'\\' | b'"' | b'\'' | b'n' | b't' | b'r' => Some(2),
        b'x' => digits(2, 2),
        b'u' => digits(2, 4),
        _ => None,
    }
}

/// Gives the length of a numeral. A letter that belongs to no numeral is left to the next token: Lean reads `0axiom` as
/// a numeral and a keyword.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let run = |from: usize, digit: fn(&u8) -> bool| {
        let mut at = from;
        while let Some(byte) = bytes.get(at) {
            let joins = *byte == b'_' && at > from && bytes.get(at + 1).is_some_and(digit);
            if !digit(byte) && !joins {
                break;
            }
            at += 1;
        }
        at
    };
    let prefixed: Option<fn(&u8) -> bool> = match (bytes.first(), bytes.get(1)) {
        (Some(b'0'), Some(b'x' | b'X')) => Some(u8::is_ascii_hexdigit),
        (Some(b'0'), Some(b'b' | b'B')) => Some(|byte| matches!(byte, b'0' | b'1')),
        (Some(b'0'), Some(b'o' | b'O')) => Some(|byte| matches!(byte, b'0'..=b'7')),
        _ => None,
    };
    if let Some(digit) = prefixed {
        let end = run(2, digit);
        return if end > 2 { end } else { 1 };
    }
    let decimal: fn(&u8) -> bool = u8::is_ascii_digit;
    let mut end = run(0, decimal);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(decimal) {
        end = run(end + 1, decimal);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = run(end + 1 + sign, decimal);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// Gives the length of an identifier with all its parts; nothing where a `«` is not closed.
fn word(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let part = text.get(at..)?;
        at += match part.strip_prefix('«') {
            Some(quoted) => '«'.len_utf8() + quoted.find('»')? + '»'.len_utf8(),
            None => part.find(|c| !is_rest(c)).unwrap_or(part.len()),
        };
        let mut next = text.get(at..)?.chars();
        match (next.next(), next.next()) {
            (Some('.'), Some(c)) if is_first(c) || c == '«' => at += 1,
            _ => return Some(at),
        }
    }
}

/// Tells whether a name may begin with the character.
fn is_first(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || is_letter_like(c)
}

/// Tells whether a name may go on with the character.
fn is_rest(c: char) -> bool {
    is_first(c) || c.is_ascii_digit() || matches!(c, '\'' | '!' | '?') || is_subscript(c)
}

fn is_letter_like(c: char) -> bool {
    matches!(c,
        '\u{3b1}'..='\u{3c9}' | '\u{391}'..='\u{3a9}' | '\u{3ca}'..='\u{3fb}' | '\u{1f00}'..='\u{1ffe}'
        | '\u{2100}'..='\u{214f}' | '\u{1d49c}'..='\u{1d59f}' | '\u{c0}'..='\u{ff}' | '\u{100}'..='\u{17f}')
        && !matches!(c, 'λ' | 'Π' | 'Σ' | '×' | '÷')
}

fn is_subscript(c: char) -> bool {
    matches!(c, '\u{2080}'..='\u{2089}' | '\u{2090}'..='\u{209c}' | '\u{1d62}'..='\u{1d6a}' | '\u{2c7c}')
}

#[cfg(test)]
mod tests;
