//! `models`: which models there are, what a file says of itself, and what a model really does.

mod check;
mod convert;
mod inspect;
mod random;

use std::io::Read;
use std::path::Path;

use clap::{Args, Subcommand};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use self::check::CheckReport;
pub(crate) use self::convert::ConvertReport;
pub(crate) use self::inspect::InspectReport;
use super::Session;
use crate::cli::args::FormatArg;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::bytes;
use crate::cli::render::table::{Column, Tabular, numbers, words};
use crate::cli::settings::{ModelSettings, Settings};

/// The folder in which model files are looked for.
pub(super) const MODELS_FOLDER: &str = "models";

/// List models, show what a model is, check what it does, or convert an embedder
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  stepproof models list")]
pub(crate) enum ModelsCommand {
    List(ListArgs),
    Inspect(inspect::InspectArgs),
    Check(check::CheckArgs),
    ConvertEmbedder(convert::ConvertArgs),
    #[command(hide = true)]
    WriteRandom(random::RandomArgs),
}

/// List the GGUF files in ./models and the models that the settings name
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof models list --format json")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    format: FormatArg,
}

impl ModelsCommand {
    /// Gives the flags as a layer of settings.
    pub(super) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        match self {
            ModelsCommand::List(list) => list.format.lay(&mut layer),
            ModelsCommand::Inspect(inspect) => inspect.format.lay(&mut layer),
            ModelsCommand::Check(check) => check.format.lay(&mut layer),
            ModelsCommand::ConvertEmbedder(convert) => convert.format.lay(&mut layer),
            ModelsCommand::WriteRandom(_) => {}
        }
        layer
    }
}

/// A model that is there.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListedModel {
    /// Version of this form.
    schema: u32,
    /// What to write after --model.
    spec: String,
    /// local, openai or script.
    kind: &'static str,
    /// The file's size, where there is a file.
    bytes: Option<u64>,
    /// The folder or the settings file and line.
    origin: String,
    /// Why the model cannot be used.
    problem: Option<String>,
}

impl ListedModel {
    /// Says whether nothing is known to be wrong with the model.
    pub(super) fn is_usable(&self) -> bool {
        self.problem.is_none()
    }
}

impl Tabular for ListedModel {
    const COLUMNS: &'static [Column] =
        &[words("--model"), words("kind"), numbers("size"), words("from"), words("problem")];

    fn cells(&self) -> Vec<String> {
        vec![
            self.spec.clone(),
            self.kind.to_owned(),
            self.bytes.map(bytes).unwrap_or_default(),
            self.origin.clone(),
            self.problem.clone().unwrap_or_default(),
        ]
    }
}

/// Runs a command on models.
pub(super) fn run(command: &ModelsCommand, session: &mut Session) -> Result<Exit, CliError> {
    match command {
        ModelsCommand::List(_) => {
            let models = list(&session.settings)?;
            if models.is_empty() {
                session.stderr.line(&format!("no model files in ./{MODELS_FOLDER} and none in the settings"));
            }
            session.output.records(models)?;
            Ok(Exit::Done)
        }
        ModelsCommand::Inspect(args) => inspect::run(args, session),
        ModelsCommand::Check(args) => check::run(args, session),
        ModelsCommand::ConvertEmbedder(args) => convert::run(args, session),
        ModelsCommand::WriteRandom(args) => random::run(args, session),
    }
}

/// Names the kind of a model as `models list` does.
fn kind(model: &ModelSettings) -> &'static str {
    match model {
        ModelSettings::Local(_) => "local",
        ModelSettings::Remote(_) => "openai",
        ModelSettings::Script { .. } => "script",
    }
}

/// Lists the model files in ./models, by name, then the models of the settings.
pub(super) fn list(settings: &Settings) -> Result<Vec<ListedModel>, CliError> {
    let failed = |error| CliError::new(Exit::Missing, format!("read the folder {MODELS_FOLDER}")).because(error);
    let mut models = Vec::new();
    let folder = match std::fs::read_dir(MODELS_FOLDER) {
        Ok(folder) => Some(folder),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    for entry in folder.into_iter().flatten() {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("gguf")) {
            models.push(ListedModel {
                schema: 1,
                spec: format!("local:{}", path.display()),
                kind: "local",
                bytes: std::fs::metadata(&path).ok().map(|data| data.len()),
                origin: format!("./{MODELS_FOLDER}"),
                problem: local_problem(&path),
            });
        }
    }
    models.sort_by(|one, other| one.spec.cmp(&other.spec));
    models.extend(settings.models.iter().map(|(name, model)| {
        let (file, problem) = match &model.value {
            ModelSettings::Local(local) => (Some(&local.path), local_problem(&local.path)),
            ModelSettings::Script { path } => {
                (Some(path), (!path.is_file()).then(|| format!("{} is not there", path.display())))
            }
            ModelSettings::Remote(remote) => (None, remote.key_env.as_deref().and_then(key_problem)),
        };
        ListedModel {
            schema: 1,
            spec: name.clone(),
            kind: kind(&model.value),
            bytes: file.and_then(|path| std::fs::metadata(path).ok()).map(|data| data.len()),
            origin: model.origin.to_string(),
            problem,
        }
    }));
    Ok(models)
}

/// Says why a file can be no GGUF model, as far as its first bytes tell.
fn local_problem(path: &Path) -> Option<String> {
    let mut magic = [0; 4];
    match std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic)) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Some("the file is cut short".to_owned()),
        Err(error) => Some(format!("{}: {error}", path.display())),
        Ok(()) if &magic != b"GGUF" => Some("the file is no GGUF file".to_owned()),
        Ok(()) if !cfg!(feature = "local") => Some("this build is without local models (feature local)".to_owned()),
        Ok(()) => None,
    }
}

fn key_problem(variable: &str) -> Option<String> {
    std::env::var_os(variable).is_none().then(|| format!("the environment variable {variable} is not set"))
}
