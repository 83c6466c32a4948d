//! Values must lie in a range.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{
    Comparison, Condition, Decimal, Limit, Measure, Measured, Range, Scalar, TableFacts, Value,
};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-range",
    summary: "Every value that is not null lies in the range; NaN never does.",
    remedy: "Correct the values upstream, or widen the range in the contract if they are legitimate.",
    references: &["Open Data Contract Standard 3.1: logicalTypeOptions `minimum`, `maximum`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met. A text that spells no number, or no time, lies in no range of them. NaN lies in no range, an infinity in an open one. Numbers are compared exactly, also 64-bit whole numbers with fractions, and decimals with all of their digits; times as instants in UTC, dates as midnight. Ends are inside unless they are exclusive.";

/// The range of a column of numbers or times. Ends are numbers, in quotes where they have more than 17
/// digits, or dates and timestamps as ISO 8601 text in UTC.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueRange {
    /// Smallest accepted value.
    #[serde(default)]
    pub minimum: Option<serde_json::Value>,
    /// Largest accepted value.
    #[serde(default)]
    pub maximum: Option<serde_json::Value>,
    /// Values must be larger than this.
    #[serde(default)]
    pub exclusive_minimum: Option<serde_json::Value>,
    /// Values must be smaller than this.
    #[serde(default)]
    pub exclusive_maximum: Option<serde_json::Value>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl ValueRange {
    /// The range, or the end that is neither a finite number nor a date.
    ///
    /// # Errors
    /// Returns the text of the end that cannot be understood.
    pub fn range(&self) -> Result<Range, String> {
        let end =
            |inclusive: &Option<serde_json::Value>, exclusive: &Option<serde_json::Value>| match (
                inclusive, exclusive,
            ) {
                (Some(value), None) => scalar(value).map(|value| {
                    Some(Limit {
                        value,
                        exclusive: false,
                    })
                }),
                (_, Some(value)) => scalar(value).map(|value| {
                    Some(Limit {
                        value,
                        exclusive: true,
                    })
                }),
                (None, None) => Ok(None),
            };
        Ok(Range {
            minimum: end(&self.minimum, &self.exclusive_minimum)?,
            maximum: end(&self.maximum, &self.exclusive_maximum)?,
        })
    }
}

/// The value lies in the range: false for NaN.
fn within(column: &str, range: &Range) -> Condition {
    let end = |limit: &Limit, exclusive, inclusive| {
        let comparison = if limit.exclusive {
            exclusive
        } else {
            inclusive
        };
        let end = Value::Literal(limit.value.clone());
        Condition::Compare(Value::column(column), comparison, end)
    };
    let lower = range
        .minimum
        .as_ref()
        .map(|limit| end(limit, Comparison::Greater, Comparison::GreaterOrEqual));
    let upper = range
        .maximum
        .as_ref()
        .map(|limit| end(limit, Comparison::Less, Comparison::LessOrEqual));
    let ends: Vec<Condition> = lower.into_iter().chain(upper).collect();
    if ends.is_empty() {
        // A range without ends holds every number.
        return Condition::IsNan(Value::column(column)).negated();
    }
    Condition::All(ends)
}

fn scalar(value: &serde_json::Value) -> Result<Scalar, String> {
    match value {
        serde_json::Value::Number(_) => Scalar::from_json(value),
        serde_json::Value::String(text) => super::freshness::instant(text)
            .map(Scalar::Instant)
            .or_else(|| Decimal::parse(text).map(Scalar::from)),
        _ => None,
    }
    .ok_or_else(|| value.to_string())
}

impl Check for ValueRange {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn demands_nothing(&self) -> Option<&'static str> {
        let ends = [
            &self.minimum,
            &self.maximum,
            &self.exclusive_minimum,
            &self.exclusive_maximum,
        ];
        let is_open = ends.into_iter().all(Option::is_none);
        is_open.then_some(
            "a range needs `minimum`, `maximum`, `exclusive_minimum` or `exclusive_maximum`",
        )
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        match self.range() {
            Ok(range) => {
                let within = within(&target.column_name(), &range);
                failing(target, within.is_true().negated())
            }
            Err(_) => Vec::new(),
        }
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        match (self.range(), measured) {
            (Ok(range), [failing]) => {
                let wrong = format!("are not {range}");
                target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
            }
            (Ok(_), _) => Vec::new(),
            (Err(end), _) => target.failed(
                &REQUIREMENT,
                crate::evidence::Reason::Unsupported,
                &format!("the end `{end}` is neither a number nor an ISO 8601 date"),
            ),
        }
    }
}
