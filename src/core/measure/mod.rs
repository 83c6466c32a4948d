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
mod decimal;
mod dependency;
mod distribution;
mod exact_sum;
pub mod function;
mod measured;
mod near;
mod pairing;
mod parts;
mod pattern;
mod personal;
mod reading;
mod shown;
mod sketch;
pub mod sql;
mod table;
mod value;
mod vectors;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use condition::{Comparison, Condition};
pub use decimal::{Decimal, Place, keeps, nearest, place};
pub use dependency::{Dependency, DependencyState};
pub use distribution::{
    CategoricalDistribution, Distribution, MalformedDistribution, NumericDistribution,
};
pub use exact_sum::{ExactSum, SumDigits};
pub use measured::{Answer, Comoments, Groups, Measured, Moments, Slice};
pub use near::{
    CANDIDATES_MAX, Near, NearFound, NearIndex, NearRow, Nearest, ShingleUnit, Shingles, Shingling,
    Signature,
};
pub use pairing::{Closeness, Paired, Pairing};
pub use parts::{Part, PartMut};
pub use pattern::{Anchor, Format, Pattern};
pub use personal::{
    Certainty, Detection, LIKELY_SHARE_MIN_DEFAULT, PersonalFound, PersonalKind, TEXT_BYTES_MAX,
    detect as detect_personal, is_key, is_personal_name, may_be_personal, words_of_name,
};
pub use reading::{Ascii, CsvOptions, InputFormat, Reading};
pub use shown::Shown;
pub use sketch::{CategoricalBuilder, DISTINCT_MAX_DEFAULT, NumericBuilder};
pub use table::{ColumnFacts, Limit, LogicalType, Range, Scalar, TableFacts, instant};
pub use value::{Operator, Statistic, Value};
pub use vectors::{DIMENSION_MAX, Lengths, SAMPLE_MAX, VectorRow, VectorSketch, Vectors, priority};

/// One thing to measure on a table.
///
/// To add one: a variant here and, if its value is of a new kind, in [`Measured`]; what it looks at, in
/// [`Measure::parts`] and [`Measure::parts_mut`]; what is kept of the rows, in an accumulator of the local
/// engine (`engines/local/accumulate`); how an engine that runs SQL is asked, or that it is not
/// (`engines/sql/question.rs`); and whether a Parquet file answers without its rows
/// (`engines/local/parquet_shortcuts.rs`). The compiler asks for each of these. If it looks into another
/// table, `engines/local/related` has to load what of it is needed.
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
    /// Two numbers between which the quantile surely lies, however it is interpolated, kept in little
    /// memory: they are apart by at most 1/256 of the value where neighbouring values are.
    /// [`Measured::Between`], or [`Measured::Number`] of an engine that finds it exactly.
    ApproximateQuantile(Value, f64),
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
    /// The vectors of a column of lists of numbers, or those that numbers of several columns make up.
    /// [`Measured::Vectors`].
    Vectors(Vec<String>),
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
