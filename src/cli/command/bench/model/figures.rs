//! What the measures come to: the figures and their bars.

use super::load::{GAP, THROUGHPUT};
use super::measures::OURS;
use super::search::{CACHED, PARALLEL, SERVER, TOGETHER, TREE, candidates};
use super::speed::{BATCHED_BENCH, LLAMA_BENCH, PROMPT, STREAM, sequences};
use super::{Bench, Part};
use crate::cli::command::bench::figures::{Figure, Rounds};

/// Gives the figures of the parts that were measured.
pub(super) fn figures(bench: &Bench<'_>, parts: &[Part]) -> Vec<Figure> {
    parts.iter().flat_map(|part| of_part(bench, *part)).collect()
}

fn of_part(bench: &Bench<'_>, part: Part) -> Vec<Figure> {
    let (measures, peers) = (&bench.measures, &bench.peers);
    let over = |what: &str, peer: &str| measures.ratio(part, what, peer);
    let own = |what: &str| measures.rounds(part, what, OURS);
    match part {
        Part::Speed => [PROMPT, STREAM]
            .map(|what| {
                let about = format!("{what}: tokens a second over llama-bench");
                Figure::at_least(&about, &over(what, LLAMA_BENCH), 0.97).missing(peers.bench.missing.clone())
            })
            .into(),
        Part::Batch => {
            let wide = bench.sizes.sequences.into_iter().filter(|count| *count >= 4);
            let figure = |count| {
                let about = format!("{}: tokens a second over llama-batched-bench", sequences(count));
                Figure::at_least(&about, &over(&sequences(count), BATCHED_BENCH), 1.0)
                    .missing(peers.batched.missing.clone())
            };
            wide.map(figure).collect()
        }
        Part::BestOf => {
            let [barred, _] = bench.sizes.candidate_new;
            let what = candidates(barred);
            let ways = [PARALLEL, TOGETHER].map(|way| (measures.rounds(part, &what, way), over(&what, way)));
            let (better, worse) = sorted(ways);
            let about = |which: &str| format!("{what}: tokens a second over the {which} way of llama-server");
            let missing = || peers.server.missing.clone();
            vec![
                Figure::at_least(&about("better"), &better, 1.0).missing(missing()),
                Figure::at_least(&about("worse"), &worse, 2.0).missing(missing()),
                Figure::at_least(&format!("{what}: share of {CACHED}"), &own(&format!("{CACHED}, {what}")), 0.8),
            ]
        }
        Part::Tree => {
            let setting = bench.best_settings.iter().find(|(of, _)| *of == part).map(|(_, setting)| setting.as_str());
            let about =
                format!("{TREE}: tokens a second over llama-server {}", setting.unwrap_or("at its best setting"));
            vec![
                Figure::at_least(&about, &over(TREE, SERVER), 1.5).missing(peers.server.missing.clone()),
                Figure::at_least(&format!("{TREE}: share of {CACHED}"), &own(CACHED), 0.9),
            ]
        }
        Part::Load => vec![
            Figure::never_over(&format!("seconds, {GAP}, the worst round"), &own(GAP), 2.0),
            Figure::at_least(
                &format!("{THROUGHPUT}: tokens a second over llama-batched-bench with 8 sequences"),
                &over(THROUGHPUT, BATCHED_BENCH),
                1.0,
            )
            .missing(peers.batched.missing.clone()),
        ],
        Part::Reuse | Part::Cost => Vec::new(),
    }
}

/// Puts the ratios to the faster and to the slower of two ways in order.
fn sorted([one, other]: [(Rounds, Rounds); 2]) -> (Rounds, Rounds) {
    let ((one, over_one), (other, over_other)) = (one, other);
    if one.median() >= other.median() { (over_one, over_other) } else { (over_other, over_one) }
}
