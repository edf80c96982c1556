//! The table of disagreements with math-verify: our verdict on each row is what the table says, and mostly right.

use serde_json::Value;
use stepproof::answer::{Equality, equal, equal_without_identity};
use stepproof::problem::AnswerForm::Expression;

const TABLE: &str = include_str!("../../../benchmarks/grader/disagreements.jsonl");

#[test]
fn our_verdict_on_each_disagreement_is_what_the_table_says() {
    let (mut rows, mut right) = (0, 0);
    for (number, line) in TABLE.lines().enumerate() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| row[key].as_str().unwrap_or_else(|| panic!("line {}: no {key}", number + 1));
        let (gold, given) = (text("gold"), text("given"));
        let ours = match equal_without_identity(gold, given, Expression, &[]) {
            Equality::Equal(_) => "equal",
            Equality::Different(_) => "different",
            Equality::Undecided => "undecided",
        };
        assert_eq!(ours, text("ours"), "line {}: {gold:?} against {given:?}", number + 1);
        let with_identity = matches!(equal(gold, given, Expression, &[]), Equality::Equal(_));
        assert_eq!(with_identity, ours == "equal", "line {}: identity changes the verdict", number + 1);
        assert!(["equal", "different"].contains(&text("right")) && !text("reason").is_empty(), "line {}", number + 1);
        assert_ne!(ours == "equal", text("theirs") == "equal", "line {}: that is no disagreement", number + 1);
        rows += 1;
        right += u32::from((ours == "equal") == (text("right") == "equal"));
    }
    assert!(rows > 100, "the table is there");
    assert!(right * 100 >= rows * 95, "{right} of {rows} are right");
}
