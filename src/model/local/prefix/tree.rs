//! A radix tree over token ids: which tokens lie in the memory, and which sequence has them.
//!
//! Every node stands for a run of tokens, stored once whatever number of sequences have it. Each leaf belongs to one
//! sequence, which has all tokens from the root down to it. A live leaf grows; a kept one waits to be used again and may
//! be evicted. Two live leaves may hold equal tokens, in cells of their own, until one is kept: then they become one.

use std::ops::Range;

use super::memory::SequenceId;

/// A token's id.
pub(in super::super) type TokenId = i32;
type NodeId = usize;

const ROOT: NodeId = 0;

#[derive(Debug, Default)]
struct Node {
    parent: NodeId,
    children: Vec<NodeId>,
    tokens: Vec<TokenId>,
    /// Of a leaf.
    sequence: Option<SequenceId>,
    live: bool,
    /// When it was last of use, by the tree's own clock.
    used: u64,
    /// What had been decoded when it was kept.
    since: u64,
}

/// Where in the tree the tokens that were looked for end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    node: NodeId,
    /// Tokens of the node's run that match.
    within: usize,
    /// Tokens from the root that match.
    length: usize,
}

/// A range of positions that one sequence is to get from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shared {
    pub(super) from: SequenceId,
    pub(super) positions: Range<usize>,
}

/// The tree, without the memory that it describes.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    unused: Vec<NodeId>,
    /// The leaf of each sequence.
    leaves: Vec<Option<NodeId>>,
    cells: usize,
    clock: u64,
    /// Rows decoded so far.
    decoded: u64,
}

impl Tree {
    pub(super) fn new(sequences: SequenceId) -> Tree {
        let root = Node::default();
        Tree {
            nodes: vec![root],
            unused: Vec::new(),
            leaves: vec![None; usize::from(sequences)],
            cells: 0,
            clock: 0,
            decoded: 0,
        }
    }

    /// Tokens stored.
    pub(super) fn cells(&self) -> usize {
        self.cells
    }

    /// Tokens that no live sequence has.
    pub(super) fn idle_cells(&self) -> usize {
        let mut busy = vec![false; self.nodes.len()];
        let mut held = 0;
        for leaf in self.leaves.iter().flatten().filter(|leaf| self.node(**leaf).live) {
            let mut node = *leaf;
            while node != ROOT && !busy.get(node).copied().unwrap_or(true) {
                busy[node] = true;
                held += self.node(node).tokens.len();
                node = self.node(node).parent;
            }
        }
        self.cells - held
    }

    /// A sequence that has nothing.
    pub(super) fn free_sequence(&self) -> Option<SequenceId> {
        let free = self.leaves.iter().position(Option::is_none)?;
        SequenceId::try_from(free).ok()
    }

    /// Counts the tokens from the beginning that are stored.
    pub(super) fn matched(&self, tokens: &[TokenId]) -> usize {
        self.find(tokens).length
    }

    /// The number of tokens that a sequence has.
    pub(super) fn length(&self, sequence: SequenceId) -> usize {
        self.leaf(sequence).map_or(0, |leaf| self.start(leaf) + self.node(leaf).tokens.len())
    }

    /// The tokens that a sequence has.
    pub(super) fn tokens(&self, sequence: SequenceId) -> Vec<TokenId> {
        let mut path = Vec::new();
        let mut node = self.leaf(sequence).unwrap_or(ROOT);
        while node != ROOT {
            path.push(node);
            node = self.node(node).parent;
        }
        path.iter().rev().flat_map(|node| self.node(*node).tokens.iter().copied()).collect()
    }

    /// The kept sequence whose tokens are exactly these, or go on from them without a fork that others need.
    pub(super) fn heir(&self, tokens: &[TokenId]) -> Option<SequenceId> {
        let place = self.find(tokens);
        let node = self.node(place.node);
        let whole = place.length == tokens.len() && place.within == node.tokens.len();
        node.sequence.filter(|_| whole && !node.live)
    }

    /// Makes a kept sequence live again.
    pub(super) fn revive(&mut self, sequence: SequenceId) {
        let now = self.tick();
        if let Some(leaf) = self.leaf(sequence) {
            let leaf = self.node_mut(leaf);
            (leaf.live, leaf.used) = (true, now);
        }
    }

    /// Starts a live sequence at the end of `tokens`, which must be stored; says which sequence it shares them with.
    pub(super) fn branch(&mut self, sequence: SequenceId, tokens: &[TokenId]) -> Option<Shared> {
        let place = self.find(tokens);
        let from = (place.length > 0).then(|| self.holder(place.node)).flatten();
        let parent = self.fork(place);
        self.attach(parent, Vec::new(), sequence, true);
        from.map(|from| Shared { from, positions: 0..place.length })
    }

    /// Notes that a live sequence has got these tokens.
    pub(super) fn grow(&mut self, sequence: SequenceId, tokens: &[TokenId]) {
        if let Some(leaf) = self.leaf(sequence) {
            self.node_mut(leaf).tokens.extend_from_slice(tokens);
            self.cells += tokens.len();
        }
    }

    /// Cuts a live sequence back to its first `length` tokens; gives the positions that it loses.
    pub(super) fn cut(&mut self, sequence: SequenceId, length: usize) -> Range<usize> {
        let whole = self.length(sequence);
        let Some(leaf) = self.leaf(sequence).filter(|_| length < whole) else { return whole..whole };
        let start = self.start(leaf);
        if length >= start {
            let own = length - start;
            self.cells -= self.node(leaf).tokens.len() - own;
            self.node_mut(leaf).tokens.truncate(own);
            return length..whole;
        }
        // Up its own path: equal tokens elsewhere are other cells.
        let (mut node, mut begin) = (self.node(leaf).parent, start);
        loop {
            begin -= self.node(node).tokens.len();
            if node == ROOT || begin < length {
                break;
            }
            node = self.node(node).parent;
        }
        self.cells -= self.node(leaf).tokens.len();
        self.node_mut(leaf).tokens.clear();
        let under = self.fork(Place { node, within: length - begin, length });
        if under != self.node(leaf).parent {
            self.move_under(leaf, under);
        }
        length..whole
    }

    /// Keeps a sequence for later use, as one with whatever is stored of equal tokens: gives what it must share with
    /// others instead of its own cells. It may end up with nothing of its own; then it is free, and `None` is given.
    pub(super) fn keep(&mut self, sequence: SequenceId) -> Option<Vec<Shared>> {
        let now = self.tick();
        let mut shared = Vec::new();
        let leaf = self.leaf(sequence)?;
        self.node_mut(leaf).live = false;
        (self.node_mut(leaf).used, self.node_mut(leaf).since) = (now, self.decoded);
        loop {
            let parent = self.node(leaf).parent;
            let run = &self.node(leaf).tokens;
            let twin = self.node(parent).children.iter().copied().filter(|child| *child != leaf);
            let twin = twin.map(|child| (child, common(&self.node(child).tokens, run)));
            let Some((twin, length)) = twin.max_by_key(|(_, length)| *length).filter(|(_, length)| *length > 0) else {
                break;
            };
            let Some(from) = self.holder(twin) else { break };
            let start = self.start(leaf);
            shared.push(Shared { from, positions: start..start + length });
            self.cells -= length;
            self.node_mut(leaf).tokens.drain(..length);
            let under = self.fork(Place { node: twin, within: length, length: start + length });
            self.move_under(leaf, under);
        }
        if self.node(leaf).tokens.is_empty() {
            self.detach(sequence);
            return None;
        }
        Some(shared)
    }

    /// Keeps a sequence for later use as it is, whoever else has equal tokens; `None` where it has nothing.
    pub(super) fn keep_alone(&mut self, sequence: SequenceId) -> Option<Vec<Shared>> {
        let now = self.tick();
        let leaf = self.leaf(sequence)?;
        if self.node(leaf).tokens.is_empty() {
            self.detach(sequence);
            return None;
        }
        let decoded = self.decoded;
        let leaf = self.node_mut(leaf);
        (leaf.live, leaf.used, leaf.since) = (false, now, decoded);
        Some(Vec::new())
    }

    /// The kept sequence that was of no use for longest.
    pub(super) fn oldest(&self) -> Option<SequenceId> {
        let kept = self.leaves.iter().enumerate().filter_map(|(sequence, leaf)| {
            let leaf = self.node((*leaf)?);
            (!leaf.live).then_some((leaf.used, sequence))
        });
        kept.min().and_then(|(_, sequence)| SequenceId::try_from(sequence).ok())
    }

    /// Counts rows that are decoded.
    pub(super) fn count(&mut self, rows: u64) {
        self.decoded += rows;
    }

    /// How many rows were decoded since a sequence was kept.
    pub(super) fn age(&self, sequence: SequenceId) -> u64 {
        self.leaf(sequence).map_or(0, |leaf| self.decoded - self.node(leaf).since)
    }

    /// The number of tokens that would go if this sequence went.
    pub(super) fn own(&self, sequence: SequenceId) -> usize {
        self.leaf(sequence).map_or(0, |leaf| self.node(leaf).tokens.len())
    }

    /// Takes a sequence out; what it shares with others stays.
    pub(super) fn detach(&mut self, sequence: SequenceId) {
        let Some(leaf) = self.leaves.get_mut(usize::from(sequence)).and_then(Option::take) else { return };
        let parent = self.node(leaf).parent;
        self.cells -= self.node(leaf).tokens.len();
        self.node_mut(parent).children.retain(|child| *child != leaf);
        self.release(leaf);
        self.join(parent);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Tree::new(SequenceId::try_from(self.leaves.len()).unwrap_or(SequenceId::MAX));
    }

    /// Notes that what these tokens begin with is of use, so that it goes last.
    pub(super) fn touch(&mut self, tokens: &[TokenId]) {
        let place = self.find(tokens);
        let now = self.tick();
        let leaf = self.holder(place.node).filter(|_| place.length > 0).and_then(|sequence| self.leaf(sequence));
        if let Some(leaf) = leaf {
            self.node_mut(leaf).used = now;
        }
    }

    // Ids of nodes are the tree's own and never leave it: an id that is stored is in `nodes`.

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id]
    }

    fn leaf(&self, sequence: SequenceId) -> Option<NodeId> {
        self.leaves.get(usize::from(sequence)).copied().flatten()
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// The position of a node's first token.
    fn start(&self, node: NodeId) -> usize {
        let (mut start, mut node) = (0, node);
        while node != ROOT {
            node = self.node(node).parent;
            start += self.node(node).tokens.len();
        }
        start
    }

    /// A sequence that has a node's tokens.
    fn holder(&self, node: NodeId) -> Option<SequenceId> {
        let mut node = self.node(node);
        while let Some(child) = node.children.first() {
            node = self.node(*child);
        }
        node.sequence
    }

    fn find(&self, tokens: &[TokenId]) -> Place {
        let mut best = Place { node: ROOT, within: 0, length: 0 };
        let mut open = vec![best];
        while let Some(here) = open.pop() {
            let rest = tokens.get(here.length..).unwrap_or_default();
            for child in &self.node(here.node).children {
                let run = &self.node(*child).tokens;
                let within = common(run, rest);
                let place = Place { node: *child, within, length: here.length + within };
                // A kept leaf that ends here is better than the inside of a live one: it can be taken over.
                let better = place.length > best.length;
                let equal = place.length == best.length && self.node(best.node).live && !self.node(*child).live;
                if better || (equal && within > 0) {
                    best = place;
                }
                if within == run.len() {
                    open.push(place);
                }
            }
        }
        best
    }

    /// Makes sure that a node ends at a place, and that no sequence of its own ends there; gives that node.
    fn fork(&mut self, place: Place) -> NodeId {
        let Place { node, within, .. } = place;
        if node == ROOT || (within == self.node(node).tokens.len() && self.node(node).sequence.is_none()) {
            return node;
        }
        let rest = self.node_mut(node).tokens.split_off(within);
        let Node { sequence, live, used, since, .. } = *self.node(node);
        let children = std::mem::take(&mut self.node_mut(node).children);
        let below = self.allocate(Node { parent: node, children, tokens: rest, sequence, live, used, since });
        for child in self.node(below).children.clone() {
            self.node_mut(child).parent = below;
        }
        if let Some(leaf) = sequence.and_then(|sequence| self.leaves.get_mut(usize::from(sequence))) {
            *leaf = Some(below);
        }
        let upper = self.node_mut(node);
        (upper.sequence, upper.live, upper.children) = (None, false, vec![below]);
        node
    }

    fn attach(&mut self, parent: NodeId, tokens: Vec<TokenId>, sequence: SequenceId, live: bool) {
        let used = self.tick();
        let children = Vec::new();
        let since = self.decoded;
        let leaf = self.allocate(Node { parent, children, tokens, sequence: Some(sequence), live, used, since });
        self.node_mut(parent).children.push(leaf);
        if let Some(place) = self.leaves.get_mut(usize::from(sequence)) {
            *place = Some(leaf);
        }
    }

    fn move_under(&mut self, leaf: NodeId, parent: NodeId) {
        let before = std::mem::replace(&mut self.node_mut(leaf).parent, parent);
        self.node_mut(before).children.retain(|child| *child != leaf);
        self.node_mut(parent).children.push(leaf);
        self.join(before);
    }

    /// Joins a node that has one child, and is no end of anything, with that child.
    fn join(&mut self, node: NodeId) {
        let [child] = self.node(node).children[..] else { return };
        if node == ROOT {
            return;
        }
        let child_node = std::mem::take(self.node_mut(child));
        self.release(child);
        let upper = self.node_mut(node);
        upper.tokens.extend_from_slice(&child_node.tokens);
        (upper.children, upper.sequence) = (child_node.children, child_node.sequence);
        (upper.live, upper.used, upper.since) = (child_node.live, child_node.used, child_node.since);
        for below in self.node(node).children.clone() {
            self.node_mut(below).parent = node;
        }
        if let Some(leaf) = child_node.sequence.and_then(|sequence| self.leaves.get_mut(usize::from(sequence))) {
            *leaf = Some(node);
        }
    }

    fn allocate(&mut self, node: Node) -> NodeId {
        match self.unused.pop() {
            Some(id) => {
                self.nodes[id] = node;
                id
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() - 1
            }
        }
    }

    fn release(&mut self, id: NodeId) {
        self.nodes[id] = Node::default();
        self.unused.push(id);
    }
}

/// Counts the tokens that two runs begin with alike.
pub(in super::super) fn common(left: &[TokenId], right: &[TokenId]) -> usize {
    left.iter().zip(right).take_while(|(left, right)| left == right).count()
}
