//! `man`: the manual page, made of the command line's own help.

use clap::{Args, CommandFactory};

use super::Session;
use crate::cli::args::Cli;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Print the manual page of stepproof or of one of its commands
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof man | man -l -")]
pub(crate) struct ManArgs {
    /// The command, such as `models list` [default: stepproof itself]
    #[arg(value_name = "COMMAND")]
    path: Vec<String>,
}

/// Prints the page.
pub(super) fn run(args: &ManArgs, session: &mut Session) -> Result<Exit, CliError> {
    let mut command = Cli::command();
    command.build();
    for name in &args.path {
        let Some(found) = command.find_subcommand(name) else {
            let known: Vec<String> = command.get_subcommands().map(|known| known.get_name().to_owned()).collect();
            let error = CliError::new(Exit::BadInput, format!("find the command {name:?}"));
            return Err(error.hint(format!("the commands are {}", known.join(", "))));
        };
        command = found.clone();
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    session.output.text(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Done)
}
