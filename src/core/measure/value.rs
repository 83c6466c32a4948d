//! Values of one row: columns, constants and what is calculated from them.

use std::fmt;

use super::function::Function;
use super::{Condition, Scalar};

/// A value of one row. Null as soon as one of its inputs is, but for [`Value::Coalesce`] and functions that
/// skip nulls.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A column, read as the type the contract gives it; what cannot be read as that is null.
    Column(String),
    /// A column as it stands in the file.
    Raw(String),
    /// The whole row as the text of a JSON object: one member for each column, nulls included, times as
    /// ISO 8601. Never null.
    Row,
    /// A constant.
    Literal(Scalar),
    /// The constant null.
    Null,
    /// The length of a text in Unicode scalar values.
    Length(Box<Value>),
    /// A text in lower case (Unicode, as Rust's `to_lowercase`).
    Lower(Box<Value>),
    /// A text in upper case.
    Upper(Box<Value>),
    /// A text without the white space around it.
    Trim(Box<Value>),
    /// The value as text: numbers in their shortest form that reads back, dates and times as ISO 8601.
    Text(Box<Value>),
    /// The value as number: numbers as they are, texts that spell one, booleans as 1 and 0; else null.
    Number(Box<Value>),
    /// The absolute value of a number.
    Absolute(Box<Value>),
    /// Arithmetic on numbers; on two instants or an instant and a number, in seconds. Whole numbers stay
    /// whole in `+`, `-`, `*` and `%` unless they overflow, which makes them floating-point; `/` is
    /// always floating-point, and division by zero is null.
    Arithmetic(Box<Value>, Operator, Box<Value>),
    /// The first of these that is not null.
    Coalesce(Vec<Value>),
    /// 1 where the condition is true, 0 where it is false, null where it is null. Makes sums of
    /// conditions.
    Indicator(Box<Condition>),
    /// The first value where the condition is true, the second where it is false or null.
    If(Box<Condition>, Box<Value>, Box<Value>),
    /// A function of the expression language. Where it has no value (a number too large, a text that spells
    /// nothing) what needs the row is not evaluated.
    Call(&'static Function, Vec<Value>),
    /// A statistic of a value over all rows measured; the engine finds it in a pass of its own first.
    Statistic(Statistic, Box<Value>),
}

/// A statistic that can stand in a [`Value`]. Nulls do not count; null when there are too few values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// Arithmetic mean.
    Mean,
    /// Standard deviation with `n - ddof` in the denominator.
    StandardDeviation {
        /// Delta degrees of freedom: 1 for a sample, 0 for a population.
        ddof: u8,
    },
    /// Quantile, linearly interpolated; the fraction is in [0, 1].
    Quantile(f64),
    /// Smallest value.
    Minimum,
    /// Largest value.
    Maximum,
}

/// An operator of arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`, with the sign of the dividend.
    Remainder,
}

impl Value {
    /// A column read as its contract says.
    #[must_use]
    pub fn column(name: impl Into<String>) -> Self {
        Self::Column(name.into())
    }

    /// A constant number.
    #[must_use]
    pub fn number(value: f64) -> Self {
        Self::Literal(Scalar::Number(value))
    }

    /// A constant text.
    #[must_use]
    pub fn text(value: impl Into<String>) -> Self {
        Self::Literal(Scalar::Text(value.into()))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(name) | Self::Raw(name) => write!(formatter, "`{name}`"),
            Self::Literal(Scalar::Text(text)) => write!(formatter, "'{text}'"),
            Self::Literal(scalar) => write!(formatter, "{scalar}"),
            Self::Null => formatter.write_str("null"),
            Self::Row => formatter.write_str("the row"),
            Self::Length(value) => write!(formatter, "length of {value}"),
            Self::Lower(value) => write!(formatter, "lower case of {value}"),
            Self::Upper(value) => write!(formatter, "upper case of {value}"),
            Self::Trim(value) | Self::Text(value) | Self::Number(value) => value.fmt(formatter),
            Self::Absolute(value) => write!(formatter, "|{value}|"),
            Self::Arithmetic(left, operator, right) => {
                write!(formatter, "({left} {} {right})", operator.as_str())
            }
            Self::Coalesce(values) => list(formatter, values, " or else "),
            Self::Indicator(condition) => write!(formatter, "[{condition}]"),
            Self::If(condition, then, otherwise) => {
                write!(formatter, "({then} if {condition}, else {otherwise})")
            }
            Self::Call(function, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(Self::to_string).collect();
                formatter.write_str(&function.call(&arguments))
            }
            Self::Statistic(statistic, value) => write!(formatter, "{statistic} of {value}"),
        }
    }
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => formatter.write_str("mean"),
            Self::StandardDeviation { .. } => formatter.write_str("standard deviation"),
            Self::Quantile(fraction) => write!(formatter, "{fraction} quantile"),
            Self::Minimum => formatter.write_str("minimum"),
            Self::Maximum => formatter.write_str("maximum"),
        }
    }
}

/// Writes the first few items.
pub(super) fn list<T: fmt::Display>(
    formatter: &mut fmt::Formatter<'_>,
    items: &[T],
    between: &str,
) -> fmt::Result {
    /// Items written before the rest is left out.
    const ITEMS_MAX: usize = 8;
    for (index, item) in items.iter().take(ITEMS_MAX).enumerate() {
        if 0 < index {
            formatter.write_str(between)?;
        }
        write!(formatter, "{item}")?;
    }
    if ITEMS_MAX < items.len() {
        formatter.write_str(" …")?;
    }
    Ok(())
}
