//! What holds for all values: equal forms stay equal, a changed number makes them different, order does not matter.

use proptest::prelude::*;

use super::super::super::equal::{Equality, equal_without_identity};
use crate::problem::AnswerForm::Expression;

/// A value as text, with its value at x = 3/2, y = 5/7 where that is a number.
fn any_value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (-20_i32..20).prop_map(|n| if n < 0 { format!("({n})") } else { n.to_string() }),
        prop::sample::select(vec!["x", "y", r"\pi", "i", r"\sqrt{2}", r"\sqrt{3}", r"\sqrt[3]{5}", r"\frac{3}{7}"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}+{other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}-{other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one})({other})")),
            (inner.clone(), 0_u32..4).prop_map(|(one, power)| format!("({one})^{{{power}}}")),
            (inner.clone(), inner).prop_map(|(one, other)| format!(r"\frac{{{one}}}{{{other}}}")),
        ]
    })
}

fn is(one: &str, other: &str, want: fn(Equality) -> bool) -> bool {
    want(equal_without_identity(one, other, Expression, &[]))
}

fn same(equality: Equality) -> bool {
    matches!(equality, Equality::Equal(_))
}

fn other(equality: Equality) -> bool {
    matches!(equality, Equality::Different(_))
}

proptest! {
    #[test]
    fn rearranged_values_never_differ(one in any_value(), two in any_value(), three in any_value()) {
        for (left, right) in [
            (format!("{one}+{two}"), format!("{two}+{one}")),
            (format!("({one})({two}+{three})"), format!("({one})({two})+({three})({one})")),
            (format!("({one}-{two})^2"), format!("({one})^2-2({one})({two})+({two})^2")),
            (format!("{one}-({two}-{three})"), format!("{one}+{three}-{two}")),
        ] {
            prop_assert!(!is(&left, &right, other), "{left}   {right}");
        }
    }

    #[test]
    fn shifted_values_are_never_equal(one in any_value(), shift in 1_i32..50) {
        for changed in [format!("{one}+{shift}"), format!("{one}-\\frac{{1}}{{{shift}}}"), format!("{one}+{shift}\\sqrt{{7}}")] {
            prop_assert!(!is(&one, &changed, same), "{one}   {changed}");
        }
    }

    #[test]
    fn roots_are_decided(a in 1_i64..60, b in 1_i64..60, c in 1_i64..30) {
        let nested = format!(r"\sqrt{{{}+2\sqrt{{{}}}}}", a + b, a * b);
        let plain = format!(r"\sqrt{{{a}}}+\sqrt{{{b}}}");
        prop_assert!(is(&nested, &plain, same), "{nested}   {plain}");
        let wrong = format!(r"\sqrt{{{a}}}+\sqrt{{{}}}", b + c);
        prop_assert!(is(&nested, &wrong, other), "{nested}   {wrong}");
    }

    #[test]
    fn polynomials_are_decided(roots in prop::collection::vec(-9_i64..10, 1..5)) {
        let factored: String = roots.iter().map(|root| format!("(x-({root}))")).collect();
        let mut coefficients = vec![1_i64];
        for root in &roots {
            let mut next = vec![0; coefficients.len() + 1];
            for (power, coefficient) in coefficients.iter().enumerate() {
                next[power + 1] += coefficient;
                next[power] -= root * coefficient;
            }
            coefficients = next;
        }
        let expanded: Vec<String> =
            coefficients.iter().enumerate().map(|(power, coefficient)| format!("({coefficient})x^{{{power}}}")).collect();
        let expanded = expanded.join("+");
        let shifted = format!("{expanded}+1");
        prop_assert!(is(&factored, &expanded, same), "{factored}   {expanded}");
        prop_assert!(is(&factored, &shifted, other));
    }

    #[test]
    fn lists_have_no_order(mut items in prop::collection::vec(-50_i64..50, 2..7), turn in 0_usize..6) {
        let text = |items: &[i64]| items.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let one = text(&items);
        let turn = turn % items.len();
        items.rotate_left(turn);
        prop_assert!(is(&one, &text(&items), same));
        items[0] += 200;
        prop_assert!(is(&one, &text(&items), other));
    }
}
