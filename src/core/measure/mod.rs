//! What can be measured on a table, and the values measured. No engine: an engine turns a list of
//! [`Measure`]s into as many [`Measured`]s, in as few passes over the data as it can.
//!
//! Every rule of every suite is one of these, so that an engine has few things to do well: counts of
//! rows, moments, quantiles, groups, orders, look-ups in other tables, distributions. Where tools
//! differ in what a word means (which nulls count, which duplicates), the difference is a field here,
//! never a habit of an engine.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod as_written;
mod condition;
mod dependency;
mod distribution;
mod near;
mod pairing;
mod personal;
mod reading;
mod shown;
mod sketch;
pub mod sql;
mod table;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{FailingRows, Reason};

pub use condition::{Anchor, Comparison, Condition, Format, Operator, Pattern, Statistic, Value};
pub use dependency::{Dependency, DependencyState};
pub use distribution::{
    CategoricalDistribution, Distribution, MalformedDistribution, NumericDistribution,
};
pub use near::{
    CANDIDATES_MAX, Near, NearFound, NearIndex, NearRow, Nearest, ShingleUnit, Shingles, Shingling,
    Signature,
};
pub use pairing::{Closeness, Paired, Pairing};
pub use personal::{
    Certainty, Detection, LIKELY_SHARE_MIN_DEFAULT, PersonalFound, PersonalKind, TEXT_BYTES_MAX,
    detect as detect_personal, is_key, is_personal_name, may_be_personal, words_of_name,
};
pub use reading::{Ascii, CsvOptions, InputFormat, Reading};
pub use shown::Shown;
pub use sketch::{CategoricalBuilder, DISTINCT_MAX_DEFAULT, NumericBuilder};
pub use table::{ColumnFacts, Limit, LogicalType, Range, Scalar, TableFacts, instant};

/// One thing to measure on a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// How many rows there are. [`Measured::Count`].
    RowCount,
    /// How many columns there are. [`Measured::Count`].
    ColumnCount,
    /// How many rows the condition is true for. [`Measured::Count`].
    Count(Condition),
    /// How many rows the column, as it stands in the file, is null in. [`Measured::Count`].
    NullCount(String),
    /// The rows that break a rule. [`Measured::Failing`].
    Failing(RowRule),
    /// Count, mean and central moments of a number. [`Measured::Moments`].
    Moments(Value),
    /// Quantile of the values that are not null or NaN. The fraction is in [0, 1].
    /// [`Measured::Number`].
    Quantile(Value, f64, Interpolation),
    /// Smallest and largest value that is not null or NaN. [`Measured::Extremes`].
    Extremes(Value),
    /// Newest date or timestamp, dates as midnight UTC. [`Measured::Newest`].
    Newest(String),
    /// How often keys repeat. [`Measured::Groups`].
    Groups(Grouping),
    /// How often each combination of values occurs, as texts. [`Measured::Frequencies`]; fails when
    /// there are more than `combinations_max`.
    Frequencies {
        /// The values combined.
        values: Vec<Value>,
        /// More than this many combinations are too many to list.
        combinations_max: usize,
    },
    /// The distribution of a column, for comparisons. [`Measured::Distribution`].
    Distribution(String),
    /// The rows that are out of order. [`Measured::Failing`].
    Ordered(Order),
    /// The rows whose key is, or is not, in another dataset. [`Measured::Failing`].
    Lookup(Lookup),
    /// Means, variances and covariance of two numbers. [`Measured::Comoments`].
    Comoments(Value, Value),
    /// The rows whose key occurs with more than one value. [`Measured::Failing`].
    Dependency(Dependency),
    /// The rows whose value differs from the one in another dataset, joined by key.
    /// [`Measured::Paired`].
    Paired(Pairing),
    /// The rows that nearly repeat another. [`Measured::Near`].
    Near(Near),
    /// Personal data in a column as it stands in the file, read as text. [`Measured::Personal`].
    Personal(String),
    /// The answer of an SQL query over this table, which it calls by the name of the dataset.
    /// [`Measured::Answer`].
    Query(String),
    /// The same on another dataset.
    Elsewhere(String, Box<Measure>),
    /// The same on the rows the condition is true for.
    Where(Arc<Condition>, Box<Measure>),
    /// The same for each combination of values of these columns. [`Measured::Slices`].
    By(Vec<String>, Box<Measure>),
}

/// A rule on rows.
#[derive(Clone, Debug, PartialEq)]
pub struct RowRule {
    /// True for the rows that break it, among the eligible ones.
    pub fails: Condition,
    /// True for the rows the rule speaks of: mostly those whose value is not null.
    pub eligible: Condition,
    /// The column whose value is shown for a failing row; those that decide whether it fails when absent.
    pub shown: Option<String>,
}

/// How a quantile that lies between two values is found, by numpy's names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// Linearly between them (Hyndman and Fan 1996, type 7), as numpy's, pandas' and DuckDB's
    /// `quantile_cont` default.
    #[default]
    Linear,
    /// The smaller one.
    Lower,
    /// The larger one.
    Higher,
    /// The nearer one; the one with the even rank when they are equally near.
    Nearest,
    /// Their mean.
    Midpoint,
    /// The smallest value whose cumulative frequency reaches the fraction (type 1), as SQL's
    /// `percentile_disc`.
    Inverted,
}

/// Keys and what is asked about their repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct Grouping {
    /// The parts of the key; all columns as they stand in the file when empty.
    pub key: Vec<Value>,
    /// What a null in the key means.
    pub nulls: NullKeys,
    /// Whether the rows shown are all rows of a repeated key, or only those after the first.
    pub shows_first: bool,
}

/// What a null in a key means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NullKeys {
    /// A row with any null in its key is not counted.
    #[default]
    SkipAny,
    /// A row whose key is null in all parts is not counted; otherwise null equals null.
    SkipAll,
    /// Null equals null.
    Equal,
}

/// How often keys repeat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    /// Rows counted.
    pub rows: u64,
    /// Different keys.
    pub distinct: u64,
    /// Keys that occur more than once.
    pub repeated: u64,
    /// Rows whose key occurs more than once.
    pub rows_of_repeated: u64,
    /// Shannon entropy of the keys, in nats.
    pub entropy: f64,
    /// The first few rows of repeated keys, in file order, with the key when it is one column.
    pub examples: Vec<crate::evidence::RowExample>,
}

impl Groups {
    /// Rows that repeat an earlier row.
    #[must_use]
    pub fn surplus(&self) -> u64 {
        self.rows.saturating_sub(self.distinct)
    }

    /// Keys that occur once.
    #[must_use]
    pub fn singletons(&self) -> u64 {
        self.distinct.saturating_sub(self.repeated)
    }
}

/// An order rows must keep, in file order unless said otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The value that must keep the order; rows in which it is null are passed over.
    pub value: Value,
    /// How it must go from one row to the next.
    pub rule: OrderRule,
    /// Rows are first sorted by this, nulls left out; file order when absent.
    pub sorted_by: Option<Value>,
    /// The order is kept within each combination of these columns.
    pub within: Vec<String>,
}

/// How a value must go from one row to the next.
#[derive(Clone, Debug, PartialEq)]
pub enum OrderRule {
    /// Never smaller; never equal either when strict.
    Increasing {
        /// Whether equal values are out of order.
        strictly: bool,
    },
    /// Never larger; never equal either when strict.
    Decreasing {
        /// Whether equal values are out of order.
        strictly: bool,
    },
    /// Exactly this much larger; in seconds for times.
    Step(f64),
    /// At most this much larger; in seconds for times. For gaps in time series.
    GapAtMost(f64),
    /// The value starts a range that ends at the other value: the next range must not start before
    /// this one ends.
    RangesApart {
        /// The end of the range that starts at the value.
        end: Value,
        /// Whether the next range may start exactly where this one ends.
        may_touch: bool,
    },
    /// The value starts a range that ends at the other value: the next range must start exactly where
    /// this one ends.
    RangesMeet {
        /// The end of the range that starts at the value.
        end: Value,
    },
}

/// A look-up of keys in another dataset.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// The parts of the key here; when there are none, all columns, matched to those of the other dataset
    /// by name: a column that only one of them has makes the measurement fail.
    pub key: Vec<Value>,
    /// The other dataset.
    pub dataset: String,
    /// The parts of the key there.
    pub key_there: Vec<Value>,
    /// The rows there that count; all when absent.
    pub rows_there: Option<Condition>,
    /// Which rows fail.
    pub fails: Presence,
    /// What a null in the key here means.
    pub nulls: NullKeys,
}

/// Whether being found or not being found is what fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Rows whose key is found there fail: leakage between splits.
    Found,
    /// Rows whose key is not found there fail: referential integrity.
    Absent,
}

/// Moments of a number. Nulls do not count; a NaN or an infinity makes the moments NaN and is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Values that are not null.
    pub count: u64,
    /// Arithmetic mean; NaN without values.
    pub mean: f64,
    /// Sum, compensated.
    pub sum: f64,
    /// Sum of squared differences from the mean.
    pub m2: f64,
    /// Sum of cubed differences from the mean.
    pub m3: f64,
    /// Sum of fourth powers of differences from the mean.
    pub m4: f64,
    /// Values that are NaN.
    pub nan: u64,
    /// Values that are infinite.
    pub infinite: u64,
    /// Values that are zero.
    pub zeros: u64,
}

/// Second moments of pairs of numbers, over the rows in which both are finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Comoments {
    /// Rows in which both are finite.
    pub count: u64,
    /// Mean of the first.
    pub mean_x: f64,
    /// Mean of the second.
    pub mean_y: f64,
    /// Sum of squared differences of the first from its mean.
    pub m2_x: f64,
    /// Sum of squared differences of the second from its mean.
    pub m2_y: f64,
    /// Sum of products of differences.
    pub c: f64,
}

/// What a query gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Rows of the answer.
    pub row_count: u64,
    /// The first value of the first row as a number, when there is one and it is one.
    pub number: Option<f64>,
    /// The first few rows as texts.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A value measured, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// A count.
    Count(u64),
    /// A number; `None` when no row is eligible.
    Number(Option<f64>),
    /// Rows that fail a rule.
    Failing(FailingRows),
    /// The newest point in time; `None` when no row has one.
    Newest(Option<DateTime<Utc>>),
    /// Moments.
    Moments(Moments),
    /// Second moments of pairs.
    Comoments(Comoments),
    /// Smallest and largest value; `None` when no row has one.
    Extremes(Option<(Scalar, Scalar)>),
    /// How often keys repeat.
    Groups(Groups),
    /// Combinations with how often each occurs, most frequent first, equal ones in the order of their
    /// texts. A null is `None`.
    Frequencies(Vec<(Vec<Option<String>>, u64)>),
    /// A distribution.
    Distribution(Distribution),
    /// A join of two datasets.
    Paired(Paired),
    /// Rows that nearly repeat another.
    Near(NearFound),
    /// Personal data.
    Personal(PersonalFound),
    /// The answer of a query.
    Answer(Answer),
    /// One measurement for each combination of values, in the order of their texts.
    Slices(Vec<Slice>),
    /// The measurement failed; a failed measurement is a value too, so that the others go on.
    Failed(Reason, String),
}

/// The measurement of one slice.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The value of each column of the slice; null is `None`.
    pub values: Vec<Option<String>>,
    /// What was measured.
    pub measured: Measured,
}

impl Measure {
    /// The columns of the measured table that are looked at; none for a measure of another table, and
    /// for the rows as a whole.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.add_columns(&mut found);
        found
    }

    fn add_columns<'a>(&'a self, found: &mut Vec<&'a str>) {
        let mut add = |name: &'a String| {
            if !found.contains(&name.as_str()) {
                found.push(name);
            }
        };
        match self {
            Self::RowCount | Self::ColumnCount | Self::Query(_) | Self::Elsewhere(..) => {}
            Self::NullCount(column)
            | Self::Newest(column)
            | Self::Distribution(column)
            | Self::Personal(column) => add(column),
            Self::Count(condition) => condition.add_columns(found),
            Self::Failing(rule) => {
                rule.fails.add_columns(found);
                rule.eligible.add_columns(found);
            }
            Self::Moments(value) | Self::Quantile(value, ..) | Self::Extremes(value) => {
                value.add_columns(found);
            }
            Self::Groups(grouping) => grouping.key.iter().for_each(|part| part.add_columns(found)),
            Self::Frequencies { values, .. } => {
                values.iter().for_each(|part| part.add_columns(found));
            }
            Self::Ordered(order) => {
                order.within.iter().for_each(&mut add);
                order.value.add_columns(found);
                if let Some(sorted_by) = &order.sorted_by {
                    sorted_by.add_columns(found);
                }
                if let OrderRule::RangesApart { end, .. } | OrderRule::RangesMeet { end } =
                    &order.rule
                {
                    end.add_columns(found);
                }
            }
            Self::Lookup(lookup) => lookup.key.iter().for_each(|part| part.add_columns(found)),
            Self::Dependency(dependency) => {
                dependency
                    .key
                    .iter()
                    .for_each(|part| part.add_columns(found));
                dependency.value.add_columns(found);
            }
            Self::Paired(pairing) => {
                pairing.key.iter().for_each(|part| part.add_columns(found));
                pairing.here.add_columns(found);
            }
            Self::Near(near) => {
                let numbers = near.numbers.iter().map(|(value, _)| value);
                let values = near.texts.iter().chain(numbers).chain(&near.equal);
                values.for_each(|value| value.add_columns(found));
            }
            Self::Comoments(x, y) => {
                x.add_columns(found);
                y.add_columns(found);
            }
            Self::Where(condition, measure) => {
                condition.add_columns(found);
                measure.add_columns(found);
            }
            Self::By(columns, measure) => {
                columns.iter().for_each(&mut add);
                measure.add_columns(found);
            }
        }
    }
}

impl Moments {
    /// Variance with `n - ddof` in the denominator; `None` with too few values.
    #[must_use]
    pub fn variance(&self, ddof: u8) -> Option<f64> {
        let ddof = u64::from(ddof);
        (ddof < self.count).then(|| self.m2 / (self.count - ddof) as f64)
    }

    /// Skewness, `m3 / m2^1.5` without correction for bias, as `scipy.stats.skew`; `None` without values
    /// or when all are equal.
    #[must_use]
    pub fn skewness(&self) -> Option<f64> {
        let n = self.count as f64;
        (0.0 < self.m2).then(|| (self.m3 / n) / (self.m2 / n).powf(1.5))
    }

    /// Excess kurtosis, `m4 / m2² - 3` without correction for bias, as `scipy.stats.kurtosis`; `None`
    /// without values or when all are equal.
    #[must_use]
    pub fn kurtosis(&self) -> Option<f64> {
        let n = self.count as f64;
        (0.0 < self.m2).then(|| (self.m4 / n) / (self.m2 / n).powi(2) - 3.0)
    }
}

impl Comoments {
    /// Pearson's correlation; `None` when either is constant.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let scale = (self.m2_x * self.m2_y).sqrt();
        (0.0 < scale).then(|| (self.c / scale).clamp(-1.0, 1.0))
    }
}
