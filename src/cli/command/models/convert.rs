//! `models convert-embedder`: makes a GGUF file of an embedder as its authors publish it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::model::convert::{ConvertSpec, convert_embedder};
use stepproof::model::gguf::write::TensorKind;

use crate::cli::args::FormatArg;
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::bytes;

/// Make a GGUF file of a BERT embedder: model.safetensors, config.json, and vocab.txt or tokenizer.json
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  stepproof models convert-embedder models/all-MiniLM-L6-v2 -o models/minilm.gguf\n\n\
                        scripts/get-embedder.sh gets that folder. The result is used as a model of the role embedder:\n\
                        --model embedder=local:models/minilm.gguf"
)]
pub(crate) struct ConvertArgs {
    /// The folder, or the .safetensors file in it
    #[arg(value_name = "FOLDER")]
    source: PathBuf,
    /// Write the GGUF file OUT
    #[arg(short, long, required = true, value_name = "OUT")]
    output: PathBuf,
    /// Store matrices as f16 or f32 [default: f16, half the size and as good]
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<Kind>,
    /// Replace OUT if it is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub(super) format: FormatArg,
}

/// How matrices are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// 2 bytes a number.
    F16,
    /// 4 bytes a number.
    F32,
}

/// What was converted.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConvertReport {
    /// Version of this form.
    schema: u32,
    /// The file that was written.
    path: String,
    /// Its size.
    file_bytes: u64,
    /// How matrices are stored.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Weights of all tensors.
    parameters: u64,
    /// Tensors in the file.
    tensors: usize,
    /// Layers.
    layers: u64,
    /// Numbers in a vector.
    embedding_length: u64,
    /// Longest text.
    context_tokens: u64,
    /// Entries of the vocabulary.
    vocabulary_size: usize,
}

/// Runs the command.
pub(super) fn run(args: &ConvertArgs, session: &mut Session) -> Result<Exit, CliError> {
    let kind = match args.kind.unwrap_or(Kind::F16) {
        Kind::F16 => TensorKind::F16,
        Kind::F32 => TensorKind::F32,
    };
    let spec = ConvertSpec { source: args.source.clone(), output: args.output.clone(), kind, replace: args.force };
    let converted = convert_embedder(&spec).map_err(|error| {
        let is_there = !args.force && args.output.symlink_metadata().is_ok();
        CliError::from(error).hint_if(is_there.then(|| "--force replaces it".to_owned()))
    })?;
    let report = ConvertReport {
        schema: 1,
        path: args.output.display().to_string(),
        file_bytes: converted.file_bytes,
        kind: kind.name(),
        parameters: converted.parameters,
        tensors: converted.tensors,
        layers: converted.layers,
        embedding_length: converted.width,
        context_tokens: converted.context,
        vocabulary_size: converted.vocabulary,
    };
    let lines = [
        ("file", format!("{} ({}, {})", report.path, bytes(report.file_bytes), report.kind)),
        ("vectors", format!("{} numbers, texts of up to {} tokens", report.embedding_length, report.context_tokens)),
        ("model", format!("{} layers, {} tensors, {} weights", report.layers, report.tensors, report.parameters)),
        ("next", format!("stepproof models check local:{}", report.path)),
    ];
    session.output.record(&report, &lines)?;
    Ok(Exit::Done)
}
