//! Seeded mutation of a corpus, for as many inputs or seconds as wanted.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Inputs of a run without `STEPPROOF_FUZZ_SECONDS`.
const FEW: u64 = 3000;
/// No input is longer.
const MOST_BYTES: usize = 6000;

/// Feeds mutated inputs to `check`, which panics at a defect. `STEPPROOF_FUZZ_SECONDS` says for how long,
/// `STEPPROOF_FUZZ_SEED` where to begin; a defect is reported with the input.
pub(crate) fn fuzz(name: &str, corpus: &[Vec<u8>], fragments: &[&[u8]], check: impl Fn(&[u8], u64)) {
    let number = |variable: &str| std::env::var(variable).ok().map(|value| value.parse::<u64>().unwrap());
    let (seconds, first) = (number("STEPPROOF_FUZZ_SECONDS"), number("STEPPROOF_FUZZ_SEED").unwrap_or(0));
    let (began, mut slowest) = (Instant::now(), (Duration::ZERO, 0));
    let mut count = 0;
    loop {
        let seed = first.wrapping_add(count);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let input = mutate(&mut random, corpus, fragments);
        let started = Instant::now();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(&input, seed))) {
            eprintln!("fuzz {name}: seed {seed} finds a defect with b\"{}\"", input.escape_ascii());
            resume_unwind(panic);
        }
        slowest = slowest.max((started.elapsed(), seed));
        count += 1;
        let done = seconds.map_or(count >= FEW, |seconds| began.elapsed() >= Duration::from_secs(seconds));
        if done {
            break;
        }
    }
    eprintln!("fuzz {name}: {count} inputs from seed {first} on, clean; slowest {:?} (seed {})", slowest.0, slowest.1);
}

fn mutate(random: &mut ChaCha8Rng, corpus: &[Vec<u8>], fragments: &[&[u8]]) -> Vec<u8> {
    let mut input = corpus[random.random_range(0..corpus.len())].clone();
    for _ in 0..random.random_range(0..8) {
        let at = random.random_range(0..=input.len());
        let end = input.len().min(at + random.random_range(0..40));
        match random.random_range(0..9) {
            0 => drop(input.drain(at..end)),
            1 => {
                let piece = input[at..end].to_vec();
                let to = random.random_range(0..=input.len());
                drop(input.splice(to..to, piece));
            }
            2..=4 => {
                let piece = fragments[random.random_range(0..fragments.len())];
                drop(input.splice(at..at, piece.iter().copied()));
            }
            5 => {
                let piece = fragments[random.random_range(0..fragments.len())];
                drop(input.splice(at..end, piece.iter().copied()));
            }
            6 => {
                let other = &corpus[random.random_range(0..corpus.len())];
                let from = random.random_range(0..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            7 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << random.random_range(0..8);
                }
            }
            _ => {
                let piece = fragments[random.random_range(0..fragments.len())];
                let many = piece.repeat(random.random_range(1..60));
                drop(input.splice(at..at, many));
            }
        }
    }
    input.truncate(MOST_BYTES);
    input
}
