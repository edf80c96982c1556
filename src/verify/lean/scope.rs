//! Namespaces and sections that a text leaves open, seen from its tokens.

use super::lexer::{Token, TokenKind};

/// An open scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One part of a `namespace`.
    Namespace(String),
    /// One part of a named `section`.
    Section(String),
    /// A `section` without a name.
    Unnamed,
    /// A `mutual` block.
    Mutual,
}

/// What a text does to the scopes around it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scopes {
    /// Scopes left open, the innermost last.
    pub(crate) open: Vec<Scope>,
    /// Byte where an `end` stands that closes nothing of the text.
    pub(crate) unmatched: Option<usize>,
}

impl Scopes {
    /// Reads the scopes of a text from its tokens.
    pub(crate) fn read(text: &str, tokens: &[Token]) -> Scopes {
        let mut scopes = Scopes::default();
        let mut seen = tokens.iter().copied().filter(|token| token.counts()).peekable();
        while let Some(token) = seen.next() {
            scopes.step(text, token, seen.peek().copied());
        }
        scopes
    }

    /// Takes in one token, with the one behind it; both are tokens that Lean's grammar sees.
    pub(crate) fn step(&mut self, text: &str, token: Token, next: Option<Token>) {
        if token.kind != TokenKind::Word {
            return;
        }
        let name = || next.filter(|next| is_name(text, token, *next)).map(|next| next.text(text));
        match token.text(text) {
            "namespace" => self.open.extend(name().into_iter().flat_map(parts).map(Scope::Namespace)),
            "section" => match name() {
                Some(name) => self.open.extend(parts(name).into_iter().map(Scope::Section)),
                None => self.open.push(Scope::Unnamed),
            },
            "mutual" => self.open.push(Scope::Mutual),
            "end" => {
                let count = name().map_or(1, |name| parts(name).len());
                if self.open.len() < count {
                    self.unmatched.get_or_insert(token.start);
                }
                self.open.truncate(self.open.len().saturating_sub(count));
            }
            _ => {}
        }
    }

    /// Gives the parts of the namespace that the text ends in.
    pub(crate) fn namespace(&self) -> impl Iterator<Item = &str> {
        self.open.iter().filter_map(|scope| match scope {
            Scope::Namespace(part) => Some(part.as_str()),
            Scope::Section(_) | Scope::Unnamed | Scope::Mutual => None,
        })
    }

    /// Gives the commands that close what is open, one a scope.
    pub(crate) fn closing(&self) -> Vec<String> {
        let close = |scope: &Scope| match scope {
            Scope::Namespace(part) | Scope::Section(part) => format!("end {part}"),
            Scope::Unnamed | Scope::Mutual => "end".to_owned(),
        };
        self.open.iter().rev().map(close).collect()
    }
}

/// Tells whether `next` is the name that goes with a scope's keyword: on its line, or indented.
fn is_name(text: &str, keyword: Token, next: Token) -> bool {
    let between = text.get(keyword.end..next.start).unwrap_or_default();
    let indented = !between.contains('\n') || !between.ends_with('\n');
    next.kind == TokenKind::Word && indented && !super::ban::is_command(next.text(text))
}

/// Cuts a name at its dots, those inside `«…»` left alone.
pub(crate) fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in name.chars() {
        match c {
            '«' => quoted = true,
            '»' => quoted = false,
            _ => {}
        }
        if c == '.' && !quoted {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::lexer::lex;
    use super::*;

    #[test]
    fn open_scopes_are_found_and_closed() {
        let check = |text: &str, closing: &[&str], unmatched: bool| {
            let scopes = Scopes::read(text, &lex(text).unwrap());
            assert_eq!(scopes.closing(), closing, "{text:?}");
            assert_eq!(scopes.unmatched.is_some(), unmatched, "{text:?}");
        };
        check("namespace A.B\nsection\nend", &["end B", "end A"], false);
        check("section x\nnamespace «a b».c\nend c", &["end «a b»", "end x"], false);
        check("noncomputable section\ntheorem t : True := trivial", &["end"], false);
        check("mutual\ndef a := 1\nend", &[], false);
        check("end Foo", &[], true);
        check("-- section\n/- namespace A -/ \"section\"", &[], false);
    }
}
