//! Whole numbers taken apart into primes, as far as that is cheap.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::super::work::Work;

/// Numbers up to this are divided by.
const MAX_DIVISOR: u64 = 2_000;

/// A factor: its base, whether that is surely prime, and how often it stands.
pub(super) type Factor = (BigInt, bool, i64);

/// Takes a positive number apart. A rest without small factors is one factor, or the root of one where it is a power.
pub(super) fn factors(number: &BigInt, work: &mut Work) -> Option<Vec<Factor>> {
    let mut rest = number.clone();
    let mut found = Vec::new();
    if !rest.is_positive() {
        return None;
    }
    let mut divisor = 2_u64;
    while !rest.is_one() && divisor <= MAX_DIVISOR {
        // Small rests need no big numbers.
        if let Some(small) = rest.to_u64() {
            return small_factors(small, divisor, found, work);
        }
        work.spend(1 + rest.bits() / 1_024)?;
        let mut times = 0;
        loop {
            let (quotient, left) = rest.div_rem(&BigInt::from(divisor));
            if !left.is_zero() {
                break;
            }
            work.spend(1 + rest.bits() / 1_024)?;
            rest = quotient;
            times += 1;
        }
        if times > 0 {
            found.push((BigInt::from(divisor), true, times));
        }
        divisor += if divisor == 2 { 1 } else { 2 };
    }
    rest_of(rest, found, work)
}

fn small_factors(mut rest: u64, from: u64, mut found: Vec<Factor>, work: &mut Work) -> Option<Vec<Factor>> {
    let mut divisor = from;
    work.spend(1)?;
    while divisor <= MAX_DIVISOR && divisor * divisor <= rest {
        let mut times = 0;
        while rest.is_multiple_of(divisor) {
            rest /= divisor;
            times += 1;
        }
        if times > 0 {
            found.push((BigInt::from(divisor), true, times));
        }
        divisor += if divisor == 2 { 1 } else { 2 };
    }
    if divisor > MAX_DIVISOR {
        work.spend(20)?;
    }
    if rest > 1 && divisor * divisor > rest {
        found.push((BigInt::from(rest), true, 1));
        return Some(found);
    }
    rest_of(BigInt::from(rest), found, work)
}

/// Adds what no small number divides: a prime where it is small enough, or the base of a power.
fn rest_of(rest: BigInt, mut found: Vec<Factor>, work: &mut Work) -> Option<Vec<Factor>> {
    if rest.is_one() {
        return Some(found);
    }
    for index in [2_u32, 3, 5, 7] {
        if rest.bits() < u64::from(index) * 11 {
            break;
        }
        work.multiply(rest.bits() * 4, rest.bits())?;
        let root = rest.nth_root(index);
        if num_traits::pow(root.clone(), usize::try_from(index).ok()?) == rest {
            let inner = rest_of(root, Vec::new(), work)?;
            found.extend(inner.into_iter().map(|(base, prime, times)| (base, prime, times * i64::from(index))));
            return Some(found);
        }
    }
    let prime = rest < BigInt::from(MAX_DIVISOR * MAX_DIVISOR);
    found.push((rest, prime, 1));
    Some(found)
}
