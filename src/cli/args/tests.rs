use clap::{CommandFactory, FromArgMatches};

use super::*;
use crate::cli::command;
use crate::cli::render::table::Tabular;

/// Every command, wired or with its arguments ready, as a tree of its own.
fn all_commands() -> Vec<clap::Command> {
    let mut all: Vec<clap::Command> = Cli::command().get_subcommands().cloned().collect();
    let mut ready = |name: &'static str, augment: fn(clap::Command) -> clap::Command| {
        if all.iter().all(|command| command.get_name() != name) {
            all.push(augment(clap::Command::new(name)));
        }
    };
    ready("solve", command::solve::SolveArgs::augment_args);
    all
}

fn check_help(command: &clap::Command) {
    let name = command.get_name();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    assert!(about.starts_with(char::is_uppercase) && !about.ends_with('.'), "{name}: {about:?}");
    let example = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    assert!(example.starts_with("Example:\n  ") && example.contains("stepproof "), "{name}: {example:?}");
    for argument in command.get_arguments() {
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.starts_with(char::is_uppercase) && !help.ends_with('.'), "{name} {}: {help:?}", argument.get_id());
        let takes_value = argument.get_action().takes_values();
        if takes_value && !argument.is_positional() && !argument.is_required_set() {
            let told = help.contains("[default: ") || help.contains("several times") || argument.get_id() == "models";
            assert!(told, "{name} --{} does not name its default: {help:?}", argument.get_id());
        }
    }
    command.get_subcommands().for_each(check_help);
}

#[test]
fn every_command_has_help_that_names_defaults_and_an_example() {
    for command in all_commands() {
        command.clone().debug_assert();
        check_help(&command);
    }
    Cli::command().debug_assert();
}

fn parse<T: FromArgMatches>(augment: fn(clap::Command) -> clap::Command, line: &str) -> Result<T, clap::Error> {
    let command = augment(clap::Command::new("command"));
    let matches = command.try_get_matches_from(std::iter::once("command").chain(line.split(' ')))?;
    T::from_arg_matches(&matches)
}

fn eval(line: &str) -> Result<command::eval::EvalArgs, clap::Error> {
    parse(command::eval::EvalArgs::augment_args, line)
}

#[test]
fn eval_takes_the_flags_of_its_contract() {
    let line = "aime-2024 --model local:a=b.gguf --model small=openai:m@http://h/v1 --strategy stepwise --set max_steps=8 \
                --samples 2 --limit 5 --seed 1 --shuffle-seed 2 --temperature 0.6 --top-p 0.95 --max-tokens 512 \
                --budget-tokens 4096 --budget-calls 9 --budget-seconds 60 --concurrency 4 --config run.toml --retry failed \
                --dry-run --fail-on rejected,unknown --db a.db --data sets --format json \
                --progress lines";
    let line: Vec<&str> = line.split_whitespace().collect();
    let args = eval(&line.join(" ")).unwrap();
    let layer = args.layer().unwrap();
    let rows: Vec<String> = layer.rows().into_iter().map(|row| row.cells().join(" ")).collect();
    for expected in [
        "suite aime-2024 command line",
        "samples 2 command line",
        "temperature 0.6 command line",
        "budget_seconds 60 command line",
        "model.main local:a=b.gguf command line",
        "model.small openai:m@http://h/v1 command line",
        "set.max_steps 8 command line",
        "progress lines command line",
    ] {
        assert!(rows.iter().any(|row| row == expected), "{expected} is not in {rows:#?}");
    }
    assert_eq!(rows.len(), 20, "every flag with a setting reached the layer: {rows:#?}");
    assert_eq!(args.fail_on.len(), 2);
    assert_eq!(eval("--replay 0197").unwrap().replay.as_deref(), Some("0197"));
    assert!(eval("s --deterministic").unwrap().deterministic);
    assert!(eval("s --replay 0197").is_err(), "a replay takes its suite from the run");
}

#[test]
fn wrong_values_are_refused_at_the_door() {
    let cases = [
        "s --samples 0",
        "s --limit 0",
        "s --budget-tokens 0",
        "s --budget-seconds 0",
        "s --temperature -1",
        "s --temperature nan",
        "s --top-p 0",
        "s --max-tokens 99999999999",
        "s --model models/a.gguf",
        "s --model smal=local:a.gguf",
        "s --set steps",
        "s --retry all",
        "s --fresh --retry failed",
        "s --format xml",
        "s t",
    ];
    for line in cases {
        let error = eval(line).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
    }
    assert!(eval("s --set a=1 --set a=2").unwrap().layer().is_err(), "a parameter set twice");
    assert!(eval("s --model local:a --model main=local:b").unwrap().layer().is_err(), "a role given twice");
}

#[test]
fn runs_lists_by_default() {
    let runs = |line| parse::<command::runs::RunsArgs>(command::runs::RunsArgs::augment_args, line);
    assert!(runs("--suite sample").unwrap().command.is_none());
    assert!(matches!(runs("delete 0197").unwrap().command, Some(command::runs::RunsCommand::Delete(_))));
    assert!(runs("copy 0197").is_err(), "a copy needs its target");
    assert_eq!(runs("copy 0197 --to b.db --db a.db").unwrap().layer().db(), std::path::Path::new("a.db"));
}
