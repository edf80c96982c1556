//! What one attempt wrote and how it stopped: candidate, outcome, trace, and the events a strategy reports on its way.

use crate::budget::Usage;
use crate::step::{Phase, Step};

/// What part a model plays in a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Default writer.
    Main,
    /// The cheap writer of a routed pair.
    Small,
    /// The strong writer of a routed pair.
    Large,
    /// Scores prefixes.
    Critic,
    /// Makes vectors for retrieval.
    Embedder,
    /// Writes Lean proofs.
    Prover,
    /// Judges short answers.
    Judge,
}

impl Role {
    /// All roles, in the order of the documentation.
    pub const ALL: [Role; 7] =
        [Role::Main, Role::Small, Role::Large, Role::Critic, Role::Embedder, Role::Prover, Role::Judge];

    /// Gives the role's name on the command line and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Main => "main",
            Role::Small => "small",
            Role::Large => "large",
            Role::Critic => "critic",
            Role::Embedder => "embedder",
            Role::Prover => "prover",
            Role::Judge => "judge",
        }
    }

    /// Finds the role with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What is judged. The text is what the model wrote after its thinking part; extraction belongs to the verifier, so
/// that stored candidates can be judged again with a later extractor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The visible output, thinking part left out.
    pub text: String,
    /// Whether the output was cut by a length limit before the model ended it.
    pub truncated: bool,
}

/// A limit that ended an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Completion tokens of the attempt, of a call or of the model's context.
    Tokens,
    /// Model calls.
    Calls,
    /// Steps.
    Steps,
    /// Search nodes.
    Nodes,
    /// Checks by a verifier inside the search.
    Checks,
    /// Wall time.
    Seconds,
    /// The prompt does not fit into the model's context.
    Context,
}

impl Limit {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Limit::Tokens => "tokens",
            Limit::Calls => "calls",
            Limit::Steps => "steps",
            Limit::Nodes => "nodes",
            Limit::Checks => "checks",
            Limit::Seconds => "seconds",
            Limit::Context => "context",
        }
    }
}

/// Why an attempt made no progress any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stuck {
    /// The model wrote an empty step.
    Empty,
    /// A step repeats the one before it.
    Duplicate,
    /// The last four steps alternate between two texts.
    Alternating,
}

impl Stuck {
    /// Gives the name used in JSON and SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Stuck::Empty => "empty",
            Stuck::Duplicate => "duplicate",
            Stuck::Alternating => "alternating",
        }
    }
}

/// How an attempt stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The model ended its output.
    Answered,
    /// A limit was reached first.
    Exhausted(Limit),
    /// No progress any more.
    Stuck(Stuck),
    /// The user or a sibling stopped it.
    Cancelled,
    /// Infrastructure failed; the text says how.
    Failed(String),
}

impl Outcome {
    /// Every name of an outcome.
    pub const NAMES: [&'static str; 5] = ["answered", "exhausted", "stuck", "cancelled", "failed"];

    /// Gives the outcome's name in JSON and SQL.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::Exhausted(_) => "exhausted",
            Outcome::Stuck(_) => "stuck",
            Outcome::Cancelled => "cancelled",
            Outcome::Failed(_) => "failed",
        }
    }

    /// Gives the limit, the kind of standstill or the failure's text, where there is one.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Outcome::Answered | Outcome::Cancelled => None,
            Outcome::Exhausted(limit) => Some(limit.name()),
            Outcome::Stuck(stuck) => Some(stuck.name()),
            Outcome::Failed(text) => Some(text),
        }
    }
}

/// Ordered record of one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The accepted steps; their texts and separators join to the exact output.
    pub steps: Vec<Step>,
    /// How the attempt stopped.
    pub outcome: Outcome,
}

/// One model call as a strategy reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRecord {
    /// The role that the model was called in.
    pub role: Role,
    /// Name of the model (its `ModelIdentity::name`).
    pub model: String,
    /// Index of the step that the call wrote or looked ahead of, from 0.
    pub step: u32,
    /// Ordinal of the call in its step, from 0.
    pub ordinal: u32,
    /// The seed of its sampler.
    pub seed: u64,
    /// What came back, as the completion log keeps it; nothing where the call failed.
    pub completion: Option<String>,
    /// Hash of the request, the key of the completion log.
    pub request_hash: String,
    /// What was spent.
    pub usage: Usage,
    /// Why it ended: a finish name, or `error`.
    pub finish: String,
    /// The error's sentence where the call failed.
    pub error: Option<String>,
    /// Milliseconds from the attempt's start to the call's start.
    pub started_ms: f64,
    /// Milliseconds from the call's start to its end.
    pub wall_ms: f64,
    /// Entropy in nats of the first content token, where asked for.
    pub first_entropy_nats: Option<f32>,
    /// Whether its output was thrown away (a rejected draft, a failed try).
    pub wasted: bool,
}

/// What a strategy reports while it works. `run` turns events into rows; `solve` prints them.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A model call ended.
    Call(Box<CallRecord>),
    /// A step was accepted.
    Step(Box<Step>),
    /// The conversation that the attempt started from, as JSON text of its messages.
    Prompt(String),
}

/// Takes a strategy's events; must be cheap and must not block.
pub trait Recorder: Send + Sync {
    /// Takes one event.
    fn record(&self, event: Event);

    /// Sees a piece of a model's text on its way, for displays. It may become part of a step, or of a draft that is
    /// thrown away; [`Event::Step`] says what stays.
    fn text(&self, phase: Phase, text: &str) {
        let _ = (phase, text);
    }
}

/// Collects events in memory, in order.
#[derive(Debug, Default)]
pub struct EventLog(std::sync::Mutex<Vec<Event>>);

impl EventLog {
    /// Takes all events collected so far.
    #[must_use]
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Event>> {
        // A panic of another attempt's thread cannot leave a half-pushed event behind.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Recorder for EventLog {
    fn record(&self, event: Event) {
        self.lock().push(event);
    }
}
