//! An answer as tokens, with its dress taken off: spacing, sizes, money and degree signs, thousands separators, and
//! the wrappers of text.
//!
//! Two answers whose tokens are the same are the same answer ([`identity`]); numbers and words are read from tokens.
//! One pass, linear in the text, without recursion.

use super::latex::{Face, INVISIBLE, SEPARATORS, SPELLINGS, WRAPPERS, is_invisible, plain_symbol};

/// One piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Digits with at most one decimal point, thousands separators and leading zeros taken out: `1234.5`.
    Number(String),
    /// A run of letters.
    Word {
        /// The letters.
        text: String,
        /// Whether it stood in `\text{…}` or the like.
        dressed: bool,
    },
    /// A LaTeX command without its backslash; a root carries its index (`sqrt[3]`).
    Command(String),
    /// Any other character that is not space.
    Symbol(char),
    /// Three dots or `\ldots`: the answer goes on where nobody sees it.
    Ellipsis,
    /// A degree sign; only [`written`] keeps it.
    Degree,
}

impl Token {
    pub(super) fn is(&self, symbol: char) -> bool {
        matches!(self, Token::Symbol(own) if *own == symbol)
    }
}

/// How deep braces may nest before an answer is taken as unreadable.
const MAX_DEPTH: usize = 200;

/// Reads `text` as tokens; `None` where its braces do not match or nest too deep.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    Some(undressed(&written(text)?))
}

/// Takes degree signs and the zeros before numbers off; an angle of a function keeps its sign, which is no dress there.
pub(super) fn undressed(tokens: &[Token]) -> Vec<Token> {
    let angular = tokens.iter().any(is_angular);
    let plain = tokens.iter().filter(|token| angular || **token != Token::Degree);
    plain
        .map(|token| match token {
            Token::Number(text) => Token::Number(without_zeros(text)),
            other => other.clone(),
        })
        .collect()
}

/// Tells whether a token names a function of an angle.
fn is_angular(token: &Token) -> bool {
    const NAMES: [&str; 8] = ["sin", "cos", "tan", "tg", "cot", "sec", "csc", "cis"];
    match token {
        Token::Command(name) => NAMES.contains(&name.as_str()),
        Token::Word { text, dressed } => !dressed && NAMES.contains(&text.to_lowercase().as_str()),
        _ => false,
    }
}

fn without_zeros(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    fraction.map_or_else(|| whole.to_owned(), |fraction| format!("{whole}.{fraction}"))
}

/// Reads `text` as tokens with its degree signs and with every digit that is written.
pub(super) fn written(text: &str) -> Option<Vec<Token>> {
    let mut lexer =
        Lexer { chars: text.chars().collect(), at: 0, out: Vec::new(), groups: Vec::new(), wanted: 0, brackets: 0 };
    lexer.run()?;
    let mut out = lexer.out;
    // A sentence's stop, and a colon before the answer.
    while out.last().is_some_and(|last| ['.', ',', ';', ':'].iter().any(|stop| last.is(*stop))) {
        out.pop();
    }
    let lead = out.iter().take_while(|first| first.is(':')).count();
    out.drain(..lead);
    Some(out)
}

/// Writes tokens as the text that identity is decided on.
pub(super) fn identity(tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut before: Option<&Token> = None;
    for token in tokens {
        // Neighbours that would run together (`2 3` is not 23) stay apart.
        if matches!(
            (before, token),
            (Some(Token::Word { .. }), Token::Word { .. }) | (Some(Token::Number(_)), Token::Number(_))
        ) {
            text.push(' ');
        }
        match token {
            Token::Number(digits) => text.push_str(digits),
            Token::Word { text: letters, .. } => text.push_str(letters),
            Token::Command(name) => {
                text.push('\\');
                text.push_str(name);
                // Ends the command's name, so that `\pi r` and `\pir` stay apart.
                text.push(' ');
            }
            Token::Symbol(symbol) => text.push(*symbol),
            Token::Ellipsis => text.push('…'),
            Token::Degree => text.push('°'),
        }
        before = Some(token);
    }
    text
}

/// What an open brace belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    /// Printed as it stands.
    Plain,
    /// Of `^` or `_`; dropped where it holds one number, letter or sign. Holds the place of its brace in the output.
    Script(usize),
    /// Of a text wrapper; never printed.
    Wrapper(Face),
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    out: Vec<Token>,
    /// Open braces, with the arguments that the command before them still wanted.
    groups: Vec<(Group, u8)>,
    /// Arguments that the last command still wants; unbraced ones are one character long, as in TeX (`\frac12`).
    wanted: u8,
    /// Open brackets, in which a comma separates values and no thousands.
    brackets: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn run(&mut self) -> Option<()> {
        while let Some(next) = self.peek(0) {
            match next {
                '\\' => self.command()?,
                '{' => self.open(Group::Plain)?,
                '}' => self.close()?,
                '^' | '_' => self.script(next)?,
                '.' if self.peek(1) == Some('.') && self.peek(2) == Some('.') => {
                    self.at += 3;
                    self.out.push(Token::Ellipsis);
                }
                '…' => {
                    self.at += 1;
                    self.out.push(Token::Ellipsis);
                }
                '.' if self.peek(1).is_some_and(|digit| digit.is_ascii_digit()) => self.number(),
                _ if next.is_ascii_digit() => self.number(),
                _ if next.is_alphabetic() => self.word(),
                // Money, degrees, marks of Markdown, and LaTeX's unbreakable space.
                '$' | '€' | '£' | '`' | '~' => self.at += 1,
                '°' => {
                    self.at += 1;
                    self.out.push(Token::Degree);
                }
                '*' if self.peek(1) == Some('*') => {
                    self.at += 2;
                    self.symbol('^');
                }
                _ if next.is_whitespace() || is_invisible(next) => self.at += 1,
                _ => {
                    self.at += 1;
                    self.symbol(plain_symbol(next));
                }
            }
        }
        if self.groups.is_empty() { Some(()) } else { None }
    }

    fn symbol(&mut self, symbol: char) {
        self.wanted = 0;
        self.bracket(symbol);
        self.out.push(Token::Symbol(symbol));
    }

    fn bracket(&mut self, symbol: char) {
        match symbol {
            '(' | '[' | '{' => self.brackets += 1,
            ')' | ']' | '}' => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
    }

    fn command(&mut self) -> Option<()> {
        let rest = self.chars.get(self.at + 1..).unwrap_or_default();
        let length = rest.iter().take_while(|letter| letter.is_ascii_alphabetic()).count();
        if length == 0 {
            let escaped = self.peek(1);
            self.at += 2;
            match escaped {
                // Thin spaces, the escaped space and delimiters of mathematics.
                None | Some('!' | ',' | ';' | ':' | '>' | ' ' | '/' | '(' | ')' | '[' | ']' | '$') => {}
                Some('\\') => self.symbol('\n'),
                Some(brace @ ('{' | '}')) => {
                    self.bracket(brace);
                    self.out.push(Token::Command(brace.to_string()));
                }
                Some('|') => self.out.push(Token::Command("Vert".to_owned())),
                Some(other) if other.is_whitespace() => {}
                Some(other) => self.symbol(other),
            }
            return Some(());
        }
        let name: String = rest.iter().take(length).collect();
        self.at += 1 + length;
        if let Some((_, face)) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name) {
            self.spaces();
            return if self.peek(0) == Some('{') { self.open(Group::Wrapper(*face)) } else { Some(()) };
        }
        match name.as_str() {
            "degree" => {
                self.out.push(Token::Degree);
                return Some(());
            }
            _ if INVISIBLE.contains(&name.as_str()) => {
                // `\left.` and `\right.` are delimiters that nobody sees.
                if (name == "left" || name == "right") && self.peek(0) == Some('.') {
                    self.at += 1;
                }
                return Some(());
            }
            _ => {}
        }
        let name = SPELLINGS.iter().find(|(from, _)| *from == name).map_or(name.as_str(), |(_, to)| to).to_owned();
        match name.as_str() {
            "ldots" => self.out.push(Token::Ellipsis),
            "frac" => {
                self.out.push(Token::Command(name));
                self.wanted = 2;
            }
            "sqrt" => {
                let index = self.root_index();
                self.out.push(Token::Command(format!("sqrt{index}")));
                self.wanted = 1;
            }
            _ => self.argument(Token::Command(name)),
        }
        Some(())
    }

    /// Reads `[3]` after a root's name.
    fn root_index(&mut self) -> String {
        self.spaces();
        if self.peek(0) != Some('[') {
            return String::new();
        }
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let Some(length) = rest.iter().take(32).position(|close| *close == ']') else {
            return String::new();
        };
        let index = rest.iter().take(length + 1).filter(|letter| !letter.is_whitespace()).collect();
        self.at += length + 1;
        index
    }

    /// Puts out one token; in braces where a command waits for an argument.
    fn argument(&mut self, token: Token) {
        if self.wanted > 0 {
            self.wanted -= 1;
            self.out.extend([Token::Symbol('{'), token, Token::Symbol('}')]);
        } else {
            self.out.push(token);
        }
    }

    fn spaces(&mut self) {
        while self.peek(0).is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn open(&mut self, group: Group) -> Option<()> {
        if self.groups.len() >= MAX_DEPTH {
            return None;
        }
        self.at += 1;
        match group {
            Group::Wrapper(_) => self.groups.push((group, self.wanted)),
            Group::Plain | Group::Script(_) => {
                self.out.push(Token::Symbol('{'));
                self.groups.push((group, self.wanted.saturating_sub(1)));
                self.wanted = 0;
            }
        }
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        self.at += 1;
        let (group, wanted) = self.groups.pop()?;
        self.wanted = wanted;
        match group {
            Group::Wrapper(_) => {}
            Group::Plain => self.out.push(Token::Symbol('}')),
            Group::Script(place) => {
                // `e^{kt}` is not `e^k t`.
                let letters = |token: &Token| matches!(token, Token::Word { text, .. } if text.chars().count() > 1);
                if self.out.len() == place + 2 && !self.out.last().is_some_and(letters) {
                    self.out.remove(place);
                } else {
                    self.out.push(Token::Symbol('}'));
                }
            }
        }
        Some(())
    }

    fn script(&mut self, mark: char) -> Option<()> {
        if mark == '^' && self.degree_sign() {
            return Some(());
        }
        self.at += 1;
        self.symbol(mark);
        self.spaces();
        if self.peek(0) == Some('{') {
            return self.open(Group::Script(self.out.len()));
        }
        Some(())
    }

    /// Skips `^\circ` and `^{\circ}`, alone or with a degree sign of another spelling.
    fn degree_sign(&mut self) -> bool {
        let window: String =
            self.chars.iter().skip(self.at + 1).take(24).filter(|letter| !letter.is_whitespace()).collect();
        let found = ["{\\circ}", "\\circ", "{\\degree}", "\\degree"].into_iter().find(|sign| {
            window
                .strip_prefix(sign)
                .is_some_and(|rest| sign.ends_with('}') || !rest.starts_with(|next: char| next.is_ascii_alphabetic()))
        });
        let Some(sign) = found else { return false };
        self.at += 1;
        let mut left = sign.len();
        while left > 0 {
            if !self.peek(0).is_some_and(char::is_whitespace) {
                left -= 1;
            }
            self.at += 1;
        }
        self.out.push(Token::Degree);
        true
    }

    fn word(&mut self) {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let mut text: String = rest.iter().take_while(|letter| letter.is_alphabetic()).collect();
        if self.wanted > 0 {
            text = text.chars().take(1).collect();
        }
        let length = text.chars().count();
        self.at += length;
        let dressed = self.groups.iter().any(|(group, _)| match group {
            Group::Wrapper(Face::Text) => true,
            Group::Wrapper(Face::Upright) => length > 1,
            _ => false,
        });
        self.argument(Token::Word { text, dressed });
    }

    fn number(&mut self) {
        if self.wanted > 0 && self.peek(0).is_some_and(|digit| digit.is_ascii_digit()) {
            let digit = self.peek(0).map(String::from).unwrap_or_default();
            self.at += 1;
            self.argument(Token::Number(digit));
            return;
        }
        let mut digits = self.digits();
        while let Some((skip, group)) = self.next_group(digits.len(), digits.starts_with('0')) {
            self.at += skip;
            digits.push_str(&group);
        }
        let mut fraction = String::new();
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|digit| digit.is_ascii_digit()) {
            self.at += 1;
            fraction = self.digits();
        }
        let mut text = if digits.is_empty() { "0".to_owned() } else { digits };
        if !fraction.is_empty() {
            text.push('.');
            text.push_str(&fraction);
        }
        self.out.push(Token::Number(text));
    }

    fn digits(&mut self) -> String {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let digits: String = rest.iter().take_while(|digit| digit.is_ascii_digit()).collect();
        self.at += digits.len();
        digits
    }

    /// Finds a thousands separator with its group of exactly three digits: how far to skip, and the group.
    ///
    /// `already` digits stand before it: one to three before the first separator, then any number of whole groups.
    fn next_group(&mut self, already: usize, zero: bool) -> Option<(usize, String)> {
        let first = already <= 3 && already > 0 && !zero;
        let separated = already > 3 && self.grouped(already);
        if !first && !separated {
            return None;
        }
        let window: String = self.chars.iter().skip(self.at).take(12).collect();
        let separator = SEPARATORS.iter().find(|separator| window.starts_with(**separator))?;
        if *separator == "," && self.brackets > 0 {
            return None;
        }
        let rest = window.strip_prefix(separator)?;
        let rest = if window.starts_with(",\\!") { rest.trim_start() } else { rest };
        let group: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let skip = window.chars().count() - rest.chars().count() + 3;
        (group.len() == 3).then_some((skip, group))
    }

    /// Tells whether the number in hand was written in groups so far: its last three digits follow a separator.
    fn grouped(&self, already: usize) -> bool {
        already > 3
            && self.at.checked_sub(4).and_then(|before| self.chars.get(before)).is_some_and(|c| !c.is_ascii_digit())
    }
}
