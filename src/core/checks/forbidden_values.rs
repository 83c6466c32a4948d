//! Values must not be of a list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, listed, parameters_of, scalars};
use crate::evidence::Evidence;
use crate::measure::{Condition, Measure, Measured, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "forbidden-values",
    summary: "No value is one of the forbidden values.",
    remedy: "Correct the values upstream, or adapt the rule in the contract.",
    references: &[
        "Great Expectations: expect_column_values_to_not_be_in_set",
        "dbt-utils: not_accepted_values",
        "pandera: notin",
        "Soda: invalid_values",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str =
    "Nulls are not looked at; empty data is met. Values are equal as in `accepted-values`.";

/// The forbidden values of a column.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForbiddenValues {
    /// The forbidden values.
    pub values: Vec<serde_json::Value>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl ForbiddenValues {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let forbidden = Condition::In(Value::column(target.column_name()), scalars(&self.values)?);
        Ok(failing(target, forbidden))
    }
}

impl Check for ForbiddenValues {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, target: &Target) -> Option<String> {
        self.plan(target).err()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.plan(target).unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!("are one of {}", listed(&self.values));
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
