//! The values of several columns must be one of the accepted combinations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, NullRows, Requirement, Target, Tolerance, demanded_of, parameters_of, scalars};
use crate::evidence::Evidence;
use crate::measure::{Condition, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "value-combinations",
    summary: "In every row the values of the columns are one of the accepted combinations.",
    remedy: "Correct the rows upstream, or add the combination to the contract if it is legitimate.",
    references: &[
        "Great Expectations: expect_column_pair_values_to_be_in_set",
        "dbt-expectations: the same",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Values are equal as in `accepted-values`; a null in an accepted combination equals null. What a null in the columns means is a parameter; empty data is met.";

/// The combinations of a dataset.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueCombinations {
    /// The columns.
    pub columns: Vec<String>,
    /// The accepted combinations, each with one value for each column.
    pub values: Vec<Vec<serde_json::Value>>,
    /// What a null in the columns means.
    #[serde(default)]
    pub nulls: NullRows,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl ValueCombinations {
    fn plan(&self) -> Result<Vec<Measure>, String> {
        let combination = |values: &Vec<serde_json::Value>| {
            if values.len() != self.columns.len() {
                let wanted = self.columns.len();
                return Err(format!(
                    "a combination has {} values instead of {wanted}",
                    values.len()
                ));
            }
            let parts = self.columns.iter().zip(values).map(|(column, value)| {
                let column = Value::column(column.clone());
                if value.is_null() {
                    return Ok(Condition::IsNull(column));
                }
                Ok(Condition::In(column, scalars(std::slice::from_ref(value))?))
            });
            Ok(Condition::All(parts.collect::<Result<_, String>>()?))
        };
        let accepted = self.values.iter().map(combination);
        let accepted = Condition::Any(accepted.collect::<Result<_, String>>()?);
        Ok(vec![demanded_of(&self.columns, accepted, self.nulls)])
    }
}

impl Check for ValueCombinations {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, _target: &Target) -> Option<String> {
        self.plan().err()
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        self.plan().unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan() {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!(
            "have no accepted combination of `{}`",
            self.columns.join("`, `")
        );
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
