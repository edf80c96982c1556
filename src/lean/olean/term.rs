//! Universe levels and terms, each kept once, so that equal ones have equal ids.
//!
//! Names and kinds of binders and metadata are not kept: terms that differ only there are equal, as they are for the
//! kernel. Terms from several files can share one [`Terms`]; comparing them is comparing ids.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use super::error::OleanError;
use super::name::{Name, Part};

/// The id of a level in its [`Terms`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LevelId(pub(crate) u32);

/// The id of a term in its [`Terms`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub(crate) u32);

/// A universe level.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Level {
    /// The lowest.
    Zero,
    /// The next one.
    Successor(LevelId),
    /// The larger of two.
    Max(LevelId, LevelId),
    /// Zero where the second is zero, else the larger of two.
    ImpredicativeMax(LevelId, LevelId),
    /// A parameter of the constant.
    Parameter(Name),
}

/// A term.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Expr {
    /// A variable by the number of binders between.
    Bound(u64),
    /// A universe.
    Sort(LevelId),
    /// A constant at levels.
    Constant(Name, Box<[LevelId]>),
    /// A function applied to an argument.
    Apply(ExprId, ExprId),
    /// A function: type of the argument, body.
    Lambda(ExprId, ExprId),
    /// A function type: type of the argument, type of the result.
    Pi(ExprId, ExprId),
    /// A local definition: type, value, body.
    Let(ExprId, ExprId, ExprId),
    /// A natural number as 64-bit digits, the lowest first.
    Natural(Box<[u64]>),
    /// A text.
    Text(Arc<str>),
    /// A field of a structure: the structure's name, the field's number, the value.
    Projection(Name, u64, ExprId),
}

impl Expr {
    /// Gives the terms right inside this one.
    pub(crate) fn children(&self) -> impl Iterator<Item = ExprId> + use<> {
        let (first, second, third) = match *self {
            Expr::Apply(a, b) | Expr::Lambda(a, b) | Expr::Pi(a, b) => (Some(a), Some(b), None),
            Expr::Let(a, b, c) => (Some(a), Some(b), Some(c)),
            Expr::Projection(_, _, a) => (Some(a), None, None),
            _ => (None, None, None),
        };
        first.into_iter().chain(second).chain(third)
    }
}

impl Level {
    /// Gives the levels right inside this one.
    pub(crate) fn children(&self) -> impl Iterator<Item = LevelId> + use<> {
        let (first, second) = match *self {
            Level::Successor(a) => (Some(a), None),
            Level::Max(a, b) | Level::ImpredicativeMax(a, b) => (Some(a), Some(b)),
            Level::Zero | Level::Parameter(_) => (None, None),
        };
        first.into_iter().chain(second)
    }
}

#[derive(Debug)]
struct Table<T> {
    items: Vec<T>,
    ids: HashMap<T, u32>,
}

impl<T: Clone + Eq + Hash> Table<T> {
    fn new() -> Table<T> {
        Table { items: Vec::new(), ids: HashMap::new() }
    }

    fn intern(&mut self, item: T) -> Result<u32, OleanError> {
        if let Some(id) = self.ids.get(&item) {
            return Ok(*id);
        }
        let id = u32::try_from(self.items.len()).map_err(|_| OleanError::TooMuchWork)?;
        self.items.push(item.clone());
        self.ids.insert(item, id);
        Ok(id)
    }
}

/// Levels and terms. An id is good only for the `Terms` that gave it.
#[derive(Debug)]
pub struct Terms {
    levels: Table<Level>,
    exprs: Table<Expr>,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms { levels: Table::new(), exprs: Table::new() }
    }
}

impl Terms {
    pub(crate) fn intern_level(&mut self, level: Level) -> Result<LevelId, OleanError> {
        self.levels.intern(level).map(LevelId)
    }

    pub(crate) fn intern(&mut self, expr: Expr) -> Result<ExprId, OleanError> {
        self.exprs.intern(expr).map(ExprId)
    }

    /// Gives a level.
    ///
    /// An id from other `Terms` gives a wrong level or [`Level::Zero`].
    #[must_use]
    pub fn level(&self, id: LevelId) -> &Level {
        self.levels.items.get(id.0 as usize).unwrap_or(&Level::Zero)
    }

    /// Gives a term.
    ///
    /// An id from other `Terms` gives a wrong term or an unbound variable.
    #[must_use]
    pub fn expr(&self, id: ExprId) -> &Expr {
        const NOTHING: &Expr = &Expr::Bound(u64::MAX);
        self.exprs.items.get(id.0 as usize).unwrap_or(NOTHING)
    }

    /// Renames the level parameters of a term by the order in which they first occur, so that two terms are equal up to
    /// these names exactly if the results are equal.
    ///
    /// # Errors
    /// Fails when the table of terms is full.
    pub fn with_canonical_parameters(&mut self, root: ExprId) -> Result<ExprId, OleanError> {
        let mut renamed = Renamed::default();
        let mut work = vec![(root, false)];
        while let Some((id, children_done)) = work.pop() {
            if renamed.exprs.contains_key(&id) {
                continue;
            }
            let expr = self.expr(id).clone();
            if !children_done {
                work.push((id, true));
                let children: Vec<ExprId> = expr.children().collect();
                work.extend(children.into_iter().rev().map(|child| (child, false)));
                // In pre-order, so that the order depends on the shape alone.
                match &expr {
                    Expr::Sort(level) => renamed.level(self, *level)?,
                    Expr::Constant(_, levels) => levels.iter().try_for_each(|level| renamed.level(self, *level))?,
                    _ => {}
                }
                continue;
            }
            let new = renamed.expr(expr);
            let new = self.intern(new)?;
            renamed.exprs.insert(id, new);
        }
        Ok(renamed.exprs.get(&root).copied().unwrap_or(root))
    }
}

/// What became of levels and terms under a renaming of parameters.
#[derive(Default)]
struct Renamed {
    parameters: HashMap<Name, u64>,
    levels: HashMap<LevelId, LevelId>,
    exprs: HashMap<ExprId, ExprId>,
}

impl Renamed {
    fn level(&mut self, terms: &mut Terms, root: LevelId) -> Result<(), OleanError> {
        let mut work = vec![(root, false)];
        while let Some((id, children_done)) = work.pop() {
            if self.levels.contains_key(&id) {
                continue;
            }
            let level = terms.level(id).clone();
            if !children_done {
                work.push((id, true));
                let children: Vec<LevelId> = level.children().collect();
                work.extend(children.into_iter().rev().map(|child| (child, false)));
                continue;
            }
            let child = |id: LevelId| self.levels.get(&id).copied().unwrap_or(id);
            let new = match level {
                Level::Zero => Level::Zero,
                Level::Successor(a) => Level::Successor(child(a)),
                Level::Max(a, b) => Level::Max(child(a), child(b)),
                Level::ImpredicativeMax(a, b) => Level::ImpredicativeMax(child(a), child(b)),
                Level::Parameter(name) => {
                    let next = self.parameters.len() as u64;
                    let number = *self.parameters.entry(name).or_insert(next);
                    Level::Parameter(Name::anonymous().child(Part::Number(number)))
                }
            };
            let new = terms.intern_level(new)?;
            self.levels.insert(id, new);
        }
        Ok(())
    }

    fn expr(&self, expr: Expr) -> Expr {
        let level = |id: LevelId| self.levels.get(&id).copied().unwrap_or(id);
        let child = |id: ExprId| self.exprs.get(&id).copied().unwrap_or(id);
        match expr {
            Expr::Sort(a) => Expr::Sort(level(a)),
            Expr::Constant(name, levels) => Expr::Constant(name, levels.iter().map(|id| level(*id)).collect()),
            Expr::Apply(a, b) => Expr::Apply(child(a), child(b)),
            Expr::Lambda(a, b) => Expr::Lambda(child(a), child(b)),
            Expr::Pi(a, b) => Expr::Pi(child(a), child(b)),
            Expr::Let(a, b, c) => Expr::Let(child(a), child(b), child(c)),
            Expr::Projection(name, index, a) => Expr::Projection(name, index, child(a)),
            leaf @ (Expr::Bound(_) | Expr::Natural(_) | Expr::Text(_)) => leaf,
        }
    }
}
