//! `lean`: what Lean is here, and what it says at a place of a file.

mod doctor;
mod goals;

use clap::{Args, Subcommand};

use super::Session;
use crate::cli::args::{FormatArg, LeanArgs};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::Settings;

pub(crate) use doctor::{LeanReport, check};
pub(crate) use goals::GoalsReport;

/// Look at the Lean that judges, and ask it for goals
#[derive(Debug, Subcommand)]
#[command(after_help = "Example:\n  stepproof lean doctor")]
pub(crate) enum LeanCommand {
    Doctor(LeanDoctorArgs),
    Goals(goals::GoalsArgs),
}

/// Find Lean, its version, libraries and sandbox, time it, and show the line that mends what is missing
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof lean doctor --lean lean-core/bin/lean --format json\n\n\
                        Ends with exit code 3 where there is no usable Lean.")]
pub(crate) struct LeanDoctorArgs {
    #[command(flatten)]
    lean: LeanArgs,
    #[command(flatten)]
    format: FormatArg,
}

impl LeanCommand {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        match self {
            LeanCommand::Doctor(args) => {
                args.lean.lay(&mut layer);
                args.format.lay(&mut layer);
            }
            LeanCommand::Goals(args) => {
                args.lean.lay(&mut layer);
                args.format.lay(&mut layer);
            }
        }
        layer
    }
}

/// Runs the command.
pub(super) fn run(command: &LeanCommand, session: &mut Session) -> Result<Exit, CliError> {
    match command {
        LeanCommand::Doctor(_) => doctor::run(session),
        LeanCommand::Goals(args) => goals::run(args, session),
    }
}
