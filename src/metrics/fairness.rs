//! Differences between groups of people: selection rates and error rates, per group and compared.
//!
//! Fairlearn reads a rate that has nothing to be divided by as 0, so that a group without positive
//! labels looks like the most wronged one. Here such a group makes the metric [`Undefined`], by name.

use std::collections::BTreeMap;

use super::confusion::Confusion;
use super::{Direction, Lacks, Undefined};

/// What a missing group value is called; a group of its own.
pub const MISSING: &str = "(missing)";

/// A metric of the differences between groups.
#[derive(Clone, Copy, Debug)]
pub struct FairnessMetric {
    /// Stable snake_case name, as in configuration.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Which way is better.
    pub direction: Direction,
    /// Smallest and largest possible value.
    pub range: (f64, f64),
    /// The formula in words.
    pub definition: &'static str,
    /// The implementation whose numbers these are.
    pub reference: &'static str,
    /// The value, always finite, or why there is none.
    pub compute: fn(&[Group]) -> Result<f64, Undefined>,
}

/// The rows of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The value of the grouping column; [`MISSING`] for rows without one.
    pub name: String,
    /// The four counts of its rows.
    pub counts: Confusion,
}

impl Group {
    /// Share of its rows predicted positive. Undefined for a group without rows.
    ///
    /// # Errors
    /// When the group has no rows.
    pub fn selection_rate(&self) -> Result<f64, Undefined> {
        let rows = self.counts.rows();
        if rows == 0 {
            return Err(Undefined::NoRows);
        }
        Ok(self.counts.predicted_positives() as f64 / rows as f64)
    }

    /// Share of its positive rows predicted positive.
    ///
    /// # Errors
    /// When it has no positive rows.
    pub fn true_positive_rate(&self) -> Result<f64, Undefined> {
        self.rate(
            self.counts.true_positives,
            self.counts.positives(),
            Lacks::Positives,
        )
    }

    /// Share of its negative rows predicted positive.
    ///
    /// # Errors
    /// When it has no negative rows.
    pub fn false_positive_rate(&self) -> Result<f64, Undefined> {
        self.rate(
            self.counts.false_positives,
            self.counts.negatives(),
            Lacks::Negatives,
        )
    }

    fn rate(&self, part: u64, whole: u64, lacks: Lacks) -> Result<f64, Undefined> {
        if whole == 0 {
            return Err(Undefined::Group {
                group: self.name.clone(),
                lacks,
            });
        }
        Ok(part as f64 / whole as f64)
    }
}

/// The groups of these rows in the order of their names, the missing one last. The three slices speak
/// of the same rows.
#[must_use]
pub fn groups(label: &[bool], prediction: &[bool], values: &[Option<String>]) -> Vec<Group> {
    let mut rows: BTreeMap<(bool, &str), Vec<(&bool, &bool)>> = BTreeMap::new();
    for ((label, prediction), value) in label.iter().zip(prediction).zip(values) {
        let key = (value.is_none(), value.as_deref().unwrap_or(MISSING));
        rows.entry(key).or_default().push((label, prediction));
    }
    rows.into_iter()
        .map(|((_, name), rows)| Group {
            name: name.to_owned(),
            counts: Confusion::of(rows),
        })
        .collect()
}

/// Every fairness metric.
pub const FAIRNESS_METRICS: &[FairnessMetric] = &[
    FairnessMetric {
        id: "demographic_parity_difference",
        title: "Demographic parity difference",
        direction: Direction::LowerIsBetter,
        range: (0.0, 1.0),
        definition: "largest selection rate of a group minus the smallest",
        reference: "Fairlearn `demographic_parity_difference`",
        compute: |groups| Ok(spread(groups, Group::selection_rate)?.difference()),
    },
    FairnessMetric {
        id: "demographic_parity_ratio",
        title: "Demographic parity ratio",
        direction: Direction::HigherIsBetter,
        range: (0.0, 1.0),
        definition: "smallest selection rate of a group divided by the largest",
        reference: "Fairlearn `demographic_parity_ratio`; undefined when nobody is selected",
        compute: |groups| {
            let spread = spread(groups, Group::selection_rate)?;
            if spread.largest == 0.0 {
                return Err(Undefined::NobodySelected);
            }
            Ok(spread.smallest / spread.largest)
        },
    },
    FairnessMetric {
        id: "equal_opportunity_difference",
        title: "Equal opportunity difference",
        direction: Direction::LowerIsBetter,
        range: (0.0, 1.0),
        definition: "largest true positive rate of a group minus the smallest",
        reference: "Fairlearn `equal_opportunity_difference`; undefined when a group has no positive labels",
        compute: |groups| Ok(spread(groups, Group::true_positive_rate)?.difference()),
    },
    FairnessMetric {
        id: "equalized_odds_difference",
        title: "Equalized odds difference",
        direction: Direction::LowerIsBetter,
        range: (0.0, 1.0),
        definition: "the larger of the differences of true and of false positive rates between groups",
        reference: "Fairlearn `equalized_odds_difference` with `agg=\"worst_case\"`; undefined when a group lacks a class",
        compute: |groups| {
            let of_positives = spread(groups, Group::true_positive_rate)?.difference();
            let of_negatives = spread(groups, Group::false_positive_rate)?.difference();
            Ok(of_positives.max(of_negatives))
        },
    },
];

/// The fairness metric called `id`.
#[must_use]
pub fn find(id: &str) -> Option<&'static FairnessMetric> {
    FAIRNESS_METRICS.iter().find(|metric| metric.id == id)
}

struct Spread {
    smallest: f64,
    largest: f64,
}

impl Spread {
    fn difference(&self) -> f64 {
        self.largest - self.smallest
    }
}

/// The smallest and the largest rate of two groups or more.
fn spread(
    groups: &[Group],
    rate: fn(&Group) -> Result<f64, Undefined>,
) -> Result<Spread, Undefined> {
    if groups.is_empty() {
        return Err(Undefined::NoRows);
    }
    if groups.len() == 1 {
        return Err(Undefined::SingleGroup);
    }
    let mut spread = Spread {
        smallest: f64::INFINITY,
        largest: f64::NEG_INFINITY,
    };
    for group in groups {
        let rate = rate(group)?;
        spread.smallest = spread.smallest.min(rate);
        spread.largest = spread.largest.max(rate);
    }
    Ok(spread)
}
