//! Short names of runs: the beginnings of their ids that no other run of the database shares.

use std::collections::BTreeSet;
use std::ops::Bound;

/// Ids of all runs of a database.
#[derive(Debug, Default)]
pub(crate) struct ShortIds(BTreeSet<String>);

/// Shorter beginnings look too much alike: ids begin with the time.
const SHORTEST: usize = 8;

impl ShortIds {
    /// Takes the ids of all runs.
    pub(crate) fn new(ids: impl IntoIterator<Item = String>) -> ShortIds {
        ShortIds(ids.into_iter().collect())
    }

    /// Gives the shortest beginning, of 8 characters at least, that names this run and no other.
    pub(crate) fn short<'a>(&self, id: &'a str) -> &'a str {
        // Neighbours in the order of the alphabet share the longest beginnings.
        let before = self.0.range::<str, _>((Bound::Unbounded, Bound::Excluded(id))).next_back();
        let after = self.0.range::<str, _>((Bound::Excluded(id), Bound::Unbounded)).next();
        let shared = before.into_iter().chain(after).map(|other| shared(id, other)).max().unwrap_or(0);
        id.char_indices().nth((shared + 1).max(SHORTEST)).and_then(|(end, _)| id.get(..end)).unwrap_or(id)
    }
}

/// Counts the characters that two texts begin with alike.
fn shared(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_names_one_run() {
        let ids = ["0197c1aa-1111", "0197c1aa-1122", "0197c1ab-0000", "0198", "ä"].map(str::to_owned);
        let short = ShortIds::new(ids.clone());
        let shown: Vec<&str> = ids.iter().map(|id| short.short(id)).collect();
        assert_eq!(shown, ["0197c1aa-111", "0197c1aa-112", "0197c1ab", "0198", "ä"]);
        assert_eq!(ShortIds::default().short("0197c1aa-1111"), "0197c1aa");
    }
}
