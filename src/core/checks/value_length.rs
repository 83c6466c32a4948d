//! Texts must have a length.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Requirement, Target, Tolerance, failing};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, RowPredicate, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-length",
    summary: "Every text that is not null has a length, in Unicode scalar values, within the bounds.",
    remedy: "Correct the values upstream, or adapt the lengths in the contract.",
    references: &["Open Data Contract Standard 3.1: logicalTypeOptions `minLength`, `maxLength`"],
};

/// The lengths of the texts of a column.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueLength {
    /// Smallest accepted length.
    #[serde(default)]
    pub minimum: Option<u64>,
    /// Largest accepted length.
    #[serde(default)]
    pub maximum: Option<u64>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for ValueLength {
    fn measures(&self, target: &Target) -> Vec<Measure> {
        failing(RowPredicate::LengthOutside(
            target.column_name(),
            self.minimum,
            self.maximum,
        ))
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
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
        target.judge_failing(&REQUIREMENT, failing, self.tolerance, &wrong)
    }
}
