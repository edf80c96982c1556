//! The trusted statement, taken apart as far as the judge's document needs it.

use super::lexer::{Token, TokenKind, lex};
use super::scope::{Scopes, parts};
use super::{ban, document::newlines};
use crate::problem::FormalStatement;

/// A statement whose parts are known. Line ends are `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrustedStatement {
    /// The header; ends with a line end, or is empty.
    pub(crate) header: String,
    /// The theorem's name as the text has it.
    pub(crate) name: String,
    /// The namespace in which the theorem's own text is read, as parts: the header's, then those of the name.
    namespace: Vec<String>,
    /// Whether the name begins with `_root_`.
    rooted: bool,
    /// What stands between the name and `:=`.
    pub(crate) signature: String,
    /// Modules that the header imports.
    pub(crate) imports: Vec<String>,
    /// Options that the header sets.
    pub(crate) options: Vec<(String, String)>,
    /// Scopes that the header leaves open.
    pub(crate) scopes: Scopes,
}

impl TrustedStatement {
    /// Takes a statement apart. Fails with what is wrong with it, as a fragment for a verdict of the class
    /// `header_error`.
    pub(crate) fn read(statement: &FormalStatement) -> Result<TrustedStatement, String> {
        let mut header = newlines(statement.header.trim_start_matches('\u{feff}'));
        if !header.is_empty() && !header.ends_with('\n') {
            header.push('\n');
        }
        let tokens = lex(&header).map_err(|unreadable| format!("the header holds {}", unreadable.what))?;
        let theorem = newlines(&statement.theorem);
        let theorem_tokens = lex(&theorem).map_err(|unreadable| format!("the statement holds {}", unreadable.what))?;
        let (name, signature) = split(&theorem, &theorem_tokens)?;
        let scopes = Scopes::read(&header, &tokens);
        let mut own = parts(&name);
        own.pop();
        let rooted = own.first().is_some_and(|part| part == "_root_");
        let namespace = if rooted {
            own.into_iter().skip(1).collect()
        } else {
            scopes.namespace().map(str::to_owned).chain(own).collect()
        };
        Ok(TrustedStatement {
            imports: imports(&header, &tokens),
            options: ban::options(&header, &tokens),
            header,
            name,
            namespace,
            rooted,
            signature,
            scopes,
        })
    }

    /// Gives the full name of what a theorem of this name is called when it stands where the trusted theorem stands.
    pub(crate) fn full_name(&self, last: &str) -> String {
        self.namespace.iter().map(String::as_str).chain([last]).collect::<Vec<_>>().join(".")
    }

    /// Gives the last part of the theorem's name.
    pub(crate) fn last_part(&self) -> String {
        parts(&self.name).pop().unwrap_or_default()
    }

    /// Gives the trusted theorem under another last name, in the same namespace, so that its names mean the same.
    pub(crate) fn declare(&self, last: &str) -> String {
        let mut name = parts(&self.name);
        name.pop();
        name.push(last.to_owned());
        let signature = &self.signature;
        format!("theorem {}{signature} := by sorry\n", name.join("."))
    }
}

/// Finds the theorem's name and what stands between the name and `:=`.
fn split(text: &str, tokens: &[Token]) -> Result<(String, String), String> {
    let seen: Vec<Token> = tokens.iter().copied().filter(|token| token.counts()).collect();
    let word = |index: usize| seen.get(index).map_or("", |token| token.text(text));
    let keyword = (0..seen.len()).find(|index| matches!(word(*index), "theorem" | "lemma"));
    let keyword = keyword.ok_or("the statement has no `theorem`")?;
    let name = seen.get(keyword + 1).filter(|token| token.kind == TokenKind::Word);
    let name = name.ok_or("the statement's theorem has no name")?;
    let mut end = seen.len();
    for part in ["sorry", "by"] {
        if end > 0 && word(end - 1) == part {
            end -= 1;
        }
    }
    let assigned = end >= keyword + 4 && word(end - 2) == ":" && word(end - 1) == "=";
    let assign = seen.get(end.wrapping_sub(2)).filter(|_| assigned);
    let assign = assign.ok_or("the statement does not end in `:= by sorry`")?;
    let signature = text.get(name.end..assign.start).unwrap_or_default().trim_end_matches(' ');
    Ok((name.text(text).to_owned(), signature.to_owned()))
}

/// Gives the modules that a text imports.
pub(crate) fn imports(text: &str, tokens: &[Token]) -> Vec<String> {
    let seen: Vec<&str> = tokens.iter().filter(|token| token.counts()).map(|token| token.text(text)).collect();
    let module = |pair: &[&str]| match pair {
        ["import", module] => Some((*module).to_owned()),
        _ => None,
    };
    seen.windows(2).filter_map(module).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str, theorem: &str) -> Result<TrustedStatement, String> {
        TrustedStatement::read(&FormalStatement { header: header.to_owned(), theorem: theorem.to_owned() })
    }

    #[test]
    fn a_statement_is_taken_apart() {
        let check = |header: &str, theorem: &str, full: &str, declared: &str| {
            let statement = read(header, theorem).unwrap();
            assert_eq!(statement.full_name(&statement.last_part()), full, "{theorem:?}");
            assert_eq!(statement.declare("S"), declared, "{theorem:?}");
        };
        check("", "theorem t : True := by sorry", "t", "theorem S : True := by sorry\n");
        check("", "theorem t : True :=\r\n  by\r\n  sorry\r\n", "t", "theorem S : True := by sorry\n");
        check("", "theorem t : True := sorry", "t", "theorem S : True := by sorry\n");
        check("", "theorem t : True := by", "t", "theorem S : True := by sorry\n");
        check("", "theorem t : True :=", "t", "theorem S : True := by sorry\n");
        check(
            "",
            "/-- theorem x -/\n@[simp] lemma t.{u} (a : Sort u) : a = a := by sorry -- end",
            "t",
            "theorem S.{u} (a : Sort u) : a = a := by sorry\n",
        );
        check(
            "namespace A",
            "theorem b.«c d» : True -- why\n := by sorry",
            "A.b.«c d»",
            "theorem b.S : True -- why\n := by sorry\n",
        );
        check("namespace A", "theorem _root_.t : True := by sorry", "t", "theorem _root_.S : True := by sorry\n");
        check(
            "",
            "theorem t (h : 1 = 1 := by simp) : True := by sorry",
            "t",
            "theorem S (h : 1 = 1 := by simp) : True := by sorry\n",
        );
    }

    #[test]
    fn a_text_that_states_nothing_is_refused() {
        for theorem in
            ["", "def a := 1", "theorem", "theorem : True := by sorry", "theorem t : True", "theorem t := by sorry /-"]
        {
            assert!(read("", theorem).is_err(), "{theorem:?}");
        }
        assert!(read("/-", "theorem t : True := by sorry").is_err());
    }
}
