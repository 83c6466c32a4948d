//! One column must compare with another in every row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, NullRows, Requirement, Target, Tolerance, demanded_of, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Comparison, Condition, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "column-comparison",
    summary: "In every row the two columns compare as demanded.",
    remedy: "Correct the rows upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_column_pair_values_a_to_be_greater_than_b, expect_column_pair_values_to_be_equal",
        "dbt-expectations: the same",
        "Deequ: isLessThan, isLessThanOrEqualTo, isGreaterThan, isGreaterThanOrEqualTo",
        "pandera: none but lambdas",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Numbers are compared with numbers exactly, texts by Unicode scalar value, times as instants in UTC; NaN compares with nothing, so such a row fails. What a null means is a parameter; empty data is met.";

/// Two columns of a dataset.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnComparison {
    /// The column to the left; the column the rule stands at when absent.
    #[serde(default)]
    pub column: Option<String>,
    /// How it must compare.
    #[serde(default)]
    pub comparison: Comparison,
    /// The column to the right.
    pub other: String,
    /// What a null in the columns means.
    #[serde(default)]
    pub nulls: NullRows,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl ColumnComparison {
    fn left(&self, target: &Target) -> String {
        self.column.clone().unwrap_or_else(|| target.column_name())
    }
}

impl Check for ColumnComparison {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let left = self.left(target);
        let holds = Condition::Compare(
            Value::column(left.clone()),
            self.comparison,
            Value::column(self.other.clone()),
        );
        vec![demanded_of(&[left, self.other.clone()], holds, self.nulls)]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!(
            "do not have `{}` {} `{}`",
            self.left(target),
            self.comparison.as_str(),
            self.other
        );
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
