//! A column must be empty.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Condition, Measure, Measured, RowRule, TableFacts};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "null-values",
    summary: "Every value is null.",
    remedy: "Empty the column upstream, or remove the rule when it is filled on purpose.",
    references: &["Great Expectations: expect_column_values_to_be_null"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Null is what the file says is null; an empty text and NaN are values. All rows are eligible; empty data is met.";

/// A column without values.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NullValues {
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for NullValues {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let column = target.column_name();
        vec![Measure::Failing(RowRule {
            fails: Condition::present(column.clone()),
            eligible: Condition::Constant(true),
            shown: Some(column),
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, "are not null")
    }
}
