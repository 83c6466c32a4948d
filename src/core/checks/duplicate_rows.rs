//! Whole rows must not repeat.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, DuplicateCount, Requirement, Target, Tolerance, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{Grouping, Measure, Measured, NullKeys, TableFacts, Value};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "duplicate-rows",
    summary: "No row repeats an earlier row in all its columns, null equal to null.",
    remedy: "Remove the repeated rows upstream: they bias training and leak between train and test.",
    references: &["Open Data Contract Standard 3.1: metric `duplicateValues` on the schema"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "All columns as they stand in the file unless some are named; null equals null unless said otherwise, NaN equals NaN. What is counted is a parameter: rows that repeat an earlier one, all rows of repeated keys, or keys. Empty data is met.";

/// Bound on repeated rows.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRows {
    /// The columns compared; all when empty.
    #[serde(default)]
    pub columns: Vec<String>,
    /// What is counted when a key repeats.
    #[serde(default)]
    pub count: DuplicateCount,
    /// Which keys with nulls count.
    #[serde(default = "equal")]
    pub nulls: NullKeys,
    /// How many may be counted.
    #[serde(default)]
    pub tolerance: Tolerance,
}

fn equal() -> NullKeys {
    NullKeys::Equal
}

impl Default for DuplicateRows {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            count: DuplicateCount::default(),
            nulls: equal(),
            tolerance: Tolerance::none(),
        }
    }
}

impl Check for DuplicateRows {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        let key = self.columns.clone();
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
        target.judge_groups(
            &REQUIREMENT,
            facts,
            repeated,
            (self.count, self.tolerance),
            "repeat an earlier row",
        )
    }
}
