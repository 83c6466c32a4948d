//! How many values may be missing, when texts such as `N/A` stand for null.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Condition, Measure, Measured, RowRule, Scalar, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "missing-values",
    summary: "The number of missing values, null or written as a placeholder, stays within its bound.",
    remedy: "Fill the missing values upstream, or relax the bound in the contract.",
    references: &["Open Data Contract Standard 3.1: metric `missingValues`"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Null and the listed placeholders, compared with the value as it stands in the file, as text and exactly. All rows are eligible; empty data is met.";

/// Placeholders that count as missing besides null.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingValues {
    /// Texts that stand for a missing value.
    pub values: Vec<String>,
    /// How many rows may be missing.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for MissingValues {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let column = target.column_name();
        let raw = Value::Raw(column.clone());
        let values = self.values.iter().cloned().map(Scalar::Text).collect();
        vec![Measure::Failing(RowRule {
            fails: Condition::Any(vec![
                Condition::IsNull(raw.clone()),
                Condition::In(Value::Text(Box::new(raw)), values),
            ]),
            eligible: Condition::Constant(true),
            shown: Some(column),
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [missing] = measured else {
            return Vec::new();
        };
        target.judge_failing(&REQUIREMENT, facts, missing, self.tolerance, "are missing")
    }
}
