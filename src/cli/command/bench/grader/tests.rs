use super::answer::Answer;
use super::pairs;
use super::reading;
use super::writing::Style;

/// Answers of every shape that the rules know.
const ANSWERS: [&str; 30] = [
    "\\frac{3}{4}",
    "-\\frac32",
    "7\\frac{1}{3}",
    "3.75",
    "1250",
    "6\\sqrt{2}",
    "\\frac{4\\sqrt{3}}{3}",
    "5 + 2\\sqrt{3}",
    "\\sqrt[3]{4}",
    "\\frac{5\\pi}{6}",
    "3 - 4i",
    "2^{10} - 1",
    "x^2 - 5x + 6",
    "(t-7)(t+7)",
    "4x^3 + 8x",
    "\\frac{x+5}{6}",
    "y = 3x - 4",
    "x = 2",
    "(3, -5)",
    "\\left( 2, \\frac{\\pi}{3} \\right)",
    "2, 7, -1",
    "\\sqrt{2}, -\\sqrt{2}",
    "[-2, 4)",
    "(-\\infty, 1) \\cup [3, \\infty)",
    "\\begin{pmatrix} 1 & -2 \\\\ 0 & 1/3 \\end{pmatrix}",
    "45^\\circ",
    "12\\%",
    "\\$1,\\!250",
    "2011_3",
    "\\text{square}",
];

#[test]
fn answers_are_read_and_written_as_they_were_meant() {
    for (text, key, plain) in [
        ("\\frac12", "\\frac{1}{2}", "1/2"),
        ("7\\frac{1}{3}", "7 + \\frac{1}{3}", "7 + 1/3"),
        ("\\frac{4\\sqrt3}{3}", "\\frac{4 \\sqrt{3}}{3}", "(4*sqrt(3))/3"),
        ("(x+1)^2", "(x + 1)^2", "(x + 1)^2"),
        ("-2x^{10}", "-2 x^{10}", "-2*x^10"),
        ("2^{x+1}", "2^{x + 1}", "2^(x + 1)"),
        ("(-\\infty,3]", "(-\\infty, 3]", "(-\\infty, 3]"),
        ("\\$32,\\!348", "\\$32348", "\\$32348"),
        ("1101_2", "1101_{2}", "1101_2"),
    ] {
        let read = reading::answer(text).unwrap_or_else(|| panic!("{text} is not read"));
        assert_eq!((Style::Key.answer(&read).as_str(), Style::Plain.answer(&read).as_str()), (key, plain), "{text}");
    }
    // What has two readings, or none that is known, is left alone.
    for text in ["AB", "C", "\\text{(C)}", "1/2x", "05:00", "\\tan x", "x^2^3", "7_8", "1, x", ""] {
        assert_eq!(reading::answer(text), None, "{text}");
    }
}

#[test]
fn pairs_are_what_their_rules_say() {
    let answers = ANSWERS.map(str::to_owned);
    let unread: Vec<&String> = answers.iter().filter(|answer| reading::answer(answer).is_none()).collect();
    assert!(unread.is_empty(), "{unread:?}");
    let pairs = pairs::make(&answers, 400, 7);
    let mut read_again = 0;
    for pair in &pairs {
        assert_ne!(pair.gold, pair.given);
        let (gold, given) = (reading::answer(&pair.gold).unwrap(), reading::answer(&pair.given));
        // Forms that only a rule writes are not read; a single value is no list or point.
        let Some(given) = given.filter(|given| same_kind(&gold, given)) else { continue };
        match pair.kind {
            "equal" => assert_eq!(gold.agrees(&given), Some(true), "{pair:?}"),
            "unequal" => assert_eq!(gold.agrees(&given), Some(false), "{pair:?}"),
            _ => continue,
        }
        read_again += 1;
    }
    assert!(read_again > 300, "{read_again} pairs could be read again");
    let rules = |kind: &str| {
        let mut names: Vec<&str> = pairs.iter().filter(|pair| pair.kind == kind).map(|pair| pair.rule).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    };
    assert!(rules("equal") > 40 && rules("unequal") > 20, "{} and {} rules", rules("equal"), rules("unequal"));
}

fn same_kind(one: &Answer, other: &Answer) -> bool {
    // A union in another order is compared by the grader, not here.
    std::mem::discriminant(one) == std::mem::discriminant(other)
        && !matches!((one, other), (Answer::Intervals(one), Answer::Intervals(_)) if one.len() > 1)
        && !matches!((one, other), (Answer::Based(..), _) | (Answer::Words(_), _))
        && !matches!((one, other), (Answer::Dressed(_, one), Answer::Dressed(_, other)) if one != other)
}
