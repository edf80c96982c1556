//! The lines of a batch: what is read, and what is written.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stepproof::problem::FormalStatement;
use stepproof::verify::lean::CandidateKind;
use stepproof::verify::lean::json::ReportJson;

use crate::cli::command::verify::statement;

/// A line that `verify --batch` reads: one proof, or one chain of them in `steps`. Other fields are ignored.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct VerifyIn {
    /// Names the line: text or a whole number, once in a file.
    #[schemars(with = "Id")]
    #[serde(default)]
    id: Value,
    /// Lean text before the statement, of every step too: imports, options, opens, definitions.
    #[serde(default)]
    header: Option<String>,
    /// The trusted theorem, ending in `:= by sorry`.
    #[serde(default)]
    formal_statement: Option<String>,
    /// The proof to be judged.
    #[serde(default)]
    candidate: Option<String>,
    /// What the candidate is: tactics, file or reply.
    #[serde(default)]
    kind: Option<String>,
    /// The proofs of a chain, in order; instead of `candidate` and `kind`.
    #[serde(default)]
    steps: Option<Vec<StepIn>>,
}

/// One proof of a chain.
#[derive(Debug, Deserialize, JsonSchema)]
struct StepIn {
    /// Names the step, once in its chain.
    #[schemars(with = "Id")]
    #[serde(default)]
    id: Value,
    /// Lean text before the statement, instead of the chain's.
    #[serde(default)]
    header: Option<String>,
    /// The trusted theorem, ending in `:= by sorry`.
    #[serde(default)]
    formal_statement: Option<String>,
    /// The proof to be judged.
    #[serde(default)]
    candidate: Option<String>,
    /// What the candidate is: tactics, file or reply.
    #[serde(default)]
    kind: Option<String>,
}

/// Text or a whole number.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the JSON form only")]
enum Id {
    Text(String),
    Number(i64),
}

/// A proof to be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proof {
    /// Its id in the store: the line's, of a step `CHAIN/STEP`.
    pub(super) item_id: String,
    /// Its id as it came.
    pub(super) id: Value,
    pub(super) statement: FormalStatement,
    pub(super) candidate: String,
    pub(super) kind: CandidateKind,
}

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Proof(Box<Proof>),
    Chain(Vec<Proof>),
    /// The line cannot be used; why.
    Nothing(String),
}

/// One line of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its id as it came; null where it has none.
    pub(super) id: Value,
    pub(super) wanted: Wanted,
    /// Hash of the settings and of everything in it that decides.
    pub(super) hash: String,
}

impl Line {
    /// Reads a line. One that cannot be used is a line too: the batch says so and goes on.
    pub(super) fn read(number: u64, text: &str, settings: &str) -> Line {
        let (id, wanted) = match parse(text) {
            Ok((id, wanted)) => (id, wanted),
            Err((id, reason)) => (id, Wanted::Nothing(reason)),
        };
        let hash = hash(settings, text, &wanted);
        Line { number, id, wanted, hash }
    }

    /// Makes a line of one that could not even be read.
    pub(super) fn unreadable(number: u64, reason: String, settings: &str) -> Line {
        let wanted = Wanted::Nothing(reason);
        Line { number, id: Value::Null, hash: hash(settings, "", &wanted), wanted }
    }

    /// Gives the proofs of the line.
    pub(super) fn proofs(&self) -> &[Proof] {
        match &self.wanted {
            Wanted::Proof(proof) => std::slice::from_ref(proof),
            Wanted::Chain(proofs) => proofs,
            Wanted::Nothing(_) => &[],
        }
    }

    /// Makes the line one that cannot be used.
    pub(super) fn refuse(&mut self, reason: String, settings: &str) {
        self.wanted = Wanted::Nothing(reason);
        self.hash = hash(settings, &self.hash, &self.wanted);
    }

    /// Gives the id as text.
    pub(super) fn id_text(&self) -> String {
        name(&self.id).unwrap_or_default()
    }
}

fn parse(text: &str) -> Result<(Value, Wanted), (Value, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // serde would read a struct from an array too, by the order of its fields.
    if text.trim_start().starts_with('[') {
        return Err((Value::Null, "it is a JSON array, not an object".to_owned()));
    }
    let line: VerifyIn = serde_json::from_str(text).map_err(|error| {
        let reason = error.to_string();
        // The parser saw one line and calls it the first.
        let short = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason);
        (Value::Null, format!("column {}: {short}", error.column()))
    })?;
    let id = line.id.clone();
    read(line).map_err(|reason| (id, reason))
}

fn read(line: VerifyIn) -> Result<(Value, Wanted), String> {
    let VerifyIn { id, header, formal_statement, candidate, kind, steps } = line;
    let name = name(&id)?;
    let Some(steps) = steps else {
        let item = StepIn { id: id.clone(), header, formal_statement, candidate, kind };
        let proof = proof(name, item, None)?;
        return Ok((id, Wanted::Proof(Box::new(proof))));
    };
    if candidate.is_some() || kind.is_some() {
        return Err("`steps` and `candidate` do not go together".to_owned());
    }
    if steps.is_empty() {
        return Err("`steps` is empty".to_owned());
    }
    let mut proofs: Vec<Proof> = Vec::with_capacity(steps.len());
    for (number, step) in (1..).zip(steps) {
        let read = self::name(&step.id).and_then(|step_name| {
            let item_id = format!("{name}/{step_name}");
            if proofs.iter().any(|proof| proof.item_id == item_id) {
                return Err(format!("the id {step_name:?} comes twice"));
            }
            proof(item_id, step, header.as_deref())
        });
        proofs.push(read.map_err(|reason| format!("step {number}: {reason}"))?);
    }
    Ok((id, Wanted::Chain(proofs)))
}

fn name(id: &Value) -> Result<String, String> {
    match id {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        Value::Null => Err("`id` is missing".to_owned()),
        _ => Err("`id` must be text or a whole number".to_owned()),
    }
}

fn proof(item_id: String, step: StepIn, header: Option<&str>) -> Result<Proof, String> {
    fn needed(name: &str, field: Option<String>) -> Result<String, String> {
        field.ok_or_else(|| format!("`{name}` is missing"))
    }
    let formal = needed("formal_statement", step.formal_statement)?;
    let candidate = needed("candidate", step.candidate)?;
    let kind = needed("kind", step.kind)?;
    let kind = CandidateKind::from_name(&kind).ok_or_else(|| {
        let known: Vec<&str> = CandidateKind::NAMES.iter().map(|(name, _)| *name).collect();
        format!("`kind` is {kind:?}, not one of {}", known.join(", "))
    })?;
    let header = step.header.as_deref().or(header).unwrap_or_default();
    let statement = statement::split(header, &formal).map_err(|reason| format!("`formal_statement` {reason}"))?;
    Ok(Proof { item_id, id: step.id, statement, candidate, kind })
}

/// Hashes what decides a verdict. A line that cannot be used is its own text.
fn hash(settings: &str, text: &str, wanted: &Wanted) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &str| {
        // Lengths keep parts from running into one another.
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part.as_bytes());
    };
    add(settings);
    let proofs = match wanted {
        Wanted::Proof(proof) => std::slice::from_ref(&**proof),
        Wanted::Chain(proofs) => proofs,
        Wanted::Nothing(reason) => {
            add(text);
            add(reason);
            &[]
        }
    };
    for proof in proofs {
        let Proof { item_id, id: _, statement, candidate, kind } = proof;
        for part in [item_id, &statement.header, &statement.theorem, candidate, kind.name()] {
            add(part);
        }
    }
    let mut hash = String::with_capacity(32);
    for byte in hasher.finalize().as_bytes().iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// Version of [`VerifyOut`].
const SCHEMA: u32 = 1;

/// A line that `verify --batch` writes, one for each line that it reads, in the same order.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct VerifyOut {
    /// Version of this form.
    schema: u32,
    /// The id of the line as it came.
    pub(super) id: Value,
    /// Hash of what was judged, and of the settings it was judged with.
    content_hash: String,
    /// accepted, rejected or unknown; of a chain accepted if every step is. Missing where the line cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verdict: Option<String>,
    /// Its class, such as proved, failed, banned, timeout; of a chain that of the step that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<String>,
    /// What the verdict rests on.
    #[serde(flatten)]
    report: Option<ReportJson>,
    /// The verdicts of a chain's steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<StepOut>>,
    /// Number of a line that cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// Why the line cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// The verdict on one proof of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct StepOut {
    /// The id of the step as it came.
    pub(super) id: Value,
    /// accepted, rejected or unknown.
    pub(super) verdict: String,
    /// Its class.
    pub(super) class: String,
    /// What the verdict rests on.
    #[serde(flatten)]
    pub(super) report: ReportJson,
}

impl VerifyOut {
    /// Answers a line with the verdicts on its proofs.
    pub(super) fn answer(line: &Line, mut verdicts: Vec<StepOut>) -> VerifyOut {
        let mut out = VerifyOut {
            schema: SCHEMA,
            id: line.id.clone(),
            content_hash: line.hash.clone(),
            verdict: None,
            class: None,
            report: None,
            steps: None,
            line: None,
            error: None,
        };
        match &line.wanted {
            Wanted::Nothing(reason) => {
                out.line = Some(line.number);
                out.error = Some(reason.clone());
            }
            Wanted::Proof(_) => {
                if let Some(only) = verdicts.pop() {
                    out.verdict = Some(only.verdict);
                    out.class = Some(only.class);
                    out.report = Some(only.report);
                }
            }
            Wanted::Chain(_) => {
                // One wrong step is enough to be wrong; an unknown one leaves open what the others do not decide.
                let with = |name: &str| verdicts.iter().find(|step| step.verdict == name);
                let decides = with("rejected").or_else(|| with("unknown")).or(verdicts.first());
                out.verdict = decides.map(|step| step.verdict.clone());
                out.class = decides.map(|step| step.class.clone());
                out.steps = Some(verdicts);
            }
        }
        out
    }
}

/// What a written line is known again by.
#[derive(Debug, Deserialize)]
pub(super) struct Answered {
    pub(super) content_hash: String,
    #[serde(default)]
    pub(super) verdict: Option<String>,
    #[serde(default)]
    pub(super) class: Option<String>,
    #[serde(default)]
    pub(super) error: Option<String>,
}

#[cfg(test)]
#[path = "line/tests.rs"]
mod tests;
