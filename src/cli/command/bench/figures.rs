//! Figures of interleaved rounds: medians, ratios, and whether a bar is met.

use schemars::JsonSchema;
use serde::Serialize;

/// Rounds of one way of checking.
#[derive(Debug, Default, Clone)]
pub(super) struct Rounds(Vec<f64>);

impl Rounds {
    /// Adds a round's figure.
    pub(super) fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// Gives the middle figure; none where there was no round.
    pub(super) fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let upper = sorted.get(middle).copied()?;
        let below = middle.checked_sub(1).and_then(|below| sorted.get(below).copied());
        Some(match below {
            Some(below) if sorted.len().is_multiple_of(2) => f64::midpoint(below, upper),
            _ => upper,
        })
    }

    /// Gives the greatest figure; none where there was no round.
    pub(super) fn greatest(&self) -> Option<f64> {
        self.0.iter().copied().max_by(f64::total_cmp)
    }

    /// Gives the smallest figure; none where there was no round.
    pub(super) fn least(&self) -> Option<f64> {
        self.0.iter().copied().min_by(f64::total_cmp)
    }

    /// Gives all figures in the order of their rounds.
    pub(super) fn all(&self) -> Vec<f64> {
        self.0.clone()
    }

    /// Gives what comes of each figure.
    pub(super) fn map(&self, change: impl Fn(f64) -> f64) -> Rounds {
        Rounds(self.0.iter().copied().map(change).collect())
    }

    /// Gives this over the other, round by round: what disturbs the machine for a while hits both.
    pub(super) fn over(&self, other: &Rounds) -> Rounds {
        Rounds(self.0.iter().zip(&other.0).map(|(this, other)| this / other).collect())
    }
}

/// One measured figure against its bar.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::cli::command) struct Figure {
    /// What it says.
    about: String,
    /// The figure: a ratio, or the unit that `about` names; none where it could not be measured.
    value: Option<f64>,
    /// The figure of each round.
    rounds: Vec<f64>,
    /// The bar.
    bar: f64,
    /// Whether the bar is the least (`at least`) or the most (`at most`) that is wanted.
    sense: &'static str,
    /// Whether the figure meets the bar; none where it could not be measured.
    met: Option<bool>,
    /// Why it could not be measured.
    missing: Option<String>,
}

impl Figure {
    /// A median that is to reach a bar.
    pub(super) fn at_least(about: &str, rounds: &Rounds, bar: f64) -> Figure {
        Figure::new(about, rounds, rounds.median(), bar, true)
    }

    /// A median that is to stay under a bar.
    pub(super) fn at_most(about: &str, rounds: &Rounds, bar: f64) -> Figure {
        Figure::new(about, rounds, rounds.median(), bar, false)
    }

    /// A worst case that is to stay under a bar.
    pub(super) fn never_over(about: &str, rounds: &Rounds, bar: f64) -> Figure {
        Figure::new(about, rounds, rounds.greatest(), bar, false)
    }

    fn new(about: &str, rounds: &Rounds, value: Option<f64>, bar: f64, least: bool) -> Figure {
        Figure {
            about: about.to_owned(),
            value,
            rounds: rounds.all(),
            bar,
            sense: if least { "at least" } else { "at most" },
            met: value.map(|value| if least { value >= bar } else { value <= bar }),
            missing: None,
        }
    }

    /// Says why there is no figure.
    pub(super) fn missing(mut self, why: Option<String>) -> Figure {
        self.missing = why;
        self
    }

    /// Tells whether it was measured and meets its bar.
    pub(super) fn is_met(&self) -> bool {
        self.met == Some(true)
    }

    /// Gives the line for people.
    pub(super) fn line(&self) -> String {
        let Figure { about, sense, bar, .. } = self;
        match (self.value, self.met, &self.missing) {
            (Some(value), Some(met), _) => {
                let verdict = if met { "met" } else { "MISSED" };
                format!("{value:.2} ({sense} {bar}: {verdict}) {about}")
            }
            (_, _, Some(why)) => format!("not measured ({why}) {about}"),
            _ => format!("not measured {about}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_ratios_and_bars() {
        let rounds = |figures: &[f64]| Rounds(figures.to_vec());
        assert_eq!(rounds(&[]).median(), None);
        assert_eq!(rounds(&[3.0, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(rounds(&[4.0, 1.0, 2.0, 3.0]).median(), Some(2.5));
        assert_eq!(rounds(&[4.0, 1.0]).greatest(), Some(4.0));
        assert_eq!(rounds(&[4.0, 1.0]).least(), Some(1.0));
        assert_eq!(rounds(&[4.0, 9.0]).over(&rounds(&[2.0, 3.0])).all(), [2.0, 3.0]);
        assert_eq!(Figure::at_least("", &rounds(&[4.0]), 4.0).met, Some(true));
        assert_eq!(Figure::at_least("", &rounds(&[3.9]), 4.0).met, Some(false));
        assert_eq!(Figure::at_most("", &rounds(&[0.9, 1.1, 1.2]), 1.0).met, Some(false));
        assert_eq!(Figure::never_over("", &rounds(&[0.1, 0.2, 1.5]), 1.0).met, Some(false));
        assert_eq!(Figure::at_least("", &rounds(&[]), 4.0).missing(Some("why".to_owned())).met, None);
    }
}
