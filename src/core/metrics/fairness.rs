//! Differences between groups of people: selection rates and error rates, per group and compared.
//!
//! Fairlearn reads a rate that has nothing to be divided by as 0, so that a group without positive
//! labels looks like the most wronged one. Here such a group makes the metric [`Undefined`], by name.

use super::binary::confusion::Confusion;
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
    /// The rates of a group it compares.
    pub rates: &'static [Rate],
    /// The value, always finite, or why there is none.
    pub compute: fn(&[Group]) -> Result<f64, Undefined>,
}

/// A rate of one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Share of its rows predicted positive.
    Selection,
    /// Share of its positive rows predicted positive.
    TruePositive,
    /// Share of its negative rows predicted positive.
    FalsePositive,
}

impl Rate {
    /// The rate as a noun.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Selection => "selection rate",
            Self::TruePositive => "true positive rate",
            Self::FalsePositive => "false positive rate",
        }
    }
}

/// The rows of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The value of the grouping column; [`MISSING`] for rows without one.
    pub name: String,
    /// The four counts of its rows.
    pub counts: Confusion,
}

impl Group {
    /// How many rows it holds.
    #[must_use]
    pub fn rows(&self) -> u64 {
        // Counted one by one, so that the number is whole.
        self.counts.rows() as u64
    }

    /// One of its rates.
    ///
    /// # Errors
    /// When the group has no rows of the kind the rate is a share of.
    pub fn rate(&self, rate: Rate) -> Result<f64, Undefined> {
        let counts = &self.counts;
        let (part, whole, lacks) = match rate {
            Rate::Selection => (counts.predicted_positives(), counts.rows(), Lacks::Rows),
            Rate::TruePositive => (counts.true_positives, counts.positives(), Lacks::Positives),
            Rate::FalsePositive => (counts.false_positives, counts.negatives(), Lacks::Negatives),
        };
        if whole == 0.0 {
            return Err(Undefined::Group {
                group: self.name.clone(),
                lacks,
            });
        }
        Ok(part / whole)
    }
}

/// The groups of these rows, in the order given: the name of each, `None` for the missing one, with the
/// indices of its rows.
#[must_use]
pub fn groups(
    label: &[bool],
    prediction: &[bool],
    rows_by_value: &[(Option<&str>, Vec<u32>)],
) -> Vec<Group> {
    let group = |(name, rows): &(Option<&str>, Vec<u32>)| {
        let row = |row: &u32| label.get(*row as usize).zip(prediction.get(*row as usize));
        Group {
            name: name.unwrap_or(MISSING).to_owned(),
            counts: Confusion::of(rows.iter().filter_map(row)),
        }
    };
    rows_by_value.iter().map(group).collect()
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
        rates: &[Rate::Selection],
        compute: |groups| Ok(spread(groups, Rate::Selection)?.difference()),
    },
    FairnessMetric {
        id: "demographic_parity_ratio",
        title: "Demographic parity ratio",
        direction: Direction::HigherIsBetter,
        range: (0.0, 1.0),
        definition: "smallest selection rate of a group divided by the largest",
        reference: "Fairlearn `demographic_parity_ratio`; undefined when nobody is selected",
        rates: &[Rate::Selection],
        compute: |groups| {
            let spread = spread(groups, Rate::Selection)?;
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
        rates: &[Rate::TruePositive],
        compute: |groups| Ok(spread(groups, Rate::TruePositive)?.difference()),
    },
    FairnessMetric {
        id: "equalized_odds_difference",
        title: "Equalized odds difference",
        direction: Direction::LowerIsBetter,
        range: (0.0, 1.0),
        definition: "the larger of the differences of true and of false positive rates between groups",
        reference: "Fairlearn `equalized_odds_difference` with `agg=\"worst_case\"`; undefined when a group lacks a class",
        rates: &[Rate::TruePositive, Rate::FalsePositive],
        compute: |groups| {
            let of_positives = spread(groups, Rate::TruePositive)?.difference();
            let of_negatives = spread(groups, Rate::FalsePositive)?.difference();
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
fn spread(groups: &[Group], rate: Rate) -> Result<Spread, Undefined> {
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
        let rate = group.rate(rate)?;
        spread.smallest = spread.smallest.min(rate);
        spread.largest = spread.largest.max(rate);
    }
    Ok(spread)
}
