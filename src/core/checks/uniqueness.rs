//! Values, or combinations of values, must not repeat.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Requirement, Target, Tolerance, failing};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, RowPredicate, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "uniqueness",
    summary: "No row repeats the key of an earlier row. Rows with a null in the key are not counted.",
    remedy: "Remove the repeated rows upstream, or correct the key in the contract.",
    references: &[
        "Open Data Contract Standard 3.1: properties `unique`, `primaryKey`, metric `duplicateValues`",
    ],
};

/// The key that must not repeat.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uniqueness {
    /// The columns of the key; the column the rule stands at when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// How many rows may repeat an earlier one.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Uniqueness {
    fn key(&self, target: &Target) -> Vec<String> {
        if self.columns.is_empty() {
            target.column.iter().cloned().collect()
        } else {
            self.columns.clone()
        }
    }
}

impl Check for Uniqueness {
    fn measures(&self, target: &Target) -> Vec<Measure> {
        failing(RowPredicate::Repeated {
            columns: self.key(target),
            nulls_count: false,
        })
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [repeated] = measured else {
            return Vec::new();
        };
        let key = self.key(target).join("`, `");
        let wrong = format!("repeat an earlier value of `{key}`");
        target.judge_failing(&REQUIREMENT, repeated, self.tolerance, &wrong)
    }
}
