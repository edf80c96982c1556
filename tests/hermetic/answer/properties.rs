//! What holds for any answer: nothing is panicked over or slow, equality is an equivalence where it decides, dress changes nothing.

use proptest::prelude::*;
use stepproof::answer::json::grade_line;
use stepproof::answer::{Equality, Source, equal, extract, gold_fault, last_number};
use stepproof::problem::AnswerForm::{self, Expression, Integer, Letter, Number, Text};

use super::{check_extract, options};

#[test]
fn huge_outputs_are_read_from_their_end_in_linear_time() {
    for unit in ["\\boxed{", "the answer is \\[ ", "{", "}", "\\", "$", "answer: ", "#### x\n", "9", "9,", "\\boxed "] {
        let text = unit.repeat(3_000_000 / unit.len());
        let _ = extract(&text, Expression, &[]);
        let _ = extract(&text, Letter, &options());
        let _ = last_number(&text);
        let _ = equal(&text, &text, Number, &[]);
        check_extract(&format!("{text}}} \n \\boxed{{5}}"), Integer, Some("5"), Source::Box);
    }
}

fn any_answer() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "1", "23", "0", ".", ",", "{,}", "\\,", "\\frac", "\\sqrt", "{", "}", "(", ")", "-", "+", "/", "=", "x",
        "\\pi", "^", "_", " ", "\\text{", "cm", "\\%", "%", "$", "\\boxed{", "\\", "half", "A", "\\left", "\\times",
        "10", "é", "…", "**",
    ]);
    prop_oneof![prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat()), any::<String>()]
}

fn any_form() -> impl Strategy<Value = AnswerForm> {
    prop::sample::select(AnswerForm::NAMES.map(|(_, form)| form).to_vec())
}

proptest! {
    #[test]
    fn any_text_is_survived(text in any_answer(), form in any_form()) {
        let found = extract(&text, form, &options());
        prop_assert!(found.answer.is_none_or(|answer| !answer.trim().is_empty()));
        let _ = last_number(&text);
        let _ = grade_line(1, &text);
    }

    #[test]
    fn equality_is_symmetric_and_reflexive(one in any_answer(), other in any_answer(), form in any_form()) {
        let empty = |text: &str| equal(text, "1", form, &[]) == Equality::Undecided && text.trim().is_empty();
        for options in [vec![], options()] {
            let (there, back) = (equal(&one, &other, form, &options), equal(&other, &one, form, &options));
            let same = |equality| matches!(equality, Equality::Equal(_));
            prop_assert_eq!(same(there), same(back), "{:?} {:?}", one, other);
            if !empty(&one) && gold_fault(&one, Text, &[]).is_none() {
                prop_assert!(same(equal(&one, &one, form, &options)), "{:?} as {:?}", one, form);
            }
        }
    }

    #[test]
    fn a_number_survives_its_dress(value in any::<i64>(), places in 0usize..4, dress in 0usize..8) {
        let plain = value.to_string();
        let digits = plain.trim_start_matches('-');
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 { grouped.push_str([",", "{,}", "\\,", ",\\!"][places]); }
            grouped.push(digit);
        }
        let sign = if value < 0 { "-" } else { "" };
        let dressed = match dress {
            0 => format!("{sign}{grouped}"),
            1 => format!("${sign}{grouped}$"),
            // In brackets a bare comma separates values.
            2 if places == 0 => format!("\\left({sign}{}\\right)", grouped.replace(',', "{,}")),
            2 => format!("\\left({sign}{grouped}\\right)"),
            3 => format!("{sign}{grouped}.{}", "0".repeat(places + 1)),
            4 => format!("{sign}{grouped}\\text{{ cm}}^2"),
            5 => format!("x = {sign}{grouped}"),
            6 => format!("{sign}00{digits}"),
            _ => format!("\\frac{{{sign}{digits}}}{{1}}"),
        };
        let output = format!("thus\n\\[ \\boxed{{{dressed}}}. \\]");
        let found = extract(&output, Integer, &[]).answer.unwrap_or_default();
        for form in [Integer, Expression] {
            prop_assert!(matches!(equal(&plain, &found, form, &[]), Equality::Equal(_)), "{plain} {found}");
            let next = value.wrapping_add(1).to_string();
            prop_assert!(matches!(equal(&next, &found, form, &[]), Equality::Different(_)), "{next} {found}");
        }
    }
}
