//! Answers that are written to cost much: all are survived within the budget, and none is decided wrongly.

use super::super::super::parse;
use super::super::super::token::written;
use super::super::super::work::{BUDGET, Work};
use super::super::{Equality, same};
use super::{Want, verdict};

/// Reads and compares two answers and gives the verdict with the work that it took.
fn cost(one: &str, other: &str) -> (Option<Equality>, u64) {
    let mut work = Work::new();
    let read = |text: &str| written(text).and_then(|tokens| parse::meaning(&tokens));
    let verdict = match (read(one), read(other)) {
        (Some(one), Some(other)) => Some(same(&one, &other, &mut work)),
        _ => None,
    };
    (verdict, work.spent())
}

#[test]
fn what_cannot_be_computed_is_open_and_cheap() {
    for (one, most) in [
        ("9^9^9^9".to_owned(), 500),
        ("9^{9^{9^{9}}}".to_owned(), 500),
        ("(9^9)^{9^9}".to_owned(), 4_000),
        ("2^{100000000}".to_owned(), 4_000),
        ("10^{99999999999999999999}".to_owned(), 4_000),
        (r"\sqrt[64]{2}^{99999999}".to_owned(), BUDGET),
        ("99999!".to_owned(), 4_000),
        (r"\binom{1000000}{500000}".to_owned(), 4_000),
        (r"\binom{10^{30}}{10^{20}}".to_owned(), 4_000),
        ("(x+y+z+w+1)^{200}".to_owned(), BUDGET),
        ("(x+1)^{100000}".to_owned(), 4_000),
        (format!("{}x{}", "(".repeat(3_000), ")".repeat(3_000)), 0),
        (format!("{}x{}", r"\sqrt{".repeat(190), "}".repeat(190)), 0),
        (format!("{}2{}", r"\sqrt{1+".repeat(30), "}".repeat(30)), BUDGET),
        (vec![r"\sqrt{2}"; 30].join("+\\sqrt[7]{3}"), BUDGET),
        ((2..60).map(|n| format!(r"\sqrt{{{n}+\sqrt{n}}}")).collect::<Vec<_>>().join("+"), BUDGET),
        (r"\sum_{k=1}^{999999999} k^{99}".to_owned(), 4_000),
        (r"e^{e^{e^{e^{e}}}}".to_owned(), BUDGET),
        (r"\sin(10^{30})".to_owned(), BUDGET),
        (r"\prod_{k=1}^{400} (x+k)".to_owned(), BUDGET),
        (format!("x{}", "°".repeat(5_000)), 0),
        (format!("x{}", "^{2}".repeat(3_000)), 0),
        (vec!["1/2"; 3_000].join("*"), 0),
        ((2..2_500).map(|n| format!(r"\frac1{{{n}}}")).collect::<Vec<_>>().join("+"), BUDGET),
        ("((((x^{999999999})^{999999999})^{999999999})^{999999999})".to_owned(), 2_000),
        (r"2^{x^{99999999}}^{99999999}".to_owned(), BUDGET),
        (r"(2^{99999999x})^{999999999y}".to_owned(), BUDGET),
        (format!("{}x{}", r"\sqrt[61]{\sqrt[59]{\sqrt[53]{".repeat(6), "}}}".repeat(6)), BUDGET),
        (format!("{}x", r"\tan ".repeat(36)), BUDGET),
        (format!(r"\sum_{{k={} 1}}^{{100}} k", r"\tan ".repeat(30)), BUDGET),
        (r"\binom{\sin 6}{516}".to_owned(), BUDGET),
        (r"\binom{\sqrt{2}+\pi}{500}".to_owned(), BUDGET),
        (r"1+2+\cdots+10^{30}".to_owned(), 4_000),
        (r"1+2+4+\cdots+2^{9999}".to_owned(), BUDGET),
        (r"1 \cdot 2 \cdots 10^{9}".to_owned(), 4_000),
        (r"1^2+2^2+\cdots+1000000^2".to_owned(), 4_000),
        (r"9^{9^{9}} \pmod{10^{9^9}}".to_owned(), 4_000),
        (["9^{9^{9}}"; 8].join("="), 4_000),
        (r"x \approx 3".to_owned() + &"0".repeat(3_000), 0),
        (r"\sin(1000000x)\cos(999999x)^{500}".to_owned(), BUDGET),
        (r"\sqrt{x^{1/65521}y^{1/65519}+x+y^{1/65497}z^{1/65479}}".to_owned(), BUDGET),
    ] {
        for other in ["1", "x+1", one.as_str()] {
            let (verdict, spent) = cost(&one, other);
            let start: String = one.chars().take(40).collect();
            assert!(spent <= most, "{start} against {:.9}: {spent} units", other);
            if other == "1" && most <= 4_000 {
                assert!(!matches!(verdict, Some(Equality::Equal(_))), "{start}");
            }
        }
    }
}

#[test]
fn long_answers_are_read_in_linear_time() {
    for (text, expected) in [
        (vec!["2"; 10_000 / 2].join("*"), Want::Open),
        (vec!["1"; 7_000].join("+"), Want::Same),
        (vec!["x"; 4_000].join("+"), Want::Same),
        (vec!["-"; 9_000].concat(), Want::Open),
        (vec!["("; 9_000].concat(), Want::Open),
        (vec!["|x|"; 3_000].concat(), Want::Same),
        ((0..3_000).map(|n| n.to_string()).collect::<Vec<_>>().join(", "), Want::Same),
        ("{".repeat(150) + &"}".repeat(150), Want::Open),
    ] {
        let start: String = text.chars().take(20).collect();
        let got = verdict(&text, &text);
        assert!(got == expected || got == Want::Open, "{start}: {got:?}");
    }
}
