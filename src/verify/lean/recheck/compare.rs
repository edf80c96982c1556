//! What the compiled files must show: the theorem that was to be proved, proved from permitted axioms.

use crate::lean::olean::{Closure, Constant, Kind, KindTag, Library, Module, Name, OleanError, Scope, Terms, closure};
use crate::verdict::Rejection;

/// Constants that the kernel computes or takes apart by name, whatever their definitions say. A file that declares one
/// that its imports lack could give it another meaning than the kernel has in mind.
const KERNEL_NAMES: [&str; 33] = [
    "Nat",
    "Nat.zero",
    "Nat.succ",
    "Nat.add",
    "Nat.sub",
    "Nat.mul",
    "Nat.div",
    "Nat.mod",
    "Nat.gcd",
    "Nat.pow",
    "Nat.log2",
    "Nat.beq",
    "Nat.ble",
    "Nat.land",
    "Nat.lor",
    "Nat.xor",
    "Nat.shiftLeft",
    "Nat.shiftRight",
    "Nat.pred",
    "Bool",
    "Bool.true",
    "Bool.false",
    "Char",
    "Char.ofNat",
    "String",
    "String.mk",
    "String.ofList",
    "List",
    "List.nil",
    "List.cons",
    "Eq",
    "Lean.reduceBool",
    "Lean.reduceNat",
];

/// Names to look for in the compiled files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The constant whose type is the trusted statement.
    pub(crate) stated: &'a Name,
    /// The theorem that must have it.
    pub(crate) check: &'a Name,
    /// Axioms that it may rest on.
    pub(crate) permitted: &'a [Name],
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The statement is proved; what the proof rests on.
    Proved(Closure),
    /// It is not; the class and why.
    Refuted(Rejection, String),
    /// The trusted file itself is not what it should be; why.
    Untrusted(String),
}

/// Compares the file compiled from the whole document with the one compiled from its trusted part alone.
///
/// # Errors
/// Fails when a file, or an import, cannot be read.
pub(crate) fn compare(
    library: &mut Library,
    trusted: &Module,
    whole: &Module,
    wanted: Wanted<'_>,
) -> Result<Found, OleanError> {
    if trusted.kind(wanted.stated).is_none() {
        return Ok(Found::Untrusted(format!("the trusted part does not declare {}", wanted.stated)));
    }
    if let Some(name) = trusted.repeated() {
        return Ok(Found::Untrusted(format!("the trusted part declares {name} twice")));
    }
    if let Some(name) = whole.repeated() {
        return tampered(format!("the file declares {name} twice"));
    }
    if trusted.imports() != whole.imports() {
        return tampered("the file does not import what the header does".to_owned());
    }
    let mut terms = Terms::default();
    let mut trusted_reader = trusted.reader();
    let mut whole_reader = whole.reader();
    for name in trusted.names() {
        let before = trusted_reader.constant(name, &mut terms)?;
        let after = whole_reader.constant(name, &mut terms)?;
        if before.map(without_proof) != after.map(without_proof) {
            return Ok(Found::Refuted(
                Rejection::StatementChanged,
                format!("{name} is not what the header and the statement make it"),
            ));
        }
    }
    let scope = library.scope(trusted.imports())?;
    for name in whole.names().filter(|name| trusted.kind(name).is_none()) {
        if KERNEL_NAMES.iter().any(|known| Name::dotted(known) == *name) {
            return tampered(format!("the file declares {name}, which the kernel computes by name"));
        }
        if library.declares(&scope, name) {
            return tampered(format!("the file declares {name}, which its imports declare"));
        }
    }
    match whole.kind(wanted.check) {
        Some(KindTag::Theorem) => {}
        Some(_) => return tampered("the check is no theorem".to_owned()),
        None => return tampered("the check is missing".to_owned()),
    }
    let (Some(stated), Some(check)) =
        (trusted_reader.constant(wanted.stated, &mut terms)?, whole_reader.constant(wanted.check, &mut terms)?)
    else {
        return tampered("the check is missing".to_owned());
    };
    if terms.with_canonical_parameters(stated.ty)? != terms.with_canonical_parameters(check.ty)? {
        let reason = "what is proved is not the trusted statement";
        return Ok(Found::Refuted(Rejection::StatementChanged, reason.to_owned()));
    }
    ground(library, &scope, whole, wanted)
}

/// Looks at what the check rests on.
fn ground(library: &mut Library, scope: &Scope, whole: &Module, wanted: Wanted<'_>) -> Result<Found, OleanError> {
    let closure = match closure(library, scope, whole, wanted.check) {
        Err(OleanError::NoConstant(name)) => {
            return tampered(format!("the proof uses {name}, which is declared nowhere"));
        }
        other => other?,
    };
    for name in &closure.own {
        if let Some(why) = whole.unfit(name) {
            return tampered(format!("the proof uses {name}, which is {why}"));
        }
    }
    let foreign: Vec<&Name> = closure.axioms.iter().filter(|name| !wanted.permitted.contains(name)).collect();
    if foreign.contains(&&Name::of(["sorryAx"])) {
        return Ok(Found::Refuted(Rejection::Incomplete, "the proof is left open (sorryAx)".to_owned()));
    }
    if !foreign.is_empty() {
        let names: Vec<String> = foreign.iter().map(ToString::to_string).collect();
        let reason = format!("the proof rests on {}", names.join(", "));
        return Ok(Found::Refuted(Rejection::ForbiddenAxiom(names), reason));
    }
    if closure.own.contains(wanted.stated) {
        return Ok(Found::Refuted(Rejection::Incomplete, "the proof uses the statement itself".to_owned()));
    }
    Ok(Found::Proved(closure))
}

fn tampered(reason: String) -> Result<Found, OleanError> {
    Ok(Found::Refuted(Rejection::Tampered(reason.clone()), reason))
}

/// Leaves a theorem's proof out: which one it is does not matter.
fn without_proof(mut constant: Constant) -> Constant {
    if let Kind::Theorem { value, .. } = &mut constant.kind {
        *value = constant.ty;
    }
    constant
}

#[cfg(test)]
mod tests;
