//! Candidates of one prompt, and a search tree: against llama-server.
//!
//! Which settings serve a server best is tried once before the rounds; the rounds are run with the best.

use std::path::PathBuf;
use std::time::Instant;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::Serialize;

use super::measures::{OURS, PER_SECOND};
use super::ours::{How, Written, random};
use super::server::{Server, Setting, setting};
use super::sizes::TreeSizes;
use super::speed::{cached_share, written};
use super::tree::{Schedule, Step, grow};
use super::{Bench, Part, ours_in_turn};
use crate::cli::error::CliError;

pub(super) const SERVER: &str = "llama-server";
pub(super) const PARALLEL: &str = "llama-server, one request each";
pub(super) const TOGETHER: &str = "llama-server, one request for all";
pub(super) const CACHED: &str = "prompt tokens that were there";
pub(super) const TREE: &str = "search tree";

/// A setting of llama-server that was tried.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Tried {
    /// The part of the bench.
    part: &'static str,
    /// The setting.
    setting: String,
    /// Tokens written a second; none where it failed.
    tokens_per_s: Option<f64>,
    /// Why it failed.
    trouble: Option<String>,
}

/// Names a length of candidates.
pub(super) fn candidates(new: usize) -> String {
    format!("candidates of {new} tokens")
}

/// Settings that may serve candidates best.
fn for_candidates(count: usize) -> Vec<Setting> {
    [(true, true), (true, false), (false, true), (false, false)]
        .map(|(unified, keeps)| setting(count, unified, keeps, count))
        .into()
}

/// Settings that may serve a tree best: as many slots as calls, fewer of both, and more slots than calls, which keep
/// more of the tree.
const FOR_TREE: [Setting; 10] = [
    setting(8, true, true, 8),
    setting(8, true, false, 8),
    setting(8, false, true, 8),
    setting(8, false, false, 8),
    setting(8, false, true, 4),
    setting(4, false, true, 4),
    setting(32, true, false, 8),
    setting(32, false, false, 8),
    setting(2, false, true, 2),
    setting(1, true, true, 1),
];
/// The seed of the tree that is grown in every round.
pub(super) const SCHEDULE: u64 = 6;
/// How much smaller the tree is that settings are tried with.
const TRIAL: usize = 4;
/// Calls of ours at once.
const OWN_CALLS: usize = 8;

impl Bench<'_> {
    /// Candidates of one prompt, in rounds.
    pub(super) async fn best_of(&mut self, rounds: u32) -> Result<(), CliError> {
        let server = self.best_server(Part::BestOf, for_candidates(self.sizes.candidates)).await;
        for round in 0..rounds {
            self.says(Part::BestOf, round);
            for (place, new) in self.sizes.candidate_new.into_iter().enumerate() {
                for ours in ours_in_turn(round) {
                    if ours {
                        self.own_candidates(u64::from(round) << 8 | place as u64, new).await?;
                    } else if let Some((server, _)) = self.serving(&server)
                        && let Err(error) = self.server_candidates(server, round, new).await
                    {
                        self.peers.server.fails(&error);
                    }
                }
            }
        }
        Ok(())
    }

    async fn own_candidates(&mut self, seed: u64, new: usize) -> Result<(), CliError> {
        let prompt = self.ours.fresh(&mut random(seed), self.sizes.shared_prompt);
        let hows: Vec<How> = (0..self.sizes.candidates).map(|candidate| How::drawn(candidate as u64)).collect();
        let began = Instant::now();
        let texts = hows.iter().map(|how| self.ours.write(&prompt, new, how));
        let texts: Vec<Written> = try_join_all(texts).await?;
        let speed = written(&texts) / began.elapsed().as_secs_f64();
        let what = candidates(new);
        self.measures.push(Part::BestOf, &what, OURS, PER_SECOND, speed);
        self.measures.push(Part::BestOf, &format!("{CACHED}, {what}"), OURS, "share", cached_share(&texts));
        Ok(())
    }

    async fn server_candidates(&mut self, server: &Server, round: u32, new: usize) -> Result<(), CliError> {
        let mut random = random(u64::from(round) << 16 | new as u64);
        let what = candidates(new);
        for way in [PARALLEL, TOGETHER] {
            let prompt = self.ours.fresh(&mut random, self.sizes.shared_prompt);
            let (tokens, seconds) = server_way(server, &prompt, new, self.sizes.candidates, way == TOGETHER).await?;
            self.measures.push(Part::BestOf, &what, way, PER_SECOND, tokens / seconds);
        }
        Ok(())
    }

    /// The search tree, in rounds.
    pub(super) async fn tree(&mut self, rounds: u32) -> Result<(), CliError> {
        let schedule = Schedule::plan(self.sizes.tree, SCHEDULE);
        (self.say)(&format!("tree: {} nodes, {} deep", self.sizes.tree.nodes, schedule.depth));
        let server = self.best_server(Part::Tree, FOR_TREE.into()).await;
        for round in 0..rounds {
            self.says(Part::Tree, round);
            for ours in ours_in_turn(round) {
                let root = self.ours.fresh(&mut random(u64::from(round) << 1 | u64::from(ours)), self.sizes.tree.root);
                let step = self.sizes.tree.step;
                let (way, grown) = if ours {
                    let write = async |prompt: Vec<i32>, seed| {
                        let written = self.ours.write(&prompt, step, &How::drawn(seed)).await?;
                        let (prompt, cached) = (written.first.prompt_tokens, written.first.cached_tokens);
                        Ok(Step { ids: written.ids, prompt, cached })
                    };
                    (OURS, grow(&schedule, &root, OWN_CALLS, write).await?)
                } else if let Some((server, best)) = self.serving(&server) {
                    let write = async |prompt: Vec<i32>, seed| one(server, &prompt, step, seed).await;
                    match grow(&schedule, &root, best.calls, write).await {
                        Ok(grown) => (SERVER, grown),
                        Err(error) => {
                            self.peers.server.fails(&error);
                            continue;
                        }
                    }
                } else {
                    continue;
                };
                self.measures.push(Part::Tree, TREE, way, PER_SECOND, grown.written as f64 / grown.seconds);
                self.measures.push(Part::Tree, CACHED, way, "share", grown.cached as f64 / grown.prompt as f64);
            }
        }
        Ok(())
    }

    /// Gives the server as long as it has not failed.
    fn serving<'s>(&self, server: &'s Option<(Server, Setting)>) -> Option<&'s (Server, Setting)> {
        server.as_ref().filter(|_| self.peers.server.program().is_some())
    }

    /// Tries settings; gives a server with the best of them, or none where none works.
    async fn best_server(&mut self, part: Part, settings: Vec<Setting>) -> Option<(Server, Setting)> {
        let program: PathBuf = self.peers.server.program()?.to_path_buf();
        let mut best: Option<(f64, Setting)> = None;
        for setting in settings {
            (self.say)(&format!("{}: trying {SERVER} {}", part.name(), setting.name()));
            let tried = self.trial(part, &program, setting).await;
            let speed = tried.as_ref().ok().copied();
            let trouble = tried.err().map(|error| super::one_line(&error));
            self.tried.push(Tried { part: part.name(), setting: setting.name(), tokens_per_s: speed, trouble });
            if let Some(speed) = speed.filter(|speed| best.is_none_or(|(best, _)| *speed > best)) {
                best = Some((speed, setting));
            }
        }
        let started = match best {
            Some((_, setting)) => {
                let started = Server::start(&self.setup, &program, setting, self.longest(part)).await;
                started.map(|server| (server, setting)).map_err(|error| super::one_line(&error))
            }
            None => Err("no setting of it works".to_owned()),
        };
        match started {
            Ok((server, setting)) => {
                self.best_settings.push((part, setting.name()));
                Some((server, setting))
            }
            Err(why) => {
                self.peers.server.missing = Some(why);
                None
            }
        }
    }

    /// Gives the tokens a second that a setting reaches.
    async fn trial(&self, part: Part, program: &std::path::Path, setting: Setting) -> Result<f64, CliError> {
        let server = Server::start(&self.setup, program, setting, self.longest(part)).await?;
        if part == Part::Tree {
            // A smaller tree tells which setting is best.
            let sizes = TreeSizes { nodes: self.sizes.tree.nodes.div_ceil(TRIAL), ..self.sizes.tree };
            let schedule = Schedule::plan(sizes, SCHEDULE);
            let root = self.ours.fresh(&mut random(u64::MAX), sizes.root);
            let write = async |prompt: Vec<i32>, seed| one(&server, &prompt, self.sizes.tree.step, seed).await;
            let grown = grow(&schedule, &root, setting.calls, write).await?;
            return Ok(grown.written as f64 / grown.seconds);
        }
        let mut random = random(u64::MAX);
        let mut fastest: f64 = 0.0;
        for together in [false, true] {
            let prompt = self.ours.fresh(&mut random, self.sizes.shared_prompt);
            let [new, _] = self.sizes.candidate_new;
            let (tokens, seconds) = server_way(&server, &prompt, new, self.sizes.candidates, together).await?;
            fastest = fastest.max(tokens / seconds);
        }
        Ok(fastest)
    }

    /// Gives the length of the longest text of a part.
    fn longest(&self, part: Part) -> usize {
        let tree = self.sizes.tree;
        match part {
            Part::Tree => tree.root + tree.depth * tree.step,
            _ => self.sizes.shared_prompt + self.sizes.candidate_new.into_iter().max().unwrap_or(0),
        }
    }
}

/// Has a server write candidates, in one request or in one each; gives tokens and seconds.
async fn server_way(
    server: &Server,
    prompt: &[i32],
    new: usize,
    count: usize,
    together: bool,
) -> Result<(f64, f64), CliError> {
    let began = Instant::now();
    let texts = if together {
        server.write(prompt, new, 0, count).await?
    } else {
        try_join_all((0..count).map(|seed| one(server, prompt, new, seed as u64))).await?
    };
    let tokens = texts.iter().map(|text| text.ids.len()).sum::<usize>();
    Ok((tokens as f64, began.elapsed().as_secs_f64()))
}

/// Has a server write one text.
async fn one(server: &Server, prompt: &[i32], count: usize, seed: u64) -> Result<Step, CliError> {
    let texts = server.write(prompt, count, seed, 1).await?;
    let missing = || CliError::new(crate::cli::exit::Exit::Missing, "measure llama-server: it wrote no text");
    texts.into_iter().next().ok_or_else(missing)
}
