//! `schema`: JSON Schemas of everything that stepproof writes as JSON.

use clap::Args;
use schemars::Schema;
use serde::Serialize;
use stepproof::answer::json::{GradeIn, GradeOut};
use stepproof::name::nearest;
use stepproof::report::json::EvalSummary;
use stepproof::store::ExportRow;

use super::Session;
use super::bench::{GraderBench, LeanBench, ModelBench, RecordingBench, StoreBench};
use super::doctor::DoctorReport;
use super::eval::DryRun;
use super::lean::{GoalsReport, LeanReport};
use super::models::{CheckReport, ConvertReport, InspectReport, ListedModel};
use super::regrade::RegradeReport;
use super::runs::ListedRun;
use super::show::{ShownItem, ShownRun};
use super::solve::Solved;
use super::sql::ListedView;
use super::traces::{FoundAttempt, FoundStep};
use super::verify::{BatchReport, FileReport, ProofReport, VerifyIn, VerifyOut};
use crate::cli::args::FormatArg;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::table::{Column, Tabular, words};
use crate::cli::settings::Settings;

/// Print the JSON Schema of a kind of output, or of what grade reads
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof schema doctor")]
pub(crate) struct SchemaArgs {
    /// The schema's name, as in --list
    #[arg(required_unless_present = "list")]
    name: Option<String>,
    /// List the names
    #[arg(long, conflicts_with = "name")]
    list: bool,
    #[command(flatten)]
    format: FormatArg,
}

impl SchemaArgs {
    /// Gives the flags as a layer of settings.
    pub(super) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.format.lay(&mut layer);
        layer
    }
}

/// A kind of output and its schema.
#[derive(Clone, Copy)]
struct Known {
    name: &'static str,
    about: &'static str,
    schema: fn() -> Schema,
}

const fn known(name: &'static str, about: &'static str, schema: fn() -> Schema) -> Known {
    Known { name, about, schema }
}

const SCHEMAS: &[Known] = &[
    known("bench-grader", "the report of bench grader", || schemars::schema_for!(GraderBench)),
    known("bench-lean", "the report of bench lean", || schemars::schema_for!(LeanBench)),
    known("bench-model", "the report of bench model", || schemars::schema_for!(ModelBench)),
    known("bench-recording", "the report of bench recording", || schemars::schema_for!(RecordingBench)),
    known("bench-store", "the report of bench store", || schemars::schema_for!(StoreBench)),
    known("doctor", "the report of doctor", || schemars::schema_for!(DoctorReport)),
    known("eval-dry-run", "the report of eval --dry-run", || schemars::schema_for!(DryRun)),
    known("eval-summary", "the figures that eval and show give", || schemars::schema_for!(EvalSummary)),
    known("export", "one line of an export as JSON lines", || schemars::schema_for!(ExportRow<'static>)),
    known("grade-in", "one line that grade reads", || schemars::schema_for!(GradeIn)),
    known("grade-out", "one line that grade writes", || schemars::schema_for!(GradeOut)),
    known("lean-doctor", "the report of lean doctor", || schemars::schema_for!(LeanReport)),
    known("lean-goals", "the report of lean goals", || schemars::schema_for!(GoalsReport)),
    known("models-check", "the report of models check", || schemars::schema_for!(CheckReport)),
    known("models-convert-embedder", "the report of models convert-embedder", || schemars::schema_for!(ConvertReport)),
    known("models-inspect", "the report of models inspect", || schemars::schema_for!(InspectReport)),
    known("models-list", "one model of models list", || schemars::schema_for!(ListedModel)),
    known("regrade", "the report of regrade", || schemars::schema_for!(RegradeReport)),
    known("runs", "one run of runs", || schemars::schema_for!(ListedRun)),
    known("show-item", "show RUN ITEM", || schemars::schema_for!(ShownItem)),
    known("show-run", "show RUN", || schemars::schema_for!(ShownRun)),
    known("solve", "what came of solve", || schemars::schema_for!(Solved)),
    known("sql-views", "one view of sql --views", || schemars::schema_for!(ListedView)),
    known("traces", "one attempt of traces", || schemars::schema_for!(FoundAttempt)),
    known("traces-steps", "one step of traces --steps", || schemars::schema_for!(FoundStep)),
    known("verify", "the verdict of verify on one proof", || schemars::schema_for!(ProofReport)),
    known("verify-batch", "the report of verify --batch", || schemars::schema_for!(BatchReport)),
    known("verify-file", "what verify says of one file", || schemars::schema_for!(FileReport)),
    known("verify-in", "one line that verify --batch reads", || schemars::schema_for!(VerifyIn)),
    known("verify-line", "one line that verify --batch writes", || schemars::schema_for!(VerifyOut)),
];

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    about: &'static str,
}

impl Tabular for Listed {
    const COLUMNS: &'static [Column] = &[words("name"), words("what it describes")];

    fn cells(&self) -> Vec<String> {
        vec![self.name.to_owned(), self.about.to_owned()]
    }
}

/// Prints a schema, or the names of all.
pub(super) fn run(args: &SchemaArgs, session: &mut Session) -> Result<Exit, CliError> {
    let Some(name) = &args.name else {
        session.output.records(SCHEMAS.iter().map(|known| Listed { name: known.name, about: known.about }))?;
        return Ok(Exit::Done);
    };
    let Some(known) = SCHEMAS.iter().find(|known| known.name == name) else {
        let hint = match nearest(name, SCHEMAS.iter().map(|known| known.name)) {
            Some(known) => format!("did you mean {known:?}?"),
            None => "stepproof schema --list shows the names".to_owned(),
        };
        return Err(CliError::new(Exit::BadInput, format!("find the schema {name:?}")).hint(hint));
    };
    session.output.document(&(known.schema)())?;
    Ok(Exit::Done)
}
