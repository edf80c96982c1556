//! Opens what the settings name: models and the database.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stepproof::model::remote::{RemoteModel, RemoteSettings as Driver, Secret};
use stepproof::model::{LanguageModel, Models, ScriptedModel};
use stepproof::store::{OpenMode, SqlLimits, Store, StoreError};
use stepproof::trace::Role;

use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::short::ShortIds;
use crate::cli::settings::{LocalSettings, ModelSettings, RemoteSettings, Settings};

/// Works on a database that is there, and closes it whatever came of it, so that no side file is left.
///
/// # Errors
/// There is no database or it cannot be opened as wanted; or the work's own.
pub(crate) fn with_store<T>(
    settings: &Settings,
    mode: OpenMode,
    work: impl AsyncFnOnce(&Store) -> Result<T, CliError>,
) -> Result<T, CliError> {
    Session::block_on(async {
        let path = settings.db();
        // Opened to write, a missing file would be made: only `eval` has something to put into it.
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_path_buf() }.into());
        }
        let store = Store::open(path, mode).await?;
        let done = work(&store).await;
        store.close().await;
        done
    })
}

/// Finds short names for all runs of a database.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn short_ids(store: &Store) -> Result<ShortIds, CliError> {
    let rows = own_sql(store, "SELECT run_id FROM run").await?;
    Ok(ShortIds::new(rows.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned))))
}

/// Asks a question of our own in SQL.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn own_sql(store: &Store, text: &str) -> Result<Vec<Vec<serde_json::Value>>, CliError> {
    let mut answer = store.sql(text, SqlLimits { time: Duration::MAX, rows: usize::MAX }).await?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next().await {
        rows.push(row?);
    }
    Ok(rows)
}

/// Opens every model that a role names; `main` must be among them.
///
/// # Errors
/// No model is named, or one cannot be opened.
pub(crate) async fn models(settings: &Settings) -> Result<Models, CliError> {
    if !settings.roles.contains_key(&Role::Main) {
        return Err(CliError::new(Exit::BadInput, "choose a model: none is given")
            .hint("--model local:models/SmolLM2-135M-Instruct-Q4_1.gguf (scripts/get-model.sh gets that file)")
            .hint("--model openai:SERVED@http://localhost:8080/v1"));
    }
    let mut models = Models::default();
    let mut opened: Vec<(ModelSettings, Arc<dyn LanguageModel>)> = Vec::new();
    for (role, spec) in &settings.roles {
        let mut wanted = settings.model(&spec.value)?;
        if let ModelSettings::Local(local) = &mut wanted {
            local.deterministic |= settings.is_deterministic();
        }
        // Two roles may share one model: weights are loaded once.
        let there = opened.iter().find(|(other, _)| *other == wanted).map(|(_, model)| Arc::clone(model));
        let model = match there {
            Some(model) => model,
            None => open(&wanted).await?,
        };
        opened.push((wanted, Arc::clone(&model)));
        models.insert(*role, model);
    }
    Ok(models)
}

/// Opens one model.
///
/// # Errors
/// File, server or key are missing or wrong.
pub(crate) async fn open(settings: &ModelSettings) -> Result<Arc<dyn LanguageModel>, CliError> {
    Ok(match settings {
        ModelSettings::Script { path } => Arc::new(ScriptedModel::open(path)?),
        ModelSettings::Remote(remote) => Arc::new(RemoteModel::connect(driver_settings(remote)?).await?),
        ModelSettings::Local(local) => open_local(local.clone()).await?,
    })
}

/// Gives a server's settings as its driver wants them: keys out of the environment, files read.
///
/// # Errors
/// A variable is not set, or a file cannot be read.
pub(crate) fn driver_settings(remote: &RemoteSettings) -> Result<Driver, CliError> {
    let mut driver = Driver::new(remote.served.clone(), remote.url.clone());
    driver.key = remote.key_env.as_deref().map(variable).transpose()?.map(Secret::new);
    driver.context = remote.context.map(u32::from);
    driver.headers = remote.headers.clone().into_iter().collect();
    for (header, name) in &remote.headers_env {
        driver.headers.push((header.clone(), variable(name)?));
    }
    if let Some(concurrency) = remote.concurrency {
        driver.concurrency = usize::try_from(concurrency.get()).unwrap_or(usize::MAX);
    }
    driver.requests_per_minute = remote.requests_per_minute.map(u32::from);
    driver.chat_template = remote.chat_template.as_deref().map(template).transpose()?;
    driver.thinking = remote.thinking;
    Ok(driver)
}

fn variable(name: &str) -> Result<String, CliError> {
    std::env::var(name).map_err(|_| {
        CliError::new(Exit::Missing, format!("read the key: the environment variable {name} is not set"))
            .hint(format!("export {name}=…"))
    })
}

fn template(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|error| {
        CliError::new(Exit::BadInput, format!("read the chat template {}", path.display())).because(error)
    })
}

#[cfg(feature = "local")]
async fn open_local(settings: LocalSettings) -> Result<Arc<dyn LanguageModel>, CliError> {
    use stepproof::model::local;
    let driver = local::LocalSettings {
        path: settings.path,
        name: None,
        context: settings.context.map(u32::from),
        cells: settings.cells.map(u32::from),
        sequences: settings.sequences.map(u32::from),
        outside_mb: settings.outside_mb.map(u32::from),
        deterministic: settings.deterministic,
        gpu_layers: settings.gpu_layers.unwrap_or(0),
        threads: settings.threads.map(u32::from),
        chat_template: settings.chat_template.as_deref().map(template).transpose()?,
    };
    let opened = tokio::task::spawn_blocking(move || local::open(driver)).await;
    Ok(opened.map_err(|error| CliError::new(Exit::Defect, "load the model").because(error))??)
}

#[cfg(not(feature = "local"))]
async fn open_local(settings: LocalSettings) -> Result<Arc<dyn LanguageModel>, CliError> {
    Err(CliError::new(Exit::Missing, format!("run {}: this build has no llama.cpp", settings.path.display()))
        .hint("build with the feature local: cargo build --release --features local"))
}
