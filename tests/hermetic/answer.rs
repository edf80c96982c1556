//! Answers: what is extracted from outputs, what is equal, what a vote groups, what a verdict says.

use stepproof::answer::{Equality, Source, cluster, equal, extract, gold_fault, last_number};
use stepproof::problem::AnswerForm::{self, Expression, Integer, Letter, Number, Text};

mod bench;
mod disagreements;
mod extraction;
mod properties;
mod stream;
mod verdicts;

fn options() -> Vec<String> {
    ["12", "\\frac{1}{2}", "x+1", "60^\\circ", "\\text{none}"].map(str::to_owned).to_vec()
}

fn check_extract(text: &str, form: AnswerForm, expected: Option<&str>, source: Source) {
    let found = extract(text, form, &options());
    assert_eq!((found.answer.as_deref(), found.source), (expected, source), "{text:?}");
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Want {
    Same,
    Other,
    Open,
}

fn check(gold: &str, given: &str, form: AnswerForm, options: &[String], want: Want) {
    for (one, other) in [(gold, given), (given, gold)] {
        let got = match equal(one, other, form, options) {
            Equality::Equal(_) => Want::Same,
            Equality::Different(_) => Want::Other,
            Equality::Undecided => Want::Open,
        };
        assert_eq!(got, want, "{one:?} against {other:?} as {form:?}");
    }
}

#[test]
fn numbers_are_equal_exactly_and_without_their_dress() {
    use Want::{Open, Other, Same};
    for (form, gold, given, want) in [
        (Integer, "33", "033", Same),
        (Integer, "336", "336^\\circ", Same),
        (Integer, "336", "336^{\\circ}", Same),
        (Integer, "336", "$336$", Same),
        (Integer, "33", "33.0", Same),
        (Integer, "33", "33.", Same),
        (Integer, "33", "m+n = 25+8 = 33", Same),
        (Integer, "33", "34", Other),
        (Integer, "7", "3+4", Same),
        (Integer, "-3", "−3", Same),
        (Integer, "3", "-3", Other),
        (Integer, "0", "-0", Same),
        (Integer, "1000", "1,000", Same),
        (Integer, "1000", "1{,}000", Same),
        (Integer, "1000", "1\\,000", Same),
        (Integer, "1000000", "1 000 000", Same),
        (Integer, "11111111100", "11,\\! 111,\\! 111,\\! 100", Same),
        (Integer, "12", "1,2", Open),
        (Integer, "1234", "1,2,34", Open),
        (Integer, "18", "18 dollars every day at the farmers' market", Same),
        (Integer, "18", "\\$18", Same),
        (Integer, "18", "$18.00", Same),
        (Integer, "5", "minus 5", Open),
        (Integer, "5", "5 million", Open),
        (Integer, "5", "5 or 6", Other),
        (Integer, "5", "more than 5", Open),
        (Integer, "5", "5!", Other),
        (Integer, "5", "5x", Other),
        (Integer, "5", "five", Same),
        (Integer, "23", "2**3", Other),
        (Integer, "8", "2**3", Same),
        (Integer, "23", "2 3", Open),
        (Integer, "5", "x = 5", Same),
        (Integer, "7", "5 = 7", Open),
        (Number, "0.75", "\\frac34", Same),
        (Number, "3/4", "\\dfrac{3}{4}", Same),
        (Number, "3/4", "\\tfrac{3}{4}", Same),
        (Number, "3/4", "6/8", Same),
        (Number, "-1/2", "\\frac{-1}{2}", Same),
        (Number, "-1/2", "-\\frac{1}{2}", Same),
        (Number, "1/3", "0.333", Other),
        (Number, "1/3", "0.333...", Same),
        (Number, "1/3", "0.333\\ldots", Same),
        (Number, "9/5", "1\\frac{4}{5}", Same),
        (Number, "275/2", "137 \\frac{1}{2}", Same),
        (Number, "3/2", "1 1/2", Same),
        (Number, "-3/2", "-1 1/2", Same),
        (Number, "7", "2\\frac{7}{2}", Open),
        (Number, "5", "\\frac{5}{0}", Open),
        (Number, "1/6", "1/2/3", Open),
        (Number, "0.5", ".5", Same),
        (Number, "0.0000672", ".0000672", Same),
        (Number, "1500", "1.5 \\times 10^3", Same),
        (Number, "0.0015", "1.5 \\cdot 10^{-3}", Same),
        (Number, "18", "18\\%", Same),
        (Number, "18", "18 percent", Same),
        (Number, "0.18", "18\\%", Same),
        (Number, "50", "0.5", Other),
        (Number, "18%", "0.18%", Other),
        (Number, "\\approx 3", "3", Open),
        (Expression, "x=5", "5", Same),
        (Expression, "x=5", "y=5", Other),
        (Expression, "x=5", "x = 6", Other),
        (Expression, "x+1=5", "5", Open),
        (Expression, "\\theta = 30^\\circ", "30", Same),
        (Expression, "\\frac{270}7\\text{ degrees}", "\\frac{270}{7}", Same),
        (Expression, "864 \\mbox{ inches}^2", "864", Same),
        (Expression, "15\\mbox{ cm}^2", "15 \\text{ square cm}", Same),
        (Expression, "5.4 \\text{ cents}", "5.4", Same),
        (Expression, "58,500", "58500", Same),
        (Expression, "\\$32,\\!348", "32348", Same),
        (Expression, "\\text{January 12}", "\\text{February 12}", Open),
        (Expression, "12 \\text{ January}", "12 \\text{ May}", Open),
        (Expression, "3 \\text{ pm}", "3 \\text{ AM}", Other),
        (Expression, "3", "3\\mathrm{i}", Other),
        (Expression, "3", "3\\text{i}", Open),
        (Expression, "3", "3\\mathbf{j}", Other),
        (Expression, "3", "3\\mathbf{v}", Other),
        (Expression, "3", "3\\mathrm{cm}", Same),
        (Expression, "3", "3\\text{ m}", Same),
        (Expression, "3", "3\\text{ m/s}", Same),
        (Expression, "3", "3\\overline{3}", Open),
        (Expression, "0.3", "0.\\overline{3}", Other),
        (Integer, "5", "5ab", Other),
        (Integer, "5", "5²", Other),
        (Integer, "5", "5½", Other),
        (Integer, "5", "5π", Other),
        (Expression, "\\boxed{AB}", "ab", Open),
        (Expression, "3", "3ab", Other),
        (Expression, "3", "3\\pi", Other),
        (Expression, "3", "3 pi", Other),
        (Expression, "3", "\\sqrt{3}", Other),
        (Expression, "3", "\\text{not } 3", Open),
        (Expression, "\\sqrt{2}", "\\sqrt{3}", Other),
        (Expression, "\\sqrt{2}", "\\sqrt 2", Same),
        (Expression, "11\\sqrt2", "11 \\sqrt{2}", Same),
        (Expression, "x^{2}+1", "x^2 + 1", Same),
        (Expression, "\\left( 3, \\frac{\\pi}{2} \\right)", "(3,\\frac\\pi2)", Same),
        (Expression, "(1,2)", "(2,1)", Other),
        (Expression, "(1,2)", "[1,2]", Other),
        (Expression, "\\{1,2\\}", "(1,2)", Other),
        (Expression, "52_8", "52_{8}", Same),
        (Expression, "52_8", "52", Other),
        (Expression, "\\pi r", "\\pi s", Other),
        (Expression, "\\text{(C)}", "C", Same),
        (Expression, "\\text{(C)}", "(D)", Other),
        (Expression, "\\text{(C)}", "D", Other),
        (Expression, "\\text{(C)}", "c", Open),
        (Expression, "\\text{two lines}", "2", Open),
        (Expression, "2", "\\text{two}", Same),
        (Expression, "9^{9^{9^9}}", "1", Open),
        (Expression, "9^9^9^9", "9^9^9^9", Same),
        (Expression, "10^{99999999999999999999}", "1", Open),
        (Number, "1", "1 \\times 10^{999999999}", Open),
    ] {
        check(gold, given, form, &[], want);
    }
    check("1", &format!("0{}", "9".repeat(3_000)), Number, &[], Want::Open);
    check("1", &format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000)), Number, &[], Want::Open);
}

#[test]
fn words_compare_without_case_and_empty_equals_nothing() {
    use Want::{Open, Other, Same};
    for (form, gold, given, want) in [
        (Expression, "\\text{Evelyn}", "evelyn", Same),
        (Expression, "\\text{even}", "\\text{odd}", Other),
        (Expression, "\\text{even}", "4", Other),
        (Expression, "\\text{none}", "0", Open),
        (Expression, "\\text{ellipse}", "\\mathrm{Ellipse}", Same),
        (Expression, "AB", "ab", Open),
        (Expression, "ab", "ba", Same),
        (Text, "New York", "new york.", Same),
        (Text, "New York", "York", Open),
        (Text, "New York", "Boston", Other),
    ] {
        check(gold, given, form, &[], want);
    }
    for empty in ["", "  ", "$$", "\\text{ }", "{}"] {
        assert!(!matches!(equal(empty, empty, Expression, &[]), Equality::Equal(_)), "{empty:?}");
        assert!(!matches!(equal("5", empty, Expression, &[]), Equality::Equal(_)), "{empty:?}");
    }
}

#[test]
fn a_letter_equals_its_options_text_and_the_reverse() {
    use Want::{Open, Other, Same};
    for (gold, given, want) in [
        ("B", "0.5", Same),
        ("\\frac12", "(B)", Same),
        ("B", "A", Other),
        ("B", "12", Other),
        ("C", "1+x", Same),
        ("C", "(A) x+1", Open),
        ("B", "(B) 0.5", Same),
        ("B", "7", Other),
        ("E", "E", Same),
        ("E", "F", Other),
        ("C", "F", Open),
    ] {
        check(gold, given, Letter, &options(), want);
    }
    check("C", "C", Letter, &[], Same);
    check("C", "15", Letter, &[], Open);
    assert!(gold_fault("F", Letter, &options()).is_some());
    assert!(gold_fault("1.5", Integer, &[]).is_some());
    assert!(gold_fault("", Text, &[]).is_some());
    assert_eq!(gold_fault("1,500", Integer, &[]), None);
}

#[test]
fn a_vote_groups_equal_answers_whatever_their_order() {
    let answers = ["1/2", "0.5", "x=5", "5", "18%", "0.18", "\\text{Yes}", "yes", "", "\\frac{2}{4}"];
    let mut given: Vec<Option<&str>> = answers.iter().copied().map(Some).collect();
    given.push(None);
    let classes = cluster(&given, Expression, &[]);
    let members: Vec<Vec<usize>> = classes.iter().map(|class| class.members.clone()).collect();
    assert_eq!(members, [vec![0, 1, 9], vec![2, 3], vec![4, 5], vec![6, 7]]);
    assert_eq!(classes[0].answer, "1/2");

    given.reverse();
    let last = given.len() - 1;
    let mut mirrored: Vec<Vec<usize>> = cluster(&given, Expression, &[])
        .iter()
        .map(|class| class.members.iter().rev().map(|member| last - member).collect())
        .collect();
    mirrored.sort();
    assert_eq!(mirrored, members);

    let letters = cluster(&[Some("B"), Some("0.5"), Some("(B)"), Some("A")], Letter, &options());
    assert_eq!(letters[0].members, [0, 1, 2]);
}

#[test]
fn the_lenient_figure_is_the_last_number() {
    for (text, expected) in [
        ("we get 3 and then 12 apples.", Some("12")),
        ("so 10-5", Some("5")),
        ("so x = -5.", Some("-5")),
        ("it costs $1,234.50!", Some("$1,234.50")),
        ("that is \\frac{3}{4} of it", Some("\\frac{3}{4}")),
        ("about 18\\%", Some("18\\%")),
        ("no number", None),
    ] {
        assert_eq!(last_number(text).as_deref(), expected, "{text:?}");
    }
}
