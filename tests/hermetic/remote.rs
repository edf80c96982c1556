//! The remote driver against a mock server: every fault, every dialect, and what is sent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    unreachable_pub,
    reason = "a test says what went wrong by failing there"
)]

mod calls;
mod faults;
pub mod mock;
mod probing;
pub mod served;
mod streams;

use std::time::Duration;

use stepproof::model::remote::{RemoteModel, RemoteSettings, Secret};
use stepproof::model::{Completion, LanguageModel, Message, ModelError, Prompt, Request, Sampling, Speaker, collect};

pub const KEY: &str = "sk-never-to-be-seen";

/// Settings with a key and waits that tests can afford.
pub fn settings(url: &str) -> RemoteSettings {
    let mut settings = RemoteSettings::new("qwen", url);
    settings.key = Some(Secret::new(KEY));
    settings.retries = 2;
    settings.timeouts.backoff = Duration::from_millis(1);
    settings
}

/// A driver that has not asked its server anything.
pub fn model(url: &str) -> RemoteModel {
    RemoteModel::new(settings(url)).unwrap()
}

pub fn question(text: &str) -> Prompt {
    let message = Message { speaker: Speaker::User, content: text.to_owned() };
    Prompt { messages: vec![message], continuation: Vec::new() }
}

pub fn request() -> Request {
    Request::new(question("What is 2+2?"), Sampling::greedy(), 50)
}

/// Makes a call and waits for its end, wherever an error comes up.
pub async fn ask(model: &RemoteModel, request: Request) -> Result<Completion, ModelError> {
    collect(model.complete(request).await?).await
}
