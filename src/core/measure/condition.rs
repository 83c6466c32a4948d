//! Conditions on rows: what a rule demands of each row, which rows a rule speaks of, which rows a slice
//! holds. A condition is data: the local engine evaluates it over columns, a distributed engine gets it
//! as SQL, and both mean the same.
//!
//! Logic is three-valued, as in SQL (Kleene): a comparison with null is null, `not null` is null, `false
//! and null` is false, `true or null` is true. A row *fails* or *is selected* only where the condition
//! is true. Floating-point numbers follow IEEE 754: a comparison with NaN is false, but for `!=`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::list;
use super::{Format, LogicalType, Pattern, Scalar, Value};

/// How two values are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `=`
    #[default]
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A condition on one row: true, false or null.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The same for every row.
    Constant(bool),
    /// Compares two values: numbers with numbers exactly (also 64-bit integers with floating-point),
    /// texts by Unicode scalar value, instants with instants. A text beside a number, date or boolean is
    /// read as that; what cannot be read makes the comparison null.
    Compare(Value, Comparison, Value),
    /// The value is null. Never null itself.
    IsNull(Value),
    /// The number is NaN. Null for null, false for what is no floating-point number.
    IsNan(Value),
    /// The value equals one of these, as [`Comparison::Equal`] has it. Null for null.
    In(Value, Vec<Scalar>),
    /// The text matches the pattern. Null for null.
    Matches(Value, Pattern),
    /// The column, as it stands in the file, can be read as the type. Null for null.
    ReadsAs(String, LogicalType),
    /// The text, or the value as text, has the form; a list or record is its JSON text. Null for null.
    HasFormat(Value, Format),
    /// All of these; true when there are none.
    All(Vec<Condition>),
    /// At least one of these; false when there are none.
    Any(Vec<Condition>),
    /// The opposite; null stays null.
    Not(Box<Condition>),
}

impl Condition {
    /// `column` is not null, read as its contract says.
    #[must_use]
    pub fn present(column: impl Into<String>) -> Self {
        Self::IsNull(Value::column(column)).negated()
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            Self::Constant(value) => Self::Constant(!value),
            other => Self::Not(Box::new(other)),
        }
    }

    /// True where this is true, false where it is false or null; never null itself.
    #[must_use]
    pub fn is_true(self) -> Self {
        let zero = || Value::Literal(Scalar::Integer(0));
        Self::Compare(
            Value::Coalesce(vec![Value::Indicator(Box::new(self)), zero()]),
            Comparison::NotEqual,
            zero(),
        )
    }

    /// True where this is null, false elsewhere; never null itself.
    #[must_use]
    pub fn is_null(self) -> Self {
        Self::IsNull(Value::Indicator(Box::new(self)))
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Constant(true), other) | (other, Self::Constant(true)) => other,
            (Self::All(mut all), other) => {
                all.push(other);
                Self::All(all)
            }
            (one, other) => Self::All(vec![one, other]),
        }
    }
}

impl Comparison {
    /// As it is written in a condition.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// The comparison that is true exactly when this one is, with its sides exchanged.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Equal => Self::Equal,
            Self::NotEqual => Self::NotEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(formatter, "{value}"),
            Self::Compare(left, comparison, right) => {
                write!(formatter, "{left} {} {right}", comparison.as_str())
            }
            Self::IsNull(value) => write!(formatter, "{value} is null"),
            Self::IsNan(value) => write!(formatter, "{value} is NaN"),
            Self::In(value, scalars) => {
                write!(formatter, "{value} in (")?;
                list(formatter, scalars, ", ")?;
                formatter.write_str(")")
            }
            Self::Matches(value, pattern) => {
                write!(formatter, "{value} matches `{}`", pattern.expression)
            }
            Self::ReadsAs(column, kind) => {
                write!(formatter, "`{column}` reads as {}", kind.as_str())
            }
            Self::HasFormat(value, format) => write!(formatter, "{value} is {format}"),
            Self::All(all) => nested(formatter, all, " and "),
            Self::Any(any) => nested(formatter, any, " or "),
            Self::Not(inner) => match inner.as_ref() {
                Self::IsNull(value) => write!(formatter, "{value} is not null"),
                inner => write!(formatter, "not ({inner})"),
            },
        }
    }
}

fn nested(
    formatter: &mut fmt::Formatter<'_>,
    conditions: &[Condition],
    between: &str,
) -> fmt::Result {
    for (index, condition) in conditions.iter().enumerate() {
        if 0 < index {
            formatter.write_str(between)?;
        }
        match condition {
            Condition::All(_) | Condition::Any(_) => write!(formatter, "({condition})")?,
            _ => write!(formatter, "{condition}")?,
        }
    }
    Ok(())
}
