use proptest::prelude::*;

use super::{TokenKind, lex};

mod fuzz;

/// Gives the words of a text, or why it is not read.
fn words(text: &str) -> Result<Vec<&str>, &'static str> {
    let tokens = lex(text).map_err(|unreadable| unreadable.what)?;
    Ok(tokens.into_iter().filter(|token| token.kind == TokenKind::Word).map(|token| token.text(text)).collect())
}

/// Each reading was compared with Lean 4.35.0: `axiom` is a word here exactly where Lean takes it for a command.
#[test]
fn words_are_those_that_lean_sees() {
    let cases: &[(&str, &[&str])] = &[
        ("-- axiom\nb", &["b"]),
        ("-- a /- b\nc", &["c"]),
        ("--\u{2028}axiom\nb", &["b"]),
        ("/- a /- axiom -/ b -/ c", &["c"]),
        ("/- /- -/ -/ sorry /- -/", &["sorry"]),
        ("/-/ axiom -/ b", &["b"]),
        ("/--/ -/ axiom", &["axiom"]),
        ("/---/ axiom", &["axiom"]),
        ("/--a-/ axiom", &["axiom"]),
        ("/-!-/ axiom", &["axiom"]),
        ("/-- /- -/ axiom -/ b", &["b"]),
        ("/--/- -/ axiom -- -/", &[]),
        ("/-----\n text\n----/ axiom", &["axiom"]),
        ("/-\\-/ axiom", &["axiom"]),
        ("/- /-/ -/ -/ axiom", &["axiom"]),
        ("a---1\naxiom", &["a", "axiom"]),
        ("a/-x-/axiom", &["a", "axiom"]),
        ("a --/axiom", &["a"]),
        ("⟨h,--axiom\nb⟩", &["h", "b"]),
        ("x :=--axiom\nb", &["x", "b"]),
        ("0axiom", &["axiom"]),
        ("1.axiom", &["axiom"]),
        ("1.0axiom", &["axiom"]),
        ("1_0axiom", &["axiom"]),
        ("1_axiom", &["_axiom"]),
        ("0x1axiom", &["xiom"]),
        ("0b1axiom", &["axiom"]),
        ("0opaque", &["opaque"]),
        ("1end", &["end"]),
        ("h.1axiom", &["h", "axiom"]),
        ("h.1end", &["h", "end"]),
        ("'a'axiom", &["axiom"]),
        ("\"a\"axiom", &["axiom"]),
        ("`axiom b", &["b"]),
        ("``axiom b", &["axiom", "b"]),
        ("`(axiom)", &["axiom"]),
        ("r\"\\\"axiom", &["axiom"]),
        ("r#\"x\"y\"#axiom", &["axiom"]),
        ("r##\"x\"#\"##axiom", &["axiom"]),
        ("«a\nb» axiom", &["«a\nb»", "axiom"]),
        ("«axiom»", &["«axiom»"]),
        ("a«b» c", &["a", "«b»", "c"]),
        ("a.«b».c axiom", &["a.«b».c", "axiom"]),
        ("a.axiom", &["a.axiom"]),
        ("axiom.a", &["axiom.a"]),
        ("axiom. X", &["axiom", "X"]),
        ("axiom' axiom! axiom? axiom₁ axiomé éaxiom", &["axiom'", "axiom!", "axiom?", "axiom₁", "axiomé", "éaxiom"]),
        ("axiomж ѕaxiom axiom²", &["axiom", "axiom", "axiom"]),
        ("λaxiom", &["axiom"]),
        ("\"a\\\"axiom\"b", &["b"]),
        ("\"\\\n  b\" axiom", &["axiom"]),
        ("\"a\nb\" axiom", &["axiom"]),
        ("'\"' axiom", &["axiom"]),
        ("'\\'' axiom", &["axiom"]),
        ("'\n' axiom", &["axiom"]),
        ("('\"') axiom", &["axiom"]),
        ("h'\"axiom\"", &["h'"]),
        ("f '' s", &["f", "s"]),
        ("f ⁻¹' s", &["f", "s"]),
        ("xs[i]'h", &["xs", "i", "h"]),
        ("s!\"a {axiom} b\" c", &["s!", "axiom", "c"]),
        ("s!\"a {f {x} \"axiom\"} b\" c", &["s!", "f", "x", "c"]),
        ("s! \"{s!\"{a}\"}\" c", &["s!", "s!", "a", "c"]),
        ("s!\"\\{axiom}\" c", &["s!", "c"]),
        ("trace \"{axiom\" c", &["trace", "c"]),
        ("exact? #eval", &["exact?", "eval"]),
    ];
    for (text, expected) in cases {
        assert_eq!(words(text).as_deref(), Ok(*expected), "{text:?}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let cases = [
        ("a /- b", "an unclosed comment"),
        ("/--/ a", "an unclosed comment"),
        ("/-/-/ axiom -- -/ -/", "a comment that can be read in two ways"),
        ("/-- -- -/ axiom\n-/", "a comment that can be read in two ways"),
        ("/---- -/ axiom\n-/", "a comment that can be read in two ways"),
        ("/-- -- -/\n-/ axiom", "a comment that can be read in two ways"),
        ("a \"b", "an unclosed string"),
        ("r#\"a\"", "an unclosed string"),
        ("a «b", "an unclosed «"),
        ("`«b", "an unclosed «"),
        ("s!\"{a", "an unclosed interpolated string"),
        ("s!\"{a}", "an unclosed string"),
        ("a\0", "a NUL character"),
        ("-- a\rb", "a carriage return without a line end"),
        ("a\u{c}b", "a control character"),
        ("a <--axiom", "a comment glued to a symbol"),
        ("{x //--axiom\n}", "a comment glued to a symbol"),
        ("{x //-axiom-/}", "a comment glued to a symbol"),
        ("f ⁻¹'\"' axiom", "a character literal glued to a symbol"),
        ("''' axiom", "three quotes"),
        ("'\\q' axiom", "a character literal that Lean may read otherwise"),
        ("foo!\"{\"axiom\"}\"", "a string that may be interpolated"),
    ];
    for (text, expected) in cases {
        assert_eq!(words(text), Err(expected), "{text:?}");
    }
}

#[test]
fn ten_megabytes_are_read_without_recursion() {
    for piece in ["/-", "(", "«a».", "s!\"{", "''a", "`", "x <"] {
        let _ = lex(&piece.repeat(10_000_000 / piece.len()));
    }
}

proptest! {
    #[test]
    fn tokens_join_to_the_text(text in r#"([a-zA-Z0-9_ \n\t.'"`«»{}\\/#!?<>:=(),é∀𝔸⁻¹-]|s!"|/-|-/|--|r#"|.){0,60}"#) {
        match lex(&text) {
            Ok(tokens) => {
                let joined: String = tokens.iter().map(|token| token.text(&text)).collect();
                prop_assert_eq!(joined, text);
                prop_assert!(tokens.iter().all(|token| token.start < token.end));
            }
            Err(unreadable) => prop_assert!(text.is_char_boundary(unreadable.offset)),
        }
    }
}
