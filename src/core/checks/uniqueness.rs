//! Values, or combinations of values, must not repeat.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, DuplicateCount, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Grouping, Measure, Measured, NullKeys, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "uniqueness",
    summary: "No row repeats the key of an earlier row. Rows with a null in the key are not counted.",
    remedy: "Remove the repeated rows upstream, or correct the key in the contract.",
    references: &[
        "Open Data Contract Standard 3.1: properties `unique`, `primaryKey`, metric `duplicateValues`",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Which keys with nulls count is a parameter; by default a row with a null in its key does not. NaN equals NaN, 0 equals −0, texts are equal when their scalar values are, case and all. What is counted is a parameter: rows that repeat an earlier one, all rows of repeated keys, or keys. Empty data is met.";

/// The key that must not repeat.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uniqueness {
    /// The columns of the key; the column the rule stands at when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// What is counted when a key repeats.
    #[serde(default)]
    pub count: DuplicateCount,
    /// Which keys with nulls count.
    #[serde(default)]
    pub nulls: NullKeys,
    /// How many may be counted.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Uniqueness {
    fn key(&self, target: &Target) -> Vec<String> {
        if self.columns.is_empty() {
            target.column.iter().cloned().collect()
        } else {
            self.columns.clone()
        }
    }
}

impl Check for Uniqueness {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let key = self.key(target);
        vec![Measure::Groups(Grouping {
            key: key.into_iter().map(Value::Column).collect(),
            nulls: self.nulls,
            shows_first: self.count != DuplicateCount::SurplusRows,
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [repeated] = measured else {
            return Vec::new();
        };
        let key = self.key(target).join("`, `");
        let wrong = format!("repeat an earlier value of `{key}`");
        target.judge_groups(
            &REQUIREMENT,
            facts,
            repeated,
            (self.count, self.tolerance),
            &wrong,
        )
    }
}
