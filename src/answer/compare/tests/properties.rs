//! What holds for all values: equal forms stay equal, a changed number makes them different, order does not matter.

use proptest::prelude::*;

use super::super::super::algebra::Base;
use super::super::super::equal::{Equality, equal_without_identity};
use super::super::super::meaning::Meaning;
use super::super::super::number::Rational;
use super::super::super::parse;
use super::super::super::sample::Point;
use super::super::super::token::written;
use super::super::super::work::Work;
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

/// A value of a few letters, with roots and functions, so that two of them are often equal.
fn any_rooted() -> impl Strategy<Value = String> {
    let leaf =
        prop::sample::select(vec!["1", "2", "3", "x", "y", r"\frac{1}{2}", r"\pi", "(-1)"]).prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}+{other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one})({other})")),
            inner.clone().prop_map(|one| format!(r"\sqrt{{{one}}}")),
            inner.clone().prop_map(|one| format!(r"\sqrt[3]{{{one}}}")),
            inner.clone().prop_map(|one| format!("({one})^{{2}}")),
            inner.clone().prop_map(|one| format!("|{one}|")),
            inner.clone().prop_map(|one| format!(r"\ln({one})")),
            inner.clone().prop_map(|one| format!(r"\cos({one})")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("({one})^{{{other}}}")),
        ]
    })
}

/// Tells whether two values surely differ at a point with positive variables, by their trees alone.
fn differ_somewhere(one: &str, other: &str) -> bool {
    let read = |text: &str| match written(text).and_then(|tokens| parse::meaning(&tokens)) {
        Some(Meaning::Value(value)) => Some(value),
        _ => None,
    };
    let (Some(one), Some(other)) = (read(one), read(other)) else { return false };
    [(3, 2), (1, 3), (17, 5)].into_iter().any(|(above, below)| {
        let value = |times: i64| Rational::new((above * times).into(), below.into());
        let values = [("x".to_owned(), value(1)), ("y".to_owned(), value(7))].into();
        let mut work = Work::new();
        let mut point = Point::new(values, Base::Ten, 128, &mut work);
        let (left, right) = (point.value(&one), point.value(&other));
        left.zip(right).is_some_and(|(left, right)| left.separated(&right))
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
    fn what_is_equal_differs_nowhere(one in any_rooted(), two in any_rooted()) {
        for (left, right) in [
            (one.clone(), two.clone()),
            (format!("{one}({two})"), format!("({two})({one})")),
            (format!(r"\sqrt{{({one})({two})}}"), format!(r"\sqrt{{{one}}}\sqrt{{{two}}}")),
            (format!("(({one})({two}))^2"), format!("({one})^2({two})^2")),
            (format!(r"\sqrt{{({one})^2}}"), one.clone()),
            (format!(r"\ln(({one})^2)"), format!(r"2\ln({one})")),
            (format!(r"\frac{{{one}}}{{{two}}}+1"), format!(r"\frac{{{one}+{two}}}{{{two}}}")),
        ] {
            let apart = differ_somewhere(&left, &right);
            prop_assert!(!(apart && is(&left, &right, same)), "{left}   {right}");
            if left == right {
                prop_assert!(!is(&left, &right, other), "{left}");
            }
        }
        let (there, back) = (format!("({one})({two})"), format!("({two})({one})"));
        prop_assert!(!is(&there, &back, other), "{there}   {back}");
        let (square, expanded) = (format!("(({one})+({two}))^2"), format!("({one})^2+2({one})({two})+({two})^2"));
        prop_assert!(!is(&square, &expanded, other), "{square}   {expanded}");
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
