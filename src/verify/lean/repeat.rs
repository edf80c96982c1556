//! What a candidate's file repeats of the trusted header, so that nothing is declared twice.

use super::ban;
use super::lexer::{Token, TokenKind, lex};
use super::scope::{Scopes, parts};
use super::statement::TrustedStatement;

/// What Mathlib imports itself.
const UNDER_MATHLIB: [&str; 9] =
    ["Aesop", "Batteries", "ImportGraph", "Init", "Lean", "LeanSearchClient", "Plausible", "Qq", "Std"];

/// Finds the ranges of a file, in bytes, to be blanked out: the header's commands in their order, imports of what is
/// there anyway, the `end`s of scopes that the header leaves open, and a comment for documentation that documents
/// nothing.
pub(super) fn find(statement: &TrustedStatement, text: &str, tokens: &[Token]) -> Vec<(usize, usize)> {
    let seen: Vec<Token> = tokens.iter().copied().filter(|token| token.counts()).collect();
    let mut blanks = Vec::new();
    let mut at = 0;
    let commands = commands(&statement.header);
    let mut left = commands.as_slice();
    loop {
        let rest = seen.get(at..).unwrap_or_default();
        let (count, is_blank) = if repeats_import(statement, text, rest) {
            (2, true)
        } else if let Some(index) = next_command(text, rest, left) {
            let command = left.get(index);
            left = left.get(index + 1..).unwrap_or_default();
            command.map_or((0, false), |command| (command.words.len(), !command.closed_scope))
        } else {
            break;
        };
        if let (true, Some(first), Some(last)) =
            (is_blank, rest.first(), count.checked_sub(1).and_then(|last| rest.get(last)))
        {
            blanks.push((first.start, last.end));
        }
        at += count;
    }
    let rest = seen.get(at..).unwrap_or_default();
    blanks.extend(outer_ends(statement, text, rest).or_else(|| {
        let last = rest.last().filter(|token| token.kind == TokenKind::DocComment);
        last.map(|token| (token.start, token.end))
    }));
    blanks
}

/// Finds the `end`s behind everything else that close what the header left open.
fn outer_ends(statement: &TrustedStatement, text: &str, tokens: &[Token]) -> Option<(usize, usize)> {
    let open = statement.scopes.open.len();
    let unmatched = Scopes::read(text, tokens).unmatched?;
    let tail: Vec<Token> = tokens.iter().copied().filter(|token| token.start >= unmatched).collect();
    let ends = tail.iter().filter(|token| token.text(text) == "end").count();
    let only_ends = tail.windows(2).all(|pair| match pair {
        [first, second] => first.text(text) == "end" || second.text(text) == "end",
        _ => false,
    });
    (ends <= open && only_ends).then(|| tail.last().map(|last| (unmatched, last.end))).flatten()
}

/// A command of the header.
struct Command {
    /// Texts of its tokens.
    words: Vec<String>,
    /// Whether it opens or closes a scope that the header itself closes. A candidate's may hold other things too, so it
    /// stays.
    closed_scope: bool,
}

impl Command {
    fn first(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Tells whether a candidate may leave the command out and still repeat what follows it.
    fn is_setting(&self) -> bool {
        matches!(self.first(), "open" | "set_option" | "universe")
    }
}

/// Finds the next command of the header with which the tokens begin; settings may have been left out.
fn next_command(text: &str, tokens: &[Token], commands: &[Command]) -> Option<usize> {
    for (index, command) in commands.iter().enumerate() {
        if begins_with(text, tokens, &command.words) {
            return Some(index);
        }
        if !command.is_setting() {
            return None;
        }
    }
    None
}

/// Cuts a header into its commands; imports left out.
fn commands(header: &str) -> Vec<Command> {
    let Ok(tokens) = lex(header) else { return Vec::new() };
    let mut commands: Vec<Command> = Vec::new();
    for token in tokens.iter().filter(|token| token.counts()) {
        let word = token.text(header);
        let opens = at_line_start(header, *token)
            && (ban::is_command(word) || matches!(word, "@" | "#") || token.kind == TokenKind::DocComment);
        if opens || commands.is_empty() {
            commands.push(Command { words: Vec::new(), closed_scope: false });
        }
        if let Some(command) = commands.last_mut() {
            command.words.push(word.to_owned());
        }
    }
    mark_closed_scopes(&mut commands);
    commands.retain(|command| command.first() != "import");
    commands
}

fn mark_closed_scopes(commands: &mut [Command]) {
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut closed = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        let name = |at: usize| command.words.get(at).map_or(1, |name| parts(name).len());
        match (command.first(), command.words.get(1).map(String::as_str)) {
            ("namespace", _) => open.extend(std::iter::repeat_n((index, true), name(1))),
            ("section", _) => open.extend(std::iter::repeat_n((index, true), name(1))),
            (_, Some("section")) => open.extend(std::iter::repeat_n((index, true), name(2))),
            ("mutual", _) => open.push((index, false)),
            ("end", _) => {
                for (opened, stays) in (0..name(1)).filter_map(|_| open.pop()).collect::<Vec<_>>() {
                    if stays {
                        closed.extend([index, opened]);
                    }
                }
            }
            _ => {}
        }
    }
    for index in closed {
        if let Some(command) = commands.get_mut(index) {
            command.closed_scope = true;
        }
    }
}

fn at_line_start(text: &str, token: Token) -> bool {
    text.get(..token.start).is_some_and(|before| before.is_empty() || before.ends_with('\n'))
}

/// Tells whether the tokens begin with exactly this command: the next one stands at the beginning of a line.
fn begins_with(text: &str, tokens: &[Token], words: &[String]) -> bool {
    let same = words.len() <= tokens.len() && tokens.iter().zip(words).all(|(token, word)| token.text(text) == word);
    same && tokens.get(words.len()).is_none_or(|next| at_line_start(text, *next))
}

/// Tells whether the tokens begin with an import of something that the header brings anyway.
fn repeats_import(statement: &TrustedStatement, text: &str, tokens: &[Token]) -> bool {
    let [keyword, module, ..] = tokens else { return false };
    let module = module.text(text);
    let under = |root: &str| module == root || module.strip_prefix(root).is_some_and(|rest| rest.starts_with('.'));
    let mathlib = statement.imports.iter().any(|import| import == "Mathlib");
    let brought = module == "Init"
        || statement.imports.iter().any(|import| under(import))
        || (mathlib && UNDER_MATHLIB.iter().any(|root| under(root)));
    keyword.text(text) == "import" && brought
}
