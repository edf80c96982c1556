//! Mutated answers and outputs: nothing panics, what is found is in the text, equality is symmetric and says nothing
//! false of an answer and itself, and classes do not depend on the order.

use super::super::{Class, Equality, cluster, equal, equal_without_identity, extract, gold_fault, last_number};
use crate::problem::AnswerForm::{self, Expression, Integer, Letter, Number, Text};

const FORMS: [AnswerForm; 5] = [Expression, Integer, Letter, Number, Text];

/// Answers and outputs of every kind; the two answers of a pair stand on two lines.
const CORPUS: &[&str] = &[
    "",
    "42\n42.0",
    "\\frac{3}{4}\n0.75",
    "-1\\frac{1}{2}\n-\\frac32",
    "1{,}234{,}567\n1.234567 \\times 10^{6}",
    "\\sqrt{48 + 2 \\sqrt{512}}\n4+4\\sqrt{2}",
    "\\frac{-512}{16 - 16 \\sqrt{3}}\n16 + 16\\sqrt3",
    "\\sqrt[3]{2+\\sqrt5}\n2^(1/3)",
    "(x+2)(36x^2-136x+571)-2278\n36x^3 + 8x^2 + 27x + 6",
    "\\frac{x^2-1}{x-1}\nx+1",
    "\\left(3, \\frac{\\pi}{2}\\right)\n(3, \\pi/2)",
    "(-\\infty, -8) \\cup (-8, \\infty)\nx < -8 \\text{ or } x > -8",
    "[2,5)\n2 \\le t < 5",
    "\\{1, 2, 3\\}\n3, 2, 1",
    "\\pm \\sqrt{2}\n\\sqrt2,-\\sqrt2",
    "\\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}\n\\frac{1}{2}\\begin{bmatrix}2&0\\\\0&2\\end{bmatrix}",
    "y = 2x + 3\n2y - 4x = 6",
    "f(x) = x^2\nx^2",
    "2 + 3i\ni(3 - 2i)",
    "\\log_{2} 8\n3",
    "\\sin 60^\\circ\n\\frac{\\sqrt{3}}{2}",
    "e^{i\\pi}\n-1",
    "10!\n3628800",
    "\\binom{16}{5}\n4368",
    "0.\\overline{142857}\n1/7",
    "110_2\n(110)_{2}",
    "75\\%\n0.75",
    "45^{\\circ}\n45 degrees",
    "\\$32,\\!348\n32348 dollars",
    "3:5\n6:10",
    "\\sum_{k=1}^{100} k\n5050",
    "1, 2, 3, \\ldots, 10\n1,2,...,10",
    "\\text{(C)}\nC",
    "\\text{Wednesday}\nwednesday",
    "3√2/2 − π\n(3*sqrt(2))/2 - pi",
    "9^{9^{9^9}}\n9^9^9^9",
    "x ∈ (−∞, 2] ∪ [3, ∞)\nx ≤ 2 or x ≥ 3",
    "<think>\\boxed{1}</think> so \\boxed{\\frac{1}{2}}.\nThe answer is 5.",
    "**Final Answer**: $x+1$\n| Answer | 12 |\n<answer>7</answer> {\"answer\": \"8\"}",
    "The answers are:\n- $x = 2$\n- $x = 3$\n\n#### 18",
    "Option (C) is correct. I choose D.\n(B) 15",
];

const FRAGMENTS: &[&[u8]] = &[
    b"\\boxed{",
    b"\\boxed",
    b"}",
    b"{",
    b"$",
    b"\\(",
    b"\\)",
    b"\\[",
    b"\\]",
    b"</think>",
    b"<think>",
    b"<answer>",
    b"the answer is ",
    b"Answer: ",
    b"| Answer | ",
    b"- ",
    b"\n",
    b"#### ",
    b"\\frac",
    b"\\frac{1}{2}",
    b"\\sqrt",
    b"\\sqrt[3]{",
    b"^",
    b"^{",
    b"_",
    b"_{",
    b"(",
    b")",
    b"[",
    b"]",
    b"\\left(",
    b"\\right)",
    b"\\{",
    b"\\}",
    b",",
    b";",
    b"+",
    b"-",
    b"*",
    b"/",
    b"\\cdot ",
    b"=",
    b"<",
    b"\\le ",
    b"\\cup ",
    b"\\infty",
    b"\\pm ",
    b"!",
    b"\\binom{",
    b"\\log_",
    b"\\sin ",
    b"\\tan ",
    b"\\pi",
    b"e",
    b"i",
    b"x",
    b"y",
    b"0",
    b"1",
    b"9",
    b"10",
    b"99999999999999999999",
    b".",
    b"0.5",
    b"\\overline{3}",
    b"\\ldots",
    b"...",
    b"\\%",
    b"^\\circ",
    b"\\text{",
    b" cm",
    b"\\begin{pmatrix}",
    b"\\end{pmatrix}",
    b"&",
    b"\\\\",
    b"|",
    b"\\sum_{k=1}^{n}",
    b"\xe2\x88\x9a",
    b"\xc2\xb2",
    b"\xcf\x80",
    b"\xe2\x88\x92",
    b"\xff",
    b"\0",
    b"\\",
    b"e^{",
    b"^9",
    b"1/0",
    b"\\circ",
    b" or ",
    b" and ",
    b"C",
    b"(C)",
];

fn same(equality: Equality) -> bool {
    matches!(equality, Equality::Equal(_))
}

/// Gives the members of each class, with places counted from the other end where the list was turned over.
fn members(classes: &[Class], turned: Option<usize>) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = classes.iter().map(|class| class.members.clone()).collect();
    for members in &mut all {
        if let Some(count) = turned {
            members.iter_mut().for_each(|place| *place = count - 1 - *place);
        }
        members.sort_unstable();
    }
    all.sort();
    all
}

#[test]
fn mutated_answers_are_survived_and_compared_without_contradiction() {
    let corpus: Vec<Vec<u8>> = CORPUS.iter().map(|text| text.as_bytes().to_vec()).collect();
    let options: Vec<String> = ["12", "\\frac{1}{2}", "x+1", "60^\\circ", "\\text{none}"].map(str::to_owned).to_vec();
    crate::mutate::fuzz("answer", &corpus, FRAGMENTS, |input, seed| {
        let text = String::from_utf8_lossy(input);
        let form = FORMS[usize::try_from(seed % 5).unwrap()];
        let options = if seed % 3 == 0 { &options[..] } else { &[] };
        let found = extract(&text, form, options);
        assert!(found.answer.is_none_or(|answer| !answer.trim().is_empty()));
        let _ = last_number(&text);
        let (one, other) = text.split_once('\n').unwrap_or((&text, "0.5"));
        let (there, back) = (equal(one, other, form, options), equal(other, one, form, options));
        assert_eq!(same(there), same(back), "{one:?} {other:?}");
        let (there, back) =
            (equal_without_identity(one, other, form, options), equal_without_identity(other, one, form, options));
        assert_eq!(same(there), same(back), "{one:?} {other:?} without identity");
        let usable = gold_fault(one, Text, &[]).is_none();
        if usable {
            let itself = equal_without_identity(one, one, form, options);
            assert!(!matches!(itself, Equality::Different(_)), "{one:?} is not itself");
        }
        let answers = [Some(one), Some(other), Some("0.5"), Some("x+1"), None];
        let turned: Vec<Option<&str>> = answers.iter().rev().copied().collect();
        assert_eq!(
            members(&cluster(&answers, form, options), None),
            members(&cluster(&turned, form, options), Some(answers.len())),
            "{answers:?}"
        );
    });
}
