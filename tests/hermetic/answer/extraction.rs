//! What is found in outputs: boxes, stated answers, letters, and the difference between no answer and a cut one.

use stepproof::answer::{Equality, Source, equal, extract};
use stepproof::problem::AnswerForm::{Expression, Integer, Letter, Number, Text};
use stepproof::verdict::DecidedBy;

use super::{check_extract, options};

#[test]
fn the_last_box_wins() {
    for (text, expected) in [
        (r"so \boxed{42}.", "42"),
        (r"first \boxed{1}, then \boxed{2}", "2"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{ \boxed{5} }", r"\boxed{5}"),
        (r"$\boxed 7$.", "7"),
        (r"\boxed 72 is it", "72"),
        (r"\boxed\frac{1}{2}$", r"\frac{1}{2}"),
        (r"\boxed(3,4)$", "(3,4)"),
        (r"\fbox{9}", "9"),
        (r"\framebox{9}", "9"),
        ("\\boxed\n {8}", "8"),
        (r"\\boxed{6}", "6"),
        ("\u{8}oxed{6}", "6"),
        ("so $boxed{6}$", "6"),
        (r"unboxed{5} \boxed{6}", "6"),
        (r"x = 3 \\ \boxed{6}", "6"),
        (r"put it into \boxed{}: \boxed{3}", "3"),
        (r"\boxed{4} as asked in \boxed{}", "4"),
        (r"\boxed{4} in the form \boxed{...}", "4"),
        (r"\boxed{4}, that is \boxed{\text{your answer}}", "4"),
        (r"$(x - \boxed{\phantom{09}})$ has \boxed{9}", "9"),
        (r"\boxed{\left(\frac{3}{5},\frac{8}{3}\right]}", r"\left(\frac{3}{5},\frac{8}{3}\right]"),
        (r"an open \boxed{3 and a new \boxed{4}", "4"),
        // The brace was forgotten: the formula ends, and the text goes on.
        (r"so $\boxed{42$ is the answer.", "42"),
        (r"so \[\boxed{\frac{1}{2}\] and that is all.", r"\frac{1}{2}"),
        ("<think>\\boxed{1}</think> \\boxed{2}", "2"),
        ("<reasoning>\\boxed{1}</reasoning> \\boxed{2}", "2"),
        ("\\boxed{1}<|channel|>final<|message|>\\boxed{2}", "2"),
        ("} } \\boxed{5}", "5"),
    ] {
        check_extract(text, Expression, Some(expected), Source::Box);
    }
}

#[test]
fn a_cut_output_is_told_from_one_without_an_answer() {
    for (text, expected) in [
        (r"\boxed{5} or better \boxed{7", Source::Cut),
        (r"\boxed{\frac{1}{2", Source::Cut),
        (r"the answer is 4, so \boxed{", Source::Cut),
        (r"\boxed{\text{if $x > 0$ then 3", Source::Cut),
        ("<think>\\boxed{1} never closed", Source::Cut),
        ("<|channel|>analysis<|message|>we get 5", Source::Cut),
        ("so <answer>5", Source::Cut),
        ("<think>\\boxed{1}</think> nothing", Source::Nothing),
        ("we go on and on", Source::Nothing),
        (r"put it into \boxed{}", Source::Nothing),
        ("", Source::Nothing),
    ] {
        check_extract(text, Expression, None, expected);
        assert_eq!(extract(text, Expression, &[]).open_ended, expected == Source::Cut, "{text:?}");
    }
    assert!(extract("the answer is 12", Integer, &[]).open_ended, "more digits may have come");
    assert!(!extract("the answer is 12.", Integer, &[]).open_ended);
}

#[test]
fn a_stated_answer_is_found_where_there_is_no_box() {
    for (text, expected) in [
        ("The answer is 42.", "42"),
        ("Therefore, the final answer is: $\\frac{3}{4}$.", "\\frac{3}{4}"),
        ("the answer is 3.5 meters. Done", "3.5 meters"),
        ("ANSWER: 033", "033"),
        ("**Answer:** 17\n\nsome more", "17"),
        ("Answer = 17", "17"),
        ("Ans: 17", "17"),
        ("**Final Answer**: \\(x+1\\)", "x+1"),
        ("**Final Answer**\n\n17\n", "17"),
        ("### Answer\n\n$17$", "17"),
        ("The answer is 3. No, the answer is 4.", "4"),
        ("The answer is 4. The answer is an integer between 0 and 999.", "4"),
        ("The answer is 4. That answer is correct.", "4"),
        ("The answer is 4. The answer is not 5.", "4"),
        ("The final answer is:\n\n$$\n\\sqrt{2}\n$$\n", "\\sqrt{2}"),
        ("Final Answer: The final answer is $5$. I hope it is correct.", "5"),
        ("The answer to the second question is 8.", "8"),
        ("The answer is the sum of both, which is 7.", "7"),
        ("The answer is $18.", "$18"),
        ("He has $5 and the answer is $18 and $3 left", "$18 and $3 left"),
        ("3 + 4 = <<3+4=7>>7\n#### 7", "7"),
        ("<answer>7</answer>", "7"),
        ("<think>8</think><answer> $7$ </answer> done", "7"),
        ("{\"steps\": 3, \"answer\": \"\\\\frac{1}{2}\"}", "\\frac{1}{2}"),
        ("{\"answer\": 12.5}", "12.5"),
        ("| Step | Value |\n|---|---|\n| a | 3 |\n| **Answer** | **12** |\n", "12"),
        ("| Case | Answer |\n|---|---|\n| a | 3 |\n| b | $5$ |\n", "3, 5"),
        ("The answers are:\n- $x = 2$\n- $x = 3$\n\nDone.", "x = 2, x = 3"),
        ("The answers are:\n\n1. 2\n2. 3\n", "2, 3"),
        ("The answers are:\n\n- 2\n", "2"),
        ("## Answer\n(2)(3)", "(2)(3)"),
        ("The answer is 34\\text{ sq. units}. Done.", "34\\text{ sq. units}"),
        ("答案是：42。", "42"),
        ("So the final result is 17.", "17"),
        ("The answer is below. The final value is 17.", "17"),
    ] {
        check_extract(text, Number, Some(expected), Source::Stated);
    }
    for text in [
        "#### Step 1\nwe add",
        "I would answer quickly",
        "the answer is an integer",
        "the answer is clear",
        "The answer is:\n1. First we add 3 and 4, which gives seven in all, and then we go on with the second part of it.",
    ] {
        check_extract(text, Number, None, Source::Nothing);
    }
    check_extract("The answer is a circle.", Expression, Some("a circle"), Source::Stated);
    check_extract("The answer is an integer.", Expression, None, Source::Nothing);
    check_extract("The answer is an elephant.", Text, Some("an elephant"), Source::Stated);
}

#[test]
fn letters_are_found_in_their_usual_dress() {
    for (text, expected) in [
        ("The answer is (C).", "C"),
        ("The answer is C because the sum is 5.", "C"),
        ("The answer is C, since the sum is 5.", "C"),
        ("The answer is **(C)**.", "C"),
        ("The answer is $\\textbf{(C)}$.", "C"),
        ("The correct option is C.", "C"),
        ("The correct answer choice is (C).", "C"),
        ("Answer: C. x+1", "C"),
        ("Answer: C - x+1", "C"),
        ("Answer: C (x+1)", "C"),
        ("<answer>C</answer>", "C"),
        ("答案：C", "C"),
        ("故选 C", "C"),
        ("so option C is correct", "C"),
        ("so C is the best answer", "C"),
        ("Hence **(C)** is the right choice", "C"),
        ("I would choose option C here", "C"),
        ("so we pick (C).", "C"),
        ("we get 5\n\n(C)", "C"),
        ("we get 5\n**C**", "C"),
        ("we get 5\n\\textbf{(C)}", "C"),
        ("we get 5\nC) x + 1", "C"),
        ("\\boxed{\\text{(C)}}", "C"),
        ("\\boxed{\\textbf{C}}", "C"),
        ("\\boxed{\\mathbf{C}}", "C"),
        ("\\boxed{C. x+1}", "C"),
        ("\\boxed{\\textbf{(C) } x + 1}", "C"),
        ("\\boxed{x+1}", "C"),
        ("\\boxed{(c)}", "C"),
        ("The answer is 12.", "A"),
        ("\\boxed{60}", "D"),
        ("\\boxed{0.5}", "B"),
        ("\\boxed{None}", "E"),
    ] {
        let found = extract(text, Letter, &options()).answer.unwrap_or_default();
        assert_eq!(
            equal(expected, &found, Letter, &options()),
            Equality::Equal(DecidedBy::Letter),
            "{text:?} {found:?}"
        );
    }
    for text in
        ["A triangle has three sides.", "option A is wrong", "we get 5", "choose Any of them", "A is not correct"]
    {
        check_extract(text, Letter, None, Source::Nothing);
    }
}
