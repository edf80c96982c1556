//! Values whose order means nothing.

use super::super::equal::Equality;
use super::super::meaning::Meaning;
use super::{Judge, both, weaker};
use crate::verdict::DecidedBy;

/// Most values of a list that are compared with each other in any order.
const MAX_ITEMS: usize = 64;

impl Judge<'_> {
    /// Compares two lists as sets: equal when each value has its own partner, different when one has none or when more
    /// different ones are here than there.
    pub(super) fn gathered(&mut self, one: &[Meaning], other: &[Meaning]) -> Equality {
        let goes_on = |items: &[Meaning]| items.contains(&Meaning::Ellipsis);
        if goes_on(one) || goes_on(other) {
            let in_order = one.len() == other.len() && goes_on(one) && goes_on(other);
            return match if in_order { self.in_order(one, other) } else { Equality::Undecided } {
                Equality::Equal(rule) => Equality::Equal(rule),
                _ => Equality::Undecided,
            };
        }
        let (one, other) = (spread(one), spread(other));
        if one.len() > MAX_ITEMS || other.len() > MAX_ITEMS {
            return if one.len() == other.len() {
                match self.in_order(&one, &other) {
                    Equality::Equal(rule) => Equality::Equal(rule),
                    _ => Equality::Undecided,
                }
            } else {
                Equality::Undecided
            };
        }
        let mut rule = DecidedBy::Exact;
        let mut free: Vec<bool> = vec![true; other.len()];
        let mut matched = one.len() == other.len();
        let mut wanted: Vec<bool> = vec![true; other.len()];
        for (place, item) in one.iter().enumerate() {
            let mut stranger = true;
            let mut partner = None;
            // The place of its own is the likeliest, and settles a list in the same order at once.
            let order = (place..other.len()).chain(0..place.min(other.len()));
            for at in order {
                let Some(given) = other.get(at) else { continue };
                match self.same(item, given) {
                    Equality::Equal(by) => {
                        stranger = false;
                        if let Some(wanted) = wanted.get_mut(at) {
                            *wanted = false;
                        }
                        if free.get(at) == Some(&true) {
                            partner = Some((at, by));
                            break;
                        }
                    }
                    Equality::Undecided => {
                        stranger = false;
                        if let Some(wanted) = wanted.get_mut(at) {
                            *wanted = false;
                        }
                    }
                    Equality::Different(_) => {}
                }
            }
            if stranger {
                return Equality::Different(DecidedBy::Symbolic);
            }
            match partner {
                Some((at, by)) => {
                    rule = weaker(rule, by);
                    if let Some(free) = free.get_mut(at) {
                        *free = false;
                    }
                }
                None => matched = false,
            }
        }
        if matched {
            return Equality::Equal(rule);
        }
        // A value of the other list that nothing here equals or may equal.
        for (at, given) in other.iter().enumerate() {
            if wanted.get(at) == Some(&true)
                && one.iter().all(|item| matches!(self.same(item, given), Equality::Different(_)))
            {
                return Equality::Different(DecidedBy::Symbolic);
            }
        }
        let more = if one.len() > other.len() { (&one, other.len()) } else { (&other, one.len()) };
        if more.0.len() > more.1 && self.all_differ(more.0) {
            return Equality::Different(DecidedBy::Symbolic);
        }
        Equality::Undecided
    }

    fn all_differ(&mut self, items: &[Meaning]) -> bool {
        items.iter().enumerate().all(|(place, one)| {
            items.iter().skip(place + 1).all(|other| matches!(self.same(one, other), Equality::Different(_)))
        })
    }
}

/// Puts both values in the place of each ±.
fn spread(items: &[Meaning]) -> Vec<Meaning> {
    let mut all = Vec::new();
    for item in items {
        match item {
            Meaning::Value(value) if value.has_plus_minus() => match both(value) {
                Meaning::List(values) => all.extend(values),
                other => all.push(other),
            },
            Meaning::Assigned(name, value) => match value.as_ref() {
                Meaning::Value(value) if value.has_plus_minus() => {
                    for upper in [true, false] {
                        all.push(Meaning::Assigned(name.clone(), Box::new(Meaning::Value(value.signed(upper)))));
                    }
                }
                _ => all.push(item.clone()),
            },
            other => all.push(other.clone()),
        }
    }
    all
}
