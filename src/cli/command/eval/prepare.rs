//! From settings, or from what another run recorded, to a run that can be carried out.

use stepproof::budget::BudgetLimits;
use stepproof::model::Models;
use stepproof::problem::Problem;
use stepproof::run::{LeanPart, PromptPart, RunSpec, Selection, SuitePart, item_rows, model_parts, recording, select};
use stepproof::store::{NewRun, OpenMode, RunRow, Store};
use stepproof::strategy::{ProverSpec, Strategy};
use stepproof::suite::{self, Suite, SuiteSources, VerifierKind};

use tokio_util::sync::CancellationToken;

use super::{EvalArgs, Retry};
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::judge::Judge;
use crate::cli::settings::{AuditMode, RecheckMode, Resolved, Seconds, Settings};
use crate::cli::{open, recipe};

/// Attempts at once where neither user nor model says otherwise.
const CONCURRENCY: usize = 8;

/// What is to be carried out.
pub(super) struct Job {
    pub(super) run: RunRow,
    pub(super) problems: Vec<Problem>,
    pub(super) samples: u32,
    pub(super) strategy: Strategy,
    pub(super) models: Models,
    pub(super) judge: Judge,
    pub(super) limits: BudgetLimits,
    pub(super) seed: u64,
    pub(super) concurrency: usize,
    pub(super) retry_failed: bool,
    pub(super) replay: bool,
}

/// Loads the suite that the settings name.
pub(super) fn load_suite(settings: &Settings) -> Result<Suite, CliError> {
    let Some(name) = &settings.suite else {
        return Err(CliError::new(Exit::BadInput, "choose a suite: none is given")
            .hint("stepproof eval sample --model SPEC; stepproof doctor lists the suites"));
    };
    let sources = SuiteSources {
        data: Some(settings.data().to_path_buf()),
        split: settings.split.as_ref().map(|split| split.value.clone()),
        statements: settings.statements.as_ref().map(|set| set.value.clone()),
    };
    Ok(suite::load(&name.value, &sources)?)
}

/// Gives which items are wanted, and how often.
pub(super) fn selection(settings: &Settings) -> Selection {
    Selection {
        limit: settings.limit.as_ref().map(|limit| usize::try_from(limit.value.get()).unwrap_or(usize::MAX)),
        shuffle_seed: settings.shuffle_seed.as_ref().map(|seed| seed.value),
        samples: settings.samples.as_ref().map_or(1, |samples| samples.value.get()),
    }
}

/// Takes the wanted items out of a suite.
pub(super) fn chosen(suite: &mut Suite, selection: Selection) -> Result<Vec<Problem>, CliError> {
    let problems = select(std::mem::take(&mut suite.problems), selection);
    if problems.is_empty() {
        return Err(CliError::new(Exit::NothingSelected, format!("run on {}: no problem is selected", suite.name)));
    }
    Ok(problems)
}

fn concurrency(settings: &Settings, judge: &Judge) -> usize {
    if settings.is_deterministic() {
        return 1;
    }
    if let Some(concurrency) = &settings.concurrency {
        return usize::try_from(concurrency.value.get()).unwrap_or(usize::MAX);
    }
    // While Lean judges some attempts, the model writes others.
    CONCURRENCY + judge.workers()
}

/// Prepares a run: all that can be wrong is found before the first token.
///
/// # Errors
/// Whatever is missing or wrong.
pub(super) async fn prepare(
    args: &EvalArgs,
    session: &Session,
    cancel: &CancellationToken,
) -> Result<(Store, Job), CliError> {
    let settings = &session.settings;
    let mut suite = load_suite(settings)?;
    let selection = selection(settings);
    let problems = chosen(&mut suite, selection)?;
    let strategy = recipe::strategy(settings, recipe::strategy_spec(settings, Some(&suite))?, &suite.prompt)?;
    recipe::fits(strategy.spec(), &suite)?;
    say_own_words(session, &strategy);
    let judge = Judge::open(suite.verifier, settings, &session.stderr, cancel).await?;
    judge.require_imports(&suite.name, &problems).await?;
    let store = Store::open(settings.db(), OpenMode::ReadWrite).await?;
    let models = open::models(settings).await?;
    strategy.check(&models)?;
    let limits = recipe::limits(settings);
    let spec = RunSpec {
        suite: SuitePart {
            name: suite.name.clone(),
            version: suite.version,
            data_hash: suite.data_hash,
            split: suite.split,
            statement_set: suite.statement_set,
            notes: suite.notes,
        },
        strategy: strategy.spec().clone(),
        models: model_parts(&models),
        prompt: PromptPart {
            name: suite.prompt,
            version: strategy.template().version(),
            hash: strategy.template().hash().to_owned(),
        },
        verifier: judge.verifier().version(),
        budget: limits.into(),
        seed: settings.seed.as_ref().map_or(0, |seed| seed.value),
        lean: judge.part(),
    };
    let begun = store.begin_or_join_run(&new_run(&spec), &item_rows(&problems), args.fresh).await?;
    store.add_items(begun.run.key, &item_rows(&problems)).await?;
    if !begun.joined {
        session.stderr.line(&format!("run {} begins", begun.run.run_id));
    }
    let concurrency = concurrency(settings, &judge);
    let job = Job {
        run: begun.run,
        problems,
        samples: selection.samples,
        strategy,
        models,
        judge,
        limits,
        seed: spec.seed,
        concurrency,
        retry_failed: args.retry == Some(Retry::Failed),
        replay: false,
    };
    Ok((store, job))
}

/// Prepares a run out of what another one recorded: items, recipe and completions come from the database.
///
/// # Errors
/// The run is not there, or was made with what is not there any more.
pub(super) async fn replay(run: &str, session: &Session, cancel: &CancellationToken) -> Result<(Store, Job), CliError> {
    let settings = &session.settings;
    let store = Store::open(settings.db(), OpenMode::ReadWrite).await?;
    let source = store.find_run(run).await?;
    let recording = recording(&store, &source).await?;
    let spec = recording.spec;
    let strategy = recipe::strategy(settings, spec.strategy.clone(), &spec.prompt.name)?;
    if strategy.template().hash() != spec.prompt.hash {
        let (then, now) = (&spec.prompt.version, strategy.template().version());
        let message = format!("replay {}: its prompt {then} is not the present {now}", source.run_id);
        return Err(CliError::new(Exit::BadInput, message).hint("--prompts DIR names the folder of the prompt it used"));
    }
    if recording.problems.is_empty() {
        return Err(CliError::new(Exit::NothingSelected, format!("replay {}: it holds no attempts", source.run_id)));
    }
    let settings = &as_recorded(settings, &spec);
    let judge = Judge::open(judged_by(&spec), settings, &session.stderr, cancel).await?;
    same_lean(&source.run_id, spec.lean.as_ref(), judge.part().as_ref())?;
    let begun = store.begin_or_join_run(&new_run(&spec), &item_rows(&recording.problems), true).await?;
    store.add_items(begun.run.key, &recording.broken_items).await?;
    store.add_statement_checks(begun.run.key, &recording.statement_checks).await?;
    let job = Job {
        run: begun.run,
        problems: recording.problems,
        samples: recording.samples,
        strategy,
        models: recording.models,
        judge,
        limits: spec.budget.into(),
        seed: spec.seed,
        concurrency: CONCURRENCY,
        retry_failed: false,
        replay: true,
    };
    Ok((store, job))
}

/// Gives settings under which Lean judges as it did then.
fn as_recorded(settings: &Settings, spec: &RunSpec) -> Settings {
    let mut settings = settings.clone();
    if let Some(lean) = &spec.lean {
        settings.recheck = RecheckMode::from_name(&lean.recheck).map(Resolved::flag).or(settings.recheck);
        settings.audit = lean.audit.as_ref().map(|kernel| Resolved::flag(AuditMode::Program(kernel.into())));
        settings.lean_deadline = Some(Resolved::flag(Seconds(lean.check_seconds)));
    }
    settings
}

/// Tells what judged a run.
fn judged_by(spec: &RunSpec) -> VerifierKind {
    if spec.lean.is_some() { VerifierKind::Lean } else { VerifierKind::Answer }
}

/// A replay gives the same verdicts only where the same Lean judges.
fn same_lean(run: &str, then: Option<&LeanPart>, now: Option<&LeanPart>) -> Result<(), CliError> {
    let (Some(then), Some(now)) = (then, now) else { return Ok(()) };
    let words = |part: &LeanPart| {
        let project = part.project.as_deref().unwrap_or("no project");
        format!("Lean {} ({}), {project}, {}", part.version, part.commit, part.flags.join(" "))
    };
    if (&then.version, &then.commit, &then.flags) == (&now.version, &now.commit, &now.flags) {
        return Ok(());
    }
    let message = format!("replay {run}: it was judged by {}, and here is {}", words(then), words(now));
    Err(CliError::new(Exit::BadInput, message).hint(
        "--lean PATH and --lean-project DIR name the Lean that it used; stepproof regrade judges with another one",
    ))
}

/// Says loudly where a prover is not asked as it was trained to be.
fn say_own_words(session: &Session, strategy: &Strategy) {
    let own = strategy.spec().prover().map(ProverSpec::own_words).unwrap_or_default();
    if !own.is_empty() {
        let (name, own) = (&strategy.spec().name, own.join(", "));
        session.stderr.line(&format!(
            "warning: {name} is asked in our own words, not in those it was trained with ({own}): expect lower figures; \
             --set triggers=FILE hands them in"
        ));
    }
}

fn new_run(spec: &RunSpec) -> NewRun {
    let models: Vec<String> = spec.models.iter().map(|(role, model)| format!("{role}={}", model.name)).collect();
    NewRun {
        run_id: uuid::Uuid::now_v7().to_string(),
        spec_hash: spec.hash(),
        spec: spec.canonical_json(),
        suite: spec.suite.name.clone(),
        strategy: spec.strategy.name.clone(),
        models: models.join(" "),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: recipe::machine().to_string(),
        created_us: jiff::Timestamp::now().as_microsecond(),
    }
}
