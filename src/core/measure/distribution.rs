//! The distribution of a column: what drift compares, and what a reference profile keeps of a dataset.
//!
//! Numbers are different finite values with how often each occurs; nulls, NaN and infinities are counted
//! beside them and never mixed in. So a distribution of a million rows of whole numbers from 1 to 100 is
//! a hundred points, and every statistic works on points with weights. `sketch` builds distributions of
//! bounded size; what that costs in accuracy is in `rank_error` and `other_count`, and 0 when it cost
//! nothing.

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
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
pub struct CategoricalDistribution {
    /// How often each value occurs. When `other_count` is not 0, the count of a value may be short by
    /// at most that.
    pub counts: BTreeMap<String, u64>,
    /// How many values are null.
    pub null_count: u64,
    /// How many values are not in `counts` because there were too many different ones.
    pub other_count: u64,
}

/// Why something that was read is not a distribution. Reads after "is not a distribution: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedDistribution {
    /// A point is not a finite number.
    #[error("a point is not a finite number")]
    NotFinite,
    /// The points are not in ascending order, or one is there twice.
    #[error("the points are not in strictly ascending order")]
    Unordered,
    /// A point with count 0.
    #[error("a value is listed that never occurs")]
    NeverOccurs,
    /// The rank error is not a fraction.
    #[error("the rank error is not between 0 and 1")]
    RankError,
}

impl Distribution {
    /// The kind of column as one lower-case word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Numeric(_) => "numeric",
            Self::Categorical(_) => "categorical",
        }
    }

    /// How many values are null.
    #[must_use]
    pub fn null_count(&self) -> u64 {
        match self {
            Self::Numeric(numeric) => numeric.null_count,
            Self::Categorical(categorical) => categorical.null_count,
        }
    }

    /// How many rows there are, whatever is in them.
    #[must_use]
    pub fn row_count(&self) -> u64 {
        match self {
            Self::Numeric(numeric) => numeric
                .count()
                .saturating_add(numeric.null_count)
                .saturating_add(numeric.not_finite()),
            Self::Categorical(categorical) => {
                categorical.count().saturating_add(categorical.null_count)
            }
        }
    }

    /// Whether this is what it says: points that are finite, ascending and occur.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self) -> Result<(), MalformedDistribution> {
        match self {
            Self::Numeric(numeric) => numeric.check(),
            Self::Categorical(_) => Ok(()),
        }
    }
}

impl NumericDistribution {
    /// The distribution of these values, exact; `None` is a null.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = Option<f64>>) -> Self {
        let mut builder = super::NumericBuilder::exact();
        for value in values {
            match value {
                Some(value) => builder.add(value, 1),
                None => builder.add_nulls(1),
            }
        }
        builder.finish()
    }

    /// How many finite values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.points
            .iter()
            .fold(0, |sum: u64, (_, count)| sum.saturating_add(*count))
    }

    /// How many values are NaN or infinite.
    #[must_use]
    pub fn not_finite(&self) -> u64 {
        self.nan_count.saturating_add(self.infinite_count)
    }

    fn check(&self) -> Result<(), MalformedDistribution> {
        if !(0.0..=1.0).contains(&self.rank_error) {
            return Err(MalformedDistribution::RankError);
        }
        for (value, count) in &self.points {
            if !value.is_finite() {
                return Err(MalformedDistribution::NotFinite);
            }
            if *count == 0 {
                return Err(MalformedDistribution::NeverOccurs);
            }
        }
        let ascending = self.points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        ascending
            .then_some(())
            .ok_or(MalformedDistribution::Unordered)
    }
}

impl CategoricalDistribution {
    /// The distribution of these values, exact; `None` is a null.
    #[must_use]
    pub fn of<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut builder = super::CategoricalBuilder::exact();
        for value in values {
            match value {
                Some(value) => builder.add(value, 1),
                None => builder.add_nulls(1),
            }
        }
        builder.finish()
    }

    /// How many values that are not null there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts
            .values()
            .fold(self.other_count, |sum, count| sum.saturating_add(*count))
    }
}
