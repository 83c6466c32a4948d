//! One number from the values of a metric in each group, as Fairlearn's `MetricFrame` makes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Direction, Undefined};

/// What is made of the values of the groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reduction {
    /// The smallest value of a group.
    GroupMin,
    /// The largest value of a group.
    GroupMax,
    /// The largest value less the smallest, ≥ 0.
    Difference,
    /// The smallest value divided by the largest, ≤ 1.
    Ratio,
}

/// What the values of groups are held against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The values of the other groups.
    #[default]
    BetweenGroups,
    /// The value over the rows of all groups.
    ToOverall,
}

/// How several values become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The worst of them.
    #[default]
    WorstCase,
    /// Their mean.
    Mean,
}

impl Reduction {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::GroupMin,
        Self::GroupMax,
        Self::Difference,
        Self::Ratio,
    ];

    /// Its name in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GroupMin => "group_min",
            Self::GroupMax => "group_max",
            Self::Difference => "difference",
            Self::Ratio => "ratio",
        }
    }

    /// Which way it gets better when the metric does `of`.
    #[must_use]
    pub fn direction(self, of: Direction) -> Direction {
        match self {
            Self::GroupMin | Self::GroupMax => of,
            Self::Difference => Direction::LowerIsBetter,
            Self::Ratio => Direction::HigherIsBetter,
        }
    }

    /// Smallest and largest value when those of the metric are `of`.
    #[must_use]
    pub fn range(self, of: (f64, f64)) -> (f64, f64) {
        match self {
            Self::GroupMin | Self::GroupMax => of,
            Self::Difference => (0.0, of.1 - of.0),
            Self::Ratio => (0.0, 1.0),
        }
    }

    /// The number, from the values of the groups and, for [`Method::ToOverall`], that of all rows.
    ///
    /// # Errors
    /// Without groups, when a ratio would divide by 0, or a value is below 0 in a ratio.
    pub fn value(self, groups: &[f64], overall: Option<f64>) -> Result<f64, Undefined> {
        let smallest = groups.iter().copied().reduce(f64::min);
        let largest = groups.iter().copied().reduce(f64::max);
        let (Some(smallest), Some(largest)) = (smallest, largest) else {
            return Err(Undefined::NoRows);
        };
        match (self, overall) {
            (Self::GroupMin, _) => Ok(smallest),
            (Self::GroupMax, _) => Ok(largest),
            (Self::Difference, None) => Ok(largest - smallest),
            (Self::Difference, Some(overall)) => {
                Ok((largest - overall).abs().max((overall - smallest).abs()))
            }
            (Self::Ratio, _) if smallest < 0.0 => Err(Undefined::NegativeRatio),
            (Self::Ratio, None) => quotient(smallest, largest),
            (Self::Ratio, Some(overall)) => {
                // The farther of the two ends from all rows is the smallest of all groups' ratios.
                let below = quotient(smallest.min(overall), smallest.max(overall))?;
                Ok(below.min(quotient(largest.min(overall), largest.max(overall))?))
            }
        }
    }
}

impl Aggregate {
    /// One value from several with their weights, the worst by which way they get better.
    ///
    /// # Errors
    /// Without values or weight.
    pub(super) fn value(
        self,
        values: &[(f64, f64)],
        worst_is_most: bool,
    ) -> Result<f64, Undefined> {
        let numbers = values.iter().map(|(value, _)| *value);
        let worst = if worst_is_most { f64::max } else { f64::min };
        match self {
            Self::WorstCase => numbers.reduce(worst).ok_or(Undefined::NoRows),
            Self::Mean => {
                let total: f64 = values.iter().map(|(_, weight)| weight).sum();
                if total <= 0.0 {
                    return Err(Undefined::NoRows);
                }
                let sum: f64 = values.iter().map(|(value, weight)| value * weight).sum();
                Ok(sum / total)
            }
        }
    }

    /// Its name in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WorstCase => "worst_case",
            Self::Mean => "mean",
        }
    }
}

fn quotient(smaller: f64, larger: f64) -> Result<f64, Undefined> {
    if larger == 0.0 {
        return Err(Undefined::ZeroInEveryGroup);
    }
    Ok(smaller / larger)
}
