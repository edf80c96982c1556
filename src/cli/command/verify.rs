//! `verify`: has Lean judge proofs, one by one or a file of them, and says which declarations of a file compile.

mod batch;
mod files;
mod single;
mod statement;
pub(crate) mod text;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use stepproof::verify::lean::CandidateKind;

use super::Session;
use crate::cli::args::{DbArg, FormatArg, LeanArgs, ProgressArg};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;

pub(crate) use batch::BatchReport;
pub(crate) use batch::line::{VerifyIn, VerifyOut};
pub(crate) use files::FileReport;
pub(crate) use single::ProofReport;

/// Have Lean judge proofs of trusted statements, or say which declarations of files compile
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
                        stepproof verify --statement S.lean --proof P.lean\n  \
                        stepproof verify --batch STEPS.jsonl --out VERDICTS.jsonl\n  \
                        stepproof verify FILE.lean\n\n\
                        A statement is Lean text that ends in a theorem with `:= by sorry`. Lines of a batch have id,\n\
                        header (optional), formal_statement, candidate and kind (tactics, file, reply), or id and steps,\n\
                        a list of such objects: `stepproof schema verify-in` and `verify-line` tell the fields. A batch\n\
                        that was stopped goes on with the same command; its verdicts stand in the database too:\n\
                        `stepproof traces --class timeout`.\n\n\
                        Exit codes: 0 every proof is accepted, every file compiles; 1 at least one does not; 2 a file or\n\
                        a line cannot be used, or the trusted statement does not compile; 3 there is no usable Lean, or\n\
                        an import is not there; 5 no judgement was reached on some.")]
pub(crate) struct VerifyArgs {
    /// Say which declarations of these files compile; no trusted statement is given, so nothing is proved [default:
    /// none]
    #[arg(value_name = "FILE", conflicts_with_all = ["statement", "batch"], required_unless_present_any = ["statement", "batch"])]
    files: Vec<PathBuf>,
    /// Judge a proof of the theorem in FILE, which ends in `:= by sorry` [default: none]
    #[arg(long, value_name = "FILE", requires = "proof", conflicts_with = "batch")]
    statement: Option<PathBuf>,
    /// The proof to be judged [default: none]
    #[arg(long, value_name = "FILE", requires = "statement")]
    proof: Option<PathBuf>,
    /// What the proof's text is: tactics under the theorem's `by`, a whole file, or a model's reply [default: file]
    #[arg(long, value_name = "KIND", requires = "proof")]
    kind: Option<Kind>,
    /// Judge the proofs of a file of JSON lines, and go on where an earlier sitting was stopped [default: none]
    #[arg(long, value_name = "FILE", requires = "out")]
    batch: Option<PathBuf>,
    /// Write the verdicts of a batch to FILE, a line for each line, in the same order [default: none]
    #[arg(long, value_name = "FILE", requires = "batch")]
    out: Option<PathBuf>,
    /// Write verdicts that do not fit the batch any more anew
    #[arg(long, requires = "batch")]
    rewrite: bool,
    /// Judge these lines of a batch again [default: none]
    #[arg(long, value_name = "WHICH", requires = "batch")]
    retry: Option<Retry>,
    /// Keep the batch as another run, even if the database holds one of the same description
    #[arg(long, requires = "batch")]
    fresh: bool,
    #[command(flatten)]
    lean: LeanArgs,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
    #[command(flatten)]
    progress: ProgressArg,
}

/// What a proof's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Tactics.
    Tactics,
    /// A whole file.
    File,
    /// A model's reply.
    Reply,
}

impl Kind {
    fn of(self) -> CandidateKind {
        match self {
            Kind::Tactics => CandidateKind::Tactics,
            Kind::File => CandidateKind::File,
            Kind::Reply => CandidateKind::Reply,
        }
    }
}

/// Lines to be judged again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Retry {
    /// Those that no judgement was reached on for reasons of the surroundings.
    Failed,
}

impl VerifyArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.lean.lay(&mut layer);
        self.db.lay(&mut layer);
        self.format.lay(&mut layer);
        self.progress.lay(&mut layer);
        layer
    }
}

/// Runs the command.
pub(super) fn run(args: &VerifyArgs, session: &mut Session) -> Result<Exit, CliError> {
    if let (Some(batch), Some(out)) = (&args.batch, &args.out) {
        return batch::run(args, batch, out, session);
    }
    if let (Some(statement), Some(proof)) = (&args.statement, &args.proof) {
        return single::run(statement, proof, args.kind.unwrap_or(Kind::File), session);
    }
    files::run(&args.files, session)
}
