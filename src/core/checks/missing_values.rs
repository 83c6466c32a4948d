//! How many values may be missing, when texts such as `N/A` stand for null.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Requirement, Target, Tolerance, failing};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, RowPredicate, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "missing-values",
    summary: "The number of missing values, null or written as a placeholder, stays within its bound.",
    remedy: "Fill the missing values upstream, or relax the bound in the contract.",
    references: &["Open Data Contract Standard 3.1: metric `missingValues`"],
};

/// Placeholders that count as missing besides null.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingValues {
    /// Texts that stand for a missing value.
    pub values: Vec<String>,
    /// How many rows may be missing.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for MissingValues {
    fn measures(&self, target: &Target) -> Vec<Measure> {
        failing(RowPredicate::Missing(
            target.column_name(),
            self.values.clone(),
        ))
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [missing] = measured else {
            return Vec::new();
        };
        target.judge_failing(&REQUIREMENT, missing, self.tolerance, "are missing")
    }
}
