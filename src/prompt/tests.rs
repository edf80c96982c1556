//! Every prompt that ships renders for every style; a user's folder overrides; hostile text stays text.

use super::*;
use crate::problem::{AnswerForm, ProblemId};

fn statement(text: &str) -> Statement {
    Statement {
        id: ProblemId("p".to_owned()),
        text: text.to_owned(),
        options: vec!["4".to_owned(), "5".to_owned()],
        form: AnswerForm::Letter,
        formal: None,
    }
}

fn style(chat: ChatStyle, steps: bool) -> PromptStyle {
    PromptStyle { chat, steps, examples: 2 }
}

#[test]
fn every_prompt_renders_in_every_style() {
    for (name, _) in PROMPTS {
        let template = PromptTemplate::load(name, None).unwrap();
        for (chat, steps) in [(ChatStyle::Base, false), (ChatStyle::Chat, true), (ChatStyle::Thinking, false)] {
            let asked = template.ask(&statement("What is $2+2$?"), style(chat, steps)).unwrap();
            let text = if chat == ChatStyle::Base {
                assert!(asked.prompt.messages.is_empty() && !asked.stops.is_empty());
                asked.prompt.continuation_text()
            } else {
                asked.prompt.messages[0].content.clone()
            };
            assert!(text.contains("What is $2+2$?"), "{name}: {text}");
            assert_eq!(text.contains("\\boxed{"), name != "lean", "{name}: {text}");
            assert!(!text.contains("{{") && !text.contains("{%"), "{name}: {text}");
        }
    }
}

#[test]
fn a_base_prompt_shows_worked_examples_and_ends_where_the_model_goes_on() {
    let template = PromptTemplate::load("choice", None).unwrap();
    let text = template.ask(&statement("Pick."), style(ChatStyle::Base, false)).unwrap().prompt.continuation_text();
    assert_eq!(text.matches("The answer is \\boxed{C}.").count(), 2, "{text}");
    assert!(text.ends_with("Pick.\nOptions:\n(A) 4\n(B) 5\n\nSolution:"), "{text}");
}

#[test]
fn a_theorem_is_asked_for_as_a_question_or_as_code_to_go_on_from() {
    let template = PromptTemplate::load("lean", None).unwrap();
    let mut theorem = statement("True holds.");
    theorem.formal = Some(crate::problem::FormalStatement {
        header: "import Init\nopen Nat\n".to_owned(),
        theorem: "theorem t : True := by sorry".to_owned(),
    });
    let chat = template.ask(&theorem, style(ChatStyle::Chat, false)).unwrap().prompt.messages[0].content.clone();
    let block = "```lean4\nimport Init\nopen Nat\ntheorem t : True := by\n  sorry\n```\n";
    assert!(
        chat.starts_with("Prove this theorem in Lean 4. In words: True holds.\n\n") && chat.contains(block),
        "{chat}"
    );
    let base = template.ask(&theorem, style(ChatStyle::Base, false)).unwrap();
    let text = base.prompt.continuation_text();
    assert!(text.starts_with("import Init\nopen Nat\n\ntheorem both_from_one "), "{text}");
    assert!(text.ends_with("\n\n/-- True holds.-/\ntheorem t : True := by"), "{text}");
    assert!(base.stops.contains(&"\ntheorem ".to_owned()));
    theorem.text.clear();
    let chat = template.ask(&theorem, style(ChatStyle::Chat, false)).unwrap().prompt.messages[0].content.clone();
    assert!(chat.starts_with("Prove this theorem in Lean 4.\n\n```lean4\n"), "{chat}");
}

#[test]
fn text_that_looks_like_a_template_stays_text() {
    let template = PromptTemplate::load("math", None).unwrap();
    let asked = template.ask(&statement("{{ options }} {% for x in y %}"), style(ChatStyle::Chat, false)).unwrap();
    assert!(asked.prompt.messages[0].content.starts_with("{{ options }} {% for x in y %}\n"));
}

#[test]
fn a_users_folder_overrides_and_its_faults_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| std::fs::write(folder.path().join("math.toml"), text).unwrap();
    let load = || PromptTemplate::load("math", Some(folder.path()));
    write("version = 7\nexamples = 'number'\nchat.user = 'Q: {{ problem }}'\nbase.text = 'Q: {{ problem }} A:'\n");
    let template = load().unwrap();
    assert_eq!(template.version(), "math-7");
    assert_ne!(template.hash(), PromptTemplate::load("math", None).unwrap().hash());
    write("version = 7\nexamples = 'number'\nchat.user = '{{ problem '\nbase.text = ''\n");
    let message = load().unwrap_err().to_string();
    assert!(message.contains("math.toml") && message.contains("syntax error"), "{message}");
    write("version = 7\nexample = 'number'\n");
    assert!(load().unwrap_err().to_string().contains("line 2"));
    write("version = 1\nexamples = '../../x'\nchat.user = ''\nbase.text = ''\n");
    assert!(matches!(load(), Err(PromptError::Unknown { .. })));
}

#[test]
fn a_template_without_end_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let text = "version = 1\nexamples = 'number'\nbase.text = ''\n\
        chat.user = '{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}'\n";
    std::fs::write(folder.path().join("math.toml"), text).unwrap();
    let template = PromptTemplate::load("math", Some(folder.path())).unwrap();
    assert!(template.ask(&statement("x"), style(ChatStyle::Chat, false)).is_err());
}
