//! Values must be of a list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Condition, Measure, Measured, Scalar, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "accepted-values",
    summary: "Every value that is not null is one of the accepted values.",
    remedy: "Correct the values upstream, or add the new value to the contract if it is legitimate.",
    references: &[
        "Open Data Contract Standard 3.1: metric `invalidValues`, argument `validValues`",
    ],
};

/// Values listed in a message before the rest is counted.
const LISTED_MAX: usize = 8;

/// The accepted values of a column.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedValues {
    /// The accepted values as text.
    pub values: Vec<String>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for AcceptedValues {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let values = self.values.iter().cloned().map(Scalar::Text).collect();
        let accepted = Condition::In(Value::column(target.column_name()), values);
        failing(target, accepted.negated())
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [failing] = measured else {
            return Vec::new();
        };
        let listed: Vec<_> = self
            .values
            .iter()
            .take(LISTED_MAX)
            .map(|value| format!("`{value}`"))
            .collect();
        let more = match self.values.len().saturating_sub(LISTED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let wrong = format!("are not one of {}{more}", listed.join(", "));
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
