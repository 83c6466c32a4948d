//! Several columns must be equal in every row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, NullRows, Requirement, Target, Tolerance, demanded_of, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Comparison, Condition, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "columns-equal",
    summary: "In every row all the columns have the same value.",
    remedy: "Correct the rows upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_multicolumn_values_to_be_equal, expect_column_pair_values_to_be_equal",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Compared as in `column-comparison`; NaN equals nothing, null neither unless such rows are skipped; empty data is met.";

/// Columns that say the same.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnsEqual {
    /// The columns.
    pub columns: Vec<String>,
    /// What a null in the columns means.
    #[serde(default)]
    pub nulls: NullRows,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for ColumnsEqual {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        let columns = self.columns.iter().map(Value::column);
        let pairs = columns.clone().zip(columns.skip(1));
        let equal = pairs.map(|(one, other)| Condition::Compare(one, Comparison::Equal, other));
        vec![demanded_of(
            &self.columns,
            Condition::All(equal.collect()),
            self.nulls,
        )]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!("differ between `{}`", self.columns.join("`, `"));
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
