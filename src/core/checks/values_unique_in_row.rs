//! Several columns must differ from one another in every row.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{
    Comparison, Condition, Measure, Measured, NullKeys, RowRule, TableFacts, Value,
};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "values-unique-in-row",
    summary: "In every row no two of the columns have the same value.",
    remedy: "Correct the rows upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_select_column_values_to_be_unique_within_record, expect_multicolumn_values_to_be_unique",
        "dbt-expectations: the same",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Compared as in `column-comparison`. Rows with nulls are skipped as the parameter says; in those that are not, two nulls are the same value only with `equal`. Empty data is met.";

/// Columns that must differ.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValuesUniqueInRow {
    /// The columns.
    pub columns: Vec<String>,
    /// Which rows with nulls count: those with any are skipped, those with nothing but nulls are, or
    /// null is a value like any other.
    #[serde(default)]
    pub nulls: NullKeys,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for ValuesUniqueInRow {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        let columns: Vec<Value> = self.columns.iter().map(Value::column).collect();
        let mut same = Vec::new();
        for (index, one) in columns.iter().enumerate() {
            for other in columns.iter().skip(index + 1) {
                same.push(Condition::Compare(
                    one.clone(),
                    Comparison::Equal,
                    other.clone(),
                ));
                if self.nulls == NullKeys::Equal {
                    let both = [one, other].map(|value| Condition::IsNull(value.clone()));
                    same.push(Condition::All(both.to_vec()));
                }
            }
        }
        let missing: Vec<Condition> = columns.into_iter().map(Condition::IsNull).collect();
        let eligible = match self.nulls {
            NullKeys::SkipAny => Condition::Any(missing).negated(),
            NullKeys::SkipAll => Condition::All(missing).negated(),
            NullKeys::Equal => Condition::Constant(true),
        };
        vec![Measure::Failing(RowRule {
            fails: Condition::Any(same),
            eligible,
            shown: None,
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!("repeat a value among `{}`", self.columns.join("`, `"));
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
