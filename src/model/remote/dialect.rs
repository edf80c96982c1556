//! How one server speaks the protocol, and the request bodies that follow from it.

use serde_json::{Value, json};

use super::template;
use super::wire::{Body, LogprobsWanted, StreamOptions, Turn};
use crate::model::{Distribution, EntropyKind, EntropyWanted, Grammar, ModelError, Request};

/// How a started answer is continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContinuationForm {
    /// Not at all.
    None,
    /// A last assistant message with `continue_final_message`, as vLLM, SGLang and newer llama-servers want it.
    FinalMessage,
    /// A last assistant message and nothing else.
    TrailingMessage,
    /// A raw completion of the rendered chat template. Text of users and models is parsed for special tokens there.
    Template,
}

/// What a server does with stop texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopForm {
    /// It says which stop text ended the call, or leaves it in the text: the call ends there and its usage is exact.
    Told,
    /// It strips them and does not say that one was met, which looks like the end of the answer; or it ignores them.
    /// So they are not sent: the stream is cut here when one is met, and the usage is counted here.
    CutHere,
}

/// What is known about a server; decides what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) chat: bool,
    pub(super) raw: bool,
    pub(super) continuation: ContinuationForm,
    pub(super) stops: StopForm,
    /// Stop texts are looked for in what comes back; the probe looks at the bare answer instead.
    pub(super) enforce_stops: bool,
    /// `top_k`, `min_p` and `include_stop_str_in_output` are understood.
    pub(super) extensions: bool,
    pub(super) top_logprobs: u32,
    pub(super) stream_options: bool,
    /// `max_completion_tokens` in place of `max_tokens`.
    pub(super) max_completion_tokens: bool,
    pub(super) json_schema: bool,
    pub(super) gbnf: bool,
    /// The model thinks first, wherever the server puts that.
    pub(super) thinking: bool,
    /// The server's prompt has opened the think block, and the answer's text starts inside.
    pub(super) starts_inside: bool,
}

impl Dialect {
    /// What every server can be expected to understand, for calls before a probe.
    pub(super) fn plain(thinking: bool) -> Dialect {
        Dialect {
            chat: true,
            raw: true,
            continuation: ContinuationForm::None,
            stops: StopForm::CutHere,
            enforce_stops: true,
            extensions: false,
            top_logprobs: 0,
            stream_options: false,
            max_completion_tokens: false,
            json_schema: false,
            gbnf: false,
            thinking,
            starts_inside: false,
        }
    }
}

/// A request in a server's dialect.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) path: &'static str,
    pub(super) body: Vec<u8>,
    /// Whether the answer's text starts inside a think block.
    pub(super) starts_inside: bool,
    /// How many letters the prompt has, for estimates.
    pub(super) prompt_bytes: usize,
}

/// How many likeliest tokens the entropy of kind `top20` looks at.
pub(super) const TOP: u32 = 20;
const _: () = assert!(TOP as usize == Distribution::TOP);

/// The most stop texts that the protocol allows; further ones are looked for here only.
const MOST_STOPS: usize = 4;

/// Servers keep seeds in 32 bits, some of them signed, and some take all ones for "random".
const SEED_BITS: u64 = 0x7fff_ffff;

/// Puts a request into a server's dialect.
///
/// # Errors
/// The server cannot do what is asked, or the request breaks a rule.
pub(super) fn outgoing(
    request: &Request,
    dialect: &Dialect,
    served: &str,
    chat_template: Option<&str>,
) -> Result<Outgoing, ModelError> {
    let unsupported = |what| ModelError::Unsupported { model: served.to_owned(), what };
    check(request, served)?;
    let prompt = &request.prompt;
    let continuation = prompt.continuation_text();
    let top = top_logprobs(request, dialect).map_err(unsupported)?;

    let mut body = Body {
        model: served,
        temperature: request.sampling.temperature,
        top_p: request.sampling.top_p,
        seed: Some(request.sampling.seed & SEED_BITS),
        stream: true,
        ..Body::default()
    };
    let length = Some(request.max_tokens);
    if dialect.max_completion_tokens {
        body.max_completion_tokens = length
    } else {
        body.max_tokens = length
    }
    if dialect.stream_options {
        body.stream_options = Some(StreamOptions { include_usage: true });
    }
    if dialect.extensions {
        // Named even where they do nothing: servers have defaults of their own (llama-server keeps 40 tokens).
        body.top_k = Some(request.sampling.top_k.map_or(-1, i64::from));
        body.min_p = Some(request.sampling.min_p);
    } else if request.sampling.top_k.is_some() || request.sampling.min_p > 0.0 {
        return Err(unsupported("top_k and min_p"));
    }
    if dialect.stops == StopForm::Told && !request.stops.is_empty() {
        body.stop = Some(request.stops.get(..MOST_STOPS).unwrap_or(&request.stops));
        body.include_stop_str_in_output = dialect.extensions.then_some(true);
    }
    match &request.grammar {
        None => {}
        Some(Grammar::JsonSchema(_)) if !dialect.json_schema => return Err(unsupported("answers by a JSON schema")),
        Some(Grammar::Gbnf(_)) if !dialect.gbnf => return Err(unsupported("answers by a GBNF grammar")),
        Some(Grammar::Gbnf(grammar)) => body.grammar = Some(grammar),
        Some(Grammar::JsonSchema(schema)) => {
            let schema: Value = serde_json::from_str(schema).map_err(|error| ModelError::BadRequest {
                model: served.to_owned(),
                rule: format!("the JSON schema cannot be read: {error}"),
            })?;
            let named = json!({ "name": "answer", "strict": true, "schema": schema });
            body.response_format = Some(json!({ "type": "json_schema", "json_schema": named }));
        }
    }

    let raw = |mut body: Body<'_>, text: &str, starts_inside| {
        if !dialect.raw {
            return Err(unsupported("raw completions"));
        }
        body.logprobs = top.map(LogprobsWanted::Count);
        Ok(finish("completions", Body { prompt: Some(text), ..body }, text.len(), starts_inside))
    };
    if prompt.messages.is_empty() {
        return raw(body, &continuation, think_is_open(&continuation));
    }
    if !dialect.chat {
        return Err(unsupported("chats"));
    }
    let started = !continuation.is_empty();
    let starts_inside = if started { think_is_open(&continuation) } else { dialect.starts_inside };
    let mut messages: Vec<Turn<'_>> =
        prompt.messages.iter().map(|turn| Turn { role: turn.speaker.name(), content: &turn.content }).collect();
    if started {
        match dialect.continuation {
            ContinuationForm::None => return Err(unsupported("continuation of a started answer")),
            ContinuationForm::Template => {
                let template = chat_template.ok_or_else(|| unsupported("continuation of a started answer"))?;
                let text = template::render(template, &messages, served)? + &continuation;
                return raw(body, &text, starts_inside);
            }
            ContinuationForm::FinalMessage => {
                body.continue_final_message = Some(true);
                body.add_generation_prompt = Some(false);
            }
            ContinuationForm::TrailingMessage => {}
        }
        messages.push(Turn { role: "assistant", content: &continuation });
    }
    body.logprobs = top.map(|_| LogprobsWanted::Switch(true));
    body.top_logprobs = top;
    let size = messages.iter().map(|turn| turn.content.len() + turn.role.len()).sum();
    Ok(finish("chat/completions", Body { messages: Some(messages), ..body }, size, starts_inside))
}

#[expect(clippy::expect_used, reason = "strings, numbers and lists of them have a JSON form")]
fn finish(path: &'static str, body: Body<'_>, prompt_bytes: usize, starts_inside: bool) -> Outgoing {
    let body = serde_json::to_vec(&body).expect("a body has no map keys and no failing writers");
    Outgoing { path, body, starts_inside, prompt_bytes }
}

fn check(request: &Request, served: &str) -> Result<(), ModelError> {
    let sampling = &request.sampling;
    let rule = if request.max_tokens == 0 {
        "max_tokens is 0, the least is 1".to_owned()
    } else if !(sampling.temperature.is_finite() && sampling.temperature >= 0.0) {
        format!("temperature is {}, it must be 0 or more", sampling.temperature)
    } else if !(sampling.top_p > 0.0 && sampling.top_p <= 1.0) {
        format!("top_p is {}, it must lie in (0, 1]", sampling.top_p)
    } else if !(0.0..=1.0).contains(&sampling.min_p) {
        format!("min_p is {}, it must lie in [0, 1]", sampling.min_p)
    } else if request.prompt.messages.is_empty() && request.prompt.continuation.is_empty() {
        "the prompt is empty".to_owned()
    } else {
        return Ok(());
    };
    Err(ModelError::BadRequest { model: served.to_owned(), rule })
}

/// Gives how many likeliest tokens to ask for, `None` where log-probabilities are not wanted.
fn top_logprobs(request: &Request, dialect: &Dialect) -> Result<Option<u32>, &'static str> {
    let kind = match (request.gate, request.entropy) {
        (Some(gate), _) => Some(gate.kind),
        (None, EntropyWanted::None) => None,
        (None, EntropyWanted::First | EntropyWanted::Every) => Some(request.entropy_kind),
    };
    if kind == Some(EntropyKind::Full) {
        return Err("entropies over the full vocabulary (kind `full`; `top20` is what servers give)");
    }
    // An entropy over fewer than 20 is another measure: thresholds would silently mean something else.
    if kind == Some(EntropyKind::Top20) && dialect.top_logprobs < TOP {
        return Err("log-probabilities of the 20 likeliest tokens (entropy kind `top20`)");
    }
    if request.top_logprobs > dialect.top_logprobs {
        return Err("log-probabilities of that many likeliest tokens");
    }
    let wanted = request.top_logprobs.max(if kind.is_some() { TOP } else { 0 });
    Ok((wanted > 0).then_some(wanted))
}

/// Tells whether a started answer ends inside its think block.
fn think_is_open(continuation: &str) -> bool {
    continuation.trim_start().starts_with("<think>") && !continuation.contains("</think>")
}
