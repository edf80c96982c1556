//! Sets of real numbers, as the cells that their ends cut the line into.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use num_bigint::Sign;

use super::super::algebra::{Algebra, Base, Fraction};
use super::super::equal::Equality;
use super::super::expression::Expression;
use super::super::meaning::{Meaning, Region, Span};
use super::{Judge, verdict_of_parts};
use crate::verdict::DecidedBy;

/// Most ends of two regions together.
const MAX_ENDS: usize = 200;

impl Judge<'_> {
    pub(super) fn regions(&mut self, one: &Region, other: &Region) -> Equality {
        if let (Some(name), Some(own)) = (&one.variable, &other.variable)
            && name != own
        {
            return if name.eq_ignore_ascii_case(own) {
                Equality::Undecided
            } else {
                Equality::Different(DecidedBy::Symbolic)
            };
        }
        match self.cells(one, other) {
            Some((left, right)) if left == right => Equality::Equal(DecidedBy::Symbolic),
            Some(_) => Equality::Different(DecidedBy::Symbolic),
            None => self.as_written(one, other),
        }
    }

    /// Gives the cells of both; `None` where an end has no certain place.
    fn cells(&mut self, one: &Region, other: &Region) -> Option<(BTreeSet<usize>, BTreeSet<usize>)> {
        let mut algebra = Algebra::new(self.work.clone(), BTreeSet::new(), Base::Ten);
        let mut line = Line { ends: Vec::new() };
        let found = [one, other].into_iter().all(|region| line.add(region, &mut algebra).is_some());
        *self.work = algebra.work.clone();
        if !found {
            return None;
        }
        Some((line.cells(one)?, line.cells(other)?))
    }

    /// Compares regions whose ends have no known order, span by span.
    fn as_written(&mut self, one: &Region, other: &Region) -> Equality {
        let ends = |region: &Region| -> Vec<Meaning> {
            let spans = region.spans.iter().flat_map(|span| [span.low.clone(), span.high.clone()]);
            spans.chain(region.without.iter().cloned().map(Some)).flatten().map(Meaning::Value).collect()
        };
        let shape = |region: &Region| -> Vec<(bool, bool, bool, bool)> {
            let of = |span: &Span| (span.low.is_some(), span.high.is_some(), span.closed_low, span.closed_high);
            region.spans.iter().map(of).collect()
        };
        if shape(one) != shape(other) || one.without.len() != other.without.len() {
            return Equality::Undecided;
        }
        match self.in_order(&ends(one), &ends(other)) {
            Equality::Equal(rule) => Equality::Equal(rule),
            _ => Equality::Undecided,
        }
    }
}

/// Compares a region with all real numbers; `None` where nothing can be said.
pub(in super::super) fn is_everything(region: &Region) -> Option<Equality> {
    let everything = Region { variable: None, spans: vec![Span::everything()], without: Vec::new() };
    let verdict = verdict_of_parts(&Meaning::Region(region.clone()), &Meaning::Region(everything));
    (verdict != Equality::Undecided).then_some(verdict)
}

/// Ends in ascending order, each with the expressions that are it.
struct Line {
    ends: Vec<(Fraction, Vec<Expression>)>,
}

impl Line {
    fn add(&mut self, region: &Region, algebra: &mut Algebra) -> Option<()> {
        let ends = region.spans.iter().flat_map(|span| [&span.low, &span.high]).flatten();
        for end in ends.chain(&region.without) {
            if self.ends.iter().any(|(_, own)| own.contains(end)) {
                continue;
            }
            if self.ends.len() >= MAX_ENDS {
                return None;
            }
            let built = algebra.build(end)?;
            let mut place = 0;
            let mut equal = false;
            let (mut low, mut high) = (0, self.ends.len());
            while low < high {
                place = (low + high) / 2;
                match algebra.order(&built, &self.ends.get(place)?.0)? {
                    Ordering::Less => high = place,
                    Ordering::Greater => low = place + 1,
                    Ordering::Equal => {
                        equal = true;
                        break;
                    }
                }
            }
            if equal {
                self.ends.get_mut(place)?.1.push(end.clone());
            } else {
                self.ends.insert(low, (built, vec![end.clone()]));
            }
        }
        Some(())
    }

    /// Gives the cell of an end: the open cells between the ends have even numbers, the ends odd ones.
    fn place(&self, end: &Expression) -> Option<usize> {
        self.ends.iter().position(|(_, own)| own.contains(end)).map(|place| 2 * place + 1)
    }

    fn cells(&self, region: &Region) -> Option<BTreeSet<usize>> {
        let mut cells = BTreeSet::new();
        for span in &region.spans {
            let low = match &span.low {
                Some(low) => self.place(low)? + usize::from(!span.closed_low),
                None => 0,
            };
            let end = match &span.high {
                Some(high) => self.place(high)? + usize::from(span.closed_high),
                None => 2 * self.ends.len() + 1,
            };
            cells.extend(low..end);
        }
        for point in &region.without {
            cells.remove(&self.place(point)?);
        }
        Some(cells)
    }
}

impl Algebra {
    /// Orders two real constants; `None` where that cannot be told.
    pub(in super::super) fn order(&mut self, one: &Fraction, other: &Fraction) -> Option<Ordering> {
        Some(match self.sign_of_difference(one, other)? {
            Sign::Minus => Ordering::Less,
            Sign::NoSign => Ordering::Equal,
            Sign::Plus => Ordering::Greater,
        })
    }
}
