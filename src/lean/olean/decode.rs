//! Objects of a compiled file as names, levels, terms and constants.
//!
//! Nothing recurses on the file's contents: each walk keeps its own stack. Objects are read once by their address, so
//! that shared terms stay shared; a term that contains itself is refused.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::constant::{Constant, Hints, Kind, QuotientPart, Rule, Safety};
use super::error::OleanError;
use super::name::{Name, Part};
use super::region::{Fuel, Region, Word, is_scalar};
use super::term::{Expr, ExprId, Level, LevelId, Terms};

fn corrupt(what: &'static str, at: u64) -> OleanError {
    OleanError::Corrupt { what, at }
}

/// Parts of the longest name that is read.
const LONGEST_NAME: usize = 4096;

/// Replaces one text inside the parts of all names: how a file that was compiled under one nonce is compared with a
/// file that was compiled under another.
#[derive(Debug, Clone)]
pub struct Renaming {
    /// What is replaced.
    pub from: String,
    /// What stands there instead.
    pub to: String,
}

/// Reads names; each once by its address.
pub(crate) struct NameReader<'r> {
    region: &'r Region,
    renaming: Option<&'r Renaming>,
    names: HashMap<Word, Name>,
}

impl<'r> NameReader<'r> {
    pub(crate) fn new(region: &'r Region, renaming: Option<&'r Renaming>) -> NameReader<'r> {
        NameReader { region, renaming, names: HashMap::new() }
    }

    pub(crate) fn name(&mut self, object: Word, fuel: &mut Fuel) -> Result<Name, OleanError> {
        let mut chain = Vec::new();
        let mut at = object;
        let mut name = loop {
            if let Some(known) = self.names.get(&at) {
                break known.clone();
            }
            if is_scalar(at) || self.region.tag(at)? == 0 {
                break Name::anonymous();
            }
            fuel.spend(1)?;
            if chain.len() >= LONGEST_NAME {
                return Err(corrupt("a name of too many parts", object));
            }
            chain.push(at);
            at = self.region.field(at, 0)?;
        };
        for object in chain.into_iter().rev() {
            fuel.spend(name.parts().len() as u64)?;
            let last = self.region.field(object, 1)?;
            let part = match self.region.tag(object)? {
                1 => {
                    let text = self.region.text(last, fuel)?;
                    match self.renaming {
                        Some(renaming) => Part::Text(Arc::from(text.replace(&renaming.from, &renaming.to))),
                        None => Part::Text(Arc::from(text)),
                    }
                }
                2 => Part::Number(self.region.number(last, fuel)?),
                _ => return Err(corrupt("no name", object)),
            };
            name = name.child(part);
            self.names.insert(object, name.clone());
        }
        Ok(name)
    }

    pub(crate) fn names(&mut self, list: Word, fuel: &mut Fuel) -> Result<Vec<Name>, OleanError> {
        let objects = self.region.list(list, fuel)?;
        objects.into_iter().map(|object| self.name(object, fuel)).collect()
    }
}

/// Fields of a term that are terms, by its constructor's number.
fn term_fields(tag: u8) -> &'static [u8] {
    match tag {
        5 => &[0, 1],
        6 | 7 => &[1, 2],
        8 => &[1, 2, 3],
        10 => &[1],
        11 => &[2],
        _ => &[],
    }
}

/// Gives the addresses of a constant's terms: its type, its value, its recursor's rules.
fn terms_of(region: &Region, info: Word, fuel: &mut Fuel) -> Result<Vec<Word>, OleanError> {
    let value = region.field(info, 0)?;
    let mut terms = vec![region.field(region.field(value, 0)?, 2)?];
    match region.tag(info)? {
        1..=3 => terms.push(region.field(value, 1)?),
        7 => {
            for rule in region.list(region.field(value, 6)?, fuel)? {
                terms.push(region.field(rule, 2)?);
            }
        }
        _ => {}
    }
    Ok(terms)
}

/// Gives the names that a constant refers to in its type, its value, its constructors and its rules; each once.
pub(crate) fn references(names: &mut NameReader, info: Word, fuel: &mut Fuel) -> Result<Vec<Name>, OleanError> {
    let region = names.region;
    let mut found = HashSet::new();
    let mut seen = HashSet::new();
    let mut work = terms_of(region, info, fuel)?;
    while let Some(object) = work.pop() {
        fuel.spend(1)?;
        if !seen.insert(object) {
            continue;
        }
        let tag = region.tag(object)?;
        for field in term_fields(tag) {
            work.push(region.field(object, *field)?);
        }
        match tag {
            4 | 11 => {
                found.insert(region.field(object, 0)?);
            }
            // A proof may hold number and text literals, which rest on their types.
            9 => {}
            0 | 3 | 5..=8 | 10 => {}
            _ => return Err(corrupt("a term with a hole", object)),
        }
    }
    let value = region.field(info, 0)?;
    match region.tag(info)? {
        5 => found.extend(region.list(region.field(value, 4)?, fuel)?),
        6 => {
            found.insert(region.field(value, 1)?);
        }
        7 => found.extend(region.list(region.field(value, 1)?, fuel)?),
        _ => {}
    }
    found.into_iter().map(|object| names.name(object, fuel)).collect()
}

/// Tells whether proofs may not use a constant, and why.
pub(crate) fn unfit(region: &Region, info: Word) -> Result<Option<&'static str>, OleanError> {
    let value = region.field(info, 0)?;
    let flag = match region.tag(info)? {
        1 => {
            return Ok(match region.scalar_byte(value, 0)? {
                1 => None,
                0 => Some("unsafe"),
                _ => Some("partial"),
            });
        }
        0 | 3 | 6 => region.scalar_byte(value, 0)?,
        5 | 7 => region.scalar_byte(value, 1)?,
        _ => 0,
    };
    Ok((flag != 0).then_some("unsafe"))
}

/// Reads constants into [`Terms`].
pub(crate) struct Decoder<'r> {
    region: &'r Region,
    names: NameReader<'r>,
    /// `None` while what is inside is being read.
    levels: HashMap<Word, Option<LevelId>>,
    exprs: HashMap<Word, Option<ExprId>>,
}

impl<'r> Decoder<'r> {
    pub(crate) fn new(region: &'r Region, renaming: Option<&'r Renaming>) -> Decoder<'r> {
        let names = NameReader::new(region, renaming);
        Decoder { region, names, levels: HashMap::new(), exprs: HashMap::new() }
    }

    fn level(&mut self, root: Word, terms: &mut Terms, fuel: &mut Fuel) -> Result<LevelId, OleanError> {
        let region = self.region;
        let mut work = vec![(root, false)];
        while let Some((object, children_done)) = work.pop() {
            fuel.spend(1)?;
            let tag = region.tag(object)?;
            if !children_done {
                match self.levels.get(&object) {
                    None => {}
                    Some(Some(_)) => continue,
                    Some(None) => return Err(corrupt("a level inside itself", object)),
                }
                let children: &[u8] = match tag {
                    1 => &[0],
                    2 | 3 => &[0, 1],
                    _ => &[],
                };
                if !children.is_empty() {
                    self.levels.insert(object, None);
                    work.push((object, true));
                    for field in children.iter().rev() {
                        work.push((region.field(object, *field)?, false));
                    }
                    continue;
                }
            }
            let child = |field: u8| -> Result<LevelId, OleanError> { self.known_level(region.field(object, field)?) };
            let level = match tag {
                0 => Level::Zero,
                1 => Level::Successor(child(0)?),
                2 => Level::Max(child(0)?, child(1)?),
                3 => Level::ImpredicativeMax(child(0)?, child(1)?),
                4 => Level::Parameter(self.names.name(region.field(object, 0)?, fuel)?),
                _ => return Err(corrupt("a level with a hole", object)),
            };
            let id = terms.intern_level(level)?;
            self.levels.insert(object, Some(id));
        }
        self.known_level(root)
    }

    fn known_level(&self, object: Word) -> Result<LevelId, OleanError> {
        self.levels.get(&object).copied().flatten().ok_or_else(|| corrupt("a level inside itself", object))
    }

    fn expr(&mut self, root: Word, terms: &mut Terms, fuel: &mut Fuel) -> Result<ExprId, OleanError> {
        let region = self.region;
        let mut work = vec![(root, false)];
        while let Some((object, children_done)) = work.pop() {
            fuel.spend(1)?;
            let tag = region.tag(object)?;
            if !children_done {
                match self.exprs.get(&object) {
                    None => {}
                    Some(Some(_)) => continue,
                    Some(None) => return Err(corrupt("a term inside itself", object)),
                }
                let fields = term_fields(tag);
                if !fields.is_empty() {
                    self.exprs.insert(object, None);
                    work.push((object, true));
                    for field in fields.iter().rev() {
                        work.push((region.field(object, *field)?, false));
                    }
                    continue;
                }
            }
            let id = match self.node(object, tag, terms, fuel)? {
                Node::New(expr) => terms.intern(expr)?,
                Node::Same(id) => id,
            };
            self.exprs.insert(object, Some(id));
        }
        self.child(root)
    }

    fn child(&self, object: Word) -> Result<ExprId, OleanError> {
        self.exprs.get(&object).copied().flatten().ok_or_else(|| corrupt("a term inside itself", object))
    }

    /// Makes a term whose inner terms are read.
    fn node(&mut self, object: Word, tag: u8, terms: &mut Terms, fuel: &mut Fuel) -> Result<Node, OleanError> {
        let region = self.region;
        let field = |index: u8| region.field(object, index);
        let child = |decoder: &Self, index: u8| decoder.child(region.field(object, index)?);
        let expr = match tag {
            0 => Expr::Bound(region.number(field(0)?, fuel)?),
            3 => Expr::Sort(self.level(field(0)?, terms, fuel)?),
            4 => {
                let levels = region.list(field(1)?, fuel)?;
                let levels =
                    levels.into_iter().map(|level| self.level(level, terms, fuel)).collect::<Result<_, _>>()?;
                Expr::Constant(self.names.name(field(0)?, fuel)?, levels)
            }
            5 => Expr::Apply(child(self, 0)?, child(self, 1)?),
            6 => Expr::Lambda(child(self, 1)?, child(self, 2)?),
            7 => Expr::Pi(child(self, 1)?, child(self, 2)?),
            8 => Expr::Let(child(self, 1)?, child(self, 2)?, child(self, 3)?),
            9 => {
                let literal = field(0)?;
                let value = region.field(literal, 0)?;
                match region.tag(literal)? {
                    0 => Expr::Natural(region.big_number(value, fuel)?),
                    1 => Expr::Text(Arc::from(region.text(value, fuel)?)),
                    _ => return Err(corrupt("no literal", literal)),
                }
            }
            10 => return Ok(Node::Same(child(self, 1)?)),
            11 => {
                let name = self.names.name(field(0)?, fuel)?;
                Expr::Projection(name, region.number(field(1)?, fuel)?, child(self, 2)?)
            }
            _ => return Err(corrupt("a term with a hole", object)),
        };
        Ok(Node::New(expr))
    }

    /// Reads a constant.
    pub(crate) fn constant(&mut self, info: Word, terms: &mut Terms, fuel: &mut Fuel) -> Result<Constant, OleanError> {
        let region = self.region;
        let value = region.field(info, 0)?;
        let field = |index: u8| region.field(value, index);
        let flag = |index: u64| Ok::<bool, OleanError>(region.scalar_byte(value, index)? != 0);
        let common = field(0)?;
        let name = self.names.name(region.field(common, 0)?, fuel)?;
        let level_parameters = self.names.names(region.field(common, 1)?, fuel)?;
        let ty = self.expr(region.field(common, 2)?, terms, fuel)?;
        let kind = match region.tag(info)? {
            0 => Kind::Axiom { is_unsafe: flag(0)? },
            1 => {
                let hints = field(2)?;
                let hints = match region.tag(hints)? {
                    0 => Hints::Opaque,
                    1 => Hints::Abbreviation,
                    _ => Hints::Regular(region.scalar_u32(hints)?),
                };
                let safety = match region.scalar_byte(value, 0)? {
                    0 => Safety::Unsafe,
                    1 => Safety::Safe,
                    _ => Safety::Partial,
                };
                let all = self.names.names(field(3)?, fuel)?;
                Kind::Definition { value: self.expr(field(1)?, terms, fuel)?, hints, safety, all }
            }
            2 => {
                let all = self.names.names(field(2)?, fuel)?;
                Kind::Theorem { value: self.expr(field(1)?, terms, fuel)?, all }
            }
            3 => {
                let all = self.names.names(field(2)?, fuel)?;
                Kind::Opaque { value: self.expr(field(1)?, terms, fuel)?, is_unsafe: flag(0)?, all }
            }
            4 => Kind::Quotient(match region.scalar_byte(value, 0)? {
                0 => QuotientPart::Type,
                1 => QuotientPart::Constructor,
                2 => QuotientPart::Lift,
                3 => QuotientPart::Induction,
                _ => return Err(corrupt("no part of quotients", value)),
            }),
            5 => Kind::Inductive {
                parameters: region.number(field(1)?, fuel)?,
                indices: region.number(field(2)?, fuel)?,
                all: self.names.names(field(3)?, fuel)?,
                constructors: self.names.names(field(4)?, fuel)?,
                // Files before about Lean 4.10 have a flag for nested types in place of their number.
                nested: if region.fields(value)? > 5 { Some(region.number(field(5)?, fuel)?) } else { None },
                is_recursive: flag(0)?,
                is_unsafe: flag(1)?,
                is_reflexive: flag(2)?,
            },
            6 => Kind::Constructor {
                inductive: self.names.name(field(1)?, fuel)?,
                index: region.number(field(2)?, fuel)?,
                parameters: region.number(field(3)?, fuel)?,
                fields: region.number(field(4)?, fuel)?,
                is_unsafe: flag(0)?,
            },
            7 => {
                let mut rules = Vec::new();
                for rule in region.list(field(6)?, fuel)? {
                    rules.push(Rule {
                        constructor: self.names.name(region.field(rule, 0)?, fuel)?,
                        fields: region.number(region.field(rule, 1)?, fuel)?,
                        result: self.expr(region.field(rule, 2)?, terms, fuel)?,
                    });
                }
                Kind::Recursor {
                    all: self.names.names(field(1)?, fuel)?,
                    parameters: region.number(field(2)?, fuel)?,
                    indices: region.number(field(3)?, fuel)?,
                    motives: region.number(field(4)?, fuel)?,
                    minors: region.number(field(5)?, fuel)?,
                    rules,
                    k: flag(0)?,
                    is_unsafe: flag(1)?,
                }
            }
            _ => return Err(corrupt("no constant", info)),
        };
        Ok(Constant { name, level_parameters, ty, kind })
    }
}

/// What an object of a term is.
enum Node {
    New(Expr),
    /// Metadata around this term.
    Same(ExprId),
}
