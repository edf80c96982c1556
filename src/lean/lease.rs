//! One worker kept by one caller: for texts that grow line by line and for the goals inside them.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::link::Reply;
use super::place::WorkerPlace;
use super::position::LineIndex;
use super::wire::{
    NamedDocument, PLAIN_GOAL, PLAIN_TERM_GOAL, PlaceParams, PlainGoals, PlainTermGoal, RPC_CALL, RPC_CONNECT,
    RpcCallParams, RpcConnectParams, RpcConnected,
};
use super::{Checked, Document, LeanError, Place};

/// How long an answer about a text is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A worker that one caller holds. Dropping it gives the worker back.
#[derive(Debug)]
pub struct Lease {
    header: String,
    held: Held,
}

#[derive(Debug)]
enum Held {
    Here(Box<WorkerPlace>),
    /// The worker is being brought to rest.
    Cleaning(oneshot::Receiver<WorkerPlace>),
}

impl Lease {
    pub(super) fn new(place: WorkerPlace, header: &str) -> Lease {
        Lease { header: header.to_owned(), held: Held::Here(Box::new(place)) }
    }

    /// Checks the header with `body` behind it, as [`super::Pool::check`] does. What the text shares with the last one,
    /// up to the command or tactic that differs first, is not worked on again.
    ///
    /// # Errors
    /// Fails when no server can be started, or the pool is closed.
    pub async fn check(
        &mut self,
        body: &str,
        deadline: Duration,
        cancel: &CancellationToken,
    ) -> Result<Checked, LeanError> {
        let asked = std::time::Instant::now();
        let document = Document { header: self.header.clone(), body: body.to_owned() };
        let place = self.place().await?;
        // A worker that has done its share is replaced before a text, not behind it: its goals may still be asked for.
        if place.needs_cleaning() {
            place.clean().await;
        }
        let checked = place.check(&document, deadline, cancel, asked.elapsed()).await;
        if place.slot().is_some_and(|slot| slot.is_unsettled() || !slot.is_usable()) {
            self.clean_meanwhile();
        }
        checked
    }

    /// Gives the goals at a place of the text that was checked last, as Lean prints them: none where the proof is
    /// complete, `None` outside a proof.
    ///
    /// # Errors
    /// Fails when no text was checked, its worker is gone, or the server does not answer.
    pub async fn goals(&mut self, place: Place) -> Result<Option<Vec<String>>, LeanError> {
        let goals: Option<PlainGoals> = self.ask_at(PLAIN_GOAL, place).await?;
        Ok(goals.map(|goals| goals.goals))
    }

    /// Gives the goal of the term at a place of the text that was checked last.
    ///
    /// # Errors
    /// As [`Lease::goals`].
    pub async fn term_goal(&mut self, place: Place) -> Result<Option<String>, LeanError> {
        let goal: Option<PlainTermGoal> = self.ask_at(PLAIN_TERM_GOAL, place).await?;
        Ok(goal.map(|goal| goal.goal))
    }

    /// Calls one of the procedures that Lean offers to editors, such as `Lean.Widget.getInteractiveGoals`, at a place
    /// of the text that was checked last. What the answer refers to lives for half a minute.
    ///
    /// # Errors
    /// As [`Lease::goals`].
    pub async fn call(&mut self, procedure: &str, place: Place) -> Result<Value, LeanError> {
        let (uri, position) = self.position(place).await?;
        let session: RpcConnected = self.ask(RPC_CONNECT, &RpcConnectParams { uri: &uri }).await?;
        let text_document = NamedDocument { uri: &uri };
        let params = RpcCallParams {
            text_document,
            position,
            session_id: &session.session_id,
            method: procedure,
            params: PlaceParams { text_document, position },
        };
        self.ask(RPC_CALL, &params).await
    }

    async fn ask_at<T: DeserializeOwned>(&mut self, method: &'static str, place: Place) -> Result<T, LeanError> {
        let (uri, position) = self.position(place).await?;
        self.ask(method, &PlaceParams { text_document: NamedDocument { uri: &uri }, position }).await
    }

    /// Gives the name of the document and the server's form of a place in it.
    async fn position(&mut self, place: Place) -> Result<(String, lsp_types::Position), LeanError> {
        let missing = |reason: &str| LeanError::NoText { reason: reason.to_owned() };
        let held = self.place().await?;
        let slot = held.slot().ok_or_else(|| missing("no text was checked, or its worker had to be ended"))?;
        if slot.is_fresh() || !slot.is_usable() {
            return Err(missing("its worker is gone"));
        }
        Ok((slot.opened().uri().to_owned(), LineIndex::new(slot.text()).position(place)))
    }

    async fn ask<P: Serialize, T: DeserializeOwned>(
        &mut self,
        method: &'static str,
        params: &P,
    ) -> Result<T, LeanError> {
        let place = self.place().await?;
        let slot = place.slot().ok_or_else(|| LeanError::NoText { reason: "its worker is gone".to_owned() })?;
        let pending = slot.server().link().request(&[], method, params);
        let named = || method.to_owned();
        match tokio::time::timeout(PATIENCE, pending).await {
            Err(_) => Err(LeanError::Silent { method: named(), seconds: PATIENCE.as_secs() }),
            Ok(Err(_)) => Err(LeanError::NoText { reason: "the server was lost".to_owned() }),
            Ok(Ok(Reply::Refused(fault))) => Err(LeanError::Answer { method: named(), reason: fault.message }),
            Ok(Ok(Reply::Result(result))) => {
                // No result at all is null.
                let result = if result.is_empty() { b"null" } else { &*result };
                serde_json::from_slice(result)
                    .map_err(|error| LeanError::Answer { method: named(), reason: error.to_string() })
            }
        }
    }

    /// Gives the place, once it is clean.
    async fn place(&mut self) -> Result<&mut WorkerPlace, LeanError> {
        if let Held::Cleaning(cleaned) = &mut self.held {
            let place = cleaned.await.map_err(|_| LeanError::Closed)?;
            self.held = Held::Here(Box::new(place));
        }
        match &mut self.held {
            Held::Here(place) => {
                // A check that was dropped half-way left it as it was.
                if place.slot().is_some_and(|slot| slot.is_unsettled()) {
                    place.clean().await;
                }
                Ok(place)
            }
            Held::Cleaning(_) => Err(LeanError::Closed),
        }
    }

    /// Brings the worker to rest while the caller goes on.
    fn clean_meanwhile(&mut self) {
        let (sender, cleaned) = oneshot::channel();
        if let Held::Here(place) = std::mem::replace(&mut self.held, Held::Cleaning(cleaned)) {
            let mut place = *place;
            tokio::spawn(async move {
                place.clean().await;
                // Where the lease is gone meanwhile the place goes back by itself.
                let _ = sender.send(place);
            });
        }
    }
}
