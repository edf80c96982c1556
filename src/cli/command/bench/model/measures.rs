//! What was measured, by part, subject and way, with its spread.

use schemars::JsonSchema;
use serde::Serialize;

use super::Part;
use crate::cli::command::bench::figures::Rounds;

/// Our own way, among those of the peers.
pub(super) const OURS: &str = "stepproof";

/// The unit of speeds.
pub(super) const PER_SECOND: &str = "tokens/s";

/// One thing measured in one way.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Measure {
    /// The part of the bench.
    part: &'static str,
    /// What is measured.
    what: String,
    /// Who does it.
    way: String,
    /// The unit.
    unit: &'static str,
    /// The median of the rounds.
    median: Option<f64>,
    /// The least of them.
    least: Option<f64>,
    /// The greatest of them.
    greatest: Option<f64>,
    /// The figure of each round.
    rounds: Vec<f64>,
}

impl Measure {
    /// Gives the line for people.
    pub(super) fn line(&self) -> String {
        let show = |figure: Option<f64>| figure.map_or("-".to_owned(), |figure| format!("{figure:.2}"));
        let Measure { what, way, unit, .. } = self;
        let (median, least, greatest) = (show(self.median), show(self.least), show(self.greatest));
        format!("{median} {unit} ({least} to {greatest})  {what}, {way}")
    }

    /// Gives the part that it belongs to.
    pub(super) fn part(&self) -> &'static str {
        self.part
    }
}

#[derive(Debug)]
struct Kept {
    part: Part,
    what: String,
    way: String,
    unit: &'static str,
    rounds: Rounds,
}

/// All that was measured, in the order in which it came up.
#[derive(Debug, Default)]
pub(super) struct Measures(Vec<Kept>);

impl Measures {
    /// Adds the figure of a round.
    pub(super) fn push(&mut self, part: Part, what: &str, way: &str, unit: &'static str, figure: f64) {
        let is_it = |kept: &&mut Kept| kept.part == part && kept.what == what && kept.way == way;
        if let Some(kept) = self.0.iter_mut().find(is_it) {
            kept.rounds.push(figure);
            return;
        }
        let mut rounds = Rounds::default();
        rounds.push(figure);
        self.0.push(Kept { part, what: what.to_owned(), way: way.to_owned(), unit, rounds });
    }

    /// Gives the figures of all rounds; none where it was not measured.
    pub(super) fn rounds(&self, part: Part, what: &str, way: &str) -> Rounds {
        let is_it = |kept: &&Kept| kept.part == part && kept.what == what && kept.way == way;
        self.0.iter().find(is_it).map(|kept| kept.rounds.clone()).unwrap_or_default()
    }

    /// Gives our figures over those of a peer, round by round.
    pub(super) fn ratio(&self, part: Part, what: &str, peer: &str) -> Rounds {
        self.rounds(part, what, OURS).over(&self.rounds(part, what, peer))
    }

    /// Gives the report: everything that was measured, each speed of a peer followed by ours over it.
    pub(super) fn report(&self) -> Vec<Measure> {
        let measure = |kept: &Kept, way: String, unit, rounds: &Rounds| Measure {
            part: kept.part.name(),
            what: kept.what.clone(),
            way,
            unit,
            median: rounds.median(),
            least: rounds.least(),
            greatest: rounds.greatest(),
            rounds: rounds.all(),
        };
        let with_ratio = |kept: &Kept| {
            let ratio = self.ratio(kept.part, &kept.what, &kept.way);
            let compared = kept.way != OURS && kept.unit == PER_SECOND && ratio.median().is_some();
            let ratio = compared.then(|| measure(kept, format!("{OURS} over {}", kept.way), "ratio", &ratio));
            [Some(measure(kept, kept.way.clone(), kept.unit, &kept.rounds)), ratio]
        };
        self.0.iter().flat_map(with_ratio).flatten().collect()
    }
}
