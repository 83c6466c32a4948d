//! Measured quantities, the bounds they are held against, and the one function that decides.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::outcome::{Outcome, Reason};

/// A measured number with its unit, the size of the sample it came from and its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// The number. NaN and infinities are written as the strings `NaN`, `Infinity`, `-Infinity`.
    #[serde(
        serialize_with = "serialize_number",
        deserialize_with = "deserialize_number"
    )]
    #[schemars(schema_with = "number_schema")]
    pub value: f64,
    /// The unit of `value`.
    pub unit: Unit,
    /// How many rows `value` was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_count: Option<u64>,
    /// A confidence interval around `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// A confidence interval, in the unit of the quantity it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    #[serde(
        serialize_with = "serialize_number",
        deserialize_with = "deserialize_number"
    )]
    #[schemars(schema_with = "number_schema")]
    pub lower: f64,
    /// Upper end.
    #[serde(
        serialize_with = "serialize_number",
        deserialize_with = "deserialize_number"
    )]
    #[schemars(schema_with = "number_schema")]
    pub upper: f64,
    /// Two-sided coverage, a fraction in (0, 1]: 0.95 for a 95 % interval, 1 where the ends are certain.
    #[serde(
        serialize_with = "serialize_number",
        deserialize_with = "deserialize_number"
    )]
    #[schemars(schema_with = "number_schema")]
    pub level: f64,
}

/// The unit of a [`Quantity`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A pure number: a score, a statistic, a value of a column.
    #[default]
    Number,
    /// A fraction in [0, 1].
    Fraction,
    /// A count of rows.
    Rows,
    /// A count of files.
    Files,
    /// A count of anything else.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Days of 86,400 seconds.
    Days,
    /// Unicode scalar values.
    Characters,
}

impl Quantity {
    /// A quantity without sample size or interval.
    #[must_use]
    pub fn new(value: f64, unit: Unit) -> Self {
        Self {
            value,
            unit,
            sample_count: None,
            interval: None,
        }
    }

    /// A count of rows. Counts above 2^53 lose their last digits.
    #[must_use]
    pub fn rows(count: u64) -> Self {
        Self::new(count as f64, Unit::Rows)
    }

    /// The same quantity, computed from `sample_count` rows.
    #[must_use]
    pub fn of(self, sample_count: u64) -> Self {
        Self {
            sample_count: Some(sample_count),
            ..self
        }
    }

    /// The same quantity with an interval.
    #[must_use]
    pub fn within(self, lower: f64, upper: f64, level: f64) -> Self {
        Self {
            interval: Some(Interval {
                lower,
                upper,
                level,
            }),
            ..self
        }
    }
}

/// What is required of a quantity. Ends are inclusive unless the name says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// value ≥ threshold
    AtLeast(f64),
    /// value ≤ threshold
    AtMost(f64),
    /// value > threshold
    MoreThan(f64),
    /// value < threshold
    LessThan(f64),
    /// value = threshold
    Exactly(f64),
    /// value ≠ threshold
    Not(f64),
    /// lower ≤ value ≤ upper
    Between(f64, f64),
    /// value < lower or upper < value
    Outside(f64, f64),
}

impl Bound {
    /// Decides whether `quantity` satisfies this bound. The only place in the program that does.
    ///
    /// A value, a threshold or a sample that says nothing (NaN, an infinity, no rows) is
    /// [`Outcome::NotEvaluated`].
    #[must_use]
    pub fn judge(self, quantity: &Quantity) -> Outcome {
        if !self.decidable(quantity, quantity.value) {
            return Outcome::NotEvaluated(Reason::Undefined);
        }
        if self.holds(quantity.value) {
            Outcome::Met
        } else {
            Outcome::NotMet
        }
    }

    /// Decides on the whole interval instead of the point: met when every value of it satisfies the
    /// bound, not met when none does, otherwise too few rows to decide.
    ///
    /// With [`Bound::AtLeast`] of minus the margin, on the difference candidate − champion, this is
    /// the test of non-inferiority.
    #[must_use]
    pub fn judge_interval(self, quantity: &Quantity) -> Outcome {
        let Some(interval) = quantity.interval else {
            return Outcome::NotEvaluated(Reason::Undefined);
        };
        let (lower, upper) = (interval.lower, interval.upper);
        if !(self.decidable(quantity, lower) && self.decidable(quantity, upper) && lower <= upper) {
            return Outcome::NotEvaluated(Reason::Undefined);
        }
        let (all, none) = match self {
            Self::AtLeast(threshold) => (threshold <= lower, upper < threshold),
            Self::AtMost(threshold) => (upper <= threshold, threshold < lower),
            Self::MoreThan(threshold) => (threshold < lower, upper <= threshold),
            Self::LessThan(threshold) => (upper < threshold, threshold <= lower),
            Self::Exactly(threshold) => (
                lower == threshold && upper == threshold,
                threshold < lower || upper < threshold,
            ),
            Self::Not(threshold) => (
                threshold < lower || upper < threshold,
                lower == threshold && upper == threshold,
            ),
            Self::Between(least, most) => (
                least <= lower && upper <= most,
                upper < least || most < lower,
            ),
            Self::Outside(least, most) => (
                upper < least || most < lower,
                least <= lower && upper <= most,
            ),
        };
        match (all, none) {
            (true, _) => Outcome::Met,
            (false, true) => Outcome::NotMet,
            (false, false) => Outcome::NotEvaluated(Reason::TooFewRows),
        }
    }

    fn decidable(self, quantity: &Quantity, value: f64) -> bool {
        let (first, second) = self.thresholds();
        value.is_finite()
            && first.is_finite()
            && second.is_none_or(f64::is_finite)
            && quantity.sample_count != Some(0)
    }

    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(threshold) => threshold <= value,
            Self::AtMost(threshold) => value <= threshold,
            Self::MoreThan(threshold) => threshold < value,
            Self::LessThan(threshold) => value < threshold,
            Self::Exactly(threshold) => value == threshold,
            Self::Not(threshold) => value != threshold,
            Self::Between(lower, upper) => lower <= value && value <= upper,
            Self::Outside(lower, upper) => value < lower || upper < value,
        }
    }

    /// `value` for people, with enough digits to be told from the thresholds: 0.71996 beside 0.72 is
    /// not "0.72".
    #[must_use]
    pub fn beside(self, value: f64) -> String {
        /// Digits of a double; beyond them two numbers that differ look different.
        const DIGITS_MAX: usize = 17;
        let (first, second) = self.thresholds();
        let mut text = number(value);
        for digits in 4..DIGITS_MAX {
            let shown: f64 = text.parse().unwrap_or(value);
            let looks_like = |threshold: f64| threshold != value && threshold == shown;
            if !looks_like(first) && !second.is_some_and(looks_like) {
                break;
            }
            text = format!("{value:.digits$}");
        }
        text
    }

    /// The threshold, and the upper one where there are two.
    #[must_use]
    pub fn thresholds(self) -> (f64, Option<f64>) {
        match self {
            Self::AtLeast(threshold)
            | Self::AtMost(threshold)
            | Self::MoreThan(threshold)
            | Self::LessThan(threshold)
            | Self::Exactly(threshold)
            | Self::Not(threshold) => (threshold, None),
            Self::Between(lower, upper) | Self::Outside(lower, upper) => (lower, Some(upper)),
        }
    }
}

/// Reads after "required ": "at most 0.01", "between 1 and 5".
impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(threshold) => write!(formatter, "at least {}", number(*threshold)),
            Self::AtMost(threshold) => write!(formatter, "at most {}", number(*threshold)),
            Self::MoreThan(threshold) => write!(formatter, "more than {}", number(*threshold)),
            Self::LessThan(threshold) => write!(formatter, "less than {}", number(*threshold)),
            Self::Exactly(threshold) => write!(formatter, "exactly {}", number(*threshold)),
            Self::Not(threshold) => write!(formatter, "other than {}", number(*threshold)),
            Self::Between(lower, upper) => {
                write!(
                    formatter,
                    "between {} and {}",
                    number(*lower),
                    number(*upper)
                )
            }
            Self::Outside(lower, upper) => {
                write!(
                    formatter,
                    "outside {} to {}",
                    number(*lower),
                    number(*upper)
                )
            }
        }
    }
}

/// Shows the value with the digits that matter: whole numbers in full, others to four significant
/// digits.
impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.unit == Unit::Days && self.value.abs() < 2.0 {
            return short_time(self.value * 24.0, formatter);
        }
        formatter.write_str(&number(self.value))?;
        match self.unit {
            Unit::Number | Unit::Fraction | Unit::Count => Ok(()),
            Unit::Rows => formatter.write_str(plural(self.value, " row", " rows")),
            Unit::Files => formatter.write_str(plural(self.value, " file", " files")),
            Unit::Bytes => formatter.write_str(plural(self.value, " byte", " bytes")),
            Unit::Seconds => formatter.write_str(" s"),
            Unit::Days => formatter.write_str(plural(self.value, " day", " days")),
            Unit::Characters => {
                formatter.write_str(plural(self.value, " character", " characters"))
            }
        }
    }
}

/// Less than two days, in whole hours or minutes.
fn short_time(hours: f64, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let minutes = (hours * 60.0).round();
    if minutes.abs() < 120.0 {
        let unit = plural(minutes.abs(), "minute", "minutes");
        write!(formatter, "{minutes:.0} {unit}")
    } else {
        write!(formatter, "{:.0} hours", hours.round())
    }
}

fn plural(value: f64, one: &'static str, many: &'static str) -> &'static str {
    if value == 1.0 { one } else { many }
}

/// A number for people: whole numbers in full, others to four significant digits, tiny and huge
/// ones in scientific notation.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".to_owned()
        } else if value > 0.0 {
            "infinity".to_owned()
        } else {
            "-infinity".to_owned()
        };
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs();
    if value.fract() == 0.0 && magnitude < 1e15 {
        return format!("{value:.0}");
    }
    if !(1e-4..1e15).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (3 - magnitude.log10().floor() as i32).clamp(0, 8) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// What [`serialize_number`] writes.
fn number_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "type": "number" },
            { "type": "string", "enum": ["NaN", "Infinity", "-Infinity"] }
        ]
    })
}

fn serialize_number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_nan() {
        serializer.serialize_str("NaN")
    } else if *value == f64::INFINITY {
        serializer.serialize_str("Infinity")
    } else if *value == f64::NEG_INFINITY {
        serializer.serialize_str("-Infinity")
    } else {
        serializer.serialize_f64(*value)
    }
}

fn deserialize_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    struct Number;
    impl serde::de::Visitor<'_> for Number {
        type Value = f64;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a number, `NaN`, `Infinity` or `-Infinity`")
        }

        fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
            Ok(value)
        }

        fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
            Ok(value as f64)
        }

        fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
            Ok(value as f64)
        }

        fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<f64, E> {
            match value {
                "NaN" => Ok(f64::NAN),
                "Infinity" => Ok(f64::INFINITY),
                "-Infinity" => Ok(f64::NEG_INFINITY),
                _ => Err(E::invalid_value(serde::de::Unexpected::Str(value), &self)),
            }
        }
    }
    deserializer.deserialize_any(Number)
}
