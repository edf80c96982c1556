//! Mutated Lean texts: tokens cover them, a keyword put between two tokens is always found, one put into a comment never.

use super::super::super::ban::{Room, find};
use super::super::{Token, TokenKind, lex};

const CORPUS: &[&str] = &[
    "",
    "intro h\nexact ⟨h.2, h.1⟩",
    "induction n with\n| zero => rfl\n| succ n ih => -- by hypothesis\n  rw [Nat.add_succ, ih]",
    "theorem helper (n : Nat) : n + 0 = n := by\n  simp -- axiom\n\ntheorem target : 1 + 1 = 2 := by decide",
    "/-- A doc comment with `sorry`. -/\ntheorem a : True := trivial\n/- nested /- axiom -/ still -/\nend",
    "have h : s!\"a {1 + 1} b\" = \"a 2 b\" := rfl\nexact h",
    "let c := 'x'\nlet d := '\\n'\nlet q := '\"'\nlet b := '\\\\'\ntrivial",
    "let r := r#\"raw \" -- \"#\nlet s := \"str \\\" -- /- \"\ntrivial",
    "namespace «odd name».b\nvariable (α : Type) (x' y₁ : α)\nend «odd name».b",
    "exact fun x => x.1 ▸ (0x1F + 1_000 + 1.5e3 : Nat) |>.symm",
    "set_option maxRecDepth 1000 in\ncalc a = b := h\n  _ ≤ c := by omega",
    "cases h with\n| inl hp => exact Or.inr hp\n| inr hq => exact Or.inl hq",
    "@[simp] theorem f.eq (x : Nat) : f x = `foo.bar := rfl",
];

const FRAGMENTS: &[&[u8]] = &[
    b"/-",
    b"-/",
    b"/--",
    b"/-!",
    b"--",
    b"---",
    b"-",
    b"/",
    b"\"",
    b"\\\"",
    b"\\",
    b"r\"",
    b"r#\"",
    b"\"#",
    b"r##\"",
    b"\"##",
    b"#",
    b"'",
    b"''",
    b"'''",
    b"'a'",
    b"'\\''",
    b"'\"'",
    b"'\\u{1}'",
    b"'/-'",
    b"s!\"",
    b"m!\"",
    b"f!",
    b"x!\"",
    b"{",
    b"}",
    b"{\"",
    b"\"}",
    b"(",
    b")",
    b"[",
    b"]",
    b",",
    b";",
    b":=",
    b"=>",
    b":",
    b"|",
    b"<;>",
    b"`",
    b"``",
    b"`(",
    b"`a",
    b"@[",
    b"%",
    b"axiom",
    b"axiom ",
    b" axiom",
    b"sorry",
    b"macro",
    b"set_option",
    b"set_option a.b true in",
    b"#eval",
    b"#exit",
    b"end",
    b"namespace A",
    b"section",
    b"0",
    b"1.",
    b"1e",
    b"0x",
    b"0b1",
    b".1",
    b"h.1",
    b"x",
    b"_",
    b".",
    b"..",
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b" ",
    b"\0",
    b"\xc2\xab",
    b"\xc2\xbb",
    "«axiom»".as_bytes(),
    "«".as_bytes(),
    "»".as_bytes(),
    "α".as_bytes(),
    "₁".as_bytes(),
    "λ".as_bytes(),
    "⟨".as_bytes(),
    "⟩".as_bytes(),
    "·".as_bytes(),
    "→".as_bytes(),
    "⁻¹'".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{feff}".as_bytes(),
    b"\xff",
];

/// Says whether a text is read and holds nothing that is banned.
fn is_clean(text: &str) -> bool {
    lex(text).is_ok_and(|tokens| find(text, &tokens, Room::File, &[]).is_none())
}

/// Puts a text between two of a text's bytes.
fn with(text: &str, at: usize, inserted: &str) -> String {
    format!("{}{inserted}{}", &text[..at], &text[at..])
}

#[test]
fn mutated_texts_hide_no_keyword_and_comments_hide_all() {
    let corpus: Vec<Vec<u8>> = CORPUS.iter().map(|text| text.as_bytes().to_vec()).collect();
    crate::mutate::fuzz("lexer", &corpus, FRAGMENTS, |input, seed| {
        let text = String::from_utf8_lossy(input);
        let Ok(tokens) = lex(&text) else { return };
        let mut at = 0;
        for token in &tokens {
            assert!(token.start == at && token.end > at && text.is_char_boundary(token.end), "{token:?}");
            at = token.end;
        }
        assert_eq!(at, text.len(), "tokens cover the text");
        assert!(!is_clean(&format!("{text}\naxiom")), "a keyword behind the text is found");
        if !is_clean(&text) {
            return;
        }
        let pick = |kind: TokenKind| {
            let those: Vec<&Token> = tokens.iter().filter(|token| token.kind == kind).collect();
            let number = usize::try_from(seed / 7).unwrap_or(0).checked_rem(those.len())?;
            Some(**those.get(number)?)
        };
        if let Some(space) = pick(TokenKind::Space) {
            assert!(!is_clean(&with(&text, space.start, "\naxiom\n")), "a keyword between two tokens is found");
        }
        if let Some(comment) = pick(TokenKind::Comment).filter(|comment| comment.text(&text).starts_with("--")) {
            assert!(is_clean(&with(&text, comment.end, " axiom sorry")), "a keyword in a comment is none");
        }
    });
}
