//! What one attempt calls models with: the models by role, one budget, one recorder, one seed.
//!
//! Every model call of a strategy goes through [`Session::call`], which reserves and settles the budget, derives the
//! call's seed, hands down deadline and cancellation, and reports the call. Seeds depend on the place of a call and
//! never on the order of arrival.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use super::json::{completion_json, request_hash};
use super::{Completion, CompletionEvent, Finish, LanguageModel, ModelError, Request};
use crate::budget::{Budget, Usage};
use crate::step::Phase;
use crate::trace::{CallRecord, Event, Limit, Recorder, Role};

/// Models by role; `main` stands in for every writer that has no model of its own.
#[derive(Debug, Clone, Default)]
pub struct Models(BTreeMap<Role, Arc<dyn LanguageModel>>);

impl Models {
    /// Gives a role its model.
    pub fn insert(&mut self, role: Role, model: Arc<dyn LanguageModel>) {
        self.0.insert(role, model);
    }

    /// Finds the model of a role.
    ///
    /// # Errors
    /// Neither the role nor `main` has one.
    pub fn get(&self, role: Role) -> Result<&Arc<dyn LanguageModel>, ModelError> {
        self.0.get(&role).or_else(|| self.0.get(&Role::Main)).ok_or_else(|| ModelError::Spec {
            spec: role.name().to_owned(),
            reason: format!("no model has this role; give one with --model {}=SPEC", role.name()),
        })
    }

    /// Gives all roles that have a model.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &Arc<dyn LanguageModel>)> {
        self.0.iter().map(|(role, model)| (*role, model))
    }
}

/// Where in an attempt a call stands; with the attempt's seed it decides the call's seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Who is called.
    pub role: Role,
    /// Index of the step that the call writes.
    pub step: u32,
    /// Ordinal of the call in its step.
    pub ordinal: u32,
}

/// Why a call gave no completion.
#[derive(Debug)]
pub enum CallError {
    /// A limit of the budget stood before it.
    Limit(Limit),
    /// The model failed.
    Model(ModelError),
}

impl From<ModelError> for CallError {
    fn from(error: ModelError) -> CallError {
        CallError::Model(error)
    }
}

/// What one attempt works with.
#[derive(Clone)]
pub struct Session {
    /// The models.
    pub models: Models,
    /// Limits and what was spent.
    pub budget: Budget,
    /// Takes events.
    pub recorder: Arc<dyn Recorder>,
    /// The attempt's seed.
    pub seed: u64,
    /// Ends the attempt early.
    pub cancel: CancellationToken,
}

impl Session {
    /// Calls a model and reports the call. `watch` sees every piece of text as it comes and ends the call by giving
    /// true; the completion then says so with `cut`.
    ///
    /// # Errors
    /// A limit of the budget, or the model's error.
    pub async fn call(
        &self,
        place: Place,
        mut request: Request,
        mut watch: impl FnMut(Phase, &str) -> bool + Send,
    ) -> Result<Called, CallError> {
        let model = Arc::clone(self.models.get(place.role)?);
        let reservation = self.budget.reserve(u64::from(request.max_tokens)).map_err(CallError::Limit)?;
        let granted = u32::try_from(reservation.granted()).unwrap_or(u32::MAX);
        let clamped = granted < request.max_tokens;
        request.max_tokens = granted;
        request.sampling.seed = call_seed(self.seed, place);
        request.deadline = self.budget.deadline();
        request.cancel = self.cancel.child_token();
        let cancel = request.cancel.clone();
        let hash = request_hash(model.identity(), &request);
        let started = self.budget.elapsed();
        let mut cut = false;
        let outcome = async {
            let mut stream = model.complete(request).await?;
            while let Some(event) = stream.next().await {
                match event? {
                    CompletionEvent::Done(completion) => return Ok(*completion),
                    CompletionEvent::Delta { phase, text } => {
                        if !cut {
                            self.recorder.text(phase, &text);
                        }
                        if !cut && watch(phase, &text) {
                            cut = true;
                            cancel.cancel();
                        }
                    }
                }
            }
            Err(ModelError::Broken { what: "the stream ended without a completion".to_owned() })
        }
        .await;
        let (usage, finish, error, first, completion) = match &outcome {
            Ok(done) => {
                let first = done.first.as_ref().map(|first| first.entropy_nats);
                (done.usage, done.finish.name(), None, first, Some(completion_json(done)))
            }
            Err(error) => (Usage { calls: 1, ..Usage::default() }, "error", Some(error.to_string()), None, None),
        };
        let wall_ms = usage.queue_ms + usage.prefill_ms + usage.decode_ms;
        reservation
            .settle(usage.completion_tokens, Duration::try_from_secs_f64(wall_ms / 1e3).unwrap_or(Duration::ZERO));
        self.recorder.record(Event::Call(Box::new(CallRecord {
            role: place.role,
            model: model.identity().name.clone(),
            step: place.step,
            ordinal: place.ordinal,
            seed: call_seed(self.seed, place),
            completion,
            request_hash: hash,
            usage,
            finish: finish.to_owned(),
            error,
            started_ms: started.as_secs_f64() * 1e3,
            wall_ms,
            first_entropy_nats: first,
            wasted: outcome.is_err(),
        })));
        let completion = outcome?;
        // A call that was cut by us and one that reached its end in the same moment are treated alike.
        let cut = cut && matches!(completion.finish, Finish::Cancelled | Finish::End | Finish::Stop(_));
        Ok(Called { completion, cut, clamped })
    }
}

/// A call that gave a completion.
#[derive(Debug)]
pub struct Called {
    /// What came back.
    pub completion: Completion,
    /// `watch` ended it.
    pub cut: bool,
    /// The budget granted fewer tokens than were asked for.
    pub clamped: bool,
}

/// Derives a call's seed from the attempt's seed and the call's place: 53 bits, so that JSON keeps them.
#[must_use]
pub fn call_seed(attempt_seed: u64, place: Place) -> u64 {
    hashed_seed(&[&attempt_seed.to_string(), place.role.name(), &place.step.to_string(), &place.ordinal.to_string()])
}

/// Derives an attempt's seed from the base seed, the item and the sample's number.
#[must_use]
pub fn attempt_seed(base_seed: u64, item: &str, sample: u32) -> u64 {
    hashed_seed(&[&base_seed.to_string(), item, &sample.to_string()])
}

fn hashed_seed(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(bytes) >> 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_depend_on_the_place_and_fit_json() {
        let place = |step, ordinal| Place { role: Role::Main, step, ordinal };
        let seeds = [
            attempt_seed(0, "a", 1),
            attempt_seed(0, "a", 11),
            attempt_seed(1, "a", 1),
            call_seed(1, place(0, 0)),
            call_seed(1, place(0, 1)),
            call_seed(1, place(1, 0)),
            call_seed(1, Place { role: Role::Small, step: 0, ordinal: 0 }),
        ];
        assert!(seeds.iter().all(|seed| *seed < 1 << 53));
        assert_eq!(seeds.iter().collect::<std::collections::BTreeSet<_>>().len(), seeds.len());
        assert_eq!(attempt_seed(0, "2024_AIME_I_1", 1), attempt_seed(0, "2024_AIME_I_1", 1));
    }
}
