//! `bench model`: how fast a model in this process is, against llama.cpp's own programs, in one run.
//!
//! Everything is asked through the model's public interface, as strategies ask it. Rounds of ours and of the peer are
//! taken in turn, each first in every other round, and ratios are taken round by round, so that what disturbs the
//! machine hits both. Peers get the same file, threads and context; what they were built for is compared.

mod figures;
mod load;
mod measures;
mod ours;
mod peers;
mod search;
mod server;
mod sizes;
mod speed;
#[cfg(test)]
mod tests;
mod tree;

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;
use stepproof::model::{EntropyWanted, ModelIdentity};
use stepproof::trace::Role;
use tokio_util::sync::CancellationToken;

use super::figures::Figure;
use crate::cli::args::{FormatArg, ModelArgs};
use crate::cli::command::Session;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::settings::{LocalSettings, ModelSettings};
use crate::cli::{open, recipe};
use measures::{Measure, Measures};
use ours::{How, Ours, random};
use peers::{Peer, Setup};
use search::Tried;
use sizes::Sizes;

/// Measure a local model: prompts, streams, candidates, a search tree and many requests, against llama.cpp's programs
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
                        stepproof bench model --model local:models/SmolLM2-135M-Instruct-Q4_1.gguf --format json\n\n\
                        scripts/get-llama-peers.sh builds the programs that it is measured against.\n\
                        A machine that does anything else meanwhile gives figures that mean nothing.")]
pub(crate) struct ModelBenchArgs {
    #[command(flatten)]
    pub(super) models: ModelArgs,
    /// Compute with N threads, on both sides [default: the model's setting, then all cores]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroU32>,
    /// Measure everything N times [default: 7]
    #[arg(long, value_name = "N")]
    rounds: Option<NonZeroU32>,
    /// Measure only these parts [default: all]
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Measure with small sizes: shows that everything works, and no figure means anything
    #[arg(long)]
    quick: bool,
    /// Measure this llama-bench too [default: not measured]
    #[arg(long, value_name = "PATH")]
    llama_bench: Option<PathBuf>,
    /// Measure this llama-batched-bench too [default: not measured]
    #[arg(long, value_name = "PATH")]
    llama_batched_bench: Option<PathBuf>,
    /// Measure this llama-server too [default: not measured]
    #[arg(long, value_name = "PATH")]
    llama_server: Option<PathBuf>,
    #[command(flatten)]
    pub(super) format: FormatArg,
}

/// A part of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// One prompt and one stream.
    Speed,
    /// 1, 2, 4 and 8 streams at once.
    Batch,
    /// Candidates of one prompt.
    BestOf,
    /// A search tree.
    Tree,
    /// Many requests at once.
    Load,
    /// A prefix that comes again.
    Reuse,
    /// Entropies and grammars.
    Cost,
}

impl Part {
    const ALL: [Part; 7] = [Part::Speed, Part::Batch, Part::BestOf, Part::Tree, Part::Load, Part::Reuse, Part::Cost];

    fn name(self) -> &'static str {
        match self {
            Part::Speed => "speed",
            Part::Batch => "batch",
            Part::BestOf => "best-of",
            Part::Tree => "tree",
            Part::Load => "load",
            Part::Reuse => "reuse",
            Part::Cost => "cost",
        }
    }

    /// Says how it is measured.
    fn method(self) -> &'static str {
        match self {
            Part::Speed => {
                "speed: the prompt is fresh random tokens, and its speed is by the call's own clock up to the first \
                 token; the stream is written by calls of one step each that go on from each other's tokens, with the \
                 entropy of the first token of each, and timed from before the first call to after the last. \
                 llama-bench: -p, -n, -r 1."
            }
            Part::Batch => {
                "batch: distinct random prompts are read by earlier calls; the clock then runs from sending all calls \
                 to the end of the last, with the last token of each prompt computed again in it: as many decodes as \
                 llama-batched-bench counts in its speed_tg, which is without sampling."
            }
            Part::BestOf => {
                "best-of: a fresh random prompt each time, drawn at temperature 0.8 among the 40 likeliest with seeds \
                 0, 1, … on both sides; the clock runs from sending the first call to the end of the last, the prompt \
                 in it. llama-server writes over ends of text (ignore_eos); ours goes on after them by a further call, \
                 so that all texts have their length. The server's setting is the best of those that were tried."
            }
            Part::Tree => {
                "tree: the same schedule of expansions on both sides, the children of a node at once, up to 8 calls at \
                 once for ours; drawn as candidates are. Prompts are token ids on both sides. The server's setting is \
                 the best of those that were tried, its calls at once included, each with one tree of a quarter of the \
                 nodes."
            }
            Part::Load => {
                "load: the same mix of lengths each round, all requests sent at once; waits are between pieces of text \
                 as they arrive, so a piece of several tokens counts as one wait. The peer is llama-batched-bench with \
                 8 sequences of the mean lengths, by its total speed."
            }
            Part::Reuse => "reuse: one call for one token after a fresh prefix, then the same call again.",
            Part::Cost => {
                "cost: milliseconds of decoding a token; the grammar is of objects with a name and a value, with no \
                 end that the text could reach."
            }
        }
    }
}

/// What `bench model` measures.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::cli::command) struct ModelBench {
    /// Version of this form.
    schema: u32,
    /// The build and the machine.
    machine: serde_json::Value,
    /// Devices that llama.cpp can compute on.
    devices: Vec<String>,
    /// The model.
    model: MeasuredModel,
    /// Threads on both sides.
    threads: u32,
    /// Layers on a GPU, on both sides.
    gpu_layers: u32,
    /// Rounds.
    rounds: u32,
    /// Sizes were small: no figure means anything.
    quick: bool,
    /// How each part that was measured is measured.
    methods: Vec<&'static str>,
    /// llama.cpp's programs.
    peers: Vec<Peer>,
    /// What was measured.
    measures: Vec<Measure>,
    /// Settings of llama-server that were tried before the rounds.
    server_settings: Vec<Tried>,
    /// The figures and their bars.
    figures: Vec<Figure>,
    /// Whether every figure was measured and meets its bar.
    all_met: bool,
}

/// The model that is measured.
#[derive(Debug, Serialize, JsonSchema)]
struct MeasuredModel {
    /// Its name.
    name: String,
    /// The file.
    file: PathBuf,
    /// BLAKE3 of the file.
    hash: String,
    /// Context in tokens.
    context: Option<u32>,
}

/// llama.cpp's programs.
struct Peers {
    bench: Peer,
    batched: Peer,
    server: Peer,
}

/// Everything that a round works with.
struct Bench<'b> {
    ours: Ours,
    sizes: Sizes,
    setup: Setup,
    peers: Peers,
    measures: Measures,
    tried: Vec<Tried>,
    /// The best setting of a server, by part.
    best_settings: Vec<(Part, String)>,
    say: &'b (dyn Fn(&str) + Sync),
}

/// Says who goes first in a round: true is ours.
fn ours_in_turn(round: u32) -> [bool; 2] {
    if round.is_multiple_of(2) { [true, false] } else { [false, true] }
}

/// Gives an error as one line.
fn one_line(error: &CliError) -> String {
    let lines: Vec<String> = error.lines().into_iter().map(|(_, line)| line).collect();
    lines.join(": ")
}

/// Runs the command.
pub(super) async fn run(
    args: &ModelBenchArgs,
    session: &mut Session,
    cancel: CancellationToken,
) -> Result<Exit, CliError> {
    let local = chosen(args, session)?;
    let peers = Peers {
        bench: Peer::new("llama-bench", args.llama_bench.as_deref())?,
        batched: Peer::new("llama-batched-bench", args.llama_batched_bench.as_deref())?,
        server: Peer::new("llama-server", args.llama_server.as_deref())?,
    };
    let model = open::open(&ModelSettings::Local(local.clone())).await?;
    let identity = model.identity().clone();
    let setup = Setup {
        file: local.path.clone(),
        threads: local.threads.map_or(1, NonZeroU32::get),
        gpu_layers: local.gpu_layers.unwrap_or(0),
        context: identity.context.unwrap_or(0),
    };
    let stderr = session.stderr.clone();
    let say = |line: &str| stderr.line(line);
    let mut bench = Bench {
        ours: Ours::new(model, &local.path)?,
        sizes: if args.quick { Sizes::quick() } else { Sizes::full() },
        setup,
        peers,
        measures: Measures::default(),
        tried: Vec::new(),
        best_settings: Vec::new(),
        say: &say,
    };
    let parts: Vec<Part> =
        Part::ALL.into_iter().filter(|part| args.only.is_empty() || args.only.contains(part)).collect();
    let rounds = args.rounds.map_or(7, NonZeroU32::get);
    // What is dropped in the middle takes its programs and calls along.
    tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(CliError::new(Exit::Interrupted, "finish the measurement: interrupted")),
        measured = bench.measure(&parts, rounds) => measured?,
    }
    let report = bench.report(identity, &parts, rounds, args.quick);
    session.output.record(&report, &lines(&report))?;
    Ok(Exit::Done)
}

/// Gives the model that the flags and settings name, with its threads settled.
fn chosen(args: &ModelBenchArgs, session: &Session) -> Result<LocalSettings, CliError> {
    let Some(spec) = session.settings.roles.get(&Role::Main) else {
        return Err(CliError::new(Exit::BadInput, "choose a model: none is given")
            .hint("--model local:models/SmolLM2-135M-Instruct-Q4_1.gguf (scripts/get-model.sh gets that file)"));
    };
    let ModelSettings::Local(mut local) = session.settings.model(&spec.value)? else {
        return Err(CliError::new(Exit::BadInput, format!("measure {}: it is no model in this process", spec.value))
            .hint("name a GGUF file: --model local:PATH"));
    };
    let cores = std::thread::available_parallelism().ok().and_then(|cores| u32::try_from(cores.get()).ok());
    local.threads = args.threads.or(local.threads).or(cores.and_then(NonZeroU32::new));
    Ok(local)
}

impl Bench<'_> {
    async fn measure(&mut self, parts: &[Part], rounds: u32) -> Result<(), CliError> {
        let machine = recipe::machine();
        let own = machine["llama_cpp"].as_str().unwrap_or_default();
        for peer in [&mut self.peers.bench, &mut self.peers.batched, &mut self.peers.server] {
            peer.introduce(&self.setup, own).await;
        }
        // The first decode reads the weights.
        let warm = self.ours.fresh(&mut random(u64::MAX), self.sizes.batch_prompt);
        self.ours.write(&warm, self.sizes.step, &How::greedy(EntropyWanted::Every)).await?;
        for part in parts {
            match part {
                Part::BestOf => self.best_of(rounds).await?,
                Part::Tree => self.tree(rounds).await?,
                _ => {
                    for round in 0..rounds {
                        self.says(*part, round);
                        match part {
                            Part::Speed => self.speed(round).await?,
                            Part::Batch => self.batch(round).await?,
                            Part::Load => self.load(round).await?,
                            Part::Reuse => self.reuse(round).await?,
                            Part::Cost => self.cost(round).await?,
                            Part::BestOf | Part::Tree => {}
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn says(&self, part: Part, round: u32) {
        (self.say)(&format!("{}: round {}", part.name(), round + 1));
    }

    fn report(self, identity: ModelIdentity, parts: &[Part], rounds: u32, quick: bool) -> ModelBench {
        let figures = figures::figures(&self, parts);
        #[cfg(feature = "local")]
        let devices = stepproof::model::local::devices();
        #[cfg(not(feature = "local"))]
        let devices = Vec::new();
        ModelBench {
            schema: 1,
            machine: recipe::machine(),
            devices,
            model: MeasuredModel {
                name: identity.name,
                file: self.setup.file,
                hash: identity.source,
                context: identity.context,
            },
            threads: self.setup.threads,
            gpu_layers: self.setup.gpu_layers,
            rounds,
            quick,
            methods: parts.iter().map(|part| part.method()).collect(),
            peers: vec![self.peers.bench, self.peers.batched, self.peers.server],
            measures: self.measures.report(),
            server_settings: self.tried,
            all_met: figures.iter().all(Figure::is_met),
            figures,
        }
    }
}

fn lines(bench: &ModelBench) -> Vec<(&'static str, String)> {
    let (model, size) = (&bench.model, if bench.quick { ", sizes small: no figure means anything" } else { "" });
    let mut lines = vec![
        ("model", format!("{} ({})", model.name, model.file.display())),
        ("threads", format!("{}, {} layers on a GPU", bench.threads, bench.gpu_layers)),
        ("rounds", format!("{}{size}", bench.rounds)),
        ("optimised", format!("{}", !cfg!(debug_assertions))),
    ];
    for peer in &bench.peers {
        let features = match peer.same_features {
            Some(true) => ", same CPU features",
            Some(false) => ", OTHER CPU features",
            None => "",
        };
        let version = peer.version.as_deref().unwrap_or("-");
        let state =
            peer.missing.clone().map_or_else(|| format!("{version}{features}"), |why| format!("not measured: {why}"));
        lines.push(("peer", format!("{}: {state}", peer.name)));
    }
    lines.extend(bench.measures.iter().map(|measure| (measure.part(), measure.line())));
    lines.extend(bench.figures.iter().map(|figure| ("figure", figure.line())));
    lines
}
