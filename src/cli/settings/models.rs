//! Models that the settings give a name: `[models.NAME]`.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;

use stepproof::model::ModelSpec;

use super::file::Entry;
use crate::cli::error::CliError;

/// How to open a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ModelSettings {
    /// A GGUF file, run in this process.
    Local(LocalSettings),
    /// A model on a server.
    Remote(RemoteSettings),
    /// A script file.
    Script {
        /// The file.
        path: PathBuf,
    },
}

/// A GGUF file and how to run it; `None` leaves a value to the driver.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LocalSettings {
    /// The file.
    pub(crate) path: PathBuf,
    /// Context length in tokens.
    pub(crate) context: Option<NonZeroU32>,
    /// Tokens whose keys and values are held, of all calls together.
    pub(crate) cells: Option<NonZeroU32>,
    /// Calls that are written at once.
    pub(crate) sequences: Option<NonZeroU32>,
    /// Megabytes of what nobody asks for that are kept for use again.
    pub(crate) outside_mb: Option<NonZeroU32>,
    /// One call at a time, always decoded in the same groups of tokens.
    pub(crate) deterministic: bool,
    /// Layers that a GPU takes.
    pub(crate) gpu_layers: Option<u32>,
    /// Threads.
    pub(crate) threads: Option<NonZeroU32>,
    /// File with a chat template that replaces the model's own.
    pub(crate) chat_template: Option<PathBuf>,
}

/// A model on a server and how to reach it; `None` leaves a value to the driver.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RemoteSettings {
    /// The server's base URL.
    pub(crate) url: String,
    /// The name under which the server serves the model.
    pub(crate) served: String,
    /// The environment variable that holds the key.
    pub(crate) key_env: Option<String>,
    /// Context length in tokens.
    pub(crate) context: Option<NonZeroU32>,
    /// Headers of every request; none of them secret.
    pub(crate) headers: BTreeMap<String, String>,
    /// Headers whose values environment variables hold.
    pub(crate) headers_env: BTreeMap<String, String>,
    /// Requests at once.
    pub(crate) concurrency: Option<NonZeroU32>,
    /// Requests a minute at most.
    pub(crate) requests_per_minute: Option<NonZeroU32>,
    /// File with a chat template, for servers whose own cannot continue a started answer.
    pub(crate) chat_template: Option<PathBuf>,
    /// Whether its answers begin with a thinking part.
    pub(crate) thinking: Option<bool>,
}

const KINDS: [&str; 3] = ["local", "openai", "script"];
const LOCAL_KEYS: [&str; 10] = [
    "kind",
    "path",
    "context",
    "cells",
    "sequences",
    "outside_mb",
    "deterministic",
    "gpu_layers",
    "threads",
    "chat_template",
];
const REMOTE_KEYS: [&str; 11] = [
    "kind",
    "url",
    "served",
    "key_env",
    "context",
    "headers",
    "headers_env",
    "concurrency",
    "requests_per_minute",
    "chat_template",
    "thinking",
];
const SCRIPT_KEYS: [&str; 2] = ["kind", "path"];

impl ModelSettings {
    /// Gives the plain form of the model, without what the settings add.
    pub(crate) fn spec(&self) -> ModelSpec {
        match self {
            ModelSettings::Local(local) => ModelSpec::Local { path: local.path.clone() },
            ModelSettings::Remote(remote) => {
                ModelSpec::Remote { served: remote.served.clone(), url: remote.url.clone() }
            }
            ModelSettings::Script { path } => ModelSpec::Script { path: path.clone() },
        }
    }
}

impl fmt::Display for ModelSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec().fmt(formatter)
    }
}

/// Reads one table `[models.NAME]`.
pub(super) fn read_model(table: &Entry<'_>) -> Result<ModelSettings, CliError> {
    if !matches!(table.name.parse(), Ok(ModelSpec::Named(_))) {
        return Err(table.error(format!(
            "`{}` cannot name a model: a name holds only letters, digits, '-', '_' and '.', and does not end in .gguf",
            table.name
        )));
    }
    let entries = table.entries()?;
    for entry in &entries {
        refuse_secret(entry)?;
    }
    let find = |name: &str| entries.iter().find(|entry| entry.name == name);
    let missing = |name: &str| table.error(format!("[{}] needs `{name}`", table.key));
    let kind = match find("kind") {
        Some(entry) => {
            let kind: String = entry.read()?.value;
            if !KINDS.contains(&kind.as_str()) {
                return Err(entry.error(format!("`{}` must be one of {}", entry.key, KINDS.join(", "))));
            }
            kind
        }
        // The kind is plain from what is there.
        None if find("url").is_some() => "openai".to_owned(),
        None if find("path").is_some() => "local".to_owned(),
        None => return Err(missing("kind")),
    };
    let known: &[&str] = match kind.as_str() {
        "local" => &LOCAL_KEYS,
        "openai" => &REMOTE_KEYS,
        _ => &SCRIPT_KEYS,
    };
    if let Some(stranger) = entries.iter().find(|entry| !known.contains(&entry.name)) {
        return Err(stranger.unknown(known.iter().copied()));
    }
    Ok(match kind.as_str() {
        "local" => ModelSettings::Local(LocalSettings {
            path: find("path").ok_or_else(|| missing("path"))?.read()?.value,
            context: optional(find("context"))?,
            cells: optional(find("cells"))?,
            sequences: optional(find("sequences"))?,
            outside_mb: optional(find("outside_mb"))?,
            deterministic: optional(find("deterministic"))?.unwrap_or(false),
            gpu_layers: optional(find("gpu_layers"))?,
            threads: optional(find("threads"))?,
            chat_template: optional(find("chat_template"))?,
        }),
        "openai" => ModelSettings::Remote(RemoteSettings {
            url: remote_url(find("url").ok_or_else(|| missing("url"))?)?,
            served: find("served").ok_or_else(|| missing("served"))?.read()?.value,
            key_env: optional(find("key_env"))?,
            context: optional(find("context"))?,
            headers: headers(find("headers"), true)?,
            headers_env: headers(find("headers_env"), false)?,
            concurrency: optional(find("concurrency"))?,
            requests_per_minute: optional(find("requests_per_minute"))?,
            chat_template: optional(find("chat_template"))?,
            thinking: optional(find("thinking"))?,
        }),
        _ => ModelSettings::Script { path: find("path").ok_or_else(|| missing("path"))?.read()?.value },
    })
}

fn optional<T: super::SettingValue>(entry: Option<&Entry<'_>>) -> Result<Option<T>, CliError> {
    entry.map(|entry| entry.read().map(|resolved| resolved.value)).transpose()
}

/// Reads a URL by the same rules as on the command line.
fn remote_url(entry: &Entry<'_>) -> Result<String, CliError> {
    let url: String = entry.read()?.value;
    match format!("openai:model@{url}").parse::<ModelSpec>() {
        Ok(ModelSpec::Remote { url: read, .. }) if read == url => Ok(url),
        Ok(_) => Err(entry.error(format!("`{}` is no URL", entry.key))),
        Err(error) => Err(entry.error(format!("`{}` is wrong: could not {error}", entry.key))),
    }
}

/// A key in a file ends up in a repository.
fn refuse_secret(entry: &Entry<'_>) -> Result<(), CliError> {
    if !["key", "api_key", "apikey", "token", "secret", "password"].contains(&entry.name.to_lowercase().as_str()) {
        return Ok(());
    }
    let error = entry.error(format!(
        "`{}` would put a secret into a file that is easily shared; keys come from the environment only",
        entry.key
    ));
    Err(error.hint("put the key into an environment variable and write its name: key_env = \"NAME_OF_THE_VARIABLE\""))
}

/// Reads a table of headers; with `literal` the values stand in the file, so none may be secret.
fn headers(entry: Option<&Entry<'_>>, literal: bool) -> Result<BTreeMap<String, String>, CliError> {
    let mut headers = BTreeMap::new();
    for header in entry.map(Entry::entries).transpose()?.unwrap_or_default() {
        let name = header.name.to_lowercase();
        if literal && ["auth", "key", "token", "cookie", "secret"].iter().any(|part| name.contains(part)) {
            let error = header.error(format!(
                "the header `{}` would put a secret into a file that is easily shared; keys come from the environment only",
                header.name
            ));
            let hint = format!("name the variable that holds it: headers_env = {{ {:?} = \"VARIABLE\" }}", header.name);
            return Err(error.hint(hint));
        }
        headers.insert(header.name.to_owned(), header.read::<String>()?.value);
    }
    Ok(headers)
}
