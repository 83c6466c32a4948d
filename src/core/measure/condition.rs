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

use super::{LogicalType, Scalar};

/// A value of one row. Null as soon as one of its inputs is, but for [`Value::Coalesce`].
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

/// A regular expression and how it is applied.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// The expression, in the syntax of the `regex` crate; with look-around or back-references it is run
    /// by `fancy-regex`.
    pub expression: String,
    /// Where a match must lie.
    pub anchor: Anchor,
}

/// Where a match must lie in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// Anywhere, as `re.search`.
    #[default]
    Anywhere,
    /// At the start, as `re.match`.
    Start,
    /// From the start to the end, as `re.fullmatch`.
    Whole,
}

/// The form of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    /// An e-mail address, as the HTML standard has it.
    Email,
    /// A UUID: 8-4-4-4-12 hexadecimal digits in any case.
    Uuid,
    /// An absolute URI with a scheme (RFC 3986).
    Uri,
    /// A host name (RFC 1123).
    Hostname,
    /// An IPv4 address in dotted decimal.
    Ipv4,
    /// An IPv6 address (RFC 4291).
    Ipv6,
    /// A JSON text (RFC 8259).
    Json,
    /// A JSON text that a JSON Schema accepts; the schema has been found to be one.
    JsonSchema(serde_json::Value),
    /// A date or time in this `strftime` form, the whole text.
    Strftime(String),
    /// A date or time in any of the common written forms (ISO 8601, RFC 2822, `1 Jan 2026`, `01/02/2026`).
    DateOrTime,
    /// A number of a payment card: 12 to 19 digits, spaces and hyphens between them, that pass Luhn's
    /// test.
    PaymentCard,
    /// Letters of one case only: lower.
    LowerCase,
    /// Letters of one case only: upper.
    UpperCase,
    /// ASCII only.
    Ascii,
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

impl Pattern {
    /// A pattern that may match anywhere.
    #[must_use]
    pub fn search(expression: impl Into<String>) -> Self {
        Self {
            expression: expression.into(),
            anchor: Anchor::Anywhere,
        }
    }

    /// SQL's `LIKE`: `%` is any text, `_` any character, and the whole text must match. A backslash
    /// takes the next character as it is.
    #[must_use]
    pub fn like(pattern: &str) -> Self {
        let mut expression = String::from("(?s)");
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            match character {
                '%' => expression.push_str(".*"),
                '_' => expression.push('.'),
                '\\' => {
                    let taken = characters.next().unwrap_or('\\');
                    expression.push_str(&regex::escape(taken.encode_utf8(&mut [0; 4])));
                }
                other => expression.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
            }
        }
        Self {
            expression,
            anchor: Anchor::Whole,
        }
    }

    /// The expression with its anchors written out.
    #[must_use]
    pub fn anchored(&self) -> String {
        match self.anchor {
            Anchor::Anywhere => self.expression.clone(),
            Anchor::Start => format!(r"\A(?:{})", self.expression),
            Anchor::Whole => format!(r"\A(?:{})\z", self.expression),
        }
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

fn list<T: fmt::Display>(
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

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Email => "an e-mail address",
            Self::Uuid => "a UUID",
            Self::Uri => "a URI",
            Self::Hostname => "a host name",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Json => "JSON",
            Self::JsonSchema(_) => "JSON the schema accepts",
            Self::Strftime(form) => return write!(formatter, "a time written as `{form}`"),
            Self::DateOrTime => "a date or time",
            Self::PaymentCard => "the number of a payment card",
            Self::LowerCase => "in lower case",
            Self::UpperCase => "in upper case",
            Self::Ascii => "ASCII",
        })
    }
}
