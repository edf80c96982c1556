//! Verdicts of the verifier and of grade lines.

use stepproof::answer::json::{GradeIn, GradeOut, grade_line};
use stepproof::problem::AnswerForm::Integer;
use stepproof::problem::{ProblemId, Reference, Statement};
use stepproof::trace::Candidate;
use stepproof::verify::{AnswerVerifier, Verifier};

#[tokio::test]
async fn verdicts_have_the_class_that_the_output_deserves() {
    let statement =
        Statement { id: ProblemId("p".into()), text: "?".into(), options: vec![], form: Integer, formal: None };
    let gold = Reference { answer: "12".into() };
    let empty = Reference { answer: " ".into() };
    let verifier = AnswerVerifier;
    assert_eq!(verifier.version(), "answer-3");
    for (text, truncated, reference, class, extracted, lenient) in [
        ("\\boxed{12}", false, Some(&gold), "equal", Some("12"), true),
        ("\\boxed{12} and then it went", true, Some(&gold), "equal", Some("12"), true),
        ("\\boxed{13} not 12", false, Some(&gold), "different", Some("13"), false),
        ("\\boxed{12", true, Some(&gold), "no_answer", None, true),
        ("the answer is 12", false, Some(&gold), "equal", Some("12"), true),
        ("the answer is 12", true, Some(&gold), "no_answer", None, false),
        ("we find 12", false, Some(&gold), "no_answer", None, true),
        ("we find nothing", false, Some(&gold), "no_answer", None, false),
        ("\\boxed{3+9}", false, Some(&gold), "equal", Some("3+9"), true),
        ("\\boxed{1/2x}", false, Some(&gold), "undecided", Some("1/2x"), false),
        ("\\boxed{12}", false, Some(&empty), "no_reference", Some("12"), false),
        ("\\boxed{12}", false, None, "no_reference", Some("12"), false),
    ] {
        let candidate = Candidate { text: text.into(), truncated };
        let judgement = verifier.verify(Some(&candidate), &statement, reference).await.expect("it cannot fail");
        assert_eq!(
            (judgement.verdict.class(), judgement.extracted.as_deref(), judgement.lenient),
            (class, extracted, lenient),
            "{text:?}"
        );
    }
    let none = verifier.verify(None, &statement, Some(&gold)).await.expect("it cannot fail");
    assert_eq!(none.verdict.class(), "no_answer");
}

#[test]
fn grade_lines_give_a_verdict_or_say_what_is_wrong() {
    let graded = |text: &str| {
        let out = grade_line(7, text).map_err(|error| error.to_string())?;
        Ok::<_, String>(format!(
            "{} {} {} {} {}",
            out.id,
            out.verdict,
            out.class,
            out.decided_by.as_deref().unwrap_or("-"),
            out.extracted.as_deref().unwrap_or("-")
        ))
    };
    for (line, expected) in [
        (r#"{"id": 3, "gold": "1/2", "answer": 0.50}"#, "3 accepted equal exact 0.50"),
        (r#"{"id": "a", "gold": 7, "output": "so \\boxed{8}"}"#, "\"a\" rejected different exact 8"),
        (r#"{"gold": 7, "output": "hm"}"#, "null rejected no_answer - -"),
        (r#"{"gold": "", "answer": "1"}"#, "null unknown no_reference - 1"),
        (r#"{"gold": "x+1", "answer": "1+x"}"#, "null accepted equal symbolic 1+x"),
        (r#"{"gold": "B", "answer": "7", "options": ["6", "7"]}"#, "null accepted equal letter 7"),
        (
            r#"{"gold": 123456789012345678901234567890, "answer": "123456789012345678901234567891"}"#,
            "null rejected different exact 123456789012345678901234567891",
        ),
    ] {
        assert_eq!(graded(line).as_deref(), Ok(expected), "{line}");
    }
    for (line, expected) in [
        (r#"{"gold": "1""#, "read line 7: no grade line in JSON, column 12"),
        ("[]", "read line 7: it is a JSON array, not an object"),
        ("[1, \"5\", \"5\"]", "read line 7: it is a JSON array, not an object"),
        (r#"{"gold": "1"}"#, "read line 7: answer or output is missing"),
        (r#"{"gold": true, "answer": 1}"#, "read line 7: gold must be a string or a number"),
        (r#"{"gold": 1, "answer": 1, "form": "numbre"}"#, "read line 7: form \"numbre\" is none of"),
    ] {
        let message = graded(line).expect_err(line);
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn the_forms_of_grade_lines_have_schemas() {
    let keys = |schema: schemars::Schema| -> Vec<String> {
        let properties = schema.get("properties").and_then(|properties| properties.as_object());
        properties.into_iter().flatten().map(|(key, _)| key.clone()).collect()
    };
    assert_eq!(keys(schemars::schema_for!(GradeIn)), ["id", "gold", "answer", "output", "options", "form"]);
    assert_eq!(
        keys(schemars::schema_for!(GradeOut)),
        ["schema", "id", "verdict", "class", "decided_by", "extracted", "source"]
    );
}
