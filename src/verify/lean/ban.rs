//! What a candidate must not use, found over the tokens that Lean reads; words in comments, strings and names never
//! count.
//!
//! A command of Lean opens at a keyword, in any column and even inside a block of tactics. So a block may hold no
//! keyword of a command at all, and a file only those of a fixed list of declarations; options and attributes are
//! allowed by name. Keywords that only a library adds are known here by list: what slips through one of them is left to
//! the second look at the compiled file.

mod list;

use super::lexer::{Token, TokenKind};

/// Where the candidate's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Under the trusted theorem's `:= by`.
    Tactics,
    /// Behind the trusted header, as commands.
    File,
}

/// A construct that a candidate must not use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ban {
    /// The construct, as the text has it.
    pub(crate) construct: String,
    /// Byte of the text where it stands.
    pub(crate) offset: usize,
}

/// Tells whether a word is the keyword of a command that a file may hold or that is banned.
pub(crate) fn is_command(word: &str) -> bool {
    list::COMMANDS.contains(&word) || list::BANNED.contains(&word) || matches!(word, "open" | "set_option" | "lemma")
}

/// Tells whether a word is the keyword of a command that a file may hold; a text with one is a file, not a block.
pub(crate) fn is_declaration(word: &str) -> bool {
    matches!(
        word,
        "theorem" | "lemma" | "def" | "abbrev" | "example" | "instance" | "inductive" | "structure" | "axiom"
    )
}

/// Finds the first banned construct. `trusted` are options that the trusted header itself sets, with their values.
pub(crate) fn find(text: &str, tokens: &[Token], room: Room, trusted: &[(String, String)]) -> Option<Ban> {
    let seen: Vec<Token> =
        tokens.iter().copied().filter(|token| token.counts() && token.kind != TokenKind::DocComment).collect();
    let scan = Scan { text, seen: &seen, room, trusted };
    (0..seen.len()).find_map(|index| scan.at(index))
}

/// Gives the options that a text sets, with their values.
pub(crate) fn options(text: &str, tokens: &[Token]) -> Vec<(String, String)> {
    let seen: Vec<Token> = tokens.iter().copied().filter(|token| token.counts()).collect();
    let scan = Scan { text, seen: &seen, room: Room::File, trusted: &[] };
    let set = |index: usize| scan.option(index + 1).filter(|_| scan.word(index) == "set_option");
    (0..seen.len()).filter_map(set).collect()
}

struct Scan<'text> {
    text: &'text str,
    seen: &'text [Token],
    room: Room,
    trusted: &'text [(String, String)],
}

impl<'text> Scan<'text> {
    fn text(&self, index: usize) -> &'text str {
        self.seen.get(index).map_or("", |token| token.text(self.text))
    }

    /// Gives the word at this place, or nothing where there is no word.
    fn word(&self, index: usize) -> &'text str {
        self.seen.get(index).filter(|token| token.kind == TokenKind::Word).map_or("", |token| token.text(self.text))
    }

    fn touch(&self, index: usize) -> bool {
        match (self.seen.get(index), self.seen.get(index + 1)) {
            (Some(first), Some(second)) => first.end == second.start,
            _ => false,
        }
    }

    fn ban(&self, index: usize, construct: impl Into<String>) -> Option<Ban> {
        let offset = self.seen.get(index).map_or(self.text.len(), |token| token.start);
        Some(Ban { construct: construct.into(), offset })
    }

    fn at(&self, index: usize) -> Option<Ban> {
        let token = self.seen.get(index)?;
        match token.kind {
            TokenKind::Word => self.at_word(index),
            TokenKind::Symbol => self.at_symbol(index),
            _ => None,
        }
    }

    fn at_word(&self, index: usize) -> Option<Ban> {
        let word = self.word(index);
        if list::BANNED.contains(&word) || (self.room == Room::Tactics && list::COMMANDS.contains(&word)) {
            return self.ban(index, word);
        }
        match word {
            "open" | "export" if self.word(index + 1) == "private" => self.ban(index, format!("{word} private")),
            "set_option" => self.at_option(index),
            "attribute" => self.attributes(index, index + 1, "attribute"),
            "trace" if self.touch(index) && self.text(index + 1) == "[" => self.ban(index, "trace["),
            "native" if self.is_switched_on(index) => self.ban(index, "native"),
            _ => None,
        }
    }

    /// Tells whether `native` is a setting here: `+native`, `native := …`.
    fn is_switched_on(&self, index: usize) -> bool {
        let plus = index.checked_sub(1).is_some_and(|before| self.text(before) == "+");
        plus || (self.text(index + 1) == ":" && self.text(index + 2) == "=")
    }

    fn at_symbol(&self, index: usize) -> Option<Ban> {
        match self.text(index) {
            "#" if self.touch(index) => self.at_hash(index),
            "@" if self.touch(index) && self.text(index + 1) == "[" => self.attributes(index, index + 1, "@"),
            "`" if self.touch(index) && self.text(index + 1) == "(" => self.ban(index, "`("),
            _ => None,
        }
    }

    /// Judges a `#` with a word: a command, or a library's notation (`#s` for the size of a set).
    fn at_hash(&self, index: usize) -> Option<Ban> {
        let word = self.word(index + 1);
        // Lean takes the longest token it knows, whatever letters follow: `#exitx` is `#exit`.
        let starts = |list: &[&str]| list.iter().any(|known| word.starts_with(known));
        let harmless = starts(&list::QUERIES);
        let start = self.seen.get(index).map_or(0, |token| token.start);
        let at_line_start = self.text.get(..start).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
        let command = starts(&list::HASH_COMMANDS) || (at_line_start && !word.is_empty());
        let allowed = if self.room == Room::File { harmless || !command } else { !harmless && !command };
        if allowed { None } else { self.ban(index, format!("#{word}")) }
    }

    /// Reads an option's name and value; the name without its quotation marks.
    fn option(&self, index: usize) -> Option<(String, String)> {
        let name = self.word(index).replace(['«', '»'], "");
        let value = self.seen.get(index + 1)?;
        let plain = matches!(value.kind, TokenKind::Number | TokenKind::String)
            || matches!(value.text(self.text), "true" | "false");
        (plain && !name.is_empty()).then(|| (name, value.text(self.text).to_owned()))
    }

    fn at_option(&self, index: usize) -> Option<Ban> {
        let Some((name, value)) = self.option(index + 1) else { return self.ban(index, "set_option") };
        let trusted = self.trusted.iter().any(|(known, set)| *known == name && *set == value);
        if trusted || list::allows_option(&name, &value) {
            None
        } else {
            self.ban(index, format!("set_option {name} {value}"))
        }
    }

    /// Judges a list of attributes whose bracket is at `bracket`.
    fn attributes(&self, index: usize, bracket: usize, mark: &str) -> Option<Ban> {
        if self.text(bracket) != "[" {
            return self.ban(index, mark);
        }
        let (mut depth, mut wanted) = (0_usize, true);
        for at in bracket..self.seen.len() {
            let word = self.word(at);
            match self.text(at) {
                "[" | "(" | "{" => depth += 1,
                "]" | ")" | "}" => depth -= 1,
                "," if depth == 1 => wanted = true,
                "-" | "↓" | "←" | "↑" | "~" | "@" => {}
                "local" | "scoped" if wanted => {}
                name if wanted => {
                    if word.is_empty() || !list::ATTRIBUTES.contains(&word) {
                        return self.ban(index, format!("{mark}[{name}]"));
                    }
                    wanted = false;
                }
                _ => {}
            }
            if depth == 0 {
                return None;
            }
        }
        self.ban(index, mark)
    }
}

#[cfg(test)]
mod tests;
