use super::super::equal::{Equality, equal_without_identity};
use crate::problem::AnswerForm::Expression;

mod forms;
mod hostile;
mod properties;
mod structures;
mod values;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Same,
    Other,
    Open,
}

/// Checks a pair both ways; identity has no say.
fn verdict(gold: &str, given: &str) -> Want {
    let of = |one: &str, other: &str| match equal_without_identity(one, other, Expression, &[]) {
        Equality::Equal(_) => Want::Same,
        Equality::Different(_) => Want::Other,
        Equality::Undecided => Want::Open,
    };
    let (there, back) = (of(gold, given), of(given, gold));
    assert_eq!(there, back, "{gold:?} against {given:?} depends on the order");
    there
}

/// Checks rows of one verdict; all that are wrong are told at once.
fn check(rows: &[(&str, &str)], expected: Want) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(gold, given)| {
            let got = verdict(gold, given);
            (got != expected).then(|| format!("{gold}   {given}   {got:?}, not {expected:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
