//! Renders a model's own chat template (jinja) so that no content can forge a special token.
//!
//! The template never sees a message's content: it gets an unguessable mark in its place, and the output is cut at the
//! marks. What the template wrote becomes [`Segment::Template`], the contents become [`Segment::Untrusted`], which no
//! tokenizer parses for special tokens. Consequences:
//!
//! - A template that trims contents is noticed, and the content is trimmed alike: the mark stands between white space
//!   of two sorts, and what is left of it tells what was trimmed (all white space, line breaks only, or nothing).
//! - A template that changes contents in another way, leaves one out or repeats one is refused. Where that, or an error
//!   raised by the template, befalls a conversation with system messages, their text is put in front of the first user
//!   message instead.
//! - Templates of thinking models cut the thinking part off earlier assistant turns. They cannot see it here, so it is
//!   done before: everything up to the last `</think>` goes, and line breaks after it.
//! - Dates are fixed, so that equal requests give equal prompts on any day.
//!
//! A template comes out of a model file and is as untrusted as it: its steps are counted and end, though a template made
//! for it can still use much memory.

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, context};
use rand::random;
use regex::Regex;

use super::{ChatStyle, Message, ModelError, Segment, Speaker};

/// A compiled chat template.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    model: String,
    hash: String,
    style: ChatStyle,
    bos: String,
    eos: String,
}

/// A conversation as a model wants it, opened for the assistant's turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What the template wrote and the contents, in order; no two neighbours of the same sort.
    pub segments: Vec<Segment>,
    /// The template has already opened the think block.
    pub opens_thinking: bool,
}

/// Steps of the template engine for one rendering; a conversation of 100 turns takes below 50,000.
const FUEL: u64 = 2_000_000;
const LONGEST_OUTPUT: usize = 4 << 20;
const NAME: &str = "chat";
const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";
/// White space that trimming removes and that no template writes.
const SPACE: char = '\u{2001}';
/// More line breaks than any template writes in a row.
const BREAKS: &str = "\n\n\n\n\n\n\n";

impl ChatTemplate {
    /// Compiles a template. `bos` and `eos` are the texts of the tokens that begin and end a text, empty if there are
    /// none; `model` is named in errors.
    ///
    /// # Errors
    /// [`ModelError::Template`] where it is no jinja template.
    pub fn compile(model: &str, source: &str, bos: &str, eos: &str) -> Result<ChatTemplate, ModelError> {
        let failed = |error: &Error| ModelError::Template { model: model.to_owned(), reason: reason(error) };
        let mut environment = Environment::new();
        // As the library does that these templates are written for.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| failed(&error))?);
        environment.set_fuel(Some(FUEL));
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        // Templates that can do without a date ask first, and then write one of their own.
        if !source.contains("strftime_now is defined") {
            environment.add_function("strftime_now", |format: &str| {
                let day = jiff::civil::date(2025, 1, 1).at(0, 0, 0, 0);
                jiff::fmt::strtime::format(format, day)
                    .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
            });
        }
        environment.add_template_owned(NAME, without_extensions(source)).map_err(|error| failed(&error))?;
        let thinks = source.contains(OPEN) || source.contains(CLOSE);
        Ok(ChatTemplate {
            environment,
            model: model.to_owned(),
            hash: blake3::hash(source.as_bytes()).to_hex().to_string(),
            style: if thinks { ChatStyle::Thinking } else { ChatStyle::Chat },
            bos: bos.to_owned(),
            eos: eos.to_owned(),
        })
    }

    /// Says whether the template knows think tags.
    #[must_use]
    pub fn style(&self) -> ChatStyle {
        self.style
    }

    /// Gives the BLAKE3 of the template's source.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Renders a conversation and opens the assistant's turn.
    ///
    /// # Errors
    /// [`ModelError::Template`] where the template fails, runs too long, or does not give each content once and in
    /// order.
    pub fn render(&self, messages: &[Message]) -> Result<Rendered, ModelError> {
        let messages: Vec<Message> = messages.iter().map(|message| self.without_thinking(message)).collect();
        let failed = |reason| ModelError::Template { model: self.model.clone(), reason };
        match self.render_marked(&messages) {
            Ok(rendered) => Ok(rendered),
            Err(first) => match fold_system(&messages) {
                Some(folded) => self.render_marked(&folded).map_err(|_| failed(first)),
                None => Err(failed(first)),
            },
        }
    }

    fn without_thinking(&self, message: &Message) -> Message {
        let answer = match message.content.rsplit_once(CLOSE) {
            Some((_, answer)) if self.style == ChatStyle::Thinking && message.speaker == Speaker::Assistant => answer,
            _ => return message.clone(),
        };
        Message { speaker: message.speaker, content: answer.trim_start_matches('\n').to_owned() }
    }

    fn render_marked(&self, messages: &[Message]) -> Result<Rendered, String> {
        let nonce: u128 = random();
        let marks: Vec<String> = (0..messages.len()).map(|index| format!("content{nonce:032x}n{index}end")).collect();
        let turns = messages.iter().zip(&marks).map(|(message, mark)| {
            // An empty content says nothing to guard, and templates ask for it.
            let content = match message.content.as_str() {
                "" => String::new(),
                _ => format!("{BREAKS}{SPACE}{mark}{SPACE}{BREAKS}"),
            };
            context! { role => message.speaker.name(), content }
        });
        let turns: Vec<Value> = turns.collect();
        let template = self.environment.get_template(NAME).map_err(|error| reason(&error))?;
        let output = template.render(context! {
            messages => turns, add_generation_prompt => true, bos_token => &self.bos, eos_token => &self.eos,
            tools => (), documents => (),
        });
        let output = output.map_err(|error| reason(&error))?;
        if output.len() > LONGEST_OUTPUT {
            return Err("it writes more than 4 MiB".to_owned());
        }
        let segments = cut(&output, messages, &marks)?;
        let last = match segments.last() {
            Some(Segment::Template(text)) => text.trim_end(),
            _ => "",
        };
        Ok(Rendered { opens_thinking: last.ends_with(OPEN), segments })
    }
}

/// Cuts the output at the marks and puts the contents in.
fn cut(output: &str, messages: &[Message], marks: &[String]) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    let mut rest = output;
    for (message, mark) in messages.iter().zip(marks) {
        if message.content.is_empty() {
            continue;
        }
        let whose = message.speaker.name();
        let (before, after) = rest
            .split_once(mark.as_str())
            .ok_or_else(|| format!("it leaves out, moves or changes the content of a {whose} message"))?;
        let mut content = message.content.as_str();
        let before = match before.strip_suffix(SPACE) {
            None if before.ends_with(['\\', '1']) && before.ends_with("\\u2001") => return Err(changes(whose)),
            None => {
                content = content.trim_start();
                before
            }
            Some(before) => before.strip_suffix(BREAKS).unwrap_or_else(|| {
                content = content.trim_start_matches('\n');
                before
            }),
        };
        let after = match after.strip_prefix(SPACE) {
            None => {
                content = content.trim_end();
                after
            }
            Some(after) => after.strip_prefix(BREAKS).unwrap_or_else(|| {
                content = content.trim_end_matches('\n');
                after
            }),
        };
        // A template that escapes line breaks (as JSON, say) would escape the content too.
        if before.ends_with("\\n") || after.starts_with("\\n") {
            return Err(changes(whose));
        }
        push(&mut segments, Segment::Template(before.to_owned()));
        push(&mut segments, Segment::Untrusted(content.to_owned()));
        rest = after;
    }
    if marks.iter().any(|mark| segments.iter().any(|segment| holds(segment, mark)) || rest.contains(mark)) {
        return Err("it repeats or moves the content of a message".to_owned());
    }
    push(&mut segments, Segment::Template(rest.to_owned()));
    Ok(segments)
}

fn changes(whose: &str) -> String {
    format!("it changes the content of a {whose} message")
}

fn holds(segment: &Segment, mark: &str) -> bool {
    matches!(segment, Segment::Template(text) if text.contains(mark))
}

/// Appends a segment, joined to its neighbour where both are of the same sort.
fn push(segments: &mut Vec<Segment>, segment: Segment) {
    match (segments.last_mut(), segment) {
        (_, Segment::Template(text) | Segment::Untrusted(text)) if text.is_empty() => {}
        (Some(Segment::Template(last)), Segment::Template(text))
        | (Some(Segment::Untrusted(last)), Segment::Untrusted(text)) => last.push_str(&text),
        (_, segment) => segments.push(segment),
    }
}

/// Puts the text of all system messages in front of the first user message; `None` where there is no system message.
fn fold_system(messages: &[Message]) -> Option<Vec<Message>> {
    let is_system = |message: &&Message| message.speaker == Speaker::System && !message.content.is_empty();
    let system: Vec<&str> = messages.iter().filter(is_system).map(|message| message.content.as_str()).collect();
    if system.is_empty() {
        return None;
    }
    let system = system.join("\n\n");
    let mut folded: Vec<Message> =
        messages.iter().filter(|message| message.speaker != Speaker::System).cloned().collect();
    match folded.iter_mut().find(|message| message.speaker == Speaker::User) {
        Some(user) => user.content = format!("{system}\n\n{}", user.content),
        None => folded.insert(0, Message { speaker: Speaker::User, content: system }),
    }
    Some(folded)
}

/// Replaces the block `generation`, which marks text for training and writes nothing itself.
fn without_extensions(source: &str) -> String {
    #[expect(clippy::expect_used, reason = "the pattern is fixed")]
    static BLOCK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\{%(-?)\s*(end)?generation\s*(-?)%\}").expect("a valid pattern"));
    let replace = |found: &regex::Captures<'_>| {
        let word = if found.get(2).is_some() { "endif" } else { "if true" };
        let dash = |group| found.get(group).map_or("", |dash| dash.as_str());
        format!("{{%{} {word} {}%}}", dash(1), dash(3))
    };
    BLOCK.replace_all(source, replace).into_owned()
}

/// Says in one line what the template engine found.
fn reason(error: &Error) -> String {
    let place = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => format!("it does not end: stopped after {FUEL} steps"),
        (ErrorKind::InvalidOperation, Some(detail)) => format!("{detail}{place}"),
        (kind, Some(detail)) => format!("{kind}: {detail}{place}"),
        (kind, None) => format!("{kind}{place}"),
    }
}

#[cfg(test)]
mod tests;
