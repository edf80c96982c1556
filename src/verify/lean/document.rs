//! The text that Lean judges: the trusted statement under a secret name, the candidate in a section of its own, and the
//! judge's own lines behind it.

/// A document put together for one verdict, with the names that its judge looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedDocument {
    /// The whole text.
    pub text: String,
    /// Bytes of the header at the beginning of the text.
    pub header_len: usize,
    /// Full name of the trusted statement's constant: a theorem with `sorry` for its proof, so its type is the statement.
    pub stated_name: String,
    /// Full name of the sentinel theorem: its type is the trusted statement, its proof the candidate's theorem.
    pub check_name: String,
    /// Header and trusted statement only: what compiles without the candidate, and declares `stated_name`.
    pub trusted_text: String,
}
