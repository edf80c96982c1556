//! Numbers instead of text: likelihoods of given texts and embeddings.

use reqwest::Method;

use super::RemoteModel;
use super::server::{Limits, NotOpened};
use super::tokens::narrow;
use super::wire::{Body, Chunk, Embeddings, EmbeddingsBody, LogprobsWanted};
use crate::model::{LanguageModel, ModelError, Prompt};

/// The longest document that is taken: 4,096 texts of 1,024 numbers are some 50 MB.
const DOCUMENT: usize = 64 << 20;

/// Gives the log-likelihood of each token of `continuation` after a prompt, from an echoed raw completion. A token that
/// begins in the prompt and ends in the continuation counts.
pub(super) async fn log_likelihood(
    model: &RemoteModel,
    prompt: &Prompt,
    continuation: &str,
) -> Result<Vec<f32>, ModelError> {
    if !model.capabilities().log_likelihood || !prompt.messages.is_empty() {
        let what = "log-likelihoods (of raw prompts, from echoed completions)";
        return Err(ModelError::Unsupported { model: model.server.served.clone(), what });
    }
    if continuation.is_empty() {
        return Ok(Vec::new());
    }
    echoed(model, &prompt.continuation_text(), continuation).await
}

/// Embeds texts, one unit vector each, in their order.
pub(super) async fn embed(model: &RemoteModel, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
    if !model.capabilities().embeddings {
        return Err(ModelError::Unsupported { model: model.server.served.clone(), what: "embeddings" });
    }
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    embedded(model, texts).await
}

/// Tells whether the server echoes a prompt with its log-probabilities.
pub(super) async fn likelihoods_work(model: &RemoteModel) -> bool {
    echoed(model, "The quick brown fox jumps over the", " lazy dog")
        .await
        .is_ok_and(|likelihoods| likelihoods.len() >= 2)
}

/// Tells whether the server embeds.
pub(super) async fn embeddings_work(model: &RemoteModel) -> bool {
    embedded(model, &["fox".to_owned()]).await.is_ok()
}

async fn echoed(model: &RemoteModel, prompt: &str, continuation: &str) -> Result<Vec<f32>, ModelError> {
    let text = format!("{prompt}{continuation}");
    let body = Body {
        model: &model.server.served,
        prompt: Some(&text),
        // Not every server takes 0; the one new token is left out below.
        max_tokens: Some(1),
        temperature: 1.0,
        top_p: 1.0,
        logprobs: Some(LogprobsWanted::Count(1)),
        echo: Some(true),
        ..Body::default()
    };
    let chunk: Chunk = ask(model, "completions", &body).await?;
    let choice = chunk.choices.unwrap_or_default().into_iter().next().unwrap_or_default();
    if !choice.text.as_deref().is_some_and(|came| came.starts_with(&text)) {
        return Err(model.server.protocol("it does not echo the prompt".to_owned()));
    }
    let logprobs = choice.logprobs.unwrap_or_default();
    let (tokens, numbers) = (logprobs.tokens.unwrap_or_default(), logprobs.token_logprobs.unwrap_or_default());
    let mut likelihoods = Vec::new();
    let mut begin = 0;
    for (token, number) in tokens.iter().zip(numbers) {
        let end = begin + token.len();
        if end > prompt.len() && begin < text.len() {
            let number = number.and_then(narrow);
            let missing = || model.server.protocol(format!("the token at byte {begin} has no log-probability"));
            likelihoods.push(number.ok_or_else(missing)?);
        }
        begin = end;
    }
    if begin < text.len() {
        return Err(model.server.protocol("its tokens do not cover the text".to_owned()));
    }
    Ok(likelihoods)
}

async fn embedded(model: &RemoteModel, texts: &[String]) -> Result<Vec<Vec<f32>>, ModelError> {
    let body = EmbeddingsBody { model: &model.server.served, input: texts };
    let answer: Embeddings = ask(model, "embeddings", &body).await?;
    let broken = |reason: String| model.server.protocol(reason);
    if answer.data.len() != texts.len() {
        return Err(broken(format!("it has {} embeddings for {} texts", answer.data.len(), texts.len())));
    }
    let mut vectors = vec![Vec::new(); texts.len()];
    for (place, entry) in answer.data.into_iter().enumerate() {
        let index = entry.index.unwrap_or(place);
        let slot = vectors.get_mut(index).ok_or_else(|| broken(format!("there is no text {index}")))?;
        *slot = unit(entry.embedding).ok_or_else(|| broken(format!("embedding {index} has no direction")))?;
    }
    let length = vectors.first().map_or(0, Vec::len);
    if vectors.iter().any(|vector| vector.len() != length) {
        return Err(broken("its embeddings differ in length".to_owned()));
    }
    Ok(vectors)
}

/// Gives a vector of length 1; `None` for an empty, zero or infinite one.
#[expect(clippy::cast_possible_truncation, reason = "components of a unit vector fit")]
fn unit(vector: Vec<f32>) -> Option<Vec<f32>> {
    let length = vector.iter().map(|&part| f64::from(part) * f64::from(part)).sum::<f64>().sqrt();
    (length.is_finite() && length > 0.0)
        .then(|| vector.into_iter().map(|part| (f64::from(part) / length) as f32).collect())
}

async fn ask<Answer: serde::de::DeserializeOwned>(
    model: &RemoteModel,
    path: &str,
    body: &impl serde::Serialize,
) -> Result<Answer, ModelError> {
    let broken = |error: serde_json::Error| {
        // The error quotes what it found.
        let found = model.server.redactor.excerpt(&error.to_string());
        model.server.protocol(format!("it is no JSON of the protocol ({found})"))
    };
    let body = serde_json::to_vec(body).map_err(broken)?;
    match model.server.fetch(Method::POST, path, &body, &Limits::none(), DOCUMENT).await {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(broken),
        Err(NotOpened::Failed(error)) => Err(error),
        // Nobody cancels this call, and it has no deadline.
        Err(NotOpened::Over(finish, _)) => {
            Err(ModelError::Broken { what: format!("it ended early: {}", finish.name()) })
        }
    }
}
