use super::explain;
use crate::problem::AnswerForm::Expression;

#[test]
fn normal_forms_and_the_first_difference_are_told() {
    for (gold, given, expected) in [
        ("(x+1)^2", "x^2+2x+1", "1 + 2*x + x^2 | 1 + 2*x + x^2 | -"),
        (r"\sqrt{8}", "3", "2*2^(1/2) | 3 | 2*2^(1/2) != 3"),
        ("(1, 2, 3)", "(1, 5, 3)", "(1, 2, 3) | (1, 5, 3) | 2 != 5"),
        ("1, 2", "2, 3", "1, 2 | 2, 3 | 1 != 3"),
        ("1, 2", "2", "1, 2 | 2 | 1, 2 != 2"),
        (r"x \ge 2", "x > 2", "x in [2, inf) | x in (2, inf) | x in [2, inf) != x in (2, inf)"),
        ("y = 2x", "2x - y = 0", "y = 2*x | 2*x - y = 0 | -"),
        (r"\text{even}", r"\text{odd}", "words \"even\" | words \"odd\" | words \"even\" != words \"odd\""),
        ("1/2x", "5", "? | 5 | -"),
        ("9^9^9^9", "5", "a value that is not computed | 5 | a value that is not computed != 5"),
    ] {
        let found = explain(gold, given, Expression);
        let said = |form: Option<String>| form.unwrap_or_else(|| "?".to_owned());
        let difference = found.difference.map_or_else(|| "-".to_owned(), |(gold, given)| format!("{gold} != {given}"));
        assert_eq!(format!("{} | {} | {difference}", said(found.gold), said(found.given)), expected);
    }
}
