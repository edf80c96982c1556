//! What is asked: a problem, split into what a strategy may see and what only a verifier sees.
//!
//! The split is the project's guard against leaks: [`Statement`] has no field for a gold answer, and only a suite or
//! the command makes a [`Problem`]; only `run` takes it apart.

use std::fmt;

/// Names one item of a suite, unique in it (`2024_AIME_I_1`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProblemId(pub String);

impl fmt::Display for ProblemId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The form that a problem wants its answer in; prompts and graders look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AnswerForm {
    /// An integer.
    Integer,
    /// A number: integer, decimal or fraction.
    Number,
    /// Any mathematical expression in LaTeX.
    Expression,
    /// The letter of one of the statement's options.
    Letter,
    /// Words or a short phrase.
    Text,
    /// A Lean proof of the statement's [`FormalStatement`].
    Proof,
}

impl AnswerForm {
    /// Every form with its name in suite files and in the store.
    pub const NAMES: [(&'static str, AnswerForm); 6] = [
        ("integer", AnswerForm::Integer),
        ("number", AnswerForm::Number),
        ("expression", AnswerForm::Expression),
        ("letter", AnswerForm::Letter),
        ("text", AnswerForm::Text),
        ("proof", AnswerForm::Proof),
    ];

    /// Gives the form's name in suite files and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            AnswerForm::Integer => "integer",
            AnswerForm::Number => "number",
            AnswerForm::Expression => "expression",
            AnswerForm::Letter => "letter",
            AnswerForm::Text => "text",
            AnswerForm::Proof => "proof",
        }
    }

    /// Finds the form with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<AnswerForm> {
        AnswerForm::NAMES.iter().find(|(known, _)| *known == name).map(|(_, form)| *form)
    }
}

/// A statement in Lean 4 that asks for a proof.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FormalStatement {
    /// Imports, options, opens and definitions that stand before the statement; may be empty.
    pub header: String,
    /// The theorem, from its keyword to `:= by sorry`.
    pub theorem: String,
}

impl FormalStatement {
    /// Gives the theorem up to and with its `:= by`: the place where a proof goes on. Nothing where it does not end in
    /// `:= by sorry`.
    #[must_use]
    pub fn opening(&self) -> Option<&str> {
        let by = self.theorem.trim_end().strip_suffix("sorry")?.trim_end();
        by.strip_suffix("by")?.trim_end().ends_with(":=").then_some(by)
    }
}

/// What a strategy may see of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The problem's id.
    pub id: ProblemId,
    /// The question as text, LaTeX allowed.
    pub text: String,
    /// Options of a multiple-choice question, in the order of their letters (A, B, …); empty otherwise.
    pub options: Vec<String>,
    /// The form of the wanted answer.
    pub form: AnswerForm,
    /// The statement in Lean, where a proof is wanted.
    pub formal: Option<FormalStatement>,
}

/// What only a verifier may see of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The gold answer as the data set writes it.
    pub answer: String,
}

/// One item of a suite, or one question of a user (then without a reference).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The part that strategies see.
    pub statement: Statement,
    /// The part that verifiers see.
    pub reference: Option<Reference>,
}

impl Problem {
    /// Gives the problem's id.
    #[must_use]
    pub fn id(&self) -> &ProblemId {
        &self.statement.id
    }
}
