//! What ends a command early, as a person reads it: one plain line, its causes, and hints with something to type.
//!
//! Each library error has its `From` here (`GradeError` in `command/grade`, which knows the file), which matches every
//! variant: a new variant forces a decision on exit code and hint.

use std::error::Error;
use std::io;

use stepproof::lean::LeanError;
use stepproof::model::ModelError;
use stepproof::name::nearest;
use stepproof::prompt::PromptError;
use stepproof::run::RunError;
use stepproof::store::StoreError;
use stepproof::strategy::StrategyError;
use stepproof::suite::SuiteError;
use stepproof::verify::VerifyError;

use crate::cli::exit::Exit;
use crate::cli::render::escape_line;

/// The end of a command that could not do its work.
#[derive(Debug, Clone)]
pub(crate) struct CliError {
    /// The process's end.
    pub(crate) exit: Exit,
    /// Completes "could not …".
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

impl CliError {
    /// Makes an error whose message completes "could not …".
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> CliError {
        CliError { exit, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// Makes an error of a library error and its causes.
    pub(crate) fn of(exit: Exit, error: &(dyn Error + 'static)) -> CliError {
        let mut causes = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        CliError { exit, message: error.to_string(), causes, hints: Vec::new() }
    }

    /// Makes an error of a name that is none of those known: the nearest is proposed, or all are listed.
    pub(crate) fn unknown_name(what: &str, given: &str, known: &[&str]) -> CliError {
        let hint = match nearest(given, known.iter().copied()) {
            Some(known) => format!("did you mean {known:?}?"),
            None => format!("known are {}", known.join(", ")),
        };
        CliError::new(Exit::BadInput, format!("find the {what} {given:?}")).hint(hint)
    }

    /// Makes the quiet end of a command whose reader has gone.
    fn closed_pipe() -> CliError {
        CliError::new(Exit::Done, "")
    }

    /// Adds a cause.
    pub(crate) fn because(mut self, cause: impl ToString) -> CliError {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds a hint.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> CliError {
        self.hints.push(hint.into());
        self
    }

    /// Adds a hint where there is one.
    pub(crate) fn hint_if(self, hint: Option<String>) -> CliError {
        match hint {
            Some(hint) => self.hint(hint),
            None => self,
        }
    }

    /// Gives the lines for standard error; none for an end that nobody needs to hear of. Text from outside is escaped.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        if self.message.is_empty() {
            return Vec::new();
        }
        let first = ("error", format!("could not {}", escape_line(&self.message)));
        let causes = self.causes.iter().map(|cause| ("cause", escape_line(cause)));
        let hints = self.hints.iter().map(|hint| ("hint", escape_line(hint)));
        std::iter::once(first).chain(causes).chain(hints).collect()
    }

    /// Writes the error to standard error. A standard error that is gone is nothing to fail over.
    pub(crate) fn print(&self) {
        use std::io::Write;
        let mut stderr = anstream::stderr();
        for (label, text) in self.lines() {
            let _ = match label {
                "error" => writeln!(stderr, "{}: {text}", owo_colors::OwoColorize::red(&label)),
                "hint" => writeln!(stderr, "{}: {text}", owo_colors::OwoColorize::green(&label)),
                _ => writeln!(stderr, "{label}: {text}"),
            };
        }
    }
}

/// Standard output cannot be written to.
impl From<io::Error> for CliError {
    fn from(error: io::Error) -> CliError {
        match error.kind() {
            io::ErrorKind::BrokenPipe => CliError::closed_pipe(),
            _ => CliError::new(Exit::Missing, "write to standard output").because(error),
        }
    }
}

impl From<ModelError> for CliError {
    fn from(error: ModelError) -> CliError {
        let (exit, hint) = match &error {
            ModelError::PromptTooLong { .. } => (
                Exit::BadInput,
                Some("give the model a longer context: context = TOKENS in [models.NAME] of stepproof.toml".to_owned()),
            ),
            ModelError::TextTooLong { .. } => {
                (Exit::BadInput, Some("cut the text into passages, or use an embedder of a longer context".to_owned()))
            }
            ModelError::Unsupported { .. } => {
                (Exit::Missing, Some("stepproof models check SPEC shows what a model offers".to_owned()))
            }
            ModelError::BadRequest { .. }
            | ModelError::Template { .. }
            | ModelError::Script { .. }
            | ModelError::Convert { .. }
            | ModelError::Write { .. } => (Exit::BadInput, None),
            ModelError::Load { .. } => {
                (Exit::Missing, Some("stepproof models list shows the model files that are there".to_owned()))
            }
            ModelError::Unreachable { url, .. } => {
                (Exit::Missing, Some(format!("is the server running? curl {}/models", url.trim_end_matches('/'))))
            }
            ModelError::Status { status: 401 | 403, .. } => (
                Exit::Missing,
                Some("name the key's environment variable by key_env in [models.NAME] of stepproof.toml".to_owned()),
            ),
            ModelError::Status { status: 404, url, .. } => (
                Exit::Missing,
                Some(format!("the server may serve another name or path: curl {}/models", url.trim_end_matches('/'))),
            ),
            ModelError::Status { .. } | ModelError::Protocol { .. } | ModelError::Broken { .. } => {
                (Exit::SomeFailed, None)
            }
            ModelError::NotRecorded { .. } => {
                (Exit::Missing, Some("run once without --replay, so that the call is recorded".to_owned()))
            }
            ModelError::Spec { .. } => (Exit::BadInput, None),
        };
        CliError::of(exit, &error).hint_if(hint)
    }
}

impl From<LeanError> for CliError {
    fn from(error: LeanError) -> CliError {
        let (exit, hint) = match &error {
            LeanError::Start { .. }
            | LeanError::NoAnswer { .. }
            | LeanError::Flood { .. }
            | LeanError::Failed { .. }
            | LeanError::NotLean { .. }
            | LeanError::Server { .. } => {
                (Exit::Missing, Some("--lean PATH names another; stepproof lean doctor looks at it".to_owned()))
            }
            LeanError::WrongToolchain { wanted, .. } => (
                Exit::Missing,
                Some(format!("--lean PATH names the project's own Lean: elan which lean, for {wanted}")),
            ),
            LeanError::NotFound { .. } => {
                (Exit::Missing, Some("--lean PATH names one; get it from https://lean-lang.org/install".to_owned()))
            }
            LeanError::Sandbox(_) => (Exit::Missing, Some("stepproof lean doctor tells what is missing".to_owned())),
            LeanError::NoProject { .. } => {
                (Exit::BadInput, Some("--lean-project names the folder with the project's lakefile".to_owned()))
            }
            LeanError::File { .. } => (Exit::BadInput, None),
            LeanError::Lost { .. } | LeanError::NoText { .. } | LeanError::Silent { .. } | LeanError::Answer { .. } => {
                (Exit::SomeFailed, None)
            }
            LeanError::Closed => (Exit::Defect, None),
        };
        CliError::of(exit, &error).hint_if(hint)
    }
}

impl From<VerifyError> for CliError {
    fn from(error: VerifyError) -> CliError {
        match &error {
            VerifyError::Infrastructure { .. } => CliError::of(Exit::SomeFailed, &error),
        }
    }
}

impl From<SuiteError> for CliError {
    fn from(error: SuiteError) -> CliError {
        let (exit, hint) = match &error {
            SuiteError::Unknown { known, .. } => {
                (Exit::BadInput, Some(format!("suites are {}; or the TOML file of your own", known.join(", "))))
            }
            SuiteError::Missing { .. } => (Exit::Missing, None),
            SuiteError::Choice { .. }
            | SuiteError::Read { .. }
            | SuiteError::Definition { .. }
            | SuiteError::Json { .. }
            | SuiteError::Line { .. }
            | SuiteError::File { .. } => (Exit::BadInput, None),
        };
        CliError::of(exit, &error).hint_if(hint)
    }
}

impl From<PromptError> for CliError {
    fn from(error: PromptError) -> CliError {
        match &error {
            PromptError::Unknown { .. } | PromptError::Unreadable { .. } | PromptError::Malformed { .. } => {
                CliError::of(Exit::BadInput, &error)
            }
        }
    }
}

impl From<StrategyError> for CliError {
    fn from(error: StrategyError) -> CliError {
        match error {
            StrategyError::Model(error) => error.into(),
            StrategyError::Needs { .. } => CliError::of(Exit::Missing, &error),
            StrategyError::Unknown { .. } | StrategyError::Unreadable { .. } | StrategyError::Parameters { .. } => {
                CliError::of(Exit::BadInput, &error)
            }
        }
    }
}

impl From<RunError> for CliError {
    fn from(error: RunError) -> CliError {
        match error {
            RunError::Store(error) => error.into(),
            RunError::Stored { .. } => CliError::of(Exit::BadInput, &error),
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> CliError {
        if let StoreError::Output { source } = &error
            && source.kind() == io::ErrorKind::BrokenPipe
        {
            return CliError::closed_pipe();
        }
        let (exit, hint) = match &error {
            StoreError::Missing { .. } => {
                (Exit::Missing, Some("stepproof eval makes it; --db FILE names another".to_owned()))
            }
            StoreError::Full { .. } => {
                (Exit::Missing, Some("free some space and run the same command again: it goes on".to_owned()))
            }
            StoreError::Busy { .. } => {
                (Exit::Missing, Some("another stepproof may be at work; run the same command again".to_owned()))
            }
            StoreError::NoSuchRun { .. } | StoreError::AmbiguousRun { .. } => {
                (Exit::BadInput, Some("stepproof runs lists the runs".to_owned()))
            }
            StoreError::NoFolder { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::NeedsRecovery { .. }
            | StoreError::CannotOpen { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Database { .. }
            | StoreError::RunGone { .. }
            | StoreError::SqlTimeout { .. }
            | StoreError::Export { .. }
            | StoreError::Output { .. } => (Exit::Missing, None),
            StoreError::NotAFile { .. }
            | StoreError::NotADatabase { .. }
            | StoreError::Foreign { .. }
            | StoreError::Empty { .. }
            | StoreError::Newer { .. }
            | StoreError::Older { .. }
            | StoreError::Altered { .. }
            | StoreError::RunPrefixTooShort { .. }
            | StoreError::NoSuchItem { .. }
            | StoreError::CopyExists { .. }
            | StoreError::CopyOntoItself { .. }
            | StoreError::SqlRefused { .. }
            | StoreError::SqlFailed { .. }
            | StoreError::TextQuery { .. } => (Exit::BadInput, None),
            StoreError::OpenedReadOnly { .. } | StoreError::WriterClosed => (Exit::Defect, None),
        };
        CliError::of(exit, &error).hint_if(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_causes_and_hints_on_lines_of_their_own() {
        let error = CliError::new(Exit::BadInput, "read \u{1b}[31mx").because("line 3\nforged").hint("type this");
        let lines: Vec<String> = error.lines().into_iter().map(|(label, text)| format!("{label}: {text}")).collect();
        assert_eq!(lines, ["error: could not read \\u{1b}[31mx", "cause: line 3\\nforged", "hint: type this"]);
    }

    #[test]
    fn a_closed_pipe_is_quiet_and_a_full_disk_is_not() {
        let closed = CliError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((closed.exit, closed.lines().len()), (Exit::Done, 0));
        let full = CliError::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!((full.exit, full.lines().len()), (Exit::Missing, 2));
    }

    #[test]
    fn model_errors_have_their_exits_and_say_what_to_do() {
        let status =
            |status| ModelError::Status { model: "m".into(), url: "http://h/v1/".into(), status, body: "no".into() };
        let cases = [
            (status(401), Exit::Missing, "key_env"),
            (status(404), Exit::Missing, "curl http://h/v1/models"),
            (status(500), Exit::SomeFailed, ""),
            (ModelError::NotRecorded { hash: "00".into() }, Exit::Missing, "--replay"),
            (ModelError::Spec { spec: "x".into(), reason: "y".into() }, Exit::BadInput, ""),
        ];
        for (error, exit, part) in cases {
            let error = CliError::from(error);
            assert_eq!(error.exit, exit);
            assert!(error.hints.join("\n").contains(part), "{error:?}");
        }
    }
}
