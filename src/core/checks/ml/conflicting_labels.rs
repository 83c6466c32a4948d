//! Rows alike in their features must not differ in their label.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, Tolerance, parameters_of};
use super::{columns, listed, no_columns};
use crate::evidence::Evidence;
use crate::measure::{Dependency, Measure, Measured, NullKeys, TableFacts, Value};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "conflicting-labels",
    summary: "Rows that are alike in all features have the same label.",
    remedy: "Have the conflicting rows labelled again, or add the feature that tells them apart.",
    references: &["Deepchecks 0.19 `ConflictingLabels` (0)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "All rows of a conflicting key count, not only the minority. Null equals null in the features; a row without a label is not looked at. Features are compared exactly, numbers without a tolerance.";

/// Bound on the rows whose features occur with more than one label. Rows without a label do not count;
/// null features are equal.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictingLabels {
    /// The features.
    pub features: Vec<String>,
    /// How many rows may conflict; none by default.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl Check for ConflictingLabels {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        if self.features.is_empty() {
            return Vec::new();
        }
        vec![Measure::Dependency(Dependency {
            key: columns(&self.features),
            nulls: NullKeys::Equal,
            value: Value::Column(target.column_name()),
        })]
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let [found] = measured else {
            return no_columns(target, &REQUIREMENT);
        };
        let wrong = format!(
            "are labelled differently on rows alike in {}",
            listed(&self.features)
        );
        target.judge_failing(&REQUIREMENT, facts, found, self.tolerance, &wrong)
    }
}
