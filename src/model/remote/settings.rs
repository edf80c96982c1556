//! What the user says about a server, with everything secret kept out of sight.

use std::fmt;
use std::time::Duration;

/// A key or token. It shows itself in no message and no debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a key.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(value.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret([redacted])")
    }
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// From the request to the first byte of the answer; it covers the server's own queue and the whole prompt.
    pub first_byte: Duration,
    /// Between two pieces of a stream.
    pub idle: Duration,
    /// From the moment the call has a free slot to its end, retries included; `None` leaves that to deadlines.
    pub total: Option<Duration>,
    /// Before the first repeated try; doubles with each further one up to `longest_wait`, and is jittered.
    pub backoff: Duration,
    /// The longest wait between two tries. A server that asks for a longer one (`Retry-After`) has refused the call.
    pub longest_wait: Duration,
}

impl Timeouts {
    /// 10 s, 300 s, 120 s, no total; 0.5 s doubling up to 120 s.
    #[must_use]
    pub fn standard() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(300),
            idle: Duration::from_secs(120),
            total: None,
            backoff: Duration::from_millis(500),
            longest_wait: Duration::from_secs(120),
        }
    }
}

/// How to reach a model and how hard to use it.
#[derive(Clone)]
pub struct RemoteSettings {
    /// Short name for people; the served name where missing.
    pub name: Option<String>,
    /// The name that the server knows the model by.
    pub served: String,
    /// The server with its version path, such as `http://localhost:8080/v1`.
    pub url: String,
    /// Sent as bearer token.
    pub key: Option<Secret>,
    /// Context length in tokens; asked from the server where missing.
    pub context: Option<u32>,
    /// Further headers of each request.
    pub headers: Vec<(String, String)>,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// Requests in flight at once.
    pub concurrency: usize,
    /// Requests begun in a minute, spread evenly.
    pub requests_per_minute: Option<u32>,
    /// Repeated tries of one call, before its first byte has come.
    pub retries: u32,
    /// Jinja chat template: with it a started answer can be continued by raw completions where the server's chats
    /// cannot.
    pub chat_template: Option<String>,
    /// Whether the model thinks before it answers; the probe looks where missing.
    pub thinking: Option<bool>,
}

impl RemoteSettings {
    /// Takes 8 requests at once, 4 retries and the standard timeouts, and leaves the rest to the probe.
    #[must_use]
    pub fn new(served: impl Into<String>, url: impl Into<String>) -> RemoteSettings {
        RemoteSettings {
            name: None,
            served: served.into(),
            url: url.into(),
            key: None,
            context: None,
            headers: Vec::new(),
            timeouts: Timeouts::standard(),
            concurrency: 8,
            requests_per_minute: None,
            retries: 4,
            chat_template: None,
            thinking: None,
        }
    }
}

impl fmt::Debug for RemoteSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), if is_secret(name) { REDACTED } else { value }))
            .collect();
        formatter
            .debug_struct("RemoteSettings")
            .field("name", &self.name)
            .field("served", &self.served)
            .field("url", &without_secrets(&self.url))
            .field("key", &self.key)
            .field("context", &self.context)
            .field("headers", &headers)
            .field("timeouts", &self.timeouts)
            .field("concurrency", &self.concurrency)
            .field("requests_per_minute", &self.requests_per_minute)
            .field("retries", &self.retries)
            .field("chat_template", &self.chat_template.as_ref().map(|template| template.len()))
            .field("thinking", &self.thinking)
            .finish()
    }
}

const REDACTED: &str = "[redacted]";

/// Tells headers whose values must not be shown by their names.
fn is_secret(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    ["auth", "key", "token", "secret", "cookie", "password"].iter().any(|part| header.contains(part))
}

/// Gives a URL without user, password, query and fragment.
pub(super) fn without_secrets(url: &str) -> String {
    match reqwest::Url::parse(url) {
        Ok(mut url) if url.has_host() => {
            // Both fail only for URLs that can hold neither.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_query(None);
            url.set_fragment(None);
            url.as_str().trim_end_matches('/').to_owned()
        }
        // No server's URL: whatever stands before an @ may be a password.
        Ok(_) | Err(_) => {
            let end = url.find(['?', '#']).unwrap_or(url.len());
            let url = url.get(..end).unwrap_or_default();
            url.rsplit('@').next().unwrap_or_default().to_owned()
        }
    }
}

/// Takes secrets out of what a server says.
#[derive(Clone)]
pub(super) struct Redactor(Vec<String>);

impl Redactor {
    pub(super) fn new(settings: &RemoteSettings) -> Redactor {
        let mut secrets: Vec<String> = settings.key.iter().map(|key| key.expose().to_owned()).collect();
        for (name, value) in &settings.headers {
            if is_secret(name) {
                secrets.push(value.clone());
                // `Bearer sk-…`: the scheme is no secret, what follows is, alone too.
                secrets.extend(value.split_whitespace().skip(1).map(str::to_owned));
            }
        }
        if let Ok(url) = reqwest::Url::parse(&settings.url) {
            secrets.extend(url.password().map(str::to_owned));
            secrets.extend(url.query_pairs().map(|(_, value)| value.into_owned()).filter(|value| value.len() > 12));
        }
        secrets.retain(|secret| secret.len() >= 4);
        // Longest first: a secret that holds another one is replaced whole.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Redactor(secrets)
    }

    /// Gives the beginning of a text, at most 400 characters, control characters escaped, secrets blotted out.
    pub(super) fn excerpt(&self, text: &str) -> String {
        // Cut generously first, so that a server cannot make us work on megabytes for a message.
        let mut text: String = text.trim().chars().take(8_192).collect();
        for secret in &self.0 {
            text = text.replace(secret.as_str(), REDACTED);
        }
        let mut shown = String::new();
        for (count, letter) in text.chars().enumerate() {
            if count == 400 {
                shown.push('…');
                break;
            }
            if letter.is_control() || is_invisible(letter) {
                shown.extend(letter.escape_default());
            } else {
                shown.push(letter);
            }
        }
        shown
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redactor({})", self.0.len())
    }
}

/// Tells the characters that reorder or hide text on a terminal.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> RemoteSettings {
        RemoteSettings {
            key: Some(Secret::new("sk-very-secret")),
            headers: vec![
                ("X-Api-Key".to_owned(), "other-secret".to_owned()),
                ("Authorization".to_owned(), "Bearer third-secret".to_owned()),
                ("X-Title".to_owned(), "stepproof".to_owned()),
            ],
            ..RemoteSettings::new("qwen", "http://user:hidden@host:8080/v1?code=0123456789abcdef#here")
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let shown = format!("{:?}", settings());
        for secret in ["very-secret", "other-secret", "third-secret", "hidden", "0123456789abcdef"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        assert!(shown.contains("http://host:8080/v1") && shown.contains("stepproof"), "{shown}");
    }

    #[test]
    fn urls_lose_user_and_query() {
        let check = |url: &str, expected: &str| assert_eq!(without_secrets(url), expected, "{url}");
        check("http://localhost:8080/v1/", "http://localhost:8080/v1");
        check("https://a:b@host/v1?api-version=1", "https://host/v1");
        check("user:pass@host:80/v1?key=1", "host:80/v1");
        check("no url", "no url");
        check("user:pass@", "");
    }

    #[test]
    fn excerpts_are_short_and_clean() {
        let redactor = Redactor::new(&settings());
        let check = |text: &str, expected: &str| assert_eq!(redactor.excerpt(text), expected, "{text:?}");
        check("wrong key sk-very-secret!", "wrong key [redacted]!");
        check("third-secret hidden", "[redacted] [redacted]");
        check("a\u{1b}[31mred\u{202e}", "a\\u{1b}[31mred\\u{202e}");
        assert_eq!(redactor.excerpt(&"ä".repeat(100_000)).chars().count(), 401);
    }
}
