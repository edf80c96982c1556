//! `completions`: completion scripts for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Session;
use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Print a script that completes stepproof's commands and flags in a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof completions bash > ~/.local/share/bash-completion/completions/stepproof")]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs, session: &mut Session) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "stepproof", &mut script);
    session.output.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
