//! Exact normal forms: what an expression is as a quotient of polynomials over named constants, variables and values.
//!
//! Every rewriting here is an identity wherever both sides are defined. Even roots and logarithms of something with
//! variables stand for real values of positive arguments. A zero numerator proves equality; that a numerator is not zero is
//! shown by [`zero`], and never assumed.

mod build;
mod function;
mod generator;
mod integer;
mod multiply;
mod polynomial;
mod power;
mod root;
mod series;
mod show;
mod solution;
mod solve;
mod zero;

use std::collections::{BTreeSet, HashMap};

use super::interval::Interval;
use super::nesting::Nested;
use super::work::Work;
pub(super) use build::{in_radians, is_angular, positive_variables};
pub(super) use generator::Generator;
use generator::Traits;
pub(super) use polynomial::{Fraction, Name, Polynomial};
pub(super) use zero::Zero;

/// Base of a logarithm that names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Ten,
    Euler,
}

/// The generators that the expressions of one comparison share, and what it may still cost.
#[derive(Debug)]
pub(super) struct Algebra {
    generators: Vec<Generator>,
    names: HashMap<Generator, Name>,
    /// What is known of each generator, so that nobody has to look into nested ones again.
    traits: Vec<Traits>,
    /// Variables that are positive wherever the expressions are defined.
    positive: BTreeSet<String>,
    base: Base,
    /// Bounds of constants, by generator and bits.
    bounds: HashMap<(Name, u32), Option<Interval>>,
    pub(super) work: Work,
    /// How deep building and testing are nested.
    depth: u32,
    /// Sixteenths that the variables are near, where a function is looked at in a point.
    point: i64,
}

/// How deep roots, functions and powers may nest.
const MAX_DEPTH: u32 = 40;

/// Most terms of a polynomial.
const MAX_TERMS: usize = 2_000;

/// Most bits of a number.
const MAX_BITS: u64 = 8_192;

/// Largest whole exponent that anything is multiplied out for.
const MAX_EXPONENT: i64 = 512;

impl Algebra {
    pub(super) fn new(work: Work, positive: BTreeSet<String>, base: Base) -> Algebra {
        Algebra {
            generators: Vec::new(),
            names: HashMap::new(),
            traits: Vec::new(),
            positive,
            base,
            bounds: HashMap::new(),
            work,
            depth: 0,
            point: 16,
        }
    }

    fn name(&mut self, generator: Generator) -> Name {
        if let Some(name) = self.names.get(&generator) {
            return *name;
        }
        let name = Name::try_from(self.generators.len()).unwrap_or(Name::MAX);
        let traits = self.traits_of(&generator);
        self.traits.push(traits);
        self.generators.push(generator.clone());
        self.names.insert(generator, name);
        name
    }

    fn generator(&self, name: Name) -> Option<&Generator> {
        self.generators.get(usize::try_from(name).ok()?)
    }
}

impl Nested for Algebra {
    const DEEPEST: u32 = MAX_DEPTH;

    fn level(&mut self) -> &mut u32 {
        &mut self.depth
    }
}
