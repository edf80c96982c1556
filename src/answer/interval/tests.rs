use super::*;

/// Reads the bounds as floats and checks that the known value lies between them, and they are narrow.
fn check(found: Option<Interval>, bits: u32, expected: f64) {
    let found = found.expect("it is bounded");
    assert!(found.low <= found.high);
    let scale = 2f64.powi(i32::try_from(bits).unwrap());
    let read = |value: &BigInt| value.to_string().parse::<f64>().unwrap() / scale;
    let (low, high) = (read(&found.low), read(&found.high));
    assert!((low - expected).abs() < 1e-12 * expected.abs().max(1.0), "{low} {expected}");
    assert!((high - expected).abs() < 1e-12 * expected.abs().max(1.0), "{high} {expected}");
}

fn value(fixed: &mut Fixed, text: (i64, i64)) -> Interval {
    fixed.rational(&Rational::new(BigInt::from(text.0), BigInt::from(text.1))).unwrap()
}

#[test]
fn functions_are_bounded_closely() {
    for bits in [64, 96, 256] {
        let mut work = Work::new();
        let mut fixed = Fixed { bits, work: &mut work };
        check(fixed.pi(), bits, std::f64::consts::PI);
        for (above, below) in [(1, 3), (-7, 2), (25, 1), (1, 1000), (0, 1), (-1, 1), (19, 10), (-311, 100)] {
            let (at, float) = (value(&mut fixed, (above, below)), above as f64 / below as f64);
            check(fixed.circular(&at, true), bits, float.sin());
            check(fixed.circular(&at, false), bits, float.cos());
            check(fixed.inverse_tangent(&at), bits, float.atan());
            check(fixed.exponential(&at), bits, float.exp());
            if above > 0 {
                check(fixed.logarithm(&at), bits, float.ln());
                check(fixed.root(&at, 2), bits, float.sqrt());
                check(fixed.root(&at, 5), bits, float.powf(0.2));
            }
            if above.abs() < below {
                check(fixed.inverse_sine(&at), bits, float.asin());
            }
        }
    }
}

#[test]
fn finer_bounds_lie_within_coarser_ones() {
    let mut before: Option<(Interval, u32)> = None;
    for bits in [64, 128, 512] {
        let mut work = Work::new();
        let mut fixed = Fixed { bits, work: &mut work };
        let at = value(&mut fixed, (-355, 113));
        let one = fixed.circular(&at, true).unwrap();
        let two = fixed.exponential(&at).unwrap();
        let now = fixed.times(&one, &two).unwrap();
        if let Some((wide, coarse)) = before {
            assert!(wide.low << (bits - coarse) <= now.low && now.high <= wide.high << (bits - coarse));
        }
        before = Some((now, bits));
    }
}

#[test]
fn a_power_that_is_refused_unseen_could_not_have_been_computed() {
    let mut refused = 0;
    for bits in [64, 192] {
        let mut work = Work::new();
        let mut fixed = Fixed { bits, work: &mut work };
        for base in [(2, 1), (9, 1), (1, 2), (1, 1000), (19, 10), (11, 20), (3, 2)] {
            for exponent in [1 << 13, (1 << 14) - 1, 1 << 14, -(1 << 14), 1 << 20, -387_420_489, 5] {
                let (base, exponent) = (value(&mut fixed, base), value(&mut fixed, (exponent, 1)));
                if fixed.outgrows(&base, &exponent) {
                    refused += 1;
                    let logarithm = fixed.logarithm(&base).unwrap();
                    let grown = fixed.times(&logarithm, &exponent).unwrap();
                    assert!(fixed.exponential(&grown).is_none(), "{base:?} {exponent:?}");
                }
            }
        }
    }
    assert_eq!(refused, 2 * 4 * 4);
}
