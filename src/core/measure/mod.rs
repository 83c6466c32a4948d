//! What can be measured on a table, and the values measured. No engine: an engine turns a list of
//! [`Measure`]s into as many [`Measured`]s, in as few passes over the data as it can.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{FailingRows, Reason};

/// One thing to measure on a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// How many rows the column is null in. [`Measured::Count`].
    NullCount(String),
    /// The rows that fail a predicate. [`Measured::Failing`].
    Failing(RowPredicate),
    /// Arithmetic mean of the values that are not null. [`Measured::Number`].
    Mean(String),
    /// Quantile of the values that are not null, linearly interpolated (type 7, as numpy's default).
    /// The fraction is in [0, 1]. [`Measured::Number`].
    Quantile(String, f64),
    /// Newest date or timestamp, dates as midnight UTC. [`Measured::Newest`].
    Newest(String),
    /// All values, for a comparison of distributions. [`Measured::Distribution`].
    Distribution(String),
}

/// A condition on rows; the rows for which it is true are the failing ones. Null values are never
/// failing, but where a variant says so.
#[derive(Clone, Debug, PartialEq)]
pub enum RowPredicate {
    /// The value cannot be read as the type the contract demands.
    NotOfType(String, LogicalType),
    /// The value, as text, is not one of these.
    NotIn(String, Vec<String>),
    /// The value lies outside the range. NaN does.
    OutOfRange(String, Range),
    /// The text does not contain a match of the regular expression.
    NotMatching(String, String),
    /// The length of the text, in Unicode scalar values, is outside the range.
    LengthOutside(String, Option<u64>, Option<u64>),
    /// The value is missing: null or, as text, one of these.
    Missing(String, Vec<String>),
    /// The row repeats an earlier row in these columns; all columns when empty. Rows with a null in
    /// them are not eligible when `nulls_count` is false.
    Repeated {
        /// The columns compared.
        columns: Vec<String>,
        /// Whether null equals null.
        nulls_count: bool,
    },
}

impl RowPredicate {
    /// The columns looked at.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match self {
            Self::NotOfType(column, _)
            | Self::NotIn(column, _)
            | Self::OutOfRange(column, _)
            | Self::NotMatching(column, _)
            | Self::LengthOutside(column, ..)
            | Self::Missing(column, _) => std::slice::from_ref(column),
            Self::Repeated { columns, .. } => columns,
        }
    }
}

impl Measure {
    /// The columns looked at.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        match self {
            Self::NullCount(column)
            | Self::Mean(column)
            | Self::Quantile(column, _)
            | Self::Newest(column)
            | Self::Distribution(column) => std::slice::from_ref(column),
            Self::Failing(predicate) => predicate.columns(),
        }
    }
}

/// A range of values; an absent end is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Range {
    /// Lower end.
    pub minimum: Option<Limit>,
    /// Upper end.
    pub maximum: Option<Limit>,
}

/// One end of a [`Range`].
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The value.
    pub value: Scalar,
    /// Whether the value itself is outside.
    pub exclusive: bool,
}

/// A value of a contract.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A finite number.
    Number(f64),
    /// A date or timestamp.
    Instant(DateTime<Utc>),
}

impl fmt::Display for Scalar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(formatter, "{value}"),
            Self::Instant(instant) if instant.time() == chrono::NaiveTime::MIN => {
                write!(formatter, "{}", instant.format("%Y-%m-%d"))
            }
            Self::Instant(instant) => write!(formatter, "{}", instant.format("%Y-%m-%dT%H:%M:%SZ")),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |formatter: &mut fmt::Formatter<'_>, limit: &Limit, inclusive, exclusive| {
            let word = if limit.exclusive {
                exclusive
            } else {
                inclusive
            };
            write!(formatter, "{word} {}", limit.value)
        };
        if let Some(minimum) = &self.minimum {
            end(formatter, minimum, "at least", "more than")?;
            if self.maximum.is_some() {
                formatter.write_str(" and ")?;
            }
        }
        match &self.maximum {
            Some(maximum) => end(formatter, maximum, "at most", "less than"),
            None => Ok(()),
        }
    }
}

/// The type of a column, as the Open Data Contract Standard names it (`logicalType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogicalType {
    /// Text.
    String,
    /// A calendar day.
    Date,
    /// A point in time.
    Timestamp,
    /// A time of day.
    Time,
    /// A number with a fraction.
    Number,
    /// A whole number.
    Integer,
    /// A nested record.
    Object,
    /// A list.
    Array,
    /// True or false.
    Boolean,
}

impl LogicalType {
    /// The name in a contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Time => "time",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Object => "object",
            Self::Array => "array",
            Self::Boolean => "boolean",
        }
    }
}

/// What is known of a table without looking at its values.
#[derive(Clone, Debug, PartialEq)]
pub struct TableFacts {
    /// Number of rows.
    pub row_count: u64,
    /// The columns in file order.
    pub columns: Vec<ColumnFacts>,
    /// Whether the file says what type its columns have: Parquet does; CSV and JSON Lines do not.
    pub typed: bool,
}

/// What is known of a column without looking at its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnFacts {
    /// Name.
    pub name: String,
    /// Type in the file; absent for types no contract can name.
    pub logical_type: Option<LogicalType>,
    /// The type as the engine calls it, for messages.
    pub physical_type: String,
}

impl TableFacts {
    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnFacts> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A value measured, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// A count.
    Count(u64),
    /// A number; `None` when no row is eligible.
    Number(Option<f64>),
    /// Rows that fail a predicate.
    Failing(FailingRows),
    /// The newest point in time; `None` when no row has one.
    Newest(Option<DateTime<Utc>>),
    /// All values.
    Distribution(Distribution),
    /// The measurement failed; a failed measurement is a value too, so that the others go on.
    Failed(Reason, String),
}

/// All values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Values that are not null, in no particular order, and the number of nulls.
    Numeric(Vec<f64>, u64),
    /// How often each text occurs, and the number of nulls.
    Categorical(BTreeMap<String, u64>, u64),
}
