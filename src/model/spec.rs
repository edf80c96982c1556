//! How a user names a model: `local:PATH`, `openai:SERVED@URL`, `script:FILE`, or a name from the settings; each after
//! an optional `ROLE=`.
//!
//! Owns the two text forms, both ways. Opening the model belongs to its driver, looking up a name to the command's
//! settings.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::model::ModelError;
use crate::name::nearest;
use crate::trace::Role;

/// A model as a user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSpec {
    /// A GGUF file, run by llama.cpp in this process.
    Local {
        /// The file.
        path: PathBuf,
    },
    /// A model on an OpenAI-compatible server.
    Remote {
        /// The name under which the server serves it.
        served: String,
        /// The server's base URL, such as `http://localhost:8080/v1`.
        url: String,
    },
    /// A script file with the replies.
    Script {
        /// The file.
        path: PathBuf,
    },
    /// A name that the settings explain.
    Named(String),
}

/// A model and the part it plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSpec {
    /// The part; `main` where the user named none.
    pub role: Role,
    /// The model.
    pub spec: ModelSpec,
}

const SCHEMES: [&str; 3] = ["local", "openai", "script"];
const FORMS: &str = "write local:PATH, openai:SERVED@URL, script:FILE, or a name from [models] in stepproof.toml";

impl FromStr for ModelSpec {
    type Err = ModelError;

    /// Reads one of the four forms.
    ///
    /// # Errors
    /// `ModelError::Spec` with what to write instead.
    fn from_str(text: &str) -> Result<ModelSpec, ModelError> {
        let shown = without_password(text);
        let wrong = |reason: String| ModelError::Spec { spec: shown.clone(), reason };
        if text.is_empty() {
            return Err(wrong(format!("it is empty; {FORMS}")));
        }
        if text.chars().any(char::is_control) {
            return Err(wrong("it holds a control character".to_owned()));
        }
        match text.split_once(':') {
            Some(("local", "")) => Err(wrong("the path is missing; write local:PATH".to_owned())),
            Some(("local", path)) => Ok(ModelSpec::Local { path: path.into() }),
            Some(("script", "")) => Err(wrong("the file is missing; write script:FILE".to_owned())),
            Some(("script", path)) => Ok(ModelSpec::Script { path: path.into() }),
            Some(("openai", rest)) => remote(rest).map_err(wrong),
            Some(("http" | "https", _)) => {
                Err(wrong(format!("the served name is missing; write openai:SERVED@{shown}")))
            }
            Some((scheme, _)) => Err(wrong(match nearest(scheme, SCHEMES) {
                Some(known) => format!("unknown kind {scheme:?}; did you mean {known:?}?"),
                None => format!("unknown kind {scheme:?}; {FORMS}"),
            })),
            None if is_name(text) && !has_gguf_suffix(text) => Ok(ModelSpec::Named(text.to_owned())),
            None if has_gguf_suffix(text) || text.contains('/') => {
                Err(wrong(format!("a file needs its kind; write local:{text}")))
            }
            None => Err(wrong(format!("a name holds only letters, digits, '-', '_' and '.'; {FORMS}"))),
        }
    }
}

/// Says whether `text` can name a model in the settings.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}

fn has_gguf_suffix(text: &str) -> bool {
    let suffix = text.len().checked_sub(5).and_then(|start| text.get(start..));
    suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case(".gguf"))
}

/// Hides what stands before an `@` in a URL's authority: messages end up in logs.
fn without_password(text: &str) -> String {
    let hidden = text.rsplit_once("://").and_then(|(before, after)| {
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, path) = after.split_at_checked(end)?;
        let (_, host) = authority.rsplit_once('@')?;
        Some(format!("{before}://***@{host}{path}"))
    });
    hidden.unwrap_or_else(|| text.to_owned())
}

/// Splits `SERVED@URL` at the last `@http://` or `@https://`: a served name may hold `@`, `/` and `:`.
fn remote(rest: &str) -> Result<ModelSpec, String> {
    let at = ["@http://", "@https://"].iter().filter_map(|mark| rest.rfind(mark)).max();
    let Some((served, url)) = at.and_then(|at| rest.split_at_checked(at)) else {
        return Err("the URL is missing; write openai:SERVED@http://HOST:PORT/v1".to_owned());
    };
    let url = url.strip_prefix('@').unwrap_or(url);
    let authority = url.split_once("://").map_or("", |(_, after)| after);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or("");
    if authority.contains('@') {
        return Err(
            "a URL with a user or password in it would be stored with the run; put the key into an environment \
                    variable and name it by key_env in [models.NAME] of stepproof.toml"
                .to_owned(),
        );
    }
    if served.is_empty() {
        return Err(format!("the served name is missing; write openai:SERVED@{url}"));
    }
    if authority.is_empty() || url.chars().any(char::is_whitespace) {
        return Err(format!("{url:?} is no URL; write openai:SERVED@http://HOST:PORT/v1"));
    }
    Ok(ModelSpec::Remote { served: served.to_owned(), url: url.to_owned() })
}

impl fmt::Display for ModelSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ModelSpec::Local { path } => write!(formatter, "local:{}", path.display()),
            ModelSpec::Remote { served, url } => write!(formatter, "openai:{served}@{url}"),
            ModelSpec::Script { path } => write!(formatter, "script:{}", path.display()),
            ModelSpec::Named(name) => formatter.write_str(name),
        }
    }
}

impl FromStr for RoleSpec {
    type Err = ModelError;

    /// Reads `SPEC` or `ROLE=SPEC`. Only a plain word before the first `=` is a role, so that a path or a URL may hold
    /// one.
    ///
    /// # Errors
    /// `ModelError::Spec` for an unknown role, with the nearest, or a wrong specification.
    fn from_str(text: &str) -> Result<RoleSpec, ModelError> {
        let Some((word, rest)) = text.split_once('=').filter(|(word, _)| is_name(word)) else {
            return Ok(RoleSpec { role: Role::Main, spec: text.parse()? });
        };
        let Some(role) = Role::from_name(word) else {
            let names = Role::ALL.map(Role::name);
            let reason = match nearest(word, names) {
                Some(name) => format!("unknown role {word:?}; did you mean {name:?}?"),
                None => format!("unknown role {word:?}; the roles are {}", names.join(", ")),
            };
            return Err(ModelError::Spec { spec: text.to_owned(), reason });
        };
        Ok(RoleSpec { role, spec: rest.parse()? })
    }
}

impl fmt::Display for RoleSpec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.role.name(), self.spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn local(path: &str) -> ModelSpec {
        ModelSpec::Local { path: path.into() }
    }

    fn openai(served: &str, url: &str) -> ModelSpec {
        ModelSpec::Remote { served: served.into(), url: url.into() }
    }

    #[test]
    fn every_form_is_read() {
        let cases = [
            ("local:models/a.gguf", Role::Main, local("models/a.gguf")),
            ("small=local:models/a.gguf", Role::Small, local("models/a.gguf")),
            ("local:a=b/c.gguf", Role::Main, local("a=b/c.gguf")),
            ("main=local:large=x.gguf", Role::Main, local("large=x.gguf")),
            ("local:C:/a.gguf", Role::Main, local("C:/a.gguf")),
            ("openai:qwen@http://localhost:8080/v1", Role::Main, openai("qwen", "http://localhost:8080/v1")),
            ("openai:org/m:q4@v2@https://h/v1?a=b", Role::Main, openai("org/m:q4@v2", "https://h/v1?a=b")),
            ("judge=openai:a@http://x@http://y", Role::Judge, openai("a@http://x", "http://y")),
            ("script:replies.toml", Role::Main, ModelSpec::Script { path: "replies.toml".into() }),
            ("qwen-4b", Role::Main, ModelSpec::Named("qwen-4b".into())),
            ("large=qwen_4.b", Role::Large, ModelSpec::Named("qwen_4.b".into())),
        ];
        for (text, role, spec) in cases {
            assert_eq!(text.parse::<RoleSpec>().ok(), Some(RoleSpec { role, spec }), "{text}");
        }
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        let cases = [
            ("", "it is empty; write local:PATH"),
            ("local:", "write local:PATH"),
            ("script:", "write script:FILE"),
            ("models/a.gguf", "write local:models/a.gguf"),
            ("a.GGUF", "write local:a.GGUF"),
            ("http://localhost:8080/v1", "write openai:SERVED@http://localhost:8080/v1"),
            ("openai:qwen", "the URL is missing"),
            ("openai:qwen@localhost:8080", "the URL is missing"),
            ("openai:@http://h/v1", "the served name is missing"),
            ("openai:m@http://", "is no URL"),
            ("openai:m@http://h /v1", "is no URL"),
            ("openai:m@https://user:secret@h/v1", "environment variable"),
            ("openai:m@https://user:secret@", "environment variable"),
            ("http://user:secret@h/v1", "write openai:SERVED@http://***@h/v1"),
            ("opnai:m@http://h", "did you mean \"openai\"?"),
            ("magic:m", "unknown kind \"magic\"; write local:PATH"),
            ("smal=local:a", "did you mean \"small\"?"),
            ("boss=local:a", "the roles are main, small"),
            ("main=", "it is empty"),
            ("two words", "a name holds only"),
            ("local:a\u{1b}[2J", "control character"),
        ];
        for (text, part) in cases {
            let message = text.parse::<RoleSpec>().unwrap_err().to_string();
            assert!(message.starts_with("use the model "), "{message}");
            assert!(message.contains(part), "{text:?}: {message}");
            assert!(!message.contains('\u{1b}') && !message.contains("secret"), "{message:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_is_written_back(text in "\\PC{0,40}") {
            if let Ok(spec) = text.parse::<ModelSpec>() {
                prop_assert_eq!(spec.to_string(), text);
            }
        }

        #[test]
        fn writing_and_reading_give_the_same(
            role in prop::sample::select(Role::ALL.to_vec()),
            served in "[a-z@:/=.]{1,12}",
            host in "[a-z]{1,8}(:[0-9]{2,4})?",
            path in "[ -~]{1,20}",
        ) {
            for spec in [openai(&served, &format!("http://{host}/v1")), local(&path), ModelSpec::Script { path: path.into() }] {
                let whole = RoleSpec { role, spec };
                prop_assert_eq!(whole.to_string().parse::<RoleSpec>().ok(), Some(whole));
            }
        }
    }
}
