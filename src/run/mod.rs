//! Runs: one strategy on one suite, planned, carried out, resumed, replayed, judged again.
//!
//! The only place where statements and gold answers meet: a strategy is handed the statement, the verifier the
//! reference. An attempt is committed whole or not at all, so that a run killed at any moment goes on where it was.

mod confirm;
mod error;
mod execute;
mod plan;
mod record;
mod regrade;
mod replay;
mod spec;
mod statements;

pub use confirm::{Confirmed, confirm_pending};
pub use error::RunError;
pub use execute::{Executed, Execution, RunEvent};
pub use plan::{Selection, item_rows, missing, select};
pub use record::{proof_row, verdict_row};
pub use regrade::{Regraded, regrade};
pub use replay::{Recording, problem_of, recording, stored_spec};
pub use spec::{BudgetPart, LeanPart, ModelPart, PromptPart, RunSpec, SuitePart, model_parts};
pub use statements::{CheckedStatements, check_statements};
