//! From what an attempt did to the rows that keep it.

use crate::budget::Usage;
use crate::store::{AttemptBundle, AttemptRow, CallRow, CompletionRow, StepRow, VerdictRow};
use crate::strategy::Solution;
use crate::trace::{CallRecord, Event};
use crate::verdict::Verdict;
use crate::verify::Judgement;
use crate::verify::lean::CandidateKind;
use crate::verify::lean::json::ReportJson;

/// An attempt that has ended, as `run` holds it before it becomes rows.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) item_id: String,
    pub(super) sample: u32,
    pub(super) seed: u64,
    pub(super) solution: Solution,
    pub(super) events: Vec<Event>,
    pub(super) judgement: Option<Judgement>,
    pub(super) verifier: String,
    pub(super) started_us: i64,
    pub(super) judged_us: i64,
    pub(super) wall_ms: f64,
}

impl Ended {
    /// Sums what all calls cost and what of it was thrown away.
    pub(super) fn usage(&self) -> (Usage, u64) {
        let mut total = Usage::default();
        let mut wasted = 0;
        for event in &self.events {
            if let Event::Call(call) = event {
                total += call.usage;
                if call.wasted {
                    wasted += call.usage.completion_tokens;
                }
            }
        }
        (total, wasted)
    }

    /// Makes the rows.
    pub(super) fn into_bundle(self, worker: &str, replace_failed: bool) -> AttemptBundle {
        let (usage, wasted_tokens) = self.usage();
        let lean = self.judgement.as_ref().is_some_and(|judgement| judgement.lean.is_some());
        let text = self.solution.candidate.as_ref().map_or("", |candidate| candidate.text.as_str());
        let verdict = self.judgement.map(|judgement| verdict_row(judgement, self.verifier, self.judged_us, text));
        let (mut calls, mut completions, mut prompt) = (Vec::new(), Vec::new(), String::from("[]"));
        for event in self.events {
            match event {
                Event::Prompt(messages) => prompt = messages,
                Event::Step(_) => {} // The trace holds the accepted steps.
                Event::Call(mut call) => {
                    if let Some(completion) = call.completion.take() {
                        completions.push(CompletionRow { request_hash: call.request_hash.clone(), completion });
                    }
                    calls.push(call_row(*call));
                }
            }
        }
        let steps = self.solution.trace.steps.into_iter().map(|step| StepRow {
            phase: step.phase.name().to_owned(),
            role: step.writer.role.name().to_owned(),
            model: step.writer.model,
            text: step.text,
            separator: step.separator,
            token_count: step.token_count,
            first_entropy_nats: step.first_entropy_nats.map(f64::from),
            end_reason: step.end.name().to_owned(),
        });
        let outcome = &self.solution.trace.outcome;
        let candidate = self.solution.candidate;
        AttemptBundle {
            attempt: AttemptRow {
                item_id: self.item_id,
                sample: self.sample,
                seed: self.seed,
                outcome: outcome.name().to_owned(),
                outcome_detail: outcome.detail().map(str::to_owned),
                truncated: candidate.as_ref().is_some_and(|candidate| candidate.truncated)
                    || (candidate.is_none() && outcome.name() == "exhausted"),
                candidate: candidate.map(|candidate| candidate.text),
                // What a strategy hands over is a model's reply.
                candidate_kind: lean.then(|| CandidateKind::Reply.name().to_owned()),
                prompt,
                started_us: self.started_us,
                wall_ms: self.wall_ms,
                calls: usage.calls,
                prompt_tokens: usage.prompt_tokens,
                cached_tokens: usage.cached_tokens,
                completion_tokens: usage.completion_tokens,
                reasoning_tokens: usage.reasoning_tokens,
                wasted_tokens,
                worker: Some(worker.to_owned()),
            },
            steps: steps.collect(),
            calls,
            completions,
            verdict,
            replace_failed,
        }
    }
}

/// Makes the row of a judgement; `text` is the candidate that was judged.
#[must_use]
pub fn verdict_row(judgement: Judgement, verifier: String, judged_us: i64, text: &str) -> VerdictRow {
    let Judgement { verdict, extracted, lenient, lean } = judgement;
    let report = lean.map(|report| ReportJson::new(&verdict, &report, text));
    let row = proof_row(&verdict, report.as_ref(), verifier, judged_us);
    VerdictRow { extracted, lenient, ..row }
}

/// Makes the row of a verdict of Lean.
#[must_use]
pub fn proof_row(verdict: &Verdict, report: Option<&ReportJson>, verifier: String, judged_us: i64) -> VerdictRow {
    VerdictRow {
        judged_us,
        verifier,
        verdict: verdict.name().to_owned(),
        class: verdict.class().to_owned(),
        decided_by: verdict.decided_by().map(|rule| rule.name().to_owned()),
        extracted: None,
        lenient: false,
        check_ms: report.map(|report| report.check_ms),
        limit_hit: report.and_then(|report| report.limit_hit.clone()),
        recheck: report.map(|report| report.recheck.status.clone()),
        // Plain structs of text and finite numbers always have a JSON form.
        detail: report.and_then(|report| serde_json::to_string(report).ok()),
    }
}

fn call_row(call: CallRecord) -> CallRow {
    let usage = call.usage;
    CallRow {
        role: call.role.name().to_owned(),
        model: call.model,
        step: call.step,
        ordinal: call.ordinal,
        seed: call.seed,
        request_hash: call.request_hash,
        finish: call.finish,
        error: call.error,
        started_ms: call.started_ms,
        wall_ms: call.wall_ms,
        prompt_tokens: usage.prompt_tokens,
        cached_tokens: usage.cached_tokens,
        completion_tokens: usage.completion_tokens,
        reasoning_tokens: usage.reasoning_tokens,
        queue_ms: usage.queue_ms,
        prefill_ms: usage.prefill_ms,
        decode_ms: usage.decode_ms,
        retries: usage.retries,
        estimated: usage.estimated,
        first_entropy_nats: call.first_entropy_nats.map(f64::from),
        wasted: call.wasted,
    }
}
