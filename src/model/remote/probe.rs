//! Asks a server small questions and believes only what comes back.

use reqwest::Method;

use super::assembly::Observed;
use super::dialect::{ContinuationForm, Dialect, StopForm, TOP};
use super::report::{ProbeReport, ReasoningForm, StopSupport};
use super::server::{Limits, NotOpened};
use super::wire::ModelList;
use super::{RemoteModel, score};
use crate::model::{
    Completion, Distribution, Grammar, Message, ModelError, Prompt, Request, Sampling, Segment, Speaker,
};

const LIST: usize = 4 << 20;

/// Started answers that end inside a word: no answer that starts anew begins with what must follow.
const STARTED: [(&str, &str, &str); 2] = [
    ("Write this sentence: The capital of France is Paris.", "The capital of France is Par", "is"),
    ("Give me a JSON object with the key city and the value Paris.", "{\"city\": \"Par", "is\""),
];

struct Prober<'a> {
    model: &'a RemoteModel,
    dialect: Dialect,
    calls: u32,
}

/// Finds out what the server behind a model does.
pub(super) async fn probe(model: &RemoteModel) -> Result<ProbeReport, ModelError> {
    let mut prober = Prober { model, dialect: Dialect::plain(model.thinking.unwrap_or(false)), calls: 0 };
    let list = prober.list().await?;
    let (hello, observed) = prober.first_words().await?;
    let reasoning = prober.reasoning(&hello, &observed);
    prober.dialect.thinking = model.thinking.unwrap_or(reasoning != ReasoningForm::None);
    prober.dialect.starts_inside = reasoning == ReasoningForm::OpenedByPrompt;

    let (max_tokens, stops) = prober.length_and_stops().await?;
    if matches!(stops, StopSupport::Reported | StopSupport::Included) {
        prober.dialect.stops = StopForm::Told;
    }
    let seeded = prober.seeded().await;
    prober.dialect.raw = prober.completions().await;
    let continuation_evidence = prober.continuation().await;
    prober.grammars().await;
    let log_likelihood = prober.dialect.raw && prober.counted(score::likelihoods_work(model)).await;
    let embeddings = prober.counted(score::embeddings_work(model)).await;

    let dialect = prober.dialect;
    let entries = list.map(|list| list.data);
    let served = &model.server.served;
    let entry = entries.as_ref().and_then(|all| all.iter().find(|entry| entry.id.as_ref() == Some(served)));
    let context = entry.and_then(|entry| entry.max_model_len.or(entry.meta.as_ref().and_then(|meta| meta.n_ctx)));
    let is_listed = entries.as_ref().map(|_| entry.is_some());
    let shown = |id: String| model.server.redactor.excerpt(&id);
    Ok(ProbeReport {
        served: served.clone(),
        url: model.server.url.clone(),
        context: context.and_then(|context| u32::try_from(context).ok()),
        listed: entries.map(|all| all.into_iter().filter_map(|entry| entry.id).take(20).map(shown).collect()),
        is_listed,
        chat: dialect.chat,
        completions: dialect.raw,
        streaming: observed.streamed,
        usage_in_stream: observed.usage.is_some(),
        top_logprobs: dialect.top_logprobs,
        continuation: dialect.continuation,
        continuation_evidence,
        reasoning,
        seeded,
        stops,
        max_tokens,
        sampling_extensions: dialect.extensions,
        json_schema: dialect.json_schema,
        gbnf: dialect.gbnf,
        embeddings,
        log_likelihood,
        calls: prober.calls,
        dialect,
    })
}

/// Tells refusals of a request's form from those of the caller.
fn is_refused_form(error: &ModelError) -> bool {
    matches!(error, ModelError::Status { status: 400 | 404 | 405 | 415 | 422 | 500 | 501, .. })
}

impl Prober<'_> {
    /// Asks for the list of models, which also shows whether anybody is there and takes the key.
    async fn list(&mut self) -> Result<Option<ModelList>, ModelError> {
        self.calls += 1;
        // A wrong port is best said at once.
        let limits = Limits { retries: Some(1), ..Limits::none() };
        match self.model.server.fetch(Method::GET, "models", &[], &limits, LIST).await {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(NotOpened::Failed(error @ ModelError::Unreachable { .. })) => Err(error),
            Err(NotOpened::Failed(error @ ModelError::Status { status: 401 | 403, .. })) => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Makes the first call with everything that is hoped for; where that is refused, finds out what is not taken.
    async fn first_words(&mut self) -> Result<(Completion, Observed), ModelError> {
        let hoped = Dialect { extensions: true, stream_options: true, top_logprobs: TOP, ..self.dialect };
        match self.hello(hoped, TOP).await {
            Ok((completion, observed)) => {
                self.dialect = Dialect { top_logprobs: alternatives(&observed), ..hoped };
                return Ok((completion, observed));
            }
            Err(error) if is_refused_form(&error) => {}
            Err(error) => return Err(error),
        }
        let mut plain = self.hello(self.dialect, 0).await;
        if let Err(ModelError::Status { body, .. }) = &plain
            && body.contains("max_completion_tokens")
        {
            self.dialect.max_completion_tokens = true;
            plain = self.hello(self.dialect, 0).await;
        }
        if let Err(error) = &plain
            && is_refused_form(error)
        {
            // No chats here; the chat's refusal says more than that of the raw completion, should that fail too.
            let base = Dialect { chat: false, ..self.dialect };
            if let Ok(answer) = self.hello(base, 0).await {
                self.dialect = base;
                plain = Ok(answer);
            }
        }
        let (completion, mut observed) = plain?;
        let extended = Dialect { extensions: true, ..self.dialect };
        self.dialect.extensions = self.hello(extended, 0).await.is_ok();
        let counted = Dialect { stream_options: true, ..self.dialect };
        if let Ok((_, seen)) = self.hello(counted, 0).await {
            self.dialect.stream_options = true;
            observed.usage = seen.usage;
        }
        for wanted in [TOP, 5] {
            let asking = Dialect { top_logprobs: wanted, ..self.dialect };
            if let Ok((_, seen)) = self.hello(asking, wanted).await {
                self.dialect.top_logprobs = alternatives(&seen).min(wanted);
                break;
            }
        }
        Ok((completion, observed))
    }

    async fn hello(&mut self, dialect: Dialect, top_logprobs: u32) -> Result<(Completion, Observed), ModelError> {
        let question = if dialect.chat { "What is 2+2? Answer with the number only." } else { "1 2 3 4 5 6" };
        // Long enough for a short thought to show its end.
        let mut request = Request::new(prompt(&dialect, question), Sampling::greedy(), 200);
        if !dialect.chat {
            request.max_tokens = 8;
        }
        request.top_logprobs = top_logprobs;
        self.observe(&request, &dialect).await
    }

    fn reasoning(&self, hello: &Completion, observed: &Observed) -> ReasoningForm {
        if observed.reasoning_apart {
            ReasoningForm::Apart
        } else if !hello.reasoning.is_empty() || hello.open_reasoning {
            ReasoningForm::Tags
        } else if hello.text.contains("</think>") || (self.model.thinking == Some(true) && self.dialect.chat) {
            ReasoningForm::OpenedByPrompt
        } else {
            ReasoningForm::None
        }
    }

    /// Writes some words, then the same with a stop text taken out of their middle.
    async fn length_and_stops(&mut self) -> Result<(bool, StopSupport), ModelError> {
        const LENGTH: u32 = 16;
        let question = if self.dialect.chat { "Count from one to fifty in words." } else { "one two three four five" };
        let mut request = Request::new(prompt(&self.dialect, question), Sampling::greedy(), LENGTH);
        let (free, observed) = self.observe(&request, &self.dialect.clone()).await?;
        let count = observed.usage.unwrap_or(free.usage.completion_tokens);
        let obeyed = count <= u64::from(LENGTH) && written(&free).len() <= 40 * LENGTH as usize;

        let text = written(&free);
        let letters: Vec<char> = text.chars().collect();
        let stop: String = letters.iter().skip(letters.len() / 3).take(3).collect();
        let Some(before) = text.find(&stop).filter(|_| letters.len() >= 9) else {
            return Ok((obeyed, StopSupport::Unclear));
        };
        request.stops = vec![stop.clone()];
        let bare = Dialect { enforce_stops: false, stops: StopForm::Told, ..self.dialect };
        let Ok((stopped, observed)) = self.observe(&request, &bare).await else {
            return Ok((obeyed, StopSupport::Ignored));
        };
        let (stripped, came) = (text.get(..before).unwrap_or_default(), written(&stopped));
        let support = match came.strip_prefix(stripped) {
            Some(rest) if rest == stop => StopSupport::Included,
            Some("") if observed.stop_reason.as_deref() == Some(stop.as_str()) => StopSupport::Reported,
            Some("") => StopSupport::Silent,
            Some(rest) if rest.starts_with(&stop) => StopSupport::Ignored,
            // The separators around think tags are not part of either text.
            _ if came.trim_end() == stripped.trim_end() => StopSupport::Silent,
            _ => StopSupport::Unclear,
        };
        Ok((obeyed, support))
    }

    async fn seeded(&mut self) -> bool {
        let question = if self.dialect.chat { "Invent a planet and describe it." } else { "The planet was called" };
        let sampling = Sampling { temperature: 1.0, seed: 7, ..Sampling::greedy() };
        let request = Request::new(prompt(&self.dialect, question), sampling, 24);
        let dialect = self.dialect;
        let first = self.observe(&request, &dialect).await;
        let second = self.observe(&request, &dialect).await;
        match (first, second) {
            (Ok((first, _)), Ok((second, _))) => !first.raw.is_empty() && first.raw == second.raw,
            _ => false,
        }
    }

    async fn completions(&mut self) -> bool {
        if !self.dialect.chat {
            return true;
        }
        let request = Request::new(Prompt::raw("The quick brown fox jumps over the lazy"), Sampling::greedy(), 4);
        let dialect = self.dialect;
        self.observe(&request, &dialect).await.is_ok_and(|(completion, _)| !completion.raw.is_empty())
    }

    /// Tries the ways of continuing a started answer; gives the start and what came where one works.
    async fn continuation(&mut self) -> Option<(String, String)> {
        if !self.dialect.chat {
            return None;
        }
        let mut forms = vec![ContinuationForm::FinalMessage, ContinuationForm::TrailingMessage];
        if self.model.chat_template.is_some() && self.dialect.raw {
            forms.push(ContinuationForm::Template);
        }
        for form in forms {
            let dialect = Dialect { continuation: form, ..self.dialect };
            for (question, start, follows) in STARTED {
                let mut prompt = prompt(&dialect, question);
                prompt.continuation.push(Segment::Untrusted(start.to_owned()));
                let request = Request::new(prompt, Sampling::greedy(), 6);
                let Ok((completion, _)) = self.observe(&request, &dialect).await else {
                    break;
                };
                let came = written(&completion);
                if came.starts_with(follows) {
                    self.dialect.continuation = form;
                    return Some((start.to_owned(), self.model.server.redactor.excerpt(came)));
                }
            }
        }
        None
    }

    /// Asks for a word that no model would answer with.
    async fn grammars(&mut self) {
        let dialect = Dialect { json_schema: true, gbnf: true, ..self.dialect };
        let mut request = Request::new(prompt(&dialect, "What is 2+2?"), Sampling::greedy(), 12);
        request.grammar = Some(Grammar::JsonSchema(r#"{"type":"string","enum":["zebra"]}"#.to_owned()));
        let answer = self.observe(&request, &dialect).await;
        self.dialect.json_schema = answer.is_ok_and(|(completion, _)| completion.text.trim() == "\"zebra\"");
        request.grammar = Some(Grammar::Gbnf("root ::= \"zebra\"".to_owned()));
        let answer = self.observe(&request, &dialect).await;
        self.dialect.gbnf = answer.is_ok_and(|(completion, _)| completion.text.trim() == "zebra");
    }

    async fn observe(&mut self, request: &Request, dialect: &Dialect) -> Result<(Completion, Observed), ModelError> {
        self.calls += 1;
        self.model.observe(request, dialect).await
    }

    async fn counted(&mut self, call: impl Future<Output = bool>) -> bool {
        self.calls += 1;
        call.await
    }
}

fn prompt(dialect: &Dialect, text: &str) -> Prompt {
    if dialect.chat {
        let message = Message { speaker: Speaker::User, content: text.to_owned() };
        Prompt { messages: vec![message], continuation: Vec::new() }
    } else {
        Prompt::raw(text)
    }
}

/// Gives what came first: a thinking model's short answers are thoughts only.
fn written(completion: &Completion) -> &str {
    if completion.reasoning.is_empty() { &completion.text } else { &completion.reasoning }
}

fn alternatives(observed: &Observed) -> u32 {
    u32::try_from(observed.most_alternatives.min(Distribution::TOP)).unwrap_or(0)
}
