//! Texts must have a length.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Comparison, Condition, Measure, Measured, Scalar, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-length",
    summary: "Every text that is not null has a length, in Unicode scalar values, within the bounds.",
    remedy: "Correct the values upstream, or adapt the lengths in the contract.",
    references: &["Open Data Contract Standard 3.1: logicalTypeOptions `minLength`, `maxLength`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are not looked at; empty data is met; the empty text has length 0. Length is counted in Unicode scalar values, so a letter with a combining accent has two; white space counts unless it is trimmed. What is no text is measured as its text.";

/// The lengths of the texts of a column.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueLength {
    /// Smallest accepted length.
    #[serde(default)]
    pub minimum: Option<u64>,
    /// Largest accepted length.
    #[serde(default)]
    pub maximum: Option<u64>,
    /// Whether white space around the text is left out first.
    #[serde(default)]
    pub trimmed: bool,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for ValueLength {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn demands_nothing(&self) -> Option<&'static str> {
        let is_open = self.minimum.is_none() && self.maximum.is_none();
        is_open.then_some("lengths need `minimum` or `maximum`")
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let column = Value::column(target.column_name());
        let text = if self.trimmed {
            Value::Trim(Box::new(column))
        } else {
            column
        };
        let end = |length: Option<u64>, comparison| {
            let value = Value::Length(Box::new(text.clone()));
            let length = i64::try_from(length?).unwrap_or(i64::MAX);
            let length = Value::Literal(Scalar::Integer(length));
            Some(Condition::Compare(value, comparison, length))
        };
        let ends = [
            end(self.minimum, Comparison::Less),
            end(self.maximum, Comparison::Greater),
        ];
        failing(target, Condition::Any(ends.into_iter().flatten().collect()))
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = match (self.minimum, self.maximum) {
            (Some(minimum), Some(maximum)) => {
                format!("are not {minimum} to {maximum} characters long")
            }
            (Some(minimum), None) => format!("are shorter than {minimum} characters"),
            (None, Some(maximum)) => format!("are longer than {maximum} characters"),
            (None, None) => "have any length".to_owned(),
        };
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
