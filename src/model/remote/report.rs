//! What a probe found, as data and as sentences for people.

use super::dialect::{ContinuationForm, Dialect, StopForm};
use crate::model::{Capabilities, ChatStyle};

/// Where a model's reasoning comes from a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReasoningForm {
    /// There was none.
    None,
    /// In a field of its own (`reasoning_content` or `reasoning`).
    Apart,
    /// In the text, between think tags.
    Tags,
    /// In the text; the prompt has opened the tag already.
    OpenedByPrompt,
}

/// What became of a stop text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopSupport {
    /// The server stopped there and said so.
    Reported,
    /// The server stopped there and left the stop text in.
    Included,
    /// The server stopped there without saying why.
    Silent,
    /// The server wrote on.
    Ignored,
    /// Its answers differed too much from call to call to tell.
    Unclear,
}

/// What a server really does, found out by asking.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeReport {
    /// The served name.
    pub served: String,
    /// The server.
    pub url: String,
    /// Names that the server lists, 20 at most; `None` where it lists none.
    pub listed: Option<Vec<String>>,
    /// The served name is among them; `None` where it lists none.
    pub is_listed: Option<bool>,
    /// Context length in tokens, where the server says it.
    pub context: Option<u32>,
    /// Chats are answered.
    pub chat: bool,
    /// Raw completions are answered.
    pub completions: bool,
    /// Answers come piece by piece.
    pub streaming: bool,
    /// Streams end with the token counts.
    pub usage_in_stream: bool,
    /// Log-probabilities of so many likeliest tokens; 0 is none.
    pub top_logprobs: u32,
    /// How started answers are continued.
    pub continuation: ContinuationForm,
    /// How a started answer was continued: what it was started with, and what came.
    pub continuation_evidence: Option<(String, String)>,
    /// Where reasoning was seen.
    pub reasoning: ReasoningForm,
    /// Two equal calls at temperature 1 gave the same text.
    pub seeded: bool,
    /// What became of a stop text.
    pub stops: StopSupport,
    /// `max_tokens` was obeyed.
    pub max_tokens: bool,
    /// `top_k` and `min_p` are accepted.
    pub sampling_extensions: bool,
    /// JSON schemas are obeyed.
    pub json_schema: bool,
    /// GBNF grammars are obeyed.
    pub gbnf: bool,
    /// Embeddings are given.
    pub embeddings: bool,
    /// Log-likelihoods of a given text are given (echoed completions).
    pub log_likelihood: bool,
    /// Calls that the probe made.
    pub calls: u32,
    pub(super) dialect: Dialect,
}

/// What a dialect does not say about a server.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extras {
    pub(super) log_likelihood: bool,
    pub(super) embeddings: bool,
    pub(super) seeded: bool,
}

/// Says what can be done in a dialect.
pub(super) fn capabilities(dialect: &Dialect, extras: &Extras) -> Capabilities {
    Capabilities {
        chat: match (dialect.chat, dialect.thinking) {
            (false, _) => ChatStyle::Base,
            (true, false) => ChatStyle::Chat,
            (true, true) => ChatStyle::Thinking,
        },
        // A base model's prompt is a started text.
        continuation: !dialect.chat || dialect.continuation != ContinuationForm::None,
        top_logprobs: dialect.top_logprobs,
        full_entropy: false,
        log_likelihood: extras.log_likelihood,
        grammar: dialect.json_schema || dialect.gbnf,
        embeddings: extras.embeddings,
        seeded: extras.seeded,
    }
}

impl ProbeReport {
    /// Says what the driver can do with this server.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        let extras = Extras { log_likelihood: self.log_likelihood, embeddings: self.embeddings, seeded: self.seeded };
        capabilities(&self.dialect, &extras)
    }

    /// Says how stop texts are handled with this server.
    #[must_use]
    pub fn stop_form(&self) -> StopForm {
        self.dialect.stops
    }

    /// Gives one sentence for each finding.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        let mut say = |text: String| sentences.push(text);
        say(format!("{} answers at {}.", self.served, self.url));
        match (&self.listed, self.is_listed) {
            (Some(_), Some(true)) => say("The server lists this name.".to_owned()),
            (Some(listed), _) => say(format!("The server does not list this name; it lists {}.", listed.join(", "))),
            (None, _) => say("The server does not list its models.".to_owned()),
        }
        if let Some(context) = self.context {
            say(format!("Its context holds {context} tokens."));
        }
        say(match (self.chat, self.completions) {
            (true, true) => "It answers chats and raw completions.".to_owned(),
            (true, false) => "It answers chats, but no raw completions.".to_owned(),
            (false, _) => "It answers raw completions, but no chats: the model is used as a base model.".to_owned(),
        });
        say(choose(
            self.streaming,
            "Answers come piece by piece.",
            "Answers come whole: no gate and no early stop can save tokens.",
        ));
        say(choose(
            self.usage_in_stream,
            "Streams end with the token counts.",
            "Streams give no token counts: they are counted here and marked as estimated.",
        ));
        say(match self.top_logprobs {
            0 => "It gives no log-probabilities: no entropies, no gate.".to_owned(),
            count if count < 20 => {
                format!("It gives log-probabilities of {count} tokens, too few for entropies of kind top20.")
            }
            count => format!("It gives log-probabilities of the {count} likeliest tokens."),
        });
        let how = match self.continuation {
            ContinuationForm::None => None,
            ContinuationForm::FinalMessage => Some("by continue_final_message"),
            ContinuationForm::TrailingMessage => Some("as a last assistant message"),
            ContinuationForm::Template => Some("by raw completions of the given chat template"),
        };
        say(match (how, &self.continuation_evidence) {
            (Some(how), Some((started, came))) => {
                format!("It continues started answers {how} ({started:?} went on with {came:?}).")
            }
            (Some(how), None) => format!("It continues started answers {how}."),
            (None, _) if !self.chat => "Raw prompts are continued as they are.".to_owned(),
            (None, _) => "It does not continue started answers: no step-by-step strategies.".to_owned(),
        });
        say(match self.reasoning {
            ReasoningForm::None => "No reasoning part was seen.".to_owned(),
            ReasoningForm::Apart => "Reasoning comes in a field of its own.".to_owned(),
            ReasoningForm::Tags => "Reasoning comes in think tags.".to_owned(),
            ReasoningForm::OpenedByPrompt => "Answers begin inside the think tags, opened by the prompt.".to_owned(),
        });
        say(match self.stops {
            StopSupport::Reported => "It stops at stop texts and says so.".to_owned(),
            StopSupport::Included => "It stops at stop texts and leaves them in.".to_owned(),
            StopSupport::Silent => "It stops at stop texts without saying so, which looks like the end of an answer: \
                streams are cut here instead, and their tokens counted here."
                .to_owned(),
            StopSupport::Ignored => "It writes on after stop texts: streams are cut here.".to_owned(),
            StopSupport::Unclear => "Whether it stops at stop texts is unclear: streams are cut here.".to_owned(),
        });
        say(choose(
            self.seeded,
            "Equal calls gave equal texts.",
            "Equal calls gave different texts: it ignores seeds.",
        ));
        say(choose(self.max_tokens, "It obeys max_tokens.", "It does not obey max_tokens."));
        say(choose(
            self.sampling_extensions,
            "It takes top_k and min_p.",
            "It does not take top_k and min_p; its own defaults may apply.",
        ));
        say(match (self.json_schema, self.gbnf) {
            (true, true) => "It obeys JSON schemas and GBNF grammars.".to_owned(),
            (true, false) => "It obeys JSON schemas.".to_owned(),
            (false, true) => "It obeys GBNF grammars.".to_owned(),
            (false, false) => "It obeys neither JSON schemas nor GBNF grammars.".to_owned(),
        });
        say(choose(self.embeddings, "It gives embeddings.", "It gives no embeddings."));
        say(choose(self.log_likelihood, "It gives log-likelihoods.", "It gives no log-likelihoods."));
        sentences
    }
}

fn choose(yes: bool, then: &str, otherwise: &str) -> String {
    if yes { then.to_owned() } else { otherwise.to_owned() }
}
