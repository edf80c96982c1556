//! Renders a chat template given by the user, for servers that continue raw text only.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, context};

use super::wire::Turn;
use crate::model::ModelError;

/// Enough for long conversations; a template that loops forever ends here.
const FUEL: u64 = 1_000_000;

/// Renders messages, opened for the assistant's turn. Tokens of beginning and end are left to the server.
///
/// # Errors
/// The template is no template, or refuses these messages.
pub(super) fn render(template: &str, messages: &[Turn<'_>], model: &str) -> Result<String, ModelError> {
    let mut environment = Environment::new();
    let refused = |error: Error| ModelError::Template { model: model.to_owned(), reason: error.to_string() };
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(refused)?);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", |message: String| -> Result<String, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, message))
    });
    let turn = |turn: &Turn<'_>| Value::from_pairs([("role", turn.role), ("content", turn.content)]);
    let turns: Vec<Value> = messages.iter().map(turn).collect();
    environment
        .render_str(
            template,
            context! { messages => turns, add_generation_prompt => true, bos_token => "", eos_token => "" },
        )
        .map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHATML: &str = "{% for m in messages %}\n{{ '<|im_start|>' + m['role'] + '\\n' + m['content'].strip() + \
        '<|im_end|>\\n' }}{% endfor %}\n{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    #[test]
    fn chats_end_opened_for_the_assistant() {
        let messages = [Turn { role: "user", content: " 2+2? " }];
        let text = render(CHATML, &messages, "qwen").unwrap();
        assert_eq!(text, "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n");
    }

    #[test]
    fn bad_templates_are_errors() {
        let check = |template: &str, expected: &str| {
            let error = render(template, &[], "qwen").unwrap_err().to_string();
            assert!(error.contains(expected), "{template}: {error}");
        };
        check("{% for %}", "chat template of qwen");
        check("{{ raise_exception('roles must alternate') }}", "roles must alternate");
        check("{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}", "fuel");
    }
}
