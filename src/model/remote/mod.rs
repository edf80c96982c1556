//! Models behind an OpenAI-compatible server: streamed chats and raw completions over HTTP.
//!
//! Servers differ in what they do with log-probabilities, started answers, stop texts, seeds and usage. The probe
//! ([`RemoteModel::probe`]) asks a server small questions and believes only what comes back; until then the driver
//! sends nothing but what every server understands and says that it can do nothing else.
//!
//! A call is tried again only before its first byte; a stream that breaks is a failed call, never a short answer. Keys
//! come in as values, go to their server only, and are kept out of every message. Proxies are those of the system's
//! settings, as reqwest reads them.

mod assembly;
mod dialect;
mod events;
mod first;
mod pace;
mod probe;
mod reader;
mod refusal;
mod report;
mod retry;
mod score;
mod server;
mod settings;
mod template;
mod tokens;
mod wire;

pub use dialect::{ContinuationForm, StopForm};
pub use report::{ProbeReport, ReasoningForm, StopSupport};
pub use server::init_tls;
pub use settings::{RemoteSettings, Secret, Timeouts};

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt};

use assembly::{Assembly, Observed};
use dialect::{Dialect, outgoing};
use reader::{Reader, nothing};
use server::{Limits, NotOpened, Server};

use super::{
    Capabilities, ChatStyle, Completion, CompletionEvent, CompletionStream, Distribution, EntropyKind, Gate,
    LanguageModel, ModelError, ModelIdentity, ModelKind, Prompt, Request, Sampling, collect,
};

/// A model behind an OpenAI-compatible server. Clones share connections, queue and rate.
#[derive(Debug, Clone)]
pub struct RemoteModel {
    server: Arc<Server>,
    identity: ModelIdentity,
    capabilities: Capabilities,
    dialect: Dialect,
    chat_template: Option<String>,
    /// What the user says about thinking.
    thinking: Option<bool>,
}

/// A call that was begun.
enum Call {
    Running(Box<Reader>),
    /// Cancelled or past its deadline before the first byte.
    Over(Box<Completion>),
}

impl RemoteModel {
    /// Makes the driver without asking the server: only what every server does is offered until
    /// [`RemoteModel::connect`] or [`RemoteModel::apply`] says more.
    ///
    /// # Errors
    /// URL, key or headers cannot be used.
    pub fn new(settings: RemoteSettings) -> Result<RemoteModel, ModelError> {
        let server = Arc::new(Server::new(&settings)?);
        let identity = ModelIdentity {
            name: settings.name.unwrap_or_else(|| settings.served.clone()),
            kind: ModelKind::Remote,
            source: format!("{} @ {}", settings.served, server.url),
            context: settings.context,
            chat_template: settings.chat_template.as_ref().map(|t| blake3::hash(t.as_bytes()).to_hex().to_string()),
            tokenizer: None,
        };
        let dialect = Dialect::plain(settings.thinking.unwrap_or(false));
        let capabilities = report::capabilities(&dialect, &report::Extras::default());
        let chat_template = settings.chat_template;
        Ok(RemoteModel { server, identity, capabilities, dialect, chat_template, thinking: settings.thinking })
    }

    /// Makes the driver and asks the server what it can do.
    ///
    /// # Errors
    /// As for [`RemoteModel::new`] and [`RemoteModel::probe`].
    pub async fn connect(settings: RemoteSettings) -> Result<RemoteModel, ModelError> {
        let mut model = RemoteModel::new(settings)?;
        let report = model.probe().await?;
        model.apply(&report);
        Ok(model)
    }

    /// Finds out with a dozen short calls what the server really does.
    ///
    /// # Errors
    /// The server is not there, refuses the key or the model, or answers neither chats nor raw completions.
    pub async fn probe(&self) -> Result<ProbeReport, ModelError> {
        probe::probe(self).await
    }

    /// Makes a probe's findings the driver's capabilities.
    pub fn apply(&mut self, report: &ProbeReport) {
        self.dialect = report.dialect;
        self.capabilities = report.capabilities();
        self.identity.context = self.identity.context.or(report.context);
    }

    /// Begins a call in a dialect.
    async fn call(&self, request: &Request, dialect: &Dialect) -> Result<Call, ModelError> {
        let outgoing = outgoing(request, dialect, &self.server.served, self.chat_template.as_deref())?;
        let limits = Limits { deadline: request.deadline, cancel: request.cancel.clone(), retries: None };
        match self.server.open(outgoing.path, &outgoing.body, &limits).await {
            Ok(opened) => {
                let assembly = Assembly::new(request, dialect, &outgoing);
                let reader = Reader::new(Arc::clone(&self.server), opened, assembly, limits, dialect.stops);
                Ok(Call::Running(Box::new(reader)))
            }
            Err(NotOpened::Failed(error)) => Err(error),
            Err(NotOpened::Over(finish, waited)) => Ok(Call::Over(Box::new(nothing(finish, waited)))),
        }
    }

    /// Makes a call in a dialect and waits for its end; tells what it showed about the server.
    async fn observe(&self, request: &Request, dialect: &Dialect) -> Result<(Completion, Observed), ModelError> {
        match self.call(request, dialect).await? {
            Call::Running(reader) => reader.drain().await,
            Call::Over(completion) => Ok((*completion, Observed::default())),
        }
    }
}

#[async_trait]
impl LanguageModel for RemoteModel {
    fn identity(&self) -> &ModelIdentity {
        &self.identity
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn complete(&self, request: Request) -> Result<CompletionStream, ModelError> {
        match self.call(&request, &self.dialect).await? {
            Call::Running(reader) => Ok(reader.into_stream()),
            Call::Over(completion) => {
                let done = CompletionEvent::Done(completion);
                Ok(stream::once(async { Ok(done) }).boxed())
            }
        }
    }

    async fn next_token(&self, prompt: &Prompt, kind: EntropyKind) -> Result<Distribution, ModelError> {
        // Temperature 1: some servers give log-probabilities after the temperature.
        let sampling = Sampling { temperature: 1.0, ..Sampling::greedy() };
        // A think tag may stand before the content; the gate, which always closes, ends the call behind it.
        let max_tokens = if self.capabilities.chat == ChatStyle::Thinking { 8 } else { 1 };
        let mut request = Request::new(prompt.clone(), sampling, max_tokens);
        request.gate = Some(Gate { kind, threshold_nats: 0.0 });
        let completion = collect(self.complete(request).await?).await?;
        completion.first.ok_or_else(|| self.server.protocol("it has no content token".to_owned()))
    }

    async fn log_likelihood(&self, prompt: &Prompt, continuation: &str) -> Result<Vec<f32>, ModelError> {
        score::log_likelihood(self, prompt, continuation).await
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
        score::embed(self, texts).await
    }
}
