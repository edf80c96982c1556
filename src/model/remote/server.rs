//! One server: connection, queue, repeated tries. It knows HTTP and nothing of language models.

use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Response, Url, redirect};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::events::read_whole;
use super::pace::Pace;
use super::refusal::refusal;
use super::retry::{backoff, is_passing, retry_after};
use super::settings::{Redactor, RemoteSettings, Timeouts, without_secrets};
use crate::model::{Finish, ModelError};

/// How long an unused connection is kept. Servers close theirs after 5 s (llama-server); a request on a connection that
/// is just being closed fails and costs a retry.
const IDLE_CONNECTION: Duration = Duration::from_secs(2);

/// The most of an error's body that is read.
const ERROR_BODY: usize = 64 * 1024;
/// Redirects followed within one host.
const REDIRECTS: usize = 3;

/// Makes ring the process's TLS provider where none is set yet. A client cannot be built without one.
///
/// [`super::RemoteModel::new`] calls it; it is public for programs that make TLS connections of their own.
pub fn init_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Fails where the program has chosen a provider already: then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

#[derive(Debug)]
pub(super) struct Server {
    client: Client,
    base: Url,
    /// The URL without anything secret, for messages.
    pub(super) url: String,
    pub(super) served: String,
    pub(super) redactor: Redactor,
    pub(super) timeouts: Timeouts,
    slots: Arc<Semaphore>,
    pace: Option<Pace>,
    retries: u32,
    context: Option<u32>,
}

/// What ends a wait from outside.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) deadline: Option<std::time::Instant>,
    pub(super) cancel: CancellationToken,
    /// Fewer tries than the settings allow.
    pub(super) retries: Option<u32>,
}

impl Limits {
    pub(super) fn none() -> Limits {
        Limits { deadline: None, cancel: CancellationToken::new(), retries: None }
    }

    /// Waits for cancellation or the deadline.
    pub(super) async fn over(&self) -> Finish {
        let deadline = async {
            match self.deadline {
                // A timer that is already over may need a turn of the runtime: long enough to send a request.
                Some(deadline) if deadline <= std::time::Instant::now() => {}
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Finish::Cancelled,
            () = deadline => Finish::Deadline,
        }
    }
}

/// What waiting for the first byte has cost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Waited {
    pub(super) queue: Duration,
    pub(super) retries: u64,
}

/// Why no answer was opened.
#[derive(Debug)]
pub(super) enum NotOpened {
    Failed(ModelError),
    /// Cancelled or past the deadline.
    Over(Finish, Waited),
}

/// An answer of which the first byte has come.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) response: Response,
    pub(super) first: Bytes,
    /// A JSON document in place of an event stream.
    pub(super) is_json: bool,
    pub(super) waited: Waited,
    pub(super) sent: Instant,
    /// When the whole call must have ended.
    pub(super) ends: Option<Instant>,
    /// Given back when the answer is dropped.
    pub(super) slot: OwnedSemaphorePermit,
}

/// A try that failed: whether another one may help, and how long the server wants us to wait.
struct FailedTry {
    error: ModelError,
    again: bool,
    after: Option<Duration>,
}

impl FailedTry {
    fn last(error: ModelError) -> FailedTry {
        FailedTry { error, again: false, after: None }
    }
}

impl Server {
    pub(super) fn new(settings: &RemoteSettings) -> Result<Server, ModelError> {
        init_tls();
        let spec = |reason: String| ModelError::Spec {
            spec: format!("{}@{}", settings.served, without_secrets(&settings.url)),
            reason,
        };
        let base = Url::parse(settings.url.trim())
            .map_err(|error| spec(format!("the URL cannot be read ({error}): write http://host:port/v1")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(spec(
                "the URL must begin with http:// or https:// and name a host, as in http://host:port/v1".to_owned(),
            ));
        }
        if settings.served.trim().is_empty() {
            return Err(spec("the served name is empty: write NAME@http://host:port/v1".to_owned()));
        }
        let mut headers = HeaderMap::new();
        if let Some(key) = &settings.key {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose().trim()))
                .map_err(|_| spec("the key holds characters that a header cannot carry".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        for (name, value) in &settings.headers {
            let shown = name.escape_debug();
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| spec(format!("the header name {shown} is none")))?;
            let mut value = HeaderValue::from_str(value)
                .map_err(|_| spec(format!("the value of the header {shown} cannot be sent")))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        // Proxies are taken from the system's settings, as other programs do.
        let client = Client::builder()
            .default_headers(headers)
            .connect_timeout(settings.timeouts.connect)
            .pool_idle_timeout(IDLE_CONNECTION)
            .redirect(redirect::Policy::custom(|attempt| {
                // Headers and body hold the key and the problem: they go to no other host.
                let origin = |url: &Url| url.origin();
                let stays = attempt.previous().first().is_some_and(|first| origin(first) == origin(attempt.url()));
                if stays && attempt.previous().len() <= REDIRECTS { attempt.follow() } else { attempt.stop() }
            }))
            .build()
            .map_err(|error| spec(format!("no client can be built: {}", chain(&error.without_url()))))?;
        Ok(Server {
            client,
            base,
            url: without_secrets(&settings.url),
            served: settings.served.clone(),
            redactor: Redactor::new(settings),
            timeouts: settings.timeouts,
            slots: Arc::new(Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS))),
            pace: settings.requests_per_minute.map(Pace::new),
            retries: settings.retries,
            context: settings.context,
        })
    }

    /// Sends a request and waits for the first byte of its answer, trying again as long as none has come.
    pub(super) async fn open(&self, path: &str, body: &[u8], limits: &Limits) -> Result<Opened, NotOpened> {
        self.open_as(Method::POST, path, body, limits).await
    }

    /// Asks for a JSON document and reads it whole.
    pub(super) async fn fetch(
        &self,
        method: Method,
        path: &str,
        body: &[u8],
        limits: &Limits,
        most: usize,
    ) -> Result<Vec<u8>, NotOpened> {
        let opened = self.open_as(method, path, body, limits).await?;
        if !opened.is_json {
            let reason = "it is an event stream in place of a JSON document".to_owned();
            return Err(NotOpened::Failed(self.protocol(reason)));
        }
        let Opened { response, first, waited, ends, slot: _slot, .. } = opened;
        tokio::select! {
            biased;
            finish = limits.over() => Err(NotOpened::Over(finish, waited)),
            () = sleep_until(ends) => Err(NotOpened::Failed(self.too_long())),
            whole = read_whole(first, response, self.timeouts.idle, most) => {
                whole.map_err(|fault| NotOpened::Failed(self.protocol(fault.to_string())))
            }
        }
    }

    async fn open_as(&self, method: Method, path: &str, body: &[u8], limits: &Limits) -> Result<Opened, NotOpened> {
        let mut waited = Waited::default();
        let queued = Instant::now();
        let slot = tokio::select! {
            biased;
            finish = limits.over() => {
                waited.queue = queued.elapsed();
                return Err(NotOpened::Over(finish, waited));
            }
            slot = Arc::clone(&self.slots).acquire_owned() => slot,
        };
        let Ok(slot) = slot else {
            return Err(NotOpened::Failed(self.unreachable("the driver has been shut down".to_owned())));
        };
        waited.queue = queued.elapsed();
        let ends = self.timeouts.total.and_then(|total| Instant::now().checked_add(total));
        let mut wait = self.pace.as_ref().map_or(Duration::ZERO, |pace| pace.take(Instant::now()) - Instant::now());
        loop {
            let pause = Instant::now();
            if !wait.is_zero() {
                let over = tokio::select! {
                    biased;
                    finish = limits.over() => Some(finish),
                    () = tokio::time::sleep(wait) => None,
                };
                waited.queue += pause.elapsed();
                if let Some(finish) = over {
                    return Err(NotOpened::Over(finish, waited));
                }
            }
            let sent = Instant::now();
            let failed = tokio::select! {
                biased;
                finish = limits.over() => return Err(NotOpened::Over(finish, waited)),
                () = sleep_until(ends) => return Err(NotOpened::Failed(self.too_long())),
                opened = self.attempt(method.clone(), path, body) => match opened {
                    Ok((response, first, is_json)) => {
                        return Ok(Opened { response, first, is_json, waited, sent, ends, slot });
                    }
                    Err(failed) => failed,
                },
            };
            let tries = u32::try_from(waited.retries).unwrap_or(u32::MAX);
            if !failed.again || tries >= limits.retries.unwrap_or(self.retries) {
                return Err(NotOpened::Failed(failed.error));
            }
            wait = match failed.after {
                Some(after) if after > self.timeouts.longest_wait => return Err(NotOpened::Failed(failed.error)),
                Some(after) => after,
                None => backoff(self.timeouts.backoff, self.timeouts.longest_wait, tries, rand::random()),
            };
            if let Some(pace) = &self.pace {
                let now = Instant::now();
                wait = wait.max(pace.take(now) - now);
            }
            waited.retries += 1;
            tracing::debug!(url = %self.url, path, wait_ms = wait.as_millis(), error = %failed.error, "trying again");
        }
    }

    async fn attempt(&self, method: Method, path: &str, body: &[u8]) -> Result<(Response, Bytes, bool), FailedTry> {
        let by = Instant::now() + self.timeouts.first_byte;
        let mut request = self.client.request(method.clone(), self.endpoint(path));
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_vec());
        }
        let request = request.header(ACCEPT, "text/event-stream, application/json");
        let response = match tokio::time::timeout_at(by, request.send()).await {
            Err(_) => return Err(FailedTry::last(self.unreachable(silence(self.timeouts.first_byte)))),
            Ok(Err(error)) => {
                let again = error.is_connect() || error.is_request() || error.is_timeout();
                let error = self.unreachable(chain(&error.without_url()));
                return Err(FailedTry { error, again, after: None });
            }
            Ok(Ok(response)) => response,
        };
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        let is_json = kind == "application/json";
        if !is_json && !matches!(kind.as_str(), "" | "text/event-stream") {
            let beginning = self.beginning(response).await;
            let kind = self.redactor.excerpt(&kind);
            let reason = format!("its content type is {kind}, not text/event-stream; it begins: {beginning}");
            return Err(FailedTry::last(self.protocol(reason)));
        }
        let mut response = response;
        loop {
            let reason = match tokio::time::timeout_at(by, response.chunk()).await {
                Err(_) => return Err(FailedTry::last(self.unreachable(silence(self.timeouts.first_byte)))),
                Ok(Ok(Some(first))) if first.is_empty() => continue,
                Ok(Ok(Some(first))) => return Ok((response, first, is_json)),
                Ok(Ok(None)) => "it is empty".to_owned(),
                Ok(Err(error)) => format!("it broke off before its first byte: {}", chain(&error.without_url())),
            };
            return Err(FailedTry { error: self.protocol(reason), again: true, after: None });
        }
    }

    /// Makes an error of an answer whose status is none of success.
    async fn refused(&self, response: Response) -> FailedTry {
        let status = response.status().as_u16();
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = after.and_then(|value| retry_after(value, Timestamp::now()));
        let body = self.error_body(response).await;
        let error = refusal(status, &body, &self.served, &self.url, self.context, &self.redactor);
        FailedTry { error, again: is_passing(status), after }
    }

    async fn beginning(&self, response: Response) -> String {
        self.redactor.excerpt(&self.error_body(response).await)
    }

    /// Reads what comes of an error's body; a body that does not come is no second error.
    async fn error_body(&self, mut response: Response) -> String {
        let mut body = Vec::new();
        let by = Instant::now() + self.timeouts.idle.min(Duration::from_secs(10));
        while body.len() < ERROR_BODY {
            match tokio::time::timeout_at(by, response.chunk()).await {
                Ok(Ok(Some(bytes))) => body.extend_from_slice(&bytes),
                Ok(Ok(None) | Err(_)) | Err(_) => break,
            }
        }
        body.truncate(ERROR_BODY);
        String::from_utf8_lossy(&body).into_owned()
    }

    /// Puts a path behind the base URL and keeps the base's query, which some gateways want.
    fn endpoint(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let path = format!("{}/{path}", self.base.path().trim_end_matches('/'));
        url.set_path(&path);
        url.set_fragment(None);
        url
    }

    pub(super) fn protocol(&self, reason: String) -> ModelError {
        ModelError::Protocol { model: self.served.clone(), url: self.url.clone(), reason }
    }

    pub(super) fn unreachable(&self, reason: String) -> ModelError {
        ModelError::Unreachable { model: self.served.clone(), url: self.url.clone(), reason }
    }

    pub(super) fn too_long(&self) -> ModelError {
        let total = self.timeouts.total.unwrap_or_default();
        self.protocol(format!("it did not end within {} s", total.as_secs_f64()))
    }
}

/// Waits until then; forever where there is no such moment.
pub(super) async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

pub(super) fn silence(wait: Duration) -> String {
    format!("nothing came for {} s", wait.as_secs_f64())
}

/// Joins an error with its causes: the first alone says little more than "error sending request".
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
