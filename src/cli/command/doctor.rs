//! `doctor`: what is there, what is missing, and the line that mends it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::Session;
use super::lean;
use super::models::{self, MODELS_FOLDER};
use crate::cli::args::{DataArg, DbArg, FormatArg};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::render::{bytes, escape_line};
use crate::cli::settings::{Origin, SETTINGS_FILE, Settings};

mod machine;

pub(crate) use machine::memory_bytes;

/// Show what is there, what is missing, and the line that mends it
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof doctor --format json")]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    data: DataArg,
    #[command(flatten)]
    format: FormatArg,
}

impl DoctorArgs {
    /// Gives the flags as a layer of settings.
    pub(super) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.data.lay(&mut layer);
        self.format.lay(&mut layer);
        layer
    }
}

/// What doctor found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DoctorReport {
    /// Version of this form.
    schema: u32,
    /// The program's version.
    version: &'static str,
    /// Features that were compiled in.
    features: Vec<&'static str>,
    /// Processor cores that the process may use.
    cores: usize,
    /// Memory of the machine, where known.
    memory_bytes: Option<u64>,
    /// Free space beside the database, where known.
    disk_free_bytes: Option<u64>,
    /// llama.cpp in this program; null in a build without local models.
    llama_cpp: Option<Llama>,
    /// The suites that are compiled in.
    suites: Vec<SuiteReport>,
    /// Everything that was looked at.
    checks: Vec<Check>,
}

/// llama.cpp as it was built.
#[derive(Debug, Serialize, JsonSchema)]
struct Llama {
    /// Instructions and back ends that it uses, in its own words.
    system_info: String,
    /// What it can compute on.
    devices: Vec<String>,
}

/// A suite and its data.
#[derive(Debug, Serialize, JsonSchema)]
struct SuiteReport {
    /// Its name on the command line.
    name: String,
    /// What it is.
    title: String,
    /// Problems in it, where known.
    problems: Option<usize>,
    /// Its file in the data folder; null where the problems are compiled in.
    file: Option<String>,
    /// Whether its problems are there.
    there: bool,
    /// Where users get the file.
    obtain: Option<String>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, JsonSchema)]
struct Check {
    name: &'static str,
    state: State,
    /// What was found.
    detail: String,
    /// A line that mends it.
    mend: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum State {
    /// There.
    Ok,
    /// Not there; only what needs it is held up.
    Absent,
    /// Wrong; no run can work before it is mended.
    Broken,
}

fn ok(name: &'static str, detail: impl Into<String>) -> Check {
    Check { name, state: State::Ok, detail: detail.into(), mend: None }
}

fn trouble(name: &'static str, state: State, detail: impl Into<String>, mend: impl Into<String>) -> Check {
    Check { name, state, detail: detail.into(), mend: Some(mend.into()) }
}

/// Looks at everything and reports it. The end is [`Exit::Missing`] when something is broken.
pub(super) fn run(session: &mut Session, settings_error: Option<&CliError>) -> Result<Exit, CliError> {
    let settings = &session.settings;
    let folder = folder_of(settings.db());
    let suites = suites(settings.data());
    let report = DoctorReport {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        features: features(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_bytes: machine::memory_bytes(),
        disk_free_bytes: machine::disk_free_bytes(&folder),
        llama_cpp: llama(),
        checks: vec![
            check_settings(settings_error),
            check_database(settings.db()),
            check_data(settings.data(), settings.data.as_ref().is_some_and(|data| data.origin != Origin::Default)),
            check_suites(&suites, settings.data()),
            check_models(settings),
            check_lean(settings),
            check_certificates(),
            check_python(),
        ],
        suites,
    };
    let broken = report.checks.iter().any(|check| check.state == State::Broken);
    match session.output.format() {
        Format::Table => session.output.text(&text(&report))?,
        Format::Json | Format::Jsonl => session.output.record(&report, &[])?,
    }
    Ok(if broken { Exit::Missing } else { Exit::Done })
}

fn features() -> Vec<&'static str> {
    let all = [
        ("local", cfg!(feature = "local")),
        ("cuda", cfg!(feature = "cuda")),
        ("vulkan", cfg!(feature = "vulkan")),
        ("metal", cfg!(feature = "metal")),
        ("dynamic-backends", cfg!(feature = "dynamic-backends")),
    ];
    all.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

fn text(report: &DoctorReport) -> String {
    let mut text = format!("stepproof {}\n", report.version);
    let known = |amount: Option<u64>| amount.map_or("unknown".to_owned(), bytes);
    let features = if report.features.is_empty() { "none".to_owned() } else { report.features.join(", ") };
    let facts = [
        ("features", features),
        ("cores", report.cores.to_string()),
        ("memory", known(report.memory_bytes)),
        ("free disk", known(report.disk_free_bytes)),
    ];
    let llama = report.llama_cpp.iter().flat_map(|llama| {
        let devices = llama.devices.iter().map(|device| ("device", device.clone()));
        std::iter::once(("llama.cpp", llama.system_info.clone())).chain(devices)
    });
    // Writing to a String cannot fail.
    for (name, value) in facts.into_iter().chain(llama) {
        let _ = writeln!(text, "        {name:<13} {}", escape_line(&value));
    }
    for check in &report.checks {
        let state = match check.state {
            State::Ok => "ok",
            State::Absent => "absent",
            State::Broken => "BROKEN",
        };
        let _ = writeln!(text, "{state:<7} {:<13} {}", check.name, escape_line(&check.detail));
        if let Some(mend) = &check.mend {
            let _ = writeln!(text, "        {:<13} to mend: {}", "", escape_line(mend));
        }
    }
    text
}

fn check_settings(error: Option<&CliError>) -> Check {
    match error {
        Some(error) => {
            let lines: Vec<String> = error.lines().into_iter().map(|(_, line)| line).collect();
            trouble("settings", State::Broken, lines.join("; "), "correct that line")
        }
        None if Path::new(SETTINGS_FILE).exists() => ok("settings", format!("{SETTINGS_FILE} is read")),
        None => ok("settings", format!("no {SETTINGS_FILE} here: built-in values")),
    }
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn check_database(path: &Path) -> Check {
    let (name, shown) = ("database", path.display());
    let elsewhere = "name another file by --db or STEPPROOF_DB";
    if path.is_dir() {
        return trouble(name, State::Broken, format!("{shown} is a folder"), elsewhere);
    }
    if path.exists() {
        return match machine::begins_with(path, b"SQLite format 3\0") {
            Err(error) => trouble(name, State::Broken, format!("{shown} cannot be read: {error}"), elsewhere),
            Ok(false) => trouble(name, State::Broken, format!("{shown} is no SQLite database"), elsewhere),
            Ok(true) if !machine::is_writable(path) || !machine::is_writable(&folder_of(path)) => {
                trouble(name, State::Broken, format!("{shown} cannot be written to"), elsewhere)
            }
            Ok(true) => ok(name, format!("{shown} is there")),
        };
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        let mend = format!("mkdir -p {}", folder.display());
        return trouble(name, State::Broken, format!("the folder of {shown} is not there"), mend);
    }
    if machine::is_writable(&folder) {
        ok(name, format!("{shown} will be made by the first run"))
    } else {
        trouble(name, State::Broken, format!("{} cannot be written to", folder.display()), elsewhere)
    }
}

fn check_data(folder: &Path, chosen: bool) -> Check {
    let mend = "put the data sets into a folder and name it by --data or STEPPROOF_DATA; suites of your own need none";
    if folder.is_dir() {
        ok("data", format!("{} is there", folder.display()))
    } else {
        let state = if chosen { State::Broken } else { State::Absent };
        trouble("data", state, format!("{} is not there", folder.display()), mend)
    }
}

fn suites(data: &Path) -> Vec<SuiteReport> {
    let report = |suite: stepproof::suite::SuiteInfo| SuiteReport {
        there: suite.file.as_ref().is_none_or(|file| data.join(file).is_file()),
        name: suite.name,
        title: suite.title,
        problems: suite.problems,
        file: suite.file,
        obtain: suite.obtain,
    };
    stepproof::suite::list().into_iter().map(report).collect()
}

/// Some suites are compiled in, so there is always one; an absent file holds up its own suite only.
fn check_suites(suites: &[SuiteReport], data: &Path) -> Check {
    let names = |there: bool| -> Vec<&str> {
        suites.iter().filter(|suite| suite.there == there).map(|suite| suite.name.as_str()).collect()
    };
    let mut detail = format!("{} can run", names(true).join(", "));
    let absent = names(false);
    if !absent.is_empty() {
        detail.push_str(&format!("; {} have no file in {}", absent.join(", "), data.display()));
    }
    ok("suites", detail)
}

#[cfg(feature = "local")]
fn llama() -> Option<Llama> {
    use stepproof::model::local::{devices, system_info};
    Some(Llama { system_info: system_info(), devices: devices() })
}

#[cfg(not(feature = "local"))]
fn llama() -> Option<Llama> {
    None
}

fn check_models(settings: &Settings) -> Check {
    let name = "models";
    let models = match models::list(settings) {
        Ok(models) => models,
        Err(error) => {
            let lines: Vec<String> = error.lines().into_iter().map(|(_, line)| line).collect();
            return trouble(name, State::Absent, lines.join("; "), "make the folder readable");
        }
    };
    let usable = models.iter().filter(|model| model.is_usable()).count();
    if usable > 0 {
        return ok(name, format!("{usable} usable of {} (stepproof models list)", models.len()));
    }
    let detail = format!("no model in ./{MODELS_FOLDER} or the settings can be used");
    trouble(name, State::Absent, detail, "in the source folder type make model, or put a GGUF file into ./models")
}

/// Only proofs need Lean.
fn check_lean(settings: &Settings) -> Check {
    match lean::check(settings) {
        Ok(detail) => ok("lean", detail),
        Err((detail, mend)) => trouble("lean", State::Absent, detail, mend),
    }
}

/// HTTPS needs the certificates of the system.
fn check_certificates() -> Check {
    let name = "certificates";
    let files = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    if !cfg!(target_os = "linux") {
        return ok(name, "kept by the system");
    }
    match named.into_iter().chain(files.map(PathBuf::from)).find(|file| file.is_file()) {
        Some(file) => ok(name, file.display().to_string()),
        None => trouble(
            name,
            State::Absent,
            "no system certificates: HTTPS servers cannot be reached",
            "apt-get install ca-certificates",
        ),
    }
}

/// Only the script that gets the default model needs Python.
fn check_python() -> Check {
    let found = std::env::var_os("PATH")
        .and_then(|path| std::env::split_paths(&path).map(|folder| folder.join("python3")).find(|file| file.is_file()));
    match found {
        Some(file) => ok("python3", file.display().to_string()),
        None => trouble(
            "python3",
            State::Absent,
            "not in PATH: make model cannot get the default model",
            "apt-get install python3 python3-pip",
        ),
    }
}
