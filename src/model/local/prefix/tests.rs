//! The cache against a memory that knows what every cell holds.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proptest::prelude::*;

use super::*;

/// Cells by number: position, token, sequences.
#[derive(Debug, Default)]
struct Cells {
    cells: Vec<(usize, TokenId, BTreeSet<SequenceId>)>,
    capacity: usize,
}

impl Cells {
    fn of(&self, sequence: SequenceId) -> BTreeMap<usize, TokenId> {
        let mut found = BTreeMap::new();
        for (position, token, _) in self.cells.iter().filter(|cell| cell.2.contains(&sequence)) {
            assert!(found.insert(*position, *token).is_none(), "two cells for position {position} of {sequence}");
        }
        found
    }

    fn tokens(&self, sequence: SequenceId) -> Vec<TokenId> {
        let found = self.of(sequence);
        assert!(found.keys().copied().eq(0..found.len()), "a gap in {sequence}");
        found.into_values().collect()
    }

    fn decode(&mut self, sequence: SequenceId, tokens: &[TokenId]) {
        let start = self.of(sequence).len();
        for (place, token) in tokens.iter().enumerate() {
            assert!(self.cells.len() < self.capacity, "the memory is full");
            self.cells.push((start + place, *token, [sequence].into()));
        }
    }
}

impl Memory for Cells {
    type Saved = BTreeMap<usize, TokenId>;

    fn share(&mut self, from: SequenceId, to: SequenceId, positions: Range<usize>) {
        for cell in &mut self.cells {
            if positions.contains(&cell.0) && cell.2.contains(&from) {
                cell.2.insert(to);
            }
        }
    }

    fn take(&mut self, sequence: SequenceId, positions: Range<usize>) {
        for cell in &mut self.cells {
            if positions.contains(&cell.0) {
                cell.2.remove(&sequence);
            }
        }
        self.cells.retain(|cell| !cell.2.is_empty());
    }

    fn clear(&mut self) {
        self.cells.clear();
    }

    fn save(&mut self, sequence: SequenceId, positions: Range<usize>) -> Option<BTreeMap<usize, TokenId>> {
        Some(self.of(sequence).into_iter().filter(|(position, _)| positions.contains(position)).collect())
    }

    fn restore(&mut self, saved: &BTreeMap<usize, TokenId>, sequence: SequenceId) -> bool {
        assert!(self.of(sequence).is_empty());
        for (position, token) in saved {
            assert!(self.cells.len() < self.capacity, "the memory is full");
            self.cells.push((*position, *token, [sequence].into()));
        }
        true
    }

    fn saved_bytes(saved: &BTreeMap<usize, TokenId>) -> usize {
        saved.len()
    }
}

/// Live sequences with what each must hold.
struct Lab {
    cache: Cache<Cells>,
    live: Vec<(SequenceId, Vec<TokenId>)>,
}

const SEQUENCES: SequenceId = 6;
const CAPACITY: usize = 400;
const IDLE: usize = 250;

impl Lab {
    fn new(sequences: SequenceId, reuse: Reuse) -> Lab {
        let memory = Cells { capacity: CAPACITY, ..Cells::default() };
        let bounds = Bounds { sequences, cells: CAPACITY, idle: IDLE, outside: 1000 };
        Lab { cache: Cache::new(memory, bounds, reuse), live: Vec::new() }
    }

    fn check(&self) {
        let cells = self.cache.memory();
        assert_eq!(cells.cells.len(), self.cache.used(), "cells in all");
        for sequence in 0..SEQUENCES {
            let there = cells.tokens(sequence);
            assert_eq!(there, self.cache.tree.tokens(sequence), "tokens of {sequence}");
            assert_eq!(there.len(), self.cache.length(sequence));
        }
        for (sequence, tokens) in &self.live {
            assert_eq!(&cells.tokens(*sequence), tokens, "live {sequence}");
        }
        let held: BTreeSet<usize> = (0..cells.cells.len())
            .filter(|cell| self.live.iter().any(|(live, _)| cells.cells[*cell].2.contains(live)))
            .collect();
        assert_eq!(self.cache.held(), held.len(), "cells of live sequences");
    }

    fn grow(&mut self, index: usize, tokens: &[TokenId]) {
        if !self.cache.make_room(tokens.len()) {
            return;
        }
        let (sequence, held) = &mut self.live[index];
        self.cache.memory_mut().decode(*sequence, tokens);
        self.cache.grow(*sequence, tokens);
        held.extend_from_slice(tokens);
    }

    fn open(&mut self, tokens: &[TokenId], step: usize) -> Option<usize> {
        let (sequence, length) = self.cache.open(tokens, step)?;
        self.live.push((sequence, tokens[..length].to_vec()));
        Some(length)
    }

    fn close(&mut self, index: usize) {
        let (sequence, _) = self.live.swap_remove(index);
        self.cache.close(sequence);
    }
}

#[derive(Debug, Clone)]
enum Act {
    Open(Vec<u8>, usize),
    Grow(usize, Vec<u8>),
    Cut(usize, usize),
    Close(usize),
    Discard(usize),
    Room(usize),
    Tidy,
    Clear,
}

fn act() -> impl Strategy<Value = Act> {
    // Few different tokens, so that beginnings are often shared; some long enough to be worth saving.
    let text = || prop_oneof![prop::collection::vec(0..2u8, 0..12), prop::collection::vec(0..1u8, 60..120)];
    prop_oneof![
        6 => (text(), 1..4usize).prop_map(|(tokens, step)| Act::Open(tokens, step)),
        6 => (any::<usize>(), text()).prop_map(|(live, tokens)| Act::Grow(live, tokens)),
        2 => (any::<usize>(), 0..40usize).prop_map(|(live, length)| Act::Cut(live, length)),
        5 => any::<usize>().prop_map(Act::Close),
        1 => any::<usize>().prop_map(Act::Discard),
        2 => (0..CAPACITY).prop_map(Act::Room),
        8 => Just(Act::Tidy),
        1 => Just(Act::Clear),
    ]
}

fn run(acts: Vec<Act>, sequences: SequenceId, reuse: Reuse) {
    let mut lab = Lab::new(sequences, reuse);
    let ids = |tokens: &[u8]| tokens.iter().map(|token| TokenId::from(*token)).collect::<Vec<_>>();
    for act in acts {
        let some = |live: usize| (!lab.live.is_empty()).then(|| live % lab.live.len());
        match act {
            Act::Open(tokens, step) => {
                let is_full = lab.live.len() == usize::from(sequences);
                let opened = lab.open(&ids(&tokens), step);
                assert_eq!(opened.is_none(), is_full);
                assert!(opened.is_none_or(|length| length.is_multiple_of(step)));
            }
            Act::Grow(live, tokens) => {
                if let Some(live) = some(live) {
                    lab.grow(live, &ids(&tokens));
                }
            }
            Act::Cut(live, length) => {
                if let Some(live) = some(live) {
                    lab.cache.cut(lab.live[live].0, length);
                    let is_cut = length < lab.live[live].1.len();
                    lab.live[live].1.truncate(if is_cut && reuse == Reuse::Whole { 0 } else { length });
                }
            }
            Act::Close(live) => {
                if let Some(live) = some(live) {
                    lab.close(live);
                }
            }
            Act::Discard(live) => {
                if let Some(live) = some(live) {
                    let (sequence, _) = lab.live.swap_remove(live);
                    lab.cache.discard(sequence);
                }
            }
            Act::Room(cells) => {
                let fits = lab.cache.held() + cells <= CAPACITY;
                assert_eq!(lab.cache.make_room(cells), fits);
            }
            Act::Tidy => {
                lab.cache.tidy(50);
            }
            Act::Clear => {
                lab.live.clear();
                lab.cache.clear();
            }
        }
        lab.check();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_and_the_memory_never_differ(acts in prop::collection::vec(act(), 1..60)) {
        run(acts, SEQUENCES, Reuse::Prefixes);
    }

    #[test]
    fn nor_with_one_sequence(acts in prop::collection::vec(act(), 1..40)) {
        run(acts, 1, Reuse::Prefixes);
    }

    #[test]
    fn nor_where_only_whole_sequences_are_used_again(acts in prop::collection::vec(act(), 1..40)) {
        run(acts, SEQUENCES, Reuse::Whole);
    }
}

/// A prompt of a number of tokens that no other prompt begins with.
fn prompt(first: TokenId, length: usize) -> Vec<TokenId> {
    (0..length).map(|place| first + TokenId::try_from(place).unwrap()).collect()
}

#[test]
fn a_shared_prompt_is_stored_once() {
    let mut lab = Lab::new(SEQUENCES, Reuse::Prefixes);
    let tokens = prompt(1000, 100);
    assert_eq!(lab.open(&tokens, 1), Some(0));
    lab.grow(0, &tokens);
    for index in 1..4 {
        assert_eq!(lab.open(&tokens[..99], 1), Some(99));
        lab.grow(index, &[tokens[99], -TokenId::try_from(index).unwrap()]);
    }
    lab.check();
    assert_eq!(lab.cache.used(), 100 + 3 * 2);
    while !lab.live.is_empty() {
        lab.close(0);
        lab.check();
    }
    // The last token of the prompt, decoded four times, is stored once as well.
    assert_eq!(lab.cache.used(), 100 + 3);
    assert_eq!(lab.open(&[tokens.as_slice(), &[-2, 7]].concat(), 1), Some(101));
}

#[test]
fn what_was_evicted_comes_back_from_outside() {
    let mut lab = Lab::new(2, Reuse::Prefixes);
    let tokens = prompt(0, 200);
    lab.open(&tokens, 1);
    lab.grow(0, &tokens);
    // Two that go on from it, so that it comes back in pieces.
    assert_eq!(lab.open(&tokens, 1), Some(200));
    lab.grow(0, &[-1; 30]);
    lab.grow(1, &[-2; 40]);
    lab.close(0);
    lab.close(0);
    assert!(lab.cache.make_room(CAPACITY));
    assert_eq!(lab.cache.used(), 0);
    assert_eq!(lab.open(&[tokens.as_slice(), &[-2; 50]].concat(), 1), Some(240));
    lab.check();
    assert_eq!(lab.open(&[tokens.as_slice(), &[-1; 50]].concat(), 1), Some(230));
    lab.check();
    assert_eq!(lab.cache.used(), 270);
}

#[test]
fn what_nobody_uses_is_put_outside_after_a_while() {
    let mut lab = Lab::new(SEQUENCES, Reuse::Prefixes);
    for first in [0, 1000, 2000] {
        let tokens = prompt(first, 120);
        lab.open(&tokens, 1);
        lab.grow(0, &tokens);
        lab.close(0);
        lab.cache.tidy(1);
    }
    assert_eq!(lab.cache.used(), 360);
    lab.cache.tidy(100);
    assert_eq!(lab.cache.used(), 240, "the oldest is outside");
    assert_eq!(lab.open(&prompt(0, 120), 1), Some(120));
    lab.check();
}

#[test]
fn the_longest_unused_goes_first() {
    let mut lab = Lab::new(SEQUENCES, Reuse::Prefixes);
    for first in [0, 1000, 2000] {
        let tokens = prompt(first, 80);
        lab.open(&tokens, 1);
        lab.grow(0, &tokens);
        lab.close(0);
    }
    assert_eq!(lab.open(&prompt(0, 80), 1), Some(80), "used again");
    lab.close(0);
    assert!(lab.cache.make_room(CAPACITY - 160));
    assert_eq!(lab.cache.tree.matched(&prompt(0, 80)), 80);
    assert_eq!(lab.cache.tree.matched(&prompt(1000, 80)), 0);
    assert_eq!(lab.cache.tree.matched(&prompt(2000, 80)), 80);
}
