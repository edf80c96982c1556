//! Settings in layers, each value with its origin: defaults < stepproof.toml < run file < environment < flags.
//!
//! A [`Settings`] is one layer or what came of stacking several. Files are strict: an unknown key or a wrong kind is an
//! error with file and line. Keys and tokens never stand in a file: a file names the environment variable.

mod file;
mod lean;
mod models;
mod value;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::{Path, PathBuf};

use serde::Serialize;
use stepproof::model::ModelSpec;
use stepproof::name::nearest;
use stepproof::trace::Role;

pub(crate) use lean::{AuditMode, RecheckMode, SandboxMode};
pub(crate) use models::{LocalSettings, ModelSettings, RemoteSettings};
pub(crate) use value::{Seconds, SettingValue, Temperature, TopP, scalar};

use crate::cli::args::ColorMode;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::progress::ProgressMode;
use crate::cli::render::table::{Column, Tabular, words};

/// The settings file that is read from the working folder when it is there.
pub(crate) const SETTINGS_FILE: &str = "stepproof.toml";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Built in.
    Default,
    /// A settings or run file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(&'static str),
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => formatter.write_str("default"),
            Origin::File { path, line } => write!(formatter, "{}:{line}", path.display()),
            Origin::Environment(name) => formatter.write_str(name),
            Origin::Flag => formatter.write_str("command line"),
        }
    }
}

/// A value with its origin.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Resolved<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it comes from.
    pub(crate) origin: Origin,
}

impl<T> Resolved<T> {
    /// Makes a value of the command line.
    pub(crate) fn flag(value: T) -> Resolved<T> {
        Resolved { value, origin: Origin::Flag }
    }
}

/// One line of the table of settings.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct SettingRow {
    setting: String,
    value: String,
    origin: String,
}

impl Tabular for SettingRow {
    const COLUMNS: &'static [Column] = &[words("setting"), words("value"), words("origin")];

    fn cells(&self) -> Vec<String> {
        vec![self.setting.clone(), self.value.clone(), self.origin.clone()]
    }
}

/// Declares the plain settings once: field, kind, key in files and name in the table.
macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident: $kind:ty = $key:literal,)*) => {
        /// A layer of settings, or the stack of all layers. `None` leaves a value to the layers below, in the end to
        /// the suite and the strategy.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub(crate) struct Settings {
            $($(#[$doc])* pub(crate) $field: Option<Resolved<$kind>>,)*
            /// The models by role.
            pub(crate) roles: BTreeMap<Role, Resolved<ModelSpec>>,
            /// Parameters of the strategy.
            pub(crate) parameters: BTreeMap<String, Resolved<toml::Value>>,
            /// Models that have a name.
            pub(crate) models: BTreeMap<String, Resolved<ModelSettings>>,
        }

        impl Settings {
            /// Keys of plain values in files.
            const KEYS: &'static [&'static str] = &[$($key),*];

            /// Lays this layer over a lower one.
            pub(crate) fn over(mut self, mut lower: Settings) -> Settings {
                $(self.$field = self.$field.or(lower.$field);)*
                lower.roles.append(&mut self.roles);
                lower.parameters.append(&mut self.parameters);
                lower.models.append(&mut self.models);
                Settings { roles: lower.roles, parameters: lower.parameters, models: lower.models, ..self }
            }

            /// Reads the plain value `key`; says whether there is such a key.
            fn read_plain(&mut self, key: &str, entry: &file::Entry<'_>) -> Result<bool, CliError> {
                match key {
                    $($key => self.$field = Some(entry.read::<$kind>()?),)*
                    _ => return Ok(false),
                }
                Ok(true)
            }

            fn plain_rows(&self) -> Vec<SettingRow> {
                let mut rows = Vec::new();
                $(if let Some(resolved) = &self.$field {
                    rows.push(SettingRow {
                        setting: $key.to_owned(),
                        value: resolved.value.show(),
                        origin: resolved.origin.to_string(),
                    });
                })*
                rows
            }
        }
    };
}

settings! {
    /// The suite, in a run file.
    suite: String = "suite",
    /// Which part of the suite.
    split: String = "split",
    /// Which wording of its statements.
    statements: String = "statements",
    /// The strategy's name.
    strategy: String = "strategy",
    /// Attempts an item.
    samples: NonZeroU32 = "samples",
    /// Items at most.
    limit: NonZeroU32 = "limit",
    /// Base seed.
    seed: u64 = "seed",
    /// Seed of the order of items; without it they keep the suite's order.
    shuffle_seed: u64 = "shuffle_seed",
    /// Sampling temperature.
    temperature: Temperature = "temperature",
    /// Mass kept by nucleus sampling.
    top_p: TopP = "top_p",
    /// New tokens of one call at most.
    max_tokens: NonZeroU32 = "max_tokens",
    /// Completion tokens of one attempt at most.
    budget_tokens: NonZeroU64 = "budget_tokens",
    /// Model calls of one attempt at most.
    budget_calls: NonZeroU64 = "budget_calls",
    /// Seconds of one attempt at most.
    budget_seconds: Seconds = "budget_seconds",
    /// Attempts at once.
    concurrency: NonZeroU32 = "concurrency",
    /// One attempt at a time, and local models that always decode in the same groups of tokens.
    deterministic: bool = "deterministic",
    /// The database.
    db: PathBuf = "db",
    /// The folder with the data sets.
    data: PathBuf = "data",
    /// A folder with prompt templates of the user's.
    prompts: PathBuf = "prompts",
    /// How results are written.
    format: Format = "format",
    /// How progress is shown.
    progress: ProgressMode = "progress",
    /// Whether to use colour.
    color: ColorMode = "color",
    /// The program `lean`.
    lean: PathBuf = "lean.program",
    /// The folder of the Lean project whose libraries are imported.
    lean_project: PathBuf = "lean.project",
    /// Lean workers at once.
    lean_workers: NonZeroU32 = "lean.workers",
    /// Seconds of one check at most.
    lean_deadline: Seconds = "lean.deadline_seconds",
    /// Memory of one worker at most, in MB.
    lean_memory: NonZeroU64 = "lean.memory_mb",
    /// When accepted proofs are judged again in a fresh process.
    recheck: RecheckMode = "lean.recheck",
    /// Whether a second kernel judges accepted proofs, and which.
    audit: AuditMode = "lean.audit",
    /// How workers are confined.
    sandbox: SandboxMode = "lean.sandbox",
    /// Whether to go on where workers cannot be confined.
    allow_unsandboxed: bool = "lean.allow_unsandboxed",
}

/// Tables and other keys of settings files beside the plain values.
const TABLE_KEYS: [&str; 4] = ["lean", "model", "models", "set"];

impl Settings {
    /// The built-in values.
    pub(crate) fn defaults() -> Settings {
        fn default<T>(value: T) -> Option<Resolved<T>> {
            Some(Resolved { value, origin: Origin::Default })
        }
        Settings {
            strategy: default("cot".to_owned()),
            samples: default(NonZeroU32::MIN),
            seed: default(0),
            db: default("stepproof.db".into()),
            data: default("data".into()),
            format: default(Format::Table),
            progress: default(ProgressMode::Auto),
            color: default(ColorMode::Auto),
            lean_deadline: default(Seconds(60.0)),
            recheck: default(RecheckMode::End),
            audit: default(AuditMode::Off),
            sandbox: default(SandboxMode::Auto),
            allow_unsandboxed: default(false),
            ..Settings::default()
        }
    }

    /// Reads the environment through `variable`.
    pub(crate) fn environment(variable: impl Fn(&str) -> Option<OsString>) -> Settings {
        let read = |name: &'static str| {
            // An empty variable counts as unset: that is how shells unset one for a single command.
            let text = variable(name).filter(|text| !text.is_empty())?;
            Some(Resolved { value: text.into(), origin: Origin::Environment(name) })
        };
        Settings {
            db: read("STEPPROOF_DB"),
            data: read("STEPPROOF_DATA"),
            lean: read("STEPPROOF_LEAN"),
            lean_project: read("STEPPROOF_LEAN_PROJECT"),
            ..Settings::default()
        }
    }

    /// Stacks all layers. `settings_file` must exist when named; without a name `stepproof.toml` may be absent.
    pub(crate) fn load(
        settings_file: Option<&Path>,
        run_file: Option<&Path>,
        variable: impl Fn(&str) -> Option<OsString>,
        flags: Settings,
    ) -> Result<Settings, CliError> {
        let settings = match settings_file {
            Some(path) => file::read(path)?,
            None if Path::new(SETTINGS_FILE).exists() => file::read(Path::new(SETTINGS_FILE))?,
            None => Settings::default(),
        };
        let run = run_file.map(file::read).transpose()?.unwrap_or_default();
        let environment = Settings::environment(variable);
        Ok(flags.over(environment).over(run).over(settings).over(Settings::defaults()))
    }

    /// Says whether the same tokens are wanted each time.
    pub(crate) fn is_deterministic(&self) -> bool {
        self.deterministic.as_ref().is_some_and(|deterministic| deterministic.value)
    }

    /// Gives the database's path.
    pub(crate) fn db(&self) -> &Path {
        self.db.as_ref().map_or(Path::new("stepproof.db"), |db| &db.value)
    }

    /// Gives the folder with the data sets.
    pub(crate) fn data(&self) -> &Path {
        self.data.as_ref().map_or(Path::new("data"), |data| &data.value)
    }

    /// Explains a model: a name is looked up, any other form stands for itself.
    pub(crate) fn model(&self, spec: &ModelSpec) -> Result<ModelSettings, CliError> {
        let name = match spec {
            ModelSpec::Local { path } => {
                return Ok(ModelSettings::Local(LocalSettings { path: path.clone(), ..LocalSettings::default() }));
            }
            ModelSpec::Remote { served, url } => {
                let (served, url) = (served.clone(), url.clone());
                return Ok(ModelSettings::Remote(RemoteSettings { served, url, ..RemoteSettings::default() }));
            }
            ModelSpec::Script { path } => return Ok(ModelSettings::Script { path: path.clone() }),
            ModelSpec::Named(name) => name,
        };
        self.models.get(name).map(|resolved| resolved.value.clone()).ok_or_else(|| {
            let known = self.models.keys().map(String::as_str);
            let hint = match nearest(name, known) {
                Some(known) => format!("did you mean {known:?}?"),
                None => format!("write local:PATH or openai:SERVED@URL, or add [models.{name}] to {SETTINGS_FILE}"),
            };
            CliError::new(Exit::BadInput, format!("find the model {name:?} in the settings")).hint(hint)
        })
    }

    /// Lists every value with its origin.
    pub(crate) fn rows(&self) -> Vec<SettingRow> {
        let mut rows = self.plain_rows();
        let row =
            |setting: String, value: String, origin: &Origin| SettingRow { setting, value, origin: origin.to_string() };
        rows.extend(
            self.roles
                .iter()
                .map(|(role, spec)| row(format!("model.{}", role.name()), spec.value.show(), &spec.origin)),
        );
        rows.extend(
            self.parameters.iter().map(|(key, set)| row(format!("set.{key}"), set.value.to_string(), &set.origin)),
        );
        rows.extend(
            self.models
                .iter()
                .map(|(name, model)| row(format!("models.{name}"), model.value.to_string(), &model.origin)),
        );
        rows
    }
}

#[cfg(test)]
mod tests;
