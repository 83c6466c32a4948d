//! Whole rows must not repeat.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Requirement, Target, Tolerance, failing};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, RowPredicate, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "duplicate-rows",
    summary: "No row repeats an earlier row in all its columns, null equal to null.",
    remedy: "Remove the repeated rows upstream: they bias training and leak between train and test.",
    references: &["Open Data Contract Standard 3.1: metric `duplicateValues` on the schema"],
};

/// Bound on repeated rows.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRows {
    /// The columns compared; all when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// How many rows may repeat an earlier one.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for DuplicateRows {
    fn measures(&self, _: &Target) -> Vec<Measure> {
        failing(RowPredicate::Repeated {
            columns: self.columns.clone(),
            nulls_count: true,
        })
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [repeated] = measured else {
            return Vec::new();
        };
        target.judge_failing(
            &REQUIREMENT,
            repeated,
            self.tolerance,
            "repeat an earlier row",
        )
    }
}
