//! Prompt templates: what a model is asked for a statement.
//!
//! The templates of `prompts/` are compiled in; a folder of the user's can add to them or override them by file name. A
//! template's hash is part of the run's hash, so that a changed prompt starts another run. The model's own chat template
//! belongs to `model`; this room only makes messages and, for base models, plain text with worked examples.

mod format;
mod spec;

pub use format::{doc_comment, render_exact};

use std::path::{Path, PathBuf};

use minijinja::{Environment, Value, context};
use thiserror::Error;

use crate::model::{ChatStyle, Message, Prompt, Speaker};
use crate::problem::Statement;
use spec::{ExampleFile, PromptFile};

const PROMPTS: [(&str, &str); 6] = [
    ("choice", include_str!("../../prompts/choice.toml")),
    ("integer", include_str!("../../prompts/integer.toml")),
    ("lean", include_str!("../../prompts/lean.toml")),
    ("math", include_str!("../../prompts/math.toml")),
    ("number", include_str!("../../prompts/number.toml")),
    ("text", include_str!("../../prompts/text.toml")),
];

const EXAMPLES: [(&str, &str); 4] = [
    ("choice", include_str!("../../prompts/examples/choice.toml")),
    ("integer", include_str!("../../prompts/examples/integer.toml")),
    ("lean", include_str!("../../prompts/examples/lean.toml")),
    ("number", include_str!("../../prompts/examples/number.toml")),
];

/// Steps of the template engine that a template may take.
const FUEL: u64 = 200_000;

/// A prompt that cannot be used. Messages complete "could not …".
#[derive(Debug, Error)]
pub enum PromptError {
    /// No template has this name.
    #[error("find a prompt named {name:?}: known are {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A file of the user's folder cannot be read.
    #[error("read the prompt file {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file breaks its form.
    #[error("use the prompt {origin}: {reason}")]
    Malformed {
        /// File or built-in name.
        origin: String,
        /// What is wrong, with its line.
        reason: String,
    },
}

/// What a strategy settles about its prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptStyle {
    /// How the model takes part in a conversation.
    pub chat: ChatStyle,
    /// Asks for steps that are told apart by blank lines.
    pub steps: bool,
    /// How many worked examples a base model is shown at most.
    pub examples: usize,
}

/// What a model is asked for one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The prompt.
    pub prompt: Prompt,
    /// Texts after which a base model begins a problem of its own.
    pub stops: Vec<String>,
}

/// One prompt template, checked when it was loaded.
#[derive(Debug)]
pub struct PromptTemplate {
    name: String,
    hash: String,
    file: PromptFile,
    examples: ExampleFile,
    engine: Environment<'static>,
}

impl PromptTemplate {
    /// Loads the template of this name: the user's folder first, then those compiled in.
    ///
    /// # Errors
    /// No such template, or a file that breaks its form.
    pub fn load(name: &str, folder: Option<&Path>) -> Result<PromptTemplate, PromptError> {
        let (text, origin) = find(name, "", &PROMPTS, folder)?;
        let malformed = |origin: &str, reason: String| PromptError::Malformed { origin: origin.to_owned(), reason };
        let file: PromptFile = toml::from_str(&text).map_err(|error| malformed(&origin, error.to_string()))?;
        let (example_text, example_origin) = find(&file.examples, "examples", &EXAMPLES, folder)?;
        let examples: ExampleFile =
            toml::from_str(&example_text).map_err(|error| malformed(&example_origin, error.to_string()))?;
        let mut engine = Environment::new();
        engine.set_fuel(Some(FUEL));
        let parts = [
            ("system", file.chat.system.clone().unwrap_or_default()),
            ("user", file.chat.user.clone()),
            ("base", file.base.text.clone()),
        ];
        for (part, source) in parts {
            engine.add_template_owned(part, source).map_err(|error| malformed(&origin, format!("{error:#}")))?;
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(text.as_bytes()).update(&[0]).update(example_text.as_bytes());
        Ok(PromptTemplate {
            name: name.to_owned(),
            hash: hasher.finalize().to_hex().to_string(),
            file,
            examples,
            engine,
        })
    }

    /// Gives the template's name and version, such as `integer-1`.
    #[must_use]
    pub fn version(&self) -> String {
        format!("{}-{}", self.name, self.file.version)
    }

    /// Gives BLAKE3 of the template and its worked examples.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Makes what a model is asked for a statement.
    ///
    /// # Errors
    /// The template fails on this statement.
    pub fn ask(&self, statement: &Statement, style: PromptStyle) -> Result<Asked, PromptError> {
        let examples: Vec<Value> = self
            .examples
            .example
            .iter()
            .take(style.examples)
            .map(|example| {
                context! {
                    problem => &example.problem,
                    options => lettered(&example.options),
                    solution => &example.solution,
                    answer => &example.answer,
                }
            })
            .collect();
        let formal = statement.formal.as_ref();
        let values = context! {
            header => formal.map(|formal| formal.header.as_str()).unwrap_or_default(),
            theorem => formal.map(|formal| formal.opening().unwrap_or(&formal.theorem)).unwrap_or_default(),
            doc => doc_comment(&statement.text),
            problem => statement.text.trim(),
            options => lettered(&statement.options),
            form => statement.form.name(),
            steps => style.steps,
            examples => examples,
        };
        let render = |part: &str| {
            self.engine
                .get_template(part)
                .and_then(|template| template.render(&values))
                .map(|text| text.trim().to_owned())
                .map_err(|error| PromptError::Malformed { origin: self.name.clone(), reason: format!("{error:#}") })
        };
        if style.chat == ChatStyle::Base {
            return Ok(Asked { prompt: Prompt::raw(render("base")?), stops: self.file.base.stops.clone() });
        }
        let mut messages = Vec::new();
        if self.file.chat.system.is_some() {
            messages.push(Message { speaker: Speaker::System, content: render("system")? });
        }
        messages.push(Message { speaker: Speaker::User, content: render("user")? });
        Ok(Asked { prompt: Prompt { messages, continuation: Vec::new() }, stops: Vec::new() })
    }
}

fn lettered(options: &[String]) -> Vec<Value> {
    let letters = ('A'..='Z').map(String::from);
    letters.zip(options).map(|(letter, text)| context! { letter, text }).collect()
}

/// Finds a file's text and names where it came from.
fn find(
    name: &str,
    below: &str,
    built_in: &[(&str, &'static str)],
    folder: Option<&Path>,
) -> Result<(String, String), PromptError> {
    // A name is a name and no way out of the folder.
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    if let (true, Some(folder)) = (plain, folder) {
        let path = folder.join(below).join(format!("{name}.toml"));
        match std::fs::read_to_string(&path) {
            Ok(text) => return Ok((text, path.display().to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(PromptError::Unreadable { path, source }),
        }
    }
    match built_in.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => Ok(((*text).to_owned(), format!("{name:?} (built in)"))),
        None => Err(PromptError::Unknown {
            name: name.to_owned(),
            known: built_in.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", "),
        }),
    }
}

#[cfg(test)]
mod tests;
