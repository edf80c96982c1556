//! `traces`: a search over stored attempts and their steps.

use std::num::NonZeroU32;
use std::str::FromStr;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::step::Phase;
use stepproof::store::{OpenMode, TextSearch, TraceFilter, TraceRow, TracedAttemptRow};
use stepproof::trace::Outcome;
use stepproof::verdict::Verdict;

use super::Session;
use crate::cli::args::{DbArg, FormatArg};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::open;
use crate::cli::render::shorten;
use crate::cli::render::table::{Column, Tabular, names, numbers, words};
use crate::cli::settings::Settings;

/// Find stored attempts by run, suite, item, verdict, writer, entropy or words
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
                        stepproof traces --suite aime-2024 --verdict accepted --text modulo --format jsonl\n\n\
                        All conditions must hold; those on steps (--writer, --phase, --min-entropy, --max-entropy,\n\
                        --text, --raw-query) must hold for one and the same step. Ends with exit code 4 if nothing fits.")]
pub(crate) struct TracesArgs {
    /// Only this run: its id, the beginning of it, or `last` [default: all]
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Only this suite [default: all]
    #[arg(long, value_name = "SUITE")]
    suite: Option<String>,
    /// Only this strategy [default: all]
    #[arg(long, value_name = "NAME")]
    strategy: Option<String>,
    /// Only this item [default: all]
    #[arg(long, value_name = "ITEM")]
    item: Option<String>,
    /// Only this sample, from 1 [default: all]
    #[arg(long, value_name = "K")]
    sample: Option<NonZeroU32>,
    /// Only this verdict: accepted, rejected or unknown [default: all]
    #[arg(long, value_name = "VERDICT")]
    verdict: Option<String>,
    /// Only this class, such as equal, different, no_answer; of proofs proved, failed, incomplete, banned, timeout and
    /// more [default: all]
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// Only this outcome: answered, exhausted, stuck, cancelled or failed [default: all]
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
    /// Only attempts with a step by this writer, a role or a model's name [default: any]
    #[arg(long, value_name = "WRITER")]
    writer: Option<String>,
    /// Only attempts with a step of this phase: think or answer [default: any]
    #[arg(long, value_name = "PHASE")]
    phase: Option<String>,
    /// Only attempts with a step whose first token has at least this entropy, in nats [default: any]
    #[arg(long, value_name = "NATS")]
    min_entropy: Option<Nats>,
    /// Only attempts with a step whose first token has at most this entropy, in nats [default: any]
    #[arg(long, value_name = "NATS")]
    max_entropy: Option<Nats>,
    /// Only attempts with a step that holds all of these words [default: any]
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// Only attempts with a step that matches this query in SQLite's FTS5 syntax [default: any]
    #[arg(long, value_name = "QUERY", conflicts_with = "text")]
    raw_query: Option<String>,
    /// List the steps that fit instead of their attempts, best matches of a text first
    #[arg(long)]
    steps: bool,
    /// Show at most N [default: 100]
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU32>,
    /// Leave out the first N [default: 0]
    #[arg(long, value_name = "N")]
    offset: Option<u32>,
    #[command(flatten)]
    db: DbArg,
    #[command(flatten)]
    format: FormatArg,
}

const LIMIT: u32 = 100;
/// Characters of a text in a table.
const LONGEST_CELL: usize = 160;

/// An entropy.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Nats(f64);

impl FromStr for Nats {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Nats, Self::Err> {
        let nats = text.parse().ok().filter(|nats: &f64| nats.is_finite() && *nats >= 0.0);
        nats.map(Nats).ok_or("an entropy in nats is a number of 0 or more")
    }
}

impl TracesArgs {
    /// Gives the flags as a layer of settings.
    pub(crate) fn layer(&self) -> Settings {
        let mut layer = Settings::default();
        self.db.lay(&mut layer);
        self.format.lay(&mut layer);
        layer
    }

    /// Checks what is asked for and gives it as a filter, without the run.
    fn filter(&self) -> Result<TraceFilter, CliError> {
        let phases = [Phase::Think, Phase::Answer].map(Phase::name);
        let lists: [(&str, &Option<String>, &[&str]); 4] = [
            ("verdict", &self.verdict, &Verdict::NAMES),
            ("class", &self.class, &Verdict::CLASSES),
            ("outcome", &self.outcome, &Outcome::NAMES),
            ("phase", &self.phase, &phases),
        ];
        for (what, given, known) in lists {
            if let Some(given) = given.as_deref().filter(|given| !known.contains(given)) {
                return Err(CliError::unknown_name(what, given, known));
            }
        }
        if let (Some(Nats(least)), Some(Nats(most))) = (self.min_entropy, self.max_entropy)
            && least > most
        {
            let message = format!("find an entropy of at least {least} and at most {most} nats");
            return Err(CliError::new(Exit::BadInput, message).hint("--min-entropy must not be above --max-entropy"));
        }
        let words = self.text.clone().map(TextSearch::Words);
        Ok(TraceFilter {
            run: None,
            suite: self.suite.clone(),
            strategy: self.strategy.clone(),
            item: self.item.clone(),
            sample: self.sample.map(NonZeroU32::get),
            verdict: self.verdict.clone(),
            class: self.class.clone(),
            outcome: self.outcome.clone(),
            writer: self.writer.clone(),
            phase: self.phase.clone(),
            entropy_min_nats: self.min_entropy.map(|nats| nats.0),
            entropy_max_nats: self.max_entropy.map(|nats| nats.0),
            text: words.or(self.raw_query.clone().map(TextSearch::Query)),
            // One more than is shown tells whether there are more.
            limit: Some(self.most().saturating_add(1)),
            offset: self.offset.unwrap_or(0),
        })
    }

    fn most(&self) -> u32 {
        self.limit.map_or(LIMIT, NonZeroU32::get)
    }
}

/// An attempt that was found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FoundAttempt {
    /// Version of this form.
    schema: u32,
    #[serde(flatten)]
    row: TracedAttemptRow,
    /// For tables.
    #[serde(skip)]
    short_id: String,
}

impl Tabular for FoundAttempt {
    const COLUMNS: &'static [Column] = &[
        names("run"),
        words("suite"),
        names("item"),
        numbers("#"),
        words("verdict"),
        words("answer"),
        numbers("steps"),
        numbers("tokens"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.short_id.clone(),
            self.row.suite.clone(),
            self.row.item_id.clone(),
            self.row.sample.to_string(),
            self.row.class.clone().unwrap_or_else(|| self.row.outcome.clone()),
            shorten(self.row.extracted.as_deref().unwrap_or_default(), LONGEST_CELL),
            self.row.steps.to_string(),
            self.row.completion_tokens.to_string(),
        ]
    }
}

/// A step that was found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FoundStep {
    /// Version of this form.
    schema: u32,
    #[serde(flatten)]
    row: TraceRow,
    /// For tables.
    #[serde(skip)]
    short_id: String,
}

impl Tabular for FoundStep {
    const COLUMNS: &'static [Column] = &[
        names("run"),
        names("item"),
        numbers("#"),
        numbers("step"),
        words("writer"),
        words("verdict"),
        numbers("nats"),
        words("text"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.short_id.clone(),
            self.row.item_id.clone(),
            self.row.sample.to_string(),
            self.row.idx.to_string(),
            self.row.role.clone(),
            self.row.class.clone().unwrap_or_else(|| self.row.outcome.clone()),
            self.row.first_entropy_nats.map_or(String::new(), |nats| format!("{nats:.3}")),
            shorten(&self.row.snippet, LONGEST_CELL),
        ]
    }
}

/// Runs the command.
pub(super) fn run(args: &TracesArgs, session: &mut Session) -> Result<Exit, CliError> {
    let mut filter = args.filter()?;
    let most = usize::try_from(args.most()).unwrap_or(usize::MAX);
    let output = &mut session.output;
    let found = open::with_store(&session.settings, OpenMode::ReadOnly, async |store| {
        if let Some(run) = &args.run {
            filter.run = Some(store.find_run(run).await?.key);
        }
        let short = open::short_ids(store).await?;
        let short = |id: &str| short.short(id).to_owned();
        if args.steps {
            let rows = store.traces(&filter).await?;
            let found = rows.len();
            let rows = rows.into_iter().take(most);
            output.records(rows.map(|row| FoundStep { schema: 1, short_id: short(&row.run_id), row }))?;
            Ok(found)
        } else {
            let rows = store.traced_attempts(&filter).await?;
            let found = rows.len();
            let rows = rows.into_iter().take(most);
            output.records(rows.map(|row| FoundAttempt { schema: 1, short_id: short(&row.run_id), row }))?;
            Ok(found)
        }
    })?;
    if found == 0 {
        session.stderr.line("nothing fits");
        return Ok(Exit::NothingSelected);
    }
    if found > most {
        let next = args.offset.unwrap_or(0).saturating_add(args.most());
        session.stderr.line(&format!("there are more; --limit N shows N, --offset {next} goes on"));
    }
    Ok(Exit::Done)
}
