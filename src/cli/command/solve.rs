//! `solve`: one attempt at one problem of the user's, shown while it is written.

use std::io::Read;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::answer::extract;
use stepproof::budget::Budget;
use stepproof::model::{Session as Attempt, attempt_seed};
use stepproof::problem::{AnswerForm, ProblemId, Statement};
use stepproof::step::{Phase, Step};
use stepproof::strategy::Solution;
use stepproof::trace::{Event, Outcome, Recorder};
use tokio::sync::mpsc;

use super::Session;
use crate::cli::args::{BudgetArgs, FormatArg, ModelArgs, SamplingArgs, StrategyArgs};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Format;
use crate::cli::settings::Settings;
use crate::cli::{interrupt, open, recipe};

/// The longest problem that is read from standard input.
const MAX_BYTES: u64 = 1 << 20;

/// Solve one problem and show the steps as they come
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  stepproof solve 'What is 7 * 8?' --model local:models/SmolLM2-135M-Instruct-Q4_1.gguf"
)]
pub(crate) struct SolveArgs {
    /// The problem [default: read from standard input]
    #[arg(value_name = "PROBLEM")]
    pub(crate) problem: Option<String>,
    /// Ask for an answer of this form: integer, number, expression, letter or text [default: expression]
    #[arg(long, value_name = "FORM", value_parser = answer_form)]
    pub(crate) form: Option<stepproof::problem::AnswerForm>,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    strategy: StrategyArgs,
    #[command(flatten)]
    sampling: SamplingArgs,
    #[command(flatten)]
    budget: BudgetArgs,
    #[command(flatten)]
    format: FormatArg,
}

fn answer_form(text: &str) -> Result<stepproof::problem::AnswerForm, String> {
    use stepproof::problem::AnswerForm;
    AnswerForm::from_name(text).ok_or_else(|| {
        let names = AnswerForm::NAMES.map(|(name, _)| name);
        format!("the forms are {}", names.join(", "))
    })
}

impl SolveArgs {
    /// Gives the flags as a layer of settings.
    ///
    /// # Errors
    /// A role or a parameter that is given twice.
    pub(crate) fn layer(&self) -> Result<Settings, CliError> {
        let mut layer = Settings::default();
        self.models.lay(&mut layer)?;
        self.strategy.lay(&mut layer)?;
        self.sampling.lay(&mut layer);
        self.budget.lay(&mut layer);
        self.format.lay(&mut layer);
        Ok(layer)
    }
}

/// What a strategy reports on its way to the display.
enum Shown {
    Text(Phase, String),
    Step(Box<Step>),
}

/// Sends what is to be shown to the task that owns standard output.
struct Display(mpsc::UnboundedSender<Shown>);

impl Recorder for Display {
    fn record(&self, event: Event) {
        if let Event::Step(step) = event {
            let _ = self.0.send(Shown::Step(step));
        }
    }

    fn text(&self, phase: Phase, text: &str) {
        let _ = self.0.send(Shown::Text(phase, text.to_owned()));
    }
}

/// One step, as `solve` prints it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct SolvedStep {
    /// Index from 0.
    index: usize,
    /// `think` or `answer`.
    phase: &'static str,
    /// Role of the writer.
    role: &'static str,
    /// Model of the writer.
    model: String,
    /// The text.
    text: String,
    /// What parts it from the next step.
    separator: String,
    /// Tokens that it cost.
    tokens: u32,
    /// Entropy of its first token in nats.
    first_entropy_nats: Option<f32>,
    /// Why it ended.
    end: &'static str,
}

/// What came of the attempt.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Solved {
    /// Version of this form.
    schema: u32,
    /// The answer that was found in the text.
    answer: Option<String>,
    /// How the attempt stopped.
    outcome: &'static str,
    /// The limit or the failure.
    outcome_detail: Option<String>,
    /// Tokens written.
    completion_tokens: u64,
    /// Milliseconds that it took.
    wall_ms: f64,
    /// The steps; left out of JSON lines, where they have come before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<SolvedStep>,
}

fn solved_step(index: usize, step: &Step) -> SolvedStep {
    SolvedStep {
        index,
        phase: step.phase.name(),
        role: step.writer.role.name(),
        model: step.writer.model.clone(),
        text: step.text.clone(),
        separator: step.separator.clone(),
        tokens: step.token_count,
        first_entropy_nats: step.first_entropy_nats,
        end: step.end.name(),
    }
}

/// Runs the command.
pub(super) fn run(args: &SolveArgs, session: &mut Session) -> Result<Exit, CliError> {
    let text = match args.problem.as_deref() {
        Some("-") | None => read_problem()?,
        Some(text) => text.to_owned(),
    };
    if text.trim().is_empty() {
        return Err(CliError::new(Exit::BadInput, "solve nothing: the problem is empty")
            .hint("stepproof solve 'What is 7 * 8?' --model SPEC"));
    }
    let form = args.form.unwrap_or(AnswerForm::Expression);
    let statement = Statement { id: ProblemId("problem".to_owned()), text, options: Vec::new(), form, formal: None };
    Session::block_on(async {
        let cancel = interrupt::watch(&session.stderr)?;
        let prompt = match form {
            AnswerForm::Integer => "integer",
            AnswerForm::Number => "number",
            AnswerForm::Expression | AnswerForm::Letter => "math",
            AnswerForm::Text => "text",
            AnswerForm::Proof => "lean",
        };
        let settings = &session.settings;
        let strategy = recipe::strategy(settings, recipe::strategy_spec(settings, None)?, prompt)?;
        let models = open::models(settings).await?;
        strategy.check(&models)?;
        let (sender, shown) = mpsc::unbounded_channel();
        let budget = Budget::start(recipe::limits(settings));
        let seed = settings.seed.as_ref().map_or(0, |seed| seed.value);
        let attempt = Attempt {
            models,
            budget: budget.clone(),
            recorder: std::sync::Arc::new(Display(sender)),
            seed: attempt_seed(seed, &statement.id.0, 1),
            cancel: cancel.clone(),
        };
        let solving = async {
            let solution = strategy.solve(&statement, &attempt).await;
            drop(attempt);
            solution
        };
        let (solution, displayed) = tokio::join!(solving, display(session, shown));
        displayed?;
        finish(session, &statement, &solution, &budget)
    })
}

fn read_problem() -> Result<String, CliError> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| CliError::new(Exit::BadInput, "read the problem from standard input").because(error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(CliError::new(Exit::BadInput, format!("read the problem: it is longer than {MAX_BYTES} bytes")));
    }
    String::from_utf8(bytes)
        .map_err(|_| CliError::new(Exit::BadInput, "read the problem from standard input: it is not UTF-8"))
}

/// Shows text and steps as they come.
async fn display(session: &mut Session, mut shown: mpsc::UnboundedReceiver<Shown>) -> Result<(), CliError> {
    let format = session.output.format();
    let (mut index, mut streamed, mut last) = (0, String::new(), None);
    while let Some(piece) = shown.recv().await {
        match (piece, format) {
            (Shown::Text(phase, text), Format::Table) => {
                if phase == Phase::Think && last.is_none() {
                    session.output.text("(thinking)\n")?;
                }
                if phase == Phase::Answer && last == Some(Phase::Think) {
                    session.output.text("\n(answer)\n")?;
                }
                last = Some(phase);
                session.output.outside_text(&text)?;
                streamed.push_str(&text);
            }
            // Stop texts are no part of what streams: the step says what parted it from the next one.
            (Shown::Step(step), Format::Table) if streamed.ends_with(step.text.as_str()) => {
                session.output.outside_text(&step.separator)?;
                streamed.clear();
            }
            (Shown::Step(step), Format::Jsonl) => {
                session.output.record(&solved_step(index, &step), &[])?;
                index += 1;
            }
            _ => {}
        }
    }
    if format == Format::Table {
        session.output.text("\n\n")?;
    }
    Ok(())
}

fn finish(
    session: &mut Session,
    statement: &Statement,
    solution: &Solution,
    budget: &Budget,
) -> Result<Exit, CliError> {
    let outcome = &solution.trace.outcome;
    let found = solution.candidate.as_ref().map(|candidate| extract(&candidate.text, statement.form, &[]));
    let steps = solution.trace.steps.iter().enumerate().map(|(index, step)| solved_step(index, step));
    let solved = Solved {
        schema: 1,
        answer: found.and_then(|found| found.answer),
        outcome: outcome.name(),
        outcome_detail: outcome.detail().map(str::to_owned),
        completion_tokens: budget.completion_tokens(),
        wall_ms: budget.elapsed().as_secs_f64() * 1e3,
        steps: if session.output.format() == Format::Jsonl { Vec::new() } else { steps.collect() },
    };
    let lines = [
        ("answer", solved.answer.clone().unwrap_or_else(|| "none stated".to_owned())),
        (
            "outcome",
            format!(
                "{}{}",
                solved.outcome,
                solved.outcome_detail.as_ref().map_or(String::new(), |d| format!(" ({d})"))
            ),
        ),
        (
            "written",
            format!(
                "{} tokens in {} steps, {:.1} s",
                solved.completion_tokens,
                solved.steps.len(),
                solved.wall_ms / 1e3
            ),
        ),
    ];
    session.output.record(&solved, &lines)?;
    Ok(match outcome {
        Outcome::Failed(sentence) => {
            session.stderr.line(&format!("error: {sentence}"));
            Exit::SomeFailed
        }
        Outcome::Cancelled => Exit::Interrupted,
        Outcome::Answered | Outcome::Exhausted(_) | Outcome::Stuck(_) => Exit::Done,
    })
}
