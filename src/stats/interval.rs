//! Means over items with their uncertainty.

/// 0.975 quantile of the standard normal distribution: two-sided 95%.
const Z95: f64 = 1.959_963_984_540_054;

/// A 95% interval inside [0, 1].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A mean over items with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// Mean of the items' means.
    pub mean: f64,
    /// Its standard error, clustered by item; none for a single item.
    pub standard_error: Option<f64>,
    /// Mean ± 1.96 standard errors, clipped to [0, 1]; Wilson's over the items where all are 0 or all are 1; none for a
    /// single item.
    pub ci95: Option<Interval>,
    /// Number of items.
    pub items: usize,
}

/// Gives Wilson's score interval of `successes` out of `trials`; none without trials.
///
/// With p = successes/n and z = 1.96: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). It does not shrink to a
/// point at 0 or n successes.
#[must_use]
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    let (n, p) = (trials as f64, successes as f64 / trials as f64);
    let z2 = Z95 * Z95;
    let center = p + z2 / (2.0 * n);
    let half = Z95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    // The ends are 0 and 1 exactly in these cases, but not after rounding.
    let low = if successes == 0 { 0.0 } else { (center - half) / scale };
    let high = if successes == trials { 1.0 } else { (center + half) / scale };
    Some(Interval { low: low.clamp(0.0, 1.0), high: high.clamp(0.0, 1.0) })
}

/// Gives the mean over items, each weighing the same, with the standard error over items.
///
/// `values` holds one value an item, the mean of its attempts: attempts at one item are not independent, so the item is
/// the unit. Standard error: sqrt(Σ(v - mean)² / (n(n-1))). None without items.
#[must_use]
pub fn item_mean(values: &[f64]) -> Option<Mean> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let standard_error = (values.len() > 1).then(|| {
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / (n * (n - 1.0))).sqrt()
    });
    let ci95 = match standard_error {
        None => None,
        // All items at 0, or all at 1, show no spread: that is no certainty. Each item then counts as one trial.
        Some(_) if mean == 0.0 => wilson(0, values.len() as u64),
        Some(_) if mean == 1.0 => wilson(values.len() as u64, values.len() as u64),
        Some(error) => {
            Some(Interval { low: (mean - Z95 * error).clamp(0.0, 1.0), high: (mean + Z95 * error).clamp(0.0, 1.0) })
        }
    };
    Some(Mean { mean, standard_error, ci95, items: values.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 5e-5
    }

    #[test]
    fn wilson_intervals_are_those_worked_out_by_hand() {
        // z² = 3.84146. 8 of 10: center 0.992073, half 1.96·sqrt(0.016 + 0.0096036) = 0.313615, scale 1.384146.
        // 0 of 10: high = z²/n / (1 + z²/n) = 0.384146/1.384146. 15 of 30: 0.5 ± 1.96·sqrt(…)/1.128049.
        for (successes, trials, low, high) in [
            (8, 10, 0.49016, 0.94332),
            (0, 10, 0.0, 0.27753),
            (10, 10, 0.72247, 1.0),
            (15, 30, 0.33154, 0.66846),
            (1, 1, 0.20655, 1.0),
        ] {
            let interval = wilson(successes, trials).expect("trials");
            assert!(near(interval.low, low) && near(interval.high, high), "{successes}/{trials}: {interval:?}");
        }
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(2, 1), None);
    }

    #[test]
    fn item_means_are_those_worked_out_by_hand() {
        // 1, 0.5, 0: mean 0.5, squares 0.5, error sqrt(0.5/6) = 0.288675, half width 0.565793: clipped.
        let mean = item_mean(&[1.0, 0.5, 0.0]).expect("items");
        assert!(near(mean.mean, 0.5) && near(mean.standard_error.expect("three items"), 0.28868));
        assert_eq!(mean.ci95, Some(Interval { low: 0.0, high: 1.0 }));
        // 1, 1, 1, 0 has p = 0.75 and error sqrt(p(1-p)/(n-1)) = 0.25.
        let mean = item_mean(&[1.0, 1.0, 1.0, 0.0]).expect("items");
        assert!(near(mean.mean, 0.75) && near(mean.standard_error.expect("four items"), 0.25));
        assert!(near(mean.ci95.expect("four items").low, 0.26001));
        // Ten items without a success are no proof of 0: Wilson's 0 of 10.
        let none = item_mean(&[0.0; 10]).expect("items").ci95.expect("ten items");
        assert!(near(none.low, 0.0) && near(none.high, 0.27753), "{none:?}");
        let all = item_mean(&[1.0; 10]).expect("items").ci95.expect("ten items");
        assert!(near(all.low, 0.72247) && near(all.high, 1.0), "{all:?}");
        let one = item_mean(&[0.5]).expect("an item");
        assert_eq!((one.mean, one.standard_error, one.ci95, one.items), (0.5, None, None, 1));
        assert_eq!(item_mean(&[]), None);
    }

    proptest! {
        #[test]
        fn intervals_hold_their_mean((trials, successes) in (1u64..5_000).prop_flat_map(|n| (Just(n), 0..=n))) {
            let interval = wilson(successes, trials).expect("trials");
            let p = successes as f64 / trials as f64;
            prop_assert!(0.0 <= interval.low && interval.low <= p && p <= interval.high && interval.high <= 1.0);
            let mirrored = wilson(trials - successes, trials).expect("trials");
            prop_assert!((1.0 - mirrored.high - interval.low).abs() < 1e-12);
        }
    }
}
