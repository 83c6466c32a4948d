//! The distribution of a column: what drift compares, and what a reference profile keeps of a dataset.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The distribution of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Distribution {
    /// Of numbers, and of dates and times as seconds since 1970-01-01T00:00Z.
    Numeric(NumericDistribution),
    /// Of anything else, counted by its text.
    Categorical(CategoricalDistribution),
}

/// The distribution of numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NumericDistribution {
    /// Different finite values, ascending, each with how often it occurs.
    pub points: Vec<(f64, u64)>,
    /// How many values are null.
    pub null_count: u64,
    /// How many values are NaN.
    pub nan_count: u64,
    /// How many values are infinite.
    pub infinite_count: u64,
    /// Largest error of a rank read off the points, as a fraction of the values; 0 when the points are
    /// the values themselves.
    pub rank_error: f64,
}

/// The distribution of categories.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CategoricalDistribution {
    /// How often each value occurs.
    pub counts: BTreeMap<String, u64>,
    /// How many values are null.
    pub null_count: u64,
    /// How many values are not in `counts` because there were too many different ones.
    pub other_count: u64,
}

impl NumericDistribution {
    /// How many finite values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.points.iter().map(|(_, count)| count).sum()
    }
}

impl CategoricalDistribution {
    /// How many values that are not null there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts
            .values()
            .fold(self.other_count, |sum, count| sum.saturating_add(*count))
    }
}
