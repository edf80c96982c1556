//! A constant with all that it rests on, in the text format that independent kernels read (lean4export, version 3.1.0).
//!
//! One JSON object a line; names, levels and terms are numbered in the order of their first use, and a line refers only
//! to earlier ones. Binder names are left out (they are empty), and so is metadata.

use std::collections::{HashMap, HashSet};

use num_bigint::BigUint;
use serde_json::{Value, json};

use super::constant::{Constant, Hints, Kind, QuotientPart, Safety};
use super::error::OleanError;
use super::library::{Library, Scope};
use super::module::{Module, ModuleReader};
use super::name::{Name, Part};
use super::term::{Expr, ExprId, Level, LevelId, Terms};

/// Constants that literals rest on, where they are declared: numbers, then texts in newer and older Lean.
const BEHIND_NATURALS: [&str; 1] = ["Nat"];
const BEHIND_TEXTS: [&str; 3] = ["Char.ofNat", "String.ofList", "String.mk"];

/// Writes a constant of `module` and everything that it refers to, in the module and in the imports in `scope`.
///
/// # Errors
/// Fails when a constant is declared nowhere, a file cannot be read, or the text would be longer than `limit` bytes.
pub fn export(
    library: &mut Library,
    scope: &Scope,
    module: &Module,
    name: &Name,
    limit: usize,
) -> Result<String, OleanError> {
    let source = Source { modules: library, scope, reader: module.reader(), terms: Terms::default() };
    let mut export =
        Export { source, text: String::new(), limit, numbers: Numbers::default(), visited: HashSet::new() };
    export.line(&json!({"meta": {
        "exporter": {"name": "stepproof", "version": env!("CARGO_PKG_VERSION")},
        "format": {"version": "3.1.0"},
        "lean": {"githash": "", "version": module.lean_version()},
    }}))?;
    export.constant(name)?;
    Ok(export.text)
}

/// Where constants come from.
struct Source<'a> {
    modules: &'a mut Library,
    scope: &'a Scope,
    reader: ModuleReader<'a>,
    terms: Terms,
}

impl Source<'_> {
    fn constant(&mut self, name: &Name) -> Result<Constant, OleanError> {
        match self.reader.constant(name, &mut self.terms)? {
            Some(constant) => Ok(constant),
            None => self.modules.constant(self.scope, name, &mut self.terms),
        }
    }

    /// Gives a constant, or `None` where it is declared nowhere.
    fn find(&mut self, name: &Name) -> Result<Option<Constant>, OleanError> {
        match self.constant(name) {
            Err(OleanError::NoConstant(_)) => Ok(None),
            other => other.map(Some),
        }
    }
}

/// Numbers that are given out.
#[derive(Default)]
struct Numbers {
    names: HashMap<Name, usize>,
    levels: HashMap<LevelId, usize>,
    last_level: usize,
    exprs: HashMap<ExprId, usize>,
}

struct Export<'a> {
    source: Source<'a>,
    text: String,
    limit: usize,
    numbers: Numbers,
    visited: HashSet<Name>,
}

enum Task {
    Visit(Name),
    Write(Vec<Constant>),
}

/// Gives the terms of a constant.
fn terms_of(constant: &Constant) -> Vec<ExprId> {
    let mut terms = vec![constant.ty];
    match &constant.kind {
        Kind::Definition { value, .. } | Kind::Theorem { value, .. } | Kind::Opaque { value, .. } => terms.push(*value),
        Kind::Recursor { rules, .. } => terms.extend(rules.iter().map(|rule| rule.result)),
        _ => {}
    }
    terms
}

impl Export<'_> {
    fn line(&mut self, value: &Value) -> Result<(), OleanError> {
        self.text.push_str(&value.to_string());
        self.text.push('\n');
        if self.text.len() > self.limit { Err(OleanError::TooMuchWork) } else { Ok(()) }
    }

    /// Writes a constant after all that it refers to.
    fn constant(&mut self, name: &Name) -> Result<(), OleanError> {
        let mut work = vec![Task::Visit(name.clone())];
        while let Some(task) = work.pop() {
            let name = match task {
                Task::Write(block) => {
                    self.write(&block)?;
                    continue;
                }
                Task::Visit(name) if self.visited.insert(name.clone()) => name,
                Task::Visit(_) => continue,
            };
            let constant = self.source.constant(&name)?;
            match &constant.kind {
                Kind::Constructor { inductive, .. } => work.push(Task::Visit(inductive.clone())),
                Kind::Recursor { all, .. } => work.extend(all.iter().cloned().map(Task::Visit)),
                _ => {
                    let block = self.block(constant)?;
                    self.visited.extend(block.iter().map(|constant| constant.name.clone()));
                    let mut needed = self.mentioned(block.iter().flat_map(terms_of).collect())?;
                    if matches!(block.first().map(|constant| &constant.kind), Some(Kind::Quotient(_))) {
                        // The last of the four speaks of equality by name.
                        needed.push(Name::of(["Eq"]));
                    }
                    work.push(Task::Write(block));
                    work.extend(needed.into_iter().map(Task::Visit));
                }
            }
        }
        Ok(())
    }

    /// Gives the constants that are written in one line or one go with this one.
    fn block(&mut self, constant: Constant) -> Result<Vec<Constant>, OleanError> {
        let mut block = Vec::new();
        match &constant.kind {
            Kind::Quotient(_) => {
                for part in ["Quot", "Quot.mk", "Quot.lift", "Quot.ind"] {
                    block.push(self.source.constant(&Name::dotted(part))?);
                }
            }
            Kind::Inductive { all, nested, .. } => {
                let mut constructors = Vec::new();
                let mut recursors = Vec::new();
                let recursor = |of: &Name, suffix: String| of.child(Part::Text(suffix.into()));
                for name in all {
                    let inductive = self.source.constant(name)?;
                    if let Kind::Inductive { constructors: names, .. } = &inductive.kind {
                        for name in names {
                            constructors.push(self.source.constant(name)?);
                        }
                    }
                    recursors.extend(self.source.find(&recursor(name, "rec".to_owned()))?);
                    block.push(inductive);
                }
                if let Some(first) = all.first() {
                    let most = nested.unwrap_or(u64::MAX);
                    for number in (1..).take_while(|number| *number <= most) {
                        match self.source.find(&recursor(first, format!("rec_{number}")))? {
                            Some(constant) => recursors.push(constant),
                            None => break,
                        }
                    }
                }
                block.extend(constructors);
                block.extend(recursors);
            }
            _ => block.push(constant),
        }
        Ok(block)
    }

    /// Gives the constants that terms mention.
    fn mentioned(&mut self, mut work: Vec<ExprId>) -> Result<Vec<Name>, OleanError> {
        let mut seen = HashSet::new();
        let mut names = HashSet::new();
        let mut behind: HashSet<&str> = HashSet::new();
        while let Some(id) = work.pop() {
            if !seen.insert(id) {
                continue;
            }
            let expr = self.source.terms.expr(id);
            match expr {
                Expr::Constant(name, _) | Expr::Projection(name, ..) => {
                    names.insert(name.clone());
                }
                Expr::Natural(_) => behind.extend(BEHIND_NATURALS),
                Expr::Text(_) => behind.extend(BEHIND_TEXTS),
                _ => {}
            }
            work.extend(expr.children());
        }
        let mut names: Vec<Name> = names.into_iter().collect();
        names.sort();
        for name in BEHIND_NATURALS.iter().chain(&BEHIND_TEXTS).filter(|name| behind.contains(*name)) {
            let name = Name::dotted(name);
            if self.source.find(&name)?.is_some() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn name(&mut self, name: &Name) -> Result<usize, OleanError> {
        if let Some(number) = self.numbers.names.get(name) {
            return Ok(*number);
        }
        let mut prefix = Name::anonymous();
        let mut before = 0;
        for part in name.parts() {
            let name = prefix.child(part.clone());
            before = match self.numbers.names.get(&name) {
                Some(number) => *number,
                None => {
                    // Number 0 is the name without parts.
                    let number = self.numbers.names.len() + 1;
                    match part {
                        Part::Text(text) => self.line(&json!({"in": number, "str": {"pre": before, "str": text}}))?,
                        Part::Number(index) => self.line(&json!({"in": number, "num": {"i": index, "pre": before}}))?,
                    }
                    self.numbers.names.insert(name.clone(), number);
                    number
                }
            };
            prefix = name;
        }
        Ok(before)
    }

    fn names(&mut self, names: &[Name]) -> Result<Vec<usize>, OleanError> {
        names.iter().map(|name| self.name(name)).collect()
    }

    fn level(&mut self, root: LevelId) -> Result<usize, OleanError> {
        let mut work = vec![(root, false)];
        let mut number = 0;
        while let Some((id, children_done)) = work.pop() {
            if let Some(known) = self.numbers.levels.get(&id) {
                number = *known;
                continue;
            }
            let level = self.source.terms.level(id).clone();
            if level == Level::Zero {
                number = 0;
                self.numbers.levels.insert(id, 0);
                continue;
            }
            if !children_done {
                work.push((id, true));
                work.extend(level.children().map(|child| (child, false)));
                continue;
            }
            // Number 0 is the lowest level.
            self.numbers.last_level += 1;
            number = self.numbers.last_level;
            let of = |id: LevelId| self.numbers.levels.get(&id).copied().unwrap_or_default();
            let line = match level {
                Level::Zero => continue,
                Level::Successor(a) => json!({"il": number, "succ": of(a)}),
                Level::Max(a, b) => json!({"il": number, "max": [of(a), of(b)]}),
                Level::ImpredicativeMax(a, b) => json!({"il": number, "imax": [of(a), of(b)]}),
                Level::Parameter(name) => json!({"il": number, "param": self.name(&name)?}),
            };
            self.line(&line)?;
            self.numbers.levels.insert(id, number);
        }
        Ok(number)
    }

    fn expr(&mut self, root: ExprId) -> Result<usize, OleanError> {
        let mut work = vec![(root, false)];
        while let Some((id, children_done)) = work.pop() {
            if self.numbers.exprs.contains_key(&id) {
                continue;
            }
            let expr = self.source.terms.expr(id).clone();
            if !children_done {
                work.push((id, true));
                work.extend(expr.children().map(|child| (child, false)));
                continue;
            }
            let of = |export: &Self, id: ExprId| export.numbers.exprs.get(&id).copied().unwrap_or_default();
            let binder = |export: &Self, ty: ExprId, body: ExprId| json!({"binderInfo": "default", "body": of(export, body), "name": 0, "type": of(export, ty)});
            let mut line = match expr {
                Expr::Bound(index) => json!({"bvar": index}),
                Expr::Sort(level) => json!({"sort": self.level(level)?}),
                Expr::Constant(name, levels) => {
                    let levels: Vec<usize> = levels.iter().map(|id| self.level(*id)).collect::<Result<_, _>>()?;
                    json!({"const": {"name": self.name(&name)?, "us": levels}})
                }
                Expr::Apply(function, argument) => {
                    json!({"app": {"arg": of(self, argument), "fn": of(self, function)}})
                }
                Expr::Lambda(ty, body) => json!({"lam": binder(self, ty, body)}),
                Expr::Pi(ty, body) => json!({"forallE": binder(self, ty, body)}),
                Expr::Let(ty, value, body) => json!({"letE": {
                    "body": of(self, body), "name": 0, "nondep": false, "type": of(self, ty), "value": of(self, value),
                }}),
                Expr::Natural(digits) => {
                    let bytes: Vec<u8> = digits.iter().flat_map(|digit| digit.to_le_bytes()).collect();
                    json!({"natVal": BigUint::from_bytes_le(&bytes).to_string()})
                }
                Expr::Text(text) => json!({"strVal": &*text}),
                Expr::Projection(name, index, value) => {
                    json!({"proj": {"idx": index, "struct": of(self, value), "typeName": self.name(&name)?}})
                }
            };
            let number = self.numbers.exprs.len();
            if let Some(object) = line.as_object_mut() {
                object.insert("ie".to_owned(), number.into());
            }
            self.line(&line)?;
            self.numbers.exprs.insert(id, number);
        }
        Ok(self.numbers.exprs.get(&root).copied().unwrap_or_default())
    }

    /// Starts a declaration with what all have.
    fn declaration(&mut self, constant: &Constant, more: Value) -> Result<Value, OleanError> {
        let name = self.name(&constant.name)?;
        let parameters = self.names(&constant.level_parameters)?;
        for parameter in &constant.level_parameters {
            let level = self.source.terms.intern_level(Level::Parameter(parameter.clone()))?;
            self.level(level)?;
        }
        let mut value = json!({"levelParams": parameters, "name": name, "type": self.expr(constant.ty)?});
        if let (Some(object), Value::Object(more)) = (value.as_object_mut(), more) {
            object.extend(more);
        }
        Ok(value)
    }

    fn write(&mut self, block: &[Constant]) -> Result<(), OleanError> {
        let mut types = Vec::new();
        let mut constructors = Vec::new();
        let mut recursors = Vec::new();
        for constant in block {
            let (key, more) = self.kind(&constant.kind)?;
            let value = self.declaration(constant, more)?;
            match &constant.kind {
                Kind::Inductive { .. } => types.push(value),
                Kind::Constructor { .. } => constructors.push(value),
                Kind::Recursor { .. } => recursors.push(value),
                _ => self.line(&json!({ key: value }))?,
            }
        }
        if !types.is_empty() {
            self.line(&json!({"inductive": {"ctors": constructors, "recs": recursors, "types": types}}))?;
        }
        Ok(())
    }

    /// Gives the word for a kind and what belongs to that kind alone.
    fn kind(&mut self, kind: &Kind) -> Result<(&'static str, Value), OleanError> {
        Ok(match kind {
            Kind::Axiom { is_unsafe } => ("axiom", json!({"isUnsafe": is_unsafe})),
            Kind::Definition { value, hints, safety, all } => {
                let hints = match hints {
                    Hints::Opaque => json!("opaque"),
                    Hints::Abbreviation => json!("abbrev"),
                    Hints::Regular(height) => json!({"regular": height}),
                };
                let safety = match safety {
                    Safety::Safe => "safe",
                    Safety::Unsafe => "unsafe",
                    Safety::Partial => "partial",
                };
                let (value, all) = (self.expr(*value)?, self.names(all)?);
                ("def", json!({"all": all, "hints": hints, "safety": safety, "value": value}))
            }
            Kind::Theorem { value, all } => ("thm", json!({"value": self.expr(*value)?, "all": self.names(all)?})),
            Kind::Opaque { value, is_unsafe, all } => {
                ("opaque", json!({"value": self.expr(*value)?, "isUnsafe": is_unsafe, "all": self.names(all)?}))
            }
            Kind::Quotient(part) => {
                let part = match part {
                    QuotientPart::Type => "type",
                    QuotientPart::Constructor => "ctor",
                    QuotientPart::Lift => "lift",
                    QuotientPart::Induction => "ind",
                };
                ("quot", json!({"kind": part}))
            }
            Kind::Inductive {
                parameters,
                indices,
                all,
                constructors,
                nested,
                is_recursive,
                is_unsafe,
                is_reflexive,
            } => (
                "inductive",
                json!({
                    "numParams": parameters, "numIndices": indices, "all": self.names(all)?,
                    "ctors": self.names(constructors)?, "numNested": nested.unwrap_or_default(),
                    "isRec": is_recursive, "isUnsafe": is_unsafe, "isReflexive": is_reflexive,
                }),
            ),
            Kind::Constructor { inductive, index, parameters, fields, is_unsafe } => (
                "ctor",
                json!({
                    "induct": self.name(inductive)?, "cidx": index, "numParams": parameters, "numFields": fields,
                    "isUnsafe": is_unsafe,
                }),
            ),
            Kind::Recursor { all, parameters, indices, motives, minors, rules, k, is_unsafe } => {
                let mut lines = Vec::new();
                for rule in rules {
                    let constructor = self.name(&rule.constructor)?;
                    lines.push(json!({"ctor": constructor, "nfields": rule.fields, "rhs": self.expr(rule.result)?}));
                }
                (
                    "rec",
                    json!({
                        "all": self.names(all)?, "numParams": parameters, "numIndices": indices, "numMotives": motives,
                        "numMinors": minors, "rules": lines, "k": k, "isUnsafe": is_unsafe,
                    }),
                )
            }
        })
    }
}
