//! Misspelt names: finds the known name that a user most likely meant.

/// Finds the known name nearest to `given`, if one is near enough to be meant. Case and the choice between `-`, `_` and
/// a space do not count.
#[must_use]
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Bounds the comparison: distances take time in the product of the lengths, and no name of ours is that long.
    let given: String = given.chars().take(64).collect();
    let plain = |name: &str| name.to_lowercase().replace(['_', ' '], "-");
    let wanted = plain(&given);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wanted, &plain(name)), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= name.chars().count().max(given.chars().count()) / 3)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_name_and_nonsense_finds_none() {
        let known = ["aime-2024", "aime-2025", "gsm8k", "main", "small"];
        let cases = [
            ("aime2024", Some("aime-2024")),
            ("AIME_2025", Some("aime-2025")),
            ("gsm8", Some("gsm8k")),
            ("smal", Some("small")),
            ("quantum", None),
            ("", None),
        ];
        for (given, expected) in cases {
            assert_eq!(nearest(given, known), expected, "{given:?}");
        }
        assert_eq!(nearest("main", []), None);
    }
}
