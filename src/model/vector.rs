//! Passes over a whole vocabulary: the highest logit, exponentials and their sums.
//!
//! Written over blocks of [`LANES`] numbers, so that the compiler makes vector instructions of them, for whatever the
//! machine has. The order of every sum is fixed and nothing is fused, so that each machine gives the same numbers.

/// Numbers that are worked on at once.
const LANES: usize = 16;
/// Blocks that are summed in single precision before the sums go on in double.
const GROUP: usize = 32;

/// Makes of a function over logits one for each kind of vector instructions, and one that chooses.
macro_rules! for_each_machine {
    ($(#[$doc:meta])* $name:ident, $body:ident, ($($argument:ident: $kind:ty),*) -> $result:ty) => {
        $(#[$doc])*
        pub(super) fn $name($($argument: $kind),*) -> $result {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f")]
                fn widest($($argument: $kind),*) -> $result {
                    $body($($argument),*)
                }
                #[target_feature(enable = "avx2")]
                fn wide($($argument: $kind),*) -> $result {
                    $body($($argument),*)
                }
                if std::arch::is_x86_feature_detected!("avx512f") {
                    // SAFETY: the machine has what the function is compiled for.
                    return unsafe { widest($($argument),*) };
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the machine has what the function is compiled for.
                    return unsafe { wide($($argument),*) };
                }
            }
            $body($($argument),*)
        }
    };
}

for_each_machine! {
    /// Gives the highest number; `None` where there is none or one is no number.
    highest, highest_of, (logits: &[f32]) -> Option<f32>
}

for_each_machine! {
    /// Gives the sums of e^d and of d e^d over all logits, d being the difference to `max`.
    exponential_sums, exponential_sums_of, (logits: &[f32], max: f32) -> (f64, f64)
}

for_each_machine! {
    /// Writes e^((logit - max) / temperature) of each logit, and the sum of each [`BLOCK`] of them.
    weigh, weigh_of, (logits: &[f32], scale: Scale, weights: &mut Vec<f32>, sums: &mut Vec<f64>) -> ()
}

/// Weights that [`weigh`] gives one sum for.
pub(super) const BLOCK: usize = 256;

/// How logits become weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// The highest logit.
    pub(super) max: f32,
    /// Above 0.
    pub(super) temperature: f32,
}

#[inline(always)]
fn highest_of(logits: &[f32]) -> Option<f32> {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let mut numbers = true;
    let (blocks, rest) = logits.as_chunks::<LANES>();
    for block in blocks {
        for (lane, logit) in lanes.iter_mut().zip(block) {
            *lane = if *logit > *lane { *logit } else { *lane };
            numbers &= !logit.is_nan();
        }
    }
    let max = lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |max, logit| if *logit > max { *logit } else { max });
    numbers &= !rest.iter().any(|logit| logit.is_nan());
    (numbers && !logits.is_empty()).then_some(max)
}

#[inline(always)]
fn exponential_sums_of(logits: &[f32], max: f32) -> (f64, f64) {
    let (mut total, mut weighted) = (0.0f64, 0.0f64);
    for group in logits.chunks(LANES * GROUP) {
        let (mut totals, mut products) = ([0.0f32; LANES], [0.0f32; LANES]);
        let (blocks, rest) = group.as_chunks::<LANES>();
        for block in blocks {
            let mut shifted = [0.0f32; LANES];
            for (shifted, logit) in shifted.iter_mut().zip(block) {
                *shifted = bounded(*logit - max);
            }
            let powers = exponential(shifted);
            for lane in 0..LANES {
                totals[lane] += powers[lane];
                products[lane] += powers[lane] * shifted[lane];
            }
        }
        total += totals.iter().copied().map(f64::from).sum::<f64>();
        weighted += products.iter().copied().map(f64::from).sum::<f64>();
        for logit in rest {
            let shifted = bounded(*logit - max);
            let power = exponential([shifted; LANES])[0];
            total += f64::from(power);
            weighted += f64::from(power) * f64::from(shifted);
        }
    }
    (total, weighted)
}

#[inline(always)]
fn weigh_of(logits: &[f32], scale: Scale, weights: &mut Vec<f32>, sums: &mut Vec<f64>) {
    weights.clear();
    sums.clear();
    weights.reserve(logits.len() + LANES);
    for group in logits.chunks(BLOCK) {
        let mut totals = [0.0f32; LANES];
        for block in group.chunks(LANES) {
            let mut shifted = [LOWEST; LANES];
            for (shifted, logit) in shifted.iter_mut().zip(block) {
                *shifted = bounded((*logit - scale.max) / scale.temperature);
            }
            let powers = exponential(shifted);
            for lane in 0..LANES {
                totals[lane] += powers[lane];
            }
            weights.extend_from_slice(&powers);
        }
        sums.push(totals.iter().copied().map(f64::from).sum::<f64>());
    }
    weights.truncate(logits.len());
}

/// Below this, e^x is 0 here; not much above, it is no normal number.
const LOWEST: f32 = -87.0;

/// Keeps a number where [`exponential`] works; minus infinity, and what is none, becomes the lowest.
#[inline(always)]
fn bounded(number: f32) -> f32 {
    if number > LOWEST { number } else { LOWEST }
}

/// Gives e^x for x from [`LOWEST`], which gives 0, to 0, with an error below two units in the last place.
#[inline(always)]
fn exponential(numbers: [f32; LANES]) -> [f32; LANES] {
    // Adding it rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    let mut powers = [0.0f32; LANES];
    for (power, number) in powers.iter_mut().zip(numbers) {
        // e^x = 2^n e^r with n whole and |r| <= ln 2 / 2; ln 2 in two parts keeps r exact.
        let shifted = number * std::f32::consts::LOG2_E + ROUND;
        let whole = shifted - ROUND;
        let rest = number - whole * HIGH - whole * LOW;
        // e^r by its series, cut after r^7 / 7!.
        let mut series = 1.0 / 5040.0;
        for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
            series = series * rest + factor;
        }
        // The last bits of the rounded sum are n: as an exponent they make 2^n.
        let scale = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
        *power = if number > LOWEST { series * scale } else { 0.0 };
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exponentials_are_right_to_the_last_digits() {
        for step in 0..21_700i16 {
            let number = -f32::from(step) / 250.0;
            let (given, expected) = (exponential([number; LANES])[3], f64::from(number).exp());
            assert!((f64::from(given) / expected - 1.0).abs() < 2.5e-7, "{number}: {given} instead of {expected}");
        }
        assert_eq!(exponential([0.0; LANES])[0], 1.0);
        assert_eq!(exponential([LOWEST; LANES])[0], 0.0);
    }

    proptest! {
        #[test]
        fn every_machine_gives_the_same(
            logits in prop::collection::vec(-90.0f32..20.0, 0..1200),
            temperature in 0.01f32..3.0,
        ) {
            prop_assert_eq!(highest(&logits), highest_of(&logits));
            let max = highest(&logits).unwrap_or(0.0);
            prop_assert_eq!(exponential_sums(&logits, max), exponential_sums_of(&logits, max));
            let (mut one, mut other) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
            let scale = Scale { max, temperature };
            weigh(&logits, scale, &mut one.0, &mut one.1);
            weigh_of(&logits, scale, &mut other.0, &mut other.1);
            prop_assert_eq!(&one, &other);
            prop_assert_eq!(one.0.len(), logits.len());
            let total: f64 = one.0.iter().copied().map(f64::from).sum();
            prop_assert!((total - one.1.iter().sum::<f64>()).abs() < 1e-4 * total.max(1.0));
        }

        #[test]
        fn the_highest_is_found_and_what_is_no_number_is_told(
            mut logits in prop::collection::vec(-90.0f32..20.0, 1..100),
            place in any::<prop::sample::Index>(),
        ) {
            let expected = logits.iter().copied().reduce(f32::max);
            prop_assert_eq!(highest(&logits), expected);
            let place = place.index(logits.len());
            logits[place] = f32::NAN;
            prop_assert_eq!(highest(&logits), None);
        }
    }
}
