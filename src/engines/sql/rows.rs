//! What comes back from a statement: few rows of few kinds of values.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::io::remote::RemoteError;
use crate::measure::{LogicalType, Scalar};

/// What a column or an expression holds, as far as rules tell values apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 64-bit integers and smaller ones.
    Whole,
    /// Floating-point numbers and decimals, both taken as 64-bit floating-point.
    Number,
    /// Texts.
    Text,
    /// True or false.
    Boolean,
    /// Calendar days.
    Date,
    /// Points in time, with microseconds.
    Instant,
    /// The constant null.
    Null,
    /// Lists.
    List,
    /// Records and maps.
    Record,
    /// Anything no rule speaks of: bytes, intervals.
    Other,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its type as the engine calls it.
    pub physical_type: String,
}

/// A value of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Null.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Whole(i64),
    /// A floating-point number or a decimal.
    Number(f64),
    /// A text.
    Text(String),
    /// A day, as midnight, or a point in time.
    Instant(DateTime<Utc>),
    /// A value that is not read.
    Unread,
}

/// A result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The columns.
    pub fields: Vec<Field>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// Why a statement has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryError {
    /// The engine does not take this statement, or it failed on the data; others may succeed.
    Rejected(String),
    /// There is no talking to the engine.
    Remote(RemoteError),
}

/// Something that runs statements that only read.
pub trait Engine {
    /// Runs a statement and gives its whole result.
    ///
    /// # Errors
    /// When there is no result, or it is too large.
    fn query(&self, statement: &str) -> Result<Rows, QueryError>;
}

impl Kind {
    /// The type in a contract.
    #[must_use]
    pub fn logical_type(self) -> Option<LogicalType> {
        match self {
            Self::Whole => Some(LogicalType::Integer),
            Self::Number => Some(LogicalType::Number),
            Self::Text => Some(LogicalType::String),
            Self::Boolean => Some(LogicalType::Boolean),
            Self::Date => Some(LogicalType::Date),
            Self::Instant => Some(LogicalType::Timestamp),
            Self::List => Some(LogicalType::Array),
            Self::Record => Some(LogicalType::Object),
            Self::Null | Self::Other => None,
        }
    }

    /// Whether its values stand as they are where a contract gives a column this type.
    #[must_use]
    pub fn fits(self, wanted: LogicalType) -> bool {
        match wanted {
            LogicalType::String | LogicalType::Object | LogicalType::Array => true,
            LogicalType::Number => self.is_number(),
            LogicalType::Date | LogicalType::Timestamp => self.is_time(),
            LogicalType::Integer | LogicalType::Boolean | LogicalType::Time => {
                self.logical_type() == Some(wanted)
            }
        }
    }

    /// As messages call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Whole => "whole numbers",
            Self::Number => "numbers",
            Self::Text => "text",
            Self::Boolean => "booleans",
            Self::Date => "dates",
            Self::Instant => "points in time",
            Self::Null => "nulls",
            Self::List => "lists",
            Self::Record => "records",
            Self::Other => "values no rule can speak of",
        }
    }

    /// Whether it is a number.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Number)
    }

    /// Whether it is a day or a point in time.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::Instant)
    }
}

impl Cell {
    /// A count; absent for anything else.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Whole(count) => u64::try_from(*count).ok(),
            // Sums of counts are decimals on some engines.
            Self::Number(count) if count.fract() == 0.0 && (0.0..9.0e15).contains(count) => {
                Some(*count as u64)
            }
            // A sum over no rows is null.
            Self::Null => Some(0),
            Self::Number(_)
            | Self::Boolean(_)
            | Self::Text(_)
            | Self::Instant(_)
            | Self::Unread => None,
        }
    }

    /// A number; absent for anything else.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(whole) => Some(*whole as f64),
            Self::Number(number) => Some(*number),
            Self::Null | Self::Boolean(_) | Self::Text(_) | Self::Instant(_) | Self::Unread => None,
        }
    }

    /// The value as a contract writes it; absent for null and what is not read or not finite.
    #[must_use]
    pub fn scalar(&self) -> Option<Scalar> {
        match self {
            Self::Boolean(value) => Some(Scalar::Boolean(*value)),
            Self::Whole(value) => Some(Scalar::Integer(*value)),
            Self::Number(value) => Some(Scalar::Number(*value)),
            Self::Text(text) => Some(Scalar::Text(text.clone())),
            Self::Instant(instant) => Some(Scalar::Instant(*instant)),
            Self::Null | Self::Unread => None,
        }
    }

    /// The value as text, as [`crate::measure::Value::Text`] has it: numbers in their shortest form,
    /// dates and times as ISO 8601. Null is `None`.
    #[must_use]
    pub fn text(&self, kind: Kind) -> Option<String> {
        match self {
            Self::Null | Self::Unread => None,
            Self::Boolean(value) => Some(value.to_string()),
            Self::Whole(value) => Some(value.to_string()),
            Self::Number(value) => Some(value.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Instant(instant) if kind == Kind::Date => {
                Some(instant.format("%Y-%m-%d").to_string())
            }
            Self::Instant(instant) => Some(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        }
    }
}
