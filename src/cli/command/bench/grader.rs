//! `bench grader`: whether answers are found and compared as they should be, and how fast.
//!
//! The answers are those of a data set with worked solutions; the rules in `rules` make pairs of them that are surely
//! the same or surely not. The rules read and write answers by themselves and know nothing of the grader.

mod answer;
mod expression;
mod pairs;
mod polynomial;
mod reading;
mod rules;
#[cfg(test)]
mod tests;
mod writing;

use std::io::Write;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stepproof::answer::{Equality, VERSION, equal, equal_without_identity, extract};
use stepproof::problem::AnswerForm;

use super::figures::{Figure, Rounds};
use crate::cli::args::FormatArg;
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::recipe;
use pairs::Pair;

/// Where the data set lies in the data folder.
const RECORDS: &str = "math/math_train.jsonl";

/// Most wrong verdicts that the report shows.
const SHOWN: usize = 200;

/// Measure the grader: answers found in worked solutions, pairs that are surely equal or not, and pairs a second
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  stepproof bench grader --data data --format json\n\n\
                        The data folder must hold math/math_train.jsonl, JSON lines with solution and answer.")]
pub(crate) struct GraderBenchArgs {
    /// Read the data sets from DIR [default: data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Make N pairs of each kind [default: 2000]
    #[arg(long, value_name = "N")]
    pairs: Option<NonZeroU32>,
    /// Compare all pairs N times for the speed [default: 5]
    #[arg(long, value_name = "N")]
    rounds: Option<NonZeroU32>,
    /// Begin with this random number [default: 0]
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Write the pairs with our verdicts to FILE as JSON lines [default: not written]
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    pub(super) format: FormatArg,
}

/// What `bench grader` measures.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::cli::command) struct GraderBench {
    /// Version of this form.
    schema: u32,
    /// The build and the machine.
    machine: serde_json::Value,
    /// Version of extraction and equality.
    version: String,
    /// Records with a worked solution.
    records: usize,
    /// Records whose solution gives an answer equal to theirs.
    extracted_equal: usize,
    /// Records whose own answer is empty; nothing can be found in their solutions either.
    without_answer: usize,
    /// Pairs by kind and rule.
    rules: Vec<RuleCount>,
    /// Verdicts that are not what the pair is, the first ones.
    wrong: Vec<Judged>,
    /// The figures and their bars.
    figures: Vec<Figure>,
    /// Whether every figure was measured and meets its bar.
    all_met: bool,
}

/// How the pairs of one rule were judged, identity aside.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct RuleCount {
    kind: String,
    rule: String,
    equal: u32,
    different: u32,
    undecided: u32,
}

/// A pair and our verdict on it, identity aside.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Judged {
    /// equal or unequal by construction, random, or solution for a record.
    kind: String,
    /// The rule that made it, or the record's id.
    rule: String,
    gold: String,
    given: String,
    /// equal, different or undecided.
    ours: String,
}

#[derive(Debug, Deserialize)]
struct Record {
    #[serde(default)]
    id: String,
    solution: String,
    answer: String,
}

/// Runs the command.
pub(super) fn run(args: &GraderBenchArgs, session: &mut Session) -> Result<Exit, CliError> {
    let folder = args.data.as_deref().unwrap_or_else(|| session.settings.data());
    let records = read_records(&folder.join(RECORDS))?;
    let count = usize::try_from(args.pairs.map_or(2000, NonZeroU32::get)).unwrap_or(usize::MAX);
    let answers: Vec<String> = records.iter().map(|record| record.answer.clone()).collect();
    let pairs = pairs::make(&answers, count, args.seed.unwrap_or(0));
    let judged: Vec<Judged> = pairs.iter().map(judge).collect();
    if let Some(path) = &args.to {
        write_pairs(path, &judged)?;
    }
    let (mut wrong, without_answer) = extraction(&records);
    let extracted_equal = records.len() - without_answer - wrong.len();
    wrong.extend(judged.iter().filter(|pair| is_wrong(pair)).cloned());
    let known: Vec<&Pair> = pairs.iter().filter(|pair| pair.kind != "random").collect();
    let speed = speed(&known, args.rounds.map_or(5, NonZeroU32::get));
    let figures = figures(&judged, count, extracted_equal + without_answer, records.len(), &speed);
    wrong.truncate(SHOWN);
    let bench = GraderBench {
        schema: 1,
        machine: recipe::machine(),
        version: VERSION.to_owned(),
        records: records.len(),
        extracted_equal,
        without_answer,
        rules: counts(&judged),
        wrong,
        all_met: figures.iter().all(Figure::is_met),
        figures,
    };
    session.output.record(&bench, &lines(&bench))?;
    Ok(Exit::Done)
}

fn judge(pair: &Pair) -> Judged {
    let ours = match equal_without_identity(&pair.gold, &pair.given, AnswerForm::Expression, &[]) {
        Equality::Equal(_) => "equal",
        Equality::Different(_) => "different",
        Equality::Undecided => "undecided",
    };
    Judged {
        kind: pair.kind.to_owned(),
        rule: pair.rule.to_owned(),
        gold: pair.gold.clone(),
        given: pair.given.clone(),
        ours: ours.to_owned(),
    }
}

fn is_wrong(pair: &Judged) -> bool {
    match pair.kind.as_str() {
        "equal" => pair.ours != "equal",
        "unequal" => pair.ours == "equal",
        _ => false,
    }
}

/// Finds the answers in the solutions; gives the wrong ones, and how many records have no answer to find.
fn extraction(records: &[Record]) -> (Vec<Judged>, usize) {
    let (mut wrong, mut without_answer) = (Vec::new(), 0);
    for record in records {
        let found = extract(&record.solution, AnswerForm::Expression, &[]).answer;
        if record.answer.trim().is_empty() && found.is_none() {
            without_answer += 1;
            continue;
        }
        let given = found.unwrap_or_default();
        if !matches!(equal(&record.answer, &given, AnswerForm::Expression, &[]), Equality::Equal(_)) {
            wrong.push(Judged {
                kind: "solution".to_owned(),
                rule: record.id.clone(),
                gold: record.answer.clone(),
                given,
                ours: "not equal".to_owned(),
            });
        }
    }
    (wrong, without_answer)
}

/// Compares all pairs some times over, on this thread; gives pairs a second.
fn speed(pairs: &[&Pair], rounds: u32) -> Rounds {
    let mut speed = Rounds::default();
    for _ in 0..rounds {
        let started = Instant::now();
        for pair in pairs {
            std::hint::black_box(equal_without_identity(&pair.gold, &pair.given, AnswerForm::Expression, &[]));
        }
        speed.push(share(pairs.len(), 1) / started.elapsed().as_secs_f64());
    }
    speed
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

fn figures(judged: &[Judged], count: usize, found: usize, records: usize, speed: &Rounds) -> Vec<Figure> {
    let of = |kind: &str, ours: &str| judged.iter().filter(|pair| pair.kind == kind && pair.ours == ours).count();
    let once = |value: f64| {
        let mut rounds = Rounds::default();
        rounds.push(value);
        rounds
    };
    vec![
        Figure::at_least("share of records whose solution gives their answer", &once(share(found, records)), 1.0),
        Figure::at_least(
            "perturbed but equal pairs found equal, identity aside, of all wanted",
            &once(share(of("equal", "equal"), count)),
            1.0,
        ),
        Figure::at_least(
            "perturbed unequal pairs found different or undecided, of all wanted",
            &once(share(of("unequal", "different") + of("unequal", "undecided"), count)),
            1.0,
        ),
        Figure::never_over("perturbed unequal pairs found equal", &once(share(of("unequal", "equal"), 1)), 0.0),
        Figure::at_least("pairs a second on one core", speed, 20_000.0),
    ]
}

fn counts(judged: &[Judged]) -> Vec<RuleCount> {
    let mut counts: Vec<RuleCount> = Vec::new();
    for pair in judged {
        let place = counts.iter().position(|count| count.kind == pair.kind && count.rule == pair.rule);
        let place = place.unwrap_or_else(|| {
            counts.push(RuleCount { kind: pair.kind.clone(), rule: pair.rule.clone(), ..RuleCount::default() });
            counts.len() - 1
        });
        let Some(count) = counts.get_mut(place) else { continue };
        match pair.ours.as_str() {
            "equal" => count.equal += 1,
            "different" => count.different += 1,
            _ => count.undecided += 1,
        }
    }
    counts
}

fn lines(bench: &GraderBench) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("grader", bench.version.clone()),
        (
            "records",
            format!("{}, {} answers found, {} have none", bench.records, bench.extracted_equal, bench.without_answer),
        ),
        ("optimised", format!("{}", !cfg!(debug_assertions))),
    ];
    lines.extend(bench.rules.iter().map(|count| {
        let RuleCount { kind, rule, equal, different, undecided } = count;
        ("pairs", format!("{equal} equal, {different} different, {undecided} undecided  {kind}: {rule}"))
    }));
    lines.extend(bench.figures.iter().map(|figure| ("figure", figure.line())));
    lines
}

fn write_pairs(path: &Path, judged: &[Judged]) -> Result<(), CliError> {
    let failed =
        |error: std::io::Error| CliError::new(Exit::Missing, format!("write {}", path.display())).because(error);
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).map_err(failed)?);
    for pair in judged {
        let line = serde_json::to_string(pair).map_err(|error| failed(error.into()))?;
        writeln!(file, "{line}").map_err(failed)?;
    }
    file.flush().map_err(failed)
}

fn read_records(path: &Path) -> Result<Vec<Record>, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::new(Exit::Missing, format!("read {}", path.display())).because(error))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            CliError::new(Exit::BadInput, format!("read {} line {}", path.display(), number + 1)).because(error)
        })
    };
    let records: Vec<Record> = lines.map(read).collect::<Result<_, _>>()?;
    if records.is_empty() {
        return Err(CliError::new(Exit::NothingSelected, format!("read {}: it holds no record", path.display())));
    }
    Ok(records)
}
