//! Values must be of a list.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Check, Requirement, Target, Tolerance, failing};
use crate::evidence::Evidence;
use crate::measure::{Measure, Measured, RowPredicate, TableFacts};

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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedValues {
    /// The accepted values as text.
    pub values: Vec<String>,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for AcceptedValues {
    fn measures(&self, target: &Target) -> Vec<Measure> {
        failing(RowPredicate::NotIn(
            target.column_name(),
            self.values.clone(),
        ))
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
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
        target.judge_failing(&REQUIREMENT, failing, self.tolerance, &wrong)
    }
}
