//! Answers on their way to the database and the file of verdicts.

use stepproof::run::proof_row;
use stepproof::store::{AttemptBundle, AttemptRow, ItemRow, ProofRow};
use stepproof::verify::lean::json::{DiagnosticJson, ReportJson, diagnostics, left_out};
use stepproof::verify::lean::{CandidateKind, Judged, JudgedDocument, LeanJudgement, Recheck};
use tokio::sync::OwnedSemaphorePermit;

use super::judge::Look;
use super::line::{Line, Proof, StepOut};

/// Where an attempt is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Id of the item in the run.
    pub(super) item_id: String,
    /// Which attempt at it.
    pub(super) sample: u32,
}

/// A judgement of this sitting.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) place: Place,
    /// Its report holds no messages: they are below, cut to what is kept.
    pub(super) judgement: LeanJudgement,
    /// What a second look starts from, where one is pending.
    document: Option<JudgedDocument>,
    diagnostics: Vec<DiagnosticJson>,
    left_out: u64,
    pub(super) started_us: i64,
    pub(super) judged_us: i64,
    pub(super) wall_ms: f64,
}

impl Fresh {
    pub(super) fn new(place: Place, proof: &Proof, judged: Judged, started_us: i64, judged_us: i64) -> Fresh {
        let Judged { mut judgement, document } = judged;
        // A flood of messages must not wait in memory for its turn.
        let all = std::mem::take(&mut judgement.report.diagnostics);
        let shown = diagnostics(&all, &proof.candidate);
        #[expect(clippy::cast_precision_loss, reason = "microseconds of one check")]
        let wall_ms = judged_us.saturating_sub(started_us).max(0) as f64 / 1e3;
        let left_out = left_out(all.len(), shown.len());
        Fresh { place, judgement, document, diagnostics: shown, left_out, started_us, judged_us, wall_ms }
    }

    fn report(&mut self) -> ReportJson {
        let report = ReportJson::new(&self.judgement.verdict, &self.judgement.report, "");
        let diagnostics = std::mem::take(&mut self.diagnostics);
        ReportJson { diagnostics, diagnostics_left_out: self.left_out, ..report }
    }
}

/// A verdict on one proof.
#[derive(Debug)]
pub(super) enum Reached {
    /// The database had it.
    Known(Box<StepOut>),
    /// It was reached now.
    Fresh(Box<Fresh>),
}

/// Verdicts on the proofs of one line.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) line: Line,
    /// One for each proof.
    pub(super) reached: Vec<Reached>,
    /// The line's share of memory, given back when it is written.
    pub(super) _room: OwnedSemaphorePermit,
}

/// What an answer becomes.
pub(super) struct Rows {
    pub(super) items: Vec<ItemRow>,
    pub(super) bundles: Vec<AttemptBundle>,
    pub(super) verdicts: Vec<StepOut>,
}

impl Answer {
    /// Tells whether no judgement was reached on some proof.
    pub(super) fn failed(&self) -> Option<String> {
        self.reached.iter().find_map(|reached| match reached {
            Reached::Fresh(fresh) if fresh.judgement.verdict.class() == "infrastructure" => {
                let report = ReportJson::new(&fresh.judgement.verdict, &fresh.judgement.report, "");
                Some(report.reason.unwrap_or_default())
            }
            _ => None,
        })
    }

    /// Gives the proofs whose second look is pending.
    pub(super) fn pending(&mut self) -> impl Iterator<Item = Look<'_>> {
        self.reached.iter_mut().filter_map(|reached| match reached {
            Reached::Fresh(fresh) if fresh.judgement.report.recheck == Recheck::Pending => {
                let Fresh { document, judgement, .. } = &mut **fresh;
                Some(Look { document, judgement })
            }
            _ => None,
        })
    }

    /// Makes the rows of the database.
    pub(super) fn rows(&mut self, verifier: impl Fn(CandidateKind) -> String) -> Rows {
        let mut rows = Rows { items: Vec::new(), bundles: Vec::new(), verdicts: Vec::new() };
        let position = u32::try_from(self.line.number.saturating_sub(1)).unwrap_or(u32::MAX);
        for (proof, reached) in self.line.proofs().iter().zip(&mut self.reached) {
            let fresh = match reached {
                Reached::Known(step) => {
                    rows.verdicts.push((**step).clone());
                    continue;
                }
                Reached::Fresh(fresh) => fresh,
            };
            let report = fresh.report();
            let verdict = &fresh.judgement.verdict;
            rows.items.push(item_row(position, &fresh.place.item_id, proof));
            rows.bundles.push(AttemptBundle {
                attempt: attempt_row(fresh, proof),
                steps: Vec::new(),
                calls: Vec::new(),
                completions: Vec::new(),
                verdict: Some(proof_row(verdict, Some(&report), verifier(proof.kind), fresh.judged_us)),
                replace_failed: false,
            });
            rows.verdicts.push(StepOut {
                id: proof.id.clone(),
                verdict: verdict.name().to_owned(),
                class: verdict.class().to_owned(),
                report,
            });
        }
        rows
    }
}

fn item_row(position: u32, item_id: &str, proof: &Proof) -> ItemRow {
    ItemRow {
        position,
        item_id: item_id.to_owned(),
        statement: proof.statement.theorem.clone(),
        options: Vec::new(),
        form: "proof".to_owned(),
        gold: None,
        header: Some(proof.statement.header.clone()),
        formal_statement: Some(proof.statement.theorem.clone()),
    }
}

fn attempt_row(fresh: &Fresh, proof: &Proof) -> AttemptRow {
    AttemptRow {
        item_id: fresh.place.item_id.clone(),
        sample: fresh.place.sample,
        seed: 0,
        outcome: "answered".to_owned(),
        outcome_detail: None,
        candidate: Some(proof.candidate.clone()),
        candidate_kind: Some(proof.kind.name().to_owned()),
        truncated: false,
        prompt: "[]".to_owned(),
        started_us: fresh.started_us,
        wall_ms: fresh.wall_ms,
        calls: 0,
        prompt_tokens: 0,
        cached_tokens: 0,
        completion_tokens: 0,
        reasoning_tokens: 0,
        wasted_tokens: 0,
        worker: None,
    }
}

/// What the database says of a proof.
#[derive(Debug)]
pub(super) enum Found {
    /// It was judged before.
    Known(Box<StepOut>),
    /// It was not; here its attempt is to be kept.
    Place(Place),
}

/// Gives the ids that a proof may be kept under: its own, and where another statement has that one, one that no other
/// statement has.
pub(super) fn item_ids(proof: &Proof) -> [String; 2] {
    let mut hasher = blake3::Hasher::new();
    for part in [&proof.statement.header, &proof.statement.theorem] {
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let hash = hasher.finalize().to_hex();
    [proof.item_id.clone(), format!("{}@{}", proof.item_id, hash.as_str().get(..8).unwrap_or_default())]
}

/// Looks for a proof among the rows that the database has under its ids.
pub(super) fn find(proof: &Proof, rows: &[ProofRow]) -> Found {
    let ids = item_ids(proof);
    for id in &ids {
        let of_item: Vec<&ProofRow> = rows.iter().filter(|row| row.item_id == *id).collect();
        let Some(first) = of_item.first() else {
            return Found::Place(Place { item_id: id.clone(), sample: 1 });
        };
        if first.header != proof.statement.header || first.formal_statement.as_ref() != Some(&proof.statement.theorem) {
            continue;
        }
        if let Some(known) = of_item.iter().find_map(|row| known(proof, row)) {
            return Found::Known(Box::new(known));
        }
        let last = of_item.iter().filter_map(|row| row.sample).max().unwrap_or(0);
        return Found::Place(Place { item_id: id.clone(), sample: last.saturating_add(1) });
    }
    // Two statements with the same eight digits; kept apart by the sample.
    let [_, item_id] = ids;
    let last = rows.iter().filter(|row| row.item_id == item_id).filter_map(|row| row.sample).max().unwrap_or(0);
    Found::Place(Place { item_id, sample: last.saturating_add(1) })
}

fn known(proof: &Proof, row: &ProofRow) -> Option<StepOut> {
    let same =
        row.candidate.as_ref() == Some(&proof.candidate) && row.candidate_kind.as_deref() == Some(proof.kind.name());
    let (verdict, class, detail) = (row.verdict.clone()?, row.class.clone()?, row.detail.as_deref()?);
    if !same || class == "infrastructure" {
        return None;
    }
    // A report of another version is judged again.
    let report = serde_json::from_str(detail).ok()?;
    Some(StepOut { id: proof.id.clone(), verdict, class, report })
}
