//! What a table is made of: types, columns, values of a contract.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decimal, keeps};

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
    /// A whole number.
    Integer(i64),
    /// A whole number beyond `i64::MAX`; smaller ones are [`Scalar::Integer`].
    Unsigned(u64),
    /// A finite number.
    Number(f64),
    /// A decimal that no finite number spells; others are [`Scalar::Number`].
    Decimal(Decimal),
    /// A text.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A date or timestamp, dates as midnight UTC.
    Instant(DateTime<Utc>),
}

impl Scalar {
    /// A scalar of a JSON or YAML document; `None` for null, lists, mappings and numbers that are not
    /// finite. Texts stay texts.
    #[must_use]
    pub fn from_json(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(whole) => Some(Self::Integer(whole)),
                None => match number.as_u64() {
                    Some(large) => Some(Self::Unsigned(large)),
                    None => number
                        .as_f64()
                        .filter(|number| number.is_finite())
                        .map(Self::Number),
                },
            },
            serde_json::Value::String(text) => Some(Self::Text(text.clone())),
            serde_json::Value::Bool(value) => Some(Self::Boolean(*value)),
            serde_json::Value::Null
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => None,
        }
    }
}

impl Scalar {
    /// The scalar as a number: numbers as they are, instants in seconds since 1970; `None` for texts and
    /// booleans.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Unsigned(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            Self::Decimal(value) => Some(value.number()),
            Self::Instant(instant) => {
                Some(instant.timestamp() as f64 + f64::from(instant.timestamp_subsec_nanos()) / 1e9)
            }
            Self::Text(_) | Self::Boolean(_) => None,
        }
    }

    /// The number a text spells, without loss; `None` for other texts, and for numbers of more digits than
    /// are kept. `inf` and `nan` are numbers.
    #[must_use]
    pub fn parse_number(text: &str) -> Option<Self> {
        if let Some(decimal) = Decimal::parse(text) {
            return Some(decimal.into());
        }
        let number: f64 = text.parse().ok()?;
        (!number.is_finite() || keeps(number, text)).then_some(Self::Number(number))
    }

    /// A number without loss, one of floating point as the decimal it is written as; `None` for what is none,
    /// and for numbers that need more digits than a decimal has.
    #[must_use]
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Integer(value) => Decimal::new(i128::from(*value), 0),
            Self::Unsigned(value) => Decimal::new(i128::from(*value), 0),
            Self::Number(value) => Decimal::of_number(*value),
            Self::Decimal(value) => Some(*value),
            Self::Text(_) | Self::Boolean(_) | Self::Instant(_) => None,
        }
    }
}

impl From<Decimal> for Scalar {
    fn from(decimal: Decimal) -> Self {
        let number = decimal.number();
        match Decimal::of_number(number) == Some(decimal) {
            true => Self::Number(number),
            false => Self::Decimal(decimal),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(formatter, "{value}"),
            Self::Unsigned(value) => write!(formatter, "{value}"),
            Self::Number(value) => write!(formatter, "{value}"),
            Self::Decimal(value) => write!(formatter, "{value}"),
            Self::Text(text) => formatter.write_str(text),
            Self::Boolean(value) => write!(formatter, "{value}"),
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

/// Reads an ISO 8601 date or timestamp; without an offset it is UTC.
#[must_use]
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&Utc));
    }
    let naive = text
        .parse::<NaiveDateTime>()
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"));
    naive.ok().map(|naive| naive.and_utc())
}
