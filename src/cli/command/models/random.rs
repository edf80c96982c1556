//! `models write-random`: a model file of any size with random weights, for speed figures on machines without models.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use stepproof::model::gguf::random::{CHAT_TEMPLATE, RandomArchitecture, RandomSpec};
use stepproof::model::gguf::read_header;
use stepproof::model::gguf::write::TensorKind;

use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::bytes;

/// Write a GGUF file with random weights: it writes noise, at the speed of a real model of its size
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  stepproof models write-random --layers 24 --width 896 --heads 14 --kv-heads 2 --type q8_0 \
                        noise.gguf"
)]
pub(crate) struct RandomArgs {
    /// The file to write; one that is there is replaced
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// Build it like this [default: llama]
    #[arg(long, value_name = "NAME")]
    architecture: Option<Architecture>,
    /// Give it N layers [default: 2]
    #[arg(long, value_name = "N")]
    layers: Option<u32>,
    /// Make its hidden state N wide [default: 64]
    #[arg(long, value_name = "N")]
    width: Option<u32>,
    /// Give it N heads [default: 4]
    #[arg(long, value_name = "N")]
    heads: Option<u32>,
    /// Give it N heads for keys and values [default: 2]
    #[arg(long, value_name = "N")]
    kv_heads: Option<u32>,
    /// Make its feed-forward layers N wide [default: 128]
    #[arg(long, value_name = "N")]
    feed_forward: Option<u32>,
    /// Let it claim a context of N tokens [default: 2048]
    #[arg(long, value_name = "N")]
    context: Option<u32>,
    /// Give it a vocabulary of N entries [default: 300]
    #[arg(long, value_name = "N")]
    vocabulary: Option<u32>,
    /// Let every other layer of a gemma3 see N tokens [default: 512]
    #[arg(long, value_name = "N")]
    window: Option<u32>,
    /// Store matrices in this kind [default: f32]
    #[arg(long = "type", value_name = "KIND")]
    kind: Option<Kind>,
    /// Draw the weights from this seed [default: 1]
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Give it a chat template
    #[arg(long)]
    chat: bool,
}

/// What a random model is built like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Architecture {
    /// Attention to the whole context.
    Llama,
    /// Attention to a sliding window in every other layer.
    Gemma3,
    /// Recurrent.
    Mamba,
    /// Recurrent and attention layers in turn.
    Jamba,
    /// An embedder.
    Bert,
}

/// How matrices are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Kind {
    F32,
    F16,
    Q4_0,
    Q8_0,
}

/// Runs the command.
pub(super) fn run(args: &RandomArgs, session: &mut Session) -> Result<Exit, CliError> {
    let architecture = match args.architecture.unwrap_or(Architecture::Llama) {
        Architecture::Llama => RandomArchitecture::Llama,
        Architecture::Gemma3 => RandomArchitecture::Gemma3 { window: args.window.unwrap_or(512) },
        Architecture::Mamba => RandomArchitecture::Mamba,
        Architecture::Jamba => RandomArchitecture::Jamba,
        Architecture::Bert => RandomArchitecture::Bert,
    };
    let tiny = RandomSpec::tiny(architecture);
    let spec = RandomSpec {
        architecture,
        layers: args.layers.unwrap_or(tiny.layers),
        width: args.width.unwrap_or(tiny.width),
        heads: args.heads.unwrap_or(tiny.heads),
        kv_heads: args.kv_heads.unwrap_or(tiny.kv_heads),
        feed_forward: args.feed_forward.unwrap_or(tiny.feed_forward),
        context: args.context.unwrap_or(tiny.context),
        vocabulary: args.vocabulary.unwrap_or(tiny.vocabulary),
        kind: match args.kind {
            None | Some(Kind::F32) => TensorKind::F32,
            Some(Kind::F16) => TensorKind::F16,
            Some(Kind::Q4_0) => TensorKind::Q4_0,
            Some(Kind::Q8_0) => TensorKind::Q8_0,
        },
        chat_template: args.chat.then(|| CHAT_TEMPLATE.to_owned()),
        seed: args.seed.unwrap_or(tiny.seed),
    };
    spec.write(&args.path)?;
    let info = read_header(&args.path)?;
    let size = bytes(info.file_bytes);
    session.stderr.line(&format!("{} holds {} random weights in {size}", args.path.display(), info.parameter_count));
    Ok(Exit::Done)
}
