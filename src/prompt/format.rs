//! Formats that a model was trained on: texts in which every space and line end counts.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

use super::{FUEL, PromptError};

/// Fills the places (`{{ name }}`) of a text; all else stays byte for byte. `origin` names the text in messages.
///
/// # Errors
/// The text is no template, or names a value that is not there.
pub fn render_exact(origin: &str, text: &str, values: &[(&str, &str)]) -> Result<String, PromptError> {
    let malformed =
        |error: minijinja::Error| PromptError::Malformed { origin: origin.to_owned(), reason: format!("{error:#}") };
    let mut engine = Environment::new();
    engine.set_fuel(Some(FUEL));
    engine.set_syntax(SyntaxConfig::builder().keep_trailing_newline(true).build().map_err(malformed)?);
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    let values = Value::from_pairs(values.iter().copied());
    engine.template_from_str(text).and_then(|template| template.render(values)).map_err(malformed)
}

/// Writes a text as Lean's comment on the declaration that follows, in the form that the public data sets have; nothing
/// for an empty text. The marks of comments inside the text are taken apart, so that it ends where it should.
#[must_use]
pub fn doc_comment(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    // `/-/` holds both marks, and each step may bring the other one together.
    let mut inner = text.to_owned();
    while inner.contains("-/") || inner.contains("/-") {
        inner = inner.replace("-/", "- /").replace("/-", "/ -");
    }
    // A hyphen at the end would close the comment a place too early.
    let space = if inner.ends_with('-') || inner.ends_with('/') { " " } else { "" };
    format!("/-- {inner}{space}-/\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts_and_values_stay_text() {
        let values = [("a", "{{ b }}\n"), ("b", "")];
        assert_eq!(render_exact("t", " {{ a }}\n\n{{ b }}\n", &values).unwrap(), " {{ b }}\n\n\n\n");
        for broken in ["{{ c }}", "{{ a", "{% for %}"] {
            let message = render_exact("the text", broken, &values).unwrap_err().to_string();
            assert!(message.contains("the text"), "{message}");
        }
    }

    #[test]
    fn a_comment_ends_at_its_end_only() {
        assert_eq!(doc_comment(" \n"), "");
        assert_eq!(doc_comment("Let x. Show it.\n"), "/-- Let x. Show it.-/\n");
        for text in ["a -/ theorem t", "a /- b", "/-/", "x --/-/ y", "ends in -", "ends in /", "-/-/-"] {
            let comment = doc_comment(text);
            let inner = comment.strip_prefix("/--").and_then(|rest| rest.strip_suffix("-/\n")).unwrap();
            assert!(!inner.contains("-/") && !inner.contains("/-"), "{comment}");
            assert_eq!(comment.find("-/"), Some(comment.len() - 3), "{comment}");
        }
    }
}
