//! `models inspect`: what a model file, a script or the settings say, without loading or calling anything.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::model::chat_template::ChatTemplate;
use stepproof::model::gguf::{GgufInfo, read_header};
use stepproof::model::{ChatStyle, LanguageModel, ModelSpec, ScriptedModel};

use super::kind;
use crate::cli::args::FormatArg;
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::{bytes, shorten};
use crate::cli::settings::{ModelSettings, RemoteSettings};

/// Show what a model is: its file or server, context, template and tokenizer
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof models inspect local:models/SmolLM2-135M-Instruct-Q4_1.gguf\n\n\
                        Nothing is loaded and no server is asked: `stepproof models check SPEC` does that.")]
pub(crate) struct InspectArgs {
    /// The model: local:PATH, openai:SERVED@URL, script:FILE or a name from the settings
    #[arg(value_name = "SPEC")]
    spec: ModelSpec,
    #[command(flatten)]
    pub(super) format: FormatArg,
}

/// What is known of a model without loading or asking it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InspectReport {
    /// Version of this form.
    schema: u32,
    /// The model as it was named.
    spec: String,
    /// local, openai or script.
    kind: &'static str,
    /// The header of a GGUF file.
    gguf: Option<GgufReport>,
    /// A script.
    script: Option<ScriptReport>,
    /// How a server is reached.
    server: Option<ServerReport>,
}

/// What a GGUF file says of itself.
#[derive(Debug, Serialize, JsonSchema)]
struct GgufReport {
    /// The file.
    path: String,
    /// Its size.
    file_bytes: u64,
    /// Architecture, such as `llama`.
    architecture: String,
    /// The model's own name.
    name: Option<String>,
    /// Its licence.
    license: Option<String>,
    /// How the weights are stored, such as `Q4_K_M`.
    file_type: Option<String>,
    /// Weights of all tensors.
    parameters: u64,
    /// Tensors in the file.
    tensors: u64,
    /// Context that the model was trained for.
    context_tokens: Option<u64>,
    /// Layers.
    layers: Option<u64>,
    /// Width of the hidden state.
    embedding_length: Option<u64>,
    /// Entries of the vocabulary.
    vocabulary_size: u64,
    /// Kind of tokenizer.
    tokenizer_kind: Option<String>,
    /// Hash of the tokenizer; equal hashes mean interchangeable token ids.
    tokenizer_hash: String,
    /// Ids of special tokens by their names.
    special_ids: BTreeMap<String, u64>,
    /// Whether it can write text.
    causal: bool,
    /// base, chat or thinking; null where the chat template is broken.
    chat: Option<&'static str>,
    /// BLAKE3 of the chat template.
    chat_template_hash: Option<String>,
    /// The chat template.
    chat_template: Option<String>,
    /// What is wrong with the chat template.
    chat_template_problem: Option<String>,
}

/// What a script holds.
#[derive(Debug, Serialize, JsonSchema)]
struct ScriptReport {
    /// The file.
    path: String,
    /// The name that the model goes by.
    name: String,
    /// BLAKE3 of the file.
    hash: String,
    /// base, chat or thinking.
    chat: &'static str,
    /// Replies in it.
    replies: usize,
    /// Context in tokens; its tokens are words.
    context_tokens: Option<u32>,
}

/// How a server is reached.
#[derive(Debug, Serialize, JsonSchema)]
struct ServerReport {
    /// The base URL.
    url: String,
    /// The name under which it serves the model.
    served: String,
    /// The environment variable that holds the key.
    key_env: Option<String>,
    /// Whether that variable is set.
    key_set: Option<bool>,
    /// Context in tokens, where the settings say.
    context_tokens: Option<u32>,
    /// Requests at once, where the settings say.
    concurrency: Option<u32>,
    /// Requests a minute at most, where the settings say.
    requests_per_minute: Option<u32>,
    /// Whether its answers begin with a thinking part, where the settings say.
    thinking: Option<bool>,
}

/// Runs the command.
pub(super) fn run(args: &InspectArgs, session: &mut Session) -> Result<Exit, CliError> {
    let model = session.settings.model(&args.spec)?;
    let mut report = InspectReport {
        schema: 1,
        spec: args.spec.to_string(),
        kind: kind(&model),
        gguf: None,
        script: None,
        server: None,
    };
    let lines = match &model {
        ModelSettings::Local(local) => report.gguf.insert(gguf(&local.path, read_header(&local.path)?)).lines(),
        ModelSettings::Script { path } => report.script.insert(script(path)?).lines(),
        ModelSettings::Remote(remote) => report.server.insert(server(remote)).lines(),
    };
    let lines: Vec<(&str, String)> =
        [("model", report.spec.clone()), ("kind", report.kind.to_owned())].into_iter().chain(lines).collect();
    session.output.record(&report, &lines)?;
    Ok(Exit::Done)
}

fn gguf(path: &Path, info: GgufInfo) -> GgufReport {
    let name = path.display().to_string();
    // The texts of the tokens around a text do not decide the style.
    let template = info.chat_template.as_deref().map(|source| ChatTemplate::compile(&name, source, "", ""));
    let (chat, chat_template_hash, chat_template_problem) = match template {
        None => (Some(ChatStyle::Base), None, None),
        Some(Ok(template)) => (Some(template.style()), Some(template.hash().to_owned()), None),
        Some(Err(error)) => (None, None, Some(format!("could not {error}"))),
    };
    GgufReport {
        path: name,
        file_bytes: info.file_bytes,
        architecture: info.architecture,
        name: info.name,
        license: info.license,
        file_type: info.file_type,
        parameters: info.parameter_count,
        tensors: info.tensor_count,
        context_tokens: info.context_length,
        layers: info.layers,
        embedding_length: info.embedding_length,
        vocabulary_size: info.vocabulary_size,
        tokenizer_kind: info.tokenizer_kind,
        tokenizer_hash: info.tokenizer_hash.0.to_string(),
        special_ids: info.special_ids,
        causal: info.causal,
        chat: chat.map(ChatStyle::name),
        chat_template_hash,
        chat_template: info.chat_template,
        chat_template_problem,
    }
}

fn script(path: &Path) -> Result<ScriptReport, CliError> {
    let model = ScriptedModel::open(path)?;
    let identity = model.identity();
    Ok(ScriptReport {
        path: path.display().to_string(),
        name: identity.name.clone(),
        hash: identity.source.clone(),
        chat: model.capabilities().chat.name(),
        replies: model.replies(),
        context_tokens: identity.context,
    })
}

fn server(remote: &RemoteSettings) -> ServerReport {
    ServerReport {
        url: remote.url.clone(),
        served: remote.served.clone(),
        key_set: remote.key_env.as_deref().map(|name| std::env::var_os(name).is_some()),
        key_env: remote.key_env.clone(),
        context_tokens: remote.context.map(u32::from),
        concurrency: remote.concurrency.map(u32::from),
        requests_per_minute: remote.requests_per_minute.map(u32::from),
        thinking: remote.thinking,
    }
}

/// Pairs a key with a value where there is one.
fn known<T: ToString>(key: &'static str, value: Option<T>) -> Option<(&'static str, String)> {
    value.map(|value| (key, value.to_string()))
}

impl GgufReport {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let chat = match (self.chat, &self.chat_template) {
            (Some(chat), Some(template)) => {
                format!("{chat} (its own chat template, {} characters)", template.chars().count())
            }
            (Some(chat), None) => format!("{chat} (no chat template)"),
            (None, _) => format!("broken: {}", self.chat_template_problem.as_deref().unwrap_or_default()),
        };
        let special: Vec<String> = self.special_ids.iter().map(|(name, id)| format!("{name} {id}")).collect();
        let tokenizer = self.tokenizer_kind.as_deref().unwrap_or("unknown");
        let hash = shorten(&self.tokenizer_hash, 13);
        let lines = [
            Some(("file", format!("{} ({})", self.path, bytes(self.file_bytes)))),
            known("name", self.name.as_deref()),
            known("licence", self.license.as_deref()),
            Some(("architecture", self.architecture.clone())),
            known("weights", self.file_type.as_deref()),
            Some(("parameters", format!("{} in {} tensors", millions(self.parameters), self.tensors))),
            known("context", self.context_tokens.map(|tokens| format!("{tokens} tokens"))),
            known("layers", self.layers),
            known("width", self.embedding_length),
            Some(("chat", chat)),
            Some(("vocabulary", format!("{} tokens, tokenizer {tokenizer}, hash {hash}", self.vocabulary_size))),
            Some(("special", special.join(", "))).filter(|(_, special)| !special.is_empty()),
            (!self.causal).then(|| ("use", "it writes no text".to_owned())),
        ];
        lines.into_iter().flatten().collect()
    }
}

impl ScriptReport {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let lines = [
            Some(("file", self.path.clone())),
            Some(("name", self.name.clone())),
            Some(("chat", self.chat.to_owned())),
            Some(("replies", self.replies.to_string())),
            known("context", self.context_tokens.map(|tokens| format!("{tokens} words"))),
            Some(("hash", self.hash.clone())),
        ];
        lines.into_iter().flatten().collect()
    }
}

impl ServerReport {
    fn lines(&self) -> Vec<(&'static str, String)> {
        let key = self.key_env.as_ref().map(|name| {
            let set = if self.key_set == Some(true) { "set" } else { "not set" };
            format!("in the environment variable {name} ({set})")
        });
        let lines = [
            Some(("server", self.url.clone())),
            Some(("served", self.served.clone())),
            known("key", key),
            known("context", self.context_tokens.map(|tokens| format!("{tokens} tokens"))),
            known("at once", self.concurrency),
            known("a minute", self.requests_per_minute),
            known("thinking", self.thinking),
            Some(("next", "stepproof models check asks the server".to_owned())),
        ];
        lines.into_iter().flatten().collect()
    }
}

/// Writes a number of weights for people (`134.5 M`).
fn millions(count: u64) -> String {
    match count as f64 {
        small if small < 1e6 => count.to_string(),
        medium if medium < 1e9 => format!("{:.1} M", medium / 1e6),
        large => format!("{:.2} G", large / 1e9),
    }
}
