//! stepproof answers problems step by step and has every answer checked.
//!
//! **A suite asks problems, a strategy proposes steps with language models, a verifier judges the result, the store
//! keeps everything, a report reads the store.**
//!
//! ```text
//! suite ──Problem──▶ run ──Statement──▶ strategy ───▶ Candidate + Trace
//!                     │                   │  ▲
//!                     │         propose ◀─┤  ├─▶ search (chain; later best-of, beam, MCTS)
//!                     │                   └──┴─▶ model (local, remote, scripted, recorded)
//!                     ├──Candidate, Reference──▶ verify ──▶ Verdict
//!                     └──Attempt (committed whole)──▶ store ──▶ report, traces, sql
//! ```
//!
//! # Where everything lives
//!
//! The rooms in reading order; a room may use what stands before it, never what stands behind it (`tests/tidy.rs`
//! checks that).
//!
//! | room | what it owns |
//! | --- | --- |
//! | [`problem`] | a problem: the [`problem::Statement`] that strategies see, the [`problem::Reference`] that only verifiers see |
//! | [`token`], [`step`] | token runs with their tokenizer; a step and where a text is cut into steps |
//! | [`trace`] | roles, candidates, outcomes, and the events that a strategy reports |
//! | [`verdict`], [`budget`] | accepted, rejected, unknown with their classes; limits and usage |
//! | [`name`] | the nearest of some known names, for "did you mean" |
//! | [`answer`], [`stats`] | mathematical answers: extract, compare, cluster; pass@k, intervals |
//! | [`model`] | [`model::LanguageModel`] and its drivers: llama.cpp in the process (continuous batching over a prefix cache of our own), OpenAI-compatible servers, scripts, completion logs; reads, checks and writes GGUF files |
//! | [`sandbox`] | programs that run untrusted text: no network, a view of their own, limits |
//! | [`lean`] | Lean 4: toolchains, a pool of workers behind `lean --server`, the compiler, a reader of `.olean` files |
//! | [`prompt`] | the templates of `prompts/` |
//! | [`store`] | the SQLite database: schema in `migrations/`, one writer, read-only queries |
//! | [`verify`] | [`verify::Verifier`]: is the candidate right; [`verify::lean`] judges proofs, layer upon layer |
//! | [`propose`] | [`propose::Proposer`]: the next step of a prefix |
//! | [`search`] | [`search::Search`]: what grows prefixes under a budget |
//! | [`strategy`] | a named wiring of the above, from a preset's TOML |
//! | [`suite`] | problems with their protocol, from `benchmarks/suites/` or a user's TOML |
//! | [`run`] | the frozen, hashed description of a run; plan, execute, resume, replay, judge again |
//! | [`report`] | figures computed from the store alone |
//!
//! The command is the binary target (`src/main.rs`, `src/cli/`) and uses only this public interface.
//!
//! # Why it is built so
//!
//! - **Gold answers cannot leak.** A strategy is handed a [`problem::Statement`], a type without a gold answer. Only
//!   [`run`] takes a [`problem::Problem`] apart.
//! - **Prompts are whole.** Callers send the full prompt each time, and prefix reuse is the driver's business; so
//!   strategies run unchanged on every driver, and there are no session handles to lose. What a user or a model wrote is
//!   a segment of its own that is never parsed for special tokens.
//! - **Attempts are committed whole.** One attempt is one (run, item, sample). Its rows go into the database in one
//!   transaction (or with other whole attempts in one), so a run killed at any moment goes on where it was. Several
//!   processes share a run by leases that die with their process.
//! - **A run is its hash.** [`run::RunSpec`] holds everything that decides results; the same command line goes on with
//!   the run of the same hash.
//! - **Seeds depend on places**, never on the order of arrival ([`model::call_seed`]).
//! - **Completions are logged** under the hash of their request, so that any run can be replayed without its models.
//! - **A proof is judged by layers that do not trust each other**: a lexer's ban list, the statement under a secret name
//!   before the candidate and a sentinel behind it, confinement, and the compiled constant read away from the candidate.
//! - **A wrong answer is a verdict, a failure is an outcome.** Errors mean that something around us broke; they are
//!   counted apart, never as wrong answers without a word.

// words: plain data and pure functions
pub mod answer;
pub mod budget;
pub mod name;
pub mod problem;
pub mod stats;
pub mod step;
pub mod token;
pub mod trace;
pub mod verdict;

// mutated inputs for the tests of parsers
#[cfg(test)]
#[path = "../tests/support/mutate.rs"]
mod mutate;

// drivers: one foreign system each
pub mod lean;
pub mod model;
pub mod prompt;
pub mod sandbox;
pub mod store;

// roles
pub mod propose;
pub mod verify;

// composition
pub mod search;
pub mod strategy;

// experiments
pub mod report;
pub mod run;
pub mod suite;

/// Makes the provider of cryptography known that every HTTPS connection needs; a second call does no harm. Models do it
/// themselves when they are opened.
pub use model::remote::init_tls;
