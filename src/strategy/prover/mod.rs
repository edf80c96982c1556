//! Whole proofs: what a model is asked for a theorem of Lean, and what of its output is judged.
//!
//! Without a prover's own form the suite's prompt template is used, as a question or, for base models, as code that the
//! model goes on from. Open provers want the form that they were trained with ([`ProverSpec`], the presets). The form
//! follows reports on each prover (`source`); where a report leaves something open, the preset says what we took.
//!
//! The candidate is always a reply that the judge reads on its own: where a model goes on from code, the theorem's
//! opening is put before what it wrote, in a block of Lean. So a stored candidate can be judged again.

mod request;
mod spec;

pub use spec::{DocPolicy, ExtractRule, HeaderPolicy, ProverForm, ProverSpec, RequestText, StatementTail};

pub(super) use request::resolve;

use crate::model::{Message, Prompt, Segment, Speaker};
use crate::problem::{FormalStatement, Statement};
use crate::prompt::{Asked, PromptError, doc_comment, render_exact};

/// Ends a block of code.
const FENCE: &str = "```";

impl ProverSpec {
    /// Makes what the prover is asked for a statement.
    ///
    /// # Errors
    /// The statement has no place for a proof, or a template is broken.
    pub(super) fn ask(&self, name: &str, statement: &Statement) -> Result<Asked, PromptError> {
        let malformed = |reason: &str| PromptError::Malformed { origin: name.to_owned(), reason: reason.to_owned() };
        let formal = statement.formal.as_ref().ok_or_else(|| malformed("the problem is no theorem of Lean"))?;
        let opening = formal.opening().ok_or_else(|| malformed("the theorem does not end in `:= by sorry`"))?;
        let shown = match self.tail {
            StatementTail::By => opening.to_owned(),
            StatementTail::BySorry => format!("{opening}\n  sorry"),
        };
        let doc = if self.doc == DocPolicy::Comment { doc_comment(&statement.text) } else { String::new() };
        let informal = if self.doc == DocPolicy::Field { statement.text.trim() } else { "" };
        let header = self.header(formal);
        let mut values =
            vec![("header", header.as_str()), ("doc", &doc), ("statement", &shown), ("informal", informal)];
        values.extend(self.requests.iter().map(|(name, request)| (name.as_str(), request.text.as_str())));
        let user = render_exact(name, &self.user, &values)?;
        if self.form == ProverForm::Raw {
            return Ok(Asked { prompt: Prompt::raw(user), stops: self.stop.clone() });
        }
        let mut messages = Vec::new();
        if let Some(system) = &self.system {
            messages.push(Message { speaker: Speaker::System, content: render_exact(name, system, &values)? });
        }
        messages.push(Message { speaker: Speaker::User, content: user });
        let continuation = self.prefill.iter().map(|text| Segment::Template(text.clone())).collect();
        Ok(Asked { prompt: Prompt { messages, continuation }, stops: self.stop.clone() })
    }

    fn header(&self, formal: &FormalStatement) -> String {
        let mut header = match self.header {
            HeaderPolicy::Whole => formal.header.clone(),
            HeaderPolicy::Dense => {
                let lines = formal.header.lines().filter(|line| !line.trim().is_empty());
                lines.collect::<Vec<_>>().join("\n")
            }
        };
        if !header.is_empty() && !header.ends_with('\n') {
            header.push('\n');
        }
        header
    }

    /// Finds the first thing in the form that cannot work, as a sentence.
    pub(super) fn fault(&self) -> Option<String> {
        let sample = Statement {
            id: crate::problem::ProblemId("sample".to_owned()),
            text: "words".to_owned(),
            options: Vec::new(),
            form: crate::problem::AnswerForm::Proof,
            formal: Some(FormalStatement {
                header: "import Init\n".to_owned(),
                theorem: "theorem sample : True := by sorry".to_owned(),
            }),
        };
        if let Err(error) = self.ask("the prover's form", &sample) {
            return Some(format!("could not {error}"));
        }
        let raw = self.form == ProverForm::Raw;
        if raw && (self.system.is_some() || self.prefill.is_some()) {
            return Some("form = \"raw\" has neither system nor prefill".to_owned());
        }
        if self.extract == ExtractRule::Continuation && !raw {
            return Some("extract = \"continuation\" wants form = \"raw\"".to_owned());
        }
        if self.extract == ExtractRule::Continuation && self.tail == StatementTail::BySorry {
            return Some("extract = \"continuation\" wants tail = \"by\"".to_owned());
        }
        (self.min_tokens > 1).then(|| format!("min_tokens = {} is neither 0 nor 1", self.min_tokens))
    }

    /// Names the sentences that stand in our own wording instead of the trained one.
    #[must_use]
    pub fn own_words(&self) -> Vec<&str> {
        let own = self.requests.iter().filter(|(_, request)| !request.trained);
        own.map(|(name, _)| name.as_str()).collect()
    }
}

/// Makes a reply with a whole theorem out of what a model wrote behind its opening. A block that the output was cut in
/// stays open, as a model's own would.
pub(super) fn continued(statement: &Statement, written: &str, cut: bool) -> Option<String> {
    let opening = statement.formal.as_ref()?.opening()?;
    let (proof, closed) = match written.split_once(FENCE) {
        Some((proof, _)) => (proof, true),
        None => (written, !cut),
    };
    if proof.trim().is_empty() {
        return None;
    }
    let end = if proof.ends_with('\n') { "" } else { "\n" };
    let fence = if closed { FENCE } else { "" };
    Some(format!("{FENCE}lean4\n{opening}{proof}{end}{fence}"))
}

#[cfg(test)]
mod tests;
