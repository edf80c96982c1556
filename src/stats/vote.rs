//! pass@k and maj@k of one item; averaged over items by [`super::item_mean`].

/// Estimates without bias the probability that at least one of `k` attempts is right, from `correct` of `attempts`.
///
/// 1 - C(n-c, k)/C(n, k), as the product over i < k of (n-c-i)/(n-i) so that nothing overflows. None for k = 0 and where
/// there are fewer than `k` attempts.
#[must_use]
pub fn pass_at_k(attempts: u64, correct: u64, k: u64) -> Option<f64> {
    if k == 0 || attempts < k || correct > attempts {
        return None;
    }
    let wrong = attempts - correct;
    if wrong < k {
        return Some(1.0);
    }
    let all_wrong: f64 = (0..k).map(|drawn| (wrong - drawn) as f64 / (attempts - drawn) as f64).product();
    Some(1.0 - all_wrong)
}

/// Finds the class that wins a vote: the largest, and among equals the one seen first.
///
/// `votes` holds the class of each attempt; `None` (no answer) does not vote. None where nobody votes.
#[must_use]
pub fn majority(votes: &[Option<usize>]) -> Option<usize> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for class in votes.iter().flatten() {
        match counts.iter_mut().find(|(seen, _)| seen == class) {
            Some((_, count)) => *count += 1,
            None => counts.push((*class, 1)),
        }
    }
    let mut winner: Option<(usize, usize)> = None;
    for (class, count) in counts {
        if winner.is_none_or(|(_, most)| count > most) {
            winner = Some((class, count));
        }
    }
    winner.map(|(class, _)| class)
}

/// Tells whether the majority among the first `k` attempts is right (maj@k).
///
/// `votes` holds each attempt's class and whether it was accepted, in sample order. The winning class is right where any
/// attempt in it was accepted. Attempts without an answer do not vote but count towards `k`; where nobody votes the item
/// is not solved. None for k = 0 and where there are fewer than `k` attempts.
#[must_use]
pub fn majority_is_right(votes: &[(Option<usize>, bool)], k: usize) -> Option<bool> {
    let first = votes.get(..k).filter(|first| !first.is_empty())?;
    let classes: Vec<Option<usize>> = first.iter().map(|(class, _)| *class).collect();
    let winner = majority(&classes);
    Some(winner.is_some() && first.iter().any(|(class, right)| *class == winner && *right))
}

/// Gives the k that pass@k and maj@k are shown for: the powers of two up to `samples`, and `samples`.
#[must_use]
pub fn pass_sizes(samples: u64) -> Vec<u64> {
    let mut sizes: Vec<u64> = (0..64).map(|power| 1_u64 << power).take_while(|size| *size <= samples).collect();
    if samples > 0 && sizes.last() != Some(&samples) {
        sizes.push(samples);
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pass_at_k_is_what_counting_gives() {
        // 4 attempts, 1 right: of the 6 pairs, 3 hold it. 5 attempts, 2 right: C(3,2)/C(5,2) = 3/10 pairs are all wrong.
        for (attempts, correct, k, expected) in [
            (4, 1, 1, Some(0.25)),
            (4, 1, 2, Some(0.5)),
            (5, 2, 2, Some(0.7)),
            (5, 2, 4, Some(1.0)),
            (5, 0, 5, Some(0.0)),
            (5, 5, 1, Some(1.0)),
            (3, 1, 4, None),
            (3, 1, 0, None),
            (0, 0, 1, None),
        ] {
            let got = pass_at_k(attempts, correct, k);
            let same = match (got, expected) {
                (Some(got), Some(expected)) => f64::abs(got - expected) < 1e-12,
                (got, expected) => got == expected,
            };
            assert!(same, "{attempts} {correct} {k}: {got:?}");
        }
        assert!(pass_at_k(100_000, 3, 50_000).is_some_and(|value| (0.87..0.88).contains(&value)), "no overflow");
    }

    #[test]
    fn the_first_seen_wins_a_tie_and_silence_does_not_vote() {
        for (votes, winner) in [
            (vec![Some(3), Some(1), Some(1), Some(3)], Some(3)),
            (vec![Some(3), Some(1), Some(1)], Some(1)),
            (vec![None, None, Some(2)], Some(2)),
            (vec![None, None], None),
            (vec![], None),
        ] {
            assert_eq!(majority(&votes), winner, "{votes:?}");
        }
        let votes = [(Some(0), false), (Some(1), true), (Some(1), true), (None, false)];
        let right: Vec<Option<bool>> = (0..6).map(|k| majority_is_right(&votes, k)).collect();
        assert_eq!(right, [None, Some(false), Some(false), Some(true), Some(true), None]);
        assert_eq!(majority_is_right(&[(None, false), (Some(0), true)], 1), Some(false), "nobody voted");
    }

    #[test]
    fn sizes_are_powers_of_two_and_the_number_of_samples() {
        for (samples, sizes) in [(0, vec![]), (1, vec![1]), (4, vec![1, 2, 4]), (6, vec![1, 2, 4, 6])] {
            assert_eq!(pass_sizes(samples), sizes);
        }
    }

    proptest! {
        #[test]
        fn more_tries_never_hurt(attempts in 1u64..60, part in 0u64..60) {
            let correct = part.min(attempts);
            let values: Vec<f64> = (1..=attempts).filter_map(|k| pass_at_k(attempts, correct, k)).collect();
            prop_assert_eq!(values.len() as u64, attempts);
            prop_assert!(values.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12));
            prop_assert!((values[0] - correct as f64 / attempts as f64).abs() < 1e-12);
            prop_assert!(values.last().is_some_and(|last| (*last - f64::from(u8::from(correct > 0))).abs() < 1e-12));
        }
    }
}
